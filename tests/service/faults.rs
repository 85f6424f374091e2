//! The program ends itself between any two steps of an export, of an import and of a payment by hand: nothing is paid
//! twice, nothing is lost, and the work goes on where it stood.

use std::collections::BTreeSet;
use std::os::unix::process::ExitStatusExt as _;
use std::path::Path;

use bangfu::db::Db;
use bangfu::db::types::Date;
use serde_json::{Value, json};

use crate::cases::{self, Desk, GRANT_FEN};
use crate::client::Request;
use crate::installation::Installation;
use crate::invariants::INVARIANTS;

/// What is being done when the program ends.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Work {
    Export,
    Import,
    Pay,
}
use Work::{Export, Import, Pay};

/// Every point, and the work in which it is met; the number is that of the pass.
const POINTS: &[(&str, Work)] = &[
    ("export.begun", Export),
    ("export.line:2", Export),
    ("export.looked", Export),
    ("export.made", Export),
    ("export.kept", Export),
    ("export.done", Export),
    ("export.committed", Export),
    ("import.begun", Import),
    ("import.paid:2", Import),
    ("import.returned", Import),
    ("payment.written:2", Import),
    ("payment.booked", Import),
    ("import.line:2", Import),
    ("import.read", Import),
    ("import.done", Import),
    ("import.committed", Import),
    ("pay.begun", Pay),
    ("payment.written", Pay),
    ("payment.booked", Pay),
    ("pay.done", Pay),
    ("pay.committed", Pay),
];
/// Lines of each batch; the bank returns the second.
const LINES: usize = 3;
const SIGABRT: i32 = 6;

/// Work that waits for the program to end in the middle of it.
struct Story {
    point: &'static str,
    work: Work,
    /// The batch, or the payment.
    place: String,
    answer: String,
}

impl Story {
    fn prepare(desk: &Desk, db: &Db, n: usize) -> Self {
        let (point, work) = POINTS[n];
        let district = cases::actor(db, "caseworker").organization_id.unwrap();
        let unit = cases::unit(db, district, &format!("F{n}"));
        let count = if work == Pay { 1 } else { LINES };
        cases::approved(db, unit, 1 + n * LINES, count);
        let place = if work == Pay {
            let due = desk.get("finance", &format!("/payments?organization_id={unit}"));
            format!("/payments/{}", due["items"][0]["id"].as_str().unwrap())
        } else {
            desk.approved_batch(unit)
        };
        let mut answer = String::new();
        if work == Import {
            desk.act("finance", &place, "export", &json!({}));
            answer = cases::bank_says(db, &place, |at| at == 1);
        }
        Self {
            point,
            work,
            place,
            answer,
        }
    }

    fn request(&self, desk: &Desk, today: Date) -> Request {
        match self.work {
            Export => desk.verb("finance", &self.place, "export", &json!({})),
            Import => desk.file("finance_b", &self.place, today, &self.answer),
            Pay => {
                let paying = json!({ "paid_on": today, "method": "bank_transfer", "reference": "HS-1" });
                desk.verb("finance", &self.place, "pay", &paying)
            }
        }
    }

    /// Whether all of it was done when the program ended; else nothing was.
    fn done(&self) -> bool {
        self.point.ends_with(".committed")
    }

    /// Sends the request again, as a client does that got no answer.
    fn repeat(&self, desk: &Desk, today: Date) {
        let (mut client, request) = (desk.client(), self.request(desk, today));
        let (status, body) = client.send(&request).unwrap();
        let body: Value = serde_json::from_slice(body).unwrap();
        if self.done() && self.work != Import {
            assert_eq!(
                (status, &body["code"]),
                (409, &json!("wrong_status")),
                "{}",
                self.point
            );
        } else {
            assert_eq!(status, 200, "{}: {body}", self.point);
        }
        if self.work == Import {
            assert_eq!(body["answer"]["paid"], 2, "{}: {body}", self.point);
        }
    }

    /// Goes on to the end: the bank answers, and the batch is closed.
    fn finish(&self, desk: &Desk, db: &Db, today: Date) {
        if self.work == Pay {
            assert_eq!(desk.get("finance", &self.place)["status"], "paid");
            return;
        }
        let answer = match self.work {
            Export => cases::bank_says(db, &self.place, |at| at == 1),
            _ => self.answer.clone(),
        };
        let answered = desk.answer(&desk.file("finance_b", &self.place, today, &answer));
        assert_eq!(
            answered["batch"]["status"], "settled",
            "{}: {answered}",
            self.point
        );
        let closed = desk.act("finance", &self.place, "close", &json!({}));
        assert_eq!(closed["status"], "closed", "{}", self.point);
    }
}

/// The status of each story's record, as the database has it.
fn stands(installation: &Installation, story: &Story, status: &str) -> bool {
    let id = story.place.rsplit('/').next().unwrap();
    let table = if story.work == Pay {
        "payments"
    } else {
        "payment_batches"
    };
    let of = format!("SELECT COUNT(*) AS n FROM {table} WHERE id = '{id}' AND status = '{status}'");
    installation.number(&of) == 1
}

/// Ends the program at the point of a story, and looks at what it left.
fn end_at(installation: &Installation, story: &Story, desk: &mut Desk, today: Date) {
    let mut service = installation.start_armed(&["serve"], story.point);
    desk.address = service.address();
    let request = story.request(desk, today);
    let answer = desk.client().send(&request).map(|(status, _)| status);
    assert!(answer.is_err(), "{}: {answer:?}", story.point);
    assert_eq!(service.ended().signal(), Some(SIGABRT), "{}", story.point);
    let (before, after) = match story.work {
        Export => ("approved", "exported"),
        Import => ("exported", "settled"),
        Pay => ("due", "paid"),
    };
    let expected = if story.done() { after } else { before };
    assert!(stands(installation, story, expected), "{}", story.point);
    whole(installation, story.point);
}

/// What must hold wherever the program ended.
fn whole(installation: &Installation, when: &str) {
    for (what, sql) in INVARIANTS {
        assert_eq!(installation.number(sql), 0, "{when}: {what}");
    }
    let differ = "SELECT COUNT(*) AS n FROM batch_lines l JOIN payments p ON p.id = l.payment_id \
        WHERE (l.status = 'paid') <> (p.status = 'paid') AND l.status IN ('exported', 'paid', 'returned')";
    assert_eq!(
        installation.number(differ),
        0,
        "{when}: a line and its payment differ"
    );
}

/// The points that the source has.
fn in_the_source(folder: &Path, found: &mut BTreeSet<String>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            in_the_source(&path, found);
        } else {
            let text = std::fs::read_to_string(&path).unwrap();
            let points = text.split("failpoint!(\"").skip(1);
            found.extend(points.map(|rest| rest.split('"').next().unwrap().to_owned()));
        }
    }
}

#[test]
fn every_point_of_the_source_is_met() {
    let mut found = BTreeSet::new();
    in_the_source(Path::new("src"), &mut found);
    let name = |point: &str| point.split(':').next().unwrap().to_owned();
    let met: BTreeSet<String> = POINTS.iter().map(|(point, _)| name(point)).collect();
    assert_eq!(found, met);
}

#[test]
fn wherever_the_program_ends_nothing_is_paid_twice_or_lost_and_the_batch_is_closed_at_last() {
    let installation = Installation::new();
    let service = installation.start(&["demo", "--households", "5"]);
    let (db, mut desk) = (installation.db(), Desk::open(service.address()));
    let today = db.now().date(db.zone());
    let district = cases::actor(&db, "caseworker").organization_id.unwrap();
    let budget = desk.budget(district, today, 100 * GRANT_FEN);
    let stories: Vec<Story> = (0..POINTS.len()).map(|n| Story::prepare(&desk, &db, n)).collect();
    service.stop();
    for story in &stories {
        end_at(&installation, story, &mut desk, today);
    }
    let service = installation.start(&["serve"]);
    desk.address = service.address();
    for story in &stories {
        story.repeat(&desk, today);
        story.finish(&desk, &db, today);
    }
    whole(&installation, "at the end");
    let batches = stories.iter().filter(|story| story.work != Pay).count();
    let paid = (batches * (LINES - 1) + stories.len() - batches) as i64;
    let line = desk.get(
        "finance",
        &format!("/budget-lines/{}", budget["id"].as_str().unwrap()),
    );
    assert_eq!(line["balance"]["paid_fen"], paid * GRANT_FEN);
    assert_eq!(line["balance"]["committed_fen"], 0);
    for (what, expected) in [
        ("book_movements WHERE kind = 'pay'", paid),
        ("audit_events WHERE action = 'batch.exported'", batches as i64),
        ("audit_events WHERE action = 'batch.closed'", batches as i64),
    ] {
        let number = installation.number(&format!("SELECT COUNT(*) AS n FROM {what}"));
        assert_eq!(number, expected, "{what}");
    }
    drop(db);
    service.stop();
    installation.verify();
}
