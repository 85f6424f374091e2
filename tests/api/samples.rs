//! Samples that nobody could choose (37).

use std::process::Command;

use bangfu::audit;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use crate::given::{Town, sample};

fn sha(parts: &[&[u8]]) -> Vec<u8> {
    let told = parts
        .iter()
        .fold(Sha256::new(), |told, part| told.chain_update(part));
    told.finalize().to_vec()
}

fn bytes(hex: &str) -> Vec<u8> {
    let digits = hex.as_bytes().chunks(2);
    digits
        .map(|two| u8::from_str_radix(std::str::from_utf8(two).unwrap(), 16).unwrap())
        .collect()
}

#[actix_web::test]
async fn what_is_drawn_follows_from_the_first_checkpoint_after_the_population_was_frozen() {
    let town = Town::start().await;
    for n in 1..=5 {
        town.nth_file(n).await;
    }
    let auditor = town.client("auditor").await;
    let frozen = auditor
        .post("/audit/samples", sample(&town.jinghu))
        .await
        .expect(201);
    assert_eq!(
        (frozen.text("/status"), &frozen.body["drawn"]),
        ("frozen".into(), &json!(null))
    );
    assert_eq!(frozen.body["population"]["size"], 5);
    let place = format!("/audit/samples/{}", frozen.id());
    assert_eq!(auditor.get(&place).await.expect(200).text("/status"), "frozen");
    // a file that comes on file now is not in the population
    town.nth_file(6).await;
    audit::flush(&town.app.db).unwrap();
    let checkpoint = auditor.get("/audit/checkpoint").await.expect(200);
    let drawn = auditor.get(&place).await.expect(200);
    assert_eq!(drawn.text("/status"), "drawn");
    assert_eq!(drawn.body["checkpoint_size"], checkpoint.body["size"]);

    let files = auditor.get("/files").await.expect(200).items();
    let mut ids: Vec<_> = files
        .iter()
        .map(|file| file["id"].as_str().unwrap().to_owned())
        .collect();
    ids.sort();
    ids.truncate(5);
    let item = |id: &String| json!({ "amount_fen": 0, "id": id, "stratum": "" });
    let digest = sha(&[json!(ids.iter().map(item).collect::<Vec<_>>())
        .to_string()
        .as_bytes()]);
    let hex: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!(drawn.text("/population/digest"), hex);
    let seed = sha(&[b"bangfu-sample/1\n", &bytes(&checkpoint.text("/root")), &digest]);
    ids.sort_by_key(|id| sha(&[&seed, id.as_bytes()]));
    assert_eq!(drawn.body["drawn"], json!(ids[..2]));

    // later checkpoints change nothing
    town.nth_file(7).await;
    audit::flush(&town.app.db).unwrap();
    assert_eq!(auditor.get(&place).await.body["drawn"], drawn.body["drawn"]);
    for sql in [
        "UPDATE audit_samples SET population = '[]'",
        "DELETE FROM audit_samples",
    ] {
        assert!(town.app.sql(sql).unwrap_err().contains("append-only"), "{sql}");
    }
}

/// HMAC-SHA256, by hand.
fn keyed(key: &[u8], text: &str) -> Vec<u8> {
    let block = |pad: u8| -> Vec<u8> { (0..64).map(|n| key.get(n).unwrap_or(&0) ^ pad).collect() };
    let inner = sha(&[&block(0x36), text.as_bytes()]);
    sha(&[&block(0x5c), &inner])
}

#[actix_web::test]
async fn the_document_proves_that_the_population_was_frozen_before_and_what_is_drawn() {
    let town = Town::start().await;
    for n in 1..=3 {
        town.nth_file(n).await;
    }
    let auditor = town.client("auditor").await;
    let made = auditor
        .post("/audit/samples", sample(&town.jinghu))
        .await
        .expect(201);
    let place = format!("/audit/samples/{}", made.id());
    let document = format!("{place}/document");
    auditor.get(&document).await.problem(404, "not_found");
    audit::flush(&town.app.db).unwrap();
    let told = auditor.get(&document).await.expect(200).body;
    let names: Vec<_> = told.as_object().unwrap().keys().map(String::as_str).collect();
    let expected = "checkpoint drawn format frozen id log_key method origin population size witness_keys";
    assert_eq!(names.join(" "), expected);
    assert_eq!(told["drawn"], auditor.get(&place).await.body["drawn"]);

    // the event commits to population, method and size
    let digest = sha(&[told["population"].to_string().as_bytes()]);
    let hex: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
    let event = &told["frozen"]["event"];
    assert_eq!(
        (&event["action"], &event["subject_type"]),
        (&json!("audit_sample.frozen"), &json!("audit_sample"))
    );
    assert!(event.get("hash").is_none());
    for (field, opening, text) in [
        ("population", "opening", format!("\"{hex}\"")),
        ("method", "method_opening", "\"random\"".into()),
        ("size", "size_opening", "2".into()),
    ] {
        let key = bytes(told["frozen"][opening].as_str().unwrap());
        assert_eq!(
            bytes(event["fields"][field].as_str().unwrap()),
            keyed(&key, &text),
            "{field}"
        );
    }

    // and is in the tree whose root the checkpoint has
    let hash = |hex: &str| -> audit::tree::Hash { bytes(hex).try_into().unwrap() };
    let proof: Vec<_> = told["frozen"]["proof"]
        .as_array()
        .unwrap()
        .iter()
        .map(|h| hash(h.as_str().unwrap()))
        .collect();
    let head = auditor.get("/audit/checkpoint").await.expect(200);
    let size = head.body["size"].as_u64().unwrap();
    assert_eq!(told["checkpoint"], head.body["note"]);
    let leaf = audit::tree::leaf(event.to_string().as_bytes());
    let index = event["seq"].as_u64().unwrap() - 1;
    assert!(audit::tree::includes(
        &hash(&head.text("/root")),
        size,
        index,
        &leaf,
        &proof
    ));
    let far = town.client("auditor_2").await;
    far.get(&document).await.problem(404, "not_found");
}

#[actix_web::test]
async fn another_program_draws_the_same_from_the_document() {
    let town = Town::start().await;
    for n in 1..=4 {
        town.paid_payment(n).await;
    }
    let auditor = town.client("auditor").await;
    let said = |output: &std::process::Output| String::from_utf8_lossy(&output.stdout).into_owned();
    let python = Command::new("scripts/python-with-ed25519").output().unwrap();
    let folder = tempfile::tempdir().unwrap();
    for (method, by) in [
        ("random", json!(null)),
        ("stratified", json!("unit")),
        ("monetary_unit", json!(null)),
    ] {
        let population = json!({ "of": "payments", "from": "2020-05-20", "to": "2020-05-20", "organization_id": town.root });
        let new = json!({ "population": population, "method": method, "stratify_by": by, "size": 2 });
        let made = auditor.post("/audit/samples", new).await.expect(201);
        audit::flush(&town.app.db).unwrap();
        let document = auditor
            .get(&format!("/audit/samples/{}/document", made.id()))
            .await
            .expect(200);
        let file = folder.path().join(format!("{method}.json"));
        std::fs::write(&file, &document.bytes).unwrap();
        let drawn = Command::new(said(&python).trim())
            .args([
                "tools/bangfu_audit.py",
                "draw",
                file.to_str().unwrap(),
                "--key",
                &document.text("/log_key"),
            ])
            .output()
            .unwrap();
        assert!(
            drawn.status.success(),
            "{}{}",
            said(&drawn),
            String::from_utf8_lossy(&drawn.stderr)
        );
        let ids: Vec<_> = said(&drawn).lines().map(str::to_owned).collect();
        assert_eq!(document.body["drawn"], json!(ids), "{method}");
    }
}

#[actix_web::test]
async fn payments_are_drawn_by_stratum_and_by_money() {
    let town = Town::start().await;
    for n in 1..=3 {
        town.paid_payment(n).await;
    }
    town.due_payment(4).await;
    let auditor = town.client("auditor").await;
    let ask = |method: &str, by: Value, size: i64| {
        let population = json!({ "of": "payments", "from": "2020-05-20", "to": "2020-05-20", "organization_id": town.root });
        json!({ "population": population, "method": method, "stratify_by": by, "size": size })
    };
    for (method, by) in [
        ("monetary_unit", json!(null)),
        ("stratified", json!("amount")),
        ("stratified", json!("unit")),
    ] {
        let made = auditor
            .post("/audit/samples", ask(method, by, 2))
            .await
            .expect(201);
        audit::flush(&town.app.db).unwrap();
        let place = format!("/audit/samples/{}", made.id());
        let drawn = auditor.get(&place).await.expect(200);
        assert_eq!(drawn.body["population"]["size"], 3, "only what was paid");
        assert_eq!(drawn.body["drawn"].as_array().unwrap().len(), 2, "{method}");
    }
    let wrong = auditor
        .post("/audit/samples", ask("stratified", json!(null), 0))
        .await;
    assert_eq!(
        wrong.problem(422, "invalid").pointers(),
        ["/size", "/stratify_by"]
    );
    let mut empty = ask("random", json!(null), 2);
    empty["population"]["organization_id"] = json!(town.yijiang);
    auditor
        .post("/audit/samples", empty)
        .await
        .problem(409, "population_empty");
}

#[actix_web::test]
async fn a_sample_for_a_task_is_of_the_unit_that_is_audited_and_by_the_unit_that_audits() {
    let town = Town::start().await;
    town.nth_file(1).await;
    let task = town.audit_of(&town.jinghu).await;
    let task = task.rsplit('/').next().unwrap();
    let for_task = |unit: &str| {
        let mut new = sample(unit);
        new["task_id"] = json!(task);
        new
    };
    let auditor = town.client("auditor").await;
    let beside = auditor.post("/audit/samples", for_task(&town.yijiang)).await;
    assert_eq!(
        beside.problem(422, "invalid").pointers(),
        ["/population/organization_id"]
    );
    auditor
        .post("/audit/samples", for_task(&town.jinghu))
        .await
        .expect(201);
    let listed = auditor
        .get(&format!("/audit/samples?task_id={task}"))
        .await
        .expect(200)
        .items();
    assert_eq!(listed.len(), 1);
    let district = town.client("district_auditor").await;
    let other = district.post("/audit/samples", for_task(&town.jinghu)).await;
    other.problem(409, "other_unit");
    let far = town.client("auditor_2").await;
    let unseen = far.post("/audit/samples", for_task(&town.yijiang)).await;
    assert_eq!(unseen.problem(422, "invalid").pointers(), ["/task_id"]);
    assert!(far.get("/audit/samples").await.expect(200).items().is_empty());
}
