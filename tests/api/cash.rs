//! Payments in cash (74).

use serde_json::{Value, json};

use crate::given::{JPEG, Town, id_number};

/// Another photo than [`JPEG`].
const OTHER: &[u8] = b"\xff\xd8\xff\xe0\0\x10JFIF\0\x02\xff\xd9";

async fn paper(town: &Town, place: &str, kind: &str, content: &[u8]) -> String {
    let kept = town.attach_to("finance", place, kind, content).await;
    kept.expect(201).id()
}

fn paying(cash: &Value) -> Value {
    json!({ "paid_on": "2020-05-20", "method": "cash", "reference": "XJ-1", "cash": cash })
}

fn cash(payee: &str, handler: &str) -> Value {
    json!({ "reason": "本人行动不便，网点撤并", "payee_signature_id": payee, "handler_signature_id": handler, "agent": null })
}

#[actix_web::test]
async fn cash_is_paid_with_a_reason_and_two_signatures_and_the_voucher_says_so() {
    let town = Town::start().await;
    let place = town.due_payment(1).await;
    let finance = town.client("finance").await;
    let bare = finance.act(&place, "/pay", paying(&json!(null))).await;
    let bare = bare.problem(422, "invalid");
    let codes = [bare.text("/errors/0/code"), bare.text("/errors/1/code")];
    assert!(codes.contains(&"cash_needs_reason".into()) && codes.contains(&"cash_needs_signatures".into()));
    let one = paper(&town, &place, "signature", JPEG).await;
    let copy = paper(&town, &place, "signature", JPEG).await;
    let two = paper(&town, &place, "signature", OTHER).await;
    let other = paper(&town, &place, "other", OTHER).await;
    for second in [&one, &copy, &other] {
        let wrong = finance.act(&place, "/pay", paying(&cash(&one, second))).await;
        assert_eq!(
            wrong.problem(422, "invalid").text("/errors/0/code"),
            "cash_needs_signatures"
        );
    }
    let mut transfer = paying(&cash(&one, &two));
    transfer["method"] = json!("bank_transfer");
    let wrong = finance.act(&place, "/pay", transfer).await;
    assert_eq!(wrong.problem(422, "invalid").pointers(), ["/cash"]);
    let paid = finance.act(&place, "/pay", paying(&cash(&one, &two))).await;
    let paid = paid.expect(200);
    assert_eq!(paid.text("/cash/handler_signature_id"), two);
    let voucher = finance.get(&format!("{place}/voucher")).await.expect(200);
    assert_eq!(voucher.text("/cash/reason"), "本人行动不便，网点撤并");
    let page = finance.get(&format!("{place}/voucher.html")).await.expect(200);
    let page = String::from_utf8(page.bytes).unwrap();
    assert!(
        page.contains("收款人、经办人均已签名") && page.contains("网点撤并"),
        "{page}"
    );
    let signature = format!("{place}/attachments/{one}");
    let why = json!({ "reason": "误传" });
    finance
        .act(&signature, "/void", why)
        .await
        .problem(409, "proof_needed");
    let sql = format!("UPDATE attachments SET voided_at = attached_at, address = NULL WHERE id = '{one}'");
    assert!(town.app.sql(&sql).is_err(), "the database keeps it too");
}

#[actix_web::test]
async fn an_agent_brings_a_proxy_and_has_no_part_on_the_case() {
    let town = Town::start().await;
    let place = town.due_payment(1).await;
    let finance = town.client("finance").await;
    let one = paper(&town, &place, "signature", JPEG).await;
    let two = paper(&town, &place, "signature", OTHER).await;
    let mut signed = cash(&one, &two);
    signed["agent"] = json!({ "name": "张小军", "id_number": id_number(800), "proxy_attachment_id": one });
    let wrong = finance.act(&place, "/pay", paying(&signed)).await;
    let wrong = wrong.problem(422, "invalid");
    assert_eq!(wrong.text("/errors/0/code"), "cash_needs_proxy");
    signed["agent"]["proxy_attachment_id"] = json!(paper(&town, &place, "proxy", JPEG).await);
    // the caseworker who wrote the claim, and the payer
    for n in [9000, 9009] {
        signed["agent"]["id_number"] = json!(id_number(n));
        let refused = finance.act(&place, "/pay", paying(&signed)).await;
        refused.problem(409, "same_person");
    }
    signed["agent"]["id_number"] = json!(id_number(800));
    let paid = finance.act(&place, "/pay", paying(&signed)).await.expect(200);
    assert_eq!(paid.text("/cash/agent/name"), "张小军");
    assert!(!paid.body.to_string().contains(&id_number(800)));
    let page = finance.get(&format!("{place}/voucher.html")).await.expect(200);
    assert!(String::from_utf8(page.bytes).unwrap().contains("代领人 张小军"));
}

#[actix_web::test]
async fn the_policy_bounds_cash_and_the_database_wants_signatures_too() {
    let town = Town::start().await;
    let place = town.due_payment(1).await;
    let finance = town.client("finance").await;
    let (one, two) = (
        paper(&town, &place, "signature", JPEG).await,
        paper(&town, &place, "signature", OTHER).await,
    );
    let sql = "UPDATE payments SET status = 'paid', method = 'cash'";
    assert!(town.app.sql(sql).is_err());
    let values = json!({ "central_kinds": ["living"], "budget_needed_from": null, "cash_limit_fen": 49_999 });
    let rule =
        json!({ "kind": "funding", "valid_from": "2020-05-01", "valid_to": "2020-12-31", "values": values });
    town.rule(rule).await;
    let over = finance.act(&place, "/pay", paying(&cash(&one, &two))).await;
    over.problem(409, "over_cash_limit");
    let behind = format!(
        "UPDATE payments SET status = 'paid', method = 'cash', paid_on = approved_on, cash_sealed = 'x', payer_id = NULL, \
         payee_signature_id = '{one}', handler_signature_id = '{two}'"
    );
    let refused = town.app.sql(&behind).unwrap_err();
    assert!(refused.contains("signed for by two"), "{refused}");
}
