//! Openings of sealed files in SQL. The caller has checked that the file is in scope.

use diesel::prelude::*;

use crate::db::schema::file_openings;
use crate::db::types::Date;
use crate::db::{Rx, Tx, unless_taken};
use crate::error::Result;
use crate::files::FileId;
use crate::users::UserId;

/// Whether somebody has opened a file on a day.
pub(super) fn is_open(rx: &mut Rx, file: FileId, user: UserId, on: Date) -> Result<bool> {
    let row = file_openings::table.find((file, user, on));
    Ok(diesel::select(diesel::dsl::exists(row)).get_result(rx.conn)?)
}

/// Keeps that the acting person has opened a file on a day; once is enough.
pub(super) fn open(tx: &mut Tx, file: FileId, on: Date) -> Result<()> {
    let row = (
        file_openings::file_id.eq(file),
        file_openings::user_id.eq(tx.actor.user()?),
        file_openings::opened_on.eq(on),
    );
    unless_taken(tx, |conn| {
        diesel::insert_into(file_openings::table)
            .values(row)
            .execute(conn)
    })
    .map(drop)
}
