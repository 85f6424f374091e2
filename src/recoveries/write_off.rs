//! Giving up what is still owed: proposed by one, confirmed by another (78).

use super::{Payment, Recovery, RecoveryId, Status, close, event, rules, seize, store, without_name};
use crate::db::Tx;
use crate::error::{Error, Result};
use crate::input::Reason;
use crate::say;
use crate::separation::same_person;

/// Proposes to write off what is still owed.
pub(super) fn propose(tx: &mut Tx, id: RecoveryId, reason: Reason) -> Result<Recovery> {
    let (mut recovery, payment) = seize(tx, id)?;
    without_name(tx, &payment, &reason)?;
    rules::is_open(recovery.status)?;
    if recovery.proposer_person.is_some() {
        let detail = say!("已提出核销，等待复核", "it waits to be confirmed");
        return Err(Error::refused("write_off_open", detail));
    }
    recovery.proposed_by = Some(tx.actor.user()?);
    recovery.proposer_person = Some(tx.actor.person.clone());
    store::update(tx, &recovery)?;
    event("recovery.write_off_proposed", &recovery, &payment)
        .field("proposed_by", &recovery.proposed_by)
        .reason(reason)
        .record(tx)?;
    Ok(recovery)
}

/// Writes off what is still owed: another person than proposed it.
pub(super) fn confirm(tx: &mut Tx, id: RecoveryId) -> Result<Recovery> {
    let (mut recovery, payment) = proposed(tx, id)?;
    if recovery.proposer_person.as_ref() == Some(&tx.actor.person) {
        return Err(same_person());
    }
    recovery.confirmed_by = Some(tx.actor.user()?);
    recovery.confirmer_person = Some(tx.actor.person.clone());
    close(tx, &mut recovery, Status::WrittenOff)?;
    event("recovery.written_off", &recovery, &payment)
        .field("status", &recovery.status)
        .field("confirmed_by", &recovery.confirmed_by)
        .record(tx)?;
    Ok(recovery)
}

/// Does not write it off: the money is owed on.
pub(super) fn refuse(tx: &mut Tx, id: RecoveryId, reason: Reason) -> Result<Recovery> {
    let (mut recovery, payment) = proposed(tx, id)?;
    without_name(tx, &payment, &reason)?;
    recovery.proposed_by = None;
    recovery.proposer_person = None;
    store::update(tx, &recovery)?;
    event("recovery.write_off_refused", &recovery, &payment)
        .field("proposed_by", &recovery.proposed_by)
        .reason(reason)
        .record(tx)?;
    Ok(recovery)
}

/// An open recovery that somebody has proposed to write off.
fn proposed(tx: &mut Tx, id: RecoveryId) -> Result<(Recovery, Payment)> {
    let (recovery, payment) = seize(tx, id)?;
    rules::is_open(recovery.status)?;
    match recovery.proposer_person {
        Some(_) => Ok((recovery, payment)),
        None => {
            let detail = say!("没有待复核的核销", "nobody has proposed to write it off");
            Err(Error::refused("not_proposed", detail))
        }
    }
}
