//! `/files/{id}/revisions`

use actix_web::{HttpResponse, get};
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use super::rules::{self, Change, Document};
use super::{Revision, Until, as_of, changes, store};
use crate::auth::May;
use crate::auth::policy::ReadFiles;
use crate::db::Rx;
use crate::db::page::{Ask, Cursor, Limit, Page};
use crate::error::{Error, Result};
use crate::files::{self, FileId, household, sealing};
use crate::input::{Nothing, number};
use crate::parameters;

/// The routes of this module.
pub fn routes(config: &mut ServiceConfig) {
    config
        .service(list_revisions)
        .service(difference)
        .service(get_revision);
}

parameters! {
    /// Which page.
    pub struct RevisionQuery {
        /// 1 to 200.
        #[param(value_type = Option<i64>, minimum = 1, maximum = 200)]
        limit: Limit,
        /// From the page before.
        #[param(value_type = Option<String>)]
        cursor: Cursor,
    }
}

parameters! {
    /// Which two versions to compare.
    pub struct DifferenceQuery {
        /// The earlier version, 0 for before the file was opened; default the one before `to`.
        #[param(value_type = Option<i64>, minimum = 0)]
        from: Option<Version>,
        /// The later version; default the present one.
        #[param(value_type = Option<i64>, minimum = 0)]
        to: Option<Version>,
    }
}

/// The number of a version.
#[derive(Debug, Clone, Copy)]
pub struct Version(i32);

impl crate::input::Input for Version {
    fn read(value: &Value, at: &str, errors: &mut Vec<crate::error::FieldError>) -> Option<Self> {
        let n = number(value, at, errors, 0, i64::from(i32::MAX))?;
        i32::try_from(n).ok().map(Self)
    }
}

/// A value that changed, masked as everywhere.
#[derive(Serialize, ToSchema)]
#[schema(as = RevisionChange)]
pub struct ShownChange {
    /// Its path: a field of the file, `profile/…`, or `household/{id}/…`.
    #[schema(example = "profile/housing")]
    field: String,
    /// Before; null when there was none.
    old: Value,
    /// After; null when there is none.
    new: Value,
}

/// What changed between two versions of a file.
#[derive(Serialize, ToSchema)]
#[schema(as = RevisionDifference)]
pub struct Difference {
    /// The earlier version.
    from: i32,
    /// The later version.
    to: i32,
    /// What changed, by path.
    changes: Vec<ShownChange>,
}

/// A version of a file with what it changed.
#[derive(Serialize, ToSchema)]
pub struct RevisionInFull {
    /// The version.
    #[serde(flatten)]
    revision: Revision,
    /// What it changed, by path.
    changes: Vec<ShownChange>,
}

fn shown(changes: Vec<Change>) -> Vec<ShownChange> {
    let show = |change: Change| ShownChange {
        old: household::masked(&change.field, change.old),
        new: household::masked(&change.field, change.new),
        field: change.field,
    };
    changes.into_iter().map(show).collect()
}

/// The versions of a file, oldest first: who, when, why, and which fields (39).
#[utoipa::path(tag = "files", operation_id = "list_file_revisions", security(("bearer" = ["files:read"])),
    params(RevisionQuery), responses((status = 200, body = Page<Revision>)))]
#[get("/files/{id}/revisions")]
async fn list_revisions(may: May<ReadFiles>) -> Result<HttpResponse> {
    let id = may.id("file")?;
    let query: RevisionQuery = may.query()?;
    let ask = Ask::new("file_revisions", query.limit, &query.cursor)?;
    let reader = may.actor.clone();
    let listed = move |rx: &mut Rx| {
        let file = sealing::open_to(rx, &reader, id)?;
        let event = files::look(rx, "file.past_read", &file)?.field("history", &true);
        Ok((store::list(rx, id, &ask)?, event))
    };
    Ok(HttpResponse::Ok().json(may.look(listed).await?))
}

/// What changed between two versions of a file (39).
#[utoipa::path(tag = "files", operation_id = "get_file_difference", security(("bearer" = ["files:read"])),
    params(DifferenceQuery), responses((status = 200, body = Difference)))]
#[get("/files/{id}/revisions/difference")]
async fn difference(may: May<ReadFiles>) -> Result<HttpResponse> {
    let id = may.id("file")?;
    let query: DifferenceQuery = may.query()?;
    let reader = may.actor.clone();
    let compared = move |rx: &mut Rx| {
        let file = sealing::open_to(rx, &reader, id)?;
        let to = query.to.map_or(file.version, |version| version.0);
        let from = query.from.map_or(to - 1, |version| version.0);
        let (before, after) = (at_version(rx, id, from)?, at_version(rx, id, to)?);
        let changes = shown(rules::difference(&before, &after));
        let event = files::look(rx, "file.past_read", &file)?
            .field("from", &from)
            .field("to", &to);
        Ok((Difference { from, to, changes }, event))
    };
    Ok(HttpResponse::Ok().json(may.look(compared).await?))
}

fn at_version(rx: &mut Rx, id: FileId, version: i32) -> Result<Document> {
    match as_of(rx, id, Until::Version(version))? {
        (document, found) if found == version => Ok(document),
        _ => Err(Error::NotFound("revision")),
    }
}

/// One version of a file, with old and new values, masked (39).
#[utoipa::path(tag = "files", operation_id = "get_file_revision", security(("bearer" = ["files:read"])),
    responses((status = 200, body = RevisionInFull)))]
#[get("/files/{id}/revisions/{version}")]
async fn get_revision(may: May<ReadFiles>) -> Result<HttpResponse> {
    let (id, version) = (may.id("file")?, may.path("version", "revision")?);
    may.query::<Nothing>()?;
    let reader = may.actor.clone();
    let one = move |rx: &mut Rx| {
        let file = sealing::open_to(rx, &reader, id)?;
        let revision = store::find(rx, id, version)?;
        let changes = shown(changes(rx, &revision)?);
        let event = files::look(rx, "file.past_read", &file)?.field("version", &version);
        Ok((RevisionInFull { revision, changes }, event))
    };
    Ok(HttpResponse::Ok().json(may.look(one).await?))
}
