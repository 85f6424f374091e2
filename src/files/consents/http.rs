//! `/files/{id}/consents`

use actix_web::{HttpResponse, get, post};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use super::{Consent, ConsentId, NewConsent, Withdraw, store};
use crate::auth::policy::{ReadFiles, RecordConsents};
use crate::auth::{Creation, May};
use crate::error::Result;
use crate::files::{self, FileId};
use crate::http::Reply;
use crate::http::openapi::IfMatch;
use crate::input::Nothing;

/// The routes of this module.
pub fn routes(config: &mut ServiceConfig) {
    config
        .service(list)
        .service(record)
        .service(get)
        .service(withdraw);
}

/// The consents of a household.
#[derive(Serialize, ToSchema)]
pub struct Consents {
    /// In the order of recording.
    items: Vec<Consent>,
}

/// The consents of a household, also those withdrawn (88).
#[utoipa::path(tag = "households", operation_id = "list_consents", security(("bearer" = ["files:read"])),
    responses((status = 200, body = Consents)))]
#[get("/files/{id}/consents")]
async fn list(may: May<ReadFiles>) -> Result<HttpResponse> {
    let id = may.id("file")?;
    may.query::<Nothing>()?;
    may.read(move |rx| {
        files::find(rx, id)?;
        let items = store::all(rx, id)?;
        Ok(Consents { items })
    })
    .await
}

/// Record that somebody in the household has agreed, or the guardian of a minor (88).
#[utoipa::path(tag = "households", operation_id = "create_consent", security(("bearer" = ["consents:write"])),
    request_body = NewConsent, responses((status = 201, body = Consent), (status = 200, body = Consent, description = "同一 id 同一内容的重复提交 · a repeat of the same id and content")))]
#[post("/files/{id}/consents")]
async fn record(may: May<RecordConsents>) -> Result<HttpResponse> {
    let file: FileId = may.id("file")?;
    may.write(move |tx, sent| {
        let file = files::find(tx, file)?;
        let new: NewConsent = sent.body()?;
        match sent.creating(tx, new.id)? {
            Creation::Repeat(id) => {
                let consent = store::find(tx, file.id, id)?;
                Ok(Reply::ok(consent.version, &consent).replayed())
            }
            Creation::New(id) => {
                let consent = super::record(tx, &file, id, new)?;
                let place = format!("/files/{}/consents/{id}", file.id);
                Ok(Reply::created(&place, 1, &consent))
            }
        }
    })
    .await
}

/// One consent.
#[utoipa::path(tag = "households", operation_id = "get_consent", security(("bearer" = ["files:read"])),
    responses((status = 200, body = Consent)))]
#[get("/files/{id}/consents/{consent_id}")]
async fn get(may: May<ReadFiles>) -> Result<HttpResponse> {
    let file: FileId = may.id("file")?;
    let id: ConsentId = may.path("consent_id", "consent")?;
    may.query::<Nothing>()?;
    may.fetch(move |rx| {
        files::find(rx, file)?;
        let consent = store::find(rx, file, id)?;
        Ok((consent.version, consent))
    })
    .await
}

/// Record that a consent was withdrawn; what was done until then stays lawful (88).
#[utoipa::path(tag = "households", operation_id = "withdraw_consent", security(("bearer" = ["consents:write"])),
    params(IfMatch), request_body = Withdraw, responses((status = 200, body = Consent)))]
#[post("/files/{id}/consents/{consent_id}/withdraw")]
async fn withdraw(may: May<RecordConsents>) -> Result<HttpResponse> {
    let file: FileId = may.id("file")?;
    let id: ConsentId = may.path("consent_id", "consent")?;
    may.write(move |tx, sent| {
        let file = files::find(tx, file)?;
        let before = store::find(tx, file.id, id)?;
        sent.expect(tx, id, before.version)?;
        let after = super::withdraw(tx, &file, &before, sent.body()?)?;
        Ok(Reply::ok(after.version, &after))
    })
    .await
}
