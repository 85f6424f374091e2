//! Audits (应审尽审, 下审一级; 80, 81): each unit audits, once a year, every unit directly below it and every fund that
//! those keep. Auditors write here and nowhere else.
//!
//! A plan makes the tasks of a year; asked for again it adds what came later. What an audit finds is in [`findings`], who
//! is let in from outside in [`guests`].

use std::collections::BTreeSet;

use diesel::prelude::*;
use serde::Serialize;
use utoipa::ToSchema;

use crate::audit::Event;
use crate::db::schema::audit_tasks;
use crate::db::types::{Date, Id, Timestamp};
use crate::db::{Rx, Tx};
use crate::error::{Error, Result};
use crate::funds::{self, FundId};
use crate::input;
use crate::input::{Comment, Year};
use crate::keyring::Sealed;
use crate::organizations::{self, OrganizationId};
use crate::policies::{self, rules::Audit};
use crate::users::UserId;

pub mod findings;
pub mod guests;
pub mod http;
mod rules;
mod store;

pub use rules::{Counts, Line, State, Status};
pub use store::find;

/// The id of an audit task.
pub type TaskId = Id<Task>;

/// The audit of a unit, or of a fund that it keeps, in a year.
#[derive(Debug, Clone, HasQuery, Insertable, AsChangeset, Identifiable)]
#[diesel(table_name = audit_tasks)]
#[diesel(treat_none_as_null = true)]
pub struct Task {
    /// Its id.
    pub id: TaskId,
    /// The unit that audits.
    pub organization_id: OrganizationId,
    /// The unit that is audited: directly below (81).
    pub audited_organization_id: OrganizationId,
    /// The fund that is audited; none for the unit itself.
    pub fund_id: Option<FundId>,
    /// The year.
    pub year: i32,
    /// The day by which it is to be concluded.
    pub due_on: Date,
    /// What was done about it.
    pub status: Status,
    /// When it was begun.
    pub started_at: Option<Timestamp>,
    /// By whom.
    pub started_by: Option<UserId>,
    /// When it was concluded.
    pub finished_at: Option<Timestamp>,
    /// By whom.
    pub finished_by: Option<UserId>,
    /// What was concluded, encrypted.
    pub conclusion_sealed: Option<Sealed>,
    /// Version, for `If-Match`.
    pub version: i32,
}

impl Task {
    /// What was concluded.
    fn conclusion(&self, rx: &Rx) -> Result<Option<String>> {
        let sealed = self.conclusion_sealed.as_ref();
        sealed
            .map(|text| rx.keys.open("audit_conclusion", text))
            .transpose()
    }
}

input! {
    /// A year to plan audits for.
    pub struct NewAuditPlan {
        /// The year.
        #[schema(value_type = i64, minimum = 2000, maximum = 2100, example = 2020)]
        pub year: Year,
    }
}
input! {
    /// What an audit comes to.
    pub struct AuditConclusion {
        /// In words; kept encrypted.
        #[schema(value_type = String, max_length = 2000, example = "资金使用合规，档案齐全")]
        pub conclusion: Comment,
    }
}

/// What a plan came to.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = AuditPlan)]
pub struct Plan {
    /// The unit that audits.
    #[schema(value_type = String, format = "uuid")]
    organization_id: OrganizationId,
    /// The year.
    #[schema(example = 2020)]
    year: i32,
    /// How many tasks it has now.
    tasks: usize,
    /// How many of them are new.
    added: usize,
}

/// How far the audits of a year have come.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = AuditCoverage)]
pub struct Coverage {
    /// The year.
    #[schema(example = 2020)]
    year: i32,
    /// All units together.
    total: Counts,
    /// By unit, in the order of the tree.
    items: Vec<Line>,
}

/// Makes the tasks of a year of the actor's unit: one for each unit directly below that is open, and one for each fund
/// that it keeps and that is spent in the year. Tasks that are there already stay.
fn plan(tx: &mut Tx, year: i32) -> Result<Plan> {
    let unit = tx.actor.organization_id.ok_or(Error::Forbidden)?;
    // two who plan at once: the second sees what the first has made
    tx.lock(&format!("audit-plan-{unit}"))?;
    let today = tx.today();
    let due_on = policies::in_force::<Audit>(tx, today)?.1.due.in_year(year);
    let below = organizations::children(tx, unit)?;
    let funds = funds::kept_in(tx, year)?;
    let planned: BTreeSet<_> = store::planned(tx, unit, year)?.into_iter().collect();
    let wanted = rules::subjects(&below, &funds);
    let new: Vec<_> = wanted.difference(&planned).copied().collect();
    for (audited, fund) in &new {
        add(tx, unit, (*audited, *fund), year, due_on)?;
    }
    Ok(Plan {
        organization_id: unit,
        year,
        tasks: planned.len() + new.len(),
        added: new.len(),
    })
}

fn add(
    tx: &mut Tx,
    unit: OrganizationId,
    (audited, fund): rules::Subject,
    year: i32,
    due_on: Date,
) -> Result<()> {
    let task = Task {
        id: tx.new_id(),
        organization_id: unit,
        audited_organization_id: audited,
        fund_id: fund,
        year,
        due_on,
        status: Status::Due,
        started_at: None,
        started_by: None,
        finished_at: None,
        finished_by: None,
        conclusion_sealed: None,
        version: 1,
    };
    store::insert(tx, &task)?;
    event("audit_task.planned", &task)
        .field("organization_id", &task.organization_id)
        .field("fund_id", &task.fund_id)
        .field("year", &task.year)
        .field("due_on", &task.due_on)
        .record(tx)
}

/// Begins an audit.
fn start(tx: &mut Tx, mut task: Task) -> Result<Task> {
    rules::own_task(tx.actor.organization_id, task.organization_id)?;
    rules::may_start(task.status)?;
    task.status = Status::Running;
    task.started_at = Some(tx.now);
    task.started_by = Some(tx.actor.user()?);
    store::update(tx, &mut task)?;
    event("audit_task.started", &task)
        .field("status", &task.status)
        .record(tx)?;
    Ok(task)
}

/// Concludes an audit, once the unit has answered everything that was found.
fn finish(tx: &mut Tx, mut task: Task, conclusion: &str) -> Result<Task> {
    rules::own_task(tx.actor.organization_id, task.organization_id)?;
    rules::may_finish(task.status, findings::unanswered(tx, task.id)?)?;
    task.status = Status::Done;
    task.finished_at = Some(tx.now);
    task.finished_by = Some(tx.actor.user()?);
    task.conclusion_sealed = Some(tx.keys.seal("audit_conclusion", conclusion)?);
    store::update(tx, &mut task)?;
    event("audit_task.finished", &task)
        .field("status", &task.status)
        .field("conclusion", &conclusion)
        .record(tx)?;
    Ok(task)
}

/// A task in scope, held until the work is done: nothing is found beside its end.
fn seize(tx: &mut Tx, id: TaskId) -> Result<Task> {
    tx.lock(&format!("audit-task-{id}"))?;
    store::find(tx, id)
}

/// The task that a body refers to at `pointer`, if the actor's unit audits by it.
pub fn own(tx: &mut Tx, id: TaskId, pointer: &str) -> Result<Task> {
    let task = match store::find(tx, id) {
        Err(Error::NotFound(_)) => Err(Error::unknown_reference(pointer)),
        found => found,
    }?;
    rules::own_task(tx.actor.organization_id, task.organization_id)?;
    Ok(task)
}

/// How far the audits of a year have come in a unit and below it, or in all of the scope (80).
fn coverage(rx: &mut Rx, year: i32, unit: Option<OrganizationId>) -> Result<Coverage> {
    organizations::narrow(rx, unit)?;
    let today = rx.today();
    let units = organizations::subtree(rx)?;
    let funds = funds::kept_in(rx, year)?;
    let tasks: Vec<_> = store::of_year(rx, year)?
        .into_iter()
        .map(|(unit, fund, status, due_on)| ((unit, fund), rules::state(status, due_on, today)))
        .collect();
    let (total, items) = rules::coverage(&units, &funds, &tasks);
    Ok(Coverage { year, total, items })
}

fn event(action: &'static str, task: &Task) -> Event {
    Event::of(action, "audit_task", task.id)
        .organization(task.audited_organization_id)
        .version(task.version)
}
