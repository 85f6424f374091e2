//! Checks single events with their proofs, and opened commitments: files about one case (`bangfu-evidence/1`).

use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use super::keys::Keys;
use super::strict::is_whole;
use super::wanted::Noted;
use super::{Fault, Question, read_strictly};
use crate::audit::tree::{self, Hash, unhex};
use crate::audit::{Opening, Side};
use crate::keyring::{hex, keyed};
use crate::note::Head;

/// The format of evidence about one case.
pub const FORMAT: &str = "bangfu-evidence/1";

/// An event with the inclusion proof that leads from it to the checkpoint.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct EvidenceEvent {
    /// The event without its hash: in canonical JSON it is the data of its leaf.
    #[schema(value_type = Object)]
    pub event: Value,
    /// The proof, hashes in hex.
    pub proof: Vec<String>,
}

impl EvidenceEvent {
    /// The event's number, if the proof leads from it to the head.
    pub fn proved(&self, head: &Head) -> Result<u64, Fault> {
        let seq = self.event["seq"].as_u64().unwrap_or_default();
        let bad = || {
            Fault::new(
                format!("事件 {seq} 的证明不成立"),
                format!("event {seq} is not proved"),
            )
        };
        let data = serde_json_canonicalizer::to_vec(&self.event).map_err(|_| bad())?;
        let proof: Option<Vec<Hash>> = self.proof.iter().map(|text| unhex(text)).collect();
        let proof = proof.ok_or_else(bad)?;
        let sound = seq > 0
            && self.event.get("hash").is_none()
            && is_whole(&self.event)
            && tree::includes(&head.root, head.size, seq - 1, &tree::leaf(&data), &proof);
        sound.then_some(seq).ok_or_else(bad)
    }

    /// Whether the opening opens the event's commitment to a value.
    pub fn opens(&self, opening: &Opening) -> bool {
        let fields = match opening.side {
            Side::New => "fields",
            Side::Old => "before",
        };
        let Some(key) = unhex(&opening.opening) else {
            return false;
        };
        let committed = hex(&keyed(&key, &[opening.text.as_bytes()]));
        self.event[fields][&opening.field].as_str() == Some(&committed)
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Evidence {
    format: String,
    origin: String,
    log_key: String,
    witness_keys: Vec<String>,
    checkpoint: String,
    #[serde(rename = "made_at")]
    _made_at: String,
    #[serde(rename = "subject")]
    _subject: Value,
    #[serde(rename = "sections")]
    _sections: Value,
    events: Vec<EvidenceEvent>,
    openings: Vec<Opening>,
}

/// The head that a file's checkpoint says: signed by its log key, which is the one that is known, and by the witnesses
/// that were asked for. `alone`, with no pack, it must be the checkpoint that was noted before, if any was. `keys` are
/// the origin, the log's key and those of witnesses.
pub fn head(
    (origin, log, witnesses): (&str, &str, &[String]),
    checkpoint: &str,
    question: &Question,
    alone: bool,
) -> Result<Noted, Fault> {
    let keys = Keys::read(origin, log, witnesses, question)?;
    let (head, signed) = keys.head(checkpoint)?;
    Keys::witnessed(&signed, question)?;
    if alone {
        keys.alone(&head, question)?;
    }
    Ok(Noted {
        head,
        by: "--".into(),
        first_from: None,
    })
}

/// Checks a file about one case: the head that its events lead to, the number of events, and the number of opened
/// values. `alone`, with no pack, it can tell of a noted checkpoint only when that has the size of its own.
pub fn check(content: &[u8], question: &Question, alone: bool) -> Result<(Noted, usize, usize), Fault> {
    let damaged = || Fault::new("文件已损坏或被改动", "the file is damaged or was changed");
    let value = read_strictly(content).ok_or_else(damaged)?;
    let evidence: Evidence = serde_json::from_value(value).map_err(|_| damaged())?;
    if evidence.format != FORMAT || evidence.events.is_empty() {
        return Err(damaged());
    }
    let keys = (
        evidence.origin.as_str(),
        evidence.log_key.as_str(),
        &evidence.witness_keys[..],
    );
    let noted = head(keys, &evidence.checkpoint, question, alone)?;
    let mut last = 0;
    for event in &evidence.events {
        let seq = event.proved(&noted.head)?;
        if seq <= last {
            return Err(damaged());
        }
        last = seq;
    }
    let mut seen = std::collections::BTreeSet::new();
    for opening in &evidence.openings {
        let event = evidence
            .events
            .iter()
            .find(|event| event.event["seq"].as_i64() == Some(opening.seq));
        let opened = event.is_some_and(|event| event.opens(opening));
        let place = (opening.seq, opening.side, opening.field.clone());
        if !opened || !seen.insert(place) {
            let (seq, field) = (opening.seq, &opening.field);
            return Err(Fault::new(
                format!("事件 {seq} 的 {field} 与所示的值不符"),
                format!("{field} of event {seq} is not the value that is shown"),
            ));
        }
    }
    Ok((noted, evidence.events.len(), evidence.openings.len()))
}
