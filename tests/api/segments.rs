//! Parts of the log that are moved to files.

use std::path::PathBuf;

use bangfu::audit::pack::{self, Question};
use bangfu::audit::{self, Event};
use bangfu::auth::{Actor, Scope};
use bangfu::db::types::Timestamp;
use bangfu::organizations::OrganizationId;

use crate::given::Town;

/// A town whose log has some hundred events, and a folder for packs.
async fn town() -> (Town, tempfile::TempDir) {
    let town = Town::start().await;
    let unit: OrganizationId = town.jinghu_basic.parse().unwrap();
    for n in 0..600 {
        let happened = |tx: &mut bangfu::db::Tx| Event::of("test.happened", "organization", unit).record(tx);
        town.app
            .db
            .write_blocking(Actor::system(), format!("r{n}"), happened)
            .unwrap();
    }
    audit::flush(&town.app.db).unwrap();
    (town, tempfile::tempdir().unwrap())
}

fn export(town: &Town, dir: &tempfile::TempDir, from: i64, to: Option<i64>) -> PathBuf {
    let place = dir.path().join(format!("from-{from}"));
    pack::export(&town.app.db, from, to, &place).unwrap();
    place
}

fn retire(town: &Town, place: &std::path::Path, before: &str) -> Result<(i64, i64), String> {
    let before: Timestamp = before.parse().unwrap();
    audit::retire(&town.app.db, place, |_| Ok(before)).map_err(|error| match error {
        bangfu::error::Error::Internal(source) => source.to_string(),
        other => other.to_string(),
    })
}

const LATER: &str = "2031-01-01T00:00:00Z";

#[actix_web::test]
async fn an_old_part_moves_to_files_and_the_log_still_proves_itself_with_and_without_it() {
    let (town, dir) = town().await;
    let first = export(&town, &dir, 1, Some(256));
    let noted = town
        .client("auditor")
        .await
        .get("/audit/checkpoint")
        .await
        .expect(200)
        .body;
    assert_eq!(retire(&town, &first, LATER), Ok((1, 256)));
    assert_eq!(
        town.app
            .count("SELECT COUNT(*) AS n FROM audit_events WHERE seq <= 256"),
        0
    );
    let verdict = town
        .app
        .db
        .read_blocking(Scope::All, |rx| audit::verify(rx, 1, None))
        .unwrap();
    assert!(verdict.valid && verdict.moved == 256, "{verdict:?}");
    let auditor = town.client("auditor").await;
    for seq in [257, 300, 512, 513, 600] {
        let proof = auditor
            .get(&format!("/audit/events/{seq}/proof"))
            .await
            .expect(200)
            .body;
        assert!(proof["proof"].as_array().unwrap().len() > 5, "{seq}");
    }
    let rest = export(&town, &dir, 257, None);
    let question = Question {
        key: Some(town.app.db.keys().log().verifier()),
        known: vec![("noted".into(), noted["note"].as_str().unwrap().to_owned())],
        ..Question::default()
    };
    let both = pack::check(&[rest, first], &[], &question).unwrap();
    assert_eq!((both.from, both.to), (1, both.head.size));
}

#[actix_web::test]
async fn only_the_next_part_that_is_old_and_whole_and_of_this_log_moves() {
    let (town, dir) = town().await;
    let whole = export(&town, &dir, 1, Some(512));
    assert!(
        retire(&town, &whole, "2020-01-01T00:00:00Z")
            .unwrap_err()
            .contains("stay in the database")
    );
    let odd = export(&town, &dir, 257, Some(300));
    assert!(
        retire(&town, &odd, LATER)
            .unwrap_err()
            .contains("begins at event 1")
    );
    std::fs::remove_dir_all(&odd).unwrap();
    let short = dir.path().join("short");
    pack::export(&town.app.db, 1, Some(300), &short).unwrap();
    assert!(
        retire(&town, &short, LATER)
            .unwrap_err()
            .contains("multiple of 256")
    );
    let (other, elsewhere) = self::town().await;
    let foreign = export(&other, &elsewhere, 1, Some(256));
    assert!(retire(&town, &foreign, LATER).is_err());
    std::fs::write(whole.join("README.txt"), "x").unwrap();
    assert!(retire(&town, &whole, LATER).is_err());
    assert_eq!(town.app.count("SELECT COUNT(*) AS n FROM audit_segments"), 0);
    for sql in [
        "DELETE FROM audit_events WHERE seq = 3",
        "INSERT INTO audit_segments VALUES (256, 300, 'x', '2020-01-01 00:00:00')",
    ] {
        assert!(town.app.sql(sql).is_err(), "{sql}");
    }
}
