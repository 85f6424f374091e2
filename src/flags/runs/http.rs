//! `/audit/flag-runs`

use actix_web::{HttpResponse, get, post};
use utoipa_actix_web::service_config::ServiceConfig;

use super::{Cause, Run, RunId, carry_out, rules, store};
use crate::auth::May;
use crate::auth::policy::{ReadFlagRuns, RunFlags};
use crate::db::page::{Ask, Cursor, Limit, Page};
use crate::error::Result;
use crate::http::Reply;
use crate::input::Nothing;
use crate::parameters;

/// The routes of this module.
pub fn routes(config: &mut ServiceConfig) {
    config.service(list).service(start).service(get);
}

parameters! {
    /// Which page.
    pub struct FlagRunQuery {
        /// 1 to 200.
        #[param(value_type = Option<i64>, minimum = 1, maximum = 200)]
        limit: Limit,
        /// From the page before.
        #[param(value_type = Option<String>)]
        cursor: Cursor,
    }
}

/// The runs of the standing queries in the own subtree, newest first: those of every night are the root's.
#[utoipa::path(tag = "audit", operation_id = "list_audit_flag_runs", security(("bearer" = ["audit_flag_runs:read"])),
    params(FlagRunQuery), responses((status = 200, body = Page<Run>)))]
#[get("/audit/flag-runs")]
async fn list(may: May<ReadFlagRuns>) -> Result<HttpResponse> {
    let query: FlagRunQuery = may.query()?;
    let ask = Ask::new("audit_flag_runs", query.limit, &query.cursor)?;
    may.read(move |rx| store::list(rx, &ask)).await
}

/// Run every standing query in the own subtree now, and keep what they find (82). One run at a time: 409 `run_in_progress`.
#[utoipa::path(tag = "audit", operation_id = "create_audit_flag_run", security(("bearer" = ["audit_flags:run"])),
    responses((status = 201, body = Run)))]
#[post("/audit/flag-runs")]
async fn start(may: May<RunFlags>) -> Result<HttpResponse> {
    may.sent().nothing()?;
    if let Some(answer) = may.answered().await? {
        return Ok(answer);
    }
    let (db, actor, request) = (may.db().clone(), may.actor.clone(), may.request_id().to_owned());
    let work = move || carry_out(&db, &actor, &request, Cause::OnDemand, &|| false);
    let run = actix_web::web::block(work).await??.ok_or_else(rules::running)?;
    may.write(move |_, _| Ok(Reply::created(&format!("/audit/flag-runs/{}", run.id), 1, &run)))
        .await
}

/// One run of the standing queries.
#[utoipa::path(tag = "audit", operation_id = "get_audit_flag_run", security(("bearer" = ["audit_flag_runs:read"])),
    responses((status = 200, body = Run)))]
#[get("/audit/flag-runs/{id}")]
async fn get(may: May<ReadFlagRuns>) -> Result<HttpResponse> {
    let id: RunId = may.id("run")?;
    may.query::<Nothing>()?;
    may.fetch(move |rx| Ok((1, store::get(rx, id)?))).await
}
