use bangfu::auth::{Actor, Role};
use bangfu::users;
use serde_json::{Value, json};

use crate::given::{Town, id_number, racers};
use crate::harness::{Client, nothing};

fn new(town: &Town, n: usize, username: &str) -> Value {
    json!({ "username": username, "name": "李明", "id_number": id_number(n), "organization_id": town.yijiang_basic })
}

async fn sign_in_once(town: &Town, grant: &str, username: &str, password: &str) -> Value {
    let form = [
        ("grant_type", grant),
        ("username", username),
        ("password", password),
        ("client_id", username),
        ("client_secret", password),
    ];
    town.app.token(&form).await.expect(200).body
}

#[actix_web::test]
async fn an_account_shows_its_holders_id_number_masked_and_its_password_once() {
    let town = Town::start().await;
    let admin = town.client("system_admin").await;
    let id = "01723d2f-5c00-7c44-9d0a-2f6f3a1c5b7e";
    let mut body = new(&town, 1, "xiaoli");
    body["id"] = json!(id);
    let made = admin.post("/users", body.clone()).await.expect(201);
    assert_eq!(made.header("location"), format!("/api/v1/users/{id}"));
    let number = id_number(1);
    assert_eq!(
        made.text("/id_number"),
        format!("{}**********{}", &number[..4], &number[14..])
    );
    assert_eq!(made.body["roles"], json!([]));
    assert_eq!(made.body["must_change_password"], true);
    assert_eq!(made.text("/one_time_password").len(), 16);
    let again = admin.post("/users", body).await.expect(200);
    assert_eq!(again.header("idempotency-replayed"), "true");
    assert!(again.body["one_time_password"].is_null());
    let seen = admin.get(&format!("/users/{id}")).await.expect(200);
    assert!(seen.body.get("one_time_password").is_none());
    assert_eq!(seen.text("/status"), "active");
}

#[actix_web::test]
async fn every_mistake_in_a_new_account_is_named() {
    let town = Town::start().await;
    let admin = town.client("system_admin").await;
    let bad =
        json!({ "username": "a b", "name": " ", "id_number": "340299198502290018", "organization_id": "x" });
    let refused = admin.post("/users", bad).await.problem(422, "invalid");
    assert_eq!(
        refused.pointers(),
        ["/id_number", "/name", "/organization_id", "/username"]
    );
    let missing = admin
        .post("/users", json!({ "username": "xiaoli", "name": "李明" }))
        .await
        .problem(422, "invalid");
    assert_eq!(missing.pointers(), ["/id_number", "/organization_id"]);
    let mut roles = new(&town, 1, "xiaoli");
    roles["roles"] = json!(["supervisor"]);
    admin.post("/users", roles).await.problem(400, "malformed");
    let mut unborn = new(&town, 1, "xiaoli");
    // born on 12 December 2020, long after the test's day
    unborn["id_number"] = json!(with_check("34029920201212120"));
    let unborn = admin.post("/users", unborn).await.problem(422, "invalid");
    assert_eq!(unborn.pointers(), ["/id_number"]);
}

fn with_check(body: &str) -> String {
    let number = (b"0123456789X".iter())
        .map(|c| format!("{body}{}", char::from(*c)))
        .find(|number| bangfu::identity::CitizenId::parse(number).is_ok());
    number.unwrap()
}

#[actix_web::test]
async fn an_account_belongs_to_an_open_unit_that_its_maker_sees() {
    let town = Town::start().await;
    let district = town.client("system_admin_2").await;
    let mut outside = new(&town, 1, "xiaoli");
    outside["organization_id"] = json!(town.jinghu);
    let refused = district.post("/users", outside).await.problem(422, "invalid");
    assert_eq!(refused.pointers(), ["/organization_id"]);
    assert_eq!(refused.body["errors"][0]["code"], "not_found");
    let unit = format!("/organizations/{}", town.yijiang_basic);
    district.act(&unit, "/close", nothing()).await.expect(200);
    let closed = district
        .post("/users", new(&town, 1, "xiaoli"))
        .await
        .problem(422, "invalid");
    assert_eq!(closed.body["errors"][0]["code"], "closed");
    let elsewhere = format!("/users/{}", town.user_id("caseworker"));
    district.get(&elsewhere).await.problem(404, "not_found");
    let verb = district
        .act_on(&format!("{elsewhere}/disable"), "\"1\"", nothing())
        .await;
    verb.problem(404, "not_found");
}

#[actix_web::test]
async fn a_name_is_never_given_twice_and_a_person_has_one_account() {
    let town = Town::start().await;
    let admin = town.client("system_admin").await;
    let made = admin.post("/users", new(&town, 1, "xiaoli")).await.expect(201);
    for name in ["xiaoli", "XIAOLI", "ｘｉａｏｌｉ"] {
        admin
            .post("/users", new(&town, 2, name))
            .await
            .problem(409, "username_taken");
    }
    admin
        .post("/users", new(&town, 1, "xiaoli2"))
        .await
        .problem(409, "person_has_account");
    let place = format!("/users/{}", made.id());
    let gone = admin.act(&place, "/disable", nothing()).await.expect(200);
    assert_eq!(gone.text("/status"), "disabled");
    admin
        .post("/users", new(&town, 2, "xiaoli"))
        .await
        .problem(409, "username_taken");
    admin.post("/users", new(&town, 1, "xiaoli2")).await.expect(201);
}

#[actix_web::test]
async fn a_disabled_account_stays_as_it_is() {
    let town = Town::start().await;
    let (admin, security) = (
        town.client("system_admin").await,
        town.client("security_admin").await,
    );
    let place = format!("/users/{}", town.user_id("caseworker"));
    admin.act(&place, "/disable", nothing()).await.expect(200);
    for verb in ["/disable", "/reset-password"] {
        admin.act(&place, verb, nothing()).await.problem(409, "disabled");
    }
    admin
        .patch(&place, json!({ "name": "甲" }))
        .await
        .problem(409, "disabled");
    security
        .put(&place, "/roles", json!({ "roles": [] }))
        .await
        .problem(409, "disabled");
    security
        .act(&place, "/unlock", nothing())
        .await
        .problem(409, "disabled");
    let own = format!("/users/{}", town.user_id("system_admin"));
    admin
        .act(&own, "/disable", nothing())
        .await
        .problem(409, "same_person");
}

#[actix_web::test]
async fn a_reset_gives_a_one_time_password_and_ends_the_sessions() {
    let town = Town::start().await;
    let (admin, worker) = (town.client("system_admin").await, town.client("caseworker").await);
    let place = format!("/users/{}", town.user_id("caseworker"));
    admin
        .post(&format!("{place}/reset-password"), nothing())
        .await
        .problem(428, "precondition_required");
    let reset = admin.act(&place, "/reset-password", nothing()).await.expect(200);
    worker.get("/me").await.problem(401, "unauthenticated");
    let once = reset.text("/one_time_password");
    let token = sign_in_once(&town, "password", "caseworker", &once).await;
    assert_eq!(token["must_change_password"], true);
    // a program has nobody to change its secret
    let place = format!("/users/{}", town.user_id("integration"));
    let reset = admin.act(&place, "/reset-password", nothing()).await.expect(200);
    let secret = reset.text("/one_time_password");
    let token = sign_in_once(&town, "client_credentials", "integration", &secret).await;
    assert_eq!(token["must_change_password"], false);
}

#[actix_web::test]
async fn roles_go_together_and_scopes_are_for_programs() {
    let town = Town::start().await;
    let security = town.client("security_admin").await;
    let place = format!("/users/{}", town.user_id("caseworker"));
    let put = |body: Value| {
        let (security, place) = (security.clone(), place.clone());
        async move { security.put(&place, "/roles", body).await }
    };
    let both = put(json!({ "roles": ["supervisor", "caseworker", "supervisor"] }))
        .await
        .expect(200);
    assert_eq!(both.body["roles"], json!(["caseworker", "supervisor"]));
    for roles in [
        ["auditor", "caseworker"],
        ["system_admin", "security_admin"],
        ["security_admin", "supervisor"],
        ["integration", "caseworker"],
    ] {
        put(json!({ "roles": roles }))
            .await
            .problem(409, "incompatible_roles");
    }
    let absent = put(json!({})).await.problem(422, "invalid");
    assert_eq!(absent.pointers(), ["/roles"]);
    let unknown = put(json!({ "roles": ["boss"] })).await.problem(422, "invalid");
    assert_eq!(unknown.pointers(), ["/roles/0"]);
    let scoped = put(json!({ "roles": ["caseworker"], "scopes": ["members:read"] })).await;
    assert_eq!(scoped.problem(422, "invalid").pointers(), ["/scopes"]);
    let scopes = json!({ "roles": ["integration"], "scopes": ["members:read", "payments:pay"] });
    assert_eq!(
        put(scopes).await.problem(422, "invalid").pointers(),
        ["/scopes/1"]
    );
    let program = put(json!({ "roles": ["integration"], "scopes": ["files:read"] }))
        .await
        .expect(200);
    assert_eq!(program.body["scopes"], json!(["files:read"]));
    assert_eq!(program.body["must_change_password"], false);
    // what an administrator saw as a program's secret is no person's password
    let person = put(json!({ "roles": ["caseworker"] })).await.expect(200);
    assert_eq!(person.body["must_change_password"], true);
}

#[actix_web::test]
async fn accounts_are_found_by_unit_state_role_and_beginning_of_the_name() {
    let town = Town::start().await;
    let admin = town.client("system_admin").await;
    let names = |admin: Client, query: String| async move {
        let items = admin.get(&format!("/users?{query}")).await.expect(200).items();
        let mut names: Vec<_> = items
            .iter()
            .map(|user| user["username"].as_str().unwrap().to_owned())
            .collect();
        names.sort();
        names
    };
    let find = |query: String| names(admin.clone(), query);
    assert_eq!(
        find("username=CASEWORKER_".into()).await,
        ["caseworker_2", "caseworker_b"]
    );
    assert_eq!(
        find("role=system_admin".into()).await,
        ["system_admin", "system_admin_2"]
    );
    let unit = format!("organization_id={}&role=caseworker", town.yijiang);
    assert_eq!(find(unit).await, ["caseworker_2"]);
    for _ in 0..5 {
        let form = [
            ("grant_type", "password"),
            ("username", "CaseWorker"),
            ("password", "x"),
        ];
        town.app.token(&form).await.expect(400);
    }
    let place = format!("/users/{}", town.user_id("caseworker_b"));
    admin.act(&place, "/disable", nothing()).await.expect(200);
    assert_eq!(find("status=locked".into()).await, ["caseworker"]);
    assert_eq!(find("status=disabled".into()).await, ["caseworker_b"]);
    assert_eq!(
        find("status=active&username=caseworker".into()).await,
        ["caseworker_2"]
    );
    let district = town.client("system_admin_2").await;
    assert_eq!(names(district.clone(), "status=locked".into()).await, [""; 0]);
    let elsewhere = format!("/users?organization_id={}", town.jinghu);
    district.get(&elsewhere).await.problem(404, "not_found");
}

#[actix_web::test]
async fn an_account_moves_to_another_unit_and_sees_from_there_at_once() {
    let town = Town::start().await;
    let (admin, worker) = (town.client("system_admin").await, town.client("caseworker").await);
    let place = format!("/users/{}", town.user_id("caseworker"));
    let there = format!("/organizations/{}", town.yijiang_basic);
    worker.get(&there).await.problem(404, "not_found");
    admin
        .patch(&place, json!({ "organization_id": town.yijiang }))
        .await
        .expect(200);
    worker.get(&there).await.expect(200);
    let read_only = admin.patch(&place, json!({ "roles": ["supervisor"] })).await;
    read_only.problem(400, "malformed");
    let stale = admin.patch_on(&place, "\"1\"", json!({ "name": "甲" })).await;
    assert_eq!(
        stale.problem(412, "stale").body["fields"],
        json!(["organization_id"])
    );
}

/// Eight threads open an account each; how each ended.
fn race(
    town: &Town,
    limit: Option<i64>,
    body: impl Fn(usize) -> Value + Send + Sync + 'static,
) -> Vec<Result<(), &'static str>> {
    let (db, hash) = (
        town.app.db.clone(),
        town.app.shared.passwords.hash("Once-2020").unwrap(),
    );
    let admin = users_id(town);
    racers(8, move |n| {
        let new = bangfu::input::read_body(body(n).to_string().as_bytes()).unwrap();
        let actor = Actor {
            id: Some(admin),
            role: Role::SystemAdmin.as_str(),
            ..Actor::system()
        };
        db.write_blocking(actor, format!("r{n}"), |tx| {
            let id = tx.new_id();
            users::create(tx, id, new, hash.clone(), limit).map(drop)
        })
        .map_err(|error| error.code())
    })
}

fn users_id(town: &Town) -> users::UserId {
    town.user_id("system_admin").parse().unwrap()
}

fn won(outcomes: &[Result<(), &'static str>], refusal: &str) {
    let won = outcomes.iter().filter(|o| o.is_ok()).count();
    assert_eq!(won, 1, "{outcomes:?}");
    assert!(
        outcomes.iter().all(|o| o.is_ok() || *o == Err(refusal)),
        "{outcomes:?}"
    );
}

#[actix_web::test]
async fn of_eight_who_want_a_name_at_once_one_gets_it() {
    let town = Town::start().await;
    let bodies: Vec<_> = (0..8).map(|n| new(&town, n + 1, "Xiaoli")).collect();
    won(&race(&town, None, move |n| bodies[n].clone()), "username_taken");
}

#[actix_web::test]
async fn of_eight_accounts_for_one_person_at_once_one_is_opened() {
    let town = Town::start().await;
    let bodies: Vec<_> = (0..8).map(|n| new(&town, 1, &format!("xiaoli{n}"))).collect();
    won(
        &race(&town, None, move |n| bodies[n].clone()),
        "person_has_account",
    );
}

#[actix_web::test]
async fn of_eight_accounts_at_once_the_last_free_place_takes_one() {
    let town = Town::start().await;
    let bodies: Vec<_> = (0..8).map(|n| new(&town, n + 1, &format!("xiaoli{n}"))).collect();
    won(
        &race(&town, Some(1), move |n| bodies[n].clone()),
        "too_many_accounts",
    );
}
