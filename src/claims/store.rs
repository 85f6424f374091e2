//! Claims in SQL.

use diesel::prelude::*;

use super::rules::assess::{already_granted, settlement_already_used};
use super::{Claim, ClaimId, Status};
use crate::db::page::{Ask, Page, bad_cursor};
use crate::db::schema::{illness_claims, settlement_uses};
use crate::db::{Rx, Tx, unique};
use crate::error::{Error, Result};
use crate::members::MemberId;
use crate::organizations::{self, OrganizationId};
use crate::within;

/// What to list.
#[derive(Default)]
pub struct Filter {
    /// Where it stands.
    pub status: Option<Status>,
    /// Of this unit and everything below it.
    pub organization_id: Option<OrganizationId>,
    /// Of this member.
    pub member_id: Option<MemberId>,
    /// Of this programme.
    pub programme_year: Option<i32>,
}

/// A claim in scope.
pub fn find(rx: &mut Rx, id: ClaimId) -> Result<Claim> {
    let mut query = Claim::query().filter(illness_claims::id.eq(id)).into_boxed();
    within!(one query, illness_claims::organization_id, rx);
    query
        .get_result(rx.conn)
        .optional()?
        .ok_or(Error::NotFound("illness_claim"))
}

/// Claims in scope, by id.
pub fn list(rx: &mut Rx, filter: Filter, ask: &Ask) -> Result<Page<Claim>> {
    organizations::narrow(rx, filter.organization_id)?;
    let mut query = Claim::query().into_boxed();
    within!(query, illness_claims::organization_id, rx);
    if let Some(status) = filter.status {
        query = query.filter(illness_claims::status.eq(status));
    }
    if let Some(member) = filter.member_id {
        query = query.filter(illness_claims::member_id.eq(member));
    }
    if let Some(year) = filter.programme_year {
        query = query.filter(illness_claims::programme_year.eq(year));
    }
    if let Some(after) = ask.after_id() {
        let after: ClaimId = after.parse().map_err(|_| bad_cursor())?;
        query = query.filter(illness_claims::id.gt(after));
    }
    let rows = query.order(illness_claims::id).limit(ask.fetch()).load(rx.conn)?;
    Ok(ask.page(rows, |claim: &Claim| (String::new(), claim.id.to_string())))
}

pub(super) fn insert(tx: &mut Tx, claim: &Claim) -> Result<()> {
    diesel::insert_into(illness_claims::table)
        .values(claim)
        .execute(tx.conn)?;
    Ok(())
}

/// Takes the row, as its next version, until the unit of work ends; `false` when somebody who read the same version
/// came first.
pub(super) fn next_version(tx: &mut Tx, claim: &mut Claim) -> Result<bool> {
    let read = claim.version;
    let place = illness_claims::table
        .find(claim.id)
        .filter(illness_claims::version.eq(read));
    let taken = diesel::update(place)
        .set(illness_claims::version.eq(read + 1))
        .execute(tx.conn)?;
    claim.version = read + 1;
    Ok(taken == 1)
}

/// Writes a claim whose row was taken by [`next_version`].
pub(super) fn update(tx: &mut Tx, claim: &Claim) -> Result<()> {
    let place = illness_claims::table.find(claim.id);
    unique(diesel::update(place).set(claim).execute(tx.conn), already_granted).map(drop)
}

/// Whether the person, by any of the digests, has a grant of this programme year from another claim, in whatever
/// unit (62).
pub(super) fn has_grant(rx: &mut Rx, persons: &[String], year: i32, except: Option<ClaimId>) -> Result<bool> {
    let mut grants = illness_claims::table
        .filter(illness_claims::person.eq_any(persons.to_vec()))
        .filter(illness_claims::programme_year.eq(year))
        .filter(illness_claims::status.eq_any([Status::Approved, Status::Paid]))
        .filter(illness_claims::released_at.is_null())
        .into_boxed();
    if let Some(claim) = except {
        grants = grants.filter(illness_claims::id.ne(claim));
    }
    Ok(grants.count().get_result::<i64>(rx.conn)? > 0)
}

/// How many of these settlements supported another grant (63).
pub(super) fn used_settlements(rx: &mut Rx, hashes: &[String], except: Option<ClaimId>) -> Result<usize> {
    let used: Vec<ClaimId> = settlement_uses::table
        .filter(settlement_uses::number_hash.eq_any(hashes.to_vec()))
        .filter(diesel::dsl::not(settlement_uses::released))
        .select(settlement_uses::claim_id)
        .load(rx.conn)?;
    Ok(used.into_iter().filter(|claim| Some(*claim) != except).count())
}

/// Whether a settlement, by its digest, supported a grant.
pub fn uses_settlement(rx: &mut Rx, hash: &str) -> Result<bool> {
    let used = settlement_uses::table
        .filter(settlement_uses::number_hash.eq(hash))
        .filter(diesel::dsl::not(settlement_uses::released));
    Ok(diesel::select(diesel::dsl::exists(used)).get_result(rx.conn)?)
}

pub(super) fn use_settlements(tx: &mut Tx, hashes: Vec<String>, claim: ClaimId) -> Result<()> {
    for hash in hashes {
        let row = (
            settlement_uses::number_hash.eq(hash),
            settlement_uses::claim_id.eq(claim),
            settlement_uses::released.eq(false),
        );
        let done = diesel::insert_into(settlement_uses::table)
            .values(row)
            .execute(tx.conn);
        unique(done, settlement_already_used)?;
    }
    Ok(())
}

/// Sets the settlements of a grant free.
pub(super) fn release_settlements(tx: &mut Tx, claim: ClaimId) -> Result<()> {
    let uses = settlement_uses::table.filter(settlement_uses::claim_id.eq(claim));
    diesel::update(uses)
        .set(settlement_uses::released.eq(true))
        .execute(tx.conn)?;
    Ok(())
}

/// Where a claim stands that is not decided.
const OPEN: [Status; 4] = [
    Status::Draft,
    Status::Submitted,
    Status::Verified,
    Status::Returned,
];

/// How many claims of a member are not decided.
pub fn open_claims(rx: &mut Rx, member: MemberId) -> Result<i64> {
    let open = illness_claims::table
        .filter(illness_claims::member_id.eq(member))
        .filter(illness_claims::status.eq_any(OPEN));
    Ok(open.count().get_result(rx.conn)?)
}

/// Moves the claims of a member that are not decided to another unit (48), as their next version; gives their ids.
pub(super) fn follow(tx: &mut Tx, member: MemberId, unit: OrganizationId) -> Result<Vec<(ClaimId, i32)>> {
    let open: Vec<(ClaimId, i32)> = illness_claims::table
        .filter(illness_claims::member_id.eq(member))
        .filter(illness_claims::status.eq_any(OPEN))
        .filter(illness_claims::organization_id.ne(unit))
        .order(illness_claims::id)
        .select((illness_claims::id, illness_claims::version))
        .load(tx.conn)?;
    for (id, version) in &open {
        let place = illness_claims::table
            .find(*id)
            .filter(illness_claims::version.eq(version));
        let set = (
            illness_claims::organization_id.eq(unit),
            illness_claims::version.eq(version + 1),
            illness_claims::updated_at.eq(tx.now),
        );
        if diesel::update(place).set(set).execute(tx.conn)? != 1 {
            return Err(Error::stale());
        }
    }
    Ok(open)
}
