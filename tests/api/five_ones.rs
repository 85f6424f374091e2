//! The five ones (50 to 56): the ledger of a file, actions, waivers, worklist, gaps and summary.

use serde_json::{Value, json};

use crate::given::{Town, id_number};
use crate::harness::{Client, nothing};

/// A town with what the tests of the five ones start from.
pub struct Case {
    pub town: Town,
    pub worker: Client,
    pub colleague: Client,
    pub chief: Client,
}

impl Case {
    pub async fn start() -> Self {
        let town = Town::start().await;
        let (worker, colleague) = (town.client("caseworker").await, town.client("caseworker_b").await);
        let chief = town.client("supervisor").await;
        Self {
            town,
            worker,
            colleague,
            chief,
        }
    }

    /// Turns the clock and signs everybody in again, with passwords that are still good.
    pub async fn at(&mut self, day: &str) {
        self.town.app.set(day);
        let fresh = format!("UPDATE users SET password_changed_at = '{day} 00:00:00'");
        self.town.app.sql(&fresh).unwrap();
        self.worker = self.town.client("caseworker").await;
        self.colleague = self.town.client("caseworker_b").await;
        self.chief = self.town.client("supervisor").await;
    }

    /// A file that comes on file today; the answer is its path.
    pub async fn file(&self, n: usize) -> String {
        self.file_of(&self.town.jinghu_basic, n).await
    }

    pub async fn file_of(&self, unit: &str, n: usize) -> String {
        let member = json!({
            "organization_id": unit, "name": format!("困难职工{n}"), "id_number": id_number(n), "joined_on": "2015-01-01",
        });
        let member = self.worker.post("/members", member).await.expect(201).id();
        let file = json!({
            "member_id": member, "scheme": "scheme_2020", "category": "deep", "level": "city",
            "primary_cause": "major_illness",
        });
        let path = format!(
            "/files/{}",
            self.worker.post("/files", file).await.expect(201).id()
        );
        self.worker.act(&path, "/submit", nothing()).await.expect(200);
        self.chief.act(&path, "/approve", nothing()).await.expect(200);
        path
    }

    /// A file paired with `caseworker`.
    pub async fn paired(&self, n: usize) -> String {
        let path = self.file(n).await;
        self.pair(&path, "caseworker").await;
        path
    }

    pub async fn pair(&self, path: &str, contact: &str) {
        let contact = json!({ "contact_id": self.town.user_id(contact) });
        self.chief.act(path, "/pair", contact).await.expect(200);
    }

    pub async fn close(&self, path: &str, day: &str) {
        let close = json!({ "status": "exited", "reason_code": "out_of_hardship", "closed_on": day });
        self.chief.act(path, "/close", close).await.expect(200);
    }

    pub async fn ledger(&self, path: &str, year: i32) -> Value {
        self.chief
            .get(&format!("{path}/five-ones/{year}"))
            .await
            .expect(200)
            .body
    }

    /// The statuses of the five duties in their order, by their initials: `d`ue, `D`one, `o`verdue, `w`aived, `n`ot
    /// applicable.
    pub async fn statuses(&self, path: &str, year: i32) -> String {
        let ledger = self.ledger(path, year).await;
        let letter = |duty: &Value| {
            match duty["status"].as_str().unwrap() {
                "done" => "D",
                other => &other[..1],
            }
            .to_owned()
        };
        ledger["duties"].as_array().unwrap().iter().map(letter).collect()
    }

    pub async fn waive(&self, path: &str, kind: &str, disposition: &str) {
        let body = json!({ "disposition": disposition, "reason_code": "no_able_bodied_member" });
        let ledger = format!("{path}/five-ones/2020");
        self.chief
            .act(&ledger, &format!("/{kind}/waive"), body)
            .await
            .expect(200);
    }
}

pub fn call(at: &str) -> Value {
    json!({ "kind": "call", "occurred_at": at, "channel": "phone", "reached": "worker", "outcome": "reached" })
}

pub fn visit(at: &str, gift: Value, met: &str) -> Value {
    json!({ "kind": "care_visit", "occurred_at": at, "place": "home", "visitors": [], "gift": gift, "met": met })
}

pub fn update(at: &str, confirmed: bool) -> Value {
    json!({ "kind": "file_update", "occurred_at": at, "no_change_confirmed": confirmed })
}

pub fn insurance(at: &str, from: &str, to: &str) -> Value {
    json!({ "kind": "insurance", "occurred_at": at, "insurer": "中国职工保险互助会", "product": "意外伤害互助保障",
        "policy_number": "AH20200012345", "covers_from": from, "covers_to": to, "premium_fen": 5000, "payer": "province" })
}

pub fn job(at: &str) -> Value {
    json!({ "kind": "job_placement", "occurred_at": at, "service": "referral", "beneficiary": "family_member",
        "employer": "奇瑞汽车", "position": null, "result": "declined" })
}

pub fn with(mut body: Value, name: &str, value: Value) -> Value {
    body[name] = value;
    body
}

/// A moment on the day after the tests begin.
const NEXT: &str = "2020-05-21T02:00:00Z";

#[actix_web::test]
async fn every_kind_is_done_by_what_counts_and_by_nothing_less() {
    let mut case = Case::start().await;
    let path = case.paired(1).await;
    case.at("2020-05-22").await;
    let actions = format!("{path}/actions");
    let money = json!({ "kind": "money", "amount_fen": 50000, "description": null });
    let none = json!({ "kind": "none" });
    let not_done = [
        with(call(NEXT), "reached", json!("nobody")),
        with(call(NEXT), "outcome", json!("refused")),
        with(
            call(NEXT),
            "performed_by",
            json!(case.town.user_id("caseworker_b")),
        ),
        update(NEXT, false),
        visit(NEXT, money.clone(), "nobody"),
        visit(NEXT, none, "worker"),
        insurance(NEXT, "2021-01-01", "2021-12-31"),
    ];
    for body in not_done {
        case.worker.post(&actions, body).await.expect(201);
        assert_eq!(case.statuses(&path, 2020).await, "ddddd");
    }
    let done = [
        (call(NEXT), "Ddddd"),
        (update(NEXT, true), "DDddd"),
        (visit(NEXT, money, "family"), "DDDdd"),
        (insurance(NEXT, "2020-06-01", "2021-05-31"), "DDDDd"),
        (job(NEXT), "DDDDD"),
    ];
    for (body, expected) in done {
        let made = case.worker.post(&actions, body.clone()).await.expect(201);
        assert_eq!(case.statuses(&path, 2020).await, expected);
        let ledger = case.ledger(&path, 2020).await;
        let of_kind = |d: &&Value| d["kind"] == body["kind"];
        let duty = ledger["duties"]
            .as_array()
            .unwrap()
            .iter()
            .find(of_kind)
            .unwrap()
            .clone();
        assert_eq!(
            (&duty["action_id"], &duty["done_on"]),
            (&json!(made.id()), &json!("2020-05-21"))
        );
    }
    let ledger = case.ledger(&path, 2020).await;
    assert_eq!(
        (&ledger["done"], &ledger["applicable"], &ledger["complete"]),
        (&json!(5), &json!(5), &json!(true))
    );
}

#[actix_web::test]
async fn an_action_comes_back_as_sent_with_its_policy_number_masked_and_a_repeat_is_recognised() {
    let case = Case::start().await;
    let path = case.paired(1).await;
    let id = uuid::Uuid::now_v7().to_string();
    let body = with(
        insurance("2020-05-20T04:00:00Z", "2020-06-01", "2021-05-31"),
        "id",
        json!(id),
    );
    let body = with(body, "notes", json!("<b>已交</b> 100%"));
    let made = case
        .worker
        .post(&format!("{path}/actions"), body.clone())
        .await
        .expect(201);
    assert_eq!(made.header("location"), format!("/api/v1/actions/{id}"));
    for (name, value) in body.as_object().unwrap() {
        let expected = match name.as_str() {
            "policy_number" => json!("*********2345"),
            "occurred_at" => json!("2020-05-20T04:00:00.000000Z"),
            _ => value.clone(),
        };
        assert_eq!(made.body[name], expected, "{name}");
    }
    let again = case
        .worker
        .post(&format!("{path}/actions"), body.clone())
        .await
        .expect(200);
    assert_eq!(
        (again.header("idempotency-replayed"), again.body),
        ("true".into(), made.body.clone())
    );
    let other = with(body, "premium_fen", json!(1));
    case.worker
        .post(&format!("{path}/actions"), other)
        .await
        .problem(409, "id_taken");
    let lists = [
        format!("{path}/actions"),
        "/actions?kind=insurance".into(),
        format!(
            "/actions?organization_id={}&performed_by={}",
            case.town.jinghu,
            case.town.user_id("caseworker")
        ),
        "/actions?from=2020-05-20T00:00:00Z&to=2020-05-21T00:00:00Z".into(),
    ];
    for list in lists {
        assert_eq!(
            case.worker.get(&list).await.expect(200).items(),
            std::slice::from_ref(&made.body),
            "{list}"
        );
    }
    assert!(
        case.worker
            .get("/actions?kind=call")
            .await
            .expect(200)
            .items()
            .is_empty()
    );
    let far = case.town.client("caseworker_2").await;
    far.get(&format!("/actions/{id}")).await.problem(404, "not_found");
    far.get(&format!("{path}/actions"))
        .await
        .problem(404, "not_found");
    far.get(&format!("{path}/five-ones/2020"))
        .await
        .problem(404, "not_found");
    assert!(far.get("/actions").await.expect(200).items().is_empty());
    far.get(&format!("/actions?organization_id={}", case.town.jinghu))
        .await
        .problem(404, "not_found");
}

#[actix_web::test]
async fn mistakes_in_an_action_are_all_named() {
    let mut case = Case::start().await;
    let path = case.paired(1).await;
    case.at("2020-05-22").await;
    let actions = format!("{path}/actions");
    let refused = async |body: Value, status: u16, pointers: &[&str]| {
        let answer = case.worker.post(&actions, body).await.expect(status);
        assert_eq!(answer.pointers(), pointers, "{}", answer.body);
    };
    refused(with(call(NEXT), "gift", json!(null)), 400, &["/gift"]).await;
    refused(
        json!({ "kind": "call", "channel": "fax" }),
        422,
        &["/channel", "/occurred_at", "/outcome", "/reached"],
    )
    .await;
    refused(json!({ "kind": "party" }), 422, &["/kind", "/occurred_at"]).await;
    refused(call("2020-05-19T15:59:59Z"), 422, &["/occurred_at"]).await;
    refused(call("2020-05-23T04:00:00Z"), 422, &["/occurred_at"]).await;
    refused(insurance(NEXT, "2020-06-02", "2020-06-01"), 422, &["/covers_to"]).await;
    refused(
        visit(NEXT, json!({ "kind": "money" }), "worker"),
        422,
        &["/gift/amount_fen"],
    )
    .await;
    let far = json!(case.town.user_id("caseworker_2"));
    refused(
        with(call(NEXT), "performed_by", far.clone()),
        422,
        &["/performed_by"],
    )
    .await;
    let mine = json!(case.town.user_id("caseworker"));
    let visit = visit(NEXT, json!({ "kind": "goods" }), "worker");
    refused(with(visit, "visitors", json!([mine, far])), 422, &["/visitors/1"]).await;
    case.chief
        .post(&actions, call(NEXT))
        .await
        .problem(403, "forbidden");
}

#[actix_web::test]
async fn only_the_contact_of_that_moment_can_do_the_call() {
    let mut case = Case::start().await;
    let path = case.paired(1).await;
    case.at("2020-06-10").await;
    case.pair(&path, "caseworker_b").await;
    case.at("2020-06-20").await;
    let actions = format!("{path}/actions");
    let late = call("2020-06-15T02:00:00Z");
    case.worker.post(&actions, late.clone()).await.expect(201);
    assert_eq!(case.statuses(&path, 2020).await, "ddddd", "no longer the contact");
    case.worker
        .post(&actions, call("2020-06-09T02:00:00Z"))
        .await
        .expect(201);
    assert_eq!(case.statuses(&path, 2020).await, "Ddddd", "was the contact then");
    let by_b = with(late, "performed_by", json!(case.town.user_id("caseworker_b")));
    case.worker.post(&actions, by_b).await.expect(201);
    assert_eq!(
        case.ledger(&path, 2020).await["duties"][0]["done_on"],
        "2020-06-09",
        "the earliest counts"
    );
}

#[actix_web::test]
async fn a_call_told_to_the_second_counts_from_the_second_of_the_pairing() {
    let case = Case::start().await;
    let path = case.paired(1).await;
    case.worker
        .post(&format!("{path}/actions"), call("2020-05-20T04:00:00Z"))
        .await
        .expect(201);
    assert_eq!(case.statuses(&path, 2020).await, "Ddddd");
}

#[actix_web::test]
async fn a_change_of_the_file_is_its_update_but_opening_it_is_not() {
    let mut case = Case::start().await;
    let path = case.paired(1).await;
    assert_eq!(case.statuses(&path, 2020).await, "ddddd");
    case.at("2020-07-01").await;
    case.worker
        .patch(&path, json!({ "level": "provincial" }))
        .await
        .expect(200);
    let duty = case.ledger(&path, 2020).await["duties"][1].clone();
    assert_eq!(
        (&duty["status"], &duty["done_on"], &duty["action_id"]),
        (&json!("done"), &json!("2020-07-01"), &json!(null))
    );
}

#[actix_web::test]
async fn voiding_opens_the_duty_again_and_the_action_stays_to_be_seen() {
    let case = Case::start().await;
    let path = case.paired(1).await;
    let actions = format!("{path}/actions");
    let first = case
        .worker
        .post(&actions, job("2020-05-20T03:00:00Z"))
        .await
        .expect(201)
        .id();
    let second = case
        .worker
        .post(&actions, job("2020-05-20T04:00:00Z"))
        .await
        .expect(201)
        .id();
    let before = case
        .chief
        .get(&format!("{path}/five-ones/2020"))
        .await
        .expect(200);
    assert_eq!(before.body["duties"][4]["action_id"], json!(first));
    let reason = json!({ "reason": "登记错了，电话 13800000000" });
    let void = case
        .colleague
        .act(&format!("/actions/{first}"), "/void", reason.clone())
        .await
        .expect(200);
    assert_eq!(
        (void.text("/void_reason"), void.text("/voided_by")),
        (
            "登记错了，电话 13800000000".into(),
            case.town.user_id("caseworker_b")
        )
    );
    let after = case
        .chief
        .get(&format!("{path}/five-ones/2020"))
        .await
        .expect(200);
    assert_eq!(
        after.body["duties"][4]["action_id"],
        json!(second),
        "the next one counts"
    );
    assert_ne!(before.etag, after.etag);
    case.colleague
        .act(&format!("/actions/{first}"), "/void", reason.clone())
        .await
        .problem(409, "already_voided");
    case.colleague
        .act_on(&format!("/actions/{first}/void"), "\"1\"", reason.clone())
        .await
        .problem(412, "stale");
    case.worker
        .act(&format!("/actions/{second}"), "/void", reason)
        .await
        .expect(200);
    assert_eq!(case.statuses(&path, 2020).await, "ddddd");
    assert_eq!(case.worker.get(&actions).await.expect(200).items().len(), 2);
}

#[actix_web::test]
async fn a_file_that_comes_late_gets_its_days_of_grace() {
    let mut case = Case::start().await;
    case.town.app.sql("INSERT INTO policies (id, kind, valid_from, rules, status, approved_at, version) VALUES \
        ('00000000-0000-7000-8000-0000000000aa', 'five_ones', '2020-01-01', \
        '{\"campaign_from\":\"01-01\",\"campaign_to\":\"10-31\",\"due\":{\"call\":\"05-31\",\"file_update\":\"12-31\",\"care_visit\":\"09-30\",\"insurance\":\"06-30\",\"job_placement\":\"03-31\"},\"grace_days\":30,\"closing\":\"01-31\",\"care_visit_needs_gift\":false}', \
        'in_force', '2020-01-01 00:00:00', 1)").unwrap();
    let path = case.paired(1).await;
    let due = |ledger: &Value| {
        ledger["duties"]
            .as_array()
            .unwrap()
            .iter()
            .map(|d| d["due_on"].as_str().unwrap().to_owned())
            .collect::<Vec<_>>()
    };
    let expected = [
        "2020-06-19",
        "2020-10-31",
        "2020-09-30",
        "2020-06-30",
        "2020-06-19",
    ];
    assert_eq!(due(&case.ledger(&path, 2020).await), expected);
    case.at("2020-06-25").await;
    assert_eq!(
        case.statuses(&path, 2020).await,
        "oddoo".replace("oddoo", "odddo")
    );
    let bare = visit("2020-06-24T02:00:00Z", json!({ "kind": "none" }), "worker");
    case.worker
        .post(&format!("{path}/actions"), bare)
        .await
        .expect(201);
    assert_eq!(
        case.statuses(&path, 2020).await,
        "odDdo",
        "this policy asks for no gift"
    );
    case.at("2020-11-02").await;
    case.worker
        .post(&format!("{path}/actions"), job("2020-11-01T02:00:00Z"))
        .await
        .expect(201);
    assert_eq!(
        case.statuses(&path, 2020).await,
        "ooDoo",
        "after the campaign nothing counts"
    );
    let late = case.file(2).await;
    assert_eq!(
        case.statuses(&late, 2020).await,
        "nnnnn",
        "it came when nothing could count any more"
    );
}

#[actix_web::test]
async fn a_file_that_leaves_keeps_what_was_overdue_and_loses_what_was_not() {
    let mut case = Case::start().await;
    let path = case.paired(1).await;
    case.at("2020-08-01").await;
    case.worker
        .post(&format!("{path}/actions"), job("2020-07-01T02:00:00Z"))
        .await
        .expect(201);
    case.close(&path, "2020-07-31").await;
    assert_eq!(case.statuses(&path, 2020).await, "nnnnD");
    let ledger = case.ledger(&path, 2020).await;
    assert_eq!(
        (&ledger["applicable"], &ledger["complete"]),
        (&json!(1), &json!(true))
    );
    case.worker
        .post(&format!("{path}/actions"), job("2020-08-01T02:00:00Z"))
        .await
        .expect(422);
    case.at("2021-03-01").await;
    assert_eq!(case.statuses(&path, 2021).await, "", "not on file in 2021");
    let again = case.chief.act(&path, "/reopen", nothing()).await.expect(201).id();
    let again = format!("/files/{again}");
    case.worker
        .post(&format!("{again}/actions"), job("2021-03-01T02:00:00Z"))
        .await
        .problem(409, "not_on_file");
    case.worker.act(&again, "/submit", nothing()).await.expect(200);
    let other = case.town.client("city_supervisor").await;
    other.act(&again, "/approve", nothing()).await.expect(200);
    assert_eq!(case.statuses(&again, 2021).await, "ddddd");
    assert_eq!(case.statuses(&again, 2020).await, "", "the episode began in 2021");
    assert_eq!(
        case.statuses(&path, 2020).await,
        "nnnnD",
        "the former episode stays as it was"
    );
}

#[actix_web::test]
async fn a_leaving_day_set_back_into_last_year_leaves_no_duties_of_this_year() {
    let mut case = Case::start().await;
    let path = case.paired(1).await;
    case.at("2021-01-05").await;
    bangfu::ledger::open_year(&case.town.app.db).unwrap();
    assert_eq!(case.statuses(&path, 2021).await, "ddddd");
    assert_eq!(case.statuses(&path, 2020).await, "ooooo");
    case.close(&path, "2020-12-30").await;
    assert_eq!(case.statuses(&path, 2021).await, "");
    assert_eq!(case.statuses(&path, 2020).await, "nnnnn");
    let summary = case.chief.get("/five-ones/2021/summary").await.expect(200);
    assert_eq!(summary.body["total"]["households"], 0);
}

#[actix_web::test]
async fn last_year_is_recorded_until_its_closing_day() {
    let mut case = Case::start().await;
    let path = case.paired(1).await;
    case.at("2021-01-31").await;
    let actions = format!("{path}/actions");
    case.worker
        .post(&actions, call("2020-12-31T15:00:00Z"))
        .await
        .expect(201);
    assert_eq!(case.statuses(&path, 2020).await, "Doooo");
    assert_eq!(
        case.statuses(&path, 2021).await,
        "ddddd",
        "late evening of the 31st is still 2020"
    );
    case.at("2021-02-01").await;
    case.worker
        .post(&actions, job("2020-12-31T15:00:00Z"))
        .await
        .problem(409, "year_closed");
    case.worker
        .post(&actions, job("2020-12-31T16:00:00Z"))
        .await
        .expect(201);
    assert_eq!(case.statuses(&path, 2021).await, "ddddD");
}

#[actix_web::test]
async fn an_insurance_is_done_in_every_year_of_its_cover() {
    let mut case = Case::start().await;
    let path = case.paired(1).await;
    let body = insurance("2020-05-20T04:00:00Z", "2020-06-01", "2022-05-31");
    case.worker
        .post(&format!("{path}/actions"), body)
        .await
        .expect(201);
    case.at("2023-01-02").await;
    bangfu::ledger::open_year(&case.town.app.db).unwrap();
    let done_on = |ledger: Value| ledger["duties"][3]["done_on"].clone();
    assert_eq!(done_on(case.ledger(&path, 2020).await), "2020-05-20");
    assert_eq!(done_on(case.ledger(&path, 2022).await), "2022-01-01");
    assert_eq!(case.statuses(&path, 2023).await, "ddddd");
    assert_eq!(case.statuses(&path, 2024).await, "", "the future has no duties");
}

#[actix_web::test]
async fn a_duty_is_waived_with_a_reason_and_reinstated() {
    let case = Case::start().await;
    let path = case.paired(1).await;
    let ledger = format!("{path}/five-ones/2020");
    let stale = case.chief.get(&ledger).await.expect(200).etag.unwrap();
    case.worker
        .post(&format!("{path}/actions"), call("2020-05-20T04:00:00Z"))
        .await
        .expect(201);
    let body = json!({ "disposition": "not_applicable", "reason_code": "no_able_bodied_member", "comment": "全家无劳动力" });
    let place = format!("{ledger}/job_placement/waive");
    let refused = case
        .chief
        .act_on(&place, &stale, body.clone())
        .await
        .problem(412, "stale");
    assert_eq!(refused.body["fields"], json!(["call"]));
    case.chief
        .post(&place, body.clone())
        .await
        .problem(428, "precondition_required");
    case.worker
        .act(&ledger, "/job_placement/waive", body.clone())
        .await
        .problem(403, "forbidden");
    let untold = json!({ "disposition": "waived", "reason_code": "other" });
    let untold = case
        .chief
        .act(&ledger, "/job_placement/waive", untold)
        .await
        .expect(422);
    assert_eq!(untold.pointers(), ["/comment"]);
    let waived = case
        .chief
        .act(&ledger, "/job_placement/waive", body.clone())
        .await
        .expect(200);
    assert_eq!(waived.body["applicable"], 4);
    let waiver = &waived.body["duties"][4]["waiver"];
    assert_eq!(
        (&waiver["comment"], &waiver["decided_by"]),
        (&json!("全家无劳动力"), &json!(case.town.user_id("supervisor")))
    );
    assert_eq!(case.chief.get(&ledger).await.expect(200).etag, waived.etag);
    case.chief
        .act(&ledger, "/job_placement/waive", body.clone())
        .await
        .problem(409, "not_applicable");
    case.chief
        .act(&ledger, "/call/waive", body.clone())
        .await
        .problem(409, "already_done");
    case.chief
        .act(&ledger, "/call/reinstate", nothing())
        .await
        .problem(409, "not_waived");
    let back = case
        .chief
        .act(&ledger, "/job_placement/reinstate", nothing())
        .await
        .expect(200);
    assert_eq!(
        (&back.body["applicable"], &back.body["duties"][4]["waiver"]),
        (&json!(5), &json!(null))
    );
    case.chief
        .act_on(&format!("{ledger}/party/waive"), "\"1\"", body.clone())
        .await
        .problem(404, "not_found");
    case.chief
        .act_on(&format!("{path}/five-ones/2019/call/waive"), "\"0\"", body)
        .await
        .problem(404, "not_found");
    for kind in ["file_update", "care_visit", "insurance"] {
        case.waive(&path, kind, "waived").await;
    }
    case.waive(&path, "job_placement", "not_applicable").await;
    assert_eq!(case.statuses(&path, 2020).await, "Dwwwn");
    assert_eq!(case.ledger(&path, 2020).await["complete"], true);
}

#[actix_web::test]
async fn nobody_records_for_or_waives_their_own_case() {
    let case = Case::start().await;
    let own = case.paired(1).await;
    let made = case
        .worker
        .post(&format!("{own}/actions"), job("2020-05-20T04:00:00Z"))
        .await
        .expect(201)
        .id();
    let digest = case.town.app.db.keys().person(&id_number(1));
    let become_worker = |who: &str| {
        let sql = format!("UPDATE users SET person = '{digest}' WHERE username = '{who}'");
        case.town.app.sql(&sql).unwrap();
    };
    become_worker("caseworker_b");
    let actions = format!("{own}/actions");
    let mine = job("2020-05-20T04:00:00Z");
    case.colleague
        .post(&actions, mine.clone())
        .await
        .problem(409, "same_person");
    let by_worker = with(mine, "performed_by", json!(case.town.user_id("caseworker_b")));
    case.worker
        .post(&actions, by_worker)
        .await
        .problem(409, "same_person");
    let reason = json!({ "reason": "误登" });
    let void = case
        .colleague
        .act(&format!("/actions/{made}"), "/void", reason)
        .await;
    void.problem(409, "same_person");
    case.waive(&own, "call", "waived").await;
    case.town
        .app
        .sql("UPDATE users SET person = 'nobody' WHERE username = 'caseworker_b'")
        .unwrap();
    become_worker("city_supervisor");
    let city = case.town.client("city_supervisor").await;
    let ledger = format!("{own}/five-ones/2020");
    let body = json!({ "disposition": "waived", "reason_code": "away" });
    city.act(&ledger, "/insurance/waive", body)
        .await
        .problem(409, "same_person");
    city.act(&ledger, "/call/reinstate", nothing())
        .await
        .problem(409, "same_person");
}

#[actix_web::test]
async fn the_worklist_is_ones_own_open_duties_nearest_first_page_by_page() {
    let mut case = Case::start().await;
    let (first, second) = (case.paired(1).await, case.paired(2).await);
    case.at("2020-12-20").await;
    let third = case.paired(3).await;
    case.pair(&second, "caseworker_b").await;
    case.worker
        .post(&format!("{first}/actions"), job("2020-06-01T02:00:00Z"))
        .await
        .expect(201);
    let all = case.worker.get("/worklist").await.expect(200).items();
    assert_eq!(all.len(), 4 + 5);
    assert_eq!(
        (&all[0]["member"]["name"], &all[0]["status"], &all[0]["year"]),
        (&json!("困难职工1"), &json!("due"), &json!(2020))
    );
    case.at("2021-01-03").await;
    bangfu::ledger::open_year(&case.town.app.db).unwrap();
    let all = case.worker.get("/worklist").await.expect(200).items();
    assert_eq!(all.len(), 9 + 10);
    let key = |item: &Value| {
        (
            item["due_on"].as_str().unwrap().to_owned(),
            item["file_id"].as_str().unwrap().to_owned(),
            item["kind"].as_str().unwrap().to_owned(),
        )
    };
    assert!(all.is_sorted_by_key(key));
    let mut paged = Vec::new();
    let mut path = "/worklist?limit=4".to_owned();
    loop {
        let page = case.worker.get(&path).await.expect(200);
        paged.extend(page.items());
        let Some(cursor) = page.body["next_cursor"].as_str() else {
            break;
        };
        path = format!("/worklist?limit=4&cursor={cursor}");
    }
    assert_eq!(paged, all);
    for (query, n) in [
        ("overdue=true", 9),
        ("overdue=false", 10),
        ("year=2020", 9),
        ("kind=job_placement", 3),
        ("due_before=2021-01-01", 9),
        ("due_before=2020-12-31", 0),
    ] {
        assert_eq!(
            case.worker
                .get(&format!("/worklist?{query}"))
                .await
                .expect(200)
                .items()
                .len(),
            n,
            "{query}"
        );
    }
    assert_eq!(
        case.colleague.get("/worklist").await.expect(200).items().len(),
        10
    );
    case.worker.get("/worklist?sort=kind").await.expect(400);
    case.worker
        .get("/worklist?cursor=abc")
        .await
        .problem(400, "malformed");
    let _ = third;
}

#[actix_web::test]
async fn gaps_are_files_on_file_without_a_contact_or_with_a_disabled_one() {
    let mut case = Case::start().await;
    let (bare, paired, orphan) = (case.file(1).await, case.paired(2).await, case.file(3).await);
    case.pair(&orphan, "caseworker_b").await;
    let ids = |answer: crate::harness::Answer| {
        answer
            .items()
            .iter()
            .map(|i| format!("/files/{}", i["file_id"].as_str().unwrap()))
            .collect::<Vec<_>>()
    };
    assert_eq!(
        ids(case.chief.get("/pairings/gaps").await.expect(200)),
        std::slice::from_ref(&bare)
    );
    case.town
        .app
        .sql("UPDATE users SET disabled = TRUE WHERE username = 'caseworker_b'")
        .unwrap();
    let gaps = case.chief.get("/pairings/gaps").await.expect(200);
    let reasons: Vec<_> = gaps
        .items()
        .iter()
        .map(|i| i["reason"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(reasons, ["no_contact", "contact_disabled"]);
    assert_eq!(ids(gaps), [bare.clone(), orphan.clone()]);
    let page = case.chief.get("/pairings/gaps?limit=1").await.expect(200);
    let next = page.text("/next_cursor");
    assert_eq!(ids(page), std::slice::from_ref(&bare));
    assert_eq!(
        ids(case
            .chief
            .get(&format!("/pairings/gaps?limit=1&cursor={next}"))
            .await
            .expect(200)),
        [orphan]
    );
    let far = case.town.client("supervisor_2").await;
    assert!(far.get("/pairings/gaps").await.expect(200).items().is_empty());
    far.get(&format!("/pairings/gaps?organization_id={}", case.town.jinghu))
        .await
        .problem(404, "not_found");
    case.town.app.set("2020-05-20");
    case.town
        .app
        .sql("UPDATE users SET disabled = FALSE WHERE username = 'caseworker_b'")
        .unwrap();
    case.at("2020-05-21").await;
    case.close(&bare, "2020-05-21").await;
    assert!(
        case.chief
            .get("/pairings/gaps")
            .await
            .expect(200)
            .items()
            .is_empty()
    );
    let _ = paired;
}

#[actix_web::test]
async fn the_summary_adds_up_by_unit_contact_and_kind() {
    let mut case = Case::start().await;
    let (first, second) = (case.paired(1).await, case.paired(2).await);
    let third = case.file_of(&case.town.jinghu, 3).await;
    for kind in ["call", "file_update", "care_visit", "insurance"] {
        case.waive(&first, kind, "waived").await;
    }
    case.worker
        .post(&format!("{first}/actions"), job("2020-05-20T04:00:00Z"))
        .await
        .expect(201);
    case.waive(&second, "job_placement", "not_applicable").await;
    let summary = case.chief.get("/five-ones/2020/summary").await.expect(200).body;
    assert_eq!(
        summary["organization_id"],
        json!(case.town.jinghu),
        "the caller's own unit"
    );
    let total = &summary["total"];
    assert_eq!(
        (&total["households"], &total["complete"], &total["completion_bp"]),
        (&json!(3), &json!(1), &json!(3333))
    );
    assert_eq!(
        total["kinds"]["call"],
        json!({ "due": 2, "done": 0, "overdue": 0, "waived": 1, "not_applicable": 0 })
    );
    assert_eq!(
        total["kinds"]["job_placement"],
        json!({ "due": 1, "done": 1, "overdue": 0, "waived": 0, "not_applicable": 1 })
    );
    let lines = |summary: &Value| {
        summary["items"]
            .as_array()
            .unwrap()
            .iter()
            .map(|i| {
                (
                    i["group"]["name"].clone(),
                    i["households"].clone(),
                    i["complete"].clone(),
                )
            })
            .collect::<Vec<_>>()
    };
    let expected = [
        (json!("镜湖区总工会"), json!(1), json!(0)),
        (json!("镜湖区环卫工会"), json!(2), json!(1)),
    ];
    assert_eq!(lines(&summary), expected);
    let by_contact = case
        .chief
        .get("/five-ones/2020/summary?group_by=contact")
        .await
        .expect(200)
        .body;
    assert_eq!(
        lines(&by_contact),
        [
            (json!(null), json!(1), json!(0)),
            (json!("测试0"), json!(2), json!(1))
        ]
    );
    let by_kind = case
        .chief
        .get("/five-ones/2020/summary?group_by=kind")
        .await
        .expect(200)
        .body;
    assert_eq!(lines(&by_kind)[4], (json!("一份岗位"), json!(2), json!(1)));
    let city = case.town.client("city_supervisor").await;
    let summary = city.get("/five-ones/2020/summary").await.expect(200).body;
    let expected = [
        (json!("镜湖区总工会"), json!(3), json!(1)),
        (json!("弋江区总工会"), json!(0), json!(0)),
    ];
    assert_eq!(lines(&summary), expected);
    let far = case.town.client("supervisor_2").await;
    far.get(&format!(
        "/five-ones/2020/summary?organization_id={}",
        case.town.jinghu
    ))
    .await
    .problem(404, "not_found");
    far.get("/five-ones/1999/summary").await.problem(404, "not_found");
    case.pair(&third, "caseworker_b").await;
    case.at("2021-01-01").await;
    let late = case.chief.get("/five-ones/2020/summary").await.expect(200).body;
    assert_eq!(
        late["total"]["kinds"]["call"],
        json!({ "due": 0, "done": 0, "overdue": 2, "waived": 1, "not_applicable": 0 })
    );
}

#[actix_web::test]
async fn a_contact_who_moved_away_or_is_no_caseworker_any_more_leaves_a_gap() {
    let case = Case::start().await;
    case.paired(1).await;
    let file = case.file(2).await;
    case.pair(&file, "caseworker_b").await;
    let user = format!("/users/{}", case.town.user_id("caseworker_b"));
    let (admin, security) = (
        case.town.client("system_admin").await,
        case.town.client("security_admin").await,
    );
    let gaps = async || {
        let gaps = case.chief.get("/pairings/gaps").await.expect(200).items();
        let shown = |gap: &Value| {
            format!(
                "/files/{} {}",
                gap["file_id"].as_str().unwrap(),
                gap["reason"].as_str().unwrap()
            )
        };
        gaps.iter().map(shown).collect::<Vec<_>>()
    };
    let to = async |unit: &str| {
        admin
            .patch(&user, json!({ "organization_id": unit }))
            .await
            .expect(200)
    };
    let missed = [format!("{file} contact_moved")];
    to(&case.town.yijiang).await;
    assert_eq!(gaps().await, missed);
    to(&case.town.root).await;
    assert_eq!(gaps().await, [""; 0]);
    let role = async |role: &str| {
        security
            .put(&user, "/roles", json!({ "roles": [role] }))
            .await
            .expect(200)
    };
    role("supervisor").await;
    assert_eq!(gaps().await, missed);
    role("caseworker").await;
    assert_eq!(gaps().await, [""; 0]);
}
