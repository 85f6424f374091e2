use serde_json::{Value, json};

use crate::given::{Shot, Town, race};
use crate::harness::nothing;

fn fund(unit: &str, source: &str, kinds: Value) -> Value {
    json!({ "organization_id": unit, "code": "2020-01", "name": "专项资金", "source": source, "kinds": kinds,
        "valid_from": "2020-01-01", "valid_to": null })
}

fn money(amount_fen: i64) -> Value {
    json!({ "amount_fen": amount_fen, "reference": "芜总工〔2020〕8号" })
}

/// What there is on a line: available, committed, paid, returned, recovered.
async fn balance(town: &Town, line: &str) -> [i64; 5] {
    let auditor = town.client("auditor").await;
    let shown = auditor.get(&format!("/budget-lines/{line}")).await.expect(200);
    ["available", "committed", "paid", "returned", "recovered"]
        .map(|name| shown.body["balance"][format!("{name}_fen")].as_i64().unwrap())
}

async fn payment(town: &Town, claim: &str) -> String {
    let id = claim.rsplit('/').next().unwrap();
    let finance = town.client("finance").await;
    let payments = finance.get(&format!("/payments?claim_id={id}")).await.expect(200);
    let latest = payments.items().pop().unwrap();
    format!("/payments/{}", latest["id"].as_str().unwrap())
}

#[actix_web::test]
async fn an_approval_commits_a_payment_spends_a_failure_releases_and_a_reissue_commits_again() {
    let town = Town::start().await;
    let [_, line] = town.budget("illness_condolence", 120_000).await;
    let claim = town.approved_claim(1).await;
    let place = payment(&town, &claim).await;
    assert_eq!(balance(&town, &line).await, [70_000, 50_000, 0, 0, 0]);
    let finance = town.client("finance").await;
    let why = json!({ "reason_code": "account_closed", "comment": null });
    finance.act(&place, "/fail", why).await.expect(200);
    assert_eq!(balance(&town, &line).await, [120_000, 0, 0, 0, 0]);
    let again = finance.act(&place, "/reissue", nothing()).await.expect(201).id();
    assert_eq!(balance(&town, &line).await, [70_000, 50_000, 0, 0, 0]);
    let today = finance.get("/me").await.text("/server_time")[..10].to_owned();
    let paid = json!({ "paid_on": today, "method": "bank_transfer", "reference": "HS-1" });
    let shown = finance.act(&format!("/payments/{again}"), "/pay", paid).await;
    assert_eq!(shown.expect(200).body["budget_line_id"], json!(line));
    assert_eq!(balance(&town, &line).await, [70_000, 0, 50_000, 0, 0]);
}

#[actix_web::test]
async fn a_cancelled_payment_releases_its_money_once_and_is_never_paid() {
    let town = Town::start().await;
    let [_, line] = town.budget("illness_condolence", 50_000).await;
    let claim = town.approved_claim(1).await;
    let place = payment(&town, &claim).await;
    let finance = town.client("finance").await;
    let why = json!({ "reason": "材料不实" });
    finance.act(&place, "/cancel", why.clone()).await.expect(200);
    assert_eq!(balance(&town, &line).await, [50_000, 0, 0, 0, 0]);
    finance
        .act(&place, "/cancel", why)
        .await
        .problem(409, "wrong_status");
    let paid = json!({ "paid_on": "2020-05-18", "method": "bank_transfer", "reference": "X" });
    finance
        .act(&place, "/pay", paid)
        .await
        .problem(409, "wrong_status");
}

#[actix_web::test]
async fn an_approval_takes_the_line_of_the_nearest_unit_and_never_more_than_is_on_it() {
    let town = Town::start().await;
    let finance = town.client("finance").await;
    let body = fund(&town.root, "union", json!(["illness_condolence"]));
    let city = finance.post("/funds", body).await.expect(201).id();
    let receipts = format!("/funds/{city}/receipts");
    finance.post(&receipts, money(100_000)).await.expect(201);
    let of_city = json!({ "organization_id": town.root, "year": 2020, "aid_kind": "illness_condolence", "amount_fen": 100_000, "reference": "1" });
    let supervisor = town.client("city_supervisor").await;
    let lines = format!("/funds/{city}/budget-lines");
    let far = supervisor.post(&lines, of_city.clone()).await.expect(201).id();
    supervisor.post(&lines, of_city).await.problem(409, "line_exists");
    let [_, near] = town.budget("illness_condolence", 50_000).await;
    town.approved_claim(1).await;
    assert_eq!(balance(&town, &near).await, [0, 50_000, 0, 0, 0]);
    assert_eq!(balance(&town, &far).await[0], 100_000);
    let second = town.verified_claim(2).await;
    let approver = town.client("supervisor_b").await;
    let refused = approver.act(&second, "/approve", nothing()).await;
    refused.problem(409, "budget_exceeded");
    assert_eq!(town.app.count("SELECT COUNT(*) AS n FROM payments"), 1);
}

#[actix_web::test]
async fn eight_approvers_at_once_never_approve_more_than_the_line_has() {
    let town = Town::start().await;
    let [_, line] = town.budget("illness_condolence", 150_000).await;
    let mut shots = Vec::new();
    let token = town.client("supervisor_b").await.token;
    for n in 1..=8 {
        let place = town.verified_claim(n).await;
        let etag = town.client("supervisor_b").await.get(&place).await.header("etag");
        shots.push(Shot {
            token: token.clone(),
            path: format!("{place}/approve"),
            etag: Some(etag),
            body: nothing(),
        });
    }
    let answers = race(&town, shots);
    let granted = answers.iter().filter(|(status, _)| *status == 200).count();
    let refused = answers
        .iter()
        .filter(|(_, body)| body["code"] == "budget_exceeded")
        .count();
    assert_eq!((granted, refused), (3, 5), "{answers:?}");
    assert_eq!(balance(&town, &line).await, [0, 150_000, 0, 0, 0]);
}

#[actix_web::test]
async fn from_the_day_of_the_policy_on_nothing_is_approved_without_a_line() {
    let town = Town::start().await;
    let values = json!({ "central_kinds": ["living"], "budget_needed_from": "2020-05-01" });
    let rule = json!({ "kind": "funding", "valid_from": "2000-01-01", "values": values });
    town.rule(rule).await;
    let place = town.verified_claim(1).await;
    let approver = town.client("supervisor_b").await;
    approver
        .act(&place, "/approve", nothing())
        .await
        .problem(409, "no_budget_line");
}

#[actix_web::test]
async fn central_money_is_opened_for_the_six_kinds_only_and_allotted_for_those_of_the_fund() {
    let town = Town::start().await;
    let finance = town.client("finance").await;
    let body = fund(&town.jinghu_basic, "central", json!(["living", "warmth_winter"]));
    let refused = finance.post("/funds", body).await.problem(422, "invalid");
    assert_eq!(refused.pointers(), ["/kinds/1"]);
    let unknown = fund(&town.jinghu_basic, "union", json!(["holidays"]));
    finance.post("/funds", unknown).await.problem(422, "invalid");
    let body = fund(&town.jinghu_basic, "central", json!(["living", "medical"]));
    let id = finance.post("/funds", body).await.expect(201).id();
    finance
        .post(&format!("/funds/{id}/receipts"), money(100))
        .await
        .expect(201);
    let line = json!({ "organization_id": town.jinghu_basic, "year": 2020, "aid_kind": "warmth_winter", "amount_fen": 1, "reference": "1" });
    let supervisor = town.client("supervisor").await;
    let refused = supervisor.post(&format!("/funds/{id}/budget-lines"), line).await;
    assert_eq!(refused.problem(422, "invalid").pointers(), ["/aid_kind"]);
    let behind = format!(
        "INSERT INTO budget_lines (id, fund_id, organization_id, year, aid_kind, version) VALUES ('x', '{id}', '{}', 2020, 'warmth_winter', 1)",
        town.jinghu_basic
    );
    assert!(
        town.app.sql(&behind).is_err(),
        "the database lets a line outside the fund's purpose stand"
    );
}

#[actix_web::test]
async fn a_fund_never_allots_more_than_came_in_however_many_allot_at_once() {
    let town = Town::start().await;
    let [fund, line] = town.budget("illness_condolence", 100).await;
    let finance = town.client("finance").await;
    finance
        .post(&format!("/funds/{fund}/receipts"), money(250))
        .await
        .expect(201);
    let token = town.client("supervisor").await.token;
    let shot = || Shot {
        token: token.clone(),
        path: format!("/budget-lines/{line}/allotments"),
        etag: None,
        body: money(100),
    };
    let answers = race(&town, (0..8).map(|_| shot()).collect());
    let booked = answers.iter().filter(|(status, _)| *status == 201).count();
    assert_eq!(booked, 2, "{answers:?}");
    assert_eq!(balance(&town, &line).await[0], 300);
    let shown = finance.get(&format!("/funds/{fund}")).await.expect(200);
    assert_eq!(
        (
            shown.body["received_fen"].clone(),
            shown.body["available_fen"].clone()
        ),
        (json!(350), json!(50))
    );
}

#[actix_web::test]
async fn a_wrong_booking_is_undone_by_another_once_while_its_money_is_there() {
    let town = Town::start().await;
    let [fund, line] = town.budget("illness_condolence", 50_000).await;
    let finance = town.client("finance").await;
    let books = format!("/funds/{fund}/movements");
    let all = finance.get(&books).await.expect(200).items();
    let correct = |n: usize| format!("{books}/{}/correct", all[n]["id"].as_str().unwrap());
    let why = json!({ "reason": "金额录错" });
    finance
        .post(&correct(0), why.clone())
        .await
        .problem(409, "budget_exceeded");
    finance.post(&correct(1), why.clone()).await.expect(201);
    finance
        .post(&correct(1), why.clone())
        .await
        .problem(409, "already_corrected");
    finance.post(&correct(0), why.clone()).await.expect(201);
    assert_eq!(balance(&town, &line).await, [0; 5]);
    let after = finance.get(&books).await.expect(200).items();
    assert_eq!(after.len(), 4);
    assert_eq!(after[2]["reverses_id"], all[1]["id"]);
    let undone = format!("{books}/{}/correct", after[2]["id"].as_str().unwrap());
    finance.post(&undone, why).await.problem(409, "wrong_kind");
}

#[actix_web::test]
async fn the_books_are_append_only_and_a_balance_changes_only_with_a_movement() {
    let town = Town::start().await;
    let [_, line] = town.budget("illness_condolence", 50_000).await;
    let claim = town.approved_claim(1).await;
    let place = payment(&town, &claim).await;
    let id = place.rsplit('/').next().unwrap();
    for statement in [
        "UPDATE book_movements SET amount_fen = 1".to_owned(),
        "DELETE FROM book_movements".to_owned(),
        "UPDATE book_accounts SET balance_fen = balance_fen + 1 WHERE kind = 'budget'".to_owned(),
        "DELETE FROM book_accounts".to_owned(),
        format!("INSERT INTO book_movements SELECT 'again', kind, fund_id, from_account_id, from_kind, to_account_id, to_kind, 1, \
                 payment_id, NULL, NULL, actor_id, at FROM book_movements WHERE payment_id = '{id}'"),
        "INSERT INTO book_movements SELECT 'over', kind, fund_id, from_account_id, from_kind, to_account_id, to_kind, 999999, \
         NULL, NULL, NULL, actor_id, at FROM book_movements WHERE kind = 'allot'".to_owned(),
        "INSERT INTO book_movements SELECT 'odd', 'allot', fund_id, from_account_id, from_kind, to_account_id, 'paid', 1, \
         NULL, NULL, NULL, actor_id, at FROM book_movements WHERE kind = 'allot'".to_owned(),
    ] {
        assert!(town.app.sql(&statement).is_err(), "the database allows: {statement}");
    }
    assert_eq!(balance(&town, &line).await, [0, 50_000, 0, 0, 0]);
}

/// One of the things that may be done to a claim or its payments, whether it is allowed or not.
async fn shot(town: &Town, claim: &str, dice: u64) -> Shot {
    let approver = town.client("supervisor_b").await;
    let finance = town.client("finance").await;
    let id = claim.rsplit('/').next().unwrap();
    let payments = finance
        .get(&format!("/payments?claim_id={id}"))
        .await
        .expect(200)
        .items();
    let Some(last) = payments.last() else {
        let etag = approver.get(claim).await.header("etag");
        return Shot {
            token: approver.token,
            path: format!("{claim}/approve"),
            etag: Some(etag),
            body: nothing(),
        };
    };
    let place = format!("/payments/{}", last["id"].as_str().unwrap());
    let today = finance.get("/me").await.text("/server_time")[..10].to_owned();
    let (verb, body) = match dice % 9 {
        0 | 1 => (
            "pay",
            json!({ "paid_on": today, "method": "bank_transfer", "reference": "X" }),
        ),
        2 | 3 => ("fail", json!({ "reason_code": "other", "comment": "退回" })),
        4 | 5 => ("reissue", nothing()),
        6 | 7 => (
            "return",
            json!({ "reason_code": "account_closed", "comment": null }),
        ),
        _ => ("cancel", json!({ "reason": "撤销" })),
    };
    let etag = finance.get(&place).await.header("etag");
    Shot {
        token: finance.token,
        path: format!("{place}/{verb}"),
        etag: Some(etag),
        body,
    }
}

/// The invariants at the end of the test compare balances with movements, and movements with payments.
#[actix_web::test]
async fn random_histories_from_eight_threads_never_overdraw_a_line_and_lose_no_fen() {
    let town = Town::start().await;
    let [_, line] = town.budget("illness_condolence", 220_000).await;
    let mut claims = Vec::new();
    for n in 1..=8 {
        claims.push(town.verified_claim(n).await);
    }
    let mut seed = 20_200_313_u64;
    let mut dice = move || {
        seed = seed
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        seed >> 33
    };
    let mut granted = 0;
    for _ in 0..10 {
        let mut shots = Vec::new();
        for _ in 0..8 {
            let claim = &claims[(dice() % 8) as usize];
            shots.push(shot(&town, claim, dice()).await);
        }
        let answers = race(&town, shots);
        granted += answers.iter().filter(|(status, _)| *status < 300).count();
        assert!(
            answers
                .iter()
                .all(|(status, _)| [200, 201, 409, 412].contains(status)),
            "{answers:?}"
        );
        let there = balance(&town, &line).await;
        assert!(there[..3].iter().all(|fen| *fen >= 0), "{there:?}");
        assert_eq!(there[..3].iter().sum::<i64>() - there[3], 220_000);
    }
    assert!(granted > 8, "nothing happened");
}

#[actix_web::test]
async fn money_that_came_back_may_be_spent_again_and_stays_in_what_was_ever_paid() {
    let town = Town::start().await;
    let [_, line] = town.budget("illness_condolence", 50_000).await;
    let claim = town.approved_claim(1).await;
    let place = payment(&town, &claim).await;
    let finance = town.client("finance").await;
    let today = finance.get("/me").await.text("/server_time")[..10].to_owned();
    let paid = json!({ "paid_on": today, "method": "bank_transfer", "reference": "HS-1" });
    let why = json!({ "reason_code": "account_closed", "comment": null });
    finance
        .act(&place, "/return", why.clone())
        .await
        .problem(409, "wrong_status");
    finance.act(&place, "/pay", paid.clone()).await.expect(200);
    finance.act(&place, "/return", why).await.expect(200);
    assert_eq!(balance(&town, &line).await, [50_000, 0, 50_000, 50_000, 0]);
    let again = finance.act(&place, "/reissue", nothing()).await.expect(201).id();
    finance
        .act(&format!("/payments/{again}"), "/pay", paid)
        .await
        .expect(200);
    assert_eq!(balance(&town, &line).await, [0, 0, 100_000, 50_000, 0]);
    assert_eq!(finance.get(&claim).await.text("/status"), "paid");
}
