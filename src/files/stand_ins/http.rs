//! `/pairings/stand-ins`

use actix_web::{HttpResponse, get, post};
use utoipa_actix_web::service_config::ServiceConfig;

use super::{NewStandIn, StandIn, store};
use crate::auth::policy::{PairFiles, ReadFiles};
use crate::auth::{Creation, May};
use crate::db::page::{Ask, Cursor, Limit, Page};
use crate::error::Result;
use crate::http::Reply;
use crate::http::openapi::IfMatch;
use crate::input::Nothing;
use crate::parameters;

/// The routes of this module.
pub fn routes(config: &mut ServiceConfig) {
    config.service(list).service(arrange).service(get).service(end);
}

parameters! {
    /// Which page.
    pub struct StandInQuery {
        /// 1 to 200.
        #[param(value_type = Option<i64>, minimum = 1, maximum = 200)]
        limit: Limit,
        /// From the page before.
        #[param(value_type = Option<String>)]
        cursor: Cursor,
    }
}

/// Who stands in for whom (50).
#[utoipa::path(tag = "files", operation_id = "list_stand_ins", security(("bearer" = ["files:read"])),
    params(StandInQuery), responses((status = 200, body = Page<StandIn>)))]
#[get("/pairings/stand-ins")]
async fn list(may: May<ReadFiles>) -> Result<HttpResponse> {
    let query: StandInQuery = may.query()?;
    let ask = Ask::new("stand_ins", query.limit, &query.cursor)?;
    may.read(move |rx| store::list(rx, &ask)).await
}

/// Arrange who looks after the households of an absent contact, until a last day: their worklist is the stand-in's
/// too, and the stand-in's calls count (50, 51).
#[utoipa::path(tag = "files", operation_id = "create_stand_in", security(("bearer" = ["files:pair"])),
    request_body = NewStandIn, responses((status = 201, body = StandIn), (status = 200, body = StandIn, description = "同一 id 同一内容的重复提交 · a repeat of the same id and content")))]
#[post("/pairings/stand-ins")]
async fn arrange(may: May<PairFiles>) -> Result<HttpResponse> {
    may.write(|tx, sent| {
        let new: NewStandIn = sent.body()?;
        match sent.creating(tx, new.id)? {
            Creation::Repeat(id) => {
                let stand_in = store::find(tx, id)?;
                Ok(Reply::ok(stand_in.version, &stand_in).replayed())
            }
            Creation::New(id) => {
                let stand_in = super::arrange(tx, id, new)?;
                Ok(Reply::created(&format!("/pairings/stand-ins/{id}"), 1, &stand_in))
            }
        }
    })
    .await
}

/// One stand-in.
#[utoipa::path(tag = "files", operation_id = "get_stand_in", security(("bearer" = ["files:read"])),
    responses((status = 200, body = StandIn)))]
#[get("/pairings/stand-ins/{id}")]
async fn get(may: May<ReadFiles>) -> Result<HttpResponse> {
    let id = may.id("stand_in")?;
    may.query::<Nothing>()?;
    may.fetch(move |rx| {
        let stand_in = store::find(rx, id)?;
        Ok((stand_in.version, stand_in))
    })
    .await
}

/// End a stand-in before its last day: the contact is back.
#[utoipa::path(tag = "files", operation_id = "end_stand_in", security(("bearer" = ["files:pair"])),
    params(IfMatch), responses((status = 200, body = StandIn)))]
#[post("/pairings/stand-ins/{id}/end")]
async fn end(may: May<PairFiles>) -> Result<HttpResponse> {
    let id = may.id("stand_in")?;
    may.write(move |tx, sent| {
        let before = store::find(tx, id)?;
        sent.expect(tx, id, before.version)?;
        sent.nothing()?;
        let after = super::end(tx, &before)?;
        Ok(Reply::ok(after.version, &after))
    })
    .await
}
