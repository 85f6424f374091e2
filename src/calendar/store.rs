//! The calendar in SQL.

use diesel::prelude::*;

use super::Day;
use crate::db::schema::{calendar_days, calendar_years};
use crate::db::types::year_bounds;
use crate::db::{Rx, Tx};
use crate::error::Result;

/// The document that announces a year; `None` when none does.
pub(super) fn source(rx: &mut Rx, year: i32) -> Result<Option<String>> {
    let row = calendar_years::table.find(year).select(calendar_years::source);
    Ok(row.get_result(rx.conn).optional()?)
}

/// The days of a year that differ from the week, in order.
pub(super) fn days(rx: &mut Rx, year: i32) -> Result<Vec<Day>> {
    let (first, last) = year_bounds(year);
    let days = Day::query().filter(calendar_days::day.between(first, last));
    Ok(days.order(calendar_days::day).load(rx.conn)?)
}

pub(super) fn insert(tx: &mut Tx, year: i32, source: &str, days: &[Day]) -> Result<()> {
    let row = (
        calendar_years::year.eq(year),
        calendar_years::source.eq(source),
        calendar_years::version.eq(1),
    );
    diesel::insert_into(calendar_years::table)
        .values(row)
        .execute(tx.conn)?;
    for day in days {
        diesel::insert_into(calendar_days::table)
            .values(day)
            .execute(tx.conn)?;
    }
    Ok(())
}
