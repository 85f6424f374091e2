//! Parts of the log that were moved to files (83): the events leave the database, the tree and its heads stay.

use std::path::{Path, PathBuf};

use diesel::prelude::*;

use super::pack::{self, Question, Report};
use super::seal::LOCK;
use super::{Event, Record, heads};
use crate::auth::Actor;
use crate::db::schema::{audit_events, audit_segments};
use crate::db::types::Timestamp;
use crate::db::{Db, Rx, Tx};
use crate::error::{Error, Result};
use crate::keyring::hex;

/// The number of the last event that was moved to files; 0 when none was.
pub(super) fn last(rx: &mut Rx) -> Result<i64> {
    let last: Option<i64> = audit_segments::table
        .select(diesel::dsl::max(audit_segments::to_seq))
        .first(rx.conn)?;
    Ok(last.unwrap_or_default())
}

/// Removes the events of a pack from the database, once the pack is checked, goes on where the last one ended, and holds
/// nothing younger than `before`; the first and last number.
pub fn retire(db: &Db, dir: &Path, before: impl FnOnce(&mut Rx) -> Result<Timestamp>) -> Result<(i64, i64)> {
    let question = Question {
        key: Some(db.keys().log().verifier()),
        ..Question::default()
    };
    let report = pack::check(&[PathBuf::from(dir)], &[], &question).map_err(Error::internal)?;
    db.write_blocking(Actor::system(), "audit retire".into(), |tx| {
        tx.lock(LOCK)?;
        let before = before(tx)?;
        let (from, to) = fits(tx, &report, before)?;
        let row = (
            audit_segments::from_seq.eq(from),
            audit_segments::to_seq.eq(to),
            audit_segments::manifest_hash.eq(&report.manifest),
            audit_segments::retired_at.eq(tx.now),
        );
        diesel::insert_into(audit_segments::table)
            .values(row)
            .execute(tx.conn)?;
        let moved = audit_events::table.filter(audit_events::seq.between(from, to));
        diesel::delete(moved).execute(tx.conn)?;
        Event::of::<Record>("audit.segment_retired", "audit_segment", None)
            .field("from_seq", &from)
            .field("to_seq", &to)
            .field("manifest_hash", &report.manifest)
            .record(tx)?;
        Ok((from, to))
    })
}

/// Whether a pack that holds in itself is the next part of this log and old enough.
fn fits(tx: &mut Tx, report: &Report, before: Timestamp) -> Result<(i64, i64)> {
    let whole = |n: u64| i64::try_from(n).map_err(Error::internal);
    let (from, to) = (whole(report.from)?, whole(report.to)?);
    let begins = last(tx)? + 1;
    if from != begins {
        return Err(Error::internal(format!("the next part begins at event {begins}")));
    }
    if to % 256 != 0 {
        return Err(Error::internal(
            "a part ends at a multiple of 256: export it again with --to",
        ));
    }
    let head = heads::checkpoint(tx, whole(report.head.size)?)?;
    if head.root != hex(&report.head.root) {
        return Err(Error::internal("the pack is of another log than the database"));
    }
    let youngest: Option<Timestamp> = audit_events::table
        .filter(audit_events::seq.between(from, to))
        .select(diesel::dsl::max(audit_events::at))
        .first(tx.conn)?;
    if youngest.is_none_or(|youngest| youngest >= before) {
        return Err(Error::internal(format!(
            "events from {before} on stay in the database"
        )));
    }
    Ok((from, to))
}
