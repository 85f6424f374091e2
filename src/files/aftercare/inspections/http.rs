//! `/files/{id}/inspections`

use actix_web::{HttpResponse, get, post};
use utoipa_actix_web::service_config::ServiceConfig;

use super::{Decision, InspectionId, NewInspection, Shown, rules, store};
use crate::auth::policy::{DecideInspections, ReadFiles, RecordInspections};
use crate::auth::{Creation, May};
use crate::db::page::{Ask, Cursor, Limit, Page};
use crate::error::Result;
use crate::files::{self, FileId};
use crate::http::Reply;
use crate::http::openapi::IfMatch;
use crate::input::Nothing;
use crate::parameters;

/// The routes of this module.
pub fn routes(config: &mut ServiceConfig) {
    config.service(list).service(get).service(record).service(decide);
}

parameters! {
    /// Which page.
    pub struct InspectionQuery {
        /// 1 to 200.
        #[param(value_type = Option<i64>, minimum = 1, maximum = 200)]
        limit: Limit,
        /// From the page before.
        #[param(value_type = Option<String>)]
        cursor: Cursor,
    }
}

/// Who looked into a file from outside (47).
#[utoipa::path(tag = "aftercare", operation_id = "list_file_inspections", security(("bearer" = ["files:read"])),
    params(InspectionQuery), responses((status = 200, body = Page<Shown>)))]
#[get("/files/{id}/inspections")]
async fn list(may: May<ReadFiles>) -> Result<HttpResponse> {
    let id = may.id("file")?;
    let query: InspectionQuery = may.query()?;
    let ask = Ask::new("inspections", query.limit, &query.cursor)?;
    may.read(move |rx| {
        files::find(rx, id)?;
        let page = store::all(rx, id, &ask)?;
        page.map(|inspection| Shown::of(&inspection, rx.keys))
    })
    .await
}

/// One inspection of a file.
#[utoipa::path(tag = "aftercare", operation_id = "get_inspection", security(("bearer" = ["files:read"])),
    responses((status = 200, body = Shown)))]
#[get("/files/{id}/inspections/{inspection_id}")]
async fn get(may: May<ReadFiles>) -> Result<HttpResponse> {
    let id: FileId = may.id("file")?;
    let inspection: InspectionId = may.path("inspection_id", "inspection")?;
    may.query::<Nothing>()?;
    may.fetch(move |rx| {
        files::find(rx, id)?;
        let inspection = store::find(rx, id, inspection)?;
        Ok((inspection.version, Shown::of(&inspection, rx.keys)?))
    })
    .await
}

/// Record who wants to look into a file: the person it is about sees it at once, an outside body waits (47).
#[utoipa::path(tag = "aftercare", operation_id = "create_inspection", security(("bearer" = ["inspections:write"])),
    request_body = NewInspection, responses((status = 201, body = Shown), (status = 200, body = Shown, description = "同一 id 同一内容的重复提交 · a repeat of the same id and content")))]
#[post("/files/{id}/inspections")]
async fn record(may: May<RecordInspections>) -> Result<HttpResponse> {
    let id: FileId = may.id("file")?;
    may.write(move |tx, sent| {
        let file = files::find(tx, id)?;
        let new: NewInspection = sent.body()?;
        match sent.creating(tx, new.id)? {
            Creation::Repeat(id) => {
                let inspection = store::find(tx, file.id, id)?;
                let shown = Shown::of(&inspection, tx.keys)?;
                Ok(Reply::ok(inspection.version, &shown).replayed())
            }
            Creation::New(id) => {
                let inspection = super::record(tx, &file, id, new)?;
                let shown = Shown::of(&inspection, tx.keys)?;
                let place = format!("/files/{}/inspections/{id}", file.id);
                Ok(Reply::created(&place, inspection.version, &shown))
            }
        }
    })
    .await
}

/// Grant or refuse an outside body a look into a file, as another person than the recorder (47).
#[utoipa::path(tag = "aftercare", operation_id = "decide_inspection", security(("bearer" = ["inspections:decide"])),
    params(IfMatch), request_body = Decision, responses((status = 200, body = Shown)))]
#[post("/files/{id}/inspections/{inspection_id}/decide")]
async fn decide(may: May<DecideInspections>) -> Result<HttpResponse> {
    let id: FileId = may.id("file")?;
    let inspection: InspectionId = may.path("inspection_id", "inspection")?;
    may.write(move |tx, sent| {
        let file = files::find(tx, id)?;
        let before = store::find(tx, file.id, inspection)?;
        rules::is_open(before.status)?;
        sent.expect(tx, before.id, before.version)?;
        let after = super::decide(tx, &file, &before, sent.body()?)?;
        Ok(Reply::ok(after.version, &Shown::of(&after, tx.keys)?))
    })
    .await
}
