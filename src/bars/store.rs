//! Bars in SQL.

use diesel::prelude::*;

use super::Bar;
use crate::db::schema::bars;
use crate::db::types::{Date, Id};
use crate::db::{Rx, Tx};
use crate::error::Result;

/// Every bar of a person, by any of the digests, wherever the person is looked after.
pub(super) fn of(rx: &mut Rx, persons: &[String]) -> Result<Vec<Bar>> {
    let laid = Bar::query().filter(bars::person.eq_any(persons.to_vec()));
    Ok(laid.load(rx.conn)?)
}

pub(super) fn insert(tx: &mut Tx, bar: &Bar) -> Result<()> {
    diesel::insert_into(bars::table).values(bar).execute(tx.conn)?;
    Ok(())
}

pub(super) fn set_end(tx: &mut Tx, recovery: Id<()>, free_from: Option<Date>) -> Result<()> {
    let place = bars::table.filter(bars::recovery_id.eq(recovery));
    let set = bars::free_from.eq(free_from);
    diesel::update(place).set(set).execute(tx.conn)?;
    Ok(())
}
