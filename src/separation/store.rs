//! Parts on cases in SQL.

use diesel::prelude::*;

use super::rules::Held;
use super::{Part, same_person};
use crate::db::schema::case_parts;
use crate::db::{Rx, Tx, unique};
use crate::error::Result;
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
