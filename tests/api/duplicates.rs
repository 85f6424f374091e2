use serde_json::{Value, json};

use crate::given::{Shot, Town, claim, id_number, race};
use crate::harness::{Answer, Client};

async fn register(town: &Town, who: &str, unit: &str, name: &str, n: usize, phone: &str) -> String {
    let new = json!({ "organization_id": unit, "name": name, "id_number": id_number(n), "phone": phone, "joined_on": "2010-01-01" });
    town.client(who)
        .await
        .post("/members", new)
        .await
        .expect(201)
        .id()
}

async fn search(client: &Client, sought: Value) -> Answer {
    client.post("/duplicates/search", sought).await.expect(200)
}

/// The record of the first candidate, when it is a likely one.
fn likely(found: &Answer) -> Option<String> {
    let first = found.body["items"].get(0)?;
    let likely = first["likely"].as_bool().unwrap();
    likely.then(|| first["record"]["id"].as_str().unwrap().to_owned())
}

/// Two records of one person whose sameness was decided: the kept one and the second.
pub async fn same_pair(town: &Town) -> (String, String) {
    let kept = town.member(1).await;
    let pair = format!("/duplicates/{}", town.duplicate().await);
    let supervisor = town.client("supervisor").await;
    let same = json!({ "decision": "same", "reason": "核对身份证原件，同一人换证" });
    supervisor.act(&pair, "/decide", same).await.expect(200);
    let second = supervisor
        .post("/members/search", json!({ "id_number": id_number(999) }))
        .await
        .expect(200);
    let second = second.items()[0]["id"].as_str().unwrap().to_owned();
    (kept, second)
}

#[actix_web::test]
async fn a_person_is_found_in_spite_of_pinyin_scripts_slips_widths_and_old_numbers() {
    let town = Town::start().await;
    let unit = town.jinghu_basic.clone();
    let member = register(&town, "caseworker", &unit, "单国强", 14_123, "19900000001").await;
    register(&town, "caseworker", &unit, "李娜", 20_001, "19900000001").await;
    let number = id_number(14_123);
    let worker = town.client("caseworker").await;
    let wrong = format!("{}9{}", &number[..7], &number[8..]);
    let swapped = format!(
        "{}{}{}{}",
        &number[..14],
        &number[15..16],
        &number[14..15],
        &number[16..]
    );
    let old = format!("{}{}", &number[..6], &number[8..17]);
    let wide: String = number
        .chars()
        .map(|c| char::from_u32(u32::from(c) + 0xfee0).unwrap())
        .collect();
    for sought in [
        json!({ "name": "单国强", "phone": "19900000001" }),
        json!({ "name": "單國強", "phone": "19900000001" }),
        json!({ "name": "Shan Guoqiang", "phone": "19900000001" }),
        json!({ "name": "guoqiang shan", "phone": "+86 199-0000-0001" }),
        json!({ "name": "單國強", "id_number": wrong }),
        json!({ "name": "shan guo qiang", "id_number": swapped }),
        json!({ "id_number": old }),
        json!({ "id_number": wide }),
        json!({ "name": "单国强", "id_number": &number[..17] }),
    ] {
        let found = search(&worker, sought.clone()).await;
        assert_eq!(likely(&found), Some(member.clone()), "{sought} {}", found.body);
        let sum: i64 = found.body["items"][0]["reasons"]
            .as_array()
            .unwrap()
            .iter()
            .map(|reason| reason["points"].as_i64().unwrap())
            .sum();
        assert_eq!(found.body["items"][0]["score"], json!(sum.clamp(0, 100)));
        assert!(!found.body.to_string().contains(&number), "masked");
    }
    assert_eq!(
        likely(&search(&worker, json!({ "name": "王芳", "phone": "19900000001" })).await),
        None
    );
}

#[actix_web::test]
async fn a_name_alone_finds_its_bearers_as_possible_and_never_as_likely() {
    let town = Town::start().await;
    let unit = town.jinghu_basic.clone();
    for (name, n) in [("单国强", 14_123), ("單国强", 20_001), ("李娜", 20_002)] {
        register(&town, "caseworker", &unit, name, n, "19900000001").await;
    }
    let worker = town.client("caseworker").await;
    let found = search(&worker, json!({ "name": "shan guoqiang" })).await;
    let items = found.body["items"].as_array().unwrap();
    assert_eq!(items.len(), 2);
    assert!(items.iter().all(|item| item["likely"] == json!(false)));
}

#[actix_web::test]
async fn what_is_sought_must_be_something_and_in_its_form() {
    let town = Town::start().await;
    let worker = town.client("caseworker").await;
    for (sought, at) in [
        (json!({}), ""),
        (json!({ "birth_date": "1970-01-01" }), ""),
        (json!({ "id_number": "3402" }), "/id_number"),
        (json!({ "id_number": "34029919600101十十十十" }), "/id_number"),
        (json!({ "phone": "12" }), "/phone"),
        (json!({ "account_number": "1" }), "/account_number"),
    ] {
        let answer = worker.post("/duplicates/search", sought).await.expect(422);
        assert_eq!(answer.pointers(), [at]);
    }
    for odd in ["🙂", "'; DROP TABLE members; --", "𠈌", "·"] {
        search(&worker, json!({ "name": odd })).await;
    }
}

#[actix_web::test]
async fn of_a_record_elsewhere_only_the_unit_is_named() {
    let town = Town::start().await;
    let far = town.yijiang_basic.clone();
    register(&town, "caseworker_2", &far, "单国强", 14_123, "19900000001").await;
    let worker = town.client("caseworker").await;
    let found = search(&worker, json!({ "name": "單國強", "phone": "19900000001" })).await;
    assert_eq!(found.body, json!({ "items": [], "elsewhere": [far] }));
    let weak = search(&worker, json!({ "name": "单国强" })).await;
    assert_eq!(weak.body, json!({ "items": [], "elsewhere": [] }));
    let unit = town.jinghu_basic.clone();
    register(&town, "caseworker", &unit, "單國強", 14_124, "19900000001").await;
    let pairs = worker.get("/duplicates?status=open").await.expect(200).items();
    let sides = [&pairs[0]["first"], &pairs[0]["second"]];
    let hidden = sides
        .iter()
        .find(|side| side["organization_id"] == json!(far))
        .unwrap();
    assert_eq!(
        (&hidden["name"], &hidden["id"], &hidden["kind"]),
        (&Value::Null, &Value::Null, &Value::Null)
    );
    let pair = format!("/duplicates/{}", pairs[0]["id"].as_str().unwrap());
    let decide = json!({ "decision": "not_same", "reason": "不同的人" });
    let supervisor = town.client("supervisor").await;
    supervisor
        .act(&pair, "/decide", decide.clone())
        .await
        .problem(409, "beyond_scope");
    let above = town.client("city_supervisor").await;
    assert_eq!(
        above
            .act(&pair, "/decide", decide)
            .await
            .expect(200)
            .text("/status"),
        "not_same"
    );
    let auditor = town.client("auditor").await;
    let searches = auditor
        .get("/audit/events?action=duplicate.searched")
        .await
        .expect(200)
        .items();
    assert_eq!(searches.len(), 2);
}

#[actix_web::test]
async fn registering_changing_and_joining_a_household_keep_likely_duplicates_to_be_decided_once() {
    let town = Town::start().await;
    let member = town.member(1).await;
    let file = town.file_on_file(&member).await;
    let worker = town.client("caseworker").await;
    let count = async || worker.get("/duplicates").await.expect(200).items().len();
    assert_eq!(count().await, 0);
    let id = town.duplicate().await;
    assert_eq!(count().await, 1);
    let child = |n, name: &str| json!({ "name": name, "id_number": id_number(n), "relation": "daughter", "joined_on": "2015-01-01" });
    let place = format!("/files/{file}/household");
    worker.post(&place, child(50_001, "周小梅")).await.expect(201);
    worker.post(&place, child(50_002, "周晓梅")).await.expect(201);
    assert_eq!(count().await, 2, "a child entered twice");
    let decide = |decision: &str| json!({ "decision": decision, "reason": "双胞胎，核对户口本" });
    let supervisor = town.client("supervisor").await;
    let pair = format!("/duplicates/{id}");
    supervisor
        .act(&pair, "/decide", decide("not_same"))
        .await
        .expect(200);
    worker
        .patch(&format!("/members/{member}"), json!({ "name": "职工１" }))
        .await
        .expect(200);
    assert_eq!(count().await, 2, "what was decided stays");
    assert_eq!(
        worker
            .get("/duplicates?status=open")
            .await
            .expect(200)
            .items()
            .len(),
        1
    );
    supervisor.act(&pair, "/decide", decide("same")).await.expect(200);
    let auditor = town.client("auditor").await;
    assert_eq!(auditor.get(&pair).await.expect(200).text("/status"), "same");
}

#[actix_web::test]
async fn a_merged_record_keeps_its_history_gets_no_new_case_and_is_its_own_again_after_undoing() {
    let town = Town::start().await;
    let (kept, second) = same_pair(&town).await;
    let (worker, supervisor) = (town.client("caseworker").await, town.client("supervisor").await);
    let place = format!("/members/{second}");
    let merge = json!({ "into": kept, "reason": "同一人换证，保留新证" });
    let merged = supervisor.act(&place, "/merge", merge.clone()).await.expect(200);
    assert_eq!(merged.text("/merged_into"), kept);
    supervisor
        .act(&place, "/merge", merge)
        .await
        .problem(409, "merged");
    let file = json!({ "member_id": second, "scheme": "scheme_2020", "category": "deep", "level": "city", "primary_cause": "major_illness" });
    assert_eq!(
        worker
            .post("/files", file.clone())
            .await
            .problem(409, "merged")
            .text("/member_id"),
        kept
    );
    worker
        .post("/illness-claims", claim(&second, 1, 1_000_000, "M-1"))
        .await
        .problem(409, "merged");
    assert!(
        town.app
            .sql(&format!(
                "UPDATE members SET merged_into = '{second}' WHERE id = '{kept}'"
            ))
            .is_err()
    );
    let undo = json!({ "reason": "户籍证明为两人" });
    let own = supervisor.act(&place, "/unmerge", undo.clone()).await.expect(200);
    assert_eq!(own.body["merged_into"], Value::Null);
    supervisor
        .act(&place, "/unmerge", undo)
        .await
        .problem(409, "not_merged");
    worker.post("/files", file).await.expect(201);
    let auditor = town.client("auditor").await;
    let events = auditor
        .get(&format!("/audit/events?subject_id={second}"))
        .await
        .expect(200)
        .items();
    let actions: Vec<_> = events
        .iter()
        .map(|event| event["action"].as_str().unwrap())
        .collect();
    for action in ["member.registered", "member.merged", "member.unmerged"] {
        assert!(actions.contains(&action), "{actions:?}");
    }
}

#[actix_web::test]
async fn only_decided_pairs_without_a_second_household_on_file_are_merged() {
    let town = Town::start().await;
    let kept = town.member(1).await;
    let pair = town.duplicate().await;
    let supervisor = town.client("supervisor").await;
    let second = supervisor
        .post("/members/search", json!({ "id_number": id_number(999) }))
        .await
        .expect(200)
        .items()[0]["id"]
        .as_str()
        .unwrap()
        .to_owned();
    let place = format!("/members/{second}");
    let merge = json!({ "into": kept, "reason": "疑似重复" });
    supervisor
        .act(&place, "/merge", merge.clone())
        .await
        .problem(409, "not_decided");
    let own = json!({ "into": second, "reason": "疑似重复" });
    assert_eq!(
        supervisor.act(&place, "/merge", own).await.expect(422).pointers(),
        ["/into"]
    );
    let same = json!({ "decision": "same", "reason": "同一人" });
    supervisor
        .act(&format!("/duplicates/{pair}"), "/decide", same)
        .await
        .expect(200);
    town.file_on_file(&second).await;
    supervisor
        .act(&place, "/merge", merge)
        .await
        .problem(409, "file_exists");
    assert!(
        town.app
            .sql(&format!(
                "UPDATE members SET merged_into = '{kept}' WHERE id = '{second}'"
            ))
            .is_err()
    );
}

#[actix_web::test]
async fn of_the_claims_of_merged_records_one_is_granted_however_many_are_approved_at_once() {
    let town = Town::start().await;
    let (kept, second) = same_pair(&town).await;
    let (worker, supervisor) = (town.client("caseworker").await, town.client("supervisor").await);
    let approver = town.client("supervisor_b").await;
    let mut shots = Vec::new();
    for (member, n, name, number) in [(&kept, 1, "职工1", "A-1"), (&second, 999, "職工1", "A-2")] {
        let mut lodged = claim(member, n, 1_000_000, number);
        lodged["payee"]["name"] = json!(name);
        let id = worker.post("/illness-claims", lodged).await.expect(201).id();
        let place = format!("/illness-claims/{id}");
        worker.act(&place, "/submit", json!({})).await.expect(200);
        let etag = supervisor
            .act(&place, "/verify", json!({}))
            .await
            .expect(200)
            .header("etag");
        shots.push(Shot {
            token: approver.token.clone(),
            path: format!("{place}/approve"),
            etag: Some(etag),
            body: json!({}),
        });
    }
    let merge = json!({ "into": kept, "reason": "同一人换证" });
    supervisor
        .act(&format!("/members/{second}"), "/merge", merge)
        .await
        .expect(200);
    let shots = shots.iter().cycle().take(8).cloned().collect();
    let answers = race(&town, shots);
    let granted = answers.iter().filter(|(status, _)| *status == 200).count();
    assert_eq!(granted, 1, "{answers:?}");
    assert!(
        answers.iter().all(|(status, _)| [200, 409].contains(status)),
        "{answers:?}"
    );
    let grants = "SELECT COUNT(*) AS n FROM illness_claims WHERE status = 'approved'";
    assert_eq!(town.app.count(grants), 1);
    assert!(
        town.app
            .sql("UPDATE illness_claims SET status = 'approved' WHERE status = 'verified'")
            .is_err()
    );
}
