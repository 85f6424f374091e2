//! `/files/{id}/attachments`

use actix_web::web::Data;
use actix_web::{HttpResponse, get, post};
use utoipa_actix_web::service_config::ServiceConfig;

use super::{FileId, sealing, store};
use crate::attachments::http::{self, Attachments};
use crate::attachments::scan::Scanner;
use crate::attachments::{Attachment, Case, Owner, Why};
use crate::auth::May;
use crate::auth::policy::{AttachFiles, ReadFiles, RevealFiles};
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

impl FileId {
    /// The file as the owner of its papers.
    pub fn papers(self) -> Owner {
        Owner::File(self.cast())
    }
}

fn case(rx: &mut Rx, id: Id<()>) -> Result<Case> {
    let file = store::find(rx, id.cast())?;
    Ok(Case {
        owner: file.id.papers(),
        organization_id: file.organization_id,
        name: members::find_any(rx, file.member_id)?.name,
        persons: vec![file.person],
        needed: Vec::new(),
        named: Vec::new(),
    })
}

/// The papers of a file, without their content (38).
#[utoipa::path(tag = "attachments", operation_id = "list_file_attachments", security(("bearer" = ["files:read"])),
    responses((status = 200, body = Attachments)))]
#[get("/files/{id}/attachments")]
async fn list(may: May<ReadFiles>) -> Result<HttpResponse> {
    http::list(may, case).await
}

/// One paper of a file, without its content.
#[utoipa::path(tag = "attachments", operation_id = "get_attachment", security(("bearer" = ["files:read"])),
    responses((status = 200, body = Attachment)))]
#[get("/files/{id}/attachments/{attachment_id}")]
async fn get(may: May<ReadFiles>) -> Result<HttpResponse> {
    http::get(may, case).await
}

/// Attach a photo, scan or document: the body is its content, up to the limit of the service (10 MiB by default). A
/// repeat with the same `Idempotency-Key` attaches it once.
#[utoipa::path(tag = "attachments", operation_id = "attach_to_file", security(("bearer" = ["files:attach"])),
    request_body(content((Vec<u8> = "image/jpeg"), (Vec<u8> = "image/png"), (Vec<u8> = "application/pdf"))),
    responses((status = 201, body = Attachment)))]
#[post("/files/{id}/attachments/{attachment_kind}")]
async fn attach(may: May<AttachFiles>, scanner: Data<Scanner>) -> Result<HttpResponse> {
    http::attach(may, scanner, case).await
}

/// Open a paper, with a reason; logged (47, 87).
#[utoipa::path(tag = "attachments", operation_id = "open_attachment", security(("bearer" = ["files:reveal"])),
    request_body = Why,
    responses((status = 200, content((Vec<u8> = "image/jpeg"), (Vec<u8> = "image/png"), (Vec<u8> = "application/pdf")))))]
#[post("/files/{id}/attachments/{attachment_id}/open")]
async fn open(may: May<RevealFiles>) -> Result<HttpResponse> {
    let (id, reader) = (may.id("file")?, may.actor.clone());
    let unsealed = move |rx: &mut Rx| sealing::open_to(rx, &reader, id).map(drop);
    may.db().read(may.actor.scope.clone(), unsealed).await?;
    http::open(may, case).await
}

/// Take a paper away that does not belong there: the record stays, the content goes.
#[utoipa::path(tag = "attachments", operation_id = "void_attachment", security(("bearer" = ["files:attach"])),
    params(IfMatch), request_body = Why, responses((status = 200, body = Attachment)))]
#[post("/files/{id}/attachments/{attachment_id}/void")]
async fn void(may: May<AttachFiles>) -> Result<HttpResponse> {
    http::void(may, case).await
}
