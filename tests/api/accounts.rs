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

#[actix_web::test]
async fn a_sign_in_forgets_earlier_failures_and_a_lock_ends_by_itself() {
    let town = Town::start().await;
    let wrong = [
        ("grant_type", "password"),
        ("username", "caseworker"),
        ("password", "wrong"),
    ];
    for _ in 0..2 {
        for _ in 0..4 {
            town.app.token(&wrong).await.expect(400);
        }
        town.client("caseworker").await;
    }
    for _ in 0..5 {
        town.app.token(&wrong).await.expect(400);
    }
    town.app.token(&wrong).await.expect(429);
    town.app.set_time(
        "2020-05-20T04:16:00Z"
            .parse::<bangfu::db::types::Timestamp>()
            .unwrap(),
    );
    town.client("caseworker").await;
}

#[actix_web::test]
async fn guessing_the_present_password_of_a_stolen_session_locks_and_ends_it() {
    let town = Town::start().await;
    let stolen = town.client("caseworker").await;
    let guess = json!({ "current_password": "Guess-2020", "new_password": "Chunjie-2021" });
    for _ in 0..5 {
        let refused = stolen
            .post("/auth/password", guess.clone())
            .await
            .problem(422, "invalid");
        assert_eq!(refused.pointers(), ["/current_password"]);
    }
    stolen
        .post("/auth/password", guess)
        .await
        .problem(401, "unauthenticated");
}

#[actix_web::test]
async fn a_new_password_meets_the_policy_and_ends_the_other_sessions() {
    let town = Town::start().await;
    let (here, elsewhere) = (town.client("caseworker").await, town.client("caseworker").await);
    let change = |new: &str| json!({ "current_password": PASSWORD, "new_password": new });
    // as often as would lock the name, were these failures
    for weak in [
        "Ab-1",
        "abcdefgh",
        "ABCDEFG1",
        "abcdefg1",
        "Caseworker-1",
        PASSWORD,
    ] {
        let refused = here.post("/auth/password", change(weak)).await.expect(422);
        assert_eq!(refused.pointers(), ["/new_password"], "{weak}");
    }
    here.post("/auth/password", change("Chunjie-2021"))
        .await
        .expect(200);
    here.get("/me").await.expect(200);
    elsewhere.get("/me").await.problem(401, "unauthenticated");
}

#[actix_web::test]
async fn an_expired_password_must_be_changed() {
    let town = Town::start().await;
    town.app.set("2020-09-01");
    let form = [
        ("grant_type", "password"),
        ("username", "caseworker"),
        ("password", PASSWORD),
    ];
    let token = town.app.token(&form).await.expect(200);
    assert_eq!(token.body["must_change_password"], true);
    let client = crate::harness::Client {
        app: town.app.clone(),
        token: token.text("/access_token"),
    };
    client.get("/files").await.problem(403, "must_change_password");
}

#[actix_web::test]
async fn access_tokens_expire_and_revoked_ones_end() {
    let town = Town::start().await;
    let (old, revoked) = (town.client("caseworker").await, town.client("caseworker").await);
    let form = [("token", revoked.token.as_str())];
    let revoke = || {
        actix_web::test::TestRequest::post()
            .uri("/api/v1/auth/revoke")
            .set_form(form)
    };
    town.app.send(revoke()).await.expect(200);
    town.app.send(revoke()).await.expect(200);
    revoked.get("/me").await.problem(401, "unauthenticated");
    old.get("/me").await.expect(200);
    town.app.set_time(
        "2020-05-20T04:16:00Z"
            .parse::<bangfu::db::types::Timestamp>()
            .unwrap(),
    );
    old.get("/me").await.problem(401, "unauthenticated");
}

#[actix_web::test]
async fn a_program_signs_in_as_a_client_and_may_do_what_its_scopes_name() {
    let town = Town::start().await;
    let place = format!("/users/{}", town.user_id("integration"));
    let security = town.client("security_admin").await;
    let before = town.client("integration").await;
    let scopes = json!({ "roles": ["integration"], "scopes": ["members:read"] });
    security.put(&place, "/roles", scopes).await.expect(200);
    before.get("/members").await.problem(401, "unauthenticated");
    let program = town.client("integration").await;
    program.get("/members").await.expect(200);
    program.get("/files").await.problem(403, "forbidden");
    let me = program.get("/me").await.expect(200);
    assert_eq!(me.body["permissions"], json!(["members:read"]));
    for (grant, name) in [("password", "integration"), ("client_credentials", "caseworker")] {
        let form = [
            ("grant_type", grant),
            ("username", name),
            ("password", PASSWORD),
            ("client_id", name),
            ("client_secret", PASSWORD),
        ];
        let refused = town.app.token(&form).await;
        assert!([400, 401].contains(&refused.status), "{grant}: {}", refused.body);
    }
}

#[actix_web::test]
async fn a_change_of_password_that_is_repeated_with_its_key_gets_the_first_answer() {
    let town = Town::start().await;
    let worker = town.client("caseworker").await;
    let change = json!({ "current_password": PASSWORD, "new_password": "Chunjie-2021" });
    let key = [("Idempotency-Key", "k-1")];
    let send = async |path| worker.post_with(path, &key, change.clone()).await;
    send("/auth/password?x=1").await.problem(400, "malformed");
    send("/auth/password").await.expect(200);
    for _ in 0..6 {
        let again = send("/auth/password").await.expect(200);
        assert_eq!(again.header("idempotency-replayed"), "true");
    }
}

#[actix_web::test]
async fn an_account_without_roles_sees_itself_and_changes_its_password_and_nothing_else() {
    let town = Town::start().await;
    let admin = town.client("system_admin").await;
    let new = json!({ "username": "new", "name": "李明", "id_number": id_number(1), "organization_id": town.yijiang });
    let once = admin
        .post("/users", new)
        .await
        .expect(201)
        .text("/one_time_password");
    let form = [
        ("grant_type", "password"),
        ("username", "new"),
        ("password", once.as_str()),
    ];
    let token = town.app.token(&form).await.expect(200).text("/access_token");
    let client = crate::harness::Client {
        app: town.app.clone(),
        token,
    };
    assert_eq!(client.get("/me").await.expect(200).body["roles"], json!([]));
    let change = json!({ "current_password": once, "new_password": "Chunjie-2021" });
    client.post("/auth/password", change).await.expect(200);
    client.get("/members").await.problem(403, "forbidden");
}
