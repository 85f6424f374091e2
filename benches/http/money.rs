//! Claims that are approved, and batches that are exported and answered.

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use bangfu::auth::Actor;
use bangfu::batches::{self, BatchId, answers};
use bangfu::claims::ClaimId;
use bangfu::db::types::Date;
use bangfu::db::{Db, Tx};
use bangfu::error::Result;
use bangfu::organizations::OrganizationId;
use serde_json::json;

use crate::cases::{self, Desk, GRANT_FEN, actor};
use crate::operations::Sample;
use crate::service::Service;

/// The version of a claim that was recorded, submitted and verified.
pub const VERIFIED: i32 = 3;
/// What is allotted before anything is measured: enough for every claim.
const BUDGET_FEN: i64 = 1_000_000 * GRANT_FEN;

/// Something that an operation uses up.
#[derive(Clone, Copy)]
pub struct Stock {
    pub lay_in: fn(&Db, &Sample, usize),
    pub left: fn(&Sample) -> usize,
}

/// The people of the cases are numbered through, so that each is somebody else.
static PEOPLE: AtomicUsize = AtomicUsize::new(1);

fn people(count: usize) -> usize {
    PEOPLE.fetch_add(count, Ordering::Relaxed)
}

/// Verified claims that wait to be approved.
#[derive(Default)]
pub struct Verified(Mutex<Vec<ClaimId>>);

impl Verified {
    pub fn fill(&self, db: &Db, unit: OrganizationId, count: usize) {
        let mut waiting = self.0.lock().expect("the claims");
        let missing = count.saturating_sub(waiting.len());
        waiting.extend(cases::verified(db, unit, people(missing), missing));
    }

    pub fn next(&self) -> Option<ClaimId> {
        self.0.lock().expect("the claims").pop()
    }

    pub fn left(&self) -> usize {
        self.0.lock().expect("the claims").len()
    }
}

/// Gives the district a budget line that every approval is taken from.
pub fn fund(service: &Service) {
    let (db, desk) = (&service.direct, Desk::open(service.address));
    let district = actor(db, "caseworker").organization_id.expect("a unit");
    desk.budget(district, db.now().date(db.zone()), BUDGET_FEN);
}

/// How long a step of a batch took, over HTTP and directly: the shortest of several.
pub struct Took {
    pub operation: &'static str,
    pub lines: usize,
    pub http: Duration,
    pub direct: Duration,
}

/// Exports batches and reads their answers, first directly and then over HTTP.
pub fn measure(service: &Service, lines: &[usize], batches: usize, only: &str) -> Vec<Took> {
    let steps = ["export of a batch", "import of its answer"];
    if !steps.iter().any(|step| step.contains(only)) {
        return Vec::new();
    }
    let desk = Desk::open(service.address);
    let mut took = Vec::new();
    for lines in lines {
        let run = |step: fn(&Service, &Desk, &str) -> [Duration; 2]| {
            let each = (0..batches).map(|_| step(service, &desk, &batch(service, &desk, *lines)));
            let shortest =
                |one: [Duration; 2], other: [Duration; 2]| [one[0].min(other[0]), one[1].min(other[1])];
            each.reduce(shortest).unwrap_or_default()
        };
        let (direct, http) = (run(directly), run(over_http));
        for (at, operation) in steps.into_iter().enumerate() {
            took.push(Took {
                operation,
                lines: *lines,
                http: http[at],
                direct: direct[at],
            });
        }
    }
    took
}

/// An approved batch of so many lines, of a unit of its own.
fn batch(service: &Service, desk: &Desk, lines: usize) -> String {
    let (db, first) = (&service.direct, people(lines));
    let district = actor(db, "caseworker").organization_id.expect("a unit");
    let unit = cases::unit(db, district, &format!("BENCH-{first}"));
    cases::approved(db, unit, first, lines);
    desk.approved_batch(unit)
}

fn timed<T>(work: impl FnOnce() -> T) -> Duration {
    let begun = Instant::now();
    work();
    begun.elapsed()
}

fn over_http(service: &Service, desk: &Desk, place: &str) -> [Duration; 2] {
    let db = &service.direct;
    let export = desk.verb("finance", place, "export", &json!({}));
    let exported = timed(|| desk.answer(&export));
    let answer = cases::bank_says(db, place, |_| false);
    let answer = desk.file("finance_b", place, today(db), &answer);
    [exported, timed(|| desk.answer(&answer))]
}

fn directly(service: &Service, _: &Desk, place: &str) -> [Duration; 2] {
    let db = &service.direct;
    let id: BatchId = place
        .rsplit('/')
        .next()
        .and_then(|id| id.parse().ok())
        .expect("an id");
    let work = |who: &str, step: &dyn Fn(&mut Tx) -> Result<()>| {
        let actor: Actor = actor(db, who);
        timed(|| db.write_blocking(actor, "bench".into(), step).expect("a step"))
    };
    let exported = work("finance", &|tx| {
        let batch = batches::find(tx, id)?;
        batches::export(tx, batch).map(drop)
    });
    let answer = cases::bank_says(db, place, |_| false);
    let imported = work("finance_b", &|tx| {
        let batch = batches::find(tx, id)?;
        answers::import(tx, batch, answer.as_bytes(), today(db)).map(drop)
    });
    [exported, imported]
}

fn today(db: &Db) -> Date {
    db.now().date(db.zone())
}
