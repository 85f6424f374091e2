//! `/payments/{id}/attachments`: signatures and proxies of a payment in cash (74).

use actix_web::web::Data;
use actix_web::{HttpResponse, get, post};
use utoipa_actix_web::service_config::ServiceConfig;

use super::{Case as Paid, PaymentId, store};
use crate::attachments::http::{self, Attachments};
use crate::attachments::scan::Scanner;
use crate::attachments::{Attachment, Case, Owner, Why};
use crate::auth::May;
use crate::auth::policy::{AttachPayments, ReadPayments, RevealPayments};
use crate::db::Rx;
use crate::db::types::Id;
use crate::error::Result;
use crate::http::openapi::IfMatch;
use crate::members;

/// The routes of this module.
pub fn routes(config: &mut ServiceConfig) {
    config
        .service(list)
        .service(get)
        .service(attach)
        .service(open)
        .service(void);
}

impl PaymentId {
    /// The payment as the owner of its papers.
    pub fn papers(self) -> Owner {
        Owner::Payment(self.cast())
    }
}

fn case(rx: &mut Rx, id: Id<()>) -> Result<Case> {
    let payment = store::find(rx, id.cast())?;
    let member = Paid::of(rx, &payment)?.member_id();
    Ok(Case {
        owner: payment.id.papers(),
        organization_id: payment.organization_id,
        name: members::find_any(rx, member)?.name,
        persons: vec![payment.person, payment.payee_person],
        needed: Vec::new(),
        named: payment.cash.papers(),
    })
}

/// The papers of a payment, without their content (74).
#[utoipa::path(tag = "attachments", operation_id = "list_payment_attachments", security(("bearer" = ["payments:read"])),
    responses((status = 200, body = Attachments)))]
#[get("/payments/{id}/attachments")]
async fn list(may: May<ReadPayments>) -> Result<HttpResponse> {
    http::list(may, case).await
}

/// One paper of a payment, without its content.
#[utoipa::path(tag = "attachments", operation_id = "get_payment_attachment", security(("bearer" = ["payments:read"])),
    responses((status = 200, body = Attachment)))]
#[get("/payments/{id}/attachments/{attachment_id}")]
async fn get(may: May<ReadPayments>) -> Result<HttpResponse> {
    http::get(may, case).await
}

/// Attach a photo, scan or document to a payment: the body is its content, up to the limit of the service (10 MiB by default). A
/// repeat with the same `Idempotency-Key` attaches it once.
#[utoipa::path(tag = "attachments", operation_id = "attach_to_payment", security(("bearer" = ["payments:attach"])),
    request_body(content((Vec<u8> = "image/jpeg"), (Vec<u8> = "image/png"), (Vec<u8> = "application/pdf"))),
    responses((status = 201, body = Attachment)))]
#[post("/payments/{id}/attachments/{attachment_kind}")]
async fn attach(may: May<AttachPayments>, scanner: Data<Scanner>) -> Result<HttpResponse> {
    http::attach(may, scanner, case).await
}

/// Open a paper of a payment, with a reason; logged (47, 87).
#[utoipa::path(tag = "attachments", operation_id = "open_payment_attachment", security(("bearer" = ["payments:reveal"])),
    request_body = Why,
    responses((status = 200, content((Vec<u8> = "image/jpeg"), (Vec<u8> = "image/png"), (Vec<u8> = "application/pdf")))))]
#[post("/payments/{id}/attachments/{attachment_id}/open")]
async fn open(may: May<RevealPayments>) -> Result<HttpResponse> {
    http::open(may, case).await
}

/// Take a paper away that does not belong there: the record stays, the content goes.
#[utoipa::path(tag = "attachments", operation_id = "void_payment_attachment", security(("bearer" = ["payments:attach"])),
    params(IfMatch), request_body = Why, responses((status = 200, body = Attachment)))]
#[post("/payments/{id}/attachments/{attachment_id}/void")]
async fn void(may: May<AttachPayments>) -> Result<HttpResponse> {
    http::void(may, case).await
}
