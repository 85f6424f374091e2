//! Stand-ins in SQL.

use diesel::prelude::*;

use super::{NewStandIn, StandIn, StandInId};
use crate::db::page::{Ask, Page, bad_cursor};
use crate::db::schema::stand_ins;
use crate::db::{Rx, Tx};
use crate::error::{Error, Result};
use crate::within;

/// A stand-in for a contact in scope.
pub(super) fn find(rx: &mut Rx, id: StandInId) -> Result<StandIn> {
    let mut query = StandIn::query().filter(stand_ins::id.eq(id)).into_boxed();
    within!(one query, stand_ins::organization_id, rx);
    query
        .get_result(rx.conn)
        .optional()?
        .ok_or(Error::NotFound("stand_in"))
}

/// Stand-ins for contacts in scope, in the order of being arranged.
pub(super) fn list(rx: &mut Rx, ask: &Ask) -> Result<Page<StandIn>> {
    let mut query = StandIn::query().into_boxed();
    within!(query, stand_ins::organization_id, rx);
    if let Some(id) = ask.after_id() {
        let id: StandInId = id.parse().map_err(|_| bad_cursor())?;
        query = query.filter(stand_ins::id.gt(id));
    }
    let rows = query.order(stand_ins::id).limit(ask.fetch()).load(rx.conn)?;
    Ok(ask.page(rows, |stand_in: &StandIn| {
        (String::new(), stand_in.id.to_string())
    }))
}

/// Whether somebody stands in for the same contact on one of the days.
pub(super) fn overlaps(rx: &mut Rx, new: &NewStandIn) -> Result<bool> {
    let same = stand_ins::table
        .filter(stand_ins::contact_id.eq(new.contact_id))
        .filter(stand_ins::ended_at.is_null())
        .filter(stand_ins::from_on.le(new.until_on))
        .filter(stand_ins::until_on.ge(new.from_on));
    Ok(diesel::select(diesel::dsl::exists(same)).get_result(rx.conn)?)
}

pub(super) fn insert(tx: &mut Tx, stand_in: &StandIn) -> Result<()> {
    diesel::insert_into(stand_ins::table)
        .values(stand_in)
        .execute(tx.conn)?;
    Ok(())
}

/// Writes back that it ended; the caller has checked the version it read, in this transaction.
pub(super) fn end(tx: &mut Tx, stand_in: &StandIn) -> Result<()> {
    let place = stand_ins::table
        .find(stand_in.id)
        .filter(stand_ins::version.eq(stand_in.version - 1));
    let set = (
        stand_ins::ended_at.eq(stand_in.ended_at),
        stand_ins::version.eq(stand_in.version),
    );
    match diesel::update(place).set(set).execute(tx.conn)? {
        1 => Ok(()),
        _ => Err(Error::stale()),
    }
}
