use std::collections::BTreeSet;

use bangfu::db::types::{Date, Timestamp};
use bangfu::flags::Code;
use chrono::FixedOffset;
use serde_json::{Value, json};

use crate::given::{JPEG, Town, aid, claim, id_number};
use crate::harness::nothing;
use crate::procedure;

/// The `n`th invented account number; its check digit is right.
pub fn account(n: usize) -> String {
    let body = format!("99999900{n:07}");
    let weighed = body.bytes().rev().zip([2, 1].into_iter().cycle());
    let sum: usize = weighed
        .map(|(digit, weight)| usize::from(digit - b'0') * weight)
        .map(|n| n / 10 + n % 10)
        .sum();
    format!("{body}{}", (10 - sum % 10) % 10)
}

/// The `n`th member as the payee of their own money, with an account of their own.
pub fn own(n: usize) -> Value {
    json!({ "kind": "member", "name": format!("职工{n}"), "id_number": id_number(n), "account_number": account(n), "bank": "徽商银行" })
}

/// The payee of the second record that `Town::duplicate` makes of the first member.
fn second_record() -> Value {
    let mut payee = own(999);
    payee["name"] = json!("職工1");
    payee
}

fn guardian(n: usize, card: usize) -> Value {
    json!({ "kind": "guardian", "name": "李梅", "id_number": id_number(n), "account_number": account(card), "bank": "徽商银行", "relation": "配偶" })
}

fn last(place: &str) -> &str {
    place.rsplit('/').next().unwrap()
}

async fn payment(town: &Town, of: &str, place: &str) -> String {
    let finance = town.client("finance").await;
    let found = finance.get(&format!("/payments?{of}={}", last(place))).await;
    found.expect(200).items()[0]["id"].as_str().unwrap().to_owned()
}

/// A claim of a member, approved; its payment.
async fn granted(town: &Town, member: &str, n: usize, payee: Value) -> String {
    let mut body = claim(member, n, 1_000_000, &format!("F-{n}"));
    body["payee"] = payee;
    let worker = town.client("caseworker").await;
    let lodged = worker.post("/illness-claims", body).await.expect(201).id();
    let place = format!("/illness-claims/{lodged}");
    town.attach_to("caseworker", &place, "guardianship_proof", JPEG)
        .await
        .expect(201);
    worker.act(&place, "/submit", nothing()).await.expect(200);
    for (who, verb) in [("supervisor", "/verify"), ("supervisor_b", "/approve")] {
        town.client(who)
            .await
            .act(&place, verb, nothing())
            .await
            .expect(200);
    }
    payment(town, "claim_id", &place).await
}

/// The same of the `n`th member, who is registered for it.
pub async fn condoled(town: &Town, n: usize, payee: Value) -> String {
    granted(town, &town.member(n).await, n, payee).await
}

/// Aid to the household of the `n`th member, approved; its payment.
pub async fn helped(town: &Town, file: &str, n: usize, kind: &str, period: &str, fen: i64) -> String {
    let mut body = aid(file, n, kind, period, fen);
    body["payee"] = own(n);
    payment(town, "aid_id", &town.approved_aid(body).await).await
}

async fn pay(town: &Town, payment: &str) {
    let finance = town.client("finance").await;
    let today = finance.get("/me").await.text("/server_time")[..10].to_owned();
    let paid = json!({ "paid_on": today, "method": "bank_transfer", "reference": "HS-1" });
    let place = format!("/payments/{payment}");
    finance.act(&place, "/pay", paid).await.expect(200);
}

/// What a query finds for an auditor in 2020.
async fn ask(town: &Town, who: &str, code: Code) -> Vec<Value> {
    let auditor = town.client(who).await;
    let found = auditor.get(&format!("/audit/queries/{code}?limit=200")).await;
    found.expect(200).items()
}

fn ids(flags: &[Value]) -> BTreeSet<String> {
    let id = |flag: &Value| flag["subject_id"].as_str().unwrap().to_owned();
    flags.iter().map(id).collect()
}

/// Makes sure that a query finds these payments and no other, shows them to the auditor of the city and not to that of
/// the other district, and says nothing personal. The evidence of the first.
#[track_caller]
fn only(found: &[Value], elsewhere: &[Value], expected: &[&String]) -> Value {
    let expected: BTreeSet<String> = expected.iter().map(|id| (*id).clone()).collect();
    assert_eq!(ids(found), expected);
    assert!(elsewhere.is_empty(), "{elsewhere:?}");
    let told = serde_json::to_string(found).unwrap();
    for secret in ["职工", "李梅", "340299", "999999", "1990000", "徽商银行"] {
        assert!(!told.contains(secret), "{secret}: {told}");
    }
    found.first().map_or(Value::Null, |flag| flag["evidence"].clone())
}

macro_rules! finds {
    ($town:expr, $code:expr, $expected:expr) => {{
        let (here, there) = (
            ask($town, "auditor", $code).await,
            ask($town, "auditor_2", $code).await,
        );
        only(&here, &there, &$expected)
    }};
}

/// Two claims that pay one guardian, and one that pays the member.
async fn one_guardian(town: &Town) -> [String; 3] {
    let first = condoled(town, 21, guardian(600, 600)).await;
    let second = condoled(town, 22, guardian(600, 600)).await;
    let clean = condoled(town, 23, own(23)).await;
    for payment in [&first, &second, &clean] {
        pay(town, payment).await;
    }
    [first, second, clean]
}

/// Two members with one account.
pub async fn one_card(town: &Town) -> [String; 2] {
    let with = |n: usize| {
        let mut payee = own(n);
        payee["account_number"] = json!(account(24));
        payee
    };
    [
        condoled(town, 24, with(24)).await,
        condoled(town, 25, with(25)).await,
    ]
}

/// Two members with one phone.
async fn one_phone(town: &Town) -> [String; 2] {
    let first = condoled(town, 26, own(26)).await;
    let new = json!({ "organization_id": town.jinghu_basic, "name": "赵云", "id_number": id_number(27),
        "phone": "19900000026", "joined_on": "2010-01-01" });
    let worker = town.client("caseworker").await;
    let second = worker.post("/members", new).await.expect(201).id();
    let mut payee = own(27);
    payee["name"] = json!("赵云");
    [first, granted(town, &second, 27, payee).await]
}

/// Relief of a month for a member without a file.
async fn relieved(town: &Town, member: &str, n: usize, month: &str, fen: i64) -> String {
    let mut body = aid(member, n, "temporary", month, fen);
    body["file_id"] = Value::Null;
    body["member_id"] = json!(member);
    body["payee"] = own(n);
    payment(town, "aid_id", &town.approved_aid(body).await).await
}

/// Relief of at most 1,000 yuan a month, twice just under it for one member; once for another; and twice, once well
/// under it and once at it, for a third.
pub async fn split(town: &Town) -> [String; 2] {
    let rule = json!({ "kind": "temporary", "needs_file": false, "period": "month", "per_household": false, "cap": "none", "most_fen": 100_000 });
    town.rule(json!({ "kind": "aid", "valid_from": "2020-05-01", "values": { "kinds": [rule] } }))
        .await;
    let [twice, once, other] = [
        town.member(28).await,
        town.member(29).await,
        town.member(30).await,
    ];
    let both = [
        relieved(town, &twice, 28, "2020-04", 95_000).await,
        relieved(town, &twice, 28, "2020-05", 99_999).await,
    ];
    relieved(town, &once, 29, "2020-05", 95_000).await;
    relieved(town, &other, 30, "2020-04", 80_000).await;
    relieved(town, &other, 30, "2020-05", 120_000).await;
    both
}

/// What the queries that name other payments find.
pub async fn suspicious(town: &Town) {
    one_guardian(town).await;
    one_card(town).await;
    one_phone(town).await;
    split(town).await;
}

#[actix_web::test]
async fn the_queries_say_what_they_are_in_the_language_of_the_auditor() {
    let town = Town::start().await;
    let auditor = town.client("auditor").await;
    let told = auditor.get("/audit/queries").await.expect(200);
    assert_eq!(told.header("content-language"), "zh-CN");
    let codes: Vec<_> = told.items().iter().map(|query| query["code"].clone()).collect();
    assert_eq!(json!(codes), json!(Code::ALL));
    assert_eq!(told.text("/items/4/title"), "多人共用账户");
    let english = actix_web::test::TestRequest::get().insert_header(("Accept-Language", "en"));
    let told = auditor.raw(english, "/audit/queries").await.expect(200);
    assert_eq!(told.text("/items/4/title"), "shared account");
    assert_eq!(
        told.body["items"][4]["columns"][0],
        json!({ "name": "others", "title": "other payments concerned" })
    );
}

#[actix_web::test]
async fn a_query_is_about_a_time_of_at_most_a_year_and_known_by_its_code() {
    let town = Town::start().await;
    let [first, second] = one_card(&town).await;
    let auditor = town.client("auditor").await;
    let found = async |query: &str| {
        let answer = auditor.get(&format!("/audit/queries/shared_card?{query}")).await;
        ids(&answer.expect(200).items())
    };
    let both = BTreeSet::from([first, second]);
    assert_eq!(found("from=2020-05-20&to=2020-05-20").await, both);
    assert_eq!(found("from=2019-07-01&to=2020-06-30").await, both);
    assert_eq!(found("to=2020-05-19").await, BTreeSet::new());
    assert_eq!(found("from=2020-05-21").await, BTreeSet::new());
    let far = auditor
        .get("/audit/queries/shared_card?from=2019-01-01&to=2020-12-31")
        .await;
    assert_eq!(far.problem(400, "malformed").pointers(), ["?to"]);
    auditor
        .get("/audit/queries/shared_cards")
        .await
        .problem(404, "not_found");
    let worker = town.client("supervisor").await;
    worker
        .get("/audit/queries/shared_card")
        .await
        .problem(403, "forbidden");
}

#[actix_web::test]
async fn one_payee_is_not_paid_twice_for_one_kind_and_period_unseen() {
    let town = Town::start().await;
    let [first, second, _] = one_guardian(&town).await;
    let file = town.nth_file(31).await;
    for month in ["2020-04", "2020-05"] {
        let monthly = helped(&town, &file, 31, "legal", month, 10_000).await;
        pay(&town, &monthly).await;
    }
    let evidence = finds!(&town, Code::DuplicatePayee, [&first, &second]);
    assert_eq!(evidence["others"], 1);
    assert_eq!(evidence["other_payment_ids"], json!([second]));
    assert_eq!(evidence["paid_on"], "2020-05-20");
}

#[actix_web::test]
async fn grants_above_the_limit_of_a_year_are_found_though_the_database_refuses_them() {
    let town = Town::start().await;
    town.standard().await;
    let (file, other) = (town.nth_file(31).await, town.nth_file(32).await);
    let over = helped(&town, &file, 31, "living", "2020-Q1", 700_000).await;
    helped(&town, &other, 32, "living", "2020-Q1", 700_000).await;
    let behind = "UPDATE aid_limits SET used_fen = limit_fen + 1";
    assert!(town.app.sql(behind).is_err(), "the database exceeds a limit");
    finds!(&town, Code::OverCap, []);
    let more = |fen: i64| {
        format!(
            "UPDATE aid_applications SET granted_fen = {fen} WHERE id = (SELECT aid_id FROM payments WHERE id = '{over}')"
        )
    };
    town.app.sql(&more(800_000)).unwrap();
    let evidence = finds!(&town, Code::OverCap, [&over]);
    assert_eq!(
        (&evidence["granted_fen"], &evidence["limit_fen"]),
        (&json!(800_000), &json!(720_000))
    );
    town.app.sql(&more(700_000)).unwrap();
}

#[actix_web::test]
async fn a_second_condolence_is_found_when_two_records_turn_out_to_be_one_person() {
    let town = Town::start().await;
    let kept = town.member(1).await;
    let pair = town.duplicate().await;
    let supervisor = town.client("supervisor").await;
    let sought = json!({ "id_number": id_number(999) });
    let second = supervisor
        .post("/members/search", sought)
        .await
        .expect(200)
        .items()[0]["id"]
        .as_str()
        .unwrap()
        .to_owned();
    let mut twice = vec![granted(&town, &kept, 1, own(1)).await];
    twice.push(granted(&town, &second, 999, second_record()).await);
    condoled(&town, 2, own(2)).await;
    finds!(&town, Code::OverCap, []);
    let same = json!({ "decision": "same", "reason": "核对身份证原件，同一人换证" });
    supervisor
        .act(&format!("/duplicates/{pair}"), "/decide", same)
        .await
        .expect(200);
    let merge = json!({ "into": kept, "reason": "同一人换证，保留新证" });
    supervisor
        .act(&format!("/members/{second}"), "/merge", merge)
        .await
        .expect(200);
    finds!(&town, Code::OverCap, [&twice[0], &twice[1]]);
}

#[actix_web::test]
async fn aid_before_the_file_is_found() {
    let town = Town::start().await;
    let (file, other) = (town.nth_file(31).await, town.nth_file(32).await);
    let early = helped(&town, &file, 31, "training", "2020-H1", 100_000).await;
    helped(&town, &other, 32, "training", "2020-H1", 100_000).await;
    finds!(&town, Code::BeforeFile, []);
    let opened = |day: &str| {
        town.app.sql(&format!(
            "UPDATE files SET opened_on = '{day}' WHERE id = '{file}'"
        ))
    };
    opened("2020-05-21").unwrap();
    let evidence = finds!(&town, Code::BeforeFile, [&early]);
    assert_eq!(
        (&evidence["file_id"], &evidence["opened_on"]),
        (&json!(file), &json!("2020-05-21"))
    );
    opened("2020-05-20").unwrap();
}

#[actix_web::test]
async fn what_was_paid_after_a_death_or_an_exit_is_found_when_that_is_recorded_late() {
    let town = Town::start().await;
    let [dead, to_guardian, clean] = [
        condoled(&town, 21, own(21)).await,
        condoled(&town, 22, guardian(600, 600)).await,
        condoled(&town, 23, own(23)).await,
    ];
    let file = town.nth_file(31).await;
    let exited = helped(&town, &file, 31, "training", "2020-H1", 100_000).await;
    town.app.set("2020-05-25");
    for payment in [&dead, &to_guardian, &clean, &exited] {
        pay(&town, payment).await;
    }
    finds!(&town, Code::AfterDeathOrExit, []);
    town.app.set("2020-05-26");
    let (worker, supervisor) = (town.client("caseworker").await, town.client("supervisor").await);
    for (n, day) in [(21, "2020-05-25"), (22, "2020-05-21"), (23, "2020-05-26")] {
        let sought = json!({ "id_number": id_number(n) });
        let member = worker.post("/members/search", sought).await.expect(200).items()[0]["id"].clone();
        let died = json!({ "status": "deceased", "effective_on": day, "reason": "死亡证明" });
        let place = format!("/members/{}", member.as_str().unwrap());
        worker.act(&place, "/status", died).await.expect(200);
    }
    let end = json!({ "status": "exited", "reason_code": "out_of_hardship", "comment": null, "closed_on": "2020-05-22" });
    supervisor
        .act(&format!("/files/{file}"), "/close", end)
        .await
        .expect(200);
    let evidence = finds!(&town, Code::AfterDeathOrExit, [&dead, &exited]);
    assert_eq!(
        (&evidence["died_on"], &evidence["closed_on"]),
        (&json!("2020-05-25"), &Value::Null)
    );
    let found = ask(&town, "auditor", Code::AfterDeathOrExit).await;
    assert_eq!(found[1]["evidence"]["closed_on"], "2020-05-22");
}

#[actix_web::test]
async fn an_account_of_several_payees_is_found_page_by_page() {
    let town = Town::start().await;
    let [first, second] = one_card(&town).await;
    condoled(&town, 23, own(23)).await;
    condoled(&town, 21, guardian(600, 600)).await;
    condoled(&town, 22, guardian(600, 600)).await;
    let evidence = finds!(&town, Code::SharedCard, [&first, &second]);
    assert_eq!(
        (&evidence["others"], &evidence["other_payment_ids"]),
        (&json!(1), &json!([second]))
    );
    let auditor = town.client("auditor").await;
    let mut ask = "/audit/queries/shared_card?limit=1".to_owned();
    let mut seen = Vec::new();
    loop {
        let page = auditor.get(&ask).await.expect(200);
        seen.extend(page.items());
        let Some(cursor) = page.body["next_cursor"].as_str() else {
            break;
        };
        let elsewhere = format!("/audit/queries/shared_phone?cursor={cursor}");
        auditor.get(&elsewhere).await.problem(400, "malformed");
        ask = format!("/audit/queries/shared_card?limit=1&cursor={cursor}");
    }
    let order: Vec<_> = seen.iter().map(|flag| flag["subject_id"].clone()).collect();
    assert_eq!(json!(order), json!([first, second]));
}

#[actix_web::test]
async fn of_a_payment_in_another_district_an_auditor_learns_only_that_it_is_there() {
    let town = Town::start().await;
    let here = condoled(&town, 24, own(24)).await;
    let new = json!({ "organization_id": town.yijiang_basic, "name": "职工25", "id_number": id_number(25),
        "phone": "19900000025", "joined_on": "2010-01-01" });
    let worker = town.client("caseworker_2").await;
    let member = worker.post("/members", new).await.expect(201).id();
    let mut body = claim(&member, 25, 1_000_000, "F-25");
    body["payee"] = own(25);
    body["payee"]["account_number"] = json!(account(24));
    let lodged = worker.post("/illness-claims", body).await.expect(201).id();
    let place = format!("/illness-claims/{lodged}");
    worker.act(&place, "/submit", nothing()).await.expect(200);
    for (who, verb) in [("supervisor_2", "/verify"), ("city_supervisor", "/approve")] {
        town.client(who)
            .await
            .act(&place, verb, nothing())
            .await
            .expect(200);
    }
    let there = payment(&town, "claim_id", &place).await;
    let found = ask(&town, "auditor_2", Code::SharedCard).await;
    assert_eq!(ids(&found), BTreeSet::from([there.clone()]));
    let evidence = &found[0]["evidence"];
    assert_eq!(
        (&evidence["others"], &evidence["other_payment_ids"]),
        (&json!(1), &json!([]))
    );
    assert!(!found[0].to_string().contains(&here));
    let all = ask(&town, "auditor", Code::SharedCard).await;
    assert_eq!(ids(&all), BTreeSet::from([here, there]));
}

#[actix_web::test]
async fn one_phone_of_several_payees_is_found_unless_they_were_decided_to_be_one_person() {
    let town = Town::start().await;
    let [first, second] = one_phone(&town).await;
    condoled(&town, 23, own(23)).await;
    let evidence = finds!(&town, Code::SharedPhone, [&first, &second]);
    assert_eq!(evidence["other_payment_ids"], json!([second]));
    let member = town.member(1).await;
    let pair = town.duplicate().await;
    let supervisor = town.client("supervisor").await;
    granted(&town, &member, 1, own(1)).await;
    finds!(&town, Code::SharedPhone, [&first, &second]);
    let same = json!({ "decision": "same", "reason": "核对身份证原件，同一人换证" });
    supervisor
        .act(&format!("/duplicates/{pair}"), "/decide", same)
        .await
        .expect(200);
    let sought = json!({ "id_number": id_number(999) });
    let again = supervisor
        .post("/members/search", sought)
        .await
        .expect(200)
        .items()[0]["id"]
        .as_str()
        .unwrap()
        .to_owned();
    granted(&town, &again, 999, second_record()).await;
    finds!(&town, Code::SharedPhone, [&first, &second]);
}

#[actix_web::test]
async fn nobody_approves_what_they_recorded_and_a_payee_who_took_part_is_found() {
    let town = Town::start().await;
    let tampered = condoled(&town, 21, own(21)).await;
    condoled(&town, 22, own(22)).await;
    finds!(&town, Code::SelfApproved, []);
    for change in [
        "payer_id = approver_id",
        "approver_id = recorder_id",
        "verifier_id = recorder_id",
    ] {
        let refused = town.app.sql(&format!("UPDATE payments SET {change}"));
        assert!(refused.is_err(), "the database takes {change}");
    }
    let behind = format!(
        "UPDATE payments SET payee_person = (SELECT person FROM users WHERE users.id = approver_id) WHERE id = '{tampered}'"
    );
    town.app.sql(&behind).unwrap();
    let evidence = finds!(&town, Code::SelfApproved, [&tampered]);
    assert_eq!(evidence["user_ids"].as_array().unwrap().len(), 3);
}

#[actix_web::test]
async fn who_visited_a_household_and_approved_its_aid_is_found() {
    let town = procedure::start().await;
    let place = town.whole_draft(31).await;
    for (step, who) in procedure::STEPS.iter().take(6) {
        let who = if *who == "supervisor_b" {
            "city_supervisor_b"
        } else {
            *who
        };
        if *step == "home-visit" {
            let visitors = ["caseworker", "supervisor_b"].map(|name| town.user_id(name));
            let visit = json!({ "visited_on": "2020-05-20", "place": "home", "visitors": visitors, "findings": "租住一室" });
            let worker = town.client(who).await;
            worker.act(&place, "/home-visit", visit).await.expect(200);
        } else {
            procedure::take(&town, &place, step, who).await.expect(200);
        }
    }
    town.app.set("2020-05-28");
    procedure::take(&town, &place, "approve", "city_supervisor")
        .await
        .expect(200);
    let other = town.nth_file(32).await;
    let visited = helped(&town, last(&place), 31, "training", "2020-H1", 100_000).await;
    helped(&town, &other, 32, "training", "2020-H1", 100_000).await;
    let evidence = finds!(&town, Code::VisitorApproved, [&visited]);
    assert_eq!(evidence["user_ids"], json!([town.user_id("supervisor_b")]));
    assert_eq!(evidence["file_id"], last(&place));
}

#[actix_web::test]
async fn grants_just_under_a_limit_within_days_are_found_together() {
    let town = Town::start().await;
    let [first, second] = split(&town).await;
    let evidence = finds!(&town, Code::SplitGrants, [&first, &second]);
    assert_eq!(
        (&evidence["limit_fen"], &evidence["granted_fen"]),
        (&json!(100_000), &json!(194_999))
    );
    assert_eq!(evidence["other_payment_ids"], json!([second]));
    let auditor = town.client("auditor").await;
    let page = auditor
        .get("/audit/queries/split_grants?limit=1")
        .await
        .expect(200);
    let cursor = page.text("/next_cursor");
    let next = auditor
        .get(&format!("/audit/queries/split_grants?limit=1&cursor={cursor}"))
        .await
        .expect(200);
    assert_eq!(ids(&next.items()), BTreeSet::from([second]));
    assert_eq!(next.body["next_cursor"], Value::Null);
    let bounds = json!({ "split_days": 30, "split_percent": 1, "split_limit_fen": null, "office_from": 8, "office_to": 18 });
    town.rule(json!({ "kind": "flags", "valid_from": "2020-01-01", "values": bounds }))
        .await;
    finds!(&town, Code::SplitGrants, []);
    let backwards = json!({ "split_days": 30, "split_percent": 10, "split_limit_fen": null, "office_from": 18, "office_to": 8 });
    let refused = town
        .client("security_admin")
        .await
        .post(
            "/policies",
            json!({ "kind": "flags", "valid_from": "2020-01-01", "values": backwards }),
        )
        .await;
    assert_eq!(refused.problem(422, "invalid").pointers(), ["/values/office_to"]);
}

#[actix_web::test]
async fn approvals_at_night_and_on_days_off_are_found_by_the_calendar_of_the_union() {
    let town = Town::start().await;
    let at = |day: &str, hour| {
        let zone = FixedOffset::east_opt(8 * 3600).unwrap();
        town.app
            .set_time(Timestamp::on(day.parse::<Date>().unwrap(), hour, zone));
    };
    let mut approved = Vec::new();
    // a Thursday at noon and at night, a Saturday, a Sunday that is worked in exchange, a holiday
    for (n, day, hour) in [
        (21, "2020-05-21", 12),
        (22, "2020-05-21", 22),
        (23, "2020-05-23", 10),
        (24, "2020-06-28", 10),
        (25, "2020-06-25", 10),
    ] {
        at(day, hour);
        approved.push(condoled(&town, n, own(n)).await);
    }
    finds!(&town, Code::OffHours, [&approved[1], &approved[2], &approved[4]]);
    let found = ask(&town, "auditor", Code::OffHours).await;
    let how: Vec<_> = found
        .iter()
        .map(|flag| flag["evidence"]["off_hours"].clone())
        .collect();
    assert_eq!(how, ["night", "day_off", "day_off"]);
    let approver = town.user_id("supervisor_b");
    assert_eq!(found[0]["evidence"]["user_ids"], json!([approver]));
    assert_eq!(
        found[0]["evidence"]["approved_at"].as_str().unwrap()[..13],
        *"2020-05-21T14"
    );
}

#[actix_web::test]
async fn money_spent_outside_its_purpose_is_refused_by_the_database_and_would_be_found() {
    let town = Town::start().await;
    town.budget("training", 1_000_000).await;
    let file = town.nth_file(31).await;
    let spent = helped(&town, &file, 31, "training", "2020-H1", 100_000).await;
    condoled(&town, 21, own(21)).await;
    finds!(&town, Code::OutsidePurpose, []);
    let central = "UPDATE funds SET source = 'central'";
    for (behind, why) in [
        (
            "UPDATE payments SET kind = 'legal' WHERE budget_line_id IS NOT NULL",
            "for something else",
        ),
        (
            "UPDATE budget_lines SET aid_kind = 'legal'",
            "stays what it is for",
        ),
        (central, "keeps its source"),
    ] {
        let refused = town.app.sql(behind).unwrap_err();
        assert!(refused.contains(why), "{refused}");
    }
    let guard = "DROP TRIGGER funds_source_same";
    let on = if town.app.on_postgres() { " ON funds" } else { "" };
    town.app.sql(&format!("{guard}{on}")).unwrap();
    town.app.sql(central).unwrap();
    let evidence = finds!(&town, Code::OutsidePurpose, [&spent]);
    assert!(evidence["budget_line_id"].is_string());
}
