//! The sealer: numbers committed events and makes them leaves of the tree, in batches; signs its head now and then.

use super::{heads, nodes, store};
use crate::auth::Actor;
use crate::db::{Db, Tx};
use crate::error::{Error, Result};
use crate::keyring::hex;

/// How many events one batch seals at most.
const BATCH: i64 = 1000;
/// Who seals or signs holds it: one copy of the service at a time.
const LOCK: &str = "audit-seal";

/// Seals one batch in one transaction; how many events it had. When another copy of the service is at it, this one
/// seals nothing.
pub fn seal(db: &Db) -> Result<usize> {
    db.write_blocking(Actor::system(), String::new(), |tx| {
        if tx.try_lock(LOCK)? { seal_batch(tx) } else { Ok(0) }
    })
}

/// Seals until nothing waits.
pub fn seal_all(db: &Db) -> Result<()> {
    while seal(db)? as i64 == BATCH {}
    Ok(())
}

/// Signs the head of the tree, if it has grown since the last checkpoint.
pub fn sign(db: &Db) -> Result<()> {
    db.write_blocking(Actor::system(), String::new(), |tx| {
        if tx.try_lock(LOCK)? {
            heads::sign(tx)
        } else {
            Ok(())
        }
    })
}

/// Seals everything that was committed before and signs the head, waiting for whoever is at it.
pub fn flush(db: &Db) -> Result<()> {
    loop {
        let sealed = db.write_blocking(Actor::system(), String::new(), |tx| {
            tx.lock(LOCK)?;
            let sealed = seal_batch(tx)?;
            if (sealed as i64) < BATCH {
                heads::sign(tx)?;
            }
            Ok(sealed)
        })?;
        if (sealed as i64) < BATCH {
            return Ok(());
        }
    }
}

fn seal_batch(tx: &mut Tx) -> Result<usize> {
    let mut waiting = store::next_unsealed(tx, BATCH)?;
    if waiting.is_empty() {
        return Ok(0);
    }
    let size = nodes::size(tx)?;
    let mut tree = nodes::frontier(tx, size)?;
    let mut full = Vec::new();
    for event in &mut waiting {
        event.seq = Some(i64::try_from(tree.size()).map_err(Error::internal)? + 1);
        let leaf = event.leaf()?;
        event.hash = Some(hex(&leaf));
        tree.grow(leaf, |place, root| {
            if nodes::is_kept(place.0) {
                full.push((place, *root));
            }
        });
    }
    store::number(tx, &waiting)?;
    for (place, root) in full {
        nodes::insert(tx, place, &root)?;
    }
    Ok(waiting.len())
}
