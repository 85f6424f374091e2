//! Recoveries in SQL.

use diesel::dsl::{exists, select};
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Text};

use super::instalments::already_corrected;
use super::{Instalment, InstalmentId, Recovery, RecoveryId, Status, already_open};
use crate::db::page::{Ask, Page, bad_cursor};
use crate::db::schema::{recoveries, recovery_instalments};
use crate::db::types::Fen;
use crate::db::{Rx, Tx, unique};
use crate::error::{Error, Result};
use crate::organizations::{self, OrganizationId};
use crate::payments::PaymentId;
use crate::within;

/// What to list.
#[derive(Default)]
pub(super) struct Filter {
    pub payment_id: Option<PaymentId>,
    pub status: Option<Status>,
    pub organization_id: Option<OrganizationId>,
}

/// A recovery in scope.
pub fn find(rx: &mut Rx, id: RecoveryId) -> Result<Recovery> {
    let mut query = Recovery::query().filter(recoveries::id.eq(id)).into_boxed();
    within!(one query, recoveries::organization_id, rx);
    query
        .get_result(rx.conn)
        .optional()?
        .ok_or(Error::NotFound("recovery"))
}

/// Recoveries in scope, by id.
pub(super) fn list(rx: &mut Rx, filter: Filter, ask: &Ask) -> Result<Page<Recovery>> {
    organizations::narrow(rx, filter.organization_id)?;
    let mut query = Recovery::query().into_boxed();
    within!(query, recoveries::organization_id, rx);
    if let Some(payment) = filter.payment_id {
        query = query.filter(recoveries::payment_id.eq(payment));
    }
    if let Some(status) = filter.status {
        query = query.filter(recoveries::status.eq(status));
    }
    if let Some(after) = ask.after_id() {
        let after: RecoveryId = after.parse().map_err(|_| bad_cursor())?;
        query = query.filter(recoveries::id.gt(after));
    }
    let rows = query.order(recoveries::id).limit(ask.fetch()).load(rx.conn)?;
    Ok(ask.page(rows, |recovery: &Recovery| {
        (String::new(), recovery.id.to_string())
    }))
}

/// Whether a recovery of a payment is open.
pub(super) fn is_open(rx: &mut Rx, payment: PaymentId) -> Result<bool> {
    let open = recoveries::table
        .filter(recoveries::payment_id.eq(payment))
        .filter(recoveries::status.eq(Status::Open));
    Ok(select(exists(open)).get_result(rx.conn)?)
}

#[derive(QueryableByName)]
struct Sum {
    #[diesel(sql_type = BigInt)]
    fen: i64,
}

/// How much of a payment was claimed back, withdrawn recoveries apart.
pub(super) fn claimed(rx: &mut Rx, payment: PaymentId) -> Result<Fen> {
    let sum = "SELECT CAST(coalesce(SUM(amount_fen), 0) AS BIGINT) AS fen FROM recoveries \
        WHERE payment_id = $1 AND status <> 'withdrawn'";
    let sum: Sum = diesel::sql_query(sum)
        .bind::<Text, _>(payment.to_string())
        .get_result(rx.conn)?;
    Ok(Fen(sum.fen))
}

/// What was claimed back of a payment.
pub(super) fn of_payment(rx: &mut Rx, payment: PaymentId) -> Result<Vec<Recovery>> {
    let of_payment = Recovery::query().filter(recoveries::payment_id.eq(payment));
    Ok(of_payment.order(recoveries::id).load(rx.conn)?)
}

pub(super) fn insert(tx: &mut Tx, recovery: &Recovery) -> Result<()> {
    let done = diesel::insert_into(recoveries::table)
        .values(recovery)
        .execute(tx.conn);
    unique(done, already_open).map(drop)
}

/// Takes the row, as its next version, until the unit of work ends.
pub(super) fn touch(tx: &mut Tx, id: RecoveryId) -> Result<()> {
    let set = (
        recoveries::version.eq(recoveries::version + 1),
        recoveries::updated_at.eq(tx.now),
    );
    diesel::update(recoveries::table.find(id))
        .set(set)
        .execute(tx.conn)?;
    Ok(())
}

/// Writes what was decided about a recovery whose row was taken by [`touch`]; what came in of it is the database's.
pub(super) fn update(tx: &mut Tx, recovery: &Recovery) -> Result<()> {
    let set = (
        recoveries::status.eq(recovery.status),
        recoveries::proposed_by.eq(recovery.proposed_by),
        recoveries::proposer_person.eq(recovery.proposer_person.clone()),
        recoveries::confirmed_by.eq(recovery.confirmed_by),
        recoveries::confirmer_person.eq(recovery.confirmer_person.clone()),
        recoveries::closed_on.eq(recovery.closed_on),
    );
    let place = recoveries::table.find(recovery.id);
    unique(diesel::update(place).set(set).execute(tx.conn), already_open).map(drop)
}

/// An instalment of a recovery.
pub(super) fn instalment(rx: &mut Rx, recovery: RecoveryId, id: InstalmentId) -> Result<Instalment> {
    Instalment::query()
        .filter(recovery_instalments::id.eq(id))
        .filter(recovery_instalments::recovery_id.eq(recovery))
        .get_result(rx.conn)
        .optional()?
        .ok_or(Error::NotFound("instalment"))
}

/// Every instalment of a recovery, in the order of booking.
pub(super) fn instalments(rx: &mut Rx, recovery: RecoveryId) -> Result<Vec<Instalment>> {
    let of_recovery = Instalment::query().filter(recovery_instalments::recovery_id.eq(recovery));
    Ok(of_recovery.order(recovery_instalments::id).load(rx.conn)?)
}

/// Whether an instalment was undone.
pub(super) fn is_reversed(rx: &mut Rx, id: InstalmentId) -> Result<bool> {
    let undone = recovery_instalments::table.filter(recovery_instalments::reverses_id.eq(id));
    Ok(select(exists(undone)).get_result(rx.conn)?)
}

pub(super) fn insert_instalment(tx: &mut Tx, instalment: &Instalment) -> Result<()> {
    let done = diesel::insert_into(recovery_instalments::table)
        .values(instalment)
        .execute(tx.conn);
    unique(done, already_corrected).map(drop)
}
