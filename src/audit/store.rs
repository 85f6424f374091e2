//! The log in SQL.

use std::collections::{BTreeMap, BTreeSet};

use diesel::prelude::*;
use diesel::sql_types::Text;
use serde::Serialize;
use utoipa::ToSchema;

use super::tree::leaf;
use super::{Fields, Note};
use crate::db::page::{Ask, Page, bad_cursor};
use crate::db::schema::{audit_events, event_notes, record_versions};
use crate::db::types::{Id, Json, Timestamp};
use crate::db::{Rx, Tx};
use crate::error::{Error, Result};
use crate::keyring::Sealed;
use crate::organizations::OrganizationId;
use crate::users::UserId;
use crate::within;

/// One event of the log.
#[derive(Debug, Clone, HasQuery, Insertable, Serialize, ToSchema)]
#[diesel(table_name = audit_events)]
#[schema(as = AuditEvent)]
pub struct Record {
    /// Only orders events that wait to be sealed; not part of the log.
    #[serde(skip)]
    pub id: Id<Record>,
    /// Number in the log, from 1 without gaps; null for the fraction of a second until the event is sealed.
    pub seq: Option<i64>,
    /// When it happened.
    pub at: Timestamp,
    /// Who did it; null for the service itself.
    pub actor_id: Option<UserId>,
    /// Under which role.
    #[schema(example = "supervisor")]
    pub actor_role: String,
    /// The unit concerned.
    pub organization_id: Option<OrganizationId>,
    /// What was done.
    #[schema(example = "file.approved")]
    pub action: String,
    /// To what kind of thing.
    #[schema(example = "file")]
    pub subject_type: String,
    /// To which.
    pub subject_id: Option<String>,
    /// Names of changed fields, each with the commitment to its new value.
    #[schema(value_type = std::collections::BTreeMap<String, String>)]
    pub fields: Json<Fields>,
    /// Those of them that had a value before, each with the commitment to that.
    #[schema(value_type = std::collections::BTreeMap<String, String>)]
    pub before: Json<Fields>,
    /// A reason code or words.
    pub reason: Option<String>,
    /// The request it came with.
    pub request_id: String,
    /// SHA-256(0x00 ‖ RFC 8785 form of the event without `hash`), in hex; null until sealed.
    pub hash: Option<String>,
}

impl Record {
    /// What the leaf of this event hashes: the event without its hash, in canonical JSON.
    pub fn data(&self) -> Result<Vec<u8>> {
        let mut value = serde_json::to_value(self).map_err(Error::internal)?;
        if let Some(object) = value.as_object_mut() {
            object.remove("hash");
        }
        serde_json_canonicalizer::to_vec(&value).map_err(Error::internal)
    }

    /// The leaf that this event is in the tree.
    pub fn leaf(&self) -> Result<super::tree::Hash> {
        Ok(leaf(&self.data()?))
    }
}

pub(super) fn insert(tx: &mut Tx, record: &Record) -> Result<()> {
    diesel::insert_into(audit_events::table)
        .values(record)
        .execute(tx.conn)?;
    Ok(())
}

pub(super) fn note_version(tx: &mut Tx, subject: &str, version: i32, fields: &[&str]) -> Result<()> {
    let row = (
        record_versions::subject_id.eq(subject),
        record_versions::version.eq(version),
        record_versions::fields.eq(serde_json::to_string(fields).map_err(Error::internal)?),
    );
    diesel::insert_into(record_versions::table)
        .values(row)
        .execute(tx.conn)?;
    Ok(())
}

/// Whether something happened to the record with this id.
pub fn knows(rx: &mut Rx, subject: &str) -> Result<bool> {
    let events = audit_events::table.filter(audit_events::subject_id.eq(subject));
    Ok(diesel::select(diesel::dsl::exists(events)).get_result(rx.conn)?)
}

pub(super) fn changed_since(rx: &mut Rx, subject: &str, version: i32) -> Result<Vec<String>> {
    let later: Vec<Json<Vec<String>>> = record_versions::table
        .filter(record_versions::subject_id.eq(subject))
        .filter(record_versions::version.gt(version))
        .select(record_versions::fields)
        .load(rx.conn)?;
    let names: BTreeSet<String> = later.into_iter().flat_map(|names| names.0).collect();
    Ok(names.into_iter().collect())
}

/// The next events to seal, oldest first.
pub(super) fn next_unsealed(rx: &mut Rx, limit: i64) -> Result<Vec<Record>> {
    let waiting = Record::query()
        .filter(audit_events::seq.is_null())
        .order((audit_events::at, audit_events::id));
    Ok(waiting.limit(limit).load(rx.conn)?)
}

/// Events numbered by one statement.
const NUMBERED: usize = 250;

/// Writes the numbers and hashes of events that are being sealed: many with one statement, because sealing must keep
/// up with all writers together.
pub(super) fn number(tx: &mut Tx, sealed: &[Record]) -> Result<()> {
    for some in sealed.chunks(NUMBERED) {
        let rows: Vec<String> = some
            .iter()
            .enumerate()
            .map(|(n, event)| {
                format!(
                    "(${}, {}, ${})",
                    2 * n + 1,
                    event.seq.unwrap_or_default(),
                    2 * n + 2
                )
            })
            .collect();
        let mut update = diesel::sql_query(format!(
            "UPDATE audit_events SET seq = sealed.column2, hash = sealed.column3 FROM (VALUES {}) AS sealed \
             WHERE audit_events.id = sealed.column1",
            rows.join(", ")
        ))
        .into_boxed();
        for event in some {
            update = update
                .bind::<Text, _>(event.id)
                .bind::<Text, _>(event.hash.clone().unwrap_or_default());
        }
        update.execute(tx.conn)?;
    }
    Ok(())
}

/// How many events wait to be sealed, and since when the oldest does.
pub fn unsealed(rx: &mut Rx) -> Result<(i64, Option<Timestamp>)> {
    let waiting = audit_events::table.filter(audit_events::seq.is_null());
    Ok(waiting
        .select((diesel::dsl::count_star(), diesel::dsl::min(audit_events::at)))
        .get_result(rx.conn)?)
}

/// Sealed events numbered `from` and up, in order; of the whole log, for verifying it.
pub(super) fn sealed_from(rx: &mut Rx, from: i64, limit: i64) -> Result<Vec<Record>> {
    let sealed = Record::query()
        .filter(audit_events::seq.ge(from))
        .order(audit_events::seq);
    Ok(sealed.limit(limit).load(rx.conn)?)
}

/// The event with this number, if its unit is in scope.
pub(super) fn find(rx: &mut Rx, seq: i64) -> Result<Record> {
    let mut query = Record::query().filter(audit_events::seq.eq(seq)).into_boxed();
    within!(query, audit_events::organization_id.assume_not_null(), rx);
    query
        .get_result(rx.conn)
        .optional()?
        .ok_or(Error::NotFound("event"))
}

/// What to list.
#[derive(Default)]
pub(super) struct Filter {
    pub subject_type: Option<String>,
    pub subject_id: Option<String>,
    pub actor_id: Option<UserId>,
    pub action: Option<String>,
    pub from: Option<Timestamp>,
    pub to: Option<Timestamp>,
}

/// Sealed events of units in scope, in order.
pub(super) fn list(rx: &mut Rx, filter: Filter, ask: &Ask) -> Result<Page<Record>> {
    let mut query = Record::query()
        .filter(audit_events::seq.is_not_null())
        .into_boxed();
    within!(query, audit_events::organization_id.assume_not_null(), rx);
    if let Some(kind) = filter.subject_type {
        query = query.filter(audit_events::subject_type.eq(kind));
    }
    if let Some(id) = filter.subject_id {
        query = query.filter(audit_events::subject_id.eq(id));
    }
    if let Some(id) = filter.actor_id {
        query = query.filter(audit_events::actor_id.eq(id));
    }
    if let Some(action) = filter.action {
        query = query.filter(audit_events::action.eq(action));
    }
    if let Some(from) = filter.from {
        query = query.filter(audit_events::at.ge(from));
    }
    if let Some(to) = filter.to {
        query = query.filter(audit_events::at.lt(to));
    }
    if let Some(seq) = ask.after_id() {
        query = query.filter(audit_events::seq.gt(seq.parse::<i64>().map_err(|_| bad_cursor())?));
    }
    let rows = query.order(audit_events::seq).limit(ask.fetch()).load(rx.conn)?;
    Ok(ask.page(rows, |event: &Record| {
        (String::new(), event.seq.unwrap_or_default().to_string())
    }))
}

/// An event of a subject's history, with what was said.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = HistoryEntry)]
pub struct Entry {
    /// The event.
    #[serde(flatten)]
    pub event: Record,
    /// What was said.
    #[serde(flatten)]
    pub note: Note,
}

pub(super) fn insert_note(tx: &mut Tx, event: &Record, note: &Note) -> Result<()> {
    let row = (
        event_notes::event_id.eq(event.id),
        event_notes::note_sealed.eq(tx.keys.seal_json("note", note)?),
    );
    diesel::insert_into(event_notes::table)
        .values(row)
        .execute(tx.conn)?;
    Ok(())
}

fn with_notes(rx: &mut Rx, page: Page<Record>) -> Result<Page<Entry>> {
    let ids: Vec<_> = page.items.iter().map(|event| event.id).collect();
    let notes: Vec<(Id<Record>, Sealed)> = event_notes::table
        .filter(event_notes::event_id.eq_any(ids))
        .select((event_notes::event_id, event_notes::note_sealed))
        .load(rx.conn)?;
    let notes: BTreeMap<_, _> = notes.into_iter().collect();
    page.map(|event| {
        let note = notes
            .get(&event.id)
            .map_or(Ok(Note::default()), |sealed| rx.keys.open_json("note", sealed))?;
        Ok(Entry { event, note })
    })
}

/// The events of one subject, sealed or not, oldest first, with what was said. The caller has checked that the
/// subject is in scope.
pub fn history(rx: &mut Rx, subject_id: &str, ask: &Ask) -> Result<Page<Entry>> {
    let mut query = Record::query()
        .filter(audit_events::subject_id.eq(subject_id.to_owned()))
        .into_boxed();
    if let Some((at, id)) = ask.after_key::<Timestamp, Record>()? {
        query = query
            .filter(audit_events::at.ge(at))
            .filter(audit_events::at.gt(at).or(audit_events::id.gt(id)));
    }
    let in_order = query.order((audit_events::at, audit_events::id));
    let rows = in_order.limit(ask.fetch()).load(rx.conn)?;
    let page = ask.page(rows, |event: &Record| {
        (event.at.to_string(), event.id.to_string())
    });
    with_notes(rx, page)
}
