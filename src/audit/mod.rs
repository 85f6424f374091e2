//! The log that proves itself (rules 80 to 83).
//!
//! [`Event::record`] writes an event in the transaction of its effect. A sealer numbers committed events without
//! gaps and makes them leaves of a Merkle tree, whose head is signed every few seconds; writers never wait for it.
//! Events hold ids, field names and commitments to values, never personal values. `docs/audit.md` says what that
//! proves, `docs/audit-formats.md` how.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::db::types::{Id, Json};
use crate::db::{Rx, Tx};
use crate::error::Result;
use crate::organizations::OrganizationId;

mod commitments;
mod heads;
pub mod http;
#[cfg(test)]
mod known_answers;
mod look;
mod nodes;
pub mod pack;
mod people;
mod seal;
mod segments;
mod store;
pub mod tree;
mod verify;
pub mod witnesses;

pub use commitments::{Opening, Side, opening};
pub use heads::{Checkpoint, checkpoint, first_checkpoint_from, last_checkpoint, proof};
pub use look::Look;
pub use people::concerned;
pub use seal::{flush, seal, seal_all, sign};
pub use segments::retire;
pub use store::{Entry, Record, find_of, history, knows, unsealed};
pub use verify::{Verdict, verify};
pub use witnesses::keys as witness_keys;

/// Field names, each with the commitment to a value.
pub type Fields = BTreeMap<String, String>;

/// An event about to be recorded.
pub struct Event {
    action: &'static str,
    subject_type: String,
    subject_id: Option<String>,
    organization_id: Option<OrganizationId>,
    reason: Option<String>,
    version: Option<i32>,
    note: Note,
    people: Vec<String>,
    values: Vec<(&'static str, String)>,
    before: Vec<(&'static str, String)>,
}

/// What was said with an event: case data, so it is kept encrypted beside the log and not in it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Note {
    /// In words.
    pub comment: Option<String>,
    /// The fields that are to be corrected, after a return.
    pub to_correct: Vec<String>,
}

impl Event {
    /// `action` was done to the `subject_type` with this id. Actions are named `file.approved`.
    pub fn of<T: 'static>(action: &'static str, subject_type: &str, id: impl Into<Option<Id<T>>>) -> Self {
        let subject_id = id.into().map(|id: Id<T>| id.to_string());
        Self {
            action,
            subject_type: subject_type.to_owned(),
            subject_id,
            organization_id: None,
            reason: None,
            version: None,
            note: Note::default(),
            people: Vec::new(),
            values: Vec::new(),
            before: Vec::new(),
        }
    }

    /// `action` was done about something whose id stands in the log as text.
    pub fn about(action: &'static str, subject_type: &str, subject_id: String) -> Self {
        Self {
            subject_id: Some(subject_id),
            ..Self::of::<()>(action, subject_type, None)
        }
    }

    /// `action` was done about a person who need not be known: the subject is the digest of the ID number.
    pub fn about_person(action: &'static str, person: &str) -> Self {
        Self::about(action, "person", person.to_owned()).people([person])
    }

    /// The unit that the subject belongs to; by default the actor's own.
    #[must_use]
    pub fn organization(mut self, id: OrganizationId) -> Self {
        self.organization_id = Some(id);
        self
    }

    /// Why: a reason code, or words read as [`crate::input::Reason`].
    #[must_use]
    pub fn reason(mut self, reason: impl Into<String>) -> Self {
        self.reason = Some(reason.into());
        self
    }

    /// The version the subject has now; kept with the names of the changed fields for stale `If-Match`es.
    #[must_use]
    pub fn version(mut self, version: i32) -> Self {
        self.version = Some(version);
        self
    }

    /// What was said with it; see [`history`].
    #[must_use]
    pub fn note(mut self, note: Note) -> Self {
        self.note = note;
        self
    }

    /// Whom it concerns, by the digests of their ID numbers: what `who saw or changed this person` finds.
    #[must_use]
    pub fn people<P: Into<String>>(mut self, people: impl IntoIterator<Item = P>) -> Self {
        self.people.extend(people.into_iter().map(P::into));
        self
    }

    /// A field that was changed. Only a commitment to the value reaches the log.
    #[must_use]
    pub fn field(mut self, name: &'static str, value: &impl Serialize) -> Self {
        self.values.push((name, commitments::text(value)));
        self
    }

    /// The named field, if `before` and `after` differ.
    #[must_use]
    pub fn change<T: Serialize + PartialEq>(mut self, name: &'static str, before: &T, after: &T) -> Self {
        if before == after {
            self
        } else {
            self.before.push((name, commitments::text(before)));
            self.field(name, after)
        }
    }

    /// What was done.
    pub fn action(&self) -> &'static str {
        self.action
    }

    /// Why, if it was said.
    pub fn why(&self) -> Option<&str> {
        self.reason.as_deref()
    }

    /// Whether nothing was changed.
    pub fn is_empty(&self) -> bool {
        self.values.is_empty()
    }

    /// Writes the event in the transaction of its effect.
    pub fn record(self, tx: &mut Tx) -> Result<()> {
        let subject = self.subject_id.unwrap_or_default();
        let id = tx.new_id();
        let commit = |side: Side, values: &[(&'static str, String)]| -> Fields {
            let commitment = |(name, text): &(&'static str, String)| {
                let value = commitments::commit(tx.keys, id, side, name, text);
                ((*name).to_owned(), value)
            };
            values.iter().map(commitment).collect()
        };
        let fields = commit(Side::New, &self.values);
        let before = commit(Side::Old, &self.before);
        if let Some(version) = self.version {
            let names: Vec<&str> = fields.keys().map(String::as_str).collect();
            store::note_version(tx, &subject, version, &names)?;
        }
        let record = Record {
            id,
            seq: None,
            at: tx.now,
            actor_id: tx.actor.id,
            actor_role: tx.actor.role.to_owned(),
            organization_id: self.organization_id.or(tx.actor.organization_id),
            action: self.action.to_owned(),
            subject_type: self.subject_type,
            subject_id: Some(subject).filter(|s| !s.is_empty()),
            fields: Json(fields),
            before: Json(before),
            reason: self.reason,
            request_id: tx.request_id.clone(),
            hash: None,
        };
        store::insert(tx, &record)?;
        people::note(tx, &record, self.people)?;
        people::note_look(tx, &record)?;
        if self.note == Note::default() {
            Ok(())
        } else {
            store::insert_note(tx, &record, &self.note)
        }
    }
}

/// Notes which fields of a record that version changed, where that is no event of its own.
pub fn note_version(tx: &mut Tx, subject_id: &str, version: i32, fields: &[&str]) -> Result<()> {
    store::note_version(tx, subject_id, version, fields)
}

/// The names of the fields of a record that changed after `version`.
pub fn changed_since(rx: &mut Rx, subject_id: &str, version: i32) -> Result<Vec<String>> {
    store::changed_since(rx, subject_id, version)
}
