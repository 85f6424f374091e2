//! Batches: payments that go to the bank together (rule 75).
//!
//! One person makes a batch, another checks it, a third approves it with the total and the count by their own entry; it is
//! exported once, settled by what the bank answers, and closed when nothing is open. A payment is in one batch at a time,
//! and from then until the bank has answered nothing else is done to it.

use diesel::prelude::*;

use crate::audit::{self, Event};
use crate::bank::layout::ReturnCode;
use crate::db::schema::{batch_lines, payment_batches};
use crate::db::types::{Fen, Id, Timestamp, year_of};
use crate::db::{Tx, next_number};
use crate::error::{Error, Result};
use crate::keyring::Sealed;
use crate::organizations::{self, OrganizationId};
use crate::payments::{self, PaymentId};
use crate::users::UserId;
use crate::{input, say, text_enum};

pub mod answers;
mod export;
pub mod http;
mod layouts;
mod papers;
mod rules;
mod store;

pub use export::export;
pub use layouts::LayoutId;
pub use rules::Status;
use rules::Step;
pub use store::find;

/// The id of a batch.
pub type BatchId = Id<Batch>;
/// The id of a line.
pub type LineId = Id<Line>;

/// A batch, as kept; its file is read by `export::content` only.
#[derive(Debug, Clone, HasQuery, Insertable, AsChangeset, Identifiable)]
#[diesel(table_name = payment_batches)]
#[diesel(treat_none_as_null = true)]
pub struct Batch {
    id: BatchId,
    number: String,
    organization_id: OrganizationId,
    layout_id: LayoutId,
    status: Status,
    line_count: i32,
    total_fen: Fen,
    made_by: UserId,
    maker_person: String,
    checked_by: Option<UserId>,
    checker_person: Option<String>,
    approved_by: Option<UserId>,
    approver_person: Option<String>,
    exported_by: Option<UserId>,
    exporter_person: Option<String>,
    exported_at: Option<Timestamp>,
    settled_by: Option<UserId>,
    settler_person: Option<String>,
    closed_by: Option<UserId>,
    closer_person: Option<String>,
    content_hash: Option<String>,
    version: i32,
    updated_at: Timestamp,
}

text_enum! {
    /// What became of a line.
    #[schema(as = BatchLineStatus)]
    pub enum LineStatus {
        /// Waits for the export.
        Pending = "pending",
        /// Stayed behind at the export.
        Blocked = "blocked",
        /// Went to the bank.
        Exported = "exported",
        /// Paid.
        Paid = "paid",
        /// Came back.
        Returned = "returned",
        /// Taken out, or its batch was cancelled.
        Withdrawn = "withdrawn",
    }
}
/// A payment in a batch, as kept.
#[derive(Debug, Clone, HasQuery, Insertable)]
#[diesel(table_name = batch_lines)]
pub struct Line {
    id: LineId,
    batch_id: BatchId,
    reference: String,
    payment_id: PaymentId,
    amount_fen: Fen,
    status: LineStatus,
    blocked_reason: Option<payments::Stop>,
    return_code: Option<ReturnCode>,
}

input! {
    /// A batch to make.
    pub struct NewBatch {
        /// Made by the client (UUIDv7), or null.
        #[schema(value_type = Option<String>, format = "uuid")]
        pub id: Option<BatchId>,
        /// The unit whose payments it takes, and those of the units below.
        #[schema(value_type = String, format = "uuid")]
        pub organization_id: OrganizationId,
        /// How the bank's files look.
        #[schema(value_type = String, format = "uuid", example = "00000000-0000-7000-8000-000000000061")]
        pub layout_id: LayoutId,
        /// The payments, up to 100; null for all that are due and in no batch, up to 10,000.
        #[schema(value_type = Option<Vec<String>>, example = json!(null))]
        pub payment_ids: Option<Vec<PaymentId>>,
    }
}
input! {
    /// What the approver has counted: it must be what the batch says.
    pub struct BatchApproval {
        /// The total, in fen.
        #[schema(example = 50000)]
        pub total_fen: Fen,
        /// The number of lines.
        #[schema(example = 1)]
        pub line_count: i64,
    }
}

/// Makes a batch of due payments.
fn make(tx: &mut Tx, id: BatchId, new: NewBatch) -> Result<Batch> {
    let unit = organizations::referred(tx, new.organization_id, "/organization_id")?;
    layouts::referred(tx, new.layout_id)?;
    let chosen = match new.payment_ids {
        Some(ids) => ids,
        None => payments::due(tx, &unit, rules::MAX_LINES as i64)?,
    };
    rules::well_formed(&chosen)?;
    let year = year_of(tx.today());
    let n = next_number(tx, &format!("payment_batches_{year}"))?;
    let mut batch = Batch {
        id,
        number: format!("PC-{year}-{n:06}"),
        organization_id: unit.id,
        layout_id: new.layout_id,
        status: Status::Open,
        line_count: 0,
        total_fen: Fen(0),
        made_by: tx.actor.user()?,
        maker_person: tx.actor.person.clone(),
        checked_by: None,
        checker_person: None,
        approved_by: None,
        approver_person: None,
        exported_by: None,
        exporter_person: None,
        exported_at: None,
        settled_by: None,
        settler_person: None,
        closed_by: None,
        closer_person: None,
        content_hash: None,
        version: 1,
        updated_at: tx.now,
    };
    store::insert(tx, &batch)?;
    for (at, payment) in chosen.into_iter().enumerate() {
        let amount = take_in(tx, &batch, at, payment)?;
        batch.total_fen = Fen(batch.total_fen.0 + amount.0);
        batch.line_count += 1;
    }
    store::update(tx, &batch)?;
    event("batch.made", &batch)
        .field("line_count", &batch.line_count)
        .field("total_fen", &batch.total_fen)
        .record(tx)?;
    Ok(batch)
}

/// Puts a payment in a batch: from now on nothing else is done to it.
fn take_in(tx: &mut Tx, batch: &Batch, at: usize, payment: PaymentId) -> Result<Fen> {
    let pointer = format!("/payment_ids/{at}");
    let payment = payments::hold(tx, payment, batch.organization_id, &pointer)?;
    let line = Line {
        id: tx.new_id(),
        batch_id: batch.id,
        reference: format!("{}-{:05}", batch.number, at + 1),
        payment_id: payment.id,
        amount_fen: payment.amount_fen,
        status: LineStatus::Pending,
        blocked_reason: None,
        return_code: None,
    };
    store::insert_line(tx, &line)?;
    Ok(payment.amount_fen)
}

/// Takes a payment out of an open batch again.
fn take_out(tx: &mut Tx, mut batch: Batch, line: &Line) -> Result<Batch> {
    step(tx, &mut batch, Step::TakeOut)?;
    if line.status != LineStatus::Pending {
        return Err(rules::wrong_line());
    }
    store::set_line(tx, line.id, LineStatus::Withdrawn)?;
    let payment = payments::find(tx, line.payment_id)?;
    batch.line_count -= 1;
    batch.total_fen = Fen(batch.total_fen.0 - line.amount_fen.0);
    store::update(tx, &batch)?;
    event("batch.line_taken_out", &batch)
        .field("payment_id", &line.payment_id)
        .people([&payment.person, &payment.payee_person])
        .record(tx)?;
    Ok(batch)
}

/// Freezes a batch and hands it on to be checked.
fn submit(tx: &mut Tx, mut batch: Batch) -> Result<Batch> {
    step(tx, &mut batch, Step::Submit)?;
    rules::has_lines(batch.line_count)?;
    done(tx, batch, "batch.submitted")
}

/// Vouches for a batch: another person than its maker.
fn check(tx: &mut Tx, mut batch: Batch) -> Result<Batch> {
    step(tx, &mut batch, Step::Check)?;
    rules::another(&tx.actor.person, &[Some(&batch.maker_person)])?;
    batch.checked_by = Some(tx.actor.user()?);
    batch.checker_person = Some(tx.actor.person.clone());
    done(tx, batch, "batch.checked")
}

/// Approves a batch: neither its maker nor its checker, who counts it once more.
fn approve(tx: &mut Tx, mut batch: Batch, approval: &BatchApproval) -> Result<Batch> {
    step(tx, &mut batch, Step::Approve)?;
    let before = [Some(&batch.maker_person), batch.checker_person.as_ref()];
    rules::another(&tx.actor.person, &before)?;
    rules::counted(&batch, approval)?;
    batch.approved_by = Some(tx.actor.user()?);
    batch.approver_person = Some(tx.actor.person.clone());
    done(tx, batch, "batch.approved")
}

/// Closes a batch in which nothing is open: another person than who settled it.
fn close(tx: &mut Tx, mut batch: Batch) -> Result<Batch> {
    step(tx, &mut batch, Step::Close)?;
    rules::another(&tx.actor.person, &[batch.settler_person.as_ref()])?;
    rules::nothing_open(
        store::open_lines(tx, batch.id)?,
        store::open_queries(tx, batch.id)?,
    )?;
    batch.closed_by = Some(tx.actor.user()?);
    batch.closer_person = Some(tx.actor.person.clone());
    done(tx, batch, "batch.closed")
}

/// Gives a batch up before it is exported: its payments are due as before.
fn cancel(tx: &mut Tx, mut batch: Batch, reason: &str) -> Result<Batch> {
    step(tx, &mut batch, Step::Cancel)?;
    store::withdraw_lines(tx, batch.id)?;
    store::update(tx, &batch)?;
    event("batch.cancelled", &batch).reason(reason).record(tx)?;
    Ok(batch)
}

/// Takes the batch for this unit of work, then moves it on.
fn step(tx: &mut Tx, batch: &mut Batch, step: Step) -> Result<()> {
    let status = rules::after(batch.status, step)?;
    let read = batch.version;
    if !store::next_version(tx, batch)? {
        rules::after(store::find(tx, batch.id)?.status, step)?;
        return Err(Error::Stale {
            changed: audit::changed_since(tx, &batch.id.to_string(), read)?,
            conflicts: Vec::new(),
        });
    }
    batch.status = status;
    batch.updated_at = tx.now;
    Ok(())
}

fn done(tx: &mut Tx, batch: Batch, action: &'static str) -> Result<Batch> {
    store::update(tx, &batch)?;
    event(action, &batch).record(tx)?;
    Ok(batch)
}

fn event(action: &'static str, batch: &Batch) -> Event {
    look(action, batch)
        .version(batch.version)
        .field("status", &batch.status)
}

/// What happens about a batch without changing it.
fn look(action: &'static str, batch: &Batch) -> Event {
    Event::of(action, "payment_batch", batch.id).organization(batch.organization_id)
}

/// The refusal when a payment is in another batch already.
fn in_batch() -> Error {
    let detail = say!("该笔已在其他批次中", "the payment is in another batch");
    Error::refused("in_batch", detail)
}

/// The file of a batch with its digest, encrypted and as it is shown.
struct Made {
    content: Sealed,
    hash: String,
}
