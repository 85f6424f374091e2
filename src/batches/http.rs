//! `/payment-batches` and `/bank-layouts`

use actix_web::{HttpResponse, get, post};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use super::answers::{self, Answer, QueryId, Resolving, ShownQuery};
use super::layouts::{self, LayoutId, NewLayout, Shown as ShownLayout};
use super::rules::{self, Step};
use super::{
    Batch, BatchApproval, BatchId, Line, LineId, LineStatus, NewBatch, Status, export, papers, store,
};
use crate::auth::policy::{ApproveBatches, HandleBatches, ReadBatches, WriteLayouts};
use crate::auth::{Creation, May, Sent};
use crate::bank::layout::ReturnCode;
use crate::db::page::{Ask, Cursor, Limit, Page};
use crate::db::types::{Date, Fen, Timestamp};
use crate::db::{Rx, Tx};
use crate::error::Result;
use crate::http::Reply;
use crate::http::openapi::IfMatch;
use crate::input::{Nothing, Reason};
use crate::organizations::OrganizationId;
use crate::payments::{PaymentId, Stop};
use crate::users::UserId;
use crate::{failpoint, input, parameters};

/// The routes of this module.
pub fn routes(config: &mut ServiceConfig) {
    config
        .service(list_layouts)
        .service(create_layout)
        .service(list)
        .service(make)
        .service(get)
        .service(lines)
        .service(take_out)
        .service(submit)
        .service(check)
        .service(approve)
        .service(send)
        .service(download)
        .service(answer)
        .service(queries)
        .service(resolve)
        .service(close)
        .service(cancel)
        .service(papers::get_pay_list)
        .service(papers::print_pay_list)
        .service(papers::get_voucher)
        .service(papers::print_voucher_page);
}

parameters! {
    /// Which batches.
    pub struct BatchQuery {
        /// Only of this unit and the units below it.
        #[param(value_type = Option<String>, format = "uuid")]
        organization_id: Option<OrganizationId>,
        /// Only those that stand so.
        #[param(inline)]
        status: Option<Status>,
        /// 1 to 200.
        #[param(value_type = Option<i64>, minimum = 1, maximum = 200)]
        limit: Limit,
        /// From the page before.
        #[param(value_type = Option<String>)]
        cursor: Cursor,
    }
}
parameters! {
    /// Which lines.
    pub struct BatchLineQuery {
        /// 1 to 200.
        #[param(value_type = Option<i64>, minimum = 1, maximum = 200)]
        limit: Limit,
        /// From the page before.
        #[param(value_type = Option<String>)]
        cursor: Cursor,
    }
}
input! {
    /// Why a batch is given up.
    #[schema(as = BatchCancellation)]
    pub struct Cancelling {
        /// Why; stays in the log for ever.
        pub reason: Reason,
    }
}

/// A batch as it is shown.
#[derive(Serialize, ToSchema)]
#[schema(as = PaymentBatch)]
pub struct Shown {
    /// Its id.
    id: BatchId,
    /// Its number.
    #[schema(example = "PC-2020-000001")]
    number: String,
    /// The unit whose payments it takes.
    organization_id: OrganizationId,
    /// How the bank's files look.
    layout_id: LayoutId,
    /// Where it stands.
    status: Status,
    /// How many payments.
    #[schema(example = 1)]
    line_count: i32,
    /// Their sum.
    total_fen: Fen,
    /// Who made it.
    made_by: UserId,
    /// Who checked it.
    checked_by: Option<UserId>,
    /// Who approved it.
    approved_by: Option<UserId>,
    /// Who sent it to the bank.
    exported_by: Option<UserId>,
    /// When.
    exported_at: Option<Timestamp>,
    /// Who read the last of the bank's answers.
    settled_by: Option<UserId>,
    /// Who closed it.
    closed_by: Option<UserId>,
    /// Keyed digest of the file for the bank.
    content_hash: Option<String>,
    /// Version, for `If-Match`.
    version: i32,
}

impl From<Batch> for Shown {
    fn from(batch: Batch) -> Self {
        Self {
            id: batch.id,
            number: batch.number,
            organization_id: batch.organization_id,
            layout_id: batch.layout_id,
            status: batch.status,
            line_count: batch.line_count,
            total_fen: batch.total_fen,
            made_by: batch.made_by,
            checked_by: batch.checked_by,
            approved_by: batch.approved_by,
            exported_by: batch.exported_by,
            exported_at: batch.exported_at,
            settled_by: batch.settled_by,
            closed_by: batch.closed_by,
            content_hash: batch.content_hash,
            version: batch.version,
        }
    }
}

/// A payment in a batch.
#[derive(Serialize, ToSchema)]
#[schema(as = BatchLine)]
pub struct ShownLine {
    /// Its id.
    id: LineId,
    /// Its number, by which the bank answers.
    #[schema(example = "PC-2020-000001-00001")]
    reference: String,
    /// The payment.
    #[schema(value_type = String, format = "uuid")]
    payment_id: PaymentId,
    /// How much.
    amount_fen: Fen,
    /// What became of it.
    status: LineStatus,
    /// Why it stayed behind.
    blocked_reason: Option<Stop>,
    /// Why the bank returned it.
    return_code: Option<ReturnCode>,
}

impl From<Line> for ShownLine {
    fn from(line: Line) -> Self {
        Self {
            id: line.id,
            reference: line.reference,
            payment_id: line.payment_id,
            amount_fen: line.amount_fen,
            status: line.status,
            blocked_reason: line.blocked_reason,
            return_code: line.return_code,
        }
    }
}

/// The batches that a payment was in, each with its line, as they are shown.
pub fn of_payment(rx: &mut Rx, payment: PaymentId) -> Result<Vec<(Shown, ShownLine)>> {
    let held = store::of_payment(rx, payment)?.into_iter();
    held.map(|line| Ok((store::find(rx, line.batch_id)?.into(), line.into())))
        .collect()
}

/// What an answer of the bank came to.
#[derive(Serialize, ToSchema)]
pub struct BatchAnswered {
    /// The batch after it.
    batch: Shown,
    /// What was in it.
    answer: Answer,
}

/// Layouts of banks.
#[derive(Serialize, ToSchema)]
pub struct BankLayouts {
    /// By code and revision.
    items: Vec<ShownLayout>,
}

/// How the files of banks look.
#[utoipa::path(tag = "batches", operation_id = "list_bank_layouts", security(("bearer" = ["batches:read"])),
    responses((status = 200, body = BankLayouts)))]
#[get("/bank-layouts")]
async fn list_layouts(may: May<ReadBatches>) -> Result<HttpResponse> {
    may.query::<Nothing>()?;
    may.read(move |rx| {
        let kept = store::layouts(rx)?.into_iter();
        let items: Result<_> = kept.map(ShownLayout::of).collect();
        Ok(BankLayouts { items: items? })
    })
    .await
}

/// Give a bank a layout, at the root: of a known code it is the next revision, and batches keep the one they have.
#[utoipa::path(tag = "batches", operation_id = "create_bank_layout", security(("bearer" = ["bank_layouts:write"])),
    request_body = NewLayout, responses((status = 201, body = ShownLayout), (status = 200, body = ShownLayout, description = "同一 id 同一内容的重复提交 · a repeat of the same id and content")))]
#[post("/bank-layouts")]
async fn create_layout(may: May<WriteLayouts>) -> Result<HttpResponse> {
    may.write(|tx, sent| {
        let new: NewLayout = sent.body()?;
        match sent.creating(tx, new.id)? {
            Creation::Repeat(id) => {
                let kept = layouts::referred(tx, id)?;
                Ok(Reply::ok(1, &ShownLayout::of(kept)?).replayed())
            }
            Creation::New(id) => {
                let kept = layouts::keep(tx, id, new)?;
                Ok(Reply::created("/bank-layouts", 1, &ShownLayout::of(kept)?))
            }
        }
    })
    .await
}

/// The batches of the own subtree.
#[utoipa::path(tag = "batches", operation_id = "list_payment_batches", security(("bearer" = ["batches:read"])),
    params(BatchQuery), responses((status = 200, body = Page<Shown>)))]
#[get("/payment-batches")]
async fn list(may: May<ReadBatches>) -> Result<HttpResponse> {
    let query: BatchQuery = may.query()?;
    let ask = Ask::new("payment_batches", query.limit, &query.cursor)?;
    may.read(move |rx| {
        store::list(rx, query.organization_id, query.status, &ask)?.map(|batch| Ok(Shown::from(batch)))
    })
    .await
}

/// Make a batch of due payments (75): from now on nothing else is done to them until the bank has answered.
#[utoipa::path(tag = "batches", operation_id = "create_payment_batch", security(("bearer" = ["batches:write"])),
    request_body = NewBatch, responses((status = 201, body = Shown), (status = 200, body = Shown, description = "同一 id 同一内容的重复提交 · a repeat of the same id and content")))]
#[post("/payment-batches")]
async fn make(may: May<HandleBatches>) -> Result<HttpResponse> {
    may.write(|tx, sent| {
        let new: NewBatch = sent.body()?;
        match sent.creating(tx, new.id)? {
            Creation::Repeat(id) => {
                let batch = store::find(tx, id)?;
                Ok(Reply::ok(batch.version, &Shown::from(batch)).replayed())
            }
            Creation::New(id) => {
                let batch = super::make(tx, id, new)?;
                let place = format!("/payment-batches/{id}");
                Ok(Reply::created(&place, batch.version, &Shown::from(batch)))
            }
        }
    })
    .await
}

/// One batch.
#[utoipa::path(tag = "batches", operation_id = "get_payment_batch", security(("bearer" = ["batches:read"])),
    responses((status = 200, body = Shown)))]
#[get("/payment-batches/{id}")]
async fn get(may: May<ReadBatches>) -> Result<HttpResponse> {
    let id = may.id("payment_batch")?;
    may.query::<Nothing>()?;
    may.fetch(move |rx| {
        let batch = store::find(rx, id)?;
        Ok((batch.version, Shown::from(batch)))
    })
    .await
}

/// The lines of a batch, in their order.
#[utoipa::path(tag = "batches", operation_id = "list_batch_lines", security(("bearer" = ["batches:read"])),
    params(BatchLineQuery), responses((status = 200, body = Page<ShownLine>)))]
#[get("/payment-batches/{id}/lines")]
async fn lines(may: May<ReadBatches>) -> Result<HttpResponse> {
    let id: BatchId = may.id("payment_batch")?;
    let query: BatchLineQuery = may.query()?;
    let ask = Ask::new("batch_lines", query.limit, &query.cursor)?;
    may.read(move |rx| {
        store::find(rx, id)?;
        store::lines(rx, id, &ask)?.map(|line| Ok(ShownLine::from(line)))
    })
    .await
}

/// Take a payment out of an open batch.
#[utoipa::path(tag = "batches", operation_id = "take_out_batch_line", security(("bearer" = ["batches:write"])),
    params(IfMatch), responses((status = 200, body = Shown)))]
#[post("/payment-batches/{id}/lines/{line_id}/take-out")]
async fn take_out(may: May<HandleBatches>) -> Result<HttpResponse> {
    let id = may.id("payment_batch")?;
    let line: LineId = may.path("line_id", "batch_line")?;
    may.write(move |tx, sent| {
        let batch = read(tx, sent, id, Step::TakeOut)?;
        let line = store::line(tx, id, line)?;
        sent.nothing()?;
        Ok(reply(super::take_out(tx, batch, &line)?))
    })
    .await
}

/// Freeze a batch and hand it on to be checked.
#[utoipa::path(tag = "batches", operation_id = "submit_payment_batch", security(("bearer" = ["batches:write"])),
    params(IfMatch), responses((status = 200, body = Shown)))]
#[post("/payment-batches/{id}/submit")]
async fn submit(may: May<HandleBatches>) -> Result<HttpResponse> {
    let id = may.id("payment_batch")?;
    may.write(move |tx, sent| plain(tx, sent, id, Step::Submit, super::submit))
        .await
}

/// Check a batch: another person than its maker.
#[utoipa::path(tag = "batches", operation_id = "check_payment_batch", security(("bearer" = ["batches:write"])),
    params(IfMatch), responses((status = 200, body = Shown)))]
#[post("/payment-batches/{id}/check")]
async fn check(may: May<HandleBatches>) -> Result<HttpResponse> {
    let id = may.id("payment_batch")?;
    may.write(move |tx, sent| plain(tx, sent, id, Step::Check, super::check))
        .await
}

/// Approve a batch by the total and the count of one's own: neither its maker nor its checker.
#[utoipa::path(tag = "batches", operation_id = "approve_payment_batch", security(("bearer" = ["batches:approve"])),
    params(IfMatch), request_body = BatchApproval, responses((status = 200, body = Shown)))]
#[post("/payment-batches/{id}/approve")]
async fn approve(may: May<ApproveBatches>) -> Result<HttpResponse> {
    let id = may.id("payment_batch")?;
    may.write(move |tx, sent| {
        let batch = read(tx, sent, id, Step::Approve)?;
        let approval: BatchApproval = sent.body()?;
        Ok(reply(super::approve(tx, batch, &approval)?))
    })
    .await
}

/// Make the file for the bank, once; every payment is looked at once more, and what may not be paid stays behind (77).
#[utoipa::path(tag = "batches", operation_id = "export_payment_batch", security(("bearer" = ["batches:write"])),
    params(IfMatch), responses((status = 200, body = Shown)))]
#[post("/payment-batches/{id}/export")]
async fn send(may: May<HandleBatches>) -> Result<HttpResponse> {
    let id = may.id("payment_batch")?;
    let work = move |tx: &mut Tx, sent: &Sent| plain(tx, sent, id, Step::Export, export::export);
    let done = may.write(work).await?;
    failpoint!("export.committed");
    Ok(done)
}

/// The file for the bank, with account numbers in clear: the same bytes each time, and each time an event.
#[utoipa::path(tag = "batches", operation_id = "download_payment_batch", security(("bearer" = ["batches:write"])),
    responses((status = 200, content((Vec<u8> = "text/csv")))))]
#[post("/payment-batches/{id}/download")]
async fn download(may: May<HandleBatches>) -> Result<HttpResponse> {
    let id: BatchId = may.id("payment_batch")?;
    let (actor, request, sent) = (may.actor.clone(), may.request_id().to_owned(), may.sent().clone());
    let work = move |tx: &mut Tx| {
        let batch = store::find(tx, id)?;
        sent.nothing()?;
        let content = export::content(tx, &batch)?;
        Ok((batch.number, content))
    };
    let (number, content) = may.db().write(actor, request, work).await?;
    let name = format!("attachment; filename=\"{number}.csv\"");
    Ok(HttpResponse::Ok()
        .content_type("text/csv")
        .insert_header(("Content-Disposition", name))
        .body(content))
}

/// Read the bank's answer, a CSV file by the layout: another person than who exported. The same file again changes
/// nothing; a line that can't be carried out waits as a query and does not stop the others.
#[utoipa::path(tag = "batches", operation_id = "answer_payment_batch", security(("bearer" = ["batches:write"])),
    params(("paid_on" = String, Path, format = "date", description = "这些款项的支付日 · the day of the payments in it: not before their approval, not in the future", example = "2020-05-20")),
    request_body(content((Vec<u8> = "text/csv"))), responses((status = 200, body = BatchAnswered)))]
#[post("/payment-batches/{id}/answers/{paid_on}")]
async fn answer(may: May<HandleBatches>) -> Result<HttpResponse> {
    let id: BatchId = may.id("payment_batch")?;
    let paid_on: Date = may.path("paid_on", "day")?;
    let work = move |tx: &mut Tx, sent: &Sent| {
        let batch = store::find(tx, id)?;
        rules::after(batch.status, Step::Answer)?;
        let (content, _) = sent.content();
        let (batch, answer) = answers::import(tx, batch, content, paid_on)?;
        let version = batch.version;
        let answered = BatchAnswered {
            batch: batch.into(),
            answer,
        };
        Ok(Reply::ok(version, &answered))
    };
    let done = may.write(work).await?;
    failpoint!("import.committed");
    Ok(done)
}

/// Lines of the bank's answers that wait for a person, or did.
#[utoipa::path(tag = "batches", operation_id = "list_batch_queries", security(("bearer" = ["batches:read"])),
    params(BatchLineQuery), responses((status = 200, body = Page<ShownQuery>)))]
#[get("/payment-batches/{id}/queries")]
async fn queries(may: May<ReadBatches>) -> Result<HttpResponse> {
    let id: BatchId = may.id("payment_batch")?;
    let query: BatchLineQuery = may.query()?;
    let ask = Ask::new("batch_queries", query.limit, &query.cursor)?;
    may.read(move |rx| {
        store::find(rx, id)?;
        store::queries(rx, id, &ask)?.map(|query| ShownQuery::of(rx.keys, query))
    })
    .await
}

/// Record how a line of the bank's answer was resolved.
#[utoipa::path(tag = "batches", operation_id = "resolve_batch_query", security(("bearer" = ["batches:write"])),
    request_body = Resolving, responses((status = 200, body = ShownQuery)))]
#[post("/payment-batches/{id}/queries/{query_id}/resolve")]
async fn resolve(may: May<HandleBatches>) -> Result<HttpResponse> {
    let id: BatchId = may.id("payment_batch")?;
    let query: QueryId = may.path("query_id", "query")?;
    may.write(move |tx, sent| {
        let batch = store::find(tx, id)?;
        let query = store::query(tx, id, query)?;
        let resolving: Resolving = sent.body()?;
        let query = answers::resolve(tx, &batch, &query, resolving.reason.into())?;
        Ok(Reply::ok(batch.version, &ShownQuery::of(tx.keys, query)?))
    })
    .await
}

/// Close a batch in which nothing is open: another person than who read the last answer.
#[utoipa::path(tag = "batches", operation_id = "close_payment_batch", security(("bearer" = ["batches:write"])),
    params(IfMatch), responses((status = 200, body = Shown)))]
#[post("/payment-batches/{id}/close")]
async fn close(may: May<HandleBatches>) -> Result<HttpResponse> {
    let id = may.id("payment_batch")?;
    may.write(move |tx, sent| plain(tx, sent, id, Step::Close, super::close))
        .await
}

/// Give a batch up before its export: its payments are due as before.
#[utoipa::path(tag = "batches", operation_id = "cancel_payment_batch", security(("bearer" = ["batches:write"])),
    params(IfMatch), request_body = Cancelling, responses((status = 200, body = Shown)))]
#[post("/payment-batches/{id}/cancel")]
async fn cancel(may: May<HandleBatches>) -> Result<HttpResponse> {
    let id = may.id("payment_batch")?;
    may.write(move |tx, sent| {
        let batch = read(tx, sent, id, Step::Cancel)?;
        let cancelling: Cancelling = sent.body()?;
        Ok(reply(super::cancel(tx, batch, &cancelling.reason)?))
    })
    .await
}

/// The batch, if its status allows the step, at the version the client read.
fn read(tx: &mut Tx, sent: &Sent, id: BatchId, step: Step) -> Result<Batch> {
    let batch = store::find(tx, id)?;
    rules::after(batch.status, step)?;
    sent.expect(tx, id, batch.version)?;
    Ok(batch)
}

/// Carries out a step without input.
fn plain(
    tx: &mut Tx,
    sent: &Sent,
    id: BatchId,
    step: Step,
    act: fn(&mut Tx, Batch) -> Result<Batch>,
) -> Result<Reply> {
    let batch = read(tx, sent, id, step)?;
    sent.nothing()?;
    Ok(reply(act(tx, batch)?))
}

fn reply(batch: Batch) -> Reply {
    Reply::ok(batch.version, &Shown::from(batch))
}
