//! `/audit`: the log for auditors.

use actix_web::{HttpResponse, get};
use utoipa_actix_web::service_config::ServiceConfig;

use super::people;
use super::store::{self, Checkpoint, Filter, Record};
use super::verify::{Verdict, verify};
use crate::auth::May;
use crate::auth::policy::ReadAudit;
use crate::db::Rx;
use crate::db::page::{Ask, Cursor, Limit, Page};
use crate::db::types::{Id, Timestamp};
use crate::error::{Error, FieldError, Result};
use crate::input::{Input, Nothing, Text, number};
use crate::users::User;
use crate::{parameters, say};

/// The routes of this module.
pub fn routes(config: &mut ServiceConfig) {
    config
        .service(list_events)
        .service(get_event)
        .service(get_checkpoint)
        .service(verify_log);
}

/// Seals what waits, so that an auditor sees everything that was acknowledged before. The service does it, on its
/// own connection: the auditor's cannot write.
async fn seal_now(may: &May<ReadAudit>) -> Result<()> {
    let db = may.db().clone();
    actix_web::web::block(move || super::flush(&db)).await?
}

parameters! {
    /// Which events.
    pub struct EventQuery {
        /// Kind of subject, such as `file`.
        #[param(value_type = Option<String>)]
        subject_type: Option<Text<40>>,
        /// Id of the subject.
        #[param(value_type = Option<String>, format = "uuid")]
        subject_id: Option<Id<()>>,
        /// Who did it.
        #[param(value_type = Option<String>, format = "uuid")]
        actor_id: Option<Id<User>>,
        /// What was done, such as `file.approved`.
        #[param(value_type = Option<String>)]
        action: Option<Text<60>>,
        /// From this time on.
        #[param(value_type = Option<String>, format = "date-time")]
        from: Option<Timestamp>,
        /// Before this time.
        #[param(value_type = Option<String>, format = "date-time")]
        to: Option<Timestamp>,
        /// 1 to 200.
        #[param(value_type = Option<i64>, minimum = 1, maximum = 200)]
        limit: Limit,
        /// From the page before.
        #[param(value_type = Option<String>)]
        cursor: Cursor,
    }
}

/// The log of the own subtree, in order (83).
#[utoipa::path(tag = "audit", operation_id = "list_audit_events", security(("bearer" = ["audit:read"])),
    params(EventQuery), responses((status = 200, body = Page<Record>)))]
#[get("/audit/events")]
async fn list_events(may: May<ReadAudit>) -> Result<HttpResponse> {
    let query: EventQuery = may.query()?;
    let ask = Ask::new("audit_events", query.limit, &query.cursor)?;
    let filter = Filter {
        subject_type: query.subject_type.map(String::from),
        subject_id: query.subject_id.map(|id| id.to_string()),
        actor_id: query.actor_id,
        action: query.action.map(String::from),
        from: query.from,
        to: query.to,
    };
    seal_now(&may).await?;
    let subject = filter.subject_id.clone();
    let listed = move |rx: &mut Rx| {
        let page = store::list(rx, filter, &ask)?;
        let event = people::read_about(rx, subject, &page.items)?;
        Ok((page, event))
    };
    Ok(HttpResponse::Ok().json(may.look(listed).await?))
}

/// One event by its number.
#[utoipa::path(tag = "audit", operation_id = "get_audit_event", security(("bearer" = ["audit:read"])),
    responses((status = 200, body = Record)))]
#[get("/audit/events/{seq}")]
async fn get_event(may: May<ReadAudit>) -> Result<HttpResponse> {
    let seq: i64 = may.path("seq", "event")?;
    may.query::<Nothing>()?;
    seal_now(&may).await?;
    let one = move |rx: &mut Rx| {
        let event = store::find(rx, seq)?;
        let read = people::read_about(rx, event.subject_id.clone(), std::slice::from_ref(&event))?;
        Ok((event, read))
    };
    Ok(HttpResponse::Ok().json(may.look(one).await?))
}

/// The newest head of the tree over the log.
#[utoipa::path(tag = "audit", operation_id = "get_audit_checkpoint", security(("bearer" = ["audit:read"])),
    responses((status = 200, body = Checkpoint)))]
#[get("/audit/checkpoint")]
async fn get_checkpoint(may: May<ReadAudit>) -> Result<HttpResponse> {
    may.query::<Nothing>()?;
    seal_now(&may).await?;
    may.read(|rx| store::last_checkpoint(rx)?.ok_or(Error::NotFound("checkpoint")))
        .await
}

/// A number in the log.
#[derive(Debug, Clone, Copy)]
pub struct Seq(i64);

impl Input for Seq {
    fn read(value: &serde_json::Value, at: &str, errors: &mut Vec<crate::error::FieldError>) -> Option<Self> {
        number(value, at, errors, 1, i64::MAX).map(Self)
    }
}
impl utoipa::PartialSchema for Seq {
    fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::Schema> {
        utoipa::openapi::ObjectBuilder::new()
            .schema_type(utoipa::openapi::Type::Integer)
            .minimum(Some(1))
            .into()
    }
}
impl utoipa::ToSchema for Seq {}

parameters! {
    /// Which part of the log to check.
    pub struct VerifyQuery {
        /// First number; default 1.
        #[param(value_type = Option<i64>, minimum = 1)]
        from_seq: Option<Seq>,
        /// Last number; default the last of the log.
        #[param(value_type = Option<i64>, minimum = 1)]
        to_seq: Option<Seq>,
    }
}

/// Check the log: every event against its hash, every number, every root of the tree.
#[utoipa::path(tag = "audit", operation_id = "verify_audit", security(("bearer" = ["audit:read"])),
    params(VerifyQuery), responses((status = 200, body = Verdict)))]
#[get("/audit/verify")]
async fn verify_log(may: May<ReadAudit>) -> Result<HttpResponse> {
    let query: VerifyQuery = may.query()?;
    let (from, to) = (
        query.from_seq.map_or(1, |seq| seq.0),
        query.to_seq.map(|seq| seq.0),
    );
    if to.is_some_and(|to| to < from) {
        let detail = say!("不能小于 from_seq", "must not be less than from_seq");
        return Err(Error::Malformed(vec![FieldError::new(
            "?to_seq", "invalid", detail,
        )]));
    }
    seal_now(&may).await?;
    let verified = move |rx: &mut Rx| Ok((verify(rx, from, to)?, people::read_about(rx, None, &[])?));
    Ok(HttpResponse::Ok().json(may.look(verified).await?))
}
