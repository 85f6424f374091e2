//! Invitations in SQL.

use diesel::prelude::*;

use super::{Guest, GuestId, TaskId, rules};
use crate::db::page::{Ask, Page, bad_cursor};
use crate::db::schema::{audit_guests, audit_tasks};
use crate::db::{Rx, Tx, unique};
use crate::error::{Error, Result};
use crate::organizations::OrganizationId;
use crate::users::UserId;

/// An invitation to a task that the caller has found in scope.
pub(super) fn find(rx: &mut Rx, task: TaskId, id: GuestId) -> Result<Guest> {
    Guest::query()
        .filter(audit_guests::id.eq(id))
        .filter(audit_guests::task_id.eq(task))
        .get_result(rx.conn)
        .optional()?
        .ok_or(Error::NotFound("audit_guest"))
}

/// The invitations to a task that the caller has found in scope, by id.
pub(super) fn list(rx: &mut Rx, task: TaskId, ask: &Ask) -> Result<Page<Guest>> {
    let mut query = Guest::query().filter(audit_guests::task_id.eq(task)).into_boxed();
    if let Some(after) = ask.after_id() {
        let after: GuestId = after.parse().map_err(|_| bad_cursor())?;
        query = query.filter(audit_guests::id.gt(after));
    }
    let rows = query.order(audit_guests::id).limit(ask.fetch()).load(rx.conn)?;
    Ok(ask.page(rows, |guest: &Guest| (String::new(), guest.id.to_string())))
}

/// The invitation of an account that nobody has ended; it may have run out.
pub(super) fn open_of(rx: &mut Rx, user: UserId) -> Result<Option<Guest>> {
    Ok(Guest::query()
        .filter(audit_guests::user_id.eq(user))
        .filter(audit_guests::ended_at.is_null())
        .get_result(rx.conn)
        .optional()?)
}

/// The unit that a task is about, in scope or not.
pub(super) fn audited(rx: &mut Rx, task: TaskId) -> Result<OrganizationId> {
    let task = audit_tasks::table.find(task);
    Ok(task
        .select(audit_tasks::audited_organization_id)
        .get_result(rx.conn)?)
}

pub(super) fn insert(tx: &mut Tx, guest: &Guest) -> Result<()> {
    let done = diesel::insert_into(audit_guests::table)
        .values(guest)
        .execute(tx.conn);
    unique(done, rules::already_invited).map(drop)
}

/// Writes an invitation back with the next version; the caller has checked the version it read, in this transaction.
pub(super) fn update(tx: &mut Tx, guest: &mut Guest) -> Result<()> {
    let read = guest.version;
    guest.version += 1;
    let place = audit_guests::table
        .find(guest.id)
        .filter(audit_guests::version.eq(read));
    match diesel::update(place).set(&*guest).execute(tx.conn)? {
        1 => Ok(()),
        _ => Err(Error::stale()),
    }
}
