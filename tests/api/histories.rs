//! Random histories of files: the single ledger, derived from the facts, and the worklist and the summaries, read
//! from what is kept, never differ (56).

use std::collections::{BTreeMap, BTreeSet};

use chrono::{Datelike, TimeDelta};
use proptest::prelude::*;
use proptest::strategy::ValueTree as _;
use proptest::test_runner::TestRunner;
use serde_json::{Value, json};

use bangfu::db::types::Date;

use crate::five_ones::{Case, call, insurance, job, update, visit, with};
use crate::harness::{Client, nothing};

const KINDS: [&str; 5] = ["call", "file_update", "care_visit", "insurance", "job_placement"];
const CONTACTS: [&str; 2] = ["caseworker", "caseworker_b"];

/// One thing that happens; files are named by their place in the order in which they were opened.
#[derive(Debug, Clone)]
enum Step {
    Wait {
        days: i64,
    },
    Open {
        below: bool,
    },
    Pair {
        file: usize,
        contact: usize,
    },
    Change {
        file: usize,
    },
    Close {
        file: usize,
        days_ago: i64,
    },
    Reopen {
        file: usize,
    },
    Act {
        file: usize,
        kind: usize,
        days_ago: i64,
        good: bool,
        contact: usize,
    },
    Void {
        file: usize,
        action: usize,
    },
    Waive {
        file: usize,
        kind: usize,
        years_ago: i32,
        counts: bool,
    },
    Reinstate {
        file: usize,
        years_ago: i32,
    },
    /// The head of a file is insured by a list of the unit, from today on.
    Insure {
        file: usize,
    },
    /// The last cover of the head ends early, or turns out never to have been.
    EndCover {
        file: usize,
        days_ago: i64,
        void: bool,
    },
}

fn step() -> impl Strategy<Value = Step> {
    let file = 0..6_usize;
    let kind = 0..5_usize;
    prop_oneof![
        3 => (1..150_i64).prop_map(|days| Step::Wait { days }),
        2 => any::<bool>().prop_map(|below| Step::Open { below }),
        3 => (file.clone(), 0..2_usize).prop_map(|(file, contact)| Step::Pair { file, contact }),
        1 => file.clone().prop_map(|file| Step::Change { file }),
        4 => (file.clone(), 0..60_i64).prop_map(|(file, days_ago)| Step::Close { file, days_ago }),
        4 => file.clone().prop_map(|file| Step::Reopen { file }),
        10 => (file.clone(), kind.clone(), 0..90_i64, any::<bool>(), 0..2_usize)
            .prop_map(|(file, kind, days_ago, good, contact)| Step::Act { file, kind, days_ago, good, contact }),
        3 => (file.clone(), 0..4_usize).prop_map(|(file, action)| Step::Void { file, action }),
        3 => (file.clone(), kind.clone(), 0..2_i32, any::<bool>())
            .prop_map(|(file, kind, years_ago, counts)| Step::Waive { file, kind, years_ago, counts }),
        3 => (file.clone(), 0..2_i32).prop_map(|(file, years_ago)| Step::Reinstate { file, years_ago }),
        2 => file.clone().prop_map(|file| Step::Insure { file }),
        2 => (file, 0..40_i64, any::<bool>()).prop_map(|(file, days_ago, void)| Step::EndCover { file, days_ago, void }),
    ]
}

/// A history under way.
struct History {
    case: Case,
    city: Client,
    today: Date,
    files: Vec<String>,
    next_member: usize,
    /// A plan that takes people of every age.
    plan: String,
    /// How many steps had an effect, by name: a history in which everything is refused would prove nothing.
    effects: BTreeMap<&'static str, usize>,
}

impl History {
    async fn begin() -> Self {
        let case = Case::start().await;
        let city = case.town.client("city_supervisor").await;
        let today = "2020-05-20".parse().unwrap();
        let plan = json!({ "code": "long", "name": "长期保障", "insurer": "中国职工保险互助会", "share_price_fen": 1, "term_months": 18,
            "age_to": 100, "groups": [], "valid_from": "2020-01-01" });
        let plan = city.post("/insurance-plans", plan).await.expect(201).id();
        Self {
            case,
            city,
            today,
            plan,
            files: Vec::new(),
            next_member: 1,
            effects: BTreeMap::new(),
        }
    }

    fn noon(&self, days_ago: i64) -> String {
        format!("{}T02:00:00Z", self.today - TimeDelta::days(days_ago))
    }

    /// Does a step; what the rules refuse has no effect, and that is well.
    async fn go(&mut self, step: &Step) {
        let file = |n: &usize| self.files.get(*n % self.files.len().max(1)).cloned();
        let (name, status) = match step {
            Step::Wait { days } => {
                self.today += TimeDelta::days(*days);
                self.case.at(&self.today.to_string()).await;
                self.city = self.case.town.client("city_supervisor").await;
                bangfu::ledger::open_year(&self.case.town.app.db).unwrap();
                return;
            }
            Step::Open { below } => {
                let town = &self.case.town;
                let unit = if *below { &town.jinghu_basic } else { &town.jinghu }.clone();
                let path = self.case.file_of(&unit, self.next_member).await;
                self.next_member += 1;
                self.files.push(path);
                return;
            }
            Step::Pair { file: n, contact } => {
                let Some(file) = file(n) else { return };
                let body = json!({ "contact_id": self.case.town.user_id(CONTACTS[*contact]) });
                ("pair", self.case.chief.act(&file, "/pair", body).await.status)
            }
            Step::Change { file: n } => {
                let Some(file) = file(n) else { return };
                let level = ["national", "provincial", "city", "county"][self.today.ordinal() as usize % 4];
                (
                    "change",
                    self.case
                        .worker
                        .patch(&file, json!({ "level": level }))
                        .await
                        .status,
                )
            }
            Step::Close { file: n, days_ago } => {
                let Some(file) = file(n) else { return };
                let day = self.today - TimeDelta::days(*days_ago);
                let body = json!({ "status": "exited", "reason_code": "out_of_hardship", "closed_on": day });
                ("close", self.case.chief.act(&file, "/close", body).await.status)
            }
            Step::Reopen { file: n } => {
                let Some(file) = file(n) else { return };
                let made = self.case.chief.act(&file, "/reopen", nothing()).await;
                if made.status == 201 {
                    let again = format!("/files/{}", made.id());
                    self.case
                        .worker
                        .act(&again, "/submit", nothing())
                        .await
                        .expect(200);
                    self.city.act(&again, "/approve", nothing()).await.expect(200);
                    self.files.push(again);
                }
                ("reopen", made.status)
            }
            Step::Act {
                file: n,
                kind,
                days_ago,
                good,
                contact,
            } => {
                let Some(file) = file(n) else { return };
                let by = json!(self.case.town.user_id(CONTACTS[*contact]));
                let body = with(
                    self.action(*kind, &self.noon(*days_ago), *good),
                    "performed_by",
                    by,
                );
                (
                    "act",
                    self.case
                        .worker
                        .post(&format!("{file}/actions"), body)
                        .await
                        .status,
                )
            }
            Step::Void { file: n, action } => {
                let Some(file) = file(n) else { return };
                let actions = self
                    .case
                    .worker
                    .get(&format!("{file}/actions"))
                    .await
                    .expect(200)
                    .items();
                let Some(action) = actions.get(*action) else {
                    return;
                };
                let path = format!("/actions/{}", action["id"].as_str().unwrap());
                (
                    "void",
                    self.case
                        .worker
                        .act(&path, "/void", json!({ "reason": "误登" }))
                        .await
                        .status,
                )
            }
            Step::Waive {
                file: n,
                kind,
                years_ago,
                counts,
            } => {
                let Some(file) = file(n) else { return };
                let disposition = if *counts { "waived" } else { "not_applicable" };
                let body = json!({ "disposition": disposition, "reason_code": "away" });
                let ledger = format!("{file}/five-ones/{}", self.today.year() - years_ago);
                (
                    "waive",
                    self.case
                        .chief
                        .act(&ledger, &format!("/{}/waive", KINDS[*kind]), body)
                        .await
                        .status,
                )
            }
            Step::Reinstate { file: n, years_ago } => {
                let Some(file) = file(n) else { return };
                let year = self.today.year() - years_ago;
                let ledger = self.case.ledger(&file, year).await;
                let duties = ledger["duties"].as_array().unwrap();
                let Some(duty) = duties
                    .iter()
                    .find(|d| d["status"] == "waived" || d["status"] == "not_applicable")
                else {
                    return;
                };
                let verb = format!("/{}/reinstate", duty["kind"].as_str().unwrap());
                let ledger = format!("{file}/five-ones/{year}");
                (
                    "reinstate",
                    self.case.chief.act(&ledger, &verb, nothing()).await.status,
                )
            }
            Step::Insure { file: n } => {
                let Some(file) = file(n) else { return };
                ("insure", self.insure(&file).await)
            }
            Step::EndCover {
                file: n,
                days_ago,
                void,
            } => {
                let Some(file) = file(n) else { return };
                let day = self.today - TimeDelta::days(*days_ago);
                ("end_cover", self.end_cover(&file, day, *void).await)
            }
        };
        assert!(
            matches!(status, 200 | 201 | 404 | 409 | 422),
            "{step:?} answered {status}"
        );
        if status < 300 {
            *self.effects.entry(name).or_default() += 1;
        }
    }

    /// Insures the head of a file: 422 when covered already.
    async fn insure(&self, file: &str) -> u16 {
        let town = &self.case.town;
        let member = self.case.worker.get(file).await.text("/member_id");
        let new = json!({ "organization_id": town.jinghu, "plan_id": self.plan, "payer": "city", "starts_on": self.today,
            "people": [{ "member_id": member, "shares": 1 }] });
        let made = self.case.worker.post("/insurance-lists", new).await;
        if made.status != 201 {
            return made.status;
        }
        let place = format!("/insurance-lists/{}", made.id());
        self.case
            .worker
            .act(&place, "/submit", nothing())
            .await
            .expect(200);
        self.case
            .chief
            .act(&place, "/approve", nothing())
            .await
            .expect(200);
        let sending = json!({ "paid_on": self.today, "reference": "DZ" });
        let finance = town.client("finance").await;
        finance.act(&place, "/send", sending).await.expect(200);
        let insurer = finance
            .post(&format!("{place}/download"), nothing())
            .await
            .expect(200);
        let text = String::from_utf8(insurer.bytes).unwrap();
        let id_number = text.lines().nth(1).unwrap().split(',').nth(2).unwrap().to_owned();
        let back = json!({ "policies": [{ "id_number": id_number, "policy_number": "HZ" }] });
        let read = self.case.worker.post(&format!("{place}/policies"), back).await;
        assert_eq!(read.body["list"]["status"], "in_force");
        read.status
    }

    async fn end_cover(&self, file: &str, day: Date, void: bool) -> u16 {
        let member = self.case.worker.get(file).await.text("/member_id");
        let covers = format!("/enrolments?member_id={member}&limit=200");
        let covers = self.case.worker.get(&covers).await.expect(200).items();
        let Some(cover) = covers.iter().find(|cover| cover["status"] == "in_force") else {
            return 404;
        };
        let place = format!("/enrolments/{}", cover["id"].as_str().unwrap());
        let (verb, body) = match void {
            true => ("/void", json!({ "reason": "未承保" })),
            false => (
                "/end",
                json!({ "ended_on": day, "reason_code": "left", "reason": "离职" }),
            ),
        };
        self.case.worker.act(&place, verb, body).await.status
    }

    fn action(&self, kind: usize, at: &str, good: bool) -> Value {
        let gift = |kind: &str| json!({ "kind": kind });
        match (kind, good) {
            (0, true) => call(at),
            (0, false) => with(call(at), "reached", json!("nobody")),
            (1, confirmed) => update(at, confirmed),
            (2, true) => visit(at, gift("goods"), "family"),
            (2, false) => visit(at, gift("none"), "family"),
            (3, true) => insurance(at, &at[..10], &format!("{}-06-30", self.today.year() + 1)),
            (3, false) => insurance(at, "2019-01-01", "2019-12-31"),
            _ => job(at),
        }
    }

    /// Compares what is derived with what is kept, for every file, contact and year.
    async fn check(&self) {
        let mut open = BTreeMap::from(CONTACTS.map(|name| (name, BTreeSet::new())));
        for year in 2020..=self.today.year() {
            let mut all = Sums::default();
            let mut of_contact: BTreeMap<Option<String>, Sums> = BTreeMap::new();
            let mut of_unit: BTreeMap<String, Sums> = BTreeMap::new();
            for path in &self.files {
                let file = self.case.chief.get(path).await.expect(200).body;
                let ledger = self.case.ledger(path, year).await;
                let contact = file["contact_id"].as_str().map(str::to_owned);
                all.add(&ledger);
                of_contact.entry(contact.clone()).or_default().add(&ledger);
                of_unit
                    .entry(file["organization_id"].as_str().unwrap().into())
                    .or_default()
                    .add(&ledger);
                for name in CONTACTS {
                    if contact == Some(self.case.town.user_id(name)) {
                        open.get_mut(name).unwrap().extend(open_duties(path, &ledger));
                    }
                }
            }
            self.check_summaries(year, &all, &of_contact, &of_unit).await;
        }
        for (name, client) in CONTACTS.iter().zip([&self.case.worker, &self.case.colleague]) {
            assert_eq!(worklist(client).await, open[name], "worklist of {name}");
        }
    }

    async fn check_summaries(
        &self,
        year: i32,
        all: &Sums,
        of_contact: &BTreeMap<Option<String>, Sums>,
        of_unit: &BTreeMap<String, Sums>,
    ) {
        let lines = |body: &Value| -> BTreeMap<Option<String>, Sums> {
            let items = body["items"].as_array().unwrap().iter();
            let line = |i: &Value| (i["group"]["id"].as_str().map(str::to_owned), Sums::of_line(i));
            items.map(line).filter(|(_, sums)| sums.households > 0).collect()
        };
        let path = format!("/five-ones/{year}/summary");
        let by_unit = self.case.chief.get(&path).await.expect(200).body;
        assert_eq!(Sums::of_line(&by_unit["total"]), *all, "total of {year}");
        let some = |(id, sums): (&String, &Sums)| (Some(id.clone()), sums.clone());
        let units: BTreeMap<_, _> = of_unit
            .iter()
            .map(some)
            .filter(|(_, s)| s.households > 0)
            .collect();
        assert_eq!(lines(&by_unit), units, "units of {year}");
        let by_contact = self
            .case
            .chief
            .get(&format!("{path}?group_by=contact"))
            .await
            .expect(200)
            .body;
        let mut contacts = of_contact.clone();
        contacts.retain(|_, sums| sums.households > 0);
        assert_eq!(lines(&by_contact), contacts, "contacts of {year}");
        let from_city = self.city.get(&path).await.expect(200).body;
        assert_eq!(
            Sums::of_line(&from_city["total"]),
            *all,
            "the same from above, {year}"
        );
    }
}

/// What a summary says of a group.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Sums {
    households: i64,
    complete: i64,
    duties: BTreeMap<(String, String), i64>,
}

impl Sums {
    fn add(&mut self, ledger: &Value) {
        let duties = ledger["duties"].as_array().unwrap();
        self.households += i64::from(!duties.is_empty());
        self.complete += i64::from(ledger["complete"] == true);
        for duty in duties {
            let key = (
                duty["kind"].as_str().unwrap().into(),
                duty["status"].as_str().unwrap().into(),
            );
            *self.duties.entry(key).or_default() += 1;
        }
    }

    fn of_line(line: &Value) -> Self {
        let mut duties = BTreeMap::new();
        for (kind, counts) in line["kinds"].as_object().unwrap() {
            for (status, n) in counts.as_object().unwrap() {
                duties.insert((kind.clone(), status.clone()), n.as_i64().unwrap());
            }
        }
        duties.retain(|_, n| *n != 0);
        Self {
            households: line["households"].as_i64().unwrap(),
            complete: line["complete"].as_i64().unwrap(),
            duties,
        }
    }
}

/// File, year, kind, status and day of each open duty.
type Open = (String, i64, String, String, String);

fn open_duties(path: &str, ledger: &Value) -> Vec<Open> {
    let text = |duty: &Value, name: &str| duty[name].as_str().unwrap().to_owned();
    let open = ledger["duties"].as_array().unwrap().iter();
    let open = open.filter(|d| d["status"] == "due" || d["status"] == "overdue");
    let year = ledger["year"].as_i64().unwrap();
    open.map(|d| {
        (
            path.to_owned(),
            year,
            text(d, "kind"),
            text(d, "status"),
            text(d, "due_on"),
        )
    })
    .collect()
}

async fn worklist(client: &Client) -> BTreeSet<Open> {
    let items = client.get("/worklist?limit=200").await.expect(200);
    assert!(
        items.body["next_cursor"].is_null(),
        "the test's histories fit on one page"
    );
    let text = |item: &Value, name: &str| item[name].as_str().unwrap().to_owned();
    let open = |i: &Value| {
        let file = format!("/files/{}", text(i, "file_id"));
        (
            file,
            i["year"].as_i64().unwrap(),
            text(i, "kind"),
            text(i, "status"),
            text(i, "due_on"),
        )
    };
    items.items().iter().map(open).collect()
}

#[actix_web::test]
async fn the_ledger_the_worklist_and_the_summary_agree_over_random_histories() {
    let mut runner = TestRunner::deterministic();
    let histories = prop::collection::vec(step(), 25..60);
    let mut effects: BTreeMap<&str, usize> = BTreeMap::new();
    for _ in 0..10 {
        let steps = histories.new_tree(&mut runner).unwrap().current();
        let mut history = History::begin().await;
        history.go(&Step::Open { below: true }).await;
        history.go(&Step::Pair { file: 0, contact: 0 }).await;
        for step in &steps {
            history.go(step).await;
            if matches!(step, Step::Wait { .. }) {
                history.check().await;
            }
        }
        history.check().await;
        for (name, n) in &history.effects {
            *effects.entry(name).or_default() += n;
        }
    }
    let names: Vec<_> = effects.keys().copied().collect();
    let all = [
        "act",
        "change",
        "close",
        "end_cover",
        "insure",
        "pair",
        "reinstate",
        "reopen",
        "void",
        "waive",
    ];
    assert_eq!(
        names, all,
        "every kind of step had an effect in some history: {effects:?}"
    );
}
