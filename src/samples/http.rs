//! `/audit/samples`

use actix_web::{HttpResponse, get, post};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use super::{Document, Method, NewSample, Of, Sample, SampleId, Status, StratifyBy, store};
use crate::audits::{self, TaskId};
use crate::auth::policy::{DrawSamples, ReadSamples};
use crate::auth::{Creation, May};
use crate::db::Rx;
use crate::db::page::{Ask, Cursor, Limit, Page};
use crate::db::types::{Date, Timestamp};
use crate::error::Result;
use crate::http::Reply;
use crate::input::Nothing;
use crate::organizations::OrganizationId;
use crate::parameters;
use crate::users::UserId;

/// The routes of this module.
pub fn routes(config: &mut ServiceConfig) {
    config.service(list).service(draw).service(get).service(document);
}

parameters! {
    /// Which samples.
    pub struct SampleQuery {
        /// Only for this audit.
        #[param(value_type = Option<String>, format = "uuid")]
        task_id: Option<TaskId>,
        /// Only of this unit and the units below it.
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

/// What a sample is drawn from.
#[derive(Serialize, ToSchema)]
#[schema(as = AuditPopulation)]
pub struct ShownPopulation {
    /// Of what records.
    of: Of,
    /// First day.
    from: Date,
    /// Last day.
    to: Date,
    /// Of this unit and the units below it.
    #[schema(value_type = String, format = "uuid")]
    organization_id: OrganizationId,
    /// How many records there are.
    #[schema(example = 240)]
    size: i64,
    /// SHA-256 of the list of them, in hex.
    #[schema(example = "2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae")]
    digest: String,
}

/// A sample as lists show it.
#[derive(Serialize, ToSchema)]
#[schema(as = AuditSampleHead)]
pub struct Head {
    /// Its id.
    #[schema(value_type = String, format = "uuid")]
    id: SampleId,
    /// The audit it is for.
    #[schema(value_type = Option<String>, format = "uuid")]
    task_id: Option<TaskId>,
    /// What it is drawn from.
    population: ShownPopulation,
    /// How it is drawn.
    method: Method,
    /// Into what strata.
    stratify_by: Option<StratifyBy>,
    /// How many are drawn.
    #[schema(example = 60)]
    size: i64,
    /// When the population was frozen.
    frozen_at: Timestamp,
    /// By whom.
    #[schema(value_type = String, format = "uuid")]
    frozen_by: UserId,
}

/// A sample.
#[derive(Serialize, ToSchema)]
#[schema(as = AuditSample)]
pub struct Shown {
    /// What was asked for.
    #[serde(flatten)]
    head: Head,
    /// Where it stands.
    status: Status,
    /// The size of the checkpoint that decided; null while it is frozen.
    #[schema(example = 1234)]
    checkpoint_size: Option<i64>,
    /// The ids that are drawn, in the order of their keys; null while it is frozen.
    #[schema(value_type = Option<Vec<String>>)]
    drawn: Option<Vec<String>>,
}

impl From<Sample> for Head {
    fn from(sample: Sample) -> Self {
        Self {
            id: sample.id,
            task_id: sample.task_id,
            population: ShownPopulation {
                of: sample.population_of,
                from: sample.from_on,
                to: sample.to_on,
                organization_id: sample.organization_id,
                size: sample.population_size,
                digest: sample.digest,
            },
            method: sample.method,
            stratify_by: sample.stratify_by,
            size: sample.size,
            frozen_at: sample.frozen_at,
            frozen_by: sample.frozen_by,
        }
    }
}

impl Shown {
    fn of(rx: &mut Rx, sample: Sample) -> Result<Self> {
        let decision = super::decide(rx, &sample)?;
        let status = match decision {
            Some(_) => Status::Drawn,
            None => Status::Frozen,
        };
        Ok(Self {
            head: sample.into(),
            status,
            checkpoint_size: decision.as_ref().map(|made| made.checkpoint.size),
            drawn: decision.map(|made| made.drawn),
        })
    }
}

/// The samples of units in the own subtree.
#[utoipa::path(tag = "audit", operation_id = "list_audit_samples", security(("bearer" = ["audit_samples:read"])),
    params(SampleQuery), responses((status = 200, body = Page<Head>)))]
#[get("/audit/samples")]
async fn list(may: May<ReadSamples>) -> Result<HttpResponse> {
    let query: SampleQuery = may.query()?;
    let ask = Ask::new("audit_samples", query.limit, &query.cursor)?;
    may.read(move |rx| {
        if let Some(task) = query.task_id {
            audits::find(rx, task)?;
        }
        let page = store::list(rx, query.organization_id, query.task_id, &ask)?;
        page.map(|sample| Ok(Head::from(sample)))
    })
    .await
}

/// Freeze a population to draw from (37). What is drawn follows from the first checkpoint that the log makes after that:
/// neither who asks nor who keeps the service can choose it.
#[utoipa::path(tag = "audit", operation_id = "create_audit_sample", security(("bearer" = ["audit_samples:write"])),
    request_body = NewSample, responses((status = 201, body = Shown), (status = 200, body = Shown, description = "同一 id 同一内容的重复提交 · a repeat of the same id and content")))]
#[post("/audit/samples")]
async fn draw(may: May<DrawSamples>) -> Result<HttpResponse> {
    may.write(|tx, sent| {
        let new: NewSample = sent.body()?;
        match sent.creating(tx, new.id)? {
            Creation::Repeat(id) => {
                let sample = store::find(tx, id)?;
                Ok(Reply::ok(1, &Shown::of(tx, sample)?).replayed())
            }
            Creation::New(id) => {
                let sample = super::freeze(tx, id, new)?;
                let place = format!("/audit/samples/{id}");
                Ok(Reply::created(&place, 1, &Shown::of(tx, sample)?))
            }
        }
    })
    .await
}

/// One sample, with what is drawn as soon as that is decided.
#[utoipa::path(tag = "audit", operation_id = "get_audit_sample", security(("bearer" = ["audit_samples:read"])),
    responses((status = 200, body = Shown)))]
#[get("/audit/samples/{id}")]
async fn get(may: May<ReadSamples>) -> Result<HttpResponse> {
    let id = may.id("audit_sample")?;
    may.query::<Nothing>()?;
    may.fetch(move |rx| {
        let sample = store::find(rx, id)?;
        Ok((1, Shown::of(rx, sample)?))
    })
    .await
}

/// The document of a sample, with which anybody can draw it again without this service; 404 while it is frozen.
#[utoipa::path(tag = "audit", operation_id = "get_audit_sample_document", security(("bearer" = ["audit_samples:read"])),
    responses((status = 200, body = Document)))]
#[get("/audit/samples/{id}/document")]
async fn document(may: May<ReadSamples>) -> Result<HttpResponse> {
    let id = may.id("audit_sample")?;
    may.query::<Nothing>()?;
    may.read(move |rx| {
        let sample = store::find(rx, id)?;
        Document::of(rx, &sample)
    })
    .await
}
