//! What the routes to the papers of files, claims and payments have in common.

use actix_web::HttpResponse;
use actix_web::web::Data;
use serde::Serialize;
use utoipa::ToSchema;

use super::scan::Scanner;
use super::{Attachment, AttachmentId, Case, Kind, sniff, store};
use crate::auth::May;
use crate::auth::policy::Permission;
use crate::db::types::Id;
use crate::db::{Rx, Tx};
use crate::error::Result;
use crate::http::Reply;
use crate::input::Nothing;

/// The papers of a case.
#[derive(Serialize, ToSchema)]
pub struct Attachments {
    /// In the order of attaching.
    items: Vec<Attachment>,
}

/// Finds the case of a path, in scope.
pub type Find = fn(&mut Rx, Id<()>) -> Result<Case>;

/// Lists the papers of a case, without their content.
pub async fn list<P: Permission>(may: May<P>, find: Find) -> Result<HttpResponse> {
    let id = may.id("case")?;
    may.query::<Nothing>()?;
    may.read(move |rx| {
        let owner = find(rx, id)?.owner;
        let items = store::all(rx, owner)?;
        Ok(Attachments { items })
    })
    .await
}

/// Shows one paper of a case, without its content.
pub async fn get<P: Permission>(may: May<P>, find: Find) -> Result<HttpResponse> {
    let (id, attachment) = ids(&may)?;
    may.query::<Nothing>()?;
    may.fetch(move |rx| {
        let owner = find(rx, id)?.owner;
        let attachment = store::find(rx, owner, attachment)?;
        Ok((attachment.version, attachment))
    })
    .await
}

/// Attaches what was sent, once the scanner has seen it.
pub async fn attach<P: Permission>(may: May<P>, scanner: Data<Scanner>, find: Find) -> Result<HttpResponse> {
    let id = may.id("case")?;
    let kind: Kind = may.path("attachment_kind", "attachment_kind")?;
    let scope = may.actor.scope.clone();
    may.db().read(scope, move |rx| find(rx, id)).await?;
    let (content, said) = may.sent().content();
    sniff(content, said)?;
    scanner.scan(content.clone()).await?;
    may.write(move |tx, sent| {
        let case = find(tx, id)?;
        let (content, said) = sent.content();
        let attachment = super::attach(tx, &case, kind, content, said)?;
        let place = format!("{}/{}", case.owner.place(), attachment.id);
        Ok(Reply::created(&place, 1, &attachment))
    })
    .await
}

/// Answers with the content of a paper.
pub async fn open<P: Permission>(may: May<P>, find: Find) -> Result<HttpResponse> {
    let (id, attachment) = ids(&may)?;
    let (actor, request, sent) = (may.actor.clone(), may.request_id().to_owned(), may.sent().clone());
    let work = move |tx: &mut Tx| {
        let case = find(tx, id)?;
        let attachment = store::find(tx, case.owner, attachment)?;
        let content = super::open(tx, &case, &attachment, sent.body()?)?;
        Ok((attachment, content))
    };
    let (attachment, content) = may.db().write(actor, request, work).await?;
    Ok(HttpResponse::Ok()
        .content_type(attachment.media_type.as_str())
        .insert_header(("Content-Disposition", "attachment"))
        .body(content))
}

/// Takes a paper away.
pub async fn void<P: Permission>(may: May<P>, find: Find) -> Result<HttpResponse> {
    let (id, attachment) = ids(&may)?;
    may.write(move |tx, sent| {
        let owner = find(tx, id)?.owner;
        super::hold(tx, owner)?;
        let case = find(tx, id)?;
        let before = store::find(tx, case.owner, attachment)?;
        sent.expect(tx, before.id, before.version)?;
        let after = super::void(tx, &case, &before, sent.body()?)?;
        Ok(Reply::ok(after.version, &after))
    })
    .await
}

fn ids<P: Permission>(may: &May<P>) -> Result<(Id<()>, AttachmentId)> {
    Ok((may.id("case")?, may.path("attachment_id", "attachment")?))
}
