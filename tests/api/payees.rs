//! Who gets the money of a claim, and the proof for it (65, 73).

use serde_json::{Value, json};

use crate::given::{JPEG, Shot, Town, claim, id_number, race};

fn nothing() -> Value {
    json!({})
}

/// A claim of the first member for somebody else.
fn for_another(member: &str, kind: &str) -> Value {
    let mut body = claim(member, 1, 1_000_000, "S-1");
    body["payee"] = json!({ "kind": kind, "name": "王芳", "id_number": id_number(700), "account_number": "9999990000000006",
        "bank": "徽商银行", "relation": "配偶" });
    body
}

async fn dies(town: &Town, member: &str) {
    let died = json!({ "status": "deceased", "effective_on": "2020-05-15", "reason": "病故" });
    let worker = town.client("caseworker").await;
    let place = format!("/members/{member}");
    worker.act(&place, "/status", died).await.expect(200);
}

async fn drafted(town: &Town, body: Value) -> String {
    let worker = town.client("caseworker").await;
    let lodged = worker.post("/illness-claims", body).await.expect(201);
    format!("/illness-claims/{}", lodged.id())
}

#[actix_web::test]
async fn the_payee_called_the_member_is_the_member_of_the_register() {
    let town = Town::start().await;
    let member = town.member(1).await;
    let worker = town.client("caseworker").await;
    let mut body = claim(&member, 1, 1_000_000, "S-1");
    body["payee"]["name"] = json!("职工2");
    body["payee"]["id_number"] = json!(id_number(2));
    for path in ["/illness-claims", "/illness-claims/assess"] {
        let wrong = worker.post(path, body.clone()).await.problem(422, "invalid");
        assert_eq!(wrong.pointers(), ["/payee/id_number", "/payee/name"]);
        assert_eq!(wrong.text("/errors/0/code"), "not_the_member");
    }
    body["payee"]["name"] = json!(" 职工１ ");
    body["payee"]["id_number"] = json!(format!(" {} ", id_number(1)));
    let place = drafted(&town, body).await;
    let change = json!({ "payee": for_another(&member, "guardian")["payee"] });
    worker.patch(&place, change).await.expect(200);
    let mut own = for_another(&member, "guardian")["payee"].clone();
    own["id_number"] = json!(id_number(1));
    let wrong = worker.patch(&place, json!({ "payee": own })).await;
    let wrong = wrong.problem(422, "invalid");
    assert_eq!(wrong.text("/errors/0/code"), "is_the_member");
    let sql = "UPDATE illness_claims SET payee_kind = 'member'";
    assert!(town.app.sql(sql).is_err(), "the database knows it too");
}

#[actix_web::test]
async fn the_number_of_a_card_has_its_check_digit_and_that_of_a_passbook_has_none() {
    let town = Town::start().await;
    let member = town.member(1).await;
    let worker = town.client("caseworker").await;
    let mut body = claim(&member, 1, 1_000_000, "S-1");
    body["payee"]["account_number"] = json!("6200000000000006");
    let wrong = worker.post("/illness-claims", body.clone()).await;
    let wrong = wrong.problem(422, "invalid");
    assert_eq!(wrong.pointers(), ["/payee/account_number"]);
    body["payee"]["account_type"] = json!("passbook");
    let kept = worker.post("/illness-claims", body.clone()).await.expect(201);
    assert_eq!(kept.text("/payee/account_type"), "passbook");
    body["payee"]["account_number"] = json!("620000000006");
    worker.post("/illness-claims", body).await.problem(422, "invalid");
}

#[actix_web::test]
async fn heirs_are_paid_when_the_member_has_died_with_proof_and_nobody_else_then() {
    let town = Town::start().await;
    let member = town.member(1).await;
    let worker = town.client("caseworker").await;
    let early = worker.post("/illness-claims", for_another(&member, "heir")).await;
    early.problem(409, "member_alive");
    let place = drafted(&town, claim(&member, 1, 1_000_000, "S-1")).await;
    dies(&town, &member).await;
    let dead = worker.act(&place, "/submit", nothing()).await;
    dead.problem(409, "member_deceased");
    let heir = json!({ "payee": for_another(&member, "heir")["payee"] });
    worker.patch(&place, heir).await.expect(200);
    let bare = worker.act(&place, "/submit", nothing()).await;
    let bare = bare.problem(409, "missing_proof");
    assert_eq!(bare.body["kinds"], json!(["death_certificate", "kinship_proof"]));
    let status = format!(
        "UPDATE illness_claims SET status = 'submitted' WHERE id = '{}'",
        place.rsplit('/').next().unwrap()
    );
    assert!(town.app.sql(&status).is_err(), "the database wants proof too");
    for kind in ["death_certificate", "kinship_proof"] {
        let kept = town.attach_to("caseworker", &place, kind, JPEG).await;
        kept.expect(201);
    }
    worker.act(&place, "/submit", nothing()).await.expect(200);
    let verifier = town.client("supervisor").await;
    verifier.act(&place, "/verify", nothing()).await.expect(200);
    let approver = town.client("supervisor_b").await;
    let back = json!({ "status": "serving", "effective_on": "2020-05-16", "reason": "误登" });
    let register = format!("/members/{member}");
    worker.act(&register, "/status", back).await.expect(200);
    let alive = approver.act(&place, "/approve", nothing()).await;
    alive.problem(409, "member_alive");
    let again = json!({ "status": "deceased", "effective_on": "2020-05-17", "reason": "病故" });
    worker.act(&register, "/status", again).await.expect(200);
    approver.act(&place, "/approve", nothing()).await.expect(200);
}

#[actix_web::test]
async fn a_payee_who_has_died_is_none() {
    let town = Town::start().await;
    let member = town.member(1).await;
    let place = drafted(&town, for_another(&member, "guardian")).await;
    let kept = town.attach_to("caseworker", &place, "guardianship_proof", JPEG);
    kept.await.expect(201);
    dies(&town, &town.member(700).await).await;
    let worker = town.client("caseworker").await;
    let refused = worker.act(&place, "/submit", nothing()).await;
    refused.problem(409, "payee_deceased");
}

#[actix_web::test]
async fn the_papers_of_a_claim_are_listed_opened_with_a_reason_and_the_last_proof_stays() {
    let town = Town::start().await;
    let place = drafted(&town, for_another(&town.member(1).await, "guardian")).await;
    let attach = async || {
        let kept = town
            .attach_to("caseworker", &place, "guardianship_proof", JPEG)
            .await;
        kept.expect(201).header("location").replace("/api/v1", "")
    };
    let (first, second) = (attach().await, attach().await);
    let worker = town.client("caseworker").await;
    let list = worker.get(&format!("{place}/attachments")).await.expect(200);
    assert_eq!(list.items().len(), 2);
    assert_eq!(list.text("/items/0/claim_id"), place.rsplit('/').next().unwrap());
    let why = || json!({ "reason": "核对原件" });
    let opened = worker.post(&format!("{first}/open"), why()).await.expect(200);
    assert_eq!(opened.bytes, JPEG);
    let named = json!({ "reason": "职工1 的证明" });
    worker.post(&format!("{first}/open"), named).await.expect(422);
    worker.act(&place, "/submit", nothing()).await.expect(200);
    let shots = [&first, &second].map(|paper| Shot {
        token: worker.token.clone(),
        path: format!("{paper}/void"),
        etag: Some("\"1\"".into()),
        body: why(),
    });
    let mut outcomes: Vec<u16> = race(&town, shots.to_vec())
        .iter()
        .map(|(status, _)| *status)
        .collect();
    outcomes.sort_unstable();
    assert_eq!(outcomes[0], 200, "{outcomes:?}");
    assert_ne!(outcomes[1], 200, "one of the two stays: {outcomes:?}");
    let sql = "UPDATE attachments SET voided_at = attached_at, address = NULL WHERE voided_at IS NULL";
    assert!(town.app.sql(sql).is_err(), "the database keeps the last one too");
    let auditor = town.client("auditor").await;
    for action in ["claim.attachment_opened", "claim.attachment_voided"] {
        let events = auditor.get(&format!("/audit/events?action={action}")).await;
        assert_eq!(events.items().len(), 1, "{action}");
    }
    let beside = town.client("auditor_2").await;
    beside.get(&format!("{place}/attachments")).await.expect(404);
    worker
        .get(&first.replace("illness-claims", "payments"))
        .await
        .expect(404);
}

#[actix_web::test]
async fn nobody_is_the_payee_of_a_case_in_which_they_have_a_part() {
    let town = Town::start().await;
    let member = town.member(1).await;
    let mut body = for_another(&member, "guardian");
    // the supervisor's number
    body["payee"]["id_number"] = json!(id_number(9002));
    let place = drafted(&town, claim(&member, 1, 1_000_000, "S-1")).await;
    let (worker, supervisor) = (town.client("caseworker").await, town.client("supervisor").await);
    worker.act(&place, "/submit", nothing()).await.expect(200);
    supervisor.act(&place, "/verify", nothing()).await.expect(200);
    let back = json!({ "reason_code": "wrong_data", "fields": ["payee"], "comment": null });
    supervisor.act(&place, "/return", back).await.expect(200);
    let change = json!({ "payee": body["payee"] });
    worker.patch(&place, change).await.problem(409, "same_person");
    let person = format!(
        "UPDATE illness_claims SET payee_kind = 'guardian', payee_person = (SELECT person FROM users WHERE id = '{}')",
        town.user_id("supervisor")
    );
    assert!(town.app.sql(&person).is_err(), "the database knows it too");
}

#[actix_web::test]
async fn when_a_member_dies_before_the_payment_it_is_cancelled_and_the_heir_claims_anew() {
    let town = Town::start().await;
    let place = town.due_payment(1).await;
    let member = town.client("finance").await.get(&place).await;
    let claimed = member.expect(200).text("/claim_id");
    let worker = town.client("caseworker").await;
    let first = worker.get(&format!("/illness-claims/{claimed}")).await;
    let member = first.expect(200).text("/member_id");
    dies(&town, &member).await;
    let finance = town.client("finance").await;
    let paying = json!({ "paid_on": "2020-05-20", "method": "bank_transfer", "reference": "HS-1" });
    finance
        .act(&place, "/pay", paying.clone())
        .await
        .problem(409, "payee_dead");
    let again = drafted(&town, for_another(&member, "heir")).await;
    for kind in ["death_certificate", "kinship_proof"] {
        town.attach_to("caseworker", &again, kind, JPEG).await.expect(201);
    }
    worker
        .act(&again, "/submit", nothing())
        .await
        .problem(409, "already_granted");
    let why = json!({ "reason": "会员亡故，改由亲属领取" });
    finance.act(&place, "/cancel", why).await.expect(200);
    let released = worker.get(&format!("/illness-claims/{claimed}")).await;
    assert!(released.expect(200).body["released_at"].is_string());
    worker.act(&again, "/submit", nothing()).await.expect(200);
    for (who, verb) in [("supervisor", "/verify"), ("supervisor_b", "/approve")] {
        let client = town.client(who).await;
        client.act(&again, verb, nothing()).await.expect(200);
    }
    let found = finance
        .get(&format!(
            "/payments?claim_id={}",
            again.rsplit('/').next().unwrap()
        ))
        .await;
    let due = format!("/payments/{}", found.expect(200).text("/items/0/id"));
    finance.act(&due, "/pay", paying).await.expect(200);
}
