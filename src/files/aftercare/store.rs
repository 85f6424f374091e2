//! Calls, their plans and what follows from the end of files in SQL.

use diesel::prelude::*;

use super::{Disposable, DueFollowUp, FollowUp, FollowUpId, FollowUpOutcome, rules};
use crate::db::page::{Ask, Page, bad_cursor};
use crate::db::schema::{file_follow_up_plans, files, follow_ups};
use crate::db::types::{Date, Json};
use crate::db::{Rx, Tx, unique};
use crate::error::{Error, Result};
use crate::files::{File, FileId, Status};
use crate::ledger::details::Reached;
use crate::organizations::OrganizationId;
use crate::within;

pub(super) fn insert(tx: &mut Tx, call: &FollowUp) -> Result<()> {
    diesel::insert_into(follow_ups::table)
        .values(call)
        .execute(tx.conn)?;
    Ok(())
}

/// A call to the household of a file. The caller has checked that the file is in scope.
pub(super) fn find(rx: &mut Rx, file: FileId, id: FollowUpId) -> Result<FollowUp> {
    FollowUp::query()
        .filter(follow_ups::id.eq(id))
        .filter(follow_ups::file_id.eq(file))
        .get_result(rx.conn)
        .optional()?
        .ok_or(Error::NotFound("follow_up"))
}

/// The calls to the household of a file, oldest first. The caller has checked that the file is in scope.
pub(super) fn all(rx: &mut Rx, file: FileId, ask: &Ask) -> Result<Page<FollowUp>> {
    let mut query = FollowUp::query()
        .filter(follow_ups::file_id.eq(file))
        .into_boxed();
    if let Some(id) = ask.after_id() {
        query = query.filter(follow_ups::id.gt(id.parse::<FollowUpId>().map_err(|_| bad_cursor())?));
    }
    let rows = query.order(follow_ups::id).limit(ask.fetch()).load(rx.conn)?;
    Ok(ask.page(rows, |call: &FollowUp| (String::new(), call.id.to_string())))
}

/// The last call at which somebody was reached: its day and outcome.
pub(super) fn last_reached(rx: &mut Rx, file: FileId) -> Result<Option<(Date, Option<FollowUpOutcome>)>> {
    let reached = follow_ups::table
        .filter(follow_ups::file_id.eq(file))
        .filter(follow_ups::reached.ne(Reached::Nobody));
    Ok(reached
        .order((follow_ups::called_on.desc(), follow_ups::id.desc()))
        .select((follow_ups::called_on, follow_ups::outcome))
        .first(rx.conn)
        .optional()?)
}

pub(super) fn insert_plan(tx: &mut Tx, file: FileId, months: &[i64]) -> Result<()> {
    let row = (
        file_follow_up_plans::file_id.eq(file),
        file_follow_up_plans::months.eq(Json(months.to_vec())),
    );
    let done = diesel::insert_into(file_follow_up_plans::table)
        .values(row)
        .execute(tx.conn);
    unique(done, Error::stale).map(drop)
}

/// The months of a file's plan, its row locked: until the transaction ends no other call and no re-opening changes it.
pub(super) fn lock_plan(tx: &mut Tx, file: FileId) -> Result<Option<Vec<i64>>> {
    let plan = file_follow_up_plans::table.find(file);
    diesel::update(plan)
        .set(file_follow_up_plans::next_on.eq(None::<Date>))
        .execute(tx.conn)?;
    let months: Option<Json<Vec<i64>>> = plan
        .select(file_follow_up_plans::months)
        .get_result(tx.conn)
        .optional()?;
    Ok(months.map(|months| months.0))
}

pub(super) fn update_plan(
    tx: &mut Tx,
    file: FileId,
    next_on: Option<Date>,
    last_outcome: Option<FollowUpOutcome>,
) -> Result<()> {
    let set = (
        file_follow_up_plans::next_on.eq(next_on),
        file_follow_up_plans::last_outcome.eq(last_outcome),
    );
    diesel::update(file_follow_up_plans::table.find(file))
        .set(set)
        .execute(tx.conn)?;
    Ok(())
}

/// The file of the episode before, in scope or not.
pub(super) fn former(rx: &mut Rx, id: FileId) -> Result<File> {
    Ok(File::query().filter(files::id.eq(id)).get_result(rx.conn)?)
}

/// Whether a file has a next episode that has not come to nothing.
pub(super) fn is_reopened(rx: &mut Rx, file: &File) -> Result<bool> {
    let next = files::table
        .filter(files::number.eq(&file.number))
        .filter(files::former_id.eq(file.id))
        .filter(files::status.ne(Status::Rejected))
        .filter(files::status.ne(Status::Withdrawn));
    Ok(diesel::select(diesel::dsl::exists(next)).get_result(rx.conn)?)
}

/// Files of units in scope whose households should have been called by a day, due first, first.
pub(super) fn due(rx: &mut Rx, by: Date, ask: &Ask) -> Result<Page<DueFollowUp>> {
    let mut query = file_follow_up_plans::table
        .inner_join(files::table)
        .filter(file_follow_up_plans::next_on.le(by))
        .select((
            files::id,
            files::number,
            files::organization_id,
            files::closed_on,
            file_follow_up_plans::next_on,
            file_follow_up_plans::last_outcome,
        ))
        .into_boxed();
    within!(query, files::organization_id, rx);
    if let Some((day, id)) = ask.after_key::<Date, File>()? {
        let same_day = file_follow_up_plans::file_id.gt(id);
        query = query
            .filter(file_follow_up_plans::next_on.ge(day))
            .filter(file_follow_up_plans::next_on.gt(day).or(same_day));
    }
    let rows = query
        .order((file_follow_up_plans::next_on, file_follow_up_plans::file_id))
        .limit(ask.fetch())
        .load(rx.conn)?;
    Ok(ask.page(rows, |due: &DueFollowUp| {
        let day = due.due_on.map_or_else(String::new, |day| day.to_string());
        (day, due.file_id.to_string())
    }))
}

/// How many files of units in scope were on file at the end of a day, by what they are today.
pub(super) fn on_file_at(rx: &mut Rx, day: Date) -> Result<Vec<(Status, i64)>> {
    let mut counts = Vec::new();
    for status in [
        Status::OnFile,
        Status::Exited,
        Status::Relieved,
        Status::Deregistered,
    ] {
        let mut query = files::table
            .filter(files::status.eq(status))
            .filter(files::opened_on.le(day))
            .filter(files::closed_on.is_null().or(files::closed_on.gt(day)))
            .count()
            .into_boxed();
        within!(query, files::organization_id, rx);
        counts.push((status, query.get_result(rx.conn)?));
    }
    Ok(counts)
}

/// Files of units in scope that were on file at the end of a day and are still.
pub(super) fn still_on_file(rx: &mut Rx, day: Date, ask: &Ask) -> Result<Page<File>> {
    let mut query = File::query()
        .filter(files::status.eq(Status::OnFile))
        .filter(files::opened_on.le(day))
        .into_boxed();
    within!(query, files::organization_id, rx);
    if let Some(id) = ask.after_id() {
        query = query.filter(files::id.gt(id.parse::<FileId>().map_err(|_| bad_cursor())?));
    }
    let rows = query.order(files::id).limit(ask.fetch()).load(rx.conn)?;
    Ok(ask.page(rows, |file: &File| (String::new(), file.id.to_string())))
}

type Ended = (FileId, String, OrganizationId, Status, Option<Date>);

/// Files of units in scope that ended before a day, longest ago, first; they are kept for so many years.
pub(super) fn ended_before(rx: &mut Rx, day: Date, years: i32, ask: &Ask) -> Result<Page<Disposable>> {
    let mut query = files::table
        .filter(files::closed_on.lt(day))
        .select((
            files::id,
            files::number,
            files::organization_id,
            files::status,
            files::closed_on,
        ))
        .into_boxed();
    within!(query, files::organization_id, rx);
    if let Some((day, id)) = ask.after_key::<Date, File>()? {
        query = query
            .filter(files::closed_on.ge(day))
            .filter(files::closed_on.gt(day).or(files::id.gt(id)));
    }
    let rows: Vec<Ended> = query
        .order((files::closed_on, files::id))
        .limit(ask.fetch())
        .load(rx.conn)?;
    let listed = rows
        .into_iter()
        .filter_map(|(file_id, file_number, organization_id, status, closed_on)| {
            let closed_on = closed_on?;
            Some(Disposable {
                file_id,
                file_number,
                organization_id,
                status,
                closed_on,
                kept_until: rules::kept_until(closed_on, years),
            })
        });
    Ok(ask.page(listed.collect(), |file: &Disposable| {
        (file.closed_on.to_string(), file.file_id.to_string())
    }))
}
