//! Lists that leave the service (导出, 90): masked and few rows at once, more or in clear with the approval of another person. Who
//! asked downloads it, for a while; it says itself who took it and how many rows there were. Rows are read when they leave and are
//! never kept.

use chrono::TimeDelta;
use diesel::prelude::*;
use serde_json::Value;

use crate::audit::Event;
use crate::auth::policy::Permission;
use crate::auth::{May, Scope};
use crate::db::schema::exports;
use crate::db::types::{Id, Json, Timestamp};
use crate::db::{Db, Rx, Tx};
use crate::error::{Error, FieldError, Result};
use crate::input::{Fields, Input, Reason};
use crate::organizations::{self, OrganizationId};
use crate::policies::{self, rules::Exports};
use crate::say;
use crate::users::{self, UserId};

mod columns;
mod format;
pub mod http;
mod lists;
mod rules;
mod store;
mod stream;

use format::Watermark;
pub use lists::List;
use lists::Query;
pub use rules::{Format, Status};

/// The id of an export.
pub type ExportId = Id<Export>;

/// Rows that are read at a time.
const PAGE: i64 = 500;

/// An export.
#[derive(Debug, Clone, HasQuery, Insertable, AsChangeset)]
#[diesel(table_name = exports)]
pub struct Export {
    /// Its id.
    pub id: ExportId,
    /// The unit of who asked.
    pub organization_id: OrganizationId,
    /// What.
    pub list: List,
    /// Which of it, as it was asked.
    pub filter: Json<Value>,
    /// How it is written.
    pub format: Format,
    /// Whether numbers are written in clear.
    pub clear: bool,
    /// Why.
    pub reason: String,
    /// How it was decided; time may have ended it since.
    pub status: Status,
    /// How many rows there were when it was asked for.
    pub expected_rows: i64,
    /// How many may leave.
    pub most_rows: i64,
    /// Who asked.
    pub requested_by: UserId,
    /// The same, as a digest of the person.
    pub requester_person: String,
    /// When.
    pub requested_at: Timestamp,
    /// Who approved or refused it.
    pub decided_by: Option<UserId>,
    /// The same, as a digest of the person.
    pub decider_person: Option<String>,
    /// When.
    pub decided_at: Option<Timestamp>,
    /// Until when it may be approved, and then downloaded.
    pub expires_at: Timestamp,
    /// How often it was downloaded.
    pub downloads: i32,
    /// Version, for `If-Match`.
    pub version: i32,
    /// When it was last changed.
    pub updated_at: Timestamp,
}

/// An export that is asked for.
#[derive(Clone)]
pub struct NewExport {
    /// Made by the client, or none.
    pub id: Option<ExportId>,
    /// What.
    pub list: List,
    /// Which of it, as it was sent.
    pub filter: Value,
    /// The same, read.
    query: Query,
    /// How it is written.
    pub format: Format,
    /// Whether numbers are written in clear.
    pub clear: bool,
    /// Why.
    pub reason: Reason,
}

impl Input for NewExport {
    fn read(value: &Value, at: &str, errors: &mut Vec<FieldError>) -> Option<Self> {
        let mut fields = Fields::of(value, at, errors)?;
        let id = fields.take("id", errors);
        let list: Option<List> = fields.take("list", errors);
        let filter = fields.raw("filter").cloned();
        let format = fields.take("format", errors);
        let clear: Option<bool> = fields.take("clear", errors);
        let reason = fields.take("reason", errors);
        fields.finish(errors);
        let filter = filter.unwrap_or_else(|| serde_json::json!({}));
        let query = Query::read(list?, &filter, &format!("{at}/filter"), errors);
        if clear == Some(true) && !list?.masks() {
            let detail = say!("该列表没有脱敏的内容", "nothing in this list is masked");
            errors.push(FieldError::new(format!("{at}/clear"), "nothing_masked", detail));
        }
        Some(Self {
            id: id?,
            list: list?,
            filter,
            query: query?,
            format: format?,
            clear: clear?,
            reason: reason?,
        })
    }
}

/// How many rows somebody with this scope would export, counted up to one more than may leave.
fn count(db: &Db, scope: &Scope, new: &NewExport) -> Result<i64> {
    let (most, mut ask, mut rows) = (bounds_now(db)?.most_rows, new.query.first(PAGE), 0);
    while rows <= most {
        let page = db.read_blocking(scope.clone(), |rx| new.query.count(rx, &ask));
        let (size, next) = page.map_err(unseen)?;
        rows += i64::try_from(size).unwrap_or(i64::MAX);
        match next {
            Some(cursor) => ask = ask.following(&cursor)?,
            None => break,
        }
    }
    Ok(rows)
}

fn bounds_now(db: &Db) -> Result<Exports> {
    db.read_blocking(Scope::All, bounds)
}

fn bounds(rx: &mut Rx) -> Result<Exports> {
    let today = rx.today();
    Ok(policies::in_force(rx, today)?.1)
}

/// What a filter names and nobody sees.
fn unseen(error: Error) -> Error {
    match error {
        Error::NotFound(_) => {
            let detail = say!("条件所指的对象不存在", "what the filter names does not exist");
            Error::invalid("/filter", "not_found", detail)
        }
        other => other,
    }
}

/// Whether somebody may read the list that an export is of: who may not see it does not export it.
fn may_read<P: Permission>(may: &May<P>, list: List) -> Result<()> {
    match may.user.permissions().contains(&list.permission()) {
        true => Ok(()),
        false => Err(Error::Forbidden),
    }
}

/// Asks for an export of so many rows.
fn ask(tx: &mut Tx, id: ExportId, new: NewExport, rows: i64) -> Result<Export> {
    let bounds = bounds(tx)?;
    let status = rules::begins(new.clear, rows, &bounds)?;
    let export = Export {
        id,
        organization_id: tx.actor.organization_id.ok_or(Error::Forbidden)?,
        list: new.list,
        filter: Json(new.filter),
        format: new.format,
        clear: new.clear,
        reason: new.reason.into(),
        status,
        expected_rows: rows,
        most_rows: rules::most_rows(status, &bounds),
        requested_by: tx.actor.user()?,
        requester_person: tx.actor.person.clone(),
        requested_at: tx.now,
        decided_by: None,
        decider_person: None,
        decided_at: None,
        expires_at: tx.now.plus(TimeDelta::hours(bounds.valid_hours)),
        downloads: 0,
        version: 1,
        updated_at: tx.now,
    };
    store::insert(tx, &export)?;
    event("export.requested", &export)
        .field("list", &export.list)
        .field("filter", &export.filter)
        .field("clear", &export.clear)
        .field("status", &export.status)
        .reason(export.reason.clone())
        .record(tx)?;
    Ok(export)
}

/// Approves an export, for as long as the policy of the day says, or refuses it: another person than who asked.
fn decide(tx: &mut Tx, mut export: Export, verdict: Status, reason: Option<Reason>) -> Result<Export> {
    let status = rules::status_at(export.status, export.expires_at, tx.now);
    rules::may_decide(status, &export.requester_person, &tx.actor.person)?;
    export.status = verdict;
    export.decided_by = Some(tx.actor.user()?);
    export.decider_person = Some(tx.actor.person.clone());
    export.decided_at = Some(tx.now);
    let (action, reason) = match reason {
        Some(reason) => ("export.refused", reason.into()),
        None => {
            let hours = bounds(tx)?.valid_hours;
            export.expires_at = tx.now.plus(TimeDelta::hours(hours));
            ("export.approved", summary(&export))
        }
    };
    store::update(tx, &mut export)?;
    event(action, &export)
        .field("status", &export.status)
        .field("decided_by", &export.decided_by)
        .reason(reason)
        .record(tx)?;
    Ok(export)
}

/// Begins a download: what leaves, and the mark that it bears. An event each time, before anything leaves.
fn begin(tx: &mut Tx, mut export: Export) -> Result<(Export, Query, Watermark)> {
    let user_id = tx.actor.user()?;
    let user = users::find_any(tx, user_id)?;
    let status = rules::status_at(export.status, export.expires_at, tx.now);
    rules::may_download(status, user.id == export.requested_by)?;
    let mut errors = Vec::new();
    let query = Query::read(export.list, &export.filter.0, "/filter", &mut errors);
    let query = query.ok_or_else(|| Error::Invalid(errors))?;
    export.downloads += 1;
    store::update(tx, &mut export)?;
    event("export.download_begun", &export)
        .field("downloads", &export.downloads)
        .reason(summary(&export))
        .record(tx)?;
    let mark = Watermark {
        export: export.id.to_string(),
        list: export.list,
        format: export.format,
        clear: export.clear,
        username: user.username,
        unit: organizations::find(tx, user.organization_id)?.name,
        at: tx.now,
    };
    Ok((export, query, mark))
}

/// Notes that a page of rows leaves, and whom they are about.
fn page_left(tx: &mut Tx, export: &Export, people: Vec<String>) -> Result<()> {
    Event::of("export.page_downloaded", "export", export.id)
        .organization(export.organization_id)
        .reason(summary(export))
        .people(people)
        .record(tx)
}

/// Notes how many rows have left.
fn downloaded(tx: &mut Tx, export: &Export, rows: i64) -> Result<()> {
    Event::of("export.downloaded", "export", export.id)
        .organization(export.organization_id)
        .field("rows", &rows)
        .reason(format!("{} · {rows} rows", summary(export)))
        .record(tx)
}

/// What an export is of: the list and the names of its filter, without values.
fn summary(export: &Export) -> String {
    let masked = if export.clear { "clear" } else { "masked" };
    format!("{} [{}] {masked}", export.list, lists::names(&export.filter.0))
}

fn event(action: &'static str, export: &Export) -> Event {
    Event::of(action, "export", export.id)
        .organization(export.organization_id)
        .version(export.version)
}
