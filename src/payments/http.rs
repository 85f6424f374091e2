//! `/payments`, and the approval that makes one.

use actix_web::{HttpResponse, get, post};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use super::cash::{NewCash, ShownCash};
use super::store::{self, Filter};
use super::{FailCode, Method, Payment, PaymentId, Status, rules};
use crate::aid::http::Shown as ShownAid;
use crate::aid::{self, AidId};
use crate::auth::policy::{Pay, ReadPayments, ReviewAid, ReviewClaims};
use crate::auth::{May, Sent};
use crate::claims::http::Shown as ShownClaim;
use crate::claims::{self, ClaimId, MaskedPayee, Verb};
use crate::db::page::{Ask, Cursor, Limit, Page};
use crate::db::types::{Date, Fen};
use crate::db::{Rx, Tx};
use crate::error::Result;
use crate::funds::LineId;
use crate::http::Reply;
use crate::http::openapi::IfMatch;
use crate::input::{Comment, Nothing, Reason, Text};
use crate::organizations::OrganizationId;
use crate::{failpoint, input, parameters};

/// The routes of this module.
pub fn routes(config: &mut ServiceConfig) {
    config
        .service(approve)
        .service(approve_aid)
        .service(list)
        .service(get)
        .service(pay)
        .service(fail)
        .service(cancel)
        .service(came_back)
        .service(reissue);
}

input! {
    /// How a payment was made.
    pub struct Paying {
        /// Day of payment: not before the approval, not in the future.
        pub paid_on: Date,
        /// How.
        pub method: Method,
        /// The bank's or the voucher's number.
        #[schema(value_type = String, example = "HS20200521-0007", max_length = 64)]
        pub reference: Text<64>,
        /// Reason and signatures of a payment in cash (74); null for a transfer.
        #[schema(example = json!(null))]
        pub cash: Option<NewCash>,
    }
}

input! {
    /// Why a payment could not be made.
    pub struct Failing {
        /// Why.
        pub reason_code: FailCode,
        /// Why, in words.
        #[schema(value_type = Option<String>, max_length = 2000)]
        pub comment: Option<Comment>,
    }
}

input! {
    /// Why a payment is cancelled.
    #[schema(as = PaymentCancellation)]
    pub struct Cancelling {
        /// Why; stays in the log for ever.
        pub reason: Reason,
    }
}

parameters! {
    /// Which payments.
    pub struct PaymentQuery {
        /// Only of this claim.
        #[param(value_type = Option<String>, format = "uuid")]
        claim_id: Option<ClaimId>,
        /// Only of this application for aid.
        #[param(value_type = Option<String>, format = "uuid")]
        aid_id: Option<AidId>,
        /// Only of this kind: a code of the list `aid_kind`.
        #[param(value_type = Option<String>, max_length = 60)]
        kind: Option<Text<60>>,
        /// Only those of which this became.
        #[param(inline)]
        status: Option<Status>,
        /// Only of this unit and the units below it.
        #[param(value_type = Option<String>, format = "uuid")]
        organization_id: Option<OrganizationId>,
        /// Paid on or after this day.
        #[param(value_type = Option<String>, format = "date")]
        paid_from: Option<Date>,
        /// Paid on or before this day.
        #[param(value_type = Option<String>, format = "date")]
        paid_to: Option<Date>,
        /// 1 to 200.
        #[param(value_type = Option<i64>, minimum = 1, maximum = 200)]
        limit: Limit,
        /// From the page before.
        #[param(value_type = Option<String>)]
        cursor: Cursor,
    }
}

/// A payment as it is shown.
#[derive(Serialize, ToSchema)]
#[schema(as = Payment)]
pub struct Shown {
    /// Its id.
    #[schema(value_type = String, format = "uuid")]
    id: PaymentId,
    /// The claim that was granted; null for aid.
    #[schema(value_type = Option<String>, format = "uuid")]
    claim_id: Option<ClaimId>,
    /// The application for aid that was granted; null for a claim.
    #[schema(value_type = Option<String>, format = "uuid")]
    aid_id: Option<AidId>,
    /// What it is for: a code of the list `aid_kind`.
    #[schema(example = "illness_condolence")]
    kind: String,
    /// The failed payment it stands for.
    #[schema(value_type = Option<String>, format = "uuid")]
    replaces_id: Option<PaymentId>,
    /// The unit of the case.
    #[schema(value_type = String, format = "uuid")]
    organization_id: OrganizationId,
    /// Who gets it; numbers masked.
    payee: MaskedPayee,
    /// How much.
    amount_fen: Fen,
    /// What became of it.
    status: Status,
    /// Day of the approval.
    approved_on: Date,
    /// Day of payment.
    paid_on: Option<Date>,
    /// How it was paid.
    method: Option<Method>,
    /// The bank's or the voucher's number.
    reference: Option<String>,
    /// Reason and signatures, when it was paid in cash (74).
    cash: Option<ShownCash>,
    /// Why it failed.
    fail_reason: Option<FailCode>,
    /// The same in words.
    comment: Option<String>,
    /// The budget line it is paid from; null when none was needed (79).
    #[schema(value_type = Option<String>, format = "uuid")]
    budget_line_id: Option<LineId>,
    /// Version, for `If-Match`.
    version: i32,
}

impl Shown {
    /// Opens what is sealed and masks what is personal.
    pub fn of(rx: &Rx, payment: Payment) -> Result<Self> {
        let open = |sealed| rx.keys.open("payment_comment", sealed);
        Ok(Self {
            payee: payment.payee(rx)?.masked(),
            cash: payment.cash.shown(rx)?,
            comment: payment.comment_sealed.as_ref().map(open).transpose()?,
            id: payment.id,
            claim_id: payment.claim_id,
            aid_id: payment.aid_id,
            kind: payment.kind,
            replaces_id: payment.replaces_id,
            organization_id: payment.organization_id,
            amount_fen: payment.amount_fen,
            status: payment.status,
            approved_on: payment.approved_on,
            paid_on: payment.paid_on,
            method: payment.method,
            reference: payment.reference,
            fail_reason: payment.fail_reason,
            budget_line_id: payment.budget_line_id,
            version: payment.version,
        })
    }
}

/// Approve a claim: not its recorder, not its verifier (6). Judges it again and makes the payment.
#[utoipa::path(tag = "illness claims", operation_id = "approve_illness_claim", security(("bearer" = ["claims:review"])),
    params(IfMatch), responses((status = 200, body = ShownClaim)))]
#[post("/illness-claims/{id}/approve")]
async fn approve(may: May<ReviewClaims>) -> Result<HttpResponse> {
    let id = may.id("illness_claim")?;
    may.write(move |tx, sent| {
        let claim = claims::http::read(tx, sent, id, Verb::Approve)?;
        sent.nothing()?;
        let (claim, _) = super::approve(tx, claim)?;
        ShownClaim::reply(tx, claim)
    })
    .await
}

/// Approve an application for aid: not its recorder, not its verifier (6). Judges it again, trims it to its limits and makes
/// the payment.
#[utoipa::path(tag = "aid", operation_id = "approve_aid_application", security(("bearer" = ["aid:review"])),
    params(IfMatch), responses((status = 200, body = ShownAid)))]
#[post("/aid-applications/{id}/approve")]
async fn approve_aid(may: May<ReviewAid>) -> Result<HttpResponse> {
    let id = may.id("aid_application")?;
    may.write(move |tx, sent| {
        let application = aid::http::read(tx, sent, id, Verb::Approve)?;
        sent.nothing()?;
        let (application, _) = super::approve_aid(tx, application)?;
        ShownAid::reply(tx, application)
    })
    .await
}

/// The payments of the own subtree.
#[utoipa::path(tag = "payments", operation_id = "list_payments", security(("bearer" = ["payments:read"])),
    params(PaymentQuery), responses((status = 200, body = Page<Shown>)))]
#[get("/payments")]
async fn list(may: May<ReadPayments>) -> Result<HttpResponse> {
    let query: PaymentQuery = may.query()?;
    let ask = Ask::new("payments", query.limit, &query.cursor)?;
    may.read(move |rx| query.find(rx, &ask)?.map(|payment| Shown::of(rx, payment)))
        .await
}

impl PaymentQuery {
    /// A page of the payments that it asks for.
    pub fn find(&self, rx: &mut Rx, ask: &Ask) -> Result<Page<Payment>> {
        if let Some(claim) = self.claim_id {
            claims::find(rx, claim)?;
        }
        if let Some(aid) = self.aid_id {
            aid::find(rx, aid)?;
        }
        let filter = Filter {
            claim_id: self.claim_id,
            aid_id: self.aid_id,
            kind: self.kind.clone().map(String::from),
            status: self.status,
            organization_id: self.organization_id,
            paid_from: self.paid_from,
            paid_to: self.paid_to,
        };
        store::list(rx, filter, ask)
    }
}

/// One payment.
#[utoipa::path(tag = "payments", operation_id = "get_payment", security(("bearer" = ["payments:read"])),
    responses((status = 200, body = Shown)))]
#[get("/payments/{id}")]
async fn get(may: May<ReadPayments>) -> Result<HttpResponse> {
    let id = may.id("payment")?;
    may.query::<Nothing>()?;
    may.fetch(move |rx| {
        let payment = store::find(rx, id)?;
        Ok((payment.version, Shown::of(rx, payment)?))
    })
    .await
}

/// Record that a payment was made: nobody who handled the case before (6).
#[utoipa::path(tag = "payments", operation_id = "pay_payment", security(("bearer" = ["payments:pay"])),
    params(IfMatch), request_body = Paying, responses((status = 200, body = Shown)))]
#[post("/payments/{id}/pay")]
async fn pay(may: May<Pay>) -> Result<HttpResponse> {
    let id = may.id("payment")?;
    let work = move |tx: &mut Tx, sent: &Sent| {
        let payment = read(tx, sent, id, rules::is_due)?;
        let payment = super::pay(tx, payment, sent.body()?)?;
        Ok(Reply::ok(payment.version, &Shown::of(tx, payment)?))
    };
    let done = may.write(work).await?;
    failpoint!("pay.committed");
    Ok(done)
}

/// Record that a payment could not be made (75).
#[utoipa::path(tag = "payments", operation_id = "fail_payment", security(("bearer" = ["payments:pay"])),
    params(IfMatch), request_body = Failing, responses((status = 200, body = Shown)))]
#[post("/payments/{id}/fail")]
async fn fail(may: May<Pay>) -> Result<HttpResponse> {
    let id = may.id("payment")?;
    may.write(move |tx, sent| {
        let payment = read(tx, sent, id, rules::is_due)?;
        let payment = super::fail(tx, payment, sent.body()?)?;
        Ok(Reply::ok(payment.version, &Shown::of(tx, payment)?))
    })
    .await
}

/// Record that money which was paid came back (75): it can then be paid anew by a re-issue.
#[utoipa::path(tag = "payments", operation_id = "return_payment", security(("bearer" = ["payments:pay"])),
    params(IfMatch), request_body = Failing, responses((status = 200, body = Shown)))]
#[post("/payments/{id}/return")]
async fn came_back(may: May<Pay>) -> Result<HttpResponse> {
    let id = may.id("payment")?;
    may.write(move |tx, sent| {
        let payment = read(tx, sent, id, rules::is_paid)?;
        let payment = super::came_back(tx, payment, sent.body()?)?;
        Ok(Reply::ok(payment.version, &Shown::of(tx, payment)?))
    })
    .await
}

/// Cancel a payment that was not made; what was committed for it may be spent again (79).
#[utoipa::path(tag = "payments", operation_id = "cancel_payment", security(("bearer" = ["payments:pay"])),
    params(IfMatch), request_body = Cancelling, responses((status = 200, body = Shown)))]
#[post("/payments/{id}/cancel")]
async fn cancel(may: May<Pay>) -> Result<HttpResponse> {
    let id = may.id("payment")?;
    may.write(move |tx, sent| {
        let payment = read(tx, sent, id, rules::may_cancel)?;
        let cancelling: Cancelling = sent.body()?;
        let payment = super::cancel(tx, payment, &cancelling.reason)?;
        Ok(Reply::ok(payment.version, &Shown::of(tx, payment)?))
    })
    .await
}

/// Make a new payment in the place of one that failed (75).
#[utoipa::path(tag = "payments", operation_id = "reissue_payment", security(("bearer" = ["payments:pay"])),
    params(IfMatch), responses((status = 201, body = Shown)))]
#[post("/payments/{id}/reissue")]
async fn reissue(may: May<Pay>) -> Result<HttpResponse> {
    let id = may.id("payment")?;
    may.write(move |tx, sent| {
        let failed = read(tx, sent, id, rules::may_reissue)?;
        sent.nothing()?;
        let payment = super::reissue(tx, failed)?;
        let place = format!("/payments/{}", payment.id);
        Ok(Reply::created(&place, payment.version, &Shown::of(tx, payment)?))
    })
    .await
}

/// The payment, if its status is `right`, at the version the client read: whoever comes too late to pay learns that
/// it is paid, not that it has changed.
fn read(tx: &mut Tx, sent: &Sent, id: PaymentId, right: fn(Status) -> Result<()>) -> Result<Payment> {
    let payment = store::find(tx, id)?;
    right(payment.status)?;
    sent.expect(tx, id, payment.version)?;
    Ok(payment)
}
