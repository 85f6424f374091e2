//! Evidence packs: everything that led to one payment, or to one file as it was on a day, with the proofs that lead to a
//! signed head of the log. Anybody can check one without the service; `docs/audit-formats.md` says how.

use serde::Serialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;

use crate::audit::pack::EvidenceEvent;
use crate::audit::{Event, Opening};
use crate::db::Rx;
use crate::db::types::{Date, Id, Timestamp};
use crate::error::Result;
use crate::files::{self, FileId};
use crate::payments::{self, PaymentId};

pub mod http;
mod log;
mod print;
mod rules;
mod sections;
mod store;
mod words;

/// What a pack is about.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = EvidenceSubject)]
pub struct Subject {
    /// `payment` or `file`.
    #[serde(rename = "type")]
    #[schema(example = "payment")]
    kind: &'static str,
    /// Which.
    #[schema(value_type = String, format = "uuid")]
    id: Id<()>,
    /// The day whose end the file is shown as of.
    as_of: Date,
}

/// Everything that led to a payment or a file.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Evidence)]
pub struct Pack {
    /// `bangfu-evidence/1`.
    #[schema(example = "bangfu-evidence/1")]
    format: &'static str,
    /// The name of the log.
    #[schema(example = "bangfu/4f2a9c1e70d3")]
    origin: String,
    /// The public half of its key.
    log_key: String,
    /// The public halves of the keys of its witnesses.
    witness_keys: Vec<String>,
    /// The head that the proofs lead to, as a signed note.
    checkpoint: String,
    /// When the pack was made.
    made_at: Timestamp,
    /// What it is about.
    subject: Subject,
    /// The records as they were, by name; numbers masked.
    #[schema(value_type = Object)]
    sections: Map<String, Value>,
    /// The events that led to it, by number.
    events: Vec<EvidenceEvent>,
    /// What opens their commitments to amounts, states, dates and ids that still hold.
    openings: Vec<Opening>,
}

/// What a pack is gathered from.
struct Gathered {
    subject: Subject,
    sections: Map<String, Value>,
    /// The ids whose events belong to it.
    subjects: Vec<String>,
    /// The movements in the books that belong to it: fund and moment of each.
    moved: Vec<(String, Timestamp)>,
}

/// The pack of a payment, with the file as it was at the end of the day of the approval, and the event that exporting it is.
fn of_payment(rx: &mut Rx, id: PaymentId, action: &'static str) -> Result<(Pack, Event)> {
    let payment = payments::find(rx, id)?;
    let gathered = sections::of_payment(rx, &payment)?;
    let pack = log::prove(rx, gathered)?;
    Ok((pack, payments::look(action, &payment)))
}

/// The pack of a file as it was at the end of a day, and the event that exporting it is.
fn of_file(rx: &mut Rx, id: FileId, as_of: Option<Date>, action: &'static str) -> Result<(Pack, Event)> {
    let file = files::find(rx, id)?;
    let day = as_of.unwrap_or_else(|| rx.today());
    let gathered = sections::of_file(rx, &file, day)?;
    let pack = log::prove(rx, gathered)?;
    Ok((pack, files::look(rx, action, &file)?))
}
