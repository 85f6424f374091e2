use serde_json::json;

use crate::given::{Town, claim};
use crate::harness::nothing;

#[actix_web::test]
async fn a_unit_is_opened_changed_moved_and_closed() {
    let town = Town::start().await;
    let admin = town.client("system_admin").await;
    let new = json!({ "parent_id": town.jinghu, "kind": "town_street", "name": "荆山街道总工会", "code": "340202-S1" });
    let made = admin.post("/organizations", new).await.expect(201);
    let place = format!("/organizations/{}", made.id());
    assert_eq!(made.header("location"), format!("/api/v1{place}"));
    assert_eq!(
        (made.etag.as_deref(), made.body["region_code"].is_null()),
        (Some("\"1\""), true)
    );
    let changed = admin
        .patch(&place, json!({ "name": "荆山街道工会" }))
        .await
        .expect(200);
    assert_eq!(
        (changed.text("/name").as_str(), &changed.body["version"]),
        ("荆山街道工会", &json!(2))
    );
    let moved = admin
        .act(&place, "/move", json!({ "parent_id": town.yijiang }))
        .await
        .expect(200);
    assert_eq!(moved.text("/parent_id"), town.yijiang);
    let closed = admin.act(&place, "/close", nothing()).await.expect(200);
    assert_eq!(closed.text("/status"), "closed");
    admin
        .act(&place, "/close", nothing())
        .await
        .problem(409, "closed");
}

#[actix_web::test]
async fn a_stale_version_is_refused_and_names_what_changed() {
    let town = Town::start().await;
    let admin = town.client("system_admin").await;
    let place = format!("/organizations/{}", town.jinghu_basic);
    admin.patch(&place, json!({ "name": "甲" })).await.expect(200);
    admin
        .patch(&place, json!({ "region_code": null }))
        .await
        .expect(200);
    let stale = admin
        .patch_on(&place, "\"1\"", json!({ "name": "乙" }))
        .await
        .problem(412, "stale");
    assert_eq!(stale.body["fields"], json!(["name", "region_code"]));
    admin
        .patch_on(&place, "*", json!({ "name": "乙" }))
        .await
        .problem(428, "precondition_required");
}

#[actix_web::test]
async fn a_subtree_moves_as_a_whole_and_never_below_itself() {
    let town = Town::start().await;
    let admin = town.client("system_admin").await;
    let place = format!("/organizations/{}", town.jinghu);
    admin
        .act(&place, "/move", json!({ "parent_id": town.jinghu }))
        .await
        .problem(409, "cycle");
    admin
        .act(&place, "/move", json!({ "parent_id": town.yijiang }))
        .await
        .expect(200);
    let far = town.client("supervisor_2").await;
    far.get(&format!("/organizations/{}", town.jinghu_basic))
        .await
        .expect(200);
    admin
        .act(&format!("/organizations/{}", town.yijiang), "/close", nothing())
        .await
        .problem(409, "not_empty");
}

#[actix_web::test]
async fn a_unit_outside_the_own_subtree_does_not_exist() {
    let town = Town::start().await;
    let supervisor = town.client("supervisor").await;
    supervisor
        .get(&format!("/organizations/{}", town.yijiang))
        .await
        .problem(404, "not_found");
    supervisor
        .get("/organizations/none")
        .await
        .problem(404, "not_found");
    supervisor
        .get(&format!("/organizations?parent_id={}", town.yijiang))
        .await
        .problem(404, "not_found");
    let seen = supervisor.get("/organizations").await.expect(200).items();
    assert_eq!(seen.len(), 2);
}

#[actix_web::test]
async fn a_repeat_of_a_create_is_recognised_by_its_id_and_by_its_key() {
    let town = Town::start().await;
    let admin = town.client("system_admin").await;
    let id = uuid::Uuid::now_v7();
    let new = json!({ "id": id, "parent_id": town.root, "kind": "system", "name": "教育系统工会", "code": "S-EDU" });
    admin.post("/organizations", new.clone()).await.expect(201);
    let repeat = admin.post("/organizations", new.clone()).await.expect(200);
    assert_eq!(
        (repeat.header("idempotency-replayed").as_str(), repeat.id()),
        ("true", id.to_string())
    );
    let mut other = new.clone();
    other["name"] = json!("卫生系统工会");
    admin.post("/organizations", other).await.problem(409, "id_taken");

    let keyed = json!({ "parent_id": town.root, "kind": "system", "name": "交通系统工会", "code": "S-TRA" });
    let key = [("Idempotency-Key", "k-1")];
    let first = admin
        .post_with("/organizations", &key, keyed.clone())
        .await
        .expect(201);
    let again = admin
        .post_with("/organizations", &key, keyed.clone())
        .await
        .expect(201);
    assert_eq!(
        (again.header("idempotency-replayed").as_str(), again.id()),
        ("true", first.id())
    );
    assert_eq!(again.header("location"), first.header("location"));
    let mut changed = keyed;
    changed["name"] = json!("其他");
    admin
        .post_with("/organizations", &key, changed)
        .await
        .problem(422, "invalid");
}

#[actix_web::test]
async fn lists_are_paged_without_gaps_or_repeats_and_search_is_literal() {
    let town = Town::start().await;
    let admin = town.client("system_admin").await;
    for n in 0..7 {
        let name = if n == 3 {
            "百分%_工会".to_owned()
        } else {
            format!("工会{n}")
        };
        let new = json!({ "parent_id": town.jinghu, "kind": "basic", "name": name, "code": format!("B{n}") });
        admin.post("/organizations", new).await.expect(201);
    }
    let (mut path, mut seen) = ("/organizations?limit=5".to_owned(), Vec::new());
    loop {
        let page = admin.get(&path).await.expect(200);
        seen.extend(
            page.items()
                .iter()
                .map(|unit| unit["id"].as_str().unwrap().to_owned()),
        );
        let Some(cursor) = page.body["next_cursor"].as_str() else {
            break;
        };
        path = format!("/organizations?limit=5&cursor={cursor}");
    }
    let distinct: std::collections::BTreeSet<_> = seen.iter().collect();
    assert_eq!((seen.len(), distinct.len()), (12, 12));
    assert_eq!(
        admin
            .get("/organizations?name=%25_")
            .await
            .expect(200)
            .items()
            .len(),
        1
    );
    for bad in [
        "limit=0",
        "limit=201",
        "limit=x",
        "cursor=abc",
        "other=1",
        "kind=planet",
        "name=%00",
    ] {
        let refused = admin
            .get(&format!("/organizations?{bad}"))
            .await
            .problem(400, "malformed");
        assert!(refused.pointers()[0].starts_with('?'), "{}", refused.body);
    }
}

#[actix_web::test]
async fn a_region_has_six_digits_and_a_unit_with_units_below_is_never_a_basic_union() {
    let town = Town::start().await;
    let admin = town.client("system_admin").await;
    for code in ["34020", "3402020", "34020A", "３４０２０２"] {
        let new = json!({ "parent_id": town.root, "kind": "system", "name": "教育系统工会", "code": "S-EDU", "region_code": code });
        let refused = admin.post("/organizations", new).await.expect(422);
        assert_eq!(refused.pointers(), ["/region_code"], "{code}");
    }
    let place = format!("/organizations/{}", town.jinghu);
    let refused = admin.patch(&place, json!({ "kind": "basic" })).await;
    assert_eq!(refused.status, 409);
}

#[actix_web::test]
async fn a_closed_unit_stays_as_it_is() {
    let town = Town::start().await;
    let admin = town.client("system_admin").await;
    let new = json!({ "parent_id": town.root, "kind": "system", "name": "教育系统工会", "code": "S-EDU" });
    let place = format!(
        "/organizations/{}",
        admin.post("/organizations", new).await.expect(201).id()
    );
    admin.act(&place, "/close", nothing()).await.expect(200);
    let renamed = admin.patch(&place, json!({ "name": "其他" })).await;
    renamed.problem(409, "closed");
    let moved = admin
        .act(&place, "/move", json!({ "parent_id": town.jinghu }))
        .await;
    moved.problem(409, "closed");
}

#[actix_web::test]
async fn a_unit_with_an_open_claim_stays_open() {
    let town = Town::start().await;
    let member = town.member(1).await;
    let worker = town.client("caseworker").await;
    let draft = claim(&member, 1, 1_000_000, "S-1");
    let lodged = worker.post("/illness-claims", draft).await.expect(201).id();
    let admin = town.client("system_admin").await;
    let place = format!("/organizations/{}", town.jinghu_basic);
    admin
        .act(&place, "/close", nothing())
        .await
        .problem(409, "not_empty");
    worker
        .act(&format!("/illness-claims/{lodged}"), "/withdraw", nothing())
        .await
        .expect(200);
    admin.act(&place, "/close", nothing()).await.expect(200);
}
