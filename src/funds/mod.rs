//! Funds, budget lines and the books (rules 68, 79).
//!
//! A fund is money of one source. It is allotted to budget lines: a unit, a year, a kind of aid. An approval commits
//! money of a line, a payment spends it, a failure or a cancellation releases it. Every movement takes an amount from one
//! account to another and is never changed: see [`book`].

use diesel::prelude::*;
use serde::Serialize;
use utoipa::ToSchema;

use crate::audit::Event;
use crate::db::schema::{budget_lines, funds};
use crate::db::types::{Date, Fen, Id};
use crate::db::{Rx, Tx};
use crate::error::{Error, FieldError, Result};
use crate::input::{Name, Reason, Text, Year};
use crate::organizations::{self, OrganizationId};
use crate::policies::rules::{Funding, Level};
use crate::{codes, input, policies, say};

pub mod book;
pub mod http;
mod rules;
mod store;

pub use rules::Source;
pub use store::kept_in;

/// The id of a fund.
pub type FundId = Id<Fund>;
/// The id of a budget line.
pub type LineId = Id<Line>;

/// A fund, as kept.
#[derive(Debug, Clone, HasQuery, Insertable)]
#[diesel(table_name = funds)]
pub struct Fund {
    /// Its id.
    pub id: FundId,
    /// The unit that keeps it.
    pub organization_id: OrganizationId,
    /// Its code, once in the unit.
    pub code: String,
    /// Its name.
    pub name: String,
    /// Whose money it is.
    pub source: Source,
    /// First day on which it is spent.
    pub valid_from: Date,
    /// Last day; null for open-ended.
    pub valid_to: Option<Date>,
    /// Raised by every movement.
    pub version: i32,
}

/// A budget line, as kept.
#[derive(Debug, Clone, HasQuery, Insertable)]
#[diesel(table_name = budget_lines)]
pub struct Line {
    /// Its id.
    pub id: LineId,
    /// The fund that it is part of.
    pub fund_id: FundId,
    /// The unit that may spend it, with the units below.
    pub organization_id: OrganizationId,
    /// The year of the approvals it is for.
    pub year: i32,
    /// What it is for: a code of the list `aid_kind`.
    pub aid_kind: String,
    /// Raised by every movement.
    pub version: i32,
}

input! {
    /// A fund to open.
    pub struct NewFund {
        /// Made by the client (UUIDv7), or null.
        #[schema(value_type = Option<String>, format = "uuid")]
        pub id: Option<FundId>,
        /// The unit that keeps it.
        #[schema(value_type = String, format = "uuid")]
        pub organization_id: OrganizationId,
        /// Its code, once in the unit.
        #[schema(value_type = String, example = "2026-ZY", max_length = 60)]
        pub code: Text<60>,
        /// Its name.
        #[schema(value_type = String, example = "中央财政专项帮扶资金", max_length = 100)]
        pub name: Name,
        /// Whose money it is (68).
        pub source: Source,
        /// What it may be spent on: codes of the list `aid_kind`.
        #[schema(value_type = Vec<String>, example = json!(["living", "medical"]))]
        pub kinds: Vec<Text<60>>,
        /// First day on which it is spent.
        #[schema(example = "2020-01-01")]
        pub valid_from: Date,
        /// Last day, or null.
        #[schema(example = json!(null))]
        pub valid_to: Option<Date>,
    }
}
input! {
    /// Money that came in.
    #[schema(as = NewReceipt)]
    pub struct Receiving {
        /// How much, in fen.
        #[schema(example = 100000000)]
        pub amount_fen: Fen,
        /// The document it came with.
        #[schema(value_type = String, example = "芜总工〔2020〕8号", max_length = 64)]
        pub reference: Text<64>,
    }
}
input! {
    /// Money of a fund for a unit, a year and a kind of aid.
    pub struct NewBudgetLine {
        /// Made by the client (UUIDv7), or null.
        #[schema(value_type = Option<String>, format = "uuid")]
        pub id: Option<LineId>,
        /// The unit that may spend it, with the units below: the fund's own or one below.
        #[schema(value_type = String, format = "uuid")]
        pub organization_id: OrganizationId,
        /// The year of the approvals it is for.
        #[schema(value_type = i64, minimum = 2000, maximum = 2100, example = 2020)]
        pub year: Year,
        /// One of the fund's kinds.
        #[schema(value_type = String, example = "living")]
        pub aid_kind: Text<60>,
        /// How much, in fen.
        #[schema(example = 5000000)]
        pub amount_fen: Fen,
        /// The document that allots it.
        #[schema(value_type = String, example = "芜总工〔2020〕9号", max_length = 64)]
        pub reference: Text<64>,
    }
}
input! {
    /// Why a booking is undone.
    #[schema(as = BookingCorrection)]
    pub struct Correcting {
        /// Why; stays in the log for ever.
        pub reason: Reason,
    }
}

/// What there is on a budget line, in fen. `allotted` is the sum of `available`, `committed` and what was paid and did
/// not come back.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = BudgetBalance)]
pub struct Balance {
    /// What may still be approved.
    pub available_fen: Fen,
    /// What was approved and is not paid.
    pub committed_fen: Fen,
    /// What was ever paid.
    pub paid_fen: Fen,
    /// What of it came back from the bank.
    pub returned_fen: Fen,
    /// What of it was paid back by people.
    pub recovered_fen: Fen,
}

/// Opens a fund (68).
fn open(tx: &mut Tx, id: FundId, new: NewFund) -> Result<Fund> {
    organizations::referred(tx, new.organization_id, "/organization_id")?;
    let policy = policies::in_force::<Funding>(tx, new.valid_from)?.1;
    let central: Vec<&str> = policy.central_kinds.iter().map(|kind| &**kind).collect();
    let kinds: Vec<&str> = new.kinds.iter().map(|kind| &**kind).collect();
    let mut errors = rules::well_formed(new.source, &kinds, &central, new.valid_from, new.valid_to);
    errors.extend(unknown_kinds(tx, &kinds)?);
    if !errors.is_empty() {
        return Err(Error::Invalid(errors));
    }
    let fund = Fund {
        id,
        organization_id: new.organization_id,
        code: new.code.into(),
        name: new.name.into(),
        source: new.source,
        valid_from: new.valid_from,
        valid_to: new.valid_to,
        version: 1,
    };
    store::insert_fund(tx, &fund, &kinds)?;
    Event::of("fund.opened", "fund", id)
        .organization(fund.organization_id)
        .version(1)
        .field("code", &fund.code)
        .field("source", &fund.source)
        .field("kinds", &kinds)
        .record(tx)?;
    Ok(fund)
}

fn unknown_kinds(rx: &mut Rx, kinds: &[&str]) -> Result<Vec<FieldError>> {
    let named = kinds.iter().enumerate();
    let used: Vec<_> = named
        .map(|(n, kind)| (format!("/kinds/{n}"), "aid_kind", *kind))
        .collect();
    codes::faults(rx, &used)
}

/// Books money that came in.
fn receive(tx: &mut Tx, fund: &mut Fund, receiving: Receiving) -> Result<book::Movement> {
    rules::positive(receiving.amount_fen)?;
    store::take_fund(tx, fund)?;
    book::receive(tx, fund, receiving.amount_fen, receiving.reference.into())
}

/// Opens a budget line with its first money (79); a second one for the same unit, year and kind is refused.
fn allot(tx: &mut Tx, fund: &mut Fund, id: LineId, new: NewBudgetLine) -> Result<Line> {
    rules::positive(new.amount_fen)?;
    let unit = organizations::referred(tx, new.organization_id, "/organization_id")?;
    if !organizations::sees(tx, fund.organization_id, unit.id)? {
        return Err(rules::not_of_the_fund());
    }
    rules::within_purpose(&store::kinds(tx, fund.id)?, &new.aid_kind)?;
    let line = Line {
        id,
        fund_id: fund.id,
        organization_id: unit.id,
        year: new.year.0,
        aid_kind: new.aid_kind.into(),
        version: 1,
    };
    store::insert_line(tx, &line)?;
    Event::of("budget_line.opened", "budget_line", id)
        .organization(line.organization_id)
        .version(1)
        .field("fund_id", &line.fund_id)
        .field("year", &line.year)
        .field("aid_kind", &line.aid_kind)
        .record(tx)?;
    add(tx, fund, &line, new.amount_fen, new.reference.into())?;
    Ok(line)
}

/// Gives a line more of its fund (79).
fn add(tx: &mut Tx, fund: &mut Fund, line: &Line, amount: Fen, reference: String) -> Result<book::Movement> {
    rules::positive(amount)?;
    store::take_fund(tx, fund)?;
    book::allot(tx, fund, line, amount, reference)
}

/// Finds money for what an approval owes: takes it from the line of the nearest unit, at or above `unit`,
/// that has one for this kind and year (79), of a fund that serves files of this `level` (23). `None` when there is no such
/// line and none is needed.
///
/// # Errors
/// `budget_exceeded` (409) when no line of the nearest unit has as much, `no_budget_line` (409) when there must be one.
pub fn line_for(
    tx: &mut Tx,
    unit: OrganizationId,
    kind: &str,
    level: Option<Level>,
    amount: Fen,
) -> Result<Option<Line>> {
    let on = tx.today();
    let lines = store::nearest(tx, unit, kind, level, on)?;
    let Some(last) = lines.last().cloned() else {
        let policy = policies::in_force::<Funding>(tx, on)?.1;
        return rules::none_needed(policy.budget_needed_from, on).map(|()| None);
    };
    let mut chosen = last;
    for line in lines {
        if store::balance(tx, line.id)?.available_fen >= amount {
            chosen = line;
            break;
        }
    }
    store::take_line(tx, &mut chosen)?;
    rules::covers(store::balance(tx, chosen.id)?.available_fen, amount)?;
    Ok(Some(chosen))
}

/// A line by its id, whatever the scope: of a payment or an insurance list that is in scope.
pub fn line_of_payment(tx: &mut Tx, id: LineId) -> Result<Line> {
    let mut line = store::any_line(tx, id)?;
    store::take_line(tx, &mut line)?;
    Ok(line)
}

/// Commits money of a line again, for a payment in the place of one that failed.
pub fn enough(tx: &mut Tx, line: &Line, amount: Fen) -> Result<()> {
    rules::covers(store::balance(tx, line.id)?.available_fen, amount)
}

/// Undoes a receipt or an allotment by a booking the other way round (79).
fn correct(tx: &mut Tx, fund: &mut Fund, id: book::MovementId, reason: Reason) -> Result<book::Movement> {
    store::take_fund(tx, fund)?;
    let wrong = book::find(tx, fund.id, id)?;
    book::correct(tx, fund, &wrong, &reason)
}

/// A refusal when what a movement takes is not there.
pub(super) fn exceeded() -> Error {
    let detail = say!("余额不足", "there is not as much left");
    Error::refused("budget_exceeded", detail)
}
