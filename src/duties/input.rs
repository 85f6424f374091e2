//! What clients send about the five ones.

use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use crate::db::types::Timestamp;
use crate::error::FieldError;
use crate::input::{Comment, Fields, Input};
use crate::ledger::{ActionId, Details, Disposition, Kind, Reason};
use crate::users::UserId;

/// Something that was done for a household; which fields there are besides the common ones depends on `kind`.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct NewAction {
    /// Made by the client (UUIDv7), or null.
    #[schema(value_type = Option<String>, format = "uuid")]
    pub id: Option<ActionId>,
    /// When it was done: not in the future, and while the file was on file.
    pub occurred_at: Timestamp,
    /// By whom; by default the caller.
    #[schema(value_type = Option<String>, format = "uuid")]
    pub performed_by: Option<UserId>,
    /// Notes.
    #[schema(value_type = Option<String>, max_length = 2000)]
    pub notes: Option<Comment>,
    /// What was done.
    #[serde(flatten)]
    pub details: Details,
}

impl Input for NewAction {
    fn read(value: &Value, at: &str, errors: &mut Vec<FieldError>) -> Option<Self> {
        let mut fields = Fields::of(value, at, errors)?;
        let id = fields.take::<Option<ActionId>>("id", errors);
        let kind = fields.take::<Kind>("kind", errors);
        let occurred_at = fields.take::<Timestamp>("occurred_at", errors);
        let performed_by = fields.take::<Option<UserId>>("performed_by", errors);
        let notes = fields.take::<Option<Comment>>("notes", errors);
        // without a kind nobody can say which other fields there are
        let details = Details::take(kind?, &mut fields, errors);
        fields.finish(errors);
        Some(Self {
            id: id?,
            occurred_at: occurred_at?,
            performed_by: performed_by?,
            notes: notes?,
            details: details?,
        })
    }
}

crate::input! {
    /// Why an action is voided.
    pub struct Void {
        /// In words.
        #[schema(value_type = String, max_length = 2000)]
        pub reason: Comment,
    }
}

crate::input! {
    /// Why a duty is set aside (55).
    #[schema(as = NewWaiver)]
    pub struct NewWaiver {
        /// Counted as if done, or not counted.
        pub disposition: Disposition,
        /// Why.
        pub reason_code: Reason,
        /// In words; required for `other`.
        #[schema(value_type = Option<String>, max_length = 2000)]
        pub comment: Option<Comment>,
    }
}
