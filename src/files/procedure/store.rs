//! The procedure in SQL. The caller has checked that the file is in scope.

use diesel::prelude::*;
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::{File, FileId, Notice, NoticeId, Objection, ObjectionId, Stage, rules};
use crate::db::page::{Ask, Page, bad_cursor};
use crate::db::schema::{file_steps, objections, public_notices};
use crate::db::types::{Date, Id};
use crate::db::{Rx, Tx, unique};
use crate::error::{Error, Result};
use crate::keyring::Sealed;

/// Keeps what was done at a step.
pub(super) fn insert_step(
    tx: &mut Tx,
    file: &File,
    stage: Stage,
    on: Date,
    what: &impl Serialize,
) -> Result<()> {
    let row = (
        file_steps::id.eq(tx.new_id::<Id<()>>()),
        file_steps::file_id.eq(file.id),
        file_steps::round.eq(file.round),
        file_steps::stage.eq(stage),
        file_steps::done_on.eq(on),
        file_steps::done_by.eq(tx.actor.user()?),
        file_steps::recorded_at.eq(tx.now),
        file_steps::sealed.eq(tx.keys.seal_json("file_step", what)?),
    );
    unique(
        diesel::insert_into(file_steps::table)
            .values(row)
            .execute(tx.conn),
        Error::stale,
    )
    .map(drop)
}

/// What was done at a step since the file was handed in.
pub(super) fn step<T: DeserializeOwned>(rx: &mut Rx, file: &File, stage: Stage) -> Result<Option<T>> {
    let row = file_steps::table
        .filter(file_steps::file_id.eq(file.id))
        .filter(file_steps::round.eq(file.round))
        .filter(file_steps::stage.eq(stage));
    let sealed: Option<Sealed> = row.select(file_steps::sealed).get_result(rx.conn).optional()?;
    sealed
        .map(|sealed| rx.keys.open_json("file_step", &sealed))
        .transpose()
}

/// The notice of a file in a round of its procedure.
pub(super) fn notice(rx: &mut Rx, file: FileId, round: i32) -> Result<Option<Notice>> {
    Ok(Notice::query()
        .filter(public_notices::file_id.eq(file))
        .filter(public_notices::round.eq(round))
        .get_result(rx.conn)
        .optional()?)
}

pub(super) fn insert_notice(tx: &mut Tx, notice: &Notice) -> Result<()> {
    let done = diesel::insert_into(public_notices::table)
        .values(notice)
        .execute(tx.conn);
    unique(done, Error::stale).map(drop)
}

pub(super) fn prolong(tx: &mut Tx, notice: NoticeId, until: Date) -> Result<()> {
    diesel::update(public_notices::table.find(notice))
        .set(public_notices::until_on.eq(until))
        .execute(tx.conn)?;
    Ok(())
}

/// Takes the notices of a file down.
pub(super) fn take_down(tx: &mut Tx, file: FileId) -> Result<()> {
    let of_file = public_notices::table.filter(public_notices::file_id.eq(file));
    diesel::update(of_file)
        .set(public_notices::taken_down.eq(true))
        .execute(tx.conn)?;
    Ok(())
}

/// The notices that the public may read on a day, by id.
pub(super) fn running(rx: &mut Rx, on: Date, ask: &Ask) -> Result<Page<Notice>> {
    let mut query = Notice::query()
        .filter(public_notices::until_on.ge(on))
        .filter(public_notices::from_on.le(on))
        .filter(public_notices::taken_down.eq(false))
        .into_boxed();
    if let Some((until, id)) = ask.after_key::<Date, Notice>()? {
        query = query
            .filter(public_notices::until_on.ge(until))
            .filter(public_notices::until_on.gt(until).or(public_notices::id.gt(id)));
    }
    let rows = query
        .order((public_notices::until_on, public_notices::id))
        .limit(ask.fetch())
        .load(rx.conn)?;
    Ok(ask.page(rows, |notice: &Notice| {
        (notice.until_on.to_string(), notice.id.to_string())
    }))
}

pub(super) fn insert_objection(tx: &mut Tx, objection: &Objection) -> Result<()> {
    diesel::insert_into(objections::table)
        .values(objection)
        .execute(tx.conn)?;
    Ok(())
}

/// An objection to a file.
pub(super) fn objection(rx: &mut Rx, file: FileId, id: ObjectionId) -> Result<Objection> {
    Objection::query()
        .filter(objections::id.eq(id))
        .filter(objections::file_id.eq(file))
        .get_result(rx.conn)
        .optional()?
        .ok_or(Error::NotFound("objection"))
}

/// The objections to a file, oldest first.
pub(super) fn objections(rx: &mut Rx, file: FileId, ask: &Ask) -> Result<Page<Objection>> {
    let mut query = Objection::query()
        .filter(objections::file_id.eq(file))
        .into_boxed();
    if let Some(id) = ask.after_id() {
        query = query.filter(objections::id.gt(id.parse::<ObjectionId>().map_err(|_| bad_cursor())?));
    }
    let rows = query.order(objections::id).limit(ask.fetch()).load(rx.conn)?;
    Ok(ask.page(rows, |objection: &Objection| {
        (String::new(), objection.id.to_string())
    }))
}

/// Whether an objection to a file is not decided.
pub(super) fn has_open_objection(rx: &mut Rx, file: FileId) -> Result<bool> {
    let open = objections::table
        .filter(objections::file_id.eq(file))
        .filter(objections::outcome.is_null());
    Ok(diesel::select(diesel::dsl::exists(open)).get_result(rx.conn)?)
}

/// Writes a decided objection back, if nobody else has decided it.
pub(super) fn update_objection(tx: &mut Tx, objection: &mut Objection) -> Result<()> {
    let read = objection.version;
    objection.version += 1;
    let place = objections::table
        .find(objection.id)
        .filter(objections::version.eq(read));
    match diesel::update(place).set(&*objection).execute(tx.conn)? {
        1 => Ok(()),
        _ => Err(rules::is_decided()),
    }
}
