//! Kept flags in SQL.

use std::collections::BTreeSet;

use diesel::prelude::*;

use super::{Kept, KeptId, Status};
use crate::db::page::{Ask, Page};
use crate::db::schema::{audit_flags, organizations, payments};
use crate::db::types::{Date, Id};
use crate::db::{Rx, Tx, unless_taken};
use crate::error::{Error, Result};
use crate::flags::runs::Run;
use crate::flags::{Code, Severity};
use crate::organizations::{self as units, OrganizationId};
use crate::payments::PaymentId;
use crate::within;

/// What to list.
pub(super) struct Filter {
    pub code: Option<Code>,
    pub severity: Option<Severity>,
    pub status: Option<Status>,
    pub organization_id: Option<OrganizationId>,
    pub from: Option<Date>,
    pub to: Option<Date>,
}

/// A flag in scope.
pub(super) fn find(rx: &mut Rx, id: KeptId) -> Result<Kept> {
    let mut query = Kept::query().filter(audit_flags::id.eq(id)).into_boxed();
    within!(one query, audit_flags::organization_id, rx);
    query
        .get_result(rx.conn)
        .optional()?
        .ok_or(Error::NotFound("flag"))
}

/// Flags in scope, by their days.
pub(super) fn list(rx: &mut Rx, filter: &Filter, ask: &Ask) -> Result<Page<Kept>> {
    units::narrow(rx, filter.organization_id)?;
    let mut query = Kept::query().into_boxed();
    within!(query, audit_flags::organization_id, rx);
    if let Some(code) = filter.code {
        query = query.filter(audit_flags::code.eq(code));
    }
    if let Some(severity) = filter.severity {
        query = query.filter(audit_flags::severity.eq(severity));
    }
    if let Some(status) = filter.status {
        query = query.filter(audit_flags::status.eq(status));
    }
    if let Some(from) = filter.from {
        query = query.filter(audit_flags::on_day.ge(from));
    }
    if let Some(to) = filter.to {
        query = query.filter(audit_flags::on_day.le(to));
    }
    if let Some((day, id)) = ask.after_key::<Date, Kept>()? {
        let later = audit_flags::on_day.gt(day).or(audit_flags::id.gt(id));
        query = query.filter(audit_flags::on_day.ge(day)).filter(later);
    }
    let in_order = query.order((audit_flags::on_day, audit_flags::id));
    let rows = in_order.limit(ask.fetch()).load(rx.conn)?;
    Ok(ask.page(rows, |kept: &Kept| (kept.on_day.to_string(), kept.id.to_string())))
}

/// The flags of a query about these subjects, wherever they are.
pub(super) fn of_subjects(rx: &mut Rx, code: Code, subjects: &[Id<()>]) -> Result<Vec<Kept>> {
    let of_code = Kept::query()
        .filter(audit_flags::code.eq(code))
        .filter(audit_flags::subject_type.eq(code.about()));
    Ok(of_code
        .filter(audit_flags::subject_id.eq_any(subjects.to_vec()))
        .load(rx.conn)?)
}

/// Flags in scope that a query found before in these days, and this run did not; at most so many.
pub(super) fn missed(
    rx: &mut Rx,
    run: &Run,
    code: Code,
    (from, to): (Date, Date),
    most: i64,
) -> Result<Vec<Kept>> {
    let mut query = Kept::query()
        .filter(audit_flags::code.eq(code))
        .filter(audit_flags::on_day.between(from, to))
        .filter(audit_flags::status.ne(Status::Gone))
        .filter(audit_flags::run_id.ne(run.id))
        .into_boxed();
    within!(one query, audit_flags::organization_id, rx);
    let in_order = query.order((audit_flags::on_day, audit_flags::id)).limit(most);
    Ok(in_order.load(rx.conn)?)
}

/// Keeps a new flag; `false` when there is one already.
pub(super) fn insert(tx: &mut Tx, kept: &Kept) -> Result<bool> {
    let done = unless_taken(tx, |conn| {
        diesel::insert_into(audit_flags::table).values(kept).execute(conn)
    })?;
    Ok(done.is_some())
}

/// Notes that a flag was found once more and that nothing else is new.
pub(super) fn touch(tx: &mut Tx, kept: &Kept) -> Result<()> {
    let set = (
        audit_flags::last_found_on.eq(kept.last_found_on),
        audit_flags::run_id.eq(kept.run_id),
        audit_flags::severity.eq(kept.severity),
        audit_flags::on_day.eq(kept.on_day),
        audit_flags::amount_fen.eq(kept.amount_fen),
    );
    diesel::update(audit_flags::table.find(kept.id))
        .set(set)
        .execute(tx.conn)?;
    Ok(())
}

/// Writes a flag back as its next version.
pub(super) fn update(tx: &mut Tx, kept: &mut Kept) -> Result<()> {
    let read = kept.version;
    kept.version += 1;
    kept.updated_at = tx.now;
    let place = audit_flags::table
        .find(kept.id)
        .filter(audit_flags::version.eq(read));
    match diesel::update(place).set(&*kept).execute(tx.conn)? {
        1 => Ok(()),
        _ => Err(Error::stale()),
    }
}

/// Those of these payments that are in scope.
pub(super) fn seen(rx: &mut Rx, ids: Vec<PaymentId>) -> Result<BTreeSet<PaymentId>> {
    if ids.is_empty() {
        return Ok(BTreeSet::new());
    }
    let units = payments::table
        .inner_join(organizations::table.on(organizations::id.eq(payments::organization_id)))
        .filter(payments::id.eq_any(ids));
    let found: Vec<(PaymentId, String)> = units.select((payments::id, organizations::path)).load(rx.conn)?;
    let visible = found.into_iter().filter(|(_, path)| rx.scope.covers(path));
    Ok(visible.map(|(id, _)| id).collect())
}
