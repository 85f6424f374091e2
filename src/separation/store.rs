//! Parts on cases in SQL.

use diesel::prelude::*;

use super::rules::Held;
use super::{Part, Relative, RelativeId, same_person};
use crate::db::schema::{case_parts, household_people, relatives};
use crate::db::{Rx, Tx, unique};
use crate::error::{Error, Result};
use crate::say;
use crate::users::UserId;

pub(super) fn held(rx: &mut Rx, case: &str) -> Result<Vec<Held>> {
    let parts = case_parts::table.filter(case_parts::case_id.eq(case));
    let rows = parts
        .select((
            case_parts::user_id,
            case_parts::user_person,
            case_parts::part,
            case_parts::round,
        ))
        .load(rx.conn)?;
    Ok(rows
        .into_iter()
        .map(|(user, person, part, round)| Held {
            user,
            person,
            part,
            round,
        })
        .collect())
}

/// Whether somebody has declared the other as a relative, or lives with them in a household on file.
pub(super) fn related(rx: &mut Rx, person: &str, subject: &str) -> Result<bool> {
    let declared = relatives::table
        .filter(relatives::user_person.eq(person))
        .filter(relatives::person.eq(subject));
    if diesel::select(diesel::dsl::exists(declared)).get_result(rx.conn)? {
        return Ok(true);
    }
    let household = |who: &str| {
        household_people::table
            .filter(household_people::person.eq(who.to_owned()))
            .filter(household_people::live)
            .select(household_people::file_id)
    };
    let own: Option<String> = household(person).get_result(rx.conn).optional()?;
    let theirs: Option<String> = household(subject).get_result(rx.conn).optional()?;
    Ok(own.is_some() && own == theirs)
}

pub(super) fn insert_relative(tx: &mut Tx, relative: &Relative) -> Result<()> {
    let done = diesel::insert_into(relatives::table)
        .values(relative)
        .execute(tx.conn);
    let again = || {
        let detail = say!("该亲属已申报", "this relative has been declared already");
        Error::refused("relative_exists", detail)
    };
    unique(done, again).map(drop)
}

/// The relatives that somebody has declared, in the order of declaring.
pub(super) fn relatives(rx: &mut Rx, person: &str) -> Result<Vec<Relative>> {
    let own = Relative::query().filter(relatives::user_person.eq(person));
    Ok(own.order(relatives::id).load(rx.conn)?)
}

/// A relative that somebody has declared.
pub(super) fn relative(rx: &mut Rx, person: &str, id: RelativeId) -> Result<Relative> {
    Relative::query()
        .filter(relatives::id.eq(id))
        .filter(relatives::user_person.eq(person))
        .get_result(rx.conn)
        .optional()?
        .ok_or(Error::NotFound("relative"))
}

pub(super) fn insert(
    tx: &mut Tx,
    case: &str,
    part: Part,
    round: i32,
    user: UserId,
    person: &str,
    subject: &str,
) -> Result<()> {
    let row = (
        case_parts::case_id.eq(case),
        case_parts::user_id.eq(user),
        case_parts::part.eq(part),
        case_parts::round.eq(round),
        case_parts::user_person.eq(person),
        case_parts::subject_person.eq(subject),
    );
    unique(
        diesel::insert_into(case_parts::table)
            .values(row)
            .execute(tx.conn),
        same_person,
    )
    .map(drop)
}
