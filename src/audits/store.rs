//! Audit tasks in SQL.

use diesel::prelude::*;

use super::{State, Status, Task, TaskId};
use crate::db::page::{Ask, Page, bad_cursor};
use crate::db::schema::audit_tasks;
use crate::db::types::Date;
use crate::db::{Rx, Tx, unique};
use crate::error::{Error, Result};
use crate::funds::FundId;
use crate::organizations::{self, OrganizationId};
use crate::{say, within};

/// A task about a unit in scope.
pub fn find(rx: &mut Rx, id: TaskId) -> Result<Task> {
    let mut query = Task::query().filter(audit_tasks::id.eq(id)).into_boxed();
    within!(one query, audit_tasks::audited_organization_id, rx);
    query
        .get_result(rx.conn)
        .optional()?
        .ok_or(Error::NotFound("audit_task"))
}

/// What to list.
pub(super) struct Filter {
    pub year: Option<i32>,
    pub state: Option<State>,
    pub organization_id: Option<OrganizationId>,
}

/// Tasks about units in scope, by id.
pub(super) fn list(rx: &mut Rx, filter: Filter, ask: &Ask) -> Result<Page<Task>> {
    organizations::narrow(rx, filter.organization_id)?;
    let today = rx.today();
    let mut query = Task::query().into_boxed();
    within!(query, audit_tasks::audited_organization_id, rx);
    if let Some(year) = filter.year {
        query = query.filter(audit_tasks::year.eq(year));
    }
    if let Some(state) = filter.state {
        query = match state {
            State::Done => query.filter(audit_tasks::status.eq(Status::Done)),
            State::Overdue => query
                .filter(audit_tasks::status.ne(Status::Done))
                .filter(audit_tasks::due_on.lt(today)),
            State::Due => query
                .filter(audit_tasks::status.eq(Status::Due))
                .filter(audit_tasks::due_on.ge(today)),
            State::Running => query
                .filter(audit_tasks::status.eq(Status::Running))
                .filter(audit_tasks::due_on.ge(today)),
        };
    }
    if let Some(after) = ask.after_id() {
        let after: TaskId = after.parse().map_err(|_| bad_cursor())?;
        query = query.filter(audit_tasks::id.gt(after));
    }
    let rows = query.order(audit_tasks::id).limit(ask.fetch()).load(rx.conn)?;
    Ok(ask.page(rows, |task: &Task| (String::new(), task.id.to_string())))
}

/// What a unit has planned to audit in a year.
pub(super) fn planned(
    rx: &mut Rx,
    unit: OrganizationId,
    year: i32,
) -> Result<Vec<(OrganizationId, Option<FundId>)>> {
    let of_unit = audit_tasks::table
        .filter(audit_tasks::organization_id.eq(unit))
        .filter(audit_tasks::year.eq(year));
    let subject = (audit_tasks::audited_organization_id, audit_tasks::fund_id);
    Ok(of_unit.select(subject).load(rx.conn)?)
}

type Row = (OrganizationId, Option<FundId>, Status, Date);

/// Every task of a year about a unit in scope.
pub(super) fn of_year(rx: &mut Rx, year: i32) -> Result<Vec<Row>> {
    let mut query = audit_tasks::table
        .filter(audit_tasks::year.eq(year))
        .select((
            audit_tasks::audited_organization_id,
            audit_tasks::fund_id,
            audit_tasks::status,
            audit_tasks::due_on,
        ))
        .into_boxed();
    within!(query, audit_tasks::audited_organization_id, rx);
    Ok(query.order(audit_tasks::id).load(rx.conn)?)
}

pub(super) fn insert(tx: &mut Tx, task: &Task) -> Result<()> {
    let done = diesel::insert_into(audit_tasks::table)
        .values(task)
        .execute(tx.conn);
    unique(done, planned_already).map(drop)
}

fn planned_already() -> Error {
    let detail = say!("该审计任务已列入计划", "this audit is planned already");
    Error::refused("planned_already", detail)
}

/// Writes a task back with the next version; the caller has checked the version it read, in this transaction.
pub(super) fn update(tx: &mut Tx, task: &mut Task) -> Result<()> {
    let read = task.version;
    task.version += 1;
    let place = audit_tasks::table
        .find(task.id)
        .filter(audit_tasks::version.eq(read));
    match diesel::update(place).set(&*task).execute(tx.conn)? {
        1 => Ok(()),
        _ => Err(Error::stale()),
    }
}
