//! Means and verdicts in SQL. The caller has checked that the file is in scope.

use diesel::prelude::*;

use super::{Assessment, Declaration, Override};
use crate::db::page::{Ask, Page, bad_cursor};
use crate::db::schema::{assessments, exclusion_overrides, file_means, files, regions};
use crate::db::types::{Date, Id};
use crate::db::{Rx, Tx, unique};
use crate::error::{Error, Result};
use crate::files::{File, FileId, Status};
use crate::keyring::Sealed;
use crate::{say, within};

/// What a household declares.
pub(super) fn declaration(rx: &mut Rx, file: FileId) -> Result<Option<Declaration>> {
    let row = file_means::table.find(file).select(file_means::sealed);
    let sealed: Option<Sealed> = row.get_result(rx.conn).optional()?;
    sealed
        .map(|sealed| rx.keys.open_json("file_means", &sealed))
        .transpose()
}

/// Writes what a household declares, for the first time or again.
pub(super) fn put(tx: &mut Tx, file: FileId, declared: &Declaration) -> Result<()> {
    let sealed = file_means::sealed.eq(tx.keys.seal_json("file_means", declared)?);
    let place = file_means::table.find(file);
    if diesel::update(place).set(sealed.clone()).execute(tx.conn)? == 0 {
        diesel::insert_into(file_means::table)
            .values((file_means::file_id.eq(file), sealed))
            .execute(tx.conn)?;
    }
    Ok(())
}

pub(super) fn insert(tx: &mut Tx, assessment: &Assessment) -> Result<()> {
    diesel::insert_into(assessments::table)
        .values(assessment)
        .execute(tx.conn)?;
    Ok(())
}

/// The last verdict on a household.
pub(super) fn last(rx: &mut Rx, file: FileId) -> Result<Option<Assessment>> {
    let of_file = Assessment::query().filter(assessments::file_id.eq(file));
    let latest = of_file.order(assessments::id.desc()).limit(1);
    Ok(latest.load(rx.conn)?.into_iter().next())
}

/// The verdicts on a household, oldest first.
pub(super) fn list(rx: &mut Rx, file: FileId, ask: &Ask) -> Result<Page<Assessment>> {
    let mut query = Assessment::query()
        .filter(assessments::file_id.eq(file))
        .into_boxed();
    if let Some(id) = ask.after_id() {
        let id: Id<Assessment> = id.parse().map_err(|_| bad_cursor())?;
        query = query.filter(assessments::id.gt(id));
    }
    let rows = query.order(assessments::id).limit(ask.fetch()).load(rx.conn)?;
    Ok(ask.page(rows, |one: &Assessment| (String::new(), one.id.to_string())))
}

/// The code that is valid on a day for a region known by another: codes are followed to their successors (2).
pub(in crate::files) fn region_on(rx: &mut Rx, code: String, day: Date) -> Result<String> {
    let mut code = code;
    loop {
        let row = regions::table
            .find(&code)
            .select((regions::valid_to, regions::successor));
        let known: Option<(Option<Date>, Option<String>)> = row.get_result(rx.conn).optional()?;
        match known {
            Some((Some(last), Some(successor))) if last < day => code = successor,
            _ => return Ok(code),
        }
    }
}

/// Whether the city has set the exclusions of a file aside since it was handed in.
pub(super) fn is_overridden(rx: &mut Rx, file: &File) -> Result<bool> {
    let row = exclusion_overrides::table.find((file.id, file.round));
    Ok(diesel::select(diesel::dsl::exists(row)).get_result(rx.conn)?)
}

pub(super) fn insert_override(tx: &mut Tx, file: &File, given: &Override) -> Result<()> {
    let row = (
        exclusion_overrides::file_id.eq(file.id),
        exclusion_overrides::round.eq(file.round),
        exclusion_overrides::overridden_by.eq(tx.actor.user()?),
        exclusion_overrides::overridden_at.eq(tx.now),
        exclusion_overrides::reason_sealed.eq(tx.keys.seal("exclusion_override", &given.reason)?),
    );
    let done = diesel::insert_into(exclusion_overrides::table)
        .values(row)
        .execute(tx.conn);
    let again = || {
        let detail = say!("已说明理由", "this has been set aside already");
        Error::refused("already_overridden", detail)
    };
    unique(done, again).map(drop)
}

/// The files on file, of units in scope, that have declared their means.
pub(super) fn live_with_means(rx: &mut Rx) -> Result<Vec<File>> {
    let mut query = File::query()
        .filter(files::status.eq(Status::OnFile))
        .filter(files::id.eq_any(file_means::table.select(file_means::file_id)))
        .into_boxed();
    within!(query, files::organization_id, rx);
    Ok(query.order(files::id).load(rx.conn)?)
}
