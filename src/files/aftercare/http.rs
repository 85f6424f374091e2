//! `/files/{id}/follow-ups`, `/follow-ups/due`, `/resolution-rate` and `/disposal-list`

use actix_web::{HttpResponse, get, post};
use utoipa_actix_web::service_config::ServiceConfig;

use super::{Disposable, DueFollowUp, NewFollowUp, Resolution, ShownFollowUp, rules, store};
use crate::auth::policy::{ReadFiles, RecordFollowUps};
use crate::auth::{Creation, May};
use crate::db::page::{Ask, Cursor, Limit, Page};
use crate::db::types::{Date, year_of};
use crate::error::Result;
use crate::files::{self, File, FileId};
use crate::http::Reply;
use crate::input::Year;
use crate::organizations::{self, OrganizationId};
use crate::parameters;

/// The routes of this module.
pub fn routes(config: &mut ServiceConfig) {
    config
        .service(list)
        .service(record)
        .service(due)
        .service(rest)
        .service(resolution)
        .service(disposal_list);
}

parameters! {
    /// Which page.
    pub struct FollowUpQuery {
        /// 1 to 200.
        #[param(value_type = Option<i64>, minimum = 1, maximum = 200)]
        limit: Limit,
        /// From the page before.
        #[param(value_type = Option<String>)]
        cursor: Cursor,
    }
}

parameters! {
    /// Which calls.
    pub struct DueFollowUpQuery {
        /// Only those of files of this unit and the units below it.
        #[param(value_type = Option<String>, format = "uuid")]
        organization_id: Option<OrganizationId>,
        /// 1 to 200.
        #[param(value_type = Option<i64>, minimum = 1, maximum = 200)]
        limit: Limit,
        /// From the page before.
        #[param(value_type = Option<String>)]
        cursor: Cursor,
    }
}

parameters! {
    /// The rate of what.
    pub struct ResolutionQuery {
        /// Files on file at the end of this day; default 1 January of this year, not in the future.
        base_on: Option<Date>,
        /// Only those of this unit and the units below it.
        #[param(value_type = Option<String>, format = "uuid")]
        organization_id: Option<OrganizationId>,
    }
}

parameters! {
    /// The rest of what.
    pub struct ResolutionRestQuery {
        /// Files on file at the end of this day; default 1 January of this year, not in the future.
        base_on: Option<Date>,
        /// Only those of this unit and the units below it.
        #[param(value_type = Option<String>, format = "uuid")]
        organization_id: Option<OrganizationId>,
        /// 1 to 200.
        #[param(value_type = Option<i64>, minimum = 1, maximum = 200)]
        limit: Limit,
        /// From the page before.
        #[param(value_type = Option<String>)]
        cursor: Cursor,
    }
}

parameters! {
    /// The list of when.
    pub struct DisposalQuery {
        /// The year in which the files need not be kept any more; default this one.
        #[param(inline)]
        year: Option<Year>,
        /// 1 to 200.
        #[param(value_type = Option<i64>, minimum = 1, maximum = 200)]
        limit: Limit,
        /// From the page before.
        #[param(value_type = Option<String>)]
        cursor: Cursor,
    }
}

/// The calls to a household after the end of its file (44).
#[utoipa::path(tag = "aftercare", operation_id = "list_file_follow_ups", security(("bearer" = ["files:read"])),
    params(FollowUpQuery), responses((status = 200, body = Page<ShownFollowUp>)))]
#[get("/files/{id}/follow-ups")]
async fn list(may: May<ReadFiles>) -> Result<HttpResponse> {
    let id = may.id("file")?;
    let query: FollowUpQuery = may.query()?;
    let ask = Ask::new("follow_ups", query.limit, &query.cursor)?;
    may.read(move |rx| {
        files::find(rx, id)?;
        let page = store::all(rx, id, &ask)?;
        page.map(|call| ShownFollowUp::of(&call, rx.keys))
    })
    .await
}

/// Record a call to a household after the end of its file, by exit or by relief (44).
#[utoipa::path(tag = "aftercare", operation_id = "create_file_follow_up", security(("bearer" = ["follow_ups:write"])),
    request_body = NewFollowUp, responses((status = 201, body = ShownFollowUp), (status = 200, body = ShownFollowUp, description = "同一 id 同一内容的重复提交 · a repeat of the same id and content")))]
#[post("/files/{id}/follow-ups")]
async fn record(may: May<RecordFollowUps>) -> Result<HttpResponse> {
    let id: FileId = may.id("file")?;
    may.write(move |tx, sent| {
        let file = files::find(tx, id)?;
        let new: NewFollowUp = sent.body()?;
        match sent.creating(tx, new.id)? {
            Creation::Repeat(id) => {
                let call = store::find(tx, file.id, id)?;
                Ok(Reply::ok(1, &ShownFollowUp::of(&call, tx.keys)?).replayed())
            }
            Creation::New(id) => {
                let call = super::record(tx, &file, id, new)?;
                let shown = ShownFollowUp::of(&call, tx.keys)?;
                let place = format!("/files/{}/follow-ups", file.id);
                Ok(Reply::created(&place, 1, &shown))
            }
        }
    })
    .await
}

/// The files whose households should have been called by today, due first, first (44).
#[utoipa::path(tag = "aftercare", operation_id = "list_due_follow_ups", security(("bearer" = ["files:read"])),
    params(DueFollowUpQuery), responses((status = 200, body = Page<DueFollowUp>)))]
#[get("/follow-ups/due")]
async fn due(may: May<ReadFiles>) -> Result<HttpResponse> {
    let query: DueFollowUpQuery = may.query()?;
    let ask = Ask::new("follow_ups_due", query.limit, &query.cursor)?;
    may.read(move |rx| {
        organizations::narrow(rx, query.organization_id)?;
        let today = rx.today();
        store::due(rx, today, &ask)
    })
    .await
}

/// How many of the files that were on file at a day are resolved today: exited or relieved. Files that were
/// deregistered since are left out of the denominator (41, 42).
#[utoipa::path(tag = "aftercare", operation_id = "get_resolution_rate", security(("bearer" = ["files:read"])),
    params(ResolutionQuery), responses((status = 200, body = Resolution)))]
#[get("/resolution-rate")]
async fn resolution(may: May<ReadFiles>) -> Result<HttpResponse> {
    let query: ResolutionQuery = may.query()?;
    may.read(move |rx| super::resolution(rx, query.base_on, query.organization_id))
        .await
}

/// The files that were on file at a day and still are (42).
#[utoipa::path(tag = "aftercare", operation_id = "list_unresolved_files", security(("bearer" = ["files:read"])),
    params(ResolutionRestQuery), responses((status = 200, body = Page<File>)))]
#[get("/resolution-rate/rest")]
async fn rest(may: May<ReadFiles>) -> Result<HttpResponse> {
    let query: ResolutionRestQuery = may.query()?;
    let ask = Ask::new("resolution_rest", query.limit, &query.cursor)?;
    may.read(move |rx| {
        let base_on = rules::base_day(query.base_on, rx.today())?;
        organizations::narrow(rx, query.organization_id)?;
        store::still_on_file(rx, base_on, &ask)
    })
    .await
}

/// The files that need not be kept any more in a year, longest ended, first. They are listed and never deleted by
/// themselves (46).
#[utoipa::path(tag = "aftercare", operation_id = "get_disposal_list", security(("bearer" = ["files:read"])),
    params(DisposalQuery), responses((status = 200, body = Page<Disposable>)))]
#[get("/disposal-list")]
async fn disposal_list(may: May<ReadFiles>) -> Result<HttpResponse> {
    let query: DisposalQuery = may.query()?;
    let ask = Ask::new("disposal_list", query.limit, &query.cursor)?;
    may.read(move |rx| {
        let year = query.year.map_or_else(|| year_of(rx.today()), |year| year.0);
        let years = super::years_kept(rx)?;
        store::ended_before(rx, rules::kept_from(year, years), years, &ask)
    })
    .await
}
