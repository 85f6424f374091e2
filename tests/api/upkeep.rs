use serde_json::json;

use crate::given::{Town, claim};
use crate::harness::Answer;

fn numbers(answer: &Answer) -> Vec<String> {
    let number = |file: &serde_json::Value| file["number"].as_str().unwrap().to_owned();
    answer.items().iter().map(number).collect()
}

#[actix_web::test]
async fn a_file_is_reviewed_once_a_year_and_those_that_are_not_are_listed() {
    let town = Town::start().await;
    for n in [1, 2] {
        let member = town.member(n).await;
        town.file_on_file(&member).await;
    }
    let worker = town.client("caseworker").await;
    let waiting = worker.get("/files?unreviewed=2020").await.expect(200);
    assert_eq!(waiting.items().len(), 2);
    let place = format!("/files/{}", waiting.items()[0]["id"].as_str().unwrap());
    let review = json!({ "result": "unchanged", "comment": "入户核对，情况属实" });
    let made = worker
        .post(&format!("{place}/reviews"), review.clone())
        .await
        .expect(201);
    assert_eq!(
        (made.body["year"].as_i64(), made.text("/comment").as_str()),
        (Some(2020), "入户核对，情况属实")
    );
    let again = worker.post(&format!("{place}/reviews"), review).await.expect(409);
    assert_eq!(again.text("/code"), "already_reviewed");
    assert_eq!(
        numbers(&worker.get("/files?unreviewed=2020").await),
        ["340200-2020-000002"]
    );
    assert_eq!(worker.get("/files?unreviewed=2021").await.items().len(), 2);
    assert_eq!(
        worker
            .get(&format!("{place}/reviews"))
            .await
            .expect(200)
            .items()
            .len(),
        1
    );
}

#[actix_web::test]
async fn files_that_nobody_helped_and_those_unchanged_for_long_are_listed() {
    let town = Town::start().await;
    let mut files = Vec::new();
    for n in [1, 2] {
        let member = town.member(n).await;
        files.push(town.file_on_file(&member).await);
    }
    let worker = town.client("caseworker").await;
    let now = worker.get("/me").await.text("/server_time");
    let visit = json!({ "kind": "care_visit", "occurred_at": now, "place": "home", "visitors": [town.user_id("caseworker")], "met": "worker",
        "gift": { "kind": "money", "amount_fen": 50_000, "description": null } });
    worker
        .post(&format!("/files/{}/actions", files[0]), visit)
        .await
        .expect(201);
    assert_eq!(
        numbers(&worker.get("/files?never_helped=true").await),
        ["340200-2020-000002"]
    );
    town.app.set("2020-06-20");
    let worker = town.client("caseworker").await;
    worker
        .patch(&format!("/files/{}", files[1]), json!({ "level": "county" }))
        .await
        .expect(200);
    assert_eq!(
        numbers(
            &worker
                .get("/files?status=on_file&changed_before=2020-06-01T00:00:00Z")
                .await
        ),
        ["340200-2020-000001"]
    );
}

#[actix_web::test]
async fn a_spot_check_can_be_drawn_again_by_anybody() {
    let town = Town::start().await;
    for n in 1..=5 {
        let member = town.member(n).await;
        town.file_on_file(&member).await;
    }
    let supervisor = town.client("supervisor").await;
    let ask = |percent: Option<i64>| json!({ "organization_id": town.jinghu, "seed": "双色球 2020061 期", "percent": percent });
    let drawn = supervisor.post("/spot-checks", ask(None)).await.expect(201);
    assert_eq!(
        (
            drawn.body["percent"].as_i64(),
            drawn.body["population"].as_array().unwrap().len()
        ),
        (Some(30), 5)
    );
    // SHA-256 of seed, line feed and number, the smallest first; two of five are thirty in a hundred
    let mut by_hand: Vec<_> = (1..=5)
        .map(|n| format!("340200-2020-{n:06}"))
        .map(|number| {
            (
                <sha2::Sha256 as sha2::Digest>::digest(format!("双色球 2020061 期\n{number}")),
                number,
            )
        })
        .collect();
    by_hand.sort();
    let mut expected: Vec<_> = by_hand.into_iter().take(2).map(|(_, number)| number).collect();
    expected.sort();
    assert_eq!(drawn.body["sample"], json!(expected));
    let again = supervisor.post("/spot-checks", ask(None)).await.expect(201);
    assert_eq!(again.body["sample"], drawn.body["sample"]);
    assert_eq!(
        supervisor
            .post("/spot-checks", ask(Some(29)))
            .await
            .expect(422)
            .pointers(),
        ["/percent"]
    );
    let read = town
        .client("auditor")
        .await
        .get(&format!("/spot-checks/{}", drawn.id()))
        .await
        .expect(200);
    assert_eq!(read.body["seed"], "双色球 2020061 期");
    assert_eq!(supervisor.get("/spot-checks").await.items().len(), 2);
}

#[actix_web::test]
async fn a_file_whose_yearly_review_was_missed_blocks_a_new_payment_until_it_is_made_up_for() {
    let town = Town::start().await;
    let rule = json!({ "kind": "procedure", "valid_from": "2020-05-01", "values": { "visitors": 2, "notice_working_days": 5,
        "step_days": 30, "levels": [], "unreviewed_blocks_from": "2022-01-01" } });
    town.rule(rule).await;
    town.lasting_passwords().await;
    let member = town.member(1).await;
    let file = town.file_on_file(&member).await;
    town.app.set("2022-03-01");
    let worker = town.client("caseworker").await;
    let mut lodged = claim(&member, 1, 1_000_000, "U-1");
    lodged["programme_year"] = json!(2022);
    lodged["stays"][0]["admitted_on"] = json!("2022-01-03");
    lodged["stays"][0]["discharged_on"] = json!("2022-01-09");
    let place = format!(
        "/illness-claims/{}",
        worker.post("/illness-claims", lodged).await.expect(201).id()
    );
    worker.act(&place, "/submit", json!({})).await.expect(200);
    let (verifier, approver) = (town.client("supervisor").await, town.client("supervisor_b").await);
    verifier.act(&place, "/verify", json!({})).await.expect(200);
    approver
        .act(&place, "/approve", json!({}))
        .await
        .problem(409, "file_not_reviewed");
    let payments = approver.get("/payments").await.expect(200).items();
    assert!(payments.is_empty());
    let review = json!({ "result": "unchanged", "comment": null });
    worker
        .post(&format!("/files/{file}/reviews"), review)
        .await
        .expect(201);
    approver.act(&place, "/approve", json!({})).await.expect(200);
    let columns = "claim_id, kind, person, payee_person, account_hash, organization_id, payee_sealed, amount_fen, approved_on, \
        recorder_id, verifier_id, approver_id, version, updated_at";
    let behind = format!(
        "DELETE FROM file_reviews; UPDATE payments SET status = 'failed'; \
        INSERT INTO payments (id, status, {columns}) SELECT 'x', 'due', {columns} FROM payments"
    );
    let refused = town.app.sql(&behind).unwrap_err();
    assert!(refused.contains("review"), "{refused}");
    town.app.sql("UPDATE payments SET status = 'due'").unwrap();
}

#[actix_web::test]
async fn paper_that_is_not_brought_in_step_in_thirty_working_days_is_listed_until_it_is() {
    let town = Town::start().await;
    town.lasting_passwords().await;
    let file = town.file_on_file(&town.member(1).await).await;
    let place = format!("/files/{file}");
    let late = async || {
        let worker = town.client("caseworker").await;
        worker
            .get("/files?paper_overdue=true")
            .await
            .expect(200)
            .items()
            .len()
    };
    let worker = town.client("caseworker").await;
    // 30 working days after 20 May 2020; 25 and 26 June are the Dragon Boat holiday, 28 June is worked
    assert_eq!(
        worker.get(&place).await.expect(200).text("/paper_due_on"),
        "2020-07-02"
    );
    town.app.set("2020-07-02");
    assert_eq!(late().await, 0);
    town.app.set("2020-07-03");
    assert_eq!(late().await, 1);
    let worker = town.client("caseworker").await;
    let confirmed = worker.act(&place, "/paper", json!({})).await.expect(200);
    assert!(confirmed.body["paper_due_on"].is_null());
    worker
        .act(&place, "/paper", json!({}))
        .await
        .problem(409, "in_step");
    assert_eq!(late().await, 0);
    let changed = worker
        .patch(&place, json!({ "secondary_causes": ["children_schooling"] }))
        .await
        .expect(200);
    assert_eq!(changed.text("/paper_due_on"), "2020-08-14");
}
