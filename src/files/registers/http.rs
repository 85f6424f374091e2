//! `/temporary-reliefs` and `/borderline`

use actix_web::{HttpResponse, get, post};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use super::borderline::{self, Entry, EntryId, NewEntry, Removal, RemovalReason, Said};
use super::relief::{self, Cancellation, Conversion, NewRelief, Relief, ReliefId, Status};
use super::store;
use crate::auth::policy::{ConvertReliefs, DecideRegisters, ReadFiles, WriteRegisters};
use crate::auth::{Creation, May};
use crate::db::page::{Ask, Cursor, Limit, Page};
use crate::db::types::{Date, Fen, Timestamp};
use crate::error::Result;
use crate::files::{Cause, FileId};
use crate::http::Reply;
use crate::http::openapi::IfMatch;
use crate::input::Nothing;
use crate::keyring::Keyring;
use crate::members::MemberId;
use crate::organizations::OrganizationId;
use crate::parameters;
use crate::users::UserId;

/// The routes of this module.
pub fn routes(config: &mut ServiceConfig) {
    config
        .service(list_reliefs)
        .service(record_relief)
        .service(get_relief)
        .service(convert)
        .service(cancel)
        .service(list_entries)
        .service(record_entry)
        .service(get_entry)
        .service(remove);
}

parameters! {
    /// Which temporary reliefs.
    pub struct ReliefQuery {
        /// Only those that stand so.
        #[param(inline)]
        status: Option<Status>,
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
    /// Which entries of the borderline register.
    pub struct EntryQuery {
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

/// A temporary relief.
#[derive(Serialize, ToSchema)]
#[schema(as = TemporaryRelief)]
pub struct ShownRelief {
    /// Its id.
    id: ReliefId,
    /// Whom it is for.
    #[schema(value_type = String, format = "uuid")]
    member_id: MemberId,
    /// The unit of the member when it was recorded.
    #[schema(value_type = String, format = "uuid")]
    organization_id: OrganizationId,
    /// Where it stands.
    status: Status,
    /// The cause (21).
    cause: Cause,
    /// The day it happened.
    happened_on: Date,
    /// What happened.
    #[schema(example = "家中失火，暂住亲戚家")]
    situation: String,
    /// How much is asked for, in fen.
    amount_fen: Option<Fen>,
    /// The file it became.
    #[schema(value_type = Option<String>, format = "uuid")]
    file_id: Option<FileId>,
    /// Why it was cancelled.
    cancel_reason: Option<String>,
    /// Who recorded it.
    recorded_by: UserId,
    /// When.
    recorded_at: Timestamp,
    /// Who converted or cancelled it.
    ended_by: Option<UserId>,
    /// When.
    ended_at: Option<Timestamp>,
    /// Version, for `If-Match`.
    version: i32,
}

impl ShownRelief {
    /// Opens what is sealed.
    fn of(relief: &Relief, keys: &Keyring) -> Result<Self> {
        Ok(Self {
            id: relief.id,
            member_id: relief.member_id,
            organization_id: relief.organization_id,
            status: relief.status,
            cause: relief.cause,
            happened_on: relief.happened_on,
            situation: keys.open("temporary_relief", &relief.situation_sealed)?,
            amount_fen: relief.amount_fen,
            file_id: relief.file_id,
            cancel_reason: relief.cancel_reason.clone(),
            recorded_by: relief.recorded_by,
            recorded_at: relief.recorded_at,
            ended_by: relief.ended_by,
            ended_at: relief.ended_at,
            version: relief.version,
        })
    }
}

/// An entry of the borderline register.
#[derive(Serialize, ToSchema)]
#[schema(as = BorderlineEntry)]
pub struct ShownEntry {
    /// Its id.
    id: EntryId,
    /// Who.
    #[schema(value_type = String, format = "uuid")]
    member_id: MemberId,
    /// The unit of the member when it was recorded.
    #[schema(value_type = String, format = "uuid")]
    organization_id: OrganizationId,
    /// The file that was not granted.
    #[schema(value_type = Option<String>, format = "uuid")]
    assessment_file_id: Option<FileId>,
    /// Net income per head and month by the last assessment of that file, in fen; null without one.
    #[schema(example = 130_000)]
    net_per_head_fen: Option<i64>,
    /// Why it is kept in view.
    note: String,
    /// Who recorded it.
    recorded_by: UserId,
    /// When.
    recorded_at: Timestamp,
    /// Why it was removed; null while it stands.
    removed_reason: Option<RemovalReason>,
    /// The same in words.
    comment: Option<String>,
    /// Who removed it.
    removed_by: Option<UserId>,
    /// When.
    removed_at: Option<Timestamp>,
    /// Version, for `If-Match`.
    version: i32,
}

impl ShownEntry {
    /// Opens what is sealed.
    fn of(entry: &Entry, keys: &Keyring) -> Result<Self> {
        let said: Said = keys.open_json("borderline", &entry.sealed)?;
        let open = |sealed| keys.open("borderline_removal", sealed);
        Ok(Self {
            id: entry.id,
            member_id: entry.member_id,
            organization_id: entry.organization_id,
            assessment_file_id: entry.assessment_file_id,
            net_per_head_fen: said.net_per_head_fen,
            note: said.note,
            recorded_by: entry.recorded_by,
            recorded_at: entry.recorded_at,
            removed_reason: entry.removed_reason,
            comment: entry.comment_sealed.as_ref().map(open).transpose()?,
            removed_by: entry.removed_by,
            removed_at: entry.removed_at,
            version: entry.version,
        })
    }
}

/// The temporary reliefs of the own subtree (49).
#[utoipa::path(tag = "registers", operation_id = "list_temporary_reliefs", security(("bearer" = ["files:read"])),
    params(ReliefQuery), responses((status = 200, body = Page<ShownRelief>)))]
#[get("/temporary-reliefs")]
async fn list_reliefs(may: May<ReadFiles>) -> Result<HttpResponse> {
    let query: ReliefQuery = may.query()?;
    let ask = Ask::new("temporary_reliefs", query.limit, &query.cursor)?;
    may.read(move |rx| {
        let page = store::reliefs(rx, query.status, query.organization_id, &ask)?;
        page.map(|relief| ShownRelief::of(&relief, rx.keys))
    })
    .await
}

/// Record a temporary relief, for a member who has none that is open (49).
#[utoipa::path(tag = "registers", operation_id = "create_temporary_relief", security(("bearer" = ["registers:write"])),
    request_body = NewRelief, responses((status = 201, body = ShownRelief), (status = 200, body = ShownRelief, description = "同一 id 同一内容的重复提交 · a repeat of the same id and content")))]
#[post("/temporary-reliefs")]
async fn record_relief(may: May<WriteRegisters>) -> Result<HttpResponse> {
    may.write(|tx, sent| {
        let new: NewRelief = sent.body()?;
        match sent.creating(tx, new.id)? {
            Creation::Repeat(id) => {
                let relief = store::find_relief(tx, id)?;
                let shown = ShownRelief::of(&relief, tx.keys)?;
                Ok(Reply::ok(relief.version, &shown).replayed())
            }
            Creation::New(id) => {
                let relief = relief::record(tx, id, new)?;
                let shown = ShownRelief::of(&relief, tx.keys)?;
                let place = format!("/temporary-reliefs/{id}");
                Ok(Reply::created(&place, relief.version, &shown))
            }
        }
    })
    .await
}

/// One temporary relief.
#[utoipa::path(tag = "registers", operation_id = "get_temporary_relief", security(("bearer" = ["files:read"])),
    responses((status = 200, body = ShownRelief)))]
#[get("/temporary-reliefs/{id}")]
async fn get_relief(may: May<ReadFiles>) -> Result<HttpResponse> {
    let id = may.id("temporary_relief")?;
    may.query::<Nothing>()?;
    may.fetch(move |rx| {
        let relief = store::find_relief(rx, id)?;
        Ok((relief.version, ShownRelief::of(&relief, rx.keys)?))
    })
    .await
}

/// Open a file for the member, by the rules of files, and end the temporary relief with it (49).
#[utoipa::path(tag = "registers", operation_id = "convert_temporary_relief", security(("bearer" = ["registers:convert"])),
    params(IfMatch), request_body = Conversion, responses((status = 200, body = ShownRelief)))]
#[post("/temporary-reliefs/{id}/convert")]
async fn convert(may: May<ConvertReliefs>) -> Result<HttpResponse> {
    let id: ReliefId = may.id("temporary_relief")?;
    may.write(move |tx, sent| {
        let before = store::find_relief(tx, id)?;
        before.still_open()?;
        sent.expect(tx, id, before.version)?;
        let after = relief::convert(tx, &before, sent.body()?)?;
        Ok(Reply::ok(after.version, &ShownRelief::of(&after, tx.keys)?))
    })
    .await
}

/// End a temporary relief that will not be given (49).
#[utoipa::path(tag = "registers", operation_id = "cancel_temporary_relief", security(("bearer" = ["registers:decide"])),
    params(IfMatch), request_body = Cancellation, responses((status = 200, body = ShownRelief)))]
#[post("/temporary-reliefs/{id}/cancel")]
async fn cancel(may: May<DecideRegisters>) -> Result<HttpResponse> {
    let id: ReliefId = may.id("temporary_relief")?;
    may.write(move |tx, sent| {
        let before = store::find_relief(tx, id)?;
        before.still_open()?;
        sent.expect(tx, id, before.version)?;
        let after = relief::cancel(tx, &before, sent.body()?)?;
        Ok(Reply::ok(after.version, &ShownRelief::of(&after, tx.keys)?))
    })
    .await
}

/// The borderline register of the own subtree, with those who were removed (22).
#[utoipa::path(tag = "registers", operation_id = "list_borderline", security(("bearer" = ["files:read"])),
    params(EntryQuery), responses((status = 200, body = Page<ShownEntry>)))]
#[get("/borderline")]
async fn list_entries(may: May<ReadFiles>) -> Result<HttpResponse> {
    let query: EntryQuery = may.query()?;
    let ask = Ask::new("borderline", query.limit, &query.cursor)?;
    may.read(move |rx| {
        let page = store::entries(rx, query.organization_id, &ask)?;
        page.map(|entry| ShownEntry::of(&entry, rx.keys))
    })
    .await
}

/// Keep a member who narrowly missed a file in view; the figure is taken from the file's last assessment (22).
#[utoipa::path(tag = "registers", operation_id = "create_borderline_entry", security(("bearer" = ["registers:write"])),
    request_body = NewEntry, responses((status = 201, body = ShownEntry), (status = 200, body = ShownEntry, description = "同一 id 同一内容的重复提交 · a repeat of the same id and content")))]
#[post("/borderline")]
async fn record_entry(may: May<WriteRegisters>) -> Result<HttpResponse> {
    may.write(|tx, sent| {
        let new: NewEntry = sent.body()?;
        match sent.creating(tx, new.id)? {
            Creation::Repeat(id) => {
                let entry = store::find_entry(tx, id)?;
                let shown = ShownEntry::of(&entry, tx.keys)?;
                Ok(Reply::ok(entry.version, &shown).replayed())
            }
            Creation::New(id) => {
                let entry = borderline::record(tx, id, new)?;
                let shown = ShownEntry::of(&entry, tx.keys)?;
                Ok(Reply::created(
                    &format!("/borderline/{id}"),
                    entry.version,
                    &shown,
                ))
            }
        }
    })
    .await
}

/// One entry of the borderline register.
#[utoipa::path(tag = "registers", operation_id = "get_borderline_entry", security(("bearer" = ["files:read"])),
    responses((status = 200, body = ShownEntry)))]
#[get("/borderline/{id}")]
async fn get_entry(may: May<ReadFiles>) -> Result<HttpResponse> {
    let id = may.id("borderline_entry")?;
    may.query::<Nothing>()?;
    may.fetch(move |rx| {
        let entry = store::find_entry(rx, id)?;
        Ok((entry.version, ShownEntry::of(&entry, rx.keys)?))
    })
    .await
}

/// Take somebody off the borderline register; the entry stays (22).
#[utoipa::path(tag = "registers", operation_id = "remove_borderline_entry", security(("bearer" = ["registers:decide"])),
    params(IfMatch), request_body = Removal, responses((status = 200, body = ShownEntry)))]
#[post("/borderline/{id}/remove")]
async fn remove(may: May<DecideRegisters>) -> Result<HttpResponse> {
    let id: EntryId = may.id("borderline_entry")?;
    may.write(move |tx, sent| {
        let before = store::find_entry(tx, id)?;
        before.still_current()?;
        sent.expect(tx, id, before.version)?;
        let after = borderline::remove(tx, &before, sent.body()?)?;
        Ok(Reply::ok(after.version, &ShownEntry::of(&after, tx.keys)?))
    })
    .await
}
