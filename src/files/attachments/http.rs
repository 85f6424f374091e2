//! `/files/{id}/attachments`

use actix_web::web::Data;
use actix_web::{HttpResponse, get, post};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use super::scan::Scanner;
use super::{Attachment, AttachmentId, Kind, Why, sniff, store};
use crate::auth::May;
use crate::auth::policy::{AttachFiles, ReadFiles, RevealFiles};
use crate::error::Result;
use crate::files::{self, FileId};
use crate::http::Reply;
use crate::http::openapi::IfMatch;
use crate::input::Nothing;

/// The routes of this module.
pub fn routes(config: &mut ServiceConfig) {
    config
        .service(list)
        .service(get)
        .service(attach)
        .service(open)
        .service(void);
}

/// The papers of a file.
#[derive(Serialize, ToSchema)]
pub struct Attachments {
    /// In the order of attaching.
    items: Vec<Attachment>,
}

/// The papers of a file, without their content (38).
#[utoipa::path(tag = "attachments", operation_id = "list_file_attachments", security(("bearer" = ["files:read"])),
    responses((status = 200, body = Attachments)))]
#[get("/files/{id}/attachments")]
async fn list(may: May<ReadFiles>) -> Result<HttpResponse> {
    let id = may.id("file")?;
    may.query::<Nothing>()?;
    may.read(move |rx| {
        files::find(rx, id)?;
        let items = store::all(rx, id)?;
        Ok(Attachments { items })
    })
    .await
}

/// One paper of a file, without its content.
#[utoipa::path(tag = "attachments", operation_id = "get_attachment", security(("bearer" = ["files:read"])),
    responses((status = 200, body = Attachment)))]
#[get("/files/{id}/attachments/{attachment_id}")]
async fn get(may: May<ReadFiles>) -> Result<HttpResponse> {
    let id: FileId = may.id("file")?;
    let attachment: AttachmentId = may.path("attachment_id", "attachment")?;
    may.query::<Nothing>()?;
    may.fetch(move |rx| {
        files::find(rx, id)?;
        let attachment = store::find(rx, id, attachment)?;
        Ok((attachment.version, attachment))
    })
    .await
}

/// Attach a photo, scan or document: the body is its content, up to the limit of the service (10 MiB by default). A
/// repeat with the same `Idempotency-Key` attaches it once.
#[utoipa::path(tag = "attachments", operation_id = "attach_to_file", security(("bearer" = ["files:attach"])),
    request_body(content((Vec<u8> = "image/jpeg"), (Vec<u8> = "image/png"), (Vec<u8> = "application/pdf"))),
    responses((status = 201, body = Attachment)))]
#[post("/files/{id}/attachments/{attachment_kind}")]
async fn attach(may: May<AttachFiles>, scanner: Data<Scanner>) -> Result<HttpResponse> {
    let id: FileId = may.id("file")?;
    let kind: Kind = may.path("attachment_kind", "attachment_kind")?;
    let scope = may.actor.scope.clone();
    may.db().read(scope, move |rx| files::find(rx, id)).await?;
    let (content, said) = may.sent().content();
    sniff(content, said)?;
    scanner.scan(content.clone()).await?;
    may.write(move |tx, sent| {
        let file = files::find(tx, id)?;
        let (content, said) = sent.content();
        let attachment = super::attach(tx, &file, kind, content, said)?;
        let place = format!("/files/{id}/attachments/{}", attachment.id);
        Ok(Reply::created(&place, 1, &attachment))
    })
    .await
}

/// Open a paper, with a reason; logged (47, 87).
#[utoipa::path(tag = "attachments", operation_id = "open_attachment", security(("bearer" = ["files:reveal"])),
    request_body = Why,
    responses((status = 200, content((Vec<u8> = "image/jpeg"), (Vec<u8> = "image/png"), (Vec<u8> = "application/pdf")))))]
#[post("/files/{id}/attachments/{attachment_id}/open")]
async fn open(may: May<RevealFiles>) -> Result<HttpResponse> {
    let id: FileId = may.id("file")?;
    let attachment: AttachmentId = may.path("attachment_id", "attachment")?;
    let (actor, request, sent) = (may.actor.clone(), may.request_id().to_owned(), may.sent().clone());
    let work = move |tx: &mut crate::db::Tx| {
        let file = files::find(tx, id)?;
        let attachment = store::find(tx, id, attachment)?;
        let content = super::open(tx, &file, &attachment, sent.body()?)?;
        Ok((attachment, content))
    };
    let (attachment, content) = may.db().write(actor, request, work).await?;
    Ok(HttpResponse::Ok()
        .content_type(attachment.media_type.as_str())
        .insert_header(("Content-Disposition", "attachment"))
        .body(content))
}

/// Take a paper away that does not belong there: the record stays, the content goes.
#[utoipa::path(tag = "attachments", operation_id = "void_attachment", security(("bearer" = ["files:attach"])),
    params(IfMatch), request_body = Why, responses((status = 200, body = Attachment)))]
#[post("/files/{id}/attachments/{attachment_id}/void")]
async fn void(may: May<AttachFiles>) -> Result<HttpResponse> {
    let id: FileId = may.id("file")?;
    let attachment: AttachmentId = may.path("attachment_id", "attachment")?;
    may.write(move |tx, sent| {
        let file = files::find(tx, id)?;
        let before = store::find(tx, id, attachment)?;
        sent.expect(tx, before.id, before.version)?;
        let after = super::void(tx, &file, &before, sent.body()?)?;
        Ok(Reply::ok(after.version, &after))
    })
    .await
}
