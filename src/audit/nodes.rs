//! The tree as it is kept: leaves are the hashes of events, and of the inner nodes every eighth level.
//!
//! What lies between is hashed from at most 256 stored hashes, so that a proof costs a few short range reads whatever
//! the size of the log, and a log of n events keeps n/255 nodes beside it.

use std::collections::BTreeMap;

use diesel::prelude::*;

use super::tree::{self, Frontier, Hash, Place, unhex};
use crate::db::schema::{audit_events, audit_nodes};
use crate::db::{Rx, Tx};
use crate::error::{Error, Result};
use crate::keyring::hex;

/// Levels from one stored level to the next.
const STEP: u32 = 8;
/// Hashes of a stored level that one of the next covers.
const WIDTH: u64 = 1 << STEP;

/// Whether nodes of this level are kept beside the events.
pub(super) fn is_kept(level: u32) -> bool {
    level > 0 && level.is_multiple_of(STEP)
}

/// A reader of the tree's nodes, which remembers what it has read.
pub(super) struct Nodes<'r, 'c> {
    rx: &'r mut Rx<'c>,
    rows: BTreeMap<Place, Vec<Hash>>,
}

impl<'r, 'c> Nodes<'r, 'c> {
    pub(super) fn of(rx: &'r mut Rx<'c>) -> Self {
        Self {
            rx,
            rows: BTreeMap::new(),
        }
    }

    /// The hash of a full subtree.
    pub(super) fn get(&mut self, (level, place): Place) -> Result<Hash> {
        let kept = level / STEP * STEP;
        let first = place << (level - kept);
        let row = self.row(kept, first / WIDTH)?;
        let from = usize::try_from(first % WIDTH).map_err(Error::internal)?;
        let mut hashes = row
            .get(from..from + (1 << (level - kept)))
            .ok_or_else(missing)?
            .to_vec();
        while hashes.len() > 1 {
            hashes = hashes
                .chunks(2)
                .map(|pair| tree::node(&pair[0], &pair[1]))
                .collect();
        }
        hashes.first().copied().ok_or_else(missing)
    }

    fn row(&mut self, level: u32, number: u64) -> Result<&Vec<Hash>> {
        if !self.rows.contains_key(&(level, number)) {
            let row = read_row(self.rx, level, number)?;
            self.rows.insert((level, number), row);
        }
        self.rows.get(&(level, number)).ok_or_else(missing)
    }
}

fn missing() -> Error {
    Error::internal("the log lacks hashes of its tree; `bangfu audit verify` says where")
}

/// The hashes of a stored level, [`WIDTH`] of them or as many as there are.
fn read_row(rx: &mut Rx, level: u32, number: u64) -> Result<Vec<Hash>> {
    let first = i64::try_from(number * WIDTH).map_err(Error::internal)?;
    let width = i64::try_from(WIDTH).map_err(Error::internal)?;
    let found: Vec<(Option<i64>, Option<String>)> = if level == 0 {
        audit_events::table
            .filter(audit_events::seq.between(first + 1, first + width))
            .order(audit_events::seq)
            .select((audit_events::seq, audit_events::hash))
            .load(rx.conn)?
    } else {
        audit_nodes::table
            .filter(audit_nodes::level.eq(i32::try_from(level).map_err(Error::internal)?))
            .filter(audit_nodes::place.between(first, first + width - 1))
            .order(audit_nodes::place)
            .select((audit_nodes::place.nullable(), audit_nodes::hash.nullable()))
            .load(rx.conn)?
    };
    let begins = first + i64::from(level == 0);
    let in_place = (begins..).zip(found).map(|(expected, (place, hash))| {
        let hash = hash.filter(|_| place == Some(expected));
        unhex(&hash?)
    });
    in_place.collect::<Option<_>>().ok_or_else(missing)
}

/// Keeps a node.
pub(super) fn insert(tx: &mut Tx, (level, place): Place, hash: &Hash) -> Result<()> {
    let row = (
        audit_nodes::level.eq(i32::try_from(level).map_err(Error::internal)?),
        audit_nodes::place.eq(i64::try_from(place).map_err(Error::internal)?),
        audit_nodes::hash.eq(hex(hash)),
    );
    diesel::insert_into(audit_nodes::table)
        .values(row)
        .execute(tx.conn)?;
    Ok(())
}

/// A kept node as it stands in the database.
pub(super) fn find(rx: &mut Rx, (level, place): Place) -> Result<Option<String>> {
    let key = (
        i32::try_from(level).map_err(Error::internal)?,
        i64::try_from(place).map_err(Error::internal)?,
    );
    let node = audit_nodes::table.find(key).select(audit_nodes::hash);
    Ok(node.first(rx.conn).optional()?)
}

/// How many leaves the tree has.
pub(super) fn size(rx: &mut Rx) -> Result<u64> {
    let last: Option<i64> = audit_events::table
        .select(diesel::dsl::max(audit_events::seq))
        .first(rx.conn)?;
    u64::try_from(last.unwrap_or_default()).map_err(Error::internal)
}

/// The right edge of the tree when it had `size` leaves.
pub(super) fn frontier(rx: &mut Rx, size: u64) -> Result<Frontier> {
    let mut nodes = Nodes::of(rx);
    let roots = tree::cover(0, size).into_iter().map(|place| nodes.get(place));
    let roots = roots.collect::<Result<Vec<_>>>()?;
    Frontier::of(size, roots).ok_or_else(missing)
}
