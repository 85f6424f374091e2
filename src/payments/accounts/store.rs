//! Changes of accounts in SQL. The caller has checked that the payment is in scope.

use diesel::prelude::*;

use super::{AccountChange, AccountChangeId, ChangeStatus, PaymentId, waiting};
use crate::db::schema::account_changes;
use crate::db::{Rx, Tx, unique};
use crate::error::{Error, Result};

/// A change of a payment's account.
pub(super) fn find(rx: &mut Rx, payment: PaymentId, id: AccountChangeId) -> Result<AccountChange> {
    AccountChange::query()
        .filter(account_changes::id.eq(id))
        .filter(account_changes::payment_id.eq(payment))
        .get_result(rx.conn)
        .optional()?
        .ok_or(Error::NotFound("account_change"))
}

/// Every change of a payment's account, in the order of proposing.
pub(super) fn all(rx: &mut Rx, payment: PaymentId) -> Result<Vec<AccountChange>> {
    let of_payment = AccountChange::query().filter(account_changes::payment_id.eq(payment));
    Ok(of_payment.order(account_changes::id).load(rx.conn)?)
}

/// Whether a change of a payment's account waits to be decided.
pub fn waits(rx: &mut Rx, payment: PaymentId) -> Result<bool> {
    let open = account_changes::table
        .filter(account_changes::payment_id.eq(payment))
        .filter(account_changes::status.eq(ChangeStatus::Proposed));
    Ok(diesel::select(diesel::dsl::exists(open)).get_result(rx.conn)?)
}

/// The last change of a payment's account that was confirmed.
pub fn confirmed(rx: &mut Rx, payment: PaymentId) -> Result<Option<AccountChange>> {
    let done = AccountChange::query()
        .filter(account_changes::payment_id.eq(payment))
        .filter(account_changes::status.eq(ChangeStatus::Confirmed));
    Ok(done
        .order((account_changes::decided_at.desc(), account_changes::id.desc()))
        .first(rx.conn)
        .optional()?)
}

pub(super) fn insert(tx: &mut Tx, change: &AccountChange) -> Result<()> {
    let done = diesel::insert_into(account_changes::table)
        .values(change)
        .execute(tx.conn);
    unique(done, waiting).map(drop)
}

/// Writes back what was decided of the version before.
pub(super) fn decide(tx: &mut Tx, change: &AccountChange) -> Result<()> {
    let place = account_changes::table
        .find(change.id)
        .filter(account_changes::version.eq(change.version - 1));
    let set = (
        account_changes::status.eq(change.status),
        account_changes::decided_by.eq(change.decided_by),
        account_changes::decider_person.eq(change.decider_person.clone()),
        account_changes::decided_at.eq(change.decided_at),
        account_changes::version.eq(change.version),
    );
    match diesel::update(place).set(set).execute(tx.conn)? {
        1 => Ok(()),
        _ => Err(Error::stale()),
    }
}
