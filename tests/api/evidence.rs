//! Evidence packs about one payment and one file: whole, masked, and checked without the service.

use bangfu::audit::pack::{Question, check_evidence};
use serde_json::{Value, json};

use crate::given::{Town, aid, id_number};
use crate::harness::Client;

/// A town with a grant from a file, paid by the bank; places of the payment and of the file.
async fn paid(town: &Town) -> (String, String) {
    town.standard().await;
    town.budget("living", 1_000_000).await;
    let file = town.nth_file(1).await;
    let granted = town
        .approved_aid(aid(&file, 1, "living", "2020-Q2", 200_000))
        .await;
    town.attach_to("caseworker", &granted, "signature", crate::given::JPEG)
        .await
        .expect(201);
    let place = town.approved_batch().await;
    town.client("finance")
        .await
        .act(&place, "/export", json!({}))
        .await
        .expect(200);
    let granted = granted.rsplit('/').next().unwrap();
    let payments = town
        .client("finance")
        .await
        .get(&format!("/payments?aid_id={granted}"))
        .await;
    let payment = payments.expect(200).text("/items/0/id");
    (
        format!("/audit/payments/{payment}"),
        format!("/audit/files/{file}"),
    )
}

async fn pack(auditor: &Client, place: &str) -> Value {
    auditor.get(&format!("{place}/evidence")).await.expect(200).body
}

fn sound(pack: &Value) -> bool {
    check_evidence(pack.to_string().as_bytes(), &Question::default(), true).is_ok()
}

fn actions(pack: &Value) -> Vec<&str> {
    let events = pack["events"].as_array().unwrap();
    events
        .iter()
        .map(|proved| proved["event"]["action"].as_str().unwrap())
        .collect()
}

#[actix_web::test]
async fn the_pack_of_a_payment_holds_everything_that_led_to_it() {
    let town = Town::start().await;
    let (payment, _) = paid(&town).await;
    let pack = pack(&town.client("auditor").await, &payment).await;
    let section = |pointer: &str| pack["sections"].pointer(pointer).cloned().unwrap_or_default();
    for there in [
        "/member/id",
        "/file/number",
        "/household/0/id",
        "/aid_application/assessment/reasons/0/clause",
        "/payment/amount_fen",
        "/budget_line/fund_id",
        "/book_movements/0/kind",
        "/payment_batches/0/number",
        "/batch_lines/0/reference",
        "/attachments/0/sha256",
        "/five_ones/0/duties/4/kind",
        "/parts/0/part",
        "/policies/0/kind",
        "/people/0/name",
    ] {
        assert!(!section(there).is_null(), "{there}: {}", pack["sections"]);
    }
    let actions = actions(&pack);
    for action in [
        "member.registered",
        "file.approved",
        "aid.drafted",
        "aid.verified",
        "aid.approved",
        "payment.made",
        "book.moved",
        "batch.approved",
        "batch.exported",
        "aid.attached",
    ] {
        assert!(actions.contains(&action), "{action}: {actions:?}");
    }
    let opened = pack["openings"].as_array().unwrap();
    let amount = opened.iter().find(|opening| opening["field"] == "amount_fen");
    assert_eq!(amount.unwrap()["text"], "200000");
}

#[actix_web::test]
async fn a_pack_is_checked_without_the_service_and_no_change_passes() {
    let town = Town::start().await;
    let (payment, file) = paid(&town).await;
    let auditor = town.client("auditor").await;
    for place in [&payment, &file] {
        let whole = pack(&auditor, place).await;
        assert!(sound(&whole), "{place}");
        let mut forged = whole.clone();
        forged["events"][0]["event"]["action"] = json!("member.forged");
        assert!(!sound(&forged), "a changed event");
        let mut forged = whole.clone();
        forged["openings"][0]["text"] = json!("1");
        assert!(!sound(&forged), "another value");
        let mut forged = whole.clone();
        forged["events"].as_array_mut().unwrap().reverse();
        assert!(!sound(&forged), "another order");
    }
}

#[actix_web::test]
async fn a_pack_and_its_page_show_no_number_in_clear_and_open_nothing_personal() {
    let town = Town::start().await;
    let (payment, file) = paid(&town).await;
    let auditor = town.client("auditor").await;
    for place in [&payment, &file] {
        let pack = pack(&auditor, place).await;
        let page = auditor.get(&format!("{place}/evidence/print")).await.expect(200);
        let page = String::from_utf8(page.bytes).unwrap();
        assert!(page.contains("审计证据") && page.contains("操作日志"), "{page}");
        for text in [pack.to_string(), page] {
            for secret in [&id_number(1), "19900000001", "9999990000000006"] {
                assert!(!text.contains(secret), "{secret} in {place}");
            }
        }
        for opening in pack["openings"].as_array().unwrap() {
            let field = opening["field"].as_str().unwrap();
            assert!(
                !["name", "phone", "payee", "details", "household"].contains(&field),
                "{field}"
            );
        }
    }
}

#[actix_web::test]
async fn a_file_is_shown_as_it_was_on_the_day() {
    let town = Town::start().await;
    let (_, file) = paid(&town).await;
    let id = file.rsplit('/').next().unwrap();
    town.app.set("2020-06-02");
    let worker = town.client("caseworker").await;
    let change = json!({ "primary_cause": "accident" });
    worker.patch(&format!("/files/{id}"), change).await.expect(200);
    let auditor = town.client("auditor").await;
    let cause = async |query: &str| {
        let pack = auditor.get(&format!("{file}/evidence{query}")).await.expect(200);
        pack.text("/sections/file/primary_cause")
    };
    assert_eq!(cause("?as_of=2020-05-20").await, "major_illness");
    assert_eq!(cause("").await, "accident");
}

#[actix_web::test]
async fn making_a_pack_is_an_event_about_the_person_and_stays_in_scope() {
    let town = Town::start().await;
    let (payment, file) = paid(&town).await;
    let auditor = town.client("auditor").await;
    for place in [&payment, &file] {
        pack(&auditor, place).await;
        auditor.get(&format!("{place}/evidence/print")).await.expect(200);
        let far = town.client("auditor_2").await;
        far.get(&format!("{place}/evidence"))
            .await
            .problem(404, "not_found");
    }
    let question =
        json!({ "id_number": id_number(1), "from": null, "to": null, "cursor": null, "limit": 200 });
    let events = auditor
        .post("/audit/people/events", question)
        .await
        .expect(200)
        .items();
    let made = |action: &str, look: &str| {
        let of = events
            .iter()
            .filter(|event| event["action"] == action && event["look"] == look);
        of.count()
    };
    assert_eq!(
        (
            made("evidence.exported", "exported"),
            made("evidence.printed", "printed")
        ),
        (2, 2)
    );
}
