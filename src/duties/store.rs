//! Actions and waivers in SQL.

use diesel::prelude::*;

use super::{Action, ActionRow, Narrowed};
use crate::db::page::{Ask, Page};
use crate::db::schema::{actions, users, waivers};
use crate::db::types::Timestamp;
use crate::db::{Rx, Tx, unique};
use crate::error::{Error, Result};
use crate::keyring::Sealed;
use crate::ledger::{self, ActionId, Disposition, FileId, Kind, Reason, WaiverId};
use crate::organizations::OrganizationId;
use crate::say;
use crate::users::UserId;
use crate::within;

/// An action in scope.
pub(super) fn find(rx: &mut Rx, id: ActionId) -> Result<ActionRow> {
    let mut query = ActionRow::query().filter(actions::id.eq(id)).into_boxed();
    within!(one query, actions::organization_id, rx);
    query
        .get_result(rx.conn)
        .optional()?
        .ok_or(Error::NotFound("action"))
}

/// Which actions.
#[derive(Default)]
pub(super) struct Filter {
    pub file_id: Option<FileId>,
    pub kind: Option<Kind>,
    pub organization_id: Option<OrganizationId>,
    pub performed_by: Option<UserId>,
    pub from: Option<Timestamp>,
    pub to: Option<Timestamp>,
}

/// Actions in scope, by when they happened. A unit stands for everything below it.
pub(super) fn list(rx: &mut Rx, filter: Filter, ask: &Ask) -> Result<Page<Action>> {
    let mut query = ActionRow::query().into_boxed();
    let narrowed = Narrowed::to(rx, filter.organization_id)?;
    within!(query, actions::organization_id, narrowed);
    if let Some(file) = filter.file_id {
        query = query.filter(actions::file_id.eq(file));
    }
    if let Some(kind) = filter.kind {
        query = query.filter(actions::kind.eq(kind));
    }
    if let Some(user) = filter.performed_by {
        query = query.filter(actions::performed_by.eq(user));
    }
    if let Some(from) = filter.from {
        query = query.filter(actions::occurred_at.ge(from));
    }
    if let Some(to) = filter.to {
        query = query.filter(actions::occurred_at.lt(to));
    }
    if let Some((at, id)) = ask.after_key::<Timestamp, ledger::Action>()? {
        query = query
            .filter(actions::occurred_at.ge(at))
            .filter(actions::occurred_at.gt(at).or(actions::id.gt(id)));
    }
    let in_order = query.order((actions::occurred_at, actions::id));
    let rows = in_order.limit(ask.fetch()).load(rx.conn)?;
    let page = ask.page(rows, |row: &ActionRow| {
        (row.occurred_at.to_string(), row.id.to_string())
    });
    page.map(|row| row.shown(rx.keys))
}

pub(super) fn insert(tx: &mut Tx, row: &ActionRow) -> Result<()> {
    diesel::insert_into(actions::table).values(row).execute(tx.conn)?;
    Ok(())
}

/// Writes an action back with the next version.
pub(super) fn update(tx: &mut Tx, row: &mut ActionRow) -> Result<()> {
    let read = row.version;
    row.version += 1;
    let place = actions::table.find(row.id).filter(actions::version.eq(read));
    match diesel::update(place).set(&*row).execute(tx.conn)? {
        1 => Ok(()),
        _ => Err(Error::stale()),
    }
}

/// The digest of the ID number of an account in scope, or of the caller's own.
pub(super) fn person_of(tx: &mut Tx, user: UserId) -> Result<Option<String>> {
    if tx.actor.id == Some(user) {
        return Ok(Some(tx.actor.person.clone()));
    }
    let mut query = users::table
        .filter(users::id.eq(user))
        .select(users::person)
        .into_boxed();
    within!(one query, users::organization_id, tx);
    Ok(query.get_result(tx.conn).optional()?)
}

/// A waiver about to be written.
pub(super) struct NewWaiver {
    pub file_id: FileId,
    pub year: i32,
    pub kind: Kind,
    pub disposition: Disposition,
    pub reason_code: Reason,
    pub comment_sealed: Option<Sealed>,
}

pub(super) fn insert_waiver(tx: &mut Tx, new: &NewWaiver) -> Result<()> {
    let id: WaiverId = tx.new_id();
    let row = (
        waivers::id.eq(id),
        waivers::file_id.eq(new.file_id),
        waivers::year.eq(new.year),
        waivers::kind.eq(new.kind),
        waivers::disposition.eq(new.disposition),
        waivers::reason_code.eq(new.reason_code),
        waivers::comment_sealed.eq(&new.comment_sealed),
        waivers::decided_by.eq(tx.actor.user()?),
        waivers::decided_at.eq(tx.now),
    );
    let done = diesel::insert_into(waivers::table).values(row).execute(tx.conn);
    let taken = || Error::refused("already_waived", say!("该项已免除", "the duty is waived already"));
    unique(done, taken).map(drop)
}

/// Ends the waiver in force; `false` when there is none.
pub(super) fn reinstate(tx: &mut Tx, file: FileId, year: i32, kind: Kind) -> Result<bool> {
    let current = waivers::table
        .filter(waivers::file_id.eq(file))
        .filter(waivers::year.eq(year))
        .filter(waivers::kind.eq(kind))
        .filter(waivers::reinstated_at.is_null());
    let by = (
        waivers::reinstated_by.eq(tx.actor.user()?),
        waivers::reinstated_at.eq(tx.now),
    );
    Ok(diesel::update(current).set(by).execute(tx.conn)? > 0)
}
