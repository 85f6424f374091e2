//! Runs, and whose turn it is, in SQL.

use diesel::prelude::*;

use super::{Run, RunId, Status, rules};
use crate::db::page::{Ask, Page, bad_cursor};
use crate::db::schema::{audit_flag_runs, audit_flag_turn};
use crate::db::types::{Date, Timestamp};
use crate::db::{Rx, Tx};
use crate::error::{Error, Result};
use crate::within;

/// A run in scope.
pub(super) fn get(rx: &mut Rx, id: RunId) -> Result<Run> {
    let mut query = Run::query().filter(audit_flag_runs::id.eq(id)).into_boxed();
    within!(one query, audit_flag_runs::organization_id, rx);
    query
        .get_result(rx.conn)
        .optional()?
        .ok_or(Error::NotFound("run"))
}

/// Runs of units in scope, newest first.
pub(super) fn list(rx: &mut Rx, ask: &Ask) -> Result<Page<Run>> {
    let mut query = Run::query().into_boxed();
    within!(query, audit_flag_runs::organization_id, rx);
    if let Some(after) = ask.after_id() {
        let after: RunId = after.parse().map_err(|_| bad_cursor())?;
        query = query.filter(audit_flag_runs::id.lt(after));
    }
    let newest = query.order(audit_flag_runs::id.desc()).limit(ask.fetch());
    Ok(ask.page(newest.load(rx.conn)?, |run: &Run| {
        (String::new(), run.id.to_string())
    }))
}

/// Whether tonight's run is still to be made.
pub(super) fn is_due(rx: &mut Rx, today: Date) -> Result<bool> {
    let night: Date = audit_flag_turn::table
        .find(1)
        .select(audit_flag_turn::nightly_on)
        .get_result(rx.conn)?;
    Ok(night < today)
}

/// Takes the turn, unless another run has it, or tonight's run was made already.
pub(super) fn take_turn(tx: &mut Tx, run: RunId, night: Option<Date>) -> Result<bool> {
    let set = (
        audit_flag_turn::run_id.eq(Some(run)),
        audit_flag_turn::until_at.eq(tx.now.plus(rules::TURN)),
    );
    let free = audit_flag_turn::table
        .find(1)
        .filter(audit_flag_turn::until_at.le(tx.now));
    let taken = match night {
        Some(today) => diesel::update(free.filter(audit_flag_turn::nightly_on.lt(today)))
            .set(set)
            .execute(tx.conn)?,
        None => diesel::update(free).set(set).execute(tx.conn)?,
    };
    Ok(taken == 1)
}

/// Prolongs a run's turn.
///
/// # Errors
/// 409 when another run has taken it since.
pub(super) fn prolong(tx: &mut Tx, run: RunId) -> Result<()> {
    match set_end(tx, run, tx.now.plus(rules::TURN))? {
        true => Ok(()),
        false => Err(rules::running()),
    }
}

/// Gives a run's turn back, if it still has it; tonight's run was made, if it was that.
pub(super) fn give_turn_back(tx: &mut Tx, run: RunId, night: Option<Date>) -> Result<()> {
    if let Some(today) = night {
        let own = audit_flag_turn::table
            .find(1)
            .filter(audit_flag_turn::run_id.eq(run));
        let made = audit_flag_turn::nightly_on.eq(today);
        diesel::update(own).set(made).execute(tx.conn)?;
    }
    set_end(tx, run, tx.now).map(drop)
}

fn set_end(tx: &mut Tx, run: RunId, end: Timestamp) -> Result<bool> {
    let own = audit_flag_turn::table
        .find(1)
        .filter(audit_flag_turn::run_id.eq(run));
    let set = audit_flag_turn::until_at.eq(end);
    Ok(diesel::update(own).set(set).execute(tx.conn)? == 1)
}

/// Marks the runs that had their turn before and never ended.
pub(super) fn break_off(tx: &mut Tx) -> Result<()> {
    let running = audit_flag_runs::table.filter(audit_flag_runs::status.eq(Status::Running));
    let set = (
        audit_flag_runs::status.eq(Status::BrokenOff),
        audit_flag_runs::finished_at.eq(Some(tx.now)),
    );
    diesel::update(running).set(set).execute(tx.conn)?;
    Ok(())
}

pub(super) fn insert(tx: &mut Tx, run: &Run) -> Result<()> {
    diesel::insert_into(audit_flag_runs::table)
        .values(run)
        .execute(tx.conn)?;
    Ok(())
}

/// Writes down how a run ended, unless it was marked as broken off.
pub(super) fn finish(tx: &mut Tx, run: &Run) -> Result<()> {
    let place = audit_flag_runs::table
        .find(run.id)
        .filter(audit_flag_runs::status.eq(Status::Running));
    let set = (
        audit_flag_runs::finished_at.eq(run.finished_at),
        audit_flag_runs::status.eq(run.status),
        audit_flag_runs::found.eq(run.found),
        audit_flag_runs::opened.eq(run.opened),
        audit_flag_runs::came_back.eq(run.came_back),
        audit_flag_runs::changed.eq(run.changed),
        audit_flag_runs::gone.eq(run.gone),
        audit_flag_runs::failed.eq(run.failed.clone()),
    );
    match diesel::update(place).set(set).execute(tx.conn)? {
        1 => Ok(()),
        _ => Err(rules::running()),
    }
}
