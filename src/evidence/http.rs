//! `/audit/payments/{id}/evidence` and `/audit/files/{id}/evidence`.

use actix_web::{HttpResponse, get};
use utoipa_actix_web::service_config::ServiceConfig;

use super::{Pack, print};
use crate::audit::Event;
use crate::audit::http::seal_now;
use crate::auth::May;
use crate::auth::policy::ReadAudit;
use crate::codes::{self, Names};
use crate::db::Rx;
use crate::db::types::Date;
use crate::error::Result;
use crate::input::Nothing;
use crate::parameters;

/// The routes of this module.
pub fn routes(config: &mut ServiceConfig) {
    config
        .service(of_payment)
        .service(print_payment)
        .service(of_file)
        .service(print_file);
}

/// A pack and the names of the codes in it.
fn with_names(
    rx: &mut Rx,
    pack: impl FnOnce(&mut Rx) -> Result<(Pack, Event)>,
) -> Result<((Pack, Names), Event)> {
    let (pack, event) = pack(rx)?;
    Ok(((pack, codes::names(rx)?), event))
}

parameters! {
    /// Of which day.
    pub struct EvidenceQuery {
        /// The file as it was at the end of this day; default today.
        #[param(value_type = Option<String>, format = "date")]
        as_of: Option<Date>,
    }
}

/// Everything that led to a payment, with proofs that can be checked without the service; exporting it is an event.
#[utoipa::path(tag = "audit", operation_id = "get_payment_evidence", security(("bearer" = ["audit:read"])),
    responses((status = 200, body = Pack)))]
#[get("/audit/payments/{id}/evidence")]
async fn of_payment(may: May<ReadAudit>) -> Result<HttpResponse> {
    let id = may.id("payment")?;
    may.query::<Nothing>()?;
    seal_now(&may).await?;
    let pack = may
        .look(move |rx| super::of_payment(rx, id, "evidence.exported"))
        .await?;
    Ok(HttpResponse::Ok().json(pack))
}

/// The same as a page that prints on A4.
#[utoipa::path(tag = "audit", operation_id = "print_payment_evidence", security(("bearer" = ["audit:read"])),
    responses((status = 200, body = String, content_type = "text/html")))]
#[get("/audit/payments/{id}/evidence/print")]
async fn print_payment(may: May<ReadAudit>) -> Result<HttpResponse> {
    let id = may.id("payment")?;
    may.query::<Nothing>()?;
    seal_now(&may).await?;
    let pack = may
        .look(move |rx| with_names(rx, |rx| super::of_payment(rx, id, "evidence.printed")))
        .await?;
    Ok(print::page(&pack.0, &pack.1, may.db().zone()))
}

/// Everything that led to a file as it was at the end of a day, with proofs; exporting it is an event.
#[utoipa::path(tag = "audit", operation_id = "get_file_evidence", security(("bearer" = ["audit:read"])),
    params(EvidenceQuery), responses((status = 200, body = Pack)))]
#[get("/audit/files/{id}/evidence")]
async fn of_file(may: May<ReadAudit>) -> Result<HttpResponse> {
    let id = may.id("file")?;
    let query: EvidenceQuery = may.query()?;
    seal_now(&may).await?;
    let pack = move |rx: &mut Rx| super::of_file(rx, id, query.as_of, "evidence.exported");
    Ok(HttpResponse::Ok().json(may.look(pack).await?))
}

/// The same as a page that prints on A4.
#[utoipa::path(tag = "audit", operation_id = "print_file_evidence", security(("bearer" = ["audit:read"])),
    params(EvidenceQuery), responses((status = 200, body = String, content_type = "text/html")))]
#[get("/audit/files/{id}/evidence/print")]
async fn print_file(may: May<ReadAudit>) -> Result<HttpResponse> {
    let id = may.id("file")?;
    let query: EvidenceQuery = may.query()?;
    seal_now(&may).await?;
    let pack = may
        .look(move |rx| with_names(rx, |rx| super::of_file(rx, id, query.as_of, "evidence.printed")))
        .await?;
    Ok(print::page(&pack.0, &pack.1, may.db().zone()))
}
