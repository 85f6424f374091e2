//! Money that people pay back (追回, 78): what was paid wrongly is claimed from whoever got it, comes in by instalments,
//! and what does not come in is written off by two people. Who gave false information gets nothing new meanwhile.

use diesel::prelude::*;

use crate::audit::Event;
use crate::bars;
use crate::db::schema::recoveries;
use crate::db::types::{Date, Fen, Id, Timestamp, year_of};
use crate::db::{Rx, Tx, next_number};
use crate::error::{Error, Result};
use crate::input::{Comment, Reason};
use crate::keyring::Sealed;
use crate::organizations::OrganizationId;
use crate::payments::{self, Case, Payment, PaymentId};
use crate::policies::{self, rules::Funding};
use crate::users::UserId;
use crate::{input, members};

pub mod http;
mod instalments;
mod rules;
mod store;
mod write_off;

pub use instalments::{Instalment, InstalmentId};
pub use rules::{ReasonCode, Status};

/// The id of a recovery.
pub type RecoveryId = Id<Recovery>;

/// What is claimed back of a payment.
#[derive(Debug, Clone, HasQuery, Insertable)]
#[diesel(table_name = recoveries)]
pub struct Recovery {
    /// Its id.
    pub id: RecoveryId,
    /// Its number.
    pub number: String,
    /// The payment.
    pub payment_id: PaymentId,
    /// The payment's unit.
    pub organization_id: OrganizationId,
    /// Why.
    pub reason_code: ReasonCode,
    /// The same in words, encrypted.
    pub comment_sealed: Sealed,
    /// How much.
    pub amount_fen: Fen,
    /// How much of it came in; kept by the database.
    pub repaid_fen: Fen,
    /// Where it stands.
    pub status: Status,
    /// Who claimed it.
    pub claimed_by: UserId,
    /// The day.
    pub claimed_on: Date,
    /// Who proposed to write the rest off.
    pub proposed_by: Option<UserId>,
    /// The same, as a digest of the person.
    pub proposer_person: Option<String>,
    /// Who confirmed it: another person.
    pub confirmed_by: Option<UserId>,
    /// The same, as a digest of the person.
    pub confirmer_person: Option<String>,
    /// The day it ended.
    pub closed_on: Option<Date>,
    /// Version, for `If-Match`.
    pub version: i32,
    /// When it was last changed.
    pub updated_at: Timestamp,
}

impl Recovery {
    /// Why, in words.
    pub fn comment(&self, rx: &Rx) -> Result<String> {
        rx.keys.open("recovery_comment", &self.comment_sealed)
    }
}

input! {
    /// What to claim back of a payment.
    pub struct NewRecovery {
        /// Made by the client (UUIDv7), or null.
        #[schema(value_type = Option<String>, format = "uuid")]
        pub id: Option<RecoveryId>,
        /// The payment, which was made.
        #[schema(value_type = String, format = "uuid")]
        pub payment_id: PaymentId,
        /// Why; false information bars from new claims (78).
        pub reason_code: ReasonCode,
        /// Why, in words.
        #[schema(value_type = String, max_length = 2000)]
        pub comment: Comment,
        /// How much: at most what was paid and is not claimed already.
        #[schema(example = 50_000)]
        pub amount_fen: Fen,
    }
}

/// Claims back what was paid, or a part of it.
fn claim(tx: &mut Tx, id: RecoveryId, new: NewRecovery) -> Result<Recovery> {
    let payment = payments::seize(tx, new.payment_id, "/payment_id")?;
    payments::keep_away(tx, &payment)?;
    rules::may_claim(
        payment.status == payments::Status::Paid,
        store::is_open(tx, payment.id)?,
    )?;
    let left = payment.amount_fen.0 - store::claimed(tx, payment.id)?.0;
    rules::amount(new.amount_fen, Fen(left))?;
    let year = year_of(tx.today());
    let n = next_number(tx, &format!("recoveries_{year}"))?;
    let recovery = Recovery {
        id,
        number: format!("ZH-{year}-{n:06}"),
        payment_id: payment.id,
        organization_id: payment.organization_id,
        reason_code: new.reason_code,
        comment_sealed: tx.keys.seal("recovery_comment", &String::from(new.comment))?,
        amount_fen: new.amount_fen,
        repaid_fen: Fen(0),
        status: Status::Open,
        claimed_by: tx.actor.user()?,
        claimed_on: tx.today(),
        proposed_by: None,
        proposer_person: None,
        confirmed_by: None,
        confirmer_person: None,
        closed_on: None,
        version: 1,
        updated_at: tx.now,
    };
    store::insert(tx, &recovery)?;
    if recovery.reason_code == ReasonCode::FalseInformation {
        bars::lay(tx, &payment.person, recovery.id)?;
    }
    event("recovery.claimed", &recovery, &payment)
        .field("payment_id", &recovery.payment_id)
        .field("amount_fen", &recovery.amount_fen)
        .reason(recovery.reason_code.as_str())
        .record(tx)?;
    Ok(recovery)
}

/// Takes a recovery back that was claimed in error, before anything came in.
fn withdraw(tx: &mut Tx, id: RecoveryId, reason: Reason) -> Result<Recovery> {
    let (mut recovery, payment) = seize(tx, id)?;
    without_name(tx, &payment, &reason)?;
    rules::may_withdraw(recovery.status, recovery.repaid_fen)?;
    recovery.status = Status::Withdrawn;
    recovery.closed_on = Some(tx.today());
    store::update(tx, &recovery)?;
    bars::set_end(tx, recovery.id, Some(tx.today()))?;
    event("recovery.withdrawn", &recovery, &payment)
        .field("status", &recovery.status)
        .reason(reason)
        .record(tx)?;
    Ok(recovery)
}

/// Ends a recovery today; who gave false information is free after the years of the policy (78).
fn close(tx: &mut Tx, recovery: &mut Recovery, status: Status) -> Result<()> {
    let today = tx.today();
    recovery.status = status;
    recovery.closed_on = Some(today);
    store::update(tx, recovery)?;
    let years = policies::in_force::<Funding>(tx, today)?.1.recovery_bar_years;
    bars::set_end(tx, recovery.id, Some(bars::free_from(today, years)))
}

/// A recovery in scope with its payment, as its next version and held until the work is done, for somebody whose own case
/// it is not.
fn seize(tx: &mut Tx, id: RecoveryId) -> Result<(Recovery, Payment)> {
    store::touch(tx, id)?;
    let recovery = store::find(tx, id)?;
    let payment = payments::find(tx, recovery.payment_id)?;
    payments::keep_away(tx, &payment)?;
    Ok((recovery, payment))
}

fn without_name(tx: &mut Tx, payment: &Payment, reason: &Reason) -> Result<()> {
    let member = Case::of(tx, payment)?.member_id();
    let name = members::find_any(tx, member)?.name;
    members::without_name(reason, &name, "/reason")
}

fn event(action: &'static str, recovery: &Recovery, payment: &Payment) -> Event {
    Event::of(action, "recovery", recovery.id)
        .organization(recovery.organization_id)
        .people([&payment.person, &payment.payee_person])
        .version(recovery.version)
}

/// The refusal of a second recovery of a payment while the first is open.
fn already_open() -> Error {
    rules::open_already()
}
