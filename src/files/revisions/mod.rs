//! Revisions (修订留痕, rule 39): every change of a file is a version with who, when, why, old and new. Values are
//! kept encrypted, apart from the log. The file as of any moment is the replay of its revisions until then.

use diesel::prelude::*;
use serde::Serialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;

use super::household::{PersonId, Recorded};
use super::{File, FileId, household, means};
use crate::audit::Event;
use crate::db::schema::file_revisions;
use crate::db::types::{Date, Json, Timestamp};
use crate::db::{Rx, Tx};
use crate::error::{Error, Result};
use crate::input::form::Content;
use crate::keyring::Sealed;
use crate::users::UserId;

pub mod http;
mod rules;
mod store;

use rules::{Change, Document};

/// A version of a file.
#[derive(Debug, Clone, HasQuery, Insertable, Serialize, ToSchema)]
#[diesel(table_name = file_revisions)]
pub struct Revision {
    #[serde(skip)]
    #[schema(ignore)]
    file_id: FileId,
    /// The version that it made.
    pub version: i32,
    /// When.
    pub at: Timestamp,
    /// By whom.
    pub changed_by: UserId,
    /// What was done.
    #[schema(example = "file.changed")]
    pub action: String,
    /// Why, as a code or in words.
    pub reason: Option<String>,
    /// What changed: fields of the file, of its form (`profile/…`) and of its people (`household/{id}/…`).
    #[schema(value_type = Vec<String>)]
    pub fields: Json<Vec<String>>,
    #[serde(skip)]
    #[schema(ignore)]
    changes_sealed: Sealed,
}

/// Keeps what the present version of a file changed against the one before.
pub(super) fn keep(tx: &mut Tx, file: &File, event: &Event) -> Result<()> {
    let before = as_of(tx, file.id, Until::Version(file.version - 1))?.0;
    let after = document(tx, file)?;
    let changes = rules::difference(&before, &after);
    let revision = Revision {
        file_id: file.id,
        version: file.version,
        at: tx.now,
        changed_by: tx.actor.user()?,
        action: event.action().to_owned(),
        reason: event.why().map(str::to_owned),
        fields: Json(changes.iter().map(|change| change.field.clone()).collect()),
        changes_sealed: tx.keys.seal_json("file_revision", &changes)?,
    };
    store::insert(tx, &revision)
}

/// A file as it was: the fields of [`File`], null where there was nothing.
#[derive(Debug, Clone)]
pub struct Past(Map<String, Value>);

impl Serialize for Past {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        let value = |name: &&str| self.0.get(*name).unwrap_or(&Value::Null);
        serializer.collect_map(FIELDS.iter().map(|name| (name, value(name))))
    }
}

/// The fields of [`File`] as clients see it.
const FIELDS: &[&str] = &[
    "id",
    "number",
    "member_id",
    "organization_id",
    "status",
    "scheme",
    "category",
    "level",
    "primary_cause",
    "secondary_causes",
    "contact_id",
    "opened_on",
    "closed_on",
    "closed_reason",
    "episode",
    "former_id",
    "stage",
    "due_on",
    "paper_due_on",
    "version",
];

/// Until where revisions are replayed.
#[derive(Debug, Clone, Copy)]
enum Until {
    Version(i32),
    Moment(Timestamp),
}

/// A file as it was, with the version it had; empty, with version 0, before it was opened.
fn as_of(rx: &mut Rx, file: FileId, until: Until) -> Result<(Document, i32)> {
    let mut document = Document::default();
    let mut version = 0;
    for revision in store::until(rx, file, until)? {
        rules::apply(&mut document, changes(rx, &revision)?);
        version = revision.version;
    }
    Ok((document, version))
}

/// A file as it was at the end of a day, and the version it had then.
pub fn file_on(rx: &mut Rx, file: FileId, day: Date) -> Result<(i32, Past)> {
    let (document, version) = on(rx, file, day)?;
    let mut own = rules::below(&document, "");
    own.retain(|_, value| !value.is_object());
    own.insert("version".to_owned(), version.into());
    Ok((version, Past(own)))
}

/// What the form of a file said at the end of a day, and the version of the file.
pub(super) fn profile_on(rx: &mut Rx, file: FileId, day: Date) -> Result<(i32, Content)> {
    let (document, version) = on(rx, file, day)?;
    let profile = rules::below(&document, "profile/").into();
    Ok((version, serde_json::from_value(profile).map_err(Error::internal)?))
}

/// The people who were recorded in the household of a file at the end of a day.
pub(super) fn people_on(rx: &mut Rx, file: FileId, day: Date) -> Result<Vec<(PersonId, Recorded)>> {
    let (document, _) = on(rx, file, day)?;
    let read = |id: String| {
        let person = rules::below(&document, &format!("household/{id}/")).into();
        let person = serde_json::from_value(person).map_err(Error::internal)?;
        Ok((id.parse().map_err(Error::internal)?, person))
    };
    rules::people(&document).into_iter().map(read).collect()
}

fn on(rx: &mut Rx, file: FileId, day: Date) -> Result<(Document, i32)> {
    let morrow = Timestamp::on(day, 24, rx.zone);
    match as_of(rx, file, Until::Moment(morrow))? {
        (_, 0) => Err(Error::NotFound("revision")),
        found => Ok(found),
    }
}

fn changes(rx: &Rx, revision: &Revision) -> Result<Vec<Change>> {
    rx.keys.open_json("file_revision", &revision.changes_sealed)
}

/// Everything that a file says, flat: what revisions compare.
fn document(rx: &mut Rx, file: &File) -> Result<Document> {
    let mut document = Document::default();
    let own = serde_json::to_value(file).map_err(Error::internal)?;
    rules::put(&mut document, "", &own);
    document.remove("version");
    let profile = household::profile(rx, file.id)?;
    let profile = serde_json::to_value(profile).map_err(Error::internal)?;
    rules::put(&mut document, "profile/", &profile);
    if let Some(declared) = means::declaration(rx, file.id)? {
        let declared = serde_json::to_value(declared).map_err(Error::internal)?;
        rules::put(&mut document, "means/", &declared);
    }
    for (id, person) in household::recorded(rx, file.id)? {
        let person = serde_json::to_value(person).map_err(Error::internal)?;
        rules::put(&mut document, &format!("household/{id}/"), &person);
    }
    Ok(document)
}
