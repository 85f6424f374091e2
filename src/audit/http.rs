//! `/audit`: the log for auditors.

use actix_web::{HttpResponse, get, post};
use utoipa_actix_web::service_config::ServiceConfig;

use serde::Serialize;
use serde_json::Value;

use super::commitments::{Side, opening};
use super::heads::{self, Checkpoint, Consistency, Inclusion};
use super::people;
use super::store::{self, Filter, Record};
use super::verify::{Verdict, verify};
use crate::auth::May;
use crate::auth::policy::{Permission, ReadAudit};
use crate::db::Rx;
use crate::db::page::{Ask, Cursor, Limit, Page};
use crate::db::types::{Id, Timestamp};
use crate::error::{Error, FieldError, Result};
use crate::http::Reply;
use crate::input::{Input, Nothing, Text, number};
use crate::users::User;
use crate::{input, parameters, say};

/// The routes of this module.
pub fn routes(config: &mut ServiceConfig) {
    config
        .service(list_events)
        .service(get_event)
        .service(get_proof)
        .service(check_value)
        .service(get_checkpoint)
        .service(list_checkpoints)
        .service(get_consistency)
        .service(verify_log);
}

/// Seals what waits, so that an auditor sees everything that was acknowledged before. The service does it, on its
/// own connection: the auditor's cannot write.
pub async fn seal_now<P: Permission>(may: &May<P>) -> Result<()> {
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

parameters! {
    /// To which head.
    pub struct ProofQuery {
        /// Size of the checkpoint; default: the newest.
        #[param(value_type = Option<i64>, minimum = 1)]
        size: Option<Seq>,
    }
}

/// What proves that an event is in the log (83): the way from its hash to a signed head.
#[utoipa::path(tag = "audit", operation_id = "get_audit_proof", security(("bearer" = ["audit:read"])),
    params(ProofQuery), responses((status = 200, body = Inclusion)))]
#[get("/audit/events/{seq}/proof")]
async fn get_proof(may: May<ReadAudit>) -> Result<HttpResponse> {
    let seq: i64 = may.path("seq", "event")?;
    let query: ProofQuery = may.query()?;
    seal_now(&may).await?;
    may.read(move |rx| {
        let event = store::find(rx, seq)?;
        let checkpoint = match query.size {
            None => heads::last_checkpoint(rx)?.ok_or(Error::NotFound("checkpoint"))?,
            Some(size) => heads::checkpoint(rx, size.0)?,
        };
        if checkpoint.size < seq {
            let detail = say!("该检查点早于此事件", "this checkpoint is older than the event");
            return Err(Error::Malformed(vec![FieldError::new(
                "?size", "invalid", detail,
            )]));
        }
        Ok(Inclusion {
            seq,
            hash: event.hash.unwrap_or_default(),
            proof: heads::proof(rx, seq, checkpoint.size)?,
            checkpoint,
        })
    })
    .await
}

input! {
    /// A value that somebody was shown.
    pub struct ShownValue {
        /// The field of the event.
        #[schema(value_type = String, example = "amount_fen")]
        pub field: Text<60>,
        /// The value, as JSON.
        #[schema(value_type = serde_json::Value, example = 50000)]
        pub value: Value,
    }
}

/// Whether a value is the logged one.
#[derive(Serialize, utoipa::ToSchema)]
#[schema(as = AuditValueCheck)]
pub struct ValueCheck {
    /// The event's number.
    seq: i64,
    /// The field.
    #[schema(example = "amount_fen")]
    field: String,
    /// What the value is: the new one, the old one, or, when null, neither.
    matches: Option<Side>,
    /// What opens the commitment in the event, in hex.
    opening: Option<String>,
}

/// Check that a value shown elsewhere is the one that an event committed to (83). The value stays out of the log.
#[utoipa::path(tag = "audit", operation_id = "check_audit_value", security(("bearer" = ["audit:read"])),
    request_body = ShownValue, responses((status = 200, body = ValueCheck)))]
#[post("/audit/events/{seq}/check")]
async fn check_value(may: May<ReadAudit>) -> Result<HttpResponse> {
    let seq: i64 = may.path("seq", "event")?;
    seal_now(&may).await?;
    let may = may.each_time();
    may.write(move |tx, sent| {
        let event = store::find(tx, seq)?;
        let shown: ShownValue = sent.body()?;
        let field = shown.field.to_string();
        // a name that the event does not have is the client's text, and has no place in the log
        if !event.fields.0.contains_key(&field) {
            let detail = say!("该事件没有这个字段", "the event has no such field");
            return Err(Error::invalid("/field", "not_found", detail));
        }
        let opened = opening(tx, &event, &field, &shown.value);
        let mut check = super::Event::of::<Record>("audit.value_checked", "audit_event", event.id);
        if let Some(unit) = event.organization_id {
            check = check.organization(unit);
        }
        let check = check.people(people::concerned(tx, std::slice::from_ref(&event))?);
        check.reason(format!("{seq} {field}")).record(tx)?;
        Ok(Reply::plain(&ValueCheck {
            seq,
            field,
            matches: opened.as_ref().map(|opened| opened.side),
            opening: opened.map(|opened| opened.opening),
        }))
    })
    .await
}

/// The newest head of the tree over the log, signed.
#[utoipa::path(tag = "audit", operation_id = "get_audit_checkpoint", security(("bearer" = ["audit:read"])),
    responses((status = 200, body = Checkpoint)))]
#[get("/audit/checkpoint")]
async fn get_checkpoint(may: May<ReadAudit>) -> Result<HttpResponse> {
    may.query::<Nothing>()?;
    seal_now(&may).await?;
    may.read(|rx| heads::last_checkpoint(rx)?.ok_or(Error::NotFound("checkpoint")))
        .await
}

parameters! {
    /// Which page.
    pub struct CheckpointQuery {
        /// 1 to 200.
        #[param(value_type = Option<i64>, minimum = 1, maximum = 200)]
        limit: Limit,
        /// From the page before.
        #[param(value_type = Option<String>)]
        cursor: Cursor,
    }
}

/// The signed heads of the tree, by size.
#[utoipa::path(tag = "audit", operation_id = "list_audit_checkpoints", security(("bearer" = ["audit:read"])),
    params(CheckpointQuery), responses((status = 200, body = Page<Checkpoint>)))]
#[get("/audit/checkpoints")]
async fn list_checkpoints(may: May<ReadAudit>) -> Result<HttpResponse> {
    let query: CheckpointQuery = may.query()?;
    let ask = Ask::new("audit_checkpoints", query.limit, &query.cursor)?;
    may.read(move |rx| heads::list(rx, &ask)).await
}

parameters! {
    /// From which size of the log to which.
    pub struct ConsistencyQuery {
        /// The smaller size; default 1.
        #[param(value_type = Option<i64>, minimum = 1)]
        from: Option<Seq>,
        /// The larger one; default: that of the newest checkpoint.
        #[param(value_type = Option<i64>, minimum = 1)]
        to: Option<Seq>,
    }
}

/// The proof between two sizes, both of which the log has had.
pub(super) fn grown(rx: &mut Rx, query: &ConsistencyQuery) -> Result<Consistency> {
    let size = heads::last_checkpoint(rx)?.map_or(0, |last| last.size);
    let from = query.from.map_or(1, |from| from.0);
    let to = query.to.map_or(size, |to| to.0);
    let wrong = |parameter, zh, en| {
        Error::Malformed(vec![FieldError::new(parameter, "invalid", say!("{zh}", "{en}"))])
    };
    if from > to {
        return Err(wrong("?to", "不能小于 from", "must not be less than from"));
    }
    if to > size {
        return Err(wrong(
            "?to",
            "日志还没有这么多事件",
            "the log has not so many events",
        ));
    }
    heads::consistency(rx, from, to)
}

/// The proof that the log only grew from one size to another (83).
#[utoipa::path(tag = "audit", operation_id = "get_audit_consistency", security(("bearer" = ["audit:read"])),
    params(ConsistencyQuery), responses((status = 200, body = Consistency)))]
#[get("/audit/consistency")]
async fn get_consistency(may: May<ReadAudit>) -> Result<HttpResponse> {
    let query: ConsistencyQuery = may.query()?;
    may.read(move |rx| grown(rx, &query)).await
}

/// A number in the log.
#[derive(Debug, Clone, Copy)]
pub struct Seq(pub(super) i64);

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
