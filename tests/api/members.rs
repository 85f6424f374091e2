use bangfu::auth::Scope;
use bangfu::db::types::Date;
use bangfu::members;
use serde_json::{Value, json};

use crate::given::{Shot, Town, id_number, race};
use crate::harness::Client;

fn person(town: &Town, n: usize) -> Value {
    json!({ "organization_id": town.jinghu_basic, "name": format!("职工{n}"), "id_number": id_number(n),
        "phone": "13800001234", "joined_on": "2010-03-01", "group": "courier", "employer": "某快递公司" })
}

fn with(mut body: Value, field: &str, value: Value) -> Value {
    body[field] = value;
    body
}

/// How many members a search finds.
async fn hits(client: &Client, search: Value) -> usize {
    let found = client.post("/members/search", search).await.expect(200);
    found.items().len()
}

#[actix_web::test]
async fn a_person_is_registered_with_masked_numbers_and_derived_sex_and_birth_date() {
    let town = Town::start().await;
    let worker = town.client("caseworker").await;
    let made = worker.post("/members", person(&town, 1)).await.expect(201);
    assert_eq!(made.header("location"), format!("/api/v1/members/{}", made.id()));
    let number = id_number(1);
    let expected = json!({
        "id": made.id(), "organization_id": town.jinghu_basic, "name": "职工1",
        "id_number": format!("3402**********{}", &number[14..]), "phone": "138****1234",
        "sex": "female", "birth_date": "1960-01-02", "status": "serving", "joined_on": "2010-03-01",
        "group": "courier", "employer": "某快递公司", "merged_into": null, "version": 1,
    });
    let expected = with(
        expected,
        "sex",
        json!(if number.as_bytes()[16] % 2 == 1 {
            "male"
        } else {
            "female"
        }),
    );
    let expected = with(
        expected,
        "birth_date",
        json!(format!(
            "{}-{}-{}",
            &number[6..10],
            &number[10..12],
            &number[12..14]
        )),
    );
    assert_eq!(made.body, expected);
    let read = worker.get(&format!("/members/{}", made.id())).await.expect(200);
    assert_eq!((read.body, read.etag.as_deref()), (expected, Some("\"1\"")));
    town.client("supervisor_2")
        .await
        .get(&format!("/members/{}", made.id()))
        .await
        .problem(404, "not_found");
}

#[actix_web::test]
async fn an_id_number_is_registered_once_and_the_member_is_named_only_to_those_who_may_see_it() {
    let town = Town::start().await;
    let worker = town.client("caseworker").await;
    let first = worker.post("/members", person(&town, 1)).await.expect(201).id();
    // full-width digits are the same number
    let wide: String = id_number(1)
        .chars()
        .map(|c| char::from_u32(c as u32 + 0xFEE0).unwrap())
        .collect();
    let again = worker
        .post("/members", with(person(&town, 1), "id_number", json!(wide)))
        .await
        .problem(409, "member_exists");
    assert_eq!(
        (&again.body["member_id"], &again.body["organization_id"]),
        (&json!(first), &json!(town.jinghu_basic))
    );
    let elsewhere = with(person(&town, 1), "organization_id", json!(town.yijiang_basic));
    let far = town
        .client("caseworker_2")
        .await
        .post("/members", elsewhere)
        .await
        .problem(409, "member_exists");
    assert_eq!(
        (&far.body["member_id"], &far.body["organization_id"]),
        (&Value::Null, &json!(town.jinghu_basic))
    );
}

#[actix_web::test]
async fn of_eight_who_register_one_person_at_once_one_succeeds() {
    let town = Town::start().await;
    let mut shots = Vec::new();
    for n in 0..8 {
        let (user, unit) = match n % 2 {
            0 => ("caseworker", &town.jinghu_basic),
            _ => ("caseworker_2", &town.yijiang_basic),
        };
        shots.push(Shot {
            token: town.client(user).await.token,
            path: "/members".into(),
            etag: None,
            body: with(person(&town, 1), "organization_id", json!(unit)),
        });
    }
    let answers = race(&town, shots);
    let made: Vec<_> = answers.iter().filter(|(status, _)| *status == 201).collect();
    assert_eq!(made.len(), 1, "{answers:?}");
    for (status, body) in answers.iter().filter(|(status, _)| *status != 201) {
        assert_eq!((*status, &body["code"]), (409, &json!("member_exists")), "{body}");
        assert_eq!(body["organization_id"], made[0].1["organization_id"]);
    }
    assert_eq!(town.app.count("SELECT COUNT(*) AS n FROM members"), 1);
}

#[actix_web::test]
async fn every_mistake_in_a_registration_is_named() {
    let town = Town::start().await;
    let worker = town.client("caseworker").await;
    let wrong = json!({ "organization_id": "x", "name": " ", "id_number": "34029919600101001A", "phone": "123",
        "joined_on": "2021-02-31", "group": "pilot", "status": "absent" });
    let refused = worker.post("/members", wrong).await.problem(422, "invalid");
    assert_eq!(
        refused.pointers(),
        [
            "/group",
            "/id_number",
            "/joined_on",
            "/name",
            "/organization_id",
            "/phone",
            "/status"
        ]
    );
    for (field, value, pointer) in [
        ("joined_on", json!("2020-05-21"), "/joined_on"),
        ("joined_on", json!("1950-01-01"), "/joined_on"),
        ("organization_id", json!(town.yijiang), "/organization_id"),
    ] {
        let refused = worker
            .post("/members", with(person(&town, 1), field, value))
            .await
            .problem(422, "invalid");
        assert_eq!(refused.pointers(), [pointer]);
    }
    worker
        .post("/members", with(person(&town, 1), "sex", json!("male")))
        .await
        .problem(400, "malformed");
    assert_eq!(town.app.count("SELECT COUNT(*) AS n FROM members"), 0);
}

#[actix_web::test]
async fn name_phone_group_and_employer_change_and_numbers_of_people_do_not() {
    let town = Town::start().await;
    let worker = town.client("caseworker").await;
    let place = format!("/members/{}", town.member(1).await);
    let changed = worker
        .patch(
            &place,
            json!({ "name": "新名", "phone": "13900005678", "group": "courier" }),
        )
        .await
        .expect(200);
    assert_eq!(
        [
            &changed.body["name"],
            &changed.body["phone"],
            &changed.body["group"],
            &changed.body["version"]
        ],
        [
            &json!("新名"),
            &json!("139****5678"),
            &json!("courier"),
            &json!(2)
        ]
    );
    let same = worker
        .patch(&place, json!({ "name": "新名", "phone": "13900005678" }))
        .await
        .expect(200);
    assert_eq!(same.body["version"], json!(2), "nothing changed");
    let cleared = worker
        .patch(&place, json!({ "phone": null, "group": null }))
        .await
        .expect(200);
    assert!(cleared.body["phone"].is_null() && cleared.body["group"].is_null());
    let stale = worker
        .patch_on(&place, "\"1\"", json!({ "name": "乙" }))
        .await
        .problem(412, "stale");
    assert_eq!(stale.body["fields"], json!(["group", "name", "phone"]));
    worker
        .patch(&place, json!({ "id_number": id_number(2) }))
        .await
        .problem(400, "malformed");
}

#[actix_web::test]
async fn who_was_serving_on_a_day_follows_from_the_dated_statuses() {
    let town = Town::start().await;
    let worker = town.client("caseworker").await;
    let id = town.member(1).await;
    let place = format!("/members/{id}");
    let set =
        |status: &str, day: &str| json!({ "status": status, "effective_on": day, "reason": "单位报送" });
    let retired = worker
        .act(&place, "/status", set("retired", "2020-04-01"))
        .await
        .expect(200);
    assert_eq!(retired.text("/status"), "retired");
    // an earlier absence, recorded later, leaves the present as it is
    worker
        .act(&place, "/status", set("left", "2015-01-01"))
        .await
        .expect(200);
    let back = worker
        .act(&place, "/status", set("serving", "2016-01-01"))
        .await
        .expect(200);
    assert_eq!(back.text("/status"), "retired");
    let serving = |day: &str| {
        let (id, day) = (id.parse().unwrap(), day.parse::<Date>().unwrap());
        let asked = town.app.db.read_blocking(Scope::All, |rx| {
            let member = members::find(rx, id)?;
            members::serving_on(rx, &member, day)
        });
        asked.unwrap()
    };
    let days = [
        "2009-12-31",
        "2010-01-01",
        "2014-12-31",
        "2015-01-01",
        "2016-01-01",
        "2020-03-31",
        "2020-04-01",
    ];
    assert_eq!(days.map(serving), [false, true, true, false, true, true, false]);
    for (body, pointer) in [
        (set("left", "2020-05-21"), "/effective_on"),
        (set("left", "2009-12-31"), "/effective_on"),
        (
            with(set("left", "2020-05-01"), "reason", json!("职工1 离职")),
            "/reason",
        ),
        (
            with(set("left", "2020-05-01"), "reason", json!("13800001234")),
            "/reason",
        ),
    ] {
        let refused = worker.act(&place, "/status", body).await.problem(422, "invalid");
        assert_eq!(refused.pointers(), [pointer]);
    }
}

#[actix_web::test]
async fn a_member_is_transferred_only_from_above_both_units() {
    let town = Town::start().await;
    let place = format!("/members/{}", town.member(1).await);
    let to = |unit: &str| json!({ "organization_id": unit, "effective_on": "2020-05-01" });
    let worker = town.client("caseworker").await;
    let refused = worker
        .act(&place, "/transfer", to(&town.yijiang_basic))
        .await
        .problem(422, "invalid");
    assert_eq!(refused.pointers(), ["/organization_id"]);
    worker
        .act(&place, "/transfer", to(&town.jinghu_basic))
        .await
        .problem(409, "same_organization");
    let city = town.client("city_caseworker").await;
    let moved = city
        .act(&place, "/transfer", to(&town.yijiang_basic))
        .await
        .expect(200);
    assert_eq!(moved.text("/organization_id"), town.yijiang_basic);
    worker.get(&place).await.problem(404, "not_found");
    town.client("caseworker_2").await.get(&place).await.expect(200);
}

#[actix_web::test]
async fn members_are_listed_by_subtree_group_and_status_and_found_by_number_or_name() {
    let town = Town::start().await;
    let (worker, city) = (
        town.client("caseworker").await,
        town.client("city_caseworker").await,
    );
    for (n, unit, name) in [
        (1, &town.jinghu_basic, "王芳"),
        (2, &town.jinghu, "王芳芳"),
        (3, &town.yijiang_basic, "王%_"),
    ] {
        let new = with(person(&town, n), "organization_id", json!(unit));
        let new = with(
            with(new, "name", json!(name)),
            "phone",
            json!(format!("1380000000{n}")),
        );
        city.post("/members", new).await.expect(201);
    }
    let count = |list: crate::harness::Answer| list.expect(200).items().len();
    assert_eq!(count(worker.get("/members").await), 2);
    assert_eq!(count(city.get("/members?group=courier&status=serving").await), 3);
    assert_eq!(count(city.get("/members?status=retired").await), 0);
    assert_eq!(
        count(
            city.get(&format!("/members?organization_id={}", town.jinghu))
                .await
        ),
        2
    );
    assert_eq!(
        count(
            city.get(&format!("/members?organization_id={}", town.jinghu_basic))
                .await
        ),
        1
    );
    worker
        .get(&format!("/members?organization_id={}", town.yijiang))
        .await
        .problem(404, "not_found");

    assert_eq!(hits(&city, json!({ "name": "王" })).await, 3);
    assert_eq!(hits(&worker, json!({ "name": "王" })).await, 2);
    assert_eq!(hits(&city, json!({ "name": "王%" })).await, 1);
    assert_eq!(hits(&city, json!({ "name": "芳" })).await, 0);
    assert_eq!(hits(&city, json!({ "id_number": id_number(3) })).await, 1);
    assert_eq!(hits(&worker, json!({ "id_number": id_number(3) })).await, 0);
    assert_eq!(hits(&city, json!({ "phone": "+86 138-0000-0002" })).await, 1);
    assert_eq!(
        hits(&city, json!({ "phone": "13800000002", "name": "王%" })).await,
        0
    );
    city.post("/members/search", json!({}))
        .await
        .problem(422, "invalid");
    let page = city
        .post("/members/search", json!({ "name": "王", "limit": 2 }))
        .await
        .expect(200);
    let cursor = page.text("/next_cursor");
    let rest = json!({ "name": "王", "limit": 2, "cursor": cursor });
    assert_eq!(hits(&city, rest).await, 1);
}

#[actix_web::test]
async fn a_repeated_reveal_is_decided_and_logged_anew() {
    let town = Town::start().await;
    let worker = town.client("caseworker").await;
    let member = format!("/members/{}", town.member(1).await);
    let ask = json!({ "fields": ["id_number"], "reason": "核对" });
    let key = [("Idempotency-Key", "k-1")];
    let place = format!("{member}/reveal");
    for _ in 0..2 {
        worker.post_with(&place, &key, ask.clone()).await.expect(200);
    }
    let revealed = "SELECT COUNT(*) AS n FROM audit_events WHERE action = 'member.revealed'";
    assert_eq!(town.app.count(revealed), 2);
    let away = json!({ "organization_id": town.yijiang_basic, "effective_on": "2020-05-01" });
    let city = town.client("city_caseworker").await;
    city.act(&member, "/transfer", away).await.expect(200);
    worker
        .post_with(&place, &key, ask)
        .await
        .problem(404, "not_found");
}

#[actix_web::test]
async fn a_reveal_shows_one_record_and_leaves_a_trace_without_the_values() {
    let town = Town::start().await;
    let worker = town.client("caseworker").await;
    let id = town.member(1).await;
    let place = format!("/members/{id}/reveal");
    let ask = |fields: Value, reason: &str| json!({ "fields": fields, "reason": reason });
    let shown = worker
        .post(&place, ask(json!(["id_number", "phone"]), "电话核实身份"))
        .await
        .expect(200);
    assert_eq!(
        shown.body["values"],
        json!({ "id_number": id_number(1), "phone": "19900000001" })
    );
    for (body, pointer) in [
        (ask(json!([]), "核实"), "/fields"),
        (ask(json!(["name"]), "核实"), "/fields/0"),
        (ask(json!(["phone"]), "联系 职工１ 本人"), "/reason"),
        (ask(json!(["phone"]), &id_number(1)), "/reason"),
    ] {
        let refused = worker.post(&place, body).await.problem(422, "invalid");
        assert_eq!(refused.pointers(), [pointer]);
    }
    town.client("auditor")
        .await
        .post(&place, ask(json!(["phone"]), "审计"))
        .await
        .problem(403, "forbidden");
    let events = town
        .client("auditor")
        .await
        .get("/audit/events?action=member.revealed")
        .await
        .expect(200);
    assert_eq!(events.items().len(), 1);
    let event = &events.items()[0];
    let names: Vec<_> = event["fields"].as_object().unwrap().keys().cloned().collect();
    assert_eq!(names, ["id_number", "phone"]);
    assert_eq!(
        (&event["reason"], &event["subject_id"]),
        (&json!("电话核实身份"), &json!(id))
    );
    assert!(!events.body.to_string().contains(&id_number(1)));
}
