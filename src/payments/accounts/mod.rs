//! A corrected account (75, 77): a caseworker says where a payment that failed, or is due, should go instead; a supervisor
//! confirms it. Whoever pays can do neither, and only the account changes, never whose it is.
//!
//! While a change waits the payment is not made. One that is confirmed is taken at once by a payment that is due, and by
//! the re-issue of one that failed.

use diesel::prelude::*;
use serde::{Deserialize, Serialize};

use super::{Case, Payment, PaymentId, Status, event, keep_away, rules as payments, store as rows};
use crate::audit::Event;
use crate::claims::payee::account_fits;
use crate::claims::{AccountType, Payee, PayeeKind};
use crate::db::schema::account_changes;
use crate::db::types::{Id, Timestamp};
use crate::db::{Rx, Tx};
use crate::duplicates::{self, KeyKind};
use crate::error::{Error, Result};
use crate::identity::AccountNumber;
use crate::input::{Name, Reason};
use crate::keyring::Sealed;
use crate::separation::{self, Part};
use crate::users::UserId;
use crate::{input, members, say, text_enum};

pub mod http;
mod rules;
mod store;

pub(super) use store::{confirmed, waits};

/// The id of a change of account.
pub type AccountChangeId = Id<AccountChange>;

text_enum! {
    /// Where a change of account stands.
    #[schema(as = AccountChangeStatus)]
    pub enum ChangeStatus {
        /// Waits for a supervisor; the payment is not made meanwhile.
        Proposed = "proposed",
        /// Is what the payment goes to.
        Confirmed = "confirmed",
        /// Was not right.
        Refused = "refused",
    }
}

/// A change of a payment's account.
#[derive(Debug, Clone, HasQuery, Insertable)]
#[diesel(table_name = account_changes)]
pub struct AccountChange {
    /// Its id.
    pub id: AccountChangeId,
    /// The payment.
    pub payment_id: PaymentId,
    /// [`Account`], encrypted.
    pub account_sealed: Sealed,
    /// Where it stands.
    pub status: ChangeStatus,
    /// Who proposed it.
    pub proposed_by: UserId,
    /// The same, as a digest of the person.
    pub proposer_person: String,
    /// When.
    pub proposed_at: Timestamp,
    /// Who confirmed or refused it.
    pub decided_by: Option<UserId>,
    /// The same, as a digest of the person.
    pub decider_person: Option<String>,
    /// When.
    pub decided_at: Option<Timestamp>,
    /// Version, for `If-Match`.
    pub version: i32,
}

/// The other account.
#[derive(Serialize, Deserialize, PartialEq, Eq)]
pub struct Account {
    /// Its number in clear.
    pub account_number: String,
    /// What kind it is.
    pub account_type: AccountType,
    /// The bank.
    pub bank: String,
}

impl AccountChange {
    /// The other account, in clear.
    pub fn account(&self, rx: &Rx) -> Result<Account> {
        rx.keys.open_json("account_change", &self.account_sealed)
    }
}

impl Account {
    /// The payee with this account.
    pub fn of(self, payee: Payee) -> Payee {
        Payee {
            account_number: self.account_number,
            account_type: self.account_type,
            bank: self.bank,
            ..payee
        }
    }
}

input! {
    /// Another account of the same payee.
    pub struct NewAccountChange {
        /// Made by the client (UUIDv7), or null.
        #[schema(value_type = Option<String>, format = "uuid")]
        pub id: Option<AccountChangeId>,
        /// Account or card number, in the payee's own name (73).
        #[schema(value_type = String, example = "6200000000000005")]
        pub account_number: AccountNumber,
        /// What kind of account; a card when nothing is said.
        pub account_type: Option<AccountType>,
        /// The bank.
        #[schema(value_type = String, example = "徽商银行", max_length = 100)]
        pub bank: Name,
        /// Why; stays in the log for ever.
        pub reason: Reason,
    }
}

/// Proposes another account for a payment that failed or is due.
fn propose(
    tx: &mut Tx,
    id: AccountChangeId,
    payment: PaymentId,
    new: NewAccountChange,
) -> Result<AccountChange> {
    let (payment, case) = seize(tx, payment)?;
    payments::may_correct(payment.status, rows::is_replaced(tx, payment.id)?)?;
    let name = members::find_any(tx, case.member_id())?.name;
    members::without_name(&new.reason, &name, "/reason")?;
    let account = Account {
        account_number: new.account_number.as_str().to_owned(),
        account_type: new.account_type.unwrap_or_default(),
        bank: new.bank.into(),
    };
    account_fits(account.account_type, &account.account_number, "/account_number")
        .map_err(|error| Error::Invalid(vec![error]))?;
    rules::differs(&account, &payment.payee(tx)?)?;
    case.take_part(tx, Part::Recorder)?;
    let change = AccountChange {
        id,
        payment_id: payment.id,
        account_sealed: tx.keys.seal_json("account_change", &account)?,
        status: ChangeStatus::Proposed,
        proposed_by: tx.actor.user()?,
        proposer_person: tx.actor.person.clone(),
        proposed_at: tx.now,
        decided_by: None,
        decider_person: None,
        decided_at: None,
        version: 1,
    };
    store::insert(tx, &change)?;
    noted("payment.account_change_proposed", &payment, &change)
        .field("account_number", &account.account_number)
        .field("bank", &account.bank)
        .reason(new.reason)
        .record(tx)?;
    Ok(change)
}

/// Confirms a change: another person, who is not the payer. A payment that is due has the account from now on.
fn confirm(tx: &mut Tx, change: AccountChange) -> Result<AccountChange> {
    let (mut payment, case) = seize(tx, change.payment_id)?;
    let change = store::find(tx, payment.id, change.id)?;
    payments::may_correct(payment.status, rows::is_replaced(tx, payment.id)?)?;
    let change = decide(tx, &payment, &case, change, ChangeStatus::Confirmed)?;
    if payment.status == Status::Due {
        redirect(tx, &mut payment, &change)?;
        rows::update(tx, &payment)?;
    }
    noted("payment.account_change_confirmed", &payment, &change).record(tx)?;
    Ok(change)
}

/// Refuses a change: the payment goes where it went.
fn refuse(tx: &mut Tx, change: AccountChange, reason: Reason) -> Result<AccountChange> {
    let (payment, case) = seize(tx, change.payment_id)?;
    let change = store::find(tx, payment.id, change.id)?;
    let name = members::find_any(tx, case.member_id())?.name;
    members::without_name(&reason, &name, "/reason")?;
    let change = decide(tx, &payment, &case, change, ChangeStatus::Refused)?;
    noted("payment.account_change_refused", &payment, &change)
        .reason(reason)
        .record(tx)?;
    Ok(change)
}

/// Writes who decided; whoever has judged the case before may, and anybody else judges it by this.
fn decide(
    tx: &mut Tx,
    payment: &Payment,
    case: &Case,
    before: AccountChange,
    status: ChangeStatus,
) -> Result<AccountChange> {
    rules::is_open(before.status)?;
    rules::another(&before.proposer_person, &tx.actor.person)?;
    match separation::part_of(tx, case.id())? {
        Some(Part::Verifier | Part::Approver) => keep_away(tx, payment)?,
        _ => case.take_part(tx, Part::Verifier)?,
    }
    let after = AccountChange {
        status,
        decided_by: Some(tx.actor.user()?),
        decider_person: Some(tx.actor.person.clone()),
        decided_at: Some(tx.now),
        version: before.version + 1,
        ..before
    };
    store::decide(tx, &after)?;
    Ok(after)
}

/// Gives a payment the confirmed account, and lets the member be found by it when it is the member's own (9).
pub(super) fn redirect(tx: &mut Tx, payment: &mut Payment, change: &AccountChange) -> Result<()> {
    let payee = change.account(tx)?.of(payment.payee(tx)?);
    payment.payee_sealed = tx.keys.seal_json("payment_payee", &payee)?;
    payment.account_hash = tx.keys.digest("account", &payee.account_number);
    if payee.kind != PayeeKind::Member {
        return Ok(());
    }
    let member = Case::of(tx, payment)?.member_id();
    duplicates::know_more(tx, member.cast(), KeyKind::Account, &payee.account_number)
}

/// The payment, as its next version and held until the work is done, unless it is on its way to the bank.
fn seize(tx: &mut Tx, id: PaymentId) -> Result<(Payment, Case)> {
    rows::touch(tx, id)?;
    let payment = rows::find(tx, id)?;
    payments::not_in_batch(rows::in_batch(tx, id)?)?;
    let case = Case::of(tx, &payment)?;
    Ok((payment, case))
}

/// The refusal while a change waits.
pub(super) fn waiting() -> Error {
    let detail = say!(
        "收款账户变更待复核，暂不能支付",
        "a change of the account waits to be confirmed"
    );
    Error::refused("account_change_open", detail)
}

fn noted(action: &'static str, payment: &Payment, change: &AccountChange) -> Event {
    event(action, payment)
        .field("account_change_id", &change.id)
        .field("account_change_status", &change.status)
}
