//! Papers that are printed: the pay list of a batch and the voucher of a payment (发放清册, 支付凭证), with amounts in
//! figures and in capitals. Numbers of people and accounts are masked, as everywhere.

use actix_web::{HttpResponse, get};
use maud::{Markup, html};
use serde::Serialize;
use utoipa::ToSchema;

use super::{Batch, BatchId, Line, LineStatus, Status, look, store};
use crate::auth::May;
use crate::auth::policy::{ReadBatches, ReadPayments};
use crate::bank::capitals::capitals;
use crate::claims::MaskedPayee;
use crate::db::Rx;
use crate::db::types::{Date, Fen};
use crate::error::Result;
use crate::http::page;
use crate::input::Nothing;
use crate::organizations;
use crate::payments::{self, Case, Method, PaymentId, ShownCash};
use crate::users::{self, UserId};

/// How lines stand that are on the pay list.
const LISTED: &[LineStatus] = &[LineStatus::Pending, LineStatus::Exported, LineStatus::Paid];

/// The pay list of a batch.
#[derive(Serialize, ToSchema)]
pub struct PayList {
    /// The number of the batch.
    #[schema(example = "PC-2020-000001")]
    number: String,
    /// The name of the unit.
    #[schema(example = "镜湖区总工会")]
    unit: String,
    /// Where the batch stands.
    status: Status,
    /// The lines that are paid or to be paid, in their order.
    lines: Vec<PayListLine>,
    /// Their sum.
    total_fen: Fen,
    /// The same in capitals.
    #[schema(example = "人民币伍佰元整")]
    total_in_capitals: String,
    /// Who made it.
    made_by: String,
    /// Who checked it.
    checked_by: Option<String>,
    /// Who approved it.
    approved_by: Option<String>,
}

/// A line of a pay list.
#[derive(Serialize, ToSchema)]
pub struct PayListLine {
    /// Its number.
    #[schema(example = "PC-2020-000001-00001")]
    reference: String,
    /// Who gets it; numbers masked.
    payee: MaskedPayee,
    /// How much.
    amount_fen: Fen,
    /// What became of it.
    status: LineStatus,
}

/// The voucher of a payment.
#[derive(Serialize, ToSchema)]
pub struct Voucher {
    /// The payment.
    #[schema(value_type = String, format = "uuid")]
    payment_id: PaymentId,
    /// The number of the claim or application that was granted.
    #[schema(example = "YB-2020-000001")]
    case_number: String,
    /// The name of the unit.
    #[schema(example = "镜湖区总工会")]
    unit: String,
    /// What it is for.
    #[schema(example = "会员大病慰问")]
    purpose: String,
    /// Who gets it; numbers masked.
    payee: MaskedPayee,
    /// How much.
    amount_fen: Fen,
    /// The same in capitals.
    #[schema(example = "人民币伍佰元整")]
    amount_in_capitals: String,
    /// What became of it.
    status: payments::Status,
    /// Day of the approval.
    approved_on: Date,
    /// Day of payment.
    paid_on: Option<Date>,
    /// How it was paid.
    method: Option<Method>,
    /// The bank's number.
    reference: Option<String>,
    /// Reason and signatures, when it was paid in cash.
    cash: Option<ShownCash>,
    /// Who recorded the case.
    recorded_by: String,
    /// Who verified it.
    verified_by: String,
    /// Who approved it.
    approved_by: String,
    /// Who paid it.
    paid_by: Option<String>,
}

fn name(rx: &mut Rx, id: UserId) -> Result<String> {
    Ok(users::find_any(rx, id)?.name)
}

fn pay_list(rx: &mut Rx, batch: &Batch) -> Result<PayList> {
    let counts = |line: &Line| LISTED.contains(&line.status);
    let mut lines = Vec::new();
    let mut total = 0;
    for line in store::all_lines(rx, batch.id)?.into_iter().filter(counts) {
        total += line.amount_fen.0;
        lines.push(PayListLine {
            payee: payments::find(rx, line.payment_id)?.payee(rx)?.masked(),
            reference: line.reference,
            amount_fen: line.amount_fen,
            status: line.status,
        });
    }
    Ok(PayList {
        number: batch.number.clone(),
        unit: organizations::find(rx, batch.organization_id)?.name,
        status: batch.status,
        lines,
        total_fen: Fen(total),
        total_in_capitals: capitals(Fen(total)),
        made_by: name(rx, batch.made_by)?,
        checked_by: batch.checked_by.map(|id| name(rx, id)).transpose()?,
        approved_by: batch.approved_by.map(|id| name(rx, id)).transpose()?,
    })
}

fn voucher(rx: &mut Rx, id: PaymentId) -> Result<Voucher> {
    let payment = payments::find(rx, id)?;
    let case = Case::of(rx, &payment)?;
    Ok(Voucher {
        payment_id: id,
        case_number: case.number().to_owned(),
        unit: organizations::find(rx, payment.organization_id)?.name,
        purpose: payments::purpose(rx, &payment)?,
        payee: payment.payee(rx)?.masked(),
        cash: payment.cash.shown(rx)?,
        amount_fen: payment.amount_fen,
        amount_in_capitals: capitals(payment.amount_fen),
        status: payment.status,
        approved_on: payment.approved_on,
        paid_on: payment.paid_on,
        method: payment.method,
        reference: payment.reference,
        recorded_by: name(rx, payment.recorder_id)?,
        verified_by: name(rx, payment.verifier_id)?,
        approved_by: name(rx, payment.approver_id)?,
        paid_by: payment.payer_id.map(|id| name(rx, id)).transpose()?,
    })
}

/// An amount in figures, with thousands set off.
fn figures(amount: Fen) -> String {
    let digits = (amount.0 / 100).to_string();
    let mut yuan = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            yuan.push(',');
        }
        yuan.push(digit);
    }
    format!("¥{yuan}.{:02}", amount.0 % 100)
}

fn print_list(list: &PayList) -> Markup {
    html! {
        h1 { "帮扶资金发放清册" }
        table {
            thead {
                tr.head { th colspan="5" { "单位：" (list.unit) "　批次：" (list.number) "　笔数：" (list.lines.len()) } }
                tr { th { "业务参考号" } th { "户名" } th { "账号" } th { "开户行" } th { "金额" } }
            }
            tbody {
                @for line in &list.lines {
                    tr {
                        td.k { (line.reference) } td { (line.payee.name) } td.k { (line.payee.account_number) }
                        td { (line.payee.bank) } td.n { (figures(line.amount_fen)) }
                    }
                }
                tr.end { td colspan="4" { "合计　" (list.total_in_capitals) } td.n { (figures(list.total_fen)) } }
            }
        }
        div.signs {
            span { "制表：" (list.made_by) }
            span { "复核：" (list.checked_by.as_deref().unwrap_or("")) }
            span { "审批：" (list.approved_by.as_deref().unwrap_or("")) }
        }
    }
}

/// Who signed for cash; the signatures themselves are papers of the payment.
fn signers(cash: &ShownCash) -> String {
    match &cash.agent {
        None => "收款人、经办人均已签名".to_owned(),
        Some(agent) => format!(
            "代领人 {}（{}，持委托书）、经办人均已签名",
            agent.name, agent.id_number
        ),
    }
}

fn print_voucher(voucher: &Voucher) -> Markup {
    let paid_on = voucher.paid_on.map(|day| day.to_string()).unwrap_or_default();
    html! {
        h1 { "支付凭证" }
        table {
            tr { th { "单位" } td { (voucher.unit) } th { "申请编号" } td { (voucher.case_number) } }
            tr { th { "用途" } td { (voucher.purpose) } th { "批准日" } td { (voucher.approved_on) } }
            tr { th { "收款人" } td { (voucher.payee.name) } th { "证件号" } td.k { (voucher.payee.id_number) } }
            tr { th { "账号" } td.k { (voucher.payee.account_number) } th { "开户行" } td { (voucher.payee.bank) } }
            tr { th { "金额" } td { (figures(voucher.amount_fen)) } th { "大写" } td { (voucher.amount_in_capitals) } }
            tr { th { "支付日" } td { (paid_on) } th { "银行编号" } td.k { (voucher.reference.as_deref().unwrap_or("")) } }
            @if let Some(cash) = &voucher.cash {
                tr { th { "现金发放原因" } td colspan="3" { (cash.reason) } }
                tr { th { "签名" } td colspan="3" { (signers(cash)) } }
            }
        }
        div.signs {
            span { "经办：" (voucher.recorded_by) }
            span { "审核：" (voucher.verified_by) }
            span { "审批：" (voucher.approved_by) }
            span { "支付：" (voucher.paid_by.as_deref().unwrap_or("")) }
            @if voucher.cash.is_none() { span { "收款人：" } }
        }
    }
}

/// The pay list of a batch, with the total in figures and in capitals.
#[utoipa::path(tag = "batches", operation_id = "get_pay_list", security(("bearer" = ["batches:read"])),
    responses((status = 200, body = PayList)))]
#[get("/payment-batches/{id}/pay-list")]
pub(super) async fn get_pay_list(may: May<ReadBatches>) -> Result<HttpResponse> {
    let id: BatchId = may.id("payment_batch")?;
    may.query::<Nothing>()?;
    may.read(move |rx| {
        let batch = store::find(rx, id)?;
        pay_list(rx, &batch)
    })
    .await
}

/// The pay list of a batch as a page that prints on A4.
#[utoipa::path(tag = "batches", operation_id = "print_pay_list", security(("bearer" = ["batches:read"])),
    responses((status = 200, body = String, content_type = "text/html")))]
#[get("/payment-batches/{id}/pay-list.html")]
pub(super) async fn print_pay_list(may: May<ReadBatches>) -> Result<HttpResponse> {
    let id: BatchId = may.id("payment_batch")?;
    may.query::<Nothing>()?;
    let printed = move |rx: &mut Rx| {
        let batch = store::find(rx, id)?;
        let event = look("pay_list.printed", &batch).people(store::people(rx, id, LISTED)?);
        Ok((pay_list(rx, &batch)?, event))
    };
    let list = may.look(printed).await?;
    Ok(page::printed(&list.number, &print_list(&list)))
}

/// The voucher of a payment, with the amount in figures and in capitals.
#[utoipa::path(tag = "payments", operation_id = "get_voucher", security(("bearer" = ["payments:read"])),
    responses((status = 200, body = Voucher)))]
#[get("/payments/{id}/voucher")]
pub(super) async fn get_voucher(may: May<ReadPayments>) -> Result<HttpResponse> {
    let id = may.id("payment")?;
    may.query::<Nothing>()?;
    may.read(move |rx| voucher(rx, id)).await
}

/// The voucher of a payment as a page that prints on A4.
#[utoipa::path(tag = "payments", operation_id = "print_voucher", security(("bearer" = ["payments:read"])),
    responses((status = 200, body = String, content_type = "text/html")))]
#[get("/payments/{id}/voucher.html")]
pub(super) async fn print_voucher_page(may: May<ReadPayments>) -> Result<HttpResponse> {
    let id = may.id("payment")?;
    may.query::<Nothing>()?;
    let printed = move |rx: &mut Rx| {
        let event = payments::look("voucher.printed", &payments::find(rx, id)?);
        Ok((voucher(rx, id)?, event))
    };
    let voucher = may.look(printed).await?;
    Ok(page::printed(&voucher.case_number, &print_voucher(&voucher)))
}
