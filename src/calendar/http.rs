//! `/calendar`

use actix_web::{HttpResponse, get, post};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use super::{Day, NewCalendar, store};
use crate::auth::May;
use crate::auth::policy::{ReadPolicies, WritePolicies};
use crate::db::Rx;
use crate::error::{Error, Result};
use crate::http::Reply;
use crate::input::Nothing;

/// The routes of this module.
pub fn routes(config: &mut ServiceConfig) {
    config.service(get_calendar).service(announce);
}

/// The calendar of a year.
#[derive(Serialize, ToSchema)]
pub struct Calendar {
    /// The year.
    year: i32,
    /// The document that announces it.
    source: String,
    /// The days that differ from the week.
    days: Vec<Day>,
}

fn read(rx: &mut Rx, year: i32) -> Result<Calendar> {
    let source = store::source(rx, year)?.ok_or(Error::NotFound("calendar"))?;
    let days = store::days(rx, year)?;
    Ok(Calendar { year, source, days })
}

/// The holidays and swapped weekends of a year (30).
#[utoipa::path(tag = "policies", operation_id = "get_calendar", security(("bearer" = ["policies:read"])),
    responses((status = 200, body = Calendar)))]
#[get("/calendar/{year}")]
async fn get_calendar(may: May<ReadPolicies>) -> Result<HttpResponse> {
    let year = may.path("year", "calendar")?;
    may.query::<Nothing>()?;
    may.read(move |rx| read(rx, year)).await
}

/// Announce the holidays and swapped weekends of a year, once (30).
#[utoipa::path(tag = "policies", operation_id = "create_calendar", security(("bearer" = ["policies:write"])),
    request_body = NewCalendar, responses((status = 201, body = Calendar)))]
#[post("/calendar")]
async fn announce(may: May<WritePolicies>) -> Result<HttpResponse> {
    may.write(|tx, sent| {
        let year = super::announce(tx, sent.body()?)?;
        let calendar = read(tx, year)?;
        Ok(Reply::created(&format!("/calendar/{year}"), 1, &calendar))
    })
    .await
}
