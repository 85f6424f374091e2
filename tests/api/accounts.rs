use serde_json::json;

use crate::given::{Town, id_number};
use crate::harness::{PASSWORD, nothing};

#[actix_web::test]
async fn unknown_names_and_wrong_passwords_get_the_same_answer_and_lock_alike() {
    let town = Town::start().await;
    for name in ["caseworker", "nobody"] {
        for _ in 0..5 {
            let form = [
                ("grant_type", "password"),
                ("username", name),
                ("password", "wrong"),
            ];
            let refused = town.app.token(&form).await;
            assert_eq!(
                (refused.status, refused.text("/error").as_str()),
                (400, "invalid_grant")
            );
        }
        let locked = town
            .app
            .token(&[
                ("grant_type", "password"),
                ("username", name),
                ("password", PASSWORD),
            ])
            .await;
        assert_eq!(locked.status, 429, "{name}");
        assert!(locked.header("retry-after").parse::<u32>().unwrap() > 0);
    }
    let place = format!("/users/{}", town.user_id("caseworker"));
    let security = town.client("security_admin").await;
    assert_eq!(security.get(&place).await.expect(200).text("/status"), "locked");
    security.act(&place, "/unlock", nothing()).await.expect(200);
    town.client("caseworker").await.get("/me").await.expect(200);
}

#[actix_web::test]
async fn a_lock_ends_the_sessions_of_the_account() {
    let town = Town::start().await;
    let client = town.client("caseworker").await;
    for _ in 0..5 {
        town.app
            .token(&[
                ("grant_type", "password"),
                ("username", "caseworker"),
                ("password", "wrong"),
            ])
            .await;
    }
    client.get("/me").await.problem(401, "unauthenticated");
}

#[actix_web::test]
async fn a_refresh_token_works_once_and_a_second_use_ends_the_session() {
    let town = Town::start().await;
    let first = town
        .app
        .token(&[
            ("grant_type", "password"),
            ("username", "caseworker"),
            ("password", PASSWORD),
        ])
        .await;
    let refresh = |token: String| {
        let app = town.app.clone();
        async move {
            app.token(&[("grant_type", "refresh_token"), ("refresh_token", &token)])
                .await
        }
    };
    let second = refresh(first.text("/refresh_token")).await.expect(200);
    let client = crate::harness::Client {
        app: town.app.clone(),
        token: second.text("/access_token"),
    };
    client.get("/me").await.expect(200);
    assert_eq!(
        refresh(first.text("/refresh_token"))
            .await
            .expect(400)
            .text("/error"),
        "invalid_grant"
    );
    client.get("/me").await.problem(401, "unauthenticated");
    assert_eq!(
        refresh(second.text("/refresh_token"))
            .await
            .expect(400)
            .text("/error"),
        "invalid_grant"
    );
}

#[actix_web::test]
async fn a_new_account_has_a_one_time_password_that_must_be_changed() {
    let town = Town::start().await;
    let admin = town.client("system_admin").await;
    let new = json!({ "username": "XiaoLi", "name": "李明", "id_number": id_number(1), "organization_id": town.yijiang_basic });
    let made = admin.post("/users", new.clone()).await.expect(201);
    let once = made.text("/one_time_password");
    let place = format!("/users/{}", made.id());
    town.client("security_admin")
        .await
        .put(&place, "/roles", json!({ "roles": ["caseworker"] }))
        .await
        .expect(200);
    let form = [
        ("grant_type", "password"),
        ("username", "xiaoli"),
        ("password", once.as_str()),
    ];
    let token = town.app.token(&form).await.expect(200);
    assert_eq!(token.body["must_change_password"], true);
    let client = crate::harness::Client {
        app: town.app.clone(),
        token: token.text("/access_token"),
    };
    client.get("/members").await.problem(403, "must_change_password");
    let change = |new: &str| json!({ "current_password": once, "new_password": new });
    client
        .post("/auth/password", change("short"))
        .await
        .problem(422, "invalid");
    client
        .post("/auth/password", change("Chunjie-2021"))
        .await
        .expect(200);
    client.get("/members").await.expect(200);
    let mut again = new;
    again["id_number"] = json!(id_number(2));
    again["username"] = json!("xIAOLI");
    admin.post("/users", again).await.problem(409, "username_taken");
}

#[actix_web::test]
async fn disabling_and_new_roles_end_sessions_at_once_and_nobody_changes_their_own() {
    let town = Town::start().await;
    let (worker, colleague) = (town.client("caseworker").await, town.client("caseworker_b").await);
    let place = |name: &str| format!("/users/{}", town.user_id(name));
    let admin = town.client("system_admin").await;
    admin
        .act(&place("caseworker"), "/disable", nothing())
        .await
        .expect(200);
    worker.get("/me").await.problem(401, "unauthenticated");
    let security = town.client("security_admin").await;
    security
        .put(
            &place("caseworker_b"),
            "/roles",
            json!({ "roles": ["supervisor"] }),
        )
        .await
        .expect(200);
    colleague.get("/me").await.problem(401, "unauthenticated");
    let own = security
        .put(
            &place("security_admin"),
            "/roles",
            json!({ "roles": ["security_admin"] }),
        )
        .await;
    own.problem(409, "same_person");
    let mixed = security
        .put(
            &place("auditor"),
            "/roles",
            json!({ "roles": ["auditor", "finance"] }),
        )
        .await;
    mixed.problem(409, "incompatible_roles");
}
