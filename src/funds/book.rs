//! The books: every movement of money, from one account to another, for ever (rule 79).
//!
//! A movement sums to zero by its form. The database keeps the balance of each account, refuses one that would be
//! overdrawn, ties a movement to accounts of the right kinds in one fund, and lets what an approval owes be committed and
//! paid once.

use diesel::prelude::*;

use super::{Fund, FundId, Line, rules, store};
use crate::audit::Event;
use crate::db::Tx;
use crate::db::schema::book_movements;
use crate::db::types::{Fen, Id, Timestamp};
use crate::error::{Error, Result};
use crate::organizations::OrganizationId;
use crate::users::UserId;
use crate::{say, text_enum};

pub use store::movement as find;

/// The id of an account of the books.
pub type AccountId = Id<Account>;
/// The id of a movement.
pub type MovementId = Id<Movement>;

/// An account; it is only ever named by its id.
#[derive(Debug)]
pub struct Account;

text_enum! {
    /// What an account holds.
    pub enum AccountKind {
        /// Where the money came from.
        Source = "source",
        /// Not yet allotted.
        Fund = "fund",
        /// May be approved.
        Budget = "budget",
        /// Approved, not paid.
        Committed = "committed",
        /// Ever paid.
        Paid = "paid",
        /// Came back from the bank.
        Returned = "returned",
        /// Paid back by people.
        Recovered = "recovered",
    }
}
text_enum! {
    /// What a movement is.
    pub enum MovementKind {
        /// Money came in.
        Receive = "receive",
        /// A budget line was given some of it.
        Allot = "allot",
        /// An approval owes it.
        Commit = "commit",
        /// What owed it failed or was cancelled.
        Release = "release",
        /// A payment was made.
        Pay = "pay",
        /// A payment that was made came back.
        Return = "return",
        /// Somebody paid back.
        Recover = "recover",
        /// A receipt, an allotment or what somebody paid back was undone.
        Correct = "correct",
    }
}

/// A movement.
#[derive(Debug, Clone, HasQuery, Insertable)]
#[diesel(table_name = book_movements)]
pub struct Movement {
    /// Its id.
    pub id: MovementId,
    /// What it is.
    pub kind: MovementKind,
    /// The fund whose money it is.
    pub fund_id: FundId,
    /// The account that has it less.
    pub from_account_id: AccountId,
    /// Its kind.
    pub from_kind: AccountKind,
    /// The account that has it more.
    pub to_account_id: AccountId,
    /// Its kind.
    pub to_kind: AccountKind,
    /// How much.
    pub amount_fen: Fen,
    /// The payment it is about; a plain id, because payments build on this module.
    pub payment_id: Option<Id<()>>,
    /// The movement it undoes.
    pub reverses_id: Option<MovementId>,
    /// The document it stands on.
    pub reference: Option<String>,
    /// Who booked it.
    pub actor_id: UserId,
    /// When.
    pub at: Timestamp,
    /// The insurance list it is about, likewise.
    pub insurance_list_id: Option<Id<()>>,
}

/// What an approval owes money for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cause {
    /// A payment to somebody.
    Payment(Id<()>),
    /// The premium of an insurance list.
    Insurance(Id<()>),
}

impl Cause {
    /// A payment to somebody.
    pub fn payment<T>(id: Id<T>) -> Self {
        Self::Payment(id.cast())
    }

    /// The premium of an insurance list.
    pub fn insurance<T>(id: Id<T>) -> Self {
        Self::Insurance(id.cast())
    }
}

impl Movement {
    fn cause(&self) -> Option<Cause> {
        let payment = self.payment_id.map(Cause::Payment);
        payment.or(self.insurance_list_id.map(Cause::Insurance))
    }
}

/// What a movement is about.
struct Booking {
    kind: MovementKind,
    from: (AccountId, AccountKind),
    to: (AccountId, AccountKind),
    amount: Fen,
    cause: Option<Cause>,
    reverses_id: Option<MovementId>,
    reference: Option<String>,
}

impl Booking {
    fn plain(
        kind: MovementKind,
        from: (AccountId, AccountKind),
        to: (AccountId, AccountKind),
        amount: Fen,
    ) -> Self {
        Self {
            kind,
            from,
            to,
            amount,
            cause: None,
            reverses_id: None,
            reference: None,
        }
    }
}

/// Money that came into a fund.
pub(super) fn receive(tx: &mut Tx, fund: &Fund, amount: Fen, reference: String) -> Result<Movement> {
    let from = store::fund_account(tx, fund.id, AccountKind::Source)?;
    let to = store::fund_account(tx, fund.id, AccountKind::Fund)?;
    let booking = Booking::plain(MovementKind::Receive, from, to, amount);
    let booking = Booking {
        reference: Some(reference),
        ..booking
    };
    record(tx, fund.id, fund.organization_id, booking)
}

/// Money of a fund for a line.
pub(super) fn allot(
    tx: &mut Tx,
    fund: &Fund,
    line: &Line,
    amount: Fen,
    reference: String,
) -> Result<Movement> {
    let from = store::fund_account(tx, fund.id, AccountKind::Fund)?;
    rules::covers(store::balance_of(tx, from.0)?, amount)?;
    let to = store::line_account(tx, line, AccountKind::Budget)?;
    let booking = Booking::plain(MovementKind::Allot, from, to, amount);
    let booking = Booking {
        reference: Some(reference),
        ..booking
    };
    record(tx, fund.id, fund.organization_id, booking)
}

/// Undoes a receipt or an allotment, if what it gave is still there.
pub(super) fn correct(tx: &mut Tx, fund: &Fund, wrong: &Movement, reason: &str) -> Result<Movement> {
    if !matches!(wrong.kind, MovementKind::Receive | MovementKind::Allot) {
        let detail = say!(
            "只能更正到账和下达",
            "only receipts and allotments are corrected here"
        );
        return Err(Error::refused("wrong_kind", detail));
    }
    if store::is_reversed(tx, wrong.id)? {
        return Err(already_corrected());
    }
    rules::covers(store::balance_of(tx, wrong.to_account_id)?, wrong.amount_fen)?;
    let booking = undoing(wrong, MovementKind::Correct);
    let movement = record(tx, fund.id, fund.organization_id, booking)?;
    Event::of("fund.corrected", "fund", fund.id)
        .organization(fund.organization_id)
        .version(fund.version)
        .field("movement_id", &wrong.id)
        .reason(reason)
        .record(tx)?;
    Ok(movement)
}

/// The refusal when somebody else undid it first.
pub(super) fn already_corrected() -> Error {
    let detail = say!("已更正", "it has been corrected");
    Error::refused("already_corrected", detail)
}

/// Commits the money that an approval owes: the line was taken and has as much.
pub fn commit(tx: &mut Tx, line: &Line, cause: Cause, amount: Fen) -> Result<()> {
    on_line(
        tx,
        line,
        MovementKind::Commit,
        cause,
        (AccountKind::Budget, AccountKind::Committed),
        amount,
    )
}

/// Spends what was committed.
pub fn pay(tx: &mut Tx, line: &Line, cause: Cause, amount: Fen) -> Result<()> {
    on_line(
        tx,
        line,
        MovementKind::Pay,
        cause,
        (AccountKind::Committed, AccountKind::Paid),
        amount,
    )
}

/// Takes back what was spent and the bank returned.
pub fn give_back(tx: &mut Tx, line: &Line, cause: Cause, amount: Fen) -> Result<()> {
    on_line(
        tx,
        line,
        MovementKind::Return,
        cause,
        (AccountKind::Returned, AccountKind::Budget),
        amount,
    )
}

/// Gives a line what somebody paid back of a payment.
pub fn recover<T>(tx: &mut Tx, line: &Line, payment: Id<T>, amount: Fen) -> Result<MovementId> {
    let from = store::line_account(tx, line, AccountKind::Recovered)?;
    let to = store::line_account(tx, line, AccountKind::Budget)?;
    let booking = Booking::plain(MovementKind::Recover, from, to, amount);
    let booking = Booking {
        cause: Some(Cause::payment(payment)),
        ..booking
    };
    record(tx, line.fund_id, line.organization_id, booking).map(|movement| movement.id)
}

/// Undoes a [`recover`] that was booked wrongly, while the line still has the money.
pub fn take_back(tx: &mut Tx, line: &Line, wrong: MovementId) -> Result<MovementId> {
    let wrong = store::movement(tx, line.fund_id, wrong)?;
    rules::covers(store::balance_of(tx, wrong.to_account_id)?, wrong.amount_fen)?;
    let booking = undoing(&wrong, MovementKind::Correct);
    record(tx, line.fund_id, line.organization_id, booking).map(|movement| movement.id)
}

/// Releases what was committed for what failed or was cancelled.
pub fn release(tx: &mut Tx, line: &Line, cause: Cause) -> Result<()> {
    let committed = store::of_cause(tx, cause, MovementKind::Commit)?;
    let booking = undoing(&committed, MovementKind::Release);
    record(tx, line.fund_id, line.organization_id, booking).map(drop)
}

fn undoing(wrong: &Movement, kind: MovementKind) -> Booking {
    Booking {
        kind,
        from: (wrong.to_account_id, wrong.to_kind),
        to: (wrong.from_account_id, wrong.from_kind),
        amount: wrong.amount_fen,
        cause: wrong.cause(),
        reverses_id: Some(wrong.id),
        reference: None,
    }
}

fn on_line(
    tx: &mut Tx,
    line: &Line,
    kind: MovementKind,
    cause: Cause,
    way: (AccountKind, AccountKind),
    amount: Fen,
) -> Result<()> {
    let from = store::line_account(tx, line, way.0)?;
    let to = store::line_account(tx, line, way.1)?;
    let booking = Booking::plain(kind, from, to, amount);
    let booking = Booking {
        cause: Some(cause),
        ..booking
    };
    record(tx, line.fund_id, line.organization_id, booking).map(drop)
}

fn record(tx: &mut Tx, fund: FundId, unit: OrganizationId, booking: Booking) -> Result<Movement> {
    let (payment_id, insurance_list_id) = match booking.cause {
        Some(Cause::Payment(id)) => (Some(id), None),
        Some(Cause::Insurance(id)) => (None, Some(id)),
        None => (None, None),
    };
    let movement = Movement {
        id: tx.new_id(),
        kind: booking.kind,
        fund_id: fund,
        from_account_id: booking.from.0,
        from_kind: booking.from.1,
        to_account_id: booking.to.0,
        to_kind: booking.to.1,
        amount_fen: booking.amount,
        payment_id,
        reverses_id: booking.reverses_id,
        reference: booking.reference,
        actor_id: tx.actor.user()?,
        at: tx.now,
        insurance_list_id,
    };
    store::insert_movement(tx, &movement)?;
    Event::of("book.moved", "fund", fund)
        .organization(unit)
        .field("movement_id", &movement.id)
        .field("kind", &movement.kind)
        .field("amount_fen", &movement.amount_fen)
        .record(tx)?;
    Ok(movement)
}
