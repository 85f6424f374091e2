//! Exports in SQL.

use diesel::prelude::*;

use super::{Export, ExportId, List, Status};
use crate::db::page::{Ask, Page};
use crate::db::schema::exports;
use crate::db::types::Timestamp;
use crate::db::{Rx, Tx};
use crate::error::{Error, Result};
use crate::organizations::{self, OrganizationId};
use crate::users::UserId;
use crate::within;

/// What to list.
pub(super) struct Filter {
    pub list: Option<List>,
    pub status: Option<Status>,
    pub requested_by: Option<UserId>,
    pub organization_id: Option<OrganizationId>,
}

/// An export in scope.
pub(super) fn find(rx: &mut Rx, id: ExportId) -> Result<Export> {
    let mut query = Export::query().filter(exports::id.eq(id)).into_boxed();
    within!(one query, exports::organization_id, rx);
    query
        .get_result(rx.conn)
        .optional()?
        .ok_or(Error::NotFound("export"))
}

/// Exports in scope: those whose time is over by its end, last first, the others newest first.
pub(super) fn list(rx: &mut Rx, filter: &Filter, ask: &Ask) -> Result<Page<Export>> {
    organizations::narrow(rx, filter.organization_id)?;
    let mut query = Export::query().into_boxed();
    within!(query, exports::organization_id, rx);
    if let Some(list) = filter.list {
        query = query.filter(exports::list.eq(list));
    }
    if let Some(user) = filter.requested_by {
        query = query.filter(exports::requested_by.eq(user));
    }
    let over = filter.status == Some(Status::Expired);
    query = match filter.status {
        None => query,
        Some(Status::Refused) => query.filter(exports::status.eq(Status::Refused)),
        Some(Status::Expired) => query
            .filter(exports::status.ne(Status::Refused))
            .filter(exports::expires_at.le(rx.now)),
        Some(status) => query
            .filter(exports::status.eq(status))
            .filter(exports::expires_at.gt(rx.now)),
    };
    if let Some((end, id)) = ask.after_key::<Timestamp, Export>()? {
        query = match over {
            true => query
                .filter(exports::expires_at.le(end))
                .filter(exports::expires_at.lt(end).or(exports::id.lt(id))),
            false => query.filter(exports::id.lt(id)),
        };
    }
    query = match over {
        true => query.order((exports::expires_at.desc(), exports::id.desc())),
        false => query.order(exports::id.desc()),
    };
    let rows = query.limit(ask.fetch()).load(rx.conn)?;
    Ok(ask.page(rows, |export: &Export| {
        (export.expires_at.to_string(), export.id.to_string())
    }))
}

pub(super) fn insert(tx: &mut Tx, export: &Export) -> Result<()> {
    diesel::insert_into(exports::table)
        .values(export)
        .execute(tx.conn)?;
    Ok(())
}

/// Writes an export back as its next version.
pub(super) fn update(tx: &mut Tx, export: &mut Export) -> Result<()> {
    let read = export.version;
    export.version += 1;
    export.updated_at = tx.now;
    let place = exports::table.find(export.id).filter(exports::version.eq(read));
    match diesel::update(place).set(&*export).execute(tx.conn)? {
        1 => Ok(()),
        _ => Err(Error::stale()),
    }
}
