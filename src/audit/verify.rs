//! Checks the log against itself: every event against its hash, every number, every root.

use serde::Serialize;
use utoipa::ToSchema;

use super::store::{self, Checkpoint, Record};
use super::tree::Frontier;
use crate::db::Rx;
use crate::error::{Error, Result};
use crate::keyring::hex;

/// What checking the log found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = AuditVerdict)]
pub struct Verdict {
    /// Whether everything fits.
    pub valid: bool,
    /// How many events were checked.
    pub checked: i64,
    /// The first number at which something does not fit: an event changed, missing, moved or added. When only the
    /// root of a batch does not fit, the first number of that batch.
    pub first_bad_seq: Option<i64>,
}

/// How many events are read at a time.
const BATCH: i64 = 1000;

/// Checks the events `from..=to` (the whole log by default), beginning at the checkpoint before `from` and ending
/// with the first one that covers `to`.
pub fn verify(rx: &mut Rx, from: i64, to: Option<i64>) -> Result<Verdict> {
    let start = store::checkpoint_at_most(rx, from - 1)?;
    let trusted = start.as_ref().map_or(Some(Frontier::default()), Checkpoint::tree);
    let Some(tree) = trusted else {
        return Ok(Verdict {
            valid: false,
            checked: 0,
            first_bad_seq: start.map(|c| c.size),
        });
    };
    let next = i64::try_from(tree.size()).unwrap_or(i64::MAX) + 1;
    let mut check = Check {
        tree,
        next,
        batch_start: next,
        checked: 0,
    };
    let first_bad_seq = check.run(rx, to.unwrap_or(i64::MAX))?;
    Ok(Verdict {
        valid: first_bad_seq.is_none(),
        checked: check.checked,
        first_bad_seq,
    })
}

struct Check {
    tree: Frontier,
    next: i64,
    batch_start: i64,
    checked: i64,
}

impl Check {
    fn run(&mut self, rx: &mut Rx, to: i64) -> Result<Option<i64>> {
        loop {
            let Some(checkpoints) = legible(store::checkpoints_after(rx, self.next - 1, BATCH))? else {
                return Ok(Some(self.next));
            };
            if checkpoints.is_empty() {
                // nothing may be sealed beyond the last checkpoint
                let beyond = legible(store::sealed_from(rx, self.next, 1))?;
                return Ok(beyond.map_or(Some(self.next), |rows| rows.first().and_then(|event| event.seq)));
            }
            for checkpoint in checkpoints {
                if let Some(bad) = self.events_up_to(rx, checkpoint.size)? {
                    return Ok(Some(bad));
                }
                if hex(&self.tree.root()) != checkpoint.root || checkpoint.tree().is_none() {
                    return Ok(Some(self.batch_start));
                }
                self.batch_start = self.next;
                if self.next > to {
                    return Ok(None);
                }
            }
        }
    }

    fn events_up_to(&mut self, rx: &mut Rx, size: i64) -> Result<Option<i64>> {
        while self.next <= size {
            let events = self.next_events(rx, BATCH.min(size - self.next + 1))?;
            if events.is_empty() {
                return Ok(Some(self.next));
            }
            for event in &events {
                if !self.takes(event)? {
                    return Ok(Some(self.next));
                }
            }
        }
        Ok(None)
    }

    /// The next events, as far as they can be read.
    fn next_events(&self, rx: &mut Rx, limit: i64) -> Result<Vec<Record>> {
        match legible(store::sealed_from(rx, self.next, limit))? {
            Some(events) => Ok(events),
            None if limit > 1 => self.next_events(rx, limit / 2),
            None => Ok(Vec::new()),
        }
    }

    fn takes(&mut self, event: &Record) -> Result<bool> {
        let leaf = event.leaf()?;
        if event.seq != Some(self.next) || event.hash.as_deref() != Some(&hex(&leaf)) {
            return Ok(false);
        }
        self.tree.push(leaf);
        self.next += 1;
        self.checked += 1;
        Ok(true)
    }
}

/// `None` when a row holds what this program never writes, so that it can't even be read.
fn legible<T>(read: Result<T>) -> Result<Option<T>> {
    match read {
        Ok(rows) => Ok(Some(rows)),
        Err(Error::Internal(_)) => Ok(None),
        Err(other) => Err(other),
    }
}
