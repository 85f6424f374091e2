use serde_json::{Value, json};

use crate::given::{JPEG, Shot, Town, id_number, race};
use crate::harness::nothing;

fn consent(person: &str, purpose: &str) -> Value {
    json!({ "person_id": person, "purpose": purpose, "text_version": "2020-03", "given_on": "2020-05-18" })
}

async fn person(town: &Town, place: &str, name: &str, number: &str) -> String {
    let new = json!({ "name": name, "id_number": number, "relation": "daughter", "joined_on": "2020-01-01" });
    let worker = town.client("caseworker").await;
    worker
        .post(&format!("{place}/household"), new)
        .await
        .expect(201)
        .id()
}

#[actix_web::test]
async fn a_consent_is_recorded_with_its_paper_and_withdrawn_and_may_be_given_again() {
    let town = Town::start().await;
    let file = town.file_on_file(&town.member(1).await).await;
    let place = format!("/files/{file}");
    let wife = person(&town, &place, "周梅", &id_number(8000)).await;
    let worker = town.client("caseworker").await;
    let path = format!("{place}/consents");
    let mut new = consent(&wife, "sensitive_data");
    new["attachment_id"] = json!(
        town.attach("caseworker", &file, "id_card", JPEG)
            .await
            .expect(201)
            .id()
    );
    assert_eq!(
        worker.post(&path, new.clone()).await.expect(422).pointers(),
        ["/attachment_id"]
    );
    new["attachment_id"] = json!(
        town.attach("caseworker", &file, "consent", JPEG)
            .await
            .expect(201)
            .id()
    );
    let given = worker.post(&path, new.clone()).await.expect(201);
    worker
        .post(&path, new.clone())
        .await
        .problem(409, "consent_exists");
    let one = format!("{path}/{}", given.id());
    let early = json!({ "withdrawn_on": "2020-05-17", "reason": "本人要求" });
    assert_eq!(
        worker.act(&one, "/withdraw", early).await.expect(422).pointers(),
        ["/withdrawn_on"]
    );
    let withdraw = json!({ "withdrawn_on": "2020-05-20", "reason": "本人要求" });
    worker.act(&one, "/withdraw", withdraw.clone()).await.expect(200);
    worker
        .act(&one, "/withdraw", withdraw)
        .await
        .problem(409, "withdrawn");
    worker.post(&path, new).await.expect(201);
    assert_eq!(worker.get(&path).await.expect(200).items().len(), 2);
}

#[actix_web::test]
async fn for_a_minor_an_adult_of_the_household_signs() {
    let town = Town::start().await;
    let file = town.file_on_file(&town.member(1).await).await;
    let place = format!("/files/{file}");
    let wife = person(&town, &place, "周梅", &id_number(8000)).await;
    let child = person(&town, &place, "周小梅", "340299201212121202").await;
    let worker = town.client("caseworker").await;
    let path = format!("{place}/consents");
    let mut new = consent(&child, "sensitive_data");
    assert_eq!(
        worker.post(&path, new.clone()).await.expect(422).pointers(),
        ["/guardian_id"]
    );
    new["guardian_id"] = json!(file);
    assert_eq!(
        worker.post(&path, new.clone()).await.expect(422).pointers(),
        ["/guardian_id"]
    );
    new["guardian_id"] = json!(wife);
    worker.post(&path, new).await.expect(201);
    let mut own = consent(&wife, "public_notice");
    own["guardian_id"] = json!(child);
    assert_eq!(
        worker.post(&path, own).await.expect(422).pointers(),
        ["/guardian_id"]
    );
}

#[actix_web::test]
async fn where_the_policy_asks_for_consents_a_file_is_handed_in_when_everybody_has_agreed() {
    let town = Town::start().await;
    town.whole_procedure(&["national"]).await;
    let rule = json!({ "kind": "procedure", "valid_from": "2020-05-01", "values": { "visitors": 2, "notice_working_days": 5,
        "step_days": 30, "levels": ["national"], "consents": ["sensitive_data", "public_notice"] } });
    town.rule(rule).await;
    let place = town.whole_draft(1).await;
    let worker = town.client("caseworker").await;
    let refused = worker.act(&place, "/submit", nothing()).await.expect(422);
    let head = worker
        .get(&format!("{place}/household"))
        .await
        .expect(200)
        .items()[0]["id"]
        .as_str()
        .unwrap()
        .to_owned();
    let lacks =
        ["public_notice", "sensitive_data"].map(|purpose| format!("/household/{head}/consents/{purpose}"));
    assert_eq!(refused.pointers(), lacks);
    for purpose in ["sensitive_data", "public_notice"] {
        worker
            .post(&format!("{place}/consents"), consent(&head, purpose))
            .await
            .expect(201);
    }
    worker.act(&place, "/submit", nothing()).await.expect(200);
}

#[actix_web::test]
async fn of_eight_records_of_one_consent_at_once_one_is_kept() {
    let town = Town::start().await;
    let file = town.file_on_file(&town.member(1).await).await;
    let place = format!("/files/{file}");
    let wife = person(&town, &place, "周梅", &id_number(8000)).await;
    let worker = town.client("caseworker").await;
    let shot = Shot {
        token: worker.token.clone(),
        path: format!("{place}/consents"),
        etag: None,
        body: consent(&wife, "outside_check"),
    };
    let answers = race(&town, vec![shot; 8]);
    let kept = answers.iter().filter(|(status, _)| *status == 201).count();
    assert_eq!(kept, 1, "{answers:?}");
    assert!(
        answers.iter().all(|(status, _)| [201, 409].contains(status)),
        "{answers:?}"
    );
}
