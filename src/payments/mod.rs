//! Payments (rules 67 to 79): what an approval owes, and what became of it.
//!
//! A payment is made by the approval of its case, in the same transaction, and by nothing else. It is paid once:
//! the version, the status and the index `payments_one_live` each forbid the second time.

use diesel::prelude::*;

use crate::aid::{self, AidId, Application};
use crate::audit::{self, Event};
use crate::claims::{self, Claim, ClaimId, Payee, PayeeKind};
use crate::codes;
use crate::db::schema::payments;
use crate::db::types::{Date, Fen, Id, Timestamp};
use crate::db::{Rx, Tx};
use crate::error::{Error, Result};
use crate::failpoint;
use crate::files::upkeep;
use crate::funds::book::{self, Cause};
use crate::funds::{self, LineId};
use crate::keyring::Sealed;
use crate::members;
use crate::organizations::{self, Organization, OrganizationId};
use crate::separation::{self, Part};
use crate::users::UserId;

pub mod accounts;
mod case;
mod cash;
pub mod http;
pub mod papers;
mod rules;
mod store;

pub use case::Case;
use case::Grant;
pub use cash::{Cash, ShownCash};
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
    pub claim_id: Option<ClaimId>,
    /// The application for aid that was granted.
    pub aid_id: Option<AidId>,
    /// What it is for: a code of the list `aid_kind`.
    pub kind: String,
    /// Digest of the person the case is about.
    pub person: String,
    /// Digest of who gets it.
    pub payee_person: String,
    /// Digest of the account it goes to.
    pub account_hash: String,
    /// The failed payment it stands for (75).
    pub replaces_id: Option<PaymentId>,
    /// The unit of the case.
    pub organization_id: OrganizationId,
    /// [`Payee`], encrypted.
    pub payee_sealed: Sealed,
    /// How much.
    pub amount_fen: Fen,
    /// What became of it.
    pub status: Status,
    /// Day of the approval; nothing is paid before.
    pub approved_on: Date,
    /// Day of payment.
    pub paid_on: Option<Date>,
    /// How it was paid.
    pub method: Option<Method>,
    /// The bank's or the voucher's number.
    pub reference: Option<String>,
    /// Reason and signatures, when it was paid in cash (74).
    #[diesel(embed)]
    pub cash: Cash,
    /// Why it failed.
    pub fail_reason: Option<FailCode>,
    /// The same in words, encrypted.
    pub comment_sealed: Option<Sealed>,
    /// Who wrote the case.
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
    /// Who gets it, in clear.
    pub fn payee(&self, rx: &Rx) -> Result<Payee> {
        rx.keys.open_json("payment_payee", &self.payee_sealed)
    }
}

/// What the bank is told that a payment is for: the Chinese name of its kind.
pub fn purpose(rx: &mut Rx, payment: &Payment) -> Result<String> {
    codes::name(rx, "aid_kind", &payment.kind)
}

/// Approves a claim and makes its payment, in one transaction.
pub fn approve(tx: &mut Tx, claim: Claim) -> Result<(Claim, Payment)> {
    let granted = claims::approve(tx, claim)?;
    upkeep::reviewed_in_time(tx, granted.claim.member_id)?;
    let (unit, amount) = (granted.claim.organization_id, granted.amount);
    let line = funds::line_for(tx, unit, case::condolence(), None, amount)?;
    let payment = make(tx, Grant::of_claim(&granted, line))?;
    Ok((granted.claim, payment))
}

/// Approves an application for aid and makes its payment, in one transaction.
pub fn approve_aid(tx: &mut Tx, application: Application) -> Result<(Application, Payment)> {
    let granted = aid::approve(tx, application)?;
    upkeep::reviewed_in_time(tx, granted.application.member_id)?;
    let (unit, level) = (granted.application.organization_id, granted.application.level);
    let line = funds::line_for(tx, unit, &granted.application.kind, level, granted.amount)?;
    let payment = make(tx, Grant::of_aid(&granted, line))?;
    Ok((granted.application, payment))
}

fn make(tx: &mut Tx, grant: Grant) -> Result<Payment> {
    let payment = Payment {
        id: tx.new_id(),
        claim_id: grant.claim_id,
        aid_id: grant.aid_id,
        kind: grant.kind,
        person: grant.person,
        payee_person: tx.keys.person(&grant.payee.id_number),
        account_hash: tx.keys.digest("account", &grant.payee.account_number),
        replaces_id: None,
        organization_id: grant.organization_id,
        payee_sealed: tx.keys.seal_json("payment_payee", &grant.payee)?,
        amount_fen: grant.amount,
        status: Status::Due,
        approved_on: tx.today(),
        paid_on: None,
        method: None,
        reference: None,
        cash: Cash::default(),
        fail_reason: None,
        comment_sealed: None,
        recorder_id: grant.recorder_id,
        verifier_id: grant.verifier_id,
        approver_id: grant.approver_id,
        payer_id: None,
        budget_line_id: grant.line.as_ref().map(|line| line.id),
        version: 1,
        updated_at: tx.now,
    };
    store::insert(tx, &payment)?;
    if let Some(line) = grant.line {
        book::commit(tx, &line, Cause::payment(payment.id), payment.amount_fen)?;
    }
    made(&payment).record(tx)?;
    Ok(payment)
}

fn made(payment: &Payment) -> Event {
    event("payment.made", payment)
        .field("claim_id", &payment.claim_id)
        .field("aid_id", &payment.aid_id)
        .field("kind", &payment.kind)
        .field("amount_fen", &payment.amount_fen)
}

/// Records that a payment was made; its case is paid with it. What would stay behind in a batch is not paid by hand
/// either (77).
pub fn pay(tx: &mut Tx, mut payment: Payment, paying: Paying) -> Result<Payment> {
    rules::day(paying.paid_on, payment.approved_on, tx.today())?;
    let cash = cash::of(tx, &payment, &paying)?;
    let case = take(tx, &mut payment, rules::is_due)?;
    if accounts::waits(tx, payment.id)? {
        return Err(accounts::waiting());
    }
    if let Some(stop) = stopped(tx, &payment, &case)? {
        return Err(rules::stopped(stop));
    }
    if let Some(agent) = &cash.agent_person {
        separation::has_no_part(tx, case.id(), agent)?;
    }
    payment.cash = cash;
    payment.paid_on = Some(paying.paid_on);
    payment.method = Some(paying.method);
    payment.reference = Some(paying.reference.into());
    payment.payer_id = Some(tx.actor.user()?);
    failpoint!("pay.begun");
    let payment = complete(tx, payment)?;
    failpoint!("pay.done");
    Ok(payment)
}

/// Writes what was paid, in the books too.
fn complete(tx: &mut Tx, mut payment: Payment) -> Result<Payment> {
    Case::of(tx, &payment)?.paid(tx)?;
    payment.status = Status::Paid;
    store::update(tx, &payment)?;
    failpoint!("payment.written");
    if let Some(line) = line_of(tx, &payment)? {
        book::pay(tx, &line, Cause::payment(payment.id), payment.amount_fen)?;
    }
    failpoint!("payment.booked");
    event("payment.paid", &payment)
        .field("status", &payment.status)
        .field("paid_on", &payment.paid_on)
        .field("method", &payment.method)
        .field("reference", &payment.reference)
        .field("signatures", &payment.cash.papers())
        .record(tx)?;
    Ok(payment)
}

/// Records that a payment could not be made (75).
pub fn fail(tx: &mut Tx, mut payment: Payment, failing: Failing) -> Result<Payment> {
    take(tx, &mut payment, rules::is_due)?;
    failed(tx, payment, failing)
}

/// Records that money which was paid came back (75): the payment has failed after all, and its case waits for another.
pub fn came_back(tx: &mut Tx, mut payment: Payment, failing: Failing) -> Result<Payment> {
    grasp(tx, &mut payment, rules::is_paid)?;
    rules::not_claimed_back(store::is_claimed_back(tx, payment.id)?)?;
    separation::not_own(tx, &payment.person)?;
    Case::of(tx, &payment)?.unpaid(tx)?;
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

/// A payment that a body names, as its next version and held until the work is done: for what is claimed back of it.
///
/// # Errors
/// 422 `not_found` at `pointer` when it is not in scope.
pub fn seize(tx: &mut Tx, id: PaymentId, pointer: &str) -> Result<Payment> {
    match store::find(tx, id) {
        Ok(_) => store::touch(tx, id)?,
        Err(Error::NotFound(_)) => return Err(Error::unknown_reference(pointer)),
        Err(other) => return Err(other),
    }
    store::find(tx, id)
}

/// Looks at a payment once more as it goes to the bank, and makes the acting person its payer (6, 77).
pub fn hand_over(tx: &mut Tx, id: PaymentId) -> Result<(Payment, Option<Stop>)> {
    let payment = store::find(tx, id)?;
    if payment.status != Status::Due {
        return Ok((payment, Some(Stop::NotDue)));
    }
    let case = Case::of(tx, &payment)?;
    let stop = stopped(tx, &payment, &case)?;
    if stop.is_some() {
        return Ok((payment, stop));
    }
    let part = case.take_part(tx, Part::Payer);
    Ok((payment, refused(part)?.then_some(Stop::SamePerson)))
}

/// Why a payment that is due may not be made now (77): who should get it has died, the household has left hardship, or
/// its yearly review was missed.
fn stopped(rx: &mut Rx, payment: &Payment, case: &Case) -> Result<Option<Stop>> {
    let own = payment.payee(rx)?.kind == PayeeKind::Member;
    if own && members::has_died(rx, case.member_id())? {
        return Ok(Some(Stop::PayeeDead));
    }
    if let Some(stop) = case.stopped(rx)? {
        return Ok(Some(stop));
    }
    if accounts::waits(rx, payment.id)? {
        return Ok(Some(Stop::AccountChanged));
    }
    let reviewed = upkeep::reviewed_in_time(rx, case.member_id());
    Ok(refused(reviewed)?.then_some(Stop::NotReviewed))
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

/// Cancels a payment that was not made, with a reason; its case stays approved, owes nothing any more, and uses nothing up.
pub fn cancel(tx: &mut Tx, mut payment: Payment, reason: &str) -> Result<Payment> {
    let was_due = payment.status == Status::Due;
    let case = take(tx, &mut payment, rules::may_cancel)?;
    case.released(tx)?;
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
pub fn line_of(tx: &mut Tx, payment: &Payment) -> Result<Option<funds::Line>> {
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
    if accounts::waits(tx, failed.id)? {
        return Err(accounts::waiting());
    }
    let mut payment = Payment {
        id: tx.new_id(),
        replaces_id: Some(failed.id),
        status: Status::Due,
        paid_on: None,
        method: None,
        reference: None,
        cash: Cash::default(),
        payer_id: None,
        fail_reason: None,
        comment_sealed: None,
        version: 1,
        updated_at: tx.now,
        ..failed.clone()
    };
    if let Some(change) = accounts::confirmed(tx, failed.id)? {
        accounts::redirect(tx, &mut payment, &change)?;
    }
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
    made(&payment)
        .field("replaces_id", &payment.replaces_id)
        .record(tx)?;
    Ok(payment)
}

/// Refuses with `same_person` when the acting person is whom a payment is for or who gets it, or related to either (6).
pub fn keep_away(tx: &mut Tx, payment: &Payment) -> Result<()> {
    separation::not_own(tx, &payment.payee_person)?;
    separation::not_own(tx, &payment.person)
}

/// Takes a payment whose status is `right`, as a payer of its case: none of the three before, not the member, not
/// the payee (6).
fn take(tx: &mut Tx, payment: &mut Payment, right: fn(Status) -> Result<()>) -> Result<Case> {
    grasp(tx, payment, right)?;
    let case = Case::of(tx, payment)?;
    case.take_part(tx, Part::Payer)?;
    Ok(case)
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
    look(action, payment).version(payment.version)
}

/// What happens about a payment without changing it.
pub fn look(action: &'static str, payment: &Payment) -> Event {
    Event::of(action, "payment", payment.id)
        .organization(payment.organization_id)
        .people([&payment.person, &payment.payee_person])
}

/// The refusal when the database finds that there is a live payment already.
fn already_live() -> Error {
    rules::wrong_status(Status::Failed)
}
