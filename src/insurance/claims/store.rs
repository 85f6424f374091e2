//! Claims on an insurance in SQL.

use diesel::prelude::*;

use super::{InsuranceClaim, InsuranceClaimId, Status};
use crate::db::page::{Ask, Page, bad_cursor};
use crate::db::schema::{illness_claims, insurance_claims};
use crate::db::types::{Date, Fen, Id};
use crate::db::{Rx, Tx};
use crate::error::{Error, Result};
use crate::insurance::EnrolmentId;
use crate::members::MemberId;
use crate::organizations::{self, OrganizationId};
use crate::within;

/// A claim in scope.
pub(super) fn find(rx: &mut Rx, id: InsuranceClaimId) -> Result<InsuranceClaim> {
    let mut query = InsuranceClaim::query()
        .filter(insurance_claims::id.eq(id))
        .into_boxed();
    within!(one query, insurance_claims::organization_id, rx);
    query
        .get_result(rx.conn)
        .optional()?
        .ok_or(Error::NotFound("insurance_claim"))
}

/// What to list.
pub(super) struct Filter {
    pub enrolment_id: Option<EnrolmentId>,
    pub organization_id: Option<OrganizationId>,
    pub status: Option<Status>,
}

/// Claims in scope, by id.
pub(super) fn list(rx: &mut Rx, filter: Filter, ask: &Ask) -> Result<Page<InsuranceClaim>> {
    organizations::narrow(rx, filter.organization_id)?;
    let mut query = InsuranceClaim::query().into_boxed();
    within!(query, insurance_claims::organization_id, rx);
    if let Some(enrolment) = filter.enrolment_id {
        query = query.filter(insurance_claims::enrolment_id.eq(enrolment));
    }
    if let Some(status) = filter.status {
        query = query.filter(insurance_claims::status.eq(status));
    }
    if let Some(after) = ask.after_id() {
        let after: InsuranceClaimId = after.parse().map_err(|_| bad_cursor())?;
        query = query.filter(insurance_claims::id.gt(after));
    }
    let in_order = query.order(insurance_claims::id);
    let rows = in_order.limit(ask.fetch()).load(rx.conn)?;
    Ok(ask.page(rows, |claim: &InsuranceClaim| {
        (String::new(), claim.id.to_string())
    }))
}

/// Whether an illness claim in scope is a member's.
pub(super) fn is_illness_of(rx: &mut Rx, id: Id<()>, member: MemberId) -> Result<bool> {
    let mut query = illness_claims::table
        .filter(illness_claims::id.eq(id))
        .filter(illness_claims::member_id.eq(member))
        .into_boxed();
    within!(one query, illness_claims::organization_id, rx);
    Ok(query.count().get_result::<i64>(rx.conn)? > 0)
}

pub(super) fn insert(tx: &mut Tx, claim: &InsuranceClaim) -> Result<()> {
    diesel::insert_into(insurance_claims::table)
        .values(claim)
        .execute(tx.conn)?;
    Ok(())
}

/// Writes a claim back with the next version.
pub(super) fn update(tx: &mut Tx, claim: &mut InsuranceClaim) -> Result<()> {
    let read = claim.version;
    claim.version += 1;
    claim.updated_at = tx.now;
    let place = insurance_claims::table
        .find(claim.id)
        .filter(insurance_claims::version.eq(read));
    match diesel::update(place).set(&*claim).execute(tx.conn)? {
        1 => Ok(()),
        _ => Err(Error::stale()),
    }
}

/// What was paid: when it happened, how much, and the illness claim it is linked to.
pub(super) type Paid = (Date, Fen, Option<Id<()>>);

/// What was paid to a person, by any of the digests.
pub(super) fn paid(rx: &mut Rx, persons: &[String]) -> Result<Vec<Paid>> {
    let rows: Vec<(Date, Option<Fen>, Option<Id<()>>)> = insurance_claims::table
        .filter(insurance_claims::person.eq_any(persons.to_vec()))
        .filter(insurance_claims::status.eq(Status::Paid))
        .select((
            insurance_claims::happened_on,
            insurance_claims::amount_fen,
            insurance_claims::illness_claim_id,
        ))
        .load(rx.conn)?;
    let paid = |(on, amount, link): (Date, Option<Fen>, _)| Some((on, amount?, link));
    Ok(rows.into_iter().filter_map(paid).collect())
}
