//! Stand-ins (代管, rules 48, 50): while a contact is away, somebody else looks after the households, until a last day.
//! The pairings stay; calls of the stand-in count as the contact's.

use diesel::prelude::*;
use serde::Serialize;
use utoipa::ToSchema;

use super::pairing;
use crate::audit::Event;
use crate::db::Tx;
use crate::db::schema::stand_ins;
use crate::db::types::{Date, Id, Timestamp};
use crate::error::{Error, Result};
use crate::organizations::OrganizationId;
use crate::users::{self, UserId};
use crate::{input, say};

pub mod http;
mod rules;
mod store;

/// The id of a stand-in.
pub type StandInId = Id<StandIn>;

/// Who stands in for whom, and when.
#[derive(Debug, Clone, HasQuery, Insertable, Serialize, ToSchema)]
#[diesel(table_name = stand_ins)]
pub struct StandIn {
    /// Its id.
    pub id: StandInId,
    /// The contact who is away.
    pub contact_id: UserId,
    /// Who looks after the households meanwhile.
    pub stand_in_id: UserId,
    /// The contact's unit.
    pub organization_id: OrganizationId,
    /// The first day.
    pub from_on: Date,
    /// The last day.
    pub until_on: Date,
    /// When it was ended before its last day.
    pub ended_at: Option<Timestamp>,
    /// Who arranged it.
    pub set_by: UserId,
    /// Version, for `If-Match`.
    pub version: i32,
}

input! {
    /// Who stands in for whom, and when.
    pub struct NewStandIn {
        /// Made by the client (UUIDv7), or null.
        #[schema(value_type = Option<String>, format = "uuid")]
        pub id: Option<StandInId>,
        /// The contact who is away.
        #[schema(value_type = String, format = "uuid")]
        pub contact_id: UserId,
        /// Who looks after the households: an enabled caseworker account that sees every one of the files.
        #[schema(value_type = String, format = "uuid")]
        pub stand_in_id: UserId,
        /// The first day: today or later.
        pub from_on: Date,
        /// The last day, within a year.
        pub until_on: Date,
    }
}

/// Arranges a stand-in; a contact has one at a time.
fn arrange(tx: &mut Tx, id: StandInId, new: NewStandIn) -> Result<StandIn> {
    rules::sound(&new, tx.today())?;
    let contact = users::find(tx, new.contact_id).map_err(|error| match error {
        Error::NotFound(_) => Error::unknown_reference("/contact_id"),
        other => other,
    })?;
    pairing::check_successor(tx, new.contact_id, new.stand_in_id, "/stand_in_id")?;
    if store::overlaps(tx, &new)? {
        let detail = say!(
            "该时段已有代管人",
            "somebody stands in for this contact then already"
        );
        return Err(Error::refused("stand_in_exists", detail));
    }
    let stand_in = StandIn {
        id,
        contact_id: new.contact_id,
        stand_in_id: new.stand_in_id,
        organization_id: contact.organization_id,
        from_on: new.from_on,
        until_on: new.until_on,
        ended_at: None,
        set_by: tx.actor.user()?,
        version: 1,
    };
    store::insert(tx, &stand_in)?;
    event("stand_in.arranged", &stand_in)
        .field("from_on", &stand_in.from_on)
        .field("until_on", &stand_in.until_on)
        .record(tx)?;
    Ok(stand_in)
}

/// Ends a stand-in before its last day: the contact is back.
fn end(tx: &mut Tx, before: &StandIn) -> Result<StandIn> {
    rules::runs(before, tx.today())?;
    let after = StandIn {
        ended_at: Some(tx.now),
        version: before.version + 1,
        ..before.clone()
    };
    store::end(tx, &after)?;
    event("stand_in.ended", &after)
        .version(after.version)
        .record(tx)?;
    Ok(after)
}

fn event(action: &'static str, stand_in: &StandIn) -> Event {
    Event::of(action, "stand_in", stand_in.id)
        .organization(stand_in.organization_id)
        .field("contact_id", &stand_in.contact_id)
        .field("stand_in_id", &stand_in.stand_in_id)
}
