//! `/files/{id}/five-ones`, `/files/{id}/actions`, `/actions`

use actix_web::{HttpResponse, get, post};
use utoipa_actix_web::service_config::ServiceConfig;

use super::input::{NewAction, NewWaiver, Void};
use super::store::{self, Filter};
use super::{Action, find};
use crate::auth::policy::{Permission, ReadFiles, WaiveDuties, WriteActions};
use crate::auth::{Creation, May};
use crate::db::Rx;
use crate::db::page::{Ask, Cursor, Limit, Page};
use crate::db::types::Timestamp;
use crate::error::{Error, Result};
use crate::http::Reply;
use crate::http::openapi::IfMatch;
use crate::input::Nothing;
use crate::ledger::{self, Kind, Ledger};
use crate::organizations::OrganizationId;
use crate::parameters;
use crate::users::{self, UserId};

/// The routes of this module.
pub fn routes(config: &mut ServiceConfig) {
    config
        .service(five_ones)
        .service(waive)
        .service(reinstate)
        .service(record)
        .service(list_of_file)
        .service(list)
        .service(get)
        .service(void)
        .configure(super::overview::http::routes);
}

/// The year in the path; years in which nothing can lie name nothing.
pub(super) fn year<P: Permission>(may: &May<P>) -> Result<i32> {
    let year: i32 = may.path("year", "year")?;
    if (2000..=2100).contains(&year) {
        Ok(year)
    } else {
        Err(Error::NotFound("year"))
    }
}

/// The kind of duty in the path.
fn kind<P: Permission>(may: &May<P>) -> Result<Kind> {
    let name: String = may.path("kind", "duty")?;
    name.parse().map_err(|()| Error::NotFound("duty"))
}

parameters! {
    /// Which actions of a file.
    pub struct FileActionQuery {
        /// Only of this kind.
        #[param(inline)]
        kind: Option<Kind>,
        /// 1 to 200.
        #[param(value_type = Option<i64>, minimum = 1, maximum = 200)]
        limit: Limit,
        /// From the page before.
        #[param(value_type = Option<String>)]
        cursor: Cursor,
    }
}

parameters! {
    /// Which actions.
    pub struct ActionQuery {
        /// Only of this kind.
        #[param(inline)]
        kind: Option<Kind>,
        /// Only of files of this unit and those below it.
        #[param(value_type = Option<String>, format = "uuid")]
        organization_id: Option<OrganizationId>,
        /// Only by this account.
        #[param(value_type = Option<String>, format = "uuid")]
        performed_by: Option<UserId>,
        /// Only from this moment on.
        from: Option<Timestamp>,
        /// Only before this moment.
        to: Option<Timestamp>,
        /// 1 to 200.
        #[param(value_type = Option<i64>, minimum = 1, maximum = 200)]
        limit: Limit,
        /// From the page before.
        #[param(value_type = Option<String>)]
        cursor: Cursor,
    }
}

/// The five ones of a file in a year (56).
#[utoipa::path(tag = "five ones", operation_id = "get_five_ones", security(("bearer" = ["files:read"])),
    responses((status = 200, body = Ledger)))]
#[get("/files/{id}/five-ones/{year}")]
async fn five_ones(may: May<ReadFiles>) -> Result<HttpResponse> {
    let (file, of) = (may.id("file")?, year(&may)?);
    may.query::<Nothing>()?;
    may.fetch(move |rx| ledger::ledger(rx, file, of).map(|ledger| (ledger.version, ledger)))
        .await
}

/// Set an open duty aside, with the reason (55).
#[utoipa::path(tag = "five ones", operation_id = "waive_duty", security(("bearer" = ["duties:waive"])),
    params(IfMatch, ("kind" = inline(Kind), Path)), request_body = NewWaiver, responses((status = 200, body = Ledger)))]
#[post("/files/{id}/five-ones/{year}/{kind}/waive")]
async fn waive(may: May<WaiveDuties>) -> Result<HttpResponse> {
    let (file, of, which) = (may.id("file")?, year(&may)?, kind(&may)?);
    may.write(move |tx, sent| {
        let before = ledger::ledger(tx, file, of)?;
        if before.duties.is_empty() {
            return Err(Error::NotFound("duty"));
        }
        sent.expect(tx, ledger::name(file, of), before.version)?;
        let new: NewWaiver = sent.body()?;
        let subject = ledger::subject(tx, file)?;
        let after = super::waive(tx, &subject, of, which, new)?;
        Ok(Reply::ok(after.version, &after))
    })
    .await
}

/// Take a waiver back (55).
#[utoipa::path(tag = "five ones", operation_id = "reinstate_duty", security(("bearer" = ["duties:waive"])),
    params(IfMatch, ("kind" = inline(Kind), Path)), responses((status = 200, body = Ledger)))]
#[post("/files/{id}/five-ones/{year}/{kind}/reinstate")]
async fn reinstate(may: May<WaiveDuties>) -> Result<HttpResponse> {
    let (file, of, which) = (may.id("file")?, year(&may)?, kind(&may)?);
    may.write(move |tx, sent| {
        let before = ledger::ledger(tx, file, of)?;
        if before.duties.is_empty() {
            return Err(Error::NotFound("duty"));
        }
        sent.expect(tx, ledger::name(file, of), before.version)?;
        sent.nothing()?;
        let subject = ledger::subject(tx, file)?;
        let after = super::reinstate(tx, &subject, of, which)?;
        Ok(Reply::ok(after.version, &after))
    })
    .await
}

/// Record what was done for a household (51 to 55).
#[utoipa::path(tag = "five ones", operation_id = "create_action", security(("bearer" = ["actions:write"])),
    request_body = NewAction, responses((status = 201, body = Action), (status = 200, body = Action, description = "同一 id 同一内容的重复提交 · a repeat of the same id and content")))]
#[post("/files/{id}/actions")]
async fn record(may: May<WriteActions>) -> Result<HttpResponse> {
    let file = may.id("file")?;
    may.write(move |tx, sent| {
        let subject = ledger::subject(tx, file)?;
        let new: NewAction = sent.body()?;
        match sent.creating(tx, new.id)? {
            Creation::Repeat(id) => find(tx, id).map(|action| Reply::ok(action.version, &action).replayed()),
            Creation::New(id) => {
                let action = super::record(tx, &subject, id, new)?;
                Ok(Reply::created(&format!("/actions/{id}"), action.version, &action))
            }
        }
    })
    .await
}

/// What was done for one household, by when it happened.
#[utoipa::path(tag = "five ones", operation_id = "list_file_actions", security(("bearer" = ["files:read"])),
    params(FileActionQuery), responses((status = 200, body = Page<Action>)))]
#[get("/files/{id}/actions")]
async fn list_of_file(may: May<ReadFiles>) -> Result<HttpResponse> {
    let file = may.id("file")?;
    let query: FileActionQuery = may.query()?;
    let ask = Ask::new("file_actions", query.limit, &query.cursor)?;
    let filter = Filter {
        file_id: Some(file),
        kind: query.kind,
        ..Filter::default()
    };
    may.read(move |rx| {
        ledger::subject(rx, file)?;
        store::list(rx, filter, &ask)
    })
    .await
}

/// What was done in the own subtree, in the order in which it was recorded.
#[utoipa::path(tag = "five ones", operation_id = "list_actions", security(("bearer" = ["files:read"])),
    params(ActionQuery), responses((status = 200, body = Page<Action>)))]
#[get("/actions")]
async fn list(may: May<ReadFiles>) -> Result<HttpResponse> {
    let query: ActionQuery = may.query()?;
    let ask = Ask::new("actions", query.limit, &query.cursor)?;
    may.read(move |rx| query.find(rx, &ask)).await
}

impl ActionQuery {
    /// A page of the actions that it asks for.
    pub fn find(&self, rx: &mut Rx, ask: &Ask) -> Result<Page<Action>> {
        if let Some(user) = self.performed_by {
            users::find(rx, user)?;
        }
        let filter = Filter {
            file_id: None,
            kind: self.kind,
            organization_id: self.organization_id,
            performed_by: self.performed_by,
            from: self.from,
            to: self.to,
        };
        store::list(rx, filter, ask)
    }
}

/// One action.
#[utoipa::path(tag = "five ones", operation_id = "get_action", security(("bearer" = ["files:read"])),
    responses((status = 200, body = Action)))]
#[get("/actions/{id}")]
async fn get(may: May<ReadFiles>) -> Result<HttpResponse> {
    let id = may.id("action")?;
    may.query::<Nothing>()?;
    may.fetch(move |rx| find(rx, id).map(|action| (action.version, action)))
        .await
}

/// Void an action that was wrong; it stays to be seen, and the duty it had done is open again.
#[utoipa::path(tag = "five ones", operation_id = "void_action", security(("bearer" = ["actions:write"])),
    params(IfMatch), request_body = Void, responses((status = 200, body = Action)))]
#[post("/actions/{id}/void")]
async fn void(may: May<WriteActions>) -> Result<HttpResponse> {
    let id = may.id("action")?;
    may.write(move |tx, sent| {
        let version = store::find(tx, id)?.version;
        sent.expect(tx, id, version)?;
        let action = super::void(tx, id, sent.body()?)?;
        Ok(Reply::ok(action.version, &action))
    })
    .await
}
