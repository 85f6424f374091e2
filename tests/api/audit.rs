use serde_json::json;

use bangfu::audit;
use bangfu::auth::{Actor, Scope};

use crate::given::{Town, racers};

#[actix_web::test]
async fn the_auditor_sees_every_event_in_order_and_the_log_verifies() {
    let town = Town::start().await;
    let admin = town.client("system_admin").await;
    let place = format!("/organizations/{}", town.jinghu_basic);
    admin.patch(&place, json!({ "name": "新名" })).await.expect(200);
    let auditor = town.client("auditor").await;
    let events = auditor.get("/audit/events?limit=200").await.expect(200).items();
    let numbers: Vec<i64> = events.iter().map(|e| e["seq"].as_i64().unwrap()).collect();
    assert_eq!(numbers, (1..=events.len() as i64).collect::<Vec<_>>());
    let change = auditor
        .get("/audit/events?action=organization.changed")
        .await
        .expect(200)
        .items()
        .remove(0);
    assert_eq!(
        change["fields"].as_object().unwrap().keys().collect::<Vec<_>>(),
        ["name"]
    );
    assert_eq!(change["actor_role"], "system_admin");
    let checkpoint = auditor.get("/audit/checkpoint").await.expect(200).body;
    let verdict = auditor.get("/audit/verify").await.expect(200).body;
    assert_eq!(
        (&verdict["valid"], &verdict["first_bad_seq"]),
        (&json!(true), &json!(null))
    );
    assert_eq!(checkpoint["size"], verdict["checked"]);
}

/// Writes some events and gives the town, sealed.
async fn with_events() -> Town {
    let town = Town::start().await;
    let admin = town.client("system_admin").await;
    for n in 0..5 {
        let place = format!("/organizations/{}", town.jinghu_basic);
        admin
            .patch(&place, json!({ "name": format!("工会{n}") }))
            .await
            .expect(200);
        audit::flush(&town.app.db).unwrap();
    }
    town
}

fn verdict(town: &Town) -> audit::Verdict {
    town.app
        .db
        .read_blocking(Scope::All, |rx| audit::verify(rx, 1, None))
        .unwrap()
}

/// Does something to the log that the service's own constraints would refuse.
fn tamper(town: &Town, sql: &str) {
    let (open, close) = if town.app.on_postgres() {
        (
            "ALTER TABLE audit_events DISABLE TRIGGER ALL; ALTER TABLE audit_checkpoints DISABLE TRIGGER ALL; \
             ALTER TABLE audit_nodes DISABLE TRIGGER ALL;",
            "",
        )
    } else {
        (
            "DROP TRIGGER audit_events_no_delete; DROP TRIGGER audit_events_seal_only; \
             DROP TRIGGER audit_checkpoints_no_delete; DROP TRIGGER audit_checkpoints_no_update; \
             DROP TRIGGER audit_nodes_no_update; DROP TRIGGER audit_nodes_no_delete;",
            "",
        )
    };
    town.app.sql(&format!("{open} {sql}; {close}")).unwrap();
}

#[actix_web::test]
async fn a_sealed_event_can_be_neither_changed_nor_deleted() {
    let town = with_events().await;
    for sql in [
        "UPDATE audit_events SET action = 'x' WHERE seq = 2",
        "UPDATE audit_events SET seq = NULL, hash = NULL WHERE seq = 2",
        "DELETE FROM audit_events WHERE seq = 2",
        "DELETE FROM audit_events",
        "UPDATE audit_checkpoints SET root = 'x'",
        "DELETE FROM audit_checkpoints",
        "INSERT INTO audit_nodes VALUES (8, 7, 'x'); UPDATE audit_nodes SET hash = 'y'",
        "INSERT INTO audit_nodes VALUES (8, 8, 'x'); DELETE FROM audit_nodes",
    ] {
        assert!(town.app.sql(sql).unwrap_err().contains("append-only"), "{sql}");
    }
    assert!(verdict(&town).valid);
}

#[actix_web::test]
async fn verifying_finds_every_way_of_tampering_and_says_where() {
    let attacks = [
        (
            "a changed event",
            "UPDATE audit_events SET action = 'x' WHERE seq = 3",
            3,
        ),
        (
            "a changed time",
            "UPDATE audit_events SET at = '2019-01-01 00:00:00' WHERE seq = 4",
            4,
        ),
        (
            "an actor that is no id",
            "UPDATE audit_events SET actor_id = 'nobody' WHERE seq = 4",
            4,
        ),
        (
            "fields that are no JSON",
            "UPDATE audit_events SET fields = '{' WHERE seq = 2",
            2,
        ),
        ("a deleted event", "DELETE FROM audit_events WHERE seq = 3", 3),
        (
            "a deleted last event",
            "DELETE FROM audit_events WHERE seq = (SELECT MAX(seq) FROM audit_events)",
            0,
        ),
        (
            "two events that changed places",
            "UPDATE audit_events SET seq = -1 WHERE seq = 3; UPDATE audit_events SET seq = 3 WHERE seq = 4; \
             UPDATE audit_events SET seq = 4 WHERE seq = -1",
            3,
        ),
        (
            "an event added at the end",
            "INSERT INTO audit_events (id, seq, at, actor_role, action, subject_type, fields, before, request_id, hash) \
             SELECT '01a20af0-34fe-797f-967f-c8b501e07397', MAX(seq) + 1, MAX(at), 'system', 'x', 'x', '{}', '{}', '', 'x' FROM audit_events",
            -1,
        ),
        (
            "a forged root",
            "UPDATE audit_checkpoints SET root = 'x' WHERE size = (SELECT MIN(size) FROM audit_checkpoints)",
            1,
        ),
        (
            "a root without its signature",
            "UPDATE audit_checkpoints SET note = 'x' WHERE size = (SELECT MIN(size) FROM audit_checkpoints)",
            1,
        ),
    ];
    for (what, sql, at) in attacks {
        let town = with_events().await;
        let last = town.app.count("SELECT MAX(seq) AS n FROM audit_events");
        tamper(&town, sql);
        let found = verdict(&town);
        let expected = match at {
            0 => last,
            -1 => last + 1,
            seq => seq,
        };
        assert_eq!(
            (found.valid, found.first_bad_seq),
            (false, Some(expected)),
            "{what}: {found:?}"
        );
        std::mem::forget(town); // its log is broken on purpose
    }
}

#[actix_web::test]
async fn an_event_changed_together_with_its_hash_is_found_by_the_tree() {
    let town = with_events().await;
    let events = town
        .client("auditor")
        .await
        .get("/audit/events")
        .await
        .expect(200)
        .items();
    let mut forged = events[2].clone();
    forged["action"] = json!("organization.forged");
    forged.as_object_mut().unwrap().remove("hash");
    let canonical = serde_json_canonicalizer::to_vec(&forged).unwrap();
    let hash = bangfu::keyring::hex(&audit::tree::leaf(&canonical));
    tamper(
        &town,
        &format!("UPDATE audit_events SET action = 'organization.forged', hash = '{hash}' WHERE seq = 3"),
    );
    let found = verdict(&town);
    assert!(!found.valid && found.first_bad_seq.unwrap() <= 3, "{found:?}");
    std::mem::forget(town);
}

#[actix_web::test]
async fn a_leaf_can_be_computed_from_the_event_as_it_is_served() {
    let town = with_events().await;
    let events = town
        .client("auditor")
        .await
        .get("/audit/events")
        .await
        .expect(200)
        .items();
    let mut tree = audit::tree::Frontier::default();
    for event in &events {
        let mut bare = event.clone();
        let hash = bare.as_object_mut().unwrap().remove("hash").unwrap();
        let leaf = audit::tree::leaf(&serde_json_canonicalizer::to_vec(&bare).unwrap());
        assert_eq!(hash, bangfu::keyring::hex(&leaf));
        tree.push(leaf);
    }
    let checkpoint = town
        .client("auditor")
        .await
        .get("/audit/checkpoint")
        .await
        .expect(200)
        .body;
    let size = checkpoint["size"].as_u64().unwrap();
    assert!(size >= tree.size());
    let part = town
        .client("auditor")
        .await
        .get("/audit/verify?from_seq=3&to_seq=4")
        .await
        .expect(200)
        .body;
    assert_eq!(part["valid"], true);
    let auditor = town.client("auditor").await;
    let backwards = auditor.get("/audit/verify?from_seq=4&to_seq=3").await;
    backwards.problem(400, "malformed");
}

#[actix_web::test]
async fn writers_and_several_sealers_at_once_leave_one_gapless_log() {
    let town = Town::start().await;
    let db = town.app.db.clone();
    let unit = town.jinghu_basic.clone();
    racers(8, move |n| {
        for _ in 0..10 {
            if n < 6 {
                db.write_blocking(Actor::system(), format!("r{n}"), |tx| {
                    let id: bangfu::organizations::OrganizationId = unit.parse().unwrap();
                    audit::Event::of("test.happened", "organization", id).record(tx)
                })
                .unwrap();
            } else {
                audit::seal(&db).unwrap();
            }
        }
    });
    audit::flush(&town.app.db).unwrap();
    assert_eq!(
        town.app
            .count("SELECT COUNT(*) AS n FROM audit_events WHERE action = 'test.happened'"),
        60
    );
    assert_eq!(
        town.app.count("SELECT MAX(seq) AS n FROM audit_events"),
        town.app.count("SELECT COUNT(*) AS n FROM audit_events")
    );
}

#[actix_web::test]
async fn an_auditor_sees_only_the_own_subtree() {
    let town = with_events().await;
    let far = town.client("auditor_2").await;
    assert!(
        far.get("/audit/events?action=organization.changed")
            .await
            .expect(200)
            .items()
            .is_empty()
    );
    let near = town.client("auditor").await;
    let seq = near
        .get("/audit/events?action=organization.changed")
        .await
        .expect(200)
        .items()[0]["seq"]
        .clone();
    far.get(&format!("/audit/events/{seq}"))
        .await
        .problem(404, "not_found");
    near.get(&format!("/audit/events/{seq}")).await.expect(200);
}

#[actix_web::test]
async fn a_refusal_is_an_event() {
    let town = Town::start().await;
    town.client("finance")
        .await
        .get("/users")
        .await
        .problem(403, "forbidden");
    let seen = town
        .client("auditor")
        .await
        .get("/audit/events?action=access.refused")
        .await
        .expect(200)
        .items();
    assert_eq!((seen.len(), &seen[0]["reason"]), (1, &json!("GET /api/v1/users")));
}

#[actix_web::test]
async fn the_connection_of_a_read_cannot_write_whatever_the_code_does() {
    use diesel::connection::SimpleConnection as _;
    let town = Town::start().await;
    let done = town.app.db.read_blocking(Scope::All, |rx| {
        let tried = [
            "UPDATE organizations SET name = 'x'",
            "DELETE FROM series",
            "CREATE TABLE t (n INTEGER)",
        ];
        Ok(tried.map(|sql| rx.conn.batch_execute(sql).unwrap_err().to_string()))
    });
    for refused in done.unwrap() {
        assert!(
            refused.contains("readonly") || refused.contains("read-only"),
            "{refused}"
        );
    }
}
