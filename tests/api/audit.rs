use serde_json::json;

use crate::given::Town;

#[actix_web::test]
async fn the_auditor_sees_every_event_in_order_and_the_log_verifies() {
    let town = Town::start().await;
    let admin = town.client("system_admin").await;
    let place = format!("/organizations/{}", town.jinghu_basic);
    admin.patch(&place, json!({ "name": "新名" })).await.expect(200);
    let auditor = town.client("auditor").await;
    let events = auditor.get("/audit/events?limit=200").await.expect(200).items();
    let numbers: Vec<i64> = events.iter().map(|e| e["seq"].as_i64().unwrap()).collect();
    assert_eq!(numbers, (1..=events.len() as i64).collect::<Vec<_>>());
    let change = auditor
        .get("/audit/events?action=organization.changed")
        .await
        .expect(200)
        .items()
        .remove(0);
    assert_eq!(
        change["fields"].as_object().unwrap().keys().collect::<Vec<_>>(),
        ["name"]
    );
    assert_eq!(change["actor_role"], "system_admin");
    let verdict = auditor.get("/audit/verify").await.expect(200).body;
    assert_eq!(
        (&verdict["valid"], &verdict["first_bad_seq"]),
        (&json!(true), &json!(null))
    );
    let checkpoint = auditor.get("/audit/checkpoint").await.expect(200).body;
    assert_eq!(checkpoint["size"], verdict["checked"]);
}
