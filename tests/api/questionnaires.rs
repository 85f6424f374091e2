use serde_json::{Value, json};

use crate::given::Town;

fn asking(questions: &Value) -> Value {
    json!({ "name": "冬季走访", "valid_from": "2020-01-01", "questions": questions })
}

#[actix_web::test]
async fn other_questions_are_the_next_version_and_the_former_stay() {
    let town = Town::start().await;
    let city = town.client("city_supervisor").await;
    let first = json!([{ "key": "warm", "text_zh": "屋内是否暖和", "kind": "yes_no", "required": true }]);
    let second = json!([{ "key": "said", "text_zh": "有何困难", "kind": "text", "required": false }]);
    let mut made = Vec::new();
    for (version, questions) in [(1, &first), (2, &second)] {
        let one = city.post("/questionnaires", asking(questions)).await.expect(201);
        assert_eq!(one.body["version"], version);
        made.push(one);
    }
    let worker = town.client("caseworker").await;
    let read = worker
        .get(&format!("/questionnaires/{}", made[0].id()))
        .await
        .expect(200);
    assert_eq!(read.body, made[0].body);
    let kept = ["key", "text_zh", "kind", "required"].map(|field| read.body["questions"][0][field].clone());
    assert_eq!(json!(kept), json!(["warm", "屋内是否暖和", "yes_no", true]));
    assert_eq!(worker.get("/questionnaires").await.items().len(), 2);
    let district = town.client("supervisor").await;
    district
        .post("/questionnaires", asking(&first))
        .await
        .problem(403, "forbidden");
}

#[actix_web::test]
async fn an_unsound_questionnaire_names_every_mistake() {
    let town = Town::start().await;
    let city = town.client("city_supervisor").await;
    let questions = json!([
        { "key": "a", "text_zh": "甲", "kind": "choice", "required": true },
        { "key": "a", "text_zh": "乙", "kind": "number", "required": true },
        { "key": "B-1", "text_zh": "丙", "kind": "choices", "required": true,
          "options": [{ "code": "x", "label_zh": "一" }, { "code": "x", "label_zh": "二" }] },
    ]);
    let mut new = asking(&questions);
    new["valid_to"] = json!("2019-12-31");
    let refused = city.post("/questionnaires", new).await.expect(422);
    let expected = [
        "/questions/0/options",
        "/questions/1/key",
        "/questions/2/key",
        "/questions/2/options/1/code",
        "/valid_to",
    ];
    assert_eq!(refused.pointers(), expected);
    let none = city.post("/questionnaires", asking(&json!([]))).await.expect(422);
    assert_eq!(none.pointers(), ["/questions"]);
}

#[actix_web::test]
async fn the_answers_of_a_visit_are_entered_into_the_file_and_leave_its_version() {
    let town = Town::start().await;
    let member = town.member(1).await;
    let file = format!("/files/{}", town.file_on_file(&member).await);
    let questionnaire = town.questionnaire().await;
    let worker = town.client("caseworker").await;
    let before = worker.get(&file).await.expect(200);
    let answers = json!({ "living": "hard", "needs": ["medicine", "work"], "insured": false, "people": 3, "said": "药费太高" });
    let mut visit = town.visit(&questionnaire, answers.clone());
    visit["id"] = json!(uuid::Uuid::now_v7());
    let visits = format!("{file}/visits");
    let made = worker.post(&visits, visit.clone()).await.expect(201);
    assert_eq!(made.body["answers"], answers);
    let again = worker.post(&visits, visit).await.expect(200);
    assert_eq!(again.body, made.body);
    let read = town.client("auditor").await.get(&visits).await.expect(200);
    assert_eq!(read.items(), [made.body]);
    assert_eq!(worker.get(&file).await.expect(200).body, before.body);
    let year = worker.get(&format!("{file}/five-ones/2020")).await.expect(200);
    assert_eq!(year.body["done"], 0, "a visit is no yearly update");
}

#[actix_web::test]
async fn wrong_answers_are_named_all_at_once() {
    let town = Town::start().await;
    let member = town.member(1).await;
    let visits = format!("/files/{}/visits", town.file_on_file(&member).await);
    let questionnaire = town.questionnaire().await;
    let worker = town.client("caseworker").await;
    let answers = json!({ "living": "rich", "needs": "work", "people": 1.5, "colour": "red" });
    let mut visit = town.visit(&questionnaire, answers);
    visit["visited_on"] = json!("2020-05-21");
    visit["visitors"] = json!([]);
    let refused = worker.post(&visits, visit).await.expect(422);
    let expected = [
        "/answers/colour",
        "/answers/insured",
        "/answers/living",
        "/answers/needs",
        "/answers/people",
        "/visited_on",
        "/visitors",
    ];
    assert_eq!(refused.pointers(), expected);
    let mut nobody = town.visit(&questionnaire, json!({}));
    nobody["met"] = json!("nobody");
    worker.post(&visits, nobody).await.expect(201);
}

#[actix_web::test]
async fn a_visit_lies_in_the_time_of_the_file_and_of_its_questionnaire() {
    let town = Town::start().await;
    town.lasting_passwords().await;
    let member = town.member(1).await;
    let visits = format!("/files/{}/visits", town.file_on_file(&member).await);
    let questionnaire = town.questionnaire().await;
    let on = |day: &str| {
        let mut visit = town.visit(&questionnaire, json!({ "living": "fine", "insured": true }));
        visit["visited_on"] = json!(day);
        visit
    };
    town.app.set("2021-01-01");
    let worker = town.client("caseworker").await;
    for outside in ["2020-05-19", "2021-01-01"] {
        let refused = worker.post(&visits, on(outside)).await.expect(422);
        assert_eq!(refused.pointers(), ["/visited_on"], "{outside}");
    }
    for inside in ["2020-05-20", "2020-12-31"] {
        worker.post(&visits, on(inside)).await.expect(201);
    }
}

#[actix_web::test]
async fn only_files_on_file_are_visited_by_colleagues_and_nobody_visits_a_relative() {
    let town = Town::start().await;
    let member = town.member(1).await;
    let questionnaire = town.questionnaire().await;
    let worker = town.client("caseworker").await;
    let good = json!({ "living": "fine", "insured": true });
    let draft = json!({ "member_id": member, "scheme": "scheme_2020", "category": "deep", "level": "city", "primary_cause": "major_illness" });
    let draft = worker.post("/files", draft).await.expect(201);
    let visit = town.visit(&questionnaire, good.clone());
    let place = format!("/files/{}", draft.id());
    worker
        .post(&format!("{place}/visits"), visit)
        .await
        .problem(409, "wrong_status");
    worker.act(&place, "/withdraw", json!({})).await.expect(200);

    let visits = format!("/files/{}/visits", town.file_on_file(&member).await);
    let mut far = town.visit(&questionnaire, good.clone());
    far["visitors"] = json!([town.user_id("caseworker"), town.user_id("caseworker_2")]);
    let refused = worker.post(&visits, far).await.expect(422);
    assert_eq!(refused.pointers(), ["/visitors/1"]);
    let unknown = town.visit(&member, good.clone());
    let refused = worker.post(&visits, unknown).await.expect(422);
    assert_eq!(refused.pointers(), ["/questionnaire_id"]);

    let sister = json!({ "id_number": crate::given::id_number(1), "relation": "sibling" });
    worker.post("/me/relatives", sister).await.expect(201);
    worker
        .post(&visits, town.visit(&questionnaire, good))
        .await
        .problem(409, "same_person");
}

#[actix_web::test]
async fn a_summary_counts_choices_in_the_units_one_sees_and_tells_no_words() {
    let town = Town::start().await;
    let questionnaire = town.questionnaire().await;
    let worker = town.client("caseworker").await;
    let said = [
        json!({ "living": "hard", "needs": ["medicine", "work"], "insured": true, "said": "药费太高" }),
        json!({ "living": "hard", "insured": false, "people": 2 }),
        json!({ "living": "fine", "needs": ["work"], "insured": true }),
    ];
    for (n, answers) in said.into_iter().enumerate() {
        let member = town.member(n + 1).await;
        let visits = format!("/files/{}/visits", town.file_on_file(&member).await);
        let visit = town.visit(&questionnaire, answers);
        worker.post(&visits, visit).await.expect(201);
    }
    let place = format!("/questionnaires/{questionnaire}/summary");
    let summary = town.client("auditor").await.get(&place).await.expect(200);
    let count = |code: &str, visits: i64| json!({ "code": code, "visits": visits });
    let questions = json!([
        { "key": "living", "answered": 3, "counts": [count("fine", 1), count("hard", 2)] },
        { "key": "needs", "answered": 2, "counts": [count("medicine", 1), count("work", 2)] },
        { "key": "insured", "answered": 3, "counts": [count("yes", 2), count("no", 1)] },
    ]);
    let expected =
        json!({ "questionnaire_id": questionnaire, "visits": 3, "met": 3, "questions": questions });
    assert_eq!(summary.body, expected);
    let far = town.client("supervisor_2").await;
    assert_eq!(far.get(&place).await.expect(200).body["visits"], 0);
    let here = format!("{place}?organization_id={}", town.jinghu_basic);
    assert_eq!(worker.get(&here).await.expect(200).body["visits"], 3);
    far.get(&here).await.problem(404, "not_found");
}
