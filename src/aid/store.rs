//! Applications for aid in SQL.

use diesel::prelude::*;

use super::rules::duplicate;
use super::{AidId, Application, bill_already_used};
use crate::claims::Status;
use crate::db::page::{Ask, Page, bad_cursor};
use crate::db::schema::{aid_applications, aid_limits, aid_uses};
use crate::db::types::Fen;
use crate::db::{Rx, Tx, unique, unless_taken};
use crate::error::{Error, Result};
use crate::files::FileId;
use crate::members::MemberId;
use crate::organizations::{self, OrganizationId};
use crate::policies::rules::Cap;
use crate::within;

/// What to list.
#[derive(Default)]
pub struct Filter {
    pub status: Option<Status>,
    pub organization_id: Option<OrganizationId>,
    pub member_id: Option<MemberId>,
    pub file_id: Option<FileId>,
    pub kind: Option<String>,
}

/// An application in scope.
pub fn find(rx: &mut Rx, id: AidId) -> Result<Application> {
    let mut query = Application::query()
        .filter(aid_applications::id.eq(id))
        .into_boxed();
    within!(one query, aid_applications::organization_id, rx);
    query
        .get_result(rx.conn)
        .optional()?
        .ok_or(Error::NotFound("aid_application"))
}

/// Applications in scope, by id.
pub(super) fn list(rx: &mut Rx, filter: Filter, ask: &Ask) -> Result<Page<Application>> {
    organizations::narrow(rx, filter.organization_id)?;
    let mut query = Application::query().into_boxed();
    within!(query, aid_applications::organization_id, rx);
    if let Some(status) = filter.status {
        query = query.filter(aid_applications::status.eq(status));
    }
    if let Some(member) = filter.member_id {
        query = query.filter(aid_applications::member_id.eq(member));
    }
    if let Some(file) = filter.file_id {
        query = query.filter(aid_applications::file_id.eq(file));
    }
    if let Some(kind) = filter.kind {
        query = query.filter(aid_applications::kind.eq(kind));
    }
    if let Some(after) = ask.after_id() {
        let after: AidId = after.parse().map_err(|_| bad_cursor())?;
        query = query.filter(aid_applications::id.gt(after));
    }
    let rows = query
        .order(aid_applications::id)
        .limit(ask.fetch())
        .load(rx.conn)?;
    Ok(ask.page(rows, |one: &Application| (String::new(), one.id.to_string())))
}

pub(super) fn insert(tx: &mut Tx, application: &Application) -> Result<()> {
    diesel::insert_into(aid_applications::table)
        .values(application)
        .execute(tx.conn)?;
    Ok(())
}

/// Takes the row, as its next version, until the unit of work ends; `false` when somebody who read the same version
/// came first.
pub(super) fn next_version(tx: &mut Tx, application: &mut Application) -> Result<bool> {
    let read = application.version;
    let place = aid_applications::table
        .find(application.id)
        .filter(aid_applications::version.eq(read));
    let taken = diesel::update(place)
        .set(aid_applications::version.eq(read + 1))
        .execute(tx.conn)?;
    application.version = read + 1;
    Ok(taken == 1)
}

/// Writes an application whose row was taken by [`next_version`].
pub(super) fn update(tx: &mut Tx, application: &Application) -> Result<()> {
    let place = aid_applications::table.find(application.id);
    let done = diesel::update(place).set(application).execute(tx.conn);
    unique(done, bill_already_used).map(drop)
}

/// How many of the people had a kind of aid for one of the months.
pub(super) fn had(rx: &mut Rx, people: &[String], kind: &str, months: &[String]) -> Result<i64> {
    Ok(aid_uses::table
        .filter(aid_uses::person.eq_any(people.to_vec()))
        .filter(aid_uses::month.eq_any(months.to_vec()))
        .filter(aid_uses::kind.eq(kind))
        .filter(diesel::dsl::not(aid_uses::released))
        .select(diesel::dsl::count(aid_uses::person).aggregate_distinct())
        .get_result(rx.conn)?)
}

/// Whether one of the people had another kind of aid for one of the months.
pub(super) fn had_other(rx: &mut Rx, people: &[String], kind: &str, months: &[String]) -> Result<bool> {
    let other = aid_uses::table
        .filter(aid_uses::person.eq_any(people.to_vec()))
        .filter(aid_uses::month.eq_any(months.to_vec()))
        .filter(aid_uses::kind.ne(kind))
        .filter(diesel::dsl::not(aid_uses::released));
    Ok(diesel::select(diesel::dsl::exists(other)).get_result(rx.conn)?)
}

/// Records for whom a grant is, month by month, in one order, so that two grants wait for each other instead of
/// dead-locking.
pub(super) fn use_months(
    tx: &mut Tx,
    application: &Application,
    people: &[String],
    months: &[String],
) -> Result<()> {
    for person in people {
        for month in months {
            let row = (
                aid_uses::aid_id.eq(application.id),
                aid_uses::person.eq(person),
                aid_uses::kind.eq(&application.kind),
                aid_uses::month.eq(month),
                aid_uses::released.eq(false),
            );
            let done = diesel::insert_into(aid_uses::table).values(row).execute(tx.conn);
            unique(done, duplicate)?;
        }
    }
    Ok(())
}

/// Sets the months of a grant free.
pub(super) fn release_months(tx: &mut Tx, id: AidId) -> Result<()> {
    let months = aid_uses::table.filter(aid_uses::aid_id.eq(id));
    diesel::update(months)
        .set(aid_uses::released.eq(true))
        .execute(tx.conn)?;
    Ok(())
}

/// Whether a bill was helped with by another grant.
pub(super) fn settled(rx: &mut Rx, settlement: &str, except: Option<AidId>) -> Result<bool> {
    let grants: Vec<AidId> = aid_applications::table
        .filter(aid_applications::settlement_hash.eq(settlement))
        .filter(aid_applications::status.eq_any([Status::Approved, Status::Paid]))
        .filter(aid_applications::released_at.is_null())
        .select(aid_applications::id)
        .load(rx.conn)?;
    Ok(grants.into_iter().any(|grant| Some(grant) != except))
}

/// What was granted against a limit in a year.
pub(super) fn used(rx: &mut Rx, cap: Cap, subject: &str, year: i32) -> Result<Fen> {
    let place = aid_limits::table.find((cap, subject, year));
    let used: Option<Fen> = place
        .select(aid_limits::used_fen)
        .get_result(rx.conn)
        .optional()?;
    Ok(used.unwrap_or_default())
}

/// Takes the row of a limit until the work is done: whoever grants against the same limit waits.
pub(super) fn take_limit(tx: &mut Tx, cap: Cap, subject: &str, year: i32) -> Result<()> {
    let touch = |tx: &mut Tx| {
        let place = aid_limits::table.find((cap, subject, year));
        diesel::update(place)
            .set(aid_limits::used_fen.eq(aid_limits::used_fen))
            .execute(tx.conn)
    };
    if touch(tx)? == 1 {
        return Ok(());
    }
    let row = (
        aid_limits::cap.eq(cap),
        aid_limits::subject.eq(subject),
        aid_limits::year.eq(year),
        aid_limits::limit_fen.eq(Fen(0)),
        aid_limits::used_fen.eq(Fen(0)),
    );
    unless_taken(tx, |conn| {
        diesel::insert_into(aid_limits::table).values(row).execute(conn)
    })?;
    touch(tx)?;
    Ok(())
}

/// Counts a grant against the limit that holds now; a limit that was lowered since keeps what was granted before.
pub(super) fn count(tx: &mut Tx, cap: Cap, subject: &str, year: i32, limit: Fen, granted: Fen) -> Result<()> {
    let after = Fen(used(tx, cap, subject, year)?.0 + granted.0);
    let place = aid_limits::table.find((cap, subject, year));
    diesel::update(place)
        .set((aid_limits::limit_fen.eq(limit), aid_limits::used_fen.eq(after)))
        .execute(tx.conn)?;
    Ok(())
}

/// Takes a grant off its limit again.
pub(super) fn uncount(tx: &mut Tx, cap: Cap, subject: &str, year: i32, granted: Fen) -> Result<()> {
    take_limit(tx, cap, subject, year)?;
    let after = Fen(used(tx, cap, subject, year)?.0 - granted.0);
    let place = aid_limits::table.find((cap, subject, year));
    diesel::update(place)
        .set(aid_limits::used_fen.eq(after))
        .execute(tx.conn)?;
    Ok(())
}

/// Where an application stands that is not decided.
const OPEN: [Status; 4] = [
    Status::Draft,
    Status::Submitted,
    Status::Verified,
    Status::Returned,
];

/// How many applications of a member are not decided.
pub fn open_applications(rx: &mut Rx, member: MemberId) -> Result<i64> {
    let open = aid_applications::table
        .filter(aid_applications::member_id.eq(member))
        .filter(aid_applications::status.eq_any(OPEN));
    Ok(open.count().get_result(rx.conn)?)
}

/// Moves the applications of a member that are not decided to another unit (48), as their next version; gives their ids.
pub(super) fn follow(tx: &mut Tx, member: MemberId, unit: OrganizationId) -> Result<Vec<(AidId, i32)>> {
    let open: Vec<(AidId, i32)> = aid_applications::table
        .filter(aid_applications::member_id.eq(member))
        .filter(aid_applications::status.eq_any(OPEN))
        .filter(aid_applications::organization_id.ne(unit))
        .order(aid_applications::id)
        .select((aid_applications::id, aid_applications::version))
        .load(tx.conn)?;
    for (id, version) in &open {
        let place = aid_applications::table
            .find(*id)
            .filter(aid_applications::version.eq(version));
        let set = (
            aid_applications::organization_id.eq(unit),
            aid_applications::version.eq(version + 1),
            aid_applications::updated_at.eq(tx.now),
        );
        if diesel::update(place).set(set).execute(tx.conn)? != 1 {
            return Err(Error::stale());
        }
    }
    Ok(open)
}
