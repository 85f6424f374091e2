//! Claims on an insurance (85): what happened, what the insurer made of it, what it paid. What it paid is what the mutual
//! aid of an illness claim is compared with (60): see [`paid_to`].

use diesel::prelude::*;

use super::{Enrolment, EnrolmentId};
use crate::audit::Event;
use crate::db::schema::insurance_claims;
use crate::db::types::{Date, Fen, Id, Timestamp, year_of};
use crate::db::{Rx, Tx};
use crate::error::{Error, Result};
use crate::input;
use crate::input::Comment;
use crate::keyring::Sealed;
use crate::members::MemberId;
use crate::organizations::OrganizationId;
use crate::users::UserId;

pub mod http;
mod rules;
mod store;

pub use rules::Status;

/// The id of a claim on an insurance.
pub type InsuranceClaimId = Id<InsuranceClaim>;

/// The name under which what happened is sealed.
const SEAL: &str = "insurance_claim";

/// A claim on an insurance, as kept.
#[derive(Debug, Clone, HasQuery, Insertable, AsChangeset, Identifiable)]
#[diesel(table_name = insurance_claims)]
#[diesel(treat_none_as_null = true)]
pub struct InsuranceClaim {
    id: InsuranceClaimId,
    enrolment_id: EnrolmentId,
    member_id: MemberId,
    person: String,
    organization_id: OrganizationId,
    happened_on: Date,
    reported_on: Date,
    status: Status,
    decided_on: Option<Date>,
    amount_fen: Option<Fen>,
    details_sealed: Sealed,
    illness_claim_id: Option<Id<()>>,
    recorded_by: UserId,
    version: i32,
    updated_at: Timestamp,
}

input! {
    /// What happened to somebody who is insured.
    pub struct NewInsuranceClaim {
        /// Made by the client (UUIDv7), or null.
        #[schema(value_type = Option<String>, format = "uuid")]
        pub id: Option<InsuranceClaimId>,
        /// Under which cover.
        #[schema(value_type = String, format = "uuid")]
        pub enrolment_id: EnrolmentId,
        /// The day it happened: one of the cover.
        #[schema(example = "2020-05-20")]
        pub happened_on: Date,
        /// The day the insurer was told.
        #[schema(example = "2020-05-20")]
        pub reported_on: Date,
        /// What happened; kept encrypted.
        #[schema(value_type = String, example = "送货途中摔伤，左腿骨折", max_length = 2000)]
        pub details: Comment,
        /// The illness claim of the same member that is about the same, if there is one.
        #[schema(value_type = Option<String>, format = "uuid", example = json!(null))]
        pub illness_claim_id: Option<Id<()>>,
    }
}
input! {
    /// What the insurer made of a claim.
    #[schema(as = InsuranceClaimDecision)]
    pub struct Deciding {
        /// What: `paid` again corrects the amount.
        #[schema(example = "paid")]
        pub status: Status,
        /// The day.
        #[schema(example = "2020-05-20")]
        pub decided_on: Date,
        /// What was paid, in fen; null unless it was.
        #[schema(example = 300000)]
        pub amount_fen: Option<Fen>,
    }
}

/// Records what happened, on a day of the cover.
fn report(tx: &mut Tx, id: InsuranceClaimId, new: NewInsuranceClaim) -> Result<InsuranceClaim> {
    let enrolment = covered(tx, new.enrolment_id)?;
    let last = enrolment.ended_on.unwrap_or(enrolment.ends_on);
    rules::happened_in_cover(
        new.happened_on,
        (enrolment.starts_on, last),
        new.reported_on,
        tx.today(),
    )?;
    if let Some(illness) = new.illness_claim_id
        && !store::is_illness_of(tx, illness, enrolment.member_id)?
    {
        return Err(Error::unknown_reference("/illness_claim_id"));
    }
    let claim = InsuranceClaim {
        id,
        enrolment_id: enrolment.id,
        member_id: enrolment.member_id,
        person: enrolment.person,
        organization_id: enrolment.organization_id,
        happened_on: new.happened_on,
        reported_on: new.reported_on,
        status: Status::Reported,
        decided_on: None,
        amount_fen: None,
        details_sealed: tx.keys.seal(SEAL, &new.details)?,
        illness_claim_id: new.illness_claim_id,
        recorded_by: tx.actor.user()?,
        version: 1,
        updated_at: tx.now,
    };
    store::insert(tx, &claim)?;
    event("insurance_claim.reported", &claim)
        .field("enrolment_id", &claim.enrolment_id)
        .field("happened_on", &claim.happened_on)
        .field("details", &&*new.details)
        .record(tx)?;
    Ok(claim)
}

/// The cover that a body names: in scope, and in force or ended, else 422.
fn covered(tx: &mut Tx, id: EnrolmentId) -> Result<Enrolment> {
    let found = super::store::enrolment(tx, id).map_err(|error| match error {
        Error::NotFound(_) => Error::unknown_reference("/enrolment_id"),
        other => other,
    })?;
    rules::is_covered(found.status)?;
    Ok(found)
}

/// Records what the insurer decided and paid.
fn decide(tx: &mut Tx, mut claim: InsuranceClaim, deciding: &Deciding) -> Result<InsuranceClaim> {
    rules::after(claim.status, deciding.status)?;
    rules::decided(deciding, claim.reported_on, tx.today())?;
    claim.status = deciding.status;
    claim.decided_on = Some(deciding.decided_on);
    claim.amount_fen = deciding.amount_fen;
    store::update(tx, &mut claim)?;
    event("insurance_claim.decided", &claim)
        .field("status", &claim.status)
        .field("decided_on", &claim.decided_on)
        .field("amount_fen", &claim.amount_fen)
        .record(tx)?;
    Ok(claim)
}

/// What insurances paid a person, by any of the digests, for what happened in a year (60). What is linked to an illness
/// claim counts for that one only, whatever the year.
pub fn paid_to(rx: &mut Rx, persons: &[String], year: i32, illness_claim: Option<Id<()>>) -> Result<Fen> {
    let paid = store::paid(rx, persons)?.into_iter();
    let counts = |(happened_on, _, link): &store::Paid| match link {
        Some(link) => Some(*link) == illness_claim,
        None => year_of(*happened_on) == year,
    };
    Ok(paid.filter(counts).map(|(_, amount, _)| amount).sum())
}

fn event(action: &'static str, claim: &InsuranceClaim) -> Event {
    Event::of(action, "insurance_claim", claim.id)
        .organization(claim.organization_id)
        .people([&claim.person])
        .version(claim.version)
}
