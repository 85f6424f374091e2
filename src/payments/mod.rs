//! Payments (rules 67 to 79): what an approval owes, and what became of it.
//!
//! A payment is made by the approval of its claim, in the same transaction, and by nothing else. It is paid once:
//! the version, the status and the index `payments_one_live` each forbid the second time.

use diesel::prelude::*;

use crate::audit::{self, Event};
use crate::claims::{self, Claim, ClaimId, Granted, Payee, PayeeKind};
use crate::db::schema::payments;
use crate::db::types::{Date, Fen, Id, Timestamp};
use crate::db::{Rx, Tx};
use crate::error::{Error, Result};
use crate::files::upkeep;
use crate::funds::book::{self, Cause};
use crate::funds::{self, LineId};
use crate::keyring::Sealed;
use crate::members;
use crate::organizations::{self, Organization, OrganizationId};
use crate::separation::{self, Part};
use crate::users::UserId;

pub mod http;
mod rules;
mod store;

pub use http::{Failing, Paying};
pub use rules::{FailCode, Method, Status, Stop};
pub use store::find;

/// The id of a payment.
pub type PaymentId = Id<Payment>;

/// A payment as it is kept.
#[derive(Debug, Clone, HasQuery, Insertable, AsChangeset, Identifiable)]
#[diesel(table_name = payments)]
#[diesel(treat_none_as_null = true)]
pub struct Payment {
    /// Its id.
    pub id: PaymentId,
    /// The claim that was granted.
    pub claim_id: ClaimId,
    /// The failed payment it stands for (75).
    pub replaces_id: Option<PaymentId>,
    /// The claim's unit.
    pub organization_id: OrganizationId,
    /// [`Payee`], encrypted.
    pub payee_sealed: Sealed,
    /// How much.
    pub amount_fen: Fen,
    /// What became of it.
    pub status: Status,
    /// Day of the claim's approval; nothing is paid before.
    pub approved_on: Date,
    /// Day of payment.
    pub paid_on: Option<Date>,
    /// How it was paid.
    pub method: Option<Method>,
    /// The bank's or the voucher's number.
    pub reference: Option<String>,
    /// Why it failed.
    pub fail_reason: Option<FailCode>,
    /// The same in words, encrypted.
    pub comment_sealed: Option<Sealed>,
    /// Who wrote the claim.
    pub recorder_id: UserId,
    /// Who verified it.
    pub verifier_id: UserId,
    /// Who approved it.
    pub approver_id: UserId,
    /// Who paid: none of the three (6).
    pub payer_id: Option<UserId>,
    /// The budget line it is paid from (79).
    pub budget_line_id: Option<LineId>,
    /// Version, for `If-Match`.
    pub version: i32,
    /// When it was last changed.
    pub updated_at: Timestamp,
}

impl Payment {
    /// What the bank is told that the money is for.
    pub fn purpose(&self) -> &'static str {
        "会员大病慰问"
    }

    /// Who gets it, in clear.
    pub fn payee(&self, rx: &Rx) -> Result<Payee> {
        rx.keys.open_json("payment_payee", &self.payee_sealed)
    }
}

/// The kind of aid that a condolence is (58): a code of the list `aid_kind`.
const CONDOLENCE: &str = "illness_condolence";

/// Approves a claim and makes its payment, in one transaction.
pub fn approve(tx: &mut Tx, claim: Claim) -> Result<(Claim, Payment)> {
    let granted = claims::approve(tx, claim)?;
    upkeep::reviewed_in_time(tx, granted.claim.member_id)?;
    let payment = make(tx, &granted)?;
    Ok((granted.claim, payment))
}

fn make(tx: &mut Tx, granted: &Granted) -> Result<Payment> {
    let claim = &granted.claim;
    let unit = claim.organization_id;
    let line = funds::line_for(tx, unit, CONDOLENCE, granted.amount, tx.today())?;
    let payment = Payment {
        id: tx.new_id(),
        claim_id: claim.id,
        replaces_id: None,
        organization_id: claim.organization_id,
        payee_sealed: tx.keys.seal_json("payment_payee", &granted.payee)?,
        amount_fen: granted.amount,
        status: Status::Due,
        approved_on: tx.today(),
        paid_on: None,
        method: None,
        reference: None,
        fail_reason: None,
        comment_sealed: None,
        recorder_id: claim.recorder_id,
        verifier_id: granted.verifier_id,
        approver_id: granted.approver_id,
        payer_id: None,
        budget_line_id: line.as_ref().map(|line| line.id),
        version: 1,
        updated_at: tx.now,
    };
    store::insert(tx, &payment)?;
    if let Some(line) = line {
        book::commit(tx, &line, Cause::payment(payment.id), payment.amount_fen)?;
    }
    event("payment.made", &payment)
        .field("claim_id", &payment.claim_id)
        .field("amount_fen", &payment.amount_fen)
        .record(tx)?;
    Ok(payment)
}

/// Records that a payment was made; its claim is paid with it.
pub fn pay(tx: &mut Tx, mut payment: Payment, paying: Paying) -> Result<Payment> {
    rules::day(paying.paid_on, payment.approved_on, tx.today())?;
    take(tx, &mut payment, rules::is_due)?;
    payment.paid_on = Some(paying.paid_on);
    payment.method = Some(paying.method);
    payment.reference = Some(paying.reference.into());
    payment.payer_id = Some(tx.actor.user()?);
    complete(tx, payment)
}

/// Writes what was paid, in the books too.
fn complete(tx: &mut Tx, mut payment: Payment) -> Result<Payment> {
    let claim = claims::find(tx, payment.claim_id)?;
    claims::paid(tx, claim)?;
    payment.status = Status::Paid;
    store::update(tx, &payment)?;
    if let Some(line) = line_of(tx, &payment)? {
        book::pay(tx, &line, Cause::payment(payment.id), payment.amount_fen)?;
    }
    event("payment.paid", &payment)
        .field("status", &payment.status)
        .field("paid_on", &payment.paid_on)
        .field("method", &payment.method)
        .field("reference", &payment.reference)
        .record(tx)?;
    Ok(payment)
}

/// Records that a payment could not be made (75).
pub fn fail(tx: &mut Tx, mut payment: Payment, failing: Failing) -> Result<Payment> {
    take(tx, &mut payment, rules::is_due)?;
    failed(tx, payment, failing)
}

/// Records that money which was paid came back (75): the payment has failed after all, and its claim waits for another.
pub fn came_back(tx: &mut Tx, mut payment: Payment, failing: Failing) -> Result<Payment> {
    grasp(tx, &mut payment, rules::is_paid)?;
    let claim = claims::find(tx, payment.claim_id)?;
    separation::not_own(tx, &claim.person)?;
    claims::unpaid(tx, claim)?;
    let payment = mark_failed(tx, payment, failing)?;
    if let Some(line) = line_of(tx, &payment)? {
        book::give_back(tx, &line, Cause::payment(payment.id), payment.amount_fen)?;
    }
    Ok(payment)
}

fn failed(tx: &mut Tx, payment: Payment, failing: Failing) -> Result<Payment> {
    let payment = mark_failed(tx, payment, failing)?;
    release(tx, &payment)?;
    Ok(payment)
}

fn mark_failed(tx: &mut Tx, mut payment: Payment, failing: Failing) -> Result<Payment> {
    let comment = failing.comment.map(String::from);
    payment.status = Status::Failed;
    payment.fail_reason = Some(failing.reason_code);
    payment.comment_sealed = comment
        .map(|text| tx.keys.seal("payment_comment", &text))
        .transpose()?;
    store::update(tx, &payment)?;
    event("payment.failed", &payment)
        .field("status", &payment.status)
        .reason(failing.reason_code.as_str())
        .record(tx)?;
    Ok(payment)
}

/// The payments that are due in a unit and below it and in no batch, oldest first, `most` of them.
pub fn due(rx: &mut Rx, unit: &Organization, most: i64) -> Result<Vec<PaymentId>> {
    store::due(rx, unit, most)
}

/// A due payment of the unit or below it, taken for a batch: whoever has read it before is told that it has changed.
///
/// # Errors
/// 422 `not_found` at `pointer` when it is not in scope or not of the unit; 409 `wrong_status`.
pub fn hold(tx: &mut Tx, id: PaymentId, unit: OrganizationId, pointer: &str) -> Result<Payment> {
    let unknown = || Error::unknown_reference(pointer);
    let mut payment = store::find(tx, id).map_err(|error| match error {
        Error::NotFound(_) => unknown(),
        other => other,
    })?;
    if !organizations::sees(tx, unit, payment.organization_id)? {
        return Err(unknown());
    }
    grasp(tx, &mut payment, rules::is_due)?;
    event("payment.batched", &payment).record(tx)?;
    Ok(payment)
}

/// Looks at a payment once more as it goes to the bank, and makes the acting person its payer (6, 77).
pub fn hand_over(tx: &mut Tx, id: PaymentId) -> Result<(Payment, Option<Stop>)> {
    let payment = store::find(tx, id)?;
    if payment.status != Status::Due {
        return Ok((payment, Some(Stop::NotDue)));
    }
    let claim = claims::find(tx, payment.claim_id)?;
    let own = payment.payee(tx)?.kind == PayeeKind::Member;
    if own && members::has_died(tx, claim.member_id)? {
        return Ok((payment, Some(Stop::PayeeDead)));
    }
    let reviewed = upkeep::reviewed_in_time(tx, claim.member_id);
    let stop = refused(reviewed)?.then_some(Stop::NotReviewed);
    if stop.is_some() {
        return Ok((payment, stop));
    }
    let part = claims::take_part(tx, &claim, Part::Payer);
    Ok((payment, refused(part)?.then_some(Stop::SamePerson)))
}

/// Whether a rule refused; other errors stay errors.
fn refused(outcome: Result<()>) -> Result<bool> {
    match outcome {
        Ok(()) => Ok(false),
        Err(Error::Refused { .. }) => Ok(true),
        Err(error) => Err(error),
    }
}

/// Records that the bank has paid what `payer` sent it (75).
pub fn settle(tx: &mut Tx, id: PaymentId, paid_on: Date, reference: &str, payer: UserId) -> Result<()> {
    let mut payment = store::find(tx, id)?;
    rules::day(paid_on, payment.approved_on, tx.today())?;
    grasp(tx, &mut payment, rules::is_due)?;
    payment.paid_on = Some(paid_on);
    payment.method = Some(Method::BankTransfer);
    payment.reference = Some(reference.to_owned());
    payment.payer_id = Some(payer);
    complete(tx, payment).map(drop)
}

/// Records that the bank has returned the money (75).
pub fn bounce(tx: &mut Tx, id: PaymentId, reason_code: FailCode) -> Result<()> {
    let mut payment = store::find(tx, id)?;
    grasp(tx, &mut payment, rules::is_due)?;
    let failing = Failing {
        reason_code,
        comment: None,
    };
    failed(tx, payment, failing).map(drop)
}

/// Cancels a payment that was not made, with a reason; its claim stays approved and owes nothing any more.
pub fn cancel(tx: &mut Tx, mut payment: Payment, reason: &str) -> Result<Payment> {
    let was_due = payment.status == Status::Due;
    take(tx, &mut payment, rules::may_cancel)?;
    payment.status = Status::Cancelled;
    store::update(tx, &payment)?;
    if was_due {
        release(tx, &payment)?;
    }
    event("payment.cancelled", &payment)
        .field("status", &payment.status)
        .reason(reason)
        .record(tx)?;
    Ok(payment)
}

/// The budget line of a payment, taken until the work is done.
fn line_of(tx: &mut Tx, payment: &Payment) -> Result<Option<funds::Line>> {
    let line = payment.budget_line_id;
    line.map(|line| funds::line_of_payment(tx, line)).transpose()
}

/// Releases what was committed for a payment.
fn release(tx: &mut Tx, payment: &Payment) -> Result<()> {
    match line_of(tx, payment)? {
        Some(line) => book::release(tx, &line, Cause::payment(payment.id)),
        None => Ok(()),
    }
}

/// Makes a new payment in the place of one that failed, and commits its money again (75, 79).
pub fn reissue(tx: &mut Tx, mut failed: Payment) -> Result<Payment> {
    take(tx, &mut failed, rules::may_reissue)?;
    let payment = Payment {
        id: tx.new_id(),
        replaces_id: Some(failed.id),
        status: Status::Due,
        fail_reason: None,
        comment_sealed: None,
        version: 1,
        updated_at: tx.now,
        ..failed.clone()
    };
    let line = line_of(tx, &payment)?;
    if let Some(line) = &line {
        funds::enough(tx, line, payment.amount_fen)?;
    }
    store::insert(tx, &payment)?;
    if let Some(line) = &line {
        book::commit(tx, line, Cause::payment(payment.id), payment.amount_fen)?;
    }
    event("payment.reissued", &failed)
        .field("replaced_by", &payment.id)
        .record(tx)?;
    event("payment.made", &payment)
        .field("claim_id", &payment.claim_id)
        .field("replaces_id", &payment.replaces_id)
        .field("amount_fen", &payment.amount_fen)
        .record(tx)?;
    Ok(payment)
}

/// Takes a payment whose status is `right`, as a payer of its case: none of the three before, not the member, not
/// the payee (6).
fn take(tx: &mut Tx, payment: &mut Payment, right: fn(Status) -> Result<()>) -> Result<()> {
    grasp(tx, payment, right)?;
    let claim = claims::find(tx, payment.claim_id)?;
    claims::take_part(tx, &claim, Part::Payer)
}

/// Takes a payment's row until the work is done. Of two that read the same version the second is told what the first
/// made of the payment.
fn grasp(tx: &mut Tx, payment: &mut Payment, right: fn(Status) -> Result<()>) -> Result<()> {
    right(payment.status)?;
    let read = payment.version;
    if !store::next_version(tx, payment)? {
        right(store::find(tx, payment.id)?.status)?;
        let fields = audit::changed_since(tx, &payment.id.to_string(), read)?;
        return Err(Error::Stale {
            changed: fields,
            conflicts: Vec::new(),
        });
    }
    payment.updated_at = tx.now;
    rules::not_in_batch(store::in_batch(tx, payment.id)?)
}

fn event(action: &'static str, payment: &Payment) -> Event {
    Event::of(action, "payment", payment.id)
        .organization(payment.organization_id)
        .version(payment.version)
}

/// The refusal when the database finds that there is a live payment already.
fn already_live() -> Error {
    rules::wrong_status(Status::Failed)
}
