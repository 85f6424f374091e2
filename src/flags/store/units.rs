//! The figures of units in SQL: one statement for each unit, along the index of its payments.

use std::collections::BTreeMap;

use diesel::prelude::*;
use diesel::sql_types::{BigInt, Date as SqlDate, Text};

use crate::db::Rx;
use crate::db::schema::organizations;
use crate::db::types::{Date, Fen};
use crate::error::Result;
use crate::flags::rules::Count;
use crate::organizations::OrganizationId;

/// A unit.
#[derive(Queryable)]
pub(in crate::flags) struct Unit {
    pub id: OrganizationId,
}

/// Units in scope from an id on, in the order of their ids.
pub(in crate::flags) fn from(rx: &mut Rx, first: Option<OrganizationId>, most: i64) -> Result<Vec<Unit>> {
    let mut query = organizations::table.select((organizations::id,)).into_boxed();
    if let Some((first, beyond)) = rx.scope.range() {
        query = query
            .filter(organizations::path.ge(first))
            .filter(organizations::path.lt(beyond));
    }
    if let Some(first) = first {
        query = query.filter(organizations::id.ge(first));
    }
    Ok(query.order(organizations::id).limit(most).load(rx.conn)?)
}

#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = Text)]
    kind: String,
    #[diesel(sql_type = Text)]
    digit: String,
    #[diesel(sql_type = BigInt)]
    cases: i64,
    #[diesel(sql_type = BigInt)]
    hundreds: i64,
    #[diesel(sql_type = BigInt)]
    thousands: i64,
    #[diesel(sql_type = BigInt)]
    sum: i64,
}

/// The amounts that a unit approved in a time, by kind of aid and first digit; the first digit of fen is that of yuan.
const FIGURES: &str = "SELECT kind, substr(CAST(amount_fen AS TEXT), 1, 1) AS digit, COUNT(*) AS cases, \
    CAST(SUM(CASE WHEN amount_fen % 10000 = 0 THEN 1 ELSE 0 END) AS BIGINT) AS hundreds, \
    CAST(SUM(CASE WHEN amount_fen % 100000 = 0 THEN 1 ELSE 0 END) AS BIGINT) AS thousands, \
    CAST(SUM(amount_fen) AS BIGINT) AS sum FROM payments \
    WHERE organization_id = $1 AND approved_on >= $2 AND approved_on <= $3 AND status NOT IN ('failed', 'cancelled') \
    GROUP BY kind, substr(CAST(amount_fen AS TEXT), 1, 1)";

/// The figures of a unit for a time, by kind of aid.
pub(in crate::flags) fn figures(
    rx: &mut Rx,
    unit: &Unit,
    from: Date,
    to: Date,
) -> Result<BTreeMap<String, Vec<Count>>> {
    let rows: Vec<Row> = diesel::sql_query(FIGURES)
        .bind::<Text, _>(unit.id)
        .bind::<SqlDate, _>(from)
        .bind::<SqlDate, _>(to)
        .load(rx.conn)?;
    let mut by_kind: BTreeMap<String, Vec<Count>> = BTreeMap::new();
    for row in rows {
        by_kind.entry(row.kind).or_default().push(Count {
            digit: row.digit.parse().unwrap_or_default(),
            cases: row.cases,
            hundreds: row.hundreds,
            thousands: row.thousands,
            sum: Fen(row.sum),
        });
    }
    Ok(by_kind)
}
