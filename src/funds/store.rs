//! Funds, lines and books in SQL.

use diesel::prelude::*;

use super::book::{AccountId, AccountKind, Cause, Movement, MovementId, MovementKind, already_corrected};
use super::{Balance, Fund, FundId, Line, LineId, Source, rules};
use crate::db::page::{Ask, Page, bad_cursor};
use crate::db::schema::{book_accounts, book_movements, budget_lines, fund_kinds, funds, organizations};
use crate::db::types::{Date, Fen, Id, year_bounds, year_of};
use crate::db::{Rx, Tx, unique};
use crate::error::{Error, Result};
use crate::organizations::{self as units, OrganizationId};
use crate::policies::rules::Level;
use crate::{say, within};

/// A fund in scope.
pub(super) fn find_fund(rx: &mut Rx, id: FundId) -> Result<Fund> {
    let mut query = Fund::query().filter(funds::id.eq(id)).into_boxed();
    within!(one query, funds::organization_id, rx);
    query
        .get_result(rx.conn)
        .optional()?
        .ok_or(Error::NotFound("fund"))
}

/// Funds in scope, by id.
pub(super) fn list_funds(rx: &mut Rx, unit: Option<OrganizationId>, ask: &Ask) -> Result<Page<Fund>> {
    units::narrow(rx, unit)?;
    let mut query = Fund::query().into_boxed();
    within!(query, funds::organization_id, rx);
    if let Some(after) = ask.after_id() {
        let after: FundId = after.parse().map_err(|_| bad_cursor())?;
        query = query.filter(funds::id.gt(after));
    }
    let rows = query.order(funds::id).limit(ask.fetch()).load(rx.conn)?;
    Ok(ask.page(rows, |fund: &Fund| (String::new(), fund.id.to_string())))
}

/// Funds in scope that are spent on some day of a year, each after the unit that keeps it.
pub fn kept_in(rx: &mut Rx, year: i32) -> Result<Vec<(OrganizationId, FundId)>> {
    let (first, last) = year_bounds(year);
    let mut query = funds::table
        .filter(funds::valid_from.le(last))
        .filter(funds::valid_to.is_null().or(funds::valid_to.ge(first)))
        .select((funds::organization_id, funds::id))
        .into_boxed();
    within!(query, funds::organization_id, rx);
    Ok(query.order(funds::id).load(rx.conn)?)
}

/// The kinds of aid a fund is for.
pub(super) fn kinds(rx: &mut Rx, fund: FundId) -> Result<Vec<String>> {
    let kinds = fund_kinds::table.filter(fund_kinds::fund_id.eq(fund));
    let in_order = kinds.order(fund_kinds::aid_kind).select(fund_kinds::aid_kind);
    Ok(in_order.load(rx.conn)?)
}

/// Stores a fund with its kinds and its two accounts.
pub(super) fn insert_fund(tx: &mut Tx, fund: &Fund, kinds: &[&str]) -> Result<()> {
    let done = diesel::insert_into(funds::table).values(fund).execute(tx.conn);
    unique(done, code_taken)?;
    for kind in kinds {
        let row = (fund_kinds::fund_id.eq(fund.id), fund_kinds::aid_kind.eq(kind));
        diesel::insert_into(fund_kinds::table)
            .values(row)
            .execute(tx.conn)?;
    }
    for kind in [AccountKind::Source, AccountKind::Fund] {
        open_account(tx, fund.id, None, kind)?;
    }
    Ok(())
}

fn code_taken() -> Error {
    let detail = say!("本单位已有此代码的资金", "the unit has a fund of this code");
    Error::refused("code_taken", detail)
}

/// Stores a line with its five accounts.
pub(super) fn insert_line(tx: &mut Tx, line: &Line) -> Result<()> {
    let done = diesel::insert_into(budget_lines::table)
        .values(line)
        .execute(tx.conn);
    unique(done, line_exists)?;
    for kind in [
        AccountKind::Budget,
        AccountKind::Committed,
        AccountKind::Paid,
        AccountKind::Returned,
        AccountKind::Recovered,
    ] {
        open_account(tx, line.fund_id, Some(line.id), kind)?;
    }
    Ok(())
}

fn line_exists() -> Error {
    let detail = say!(
        "该单位本年度此项已有额度，请追加",
        "the unit has a line for this year and kind: add to it"
    );
    Error::refused("line_exists", detail)
}

fn open_account(tx: &mut Tx, fund: FundId, line: Option<LineId>, kind: AccountKind) -> Result<()> {
    let id: AccountId = tx.new_id();
    let row = (
        book_accounts::id.eq(id),
        book_accounts::fund_id.eq(fund),
        book_accounts::line_id.eq(line),
        book_accounts::kind.eq(kind),
        book_accounts::balance_fen.eq(Fen(0)),
    );
    diesel::insert_into(book_accounts::table)
        .values(row)
        .execute(tx.conn)?;
    Ok(())
}

/// Takes a fund's row until the work is done: whoever moves its money waits.
pub(super) fn take_fund(tx: &mut Tx, fund: &mut Fund) -> Result<()> {
    let place = funds::table.find(fund.id);
    fund.version = diesel::update(place)
        .set(funds::version.eq(funds::version + 1))
        .returning(funds::version)
        .get_result(tx.conn)?;
    Ok(())
}

/// Takes a line's row until the work is done.
pub(super) fn take_line(tx: &mut Tx, line: &mut Line) -> Result<()> {
    let place = budget_lines::table.find(line.id);
    line.version = diesel::update(place)
        .set(budget_lines::version.eq(budget_lines::version + 1))
        .returning(budget_lines::version)
        .get_result(tx.conn)?;
    Ok(())
}

/// A budget line in scope.
pub(super) fn find_line(rx: &mut Rx, id: LineId) -> Result<Line> {
    let mut query = Line::query().filter(budget_lines::id.eq(id)).into_boxed();
    within!(one query, budget_lines::organization_id, rx);
    query
        .get_result(rx.conn)
        .optional()?
        .ok_or(Error::NotFound("budget_line"))
}

/// A budget line, whatever the scope.
pub(super) fn any_line(rx: &mut Rx, id: LineId) -> Result<Line> {
    Ok(Line::query()
        .filter(budget_lines::id.eq(id))
        .get_result(rx.conn)?)
}

/// What to list.
pub(super) struct Filter {
    pub fund_id: Option<FundId>,
    pub organization_id: Option<OrganizationId>,
    pub year: Option<i32>,
    pub aid_kind: Option<String>,
}

/// Budget lines in scope, by id.
pub(super) fn list_lines(rx: &mut Rx, filter: Filter, ask: &Ask) -> Result<Page<Line>> {
    units::narrow(rx, filter.organization_id)?;
    let mut query = Line::query().into_boxed();
    within!(query, budget_lines::organization_id, rx);
    if let Some(fund) = filter.fund_id {
        query = query.filter(budget_lines::fund_id.eq(fund));
    }
    if let Some(year) = filter.year {
        query = query.filter(budget_lines::year.eq(year));
    }
    if let Some(kind) = filter.aid_kind {
        query = query.filter(budget_lines::aid_kind.eq(kind));
    }
    if let Some(after) = ask.after_id() {
        let after: LineId = after.parse().map_err(|_| bad_cursor())?;
        query = query.filter(budget_lines::id.gt(after));
    }
    let rows = query.order(budget_lines::id).limit(ask.fetch()).load(rx.conn)?;
    Ok(ask.page(rows, |line: &Line| (String::new(), line.id.to_string())))
}

/// The lines for a kind and the year of the day, of the nearest unit, at or above `unit`, that has any of a fund that is
/// spent on the day and serves the level; in the order of their funds' codes.
pub(super) fn nearest(
    rx: &mut Rx,
    unit: OrganizationId,
    kind: &str,
    level: Option<Level>,
    on: Date,
) -> Result<Vec<Line>> {
    let unit = organizations::table.find(unit);
    let path: String = unit.select(organizations::path).get_result(rx.conn)?;
    let above: Vec<&str> = path.split('/').filter(|id| !id.is_empty()).collect();
    let mut found: Vec<(Line, String, Source)> = budget_lines::table
        .inner_join(funds::table.on(funds::id.eq(budget_lines::fund_id)))
        .inner_join(organizations::table.on(organizations::id.eq(budget_lines::organization_id)))
        .filter(budget_lines::organization_id.eq_any(above))
        .filter(budget_lines::year.eq(year_of(on)))
        .filter(budget_lines::aid_kind.eq(kind))
        .filter(funds::valid_from.le(on))
        .filter(funds::valid_to.is_null().or(funds::valid_to.ge(on)))
        .order((organizations::path.desc(), funds::code, funds::id))
        .select((Line::as_select(), organizations::path, funds::source))
        .load(rx.conn)?;
    found.retain(|(_, _, source)| rules::serves(*source, level));
    let nearest = found.first().map(|(_, path, _)| path.clone());
    let of_it = found
        .into_iter()
        .filter(|(_, path, _)| Some(path) == nearest.as_ref());
    Ok(of_it.map(|(line, ..)| line).collect())
}

/// The account of a fund.
pub(super) fn fund_account(rx: &mut Rx, fund: FundId, kind: AccountKind) -> Result<(AccountId, AccountKind)> {
    let account = book_accounts::table
        .filter(book_accounts::fund_id.eq(fund))
        .filter(book_accounts::line_id.is_null())
        .filter(book_accounts::kind.eq(kind));
    Ok((account.select(book_accounts::id).get_result(rx.conn)?, kind))
}

/// The account of a line.
pub(super) fn line_account(rx: &mut Rx, line: &Line, kind: AccountKind) -> Result<(AccountId, AccountKind)> {
    let account = book_accounts::table
        .filter(book_accounts::line_id.eq(line.id))
        .filter(book_accounts::kind.eq(kind));
    Ok((account.select(book_accounts::id).get_result(rx.conn)?, kind))
}

/// What an account holds.
pub(super) fn balance_of(rx: &mut Rx, account: AccountId) -> Result<Fen> {
    let place = book_accounts::table.find(account);
    Ok(place.select(book_accounts::balance_fen).get_result(rx.conn)?)
}

/// What a fund has received and has not allotted.
pub(super) fn fund_balance(rx: &mut Rx, fund: FundId) -> Result<(Fen, Fen)> {
    let source = fund_account(rx, fund, AccountKind::Source)?.0;
    let left = fund_account(rx, fund, AccountKind::Fund)?.0;
    let received = Fen(-balance_of(rx, source)?.0);
    Ok((received, balance_of(rx, left)?))
}

/// What there is on a line.
pub(super) fn balance(rx: &mut Rx, line: LineId) -> Result<Balance> {
    let accounts: Vec<(AccountKind, Fen)> = book_accounts::table
        .filter(book_accounts::line_id.eq(line))
        .select((book_accounts::kind, book_accounts::balance_fen))
        .load(rx.conn)?;
    let mut balance = Balance::default();
    for (kind, fen) in accounts {
        match kind {
            AccountKind::Budget => balance.available_fen = fen,
            AccountKind::Committed => balance.committed_fen = fen,
            AccountKind::Paid => balance.paid_fen = fen,
            AccountKind::Returned => balance.returned_fen = Fen(-fen.0),
            AccountKind::Recovered => balance.recovered_fen = Fen(-fen.0),
            AccountKind::Source | AccountKind::Fund => {}
        }
    }
    Ok(balance)
}

/// A movement of a fund.
pub fn movement(rx: &mut Rx, fund: FundId, id: MovementId) -> Result<Movement> {
    Movement::query()
        .filter(book_movements::id.eq(id))
        .filter(book_movements::fund_id.eq(fund))
        .get_result(rx.conn)
        .optional()?
        .ok_or(Error::NotFound("movement"))
}

/// The movements of a fund, by id.
pub(super) fn movements(rx: &mut Rx, fund: FundId, ask: &Ask) -> Result<Page<Movement>> {
    let mut query = Movement::query()
        .filter(book_movements::fund_id.eq(fund))
        .into_boxed();
    if let Some(after) = ask.after_id() {
        let after: MovementId = after.parse().map_err(|_| bad_cursor())?;
        query = query.filter(book_movements::id.gt(after));
    }
    let rows = query.order(book_movements::id).limit(ask.fetch()).load(rx.conn)?;
    Ok(ask.page(rows, |movement: &Movement| {
        (String::new(), movement.id.to_string())
    }))
}

/// The movement of a kind that a payment or an insurance list made.
pub(super) fn of_cause(rx: &mut Rx, cause: Cause, kind: MovementKind) -> Result<Movement> {
    let of_kind = Movement::query()
        .filter(book_movements::kind.eq(kind))
        .into_boxed();
    let made = match cause {
        Cause::Payment(id) => of_kind.filter(book_movements::payment_id.eq(id)),
        Cause::Insurance(id) => of_kind.filter(book_movements::insurance_list_id.eq(id)),
    };
    Ok(made.get_result(rx.conn)?)
}

/// The movements that a payment made.
pub(super) fn of_payment(rx: &mut Rx, payment: Id<()>) -> Result<Vec<Movement>> {
    let made = Movement::query().filter(book_movements::payment_id.eq(payment));
    Ok(made.order(book_movements::id).load(rx.conn)?)
}

/// Whether a movement was undone.
pub(super) fn is_reversed(rx: &mut Rx, id: MovementId) -> Result<bool> {
    let undone = book_movements::table.filter(book_movements::reverses_id.eq(id));
    Ok(diesel::select(diesel::dsl::exists(undone)).get_result(rx.conn)?)
}

pub(super) fn insert_movement(tx: &mut Tx, movement: &Movement) -> Result<()> {
    let done = diesel::insert_into(book_movements::table)
        .values(movement)
        .execute(tx.conn);
    unique(done, already_corrected).map(drop)
}
