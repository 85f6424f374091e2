//! Running numbers: one row per series, so that two writers never get the same number and none is skipped.

use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Text};

use super::Tx;
use crate::error::Result;

/// The next number of the series `name`, from 1; taken back when the unit of work fails. Another unit of work that
/// wants one of the same series waits for this one to end.
pub fn next_number(tx: &mut Tx, name: &str) -> Result<i64> {
    let next = sql::<BigInt>("INSERT INTO series (name, last) VALUES (")
        .bind::<Text, _>(name)
        .sql(", 1) ON CONFLICT (name) DO UPDATE SET last = series.last + 1 RETURNING last");
    Ok(next.get_result(tx.conn)?)
}
