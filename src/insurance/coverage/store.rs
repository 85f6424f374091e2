//! Coverage in SQL: every statement reads the index `enrolments_year` of one year.

use diesel::dsl::{count as number_of, count_star, sum};
use diesel::prelude::*;

use super::Count;
use crate::db::Rx;
use crate::db::schema::{enrolments, organizations};
use crate::error::Result;
use crate::insurance::EnrolmentStatus;
use crate::members::Group;
use crate::within;

/// Who was insured.
const INSURED: [EnrolmentStatus; 2] = [EnrolmentStatus::InForce, EnrolmentStatus::Ended];

/// People, covers and shares.
type Counted = (i64, i64, Option<i64>);

fn count((people, enrolled, shares): Counted) -> Count {
    Count {
        people,
        enrolled,
        shares: shares.unwrap_or(0),
    }
}

/// Of the eight groups together, or of the members of none.
pub(super) fn total(rx: &mut Rx, year: i32, in_groups: bool) -> Result<Count> {
    let mut query = enrolments::table
        .filter(enrolments::start_year.eq(year))
        .filter(enrolments::status.eq_any(INSURED))
        .filter(enrolments::group_code.is_not_null().eq(in_groups))
        .select((
            number_of(enrolments::person).aggregate_distinct(),
            count_star(),
            sum(enrolments::shares),
        ))
        .into_boxed();
    within!(query, enrolments::organization_id, rx);
    Ok(count(query.get_result(rx.conn)?))
}

/// Of each of the groups that anybody belongs to.
pub(super) fn by_group(rx: &mut Rx, year: i32) -> Result<Vec<(Group, Count)>> {
    let mut query = enrolments::table
        .filter(enrolments::start_year.eq(year))
        .filter(enrolments::status.eq_any(INSURED))
        .filter(enrolments::group_code.is_not_null())
        .group_by(enrolments::group_code)
        .select((
            enrolments::group_code,
            number_of(enrolments::person).aggregate_distinct(),
            count_star(),
            sum(enrolments::shares),
        ))
        .into_boxed();
    within!(query, enrolments::organization_id, rx);
    let rows: Vec<(Option<Group>, i64, i64, Option<i64>)> = query.load(rx.conn)?;
    let counted = |(group, people, enrolled, shares)| Some((group?, count((people, enrolled, shares))));
    Ok(rows.into_iter().filter_map(counted).collect())
}

/// Of the eight groups, by unit.
pub(super) fn by_unit(rx: &mut Rx, year: i32) -> Result<Vec<(String, Count)>> {
    let mut query = enrolments::table
        .filter(enrolments::start_year.eq(year))
        .filter(enrolments::status.eq_any(INSURED))
        .filter(enrolments::group_code.is_not_null())
        .group_by(enrolments::organization_id)
        .select((
            enrolments::organization_id,
            number_of(enrolments::person).aggregate_distinct(),
            count_star(),
            sum(enrolments::shares),
        ))
        .into_boxed();
    within!(query, enrolments::organization_id, rx);
    let rows: Vec<(String, i64, i64, Option<i64>)> = query.load(rx.conn)?;
    let counted = |(unit, people, enrolled, shares)| (unit, count((people, enrolled, shares)));
    Ok(rows.into_iter().map(counted).collect())
}

/// The units in scope: id, code and name, from above to below.
pub(super) fn units(rx: &mut Rx) -> Result<Vec<(String, String, String)>> {
    let mut query = organizations::table
        .select((organizations::id, organizations::code, organizations::name))
        .into_boxed();
    if let Some((first, beyond)) = rx.scope.range() {
        query = query
            .filter(organizations::path.ge(first))
            .filter(organizations::path.lt(beyond));
    }
    Ok(query.order(organizations::path).load(rx.conn)?)
}
