//! Payments in SQL.

use diesel::prelude::*;

use super::{Payment, PaymentId, Status, already_live};
use crate::aid::AidId;
use crate::claims::ClaimId;
use crate::db::page::{Ask, Page, bad_cursor};
use crate::db::schema::{batch_lines, organizations as places, payments, recoveries};
use crate::db::types::Date;
use crate::db::{Rx, Tx, unique};
use crate::error::{Error, Result};
use crate::organizations::{self, Organization, OrganizationId};
use crate::within;

/// What to list.
#[derive(Default)]
pub(super) struct Filter {
    pub claim_id: Option<ClaimId>,
    pub aid_id: Option<AidId>,
    pub kind: Option<String>,
    pub status: Option<Status>,
    pub organization_id: Option<OrganizationId>,
    pub paid_from: Option<Date>,
    pub paid_to: Option<Date>,
}

/// A payment in scope.
pub fn find(rx: &mut Rx, id: PaymentId) -> Result<Payment> {
    let mut query = Payment::query().filter(payments::id.eq(id)).into_boxed();
    within!(one query, payments::organization_id, rx);
    query
        .get_result(rx.conn)
        .optional()?
        .ok_or(Error::NotFound("payment"))
}

/// Payments in scope, by id; those of a time, by the day they were paid.
pub(super) fn list(rx: &mut Rx, filter: Filter, ask: &Ask) -> Result<Page<Payment>> {
    organizations::narrow(rx, filter.organization_id)?;
    let mut query = Payment::query().into_boxed();
    within!(query, payments::organization_id, rx);
    if let Some(claim) = filter.claim_id {
        query = query.filter(payments::claim_id.eq(claim));
    }
    if let Some(aid) = filter.aid_id {
        query = query.filter(payments::aid_id.eq(aid));
    }
    if let Some(kind) = filter.kind {
        query = query.filter(payments::kind.eq(kind));
    }
    if let Some(status) = filter.status {
        query = query.filter(payments::status.eq(status));
    }
    if filter.paid_from.is_none() && filter.paid_to.is_none() {
        if let Some(after) = ask.after_id() {
            let after: PaymentId = after.parse().map_err(|_| bad_cursor())?;
            query = query.filter(payments::id.gt(after));
        }
        let rows = query.order(payments::id).limit(ask.fetch()).load(rx.conn)?;
        return Ok(ask.page(rows, |payment: &Payment| (String::new(), payment.id.to_string())));
    }
    if let Some(from) = filter.paid_from {
        query = query.filter(payments::paid_on.ge(from));
    }
    if let Some(to) = filter.paid_to {
        query = query.filter(payments::paid_on.le(to));
    }
    if let Some((day, id)) = ask.after_key::<Date, Payment>()? {
        query = query
            .filter(payments::paid_on.ge(day))
            .filter(payments::paid_on.gt(day).or(payments::id.gt(id)));
    }
    let in_order = query.order((payments::paid_on, payments::id));
    let rows = in_order.limit(ask.fetch()).load(rx.conn)?;
    Ok(ask.page(rows, |payment: &Payment| {
        let day = payment.paid_on.map(|day| day.to_string());
        (day.unwrap_or_default(), payment.id.to_string())
    }))
}

/// The payments that are due in a unit and below it and in no batch, oldest first.
pub(super) fn due(rx: &mut Rx, unit: &Organization, most: i64) -> Result<Vec<PaymentId>> {
    let beyond = format!("{}0", unit.path.trim_end_matches('/'));
    let units = places::table
        .filter(places::path.ge(unit.path.clone()))
        .filter(places::path.lt(beyond))
        .select(places::id);
    let on_its_way = batch_lines::table
        .filter(batch_lines::payment_id.eq(payments::id))
        .filter(batch_lines::status.eq_any(ON_ITS_WAY));
    let mut query = payments::table
        .filter(payments::status.eq(Status::Due))
        .filter(payments::organization_id.eq_any(units))
        .filter(diesel::dsl::not(diesel::dsl::exists(on_its_way)))
        .into_boxed();
    within!(query, payments::organization_id, rx);
    let oldest = query.order(payments::id).limit(most);
    Ok(oldest.select(payments::id).load(rx.conn)?)
}

/// How a line of a batch stands of which the bank has not answered.
const ON_ITS_WAY: [&str; 2] = ["pending", "exported"];

/// Whether a payment is in a batch of which the bank has not answered.
pub(super) fn in_batch(rx: &mut Rx, id: PaymentId) -> Result<bool> {
    let lines = batch_lines::table
        .filter(batch_lines::payment_id.eq(id))
        .filter(batch_lines::status.eq_any(ON_ITS_WAY));
    Ok(diesel::select(diesel::dsl::exists(lines)).get_result(rx.conn)?)
}

/// Whether money of a payment is, or was, claimed back from whoever got it.
pub(super) fn is_claimed_back(rx: &mut Rx, id: PaymentId) -> Result<bool> {
    let claimed = recoveries::table
        .filter(recoveries::payment_id.eq(id))
        .filter(recoveries::status.ne("withdrawn"));
    Ok(diesel::select(diesel::dsl::exists(claimed)).get_result(rx.conn)?)
}

pub(super) fn insert(tx: &mut Tx, payment: &Payment) -> Result<()> {
    let done = diesel::insert_into(payments::table)
        .values(payment)
        .execute(tx.conn);
    unique(done, already_live).map(drop)
}

/// Takes the row, as its next version, until the unit of work ends, whatever version it has.
pub(super) fn touch(tx: &mut Tx, id: PaymentId) -> Result<()> {
    let set = (
        payments::version.eq(payments::version + 1),
        payments::updated_at.eq(tx.now),
    );
    diesel::update(payments::table.find(id))
        .set(set)
        .execute(tx.conn)?;
    Ok(())
}

/// Whether another payment was made in the place of this one.
pub(super) fn is_replaced(rx: &mut Rx, id: PaymentId) -> Result<bool> {
    let successor = payments::table.filter(payments::replaces_id.eq(id));
    Ok(diesel::select(diesel::dsl::exists(successor)).get_result(rx.conn)?)
}

/// Takes the row, as its next version, until the unit of work ends; `false` when somebody who read the same version
/// came first.
pub(super) fn next_version(tx: &mut Tx, payment: &mut Payment) -> Result<bool> {
    let read = payment.version;
    let place = payments::table
        .find(payment.id)
        .filter(payments::version.eq(read));
    let taken = diesel::update(place)
        .set(payments::version.eq(read + 1))
        .execute(tx.conn)?;
    payment.version = read + 1;
    Ok(taken == 1)
}

/// Writes a payment whose row was taken by [`next_version`].
pub(super) fn update(tx: &mut Tx, payment: &Payment) -> Result<()> {
    let place = payments::table.find(payment.id);
    unique(diesel::update(place).set(payment).execute(tx.conn), already_live).map(drop)
}
