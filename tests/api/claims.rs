use bangfu::auth::{Actor, Role, Scope};
use bangfu::payments;
use bangfu::users;
use serde_json::{Value, json};

use crate::given::{JPEG, Town, claim, id_number, racers};
use crate::harness::{Client, nothing};

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

/// A claim of the `n`th member that has been approved; the id of its payment.
async fn approved(town: &Town, member: &str, n: usize, settlement: &str) -> String {
    let worker = town.client("caseworker").await;
    let id = worker
        .post("/illness-claims", claim(member, n, 1_000_000, settlement))
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
        .post("/illness-claims/assess", claim(&member, 1, 999_999, "S"))
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
        .post("/illness-claims", claim(&member, 1, 999_999, "S"))
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
    approved(&town, &member, 1, "S").await;
}

#[actix_web::test]
async fn eight_payers_at_once_pay_once() {
    let town = Town::start().await;
    let member = town.member(1).await;
    let payment = approved(&town, &member, 1, "S").await;
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
        assert_eq!(*refused, "wrong_status");
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
            .post("/illness-claims", claim(&member, 1, 1_000_000, &format!("S{n}")))
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
    approved(&town, &one, 1, " ｓ-77 ").await;
    let worker = town.client("caseworker").await;
    let again = worker
        .post("/illness-claims", claim(&two, 2, 1_000_000, "S-77"))
        .await
        .expect(201)
        .id();
    worker
        .act(&format!("/illness-claims/{again}"), "/submit", nothing())
        .await
        .problem(409, "settlement_already_used");
    for look_alike in ["S\u{200b}-77", "S‐77", "S−77", "S-7\u{ad}7"] {
        let body = claim(&two, 2, 1_000_000, look_alike);
        let again = worker.post("/illness-claims", body).await.expect(201).id();
        let refused = worker
            .act(&format!("/illness-claims/{again}"), "/submit", nothing())
            .await;
        refused.problem(409, "settlement_already_used");
    }
}

/// The person behind an account gets another one in its place.
async fn second_account(town: &Town, of: &str, role: &str) -> Client {
    let (id, name) = (uuid::Uuid::now_v7(), format!("{of}_second"));
    let sql = format!(
        "UPDATE users SET disabled = TRUE WHERE username = '{of}'; \
        INSERT INTO users (id, username, username_key, name, id_number_sealed, person, organization_id, roles, scopes, \
            disabled, must_change_password, password_hash, password_changed_at, version) \
        SELECT '{id}', '{name}', '{}', name, id_number_sealed, person, organization_id, '[\"{role}\"]', scopes, \
            FALSE, FALSE, password_hash, password_changed_at, 1 FROM users WHERE username = '{of}'",
        name.to_uppercase()
    );
    town.app.sql(&sql).unwrap();
    town.client(&name).await
}

#[actix_web::test]
async fn a_person_with_a_second_account_is_still_one_person() {
    let town = Town::start().await;
    let (member, paid) = (town.member(1).await, town.member(2).await);
    let payment = format!("/payments/{}", approved(&town, &paid, 2, "S-2").await);
    let worker = town.client("caseworker").await;
    let post = async |place: &str, body| worker.post(place, body).await.expect(201).id();
    let lodged = post("/illness-claims", claim(&member, 1, 1_000_000, "S-1")).await;
    let lodged = format!("/illness-claims/{lodged}");
    worker.act(&lodged, "/submit", nothing()).await.expect(200);
    let draft = json!({ "member_id": member, "scheme": "scheme_2020", "category": "deep", "level": "city",
        "primary_cause": "major_illness" });
    let file = format!("/files/{}", post("/files", draft).await);
    worker.act(&file, "/submit", nothing()).await.expect(200);

    let again = second_account(&town, "caseworker", "supervisor").await;
    for (place, verb) in [(&lodged, "/verify"), (&file, "/approve")] {
        again
            .act(place, verb, nothing())
            .await
            .problem(409, "same_person");
    }
    let again = second_account(&town, "supervisor_b", "finance").await;
    let paying = json!({ "paid_on": "2020-05-20", "method": "bank_transfer", "reference": "R" });
    again
        .act(&payment, "/pay", paying)
        .await
        .problem(409, "same_person");
}

#[actix_web::test]
async fn recorder_verifier_approver_and_payer_are_four_people_in_the_database_too() {
    let town = Town::start().await;
    let member = town.member(1).await;
    approved(&town, &member, 1, "S").await;
    town.file_on_file(&member).await;
    for sql in [
        "UPDATE illness_claims SET verifier_id = recorder_id",
        "UPDATE illness_claims SET approver_id = verifier_id",
        "UPDATE payments SET payer_id = approver_id",
        "UPDATE payments SET payer_id = recorder_id",
        "UPDATE payments SET payer_id = (SELECT id FROM users WHERE username = 'city_supervisor')",
        "UPDATE illness_claims SET recorder_id = (SELECT id FROM users WHERE username = 'city_caseworker')",
        "UPDATE files SET approver_id = (SELECT id FROM users WHERE username = 'city_supervisor')",
        "UPDATE payments SET status = 'paid'",
        "UPDATE case_parts SET user_person = subject_person",
        "INSERT INTO case_parts SELECT case_id, user_id, 'payer', round, user_person, subject_person FROM case_parts",
        "INSERT INTO settlement_uses SELECT number_hash, 'x', released FROM settlement_uses",
    ] {
        assert!(town.app.sql(sql).is_err(), "the database lets this pass: {sql}");
    }
}

#[actix_web::test]
async fn a_failed_payment_is_issued_again_and_the_first_stays() {
    let town = Town::start().await;
    let member = town.member(1).await;
    let place = format!("/payments/{}", approved(&town, &member, 1, "S").await);
    let finance = town.client("finance").await;
    let early = json!({ "paid_on": "2020-05-19", "method": "bank_transfer", "reference": "R" });
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

/// A claim handed in by `caseworker`; its path.
async fn submitted(town: &Town, body: Value) -> String {
    let worker = town.client("caseworker").await;
    let id = worker.post("/illness-claims", body).await.expect(201).id();
    let place = format!("/illness-claims/{id}");
    worker.act(&place, "/submit", nothing()).await.expect(200);
    place
}

#[actix_web::test]
async fn a_returned_claim_is_mended_and_its_verification_is_void() {
    let town = Town::start().await;
    let member = town.member(1).await;
    let place = submitted(&town, claim(&member, 1, 1_000_000, "S")).await;
    let (one, two) = (town.client("supervisor").await, town.client("supervisor_b").await);
    let other = json!({ "reason_code": "other", "fields": ["stays"] });
    let bare = one.act(&place, "/return", other).await.problem(422, "invalid");
    assert_eq!(bare.pointers(), ["/comment"]);
    one.act(&place, "/verify", nothing()).await.expect(200);
    let why = json!({ "reason_code": "missing_material", "fields": ["stays"], "comment": "缺出院小结" });
    let back = two.act(&place, "/return", why).await.expect(200);
    assert_eq!(back.text("/status"), "returned");
    assert_eq!(back.text("/decisions/0/reason_code"), "missing_material");
    assert_eq!(back.text("/decisions/0/comment"), "缺出院小结");
    let verified = "SELECT COUNT(*) AS n FROM illness_claims WHERE verifier_id IS NOT NULL";
    assert_eq!(town.app.count(verified), 0);
    let mender = town.client("caseworker_b").await;
    let stays = claim(&member, 1, 1_200_000, "S")["stays"].clone();
    mender.patch(&place, json!({ "stays": stays })).await.expect(200);
    let again = mender.act(&place, "/submit", nothing()).await.expect(200);
    assert_eq!(again.body["assessment"]["out_of_pocket_fen"], json!(1_200_000));
    two.act(&place, "/verify", nothing())
        .await
        .problem(409, "same_person");
    one.act(&place, "/verify", nothing()).await.expect(200);
    two.act(&place, "/approve", nothing()).await.expect(200);
    mender
        .patch(&place, json!({ "programme_year": 2019 }))
        .await
        .problem(409, "wrong_status");
}

#[actix_web::test]
async fn a_refusal_is_reviewed_once_and_by_other_people() {
    let town = Town::start().await;
    let member = town.member(1).await;
    let place = submitted(&town, claim(&member, 1, 1_000_000, "S")).await;
    let worker = town.client("caseworker").await;
    let (one, two) = (town.client("supervisor").await, town.client("supervisor_b").await);
    one.act(&place, "/verify", nothing()).await.expect(200);
    let why = json!({ "reason_code": "false_information", "comment": "发票有疑" });
    let refused = two.act(&place, "/reject", why.clone()).await.expect(200);
    assert_eq!(refused.text("/status"), "rejected");
    let review = worker.act(&place, "/request-review", nothing()).await.expect(200);
    assert_eq!(
        (review.text("/status").as_str(), &review.body["round"]),
        ("submitted", &json!(2))
    );
    for judge in [&one, &two] {
        judge
            .act(&place, "/verify", nothing())
            .await
            .problem(409, "same_person");
    }
    let city = town.client("city_supervisor").await;
    city.act(&place, "/verify", nothing()).await.expect(200);
    two.act(&place, "/approve", nothing())
        .await
        .problem(409, "same_person");
    let other = town.client("city_supervisor_b").await;
    let second = other.act(&place, "/reject", why).await.expect(200);
    assert_eq!(second.body["decisions"].as_array().unwrap().len(), 2);
    worker
        .act(&place, "/request-review", nothing())
        .await
        .problem(409, "review_used");
}

#[actix_web::test]
async fn what_is_wrong_in_itself_is_named_by_pointer_and_nothing_is_stored() {
    let town = Town::start().await;
    let member = town.member(1).await;
    let worker = town.client("caseworker").await;
    let mut body = claim(&member, 1, 1_000_000, "S-1");
    let mut second = body["stays"][0].clone();
    second["admitted_on"] = json!("2020-03-08");
    second["discharged_on"] = json!("2020-05-21");
    second["settlement_number"] = json!("ｓ-1 ");
    second["deductions"]["mutual_aid_fen"] = json!(1_000_001);
    second["off_catalogue_fen"] = json!(1_000_001);
    body["stays"].as_array_mut().unwrap().push(second);
    for path in ["/illness-claims", "/illness-claims/assess"] {
        let wrong = worker.post(path, body.clone()).await.problem(422, "invalid");
        let pointers = [
            "/stays/1/admitted_on",
            "/stays/1/deductions",
            "/stays/1/discharged_on",
            "/stays/1/off_catalogue_fen",
            "/stays/1/settlement_number",
        ];
        assert_eq!(wrong.pointers(), pointers);
    }
    body["stays"][1]["total_fen"] = json!(-1);
    let wrong = worker
        .post("/illness-claims", body.clone())
        .await
        .problem(422, "invalid");
    assert_eq!(wrong.pointers(), ["/stays/1/total_fen"]);
    assert_eq!(town.app.count("SELECT COUNT(*) AS n FROM illness_claims"), 0);
    body["stays"] = json!([]);
    let id = worker.post("/illness-claims", body).await.expect(201).id();
    let place = format!("/illness-claims/{id}");
    let empty = worker.act(&place, "/submit", nothing()).await;
    assert_eq!(empty.problem(422, "invalid").pointers(), ["/stays"]);
}

#[actix_web::test]
async fn a_readmission_on_the_day_of_discharge_adds_up() {
    let town = Town::start().await;
    let member = town.member(1).await;
    let mut body = claim(&member, 1, 600_000, "S-1");
    let mut second = claim(&member, 1, 400_000, "S-2")["stays"][0].clone();
    second["admitted_on"] = json!("2020-03-09");
    second["discharged_on"] = json!("2020-03-12");
    body["stays"].as_array_mut().unwrap().push(second);
    let worker = town.client("caseworker").await;
    let verdict = worker.post("/illness-claims/assess", body).await.expect(200);
    assert_eq!(
        (&verdict.body["eligible"], &verdict.body["out_of_pocket_fen"]),
        (&json!(true), &json!(1_000_000))
    );
    assert_eq!(town.app.count("SELECT COUNT(*) AS n FROM illness_claims"), 0);
}

#[actix_web::test]
async fn nobody_handles_a_case_of_their_own_nor_one_that_pays_them() {
    let town = Town::start().await;
    let worker = town.client("caseworker").await;
    // the caseworker's and the supervisor's own ID numbers
    let mine = town.member(9000).await;
    let own = worker
        .post("/illness-claims", claim(&mine, 9000, 1_000_000, "A"))
        .await;
    own.problem(409, "same_person");
    let hers = town.member(9002).await;
    let place = submitted(&town, claim(&hers, 9002, 1_000_000, "B")).await;
    let supervisor = town.client("supervisor").await;
    supervisor
        .act(&place, "/verify", nothing())
        .await
        .problem(409, "same_person");
    let member = town.member(1).await;
    let mut body = claim(&member, 1, 1_000_000, "C");
    body["payee"] = json!({ "kind": "guardian", "name": "王芳", "id_number": id_number(9002),
        "account_number": "9999990000000006", "bank": "徽商银行", "relation": "配偶" });
    let id = worker.post("/illness-claims", body).await.expect(201).id();
    let place = format!("/illness-claims/{id}");
    town.attach_to("caseworker", &place, "guardianship_proof", JPEG)
        .await
        .expect(201);
    worker.act(&place, "/submit", nothing()).await.expect(200);
    supervisor
        .act(&place, "/verify", nothing())
        .await
        .problem(409, "same_person");
    let reject = json!({ "reason_code": "deductions_exceed_total" });
    supervisor
        .act(&place, "/reject", reject)
        .await
        .problem(409, "same_person");
    town.client("supervisor_b")
        .await
        .act(&place, "/verify", nothing())
        .await
        .expect(200);
}

#[actix_web::test]
async fn the_window_is_judged_on_the_day_of_the_first_submission() {
    let town = Town::start().await;
    // the programme before, so that no password is too old
    let claim = |member: &str, n, settlement: &str| {
        let mut body = claim(member, n, 1_000_000, settlement);
        body["programme_year"] = json!(2019);
        body["stays"][0]["admitted_on"] = json!("2019-12-20");
        body["stays"][0]["discharged_on"] = json!("2019-12-31");
        body
    };
    town.app.set("2020-03-31");
    let (early, late) = (town.member(1).await, town.member(2).await);
    let place = submitted(&town, claim(&early, 1, "S-1")).await;
    town.app.set("2020-04-01");
    let worker = town.client("caseworker").await;
    let id = worker
        .post("/illness-claims", claim(&late, 2, "S-2"))
        .await
        .expect(201)
        .id();
    let refused = worker
        .act(&format!("/illness-claims/{id}"), "/submit", nothing())
        .await
        .problem(409, "outside_window");
    assert_eq!(refused.body["assessment"]["eligible"], json!(false));
    assert_eq!(refused.body["assessment"]["reasons"][4]["met"], json!(false));
    town.client("supervisor")
        .await
        .act(&place, "/verify", nothing())
        .await
        .expect(200);
    let granted = town
        .client("supervisor_b")
        .await
        .act(&place, "/approve", nothing())
        .await;
    assert_eq!(granted.expect(200).text("/submitted_on"), "2020-03-31");
}

#[actix_web::test]
async fn who_had_left_by_the_day_of_admission_is_refused_and_who_left_after_is_not() {
    let town = Town::start().await;
    let worker = town.client("caseworker").await;
    for (n, since, code) in [
        (1, "2020-03-01", json!("not_serving_member")),
        (2, "2020-03-02", json!(null)),
    ] {
        let member = town.member(n).await;
        let left = json!({ "status": "retired", "effective_on": since, "reason": "退休" });
        worker
            .act(&format!("/members/{member}"), "/status", left)
            .await
            .expect(200);
        let verdict = worker
            .post("/illness-claims/assess", claim(&member, n, 1_000_000, "S"))
            .await
            .expect(200);
        assert_eq!(verdict.body["reasons"][0]["code"], code, "{}", verdict.body);
    }
}

#[actix_web::test]
async fn approving_judges_again_by_the_rule_of_the_year_and_keeps_the_verdict() {
    let town = Town::start().await;
    let (one, two) = (town.member(1).await, town.member(2).await);
    approved(&town, &one, 1, "S-1").await;
    let place = submitted(&town, claim(&two, 2, 1_000_000, "S-2")).await;
    town.client("supervisor")
        .await
        .act(&place, "/verify", nothing())
        .await
        .expect(200);
    let rule = json!({ "kind": "illness_condolence", "valid_from": "2020-01-01", "values": { "threshold_fen": 1_000_001,
        "inclusive": true, "amount_fen": 60_000, "off_catalogue_counts": true, "window_to": "03-31" } });
    let drafted = town.client("security_admin").await;
    let rule = drafted.post("/policies", rule).await.expect(201).id();
    let approver = town.client("security_admin_b").await;
    approver
        .act(&format!("/policies/{rule}"), "/approve", nothing())
        .await
        .expect(200);
    let refused = town
        .client("supervisor_b")
        .await
        .act(&place, "/approve", nothing())
        .await
        .problem(409, "below_threshold");
    assert_eq!(refused.body["assessment"]["policy_id"], json!(rule));
    let worker = town.client("caseworker").await;
    assert_eq!(worker.get(&place).await.expect(200).text("/status"), "verified");
    let kept = worker.get("/illness-claims?status=approved").await.expect(200);
    assert_eq!(kept.body["items"][0]["assessment"]["amount_fen"], json!(50_000));
}

#[actix_web::test]
async fn one_settlement_in_two_claims_approved_at_once_supports_one() {
    let town = Town::start().await;
    let mut claims = Vec::new();
    for n in 1..=2 {
        let member = town.member(n).await;
        let place = submitted(&town, claim(&member, n, 1_000_000, "S-1")).await;
        let verifier = town.client("supervisor").await;
        claims.push(verifier.act(&place, "/verify", nothing()).await.expect(200).id());
    }
    let (db, approver) = (
        town.app.db.clone(),
        actor(&town, "supervisor_b", Role::Supervisor),
    );
    let mut outcomes = racers(2, move |n| {
        let id = claims[n].parse().unwrap();
        db.write_blocking(approver.clone(), format!("r{n}"), |tx| {
            let claim = bangfu::claims::find(tx, id)?;
            payments::approve(tx, claim).map(drop)
        })
        .map_err(|e| e.code())
    });
    outcomes.sort();
    assert_eq!(outcomes, [Ok(()), Err("settlement_already_used")]);
    assert_eq!(town.app.count("SELECT COUNT(*) AS n FROM settlement_uses"), 1);
}

/// What a payment has when it is made, but for its id.
const PAYMENT: &str = "claim_id, kind, person, payee_person, account_hash, organization_id, payee_sealed, amount_fen, status, \
    approved_on, recorder_id, verifier_id, approver_id, version, updated_at";

#[actix_web::test]
async fn the_database_refuses_a_second_grant_and_a_second_live_payment() {
    let town = Town::start().await;
    let member = town.member(1).await;
    let place = submitted(&town, claim(&member, 1, 1_000_000, "S-2")).await;
    let verifier = town.client("supervisor").await;
    let second = verifier.act(&place, "/verify", nothing()).await.expect(200).id();
    approved(&town, &member, 1, "S-1").await;
    let approver = town.user_id("supervisor_b");
    for sql in [
        format!(
            "UPDATE illness_claims SET status = 'approved', approver_id = '{approver}', approved_at = updated_at WHERE id = '{second}'"
        ),
        format!("INSERT INTO payments (id, {PAYMENT}) SELECT 'second', {PAYMENT} FROM payments"),
    ] {
        let refused = town.app.sql(&sql).unwrap_err().to_lowercase();
        assert!(refused.contains("unique"), "{refused}");
    }
}

#[actix_web::test]
async fn eight_requests_at_once_pay_once_and_the_claim_is_paid_with_it() {
    let town = Town::start().await;
    let member = town.member(1).await;
    let place = format!("/payments/{}", approved(&town, &member, 1, "S").await);
    let finance = town.client("finance").await;
    let due = finance.get(&place).await.expect(200);
    let (etag, path) = (due.etag.clone().unwrap(), format!("{place}/pay"));
    let paying = json!({ "paid_on": "2020-05-20", "method": "bank_transfer", "reference": "R" });
    let requests = (0..8).map(|_| finance.act_on(&path, &etag, paying.clone()));
    let mut statuses: Vec<_> = futures_util::future::join_all(requests)
        .await
        .iter()
        .map(|answer| answer.status)
        .collect();
    statuses.sort_unstable();
    assert_eq!(statuses[0], 200);
    assert!(statuses[1..].iter().all(|s| *s == 409), "{statuses:?}");
    let claim = finance
        .get(&format!("/illness-claims/{}", due.text("/claim_id")))
        .await
        .expect(200);
    assert_eq!(claim.text("/status"), "paid");
    let again = finance.act(&place, "/pay", paying.clone()).await;
    again.problem(409, "wrong_status");
    for day in ["2020-05-19", "2020-05-21"] {
        let list = finance
            .get(&format!("/payments?paid_from={day}&paid_to={day}"))
            .await;
        assert!(list.expect(200).items().is_empty());
    }
    let list = finance
        .get("/payments?status=paid&paid_from=2020-05-20&paid_to=2020-05-20")
        .await
        .expect(200);
    assert_eq!(list.items().len(), 1);
}

#[actix_web::test]
async fn claims_and_payments_are_seen_from_above_and_from_nowhere_else_with_numbers_masked() {
    let town = Town::start().await;
    let member = town.member(1).await;
    let payment = approved(&town, &member, 1, "S").await;
    let auditor = town.client("auditor").await;
    let beside = town.client("auditor_2").await;
    for list in ["/illness-claims", "/payments"] {
        for (unit, found) in [(&town.jinghu, 1), (&town.jinghu_basic, 1), (&town.yijiang, 0)] {
            let path = format!("{list}?organization_id={unit}");
            let answer = auditor.get(&path).await.expect(200);
            assert_eq!(answer.items().len(), found, "{path}");
            let clear = String::from_utf8(answer.bytes).unwrap();
            assert!(!clear.contains(&id_number(1)) && !clear.contains("9999990000000006"));
        }
        assert!(beside.get(list).await.expect(200).items().is_empty());
        let path = format!("{list}?organization_id={}", town.jinghu);
        beside.get(&path).await.problem(404, "not_found");
    }
    let path = format!("/payments/{payment}");
    beside.get(&path).await.problem(404, "not_found");
    let outside = town.client("finance_2").await;
    let paying = json!({ "paid_on": "2020-05-20", "method": "bank_transfer", "reference": "R" });
    let answer = outside.act_on(&format!("{path}/pay"), "\"1\"", paying).await;
    answer.problem(404, "not_found");
}
