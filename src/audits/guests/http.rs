//! `/audit/tasks/{id}/guests`

use actix_web::{HttpResponse, get, post};
use utoipa_actix_web::service_config::ServiceConfig;

use super::{Guest, GuestId, NewGuest, TaskId, store};
use crate::audits;
use crate::auth::policy::{InviteGuests, ReadGuests};
use crate::auth::{Creation, May};
use crate::db::page::{Ask, Cursor, Limit, Page};
use crate::error::Result;
use crate::http::Reply;
use crate::http::openapi::IfMatch;
use crate::input::Nothing;
use crate::parameters;

/// The routes of this module.
pub fn routes(config: &mut ServiceConfig) {
    config.service(list).service(invite).service(get).service(revoke);
}

parameters! {
    /// Which page.
    pub struct GuestQuery {
        /// 1 to 200.
        #[param(value_type = Option<i64>, minimum = 1, maximum = 200)]
        limit: Limit,
        /// From the page before.
        #[param(value_type = Option<String>)]
        cursor: Cursor,
    }
}

/// Who was let in as a guest auditor to an audit task.
#[utoipa::path(tag = "audit", operation_id = "list_audit_guests", security(("bearer" = ["audit_guests:read"])),
    params(GuestQuery), responses((status = 200, body = Page<Guest>)))]
#[get("/audit/tasks/{id}/guests")]
async fn list(may: May<ReadGuests>) -> Result<HttpResponse> {
    let task: TaskId = may.id("audit_task")?;
    let query: GuestQuery = may.query()?;
    let ask = Ask::new("audit_guests", query.limit, &query.cursor)?;
    may.read(move |rx| {
        audits::find(rx, task)?;
        store::list(rx, task, &ask)
    })
    .await
}

/// Let a guest auditor look at the unit of a task, from today to a day; one invitation at a time.
#[utoipa::path(tag = "audit", operation_id = "create_audit_guest", security(("bearer" = ["audit_guests:write"])),
    request_body = NewGuest, responses((status = 201, body = Guest), (status = 200, body = Guest, description = "同一 id 同一内容的重复提交 · a repeat of the same id and content")))]
#[post("/audit/tasks/{id}/guests")]
async fn invite(may: May<InviteGuests>) -> Result<HttpResponse> {
    let task: TaskId = may.id("audit_task")?;
    may.write(move |tx, sent| {
        let task = audits::seize(tx, task)?;
        let new: NewGuest = sent.body()?;
        match sent.creating(tx, new.id)? {
            Creation::Repeat(id) => {
                let guest = store::find(tx, task.id, id)?;
                Ok(Reply::ok(guest.version, &guest).replayed())
            }
            Creation::New(id) => {
                let guest = super::invite(tx, id, &task, &new)?;
                let place = format!("/audit/tasks/{}/guests/{id}", task.id);
                Ok(Reply::created(&place, guest.version, &guest))
            }
        }
    })
    .await
}

/// One invitation.
#[utoipa::path(tag = "audit", operation_id = "get_audit_guest", security(("bearer" = ["audit_guests:read"])),
    responses((status = 200, body = Guest)))]
#[get("/audit/tasks/{id}/guests/{guest_id}")]
async fn get(may: May<ReadGuests>) -> Result<HttpResponse> {
    let task: TaskId = may.id("audit_task")?;
    let id: GuestId = may.path("guest_id", "audit_guest")?;
    may.query::<Nothing>()?;
    may.fetch(move |rx| {
        audits::find(rx, task)?;
        let guest = store::find(rx, task, id)?;
        Ok((guest.version, guest))
    })
    .await
}

/// End an invitation at once.
#[utoipa::path(tag = "audit", operation_id = "revoke_audit_guest", security(("bearer" = ["audit_guests:write"])),
    params(IfMatch), responses((status = 200, body = Guest)))]
#[post("/audit/tasks/{id}/guests/{guest_id}/revoke")]
async fn revoke(may: May<InviteGuests>) -> Result<HttpResponse> {
    let task: TaskId = may.id("audit_task")?;
    let id: GuestId = may.path("guest_id", "audit_guest")?;
    may.write(move |tx, sent| {
        let task = audits::seize(tx, task)?;
        let guest = store::find(tx, task.id, id)?;
        sent.expect(tx, id, guest.version)?;
        sent.nothing()?;
        let guest = super::revoke(tx, guest, &task)?;
        Ok(Reply::ok(guest.version, &guest))
    })
    .await
}
