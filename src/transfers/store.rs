//! Transfers in SQL.

use diesel::prelude::*;

use super::{Status, Transfer, TransferId};
use crate::db::page::{Ask, Page, bad_cursor};
use crate::db::schema::file_transfers;
use crate::db::{Rx, Tx, unique};
use crate::error::{Error, Result};
use crate::{organizations, say, within};

/// Which way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Direction {
    /// To units in scope.
    In,
    /// From units in scope.
    Out,
}

pub(super) fn insert(tx: &mut Tx, transfer: &Transfer) -> Result<()> {
    let done = diesel::insert_into(file_transfers::table)
        .values(transfer)
        .execute(tx.conn);
    let again = || {
        let detail = say!("该档案正在移交", "the file is on its way already");
        Error::refused("transfer_pending", detail)
    };
    unique(done, again).map(drop)
}

/// A transfer to or from a unit in scope.
pub(super) fn find(rx: &mut Rx, id: TransferId) -> Result<Transfer> {
    let none = || Error::NotFound("transfer");
    let found: Option<Transfer> = Transfer::query()
        .filter(file_transfers::id.eq(id))
        .get_result(rx.conn)
        .optional()?;
    let transfer = found.ok_or_else(none)?;
    let sent = organizations::in_scope(rx, transfer.from_organization_id)?;
    if sent || organizations::in_scope(rx, transfer.organization_id)? {
        Ok(transfer)
    } else {
        Err(none())
    }
}

/// The same, its row locked: whoever answers it at the same time waits.
pub(super) fn lock(tx: &mut Tx, id: TransferId) -> Result<Transfer> {
    let same = file_transfers::version.eq(file_transfers::version);
    diesel::update(file_transfers::table.find(id))
        .set(same)
        .execute(tx.conn)?;
    find(tx, id)
}

/// Writes back what was decided; the caller has the row locked.
pub(super) fn update(tx: &mut Tx, transfer: &Transfer) -> Result<()> {
    diesel::update(file_transfers::table.find(transfer.id))
        .set(transfer)
        .execute(tx.conn)?;
    Ok(())
}

/// Transfers to or from units in scope, in the order of being sent.
pub(super) fn list(
    rx: &mut Rx,
    direction: Direction,
    status: Option<Status>,
    ask: &Ask,
) -> Result<Page<Transfer>> {
    let mut query = Transfer::query().into_boxed();
    match direction {
        Direction::In => within!(query, file_transfers::organization_id, rx),
        Direction::Out => within!(query, file_transfers::from_organization_id, rx),
    }
    if let Some(status) = status {
        query = query.filter(file_transfers::status.eq(status));
    }
    if let Some(id) = ask.after_id() {
        let id: TransferId = id.parse().map_err(|_| bad_cursor())?;
        query = query.filter(file_transfers::id.gt(id));
    }
    let rows = query.order(file_transfers::id).limit(ask.fetch()).load(rx.conn)?;
    Ok(ask.page(rows, |transfer: &Transfer| {
        (String::new(), transfer.id.to_string())
    }))
}
