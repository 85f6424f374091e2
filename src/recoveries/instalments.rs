//! What comes in of a recovery, by instalments. A booking that was wrong is undone by one the other way round (78).

use diesel::prelude::*;
use serde::Serialize;
use utoipa::ToSchema;

use super::{
    Payment, Recovery, RecoveryId, Status, bars, close, event, payments, rules, seize, store, without_name,
};
use crate::db::Tx;
use crate::db::schema::recovery_instalments;
use crate::db::types::{Date, Fen, Id, Timestamp};
use crate::error::{Error, Result};
use crate::funds::book::{self, MovementId};
use crate::input::{Reason, Text};
use crate::users::UserId;
use crate::{input, say};

/// The id of an instalment.
pub type InstalmentId = Id<Instalment>;

/// An instalment, or what undoes one.
#[derive(Debug, Clone, HasQuery, Insertable, Serialize, ToSchema)]
#[diesel(table_name = recovery_instalments)]
#[schema(as = RecoveryInstalment)]
pub struct Instalment {
    /// Its id.
    #[schema(value_type = String, format = "uuid")]
    pub id: InstalmentId,
    /// The recovery.
    #[schema(value_type = String, format = "uuid")]
    pub recovery_id: RecoveryId,
    /// The day the money came.
    pub received_on: Date,
    /// How much.
    pub amount_fen: Fen,
    /// The bank's or the receipt's number.
    pub reference: String,
    /// The instalment that it undoes; null for one that came in.
    #[schema(value_type = Option<String>, format = "uuid")]
    pub reverses_id: Option<InstalmentId>,
    /// Its movement in the books, when the payment was from a budget line.
    #[schema(value_type = Option<String>, format = "uuid")]
    pub movement_id: Option<MovementId>,
    /// Who booked it.
    #[schema(value_type = String, format = "uuid")]
    pub booked_by: UserId,
    /// When.
    pub booked_at: Timestamp,
}

input! {
    /// Money that came in of a recovery.
    pub struct NewInstalment {
        /// Made by the client (UUIDv7), or null.
        #[schema(value_type = Option<String>, format = "uuid")]
        pub id: Option<InstalmentId>,
        /// The day it came: not before the claim, not in the future.
        pub received_on: Date,
        /// How much: at most what is owed.
        #[schema(example = 10_000)]
        pub amount_fen: Fen,
        /// The bank's or the receipt's number.
        #[schema(value_type = String, max_length = 64)]
        pub reference: Text<64>,
    }
}

/// Books money that came in; with the last of it the recovery is repaid.
pub(super) fn receive(
    tx: &mut Tx,
    recovery: RecoveryId,
    id: InstalmentId,
    new: NewInstalment,
) -> Result<Instalment> {
    let (mut recovery, payment) = seize(tx, recovery)?;
    rules::is_open(recovery.status)?;
    rules::day(new.received_on, recovery.claimed_on, tx.today())?;
    rules::amount(new.amount_fen, Fen(Fen::MAX))?;
    rules::owed(new.amount_fen, Fen(recovery.amount_fen.0 - recovery.repaid_fen.0))?;
    let movement = match payments::line_of(tx, &payment)? {
        Some(line) => Some(book::recover(tx, &line, payment.id, new.amount_fen)?),
        None => None,
    };
    let instalment = Instalment {
        id,
        recovery_id: recovery.id,
        received_on: new.received_on,
        amount_fen: new.amount_fen,
        reference: new.reference.into(),
        reverses_id: None,
        movement_id: movement,
        booked_by: tx.actor.user()?,
        booked_at: tx.now,
    };
    store::insert_instalment(tx, &instalment)?;
    recovery.repaid_fen = store::find(tx, recovery.id)?.repaid_fen;
    if recovery.repaid_fen == recovery.amount_fen {
        close(tx, &mut recovery, Status::Repaid)?;
    }
    booked("recovery.instalment", (&recovery, &payment), &instalment).record(tx)?;
    Ok(instalment)
}

/// Undoes an instalment that was booked wrongly, once; a recovery that it had made repaid is open again.
pub(super) fn correct(
    tx: &mut Tx,
    recovery: RecoveryId,
    wrong: InstalmentId,
    reason: Reason,
) -> Result<Instalment> {
    let (mut recovery, payment) = seize(tx, recovery)?;
    without_name(tx, &payment, &reason)?;
    rules::may_correct(recovery.status)?;
    let wrong = store::instalment(tx, recovery.id, wrong)?;
    if wrong.reverses_id.is_some() || store::is_reversed(tx, wrong.id)? {
        return Err(already_corrected());
    }
    let movement = match (payments::line_of(tx, &payment)?, wrong.movement_id) {
        (Some(line), Some(movement)) => Some(book::take_back(tx, &line, movement)?),
        _ => None,
    };
    let instalment = Instalment {
        id: tx.new_id(),
        reverses_id: Some(wrong.id),
        movement_id: movement,
        booked_by: tx.actor.user()?,
        booked_at: tx.now,
        ..wrong
    };
    if recovery.status == Status::Repaid {
        recovery.status = Status::Open;
        recovery.closed_on = None;
        store::update(tx, &recovery)?;
        bars::set_end(tx, recovery.id, None)?;
    }
    store::insert_instalment(tx, &instalment)?;
    recovery.repaid_fen = store::find(tx, recovery.id)?.repaid_fen;
    booked(
        "recovery.instalment_corrected",
        (&recovery, &payment),
        &instalment,
    )
    .reason(reason)
    .record(tx)?;
    Ok(instalment)
}

/// The refusal when it was undone already.
pub(super) fn already_corrected() -> Error {
    let detail = say!("已更正", "it has been corrected");
    Error::refused("already_corrected", detail)
}

fn booked(
    action: &'static str,
    (recovery, payment): (&Recovery, &Payment),
    instalment: &Instalment,
) -> crate::audit::Event {
    event(action, recovery, payment)
        .field("instalment_id", &instalment.id)
        .field("amount_fen", &instalment.amount_fen)
        .field("status", &recovery.status)
}
