//! Temporary reliefs and the borderline register in SQL.

use diesel::prelude::*;

use super::borderline::{Entry, EntryId};
use super::relief::{Relief, ReliefId, Status};
use crate::db::page::{Ask, Page, bad_cursor};
use crate::db::schema::{borderline_entries, files, temporary_reliefs};
use crate::db::{Rx, Tx, unless_taken};
use crate::error::{Error, Result};
use crate::files::{self as all_files, FileId};
use crate::members::MemberId;
use crate::organizations::{self, OrganizationId};
use crate::within;

/// A temporary relief of a unit in scope.
pub(super) fn find_relief(rx: &mut Rx, id: ReliefId) -> Result<Relief> {
    let mut query = Relief::query().filter(temporary_reliefs::id.eq(id)).into_boxed();
    within!(one query, temporary_reliefs::organization_id, rx);
    query
        .get_result(rx.conn)
        .optional()?
        .ok_or(Error::NotFound("temporary_relief"))
}

/// The open temporary relief of a member, in scope or not, with its unit.
pub(super) fn open_relief(rx: &mut Rx, member: MemberId) -> Result<Option<(ReliefId, OrganizationId)>> {
    let open = temporary_reliefs::table
        .filter(temporary_reliefs::member_id.eq(member))
        .filter(temporary_reliefs::status.eq(Status::Open));
    Ok(open
        .select((temporary_reliefs::id, temporary_reliefs::organization_id))
        .get_result(rx.conn)
        .optional()?)
}

/// Inserts a temporary relief; `false` when the member has one that is open.
pub(super) fn insert_relief(tx: &mut Tx, relief: &Relief) -> Result<bool> {
    let done = unless_taken(tx, |conn| {
        diesel::insert_into(temporary_reliefs::table)
            .values(relief)
            .execute(conn)
    });
    Ok(done?.is_some())
}

/// Writes a temporary relief back with the next version; the caller has checked the version it read, in this
/// transaction.
pub(super) fn update_relief(tx: &mut Tx, relief: &mut Relief) -> Result<()> {
    let read = relief.version;
    relief.version += 1;
    let place = temporary_reliefs::table
        .find(relief.id)
        .filter(temporary_reliefs::version.eq(read));
    match diesel::update(place).set(&*relief).execute(tx.conn)? {
        1 => Ok(()),
        _ => Err(Error::stale()),
    }
}

/// The temporary reliefs of units in scope.
pub(super) fn reliefs(
    rx: &mut Rx,
    status: Option<Status>,
    unit: Option<OrganizationId>,
    ask: &Ask,
) -> Result<Page<Relief>> {
    organizations::narrow(rx, unit)?;
    let mut query = Relief::query().into_boxed();
    within!(query, temporary_reliefs::organization_id, rx);
    if let Some(status) = status {
        query = query.filter(temporary_reliefs::status.eq(status));
    }
    if let Some(id) = ask.after_id() {
        let id: ReliefId = id.parse().map_err(|_| bad_cursor())?;
        query = query.filter(temporary_reliefs::id.gt(id));
    }
    let in_order = query.order(temporary_reliefs::id);
    let rows = in_order.limit(ask.fetch()).load(rx.conn)?;
    Ok(ask.page(rows, |relief: &Relief| (String::new(), relief.id.to_string())))
}

/// An entry of the borderline register, of a unit in scope.
pub(super) fn find_entry(rx: &mut Rx, id: EntryId) -> Result<Entry> {
    let mut query = Entry::query().filter(borderline_entries::id.eq(id)).into_boxed();
    within!(one query, borderline_entries::organization_id, rx);
    query
        .get_result(rx.conn)
        .optional()?
        .ok_or(Error::NotFound("borderline_entry"))
}

/// The file of a member that is on file, in scope or not, with its unit.
pub(super) fn on_file(rx: &mut Rx, member: MemberId) -> Result<Option<(FileId, OrganizationId)>> {
    let on_file = files::table
        .filter(files::member_id.eq(member))
        .filter(files::status.eq(all_files::Status::OnFile));
    Ok(on_file
        .select((files::id, files::organization_id))
        .get_result(rx.conn)
        .optional()?)
}

/// Inserts an entry; `false` when the member is on the register.
pub(super) fn insert_entry(tx: &mut Tx, entry: &Entry) -> Result<bool> {
    let done = unless_taken(tx, |conn| {
        diesel::insert_into(borderline_entries::table)
            .values(entry)
            .execute(conn)
    });
    Ok(done?.is_some())
}

/// Writes an entry back with the next version; the caller has checked the version it read, in this transaction.
pub(super) fn update_entry(tx: &mut Tx, entry: &mut Entry) -> Result<()> {
    let read = entry.version;
    entry.version += 1;
    let place = borderline_entries::table
        .find(entry.id)
        .filter(borderline_entries::version.eq(read));
    match diesel::update(place).set(&*entry).execute(tx.conn)? {
        1 => Ok(()),
        _ => Err(Error::stale()),
    }
}

/// The borderline register of units in scope, with those who were removed.
pub(super) fn entries(rx: &mut Rx, unit: Option<OrganizationId>, ask: &Ask) -> Result<Page<Entry>> {
    organizations::narrow(rx, unit)?;
    let mut query = Entry::query().into_boxed();
    within!(query, borderline_entries::organization_id, rx);
    if let Some(id) = ask.after_id() {
        let id: EntryId = id.parse().map_err(|_| bad_cursor())?;
        query = query.filter(borderline_entries::id.gt(id));
    }
    let in_order = query.order(borderline_entries::id);
    let rows = in_order.limit(ask.fetch()).load(rx.conn)?;
    Ok(ask.page(rows, |entry: &Entry| (String::new(), entry.id.to_string())))
}
