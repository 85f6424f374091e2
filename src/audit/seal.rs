//! The sealer: numbers committed events and makes them leaves of the tree, in batches.

use super::store::{self, Checkpoint};
use super::tree::Frontier;
use crate::auth::Actor;
use crate::db::{Db, Tx};
use crate::error::{Error, Result};
use crate::keyring::hex;

/// How many events one batch seals at most.
const BATCH: i64 = 1000;

/// Seals one batch in one transaction; how many events it had. One copy of the service seals at a time: a second
/// finds the lock taken and seals nothing.
pub fn seal(db: &Db) -> Result<usize> {
    db.write_blocking(Actor::system(), String::new(), |tx| {
        if !tx.try_lock("audit-seal")? {
            return Ok(0);
        }
        seal_batch(tx)
    })
}

/// Seals until nothing waits.
pub fn flush(db: &Db) -> Result<()> {
    while seal(db)? as i64 == BATCH {}
    Ok(())
}

fn seal_batch(tx: &mut Tx) -> Result<usize> {
    let mut waiting = store::next_unsealed(tx, BATCH)?;
    if waiting.is_empty() {
        return Ok(0);
    }
    let mut tree = match store::last_checkpoint(tx)? {
        None => Frontier::default(),
        Some(last) => last
            .tree()
            .ok_or_else(|| Error::internal("the last checkpoint of the log is damaged"))?,
    };
    for event in &mut waiting {
        event.seq = Some(i64::try_from(tree.size()).map_err(Error::internal)? + 1);
        let leaf = event.leaf()?;
        event.hash = Some(hex(&leaf));
        tree.push(leaf);
        store::number(tx, event)?;
    }
    store::insert_checkpoint(tx, &Checkpoint::of(&tree, tx.now))?;
    Ok(waiting.len())
}
