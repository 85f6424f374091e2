//! Heads of the tree: signed checkpoints, what they prove of an event and of each other, and the signatures of
//! witnesses under them.

use diesel::prelude::*;
use serde::Serialize;
use utoipa::ToSchema;

use super::nodes::{self, Nodes};
use super::tree::{self, hexes};
use super::witnesses::WitnessId;
use crate::db::page::{Ask, Page, bad_cursor};
use crate::db::schema::{audit_checkpoints, audit_cosignatures};
use crate::db::types::Timestamp;
use crate::db::{Rx, Tx};
use crate::error::{Error, Result};
use crate::keyring::hex;
use crate::note::Head;

/// The head of the tree at a size.
#[derive(Debug, Clone, HasQuery, Insertable, Serialize, ToSchema)]
#[diesel(table_name = audit_checkpoints)]
#[schema(as = AuditCheckpoint)]
pub struct Checkpoint {
    /// How many events the log had: the last `seq`.
    pub size: i64,
    /// The tree's head in hex.
    pub root: String,
    /// When it was made.
    pub at: Timestamp,
    /// The same as a signed note (C2SP tlog-checkpoint), with the signatures of witnesses.
    #[schema(
        example = "bangfu/4f2a9c1e70d3\n1234\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n\n— bangfu/4f2a9c1e70d3 …\n"
    )]
    pub note: String,
}

/// What proves that an event is in the tree.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = AuditProof)]
pub struct Inclusion {
    /// The event's number.
    pub seq: i64,
    /// Its hash, the leaf.
    pub hash: String,
    /// The inclusion proof (RFC 6962, 2.1.1), hashes in hex.
    pub proof: Vec<String>,
    /// The head that it leads to.
    pub checkpoint: Checkpoint,
}

/// What proves that the log only grew from one size to another.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = AuditConsistency)]
pub struct Consistency {
    /// The smaller size.
    pub from: i64,
    /// The larger one.
    pub to: i64,
    /// The consistency proof (RFC 6962, 2.1.2), hashes in hex.
    pub proof: Vec<String>,
}

fn unsigned(size: i64) -> Result<u64> {
    u64::try_from(size).map_err(Error::internal)
}

/// Signs the head of the tree, if it has grown since the last one. The caller holds the sealer's lock.
pub(super) fn sign(tx: &mut Tx) -> Result<()> {
    let size = nodes::size(tx)?;
    let last = newest(tx)?.map_or(0, |last| last.size);
    if i64::try_from(size).map_err(Error::internal)? <= last {
        return Ok(());
    }
    let log = tx.keys.log();
    let head = Head {
        origin: log.name().to_owned(),
        size,
        root: nodes::frontier(tx, size)?.root(),
    };
    let row = Checkpoint {
        size: i64::try_from(size).map_err(Error::internal)?,
        root: hex(&head.root),
        at: tx.now,
        note: log.note(&head.to_string()),
    };
    diesel::insert_into(audit_checkpoints::table)
        .values(row)
        .execute(tx.conn)?;
    Ok(())
}

/// The newest checkpoint, without the signatures of witnesses.
pub(super) fn newest(rx: &mut Rx) -> Result<Option<Checkpoint>> {
    Ok(Checkpoint::query()
        .order(audit_checkpoints::size.desc())
        .first(rx.conn)
        .optional()?)
}

/// The newest checkpoint of at most `size` events.
pub(super) fn at_most(rx: &mut Rx, size: i64) -> Result<Option<Checkpoint>> {
    let small = Checkpoint::query().filter(audit_checkpoints::size.le(size));
    Ok(small
        .order(audit_checkpoints::size.desc())
        .first(rx.conn)
        .optional()?)
}

/// Checkpoints of more than `size` events, in order.
pub(super) fn after(rx: &mut Rx, size: i64, limit: i64) -> Result<Vec<Checkpoint>> {
    let large = Checkpoint::query().filter(audit_checkpoints::size.gt(size));
    Ok(large.order(audit_checkpoints::size).limit(limit).load(rx.conn)?)
}

/// The newest checkpoint, as the world sees it.
pub fn last_checkpoint(rx: &mut Rx) -> Result<Option<Checkpoint>> {
    let newest = newest(rx)?;
    newest.map(|checkpoint| cosigned(rx, checkpoint)).transpose()
}

/// The first checkpoint that covers the event with this number, if there is one yet.
pub fn first_checkpoint_from(rx: &mut Rx, seq: i64) -> Result<Option<Checkpoint>> {
    let first = after(rx, seq - 1, 1)?.into_iter().next();
    first.map(|checkpoint| cosigned(rx, checkpoint)).transpose()
}

/// The checkpoint of exactly this size.
pub fn checkpoint(rx: &mut Rx, size: i64) -> Result<Checkpoint> {
    let found = Checkpoint::query()
        .filter(audit_checkpoints::size.eq(size))
        .get_result(rx.conn)
        .optional()?
        .ok_or(Error::NotFound("checkpoint"))?;
    cosigned(rx, found)
}

/// A page of checkpoints, by size.
pub(super) fn list(rx: &mut Rx, ask: &Ask) -> Result<Page<Checkpoint>> {
    let after_size = match ask.after_id() {
        None => 0,
        Some(size) => size.parse().map_err(|_| bad_cursor())?,
    };
    let rows = after(rx, after_size, ask.fetch())?;
    let page = ask.page(rows, |row| (String::new(), row.size.to_string()));
    page.map(|checkpoint| cosigned(rx, checkpoint))
}

/// The checkpoint with what witnesses signed under it.
pub(super) fn cosigned(rx: &mut Rx, mut checkpoint: Checkpoint) -> Result<Checkpoint> {
    let lines: Vec<String> = audit_cosignatures::table
        .filter(audit_cosignatures::size.eq(checkpoint.size))
        .order(audit_cosignatures::witness_id)
        .select(audit_cosignatures::line)
        .load(rx.conn)?;
    checkpoint.note.extend(lines);
    Ok(checkpoint)
}

/// Keeps the signature line of a witness under a checkpoint; `false` when it has signed that one before.
pub(super) fn keep(tx: &mut Tx, size: i64, witness: WitnessId, line: &str) -> Result<bool> {
    let row = (
        audit_cosignatures::size.eq(size),
        audit_cosignatures::witness_id.eq(witness),
        audit_cosignatures::line.eq(line),
        audit_cosignatures::at.eq(tx.now),
    );
    let kept = crate::db::unless_taken(tx, |conn| {
        diesel::insert_into(audit_cosignatures::table)
            .values(row)
            .execute(conn)
    })?;
    Ok(kept.is_some())
}

/// The inclusion proof of an event in the tree of `size` events, in hex.
pub fn proof(rx: &mut Rx, seq: i64, size: i64) -> Result<Vec<String>> {
    let mut nodes = Nodes::of(rx);
    let found = tree::inclusion(unsigned(seq - 1)?, unsigned(size)?, &mut |place| nodes.get(place))?;
    Ok(hexes(&found))
}

/// The proof that the log of `to` events begins with that of `from`, in hex.
pub fn consistency(rx: &mut Rx, from: i64, to: i64) -> Result<Consistency> {
    let mut nodes = Nodes::of(rx);
    let found = tree::consistency(unsigned(from)?, unsigned(to)?, &mut |place| nodes.get(place))?;
    Ok(Consistency {
        from,
        to,
        proof: hexes(&found),
    })
}

/// The roots of the full subtrees over the events after `begin` up to `end`, in hex.
pub(super) fn cover(rx: &mut Rx, begin: i64, end: i64) -> Result<Vec<String>> {
    let mut nodes = Nodes::of(rx);
    let places = tree::cover(unsigned(begin)?, unsigned(end)?);
    let hashes = places.into_iter().map(|place| nodes.get(place));
    Ok(hexes(&hashes.collect::<Result<Vec<_>>>()?))
}
