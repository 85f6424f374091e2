//! Dated rules in SQL.

use diesel::prelude::*;

use super::{Kind, Policy, PolicyId, Status};
use crate::db::page::{Ask, Page, bad_cursor};
use crate::db::schema::policies;
use crate::db::types::Date;
use crate::db::{Rx, Tx};
use crate::error::{Error, Result};

/// A dated rule; everybody may know the rules.
pub(super) fn find(rx: &mut Rx, id: PolicyId) -> Result<Policy> {
    Policy::query()
        .filter(policies::id.eq(id))
        .get_result(rx.conn)
        .optional()?
        .ok_or(Error::NotFound("policy"))
}

/// Rules, by id.
pub(super) fn list(
    rx: &mut Rx,
    kind: Option<Kind>,
    status: Option<Status>,
    ask: &Ask,
) -> Result<Page<Policy>> {
    let mut query = Policy::query().into_boxed();
    if let Some(kind) = kind {
        query = query.filter(policies::kind.eq(kind));
    }
    if let Some(status) = status {
        query = query.filter(policies::status.eq(status));
    }
    if let Some(id) = ask.after_id() {
        query = query.filter(policies::id.gt(id.parse::<PolicyId>().map_err(|_| bad_cursor())?));
    }
    let rows = query.order(policies::id).limit(ask.fetch()).load(rx.conn)?;
    Ok(ask.page(rows, |policy: &Policy| (String::new(), policy.id.to_string())))
}

/// The rules of a kind and region (`None`: everywhere) that hold on a day, the one to follow first.
pub(super) fn holding(rx: &mut Rx, kind: Kind, region: Option<&str>, on: Date) -> Result<Vec<Policy>> {
    let mut holds = Policy::query()
        .filter(policies::kind.eq(kind))
        .filter(policies::status.eq(Status::InForce))
        .filter(policies::valid_from.le(on))
        .filter(policies::valid_to.is_null().or(policies::valid_to.ge(on)))
        .into_boxed();
    holds = match region {
        Some(region) => holds.filter(policies::region_code.eq(region)),
        None => holds.filter(policies::region_code.is_null()),
    };
    let latest = (
        policies::valid_from.desc(),
        policies::approved_at.desc(),
        policies::id.desc(),
    );
    Ok(holds.order(latest).load(rx.conn)?)
}

/// Every rule of a kind that is in force, whenever and wherever it holds.
pub(super) fn in_force_of(rx: &mut Rx, kind: Kind) -> Result<Vec<Policy>> {
    Ok(Policy::query()
        .filter(policies::kind.eq(kind))
        .filter(policies::status.eq(Status::InForce))
        .load(rx.conn)?)
}

pub(super) fn insert(tx: &mut Tx, policy: &Policy) -> Result<()> {
    diesel::insert_into(policies::table)
        .values(policy)
        .execute(tx.conn)?;
    Ok(())
}

/// Writes a draft back with the next version; the caller has checked the version it read, in this transaction.
pub(super) fn update(tx: &mut Tx, policy: &mut Policy) -> Result<()> {
    let read = policy.version;
    policy.version += 1;
    let place = policies::table.find(policy.id).filter(policies::version.eq(read));
    match diesel::update(place).set(&*policy).execute(tx.conn)? {
        1 => Ok(()),
        _ => Err(Error::stale()),
    }
}

/// Marks a rule as superseded, the one change that the database allows, and gives its version.
pub(super) fn supersede(tx: &mut Tx, old: &Policy) -> Result<i32> {
    let values = (
        policies::status.eq(Status::Superseded),
        policies::version.eq(old.version + 1),
    );
    diesel::update(policies::table.find(old.id))
        .set(values)
        .execute(tx.conn)?;
    Ok(old.version + 1)
}
