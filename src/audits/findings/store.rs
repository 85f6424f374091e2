//! Findings in SQL.

use diesel::prelude::*;

use super::{Finding, FindingId, Severity, Status, TaskId};
use crate::db::page::{Ask, Page, bad_cursor};
use crate::db::schema::audit_findings;
use crate::db::{Rx, Tx};
use crate::error::{Error, Result};
use crate::organizations::{self, OrganizationId};
use crate::within;

/// A finding about a unit in scope.
pub(super) fn find(rx: &mut Rx, id: FindingId) -> Result<Finding> {
    let mut query = Finding::query().filter(audit_findings::id.eq(id)).into_boxed();
    within!(one query, audit_findings::audited_organization_id, rx);
    query
        .get_result(rx.conn)
        .optional()?
        .ok_or(Error::NotFound("audit_finding"))
}

/// What to list.
pub(super) struct Filter {
    pub task_id: Option<TaskId>,
    pub organization_id: Option<OrganizationId>,
    pub severity: Option<Severity>,
    pub status: Option<Status>,
    pub overdue: Option<bool>,
}

/// Findings about units in scope, by id.
pub(super) fn list(rx: &mut Rx, filter: Filter, ask: &Ask) -> Result<Page<Finding>> {
    organizations::narrow(rx, filter.organization_id)?;
    let today = rx.today();
    let mut query = Finding::query().into_boxed();
    within!(query, audit_findings::audited_organization_id, rx);
    if let Some(task) = filter.task_id {
        query = query.filter(audit_findings::task_id.eq(task));
    }
    if let Some(severity) = filter.severity {
        query = query.filter(audit_findings::severity.eq(severity));
    }
    if let Some(status) = filter.status {
        query = query.filter(audit_findings::status.eq(status));
    }
    let (open, past) = (
        audit_findings::status.eq(Status::Open),
        audit_findings::rectify_by.lt(today),
    );
    query = match filter.overdue {
        Some(true) => query.filter(open.and(past)),
        Some(false) => query.filter(diesel::dsl::not(open.and(past))),
        None => query,
    };
    if let Some(after) = ask.after_id() {
        let after: FindingId = after.parse().map_err(|_| bad_cursor())?;
        query = query.filter(audit_findings::id.gt(after));
    }
    let rows = query.order(audit_findings::id).limit(ask.fetch()).load(rx.conn)?;
    Ok(ask.page(rows, |finding: &Finding| (String::new(), finding.id.to_string())))
}

/// How many findings of an audit wait for an answer.
pub(in crate::audits) fn unanswered(rx: &mut Rx, task: TaskId) -> Result<i64> {
    let open = audit_findings::table
        .filter(audit_findings::task_id.eq(task))
        .filter(audit_findings::status.eq(Status::Open));
    Ok(open.count().get_result(rx.conn)?)
}

pub(super) fn insert(tx: &mut Tx, finding: &Finding) -> Result<()> {
    diesel::insert_into(audit_findings::table)
        .values(finding)
        .execute(tx.conn)?;
    Ok(())
}

/// Writes a finding back with the next version; the caller has checked the version it read, in this transaction.
pub(super) fn update(tx: &mut Tx, finding: &mut Finding) -> Result<()> {
    let read = finding.version;
    finding.version += 1;
    let place = audit_findings::table
        .find(finding.id)
        .filter(audit_findings::version.eq(read));
    match diesel::update(place).set(&*finding).execute(tx.conn)? {
        1 => Ok(()),
        _ => Err(Error::stale()),
    }
}
