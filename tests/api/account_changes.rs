//! A corrected account (75, 77): proposed by one, confirmed by another, neither of them the payer.

use serde_json::{Value, json};

use crate::given::{Shot, Town, race};

fn nothing() -> Value {
    json!({})
}

fn other() -> Value {
    json!({ "account_number": "9999990000000000014", "bank": "扬子银行", "reason": "原卡已注销" })
}

fn failed() -> Value {
    json!({ "reason_code": "account_closed", "comment": null })
}

/// Another account for a payment, proposed by the caseworker; its path.
async fn proposed(town: &Town, place: &str) -> String {
    let worker = town.client("caseworker").await;
    let made = worker.post(&format!("{place}/account-changes"), other()).await;
    made.expect(201).header("location").replace("/api/v1", "")
}

#[actix_web::test]
async fn a_failed_payment_is_made_anew_to_the_account_that_was_confirmed() {
    let town = Town::start().await;
    let place = town.due_payment(1).await;
    let finance = town.client("finance").await;
    finance.act(&place, "/fail", failed()).await.expect(200);
    let change = proposed(&town, &place).await;
    let waits = finance.act(&place, "/reissue", nothing()).await;
    waits.problem(409, "account_change_open");
    let supervisor = town.client("supervisor").await;
    let done = supervisor.act(&change, "/confirm", nothing()).await.expect(200);
    assert_eq!(done.text("/account_number"), "9999***********0014");
    let anew = finance.act(&place, "/reissue", nothing()).await.expect(201);
    assert_eq!(anew.text("/payee/account_number"), "9999***********0014");
    assert_eq!(anew.text("/payee/bank"), "扬子银行");
    let before = finance.get(&place).await.expect(200);
    assert_eq!(before.text("/payee/account_number"), "9999********0006");
    assert_eq!(before.body["payee"]["name"], anew.body["payee"]["name"]);
    let late = town.client("caseworker").await;
    let late = late.post(&format!("{place}/account-changes"), other()).await;
    late.problem(409, "wrong_status");
    let list = finance.get(&format!("{place}/account-changes")).await.expect(200);
    assert_eq!(list.text("/items/0/status"), "confirmed");
}

#[actix_web::test]
async fn a_payment_that_is_due_is_not_paid_while_a_change_waits_and_then_goes_to_the_new_account() {
    let town = Town::start().await;
    let place = town.due_payment(1).await;
    let change = proposed(&town, &place).await;
    let finance = town.client("finance").await;
    let paying = json!({ "paid_on": "2020-05-20", "method": "bank_transfer", "reference": "R-1" });
    let waits = finance.act(&place, "/pay", paying.clone()).await;
    waits.problem(409, "account_change_open");
    for sql in [
        "UPDATE payments SET status = 'paid', method = 'bank_transfer', paid_on = approved_on",
        "INSERT INTO account_changes SELECT 'second', payment_id, account_sealed, status, proposed_by, proposer_person, \
         proposed_at, decided_by, decider_person, decided_at, version FROM account_changes",
        "UPDATE account_changes SET status = 'confirmed', decided_by = proposed_by, decider_person = proposer_person, \
         decided_at = proposed_at",
        "DELETE FROM account_changes",
    ] {
        assert!(town.app.sql(sql).is_err(), "{sql}");
    }
    let batch = town.approved_batch().await;
    let sent = finance.act(&batch, "/export", nothing()).await;
    sent.problem(409, "no_lines");
    let supervisor = town.client("supervisor").await;
    let held = supervisor.act(&change, "/confirm", nothing()).await;
    held.problem(409, "in_batch");
    finance
        .act(&batch, "/cancel", json!({ "reason": "收款账户待复核" }))
        .await
        .expect(200);
    supervisor.act(&change, "/confirm", nothing()).await.expect(200);
    let again = supervisor.act(&change, "/confirm", nothing()).await;
    again.problem(409, "wrong_status");
    let paid = finance.act(&place, "/pay", paying).await.expect(200);
    assert_eq!(paid.text("/payee/account_number"), "9999***********0014");
}

#[actix_web::test]
async fn a_line_whose_account_is_being_changed_stays_behind_and_the_others_go() {
    let town = Town::start().await;
    let place = town.due_payment(1).await;
    town.due_payment(2).await;
    proposed(&town, &place).await;
    let batch = town.approved_batch().await;
    let finance = town.client("finance").await;
    finance.act(&batch, "/export", nothing()).await.expect(200);
    let lines = finance.get(&format!("{batch}/lines")).await.expect(200).items();
    assert_eq!(lines[0]["blocked_reason"], "account_changed");
    assert_eq!(lines[1]["status"], "exported");
}

#[actix_web::test]
async fn whoever_pays_a_case_redirects_none_of_its_money_and_a_refused_change_changes_nothing() {
    let town = Town::start().await;
    // one account that may propose, confirm and pay
    let roles = "UPDATE users SET roles = '[\"caseworker\",\"supervisor\",\"finance\"]' WHERE username IN ('finance', 'finance_b')";
    town.app.sql(roles).unwrap();
    let place = town.due_payment(1).await;
    let (payer, another) = (town.client("finance").await, town.client("finance_b").await);
    payer.act(&place, "/fail", failed()).await.expect(200);
    let changes = format!("{place}/account-changes");
    payer.post(&changes, other()).await.problem(409, "same_person");
    let change = another.post(&changes, other()).await.expect(201);
    let change = change.header("location").replace("/api/v1", "");
    payer
        .act(&change, "/confirm", nothing())
        .await
        .problem(409, "same_person");
    another
        .act(&change, "/confirm", nothing())
        .await
        .problem(409, "same_person");
    another
        .act(&place, "/reissue", nothing())
        .await
        .problem(409, "same_person");
    let why = json!({ "reason": "户名不符" });
    let supervisor = town.client("supervisor").await;
    supervisor.act(&change, "/refuse", why).await.expect(200);
    let anew = payer.act(&place, "/reissue", nothing()).await.expect(201);
    assert_eq!(anew.text("/payee/account_number"), "9999********0006");
    let person = format!(
        "INSERT INTO case_parts (case_id, user_id, part, round, user_person, subject_person) \
         SELECT claim_id, u.id, 'payer', 1, u.person, 'x' FROM payments, users u WHERE u.id = '{}' AND replaces_id IS NOT NULL",
        town.user_id("finance_b")
    );
    assert!(town.app.sql(&person).is_err(), "the database knows it too");
}

#[actix_web::test]
async fn a_wrong_or_the_same_account_is_named_by_pointer() {
    let town = Town::start().await;
    let place = town.due_payment(1).await;
    let worker = town.client("caseworker").await;
    let changes = format!("{place}/account-changes");
    let mut body = other();
    body["account_number"] = json!("9999990000000007");
    let wrong = worker.post(&changes, body.clone()).await.problem(422, "invalid");
    assert_eq!(wrong.pointers(), ["/account_number"]);
    body["account_number"] = json!("9999990000000006");
    body["bank"] = json!("徽商银行");
    let same = worker.post(&changes, body).await.problem(422, "invalid");
    assert_eq!(same.text("/errors/0/code"), "unchanged");
}

#[actix_web::test]
async fn of_eight_proposals_at_once_one_waits_and_it_is_decided_once() {
    let town = Town::start().await;
    let place = town.due_payment(1).await;
    let worker = town.client("caseworker").await;
    let shot = |token: &str, path: String, etag: Option<&str>, body: Value| Shot {
        token: token.to_owned(),
        path,
        etag: etag.map(str::to_owned),
        body,
    };
    let changes = format!("{place}/account-changes");
    let shots = (0..8).map(|_| shot(&worker.token, changes.clone(), None, other()));
    let outcomes = race(&town, shots.collect());
    let made: Vec<_> = outcomes.iter().filter(|(status, _)| *status == 201).collect();
    assert_eq!(made.len(), 1, "{outcomes:?}");
    let refused = |(status, body): &(u16, Value)| *status == 201 || body["code"] == "account_change_open";
    assert!(outcomes.iter().all(refused), "{outcomes:?}");
    let change = format!("{changes}/{}", made[0].1["id"].as_str().unwrap());
    let (one, two) = (town.client("supervisor").await, town.client("supervisor_b").await);
    let shots = (0..8).map(|n| match n % 2 {
        0 => shot(&one.token, format!("{change}/confirm"), Some("\"1\""), nothing()),
        _ => shot(
            &two.token,
            format!("{change}/refuse"),
            Some("\"1\""),
            json!({ "reason": "户名不符" }),
        ),
    });
    let outcomes = race(&town, shots.collect());
    assert_eq!(
        outcomes.iter().filter(|(status, _)| *status == 200).count(),
        1,
        "{outcomes:?}"
    );
    assert!(
        outcomes
            .iter()
            .all(|(status, _)| [200, 409, 412].contains(status)),
        "{outcomes:?}"
    );
}
