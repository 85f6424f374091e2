//! What holds for every call: problems, limits, headers, repeats.

use actix_web::test::TestRequest;
use serde_json::json;

use crate::given::{Town, claim, id_number};

fn unit(town: &Town) -> serde_json::Value {
    json!({ "parent_id": town.jinghu, "kind": "basic", "name": "工会", "code": "X1" })
}

#[actix_web::test]
async fn bad_bodies_get_the_right_status_and_name_each_field() {
    let town = Town::start().await;
    let admin = town.client("system_admin").await;
    let post = |bytes: &'static [u8]| {
        let request = TestRequest::post()
            .insert_header(("Content-Type", "application/json"))
            .set_payload(bytes);
        admin.raw(request, "/organizations")
    };
    for malformed in [
        &b"{"[..],
        b"",
        b"nul",
        b"\xff\xfe",
        b"{\"kind\": \"\x00\"}",
        b"{\"name\": 1e400}",
        b"[[[[[",
    ] {
        post(malformed).await.problem(400, "malformed");
    }
    let nested = [b"[".repeat(100_000), b"]".repeat(100_000)].concat();
    let request = TestRequest::post()
        .insert_header(("Content-Type", "application/json"))
        .set_payload(nested);
    admin
        .raw(request, "/organizations")
        .await
        .problem(400, "malformed");
    let unknown = post(br#"{"parent": 1, "kind": "basic", "colour/x": 2}"#)
        .await
        .problem(400, "malformed");
    assert_eq!(unknown.pointers(), ["/colour~1x", "/parent"]);
    let invalid = post(br#"{"parent_id": "x", "kind": 7, "name": "a\u0000b", "code": ""}"#)
        .await
        .problem(422, "invalid");
    assert_eq!(invalid.pointers(), ["/code", "/kind", "/name", "/parent_id"]);
    for name in ["\\ud800", "\\udfff x", "a\\u202eb", "\\u2066", "\\u0007"] {
        let body = format!(
            r#"{{"parent_id": "{}", "kind": "basic", "name": "{name}", "code": "c"}}"#,
            town.jinghu
        );
        let request = TestRequest::post()
            .insert_header(("Content-Type", "application/json"))
            .set_payload(body);
        let refused = admin.raw(request, "/organizations").await.problem(422, "invalid");
        assert_eq!(refused.pointers(), ["/name"]);
    }
}

#[actix_web::test]
async fn sql_html_and_emoji_are_only_text() {
    let town = Town::start().await;
    let admin = town.client("system_admin").await;
    for (n, name) in [
        "'; DROP TABLE users; --",
        "<script>alert(1)</script>",
        "👷‍♀️🎉",
        "%_\\",
    ]
    .iter()
    .enumerate()
    {
        let mut body = unit(&town);
        body["name"] = json!(name);
        body["code"] = json!(format!("T{n}"));
        let made = admin.post("/organizations", body).await.expect(201);
        let found = admin
            .get(&format!("/organizations/{}", made.id()))
            .await
            .expect(200);
        assert_eq!(found.text("/name"), *name);
    }
}

#[actix_web::test]
async fn a_body_must_be_json_and_not_too_large() {
    let town = Town::start().await;
    let admin = town.client("system_admin").await;
    let form = TestRequest::post().set_form([("name", "x")]);
    admin
        .raw(form, "/organizations")
        .await
        .problem(415, "unsupported_media_type");
    let bare = TestRequest::post().set_payload("{}");
    admin
        .raw(bare, "/organizations")
        .await
        .problem(415, "unsupported_media_type");
    let huge = TestRequest::post()
        .insert_header(("Content-Type", "application/json"))
        .set_payload(vec![b' '; 300_000]);
    admin.raw(huge, "/organizations").await.problem(413, "too_large");
}

#[actix_web::test]
async fn who_may_is_decided_before_what() {
    let town = Town::start().await;
    let garbage = || {
        TestRequest::post()
            .insert_header(("Content-Type", "text/plain"))
            .set_payload("{")
    };
    town.app
        .send(garbage().uri("/api/v1/organizations"))
        .await
        .problem(401, "unauthenticated");
    let caseworker = town.client("caseworker").await;
    caseworker
        .raw(garbage(), "/organizations")
        .await
        .problem(403, "forbidden");
    let far = town.client("system_admin_2").await;
    far.raw(garbage(), &format!("/organizations/{}/close", town.jinghu))
        .await
        .problem(404, "not_found");
}

#[actix_web::test]
async fn a_problem_speaks_the_clients_language_and_quotes_the_request_id() {
    let town = Town::start().await;
    let ask = |language: &str| {
        TestRequest::get()
            .uri("/api/v1/me")
            .insert_header(("Accept-Language", language.to_owned()))
    };
    let chinese = town.app.send(ask("de")).await.problem(401, "unauthenticated");
    assert_eq!(
        (
            chinese.text("/title").as_str(),
            chinese.header("content-language").as_str()
        ),
        ("请先登录", "zh-CN")
    );
    let english = town
        .app
        .send(ask("en-GB,en;q=0.9").insert_header(("X-Request-Id", "abc-1")))
        .await;
    assert_eq!(
        (
            english.text("/title").as_str(),
            english.text("/request_id").as_str()
        ),
        ("Sign in first", "abc-1")
    );
    assert_eq!(english.header("x-request-id"), "abc-1");
    assert_eq!(english.header("content-type"), "application/problem+json");
    for odd in ["a b", "x\"y", "340299197001010028"] {
        let answer = town
            .app
            .send(ask("en").insert_header(("X-Request-Id", odd)))
            .await;
        assert_ne!(answer.header("x-request-id"), odd);
    }
}

#[actix_web::test]
async fn unknown_paths_and_methods_are_problems_too() {
    let town = Town::start().await;
    town.app
        .send(TestRequest::get().uri("/api/v1/nowhere"))
        .await
        .problem(404, "not_found");
    let delete = town
        .app
        .send(TestRequest::delete().uri(&format!("/api/v1/organizations/{}", town.root)))
        .await;
    assert_eq!(
        delete.problem(405, "method_not_allowed").header("allow"),
        "GET, PATCH"
    );
}

#[actix_web::test]
async fn answers_with_case_data_are_never_cached_and_name_no_server_version() {
    let town = Town::start().await;
    let answer = town.client("caseworker").await.get("/me").await.expect(200);
    assert_eq!(answer.header("cache-control"), "no-store");
    assert!(!answer.header("server").contains(|c: char| c.is_ascii_digit()));
}

#[actix_web::test]
async fn the_same_key_at_the_same_time_has_one_effect() {
    let town = Town::start().await;
    let admin = town.client("system_admin").await;
    let key = [("Idempotency-Key", "same")];
    let tries = (0..8).map(|_| admin.post_with("/organizations", &key, unit(&town)));
    let answers = futures_util::future::join_all(tries).await;
    for answer in &answers {
        match answer.status {
            201 => {}
            _ => assert_eq!(
                (answer.status, &answer.body["code"]),
                (409, &json!("request_in_progress"))
            ),
        }
    }
    assert!(answers.iter().any(|a| a.status == 201));
    assert_eq!(
        town.app
            .count("SELECT COUNT(*) AS n FROM organizations WHERE code = 'X1'"),
        1
    );
    for bad in ["", "a b", &"x".repeat(256)] {
        admin
            .post_with("/organizations", &[("Idempotency-Key", bad)], unit(&town))
            .await
            .problem(400, "malformed");
    }
}

#[actix_web::test]
async fn an_answer_kept_for_repeats_is_forgotten_after_a_day() {
    let town = Town::start().await;
    let admin = town.client("system_admin").await;
    let key = [("Idempotency-Key", "k")];
    admin
        .post_with("/organizations", &key, unit(&town))
        .await
        .expect(201);
    town.app.set("2020-05-22");
    let admin = town.client("system_admin").await;
    let late = admin.post_with("/organizations", &key, unit(&town)).await;
    late.problem(409, "organization_exists");
}

#[actix_web::test]
async fn a_database_that_is_away_is_said_so_and_nothing_is_stored() {
    let town = Town::start().await;
    let admin = town.client("system_admin").await;
    admin.get("/me").await.expect(200);
    if town.app.on_postgres() {
        // every session of this database is cut; the next request meets a dead connection, the one after a new one
        let name = town.app.url.rsplit('/').next().unwrap();
        let server = std::env::var("BANGFU_TEST_POSTGRES").unwrap();
        let cut = format!("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'");
        let mut conn = bangfu::db::Conn::open(&format!("{server}/postgres")).unwrap();
        diesel::connection::SimpleConnection::batch_execute(&mut conn, &cut).unwrap();
        let mut answers = Vec::new();
        for _ in 0..20 {
            answers.push(admin.get("/me").await);
        }
        for answer in answers.iter().filter(|a| a.status != 200) {
            assert_eq!((answer.status, answer.header("retry-after").as_str()), (503, "2"));
        }
        assert_eq!(answers.last().unwrap().status, 200);
    } else {
        // a full disk: the database may not grow by a page
        town.app
            .db
            .write_blocking(bangfu::auth::Actor::system(), String::new(), |tx| {
                use diesel::connection::SimpleConnection as _;
                Ok(tx.conn.batch_execute("PRAGMA max_page_count = 1")?)
            })
            .unwrap();
        let before = town.app.count("SELECT COUNT(*) AS n FROM organizations");
        let mut refused = 0;
        for n in 0..400 {
            let mut body = unit(&town);
            body["code"] = json!(format!("F{n}"));
            body["name"] = json!(format!("工会{n}"));
            let answer = admin.post("/organizations", body).await;
            if answer.status != 201 {
                assert_eq!(
                    (answer.status, answer.header("retry-after").as_str()),
                    (503, "2"),
                    "{}",
                    answer.body
                );
                refused += 1;
                break;
            }
        }
        assert_eq!(refused, 1);
        let stored = town.app.count("SELECT COUNT(*) AS n FROM organizations") - before;
        let logged = town
            .app
            .count("SELECT COUNT(*) AS n FROM audit_events WHERE action = 'organization.opened'");
        assert_eq!(stored + before, logged);
    }
}

#[actix_web::test]
async fn a_client_made_id_that_a_record_has_is_taken_whoever_sees_it() {
    let town = Town::start().await;
    let case = town.case().await;
    let worker = town.client("caseworker_2").await;
    let mut lodged = claim(&case.member, 1, 1_000_000, "S-9");
    lodged["id"] = json!(case.claim);
    town.client("caseworker")
        .await
        .post("/illness-claims", lodged)
        .await
        .problem(409, "id_taken");
    for taken in [&case.member, &case.file, &town.jinghu] {
        let new = json!({ "id": taken, "name": "李四", "id_number": id_number(77), "organization_id": town.yijiang_basic,
            "joined_on": "2015-01-01" });
        worker.post("/members", new).await.problem(409, "id_taken");
    }
}

#[actix_web::test]
async fn an_action_sent_again_to_another_file_is_no_repeat() {
    let town = Town::start().await;
    let case = town.case().await;
    let other = town.file_on_file(&town.member(2).await).await;
    let worker = town.client("caseworker").await;
    let now = worker.get("/me").await.text("/server_time");
    let call = json!({ "id": uuid::Uuid::now_v7(), "kind": "call", "occurred_at": now, "channel": "phone",
        "reached": "worker", "outcome": "reached" });
    let place = |file: &str| format!("/files/{file}/actions");
    worker.post(&place(&case.file), call.clone()).await.expect(201);
    worker.post(&place(&case.file), call.clone()).await.expect(200);
    worker.post(&place(&other), call).await.problem(409, "id_taken");
}

#[actix_web::test]
async fn an_account_that_moved_gets_no_answers_from_its_old_unit() {
    let town = Town::start().await;
    let member = format!("/members/{}", town.member(1).await);
    let worker = town.client("caseworker").await;
    let key = [("Idempotency-Key", "k-1")];
    let draft = claim(member.trim_start_matches("/members/"), 1, 1_000_000, "S-1");
    for _ in 0..2 {
        worker
            .post_with("/illness-claims", &key, draft.clone())
            .await
            .expect(201);
    }
    let user = format!("/users/{}", town.user_id("caseworker"));
    let there = json!({ "organization_id": town.yijiang });
    town.client("system_admin")
        .await
        .patch(&user, there)
        .await
        .expect(200);
    let late = worker.post_with("/illness-claims", &key, draft).await;
    assert_eq!(late.expect(422).pointers(), ["/member_id"]);
}

#[actix_web::test]
async fn a_filter_by_what_the_caller_does_not_see_finds_nothing_at_all() {
    let town = Town::start().await;
    let case = town.case().await;
    let (here, there) = (town.client("supervisor").await, town.client("supervisor_2").await);
    for list in [
        format!("/illness-claims?member_id={}", case.member),
        format!("/payments?claim_id={}", case.claim),
        format!("/actions?performed_by={}", town.user_id("caseworker")),
        format!("/files?contact_id={}", town.user_id("caseworker")),
    ] {
        assert!(!here.get(&list).await.expect(200).items().is_empty(), "{list}");
        there.get(&list).await.problem(404, "not_found");
    }
}
