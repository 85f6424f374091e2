//! `/exports`, and `/audit/exports` for auditors

use actix_web::{HttpResponse, get, post};
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use super::store::{self, Filter};
use super::stream::{Download, body};
use super::{Export, ExportId, Format, List, NewExport, Status, count, may_read, rules};
use crate::auth::policy::{AuditExports, DecideExports, MakeExports, Permission, ReadExports};
use crate::auth::{Creation, May};
use crate::db::Rx;
use crate::db::page::{Ask, Cursor, Limit, Page};
use crate::db::types::Timestamp;
use crate::error::{Error, Result};
use crate::http::Reply;
use crate::http::openapi::IfMatch;
use crate::input::{Nothing, Reason};
use crate::organizations::OrganizationId;
use crate::users::UserId;
use crate::{input, parameters, say};

/// The routes of this module.
pub fn routes(config: &mut ServiceConfig) {
    config
        .service(list_exports)
        .service(create)
        .service(get)
        .service(approve)
        .service(refuse)
        .service(take)
        .service(create_masked)
        .service(take_masked);
}

/// An export to ask for.
#[derive(ToSchema)]
#[allow(dead_code)] // only described; `NewExport` is what is read
#[schema(as = NewExport)]
struct Asked {
    /// Made by the client (UUIDv7), or null.
    #[schema(value_type = Option<String>, format = "uuid")]
    id: Option<ExportId>,
    /// What.
    list: List,
    /// Which of it: the names and values of the query of that list, without `limit` and `cursor`; default all.
    #[schema(value_type = Option<Object>, example = json!({}))]
    filter: Value,
    /// How it is written.
    format: Format,
    /// Whether numbers are written in clear.
    #[schema(example = false)]
    clear: bool,
    /// Why; stays in the log for ever.
    reason: Reason,
}

input! {
    /// Why an export is refused.
    pub struct ExportRefusal {
        /// Why; stays in the log for ever.
        pub reason: Reason,
    }
}

parameters! {
    /// Which exports.
    pub struct ExportQuery {
        /// Only of this list.
        #[param(inline)]
        list: Option<List>,
        /// Only those that stand so.
        #[param(inline)]
        status: Option<Status>,
        /// Only those that this account asked for.
        #[param(value_type = Option<String>, format = "uuid")]
        requested_by: Option<UserId>,
        /// Only of accounts of this unit and the units below it.
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

/// An export as it is shown.
#[derive(Serialize, ToSchema)]
#[schema(as = Export)]
pub struct Shown {
    /// Its id.
    #[schema(value_type = String, format = "uuid")]
    id: ExportId,
    /// The unit of who asked.
    #[schema(value_type = String, format = "uuid")]
    organization_id: OrganizationId,
    /// What.
    list: List,
    /// Which of it.
    #[schema(value_type = Object, example = json!({}))]
    filter: Value,
    /// How it is written.
    format: Format,
    /// Whether numbers are written in clear.
    clear: bool,
    /// Why.
    reason: String,
    /// How it stands.
    status: Status,
    /// How many rows there were when it was asked for.
    #[schema(minimum = 0)]
    expected_rows: i64,
    /// How many rows leave at most.
    #[schema(minimum = 0)]
    most_rows: i64,
    /// Who asked.
    #[schema(value_type = String, format = "uuid")]
    requested_by: UserId,
    /// When.
    requested_at: Timestamp,
    /// Who approved or refused it.
    #[schema(value_type = Option<String>, format = "uuid")]
    decided_by: Option<UserId>,
    /// When.
    decided_at: Option<Timestamp>,
    /// Until when it may be approved, and then downloaded.
    expires_at: Timestamp,
    /// How often it was downloaded.
    #[schema(minimum = 0)]
    downloads: i32,
    /// Version, for `If-Match`.
    version: i32,
}

impl Shown {
    fn of(rx: &Rx, export: Export) -> Self {
        Self {
            status: rules::status_at(export.status, export.expires_at, rx.now),
            id: export.id,
            organization_id: export.organization_id,
            list: export.list,
            filter: export.filter.0,
            format: export.format,
            clear: export.clear,
            reason: export.reason,
            expected_rows: export.expected_rows,
            most_rows: export.most_rows,
            requested_by: export.requested_by,
            requested_at: export.requested_at,
            decided_by: export.decided_by,
            decided_at: export.decided_at,
            expires_at: export.expires_at,
            downloads: export.downloads,
            version: export.version,
        }
    }

    fn reply(rx: &Rx, export: Export) -> Reply {
        Reply::ok(export.version, &Self::of(rx, export))
    }
}

/// The exports that accounts of the own subtree asked for (90).
#[utoipa::path(tag = "exports", operation_id = "list_exports", security(("bearer" = ["exports:read"])),
    params(ExportQuery), responses((status = 200, body = Page<Shown>)))]
#[get("/exports")]
async fn list_exports(may: May<ReadExports>) -> Result<HttpResponse> {
    let query: ExportQuery = may.query()?;
    let ask = Ask::new("exports", query.limit, &query.cursor)?;
    let filter = Filter {
        list: query.list,
        status: query.status,
        requested_by: query.requested_by,
        organization_id: query.organization_id,
    };
    may.read(move |rx| store::list(rx, &filter, &ask)?.map(|export| Ok(Shown::of(rx, export))))
        .await
}

/// One export.
#[utoipa::path(tag = "exports", operation_id = "get_export", security(("bearer" = ["exports:read"])),
    responses((status = 200, body = Shown)))]
#[get("/exports/{id}")]
async fn get(may: May<ReadExports>) -> Result<HttpResponse> {
    let id: ExportId = may.id("export")?;
    may.query::<Nothing>()?;
    may.fetch(move |rx| {
        let export = store::find(rx, id)?;
        Ok((export.version, Shown::of(rx, export)))
    })
    .await
}

/// Ask for an export of a list that one may read, in the own subtree (90). Masked and of few rows it is ready at once; more, and
/// everything in clear, waits for the approval of another person.
#[utoipa::path(tag = "exports", operation_id = "create_export", security(("bearer" = ["exports:make"])),
    request_body = Asked, responses((status = 201, body = Shown), (status = 200, body = Shown, description = "同一 id 同一内容的重复提交 · a repeat of the same id and content")))]
#[post("/exports")]
async fn create(may: May<MakeExports>) -> Result<HttpResponse> {
    let new = may.body()?;
    ask(may, new).await
}

/// Ask for a masked export as an auditor (90).
#[utoipa::path(tag = "exports", operation_id = "create_audit_export", security(("bearer" = ["audit_exports:make"])),
    request_body = Asked, responses((status = 201, body = Shown), (status = 200, body = Shown, description = "同一 id 同一内容的重复提交 · a repeat of the same id and content")))]
#[post("/audit/exports")]
async fn create_masked(may: May<AuditExports>) -> Result<HttpResponse> {
    let new: NewExport = may.body()?;
    if new.clear {
        let detail = say!("审计员只能脱敏导出", "auditors export masked");
        return Err(Error::refused("masked_only", detail));
    }
    ask(may, new).await
}

async fn ask<P: Permission>(may: May<P>, new: NewExport) -> Result<HttpResponse> {
    may_read(&may, new.list)?;
    if let Some(answer) = may.answered().await? {
        return Ok(answer);
    }
    let (db, scope, counted) = (may.db().clone(), may.actor.scope.clone(), new.clone());
    let rows = actix_web::web::block(move || count(&db, &scope, &counted)).await??;
    may.write(move |tx, sent| match sent.creating(tx, new.id)? {
        Creation::Repeat(id) => {
            let export = store::find(tx, id)?;
            Ok(Shown::reply(tx, export).replayed())
        }
        Creation::New(id) => {
            let export = super::ask(tx, id, new, rows)?;
            let version = export.version;
            Ok(Reply::created(
                &format!("/exports/{id}"),
                version,
                &Shown::of(tx, export),
            ))
        }
    })
    .await
}

/// Approve an export: another person than who asked, in whose subtree that one is (90).
#[utoipa::path(tag = "exports", operation_id = "approve_export", security(("bearer" = ["exports:decide"])),
    params(IfMatch), responses((status = 200, body = Shown)))]
#[post("/exports/{id}/approve")]
async fn approve(may: May<DecideExports>) -> Result<HttpResponse> {
    let id: ExportId = may.id("export")?;
    may.write(move |tx, sent| {
        let export = store::find(tx, id)?;
        sent.expect(tx, id, export.version)?;
        sent.nothing()?;
        let export = super::decide(tx, export, Status::Approved, None)?;
        Ok(Shown::reply(tx, export))
    })
    .await
}

/// Refuse an export, with a reason.
#[utoipa::path(tag = "exports", operation_id = "refuse_export", security(("bearer" = ["exports:decide"])),
    params(IfMatch), request_body = ExportRefusal, responses((status = 200, body = Shown)))]
#[post("/exports/{id}/refuse")]
async fn refuse(may: May<DecideExports>) -> Result<HttpResponse> {
    let id: ExportId = may.id("export")?;
    may.write(move |tx, sent| {
        let export = store::find(tx, id)?;
        sent.expect(tx, id, export.version)?;
        let why: ExportRefusal = sent.body()?;
        let export = super::decide(tx, export, Status::Refused, Some(why.reason))?;
        Ok(Shown::reply(tx, export))
    })
    .await
}

/// Download an export: only who asked, until it expires, each time an event with the number of rows. CSV is UTF-8 with a mark; its
/// first line says who exported it, its last how many rows there were.
#[utoipa::path(tag = "exports", operation_id = "download_export", security(("bearer" = ["exports:make"])),
    responses((status = 200, content((Vec<u8> = "text/csv"), (Vec<u8> = "application/x-ndjson")))))]
#[post("/exports/{id}/download")]
async fn take(may: May<MakeExports>) -> Result<HttpResponse> {
    send(may).await
}

/// Download an export that one asked for as an auditor.
#[utoipa::path(tag = "exports", operation_id = "download_audit_export", security(("bearer" = ["audit_exports:make"])),
    responses((status = 200, content((Vec<u8> = "text/csv"), (Vec<u8> = "application/x-ndjson")))))]
#[post("/audit/exports/{id}/download")]
async fn take_masked(may: May<AuditExports>) -> Result<HttpResponse> {
    send(may).await
}

async fn send<P: Permission>(may: May<P>) -> Result<HttpResponse> {
    let id: ExportId = may.id("export")?;
    may.query::<Nothing>()?;
    let found = may
        .db()
        .read(may.actor.scope.clone(), move |rx| store::find(rx, id));
    let export = found.await?;
    may_read(&may, export.list)?;
    may.sent().nothing()?;
    let (actor, request) = (may.actor.clone(), may.request_id().to_owned());
    let begun = may.db().write(actor.clone(), request.clone(), move |tx| {
        let export = store::find(tx, id)?;
        super::begin(tx, export)
    });
    let (export, query, mark) = begun.await?;
    let (name, media_type) = (mark.file_name(), mark.media_type());
    let download = Download {
        db: may.db().clone(),
        actor,
        request,
        export,
        query,
        mark,
    };
    Ok(HttpResponse::Ok()
        .content_type(media_type)
        .insert_header(("Content-Disposition", format!("attachment; filename=\"{name}\"")))
        .streaming(body(download)))
}
