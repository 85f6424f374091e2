//! Batches, their lines and the bank's answers in SQL.

use diesel::prelude::*;

use super::answers::{Answer, Query, QueryId};
use super::layouts::{Kept, LayoutId};
use super::{Batch, BatchId, Line, LineId, LineStatus, Status, in_batch};
use crate::bank::layout::ReturnCode;
use crate::db::page::{Ask, Page, bad_cursor};
use crate::db::schema::{
    bank_answer_queries, bank_answers, bank_layouts, batch_lines, payment_batches, payments,
};
use crate::db::{Rx, Tx, unique};
use crate::error::{Error, Result};
use crate::keyring::Sealed;
use crate::organizations::{self, OrganizationId};
use crate::payments::{PaymentId, Stop};
use crate::{say, within};

/// A batch in scope.
pub fn find(rx: &mut Rx, id: BatchId) -> Result<Batch> {
    let mut query = Batch::query().filter(payment_batches::id.eq(id)).into_boxed();
    within!(one query, payment_batches::organization_id, rx);
    query
        .get_result(rx.conn)
        .optional()?
        .ok_or(Error::NotFound("payment_batch"))
}

/// Batches in scope, by id.
pub(super) fn list(
    rx: &mut Rx,
    unit: Option<OrganizationId>,
    status: Option<Status>,
    ask: &Ask,
) -> Result<Page<Batch>> {
    organizations::narrow(rx, unit)?;
    let mut query = Batch::query().into_boxed();
    within!(query, payment_batches::organization_id, rx);
    if let Some(status) = status {
        query = query.filter(payment_batches::status.eq(status));
    }
    if let Some(after) = ask.after_id() {
        let after: BatchId = after.parse().map_err(|_| bad_cursor())?;
        query = query.filter(payment_batches::id.gt(after));
    }
    let rows = query
        .order(payment_batches::id)
        .limit(ask.fetch())
        .load(rx.conn)?;
    Ok(ask.page(rows, |batch: &Batch| (String::new(), batch.id.to_string())))
}

pub(super) fn insert(tx: &mut Tx, batch: &Batch) -> Result<()> {
    diesel::insert_into(payment_batches::table)
        .values(batch)
        .execute(tx.conn)?;
    Ok(())
}

/// Takes the row, as its next version, until the work is done; `false` when somebody came first.
pub(super) fn next_version(tx: &mut Tx, batch: &mut Batch) -> Result<bool> {
    let read = batch.version;
    let place = payment_batches::table
        .find(batch.id)
        .filter(payment_batches::version.eq(read));
    let taken = diesel::update(place)
        .set(payment_batches::version.eq(read + 1))
        .execute(tx.conn)?;
    batch.version = read + 1;
    Ok(taken == 1)
}

pub(super) fn update(tx: &mut Tx, batch: &Batch) -> Result<()> {
    let place = payment_batches::table.find(batch.id);
    diesel::update(place).set(batch).execute(tx.conn)?;
    Ok(())
}

/// Keeps the file of a batch.
pub(super) fn keep_content(tx: &mut Tx, id: BatchId, content: &Sealed) -> Result<()> {
    let place = payment_batches::table.find(id);
    diesel::update(place)
        .set(payment_batches::content_sealed.eq(content))
        .execute(tx.conn)?;
    Ok(())
}

/// The file of a batch.
pub(super) fn content(rx: &mut Rx, id: BatchId) -> Result<Option<Sealed>> {
    let place = payment_batches::table.find(id);
    Ok(place
        .select(payment_batches::content_sealed)
        .get_result(rx.conn)?)
}

pub(super) fn insert_line(tx: &mut Tx, line: &Line) -> Result<()> {
    let done = diesel::insert_into(batch_lines::table)
        .values(line)
        .execute(tx.conn);
    unique(done, in_batch).map(drop)
}

/// A line of a batch.
pub(super) fn line(rx: &mut Rx, batch: BatchId, id: LineId) -> Result<Line> {
    Line::query()
        .filter(batch_lines::id.eq(id))
        .filter(batch_lines::batch_id.eq(batch))
        .get_result(rx.conn)
        .optional()?
        .ok_or(Error::NotFound("batch_line"))
}

/// A line by its number.
pub(super) fn line_by_reference(rx: &mut Rx, batch: BatchId, reference: &str) -> Result<Option<Line>> {
    Ok(Line::query()
        .filter(batch_lines::reference.eq(reference))
        .filter(batch_lines::batch_id.eq(batch))
        .get_result(rx.conn)
        .optional()?)
}

/// The lines of a batch, in their order.
pub(super) fn lines(rx: &mut Rx, batch: BatchId, ask: &Ask) -> Result<Page<Line>> {
    let mut query = Line::query().filter(batch_lines::batch_id.eq(batch)).into_boxed();
    if let Some(after) = ask.after_id() {
        query = query.filter(batch_lines::reference.gt(after.to_owned()));
    }
    let in_order = query.order(batch_lines::reference);
    let rows = in_order.limit(ask.fetch()).load(rx.conn)?;
    Ok(ask.page(rows, |line: &Line| (String::new(), line.reference.clone())))
}

/// Every line of a batch, in their order: up to 10,000.
pub(super) fn all_lines(rx: &mut Rx, batch: BatchId) -> Result<Vec<Line>> {
    Ok(Line::query()
        .filter(batch_lines::batch_id.eq(batch))
        .order(batch_lines::reference)
        .load(rx.conn)?)
}

/// The lines of batches that a payment was in.
pub(super) fn of_payment(rx: &mut Rx, payment: PaymentId) -> Result<Vec<Line>> {
    let lines = Line::query().filter(batch_lines::payment_id.eq(payment));
    Ok(lines.order(batch_lines::id).load(rx.conn)?)
}

/// The digests of whom the lines of a batch that stand so are for, and of who gets them.
pub(super) fn people(rx: &mut Rx, batch: BatchId, statuses: &[LineStatus]) -> Result<Vec<String>> {
    let rows: Vec<(String, String)> = batch_lines::table
        .inner_join(payments::table.on(payments::id.eq(batch_lines::payment_id)))
        .filter(batch_lines::batch_id.eq(batch))
        .filter(batch_lines::status.eq_any(statuses.to_vec()))
        .select((payments::person, payments::payee_person))
        .load(rx.conn)?;
    Ok(rows.into_iter().flat_map(<[String; 2]>::from).collect())
}

/// The lines that wait for the export.
pub(super) fn pending(rx: &mut Rx, batch: BatchId) -> Result<Vec<Line>> {
    Ok(Line::query()
        .filter(batch_lines::batch_id.eq(batch))
        .filter(batch_lines::status.eq(LineStatus::Pending))
        .order(batch_lines::reference)
        .load(rx.conn)?)
}

/// How many lines the bank has not answered for.
pub(super) fn open_lines(rx: &mut Rx, batch: BatchId) -> Result<i64> {
    let open = batch_lines::table
        .filter(batch_lines::batch_id.eq(batch))
        .filter(batch_lines::status.eq(LineStatus::Exported));
    Ok(open.count().get_result(rx.conn)?)
}

/// How many lines of answers wait for a person.
pub(super) fn open_queries(rx: &mut Rx, batch: BatchId) -> Result<i64> {
    let open = bank_answer_queries::table
        .filter(bank_answer_queries::batch_id.eq(batch))
        .filter(bank_answer_queries::resolved_at.is_null());
    Ok(open.count().get_result(rx.conn)?)
}

pub(super) fn set_line(tx: &mut Tx, id: LineId, status: LineStatus) -> Result<()> {
    let place = batch_lines::table.find(id);
    let done = diesel::update(place)
        .set(batch_lines::status.eq(status))
        .execute(tx.conn);
    unique(done, in_batch).map(drop)
}

pub(super) fn block(tx: &mut Tx, id: LineId, reason: Stop) -> Result<()> {
    let set = (
        batch_lines::status.eq(LineStatus::Blocked),
        batch_lines::blocked_reason.eq(Some(reason)),
    );
    diesel::update(batch_lines::table.find(id))
        .set(set)
        .execute(tx.conn)?;
    Ok(())
}

pub(super) fn set_returned(tx: &mut Tx, id: LineId, code: ReturnCode) -> Result<()> {
    let set = (
        batch_lines::status.eq(LineStatus::Returned),
        batch_lines::return_code.eq(Some(code)),
    );
    diesel::update(batch_lines::table.find(id))
        .set(set)
        .execute(tx.conn)?;
    Ok(())
}

pub(super) fn withdraw_lines(tx: &mut Tx, batch: BatchId) -> Result<()> {
    let place = batch_lines::table
        .filter(batch_lines::batch_id.eq(batch))
        .filter(batch_lines::status.eq(LineStatus::Pending));
    diesel::update(place)
        .set(batch_lines::status.eq(LineStatus::Withdrawn))
        .execute(tx.conn)?;
    Ok(())
}

/// An answer by its content.
pub(super) fn answer(rx: &mut Rx, batch: BatchId, hash: &str) -> Result<Option<Answer>> {
    Ok(Answer::query()
        .filter(bank_answers::batch_id.eq(batch))
        .filter(bank_answers::content_hash.eq(hash))
        .get_result(rx.conn)
        .optional()?)
}

pub(super) fn insert_answer(tx: &mut Tx, answer: &Answer) -> Result<()> {
    diesel::insert_into(bank_answers::table)
        .values(answer)
        .execute(tx.conn)?;
    Ok(())
}

/// Writes what an answer came to.
pub(super) fn count_answer(tx: &mut Tx, answer: &Answer) -> Result<()> {
    let set = (
        bank_answers::paid.eq(answer.paid),
        bank_answers::returned.eq(answer.returned),
        bank_answers::unchanged.eq(answer.unchanged),
        bank_answers::queued.eq(answer.queued),
    );
    diesel::update(bank_answers::table.find(answer.id))
        .set(set)
        .execute(tx.conn)?;
    Ok(())
}

pub(super) fn insert_query(tx: &mut Tx, query: &Query) -> Result<()> {
    diesel::insert_into(bank_answer_queries::table)
        .values(query)
        .execute(tx.conn)?;
    Ok(())
}

/// A query of a batch.
pub(super) fn query(rx: &mut Rx, batch: BatchId, id: QueryId) -> Result<Query> {
    Query::query()
        .filter(bank_answer_queries::id.eq(id))
        .filter(bank_answer_queries::batch_id.eq(batch))
        .get_result(rx.conn)
        .optional()?
        .ok_or(Error::NotFound("query"))
}

/// The queries of a batch, by their line.
pub(super) fn queries(rx: &mut Rx, batch: BatchId, ask: &Ask) -> Result<Page<Query>> {
    let mut query = Query::query()
        .filter(bank_answer_queries::batch_id.eq(batch))
        .into_boxed();
    if let Some((line, id)) = ask.after_key::<i32, Query>()? {
        query = query.filter(bank_answer_queries::line.ge(line)).filter(
            bank_answer_queries::line
                .gt(line)
                .or(bank_answer_queries::id.gt(id)),
        );
    }
    let in_order = query.order((bank_answer_queries::line, bank_answer_queries::id));
    let rows = in_order.limit(ask.fetch()).load(rx.conn)?;
    Ok(ask.page(rows, |query: &Query| {
        (query.line.to_string(), query.id.to_string())
    }))
}

/// Writes how a query was resolved; `false` when it was.
pub(super) fn resolve(tx: &mut Tx, query: &Query) -> Result<bool> {
    let (by, at, how) = query.resolution();
    let place = bank_answer_queries::table
        .find(query.id)
        .filter(bank_answer_queries::resolved_at.is_null());
    let set = (
        bank_answer_queries::resolved_by.eq(by),
        bank_answer_queries::resolved_at.eq(at),
        bank_answer_queries::resolution.eq(how),
    );
    Ok(diesel::update(place).set(set).execute(tx.conn)? == 1)
}

/// A layout.
pub(super) fn layout(rx: &mut Rx, id: LayoutId) -> Result<Option<Kept>> {
    Ok(Kept::query()
        .filter(bank_layouts::id.eq(id))
        .get_result(rx.conn)
        .optional()?)
}

/// Every layout, by code and revision.
pub(super) fn layouts(rx: &mut Rx) -> Result<Vec<Kept>> {
    let in_order = Kept::query().order((bank_layouts::code, bank_layouts::revision));
    Ok(in_order.load(rx.conn)?)
}

/// The last revision of a code; 0 when there is none.
pub(super) fn last_revision(rx: &mut Rx, code: &str) -> Result<i32> {
    let last = bank_layouts::table
        .filter(bank_layouts::code.eq(code))
        .order(bank_layouts::revision.desc())
        .select(bank_layouts::revision);
    Ok(last.first(rx.conn).optional()?.unwrap_or(0))
}

pub(super) fn insert_layout(tx: &mut Tx, layout: &Kept) -> Result<()> {
    let done = diesel::insert_into(bank_layouts::table)
        .values(layout)
        .execute(tx.conn);
    let taken = || {
        let detail = say!(
            "同时有人登记了此代码",
            "somebody gave this code a layout just now"
        );
        Error::refused("code_taken", detail)
    };
    unique(done, taken).map(drop)
}
