//! `/transfers`

use actix_web::{HttpResponse, get, post};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use super::{Accept, HandedOver, NewTransfer, Status, Transfer, TransferId, Why, rules, store};
use crate::auth::policy::{ReadFiles, TransferFiles};
use crate::auth::{Creation, May, Sent};
use crate::db::page::{Ask, Cursor, Limit, Page};
use crate::db::types::Timestamp;
use crate::db::{Rx, Tx};
use crate::error::Result;
use crate::files::{self, FileId};
use crate::http::Reply;
use crate::http::openapi::IfMatch;
use crate::identity::mask_name;
use crate::input::Nothing;
use crate::members;
use crate::organizations::OrganizationId;
use crate::parameters;
use crate::text_enum;
use crate::users::UserId;

/// The routes of this module.
pub fn routes(config: &mut ServiceConfig) {
    config
        .service(send)
        .service(list)
        .service(get)
        .service(accept)
        .service(decline)
        .service(cancel);
}

text_enum! {
    /// Which way.
    #[schema(as = TransferDirection)]
    pub enum Direction {
        /// To your units.
        In = "in",
        /// From your units.
        Out = "out",
    }
}

parameters! {
    /// Which transfers.
    pub struct TransferQuery {
        /// To your units (the default) or from them.
        #[param(inline)]
        direction: Option<Direction>,
        /// Only those that stand so.
        #[param(inline)]
        status: Option<Status>,
        /// 1 to 200.
        #[param(value_type = Option<i64>, minimum = 1, maximum = 200)]
        limit: Limit,
        /// From the page before.
        #[param(value_type = Option<String>)]
        cursor: Cursor,
    }
}

/// A file on its way to another union.
#[derive(Serialize, ToSchema)]
#[schema(as = FileTransfer)]
pub struct Shown {
    /// Its id.
    id: TransferId,
    /// The file; only the unit that holds it sees it.
    file_id: FileId,
    /// Its number.
    #[schema(example = "340202-2020-000017")]
    file_number: String,
    /// The worker's name, masked.
    #[schema(example = "王*")]
    member_name: String,
    /// The unit that sends it.
    from_organization_id: OrganizationId,
    /// The unit that receives it.
    organization_id: OrganizationId,
    /// Why.
    reason_code: Why,
    /// In words.
    comment: Option<String>,
    /// Where it stands.
    status: Status,
    /// What goes with it: as it is now, or as it was accepted.
    handover: HandedOver,
    /// When it was sent.
    requested_at: Timestamp,
    /// By whom.
    requested_by: UserId,
    /// When it was answered.
    decided_at: Option<Timestamp>,
    /// By whom.
    decided_by: Option<UserId>,
    /// Version, for `If-Match`.
    version: i32,
}

impl Shown {
    fn of(rx: &mut Rx, transfer: Transfer) -> Result<Self> {
        let file = files::unscoped(rx, transfer.file_id)?;
        let handover = match transfer.handed_over {
            Some(kept) => kept.0,
            None => super::handed_over(rx, &file)?,
        };
        let comment = transfer.comment_sealed.as_ref();
        Ok(Self {
            id: transfer.id,
            file_id: transfer.file_id,
            member_name: mask_name(&members::find_any(rx, file.member_id)?.name),
            file_number: file.number,
            from_organization_id: transfer.from_organization_id,
            organization_id: transfer.organization_id,
            reason_code: transfer.reason_code,
            comment: comment
                .map(|sealed| rx.keys.open("file_transfer", sealed))
                .transpose()?,
            status: transfer.status,
            handover,
            requested_at: transfer.requested_at,
            requested_by: transfer.requested_by,
            decided_at: transfer.decided_at,
            decided_by: transfer.decided_by,
            version: transfer.version,
        })
    }
}

/// Send a file to another union, which accepts or declines it (48).
#[utoipa::path(tag = "transfers", operation_id = "create_transfer", security(("bearer" = ["files:transfer"])),
    request_body = NewTransfer, responses((status = 201, body = Shown), (status = 200, body = Shown, description = "同一 id 同一内容的重复提交 · a repeat of the same id and content")))]
#[post("/files/{id}/transfers")]
async fn send(may: May<TransferFiles>) -> Result<HttpResponse> {
    let file: FileId = may.id("file")?;
    may.write(move |tx, sent| {
        let file = files::find(tx, file)?;
        let new: NewTransfer = sent.body()?;
        match sent.creating(tx, new.id)? {
            Creation::Repeat(id) => {
                let transfer = store::find(tx, id)?;
                let version = transfer.version;
                Ok(Reply::ok(version, &Shown::of(tx, transfer)?).replayed())
            }
            Creation::New(id) => {
                let transfer = super::request(tx, &file, id, new)?;
                Ok(Reply::created(
                    &format!("/transfers/{id}"),
                    1,
                    &Shown::of(tx, transfer)?,
                ))
            }
        }
    })
    .await
}

/// Files on their way to your units, or from them (48).
#[utoipa::path(tag = "transfers", operation_id = "list_transfers", security(("bearer" = ["files:read"])),
    params(TransferQuery), responses((status = 200, body = Page<Shown>)))]
#[get("/transfers")]
async fn list(may: May<ReadFiles>) -> Result<HttpResponse> {
    let query: TransferQuery = may.query()?;
    let ask = Ask::new("transfers", query.limit, &query.cursor)?;
    let direction = match query.direction {
        Some(Direction::Out) => store::Direction::Out,
        Some(Direction::In) | None => store::Direction::In,
    };
    may.read(move |rx| {
        store::list(rx, direction, query.status, &ask)?.map(|transfer| Shown::of(rx, transfer))
    })
    .await
}

/// One transfer, to or from your units.
#[utoipa::path(tag = "transfers", operation_id = "get_transfer", security(("bearer" = ["files:read"])),
    responses((status = 200, body = Shown)))]
#[get("/transfers/{id}")]
async fn get(may: May<ReadFiles>) -> Result<HttpResponse> {
    let id = may.id("transfer")?;
    may.query::<Nothing>()?;
    may.fetch(move |rx| {
        let transfer = store::find(rx, id)?;
        Ok((transfer.version, Shown::of(rx, transfer)?))
    })
    .await
}

/// Take a file over: it moves with its whole history, the member, open duties, drafts and open claims in one step;
/// the former unit sees none of it from then on (48).
#[utoipa::path(tag = "transfers", operation_id = "accept_transfer", security(("bearer" = ["files:transfer"])),
    params(IfMatch), request_body = Accept, responses((status = 200, body = Shown)))]
#[post("/transfers/{id}/accept")]
async fn accept(may: May<TransferFiles>) -> Result<HttpResponse> {
    let id = may.id("transfer")?;
    may.write(move |tx, sent| {
        let transfer = read(tx, sent, id)?;
        let accepted = super::accept(tx, &transfer, &sent.body()?)?;
        Ok(Reply::ok(accepted.version, &Shown::of(tx, accepted)?))
    })
    .await
}

/// Decline a file: it stays where it is.
#[utoipa::path(tag = "transfers", operation_id = "decline_transfer", security(("bearer" = ["files:transfer"])),
    params(IfMatch), responses((status = 200, body = Shown)))]
#[post("/transfers/{id}/decline")]
async fn decline(may: May<TransferFiles>) -> Result<HttpResponse> {
    answer(may, super::decline).await
}

/// Take a file back that is on its way.
#[utoipa::path(tag = "transfers", operation_id = "cancel_transfer", security(("bearer" = ["files:transfer"])),
    params(IfMatch), responses((status = 200, body = Shown)))]
#[post("/transfers/{id}/cancel")]
async fn cancel(may: May<TransferFiles>) -> Result<HttpResponse> {
    answer(may, super::cancel).await
}

async fn answer(
    may: May<TransferFiles>,
    verb: impl FnOnce(&mut Tx, &Transfer) -> Result<Transfer> + Send + 'static,
) -> Result<HttpResponse> {
    let id = may.id("transfer")?;
    may.write(move |tx, sent| {
        let transfer = read(tx, sent, id)?;
        sent.nothing()?;
        let answered = verb(tx, &transfer)?;
        Ok(Reply::ok(answered.version, &Shown::of(tx, answered)?))
    })
    .await
}

/// The transfer, if it still waits, at the version the client read: whoever comes too late learns that it was
/// answered, not that it has changed.
fn read(tx: &mut Tx, sent: &Sent, id: TransferId) -> Result<Transfer> {
    let transfer = store::lock(tx, id)?;
    rules::pending(transfer.status)?;
    sent.expect(tx, id, transfer.version)?;
    Ok(transfer)
}
