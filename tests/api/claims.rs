use bangfu::auth::{Actor, Role, Scope};
use bangfu::payments;
use bangfu::users;
use serde_json::json;

use crate::given::{Town, claim, racers};
use crate::harness::nothing;

/// The account as it acts when the library is called directly.
fn actor(town: &Town, username: &str, role: Role) -> Actor {
    let key = users::username_key(username);
    let user = town
        .app
        .db
        .read_blocking(Scope::All, move |rx| users::find_by_name(rx, &key))
        .unwrap();
    let organization_id = Some(user.organization_id);
    Actor {
        id: Some(user.id),
        role: role.as_str(),
        organization_id,
        scope: Scope::All,
        person: user.person,
    }
}

/// A claim that has been approved; the id of its payment.
async fn approved(town: &Town, member: &str, settlement: &str) -> String {
    let worker = town.client("caseworker").await;
    let id = worker
        .post("/illness-claims", claim(member, 1_000_000, settlement))
        .await
        .expect(201)
        .id();
    let place = format!("/illness-claims/{id}");
    worker.act(&place, "/submit", nothing()).await.expect(200);
    town.client("supervisor")
        .await
        .act(&place, "/verify", nothing())
        .await
        .expect(200);
    town.client("supervisor_b")
        .await
        .act(&place, "/approve", nothing())
        .await
        .expect(200);
    let found = town
        .client("finance")
        .await
        .get(&format!("/payments?claim_id={id}"))
        .await
        .expect(200);
    found.text("/items/0/id")
}

#[actix_web::test]
async fn exactly_ten_thousand_yuan_is_condoled_and_a_fen_less_is_not() {
    let town = Town::start().await;
    let worker = town.client("caseworker").await;
    let member = town.member(1).await;
    let self_test = worker
        .post("/illness-claims/assess", claim(&member, 999_999, "S"))
        .await
        .expect(200);
    assert_eq!(
        (&self_test.body["eligible"], &self_test.body["reasons"][1]["code"]),
        (&json!(false), &json!("below_threshold"))
    );
    let clauses: Vec<_> = self_test.body["reasons"]
        .as_array()
        .unwrap()
        .iter()
        .map(|r| r["clause"].clone())
        .collect();
    assert_eq!(
        clauses,
        [
            "serving_member",
            "threshold",
            "first_grant",
            "settlement_unused",
            "window",
            "stays_in_year"
        ]
    );
    let small = worker
        .post("/illness-claims", claim(&member, 999_999, "S"))
        .await
        .expect(201)
        .id();
    worker
        .act(&format!("/illness-claims/{small}"), "/submit", nothing())
        .await
        .problem(409, "below_threshold");
    assert_eq!(
        worker
            .get(&format!("/illness-claims/{small}"))
            .await
            .expect(200)
            .text("/status"),
        "draft"
    );
    approved(&town, &member, "S").await;
}

#[actix_web::test]
async fn eight_payers_at_once_pay_once() {
    let town = Town::start().await;
    let member = town.member(1).await;
    let payment = approved(&town, &member, "S").await;
    let (db, payer) = (town.app.db.clone(), actor(&town, "finance", Role::Finance));
    let outcomes = racers(8, move |n| {
        let id = payment.parse().unwrap();
        let paying =
            json!({ "paid_on": "2020-05-20", "method": "bank_transfer", "reference": format!("R{n}") });
        let paying = bangfu::input::read_body(paying.to_string().as_bytes()).unwrap();
        db.write_blocking(payer.clone(), format!("r{n}"), |tx| {
            let payment = payments::find(tx, id)?;
            payments::pay(tx, payment, paying)
        })
        .map_err(|e| e.code())
    });
    assert_eq!(outcomes.iter().filter(|o| o.is_ok()).count(), 1);
    for refused in outcomes.iter().filter_map(|o| o.as_ref().err()) {
        assert!(
            ["wrong_status", "stale", "conflict"].contains(refused),
            "{refused}"
        );
    }
    assert_eq!(
        town.app
            .count("SELECT COUNT(*) AS n FROM payments WHERE status = 'paid'"),
        1
    );
}

#[actix_web::test]
async fn eight_approvals_for_one_person_make_one_grant() {
    let town = Town::start().await;
    let member = town.member(1).await;
    let (worker, supervisor) = (town.client("caseworker").await, town.client("supervisor").await);
    let mut claims = Vec::new();
    for n in 0..8 {
        let id = worker
            .post("/illness-claims", claim(&member, 1_000_000, &format!("S{n}")))
            .await
            .expect(201)
            .id();
        let place = format!("/illness-claims/{id}");
        worker.act(&place, "/submit", nothing()).await.expect(200);
        supervisor.act(&place, "/verify", nothing()).await.expect(200);
        claims.push(id);
    }
    let (db, approver) = (
        town.app.db.clone(),
        actor(&town, "supervisor_b", Role::Supervisor),
    );
    let outcomes = racers(8, move |n| {
        let id = claims[n].parse().unwrap();
        db.write_blocking(approver.clone(), format!("r{n}"), |tx| {
            let claim = bangfu::claims::find(tx, id)?;
            payments::approve(tx, claim).map(drop)
        })
        .map_err(|e| e.code())
    });
    assert_eq!(outcomes.iter().filter(|o| o.is_ok()).count(), 1, "{outcomes:?}");
    assert!(
        outcomes
            .iter()
            .all(|o| matches!(o, Ok(()) | Err("already_granted"))),
        "{outcomes:?}"
    );
    assert_eq!(town.app.count("SELECT COUNT(*) AS n FROM payments"), 1);
}

#[actix_web::test]
async fn a_settlement_supports_one_grant_ever() {
    let town = Town::start().await;
    let (one, two) = (town.member(1).await, town.member(2).await);
    approved(&town, &one, " ｓ-77 ").await;
    let worker = town.client("caseworker").await;
    let again = worker
        .post("/illness-claims", claim(&two, 1_000_000, "S-77"))
        .await
        .expect(201)
        .id();
    worker
        .act(&format!("/illness-claims/{again}"), "/submit", nothing())
        .await
        .problem(409, "settlement_already_used");
}

#[actix_web::test]
async fn recorder_verifier_approver_and_payer_are_four_people_in_the_database_too() {
    let town = Town::start().await;
    let member = town.member(1).await;
    approved(&town, &member, "S").await;
    for sql in [
        "UPDATE illness_claims SET verifier_id = recorder_id",
        "UPDATE illness_claims SET approver_id = verifier_id",
        "UPDATE payments SET payer_id = approver_id",
        "UPDATE payments SET payer_id = recorder_id",
        "UPDATE payments SET status = 'paid'",
        "UPDATE case_parts SET user_person = subject_person",
        "INSERT INTO case_parts SELECT case_id, user_id, 'payer', round, user_person, subject_person FROM case_parts",
        "INSERT INTO settlement_uses SELECT number_hash, claim_id FROM settlement_uses",
    ] {
        assert!(town.app.sql(sql).is_err(), "the database lets this pass: {sql}");
    }
}

#[actix_web::test]
async fn a_failed_payment_is_issued_again_and_the_first_stays() {
    let town = Town::start().await;
    let member = town.member(1).await;
    let place = format!("/payments/{}", approved(&town, &member, "S").await);
    let finance = town.client("finance").await;
    let early = json!({ "paid_on": "2020-05-19", "method": "cash", "reference": "R" });
    assert_eq!(
        finance
            .act(&place, "/pay", early)
            .await
            .problem(422, "invalid")
            .pointers(),
        ["/paid_on"]
    );
    finance
        .act(&place, "/fail", json!({ "reason_code": "account_closed" }))
        .await
        .expect(200);
    let again = finance.act(&place, "/reissue", nothing()).await;
    assert!(again.status == 200 || again.status == 201, "{}", again.body);
    assert_eq!(format!("/payments/{}", again.text("/replaces_id")), place);
    finance.act(&place, "/reissue", nothing()).await.expect(409);
    assert_eq!(finance.get(&place).await.expect(200).text("/status"), "failed");
}
