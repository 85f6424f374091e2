//! Audit tasks, what audits find, and guest auditors (80, 81).

use serde_json::{Value, json};

use crate::given::{Shot, Town, finding, id_number, race};
use crate::harness::{Client, nothing};

async fn plan(auditor: &Client, year: i32) -> Value {
    auditor
        .post("/audit/plans", json!({ "year": year }))
        .await
        .expect(200)
        .body
}

fn said(text: &str) -> Value {
    json!({ "text": text })
}

/// A task with a finding by `auditor` that the first district has answered; the paths of both.
async fn answered(town: &Town) -> [String; 2] {
    let task = town.audit_of(&town.jinghu).await;
    let found = town
        .client("auditor")
        .await
        .post(&format!("{task}/findings"), finding())
        .await;
    let place = format!("/audit/findings/{}", found.expect(201).id());
    let unit = town.client("supervisor").await;
    unit.act(&place, "/answer", said("已补签")).await.expect(200);
    [task, place]
}

/// A fund of a unit.
async fn fund(town: &Town, unit: &str, code: &str) -> String {
    let new = json!({ "organization_id": unit, "code": code, "name": "工会经费", "source": "union",
        "kinds": ["living"], "valid_from": "2020-01-01", "valid_to": "2020-12-31" });
    let finance = town.client("finance").await;
    finance.post("/funds", new).await.expect(201).id()
}

#[actix_web::test]
async fn a_plan_has_a_task_for_each_unit_directly_below_and_each_fund_that_it_keeps() {
    let town = Town::start().await;
    let held = fund(&town, &town.jinghu, "A").await;
    fund(&town, &town.jinghu_basic, "B").await;
    fund(&town, &town.root, "C").await;
    let auditor = town.client("auditor").await;
    let first = plan(&auditor, 2020).await;
    assert_eq!((&first["tasks"], &first["added"]), (&json!(3), &json!(3)));
    assert_eq!(plan(&auditor, 2020).await["added"], 0);
    let tasks = auditor.get("/audit/tasks?year=2020").await.expect(200).items();
    let task = |unit: &str, fund: Value| {
        let mut of_unit = tasks
            .iter()
            .filter(|task| task["audited_organization_id"] == unit);
        of_unit.find(|task| task["fund_id"] == fund).unwrap()["id"].clone()
    };
    assert_eq!(tasks.len(), 3);
    task(&town.jinghu, json!(held));
    task(&town.yijiang, json!(null));
    assert!(
        tasks
            .iter()
            .all(|task| task["due_on"] == "2020-12-31" && task["status"] == "due")
    );

    // what comes later is added, what is over is not
    let new = json!({ "parent_id": town.root, "kind": "county", "name": "无为市总工会", "code": "340281" });
    let admin = town.client("system_admin").await;
    let county = admin.post("/organizations", new).await.expect(201).id();
    let later = fund(&town, &county, "D").await;
    let second = plan(&auditor, 2020).await;
    assert_eq!((&second["tasks"], &second["added"]), (&json!(5), &json!(2)));
    assert_eq!(plan(&auditor, 2021).await["added"], 3, "funds of 2020 are over");
    let of_county = format!("/audit/tasks?organization_id={county}&year=2020");
    let of_county = auditor.get(&of_county).await.expect(200).items();
    assert!(of_county.iter().any(|task| task["fund_id"] == json!(later)));

    // a district audits its own level below, nothing else
    let district = town.client("district_auditor").await;
    assert_eq!(plan(&district, 2020).await["added"], 2);
    let seen = district.get("/audit/tasks?year=2020").await.expect(200).items();
    assert_eq!(seen.len(), 4, "its own two, and the two about itself");
    let far = town.client("auditor_2").await;
    let of_jinghu = task(&town.jinghu, json!(null));
    let place = format!("/audit/tasks/{}", of_jinghu.as_str().unwrap());
    far.get(&place).await.problem(404, "not_found");
}

#[actix_web::test]
async fn eight_auditors_who_plan_at_once_make_each_task_once() {
    let town = Town::start().await;
    let token = town.client("auditor").await.token;
    let shot = Shot {
        token,
        path: "/audit/plans".into(),
        etag: None,
        body: json!({ "year": 2020 }),
    };
    let answers = race(&town, vec![shot; 8]);
    assert!(answers.iter().all(|(status, _)| *status == 200), "{answers:?}");
    let added: i64 = answers
        .iter()
        .map(|(_, plan)| plan["added"].as_i64().unwrap())
        .sum();
    assert_eq!(added, 2);
    assert_eq!(town.app.count("SELECT COUNT(*) AS n FROM audit_tasks"), 2);
}

#[actix_web::test]
async fn the_database_refuses_a_second_task_and_one_about_another_level() {
    let town = Town::start().await;
    let held = fund(&town, &town.jinghu, "A").await;
    plan(&town.client("auditor").await, 2020).await;
    let insert = |id: &str, by: &str, about: &str, fund: Option<&str>| {
        let fund = fund.map_or("NULL".to_owned(), |fund| format!("'{fund}'"));
        let row = format!("'{id}', '{by}', '{about}', {fund}, 2020, '2020-12-31', 'due', 1");
        town.app.sql(&format!(
            "INSERT INTO audit_tasks (id, organization_id, audited_organization_id, fund_id, year, due_on, status, version) VALUES ({row})"
        ))
    };
    for fund in [None, Some(held.as_str())] {
        let twice = insert("x", &town.root, &town.jinghu, fund).unwrap_err();
        assert!(twice.to_lowercase().contains("unique"), "{twice}");
    }
    for (by, about, fund) in [
        (&town.root, &town.jinghu_basic, None),
        (&town.jinghu, &town.yijiang_basic, None),
        (&town.jinghu, &town.root, None),
        (&town.root, &town.yijiang, Some(held.as_str())),
    ] {
        let refused = insert("y", by, about, fund).unwrap_err();
        assert!(refused.contains("the level below"), "{refused}");
    }
    for sql in ["UPDATE audit_tasks SET year = 2019", "DELETE FROM audit_tasks"] {
        assert!(town.app.sql(sql).is_err(), "{sql}");
    }
}

#[actix_web::test]
async fn a_task_is_begun_and_concluded_by_the_unit_that_audits_and_is_overdue_when_late() {
    let town = Town::start().await;
    town.lasting_passwords().await;
    let task = town.audit_of(&town.jinghu).await;
    let district = town.client("district_auditor").await;
    let end = json!({ "conclusion": "资金使用合规" });
    district
        .act(&task, "/finish", end.clone())
        .await
        .problem(409, "other_unit");
    let auditor = town.client("auditor").await;
    auditor
        .act(&task, "/start", nothing())
        .await
        .problem(409, "wrong_status");
    town.app.set("2021-01-01");
    let auditor = town.client("auditor").await;
    assert_eq!(auditor.get(&task).await.text("/status"), "overdue");
    let late = auditor.get("/audit/tasks?status=overdue").await.expect(200);
    assert_eq!(late.items().len(), 2);
    let done = auditor.act(&task, "/finish", end.clone()).await.expect(200);
    assert_eq!(
        (done.text("/status"), done.text("/conclusion")),
        ("done".into(), "资金使用合规".into())
    );
    auditor
        .act(&task, "/finish", end)
        .await
        .problem(409, "wrong_status");
    let id = task.rsplit('/').next().unwrap();
    let sql = format!(
        "UPDATE audit_tasks SET status = 'running', finished_at = NULL, finished_by = NULL, conclusion_sealed = NULL WHERE id = '{id}'"
    );
    assert!(town.app.sql(&sql).unwrap_err().contains("stays what it is"));
}

#[actix_web::test]
async fn the_coverage_shows_what_nobody_has_planned() {
    let town = Town::start().await;
    let auditor = town.client("auditor").await;
    let none = auditor.get("/audit/coverage?year=2020").await.expect(200).body;
    assert_eq!(none["total"]["subjects"], 4);
    assert_eq!(none["total"]["not_planned"], 4);
    assert_eq!(none["total"]["coverage_bp"], 0);
    let task = town.audit_of(&town.jinghu).await;
    let end = json!({ "conclusion": "资金使用合规" });
    auditor.act(&task, "/finish", end).await.expect(200);
    let later = fund(&town, &town.jinghu, "A").await;
    let all = auditor.get("/audit/coverage?year=2020").await.expect(200).body;
    assert_eq!(
        all["total"],
        json!({ "subjects": 5, "not_planned": 3, "due": 1, "running": 0, "done": 1, "overdue": 0, "coverage_bp": 2000 })
    );
    let lines = all["items"].as_array().unwrap();
    let of = |unit: &str| lines.iter().find(|line| line["organization_id"] == unit).unwrap();
    assert_eq!(of(&town.jinghu)["funds_not_planned"], json!([later]));
    assert_eq!(of(&town.jinghu)["coverage_bp"], 5000);
    assert_eq!(of(&town.jinghu_basic)["unit_not_planned"], true);
    assert!(
        !lines
            .iter()
            .any(|line| line["organization_id"] == json!(town.root))
    );
    let district = town.client("district_auditor").await;
    let own = district.get("/audit/coverage?year=2020").await.expect(200).body;
    assert_eq!(own["items"].as_array().unwrap().len(), 2);
    let narrowed = format!("/audit/coverage?year=2020&organization_id={}", town.yijiang);
    district.get(&narrowed).await.problem(404, "not_found");
    assert_eq!(auditor.get(&narrowed).await.body["total"]["subjects"], 2);
}

#[actix_web::test]
async fn a_finding_is_answered_by_the_unit_and_closed_by_another_person_than_recorded_it() {
    let town = Town::start().await;
    let task = town.audit_of(&town.jinghu).await;
    let (auditor, other) = (town.client("auditor").await, town.client("auditor_b").await);
    let place = format!("{task}/findings");
    let wrong = json!({ "severity": "major", "title": "一", "text": "一", "demand": "一", "rectify_by": "2020-07-20" });
    let late = auditor.post(&place, wrong).await.problem(422, "invalid");
    assert_eq!(late.pointers(), ["/rectify_by"]);
    let mut elsewhere = finding();
    elsewhere["subject_type"] = json!("file");
    assert_eq!(
        auditor.post(&place, elsewhere.clone()).await.pointers(),
        ["/subject_id"]
    );
    elsewhere["subject_id"] = json!(town.root);
    assert_eq!(
        auditor.post(&place, elsewhere.clone()).await.pointers(),
        ["/subject_id"]
    );
    elsewhere["subject_id"] = json!(town.nth_file(1).await);
    auditor.post(&place, elsewhere).await.expect(201);
    let district = town.client("district_auditor").await;
    district.post(&place, finding()).await.problem(409, "other_unit");

    let found = auditor.post(&place, finding()).await.expect(201);
    assert_eq!(
        (found.text("/status"), found.text("/rectify_by")),
        ("open".into(), "2020-07-19".into())
    );
    let place = format!("/audit/findings/{}", found.id());
    let end = json!({ "conclusion": "资金使用合规" });
    let early = auditor.act(&task, "/finish", end.clone()).await;
    early.problem(409, "findings_unanswered");
    other
        .act(&place, "/accept", nothing())
        .await
        .problem(409, "wrong_status");
    let far = town.client("supervisor_2").await;
    let etag = found.etag.unwrap();
    let stranger = far
        .act_on(&format!("{place}/answer"), &etag, said("无此事"))
        .await;
    stranger.problem(404, "not_found");
    let unit = town.client("supervisor").await;
    unit.act(&place, "/answer", said("无此事")).await.expect(200);
    let again = auditor
        .act(&place, "/reject", said("附证据说明"))
        .await
        .expect(200);
    assert_eq!(
        (again.text("/status"), &again.body["answer"]),
        ("open".into(), &json!(null))
    );
    let answer = unit.act(&place, "/answer", said("已补签")).await.expect(200);
    assert_eq!(answer.text("/answer"), "已补签");
    auditor
        .act(&place, "/accept", nothing())
        .await
        .problem(409, "same_person");
    let closed = other.act(&place, "/accept", nothing()).await.expect(200);
    assert_eq!(closed.text("/closed_by"), town.user_id("auditor_b"));
    unit.act(&place, "/answer", said("再答"))
        .await
        .problem(409, "wrong_status");

    let history = unit.get(&format!("{place}/history")).await.expect(200).items();
    let told: Vec<_> = history
        .iter()
        .map(|entry| (entry["action"].as_str().unwrap(), entry["comment"].as_str()))
        .collect();
    let expected = [
        ("audit_finding.recorded", None),
        ("audit_finding.answered", Some("无此事")),
        ("audit_finding.answer_rejected", Some("附证据说明")),
        ("audit_finding.answered", Some("已补签")),
        ("audit_finding.closed", None),
    ];
    assert_eq!(told, expected);
    auditor
        .act(&task, "/finish", end.clone())
        .await
        .problem(409, "findings_unanswered");
    let first = auditor.get("/audit/findings?status=open").await.items()[0]["id"].clone();
    let first = format!("/audit/findings/{}", first.as_str().unwrap());
    unit.act(&first, "/answer", said("已核实")).await.expect(200);
    auditor.act(&task, "/finish", end).await.expect(200);
    auditor
        .post(&format!("{task}/findings"), finding())
        .await
        .problem(409, "wrong_status");
}

#[actix_web::test]
async fn of_eight_who_close_a_finding_at_once_one_does_and_never_its_recorder() {
    let town = Town::start().await;
    let [_, place] = answered(&town).await;
    let etag = town.client("auditor").await.get(&place).await.etag;
    let mut shots = Vec::new();
    for who in ["auditor", "auditor_b"].iter().cycle().take(8) {
        shots.push(Shot {
            token: town.client(who).await.token,
            path: format!("{place}/accept"),
            etag: etag.clone(),
            body: nothing(),
        });
    }
    let answers = race(&town, shots);
    let closed: Vec<_> = answers.iter().filter(|(status, _)| *status == 200).collect();
    assert_eq!(closed.len(), 1, "{answers:?}");
    assert!(
        answers.iter().all(|(status, _)| [200, 409, 412].contains(status)),
        "{answers:?}"
    );
    assert_eq!(closed[0].1["closed_by"], json!(town.user_id("auditor_b")));
}

#[actix_web::test]
async fn the_database_refuses_a_recorder_who_closes_and_an_audit_that_ends_unanswered() {
    let town = Town::start().await;
    let [task, place] = answered(&town).await;
    let id = place.rsplit('/').next().unwrap();
    let close = |by: &str, person: &str| {
        town.app.sql(&format!(
            "UPDATE audit_findings SET status = 'closed', closed_at = '2020-05-20 00:00:00', closed_by = {by}, closer_person = {person} WHERE id = '{id}'"
        ))
    };
    for who in ["recorded_by, recorder_person", "answered_by, answerer_person"] {
        let (by, person) = who.split_once(", ").unwrap();
        let refused = close(by, person).unwrap_err();
        assert!(refused.to_lowercase().contains("check"), "{refused}");
    }
    let unit = town.client("auditor").await;
    unit.act(&place, "/reject", said("附证据")).await.expect(200);
    let task = task.rsplit('/').next().unwrap();
    let end = format!(
        "UPDATE audit_tasks SET status = 'done', finished_at = started_at, finished_by = started_by, conclusion_sealed = 'x' WHERE id = '{task}'"
    );
    assert!(town.app.sql(&end).unwrap_err().contains("waits for its answer"));
    for sql in [
        "UPDATE audit_findings SET severity = 'minor'",
        "DELETE FROM audit_findings",
    ] {
        assert!(town.app.sql(sql).is_err(), "{sql}");
    }
}

#[actix_web::test]
async fn an_audit_does_not_end_beside_something_that_is_found() {
    let town = Town::start().await;
    let task = town.audit_of(&town.jinghu).await;
    let auditor = town.client("auditor").await;
    let etag = auditor.get(&task).await.etag;
    let shot = |verb: &str, body| Shot {
        token: auditor.token.clone(),
        path: format!("{task}/{verb}"),
        etag: etag.clone(),
        body,
    };
    let end = json!({ "conclusion": "资金使用合规" });
    let shots = (0..8).map(|n| match n % 2 {
        0 => shot("finish", end.clone()),
        _ => shot("findings", finding()),
    });
    let answers = race(&town, shots.collect());
    assert!(
        answers
            .iter()
            .all(|(status, _)| [200, 201, 409, 412].contains(status)),
        "{answers:?}"
    );
    let unanswered = "SELECT COUNT(*) AS n FROM audit_tasks t JOIN audit_findings f ON f.task_id = t.id WHERE t.status = 'done' AND f.status = 'open'";
    assert_eq!(town.app.count(unanswered), 0);
}

#[actix_web::test]
async fn what_is_not_put_right_in_time_is_listed() {
    let town = Town::start().await;
    town.lasting_passwords().await;
    let task = town.audit_of(&town.jinghu).await;
    let auditor = town.client("auditor").await;
    for _ in 0..2 {
        let found = auditor.post(&format!("{task}/findings"), finding()).await;
        found.expect(201);
    }
    town.app.set("2020-07-20");
    let unit = town.client("supervisor").await;
    let late = unit.get("/audit/findings?overdue=true").await.expect(200).items();
    assert_eq!((late.len(), &late[0]["overdue"]), (2, &json!(true)));
    let place = format!("/audit/findings/{}", late[0]["id"].as_str().unwrap());
    unit.act(&place, "/answer", said("已补签")).await.expect(200);
    let task = task.rsplit('/').next().unwrap();
    for (query, n) in [
        ("overdue=true", 1),
        ("overdue=false", 1),
        ("status=answered", 1),
        ("severity=minor", 0),
    ] {
        let list = format!("/audit/findings?task_id={task}&{query}");
        assert_eq!(unit.get(&list).await.expect(200).items().len(), n, "{query}");
    }
    let far = town.client("supervisor_2").await;
    assert!(far.get("/audit/findings").await.expect(200).items().is_empty());
}

#[actix_web::test]
async fn a_guest_sees_the_unit_of_one_task_while_invited_and_nothing_before_and_after() {
    let town = Town::start().await;
    town.lasting_passwords().await;
    let (task, other) = (
        town.audit_of(&town.jinghu).await,
        town.audit_of(&town.yijiang).await,
    );
    let file = format!("/files/{}", town.nth_file(1).await);
    let guest = town.client("guest_auditor").await;
    assert_eq!(guest.get("/me").await.expect(200).body["permissions"], json!([]));
    for place in ["/files", "/audit/tasks", &file] {
        guest.get(place).await.problem(403, "forbidden");
    }

    // the same token, from the moment of the invitation on
    town.invite(&task, "guest_auditor").await;
    assert_eq!(guest.get("/files").await.expect(200).items().len(), 1);
    guest.get(&file).await.expect(200);
    guest.get(&other).await.problem(404, "not_found");
    let far = format!("/organizations/{}", town.yijiang);
    guest.get(&far).await.problem(404, "not_found");
    guest
        .get(&format!("/organizations/{}", town.root))
        .await
        .problem(404, "not_found");
    let found = guest
        .post(&format!("{task}/findings"), finding())
        .await
        .expect(201);
    assert_eq!(found.text("/recorded_by"), town.user_id("guest_auditor"));
    guest
        .post("/audit/plans", json!({ "year": 2020 }))
        .await
        .problem(403, "forbidden");
    let verb = format!("/audit/findings/{}/accept", found.id());
    guest.post(&verb, nothing()).await.problem(403, "forbidden");

    // until the end of its last day
    town.app.set_time("2020-06-30T15:59:58Z".parse().unwrap());
    town.client("guest_auditor").await.get(&file).await.expect(200);
    town.app.set("2020-07-01");
    let guest = town.client("guest_auditor").await;
    for place in ["/files", &file, &task] {
        guest.get(place).await.problem(403, "forbidden");
    }
    guest.get("/me").await.expect(200);
}

#[actix_web::test]
async fn a_guest_writes_about_the_task_of_the_invitation_only() {
    let town = Town::start().await;
    let held = fund(&town, &town.jinghu, "A").await;
    let task = town.audit_of(&town.jinghu).await;
    town.invite(&task, "guest_auditor").await;
    let auditor = town.client("auditor").await;
    let tasks = auditor.get("/audit/tasks").await.items();
    let of_fund = tasks.iter().find(|task| task["fund_id"] == json!(held)).unwrap();
    let of_fund = format!("/audit/tasks/{}", of_fund["id"].as_str().unwrap());
    auditor.act(&of_fund, "/start", nothing()).await.expect(200);
    let guest = town.client("guest_auditor").await;
    guest.get(&of_fund).await.expect(200);
    let refused = guest.post(&format!("{of_fund}/findings"), finding()).await;
    refused.problem(409, "not_invited");
}

#[actix_web::test]
async fn an_invitation_is_for_guests_at_most_as_long_as_the_policy_says_one_at_a_time_and_ends_at_once() {
    let town = Town::start().await;
    let (task, other) = (
        town.audit_of(&town.jinghu).await,
        town.audit_of(&town.yijiang).await,
    );
    let (auditor, guests) = (town.client("auditor").await, format!("{task}/guests"));
    let new = |who: &str, until: &str| json!({ "user_id": town.user_id(who), "until": until });
    for (who, until, pointer) in [
        ("guest_auditor", "2020-05-19", "/until"),
        ("guest_auditor", "2020-08-19", "/until"),
        ("auditor_2", "2020-06-30", "/user_id"),
    ] {
        let refused = auditor
            .post(&guests, new(who, until))
            .await
            .problem(422, "invalid");
        assert_eq!(refused.pointers(), [pointer]);
    }
    let district = town.client("district_auditor").await;
    let elsewhere = district.post(&guests, new("guest_auditor", "2020-06-30")).await;
    elsewhere.problem(409, "other_unit");
    let invitation = format!("{guests}/{}", town.invite(&task, "guest_auditor").await);
    let second = auditor
        .post(&format!("{other}/guests"), new("guest_auditor", "2020-06-30"))
        .await;
    second.problem(409, "already_invited");
    let guest = town.client("guest_auditor").await;
    guest.get(&task).await.expect(200);
    let ended = auditor.act(&invitation, "/revoke", nothing()).await.expect(200);
    assert_eq!(ended.text("/ended_by"), town.user_id("auditor"));
    guest.get(&task).await.problem(403, "forbidden");
    auditor
        .act(&invitation, "/revoke", nothing())
        .await
        .problem(409, "wrong_status");
    town.invite(&other, "guest_auditor").await;
    guest.get(&other).await.expect(200);
    guest.get(&task).await.problem(404, "not_found");
    assert_eq!(auditor.get(&guests).await.expect(200).items().len(), 1);

    // an invitation that has run out makes room for the next
    town.app.set("2020-07-01");
    let auditor = town.client("auditor").await;
    auditor
        .post(&guests, new("guest_auditor", "2020-07-31"))
        .await
        .expect(201);
    town.client("guest_auditor").await.get(&task).await.expect(200);
    let longer = "UPDATE audit_guests SET until_on = '2030-01-01' WHERE ended_at IS NULL";
    assert!(town.app.sql(longer).unwrap_err().contains("stays what it is"));
}

#[actix_web::test]
async fn eight_invitations_of_one_guest_at_once_let_the_guest_in_once() {
    let town = Town::start().await;
    let (task, other) = (
        town.audit_of(&town.jinghu).await,
        town.audit_of(&town.yijiang).await,
    );
    let token = town.client("auditor").await.token;
    let shot = |n: usize| Shot {
        token: token.clone(),
        path: format!("{}/guests", if n.is_multiple_of(2) { &task } else { &other }),
        etag: None,
        body: json!({ "user_id": town.user_id("guest_auditor"), "until": "2020-06-30" }),
    };
    let answers = race(&town, (0..8).map(shot).collect());
    let made = answers.iter().filter(|(status, _)| *status == 201).count();
    assert_eq!(made, 1, "{answers:?}");
    assert!(
        answers.iter().all(|(status, _)| [201, 409].contains(status)),
        "{answers:?}"
    );
}

#[actix_web::test]
async fn the_role_of_a_guest_goes_with_no_other() {
    let town = Town::start().await;
    let new = json!({ "username": "guest_x", "name": "某专家", "id_number": id_number(9900), "organization_id": town.root });
    let admin = town.client("system_admin").await;
    let place = format!("/users/{}", admin.post("/users", new).await.expect(201).id());
    let security = town.client("security_admin").await;
    let two = json!({ "roles": ["guest_auditor", "supervisor"] });
    security
        .put(&place, "/roles", two)
        .await
        .problem(409, "incompatible_roles");
    let one = json!({ "roles": ["guest_auditor"] });
    security.put(&place, "/roles", one).await.expect(200);
}
