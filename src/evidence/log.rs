//! The events of a pack with their proofs and openings.

use serde_json::Value;

use super::{Gathered, Pack, rules, store};
use crate::audit::pack::{EVIDENCE, EvidenceEvent};
use crate::audit::{self, Look, Opening, Record};
use crate::db::Rx;
use crate::error::{Error, Result};

/// Adds to what was gathered the events that led to it, each with its proof, and the head that the proofs lead to.
pub(super) fn prove(rx: &mut Rx, gathered: Gathered) -> Result<Pack> {
    let head = audit::last_checkpoint(rx)?.ok_or(Error::NotFound("checkpoint"))?;
    let (mut events, mut openings) = (Vec::new(), Vec::new());
    for record in store::events(rx, &gathered.subjects, &gathered.moved, head.size)? {
        if !matches!(Look::of(&record.action), Look::Changed | Look::Exported) {
            continue;
        }
        openings.extend(opened(rx, &gathered, &record));
        events.push(proved(rx, &record, head.size)?);
    }
    let key = rx.keys.log().verifier();
    Ok(Pack {
        format: EVIDENCE,
        origin: key.name().to_owned(),
        log_key: key.to_string(),
        witness_keys: audit::witness_keys(rx)?,
        checkpoint: head.note,
        made_at: rx.now,
        subject: gathered.subject,
        sections: gathered.sections,
        events,
        openings,
    })
}

fn proved(rx: &mut Rx, record: &Record, size: i64) -> Result<EvidenceEvent> {
    let seq = record
        .seq
        .ok_or_else(|| Error::internal("an event without its number"))?;
    let mut event = serde_json::to_value(record).map_err(Error::internal)?;
    if let Value::Object(fields) = &mut event {
        fields.remove("hash");
    }
    Ok(EvidenceEvent {
        event,
        proof: audit::proof(rx, seq, size)?,
    })
}

/// What opens the commitments of an event to values that its record still has.
fn opened(rx: &Rx, gathered: &Gathered, record: &Record) -> Vec<Opening> {
    let Some(id) = record.subject_id.as_deref() else {
        return Vec::new();
    };
    let open = |field: &String| {
        let value = rules::present(&gathered.sections, id, field)?;
        audit::opening(rx, record, field, value)
    };
    record.fields.0.keys().filter_map(open).collect()
}
