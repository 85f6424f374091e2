//! Inspections in SQL. The caller has checked that the file is in scope.

use diesel::prelude::*;

use super::{Inspection, InspectionId, rules};
use crate::db::page::{Ask, Page, bad_cursor};
use crate::db::schema::file_inspections;
use crate::db::{Rx, Tx};
use crate::error::{Error, Result};
use crate::files::FileId;

pub(super) fn insert(tx: &mut Tx, inspection: &Inspection) -> Result<()> {
    diesel::insert_into(file_inspections::table)
        .values(inspection)
        .execute(tx.conn)?;
    Ok(())
}

/// An inspection of a file.
pub(super) fn find(rx: &mut Rx, file: FileId, id: InspectionId) -> Result<Inspection> {
    Inspection::query()
        .filter(file_inspections::id.eq(id))
        .filter(file_inspections::file_id.eq(file))
        .get_result(rx.conn)
        .optional()?
        .ok_or(Error::NotFound("inspection"))
}

/// The inspections of a file, oldest first.
pub(super) fn all(rx: &mut Rx, file: FileId, ask: &Ask) -> Result<Page<Inspection>> {
    let mut query = Inspection::query()
        .filter(file_inspections::file_id.eq(file))
        .into_boxed();
    if let Some(id) = ask.after_id() {
        let id: InspectionId = id.parse().map_err(|_| bad_cursor())?;
        query = query.filter(file_inspections::id.gt(id));
    }
    let rows = query
        .order(file_inspections::id)
        .limit(ask.fetch())
        .load(rx.conn)?;
    Ok(ask.page(rows, |inspection: &Inspection| {
        (String::new(), inspection.id.to_string())
    }))
}

/// Writes a decided inspection back, if nobody else has decided it.
pub(super) fn update(tx: &mut Tx, inspection: &mut Inspection) -> Result<()> {
    let read = inspection.version;
    inspection.version += 1;
    let place = file_inspections::table
        .find(inspection.id)
        .filter(file_inspections::version.eq(read));
    match diesel::update(place).set(&*inspection).execute(tx.conn)? {
        1 => Ok(()),
        _ => Err(rules::is_decided()),
    }
}
