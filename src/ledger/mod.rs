//! The five-ones ledger of a file and year (rules 50 to 56).
//!
//! It knows dated facts, not features: `files` calls [`refresh`] when a file comes on file, changes, is paired or
//! ends, and `duties` when something was done or waived. One pure rule makes the duties: [`ledger`] shows them
//! straight from the facts, [`refresh`] keeps them for the worklist and the summary.

use std::collections::HashMap;

use chrono::Datelike;
use serde::Serialize;
use utoipa::ToSchema;

use crate::audit;
use crate::auth::{Actor, Scope};
use crate::db::types::{Date, Id};
use crate::db::{Db, Rx, Tx};
use crate::error::Result;
use crate::files::File;
use crate::organizations::OrganizationId;
use crate::policies::rules::FiveOnes;
use crate::policies::{self, PolicyId};

pub mod details;
pub mod rules;
mod store;

pub use details::{Details, Kind, Reached};
pub use rules::{Disposition, Reason, State, Status, Waiver};
pub use store::{Subject, subject};

/// The name under which the comment of a waiver is sealed.
pub const WAIVER_COMMENT: &str = "waiver_comment";

/// Something done for a household.
pub struct Action;
/// Its id.
pub type ActionId = Id<Action>;
/// The id of a waiver.
pub type WaiverId = Id<Waiver>;
/// The id of a file.
pub type FileId = Id<File>;

/// One of the five duties of a file and year, on the day it is shown.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Duty {
    /// Which.
    pub kind: Kind,
    /// What it is today.
    pub status: Status,
    /// The last day to do it in time.
    pub due_on: Date,
    /// The day it was done.
    pub done_on: Option<Date>,
    /// The action that did it: the earliest. Null when a change of the file or an enrolment did.
    #[schema(value_type = Option<String>, format = "uuid")]
    pub action_id: Option<ActionId>,
    /// Why it does not have to be done; stays when it was done all the same, until it is reinstated.
    pub waiver: Option<Waiver>,
}

/// The five ones of a file and year.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = FiveOnesLedger)]
pub struct Ledger {
    /// The file.
    #[schema(value_type = String, format = "uuid")]
    pub file_id: FileId,
    /// The year.
    #[schema(example = 2020)]
    pub year: i32,
    /// The five duties in their order; none when the file was not on file in the year.
    pub duties: Vec<Duty>,
    /// How many are done.
    #[schema(example = 3)]
    pub done: usize,
    /// How many apply.
    #[schema(example = 5)]
    pub applicable: usize,
    /// Whether every duty that applies is done or waived.
    pub complete: bool,
    /// Version of the kept ledger, for `If-Match`; 0 before there is one.
    #[serde(skip)]
    #[schema(ignore)]
    pub version: i32,
}

/// The ledger of a file in scope, derived from the facts.
pub fn ledger(rx: &mut Rx, file: FileId, year: i32) -> Result<Ledger> {
    let subject = store::subject(rx, file)?;
    let duties = derived(rx, &subject, year)?;
    let today = rx.today();
    let version = store::ledger(rx, file, year)?.map_or(0, |kept| kept.version);
    let (done, applicable) = rules::tally(&duties);
    let shown = |d: &rules::Duty| Duty {
        kind: d.kind,
        status: d.status(today),
        due_on: d.due_on,
        done_on: d.done_on,
        action_id: d.action_id,
        waiver: d.waiver.clone(),
    };
    Ok(Ledger {
        file_id: file,
        year,
        duties: duties.iter().map(shown).collect(),
        done,
        applicable,
        complete: rules::complete(&duties),
        version,
    })
}

/// The duties of a file in a year; none in a future year.
pub fn derived(rx: &mut Rx, subject: &Subject, year: i32) -> Result<Vec<rules::Duty>> {
    match subject.opened_on {
        Some(opened_on) if year <= rx.today().year() && opened_on.year() <= year => {
            let policy = policy(rx, subject.id, opened_on, year)?;
            let facts = store::facts(rx, subject, opened_on)?;
            Ok(rules::derive(&facts, &policy, year))
        }
        _ => Ok(Vec::new()),
    }
}

/// How many duties of a file are not done, of all years; the caller has checked that the file may be seen.
pub fn open_duties(rx: &mut Rx, file: FileId) -> Result<i64> {
    store::open_duties(rx, file)
}

/// The name under which the versions of a ledger are noted, for stale `If-Match`es.
pub fn name(file: FileId, year: i32) -> String {
    format!("{file}/{year}")
}

/// The policy by which the ledger of a file and year is kept: fixed when the ledger is first made.
pub fn policy(rx: &mut Rx, file: FileId, opened_on: Date, year: i32) -> Result<FiveOnes> {
    match store::ledger(rx, file, year)? {
        Some(kept) => policies::by_id(rx, kept.policy_id),
        None => Ok(policies::in_force(rx, rules::governing_day(opened_on, year))?.1),
    }
}

/// Derives the duties of a file again from its facts, for every year in which it was on file, and keeps the outcome.
/// Nothing is written where nothing has changed.
pub fn refresh(tx: &mut Tx, file: FileId) -> Result<()> {
    let (subject, kept) = store::locked(tx, file)?;
    let Some(opened_on) = subject.opened_on else {
        return Ok(());
    };
    let facts = store::facts(tx, &subject, opened_on)?;
    let mut kept: HashMap<i32, store::Ledger> = kept.into_iter().map(|l| (l.year, l)).collect();
    if kept
        .values()
        .any(|l| l.organization_id != subject.organization_id)
    {
        store::actions_follow(tx, &subject)?;
    }
    let mut years: Vec<i32> = facts.years(tx.today().year()).collect();
    years.extend(kept.keys().filter(|year| !facts.years(i32::MAX).contains(year)));
    let duties = store::duties(tx, file)?;
    let mut known: HashMap<PolicyId, FiveOnes> = HashMap::new();
    for year in years {
        let before = kept.remove(&year);
        let (id, policy) = match &before {
            Some(ledger) => match known.get(&ledger.policy_id) {
                Some(policy) => (ledger.policy_id, policy.clone()),
                None => (ledger.policy_id, policies::by_id(tx, ledger.policy_id)?),
            },
            None => policies::in_force(tx, rules::governing_day(opened_on, year))?,
        };
        known.insert(id, policy.clone());
        let derived = rules::derive(&facts, &policy, year);
        keep(tx, &subject, (year, id), &derived, before, &duties)?;
    }
    Ok(())
}

/// Keeps others from changing in which household a person is, or whether insured, until the transaction ends: of two who
/// do both at once the second sees what the first did.
pub fn hold(tx: &mut Tx, person: &str) -> Result<()> {
    tx.lock(&format!("cover of {person}")).map(drop)
}

/// Derives the duties of every household again in which one of these people is or was (54). All locks are taken first,
/// and always in the same order: those of people, then those of units.
pub fn refresh_households(tx: &mut Tx, mut persons: Vec<String>) -> Result<()> {
    persons.sort_unstable();
    for person in &persons {
        hold(tx, person)?;
    }
    let files = store::files_of(tx, &persons)?;
    for (unit, _) in &files {
        store::lock_unit(tx, *unit)?;
    }
    files.into_iter().try_for_each(|(_, file)| refresh(tx, file))
}

/// Keeps one year's duties.
fn keep(
    tx: &mut Tx,
    subject: &Subject,
    (year, policy_id): (i32, PolicyId),
    derived: &[rules::Duty],
    before: Option<store::Ledger>,
    kept: &[store::Duty],
) -> Result<()> {
    let kept: Vec<&store::Duty> = kept.iter().filter(|d| d.year == year).collect();
    let now = rows(subject, year, derived, &kept);
    let complete = rules::complete(derived);
    let old = |duty: &store::Duty| kept.iter().find(|d| d.kind == duty.kind).copied();
    let shown: Vec<&str> = now
        .iter()
        .filter(|d| !old(d).is_some_and(|old| old.shows_as(d)))
        .map(|d| d.kind.as_str())
        .collect();
    let version = match &before {
        Some(ledger) if shown.is_empty() => ledger.version,
        Some(ledger) => ledger.version + 1,
        None => 1,
    };
    let ledger = store::Ledger {
        file_id: subject.id,
        year,
        organization_id: subject.organization_id,
        contact_id: subject.contact_id,
        policy_id,
        complete,
        version,
    };
    if before.as_ref() != Some(&ledger) {
        store::put_ledger(tx, &ledger, before.is_none())?;
    }
    for duty in now.iter().filter(|d| old(d) != Some(d)) {
        store::put_duty(tx, duty, old(duty).is_none())?;
    }
    match before {
        Some(ledger) if ledger.version < version => {
            audit::note_version(tx, &name(subject.id, year), version, &shown)
        }
        _ => Ok(()),
    }
}

/// The rows that keep what was derived. When the file turned out not to have been on file in the year, what was
/// kept before stays as no duty.
fn rows(subject: &Subject, year: i32, derived: &[rules::Duty], kept: &[&store::Duty]) -> Vec<store::Duty> {
    let row = |kind, state, due_on| store::Duty {
        file_id: subject.id,
        year,
        kind,
        organization_id: subject.organization_id,
        contact_id: subject.contact_id,
        state,
        due_on,
        done_on: None,
        action_id: None,
        waiver_id: None,
    };
    if derived.is_empty() {
        return kept.iter().map(|d| row(d.kind, State::None, d.due_on)).collect();
    }
    let full = |d: &rules::Duty| store::Duty {
        done_on: d.done_on,
        action_id: d.action_id,
        waiver_id: d.waiver.as_ref().map(|w| w.id),
        ..row(d.kind, d.state, d.due_on)
    };
    derived.iter().map(full).collect()
}

/// How many files one look for missing ledgers finds.
const BATCH: i64 = 200;

/// Makes the present year's ledgers of all files on file: the work of a new year. Unit by unit, so that nobody waits
/// long; safe with several copies of the service.
pub fn open_year(db: &Db) -> Result<()> {
    let year = db.now().date(db.zone()).year();
    let mut after = None;
    loop {
        let batch = db.read_blocking(Scope::All, |rx| store::without_ledger(rx, year, after, BATCH))?;
        let Some((last, _)) = batch.last() else {
            return Ok(());
        };
        after = Some(*last);
        let mut units: HashMap<OrganizationId, Vec<FileId>> = HashMap::new();
        for (file, unit) in batch {
            units.entry(unit).or_default().push(file);
        }
        for files in units.into_values() {
            db.write_blocking(Actor::system(), String::new(), |tx| {
                files.iter().try_for_each(|file| refresh(tx, *file))
            })?;
        }
    }
}
