use serde_json::{Value, json};

use crate::given::{Shot, Town, inspection, race};
use crate::harness::Answer;

fn call(on: &str, reached: &str, outcome: Option<&str>) -> Value {
    json!({ "called_on": on, "reached": reached, "outcome": outcome, "notes": "孩子已就业" })
}

/// The days on which calls are due, by file.
async fn due(town: &Town) -> Vec<(String, String)> {
    let answer = town.client("caseworker").await.get("/follow-ups/due").await;
    let pair = |item: &Value| {
        let text = |field: &str| item[field].as_str().unwrap().to_owned();
        (text("file_id"), text("due_on"))
    };
    answer.expect(200).items().iter().map(pair).collect()
}

fn one(file: &str, day: &str) -> Vec<(String, String)> {
    vec![(file.to_owned(), day.to_owned())]
}

#[actix_web::test]
async fn a_household_that_left_hardship_is_called_on_schedule() {
    let town = Town::start().await;
    town.lasting_passwords().await;
    let file = town.closed_file(1, "exited", "out_of_hardship").await;
    let path = format!("/files/{file}/follow-ups");
    town.app.set("2020-08-19");
    assert!(due(&town).await.is_empty());
    town.app.set("2020-08-20");
    assert_eq!(due(&town).await, one(&file, "2020-08-20"));
    let worker = town.client("caseworker").await;
    worker
        .post(&path, call("2020-08-20", "nobody", None))
        .await
        .expect(201);
    assert_eq!(due(&town).await, one(&file, "2020-08-20"));
    let made = worker
        .post(&path, call("2020-08-20", "family", Some("at_risk")))
        .await
        .expect(201);
    assert_eq!(made.text("/notes"), "孩子已就业");
    assert!(due(&town).await.is_empty());
    town.app.set("2020-11-20");
    let worker = town.client("caseworker").await;
    let listed = worker.get("/follow-ups/due").await.expect(200).items();
    assert_eq!(
        listed,
        [
            json!({ "file_id": file, "file_number": "340200-2020-000001", "organization_id": town.jinghu_basic,
            "closed_on": "2020-05-20", "due_on": "2020-11-20", "last_outcome": "at_risk" })
        ]
    );
    assert_eq!(worker.get(&path).await.expect(200).items().len(), 2);
    // one call late enough stands for every day before it
    town.app.set("2021-04-20");
    town.client("caseworker")
        .await
        .post(&path, call("2021-04-20", "worker", Some("stable")))
        .await
        .expect(201);
    town.app.set("2022-01-01");
    assert!(due(&town).await.is_empty());
}

#[actix_web::test]
async fn only_files_that_ended_out_of_hardship_are_called_and_only_after_their_end() {
    let town = Town::start().await;
    town.lasting_passwords().await;
    let on_file = town.file_on_file(&town.member(1).await).await;
    let gone = town.closed_file(2, "deregistered", "retired").await;
    let relieved = town.closed_file(3, "relieved", "relieved").await;
    let worker = town.client("caseworker").await;
    let post = async |file: &str, body: Value| worker.post(&format!("/files/{file}/follow-ups"), body).await;
    for file in [&on_file, &gone] {
        post(file, call("2020-05-20", "nobody", None))
            .await
            .problem(409, "not_exited");
    }
    for (body, pointers) in [
        (call("2020-05-19", "nobody", None), vec!["/called_on"]),
        (call("2020-05-21", "nobody", None), vec!["/called_on"]),
        (call("2020-05-20", "worker", None), vec!["/outcome"]),
        (
            call("2020-05-19", "nobody", Some("stable")),
            vec!["/called_on", "/outcome"],
        ),
    ] {
        assert_eq!(post(&relieved, body).await.expect(422).pointers(), pointers);
    }
    post(&relieved, call("2020-05-20", "worker", Some("stable")))
        .await
        .expect(201);
    assert_eq!(
        town.app
            .count("SELECT COUNT(*) AS n FROM follow_ups WHERE notes_sealed LIKE '%就业%'"),
        0
    );
}

#[actix_web::test]
async fn a_call_is_recorded_once_however_often_it_is_sent() {
    let town = Town::start().await;
    town.lasting_passwords().await;
    let file = town.closed_file(1, "exited", "out_of_hardship").await;
    let worker = town.client("caseworker").await;
    let path = format!("/files/{file}/follow-ups");
    let mut body = call("2020-05-20", "worker", Some("stable"));
    body["id"] = json!("01723d2f-5c00-7c44-9d0a-2f6f3a1c5b7e");
    let first = worker.post(&path, body.clone()).await.expect(201);
    let again = worker.post(&path, body.clone()).await.expect(200);
    assert_eq!(again.body, first.body);
    body["outcome"] = json!("relapsed");
    worker.post(&path, body).await.problem(409, "id_taken");
}

#[actix_web::test]
async fn a_relapse_ends_the_calls_and_they_go_on_when_the_re_opening_comes_to_nothing() {
    let town = Town::start().await;
    town.lasting_passwords().await;
    let file = town.closed_file(1, "exited", "out_of_hardship").await;
    let place = format!("/files/{file}");
    let worker = town.client("caseworker").await;
    worker
        .post(
            &format!("{place}/follow-ups"),
            call("2020-05-20", "worker", Some("relapsed")),
        )
        .await
        .expect(201);
    assert_eq!(worker.get(&place).await.text("/status"), "exited");
    let reopen = async || {
        let supervisor = town.client("supervisor").await;
        supervisor
            .act(&place, "/reopen", json!({}))
            .await
            .expect(201)
            .id()
    };
    let draft = reopen().await;
    town.app.set("2020-12-31");
    let worker = town.client("caseworker").await;
    assert!(due(&town).await.is_empty());
    worker
        .post(&format!("{place}/follow-ups"), call("2020-12-31", "nobody", None))
        .await
        .expect(201);
    assert!(due(&town).await.is_empty());
    worker
        .act(&format!("/files/{draft}"), "/withdraw", json!({}))
        .await
        .expect(200);
    assert_eq!(due(&town).await, one(&file, "2020-08-20"));
    let draft = format!("/files/{}", reopen().await);
    assert!(due(&town).await.is_empty());
    worker.act(&draft, "/submit", json!({})).await.expect(200);
    let refusal = json!({ "reason_code": "not_eligible" });
    let other = town.client("supervisor_b").await;
    other.act(&draft, "/reject", refusal).await.expect(200);
    assert_eq!(due(&town).await, one(&file, "2020-08-20"));
}

#[actix_web::test]
async fn the_months_are_those_of_the_policy_of_the_day_of_closing() {
    let town = Town::start().await;
    town.lasting_passwords().await;
    let before = town.closed_file(1, "exited", "out_of_hardship").await;
    let rule = |months: Value| {
        let values =
            json!({ "visitors": 2, "notice_working_days": 5, "step_days": 10, "follow_up_months": months });
        json!({ "kind": "procedure", "valid_from": "2020-05-20", "values": values })
    };
    let drafter = town.client("security_admin").await;
    for bad in [json!([]), json!([6, 3]), json!([3, 3]), json!([0]), json!([61])] {
        let refused = drafter.post("/policies", rule(bad)).await.expect(422);
        assert_eq!(refused.pointers(), ["/values/follow_up_months"]);
    }
    town.rule(rule(json!([1, 24]))).await;
    let after = town.closed_file(2, "exited", "out_of_hardship").await;
    town.app.set("2020-12-31");
    let expected = [(after, "2020-06-20"), (before, "2020-08-20")];
    assert_eq!(
        due(&town).await,
        expected.map(|(file, day)| (file, day.to_owned()))
    );
}

#[actix_web::test]
async fn due_calls_come_in_pages_of_the_own_subtree() {
    let town = Town::start().await;
    town.lasting_passwords().await;
    let mut files = Vec::new();
    for n in 1..=3 {
        files.push(town.closed_file(n, "exited", "out_of_hardship").await);
    }
    town.app.set("2020-08-20");
    let worker = town.client("city_caseworker").await;
    let (mut seen, mut path) = (Vec::new(), "/follow-ups/due?limit=2".to_owned());
    loop {
        let page = worker.get(&path).await.expect(200);
        seen.extend(page.items().iter().map(|item| item["file_id"].clone()));
        let Some(cursor) = page.body["next_cursor"].as_str() else {
            break;
        };
        path = format!("/follow-ups/due?limit=2&cursor={cursor}");
    }
    assert_eq!(seen, files);
    let of = async |unit: &str| {
        worker
            .get(&format!("/follow-ups/due?organization_id={unit}"))
            .await
    };
    assert_eq!(of(&town.jinghu).await.items().len(), 3);
    assert!(of(&town.yijiang).await.items().is_empty());
    let elsewhere = town.client("caseworker_2").await;
    assert!(elsewhere.get("/follow-ups/due").await.items().is_empty());
}

#[actix_web::test]
async fn calls_at_once_leave_a_plan_that_knows_them_all() {
    let town = Town::start().await;
    town.lasting_passwords().await;
    let file = town.closed_file(1, "exited", "out_of_hardship").await;
    town.app.set("2021-05-20");
    let token = town.client("caseworker").await.token;
    let days = ["2020-08-20", "2020-11-20", "2021-05-20", "2020-09-01"];
    let shots = days.map(|day| Shot {
        token: token.clone(),
        path: format!("/files/{file}/follow-ups"),
        etag: None,
        body: call(day, "worker", Some("stable")),
    });
    for (status, body) in race(&town, shots.to_vec()) {
        assert_eq!(status, 201, "{body}");
    }
    town.app.set("2022-01-01");
    assert!(due(&town).await.is_empty());
}

/// The numbers of the rate, in their order.
fn numbers(answer: &Answer) -> [Option<i64>; 7] {
    let fields = [
        "on_file",
        "exited",
        "relieved",
        "rest",
        "deregistered",
        "rate_bp",
        "target_bp",
    ];
    fields.map(|field| answer.body[field].as_i64())
}

#[actix_web::test]
async fn the_resolution_rate_counts_exits_and_reliefs_and_lists_the_rest() {
    let town = Town::start().await;
    town.lasting_passwords().await;
    let ends = [
        ("exited", "out_of_hardship"),
        ("relieved", "relieved"),
        ("deregistered", "death"),
    ];
    let mut files = Vec::new();
    for n in 1..=5 {
        files.push(town.file_on_file(&town.member(n).await).await);
    }
    town.closed_file(6, "exited", "out_of_hardship").await;
    town.app.set("2020-12-31");
    let supervisor = town.client("supervisor").await;
    for (file, (status, reason)) in files.iter().zip(ends) {
        let end =
            json!({ "status": status, "reason_code": reason, "comment": null, "closed_on": "2020-12-31" });
        supervisor
            .act(&format!("/files/{file}"), "/close", end)
            .await
            .expect(200);
    }
    town.file_on_file(&town.member(7).await).await;
    let auditor = town.client("auditor").await;
    let rate = auditor
        .get("/resolution-rate?base_on=2020-05-20")
        .await
        .expect(200);
    assert_eq!(
        numbers(&rate),
        [4, 1, 1, 2, 1, 5_000, 10_000].map(Some),
        "{}",
        rate.body
    );
    let rest = auditor
        .get("/resolution-rate/rest?base_on=2020-05-20")
        .await
        .expect(200);
    let ids: Vec<Value> = rest.items().iter().map(|file| file["id"].clone()).collect();
    assert_eq!(ids, files[3..]);
    let before = auditor.get("/resolution-rate").await.expect(200);
    assert_eq!(before.text("/base_on"), "2020-01-01");
    assert_eq!(
        numbers(&before),
        [Some(0), Some(0), Some(0), Some(0), Some(0), None, Some(10_000)]
    );
    for path in ["/resolution-rate", "/resolution-rate/rest"] {
        let refused = auditor
            .get(&format!("{path}?base_on=2021-01-01"))
            .await
            .expect(400);
        assert_eq!(refused.pointers(), ["?base_on"]);
        let other = format!("{path}?base_on=2020-05-20&organization_id={}", town.yijiang);
        auditor.get(&other).await.expect(200);
    }
}

#[actix_web::test]
async fn files_are_listed_for_disposal_when_their_years_are_over_and_are_not_deleted() {
    let town = Town::start().await;
    town.lasting_passwords().await;
    let file = town.closed_file(1, "deregistered", "retired").await;
    town.file_on_file(&town.member(2).await).await;
    let auditor = town.client("auditor").await;
    let listed = async |query: &str| {
        auditor
            .get(&format!("/disposal-list{query}"))
            .await
            .expect(200)
            .items()
    };
    assert!(listed("").await.is_empty());
    assert!(listed("?year=2030").await.is_empty());
    assert_eq!(
        listed("?year=2031").await,
        [
            json!({ "file_id": file, "file_number": "340200-2020-000001", "organization_id": town.jinghu_basic,
            "status": "deregistered", "closed_on": "2020-05-20", "kept_until": "2030-05-20" })
        ]
    );
    let values = json!({ "visitors": 2, "notice_working_days": 5, "step_days": 10, "retention_years": 30 });
    town.rule(json!({ "kind": "procedure", "valid_from": "2020-05-20", "values": values }))
        .await;
    assert!(listed("?year=2050").await.is_empty());
    assert_eq!(listed("?year=2051").await[0]["kept_until"], "2050-05-20");
    auditor.get(&format!("/files/{file}")).await.expect(200);
}

#[actix_web::test]
async fn the_person_sees_the_own_file_at_once() {
    let town = Town::start().await;
    town.lasting_passwords().await;
    let file = town.file_on_file(&town.member(1).await).await;
    let path = format!("/files/{file}/inspections");
    let worker = town.client("caseworker").await;
    let made = worker.post(&path, inspection("person")).await.expect(201);
    assert_eq!(
        (made.text("/status"), made.text("/proof")),
        ("granted".into(), "工作证 *************1002X".into())
    );
    assert!(made.body["decided_by"].is_null());
    let place = format!("{path}/{}", made.id());
    let decision = json!({ "decision": "refused", "reason": "不予查阅" });
    let supervisor = town.client("supervisor").await;
    supervisor
        .act(&place, "/decide", decision)
        .await
        .problem(409, "wrong_status");
    assert_eq!(worker.get(&path).await.expect(200).items()[0], made.body);
    assert_eq!(
        town.app
            .count("SELECT COUNT(*) AS n FROM file_inspections WHERE sealed LIKE '%法院%'"),
        0
    );
}

#[actix_web::test]
async fn an_outside_body_waits_for_another_person_than_the_recorder() {
    let town = Town::start().await;
    town.lasting_passwords().await;
    let file = town.file_on_file(&town.member(1).await).await;
    let path = format!("/files/{file}/inspections");
    let (recorder, decider) = (town.client("supervisor").await, town.client("supervisor_b").await);
    let made = recorder.post(&path, inspection("outside_body")).await.expect(201);
    assert_eq!(made.text("/status"), "requested");
    let place = format!("{path}/{}", made.id());
    let decision = |reason: &str| json!({ "decision": "granted", "reason": reason });
    recorder
        .act(&place, "/decide", decision("手续齐全"))
        .await
        .problem(409, "same_person");
    for named in ["职工1 同意", "镜湖区人民法院李某来函"] {
        let refused = decider.act(&place, "/decide", decision(named)).await.expect(422);
        assert_eq!(refused.pointers(), ["/reason"]);
    }
    let granted = decider
        .act(&place, "/decide", decision("手续齐全"))
        .await
        .expect(200);
    assert_eq!(
        (
            granted.text("/status"),
            granted.text("/reason"),
            granted.text("/decided_by")
        ),
        ("granted".into(), "手续齐全".into(), town.user_id("supervisor_b"))
    );
    decider
        .act(&place, "/decide", decision("再次"))
        .await
        .problem(409, "wrong_status");
    let events = town.client("auditor").await;
    let events = events
        .get("/audit/events?action=inspection.decided")
        .await
        .expect(200);
    assert_eq!(events.items()[0]["reason"], "手续齐全");
    let second = recorder.post(&path, inspection("outside_body")).await.expect(201);
    let refusal = json!({ "decision": "refused", "reason": "无介绍信" });
    let refused = decider
        .act(&format!("{path}/{}", second.id()), "/decide", refusal)
        .await
        .expect(200);
    assert_eq!(refused.text("/status"), "refused");
}

#[actix_web::test]
async fn the_database_keeps_recorder_and_decider_of_an_inspection_apart() {
    let town = Town::start().await;
    town.lasting_passwords().await;
    let file = town.file_on_file(&town.member(1).await).await;
    let path = format!("/files/{file}/inspections");
    let recorder = town.client("supervisor").await;
    recorder.post(&path, inspection("outside_body")).await.expect(201);
    let by_hand = "UPDATE file_inspections SET status = 'granted', decided_at = recorded_at, decided_by = recorded_by, \
        decider_person = recorder_person";
    assert!(town.app.sql(by_hand).is_err());
    assert!(
        town.app
            .sql("UPDATE file_inspections SET status = 'granted'")
            .is_err()
    );
}

#[actix_web::test]
async fn a_file_is_sealed_after_its_last_call_and_opened_for_a_day_with_a_reason() {
    let town = Town::start().await;
    town.lasting_passwords().await;
    let file = town.closed_file(1, "exited", "out_of_hardship").await;
    let place = format!("/files/{file}");
    let papers = [
        "/household",
        "/profile",
        "/means",
        "/assessments",
        "/revisions",
        "?as_of=2020-05-20",
    ];
    town.app.set("2021-05-20");
    let worker = town.client("caseworker").await;
    for paper in papers {
        worker.get(&format!("{place}{paper}")).await.expect(200);
    }
    let why = json!({ "reason": "信访核查" });
    worker
        .post(&format!("{place}/unseal"), why.clone())
        .await
        .problem(409, "not_sealed");
    town.app.set("2021-05-21");
    let worker = town.client("caseworker").await;
    for paper in papers {
        let sealed = worker
            .get(&format!("{place}{paper}"))
            .await
            .problem(409, "sealed");
        assert_eq!(sealed.text("/sealed_since"), "2021-05-21");
        town.client("auditor")
            .await
            .get(&format!("{place}{paper}"))
            .await
            .expect(200);
    }
    assert_eq!(worker.get(&place).await.expect(200).text("/status"), "exited");
    let opened = worker
        .post(&format!("{place}/unseal"), why.clone())
        .await
        .expect(200);
    assert_eq!(opened.text("/until"), "2021-05-21");
    for paper in papers {
        worker.get(&format!("{place}{paper}")).await.expect(200);
    }
    let other = town.client("supervisor").await;
    other
        .get(&format!("{place}/household"))
        .await
        .problem(409, "sealed");
    town.app.set("2021-05-22");
    let worker = town.client("caseworker").await;
    worker
        .get(&format!("{place}/household"))
        .await
        .problem(409, "sealed");
    let named = json!({ "reason": "职工1来访" });
    worker.post(&format!("{place}/unseal"), named).await.expect(422);
    let log = town
        .client("auditor")
        .await
        .get("/audit/events?action=file.unsealed")
        .await;
    assert_eq!(log.expect(200).items()[0]["reason"], "信访核查");
    let auditor = town.client("auditor").await;
    for (action, times) in [("file.sealed_read", 4), ("file.past_read", 6)] {
        let log = auditor.get(&format!("/audit/events?action={action}")).await;
        assert_eq!(log.expect(200).items().len(), times, "{action}");
    }
}
