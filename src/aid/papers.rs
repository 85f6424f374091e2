//! `/aid-applications/{id}/attachments`: what shows the need, and who an heir or a guardian is (65, 73).

use actix_web::web::Data;
use actix_web::{HttpResponse, get, post};
use utoipa_actix_web::service_config::ServiceConfig;

use super::{AidId, store};
use crate::attachments::http::{self, Attachments};
use crate::attachments::scan::Scanner;
use crate::attachments::{Attachment, Case, Owner, Why};
use crate::auth::May;
use crate::auth::policy::{AttachAid, ReadAid, RevealAid};
use crate::claims::{Status, payee};
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

impl AidId {
    /// The application as the owner of its papers.
    pub fn papers(self) -> Owner {
        Owner::Aid(self.cast())
    }
}

fn case(rx: &mut Rx, id: Id<()>) -> Result<Case> {
    let application = store::find(rx, id.cast())?;
    let needed = match application.status {
        Status::Submitted | Status::Verified | Status::Approved | Status::Paid => {
            payee::proofs(application.payee_kind).to_vec()
        }
        Status::Draft | Status::Returned | Status::Rejected | Status::Withdrawn => Vec::new(),
    };
    Ok(Case {
        owner: application.id.papers(),
        organization_id: application.organization_id,
        name: members::find_any(rx, application.member_id)?.name,
        persons: vec![application.person, application.payee_person],
        needed,
        named: Vec::new(),
    })
}

/// The papers of an application, without their content (65, 73).
#[utoipa::path(tag = "attachments", operation_id = "list_aid_application_attachments", security(("bearer" = ["aid:read"])),
    responses((status = 200, body = Attachments)))]
#[get("/aid-applications/{id}/attachments")]
async fn list(may: May<ReadAid>) -> Result<HttpResponse> {
    http::list(may, case).await
}

/// One paper of an application, without its content.
#[utoipa::path(tag = "attachments", operation_id = "get_aid_application_attachment", security(("bearer" = ["aid:read"])),
    responses((status = 200, body = Attachment)))]
#[get("/aid-applications/{id}/attachments/{attachment_id}")]
async fn get(may: May<ReadAid>) -> Result<HttpResponse> {
    http::get(may, case).await
}

/// Attach a photo, scan or document to an application: the body is its content, up to the limit of the service (10 MiB by default). A
/// repeat with the same `Idempotency-Key` attaches it once.
#[utoipa::path(tag = "attachments", operation_id = "attach_to_aid_application", security(("bearer" = ["aid:attach"])),
    request_body(content((Vec<u8> = "image/jpeg"), (Vec<u8> = "image/png"), (Vec<u8> = "application/pdf"))),
    responses((status = 201, body = Attachment)))]
#[post("/aid-applications/{id}/attachments/{attachment_kind}")]
async fn attach(may: May<AttachAid>, scanner: Data<Scanner>) -> Result<HttpResponse> {
    http::attach(may, scanner, case).await
}

/// Open a paper of an application, with a reason; logged (47, 87).
#[utoipa::path(tag = "attachments", operation_id = "open_aid_application_attachment", security(("bearer" = ["aid:reveal"])),
    request_body = Why,
    responses((status = 200, content((Vec<u8> = "image/jpeg"), (Vec<u8> = "image/png"), (Vec<u8> = "application/pdf")))))]
#[post("/aid-applications/{id}/attachments/{attachment_id}/open")]
async fn open(may: May<RevealAid>) -> Result<HttpResponse> {
    http::open(may, case).await
}

/// Take a paper away that does not belong there: the record stays, the content goes.
#[utoipa::path(tag = "attachments", operation_id = "void_aid_application_attachment", security(("bearer" = ["aid:attach"])),
    params(IfMatch), request_body = Why, responses((status = 200, body = Attachment)))]
#[post("/aid-applications/{id}/attachments/{attachment_id}/void")]
async fn void(may: May<AttachAid>) -> Result<HttpResponse> {
    http::void(may, case).await
}
