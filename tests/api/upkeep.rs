use serde_json::json;

use crate::given::Town;
use crate::harness::Answer;

fn numbers(answer: &Answer) -> Vec<String> {
    let number = |file: &serde_json::Value| file["number"].as_str().unwrap().to_owned();
    answer.items().iter().map(number).collect()
}

#[actix_web::test]
async fn a_file_is_reviewed_once_a_year_and_those_that_are_not_are_listed() {
    let town = Town::start().await;
    for n in [1, 2] {
        let member = town.member(n).await;
        town.file_on_file(&member).await;
    }
    let worker = town.client("caseworker").await;
    let waiting = worker.get("/files?unreviewed=2020").await.expect(200);
    assert_eq!(waiting.items().len(), 2);
    let place = format!("/files/{}", waiting.items()[0]["id"].as_str().unwrap());
    let review = json!({ "result": "unchanged", "comment": "入户核对，情况属实" });
    let made = worker
        .post(&format!("{place}/reviews"), review.clone())
        .await
        .expect(201);
    assert_eq!(
        (made.body["year"].as_i64(), made.text("/comment").as_str()),
        (Some(2020), "入户核对，情况属实")
    );
    let again = worker.post(&format!("{place}/reviews"), review).await.expect(409);
    assert_eq!(again.text("/code"), "already_reviewed");
    assert_eq!(
        numbers(&worker.get("/files?unreviewed=2020").await),
        ["340200-2020-000002"]
    );
    assert_eq!(worker.get("/files?unreviewed=2021").await.items().len(), 2);
    assert_eq!(
        worker
            .get(&format!("{place}/reviews"))
            .await
            .expect(200)
            .items()
            .len(),
        1
    );
}

#[actix_web::test]
async fn files_that_nobody_helped_and_those_unchanged_for_long_are_listed() {
    let town = Town::start().await;
    let mut files = Vec::new();
    for n in [1, 2] {
        let member = town.member(n).await;
        files.push(town.file_on_file(&member).await);
    }
    let worker = town.client("caseworker").await;
    let now = worker.get("/me").await.text("/server_time");
    let visit = json!({ "kind": "care_visit", "occurred_at": now, "place": "home", "visitors": [town.user_id("caseworker")], "met": "worker",
        "gift": { "kind": "money", "amount_fen": 50_000, "description": null } });
    worker
        .post(&format!("/files/{}/actions", files[0]), visit)
        .await
        .expect(201);
    assert_eq!(
        numbers(&worker.get("/files?never_helped=true").await),
        ["340200-2020-000002"]
    );
    town.app.set("2020-06-20");
    let worker = town.client("caseworker").await;
    worker
        .patch(&format!("/files/{}", files[1]), json!({ "level": "county" }))
        .await
        .expect(200);
    assert_eq!(
        numbers(
            &worker
                .get("/files?status=on_file&changed_before=2020-06-01T00:00:00Z")
                .await
        ),
        ["340200-2020-000001"]
    );
}

#[actix_web::test]
async fn a_spot_check_can_be_drawn_again_by_anybody() {
    let town = Town::start().await;
    for n in 1..=5 {
        let member = town.member(n).await;
        town.file_on_file(&member).await;
    }
    let supervisor = town.client("supervisor").await;
    let ask = |percent: Option<i64>| json!({ "organization_id": town.jinghu, "seed": "双色球 2020061 期", "percent": percent });
    let drawn = supervisor.post("/spot-checks", ask(None)).await.expect(201);
    assert_eq!(
        (
            drawn.body["percent"].as_i64(),
            drawn.body["population"].as_array().unwrap().len()
        ),
        (Some(30), 5)
    );
    // SHA-256 of seed, line feed and number, the smallest first; two of five are thirty in a hundred
    let mut by_hand: Vec<_> = (1..=5)
        .map(|n| format!("340200-2020-{n:06}"))
        .map(|number| {
            (
                <sha2::Sha256 as sha2::Digest>::digest(format!("双色球 2020061 期\n{number}")),
                number,
            )
        })
        .collect();
    by_hand.sort();
    let mut expected: Vec<_> = by_hand.into_iter().take(2).map(|(_, number)| number).collect();
    expected.sort();
    assert_eq!(drawn.body["sample"], json!(expected));
    let again = supervisor.post("/spot-checks", ask(None)).await.expect(201);
    assert_eq!(again.body["sample"], drawn.body["sample"]);
    assert_eq!(
        supervisor
            .post("/spot-checks", ask(Some(29)))
            .await
            .expect(422)
            .pointers(),
        ["/percent"]
    );
    let read = town
        .client("auditor")
        .await
        .get(&format!("/spot-checks/{}", drawn.id()))
        .await
        .expect(200);
    assert_eq!(read.body["seed"], "双色球 2020061 期");
    assert_eq!(supervisor.get("/spot-checks").await.items().len(), 2);
}
