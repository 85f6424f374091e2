use serde_json::{Value, json};

use crate::given::{Shot, Town, id_number, race};

fn fire(member: &str) -> Value {
    json!({ "member_id": member, "cause": "natural_disaster", "happened_on": "2020-05-18", "situation": "家中失火，暂住亲戚家",
        "amount_fen": 200_000 })
}

fn deep() -> Value {
    json!({ "scheme": "scheme_2020", "category": "deep", "level": "city" })
}

#[actix_web::test]
async fn a_temporary_relief_becomes_a_file_and_then_stays_as_it_is() {
    let town = Town::start().await;
    let member = town.member(1).await;
    let worker = town.client("caseworker").await;
    let relief = worker.post("/temporary-reliefs", fire(&member)).await.expect(201);
    let place = format!("/temporary-reliefs/{}", relief.id());
    assert_eq!(relief.header("location"), format!("/api/v1{place}"));
    let told = (relief.text("/status"), relief.text("/situation"));
    assert_eq!(told, ("open".to_owned(), "家中失火，暂住亲戚家".to_owned()));

    let converted = worker.act(&place, "/convert", deep()).await.expect(200);
    assert_eq!(converted.text("/status"), "converted");
    let file = worker
        .get(&format!("/files/{}", converted.text("/file_id")))
        .await
        .expect(200);
    let opened = ["/status", "/primary_cause", "/member_id"].map(|field| file.text(field));
    assert_eq!(opened, ["draft", "natural_disaster", member.as_str()]);

    worker.act(&place, "/convert", deep()).await.problem(409, "ended");
    let why = json!({ "reason": "误登" });
    let supervisor = town.client("supervisor").await;
    supervisor.act(&place, "/cancel", why).await.problem(409, "ended");
}

#[actix_web::test]
async fn converting_obeys_every_rule_on_files() {
    let town = Town::start().await;
    let member = town.member(1).await;
    town.file_on_file(&member).await;
    let worker = town.client("caseworker").await;
    let relief = worker.post("/temporary-reliefs", fire(&member)).await.expect(201);
    let place = format!("/temporary-reliefs/{}", relief.id());
    worker
        .act(&place, "/convert", deep())
        .await
        .problem(409, "file_exists");
    let wrong = json!({ "scheme": "scheme_2020", "category": "dibao", "level": "city" });
    let refused = worker.act(&place, "/convert", wrong).await.expect(422);
    assert_eq!(refused.pointers(), ["/category"]);
    worker
        .act_on(&format!("{place}/convert"), "\"9\"", deep())
        .await
        .expect(412);
    worker.post(&format!("{place}/convert"), deep()).await.expect(428);
    assert_eq!(worker.get(&place).await.text("/status"), "open");
}

#[actix_web::test]
async fn a_cancelled_temporary_relief_says_why_without_a_name_and_makes_room_for_another() {
    let town = Town::start().await;
    let member = town.member(1).await;
    let worker = town.client("caseworker").await;
    let relief = worker.post("/temporary-reliefs", fire(&member)).await.expect(201);
    let place = format!("/temporary-reliefs/{}", relief.id());
    let supervisor = town.client("supervisor").await;
    let named = json!({ "reason": "职工1已获赔偿" });
    let refused = supervisor.act(&place, "/cancel", named).await.expect(422);
    assert_eq!(refused.pointers(), ["/reason"]);
    let why = json!({ "reason": "已获保险赔偿" });
    let cancelled = supervisor.act(&place, "/cancel", why).await.expect(200);
    let told = (cancelled.text("/status"), cancelled.text("/cancel_reason"));
    assert_eq!(told, ("cancelled".to_owned(), "已获保险赔偿".to_owned()));
    let second = worker.post("/temporary-reliefs", fire(&member)).await.expect(201);

    let list = |filter: &str| format!("/temporary-reliefs?organization_id={}{filter}", town.jinghu);
    let open = worker.get(&list("&status=open")).await.expect(200).items();
    assert_eq!((open.len(), &open[0]["id"]), (1, &json!(second.id())));
    let first = worker.get(&list("&limit=1")).await.expect(200);
    let cursor = format!("&limit=1&cursor={}", first.text("/next_cursor"));
    let next = worker.get(&list(&cursor)).await.expect(200);
    assert_eq!(next.items()[0]["id"], json!(second.id()));
}

#[actix_web::test]
async fn a_member_has_one_open_temporary_relief_however_many_record_it_at_once() {
    let town = Town::start().await;
    let member = town.member(1).await;
    let shot = Shot {
        token: town.client("caseworker").await.token,
        path: "/temporary-reliefs".into(),
        etag: None,
        body: fire(&member),
    };
    let answers = race(&town, vec![shot; 8]);
    let made: Vec<_> = answers.iter().filter(|(status, _)| *status == 201).collect();
    assert_eq!(made.len(), 1, "{answers:?}");
    for (status, body) in answers.iter().filter(|(status, _)| *status != 201) {
        let told = (*status, &body["code"], &body["temporary_relief_id"]);
        assert_eq!(told, (409, &json!("temporary_relief_exists"), &made[0].1["id"]));
    }
}

#[actix_web::test]
async fn what_happened_is_not_in_the_future_and_an_amount_is_at_least_one_fen() {
    let town = Town::start().await;
    let member = town.member(1).await;
    let mut relief = fire(&member);
    relief["happened_on"] = json!("2020-05-21");
    relief["amount_fen"] = json!(0);
    let worker = town.client("caseworker").await;
    let refused = worker.post("/temporary-reliefs", relief).await.expect(422);
    assert_eq!(refused.pointers(), ["/amount_fen", "/happened_on"]);
}

#[actix_web::test]
async fn the_same_offline_record_sent_again_is_kept_once() {
    let town = Town::start().await;
    let member = town.member(1).await;
    let worker = town.client("caseworker").await;
    for (path, mut record) in [
        ("/temporary-reliefs", fire(&member)),
        (
            "/borderline",
            json!({ "member_id": member, "note": "半年后回访" }),
        ),
    ] {
        record["id"] = json!(uuid::Uuid::now_v7());
        let made = worker.post(path, record.clone()).await.expect(201);
        let again = worker.post(path, record.clone()).await.expect(200);
        assert_eq!((again.id(), again.body), (made.id(), made.body));
    }
}

#[actix_web::test]
async fn a_near_miss_is_kept_in_view_once_with_the_figure_of_the_last_assessment() {
    let town = Town::start().await;
    town.whole_procedure(&["national"]).await;
    let file = town.whole_draft(1).await;
    let worker = town.client("caseworker").await;
    let head = worker.get(&format!("{file}/household")).await.items()[0]["id"].clone();
    let means = Town::means(head.as_str().unwrap(), 6_000_000, 1_000_000);
    worker.put(&file, "/means", means).await.expect(200);
    worker
        .post(&format!("{file}/assessments"), json!({}))
        .await
        .expect(201);
    let member = worker.get(&file).await.text("/member_id");
    let entry = json!({ "member_id": member, "assessment_file_id": file.trim_start_matches("/files/"), "note": "半年后回访" });
    let early = worker.post("/borderline", entry.clone()).await.expect(422);
    assert_eq!(early.pointers(), ["/assessment_file_id"]);
    worker.act(&file, "/withdraw", json!({})).await.expect(200);

    let kept = worker.post("/borderline", entry.clone()).await.expect(201);
    // one person, 50,000 yuan a year: 4,166.66 a month
    assert_eq!(kept.body["net_per_head_fen"], 416_666);
    worker
        .post("/borderline", entry.clone())
        .await
        .problem(409, "on_register");
    let mut told = entry;
    told["net_per_head_fen"] = json!(1);
    worker.post("/borderline", told).await.problem(400, "malformed");

    let place = format!("/borderline/{}", kept.id());
    let supervisor = town.client("supervisor").await;
    let other = json!({ "reason_code": "other" });
    let refused = supervisor.act(&place, "/remove", other).await.expect(422);
    assert_eq!(refused.pointers(), ["/comment"]);
    let better = json!({ "reason_code": "improved", "comment": "已就业" });
    let removed = supervisor
        .act(&place, "/remove", better.clone())
        .await
        .expect(200);
    let why = (removed.text("/removed_reason"), removed.text("/comment"));
    assert_eq!(why, ("improved".to_owned(), "已就业".to_owned()));
    supervisor
        .act(&place, "/remove", better)
        .await
        .problem(409, "ended");
    let anew = json!({ "member_id": member, "note": "再次失业" });
    let anew = worker.post("/borderline", anew).await.expect(201);
    assert!(anew.body["net_per_head_fen"].is_null());
    let all = format!("/borderline?organization_id={}", town.jinghu);
    assert_eq!(worker.get(&all).await.expect(200).items().len(), 2);
}

#[actix_web::test]
async fn who_is_on_file_is_not_borderline_and_a_file_of_another_is_no_near_miss() {
    let town = Town::start().await;
    let (member, other) = (town.member(1).await, town.member(2).await);
    let file = town.file_on_file(&member).await;
    let worker = town.client("caseworker").await;
    let entry = json!({ "member_id": member, "note": "半年后回访" });
    let refused = worker
        .post("/borderline", entry)
        .await
        .problem(409, "file_exists");
    assert_eq!(refused.text("/file_id"), file);
    let entry = json!({ "member_id": other, "assessment_file_id": file, "note": "半年后回访" });
    let refused = worker.post("/borderline", entry).await.expect(422);
    assert_eq!(refused.pointers(), ["/assessment_file_id"]);
}

#[actix_web::test]
async fn nobody_keeps_a_register_of_oneself_or_of_a_relative() {
    let town = Town::start().await;
    let worker = town.client("caseworker").await;
    let brother = json!({ "id_number": id_number(1), "relation": "sibling" });
    worker.post("/me/relatives", brother).await.expect(201);
    let brother = town.client("caseworker_b").await;
    let new = |n: usize| json!({ "organization_id": town.jinghu_basic, "name": "某某", "id_number": id_number(n), "joined_on": "2010-01-01" });
    // the ID number of `caseworker` is the 9000th
    for n in [1, 9000] {
        let member = brother.post("/members", new(n)).await.expect(201).id();
        let entry = json!({ "member_id": member, "note": "半年后回访" });
        for (path, record) in [("/temporary-reliefs", fire(&member)), ("/borderline", entry)] {
            worker
                .post(path, record.clone())
                .await
                .problem(409, "same_person");
            let made = brother.post(path, record).await.expect(201).id();
            if path == "/temporary-reliefs" {
                let converted = worker.act(&format!("{path}/{made}"), "/convert", deep()).await;
                converted.problem(409, "same_person");
            }
        }
    }
}

#[actix_web::test]
async fn a_merged_record_is_refused_and_one_of_another_unit_is_unknown() {
    let town = Town::start().await;
    let kept = town.member(1).await;
    let pair = town.duplicate().await;
    let supervisor = town.client("supervisor").await;
    let same = json!({ "decision": "same", "reason": "同一人" });
    let place = format!("/duplicates/{pair}");
    supervisor.act(&place, "/decide", same).await.expect(200);
    let pair = supervisor.get(&place).await.expect(200);
    let sides = [pair.text("/first/id"), pair.text("/second/id")];
    let second = sides.iter().find(|id| **id != kept).unwrap();
    let into = json!({ "into": kept, "reason": "重复登记" });
    supervisor
        .act(&format!("/members/{second}"), "/merge", into)
        .await
        .expect(200);
    let (here, there) = (town.client("caseworker").await, town.client("caseworker_2").await);
    for (path, record) in [
        ("/temporary-reliefs", fire(second)),
        (
            "/borderline",
            json!({ "member_id": second, "note": "半年后回访" }),
        ),
    ] {
        here.post(path, record.clone()).await.problem(409, "merged");
        let unknown = there.post(path, record).await.expect(422);
        assert_eq!(unknown.pointers(), ["/member_id"]);
    }
}

#[actix_web::test]
async fn after_a_transfer_the_unit_that_holds_the_member_opens_the_file() {
    let town = Town::start().await;
    let member = town.member(1).await;
    let worker = town.client("caseworker").await;
    let relief = worker.post("/temporary-reliefs", fire(&member)).await.expect(201);
    let there = json!({ "organization_id": town.yijiang_basic, "effective_on": "2020-05-20" });
    town.client("city_caseworker")
        .await
        .act(&format!("/members/{member}"), "/transfer", there)
        .await
        .expect(200);
    let place = format!("/temporary-reliefs/{}", relief.id());
    worker
        .act(&place, "/convert", deep())
        .await
        .problem(409, "member_elsewhere");
    let far = town.client("caseworker_2").await;
    far.get(&place).await.problem(404, "not_found");
    let exists = far.post("/temporary-reliefs", fire(&member)).await;
    let exists = exists.problem(409, "temporary_relief_exists");
    assert_eq!(exists.text("/organization_id"), town.jinghu_basic);
    assert!(exists.body.get("temporary_relief_id").is_none());
}
