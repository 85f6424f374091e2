//! `/audit/people`, `/audit/users` and `/members/{id}/access-report`.

use actix_web::{HttpResponse, get, post};
use utoipa_actix_web::service_config::ServiceConfig;

use super::report::{self, AccessReport, NewAccessReport};
use super::store::Window;
use super::{PersonQuestion, Sighting};
use crate::audit::Look;
use crate::audit::http::seal_now;
use crate::auth::May;
use crate::auth::policy::{ReadAudit, ReportAccess};
use crate::db::page::{Ask, Cursor, Limit, Page};
use crate::db::types::Timestamp;
use crate::db::{Rx, Tx};
use crate::error::Result;
use crate::http::Reply;
use crate::input::Nothing;
use crate::parameters;

/// The routes of this module.
pub fn routes(config: &mut ServiceConfig) {
    config
        .service(ask_about_person)
        .service(ask_about_user)
        .service(report_access)
        .service(print_access);
}

/// Who saw or changed a person between two times (83): by ID number, whether registered or not, or by member; records that
/// are merged are one person. In the own subtree, oldest first. Asking is an event about that person.
#[utoipa::path(tag = "audit", operation_id = "list_person_events", security(("bearer" = ["audit:read"])),
    request_body = PersonQuestion, responses((status = 200, body = Page<Sighting>)))]
#[post("/audit/people/events")]
async fn ask_about_person(may: May<ReadAudit>) -> Result<HttpResponse> {
    may.query::<Nothing>()?;
    let question: PersonQuestion = may.body()?;
    seal_now(&may).await?;
    let found = may.look(move |rx| super::about_person(rx, question)).await?;
    Ok(HttpResponse::Ok().json(found))
}

parameters! {
    /// Which events of an account.
    pub struct UserEventQuery {
        /// From this time on.
        #[param(value_type = Option<String>, format = "date-time")]
        from: Option<Timestamp>,
        /// Before this time.
        #[param(value_type = Option<String>, format = "date-time")]
        to: Option<Timestamp>,
        /// Only this kind of look.
        #[param(inline)]
        kind: Option<Look>,
        /// 1 to 200.
        #[param(value_type = Option<i64>, minimum = 1, maximum = 200)]
        limit: Limit,
        /// From the page before.
        #[param(value_type = Option<String>)]
        cursor: Cursor,
    }
}

/// What an account saw and changed (83), oldest first. Asking is an event about that account.
#[utoipa::path(tag = "audit", operation_id = "list_user_events", security(("bearer" = ["audit:read"])),
    params(UserEventQuery), responses((status = 200, body = Page<Sighting>)))]
#[get("/audit/users/{id}/events")]
async fn ask_about_user(may: May<ReadAudit>) -> Result<HttpResponse> {
    let id = may.id("user")?;
    let query: UserEventQuery = may.query()?;
    let list = query.kind.map_or("user_events", Look::as_str);
    let ask = Ask::new(list, query.limit, &query.cursor)?;
    seal_now(&may).await?;
    let asked = move |rx: &mut Rx| {
        let window = Window {
            from: query.from,
            to: query.to,
        };
        super::by_user(rx, id, query.kind, &window, &ask)
    };
    Ok(HttpResponse::Ok().json(may.look(asked).await?))
}

/// Tell a person who asks who has seen their file (47): when, which unit and role, what kind of look and why, naming nobody
/// else. Whoever asks proves who they are; it is an event.
#[utoipa::path(tag = "members", operation_id = "report_access", security(("bearer" = ["members:report_access"])),
    request_body = NewAccessReport, responses((status = 200, body = AccessReport)))]
#[post("/members/{id}/access-report")]
async fn report_access(may: May<ReportAccess>) -> Result<HttpResponse> {
    let id = may.id("member")?;
    seal_now(&may).await?;
    may.each_time()
        .write(move |tx, sent| {
            let report = report::make(tx, id, |_| sent.body(), "access_report.read")?;
            Ok(Reply::plain(&report))
        })
        .await
}

/// The same as a page that prints on A4, for the person to take along.
#[utoipa::path(tag = "members", operation_id = "print_access_report", security(("bearer" = ["members:report_access"])),
    request_body = NewAccessReport, responses((status = 200, body = String, content_type = "text/html")))]
#[post("/members/{id}/access-report/print")]
async fn print_access(may: May<ReportAccess>) -> Result<HttpResponse> {
    let id = may.id("member")?;
    may.query::<Nothing>()?;
    seal_now(&may).await?;
    let (actor, request, sent) = (may.actor.clone(), may.request_id().to_owned(), may.sent().clone());
    let zone = may.db().zone();
    let printing = move |tx: &mut Tx| report::make(tx, id, |_| sent.body(), "access_report.printed");
    let report = may.db().write(actor, request, printing).await?;
    Ok(report::print(&report, zone))
}
