//! `/audit/plans`, `/audit/tasks`, `/audit/coverage`

use actix_web::{HttpResponse, get, post};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use super::store::{self, Filter};
use super::{AuditConclusion, Coverage, NewAuditPlan, Plan, State, Task, TaskId, rules};
use crate::auth::May;
use crate::auth::policy::{ReadAuditTasks, WriteAuditTasks};
use crate::db::Rx;
use crate::db::page::{Ask, Cursor, Limit, Page};
use crate::db::types::{Date, Timestamp, year_of};
use crate::error::Result;
use crate::funds::FundId;
use crate::http::Reply;
use crate::http::openapi::IfMatch;
use crate::input::{Nothing, Year};
use crate::organizations::OrganizationId;
use crate::parameters;
use crate::users::UserId;

/// The routes of this module.
pub fn routes(config: &mut ServiceConfig) {
    config
        .service(plan)
        .service(list)
        .service(get)
        .service(start)
        .service(finish)
        .service(coverage);
}

parameters! {
    /// Which audit tasks.
    pub struct AuditTaskQuery {
        /// Only of this year.
        #[param(value_type = Option<i64>, minimum = 2000, maximum = 2100)]
        year: Option<Year>,
        /// Only those that stand so.
        #[param(inline)]
        status: Option<State>,
        /// Only about this unit and the units below it.
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
    /// Of which year and unit.
    pub struct CoverageQuery {
        /// The year; default the present one.
        #[param(value_type = Option<i64>, minimum = 2000, maximum = 2100)]
        year: Option<Year>,
        /// Only of this unit and the units below it.
        #[param(value_type = Option<String>, format = "uuid")]
        organization_id: Option<OrganizationId>,
    }
}

/// An audit task as it is shown.
#[derive(Serialize, ToSchema)]
#[schema(as = AuditTask)]
pub struct Shown {
    /// Its id.
    #[schema(value_type = String, format = "uuid")]
    id: TaskId,
    /// The unit that audits.
    #[schema(value_type = String, format = "uuid")]
    organization_id: OrganizationId,
    /// The unit that is audited.
    #[schema(value_type = String, format = "uuid")]
    audited_organization_id: OrganizationId,
    /// The fund that is audited; null for the unit itself.
    #[schema(value_type = Option<String>, format = "uuid")]
    fund_id: Option<FundId>,
    /// The year.
    #[schema(example = 2020)]
    year: i32,
    /// The day by which it is to be concluded.
    due_on: Date,
    /// Where it stands.
    status: State,
    /// When it was begun.
    started_at: Option<Timestamp>,
    /// By whom.
    #[schema(value_type = Option<String>, format = "uuid")]
    started_by: Option<UserId>,
    /// When it was concluded.
    finished_at: Option<Timestamp>,
    /// By whom.
    #[schema(value_type = Option<String>, format = "uuid")]
    finished_by: Option<UserId>,
    /// What was concluded.
    conclusion: Option<String>,
    /// Version, for `If-Match`.
    version: i32,
}

impl Shown {
    fn of(rx: &Rx, task: Task) -> Result<Self> {
        Ok(Self {
            status: rules::state(task.status, task.due_on, rx.today()),
            conclusion: task.conclusion(rx)?,
            id: task.id,
            organization_id: task.organization_id,
            audited_organization_id: task.audited_organization_id,
            fund_id: task.fund_id,
            year: task.year,
            due_on: task.due_on,
            started_at: task.started_at,
            started_by: task.started_by,
            finished_at: task.finished_at,
            finished_by: task.finished_by,
            version: task.version,
        })
    }
}

/// Plan the audits of a year (80, 81): a task for each unit directly below the own and for each fund that it keeps. Asked
/// again, it adds units and funds that came later.
#[utoipa::path(tag = "audit", operation_id = "plan_audits", security(("bearer" = ["audit_tasks:write"])),
    request_body = NewAuditPlan, responses((status = 200, body = Plan)))]
#[post("/audit/plans")]
async fn plan(may: May<WriteAuditTasks>) -> Result<HttpResponse> {
    may.write(|tx, sent| {
        let new: NewAuditPlan = sent.body()?;
        Ok(Reply::plain(&super::plan(tx, new.year.0)?))
    })
    .await
}

/// The audits of units in the own subtree.
#[utoipa::path(tag = "audit", operation_id = "list_audit_tasks", security(("bearer" = ["audit_tasks:read"])),
    params(AuditTaskQuery), responses((status = 200, body = Page<Shown>)))]
#[get("/audit/tasks")]
async fn list(may: May<ReadAuditTasks>) -> Result<HttpResponse> {
    let query: AuditTaskQuery = may.query()?;
    let ask = Ask::new("audit_tasks", query.limit, &query.cursor)?;
    let filter = Filter {
        year: query.year.map(|year| year.0),
        state: query.status,
        organization_id: query.organization_id,
    };
    may.read(move |rx| store::list(rx, filter, &ask)?.map(|task| Shown::of(rx, task)))
        .await
}

/// One audit task.
#[utoipa::path(tag = "audit", operation_id = "get_audit_task", security(("bearer" = ["audit_tasks:read"])),
    responses((status = 200, body = Shown)))]
#[get("/audit/tasks/{id}")]
async fn get(may: May<ReadAuditTasks>) -> Result<HttpResponse> {
    let id = may.id("audit_task")?;
    may.query::<Nothing>()?;
    may.fetch(move |rx| {
        let task = store::find(rx, id)?;
        Ok((task.version, Shown::of(rx, task)?))
    })
    .await
}

/// Begin an audit of the level directly below (81).
#[utoipa::path(tag = "audit", operation_id = "start_audit_task", security(("bearer" = ["audit_tasks:write"])),
    params(IfMatch), responses((status = 200, body = Shown)))]
#[post("/audit/tasks/{id}/start")]
async fn start(may: May<WriteAuditTasks>) -> Result<HttpResponse> {
    let id: TaskId = may.id("audit_task")?;
    may.write(move |tx, sent| {
        let task = super::seize(tx, id)?;
        sent.expect(tx, id, task.version)?;
        sent.nothing()?;
        let task = super::start(tx, task)?;
        Ok(Reply::ok(task.version, &Shown::of(tx, task)?))
    })
    .await
}

/// Conclude an audit, once the unit has answered everything that was found.
#[utoipa::path(tag = "audit", operation_id = "finish_audit_task", security(("bearer" = ["audit_tasks:write"])),
    params(IfMatch), request_body = AuditConclusion, responses((status = 200, body = Shown)))]
#[post("/audit/tasks/{id}/finish")]
async fn finish(may: May<WriteAuditTasks>) -> Result<HttpResponse> {
    let id: TaskId = may.id("audit_task")?;
    may.write(move |tx, sent| {
        let task = super::seize(tx, id)?;
        sent.expect(tx, id, task.version)?;
        let said: AuditConclusion = sent.body()?;
        let task = super::finish(tx, task, &said.conclusion)?;
        Ok(Reply::ok(task.version, &Shown::of(tx, task)?))
    })
    .await
}

/// How far the audits of a year have come in the own subtree (80), by unit: what nobody has planned is shown too.
#[utoipa::path(tag = "audit", operation_id = "get_audit_coverage", security(("bearer" = ["audit_tasks:read"])),
    params(CoverageQuery), responses((status = 200, body = Coverage)))]
#[get("/audit/coverage")]
async fn coverage(may: May<ReadAuditTasks>) -> Result<HttpResponse> {
    let query: CoverageQuery = may.query()?;
    may.read(move |rx| {
        let year = query.year.map_or(year_of(rx.today()), |year| year.0);
        super::coverage(rx, year, query.organization_id)
    })
    .await
}
