//! What events say of values: commitments that can be opened one by one.
//!
//! A commitment is HMAC-SHA256(opening, text of the value); the opening is derived from the keyring, the event, the
//! field and the side. Who is shown the value and the opening can check it, with no server; who is not learns
//! nothing, not even whether two values are equal.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::Record;
use crate::db::Rx;
use crate::db::types::Id;
use crate::keyring::{Keyring, hex, keyed};
use crate::text_enum;

text_enum! {
    /// Which value of a field.
    #[schema(as = AuditSide)]
    pub enum Side {
        /// The one it got.
        New = "new",
        /// The one it had.
        Old = "old",
    }
}

/// What opens the commitment to a value.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = AuditOpening)]
pub struct Opening {
    /// The event's number.
    pub seq: i64,
    /// The field.
    #[schema(example = "amount_fen")]
    pub field: String,
    /// Which of its values.
    pub side: Side,
    /// The value in canonical JSON (RFC 8785).
    #[schema(example = "50000")]
    pub text: String,
    /// The key of the commitment, in hex.
    pub opening: String,
}

/// A value as commitments take it: canonical JSON (RFC 8785), so that it can be told from its form anywhere.
pub(super) fn text(value: &impl Serialize) -> String {
    serde_json_canonicalizer::to_string(value).unwrap_or_default()
}

fn key(keys: &Keyring, event: Id<Record>, side: Side, field: &str) -> [u8; 32] {
    keys.derived("audit_opening", &format!("{event}\n{side}\n{field}"))
}

/// The commitment to the text of a value.
pub(super) fn commit(keys: &Keyring, event: Id<Record>, side: Side, field: &str, text: &str) -> String {
    hex(&keyed(&key(keys, event, side, field), &[text.as_bytes()]))
}

/// Opens a field of an event, if `value` is what it was set to or what it was before.
pub fn opening(rx: &Rx, event: &Record, field: &str, value: &impl Serialize) -> Option<Opening> {
    let text = text(value);
    let sides = [(Side::New, &event.fields), (Side::Old, &event.before)];
    let (side, _) = sides.into_iter().find(|(side, fields)| {
        fields.0.get(field) == Some(&commit(rx.keys, event.id, *side, field, &text))
    })?;
    Some(Opening {
        seq: event.seq?,
        field: field.to_owned(),
        side,
        text,
        opening: hex(&key(rx.keys, event.id, side, field)),
    })
}
