//! What the log proves over HTTP: heads, inclusion, growth, witnesses, and values that were committed to.

use std::collections::BTreeMap;

use bangfu::audit::tree::{Hash, extends, includes, unhex};
use bangfu::note::{Head, Kind, Note, Signer, Verifier};
use serde_json::{Value, json};

use crate::given::Town;
use crate::harness::{Client, TestApp};

/// Does `n` things that are logged.
async fn events(town: &Town, n: usize) {
    let admin = town.client("system_admin").await;
    for n in 0..n {
        let place = format!("/organizations/{}", town.jinghu_basic);
        admin
            .patch(&place, json!({ "name": format!("工会{n}") }))
            .await
            .expect(200);
    }
}

async fn public(app: &TestApp, path: &str) -> Value {
    let request = actix_web::test::TestRequest::get().uri(path);
    app.send(request).await.expect(200).body
}

async fn log_key(app: &TestApp) -> Verifier {
    let log = public(app, "/public/log").await;
    log["log_key"].as_str().unwrap().parse().unwrap()
}

/// The head that a checkpoint says, if the log signed it.
fn head(checkpoint: &Value, key: &Verifier) -> Head {
    let note: Note = checkpoint["note"].as_str().unwrap().parse().unwrap();
    assert_eq!(note.signed_by(key), Some(None));
    let head: Head = note.text().parse().unwrap();
    assert_eq!(checkpoint["size"], head.size);
    assert_eq!(checkpoint["root"], bangfu::keyring::hex(&head.root));
    head
}

fn hashes(list: &Value) -> Vec<Hash> {
    let hash = |text: &Value| unhex(text.as_str().unwrap()).unwrap();
    list.as_array().unwrap().iter().map(hash).collect()
}

#[actix_web::test]
async fn every_event_has_a_proof_that_leads_to_a_signed_head() {
    let town = Town::start().await;
    events(&town, 12).await;
    let auditor = town.client("auditor").await;
    let key = log_key(&town.app).await;
    let size = auditor.get("/audit/checkpoint").await.expect(200).body["size"]
        .as_i64()
        .unwrap();
    for seq in 1..=size {
        let proof = auditor.get(&format!("/audit/events/{seq}/proof")).await;
        if proof.status == 404 {
            continue; // of the service itself, before there was a unit
        }
        let proof = proof.expect(200).body;
        let head = head(&proof["checkpoint"], &key);
        let leaf = unhex(proof["hash"].as_str().unwrap()).unwrap();
        let index = u64::try_from(seq).unwrap() - 1;
        assert!(
            includes(&head.root, head.size, index, &leaf, &hashes(&proof["proof"])),
            "{seq}"
        );
        assert!(
            !includes(&head.root, head.size, index + 1, &leaf, &hashes(&proof["proof"])),
            "{seq}"
        );
    }
    let old = auditor
        .get(&format!("/audit/events/{size}/proof?size={size}"))
        .await
        .expect(200);
    assert_eq!(old.body["checkpoint"]["size"], size);
    auditor
        .get("/audit/events/3/proof?size=1")
        .await
        .problem(404, "not_found");
}

#[actix_web::test]
async fn the_log_is_proved_to_only_grow_from_each_head_to_the_next() {
    let town = Town::start().await;
    let auditor = town.client("auditor").await;
    for _ in 0..4 {
        events(&town, 3).await;
        auditor.get("/audit/checkpoint").await.expect(200);
    }
    let key = log_key(&town.app).await;
    let listed = auditor
        .get("/audit/checkpoints?limit=200")
        .await
        .expect(200)
        .items();
    assert!(listed.len() >= 4, "{listed:?}");
    let heads: Vec<Head> = listed.iter().map(|one| head(one, &key)).collect();
    for (n, new) in heads.iter().enumerate() {
        for old in &heads[..=n] {
            let place = format!("/public/log/consistency?from={}&to={}", old.size, new.size);
            let proof = hashes(&public(&town.app, &place).await["proof"]);
            assert!(extends(old.size, &old.root, new.size, &new.root, &proof));
            let asked = auditor
                .get(&place.replace("/public/log", "/audit"))
                .await
                .expect(200);
            assert_eq!(hashes(&asked.body["proof"]), proof);
        }
    }
    for wrong in ["?from=5&to=4", "?from=1&to=999999", "?from=0&to=4", "?size=4"] {
        auditor
            .get(&format!("/audit/consistency{wrong}"))
            .await
            .expect(400);
    }
}

/// Sends what a witness signs.
async fn cosign(app: &TestApp, size: u64, line: &str) -> crate::harness::Answer {
    let body = json!({ "size": size, "line": line.trim_end() });
    let request = actix_web::test::TestRequest::post().uri("/public/log/cosignatures");
    app.send(request.set_json(body)).await
}

#[actix_web::test]
async fn a_registered_witness_signs_under_a_head_and_nobody_else_can() {
    let town = Town::start().await;
    events(&town, 2).await;
    let admin = town.client("security_admin").await;
    let witness = Signer::new("province.example/w", Kind::Witness, &[3; 32]);
    let new = json!({ "key": witness.verifier().to_string() });
    let place = format!(
        "/audit/witnesses/{}",
        admin.post("/audit/witnesses", new.clone()).await.expect(201).id()
    );
    admin
        .post("/audit/witnesses", new)
        .await
        .problem(409, "witness_exists");
    for wrong in ["x", &log_key(&town.app).await.to_string()] {
        let refused = admin.post("/audit/witnesses", json!({ "key": wrong })).await;
        assert_eq!(refused.expect(422).pointers(), ["/key"]);
    }
    town.client("auditor")
        .await
        .get("/audit/checkpoint")
        .await
        .expect(200);
    let key = log_key(&town.app).await;
    let request = actix_web::test::TestRequest::get().uri("/public/log/checkpoint");
    let served: Note = String::from_utf8(town.app.send(request).await.expect(200).bytes)
        .unwrap()
        .parse()
        .unwrap();
    assert_eq!(served.signed_by(&key), Some(None));
    let seen: Head = served.text().parse().unwrap();
    let line = witness.line(&seen.to_string(), 1_590_000_000);
    for _ in 0..2 {
        let kept = cosign(&town.app, seen.size, &line).await.expect(200).body;
        let note: Note = kept["note"].as_str().unwrap().parse().unwrap();
        assert_eq!(note.signed_by(&witness.verifier()), Some(Some(1_590_000_000)));
        assert_eq!(note.signatures(), 2);
    }
    let stranger = Signer::new("province.example/w", Kind::Witness, &[4; 32]);
    let other = Head {
        size: seen.size,
        root: [1; 32],
        origin: seen.origin.clone(),
    };
    for forged in [
        stranger.line(&seen.to_string(), 1),
        witness.line(&other.to_string(), 1),
        "— x y".into(),
    ] {
        cosign(&town.app, seen.size, &forged).await.expect(422);
    }
    cosign(&town.app, 999_999, &line).await.problem(404, "not_found");
    admin.act(&place, "/retire", json!({})).await.expect(200);
    admin
        .act(&place, "/retire", json!({}))
        .await
        .problem(409, "wrong_state");
    cosign(&town.app, seen.size, &line).await.expect(422);
    let far = town.client("security_admin_2").await;
    far.post(
        "/audit/witnesses",
        json!({ "key": stranger.verifier().to_string() }),
    )
    .await
    .problem(403, "forbidden");
}

/// The events of an action, by their subject.
async fn of_action(auditor: &Client, action: &str) -> BTreeMap<String, Value> {
    let events = auditor
        .get(&format!("/audit/events?action={action}&limit=200"))
        .await
        .expect(200)
        .items();
    let by_subject = |event: Value| (event["subject_id"].as_str().unwrap().to_owned(), event);
    events.into_iter().map(by_subject).collect()
}

#[actix_web::test]
async fn an_auditor_checks_that_a_shown_value_is_the_logged_one_and_the_log_holds_no_value() {
    let town = Town::start().await;
    let admin = town.client("system_admin").await;
    let place = format!("/organizations/{}", town.jinghu_basic);
    let before = admin.get(&place).await.expect(200).text("/name");
    admin.patch(&place, json!({ "name": "新名" })).await.expect(200);
    let auditor = town.client("auditor").await;
    let event = of_action(&auditor, "organization.changed")
        .await
        .remove(&town.jinghu_basic)
        .unwrap();
    assert!(!event.to_string().contains("新名") && !event.to_string().contains(&before));
    let check = format!("/audit/events/{}/check", event["seq"]);
    for (value, side) in [
        (json!("新名"), json!("new")),
        (json!(before), json!("old")),
        (json!("别名"), Value::Null),
        (json!(1), Value::Null),
    ] {
        let answer = auditor
            .post(&check, json!({ "field": "name", "value": value }))
            .await
            .expect(200)
            .body;
        assert_eq!(answer["matches"], side, "{value}");
        assert_eq!(answer["opening"].is_null(), side.is_null());
        if let Some(opening) = answer["opening"].as_str() {
            let key = unhex(opening).unwrap();
            let commitment =
                bangfu::keyring::hex(&bangfu::keyring::keyed(&key, &[value.to_string().as_bytes()]));
            let kept = if side == "new" {
                &event["fields"]["name"]
            } else {
                &event["before"]["name"]
            };
            assert_eq!(*kept, commitment, "anybody can check it with the opening");
        }
    }
    assert_eq!(
        of_action(&auditor, "audit.value_checked").await.len(),
        1,
        "asking is logged"
    );
    let unknown = json!({ "field": "340299197001010028", "value": "新名" });
    let refused = auditor.post(&check, unknown).await.expect(422);
    assert_eq!(
        refused.pointers(),
        ["/field"],
        "what clients write does not reach the log"
    );
    let far = town.client("auditor_2").await;
    far.post(&check, json!({ "field": "name", "value": "新名" }))
        .await
        .problem(404, "not_found");
}

#[actix_web::test]
async fn equal_values_have_different_commitments_in_different_events() {
    let town = Town::start().await;
    let admin = town.client("system_admin").await;
    let place = format!("/organizations/{}", town.jinghu_basic);
    for name in ["甲", "乙", "甲"] {
        admin.patch(&place, json!({ "name": name })).await.expect(200);
    }
    let auditor = town.client("auditor").await;
    let events = auditor
        .get("/audit/events?action=organization.changed")
        .await
        .expect(200)
        .items();
    let commitments: std::collections::BTreeSet<_> =
        events.iter().map(|e| e["fields"]["name"].to_string()).collect();
    assert_eq!(commitments.len(), 3);
}
