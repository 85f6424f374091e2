//! `/audit/flags`

use std::collections::BTreeSet;

use actix_web::{HttpResponse, get, post};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use super::store::{self, Filter};
use super::{Because, Dismissal, Dismissing, Kept, KeptId, Reopening, Status};
use crate::audit;
use crate::auth::May;
use crate::auth::policy::{DecideFlags, ReadAudit};
use crate::db::Rx;
use crate::db::page::{Ask, Cursor, Limit, Page};
use crate::db::types::{Date, Fen, Id, Timestamp};
use crate::error::{Language, Result};
use crate::flags::{Code, Evidence, Severity, Subject};
use crate::http::Reply;
use crate::http::openapi::IfMatch;
use crate::input::Nothing;
use crate::organizations::OrganizationId;
use crate::parameters;
use crate::payments::PaymentId;
use crate::users::UserId;

/// Events of a flag that are shown with it; the rest is in the log.
const HISTORY: i64 = 200;

/// The routes of this module.
pub fn routes(config: &mut ServiceConfig) {
    config.service(list).service(get).service(dismiss).service(reopen);
}

parameters! {
    /// Which flags.
    pub struct KeptFlagQuery {
        /// Only those of this query.
        #[param(inline)]
        code: Option<Code>,
        /// Only those that mean this.
        #[param(inline)]
        severity: Option<Severity>,
        /// Only those that stand so.
        #[param(inline)]
        status: Option<Status>,
        /// Only of this unit and the units below it.
        #[param(value_type = Option<String>, format = "uuid")]
        organization_id: Option<OrganizationId>,
        /// From this day on, by the day of the query.
        from: Option<Date>,
        /// Up to this day.
        to: Option<Date>,
        /// 1 to 200.
        #[param(value_type = Option<i64>, minimum = 1, maximum = 200)]
        limit: Limit,
        /// From the page before.
        #[param(value_type = Option<String>)]
        cursor: Cursor,
    }
}

/// A kept flag as it is shown.
#[derive(Serialize, ToSchema)]
#[schema(as = AuditFlag)]
pub struct Shown {
    /// Its id.
    #[schema(value_type = String, format = "uuid")]
    id: KeptId,
    /// Which query found it.
    code: Code,
    /// What that means.
    severity: Severity,
    /// What it is about.
    subject_type: Subject,
    /// Which.
    #[schema(value_type = String, format = "uuid")]
    subject_id: Id<()>,
    /// The unit of its case.
    #[schema(value_type = String, format = "uuid")]
    organization_id: OrganizationId,
    /// The day by which the query goes.
    on: Date,
    /// How much, where it is about money.
    amount_fen: Option<Fen>,
    /// What speaks for it, as last found.
    evidence: Evidence,
    /// Where it stands.
    status: Status,
    /// Why it is, or was last, open.
    opened_because: Because,
    /// The day it was found first.
    first_found_on: Date,
    /// The day it was found last.
    last_found_on: Date,
    /// The day on which it was not found any more.
    gone_on: Option<Date>,
    /// Who dismissed it.
    #[schema(value_type = Option<String>, format = "uuid")]
    dismissed_by: Option<UserId>,
    /// When.
    dismissed_at: Option<Timestamp>,
    /// Why.
    dismissal_code: Option<Dismissal>,
    /// Version, for `If-Match`.
    version: i32,
}

/// A kept flag with all that is known about it.
#[derive(Serialize, ToSchema)]
#[schema(as = AuditFlagWhole)]
pub struct Whole {
    /// The flag.
    #[serde(flatten)]
    flag: Shown,
    /// The name of its query, in the client's language.
    #[schema(example = "多人共用账户")]
    title: String,
    /// Why it matters.
    #[schema(example = "不同收款人的款项进入同一账户：账户应为收款人本人所有")]
    why: String,
    /// What happened to it, oldest first, with what was said: the first 200 events.
    history: Vec<audit::Entry>,
}

impl Shown {
    /// The flag, naming those other payments that are in scope.
    fn of(kept: Kept, seen: &BTreeSet<PaymentId>) -> Self {
        let mut evidence = kept.evidence.0;
        if let Some(others) = &mut evidence.other_payment_ids {
            others.retain(|id| seen.contains(id));
        }
        Self {
            id: kept.id,
            code: kept.code,
            severity: kept.severity,
            subject_type: kept.subject_type,
            subject_id: kept.subject_id,
            organization_id: kept.organization_id,
            on: kept.on_day,
            amount_fen: kept.amount_fen,
            evidence,
            status: kept.status,
            opened_because: kept.opened_because,
            first_found_on: kept.first_found_on,
            last_found_on: kept.last_found_on,
            gone_on: kept.gone_on,
            dismissed_by: kept.dismissed_by,
            dismissed_at: kept.dismissed_at,
            dismissal_code: kept.dismissal_code,
            version: kept.version,
        }
    }

    fn one(rx: &mut Rx, kept: Kept) -> Result<Self> {
        let seen = seen(rx, std::slice::from_ref(&kept))?;
        Ok(Self::of(kept, &seen))
    }

    fn reply(rx: &mut Rx, kept: Kept) -> Result<Reply> {
        let version = kept.version;
        Ok(Reply::ok(version, &Self::one(rx, kept)?))
    }
}

/// The other payments that the evidence names and that are in scope.
fn seen(rx: &mut Rx, kept: &[Kept]) -> Result<BTreeSet<PaymentId>> {
    let named = kept
        .iter()
        .filter_map(|kept| kept.evidence.0.other_payment_ids.as_ref());
    store::seen(rx, named.flatten().copied().collect())
}

impl Whole {
    fn of(rx: &mut Rx, kept: Kept, language: Language) -> Result<Self> {
        let words = kept.code.words();
        let ask = Ask::after("audit_flag_history", HISTORY, None);
        Ok(Self {
            title: language.of(&words.title),
            why: language.of(&words.why),
            history: audit::history(rx, &kept.id.to_string(), &ask)?.items,
            flag: Shown::one(rx, kept)?,
        })
    }
}

/// What the standing queries found, in the own subtree (82), by the day of each: open, dismissed or gone, never forgotten.
#[utoipa::path(tag = "audit", operation_id = "list_audit_flags", security(("bearer" = ["audit:read"])),
    params(KeptFlagQuery), responses((status = 200, body = Page<Shown>)))]
#[get("/audit/flags")]
async fn list(may: May<ReadAudit>) -> Result<HttpResponse> {
    let query: KeptFlagQuery = may.query()?;
    let ask = Ask::new("audit_flags", query.limit, &query.cursor)?;
    let filter = Filter {
        code: query.code,
        severity: query.severity,
        status: query.status,
        organization_id: query.organization_id,
        from: query.from,
        to: query.to,
    };
    may.read(move |rx| {
        let scope = rx.scope.clone();
        let page = store::list(rx, &filter, &ask)?;
        rx.scope = scope;
        let seen = seen(rx, &page.items)?;
        page.map(|kept| Ok(Shown::of(kept, &seen)))
    })
    .await
}

/// One flag: why it matters, what speaks for it, and what happened to it.
#[utoipa::path(tag = "audit", operation_id = "get_audit_flag", security(("bearer" = ["audit:read"])),
    responses((status = 200, body = Whole)))]
#[get("/audit/flags/{id}")]
async fn get(may: May<ReadAudit>) -> Result<HttpResponse> {
    let id = may.id("flag")?;
    may.query::<Nothing>()?;
    let language = may.language();
    may.fetch(move |rx| {
        let kept = store::find(rx, id)?;
        Ok((kept.version, Whole::of(rx, kept, language)?))
    })
    .await
}

/// Dismiss an open flag, with a reason. It stays dismissed until what speaks for it changes.
#[utoipa::path(tag = "audit", operation_id = "dismiss_audit_flag", security(("bearer" = ["audit_flags:decide"])),
    params(IfMatch), request_body = Dismissing, responses((status = 200, body = Shown)))]
#[post("/audit/flags/{id}/dismiss")]
async fn dismiss(may: May<DecideFlags>) -> Result<HttpResponse> {
    let id: KeptId = may.id("flag")?;
    may.write(move |tx, sent| {
        let kept = store::find(tx, id)?;
        sent.expect(tx, id, kept.version)?;
        let kept = super::dismiss(tx, kept, sent.body()?)?;
        Shown::reply(tx, kept)
    })
    .await
}

/// Open a dismissed flag again.
#[utoipa::path(tag = "audit", operation_id = "reopen_audit_flag", security(("bearer" = ["audit_flags:decide"])),
    params(IfMatch), request_body = Reopening, responses((status = 200, body = Shown)))]
#[post("/audit/flags/{id}/reopen")]
async fn reopen(may: May<DecideFlags>) -> Result<HttpResponse> {
    let id: KeptId = may.id("flag")?;
    may.write(move |tx, sent| {
        let kept = store::find(tx, id)?;
        sent.expect(tx, id, kept.version)?;
        let kept = super::reopen(tx, kept, sent.body()?)?;
        Shown::reply(tx, kept)
    })
    .await
}
