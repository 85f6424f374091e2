//! What a pack needs beside the records of the features, in SQL.

use diesel::prelude::*;
use serde_json::{Value, json};

use crate::audit::Record;
use crate::db::Rx;
use crate::db::schema::{audit_events, files, organizations, policies, users};
use crate::db::types::{Date, Timestamp};
use crate::error::{Error, Result};
use crate::files::File;
use crate::members::MemberId;
use crate::policies::Policy;
use crate::users::UserId;

/// The file that a member had on a day, the latest of several.
pub(super) fn file_of(rx: &mut Rx, member: MemberId, day: Date) -> Result<Option<File>> {
    let on_file = File::query()
        .filter(files::member_id.eq(member))
        .filter(files::opened_on.le(day));
    Ok(on_file
        .order((files::opened_on.desc(), files::id.desc()))
        .first(rx.conn)
        .optional()?)
}

/// Those of `ids` that are dated rules, as they are.
pub(super) fn policies(rx: &mut Rx, ids: &[String]) -> Result<Value> {
    let found: Vec<Policy> = Policy::query()
        .filter(policies::id.eq_any(ids))
        .order(policies::id)
        .load(rx.conn)?;
    serde_json::to_value(found).map_err(Error::internal)
}

/// Those of `ids` that are accounts: who they are and to which unit they belong.
pub(super) fn people(rx: &mut Rx, ids: &[String]) -> Result<Value> {
    let rows: Vec<(UserId, String, String)> = users::table
        .inner_join(organizations::table)
        .filter(users::id.eq_any(ids))
        .order(users::id)
        .select((users::id, users::name, organizations::name))
        .load(rx.conn)?;
    let shown = rows
        .into_iter()
        .map(|(id, name, unit)| json!({ "id": id, "name": name, "organization": unit }));
    Ok(shown.collect())
}

/// The sealed events about these subjects up to a number, and those of funds at these moments, by number.
pub(super) fn events(
    rx: &mut Rx,
    subjects: &[String],
    moved: &[(String, Timestamp)],
    size: i64,
) -> Result<Vec<Record>> {
    let about = Record::query()
        .filter(audit_events::subject_id.eq_any(subjects))
        .filter(audit_events::seq.le(size));
    let mut found: Vec<Record> = about.load(rx.conn)?;
    let moments: Vec<Timestamp> = moved.iter().map(|(_, at)| *at).collect();
    if let Some((fund, _)) = moved.first() {
        let booked = Record::query()
            .filter(audit_events::at.eq_any(moments))
            .filter(audit_events::subject_id.eq(fund.clone()))
            .filter(audit_events::seq.le(size));
        found.extend(booked.load::<Record>(rx.conn)?);
    }
    found.sort_by_key(|event| event.seq);
    found.dedup_by_key(|event| event.seq);
    Ok(found)
}
