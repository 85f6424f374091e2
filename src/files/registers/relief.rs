//! Temporary relief (rule 49): recorded by a caseworker, then converted to a file or cancelled.

use diesel::prelude::*;

use super::{ended, rules, store, subject};
use crate::audit::Event;
use crate::db::Tx;
use crate::db::schema::temporary_reliefs;
use crate::db::types::{Date, Fen, Id, Timestamp};
use crate::error::{Error, Result};
use crate::files::{self, Category, Cause, FileId, Level, NewFile, Scheme};
use crate::input::{Comment, Reason};
use crate::keyring::Sealed;
use crate::members::{self, Member, MemberId};
use crate::organizations::OrganizationId;
use crate::users::UserId;
use crate::{input, say, separation, text_enum};

/// The id of a temporary relief.
pub type ReliefId = Id<Relief>;

text_enum! {
    /// Where a temporary relief stands.
    #[schema(as = TemporaryReliefStatus)]
    pub enum Status {
        /// Recorded.
        Open = "open",
        /// Became a file.
        Converted = "converted",
        /// Will not be given.
        Cancelled = "cancelled",
    }
}

/// A temporary relief, as kept.
#[derive(Debug, Clone, HasQuery, Insertable, AsChangeset, Identifiable)]
#[diesel(table_name = temporary_reliefs)]
#[diesel(treat_none_as_null = true)]
pub struct Relief {
    /// Its id.
    pub id: ReliefId,
    /// Whom it is for.
    pub member_id: MemberId,
    /// Digest of that person's ID number.
    pub person: String,
    /// The unit of the member when it was recorded.
    pub organization_id: OrganizationId,
    /// Where it stands.
    pub status: Status,
    /// The cause, as of a file (21).
    pub cause: Cause,
    /// The day it happened.
    pub happened_on: Date,
    /// How much is asked for, in fen; at least 1.
    pub amount_fen: Option<Fen>,
    /// What happened, encrypted.
    pub situation_sealed: Sealed,
    /// The file it became.
    pub file_id: Option<FileId>,
    /// Why it was cancelled.
    pub cancel_reason: Option<String>,
    /// Who recorded it.
    pub recorded_by: UserId,
    /// When.
    pub recorded_at: Timestamp,
    /// Who converted or cancelled it.
    pub ended_by: Option<UserId>,
    /// When.
    pub ended_at: Option<Timestamp>,
    /// Version, for `If-Match`.
    pub version: i32,
}

input! {
    /// A temporary relief to record.
    #[schema(as = NewTemporaryRelief)]
    pub struct NewRelief {
        /// Made by the client (UUIDv7), or null.
        #[schema(value_type = Option<String>, format = "uuid")]
        pub id: Option<ReliefId>,
        /// Whom it is for.
        #[schema(value_type = String, format = "uuid")]
        pub member_id: MemberId,
        /// The cause (21).
        pub cause: Cause,
        /// The day it happened; not in the future.
        #[schema(value_type = String, format = "date", example = "2020-05-18")]
        pub happened_on: Date,
        /// What happened; kept encrypted.
        #[schema(value_type = String, max_length = 2000, example = "家中失火，暂住亲戚家")]
        pub situation: Comment,
        /// How much is asked for, in fen; at least 1.
        #[schema(value_type = Option<i64>, minimum = 1, example = 200_000)]
        pub amount_fen: Option<Fen>,
    }
}

input! {
    /// The file that a temporary relief becomes.
    #[schema(as = TemporaryReliefConversion)]
    pub struct Conversion {
        /// The taxonomy; the policy says which are in use (11).
        pub scheme: Scheme,
        /// A category of the scheme.
        pub category: Category,
        /// By whose standard (23).
        pub level: Level,
    }
}

input! {
    /// Why a temporary relief is cancelled.
    #[schema(as = TemporaryReliefCancellation)]
    pub struct Cancellation {
        /// Why; stays in the log for ever.
        pub reason: Reason,
    }
}

impl Relief {
    /// Refuses with `ended` what was converted or cancelled.
    pub fn still_open(&self) -> Result<()> {
        match self.status {
            Status::Open => Ok(()),
            Status::Converted | Status::Cancelled => Err(ended()),
        }
    }
}

/// Records a temporary relief for a member who has none that is open.
pub fn record(tx: &mut Tx, id: ReliefId, new: NewRelief) -> Result<Relief> {
    let member = subject(tx, new.member_id)?;
    rules::sound_relief(new.happened_on, new.amount_fen, tx.today())?;
    let relief = Relief {
        id,
        member_id: member.id,
        person: member.person,
        organization_id: member.organization_id,
        status: Status::Open,
        cause: new.cause,
        happened_on: new.happened_on,
        amount_fen: new.amount_fen,
        situation_sealed: tx.keys.seal("temporary_relief", &new.situation)?,
        file_id: None,
        cancel_reason: None,
        recorded_by: tx.actor.user()?,
        recorded_at: tx.now,
        ended_by: None,
        ended_at: None,
        version: 1,
    };
    if !store::insert_relief(tx, &relief)? {
        return Err(exists(tx, member.id)?);
    }
    event("temporary_relief.recorded", &relief)
        .field("member_id", &relief.member_id)
        .field("cause", &relief.cause)
        .field("happened_on", &relief.happened_on)
        .field("amount_fen", &relief.amount_fen)
        .record(tx)?;
    Ok(relief)
}

/// The refusal of a second one: names the unit of the first, and itself only to those who may see it.
fn exists(tx: &mut Tx, member: MemberId) -> Result<Error> {
    let detail = say!(
        "该会员已有未办结的临时救助",
        "this member has a temporary relief that is open"
    );
    let refusal = Error::refused("temporary_relief_exists", detail);
    let Some((id, organization_id)) = store::open_relief(tx, member)? else {
        return Ok(Error::stale());
    };
    let refusal = refusal.with("organization_id", organization_id);
    Ok(match store::find_relief(tx, id) {
        Ok(_) => refusal.with("temporary_relief_id", id),
        Err(Error::NotFound(_)) => refusal,
        Err(other) => other,
    })
}

/// Opens a draft for the member by the rules of files, and ends the temporary relief with it.
pub fn convert(tx: &mut Tx, before: &Relief, conversion: Conversion) -> Result<Relief> {
    let member = held_here(tx, before)?;
    separation::not_own(tx, &before.person)?;
    let draft = NewFile {
        id: None,
        member_id: member.id,
        organization_id: None,
        scheme: conversion.scheme,
        category: conversion.category,
        level: conversion.level,
        primary_cause: before.cause,
        secondary_causes: Vec::new(),
    };
    let id = tx.new_id();
    let file = files::open(tx, id, draft)?;
    let mut after = Relief {
        status: Status::Converted,
        file_id: Some(file.id),
        ..end(tx, before)?
    };
    store::update_relief(tx, &mut after)?;
    event("temporary_relief.converted", &after)
        .field("status", &after.status)
        .field("file_id", &after.file_id)
        .record(tx)?;
    Ok(after)
}

/// The member of a temporary relief, if the caller still sees it: after a transfer the unit that holds it now opens the
/// file.
fn held_here(tx: &mut Tx, relief: &Relief) -> Result<Member> {
    match members::find(tx, relief.member_id) {
        Err(Error::NotFound(_)) => {
            let detail = say!(
                "该会员已转出，由现单位建档",
                "the member was transferred: the unit that holds it now opens the file"
            );
            Err(Error::refused("member_elsewhere", detail))
        }
        found => found,
    }
}

/// Ends a temporary relief that will not be given.
pub fn cancel(tx: &mut Tx, before: &Relief, cancellation: Cancellation) -> Result<Relief> {
    let name = members::find_any(tx, before.member_id)?.name;
    members::without_name(&cancellation.reason, &name, "/reason")?;
    separation::not_own(tx, &before.person)?;
    let mut after = Relief {
        status: Status::Cancelled,
        cancel_reason: Some(cancellation.reason.to_string()),
        ..end(tx, before)?
    };
    store::update_relief(tx, &mut after)?;
    event("temporary_relief.cancelled", &after)
        .field("status", &after.status)
        .reason(cancellation.reason)
        .record(tx)?;
    Ok(after)
}

/// The relief, marked as ended now by the acting person.
fn end(tx: &Tx, before: &Relief) -> Result<Relief> {
    before.still_open()?;
    Ok(Relief {
        ended_by: Some(tx.actor.user()?),
        ended_at: Some(tx.now),
        ..before.clone()
    })
}

fn event(action: &'static str, relief: &Relief) -> Event {
    Event::of(action, "temporary_relief", relief.id)
        .organization(relief.organization_id)
        .people([&relief.person])
        .version(relief.version)
}
