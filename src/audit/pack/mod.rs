//! Evidence packs: a part of the log in a folder that anybody can check, with no server and no trust in it.
//!
//! `docs/audit-formats.md` says what is in one; `tools/bangfu_audit.py` checks it too, written apart from this.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::note::Verifier;

mod check;
mod evidence;
mod keys;
mod opened;
mod strict;
mod wanted;
mod write;

pub use check::{Report, check};
pub use evidence::{EvidenceEvent, FORMAT as EVIDENCE, check as check_evidence, head};
pub use strict::read as read_strictly;
pub use wanted::Noted;
pub use write::export;

/// The format of packs.
pub const FORMAT: &str = "bangfu-audit-pack/1";
/// Everything in a pack but the manifest and its signature.
const FILES: [&str; 4] = ["README.txt", "checkpoints.jsonl", "events.jsonl", "proof.json"];

/// `manifest.json`: what the pack holds.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    format: String,
    origin: String,
    log_key: String,
    witness_keys: Vec<String>,
    /// First and last number.
    from: u64,
    to: u64,
    events: u64,
    /// Size of the head, and its root in hex.
    size: u64,
    root: String,
    made_at: String,
    /// SHA-256 of the files.
    files: BTreeMap<String, String>,
}

/// `proof.json`: what leads from the events to the head.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Proof {
    left: Vec<String>,
    right: Vec<String>,
}

/// A line of `checkpoints.jsonl`.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct CheckpointLine {
    at: String,
    note: String,
    size: u64,
}

/// What does not hold, in both languages, for a person at a terminal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault(String);

impl Fault {
    /// Says it.
    pub fn new(zh: impl std::fmt::Display, en: impl std::fmt::Display) -> Self {
        Self(format!("{zh} · {en}"))
    }
}

impl std::fmt::Display for Fault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Fault {}

/// The text of the note that signs a pack's manifest.
fn manifest_text(origin: &str, digest: &str) -> String {
    format!("{FORMAT}\n{origin}\n{digest}\n")
}

/// What whoever checks knows from elsewhere.
#[derive(Debug, Clone, Default)]
pub struct Question {
    /// The key of the log, as it was noted when the service was installed.
    pub key: Option<Verifier>,
    /// Checkpoints that were noted before: the content of a file each, with the file's name.
    pub known: Vec<(String, String)>,
    /// Witnesses that must have signed.
    pub witnesses: Vec<Verifier>,
}
