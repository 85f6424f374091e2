use proptest::prelude::*;
use proptest::strategy::ValueTree as _;
use proptest::test_runner::TestRunner;
use serde_json::{Value, json};

use crate::given::{Town, id_number};
use crate::harness::{Client, nothing};

/// A file, its form and its household as they are served, now or as of a day.
async fn read(client: &Client, place: &str, query: &str) -> Value {
    let mut found = json!({});
    for part in ["", "/profile", "/household"] {
        let query = if part != "/household" && query.starts_with("?on") {
            ""
        } else {
            query
        };
        found[part] = client
            .get(&format!("{place}{part}{query}"))
            .await
            .expect(200)
            .body;
    }
    found
}

#[actix_web::test]
async fn every_change_of_a_file_is_a_revision_with_who_when_why_old_and_new() {
    let town = Town::start().await;
    let (worker, supervisor) = (town.client("caseworker").await, town.client("supervisor").await);
    let member = town.member(1).await;
    let file = json!({ "member_id": member, "scheme": "scheme_2020", "category": "deep", "level": "city", "primary_cause": "major_illness" });
    let place = format!("/files/{}", worker.post("/files", file).await.expect(201).id());
    worker
        .patch(&place, json!({ "level": "county" }))
        .await
        .expect(200);
    worker
        .patch(
            &format!("{place}/profile"),
            json!({ "housing": "rented", "address": "赭山路 9 号" }),
        )
        .await
        .expect(200);
    let wife =
        json!({ "name": "周梅", "id_number": id_number(2), "relation": "spouse", "joined_on": "2012-01-01" });
    let wife = worker
        .post(&format!("{place}/household"), wife)
        .await
        .expect(201)
        .id();
    worker.act(&place, "/submit", nothing()).await.expect(200);
    let back = json!({ "reason_code": "wrong_data", "fields": ["level"], "comment": null });
    supervisor.act(&place, "/return", back).await.expect(200);
    let revisions = worker
        .get(&format!("{place}/revisions"))
        .await
        .expect(200)
        .items();
    let told: Vec<_> = revisions
        .iter()
        .map(|r| (r["version"].as_i64().unwrap(), r["action"].as_str().unwrap()))
        .collect();
    assert_eq!(
        told,
        [
            (1, "file.opened"),
            (2, "file.changed"),
            (3, "file.changed"),
            (4, "household.joined"),
            (5, "file.submitted"),
            (6, "file.returned")
        ]
    );
    assert_eq!(revisions[5]["reason"], "wrong_data");
    assert_eq!(revisions[5]["changed_by"], town.user_id("supervisor"));
    assert_eq!(
        revisions[2]["fields"],
        json!(["profile/address", "profile/housing"])
    );
    let second = worker.get(&format!("{place}/revisions/2")).await.expect(200);
    assert_eq!(
        second.body["changes"],
        json!([{ "field": "level", "old": "city", "new": "county" }])
    );
    let between = worker
        .get(&format!("{place}/revisions/difference?from=1&to=4"))
        .await
        .expect(200);
    let changes = between.body["changes"].as_array().unwrap().clone();
    let of = |field: &str| {
        changes
            .iter()
            .find(|c| c["field"] == field)
            .unwrap_or(&Value::Null)["new"]
            .clone()
    };
    assert_eq!(
        (of("level"), of("profile/housing"), of("profile/address")),
        (json!("county"), json!("rented"), json!("*******"))
    );
    assert_eq!(
        (
            of(&format!("household/{wife}/name")),
            of(&format!("household/{wife}/relation"))
        ),
        (json!("周*"), json!("spouse"))
    );
    worker.get(&format!("{place}/revisions/7")).await.expect(404);
    worker
        .get(&format!("{place}/revisions/difference?from=1&to=99"))
        .await
        .expect(404);
}

#[actix_web::test]
async fn a_file_is_read_as_of_a_day_and_before_it_was_opened_there_is_none() {
    let town = Town::start().await;
    let member = town.member(1).await;
    let place = format!("/files/{}", town.file_on_file(&member).await);
    town.app.set("2020-06-30");
    let worker = town.client("caseworker").await;
    worker
        .patch(&place, json!({ "level": "county" }))
        .await
        .expect(200);
    let as_of = |day: &str| format!("{place}?as_of={day}");
    assert_eq!(
        worker.get(&as_of("2020-05-20")).await.expect(200).text("/level"),
        "city"
    );
    assert_eq!(
        worker.get(&as_of("2020-06-29")).await.expect(200).text("/level"),
        "city"
    );
    assert_eq!(
        worker.get(&as_of("2020-06-30")).await.expect(200).text("/level"),
        "county"
    );
    worker.get(&as_of("2020-05-19")).await.expect(404);
}

/// Something that happens to a file.
#[derive(Debug, Clone)]
enum Happening {
    Level(&'static str),
    Housing(Option<&'static str>),
    Joins(usize),
    Leaves(usize),
    Health(usize, &'static str),
    NextDay,
}

fn happening() -> impl Strategy<Value = Happening> {
    let level = prop::sample::select(vec!["city", "county", "basic"]);
    let housing = prop::sample::select(vec![None, Some("rented"), Some("none")]);
    let health = prop::sample::select(vec!["good", "cancer", "disabled"]);
    prop_oneof![
        level.prop_map(Happening::Level),
        housing.prop_map(Happening::Housing),
        (20..30_usize).prop_map(Happening::Joins),
        (0..8_usize).prop_map(Happening::Leaves),
        (0..8_usize, health).prop_map(|(n, health)| Happening::Health(n, health)),
        Just(Happening::NextDay),
        Just(Happening::NextDay),
    ]
}

#[actix_web::test]
async fn a_file_as_of_any_day_is_what_was_served_at_the_end_of_that_day() {
    let mut runner = TestRunner::deterministic();
    for _ in 0..4 {
        let town = Town::start().await;
        let member = town.member(1).await;
        let place = format!("/files/{}", town.file_on_file(&member).await);
        let mut day = "2020-05-20".parse::<chrono::NaiveDate>().unwrap();
        let mut served = Vec::new();
        let mut worker = town.client("caseworker").await;
        let history = prop::collection::vec(happening(), 30)
            .new_tree(&mut runner)
            .unwrap()
            .current();
        for happening in history {
            let household = format!("{place}/household");
            let person = |people: &[Value], n: usize| {
                people
                    .get(n % people.len())
                    .map(|p| p["id"].as_str().unwrap().to_owned())
                    .unwrap()
            };
            let people = worker.get(&household).await.expect(200).items();
            // refusals (head leaves, somebody joins twice) are part of the history
            match happening {
                Happening::Level(level) => {
                    drop(worker.patch(&place, json!({ "level": level })).await.expect(200))
                }
                Happening::Housing(housing) => drop(
                    worker
                        .patch(&format!("{place}/profile"), json!({ "housing": housing }))
                        .await
                        .expect(200),
                ),
                Happening::Joins(n) => {
                    let new = json!({ "name": "家人", "id_number": id_number(n), "relation": "other", "joined_on": "2012-01-01" });
                    let status = worker.post(&household, new).await.status;
                    assert!([201, 409].contains(&status));
                }
                Happening::Leaves(n) => {
                    let left = json!({ "left_on": day, "reason": "分户" });
                    let status = worker
                        .act(&format!("{household}/{}", person(&people, n)), "/leave", left)
                        .await
                        .status;
                    assert!([200, 409].contains(&status));
                }
                Happening::Health(n, health) => {
                    let details = json!({ "details": { "health": health } });
                    worker
                        .patch(&format!("{household}/{}", person(&people, n)), details)
                        .await
                        .expect(200);
                }
                Happening::NextDay => {
                    served.push((day, read(&worker, &place, &format!("?on={day}")).await));
                    day = day.succ_opt().unwrap();
                    town.app.set(&day.to_string());
                    worker = town.client("caseworker").await;
                }
            }
        }
        assert!(!served.is_empty());
        for (day, then) in served {
            assert_eq!(
                read(&worker, &place, &format!("?as_of={day}")).await,
                then,
                "{day}"
            );
        }
    }
}

#[actix_web::test]
async fn a_stale_change_is_told_which_fields_both_sides_changed() {
    let town = Town::start().await;
    let member = town.member(1).await;
    let place = format!("/files/{}", town.file_on_file(&member).await);
    let worker = town.client("caseworker").await;
    let wife =
        json!({ "name": "周梅", "id_number": id_number(2), "relation": "spouse", "joined_on": "2012-01-01" });
    let wife = worker
        .post(&format!("{place}/household"), wife)
        .await
        .expect(201)
        .id();
    let stale = |answer: crate::harness::Answer| {
        let answer = answer.expect(412);
        (answer.body["fields"].clone(), answer.body["conflicts"].clone())
    };
    for (path, first, second, fields, conflicts) in [
        (
            place.clone(),
            json!({ "level": "county", "primary_cause": "accident" }),
            json!({ "level": "basic" }),
            json!(["level", "primary_cause"]),
            json!(["level"]),
        ),
        (
            format!("{place}/profile"),
            json!({ "housing": "rented", "bank": "徽商银行" }),
            json!({ "bank": "工商银行", "postcode": "241000" }),
            json!(["bank", "housing"]),
            json!(["bank"]),
        ),
        (
            format!("{place}/household/{wife}"),
            json!({ "name": "周美", "details": { "health": "good", "ethnicity": "01" } }),
            json!({ "details": { "health": "cancer" } }),
            json!(["details/ethnicity", "details/health", "name"]),
            json!(["details/health"]),
        ),
    ] {
        let etag = worker.get(&path).await.expect(200).header("etag");
        worker.patch(&path, first).await.expect(200);
        let answer = worker.patch_on(&path, &etag, second).await;
        assert_eq!(stale(answer), (fields, conflicts), "{path}");
    }
}

#[actix_web::test]
async fn a_revision_can_neither_be_changed_nor_deleted_in_the_database() {
    use bangfu::db::Conn;
    use diesel::RunQueryDsl as _;
    let town = Town::start().await;
    let member = town.member(1).await;
    town.file_on_file(&member).await;
    let mut conn = Conn::open(&town.app.url).unwrap();
    for sql in [
        "UPDATE file_revisions SET reason = 'x'",
        "DELETE FROM file_revisions",
    ] {
        let refused = diesel::sql_query(sql).execute(&mut conn).unwrap_err().to_string();
        assert!(refused.contains("append-only"), "{refused}");
    }
}
