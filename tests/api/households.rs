use serde_json::{Value, json};

use crate::given::{Shot, Town, id_number, race};
use crate::harness::{Client, nothing};

/// The sixth synthetic number of DOMAIN 7.1: a girl of seven in 2020.
const CHILD: &str = "340299201212121202";

async fn draft(town: &Town, n: usize) -> String {
    let member = town.member(n).await;
    let file = json!({ "member_id": member, "scheme": "scheme_2020", "category": "deep", "level": "city", "primary_cause": "major_illness" });
    let worker = town.client("caseworker").await;
    format!("/files/{}", worker.post("/files", file).await.expect(201).id())
}

fn person(number: &str, relation: &str) -> Value {
    json!({ "name": "周小雨", "id_number": number, "relation": relation, "joined_on": "2013-01-01",
        "details": { "health": "good", "phone": "19900007777" } })
}

async fn add(worker: &Client, place: &str, body: Value) -> String {
    let made = worker.post(&format!("{place}/household"), body).await.expect(201);
    format!("{place}/household/{}", made.id())
}

async fn names(client: &Client, place: &str) -> Vec<String> {
    let items = client.get(place).await.expect(200).items();
    items
        .iter()
        .map(|p| p["name"].as_str().unwrap().to_owned())
        .collect()
}

#[actix_web::test]
async fn a_household_begins_with_its_head_and_people_join_and_leave_with_dates() {
    let town = Town::start().await;
    let worker = town.client("caseworker").await;
    let place = draft(&town, 1).await;
    let household = format!("{place}/household");
    let head = worker.get(&household).await.expect(200).items().remove(0);
    assert_eq!(
        (&head["name"], &head["relation"]),
        (&json!("职工1"), &json!("head"))
    );
    let brother = add(&worker, &place, person(&id_number(2), "sibling")).await;
    assert_eq!(names(&worker, &household).await, ["职工1", "周小雨"]);
    let named = json!({ "left_on": "2020-03-31", "reason": "周小雨分户" });
    let refused = worker.act(&brother, "/leave", named).await.expect(422);
    assert_eq!(refused.text("/errors/0/code"), "personal_data");
    let left = json!({ "left_on": "2020-03-31", "reason": "分户" });
    let gone = worker.act(&brother, "/leave", left.clone()).await.expect(200);
    assert_eq!(gone.text("/left_on"), "2020-03-31");
    assert_eq!(
        worker
            .act(&brother, "/leave", left)
            .await
            .expect(409)
            .text("/code"),
        "has_left"
    );
    assert_eq!(names(&worker, &household).await, ["职工1"]);
    assert_eq!(
        names(&worker, &format!("{household}?on=2020-03-31")).await,
        ["周小雨"]
    );
    let head = format!("{household}/{}", head["id"].as_str().unwrap());
    let left = json!({ "left_on": "2020-05-20", "reason": "分户" });
    assert_eq!(
        worker.act(&head, "/leave", left).await.expect(409).text("/code"),
        "head_stays"
    );
}

#[actix_web::test]
async fn there_is_one_head_whose_name_is_the_registers() {
    let town = Town::start().await;
    let worker = town.client("caseworker").await;
    let place = draft(&town, 1).await;
    let second = worker
        .post(&format!("{place}/household"), person(&id_number(2), "head"))
        .await;
    assert_eq!(second.expect(422).text("/errors/0/pointer"), "/relation");
    let head = worker.get(&format!("{place}/household")).await.items()[0]["id"].clone();
    let head = format!("{place}/household/{}", head.as_str().unwrap());
    let renamed = worker.patch(&head, json!({ "name": "别人" })).await;
    assert_eq!(renamed.expect(422).text("/errors/0/pointer"), "/name");
    let other = worker.patch(&head, json!({ "relation": "spouse" })).await;
    assert_eq!(other.expect(422).text("/errors/0/pointer"), "/relation");
    let told = worker
        .patch(&head, json!({ "details": { "ethnicity": "01" } }))
        .await
        .expect(200);
    assert_eq!(told.text("/details/ethnicity"), "01");
}

#[actix_web::test]
async fn the_name_of_the_head_follows_the_register() {
    let town = Town::start().await;
    let worker = town.client("caseworker").await;
    let place = draft(&town, 1).await;
    let member = worker.get(&place).await.text("/member_id");
    worker
        .patch(&format!("/members/{member}"), json!({ "name": "陈秀英" }))
        .await
        .expect(200);
    assert_eq!(names(&worker, &format!("{place}/household")).await, ["陈秀英"]);
}

#[actix_web::test]
async fn nobody_is_in_two_households_and_the_refusal_names_the_unit_only() {
    let town = Town::start().await;
    let worker = town.client("caseworker").await;
    let (first, second) = (draft(&town, 1).await, draft(&town, 2).await);
    let wife = add(&worker, &first, person(&id_number(3), "spouse")).await;
    let again = worker
        .post(&format!("{second}/household"), person(&id_number(3), "spouse"))
        .await
        .expect(409);
    assert_eq!(again.text("/code"), "person_on_file");
    assert_eq!(again.text("/organization_id"), town.jinghu_basic);
    assert_eq!(again.text("/file_id"), first.trim_start_matches("/files/"));
    // a head of one is no member of another
    let head = worker
        .post(&format!("{second}/household"), person(&id_number(1), "sibling"))
        .await
        .expect(409);
    assert_eq!(head.text("/code"), "person_on_file");
    // a member of one can't open another
    let member = town.member(3).await;
    let file = json!({ "member_id": member, "scheme": "scheme_2020", "category": "deep", "level": "city", "primary_cause": "accident" });
    assert_eq!(
        worker
            .post("/files", file.clone())
            .await
            .expect(409)
            .text("/code"),
        "person_on_file"
    );
    worker
        .act(
            &wife,
            "/leave",
            json!({ "left_on": "2020-05-20", "reason": "离婚" }),
        )
        .await
        .expect(200);
    worker.post("/files", file).await.expect(201);
}

#[actix_web::test]
async fn somebody_of_another_units_file_is_named_by_its_unit_only() {
    let town = Town::start().await;
    let worker = town.client("caseworker").await;
    let first = draft(&town, 1).await;
    add(&worker, &first, person(&id_number(3), "spouse")).await;
    let elsewhere = town.client("caseworker_2").await;
    let member = json!({ "organization_id": town.yijiang_basic, "name": "职工", "id_number": id_number(3), "joined_on": "2010-01-01" });
    let member = elsewhere.post("/members", member).await.expect(201).id();
    let file = json!({ "member_id": member, "scheme": "scheme_2020", "category": "deep", "level": "city", "primary_cause": "accident" });
    let refused = elsewhere.post("/files", file).await.expect(409);
    assert_eq!(refused.text("/code"), "person_on_file");
    assert_eq!(refused.text("/organization_id"), town.jinghu_basic);
    assert_eq!(refused.body.get("file_id"), None);
}

#[actix_web::test]
async fn a_file_that_ended_sets_its_people_free_and_a_new_episode_takes_back_who_is_still_free() {
    let town = Town::start().await;
    let (worker, supervisor) = (town.client("caseworker").await, town.client("supervisor").await);
    let member = town.member(1).await;
    let first = format!("/files/{}", town.file_on_file(&member).await);
    for (n, relation) in [(3, "spouse"), (4, "son")] {
        add(&worker, &first, person(&id_number(n), relation)).await;
    }
    worker
        .patch(&format!("{first}/profile"), json!({ "housing": "rented" }))
        .await
        .expect(200);
    let end = json!({ "status": "exited", "reason_code": "out_of_hardship", "comment": null, "closed_on": "2020-05-20" });
    supervisor.act(&first, "/close", end).await.expect(200);
    let second = draft(&town, 2).await;
    add(&worker, &second, person(&id_number(4), "son")).await;
    let reopened = supervisor
        .act(&first, "/reopen", nothing())
        .await
        .expect(201)
        .id();
    let people = supervisor
        .get(&format!("/files/{reopened}/household"))
        .await
        .items();
    let mut relations: Vec<_> = people.iter().map(|p| p["relation"].as_str().unwrap()).collect();
    relations.sort_unstable();
    assert_eq!(relations, ["head", "spouse"]);
    let profile = supervisor.get(&format!("/files/{reopened}/profile")).await;
    assert_eq!(profile.text("/profile/housing"), "rented");
}

#[actix_web::test]
async fn eight_threads_put_one_person_into_one_household() {
    let town = Town::start().await;
    let mut shots = Vec::new();
    let token = town.client("caseworker").await.token;
    for n in 1..=8 {
        let place = draft(&town, n).await;
        shots.push(Shot {
            token: token.clone(),
            path: format!("{place}/household"),
            etag: None,
            body: person(&id_number(99), "son"),
        });
    }
    let answers = race(&town, shots);
    let won = answers.iter().filter(|(status, _)| *status == 201).count();
    let refused = answers
        .iter()
        .filter(|(status, body)| *status == 409 && body["code"] == "person_on_file")
        .count();
    assert_eq!((won, refused), (1, 7), "{answers:?}");
}

#[actix_web::test]
async fn eight_people_join_one_household_at_once_and_none_is_lost() {
    let town = Town::start().await;
    let token = town.client("caseworker").await.token;
    let place = draft(&town, 1).await;
    let shot = |n| Shot {
        token: token.clone(),
        path: format!("{place}/household"),
        etag: None,
        body: person(&id_number(n), "other"),
    };
    let answers = race(&town, (20..28).map(shot).collect());
    assert!(answers.iter().all(|(status, _)| *status == 201), "{answers:?}");
    let worker = town.client("caseworker").await;
    assert_eq!(worker.get(&format!("{place}/household")).await.items().len(), 9);
    assert_eq!(worker.get(&place).await.body["version"], 9);
}

#[actix_web::test]
async fn a_minors_name_and_birthday_are_masked_and_shown_with_a_reason_only() {
    let town = Town::start().await;
    let worker = town.client("caseworker").await;
    let place = draft(&town, 1).await;
    let child = add(&worker, &place, person(CHILD, "daughter")).await;
    let shown = worker.get(&child).await.expect(200);
    assert_eq!(shown.text("/name"), "周**");
    assert_eq!(shown.text("/id_number"), "3402**********1202");
    assert_eq!(
        (&shown.body["minor"], &shown.body["birth_date"]),
        (&json!(true), &Value::Null)
    );
    assert_eq!(shown.text("/details/phone"), "199****7777");
    let ask = |reason: &str| json!({ "fields": ["name", "id_number", "phone", "illness"], "reason": reason });
    let named = worker
        .post(&format!("{child}/reveal"), ask("核对周小雨学籍"))
        .await;
    assert_eq!(named.expect(422).text("/errors/0/code"), "personal_data");
    let values = worker
        .post(&format!("{child}/reveal"), ask("核对学籍"))
        .await
        .expect(200);
    let expected = json!({ "name": "周小雨", "id_number": CHILD, "phone": "19900007777", "illness": null });
    assert_eq!(values.body["values"], expected);
    let log = town
        .client("auditor")
        .await
        .get("/audit/events?action=household.revealed")
        .await
        .items();
    assert_eq!(log.len(), 1);
}

#[actix_web::test]
async fn a_file_of_a_level_with_the_whole_procedure_names_every_empty_starred_field_when_it_is_handed_in() {
    let town = Town::start().await;
    town.whole_procedure(&["city"]).await;
    let worker = town.client("caseworker").await;
    let place = draft(&town, 1).await;
    let refused = worker.act(&place, "/submit", nothing()).await.expect(422);
    let pointers: Vec<_> = refused.body["errors"]
        .as_array()
        .unwrap()
        .iter()
        .map(|e| e["pointer"].as_str().unwrap().to_owned())
        .collect();
    let head = worker.get(&format!("{place}/household")).await.items()[0]["id"]
        .as_str()
        .unwrap()
        .to_owned();
    assert!(pointers.contains(&"/profile/address".to_owned()), "{pointers:?}");
    assert!(
        pointers.contains(&format!("/household/{head}/details/health")),
        "{pointers:?}"
    );
    assert_eq!(pointers.len(), 11, "{pointers:?}");
    let [profile, details] = Town::forms();
    worker
        .patch(&format!("{place}/profile"), profile)
        .await
        .expect(200);
    worker
        .patch(
            &format!("{place}/household/{head}"),
            json!({ "details": details }),
        )
        .await
        .expect(200);
    let undeclared = worker.act(&place, "/submit", nothing()).await.expect(409);
    assert_eq!(undeclared.text("/code"), "no_declaration");
    let declared = Town::means(&head, 1_200_000, 800_000);
    worker.put(&place, "/means", declared).await.expect(200);
    worker.act(&place, "/submit", nothing()).await.expect(200);
}

#[actix_web::test]
async fn codes_come_from_the_lists_and_the_lists_are_served() {
    let town = Town::start().await;
    let worker = town.client("caseworker").await;
    let lists = worker
        .get("/code-lists?list=marital_status")
        .await
        .expect(200)
        .items();
    assert_eq!(lists.len(), 5);
    assert_eq!(
        (&lists[1]["code"], &lists[1]["standard_code"]),
        (&json!("married"), &json!("20"))
    );
    assert!(worker.get("/code-lists").await.items().len() > 150);
    let place = draft(&town, 1).await;
    let mut wrong = person(&id_number(2), "cousin");
    wrong["details"] = json!({ "health": "excellent" });
    let refused = worker
        .post(&format!("{place}/household"), wrong)
        .await
        .expect(422);
    let faults: Vec<_> = refused.body["errors"]
        .as_array()
        .unwrap()
        .iter()
        .map(|e| (e["pointer"].as_str().unwrap(), e["code"].as_str().unwrap()))
        .collect();
    assert_eq!(
        faults,
        [("/details/health", "unknown_code"), ("/relation", "unknown_code")]
    );
}

#[actix_web::test]
async fn the_form_of_a_household_is_kept_encrypted_shown_masked_and_counts_as_the_yearly_update() {
    let town = Town::start().await;
    let worker = town.client("caseworker").await;
    let member = town.member(1).await;
    let file = town.file_on_file(&member).await;
    let place = format!("/files/{file}/profile");
    let told = json!({ "address": "镜湖区赭山路 9 号", "account_number": "9999 9900 0000 0006" });
    let shown = worker.patch(&place, told).await.expect(200);
    assert_eq!(shown.text("/profile/address"), "********");
    assert_eq!(shown.text("/profile/account_number"), "9999********0006");
    let again = worker.patch(&place, json!({ "address": null })).await.expect(200);
    assert_eq!(again.body["profile"]["address"], Value::Null);
    let duties = worker
        .get(&format!("/files/{file}/five-ones/2020"))
        .await
        .expect(200);
    let update = duties.body["duties"]
        .as_array()
        .unwrap()
        .iter()
        .find(|d| d["kind"] == "file_update")
        .unwrap();
    assert_eq!(update["status"], "done");
}
