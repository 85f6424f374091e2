//! Checks the log against itself: every event against its hash, every number, every kept node, every signed root.

use serde::Serialize;
use utoipa::ToSchema;

use super::heads::{self, Checkpoint};
use super::nodes;
use super::store::{self, Record};
use super::tree::{Frontier, Hash, Place};
use crate::db::Rx;
use crate::error::{Error, Result};
use crate::keyring::hex;
use crate::note::{Head, Note};

/// What checking the log found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = AuditVerdict)]
pub struct Verdict {
    /// Whether everything fits.
    pub valid: bool,
    /// How many events were checked.
    pub checked: i64,
    /// The first number at which something does not fit: an event changed, missing, moved or added. When only a
    /// checkpoint does not fit, the first number after the checkpoint before it.
    pub first_bad_seq: Option<i64>,
}

/// How many events are read at a time.
const BATCH: i64 = 1000;

/// Checks the events `from..=to` (the whole log by default), beginning at the checkpoint before `from` and ending
/// with the first one that covers `to`. Events after the last checkpoint are checked by their hashes only.
pub fn verify(rx: &mut Rx, from: i64, to: Option<i64>) -> Result<Verdict> {
    let start = heads::at_most(rx, from - 1)?;
    let Some(tree) = trusted(rx, start.as_ref())? else {
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
        part: next,
        checked: 0,
    };
    let first_bad_seq = check.run(rx, to.unwrap_or(i64::MAX))?;
    Ok(Verdict {
        valid: first_bad_seq.is_none(),
        checked: check.checked,
        first_bad_seq,
    })
}

/// The tree at a checkpoint, if the kept hashes lead to its root and it is signed.
fn trusted(rx: &mut Rx, start: Option<&Checkpoint>) -> Result<Option<Frontier>> {
    let Some(checkpoint) = start else {
        return Ok(Some(Frontier::default()));
    };
    let size = u64::try_from(checkpoint.size).map_err(Error::internal)?;
    let tree = legible(nodes::frontier(rx, size))?;
    Ok(tree.filter(|tree| is_signed(rx, checkpoint, &tree.root())))
}

/// Whether a checkpoint says this root, in its note too, under the log's signature.
fn is_signed(rx: &Rx, checkpoint: &Checkpoint, root: &Hash) -> bool {
    let Ok(note) = checkpoint.note.parse::<Note>() else {
        return false;
    };
    let log = rx.keys.log();
    let head = Head {
        origin: log.name().to_owned(),
        size: u64::try_from(checkpoint.size).unwrap_or_default(),
        root: *root,
    };
    hex(root) == checkpoint.root
        && note.text() == head.to_string()
        && note.signed_by(&log.verifier()).is_some()
}

struct Check {
    tree: Frontier,
    next: i64,
    /// The first number after the last checkpoint.
    part: i64,
    checked: i64,
}

impl Check {
    fn run(&mut self, rx: &mut Rx, to: i64) -> Result<Option<i64>> {
        loop {
            let Some(checkpoints) = legible(heads::after(rx, self.next - 1, BATCH))? else {
                return Ok(Some(self.next));
            };
            if checkpoints.is_empty() {
                return self.tail(rx, to);
            }
            for checkpoint in checkpoints {
                if let Some(bad) = self.events_up_to(rx, checkpoint.size)? {
                    return Ok(Some(bad));
                }
                if !is_signed(rx, &checkpoint, &self.tree.root()) {
                    return Ok(Some(self.part));
                }
                self.part = self.next;
                if self.next > to {
                    return Ok(None);
                }
            }
        }
    }

    /// What is sealed and not yet under a checkpoint.
    fn tail(&mut self, rx: &mut Rx, to: i64) -> Result<Option<i64>> {
        let last = i64::try_from(nodes::size(rx)?).unwrap_or(i64::MAX);
        self.events_up_to(rx, last.min(to))
    }

    fn events_up_to(&mut self, rx: &mut Rx, size: i64) -> Result<Option<i64>> {
        while self.next <= size {
            let events = self.next_events(rx, BATCH.min(size - self.next + 1))?;
            if events.is_empty() {
                return Ok(Some(self.next));
            }
            for event in &events {
                if !self.takes(rx, event)? {
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

    fn takes(&mut self, rx: &mut Rx, event: &Record) -> Result<bool> {
        let leaf = event.leaf()?;
        if event.seq != Some(self.next) || event.hash.as_deref() != Some(&hex(&leaf)) {
            return Ok(false);
        }
        let mut full: Vec<(Place, Hash)> = Vec::new();
        self.tree.grow(leaf, |place, root| {
            if nodes::is_kept(place.0) {
                full.push((place, *root));
            }
        });
        for (place, root) in full {
            if nodes::find(rx, place)?.as_deref() != Some(&hex(&root)) {
                return Ok(false);
            }
        }
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
