use serde_json::json;

use crate::given::{Town, claim, id_number};
use crate::harness::nothing;

#[actix_web::test]
async fn nobody_acts_on_the_case_of_a_declared_relative_in_any_part() {
    let town = Town::start().await;
    let member = town.member(1).await;
    let worker = town.client("caseworker").await;
    let new = json!({ "member_id": member, "scheme": "scheme_2020", "category": "deep", "level": "city", "primary_cause": "major_illness" });
    let place = format!(
        "/files/{}",
        worker.post("/files", new.clone()).await.expect(201).id()
    );
    worker.act(&place, "/submit", nothing()).await.expect(200);
    let supervisor = town.client("supervisor").await;
    let relative = json!({ "id_number": id_number(1), "relation": "sibling" });
    let declared = supervisor
        .post("/me/relatives", relative.clone())
        .await
        .expect(201);
    assert_eq!(declared.text("/id_number"), "3402**********0015");
    assert_eq!(
        supervisor
            .post("/me/relatives", relative.clone())
            .await
            .expect(409)
            .text("/code"),
        "relative_exists"
    );
    let refused = supervisor.act(&place, "/approve", nothing()).await.expect(409);
    assert_eq!(refused.text("/code"), "same_person");
    let back = json!({ "reason_code": "wrong_data", "fields": [], "comment": null });
    assert_eq!(
        supervisor
            .act(&place, "/return", back)
            .await
            .expect(409)
            .text("/code"),
        "same_person"
    );
    let other = town.client("caseworker_b").await;
    other.post("/me/relatives", relative).await.expect(201);
    let lodged = other
        .post("/illness-claims", claim(&member, 1, 1_000_000, "R-1"))
        .await
        .expect(409);
    assert_eq!(lodged.text("/code"), "same_person");
    town.client("supervisor_b")
        .await
        .act(&place, "/approve", nothing())
        .await
        .expect(200);
    assert_eq!(supervisor.get("/me/relatives").await.expect(200).items().len(), 1);
    assert_eq!(worker.get("/me/relatives").await.expect(200).items().len(), 0);
}

#[actix_web::test]
async fn nobody_acts_on_the_case_of_their_own_household() {
    let town = Town::start().await;
    let member = town.member(1).await;
    let worker = town.client("caseworker").await;
    let new = json!({ "member_id": member, "scheme": "scheme_2020", "category": "deep", "level": "city", "primary_cause": "major_illness" });
    let place = format!("/files/{}", worker.post("/files", new).await.expect(201).id());
    // the supervisor of the tests has the 9002nd number
    let husband = json!({ "name": "测试2", "id_number": id_number(9002), "relation": "spouse", "joined_on": "2012-01-01" });
    worker
        .post(&format!("{place}/household"), husband)
        .await
        .expect(201);
    worker.act(&place, "/submit", nothing()).await.expect(200);
    let refused = town
        .client("supervisor")
        .await
        .act(&place, "/approve", nothing())
        .await
        .expect(409);
    assert_eq!(refused.text("/code"), "same_person");
    town.client("supervisor_b")
        .await
        .act(&place, "/approve", nothing())
        .await
        .expect(200);
}

#[actix_web::test]
async fn the_database_itself_gives_nobody_a_part_on_a_relatives_case() {
    let town = Town::start().await;
    let member = town.member(1).await;
    let file = town.file_on_file(&member).await;
    let relative = json!({ "id_number": id_number(1), "relation": "sibling" });
    let finance = town.client("finance").await;
    finance.post("/me/relatives", relative).await.expect(201);
    let who = town.user_id("finance");
    let sql = format!(
        "INSERT INTO case_parts (case_id, user_id, part, round, user_person, subject_person) \
         SELECT '{file}', u.id, 'payer', 1, u.person, m.person FROM users u, members m WHERE u.id = '{who}' AND m.id = '{member}'"
    );
    assert!(town.app.sql(&sql).unwrap_err().contains("relative"));
}
