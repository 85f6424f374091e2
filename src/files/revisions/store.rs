//! Revisions in SQL. The caller has checked that the file is in scope.

use diesel::prelude::*;

use super::{FileId, Revision, Until};
use crate::db::page::{Ask, Page, bad_cursor};
use crate::db::schema::file_revisions;
use crate::db::{Rx, Tx};
use crate::error::{Error, Result};

pub(super) fn insert(tx: &mut Tx, revision: &Revision) -> Result<()> {
    diesel::insert_into(file_revisions::table)
        .values(revision)
        .execute(tx.conn)?;
    Ok(())
}

/// The revisions of a file from the first on.
pub(super) fn until(rx: &mut Rx, file: FileId, until: Until) -> Result<Vec<Revision>> {
    let of_file = Revision::query()
        .filter(file_revisions::file_id.eq(file))
        .into_boxed();
    let early = match until {
        Until::Version(version) => of_file.filter(file_revisions::version.le(version)),
        Until::Moment(at) => of_file.filter(file_revisions::at.lt(at)),
    };
    Ok(early.order(file_revisions::version).load(rx.conn)?)
}

/// One revision.
pub(super) fn find(rx: &mut Rx, file: FileId, version: i32) -> Result<Revision> {
    Revision::query()
        .filter(file_revisions::file_id.eq(file))
        .filter(file_revisions::version.eq(version))
        .get_result(rx.conn)
        .optional()?
        .ok_or(Error::NotFound("revision"))
}

/// The revisions of a file, oldest first.
pub(super) fn list(rx: &mut Rx, file: FileId, ask: &Ask) -> Result<Page<Revision>> {
    let mut query = Revision::query()
        .filter(file_revisions::file_id.eq(file))
        .into_boxed();
    if let Some(version) = ask.after_id() {
        let version: i32 = version.parse().map_err(|_| bad_cursor())?;
        query = query.filter(file_revisions::version.gt(version));
    }
    let rows = query
        .order(file_revisions::version)
        .limit(ask.fetch())
        .load(rx.conn)?;
    Ok(ask.page(rows, |revision: &Revision| {
        (String::new(), revision.version.to_string())
    }))
}
