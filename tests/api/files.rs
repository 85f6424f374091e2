use serde_json::{Value, json};

use crate::given::{Shot, Town, id_number, race};
use crate::harness::{Answer, Client, nothing};

fn draft(member: &str) -> Value {
    json!({ "member_id": member, "scheme": "scheme_2020", "category": "deep", "level": "city",
        "primary_cause": "major_illness", "secondary_causes": ["children_schooling"] })
}

async fn open(town: &Town, n: usize) -> Answer {
    let member = town.member(n).await;
    let worker = town.client("caseworker").await;
    worker.post("/files", draft(&member)).await.expect(201)
}

/// The place of a file that waits for review.
async fn submitted(town: &Town, n: usize) -> String {
    let place = format!("/files/{}", open(town, n).await.id());
    let worker = town.client("caseworker").await;
    worker.act(&place, "/submit", nothing()).await.expect(200);
    place
}

fn closing(status: &str, reason: &str, day: &str) -> Value {
    json!({ "status": status, "reason_code": reason, "comment": null, "closed_on": day })
}

async fn status(client: &Client, place: &str) -> String {
    client.get(place).await.expect(200).text("/status")
}

#[actix_web::test]
async fn a_file_is_opened_submitted_approved_paired_and_closed() {
    let town = Town::start().await;
    let (worker, supervisor) = (town.client("caseworker").await, town.client("supervisor").await);
    let made = open(&town, 1).await;
    let place = format!("/files/{}", made.id());
    assert_eq!(made.header("location"), format!("/api/v1{place}"));
    let expected = json!({
        "id": made.id(), "number": "340200-2020-000001", "member_id": made.text("/member_id"),
        "organization_id": town.jinghu_basic, "status": "draft", "scheme": "scheme_2020", "category": "deep",
        "level": "city", "primary_cause": "major_illness", "secondary_causes": ["children_schooling"],
        "contact_id": null, "opened_on": null, "closed_on": null, "closed_reason": null, "episode": 1,
        "former_id": null, "stage": null, "due_on": null, "paper_due_on": null, "version": 1,
    });
    assert_eq!(made.body, expected);
    worker.act(&place, "/submit", nothing()).await.expect(200);
    let approved = supervisor.act(&place, "/approve", nothing()).await.expect(200);
    assert_eq!(
        (
            approved.text("/status").as_str(),
            approved.text("/opened_on").as_str()
        ),
        ("on_file", "2020-05-20")
    );
    let contact = town.user_id("caseworker");
    let pair = json!({ "contact_id": contact });
    let paired = supervisor.act(&place, "/pair", pair).await.expect(200);
    assert_eq!(paired.text("/contact_id"), contact);
    town.app.set("2020-06-01");
    let supervisor = town.client("supervisor").await;
    let closed = supervisor
        .act(
            &place,
            "/close",
            closing("exited", "out_of_hardship", "2020-05-31"),
        )
        .await
        .expect(200);
    assert_eq!(
        [
            &closed.body["status"],
            &closed.body["closed_on"],
            &closed.body["closed_reason"],
            &closed.body["contact_id"]
        ],
        [
            &json!("exited"),
            &json!("2020-05-31"),
            &json!("out_of_hardship"),
            &Value::Null
        ]
    );
    let number = open(&town, 2).await.text("/number");
    assert_eq!(number, "340200-2020-000002");
}

#[actix_web::test]
async fn steps_that_the_status_does_not_allow_are_refused_and_change_nothing() {
    let town = Town::start().await;
    let (worker, supervisor) = (town.client("caseworker").await, town.client("supervisor").await);
    let place = format!("/files/{}", open(&town, 1).await.id());
    let back = json!({ "reason_code": "wrong_data", "fields": [] });
    for (verb, body) in [
        ("/approve", nothing()),
        ("/return", back.clone()),
        ("/reject", json!({ "reason_code": "excluded" })),
        ("/pair", json!({ "contact_id": town.user_id("caseworker") })),
        ("/close", closing("relieved", "relieved", "2020-05-20")),
        ("/reopen", nothing()),
    ] {
        let refused = supervisor
            .act(&place, verb, body)
            .await
            .problem(409, "wrong_status");
        assert_eq!(refused.body["status"], json!("draft"), "{verb}");
    }
    worker.act(&place, "/withdraw", nothing()).await.expect(200);
    for verb in ["/submit", "/withdraw"] {
        worker
            .act(&place, verb, nothing())
            .await
            .problem(409, "wrong_status");
    }
    worker
        .patch(&place, json!({ "level": "basic" }))
        .await
        .problem(409, "wrong_status");
    assert_eq!(status(&worker, &place).await, "withdrawn");
}

#[actix_web::test]
async fn a_returned_file_is_corrected_and_submitted_again_and_its_history_says_why() {
    let town = Town::start().await;
    let (worker, supervisor) = (town.client("caseworker").await, town.client("supervisor").await);
    let place = submitted(&town, 1).await;
    worker
        .patch(&place, json!({ "level": "basic" }))
        .await
        .problem(409, "wrong_status");
    let unexplained = supervisor
        .act(&place, "/return", json!({ "reason_code": "other", "fields": [] }))
        .await
        .problem(422, "invalid");
    assert_eq!(unexplained.pointers(), ["/comment"]);
    let back =
        json!({ "reason_code": "missing_material", "fields": ["primary_cause"], "comment": "缺诊断证明" });
    supervisor.act(&place, "/return", back).await.expect(200);
    worker
        .patch(&place, json!({ "primary_cause": "accident" }))
        .await
        .expect(200);
    worker.act(&place, "/submit", nothing()).await.expect(200);
    // who returned it may approve it: only the recorder may not
    supervisor.act(&place, "/approve", nothing()).await.expect(200);
    let history = worker.get(&format!("{place}/history")).await.expect(200).items();
    let actions: Vec<_> = history
        .iter()
        .map(|event| event["action"].as_str().unwrap())
        .collect();
    assert_eq!(
        actions,
        [
            "file.opened",
            "file.submitted",
            "file.returned",
            "file.changed",
            "file.submitted",
            "file.approved"
        ]
    );
    assert_eq!(
        [
            &history[2]["reason"],
            &history[2]["comment"],
            &history[2]["to_correct"]
        ],
        [
            &json!("missing_material"),
            &json!("缺诊断证明"),
            &json!(["primary_cause"])
        ]
    );
    assert_eq!(
        [&history[0]["comment"], &history[0]["to_correct"]],
        [&Value::Null, &json!([])]
    );
    town.client("supervisor_2")
        .await
        .get(&format!("{place}/history"))
        .await
        .problem(404, "not_found");
}

#[actix_web::test]
async fn category_scheme_and_causes_must_fit() {
    let town = Town::start().await;
    let worker = town.client("caseworker").await;
    let member = town.member(1).await;
    let wrong = [
        (json!({ "category": "dibao" }), "/category"),
        (json!({ "scheme": "scheme_2016" }), "/category"),
        (
            json!({ "secondary_causes": ["major_illness"] }),
            "/secondary_causes/0",
        ),
        (
            json!({ "secondary_causes": ["accident", "accident"] }),
            "/secondary_causes/1",
        ),
        (
            json!({ "secondary_causes": ["accident", "other", "laid_off", "natural_disaster"] }),
            "/secondary_causes",
        ),
        (json!({ "level": "world" }), "/level"),
        (json!({ "primary_cause": null }), "/primary_cause"),
        (json!({ "organization_id": town.yijiang }), "/organization_id"),
        (json!({ "member_id": uuid::Uuid::now_v7() }), "/member_id"),
    ];
    for (change, pointer) in &wrong {
        let mut body = draft(&member);
        for (field, value) in change.as_object().unwrap() {
            body[field] = value.clone();
        }
        let refused = worker.post("/files", body).await.problem(422, "invalid");
        assert_eq!(refused.pointers(), [*pointer]);
    }
    let mut body = draft(&member);
    body["scheme"] = json!("scheme_2016");
    body["category"] = json!("dibao_margin");
    let place = format!("/files/{}", worker.post("/files", body).await.expect(201).id());
    let refused = worker
        .patch(&place, json!({ "category": "deep" }))
        .await
        .problem(422, "invalid");
    assert_eq!(refused.pointers(), ["/category"]);
    worker
        .patch(&place, json!({ "category": "deep", "scheme": "scheme_2020" }))
        .await
        .expect(200);
}

#[actix_web::test]
async fn a_member_has_one_file_that_has_not_ended() {
    let town = Town::start().await;
    let (worker, supervisor) = (town.client("caseworker").await, town.client("supervisor").await);
    let first = open(&town, 1).await;
    let member = first.text("/member_id");
    let refused = worker
        .post("/files", draft(&member))
        .await
        .problem(409, "file_exists");
    assert_eq!(
        (&refused.body["organization_id"], &refused.body["file_id"]),
        (&json!(town.jinghu_basic), &json!(first.id()))
    );
    let place = format!("/files/{}", first.id());
    worker.act(&place, "/submit", nothing()).await.expect(200);
    supervisor
        .act(&place, "/reject", json!({ "reason_code": "not_eligible" }))
        .await
        .expect(200);
    let second = worker.post("/files", draft(&member)).await.expect(201);
    // to whom the file is out of sight only the unit is named
    let transfer = json!({ "organization_id": town.yijiang_basic, "effective_on": "2020-05-01" });
    let city = town.client("city_caseworker").await;
    city.act(&format!("/members/{member}"), "/transfer", transfer)
        .await
        .expect(200);
    let far = town
        .client("caseworker_2")
        .await
        .post("/files", draft(&member))
        .await
        .problem(409, "file_exists");
    assert_eq!(
        (&far.body["organization_id"], &far.body["file_id"]),
        (&json!(town.jinghu_basic), &Value::Null)
    );
    let columns = "member_id, person, organization_id, status, scheme, category, level, primary_cause, secondary_causes, \
         contact_id, opened_on, closed_on, closed_reason, former_id, stage, due_on, round, steps, recorder_id, approver_id, version, updated_at";
    let copy = format!(
        "INSERT INTO files (id, number, episode, {columns}) SELECT '{}', 'N', 1, {columns} FROM files WHERE id = '{}'",
        uuid::Uuid::now_v7(),
        second.id()
    );
    let told = town.app.sql(&copy).unwrap_err().to_lowercase();
    assert!(told.contains("unique"), "{told}");
}

#[actix_web::test]
async fn of_eight_files_opened_at_once_for_a_member_one_is_made() {
    let town = Town::start().await;
    let member = town.member(1).await;
    let mut shots = Vec::new();
    for n in 0..8 {
        let user = ["caseworker", "caseworker_b", "city_caseworker"][n % 3];
        shots.push(Shot {
            token: town.client(user).await.token,
            path: "/files".into(),
            etag: None,
            body: draft(&member),
        });
    }
    let answers = race(&town, shots);
    let made = answers.iter().filter(|(status, _)| *status == 201).count();
    assert_eq!(made, 1, "{answers:?}");
    for (status, body) in answers.iter().filter(|(status, _)| *status != 201) {
        assert_eq!((*status, &body["code"]), (409, &json!("file_exists")), "{body}");
    }
    assert_eq!(town.app.count("SELECT COUNT(*) AS n FROM files"), 1);
    assert_eq!(open(&town, 2).await.text("/number"), "340200-2020-000002");
}

#[actix_web::test]
async fn eight_approvals_at_once_put_a_file_on_file_once() {
    let town = Town::start().await;
    let place = submitted(&town, 1).await;
    let mut shots = Vec::new();
    for n in 0..8 {
        let user = [
            "supervisor",
            "supervisor_b",
            "city_supervisor",
            "city_supervisor_b",
        ][n % 4];
        shots.push(Shot {
            token: town.client(user).await.token,
            path: format!("{place}/approve"),
            etag: Some("\"2\"".into()),
            body: nothing(),
        });
    }
    let answers = race(&town, shots);
    let approved = answers.iter().filter(|(status, _)| *status == 200).count();
    assert_eq!(approved, 1, "{answers:?}");
    assert!(
        answers
            .iter()
            .all(|(status, _)| matches!(status, 200 | 409 | 412)),
        "{answers:?}"
    );
    let approvals = "SELECT COUNT(*) AS n FROM audit_events WHERE action = 'file.approved'";
    assert_eq!(town.app.count(approvals), 1);
    let parts = "SELECT COUNT(*) AS n FROM case_parts WHERE part = 'approver'";
    assert_eq!(town.app.count(parts), 1);
}

#[actix_web::test]
async fn the_recorder_never_decides_and_nobody_handles_their_own_file() {
    let town = Town::start().await;
    let both = |user: &str| {
        let sql = "UPDATE users SET roles = '[\"caseworker\",\"supervisor\"]' WHERE username";
        town.app.sql(&format!("{sql} = '{user}'")).unwrap();
    };
    both("caseworker");
    both("caseworker_b");
    let (worker, other) = (town.client("caseworker").await, town.client("caseworker_b").await);
    let made = open(&town, 1).await;
    let place = format!("/files/{}", made.id());
    // who changed the draft is a recorder like the one who opened it
    other
        .patch(&place, json!({ "level": "county" }))
        .await
        .expect(200);
    worker.act(&place, "/submit", nothing()).await.expect(200);
    for client in [&worker, &other] {
        for (verb, body) in [
            ("/approve", nothing()),
            ("/return", json!({ "reason_code": "wrong_data", "fields": [] })),
            ("/reject", json!({ "reason_code": "excluded" })),
        ] {
            client.act(&place, verb, body).await.problem(409, "same_person");
        }
    }
    let sql = format!(
        "UPDATE files SET approver_id = recorder_id, opened_on = '2020-05-20', status = 'on_file' WHERE id = '{}'",
        made.id()
    );
    let told = town.app.sql(&sql).unwrap_err().to_lowercase();
    assert!(told.contains("check"), "{told}");
    town.client("supervisor")
        .await
        .act(&place, "/approve", nothing())
        .await
        .expect(200);

    // 9002 is the ID number of the account `supervisor`, 9000 that of `caseworker`
    let own = |n: usize| json!({ "organization_id": town.jinghu_basic, "name": "本人", "id_number": id_number(n), "joined_on": "2010-01-01" });
    let city = town.client("city_caseworker").await;
    let member = city.post("/members", own(9000)).await.expect(201).id();
    worker
        .post("/files", draft(&member))
        .await
        .problem(409, "same_person");
    let member = city.post("/members", own(9002)).await.expect(201).id();
    let place = format!(
        "/files/{}",
        worker.post("/files", draft(&member)).await.expect(201).id()
    );
    worker.act(&place, "/submit", nothing()).await.expect(200);
    let supervisor = town.client("supervisor").await;
    supervisor
        .act(&place, "/approve", nothing())
        .await
        .problem(409, "same_person");
    town.client("supervisor_b")
        .await
        .act(&place, "/approve", nothing())
        .await
        .expect(200);
    for (verb, body) in [
        ("/pair", json!({ "contact_id": town.user_id("caseworker") })),
        ("/close", closing("deregistered", "voluntary", "2020-05-20")),
    ] {
        supervisor
            .act(&place, verb, body)
            .await
            .problem(409, "same_person");
    }
}

#[actix_web::test]
async fn a_file_has_one_contact_at_a_time_who_sees_it_and_pairings_keep_their_history() {
    let town = Town::start().await;
    let supervisor = town.client("supervisor").await;
    let place = submitted(&town, 1).await;
    supervisor.act(&place, "/approve", nothing()).await.expect(200);
    let with = |user: &str| json!({ "contact_id": town.user_id(user) });
    for stranger in [
        json!({ "contact_id": uuid::Uuid::now_v7() }),
        with("caseworker_2"),
        with("supervisor"),
    ] {
        let refused = supervisor
            .act(&place, "/pair", stranger)
            .await
            .problem(422, "invalid");
        assert_eq!(refused.pointers(), ["/contact_id"]);
    }
    supervisor
        .act(&place, "/pair", with("caseworker"))
        .await
        .expect(200);
    supervisor
        .act(&place, "/pair", with("caseworker"))
        .await
        .problem(409, "already_paired");
    supervisor
        .act(&place, "/pair", with("city_caseworker"))
        .await
        .expect(200);
    town.app
        .sql("UPDATE users SET disabled = TRUE WHERE username = 'caseworker_b'")
        .unwrap();
    supervisor
        .act(&place, "/pair", with("caseworker_b"))
        .await
        .problem(422, "invalid");
    supervisor
        .act(&place, "/close", closing("deregistered", "retired", "2020-05-20"))
        .await
        .expect(200);
    let worker = town.client("caseworker").await;
    let list = worker.get(&format!("{place}/pairings")).await.expect(200).items();
    let contacts: Vec<_> = list
        .iter()
        .map(|p| p["contact_id"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(
        contacts,
        [town.user_id("caseworker"), town.user_id("city_caseworker")]
    );
    assert_eq!(list[0]["until"], list[1]["from"]);
    assert!(list[1]["until"].is_string());
    assert_eq!(list[0]["paired_by"], json!(town.user_id("supervisor")));
    let mut names: Vec<_> = list[0].as_object().unwrap().keys().cloned().collect();
    names.sort();
    assert_eq!(names, ["contact_id", "from", "paired_by", "until"]);
}

#[actix_web::test]
async fn an_end_must_fit_its_reason_and_its_day() {
    let town = Town::start().await;
    let place = format!("/files/{}", town.file_on_file(&town.member(1).await).await);
    let supervisor = town.client("supervisor").await;
    for (body, pointer) in [
        (closing("exited", "death", "2020-05-20"), "/reason_code"),
        (
            closing("deregistered", "out_of_hardship", "2020-05-20"),
            "/reason_code",
        ),
        (closing("on_file", "death", "2020-05-20"), "/status"),
        (closing("exited", "other", "2020-05-20"), "/comment"),
        (closing("exited", "out_of_hardship", "2020-05-19"), "/closed_on"),
        (closing("exited", "out_of_hardship", "2020-05-21"), "/closed_on"),
    ] {
        let refused = supervisor
            .act(&place, "/close", body)
            .await
            .problem(422, "invalid");
        assert_eq!(refused.pointers(), [pointer]);
    }
    let mut body = closing("relieved", "other", "2020-05-20");
    body["comment"] = json!("政府救助兜底");
    supervisor.act(&place, "/close", body).await.expect(200);
    let history = supervisor
        .get(&format!("{place}/history"))
        .await
        .expect(200)
        .items();
    assert_eq!(history.last().unwrap()["comment"], json!("政府救助兜底"));
}

#[actix_web::test]
async fn a_relapse_is_a_new_episode_that_is_approved_anew_and_leaves_the_former_as_it_is() {
    let town = Town::start().await;
    let supervisor = town.client("supervisor").await;
    let former_id = town.file_on_file(&town.member(1).await).await;
    let place = format!("/files/{former_id}");
    supervisor
        .act(&place, "/reopen", nothing())
        .await
        .problem(409, "wrong_status");
    let closed = supervisor
        .act(
            &place,
            "/close",
            closing("exited", "out_of_hardship", "2020-05-20"),
        )
        .await
        .expect(200);
    town.app.set("2020-07-01");
    let (worker, supervisor) = (town.client("caseworker").await, town.client("supervisor").await);
    let again = supervisor.act(&place, "/reopen", nothing()).await.expect(201);
    assert_eq!(
        [
            &again.body["status"],
            &again.body["number"],
            &again.body["episode"],
            &again.body["former_id"]
        ],
        [
            &json!("draft"),
            &closed.body["number"],
            &json!(2),
            &json!(former_id)
        ]
    );
    assert_eq!(worker.get(&place).await.expect(200).body, closed.body);
    supervisor
        .act(&place, "/reopen", nothing())
        .await
        .problem(409, "file_exists");
    // a draft that comes to nothing leaves room for another
    let second = format!("/files/{}", again.id());
    worker.act(&second, "/withdraw", nothing()).await.expect(200);
    let third = supervisor.act(&place, "/reopen", nothing()).await.expect(201);
    assert_eq!(
        (&third.body["episode"], &third.body["former_id"]),
        (&json!(3), &json!(former_id))
    );
    let third = format!("/files/{}", third.id());
    worker.act(&third, "/submit", nothing()).await.expect(200);
    // who re-opened it recorded it
    supervisor
        .act(&third, "/approve", nothing())
        .await
        .problem(409, "same_person");
    let other = town.client("supervisor_b").await;
    let approved = other.act(&third, "/approve", nothing()).await.expect(200);
    assert_eq!(approved.text("/opened_on"), "2020-07-01");
    other
        .act(
            &third,
            "/close",
            closing("deregistered", "voluntary", "2020-07-01"),
        )
        .await
        .expect(200);
    supervisor
        .act(&place, "/reopen", nothing())
        .await
        .problem(409, "already_reopened");
    supervisor.act(&third, "/reopen", nothing()).await.expect(201);
}

#[actix_web::test]
async fn a_change_of_a_file_on_file_is_kept_as_a_fact_and_no_change_is_none() {
    let town = Town::start().await;
    let worker = town.client("caseworker").await;
    let place = format!("/files/{}", town.file_on_file(&town.member(1).await).await);
    let facts = || town.app.count("SELECT COUNT(*) AS n FROM file_changes");
    let before = worker.get(&place).await.expect(200);
    let same = worker
        .patch(&place, json!({ "level": before.text("/level") }))
        .await
        .expect(200);
    assert_eq!((same.body, facts()), (before.body, 0));
    worker
        .patch(&place, json!({ "level": "national" }))
        .await
        .expect(200);
    assert_eq!(facts(), 1);
    let stale = worker
        .patch_on(&place, "\"1\"", json!({ "level": "basic" }))
        .await
        .problem(412, "stale");
    assert!(stale.body["fields"].as_array().unwrap().contains(&json!("level")));
}

#[actix_web::test]
async fn files_are_listed_by_what_they_are_whose_they_are_and_when_they_changed() {
    let town = Town::start().await;
    let (worker, city) = (
        town.client("caseworker").await,
        town.client("city_caseworker").await,
    );
    let on_file = town.file_on_file(&town.member(1).await).await;
    // ids made in one millisecond have no order
    let later = || {
        town.app
            .set_time(town.app.db.now().plus(chrono::TimeDelta::milliseconds(10)))
    };
    later();
    let second = open(&town, 2).await.id();
    later();
    let since = worker.get("/me").await.text("/server_time");
    let third = open(&town, 3).await.id();
    worker
        .patch(&format!("/files/{second}"), json!({ "category": "relative" }))
        .await
        .expect(200);
    let ids = |list: Answer| -> Vec<String> {
        let items = list.expect(200).items();
        items
            .iter()
            .map(|f| f["id"].as_str().unwrap().to_owned())
            .collect()
    };
    let ask = |query: String| {
        let worker = worker.clone();
        async move { ids(worker.get(&format!("/files?{query}")).await) }
    };
    let all = [on_file.clone(), second.clone(), third.clone()];
    assert_eq!(ask("".into()).await, all);
    assert_eq!(ask("status=draft".into()).await, [second.clone(), third.clone()]);
    assert_eq!(ask("category=relative".into()).await, [&*second]);
    assert_eq!(
        ask(format!("contact_id={}", town.user_id("caseworker"))).await,
        [&*on_file]
    );
    assert_eq!(
        ask(format!("updated_since={since}")).await,
        [third.clone(), second.clone()]
    );
    assert_eq!(
        ask("sort=-id".into()).await,
        [third.clone(), second.clone(), on_file.clone()]
    );
    assert_eq!(
        ask("sort=-updated_at".into()).await,
        [second.clone(), third.clone(), on_file.clone()]
    );
    assert_eq!(ask("year=2020".into()).await, [&*on_file]);
    assert_eq!(ask("year=2020&incomplete=true".into()).await, [&*on_file]);
    assert!(ask("incomplete=false".into()).await.is_empty());
    assert!(ask("year=2019".into()).await.is_empty());
    assert_eq!(ask(format!("organization_id={}", town.jinghu)).await.len(), 3);
    assert!(
        ids(city
            .get(&format!("/files?organization_id={}", town.yijiang))
            .await)
        .is_empty()
    );
    assert!(ids(town.client("supervisor_2").await.get("/files").await).is_empty());
    worker
        .get(&format!("/files?organization_id={}", town.yijiang))
        .await
        .problem(404, "not_found");
    for sort in ["id", "-id", "updated_at", "-updated_at"] {
        let (mut query, mut seen) = (format!("sort={sort}&limit=1"), Vec::new());
        loop {
            let page = worker.get(&format!("/files?{query}")).await.expect(200);
            seen.push(page.text("/items/0/id"));
            let Some(cursor) = page.body["next_cursor"].as_str() else {
                break;
            };
            query = format!("sort={sort}&limit=1&cursor={cursor}");
        }
        assert_eq!(seen, ask(format!("sort={sort}")).await, "{sort}");
    }
    let page = worker
        .get("/files?limit=1")
        .await
        .expect(200)
        .text("/next_cursor");
    worker
        .get(&format!("/files?sort=-id&cursor={page}"))
        .await
        .problem(400, "malformed");
}

#[actix_web::test]
async fn comments_are_not_readable_in_the_database() {
    let town = Town::start().await;
    let place = submitted(&town, 1).await;
    let back = json!({ "reason_code": "other", "fields": ["category"], "comment": "家中老人患病" });
    town.client("supervisor")
        .await
        .act(&place, "/return", back)
        .await
        .expect(200);
    let notes = "SELECT COUNT(*) AS n FROM event_notes";
    assert_eq!(town.app.count(notes), 1);
    assert_eq!(
        town.app
            .count(&format!("{notes} WHERE note_sealed LIKE '%老人%'")),
        0
    );
}

#[actix_web::test]
async fn a_household_leaves_hardship_by_months_of_income_above_the_line() {
    let town = Town::start().await;
    town.rule(
        json!({ "kind": "dibao_standard", "valid_from": "2019-01-01", "region_code": "340200",
        "values": { "monthly_fen": 60_000, "urban": true } }),
    )
    .await;
    town.rule(json!({ "kind": "eligibility", "valid_from": "2020-01-01",
        "values": { "schemes": ["scheme_2020"], "relative_inclusive": false, "accidental_percent": 50, "exit_months": 6 } }))
        .await;
    let member = town.member(1).await;
    let place = format!("/files/{}", town.file_on_file(&member).await);
    let supervisor = town.client("supervisor").await;
    let mut end = closing("exited", "out_of_hardship", "2020-05-20");
    assert_eq!(
        supervisor
            .act(&place, "/close", end.clone())
            .await
            .expect(422)
            .pointers(),
        ["/evidence"]
    );
    let evidence = |incomes: [i64; 6]| json!({ "cause_removed": true, "first_month": "2019-12-01", "household_income_fen": incomes });
    end["evidence"] = evidence([60_001, 60_001, 60_001, 60_000, 60_001, 60_001]);
    let refused = supervisor.act(&place, "/close", end.clone()).await.expect(409);
    assert_eq!(
        (refused.text("/code"), &refused.body["months"]),
        ("not_out_of_hardship".into(), &json!(["2020-03-01"]))
    );
    end["evidence"] = evidence([60_001; 6]);
    assert_eq!(
        supervisor
            .act(&place, "/close", end)
            .await
            .expect(200)
            .text("/status"),
        "exited"
    );
    assert_eq!(town.app.count("SELECT COUNT(*) AS n FROM file_exits"), 1);
    // other ends need no such evidence
    let member = town.member(2).await;
    let other = format!("/files/{}", town.file_on_file(&member).await);
    supervisor
        .act(
            &other,
            "/close",
            closing("deregistered", "voluntary", "2020-05-20"),
        )
        .await
        .expect(200);
}

#[actix_web::test]
async fn the_whole_caseload_of_a_leaving_contact_is_handed_over_in_one_call_or_not_at_all() {
    let town = Town::start().await;
    for n in 1..=3 {
        let member = town.member(n).await;
        town.file_on_file(&member).await;
    }
    let (from, to) = (town.user_id("caseworker"), town.user_id("caseworker_b"));
    let supervisor = town.client("supervisor").await;
    let of = |contact: &str| format!("/files?contact_id={contact}");
    let hand = |from: &str, to: &str| json!({ "from_contact_id": from, "to_contact_id": to });
    // somebody of another district sees none of the files
    let stranger = hand(&from, &town.user_id("caseworker_2"));
    assert_eq!(
        supervisor
            .post("/pairings/handover", stranger)
            .await
            .expect(422)
            .pointers(),
        ["/to_contact_id"]
    );
    assert_eq!(supervisor.get(&of(&from)).await.items().len(), 3);
    let done = supervisor
        .post("/pairings/handover", hand(&from, &to))
        .await
        .expect(200);
    assert_eq!(done.body["files"].as_array().unwrap().len(), 3);
    assert_eq!(supervisor.get(&of(&from)).await.items().len(), 0);
    assert_eq!(supervisor.get(&of(&to)).await.items().len(), 3);
    let place = format!("/files/{}", done.body["files"][0].as_str().unwrap());
    let pairings = supervisor.get(&format!("{place}/pairings")).await.items();
    assert_eq!(
        (
            pairings.len(),
            &pairings[0]["contact_id"],
            &pairings[1]["contact_id"]
        ),
        (2, &json!(from), &json!(to))
    );
    assert_eq!(
        supervisor
            .post("/pairings/handover", hand(&from, &to))
            .await
            .expect(200)
            .body["files"],
        json!([])
    );
}

#[actix_web::test]
async fn a_refusal_is_reviewed_once_by_people_who_have_not_judged_the_file() {
    let town = Town::start().await;
    let member = town.member(1).await;
    let worker = town.client("caseworker").await;
    let new = json!({ "member_id": member, "scheme": "scheme_2020", "category": "deep", "level": "city", "primary_cause": "major_illness" });
    let place = format!(
        "/files/{}",
        worker.post("/files", new.clone()).await.expect(201).id()
    );
    worker
        .act(&place, "/request-review", nothing())
        .await
        .problem(409, "wrong_status");
    worker.act(&place, "/submit", nothing()).await.expect(200);
    let (first, second) = (town.client("supervisor").await, town.client("supervisor_b").await);
    let refuse = json!({ "reason_code": "not_eligible", "comment": null });
    first.act(&place, "/reject", refuse.clone()).await.expect(200);
    let again = worker.act(&place, "/request-review", nothing()).await.expect(200);
    assert_eq!(again.text("/status"), "submitted");
    worker
        .post("/files", new.clone())
        .await
        .problem(409, "file_exists");
    first
        .act(&place, "/approve", nothing())
        .await
        .problem(409, "same_person");
    second.act(&place, "/reject", refuse).await.expect(200);
    worker
        .act(&place, "/request-review", nothing())
        .await
        .problem(409, "review_used");
    let other = format!("/files/{}", worker.post("/files", new).await.expect(201).id());
    worker.act(&other, "/submit", nothing()).await.expect(200);
    second.act(&other, "/approve", nothing()).await.expect(200);
}

#[actix_web::test]
async fn a_refused_file_is_not_reviewed_while_its_people_are_in_another_household() {
    let town = Town::start().await;
    let worker = town.client("caseworker").await;
    let open = async |n| {
        let new = json!({ "member_id": town.member(n).await, "scheme": "scheme_2020", "category": "deep", "level": "city", "primary_cause": "major_illness" });
        format!("/files/{}", worker.post("/files", new).await.expect(201).id())
    };
    let refused = open(1).await;
    let wife = json!({ "name": "周梅", "id_number": id_number(8000), "relation": "spouse", "joined_on": "2012-01-01" });
    worker
        .post(&format!("{refused}/household"), wife.clone())
        .await
        .expect(201);
    worker.act(&refused, "/submit", nothing()).await.expect(200);
    let refuse = json!({ "reason_code": "not_eligible", "comment": null });
    town.client("supervisor")
        .await
        .act(&refused, "/reject", refuse)
        .await
        .expect(200);
    let other = open(2).await;
    worker.post(&format!("{other}/household"), wife).await.expect(201);
    worker
        .act(&refused, "/request-review", nothing())
        .await
        .problem(409, "person_on_file");
    assert_eq!(worker.get(&refused).await.expect(200).text("/status"), "rejected");
}
