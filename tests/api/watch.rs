//! Who saw or changed whom: the auditor's question about a person and about an account, and what a person is told.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::given::{Case, Town, id_number};
use crate::harness::Client;

/// Everything that the log knows about a person, page by page.
async fn about(auditor: &Client, person: Value, limit: i64) -> Vec<Value> {
    let (mut found, mut cursor) = (Vec::new(), Value::Null);
    loop {
        let mut question = json!({ "from": null, "to": null, "limit": limit, "cursor": cursor });
        for (name, value) in person.as_object().unwrap() {
            question[name] = value.clone();
        }
        let page = auditor.post("/audit/people/events", question).await.expect(200);
        found.extend(page.items());
        cursor = page.body["next_cursor"].clone();
        if cursor.is_null() {
            return found;
        }
    }
}

async fn about_number(auditor: &Client, n: usize) -> Vec<Value> {
    about(auditor, json!({ "id_number": id_number(n) }), 200).await
}

fn actions(events: &[Value]) -> BTreeSet<&str> {
    events
        .iter()
        .map(|event| event["action"].as_str().unwrap())
        .collect()
}

fn look_of<'a>(events: &'a [Value], action: &str) -> &'a str {
    let event = events.iter().find(|event| event["action"] == action);
    event.unwrap_or_else(|| panic!("no {action}"))["look"]
        .as_str()
        .unwrap()
}

/// Everybody looks at the person of a case, in every way there is.
async fn looked_at(town: &Town, case: &Case) {
    let (worker, finance) = (town.client("caseworker").await, town.client("finance").await);
    let why = json!({ "reason": "核对材料" });
    let reveal = json!({ "fields": ["id_number"], "reason": "核对材料" });
    let (member, file) = (
        format!("/members/{}", case.member),
        format!("/files/{}", case.file),
    );
    worker
        .post(&format!("{member}/reveal"), reveal.clone())
        .await
        .expect(200);
    let head = worker.get(&format!("{file}/household")).await.expect(200);
    let head = head.text("/items/0/id");
    worker
        .post(&format!("{file}/household/{head}/reveal"), reveal)
        .await
        .expect(200);
    worker
        .post(&format!("{file}/attachments/{}/open", case.attachment), why)
        .await
        .expect(200);
    for read in ["?as_of=2020-05-20", "/history", "/revisions", "/revisions/1"] {
        worker.get(&format!("{file}{read}")).await.expect(200);
    }
    for search in [
        json!({ "id_number": id_number(1) }),
        json!({ "phone": "19900000001" }),
    ] {
        worker.post("/members/search", search).await.expect(200);
    }
    let sought = json!({ "name": null, "id_number": id_number(1), "phone": null });
    worker.post("/duplicates/search", sought).await.expect(200);
    for print in [
        format!("/payments/{}/voucher.html", case.payment),
        format!("/payment-batches/{}/pay-list.html", case.batch),
    ] {
        finance.get(&print).await.expect(200);
    }
    let download = format!("/payment-batches/{}/download", case.batch);
    finance.post(&download, json!({})).await.expect(200);
    let auditor = town.client("auditor").await;
    for read in [
        format!("/audit/events?subject_id={}", case.file),
        format!("/audit/events/{}", case.event),
    ] {
        auditor.get(&read).await.expect(200);
    }
}

#[actix_web::test]
async fn every_kind_of_event_about_a_person_is_found_and_none_about_another() {
    let town = Town::start().await;
    let case = town.case().await;
    looked_at(&town, &case).await;
    let bystander = town.member(970).await;
    let auditor = town.client("auditor").await;
    let found = about_number(&auditor, 1).await;
    for (action, look) in [
        ("member.registered", "changed"),
        ("member.revealed", "seen"),
        ("member.searched", "searched"),
        ("duplicate.found", "changed"),
        ("duplicate.searched", "searched"),
        ("file.opened", "changed"),
        ("file.approved", "changed"),
        ("file.paired", "changed"),
        ("file.attached", "changed"),
        ("file.attachment_opened", "seen"),
        ("file.past_read", "seen"),
        ("file.visited_campaign", "changed"),
        ("household.joined", "changed"),
        ("household.revealed", "seen"),
        ("action.recorded", "changed"),
        ("consent.recorded", "changed"),
        ("inspection.recorded", "changed"),
        ("transfer.requested", "changed"),
        ("claim.drafted", "changed"),
        ("claim.approved", "changed"),
        ("claim.attached", "changed"),
        ("aid.drafted", "changed"),
        ("aid.approved", "changed"),
        ("aid.attached", "changed"),
        ("payment.made", "changed"),
        ("payment.attached", "changed"),
        ("payment.batched", "changed"),
        ("batch.exported", "exported"),
        ("batch.downloaded", "exported"),
        ("pay_list.printed", "printed"),
        ("voucher.printed", "printed"),
        ("audit.read", "audited"),
    ] {
        assert_eq!(look_of(&found, action), look, "{action}");
    }
    for (n, expected) in [
        (931, "payment.account_change_proposed"),
        (932, "recovery.claimed"),
        (932, "recovery.instalment"),
        (900, "temporary_relief.recorded"),
        (900, "borderline.recorded"),
        (901, "insurance_list.sent"),
        (901, "enrolment.in_force"),
        (901, "insurance_claim.reported"),
        (8000, "household.joined"),
        (8000, "consent.recorded"),
    ] {
        let other = about_number(&auditor, n).await;
        assert!(actions(&other).contains(expected), "{n}: {:?}", actions(&other));
    }
    let own = about(&auditor, json!({ "member_id": bystander }), 200).await;
    assert_eq!(actions(&own), BTreeSet::from(["member.registered"]));
}

#[actix_web::test]
async fn whatever_the_log_says_of_a_subject_it_says_of_its_person() {
    let town = Town::start().await;
    let case = town.case().await;
    let auditor = town.client("auditor").await;
    let mut expected = BTreeSet::new();
    for subject in [
        &case.member,
        &case.file,
        &case.action,
        &case.claim,
        &case.aid,
        &case.payment,
        &case.attachment,
        &case.claim_attachment,
        &case.aid_attachment,
        &case.payment_attachment,
        &case.inspection,
        &case.consent,
        &case.transfer,
        &case.duplicate,
    ] {
        let page = auditor
            .get(&format!("/audit/events?subject_id={subject}&limit=200"))
            .await
            .expect(200);
        let numbers = page
            .items()
            .into_iter()
            .map(|event| event["seq"].as_i64().unwrap());
        expected.extend(numbers);
    }
    let found = about_number(&auditor, 1).await;
    let found: BTreeSet<_> = found.iter().map(|event| event["seq"].as_i64().unwrap()).collect();
    let missing: Vec<_> = expected.difference(&found).collect();
    assert!(missing.is_empty(), "{missing:?}");
}

#[actix_web::test]
async fn pages_are_the_same_whatever_their_size_and_go_from_old_to_new() {
    let town = Town::start().await;
    town.due_payment(1).await;
    let auditor = town.client("auditor").await;
    let person = json!({ "id_number": id_number(1), "to": "2021-01-01T00:00:00Z" });
    let (small, large) = (
        about(&auditor, person.clone(), 3).await,
        about(&auditor, person, 200).await,
    );
    assert!(small.len() > 6);
    assert_eq!(small[..], large[..small.len()]);
    assert!(large.is_sorted_by_key(|event| event["at"].as_str().unwrap().to_owned()));
}

#[actix_web::test]
async fn asking_about_a_person_is_an_event_about_that_person_registered_or_not() {
    let town = Town::start().await;
    let auditor = town.client("auditor").await;
    assert!(about_number(&auditor, 555).await.is_empty());
    let again = about_number(&auditor, 555).await;
    assert_eq!(actions(&again), BTreeSet::from(["audit.read"]));
    assert_eq!(
        (
            &again[0]["look"],
            &again[0]["actor_role"],
            &again[0]["subject_type"]
        ),
        (&json!("audited"), &json!("auditor"), &json!("person"))
    );
    assert_eq!(again[0]["actor"]["organization"], "芜湖市总工会");
}

#[actix_web::test]
async fn merged_records_are_one_person() {
    let town = Town::start().await;
    let (kept, second) = crate::duplicates::same_pair(&town).await;
    let supervisor = town.client("supervisor").await;
    let merge = json!({ "into": kept, "reason": "同一人换证，保留新证" });
    let auditor = town.client("auditor").await;
    let before = about(&auditor, json!({ "member_id": kept }), 200).await;
    supervisor
        .act(&format!("/members/{second}"), "/merge", merge)
        .await
        .expect(200);
    let registered = |events: &[Value]| {
        let made = events
            .iter()
            .filter(|event| event["action"] == "member.registered");
        made.count()
    };
    for member in [&kept, &second] {
        let found = about(&auditor, json!({ "member_id": member }), 200).await;
        assert_eq!((registered(&before), registered(&found)), (1, 2));
    }
}

#[actix_web::test]
async fn a_question_names_one_person_in_scope_and_a_time_that_is_one() {
    let town = Town::start().await;
    let member = town.member(1).await;
    let auditor = town.client("auditor").await;
    for (question, pointer) in [
        (json!({}), ""),
        (json!({ "id_number": id_number(1), "member_id": member }), ""),
        (
            json!({ "member_id": "01900000-0000-7000-8000-000000000000" }),
            "/member_id",
        ),
        (
            json!({ "member_id": member, "from": "2020-06-01T00:00:00Z", "to": "2020-05-01T00:00:00Z" }),
            "/to",
        ),
    ] {
        let refused = auditor.post("/audit/people/events", question).await.expect(422);
        assert_eq!(refused.pointers(), [pointer]);
    }
    let far = town.client("auditor_2").await;
    let hidden = far
        .post("/audit/people/events", json!({ "member_id": member }))
        .await;
    assert_eq!(hidden.expect(422).pointers(), ["/member_id"]);
    assert!(about_number(&far, 1).await.is_empty(), "events of other units");
}

#[actix_web::test]
async fn what_an_account_saw_and_changed_is_told_by_kind() {
    let town = Town::start().await;
    let case = town.case().await;
    looked_at(&town, &case).await;
    let auditor = town.client("auditor").await;
    let place = format!("/audit/users/{}/events?limit=200", town.user_id("caseworker"));
    let of = async |kind: &str| {
        auditor
            .get(&format!("{place}&kind={kind}"))
            .await
            .expect(200)
            .items()
    };
    let all = auditor.get(&place).await.expect(200).items();
    let mut told = 0;
    for kind in [
        "seen",
        "changed",
        "exported",
        "printed",
        "searched",
        "audited",
        "signed_in",
    ] {
        let events = of(kind).await;
        assert!(events.iter().all(|event| event["look"] == kind), "{kind}");
        told += events.len();
    }
    assert_eq!(told, all.len());
    assert!(actions(&of("seen").await).contains("member.revealed"));
    assert!(actions(&of("changed").await).contains("claim.drafted"));
    let later = format!("{place}&from=2021-01-01T00:00:00Z");
    assert!(auditor.get(&later).await.expect(200).items().is_empty());
    let far = town.client("auditor_2").await;
    far.get(&place).await.problem(404, "not_found");
}

#[actix_web::test]
async fn a_person_is_told_who_looked_without_names_of_others_or_numbers() {
    let town = Town::start().await;
    let case = town.case().await;
    looked_at(&town, &case).await;
    let worker = town.client("caseworker").await;
    let reveal = json!({ "fields": ["phone"], "reason": "与周梅的残疾证核对" });
    worker
        .post(&format!("/members/{}/reveal", case.member), reveal)
        .await
        .expect(200);
    let place = format!("/members/{}/access-report", case.member);
    let asked = json!({ "identified_by": "id_card", "from": "2020-01-01", "to": "2020-12-31" });
    let report = worker.post(&place, asked.clone()).await.expect(200);
    let looks: BTreeSet<_> = report
        .items()
        .iter()
        .map(|item| item["look"].to_string())
        .collect();
    for look in ["seen", "changed", "exported", "printed", "searched", "audited"] {
        assert!(looks.contains(&format!("\"{look}\"")), "{look}");
    }
    let printed = worker
        .post(&format!("{place}/print"), asked.clone())
        .await
        .expect(200);
    let page = String::from_utf8(printed.bytes).unwrap();
    assert!(page.contains("个人信息查阅情况告知单"), "{page}");
    for text in [report.body.to_string(), page] {
        assert!(text.contains("与某某的残疾证核对"), "{text}");
        for secret in [
            &id_number(1),
            "周梅",
            "职工1",
            "测试0",
            "19900000001",
            &id_number(8000),
        ] {
            assert!(!text.contains(secret), "{secret}");
        }
    }
    let again = worker.post(&place, asked).await.expect(200).items();
    assert_eq!(
        again.last().unwrap()["reason"],
        "id_card",
        "the report before is an event"
    );
}

#[actix_web::test]
async fn a_report_is_made_in_scope_by_somebody_else_for_a_year_at_most() {
    let town = Town::start().await;
    let own = town.member(9000).await;
    let member = town.member(1).await;
    let asked = |to: &str| json!({ "identified_by": "id_card", "from": "2020-01-01", "to": to });
    let worker = town.client("caseworker").await;
    worker
        .post(&format!("/members/{own}/access-report"), asked("2020-05-20"))
        .await
        .problem(409, "same_person");
    let place = format!("/members/{member}/access-report");
    let long = worker.post(&place, asked("2021-01-01")).await.expect(422);
    assert_eq!(long.pointers(), ["/to"]);
    let far = town.client("caseworker_2").await;
    far.post(&place, asked("2020-05-20"))
        .await
        .problem(404, "not_found");
}

#[actix_web::test]
async fn what_was_noted_of_people_and_looks_stays() {
    let town = Town::start().await;
    town.member(1).await;
    let search = json!({ "id_number": id_number(1) });
    town.client("caseworker")
        .await
        .post("/members/search", search)
        .await
        .expect(200);
    for sql in [
        "UPDATE event_people SET person = 'x'",
        "DELETE FROM event_people",
        "UPDATE event_looks SET look = 'changed'",
        "DELETE FROM event_looks",
    ] {
        assert!(town.app.sql(sql).unwrap_err().contains("append-only"), "{sql}");
    }
}
