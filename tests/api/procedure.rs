use serde_json::{Value, json};

use crate::given::{JPEG, Shot, Town, race};
use crate::harness::{Answer, nothing};

fn visit(town: &Town, who: &[&str]) -> Value {
    let visitors: Vec<_> = who.iter().map(|name| town.user_id(name)).collect();
    json!({ "visited_on": "2020-05-20", "place": "home", "visitors": visitors, "findings": "租住一室，妻子在院陪护。" })
}

fn check(result: &str) -> Value {
    let subjects = [
        "housing",
        "vehicle",
        "business",
        "social_insurance",
        "deposits",
        "death",
    ];
    let findings: Vec<_> = subjects.iter().map(|s| json!({ "subject": s, "result": if *s == "vehicle" { result } else { "match" }, "source": "民政核对中心" })).collect();
    json!({ "checked_on": "2020-05-20", "authorization": { "signed_on": "2020-05-18", "valid_to": "2020-11-18" }, "findings": findings })
}

/// The steps up to one, each with who takes it.
pub const STEPS: &[(&str, &str)] = &[
    ("submit", "caseworker"),
    ("basic-review", "supervisor"),
    ("home-visit", "caseworker"),
    ("economic-check", "supervisor_b"),
    ("county-review", "supervisor_b"),
    ("publicise", "supervisor_b"),
    ("approve", "city_supervisor"),
];

pub async fn take(town: &Town, place: &str, step: &str, who: &str) -> Answer {
    let body = match step {
        "home-visit" => visit(town, &["caseworker", "caseworker_b"]),
        "economic-check" => check("match"),
        _ => nothing(),
    };
    town.client(who).await.act(place, &format!("/{step}"), body).await
}

/// Takes the steps from one to before another.
async fn walk(town: &Town, place: &str, from: &str, to: &str) {
    let on = STEPS.iter().skip_while(|(step, _)| *step != from);
    for (step, who) in on.take_while(|(step, _)| *step != to) {
        take(town, place, step, who).await.expect(200);
    }
}

/// A file with the whole form that has been taken up to before a step.
async fn before(town: &Town, n: usize, step: &str) -> String {
    let place = town.whole_draft(n).await;
    walk(town, &place, "submit", step).await;
    place
}

pub async fn start() -> Town {
    let town = Town::start().await;
    town.whole_procedure(&["national"]).await;
    town
}

fn code(answer: &Answer) -> (u16, String) {
    (answer.status, answer.text("/code"))
}

#[actix_web::test]
async fn a_file_takes_every_step_and_comes_on_file_after_its_notice() {
    let town = start().await;
    let place = town.whole_draft(1).await;
    let worker = town.client("caseworker").await;
    let waits = [
        "basic_review",
        "home_visit",
        "economic_check",
        "county_review",
        "public_notice",
        "city_approval",
    ];
    for ((step, who), stage) in STEPS.iter().zip(waits) {
        let file = take(&town, &place, step, who).await.expect(200);
        assert_eq!(
            (file.text("/status"), file.text("/stage")),
            ("submitted".into(), stage.into()),
            "{step}"
        );
        assert_eq!(file.text("/due_on"), "2020-05-30");
    }
    let early = take(&town, &place, "approve", "city_supervisor").await;
    assert_eq!(
        (code(&early), early.text("/until_on")),
        ((409, "notice_running".into()), "2020-05-27".into())
    );
    let told = worker.get(&format!("{place}/procedure")).await.expect(200);
    assert_eq!(told.text("/visit/findings"), "租住一室，妻子在院陪护。");
    assert_eq!(told.body["check"]["findings"].as_array().unwrap().len(), 6);
    town.app.set("2020-05-27");
    assert_eq!(
        code(&take(&town, &place, "approve", "city_supervisor").await),
        (409, "notice_running".into())
    );
    town.app.set("2020-05-28");
    let file = take(&town, &place, "approve", "city_supervisor")
        .await
        .expect(200);
    assert_eq!(
        (file.text("/status"), &file.body["stage"], &file.body["due_on"]),
        ("on_file".into(), &Value::Null, &Value::Null)
    );
}

#[actix_web::test]
async fn no_step_is_skipped_or_taken_twice() {
    let town = start().await;
    let place = town.whole_draft(1).await;
    for (n, (step, who)) in STEPS.iter().enumerate().take(6) {
        if n > 0 {
            for (other, by) in STEPS.iter().skip(1).filter(|(other, _)| other != step) {
                let refused = take(&town, &place, other, by).await;
                assert_eq!(
                    code(&refused),
                    (409, "wrong_stage".into()),
                    "{other} instead of {step}"
                );
            }
        }
        take(&town, &place, step, who).await.expect(200);
    }
}

#[actix_web::test]
async fn files_of_other_levels_are_decided_at_once() {
    let town = start().await;
    let member = town.member(1).await;
    let file = town.file_on_file(&member).await;
    assert_eq!(
        town.client("caseworker")
            .await
            .get(&format!("/files/{file}"))
            .await
            .text("/status"),
        "on_file"
    );
}

#[actix_web::test]
async fn four_people_stand_between_draft_and_file_each_with_one_part() {
    let town = start().await;
    let place = before(&town, 1, "basic-review").await;
    for (step, who) in [
        ("home-visit", "supervisor"),
        ("economic-check", "supervisor"),
        ("county-review", "supervisor"),
    ] {
        walk(
            &town,
            &place,
            match step {
                "home-visit" => "basic-review",
                "economic-check" => "home-visit",
                _ => "economic-check",
            },
            step,
        )
        .await;
        if step == "home-visit" {
            let both = visit(&town, &["supervisor", "caseworker"]);
            let refused = town.client(who).await.act(&place, "/home-visit", both).await;
            assert_eq!(code(&refused), (409, "same_person".into()), "{step}");
        } else {
            assert_eq!(
                code(&take(&town, &place, step, who).await),
                (409, "same_person".into()),
                "{step}"
            );
        }
    }
    walk(&town, &place, "county-review", "approve").await;
    town.app.set("2020-05-28");
    // the district's supervisor is not the city
    assert_eq!(
        code(&take(&town, &place, "approve", "supervisor").await),
        (409, "wrong_unit".into())
    );
    take(&town, &place, "approve", "city_supervisor")
        .await
        .expect(200);
}

#[actix_web::test]
async fn a_visit_needs_two_visitors_and_one_of_them_records_it() {
    let town = start().await;
    let place = before(&town, 1, "home-visit").await;
    let worker = town.client("caseworker").await;
    for (who, pointer) in [
        (&["caseworker"][..], "/visitors"),
        (&["caseworker", "caseworker"], "/visitors"),
        (&["caseworker_b", "supervisor_b"], "/visitors"),
        (&["caseworker", "caseworker_2"], "/visitors/1"),
    ] {
        let refused = worker
            .act(&place, "/home-visit", visit(&town, who))
            .await
            .expect(422);
        assert_eq!(refused.pointers(), [pointer], "{who:?}");
    }
    let mut future = visit(&town, &["caseworker", "caseworker_b"]);
    future["visited_on"] = json!("2020-05-21");
    assert_eq!(
        worker
            .act(&place, "/home-visit", future)
            .await
            .expect(422)
            .pointers(),
        ["/visited_on"]
    );
}

#[actix_web::test]
async fn a_mismatch_sends_the_file_back_and_it_takes_every_step_again() {
    let town = start().await;
    let place = before(&town, 1, "economic-check").await;
    let checker = town.client("supervisor_b").await;
    let mut partial = check("match");
    partial["findings"].as_array_mut().unwrap().pop();
    assert_eq!(
        checker
            .act(&place, "/economic-check", partial)
            .await
            .expect(422)
            .pointers(),
        ["/findings"]
    );
    let mut expired = check("match");
    expired["authorization"]["valid_to"] = json!("2020-05-19");
    assert_eq!(
        checker
            .act(&place, "/economic-check", expired)
            .await
            .expect(422)
            .pointers(),
        ["/authorization"]
    );
    let back = checker
        .act(&place, "/economic-check", check("mismatch"))
        .await
        .expect(200);
    assert_eq!(
        (back.text("/status"), &back.body["stage"]),
        ("returned".into(), &Value::Null)
    );
    let revisions = checker.get(&format!("{place}/revisions")).await.items();
    assert_eq!(revisions.last().unwrap()["reason"], "not_verified");
    let again = take(&town, &place, "submit", "caseworker").await.expect(200);
    assert_eq!(again.text("/stage"), "basic_review");
    walk(&town, &place, "basic-review", "approve").await;
    town.app.set("2020-05-28");
    take(&town, &place, "approve", "city_supervisor")
        .await
        .expect(200);
}

#[actix_web::test]
async fn a_file_can_go_back_be_refused_or_be_taken_back_at_every_step() {
    let town = start().await;
    for (n, (step, who)) in STEPS.iter().enumerate().skip(1) {
        let place = before(&town, n, step).await;
        let who = if *step == "home-visit" {
            "supervisor_b"
        } else {
            who
        };
        let back = json!({ "reason_code": "missing_material", "fields": ["household"], "comment": null });
        let returned = town
            .client(who)
            .await
            .act(&place, "/return", back)
            .await
            .expect(200);
        assert_eq!(returned.text("/status"), "returned", "{step}");
        let gone = take(&town, &place, "withdraw", "caseworker").await.expect(200);
        assert_eq!(
            (gone.text("/status"), &gone.body["stage"]),
            ("withdrawn".into(), &Value::Null)
        );
    }
    let place = before(&town, 20, "publicise").await;
    let refusal = json!({ "reason_code": "not_eligible", "comment": null });
    let rejected = town
        .client("supervisor_b")
        .await
        .act(&place, "/reject", refusal)
        .await
        .expect(200);
    assert_eq!(rejected.text("/status"), "rejected");
}

#[actix_web::test]
async fn the_public_reads_a_masked_notice_while_it_runs_and_not_a_day_longer() {
    let town = start().await;
    let place = before(&town, 1, "approve").await;
    let public = || actix_web::test::TestRequest::get().uri("/public/notices");
    let notices = town.app.send(public()).await.expect(200);
    let expected = json!([{ "name": "职**", "unit": "镜湖区环卫工会", "category": "deep", "from_on": "2020-05-20", "until_on": "2020-05-27" }]);
    assert_eq!(notices.body["items"], json!(expected));
    town.app.set("2020-05-27");
    assert_eq!(town.app.send(public()).await.items().len(), 1);
    town.app.set("2020-05-28");
    assert_eq!(town.app.send(public()).await.items().len(), 0);
    // a file that goes back takes its notice down at once
    town.app.set("2020-05-27");
    let back = json!({ "reason_code": "not_verified", "fields": [], "comment": null });
    town.client("city_supervisor")
        .await
        .act(&place, "/return", back)
        .await
        .expect(200);
    assert_eq!(town.app.send(public()).await.items().len(), 0);
}

#[actix_web::test]
async fn an_objection_stops_the_approval_until_another_person_decides_it_and_the_notice_runs_on() {
    let town = start().await;
    let place = before(&town, 1, "approve").await;
    let worker = town.client("caseworker").await;
    town.app.set("2020-05-26");
    let supervisor = town.client("supervisor").await;
    let new = json!({ "reporter": "邻居 赵某", "content": "其家有一辆面包车" });
    let objection = supervisor
        .post(&format!("{place}/objections"), new)
        .await
        .expect(201);
    assert_eq!(
        (objection.body["named"].clone(), objection.body.get("reporter")),
        (json!(true), None)
    );
    let decide = |outcome: &str| json!({ "outcome": outcome, "finding": "经查不属实" });
    let at = format!("{place}/objections/{}", objection.id());
    assert_eq!(
        code(&supervisor.act(&at, "/decide", decide("dismissed")).await),
        (409, "same_person".into())
    );
    town.app.set("2020-05-28");
    assert_eq!(
        code(&take(&town, &place, "approve", "city_supervisor").await),
        (409, "objection_open".into())
    );
    let other = town.client("supervisor_b").await;
    let decided = other.act(&at, "/decide", decide("dismissed")).await.expect(200);
    assert_eq!(
        (decided.text("/outcome"), decided.text("/finding")),
        ("dismissed".into(), "经查不属实".into())
    );
    assert_eq!(
        code(&other.act(&at, "/decide", decide("upheld")).await),
        (409, "wrong_status".into())
    );
    // two working days passed between: 27 May becomes 29 May
    let late = take(&town, &place, "approve", "city_supervisor").await;
    assert_eq!(
        (code(&late), late.text("/until_on")),
        ((409, "notice_running".into()), "2020-05-29".into())
    );
    town.app.set("2020-05-30");
    take(&town, &place, "approve", "city_supervisor")
        .await
        .expect(200);
    drop(worker);
}

#[actix_web::test]
async fn an_objection_that_is_upheld_sends_the_file_back() {
    let town = start().await;
    let place = before(&town, 1, "approve").await;
    let new = json!({ "content": "其家有一辆面包车" });
    let supervisor = town.client("supervisor").await;
    let id = supervisor
        .post(&format!("{place}/objections"), new.clone())
        .await
        .expect(201)
        .id();
    let upheld = json!({ "outcome": "upheld", "finding": "车辆登记属实" });
    town.client("supervisor_b")
        .await
        .act(&format!("{place}/objections/{id}"), "/decide", upheld)
        .await
        .expect(200);
    assert_eq!(supervisor.get(&place).await.text("/status"), "returned");
    assert_eq!(
        code(&supervisor.post(&format!("{place}/objections"), new).await),
        (409, "not_on_notice".into())
    );
}

#[actix_web::test]
async fn a_notice_needs_the_calendar_of_its_days() {
    let town = start().await;
    let place = before(&town, 1, "publicise").await;
    town.app.sql("DELETE FROM calendar_days WHERE day < '2021-01-01'; DELETE FROM calendar_years WHERE year = 2020").unwrap();
    let refused = take(&town, &place, "publicise", "supervisor_b").await;
    assert_eq!(
        (code(&refused), refused.body["year"].clone()),
        ((409, "no_calendar".into()), json!(2020))
    );
    let admin = town.client("security_admin").await;
    let calendar = |day: &str| json!({ "year": 2020, "source": "国办发明电〔2019〕16号", "days": [{ "day": day, "working": false, "name": "端午节" }] });
    assert_eq!(
        admin
            .post("/calendar", calendar("2021-05-25"))
            .await
            .expect(422)
            .pointers(),
        ["/days/0/day"]
    );
    let made = admin.post("/calendar", calendar("2020-05-25")).await.expect(201);
    assert_eq!(made.body["days"].as_array().unwrap().len(), 1);
    assert_eq!(
        code(&admin.post("/calendar", calendar("2020-05-26")).await),
        (409, "calendar_exists".into())
    );
    take(&town, &place, "publicise", "supervisor_b").await.expect(200);
    let told = town
        .client("caseworker")
        .await
        .get(&format!("{place}/procedure"))
        .await;
    assert_eq!(told.text("/notice/until_on"), "2020-05-28");
    assert_eq!(
        admin.get("/calendar/2026").await.expect(200).body["days"]
            .as_array()
            .unwrap()
            .len(),
        39
    );
    admin.get("/calendar/2019").await.expect(404);
}

#[actix_web::test]
async fn what_waits_too_long_at_its_step_is_on_the_overdue_list() {
    let town = start().await;
    let place = before(&town, 1, "home-visit").await;
    let supervisor = town.client("supervisor").await;
    let overdue = "/files?overdue=true&stage=home_visit";
    assert_eq!(supervisor.get(overdue).await.expect(200).items().len(), 0);
    town.app.set("2020-05-31");
    let supervisor = town.client("supervisor").await;
    let late = supervisor.get(overdue).await.expect(200).items();
    assert_eq!(format!("/files/{}", late[0]["id"].as_str().unwrap()), place);
    assert_eq!(supervisor.get("/files?stage=basic_review").await.items().len(), 0);
}

#[actix_web::test]
async fn of_eight_who_decide_an_objection_at_once_one_does() {
    let town = start().await;
    let place = before(&town, 1, "approve").await;
    let id = town
        .client("supervisor")
        .await
        .post(&format!("{place}/objections"), json!({ "content": "有车" }))
        .await
        .expect(201)
        .id();
    let body = json!({ "outcome": "dismissed", "finding": "不属实" });
    let token = town.client("city_supervisor").await.token;
    let shot = || Shot {
        token: token.clone(),
        path: format!("{place}/objections/{id}/decide"),
        etag: Some("\"1\"".into()),
        body: body.clone(),
    };
    let answers = race(&town, (0..8).map(|_| shot()).collect());
    let won = answers.iter().filter(|(status, _)| *status == 200).count();
    assert!(
        won == 1 && answers.iter().all(|(status, _)| [200, 409].contains(status)),
        "{answers:?}"
    );
}

#[actix_web::test]
async fn the_database_itself_lets_no_file_come_on_file_before_its_procedure_is_whole() {
    let town = start().await;
    let approver = town.user_id("city_supervisor");
    let force = |place: &str, day: &str| {
        let id = place.trim_start_matches("/files/");
        town.app.sql(&format!(
            "INSERT INTO case_parts (case_id, user_id, part, round, user_person, subject_person) \
             SELECT '{id}', id, 'approver', 1, person, 'x' FROM users WHERE id = '{approver}' AND NOT EXISTS (SELECT 1 FROM case_parts WHERE case_id = '{id}' AND user_id = '{approver}')"
        )).unwrap();
        town.app.sql(&format!("UPDATE files SET status = 'on_file', stage = NULL, opened_on = '{day}', approver_id = '{approver}' WHERE id = '{id}'"))
    };
    for (n, step) in [
        "basic-review",
        "home-visit",
        "economic-check",
        "county-review",
        "publicise",
    ]
    .iter()
    .enumerate()
    {
        let place = before(&town, n + 1, step).await;
        assert!(
            force(&place, "2020-12-01").unwrap_err().contains("not complete"),
            "{step}"
        );
    }
    let place = before(&town, 10, "approve").await;
    assert!(force(&place, "2020-05-27").unwrap_err().contains("not complete"));
    let id = town
        .client("supervisor")
        .await
        .post(&format!("{place}/objections"), json!({ "content": "有车" }))
        .await
        .expect(201)
        .id();
    assert!(force(&place, "2020-05-28").unwrap_err().contains("not complete"));
    let body = json!({ "outcome": "dismissed", "finding": "不属实" });
    town.client("supervisor_b")
        .await
        .act(&format!("{place}/objections/{id}"), "/decide", body)
        .await
        .expect(200);
    force(&place, "2020-05-28").unwrap();
    let id = place.trim_start_matches("/files/");
    let back = format!(
        "UPDATE files SET status = 'submitted', stage = 'city_approval', opened_on = NULL, approver_id = NULL WHERE id = '{id}'"
    );
    town.app.sql(&back).unwrap();
}

#[actix_web::test]
async fn of_objections_and_approvals_at_once_no_file_comes_on_file_with_one_open() {
    let town = start().await;
    let place = before(&town, 1, "approve").await;
    town.app.set("2020-05-28");
    let (city, district) = (
        town.client("city_supervisor").await,
        town.client("supervisor").await,
    );
    let etag = city.get(&place).await.header("etag");
    let shot = |n: usize| {
        let (token, path, etag, body) = match n % 2 {
            0 => (&city.token, "approve", Some(etag.clone()), nothing()),
            _ => (&district.token, "objections", None, json!({ "content": "有车" })),
        };
        Shot {
            token: token.clone(),
            path: format!("{place}/{path}"),
            etag,
            body,
        }
    };
    let answers = race(&town, (0..8).map(shot).collect());
    let with = |status: u16| answers.iter().filter(|(s, _)| *s == status).count();
    assert_eq!(with(200) + with(201) + with(409), 8, "{answers:?}");
    assert!(
        (with(200), with(201)) == (1, 0) || (with(200), with(201)) == (0, 4),
        "{answers:?}"
    );
}

#[actix_web::test]
async fn a_file_on_file_is_not_raised_to_a_level_whose_procedure_it_has_not_taken() {
    let town = start().await;
    let member = town.member(1).await;
    let place = format!("/files/{}", town.file_on_file(&member).await);
    let worker = town.client("caseworker").await;
    let raised = worker
        .patch(&place, json!({ "level": "national" }))
        .await
        .expect(409);
    assert_eq!(raised.text("/code"), "procedure_needed");
    worker
        .patch(&place, json!({ "level": "county" }))
        .await
        .expect(200);
    let whole = before(&town, 2, "approve").await;
    town.app.set("2020-05-28");
    take(&town, &whole, "approve", "city_supervisor")
        .await
        .expect(200);
    let worker = town.client("caseworker").await;
    let other = worker
        .patch(&whole, json!({ "category": "relative" }))
        .await
        .expect(409);
    assert_eq!(other.text("/code"), "category_mismatch");
}

#[actix_web::test]
async fn where_the_policy_asks_for_signatures_a_visit_needs_them_attached() {
    let town = Town::start().await;
    let rule = json!({ "kind": "procedure", "valid_from": "2020-05-01", "values": { "visitors": 2, "visit_signatures": 2,
        "notice_working_days": 5, "step_days": 30, "levels": ["national"], "steps": ["home_visit", "city_approval"] } });
    town.whole_procedure(&["national"]).await;
    town.rule(rule).await;
    let place = town.whole_draft(1).await;
    let file = place.rsplit('/').next().unwrap();
    let worker = town.client("caseworker").await;
    worker.act(&place, "/submit", json!({})).await.expect(200);
    let mut said = visit(&town, &["caseworker", "caseworker_b"]);
    assert_eq!(
        worker
            .act(&place, "/home-visit", said.clone())
            .await
            .expect(422)
            .pointers(),
        ["/signatures"]
    );
    let mut ids = Vec::new();
    for (kind, content) in [("signature", JPEG), ("signature", JPEG), ("visit_photo", JPEG)] {
        ids.push(
            town.attach("caseworker", file, kind, content)
                .await
                .expect(201)
                .id(),
        );
    }
    said["signatures"] = json!([ids[0], ids[2]]);
    assert_eq!(
        worker
            .act(&place, "/home-visit", said.clone())
            .await
            .expect(422)
            .pointers(),
        ["/signatures"]
    );
    said["signatures"] = json!([ids[0], ids[1]]);
    worker.act(&place, "/home-visit", said).await.expect(200);
}
