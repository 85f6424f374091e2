//! Flags that are kept (82): what a standing query found once stays, as open, dismissed with a reason, or gone with the day.
//! Nothing is kept twice, and nothing is deleted.

use std::collections::BTreeMap;

use diesel::prelude::*;

use super::evidence::{Evidence, Flag, Subject};
use super::runs::{Run, RunId};
use super::{Code, Severity};
use crate::audit::{Event, Note};
use crate::db::Tx;
use crate::db::schema::audit_flags;
use crate::db::types::{Date, Fen, Id, Json, Timestamp};
use crate::error::Result;
use crate::input;
use crate::input::{Comment, Reason};
use crate::organizations::OrganizationId;
use crate::users::UserId;

pub mod http;
mod rules;
mod store;

pub use rules::{Because, Dismissal, Status};

/// The id of a kept flag.
pub type KeptId = Id<Kept>;

/// A flag that is kept.
#[derive(Debug, Clone, HasQuery, Insertable, AsChangeset)]
#[diesel(table_name = audit_flags)]
#[diesel(treat_none_as_null = true)]
pub struct Kept {
    /// Its id.
    pub id: KeptId,
    /// Which query found it.
    pub code: Code,
    /// What that means.
    pub severity: Severity,
    /// What it is about.
    pub subject_type: Subject,
    /// Which.
    pub subject_id: Id<()>,
    /// Which figures of a unit: kind of aid and year; empty for everything else.
    pub part: String,
    /// The unit of its case.
    pub organization_id: OrganizationId,
    /// The day by which the query goes.
    pub on_day: Date,
    /// How much, where it is about money.
    pub amount_fen: Option<Fen>,
    /// What speaks for it, as last found.
    pub evidence: Json<Evidence>,
    /// Where it stands.
    pub status: Status,
    /// Why it is, or was last, open.
    pub opened_because: Because,
    /// The day it was found first.
    pub first_found_on: Date,
    /// The day it was found last.
    pub last_found_on: Date,
    /// The day on which it was not found any more.
    pub gone_on: Option<Date>,
    /// Who dismissed it; kept while it is gone.
    pub dismissed_by: Option<UserId>,
    /// When.
    pub dismissed_at: Option<Timestamp>,
    /// Why.
    pub dismissal_code: Option<Dismissal>,
    /// The run that found it last.
    pub run_id: RunId,
    /// Version, for `If-Match`.
    pub version: i32,
    /// When it was last changed.
    pub updated_at: Timestamp,
}

input! {
    /// Why a flag is nothing.
    #[schema(as = AuditFlagDismissing)]
    pub struct Dismissing {
        /// As a code.
        pub reason_code: Dismissal,
        /// In words; kept encrypted. Required for `other`.
        #[schema(value_type = Option<String>, max_length = 2000)]
        pub comment: Option<Comment>,
    }
}
input! {
    /// Why a flag is opened again.
    #[schema(as = AuditFlagReopening)]
    pub struct Reopening {
        /// Why; stays in the log for ever.
        pub reason: Reason,
    }
}

/// How many flags a run found, and what became of them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tally {
    /// Found.
    pub found: i64,
    /// Of those for the first time.
    pub opened: i64,
    /// Of those again after they were gone.
    pub came_back: i64,
    /// Of those with other evidence.
    pub changed: i64,
    /// Not found any more.
    pub gone: i64,
}

impl std::ops::AddAssign for Tally {
    fn add_assign(&mut self, other: Self) {
        self.found += other.found;
        self.opened += other.opened;
        self.came_back += other.came_back;
        self.changed += other.changed;
        self.gone += other.gone;
    }
}

/// Keeps what a run found, at most a page of one query.
pub(super) fn keep(tx: &mut Tx, run: &Run, code: Code, found: Vec<Flag>) -> Result<Tally> {
    let subjects: Vec<_> = found.iter().map(|flag| flag.subject_id).collect();
    let known = store::of_subjects(tx, code, &subjects)?;
    let mut known: BTreeMap<_, _> = known
        .into_iter()
        .map(|kept| ((kept.subject_type, kept.subject_id, kept.part.clone()), kept))
        .collect();
    let mut tally = Tally::default();
    for flag in found {
        tally.found += 1;
        match known.remove(&(flag.subject_type, flag.subject_id, flag.part.clone())) {
            Some(kept) => once_more(tx, run, kept, flag, &mut tally)?,
            None => tally.opened += i64::from(first_time(tx, run, code, flag)?),
        }
    }
    Ok(tally)
}

/// Keeps a new flag; `false` when another run was quicker.
fn first_time(tx: &mut Tx, run: &Run, code: Code, flag: Flag) -> Result<bool> {
    let today = tx.today();
    let kept = Kept {
        id: tx.new_id(),
        code,
        severity: code.words().severity,
        subject_type: flag.subject_type,
        subject_id: flag.subject_id,
        part: flag.part,
        organization_id: flag.organization_id,
        on_day: flag.on,
        amount_fen: flag.amount_fen,
        evidence: Json(flag.evidence),
        status: Status::Open,
        opened_because: Because::Found,
        first_found_on: today,
        last_found_on: today,
        gone_on: None,
        dismissed_by: None,
        dismissed_at: None,
        dismissal_code: None,
        run_id: run.id,
        version: 1,
        updated_at: tx.now,
    };
    let new = store::insert(tx, &kept)?;
    if new {
        event("audit_flag.found", &kept).record(tx)?;
    }
    Ok(new)
}

fn once_more(tx: &mut Tx, run: &Run, mut kept: Kept, flag: Flag, tally: &mut Tally) -> Result<()> {
    let changed = rules::changed(kept.code, &kept.evidence.0, &flag.evidence);
    let turn = rules::found_once_more(kept.status, kept.dismissed_by.is_some(), changed);
    tally.changed += i64::from(changed);
    tally.came_back += i64::from(kept.status == Status::Gone);
    kept.last_found_on = tx.today();
    kept.run_id = run.id;
    kept.severity = kept.code.words().severity;
    kept.on_day = flag.on;
    kept.amount_fen = flag.amount_fen;
    let Some(turn) = turn else {
        return store::touch(tx, &kept);
    };
    kept.evidence = Json(flag.evidence);
    kept.gone_on = None;
    kept.status = turn.status;
    kept.opened_because = turn.because.unwrap_or(kept.opened_because);
    if turn.status == Status::Open {
        (kept.dismissed_by, kept.dismissed_at, kept.dismissal_code) = (None, None, None);
    }
    store::update(tx, &mut kept)?;
    event(turn.action, &kept).record(tx)
}

/// Marks flags of a query that a run did not find any more, at most so many; how many there were.
pub(super) fn mark_gone(tx: &mut Tx, run: &Run, code: Code, days: (Date, Date), most: i64) -> Result<i64> {
    let missed = store::missed(tx, run, code, days, most)?;
    let number = missed.len();
    for mut kept in missed {
        kept.status = Status::Gone;
        kept.gone_on = Some(tx.today());
        store::update(tx, &mut kept)?;
        event("audit_flag.gone", &kept).record(tx)?;
    }
    Ok(i64::try_from(number).unwrap_or(i64::MAX))
}

/// Dismisses an open flag, with a reason.
fn dismiss(tx: &mut Tx, mut kept: Kept, why: Dismissing) -> Result<Kept> {
    rules::may_dismiss(kept.status, why.reason_code, why.comment.as_deref())?;
    kept.status = Status::Dismissed;
    kept.dismissed_by = Some(tx.actor.user()?);
    kept.dismissed_at = Some(tx.now);
    kept.dismissal_code = Some(why.reason_code);
    store::update(tx, &mut kept)?;
    let note = Note {
        comment: why.comment.map(String::from),
        ..Note::default()
    };
    event("audit_flag.dismissed", &kept)
        .reason(why.reason_code.as_str())
        .note(note)
        .record(tx)?;
    Ok(kept)
}

/// Opens a dismissed flag again.
fn reopen(tx: &mut Tx, mut kept: Kept, why: Reopening) -> Result<Kept> {
    rules::may_reopen(kept.status)?;
    kept.status = Status::Open;
    kept.opened_because = Because::Reopened;
    (kept.dismissed_by, kept.dismissed_at, kept.dismissal_code) = (None, None, None);
    store::update(tx, &mut kept)?;
    event("audit_flag.reopened", &kept)
        .reason(why.reason)
        .record(tx)?;
    Ok(kept)
}

fn event(action: &'static str, kept: &Kept) -> Event {
    Event::of(action, "audit_flag", kept.id)
        .organization(kept.organization_id)
        .version(kept.version)
        .field("status", &kept.status)
        .field("evidence", &kept.evidence)
}
