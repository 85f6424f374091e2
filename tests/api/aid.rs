use serde_json::{Value, json};

use crate::given::{Shot, Town, aid, claim, id_number, race};
use crate::harness::{Answer, nothing};

/// Puts a rule in force by which a kind is given every month.
async fn monthly(town: &Town, kind: &str, needs_file: bool, per_household: bool, cap: &str) {
    let rule = json!({ "kind": kind, "needs_file": needs_file, "period": "month", "per_household": per_household, "cap": cap, "most_fen": null });
    town.rule(json!({ "kind": "aid", "valid_from": "2020-05-01", "values": { "kinds": [rule] } }))
        .await;
}

async fn payment(town: &Town, place: &str) -> Value {
    let id = place.rsplit('/').next().unwrap();
    let finance = town.client("finance").await;
    let payments = finance.get(&format!("/payments?aid_id={id}")).await.expect(200);
    payments.items().pop().unwrap()
}

async fn lodge(town: &Town, body: Value) -> String {
    let worker = town.client("caseworker").await;
    let id = worker.post("/aid-applications", body).await.expect(201).id();
    format!("/aid-applications/{id}")
}

async fn submit(town: &Town, body: Value) -> Answer {
    let place = lodge(town, body).await;
    let worker = town.client("caseworker").await;
    worker.act(&place, "/submit", nothing()).await
}

fn clause(body: &Value, name: &str) -> Value {
    let reasons = body["assessment"]["reasons"].as_array().unwrap();
    reasons
        .iter()
        .find(|reason| reason["clause"] == name)
        .unwrap()
        .clone()
}

#[actix_web::test]
async fn living_aid_goes_from_application_to_payment_by_four_people_trimmed_to_its_limit() {
    let town = Town::start().await;
    town.standard().await;
    let [_, line] = town.budget("living", 1_000_000).await;
    let file = town.nth_file(1).await;
    let place = town
        .approved_aid(aid(&file, 1, "living", "2020-Q1", 500_000))
        .await;
    let first = payment(&town, &place).await;
    assert_eq!(
        (&first["amount_fen"], &first["kind"], &first["claim_id"]),
        (&json!(500_000), &json!("living"), &Value::Null)
    );
    assert_eq!(first["budget_line_id"], json!(line));
    let second = town
        .approved_aid(aid(&file, 1, "living", "2020-Q2", 500_000))
        .await;
    let shown = town.client("auditor").await.get(&second).await.expect(200);
    assert_eq!(shown.body["granted_fen"], 220_000);
    assert_eq!(shown.body["assessment"]["trimmed"], true);
    let cap = clause(&shown.body, "within_cap");
    assert_eq!(
        (&cap["values"]["limit_fen"], &cap["values"]["used_fen"]),
        (&json!(720_000), &json!(500_000))
    );
    let finance = town.client("finance").await;
    let paid = json!({ "paid_on": "2020-05-20", "method": "bank_transfer", "reference": "HS-1" });
    let due = payment(&town, &second).await;
    let at = format!("/payments/{}", due["id"].as_str().unwrap());
    finance.act(&at, "/pay", paid).await.expect(200);
    assert_eq!(finance.get(&second).await.expect(200).text("/status"), "paid");
    let balance = town
        .client("auditor")
        .await
        .get(&format!("/budget-lines/{line}"))
        .await;
    assert_eq!(balance.body["balance"]["paid_fen"], 220_000);
    assert_eq!(balance.body["balance"]["committed_fen"], 500_000);
}

#[actix_web::test]
async fn the_recorder_verifier_and_approver_of_aid_are_three_people_and_none_of_them_pays() {
    let town = Town::start().await;
    let file = town.nth_file(1).await;
    let place = town.verified_aid(aid(&file, 1, "training", "2020-H1", 100)).await;
    let supervisor = town.client("supervisor").await;
    supervisor
        .act(&place, "/approve", nothing())
        .await
        .problem(409, "same_person");
    let behind = "UPDATE aid_applications SET approver_id = verifier_id, approved_at = updated_at, granted_fen = 1, level = 'city', status = 'approved'";
    assert!(
        town.app.sql(behind).is_err(),
        "the database lets the verifier approve"
    );
}

#[actix_web::test]
async fn aid_is_for_households_on_file_in_the_rule_and_in_the_database() {
    let town = Town::start().await;
    let member = town.member(1).await;
    let worker = town.client("caseworker").await;
    let new = json!({ "member_id": member, "scheme": "scheme_2020", "category": "deep", "level": "city", "primary_cause": "major_illness" });
    let draft = worker.post("/files", new).await.expect(201).id();
    let refused = submit(&town, aid(&draft, 1, "training", "2020-H1", 100)).await;
    refused.problem(409, "file_not_on_file");
    let file = town.nth_file(2).await;
    let place = town.verified_aid(aid(&file, 2, "training", "2020-H1", 100)).await;
    let supervisor = town.client("supervisor").await;
    let end = json!({ "status": "exited", "reason_code": "out_of_hardship", "comment": null, "closed_on": "2020-05-20" });
    supervisor
        .act(&format!("/files/{file}"), "/close", end)
        .await
        .expect(200);
    let approver = town.client("supervisor_b").await;
    approver
        .act(&place, "/approve", nothing())
        .await
        .problem(409, "file_not_on_file");
    let approver = town.user_id("supervisor_b");
    let behind = format!(
        "INSERT INTO case_parts (case_id, user_id, part, round, user_person, subject_person) SELECT a.id, u.id, 'approver', 1, u.person, a.person \
         FROM aid_applications a, users u WHERE u.id = '{approver}'; \
         UPDATE aid_applications SET status = 'approved', granted_fen = 1, level = 'city', approver_id = '{approver}', approved_at = updated_at"
    );
    let refused = town.app.sql(&behind).unwrap_err();
    assert!(refused.contains("not on file"), "{refused}");
}

#[actix_web::test]
async fn a_household_that_left_hardship_is_paid_neither_by_hand_nor_by_the_bank() {
    let town = Town::start().await;
    let file = town.nth_file(1).await;
    let place = town.approved_aid(aid(&file, 1, "training", "2020-H1", 100)).await;
    let batch = town.approved_batch().await;
    let supervisor = town.client("supervisor").await;
    let end = json!({ "status": "exited", "reason_code": "out_of_hardship", "comment": null, "closed_on": "2020-05-20" });
    supervisor
        .act(&format!("/files/{file}"), "/close", end)
        .await
        .expect(200);
    let finance = town.client("finance").await;
    finance
        .act(&batch, "/export", nothing())
        .await
        .problem(409, "no_lines");
    let refused = town
        .app
        .sql("UPDATE batch_lines SET status = 'exported'")
        .unwrap_err();
    assert!(refused.contains("has ended"), "{refused}");
    let why = json!({ "reason": "该户已脱困" });
    finance.act(&batch, "/cancel", why).await.expect(200);
    let due = payment(&town, &place).await;
    let at = format!("/payments/{}", due["id"].as_str().unwrap());
    let paid = json!({ "paid_on": "2020-05-20", "method": "bank_transfer", "reference": "HS-1" });
    finance.act(&at, "/pay", paid).await.problem(409, "file_ended");
}

#[actix_web::test]
async fn one_kind_is_granted_once_for_a_period_however_long_the_rule_makes_it_later() {
    let town = Town::start().await;
    let file = town.nth_file(1).await;
    town.approved_aid(aid(&file, 1, "training", "2020-H1", 100)).await;
    let again = submit(&town, aid(&file, 1, "training", "2020-H1", 100)).await;
    assert_eq!(
        clause(&again.problem(409, "duplicate_aid").body, "first_in_period")["met"],
        false
    );
    monthly(&town, "training", true, false, "none").await;
    submit(&town, aid(&file, 1, "training", "2020-05", 100))
        .await
        .problem(409, "duplicate_aid");
    submit(&town, aid(&file, 1, "training", "2020-H1", 100))
        .await
        .problem(409, "period_not_open");
    submit(&town, aid(&file, 1, "training", "2020-06", 100))
        .await
        .problem(409, "period_not_open");
    submit(&town, aid(&file, 1, "living", "2020-05", 100))
        .await
        .problem(409, "kind_not_offered");
}

#[actix_web::test]
async fn aid_to_a_household_counts_for_everybody_in_it() {
    let town = Town::start().await;
    let rule = json!({ "kind": "warmth_winter", "needs_file": false, "period": "year", "per_household": true, "cap": "none", "most_fen": null });
    town.rule(json!({ "kind": "aid", "valid_from": "2020-05-01", "values": { "kinds": [rule] } }))
        .await;
    let (file, wife) = (town.nth_file(1).await, town.member(2).await);
    let joins = json!({ "name": "职工2", "id_number": id_number(2), "relation": "spouse", "joined_on": "2012-01-01" });
    let worker = town.client("caseworker").await;
    worker
        .post(&format!("/files/{file}/household"), joins)
        .await
        .expect(201);
    let mut of_wife = aid(&file, 2, "warmth_winter", "2020", 100);
    of_wife["file_id"] = Value::Null;
    of_wife["member_id"] = json!(wife);
    town.approved_aid(of_wife).await;
    let refused = submit(&town, aid(&file, 1, "warmth_winter", "2020", 100))
        .await
        .problem(409, "duplicate_aid");
    assert_eq!(
        clause(&refused.body, "first_in_period")["values"]["people_who_had_it"],
        1
    );
}

#[actix_web::test]
async fn of_eight_approvals_of_one_kind_and_period_at_once_one_is_granted() {
    let town = Town::start().await;
    let file = town.nth_file(1).await;
    let approver = town.client("supervisor_b").await;
    let mut shots = Vec::new();
    for _ in 0..8 {
        let place = town.verified_aid(aid(&file, 1, "training", "2020-H1", 100)).await;
        shots.push(Shot {
            token: approver.token.clone(),
            path: format!("{place}/approve"),
            etag: Some(approver.get(&place).await.header("etag")),
            body: nothing(),
        });
    }
    let answers = race(&town, shots);
    let granted = answers.iter().filter(|(status, _)| *status == 200).count();
    let refused = answers
        .iter()
        .filter(|(_, body)| body["code"] == "duplicate_aid")
        .count();
    assert_eq!((granted, refused), (1, 7), "{answers:?}");
    let behind = "INSERT INTO aid_uses (aid_id, person, kind, month, released) \
        SELECT a.id, u.person, u.kind, u.month, false FROM aid_uses u, aid_applications a WHERE a.status = 'verified'";
    assert!(town.app.sql(behind).is_err(), "the database takes a month twice");
}

#[actix_web::test]
async fn eight_approvals_at_once_never_grant_a_household_more_than_its_limit() {
    let town = Town::start().await;
    town.standard().await;
    monthly(&town, "living", true, true, "living").await;
    let file = town.nth_file(1).await;
    let approver = town.client("supervisor_b").await;
    let mut shots = Vec::new();
    for month in ["01", "02", "03", "04", "05"] {
        let place = town
            .verified_aid(aid(&file, 1, "living", &format!("2020-{month}"), 200_000))
            .await;
        shots.push(Shot {
            token: approver.token.clone(),
            path: format!("{place}/approve"),
            etag: Some(approver.get(&place).await.header("etag")),
            body: nothing(),
        });
    }
    let answers = race(&town, shots);
    let mut granted: Vec<_> = answers
        .iter()
        .map(|(_, body)| body["granted_fen"].as_i64().unwrap_or(0))
        .collect();
    granted.sort_unstable();
    assert_eq!(granted, [0, 120_000, 200_000, 200_000, 200_000], "{answers:?}");
    assert!(answers.iter().any(|(_, body)| body["code"] == "cap_reached"));
    assert!(
        town.app
            .sql("UPDATE aid_limits SET used_fen = limit_fen + 1")
            .is_err(),
        "the database exceeds a limit"
    );
}

#[actix_web::test]
async fn medical_aid_helps_with_a_bill_once_and_warns_of_a_condolence_for_it() {
    let town = Town::start().await;
    let file = town.nth_file(1).await;
    let members = town
        .client("caseworker")
        .await
        .get(&format!("/files/{file}"))
        .await;
    let lodged = claim(&members.text("/member_id"), 1, 1_000_000, "JS-7");
    let worker = town.client("caseworker").await;
    let condolence = format!(
        "/illness-claims/{}",
        worker.post("/illness-claims", lodged).await.expect(201).id()
    );
    worker.act(&condolence, "/submit", nothing()).await.expect(200);
    let supervisor = town.client("supervisor").await;
    supervisor
        .act(&condolence, "/verify", nothing())
        .await
        .expect(200);
    let approver = town.client("supervisor_b").await;
    approver.act(&condolence, "/approve", nothing()).await.expect(200);

    let mut asked = aid(&file, 1, "medical", "2020-H1", 900_000);
    let unsaid = submit(&town, asked.clone()).await.problem(422, "invalid");
    assert_eq!(unsaid.pointers(), ["/bill"]);
    asked["bill"] = json!({ "total_fen": 1_000_000, "covered_fen": 400_000, "settlement_number": " js-7 " });
    let place = lodge(&town, asked.clone()).await;
    let submitted = worker.act(&place, "/submit", nothing()).await.expect(200);
    assert_eq!(submitted.body["assessment"]["granted_fen"], 600_000);
    assert_eq!(
        submitted.body["assessment"]["warnings"],
        json!(["condolence_this_year", "settlement_elsewhere"])
    );
    let one = json!({ "confirmed_warnings": ["condolence_this_year"] });
    let refused = supervisor
        .act(&place, "/verify", one)
        .await
        .problem(409, "warnings_unconfirmed");
    assert_eq!(refused.body["warnings"], json!(["settlement_elsewhere"]));
    let behind = "UPDATE aid_applications SET status = 'verified', verifier_id = recorder_id";
    assert!(
        town.app.sql(behind).is_err(),
        "the database verifies what nobody confirmed"
    );
    let both = json!({ "confirmed_warnings": ["condolence_this_year", "settlement_elsewhere"] });
    supervisor.act(&place, "/verify", both).await.expect(200);
    approver.act(&place, "/approve", nothing()).await.expect(200);
    asked["period"] = json!("2019-H2");
    submit(&town, asked).await.problem(409, "settlement_already_used");
}

#[actix_web::test]
async fn education_aid_is_for_a_student_of_the_household_up_to_ten_months_of_the_standard() {
    let town = Town::start().await;
    town.standard().await;
    let file = town.nth_file(1).await;
    let worker = town.client("caseworker").await;
    let child = json!({ "name": "周小雨", "id_number": "340299201212121202", "relation": "daughter", "joined_on": "2012-12-12" });
    let child = worker
        .post(&format!("/files/{file}/household"), child)
        .await
        .expect(201)
        .id();
    let mut asked = aid(&file, 1, "education", "2020", 700_000);
    assert_eq!(
        submit(&town, asked.clone())
            .await
            .problem(422, "invalid")
            .pointers(),
        ["/beneficiary_id"]
    );
    asked["beneficiary_id"] = json!(child);
    let place = town.approved_aid(asked.clone()).await;
    assert_eq!(worker.get(&place).await.body["granted_fen"], 600_000);
    let stranger = town.nth_file(2).await;
    let mut elsewhere = aid(&stranger, 2, "education", "2020", 1);
    elsewhere["beneficiary_id"] = json!(child);
    let refused = worker
        .post("/aid-applications", elsewhere)
        .await
        .problem(422, "invalid");
    assert_eq!(refused.pointers(), ["/beneficiary_id"]);
}

#[actix_web::test]
async fn money_of_a_level_goes_to_files_of_that_standard_only() {
    let town = Town::start().await;
    let finance = town.client("finance").await;
    let new = json!({ "organization_id": town.jinghu_basic, "code": "ZY", "name": "中央财政", "source": "central", "kinds": ["training"],
        "valid_from": "2020-01-01", "valid_to": null });
    let fund = finance.post("/funds", new).await.expect(201).id();
    let money = json!({ "amount_fen": 100_000, "reference": "1" });
    finance
        .post(&format!("/funds/{fund}/receipts"), money)
        .await
        .expect(201);
    let line = json!({ "organization_id": town.jinghu_basic, "year": 2020, "aid_kind": "training", "amount_fen": 100_000, "reference": "1" });
    let supervisor = town.client("supervisor").await;
    let line = supervisor
        .post(&format!("/funds/{fund}/budget-lines"), line)
        .await
        .expect(201)
        .id();
    let file = town.nth_file(1).await;
    let place = town.approved_aid(aid(&file, 1, "training", "2020-H1", 100)).await;
    let made = payment(&town, &place).await;
    assert_eq!(
        made["budget_line_id"],
        Value::Null,
        "a city file takes no central money"
    );
    town.app.sql("UPDATE payments SET status = 'cancelled'").unwrap();
    let columns = "claim_id, aid_id, kind, person, payee_person, account_hash, organization_id, payee_sealed, amount_fen, approved_on, recorder_id, verifier_id, approver_id, version, updated_at";
    let behind = format!(
        "INSERT INTO payments (id, status, budget_line_id, {columns}) SELECT 'x', 'due', '{line}', {columns} FROM payments"
    );
    assert!(
        town.app.sql(&behind).is_err(),
        "the database spends central money on it"
    );
    town.app.sql("UPDATE payments SET status = 'due'").unwrap();
}

#[actix_web::test]
async fn a_cancelled_payment_sets_the_period_and_the_limit_free_again() {
    let town = Town::start().await;
    town.standard().await;
    let file = town.nth_file(1).await;
    let place = town
        .approved_aid(aid(&file, 1, "living", "2020-Q2", 700_000))
        .await;
    let made = payment(&town, &place).await;
    let finance = town.client("finance").await;
    let why = json!({ "reason": "金额有误" });
    let at = format!("/payments/{}", made["id"].as_str().unwrap());
    finance.act(&at, "/cancel", why).await.expect(200);
    let again = town
        .approved_aid(aid(&file, 1, "living", "2020-Q2", 500_000))
        .await;
    assert_eq!(finance.get(&again).await.body["granted_fen"], 500_000);
}

#[actix_web::test]
async fn an_application_is_returned_changed_refused_and_reviewed_once() {
    let town = Town::start().await;
    let file = town.nth_file(1).await;
    let place = lodge(&town, aid(&file, 1, "training", "2020-H1", 100)).await;
    let (worker, supervisor) = (town.client("caseworker").await, town.client("supervisor").await);
    worker.act(&place, "/submit", nothing()).await.expect(200);
    let back = json!({ "reason_code": "missing_material", "fields": ["need"], "comment": null });
    supervisor.act(&place, "/return", back).await.expect(200);
    let mended = worker
        .patch(&place, json!({ "need": "学费收据已补", "amount_fen": 200 }))
        .await
        .expect(200);
    assert_eq!(mended.body["amount_fen"], 200);
    worker.act(&place, "/submit", nothing()).await.expect(200);
    let no = json!({ "reason_code": "not_eligible", "comment": null });
    supervisor.act(&place, "/reject", no.clone()).await.expect(200);
    worker.act(&place, "/request-review", nothing()).await.expect(200);
    let vouched = json!({ "confirmed_warnings": [] });
    supervisor
        .act(&place, "/verify", vouched)
        .await
        .problem(409, "same_person");
    let other = town.client("supervisor_b").await;
    let refused = other.act(&place, "/reject", no).await.expect(200);
    assert_eq!(refused.body["decisions"].as_array().unwrap().len(), 3);
    worker
        .act(&place, "/request-review", nothing())
        .await
        .problem(409, "review_used");
}

#[actix_web::test]
async fn a_self_test_says_every_clause_and_stores_nothing() {
    let town = Town::start().await;
    let member = town.member(1).await;
    let mut asked = aid("", 1, "temporary", "2020-05", 100_000);
    asked["file_id"] = Value::Null;
    asked["member_id"] = json!(member);
    let worker = town.client("caseworker").await;
    let verdict = worker
        .post("/aid-applications/assess", asked.clone())
        .await
        .expect(200);
    assert_eq!(
        (&verdict.body["eligible"], &verdict.body["granted_fen"]),
        (&json!(true), &json!(100_000))
    );
    assert_eq!(verdict.body["reasons"].as_array().unwrap().len(), 6);
    assert_eq!(town.app.count("SELECT COUNT(*) AS n FROM aid_applications"), 0);
    asked["file_id"] = json!(town.nth_file(2).await);
    let both = worker
        .post("/aid-applications", asked)
        .await
        .problem(422, "invalid");
    assert_eq!(both.pointers(), ["/file_id"]);
}

#[actix_web::test]
async fn open_applications_go_with_a_file_to_its_new_union() {
    let town = Town::start().await;
    let file = town.nth_file(1).await;
    let place = lodge(&town, aid(&file, 1, "training", "2020-H1", 100)).await;
    let transfer = town.send_on(&file, &town.yijiang_basic).await;
    let receiver = town.client("supervisor_2").await;
    let accepted = json!({ "contact_id": null });
    receiver
        .act(&format!("/transfers/{transfer}"), "/accept", accepted)
        .await
        .expect(200);
    receiver.get(&place).await.expect(200);
    town.client("caseworker")
        .await
        .get(&place)
        .await
        .problem(404, "not_found");
}
