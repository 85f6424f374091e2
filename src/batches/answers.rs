//! What the bank answers (75): each line of it settles a line of the batch, changes nothing, or waits for a person. The
//! whole answer is one unit of work: if the service dies in it, nothing was done, and it is sent again.

use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::rules::{self, Step};
use super::{Batch, BatchId, Line, LineStatus, Status, event, layouts, look, store};
use crate::bank::answer::{Outcome, Problem, Read, Row, read};
use crate::bank::layout::ReturnCode;
use crate::db::Tx;
use crate::db::schema::{bank_answer_queries, bank_answers};
use crate::db::types::{Date, Id, Timestamp};
use crate::error::{Error, Result};
use crate::input;
use crate::input::Reason;
use crate::keyring::{Keyring, Sealed};
use crate::payments::{self, FailCode};
use crate::users::UserId;
use crate::{failpoint, say};

/// The id of an answer.
pub type AnswerId = Id<Answer>;
/// The id of a query.
pub type QueryId = Id<Query>;

/// Lines of an answer that wait for a person one by one. One query more, at the first of the rest, says that there are
/// more; the answer counts them all, and a line of the batch that is among them stays open.
const MAX_QUERIES: i32 = 1_000;

/// Characters that a query keeps of the number that a line gives.
const MAX_REFERENCE: usize = 100;

/// An answer that was read: the same content is read once.
#[derive(Debug, Clone, HasQuery, Insertable, Serialize, ToSchema)]
#[diesel(table_name = bank_answers)]
#[schema(as = BankAnswer)]
pub struct Answer {
    /// Its id.
    pub id: AnswerId,
    /// The batch it is about.
    pub batch_id: BatchId,
    /// Keyed digest of its content.
    #[serde(skip)]
    pub content_hash: String,
    /// Who sent it.
    pub imported_by: UserId,
    /// When.
    pub imported_at: Timestamp,
    /// Lines that were paid.
    pub paid: i32,
    /// Lines that came back.
    pub returned: i32,
    /// Lines of which the same was known.
    pub unchanged: i32,
    /// Lines that wait for a person; from the 1,001st on they are counted and not listed.
    pub queued: i32,
}

/// A line of an answer that waits for a person, as kept.
#[derive(Debug, Clone, HasQuery, Insertable)]
#[diesel(table_name = bank_answer_queries)]
pub struct Query {
    pub(super) id: QueryId,
    batch_id: BatchId,
    answer_id: AnswerId,
    pub(super) line: i32,
    problem: Problem,
    sealed: Sealed,
    resolved_by: Option<UserId>,
    resolved_at: Option<Timestamp>,
    resolution: Option<String>,
}

/// What a query keeps encrypted.
#[derive(Serialize, Deserialize)]
struct Said {
    reference: String,
}

/// A line of an answer that waits for a person.
#[derive(Serialize, ToSchema)]
#[schema(as = BankAnswerQuery)]
pub struct ShownQuery {
    /// Its id.
    #[schema(value_type = String, format = "uuid")]
    id: QueryId,
    /// The answer.
    #[schema(value_type = String, format = "uuid")]
    answer_id: AnswerId,
    /// The line after the header.
    #[schema(example = 17)]
    line: i32,
    /// What is wrong with it.
    problem: Problem,
    /// The number that it gives.
    #[schema(example = "PC-2020-000001-00017")]
    reference: String,
    /// Who resolved it.
    resolved_by: Option<UserId>,
    /// When.
    resolved_at: Option<Timestamp>,
    /// How.
    resolution: Option<String>,
}

impl ShownQuery {
    pub(super) fn of(keys: &Keyring, query: Query) -> Result<Self> {
        let said: Said = keys.open_json("bank_answer", &query.sealed)?;
        Ok(Self {
            id: query.id,
            answer_id: query.answer_id,
            line: query.line,
            problem: query.problem,
            reference: said.reference,
            resolved_by: query.resolved_by,
            resolved_at: query.resolved_at,
            resolution: query.resolution,
        })
    }
}

input! {
    /// How a query was resolved.
    #[schema(as = QueryResolution)]
    pub struct Resolving {
        /// How; stays in the log for ever.
        pub reason: Reason,
    }
}

/// Reads the bank's answer: another person than who exported the batch. `paid_on` is the day of the payments in it.
pub fn import(tx: &mut Tx, mut batch: Batch, content: &[u8], paid_on: Date) -> Result<(Batch, Answer)> {
    // of two who send answers at once the second goes on from what the first left
    if tx.lock(&format!("payment_batch {}", batch.id))? {
        batch = store::find(tx, batch.id)?;
    }
    let hash = tx.keys.digest_bytes("bank_answer", content);
    if let Some(before) = store::answer(tx, batch.id, &hash)? {
        return Ok((batch, before));
    }
    super::step(tx, &mut batch, Step::Answer)?;
    rules::another(&tx.actor.person, &[batch.exporter_person.as_ref()])?;
    let layout = layouts::referred(tx, batch.layout_id)?.layout()?;
    let mut answer = Answer {
        id: tx.new_id(),
        batch_id: batch.id,
        content_hash: hash,
        imported_by: tx.actor.user()?,
        imported_at: tx.now,
        paid: 0,
        returned: 0,
        unchanged: 0,
        queued: 0,
    };
    store::insert_answer(tx, &answer)?;
    failpoint!("import.begun");
    read(&layout, content, |row| {
        take(tx, &batch, &mut answer, row, paid_on)?;
        failpoint!("import.line");
        Ok(())
    })?;
    store::count_answer(tx, &answer)?;
    failpoint!("import.read");
    if batch.status == Status::Exported && store::open_lines(tx, batch.id)? == 0 {
        batch.status = rules::after(batch.status, Step::Settle)?;
        batch.settled_by = Some(tx.actor.user()?);
        batch.settler_person = Some(tx.actor.person.clone());
    }
    store::update(tx, &batch)?;
    event("batch.answered", &batch)
        .field("paid", &answer.paid)
        .field("returned", &answer.returned)
        .field("queued", &answer.queued)
        .record(tx)?;
    failpoint!("import.done");
    Ok((batch, answer))
}

fn take(tx: &mut Tx, batch: &Batch, answer: &mut Answer, (at, row): Read, paid_on: Date) -> Result<()> {
    let settled = match row {
        Ok(row) => settle(tx, batch, &row, paid_on)?,
        Err(problem) => Err(problem),
    };
    match settled {
        Ok(Some(Outcome::Paid)) => answer.paid += 1,
        Ok(Some(Outcome::Returned(_))) => answer.returned += 1,
        Ok(None) => answer.unchanged += 1,
        Err((problem, reference)) => {
            answer.queued += 1;
            let problem = match answer.queued {
                n if n <= MAX_QUERIES => problem,
                n if n == MAX_QUERIES + 1 => Problem::TooMany,
                _ => return Ok(()),
            };
            let reference = reference.chars().take(MAX_REFERENCE).collect();
            let query = Query {
                id: tx.new_id(),
                batch_id: batch.id,
                answer_id: answer.id,
                line: i32::try_from(at).unwrap_or(i32::MAX),
                problem,
                sealed: tx.keys.seal_json("bank_answer", &Said { reference })?,
                resolved_by: None,
                resolved_at: None,
                resolution: None,
            };
            store::insert_query(tx, &query)?;
        }
    }
    Ok(())
}

/// What a line of the answer did: something, nothing, or a question.
type Settled = std::result::Result<Option<Outcome>, (Problem, String)>;

fn settle(tx: &mut Tx, batch: &Batch, row: &Row, paid_on: Date) -> Result<Settled> {
    let Some(line) = store::line_by_reference(tx, batch.id, &row.reference)? else {
        return Ok(Err((Problem::UnknownLine, row.reference.clone())));
    };
    let fail = |problem| Ok(Err((problem, row.reference.clone())));
    if line.amount_fen != row.amount {
        return fail(Problem::WrongAmount);
    }
    match (line.status, row.outcome) {
        (LineStatus::Exported, outcome) => {
            carry_out(tx, batch, &line, outcome, paid_on)?;
            Ok(Ok(Some(outcome)))
        }
        (LineStatus::Paid, Outcome::Paid) => Ok(Ok(None)),
        (LineStatus::Returned, Outcome::Returned(code)) if line.return_code == Some(code) => Ok(Ok(None)),
        (LineStatus::Paid | LineStatus::Returned, _) => fail(Problem::Contradicts),
        _ => fail(Problem::UnknownLine),
    }
}

fn carry_out(tx: &mut Tx, batch: &Batch, line: &Line, outcome: Outcome, paid_on: Date) -> Result<()> {
    match outcome {
        Outcome::Paid => {
            store::set_line(tx, line.id, LineStatus::Paid)?;
            failpoint!("import.paid");
            let payer = batch
                .exported_by
                .ok_or_else(|| Error::internal("an answer to a batch that was not exported"))?;
            payments::settle(tx, line.payment_id, paid_on, &line.reference, payer)
        }
        Outcome::Returned(code) => {
            store::set_returned(tx, line.id, code)?;
            failpoint!("import.returned");
            payments::bounce(tx, line.payment_id, fail_code(code))
        }
    }
}

fn fail_code(code: ReturnCode) -> FailCode {
    match code {
        ReturnCode::AccountClosed => FailCode::AccountClosed,
        ReturnCode::NameMismatch => FailCode::NameMismatch,
        ReturnCode::AccountNotFound => FailCode::AccountNotFound,
        ReturnCode::Other => FailCode::Other,
    }
}

/// Records how a query was resolved.
pub(super) fn resolve(tx: &mut Tx, batch: &Batch, query: &Query, reason: String) -> Result<Query> {
    let resolved = Query {
        resolved_by: Some(tx.actor.user()?),
        resolved_at: Some(tx.now),
        resolution: Some(reason.clone()),
        ..query.clone()
    };
    if !store::resolve(tx, &resolved)? {
        let detail = say!("该疑问已处理", "it has been resolved");
        return Err(Error::refused("already_resolved", detail));
    }
    look("batch.query_resolved", batch)
        .field("query_id", &query.id)
        .reason(reason)
        .record(tx)?;
    Ok(resolved)
}

impl Query {
    pub(super) fn resolution(&self) -> (Option<UserId>, Option<Timestamp>, Option<&str>) {
        (self.resolved_by, self.resolved_at, self.resolution.as_deref())
    }
}
