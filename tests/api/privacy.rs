//! Personal values at rest: what a thief of the database file, or of a dump, would find.

use crate::given::{Town, id_number};

/// Everything the database holds, as bytes: the SQLite files, or a dump of the PostgreSQL database.
fn at_rest(town: &Town) -> Vec<u8> {
    if !town.app.on_postgres() {
        let files =
            ["", "-wal"].map(|end| std::fs::read(format!("{}{end}", town.app.url)).unwrap_or_default());
        return files.concat();
    }
    let folder = std::env::var("BANGFU_PG_BIN").expect("scripts/with-postgres says where pg_dump is");
    let dump = std::process::Command::new(format!("{folder}/pg_dump"))
        .arg(&town.app.url)
        .output()
        .unwrap();
    assert!(dump.status.success(), "{}", String::from_utf8_lossy(&dump.stderr));
    dump.stdout
}

#[actix_web::test]
async fn no_personal_number_illness_or_account_stands_in_clear_in_the_database() {
    let town = Town::start().await;
    town.case().await;
    let bytes = at_rest(&town);
    let holds = |text: &str| bytes.windows(text.len()).any(|window| window == text.as_bytes());
    assert!(holds("职工1"), "the register itself is there");
    for secret in [
        id_number(1).as_str(),
        "19900000001",
        "9999990000000006",
        "急性心肌梗死",
        "S-1",
        "徽商银行",
        "丈夫患病",
        "家中失火",
        "人均收入略高于标准",
        "盼望就近复查",
        "9999990000000014",
        "扬子银行",
        "住院费用系伪造",
        "HZ-2020-77001",
        "送货途中摔断左腿",
        "三户由村干部代签",
    ] {
        assert!(!holds(secret), "{secret} stands in clear in the database");
    }
}

#[actix_web::test]
async fn the_log_of_events_holds_no_personal_value() {
    let town = Town::start().await;
    town.case().await;
    let events = town
        .client("auditor")
        .await
        .get("/audit/events?limit=200")
        .await
        .expect(200)
        .body
        .to_string();
    for secret in [
        id_number(1).as_str(),
        "19900000001",
        "9999990000000006",
        "急性心肌梗死",
        "职工1",
    ] {
        assert!(!events.contains(secret), "{secret} stands in the log");
    }
}
