//! Money that people pay back (78).

use serde_json::{Value, json};

use crate::given::{Shot, Town, claim, race};

fn nothing() -> Value {
    json!({})
}

fn wanted(payment: &str, reason: &str, amount: i64) -> Value {
    json!({ "payment_id": payment.rsplit('/').next().unwrap(), "reason_code": reason, "comment": "住院费用不实", "amount_fen": amount })
}

fn money(amount: i64) -> Value {
    json!({ "received_on": "2020-05-20", "amount_fen": amount, "reference": "SJ-1" })
}

/// A recovery of the whole payment; its path.
async fn claimed(town: &Town, payment: &str, reason: &str) -> String {
    let supervisor = town.client("supervisor").await;
    let made = supervisor
        .post("/recoveries", wanted(payment, reason, 50_000))
        .await;
    format!("/recoveries/{}", made.expect(201).id())
}

#[actix_web::test]
async fn what_was_paid_wrongly_comes_back_by_instalments_into_the_line_it_came_from() {
    let town = Town::start().await;
    let [_, line] = town.budget("illness_condolence", 100_000).await;
    let due = town.due_payment(2).await;
    let (supervisor, finance) = (town.client("supervisor").await, town.client("finance").await);
    let early = supervisor.post("/recoveries", wanted(&due, "overpaid", 1)).await;
    early.problem(409, "wrong_status");
    let payment = town.paid_payment(1).await;
    let much = supervisor
        .post("/recoveries", wanted(&payment, "overpaid", 50_001))
        .await;
    assert_eq!(much.problem(422, "invalid").pointers(), ["/amount_fen"]);
    let place = claimed(&town, &payment, "overpaid").await;
    let second = supervisor
        .post("/recoveries", wanted(&payment, "overpaid", 1))
        .await;
    second.problem(409, "recovery_open");
    let back = json!({ "reason_code": "account_closed", "comment": null });
    finance
        .act(&payment, "/return", back)
        .await
        .problem(409, "in_recovery");
    let instalments = format!("{place}/instalments");
    let first = finance.post(&instalments, money(20_000)).await.expect(201);
    let over = finance.post(&instalments, money(30_001)).await;
    over.problem(409, "more_than_owed");
    let books = supervisor.get(&format!("/budget-lines/{line}")).await.expect(200);
    assert_eq!(books.body["balance"]["recovered_fen"], json!(20_000));
    let undo = format!("{instalments}/{}/correct", first.id());
    let why = json!({ "reason": "记错笔数" });
    let undone = finance.post(&undo, why.clone()).await.expect(201);
    assert_eq!(undone.text("/reverses_id"), first.id());
    finance
        .post(&undo, why.clone())
        .await
        .problem(409, "already_corrected");
    let again = format!("{instalments}/{}/correct", undone.id());
    finance.post(&again, why).await.problem(409, "already_corrected");
    finance.post(&instalments, money(50_000)).await.expect(201);
    let repaid = supervisor.get(&place).await.expect(200);
    assert_eq!(
        (repaid.text("/status"), &repaid.body["owed_fen"]),
        ("repaid".into(), &json!(0))
    );
    let books = supervisor.get(&format!("/budget-lines/{line}")).await.expect(200);
    assert_eq!(books.body["balance"]["recovered_fen"], json!(50_000));
    finance
        .post(&instalments, money(1))
        .await
        .problem(409, "wrong_status");
    let rest = supervisor.post("/recoveries", wanted(&payment, "other", 1)).await;
    rest.problem(422, "invalid");
}

#[actix_web::test]
async fn false_information_bars_from_new_claims_while_it_is_owed_and_for_the_years_of_the_policy() {
    let town = Town::start().await;
    town.lasting_passwords().await;
    let values = json!({ "central_kinds": ["living"], "budget_needed_from": null, "recovery_bar_years": 1 });
    town.rule(
        json!({ "kind": "funding", "valid_from": "2020-05-01", "valid_to": "2021-12-31", "values": values }),
    )
    .await;
    let payment = town.paid_payment(1).await;
    let worker = town.client("caseworker").await;
    let member = worker.get("/members").await.items()[0]["id"]
        .as_str()
        .unwrap()
        .to_owned();
    let next = |n| {
        let mut body = claim(&member, 1, 1_000_000, &format!("N-{n}"));
        body["programme_year"] = json!(2021);
        body["stays"][0]["admitted_on"] = json!("2021-01-03");
        body["stays"][0]["discharged_on"] = json!("2021-01-09");
        body
    };
    let place = claimed(&town, &payment, "false_information").await;
    let refused = worker
        .post("/illness-claims", claim(&member, 1, 1_000_000, "N-0"))
        .await;
    let refused = refused.problem(409, "barred_by_recovery");
    assert_eq!(refused.body["free_from"], json!(null));
    let finance = town.client("finance").await;
    let whole = finance.post(&format!("{place}/instalments"), money(50_000)).await;
    let whole = whole.expect(201);
    let refused = worker
        .post("/illness-claims", claim(&member, 1, 1_000_000, "N-0"))
        .await;
    let refused = refused.problem(409, "barred_by_recovery");
    assert_eq!(refused.text("/free_from"), "2021-05-20");
    town.app.set("2021-05-19");
    let worker = town.client("caseworker").await;
    let refused = worker.post("/illness-claims", next(1)).await;
    refused.problem(409, "barred_by_recovery");
    town.app.set("2021-05-20");
    let worker = town.client("caseworker").await;
    let free = worker.post("/illness-claims", next(2)).await.expect(201).id();
    let free = format!("/illness-claims/{free}");
    worker.act(&free, "/submit", nothing()).await.expect(200);
    let finance = town.client("finance").await;
    let undo = format!("{place}/instalments/{}/correct", whole.id());
    finance
        .post(&undo, json!({ "reason": "记错笔数" }))
        .await
        .expect(201);
    town.client("supervisor")
        .await
        .act(&free, "/verify", nothing())
        .await
        .expect(200);
    let approver = town.client("supervisor_b").await;
    let refused = approver.act(&free, "/approve", nothing()).await;
    refused.problem(409, "barred_by_recovery");
    let free = free.rsplit('/').next().unwrap();
    let grant = format!(
        "INSERT INTO case_parts (case_id, user_id, part, round, user_person, subject_person) \
         SELECT '{free}', id, 'approver', 1, person, 'x' FROM users WHERE username = 'supervisor_b'; \
         UPDATE illness_claims SET status = 'approved', approved_at = updated_at, \
         approver_id = (SELECT id FROM users WHERE username = 'supervisor_b') WHERE id = '{free}'"
    );
    let refused = town.app.sql(&grant).unwrap_err();
    assert!(refused.contains("barred"), "{refused}");
}

#[actix_web::test]
async fn what_does_not_come_in_is_written_off_by_two_people() {
    let town = Town::start().await;
    let place = claimed(&town, &town.paid_payment(1).await, "ineligible").await;
    let (one, two) = (town.client("supervisor").await, town.client("supervisor_b").await);
    two.act(&place, "/write-off/confirm", nothing())
        .await
        .problem(409, "not_proposed");
    let why = json!({ "reason": "本人已无偿还能力" });
    one.act(&place, "/write-off", why.clone()).await.expect(200);
    one.act(&place, "/write-off/confirm", nothing())
        .await
        .problem(409, "same_person");
    two.act(&place, "/write-off", why.clone())
        .await
        .problem(409, "write_off_open");
    two.act(&place, "/write-off/refuse", why.clone())
        .await
        .expect(200);
    one.act(&place, "/write-off", why).await.expect(200);
    let alone = "UPDATE recoveries SET status = 'written_off', closed_on = claimed_on, confirmed_by = proposed_by, \
        confirmer_person = proposer_person";
    assert!(town.app.sql(alone).is_err(), "the database wants two people");
    let done = two.act(&place, "/write-off/confirm", nothing()).await.expect(200);
    assert_eq!(
        (done.text("/status"), &done.body["owed_fen"]),
        ("written_off".into(), &json!(0))
    );
    let finance = town.client("finance").await;
    let late = finance.post(&format!("{place}/instalments"), money(1)).await;
    late.problem(409, "wrong_status");
}

#[actix_web::test]
async fn a_recovery_in_error_is_withdrawn_before_anything_came_in_and_its_bar_ends() {
    let town = Town::start().await;
    let payment = town.paid_payment(1).await;
    let place = claimed(&town, &payment, "false_information").await;
    let supervisor = town.client("supervisor").await;
    let why = json!({ "reason": "对象认定有误" });
    supervisor.act(&place, "/withdraw", why.clone()).await.expect(200);
    assert_eq!(
        town.app
            .count("SELECT COUNT(*) AS n FROM bars WHERE free_from IS NULL"),
        0
    );
    let place = claimed(&town, &payment, "overpaid").await;
    let finance = town.client("finance").await;
    finance
        .post(&format!("{place}/instalments"), money(1))
        .await
        .expect(201);
    supervisor
        .act(&place, "/withdraw", why)
        .await
        .problem(409, "has_instalments");
    let list = supervisor.get("/recoveries?status=withdrawn").await.expect(200);
    assert_eq!(list.items().len(), 1);
}

#[actix_web::test]
async fn eight_at_once_open_one_recovery_and_pay_back_no_more_than_is_owed() {
    let town = Town::start().await;
    let payment = town.paid_payment(1).await;
    let supervisor = town.client("supervisor").await;
    let shot = |token: &str, path: &str, body: Value| Shot {
        token: token.to_owned(),
        path: path.to_owned(),
        etag: None,
        body,
    };
    let shots = (0..8).map(|_| {
        shot(
            &supervisor.token,
            "/recoveries",
            wanted(&payment, "overpaid", 20_000),
        )
    });
    let outcomes = race(&town, shots.collect());
    let made: Vec<_> = outcomes.iter().filter(|(status, _)| *status == 201).collect();
    assert_eq!(made.len(), 1, "{outcomes:?}");
    assert!(
        outcomes
            .iter()
            .all(|(s, body)| *s == 201 || body["code"] == "recovery_open"),
        "{outcomes:?}"
    );
    let place = format!("/recoveries/{}/instalments", made[0].1["id"].as_str().unwrap());
    let finance = town.client("finance").await;
    let shots = (0..8).map(|_| shot(&finance.token, &place, money(6_000)));
    let outcomes = race(&town, shots.collect());
    assert_eq!(
        outcomes.iter().filter(|(status, _)| *status == 201).count(),
        3,
        "{outcomes:?}"
    );
    assert!(
        outcomes
            .iter()
            .all(|(s, body)| *s == 201 || body["code"] == "more_than_owed"),
        "{outcomes:?}"
    );
    let undo = format!(
        "{place}/{}/correct",
        outcomes.iter().find(|(s, _)| *s == 201).unwrap().1["id"]
            .as_str()
            .unwrap()
    );
    let shots = (0..8).map(|_| shot(&finance.token, &undo, json!({ "reason": "记错笔数" })));
    let outcomes = race(&town, shots.collect());
    assert_eq!(
        outcomes.iter().filter(|(status, _)| *status == 201).count(),
        1,
        "{outcomes:?}"
    );
    assert!(
        outcomes
            .iter()
            .all(|(s, body)| *s == 201 || body["code"] == "already_corrected"),
        "{outcomes:?}"
    );
    for sql in [
        "UPDATE recoveries SET repaid_fen = 0",
        "UPDATE recoveries SET amount_fen = 1",
        "UPDATE recovery_instalments SET amount_fen = 1",
        "DELETE FROM recovery_instalments",
        "DELETE FROM recoveries",
    ] {
        assert!(town.app.sql(sql).is_err(), "{sql}");
    }
}
