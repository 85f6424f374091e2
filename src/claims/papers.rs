//! `/illness-claims/{id}/attachments`: what was spent, and who an heir or a guardian is (65, 73).

use actix_web::web::Data;
use actix_web::{HttpResponse, get, post};
use utoipa_actix_web::service_config::ServiceConfig;

use super::{ClaimId, Status, payee, store};
use crate::attachments::http::{self, Attachments};
use crate::attachments::scan::Scanner;
use crate::attachments::{Attachment, Case, Owner, Why};
use crate::auth::May;
use crate::auth::policy::{AttachClaims, ReadClaims, RevealClaims};
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

impl ClaimId {
    /// The claim as the owner of its papers.
    pub fn papers(self) -> Owner {
        Owner::Claim(self.cast())
    }
}

fn case(rx: &mut Rx, id: Id<()>) -> Result<Case> {
    let claim = store::find(rx, id.cast())?;
    let needed = match claim.status {
        Status::Submitted | Status::Verified | Status::Approved | Status::Paid => {
            payee::proofs(claim.payee_kind).to_vec()
        }
        Status::Draft | Status::Returned | Status::Rejected | Status::Withdrawn => Vec::new(),
    };
    Ok(Case {
        owner: claim.id.papers(),
        organization_id: claim.organization_id,
        name: members::find_any(rx, claim.member_id)?.name,
        persons: vec![claim.person, claim.payee_person],
        needed,
        named: Vec::new(),
    })
}

/// The papers of a claim, without their content (65, 73).
#[utoipa::path(tag = "attachments", operation_id = "list_illness_claim_attachments", security(("bearer" = ["claims:read"])),
    responses((status = 200, body = Attachments)))]
#[get("/illness-claims/{id}/attachments")]
async fn list(may: May<ReadClaims>) -> Result<HttpResponse> {
    http::list(may, case).await
}

/// One paper of a claim, without its content.
#[utoipa::path(tag = "attachments", operation_id = "get_illness_claim_attachment", security(("bearer" = ["claims:read"])),
    responses((status = 200, body = Attachment)))]
#[get("/illness-claims/{id}/attachments/{attachment_id}")]
async fn get(may: May<ReadClaims>) -> Result<HttpResponse> {
    http::get(may, case).await
}

/// Attach a photo, scan or document to a claim: the body is its content, up to the limit of the service (10 MiB by default). A
/// repeat with the same `Idempotency-Key` attaches it once.
#[utoipa::path(tag = "attachments", operation_id = "attach_to_illness_claim", security(("bearer" = ["claims:attach"])),
    request_body(content((Vec<u8> = "image/jpeg"), (Vec<u8> = "image/png"), (Vec<u8> = "application/pdf"))),
    responses((status = 201, body = Attachment)))]
#[post("/illness-claims/{id}/attachments/{attachment_kind}")]
async fn attach(may: May<AttachClaims>, scanner: Data<Scanner>) -> Result<HttpResponse> {
    http::attach(may, scanner, case).await
}

/// Open a paper of a claim, with a reason; logged (47, 87).
#[utoipa::path(tag = "attachments", operation_id = "open_illness_claim_attachment", security(("bearer" = ["claims:reveal"])),
    request_body = Why,
    responses((status = 200, content((Vec<u8> = "image/jpeg"), (Vec<u8> = "image/png"), (Vec<u8> = "application/pdf")))))]
#[post("/illness-claims/{id}/attachments/{attachment_id}/open")]
async fn open(may: May<RevealClaims>) -> Result<HttpResponse> {
    http::open(may, case).await
}

/// Take a paper away that does not belong there: the record stays, the content goes.
#[utoipa::path(tag = "attachments", operation_id = "void_illness_claim_attachment", security(("bearer" = ["claims:attach"])),
    params(IfMatch), request_body = Why, responses((status = 200, body = Attachment)))]
#[post("/illness-claims/{id}/attachments/{attachment_id}/void")]
async fn void(may: May<AttachClaims>) -> Result<HttpResponse> {
    http::void(may, case).await
}
