//! Mutual insurance (54, 84, 85): lists, covers, policy numbers, coverage, claims.

use actix_web::test::TestRequest;
use serde_json::{Value, json};

use crate::five_ones;
use crate::given::{Shot, Town, claim, id_number, insurance_list, race};
use crate::harness::{Answer, nothing};

/// The plan for the eight groups that a new installation has.
const FOR_GROUPS: &str = "00000000-0000-7000-8000-000000000a62";

/// A courier of the first district's basic union, by the `n`th ID number.
async fn courier(town: &Town, n: usize) -> String {
    let new = json!({ "organization_id": town.jinghu_basic, "name": format!("骑手{n}"), "id_number": id_number(n),
        "joined_on": "2019-01-01", "group": "courier" });
    let worker = town.client("caseworker").await;
    worker.post("/members", new).await.expect(201).id()
}

async fn people(town: &Town, place: &str) -> Vec<Value> {
    let worker = town.client("caseworker").await;
    worker
        .get(&format!("{place}/enrolments"))
        .await
        .expect(200)
        .items()
}

fn enrolment(person: &Value) -> String {
    format!("/enrolments/{}", person["id"].as_str().unwrap())
}

/// What there is on a line: available, committed, paid.
async fn balance(town: &Town, line: &str) -> [i64; 3] {
    let auditor = town.client("auditor").await;
    let shown = auditor.get(&format!("/budget-lines/{line}")).await.expect(200);
    ["available", "committed", "paid"]
        .map(|name| shown.body["balance"][format!("{name}_fen")].as_i64().unwrap())
}

/// Sends policy numbers as a file.
async fn file_of_numbers(town: &Town, place: &str, content: &str) -> Answer {
    let request = TestRequest::post()
        .insert_header(("Content-Type", "text/csv"))
        .set_payload(content.to_owned());
    let worker = town.client("caseworker").await;
    worker.raw(request, &format!("{place}/policies")).await
}

#[actix_web::test]
async fn a_list_is_made_approved_and_sent_by_three_people_and_its_premium_goes_through_the_books() {
    let town = Town::start().await;
    let [_, line] = town.budget("mutual_insurance", 20_000).await;
    let (one, other) = (town.member(1).await, town.member(2).await);
    let place = town.submitted_list(&[&one, &other], "unit").await;
    assert_eq!(balance(&town, &line).await, [20_000, 0, 0]);
    let supervisor = town.client("supervisor").await;
    let approved = supervisor.act(&place, "/approve", nothing()).await.expect(200);
    assert_eq!(approved.body["budget_line_id"], json!(line));
    assert_eq!(approved.body["ends_on"], "2021-05-19");
    assert_eq!(balance(&town, &line).await, [10_000, 10_000, 0]);
    let finance = town.client("finance").await;
    let late = json!({ "paid_on": "2020-05-19", "reference": "DZ-1" });
    finance.act(&place, "/send", late).await.problem(422, "invalid");
    let sending = json!({ "paid_on": "2020-05-20", "reference": "DZ-1" });
    finance.act(&place, "/send", sending.clone()).await.expect(200);
    assert_eq!(balance(&town, &line).await, [10_000, 0, 10_000]);
    finance
        .act(&place, "/send", sending)
        .await
        .problem(409, "wrong_status");
    let why = json!({ "reason": "误报" });
    supervisor
        .act(&place, "/cancel", why)
        .await
        .problem(409, "wrong_status");
    let read = town.policies(&place, &[(1, "HZ-1")]).await.expect(200);
    assert_eq!(read.body["list"]["status"], "sent");
    let read = town
        .policies(&place, &[(1, "HZ-1"), (2, "HZ-2")])
        .await
        .expect(200);
    assert_eq!(
        (&read.body["accepted"], &read.body["unchanged"]),
        (&json!(1), &json!(1))
    );
    assert_eq!(read.body["list"]["status"], "in_force");
    let auditor = town.client("auditor").await;
    let fund = auditor.get("/funds").await.items()[0]["id"]
        .as_str()
        .unwrap()
        .to_owned();
    let books = auditor.get(&format!("/funds/{fund}/movements")).await.items();
    let about: Vec<_> = books
        .iter()
        .filter(|m| !m["insurance_list_id"].is_null())
        .collect();
    assert_eq!(about.len(), 2);
}

#[actix_web::test]
async fn who_decides_about_a_list_is_another_person_in_the_rule_and_in_the_database() {
    let town = Town::start().await;
    let member = town.member(1).await;
    let place = town.submitted_list(&[&member], "self").await;
    let both = r#"UPDATE users SET roles = '["caseworker","supervisor"]' WHERE username = 'caseworker'"#;
    town.app.sql(both).unwrap();
    let recorder = town.client("caseworker").await;
    let refused = recorder.act(&place, "/approve", nothing()).await;
    refused.problem(409, "same_person");
    let on_it = "UPDATE users SET person = (SELECT person FROM enrolments) WHERE username = 'supervisor_b'";
    town.app.sql(on_it).unwrap();
    let on_it = town.client("supervisor_b").await;
    let refused = on_it.act(&place, "/approve", nothing()).await;
    refused.problem(409, "same_person");
    for behind in [
        "UPDATE insurance_lists SET status = 'approved', approved_on = starts_on, approved_by = recorded_by, approver_person = recorder_person",
        "UPDATE insurance_lists SET status = 'sent'",
        "UPDATE insurance_lists SET total_fen = 1",
        "UPDATE insurance_lists SET head_count = 2",
        "UPDATE enrolments SET premium_fen = 1",
        "UPDATE enrolments SET shares = 2, premium_fen = 10000",
        "UPDATE enrolments SET status = 'in_force'",
        "DELETE FROM enrolments",
        "UPDATE insurance_plans SET share_price_fen = 1",
        "DELETE FROM insurance_plans",
    ] {
        assert!(town.app.sql(behind).is_err(), "the database allows: {behind}");
    }
}

#[actix_web::test]
async fn every_mistake_of_a_list_is_named_at_once() {
    let town = Town::start().await;
    let (fit, other) = (town.member(1).await, courier(&town, 2).await);
    let left = town.member(3).await;
    let worker = town.client("caseworker").await;
    let gone = json!({ "status": "left", "effective_on": "2020-05-19", "reason": "离职" });
    worker
        .act(&format!("/members/{left}"), "/status", gone)
        .await
        .expect(200);
    let late = json!({ "organization_id": town.jinghu_basic, "name": "新会员", "id_number": id_number(4), "joined_on": "2020-05-20" });
    let late = worker.post("/members", late).await.expect(201).id();
    let person = |member: &str, shares: i64| json!({ "member_id": member, "shares": shares });
    let mut list = insurance_list(&town.jinghu_basic, &[], "unit");
    list["people"] = json!([
        person(&fit, 1),
        person(&other, 4),
        person(&left, 1),
        person(&fit, 1),
        person(&town.root, 1),
        person(&late, 2),
    ]);
    let refused = worker
        .post("/insurance-lists", list.clone())
        .await
        .problem(422, "invalid");
    let expected = [
        "/people/1/shares",
        "/people/2/member_id",
        "/people/3/member_id",
        "/people/4/member_id",
        "/people/5/shares",
    ];
    assert_eq!(refused.pointers(), expected);
    list["plan_id"] = json!(FOR_GROUPS);
    list["starts_on"] = json!("2020-05-19");
    list["people"] = json!([person(&fit, 1), person(&other, 1)]);
    let refused = worker
        .post("/insurance-lists", list.clone())
        .await
        .problem(422, "invalid");
    assert_eq!(refused.pointers(), ["/people/0/member_id", "/starts_on"]);
    list["starts_on"] = json!("2021-01-02");
    list["people"] = json!([person(&other, 1)]);
    let refused = worker
        .post("/insurance-lists", list.clone())
        .await
        .problem(422, "invalid");
    assert_eq!(refused.body["errors"][0]["code"], "age_out_of_range");
    list["people"] = json!([]);
    worker
        .post("/insurance-lists", list.clone())
        .await
        .problem(422, "invalid");
    list["people"] = json!(vec![person(&town.root, 1); 501]);
    let refused = worker
        .post("/insurance-lists", list)
        .await
        .problem(422, "invalid");
    assert_eq!(refused.body["errors"][0]["code"], "too_long");
    let elsewhere = insurance_list(&town.yijiang_basic, &[&fit], "unit");
    let city = town.client("city_caseworker").await;
    let refused = city
        .post("/insurance-lists", elsewhere)
        .await
        .problem(422, "invalid");
    assert_eq!(refused.pointers(), ["/people/0/member_id"]);
}

#[actix_web::test]
async fn a_list_takes_more_than_a_hundred_people() {
    let town = Town::start().await;
    let mut members = Vec::new();
    for n in 1..=101 {
        members.push(town.member(n).await);
    }
    let members: Vec<&str> = members.iter().map(String::as_str).collect();
    let place = town.submitted_list(&members, "self").await;
    let shown = town.client("finance").await.get(&place).await.expect(200);
    assert_eq!(
        (&shown.body["head_count"], &shown.body["total_fen"]),
        (&json!(101), &json!(505_000))
    );
}

#[actix_web::test]
async fn of_eight_lists_with_the_same_person_at_once_one_is_made_and_the_database_holds_it() {
    let town = Town::start().await;
    let member = town.member(1).await;
    let token = town.client("caseworker").await.token;
    let shot = || Shot {
        token: token.clone(),
        path: "/insurance-lists".into(),
        etag: None,
        body: insurance_list(&town.jinghu_basic, &[&member], "unit"),
    };
    let answers = race(&town, (0..8).map(|_| shot()).collect());
    let made = answers.iter().filter(|(status, _)| *status == 201).count();
    let covered = |body: &Value| body["errors"][0]["code"] == "already_covered";
    let refused = answers
        .iter()
        .filter(|(status, body)| *status == 422 && covered(body))
        .count();
    assert_eq!((made, refused), (1, 7), "{answers:?}");
    let columns = "plan_code, member_id, person, organization_id, shares, share_price_fen, premium_fen, starts_on, ends_on, start_year, \
        status, version, updated_at";
    let list = "number, organization_id, plan_id, plan_code, share_price_fen, payer, starts_on, ends_on, status, head_count, total_fen, \
        recorded_by, recorder_person, version, updated_at";
    let second = format!(
        "INSERT INTO insurance_lists (id, {list}) SELECT 'x', 'x'{} FROM insurance_lists",
        &list["number".len()..]
    );
    town.app.sql(&second).unwrap();
    let again = format!(
        "INSERT INTO enrolments (id, list_id, line, {columns}) SELECT 'x', 'x', 1, {columns} FROM enrolments"
    );
    assert!(
        town.app.sql(&again).is_err(),
        "the database lets somebody be covered twice"
    );
    town.app
        .sql("DELETE FROM insurance_lists WHERE id = 'x'")
        .unwrap();
}

#[actix_web::test]
async fn a_list_that_is_given_up_releases_its_money_and_its_people() {
    let town = Town::start().await;
    let [_, line] = town.budget("mutual_insurance", 5_000).await;
    let member = town.member(1).await;
    let place = town.approved_list(&[&member], "city").await;
    assert_eq!(balance(&town, &line).await, [0, 5_000, 0]);
    let worker = town.client("caseworker").await;
    let again = insurance_list(&town.jinghu_basic, &[&member], "unit");
    worker
        .post("/insurance-lists", again)
        .await
        .problem(422, "invalid");
    let supervisor = town.client("supervisor").await;
    let why = json!({ "reason": "人员变动" });
    supervisor.act(&place, "/cancel", why).await.expect(200);
    assert_eq!(balance(&town, &line).await, [5_000, 0, 0]);
    let next = town.submitted_list(&[&member], "unit").await;
    supervisor.act(&next, "/approve", nothing()).await.expect(200);
    let other = town.member(2).await;
    let third = town.submitted_list(&[&other], "unit").await;
    supervisor
        .act(&third, "/approve", nothing())
        .await
        .problem(409, "budget_exceeded");
    let own = town.approved_list(&[&town.member(3).await], "self").await;
    assert!(worker.get(&own).await.body["budget_line_id"].is_null());
}

#[actix_web::test]
async fn who_is_no_member_any_more_stops_the_list_by_name() {
    let town = Town::start().await;
    let member = town.member(1).await;
    let place = town.approved_list(&[&member], "unit").await;
    let worker = town.client("caseworker").await;
    let dead = json!({ "status": "deceased", "effective_on": "2020-05-20", "reason": "病故" });
    worker
        .act(&format!("/members/{member}"), "/status", dead)
        .await
        .expect(200);
    let finance = town.client("finance").await;
    let sending = json!({ "paid_on": "2020-05-20", "reference": "DZ-1" });
    let refused = finance.act(&place, "/send", sending).await;
    assert_eq!(
        refused.problem(409, "not_serving_member").body["member_ids"],
        json!([member])
    );
}

#[actix_web::test]
async fn the_file_for_the_insurer_is_made_once_and_is_the_same_bytes_and_an_event_each_time() {
    let town = Town::start().await;
    let new = json!({ "organization_id": town.jinghu_basic, "name": "=1+1", "id_number": id_number(2), "joined_on": "2019-01-01" });
    let worker = town.client("caseworker").await;
    let odd = worker.post("/members", new).await.expect(201).id();
    let place = town.approved_list(&[&town.member(1).await, &odd], "unit").await;
    let finance = town.client("finance").await;
    let download = format!("{place}/download");
    finance
        .post(&download, nothing())
        .await
        .problem(409, "wrong_status");
    let sending = json!({ "paid_on": "2020-05-20", "reference": "DZ-1" });
    finance.act(&place, "/send", sending).await.expect(200);
    let first = finance.post(&download, nothing()).await.expect(200);
    assert_eq!(
        finance.post(&download, nothing()).await.expect(200).bytes,
        first.bytes
    );
    let text = String::from_utf8(first.bytes).unwrap();
    let rows = format!(
        "1,职工1,{},1,50.00,2020-05-20,2021-05-19\r\n2,'=1+1,{},1,50.00,2020-05-20,2021-05-19\r\n",
        id_number(1),
        id_number(2)
    );
    let master = "参保单位,互助计划,总人数,总份数,总保费,填报日期\r\n镜湖区环卫工会,在职职工意外伤害互助保障,2,2,100.00,2020-05-20\r\n";
    let header = "\u{feff}序号,姓名,身份证号,份数,保费,起始日期,终止日期\r\n";
    assert_eq!(text, format!("{header}{rows}{master}"));
    let seen = "SELECT COUNT(*) AS n FROM audit_events WHERE action = 'insurance_list.downloaded'";
    assert_eq!(town.app.count(seen), 2);
    for column in ["content_sealed", "content_hash"] {
        let behind = format!("UPDATE insurance_lists SET {column} = 'x'");
        assert!(town.app.sql(&behind).is_err());
    }
}

#[actix_web::test]
async fn a_policy_number_that_does_not_fit_is_named_and_the_others_are_read() {
    let town = Town::start().await;
    let members = [town.member(1).await, town.member(2).await, town.member(3).await];
    let place = town
        .approved_list(&[&members[0], &members[1], &members[2]], "self")
        .await;
    town.policies(&place, &[(1, "HZ-1")])
        .await
        .problem(409, "wrong_status");
    let sending = json!({ "paid_on": "2020-05-20", "reference": "DZ-1" });
    town.client("finance")
        .await
        .act(&place, "/send", sending)
        .await
        .expect(200);
    let (a, b, c) = (id_number(1), id_number(2), id_number(3));
    let stranger = id_number(77);
    let file = format!(
        "\u{feff}序号,身份证号,保单号\r\n1,{a},HZ-1\r\n2,3.40E+17,HZ-2\r\n3,{b}\r\n4,123,HZ-4\r\n5,{stranger},HZ-5\r\n6,{a},HZ-6\r\n7,{c},HZ-7\r\n"
    );
    let read = file_of_numbers(&town, &place, &file).await.expect(200);
    assert_eq!(read.body["accepted"], 2);
    let expected = json!([
        { "line": 2, "problem": "scientific_number" },
        { "line": 3, "problem": "missing_cell" },
        { "line": 4, "problem": "invalid_id_number" },
        { "line": 5, "problem": "unknown_person" },
        { "line": 6, "problem": "twice" },
    ]);
    assert_eq!(read.body["problems"], expected);
    let version = read.body["list"]["version"].clone();
    let again = file_of_numbers(&town, &place, &file).await.expect(200);
    assert_eq!(
        (&again.body["accepted"], &again.body["unchanged"]),
        (&json!(0), &json!(2))
    );
    assert_eq!(again.body["list"]["version"], version);
    let other = town.policies(&place, &[(1, "HZ-9")]).await.expect(200);
    assert_eq!(other.body["problems"][0]["problem"], "contradicts");
    let refused = file_of_numbers(&town, &place, "姓名,保单号\n")
        .await
        .problem(422, "invalid");
    assert_eq!(refused.body["errors"][0]["code"], "missing_column");
    let waiting = people(&town, &place).await[1].clone();
    assert_eq!(waiting["status"], "listed");
    let worker = town.client("caseworker").await;
    let why = json!({ "reason": "保险机构未承保" });
    worker.act(&enrolment(&waiting), "/void", why).await.expect(200);
    assert_eq!(worker.get(&place).await.body["status"], "in_force");
    assert_eq!(people(&town, &place).await[0]["policy_number"], "****");
}

#[actix_web::test]
async fn a_cover_in_force_fulfils_the_duty_of_the_household_until_it_ends_or_is_voided() {
    let mut case = five_ones::Case::start().await;
    let path = case.paired(1).await;
    let spouse = case.town.member(2).await;
    assert_eq!(case.statuses(&path, 2020).await, "ddddd");
    let place = case.town.sent_list(&[&spouse], "city").await;
    case.town.policies(&place, &[(2, "HZ-1")]).await.expect(200);
    assert_eq!(
        case.statuses(&path, 2020).await,
        "ddddd",
        "not of the household yet"
    );
    let wife =
        json!({ "name": "周梅", "id_number": id_number(2), "relation": "spouse", "joined_on": "2012-01-01" });
    case.worker
        .post(&format!("{path}/household"), wife)
        .await
        .expect(201);
    let ledger = case.ledger(&path, 2020).await;
    let duty = &ledger["duties"][3];
    assert_eq!(
        (&duty["status"], &duty["done_on"]),
        (&json!("done"), &json!("2020-05-20"))
    );
    assert!(duty["action_id"].is_null());
    case.at("2021-02-10").await;
    bangfu::ledger::open_year(&case.town.app.db).unwrap();
    assert_eq!(&case.statuses(&path, 2021).await[3..4], "D");
    let person = people(&case.town, &place).await[0].clone();
    let left = json!({ "ended_on": "2020-12-31", "reason_code": "left", "reason": "离职" });
    case.worker
        .act(&enrolment(&person), "/end", left)
        .await
        .expect(200);
    assert_eq!(&case.statuses(&path, 2021).await[3..4], "d");
    assert_eq!(&case.statuses(&path, 2020).await[3..4], "D");
    let open = case
        .worker
        .get("/worklist?kind=insurance&year=2021")
        .await
        .expect(200);
    assert_eq!(open.items().len(), 1);
    let head = case.worker.get(&path).await.text("/member_id");
    let mut again = insurance_list(&case.town.jinghu_basic, &[&spouse], "city");
    again["starts_on"] = json!("2021-02-10");
    again["people"] = json!([{ "member_id": head, "shares": 1 }]);
    let refused = case
        .worker
        .post("/insurance-lists", again)
        .await
        .problem(422, "invalid");
    assert_eq!(refused.body["errors"][0]["code"], "age_out_of_range");
}

#[actix_web::test]
async fn a_voided_cover_takes_back_what_it_fulfilled() {
    let case = five_ones::Case::start().await;
    let path = case.paired(1).await;
    let head = case.worker.get(&path).await.text("/member_id");
    let place = case.town.sent_list(&[&head], "city").await;
    case.town.policies(&place, &[(1, "HZ-1")]).await.expect(200);
    assert_eq!(case.statuses(&path, 2020).await, "dddDd");
    let summary = case.chief.get("/five-ones/2020/summary").await.expect(200);
    assert_eq!(summary.body["total"]["kinds"]["insurance"]["done"], 1);
    let person = people(&case.town, &place).await[0].clone();
    let why = json!({ "reason": "保险机构未承保" });
    case.worker
        .act(&enrolment(&person), "/void", why)
        .await
        .expect(200);
    assert_eq!(case.statuses(&path, 2020).await, "ddddd");
    let summary = case.chief.get("/five-ones/2020/summary").await.expect(200);
    assert_eq!(summary.body["total"]["kinds"]["insurance"]["done"], 0);
    case.town.submitted_list(&[&head], "unit").await;
}

#[actix_web::test]
async fn coverage_is_counted_by_group_and_unit_against_the_target_of_the_year() {
    let town = Town::start().await;
    let (courier, plain) = (courier(&town, 1).await, town.member(2).await);
    let place = town.sent_list(&[&courier, &plain], "unit").await;
    let city = town.client("city_supervisor").await;
    let before = city.get("/insurance/coverage?year=2020").await.expect(200);
    assert_eq!(before.body["total"]["people"], 0);
    town.policies(&place, &[(1, "HZ-1"), (2, "HZ-2")])
        .await
        .expect(200);
    let values = json!({ "people": 8_700, "groups": [{ "group": "courier", "people": 1_500 }], "units": [{ "unit": "340202-01", "people": 40 }] });
    let rule = json!({ "kind": "insurance_target", "valid_from": "2020-01-01", "valid_to": "2020-12-31", "values": values });
    town.rule(rule).await;
    let counted = city.get("/insurance/coverage?year=2020").await.expect(200);
    assert_eq!(counted.body["target"], 8_700);
    assert_eq!(
        counted.body["total"],
        json!({ "people": 1, "enrolled": 1, "shares": 1 })
    );
    assert_eq!(counted.body["others"]["people"], 1);
    let couriers = counted
        .items()
        .into_iter()
        .find(|line| line["group"]["id"] == "courier")
        .unwrap();
    assert_eq!(
        (&couriers["target"], &couriers["people"]),
        (&json!(1_500), &json!(1))
    );
    assert_eq!(counted.items().len(), 8);
    let units = city
        .get("/insurance/coverage?year=2020&group_by=organization")
        .await
        .expect(200);
    assert_eq!(units.items().len(), 1);
    assert_eq!(
        (&units.items()[0]["target"], &units.items()[0]["people"]),
        (&json!(40), &json!(1))
    );
    let far = town.client("supervisor_2").await;
    let other = far.get("/insurance/coverage?year=2020").await.expect(200);
    assert_eq!(
        (&other.body["target"], &other.body["total"]["people"]),
        (&Value::Null, &json!(0))
    );
    let later = city.get("/insurance/coverage?year=2021").await.expect(200);
    assert!(later.body["target"].is_null());
}

#[actix_web::test]
async fn what_an_insurance_paid_is_compared_with_the_mutual_aid_of_an_illness_claim() {
    let town = Town::start().await;
    let member = town.member(1).await;
    let place = town.sent_list(&[&member], "unit").await;
    town.policies(&place, &[(1, "HZ-1")]).await.expect(200);
    let cover = people(&town, &place).await[0]["id"].clone();
    let worker = town.client("caseworker").await;
    let illness = worker
        .post("/illness-claims", claim(&member, 1, 1_000_000, "S-1"))
        .await
        .expect(201);
    assert_eq!(illness.body["warnings"], json!([]));
    let happened = json!({ "enrolment_id": cover, "happened_on": "2020-05-20", "reported_on": "2020-05-20", "details": "摔伤" });
    let mut early = happened.clone();
    early["happened_on"] = json!("2020-05-19");
    worker
        .post("/insurance-claims", early)
        .await
        .problem(422, "invalid");
    let id = worker.post("/insurance-claims", happened).await.expect(201).id();
    let reported = format!("/insurance-claims/{id}");
    let decided = |status: &str, amount: Value| json!({ "status": status, "decided_on": "2020-05-20", "amount_fen": amount });
    worker
        .act(&reported, "/decide", decided("paid", json!(null)))
        .await
        .problem(422, "invalid");
    worker
        .act(&reported, "/decide", decided("accepted", json!(null)))
        .await
        .expect(200);
    worker
        .act(&reported, "/decide", decided("paid", json!(300_000)))
        .await
        .expect(200);
    worker
        .act(&reported, "/decide", decided("refused", json!(null)))
        .await
        .problem(409, "wrong_status");
    let warning = json!([{ "code": "mutual_aid_differs", "recorded_fen": 300_000, "claimed_fen": 0 }]);
    let shown = worker
        .get(&format!("/illness-claims/{}", illness.id()))
        .await
        .expect(200);
    assert_eq!(shown.body["warnings"], warning);
    let tested = worker
        .post("/illness-claims/assess", claim(&member, 1, 1_000_000, "S-1"))
        .await
        .expect(200);
    assert_eq!(tested.body["warnings"], warning);
    assert_eq!(tested.body["eligible"], true);
    let mut right = claim(&member, 1, 1_300_000, "S-1");
    right["stays"][0]["deductions"]["mutual_aid_fen"] = json!(300_000);
    let tested = worker.post("/illness-claims/assess", right).await.expect(200);
    assert_eq!(tested.body["warnings"], json!([]));
}

#[actix_web::test]
async fn a_plan_is_followed_by_revisions_made_at_the_root_and_lists_take_the_newest() {
    let town = Town::start().await;
    let plan = json!({ "code": "accident", "name": "在职职工意外伤害互助保障", "insurer": "中国职工保险互助会", "share_price_fen": 6_000,
        "term_months": 12, "apply_from": null, "apply_to": "2020-05-31", "groups": [], "valid_from": "2020-05-25", "valid_to": null });
    let below = town.client("supervisor").await;
    below
        .post("/insurance-plans", plan.clone())
        .await
        .problem(403, "forbidden");
    let city = town.client("city_supervisor").await;
    let mut wrong = plan.clone();
    wrong["age_from"] = json!(61);
    wrong["term_months"] = json!(0);
    let refused = city.post("/insurance-plans", wrong).await.problem(422, "invalid");
    assert_eq!(refused.pointers(), ["/age_to", "/term_months"]);
    let kept = city.post("/insurance-plans", plan).await.expect(201);
    assert_eq!(
        (&kept.body["revision"], &kept.body["age_to"]),
        (&json!(2), &json!(60))
    );
    let member = town.member(1).await;
    let worker = town.client("caseworker").await;
    let mut list = insurance_list(&town.jinghu_basic, &[&member], "self");
    list["starts_on"] = json!("2020-06-01");
    let refused = worker
        .post("/insurance-lists", list.clone())
        .await
        .problem(422, "invalid");
    assert_eq!(refused.body["errors"][0]["code"], "superseded");
    list["plan_id"] = json!(kept.id());
    let made = worker.post("/insurance-lists", list.clone()).await.expect(201);
    assert_eq!(made.body["total_fen"], 6_000);
    town.app.set("2020-06-01");
    let worker = town.client("caseworker").await;
    let place = format!("/insurance-lists/{}", made.id());
    worker
        .act(&place, "/submit", nothing())
        .await
        .problem(409, "outside_window");
}
