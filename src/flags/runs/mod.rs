//! Runs of the standing queries (82): every night once in the whole installation, and when an auditor asks. A run goes page by
//! page, each in a transaction of its own, and is a record itself.

use diesel::prelude::*;
use serde::Serialize;
use utoipa::ToSchema;

use super::kept::{self, Tally};
use super::rules as flag_rules;
use super::{Code, find};
use crate::audit::Event;
use crate::auth::{Actor, Scope};
use crate::db::page::Ask;
use crate::db::schema::audit_flag_runs;
use crate::db::types::{Date, Id, Json, Timestamp};
use crate::db::{Db, Tx};
use crate::error::Result;
use crate::organizations::{self, OrganizationId};
use crate::policies::{self, rules::Flags};
use crate::users::UserId;

pub mod http;
mod rules;
mod store;

pub use rules::{Cause, Status};

/// The id of a run.
pub type RunId = Id<Run>;

/// Flags that are found, or marked as gone, in one transaction.
const PAGE: i64 = 200;

/// A run of all standing queries.
#[derive(Debug, Clone, HasQuery, Insertable, Serialize, ToSchema)]
#[diesel(table_name = audit_flag_runs)]
#[schema(as = AuditFlagRun)]
pub struct Run {
    /// Its id.
    #[schema(value_type = String, format = "uuid")]
    pub id: RunId,
    /// The unit whose subtree it looked at.
    #[schema(value_type = String, format = "uuid")]
    pub organization_id: OrganizationId,
    /// Why.
    pub cause: Cause,
    /// Who asked for it; null for the service itself.
    #[schema(value_type = Option<String>, format = "uuid")]
    pub started_by: Option<UserId>,
    /// When it began.
    pub started_at: Timestamp,
    /// When it ended.
    pub finished_at: Option<Timestamp>,
    /// First day that it looked at.
    pub from_on: Date,
    /// Last day that it looked at.
    pub to_on: Date,
    /// How it stands.
    pub status: Status,
    /// How many flags it found.
    #[schema(minimum = 0)]
    pub found: i64,
    /// How many of them for the first time.
    #[schema(minimum = 0)]
    pub opened: i64,
    /// How many of them again after they were gone.
    #[schema(minimum = 0)]
    pub came_back: i64,
    /// How many of them with other evidence.
    #[schema(minimum = 0)]
    pub changed: i64,
    /// How many flags it did not find any more.
    #[schema(minimum = 0)]
    pub gone: i64,
    /// The queries that failed.
    #[schema(value_type = Vec<Code>, example = json!([]))]
    pub failed: Json<Vec<Code>>,
}

/// Runs the queries when they have not been run tonight, here or by another copy of the service. When the service is to stop, the
/// run is broken off and made again later.
pub fn nightly(db: &Db, stopping: &dyn Fn() -> bool) -> Result<()> {
    let due = db.read_blocking(Scope::All, |rx| {
        let today = rx.today();
        Ok(organizations::root(rx)?.is_some() && store::is_due(rx, today)?)
    })?;
    if due {
        carry_out(db, &Actor::system(), "nightly", Cause::Nightly, stopping)?;
    }
    Ok(())
}

/// Runs every query in the actor's scope and keeps what they find; `None` when it is another run's turn.
fn carry_out(
    db: &Db,
    actor: &Actor,
    request: &str,
    cause: Cause,
    stopping: &dyn Fn() -> bool,
) -> Result<Option<Run>> {
    let writing = |work: &dyn Fn(&mut Tx) -> Result<Option<Run>>| {
        db.write_blocking(actor.clone(), request.to_owned(), work)
    };
    let Some(run) = writing(&|tx| begin(tx, cause))? else {
        return Ok(None);
    };
    let (mut tally, mut failed) = (Tally::default(), Vec::new());
    for code in Code::ALL {
        if stopping() {
            return writing(&|tx| give_up(tx, &run).map(|()| None));
        }
        match ask(db, actor, request, &run, *code) {
            Ok(of_code) => tally += of_code,
            Err(error) => {
                tracing::warn!(query = %code, error = %error, "a standing query failed");
                failed.push(*code);
            }
        }
    }
    writing(&|tx| finish(tx, &run, tally, &failed).map(Some))
}

/// Takes the turn and begins a run; `None` when it is another's.
fn begin(tx: &mut Tx, cause: Cause) -> Result<Option<Run>> {
    let today = tx.today();
    let unit = match tx.actor.organization_id {
        Some(unit) => Some(unit),
        None => organizations::root(tx)?.map(|root| root.id),
    };
    let Some(organization_id) = unit else {
        return Ok(None);
    };
    let id = tx.new_id();
    if !store::take_turn(tx, id, (cause == Cause::Nightly).then_some(today))? {
        return Ok(None);
    }
    store::break_off(tx)?;
    let (_, bounds): (_, Flags) = policies::in_force(tx, today)?;
    let (from_on, to_on) = flag_rules::looked_at(today, &bounds);
    let run = Run {
        id,
        organization_id,
        cause,
        started_by: tx.actor.id,
        started_at: tx.now,
        finished_at: None,
        from_on,
        to_on,
        status: Status::Running,
        found: 0,
        opened: 0,
        came_back: 0,
        changed: 0,
        gone: 0,
        failed: Json(Vec::new()),
    };
    store::insert(tx, &run)?;
    event("audit_flag_run.started", &run).record(tx)?;
    Ok(Some(run))
}

/// Asks one query page by page and keeps what it finds; then marks what it found before and did not find now.
fn ask(db: &Db, actor: &Actor, request: &str, run: &Run, code: Code) -> Result<Tally> {
    let days = rules::days(code, (run.from_on, run.to_on));
    let mut tally = Tally::default();
    let mut after = None;
    loop {
        let page = Ask::after(code.as_str(), PAGE, after);
        let found = db.read_blocking(actor.scope.clone(), |rx| find(rx, code, days, &page, &Scope::All))?;
        after = found.last().map(super::Flag::place);
        let last = i64::try_from(found.len()).is_ok_and(|number| number < page.fetch());
        tally += db.write_blocking(actor.clone(), request.to_owned(), |tx| {
            store::prolong(tx, run.id)?;
            kept::keep(tx, run, code, found)
        })?;
        if last {
            break;
        }
    }
    loop {
        let gone = db.write_blocking(actor.clone(), request.to_owned(), |tx| {
            store::prolong(tx, run.id)?;
            kept::mark_gone(tx, run, code, days, PAGE)
        })?;
        tally.gone += gone;
        if gone < PAGE {
            return Ok(tally);
        }
    }
}

/// Breaks a run off and gives the turn back, with the night still to be looked at.
fn give_up(tx: &mut Tx, run: &Run) -> Result<()> {
    store::give_turn_back(tx, run.id, None)?;
    store::break_off(tx)
}

/// Writes down what a run found, and gives the turn back.
fn finish(tx: &mut Tx, run: &Run, tally: Tally, failed: &[Code]) -> Result<Run> {
    let status = if failed.is_empty() {
        Status::Done
    } else {
        Status::Incomplete
    };
    let run = Run {
        finished_at: Some(tx.now),
        status,
        found: tally.found,
        opened: tally.opened,
        came_back: tally.came_back,
        changed: tally.changed,
        gone: tally.gone,
        failed: Json(failed.to_vec()),
        ..run.clone()
    };
    let night = (run.cause == Cause::Nightly).then(|| tx.today());
    store::give_turn_back(tx, run.id, night)?;
    store::finish(tx, &run)?;
    event("audit_flag_run.finished", &run)
        .field("found", &run.found)
        .field("opened", &run.opened)
        .field("gone", &run.gone)
        .field("failed", &run.failed)
        .record(tx)?;
    Ok(run)
}

fn event(action: &'static str, run: &Run) -> Event {
    Event::of(action, "audit_flag_run", run.id)
        .organization(run.organization_id)
        .field("status", &run.status)
}
