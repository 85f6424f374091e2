//! `/audit/tasks/{id}/findings` and `/audit/findings`

use actix_web::{HttpResponse, get, post};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use super::store::{self, Filter};
use super::{Answer, Finding, FindingId, NewFinding, Severity, Status, SubjectType, TaskId, rules};
use crate::audit;
use crate::audits;
use crate::auth::policy::{AnswerFindings, DecideFindings, ReadAuditTasks, RecordFindings};
use crate::auth::{Creation, May, Sent};
use crate::db::page::{Ask, Cursor, Limit, Page};
use crate::db::types::{Date, Id, Timestamp};
use crate::db::{Rx, Tx};
use crate::error::Result;
use crate::http::Reply;
use crate::http::openapi::IfMatch;
use crate::input::Nothing;
use crate::organizations::OrganizationId;
use crate::parameters;
use crate::users::UserId;

/// The routes of this module.
pub fn routes(config: &mut ServiceConfig) {
    config
        .service(record)
        .service(list)
        .service(get)
        .service(history)
        .service(answer)
        .service(accept)
        .service(reject);
}

parameters! {
    /// Which findings.
    pub struct FindingQuery {
        /// Only of this audit.
        #[param(value_type = Option<String>, format = "uuid")]
        task_id: Option<TaskId>,
        /// Only about this unit and the units below it.
        #[param(value_type = Option<String>, format = "uuid")]
        organization_id: Option<OrganizationId>,
        /// Only those that are so bad.
        #[param(inline)]
        severity: Option<Severity>,
        /// Only those that stand so.
        #[param(inline)]
        status: Option<Status>,
        /// Only those that the unit is late with, or only the others.
        overdue: Option<bool>,
        /// 1 to 200.
        #[param(value_type = Option<i64>, minimum = 1, maximum = 200)]
        limit: Limit,
        /// From the page before.
        #[param(value_type = Option<String>)]
        cursor: Cursor,
    }
}
parameters! {
    /// Which page.
    pub struct FindingHistoryQuery {
        /// 1 to 200.
        #[param(value_type = Option<i64>, minimum = 1, maximum = 200)]
        limit: Limit,
        /// From the page before.
        #[param(value_type = Option<String>)]
        cursor: Cursor,
    }
}

/// A finding as it is shown.
#[derive(Serialize, ToSchema)]
#[schema(as = AuditFinding)]
pub struct Shown {
    /// Its id.
    #[schema(value_type = String, format = "uuid")]
    id: FindingId,
    /// The audit.
    #[schema(value_type = String, format = "uuid")]
    task_id: TaskId,
    /// The unit that is audited.
    #[schema(value_type = String, format = "uuid")]
    audited_organization_id: OrganizationId,
    /// How bad it is.
    severity: Severity,
    /// What, in a few words.
    #[schema(example = "发放表缺少本人签名")]
    title: String,
    /// What, in full.
    text: String,
    /// What kind of record it is about.
    subject_type: Option<SubjectType>,
    /// Which.
    #[schema(value_type = Option<String>, format = "uuid")]
    subject_id: Option<Id<()>>,
    /// What is to be done about it.
    demand: String,
    /// The day by which it is to be put right.
    rectify_by: Date,
    /// Where it stands.
    status: Status,
    /// Whether the unit is late.
    #[schema(example = false)]
    overdue: bool,
    /// The last answer that was not rejected.
    answer: Option<String>,
    /// When it was recorded.
    recorded_at: Timestamp,
    /// By whom.
    #[schema(value_type = String, format = "uuid")]
    recorded_by: UserId,
    /// When it was answered.
    answered_at: Option<Timestamp>,
    /// By whom.
    #[schema(value_type = Option<String>, format = "uuid")]
    answered_by: Option<UserId>,
    /// When it was closed.
    closed_at: Option<Timestamp>,
    /// By whom.
    #[schema(value_type = Option<String>, format = "uuid")]
    closed_by: Option<UserId>,
    /// Version, for `If-Match`.
    version: i32,
}

impl Shown {
    fn of(rx: &Rx, finding: Finding) -> Result<Self> {
        let said = finding.said(rx)?;
        Ok(Self {
            overdue: rules::overdue(finding.status, finding.rectify_by, rx.today()),
            answer: finding.answer(rx)?,
            title: said.title,
            text: said.text,
            demand: said.demand,
            id: finding.id,
            task_id: finding.task_id,
            audited_organization_id: finding.audited_organization_id,
            severity: finding.severity,
            subject_type: finding.subject_type,
            subject_id: finding.subject_id,
            rectify_by: finding.rectify_by,
            status: finding.status,
            recorded_at: finding.recorded_at,
            recorded_by: finding.recorded_by,
            answered_at: finding.answered_at,
            answered_by: finding.answered_by,
            closed_at: finding.closed_at,
            closed_by: finding.closed_by,
            version: finding.version,
        })
    }

    fn reply(rx: &Rx, finding: Finding) -> Result<Reply> {
        Ok(Reply::ok(finding.version, &Self::of(rx, finding)?))
    }
}

/// Record what an audit found, while it runs: an auditor of the unit that audits, or a guest who is invited to it.
#[utoipa::path(tag = "audit", operation_id = "create_audit_finding", security(("bearer" = ["audit_findings:write"])),
    request_body = NewFinding, responses((status = 201, body = Shown), (status = 200, body = Shown, description = "同一 id 同一内容的重复提交 · a repeat of the same id and content")))]
#[post("/audit/tasks/{id}/findings")]
async fn record(may: May<RecordFindings>) -> Result<HttpResponse> {
    let task: TaskId = may.id("audit_task")?;
    may.write(move |tx, sent| {
        let task = audits::seize(tx, task)?;
        let new: NewFinding = sent.body()?;
        match sent.creating(tx, new.id)? {
            Creation::Repeat(id) => {
                let finding = store::find(tx, id)?;
                Ok(Shown::reply(tx, finding)?.replayed())
            }
            Creation::New(id) => {
                let finding = super::record(tx, id, &task, new)?;
                let place = format!("/audit/findings/{id}");
                Ok(Reply::created(&place, finding.version, &Shown::of(tx, finding)?))
            }
        }
    })
    .await
}

/// What was found in units of the own subtree; `overdue` lists what is not put right in time.
#[utoipa::path(tag = "audit", operation_id = "list_audit_findings", security(("bearer" = ["audit_tasks:read"])),
    params(FindingQuery), responses((status = 200, body = Page<Shown>)))]
#[get("/audit/findings")]
async fn list(may: May<ReadAuditTasks>) -> Result<HttpResponse> {
    let query: FindingQuery = may.query()?;
    let ask = Ask::new("audit_findings", query.limit, &query.cursor)?;
    let filter = Filter {
        task_id: query.task_id,
        organization_id: query.organization_id,
        severity: query.severity,
        status: query.status,
        overdue: query.overdue,
    };
    may.read(move |rx| {
        if let Some(task) = filter.task_id {
            audits::find(rx, task)?;
        }
        store::list(rx, filter, &ask)?.map(|finding| Shown::of(rx, finding))
    })
    .await
}

/// One finding.
#[utoipa::path(tag = "audit", operation_id = "get_audit_finding", security(("bearer" = ["audit_tasks:read"])),
    responses((status = 200, body = Shown)))]
#[get("/audit/findings/{id}")]
async fn get(may: May<ReadAuditTasks>) -> Result<HttpResponse> {
    let id = may.id("audit_finding")?;
    may.query::<Nothing>()?;
    may.fetch(move |rx| {
        let finding = store::find(rx, id)?;
        Ok((finding.version, Shown::of(rx, finding)?))
    })
    .await
}

/// What happened to a finding, oldest first, with every answer and why it would not do.
#[utoipa::path(tag = "audit", operation_id = "get_audit_finding_history", security(("bearer" = ["audit_tasks:read"])),
    params(FindingHistoryQuery), responses((status = 200, body = Page<audit::Entry>)))]
#[get("/audit/findings/{id}/history")]
async fn history(may: May<ReadAuditTasks>) -> Result<HttpResponse> {
    let id: FindingId = may.id("audit_finding")?;
    let query: FindingHistoryQuery = may.query()?;
    let ask = Ask::new("audit_finding_history", query.limit, &query.cursor)?;
    may.read(move |rx| {
        store::find(rx, id)?;
        audit::history(rx, &id.to_string(), &ask)
    })
    .await
}

/// Answer a finding for the audited unit: what was done about it, or why it is not so.
#[utoipa::path(tag = "audit", operation_id = "answer_audit_finding", security(("bearer" = ["audit_findings:answer"])),
    params(IfMatch), request_body = Answer, responses((status = 200, body = Shown)))]
#[post("/audit/findings/{id}/answer")]
async fn answer(may: May<AnswerFindings>) -> Result<HttpResponse> {
    let id = may.id("audit_finding")?;
    may.write(move |tx, sent| {
        let finding = read(tx, sent, id)?;
        let said: Answer = sent.body()?;
        let finding = super::answer(tx, finding, said.text.into())?;
        Shown::reply(tx, finding)
    })
    .await
}

/// Take the answer, which closes the finding: another person than who recorded it.
#[utoipa::path(tag = "audit", operation_id = "accept_audit_answer", security(("bearer" = ["audit_findings:decide"])),
    params(IfMatch), responses((status = 200, body = Shown)))]
#[post("/audit/findings/{id}/accept")]
async fn accept(may: May<DecideFindings>) -> Result<HttpResponse> {
    let id = may.id("audit_finding")?;
    may.write(move |tx, sent| {
        let finding = read(tx, sent, id)?;
        sent.nothing()?;
        let task = audits::find(tx, finding.task_id)?;
        let finding = super::accept(tx, finding, &task)?;
        Shown::reply(tx, finding)
    })
    .await
}

/// Do not take the answer: the unit is to answer again.
#[utoipa::path(tag = "audit", operation_id = "reject_audit_answer", security(("bearer" = ["audit_findings:decide"])),
    params(IfMatch), request_body = Answer, responses((status = 200, body = Shown)))]
#[post("/audit/findings/{id}/reject")]
async fn reject(may: May<DecideFindings>) -> Result<HttpResponse> {
    let id = may.id("audit_finding")?;
    may.write(move |tx, sent| {
        let finding = read(tx, sent, id)?;
        let why: Answer = sent.body()?;
        let task = audits::find(tx, finding.task_id)?;
        let finding = super::reject(tx, finding, &task, why.text.into())?;
        Shown::reply(tx, finding)
    })
    .await
}

/// A finding in scope, at the version the client read.
fn read(tx: &mut Tx, sent: &Sent, id: FindingId) -> Result<Finding> {
    let finding = store::find(tx, id)?;
    sent.expect(tx, id, finding.version)?;
    Ok(finding)
}
