//! Hardship files in SQL.

use diesel::prelude::*;

use super::{Category, File, FileId, Pairing, Stage, Status, household};
use crate::db::page::{Ask, Page};
use crate::db::schema::{actions, file_changes, file_reviews, files, ledgers, pairings};
use crate::db::types::{Date, Id, Timestamp};
use crate::db::{Rx, Tx, unique, unless_taken};
use crate::error::{Error, Result};
use crate::members::MemberId;
use crate::organizations::{self, OrganizationId};
use crate::users::UserId;
use crate::{say, text_enum, within};

/// The statuses of files that have ended; the index `files_one_per_member` names the same.
const ENDED: [Status; 5] = [
    Status::Exited,
    Status::Relieved,
    Status::Deregistered,
    Status::Rejected,
    Status::Withdrawn,
];

/// A file of a unit in scope.
pub fn find(rx: &mut Rx, id: FileId) -> Result<File> {
    let mut query = File::query().filter(files::id.eq(id)).into_boxed();
    within!(one query, files::organization_id, rx);
    query
        .get_result(rx.conn)
        .optional()?
        .ok_or(Error::NotFound("file"))
}

/// A file wherever it is: for the transfer, in scope, that is about it.
pub fn unscoped(rx: &mut Rx, id: FileId) -> Result<File> {
    Ok(File::query().filter(files::id.eq(id)).get_result(rx.conn)?)
}

/// The file of a member that has not ended, in scope or not, with its unit.
pub(super) fn live_file(rx: &mut Rx, member: MemberId) -> Result<Option<(FileId, OrganizationId)>> {
    let live = files::table
        .filter(files::member_id.eq(member))
        .filter(files::status.ne_all(ENDED));
    Ok(live
        .select((files::id, files::organization_id))
        .get_result(rx.conn)
        .optional()?)
}

/// The highest episode of a number so far, and the last file of it that came on file.
pub(super) fn last_episode(rx: &mut Rx, number: &str) -> Result<(i32, Option<FileId>)> {
    let rows: Vec<(i32, FileId, Option<crate::db::types::Date>)> = files::table
        .filter(files::number.eq(number))
        .order(files::episode.desc())
        .select((files::episode, files::id, files::opened_on))
        .load(rx.conn)?;
    let highest = rows.first().map_or(0, |(episode, ..)| *episode);
    let last = rows
        .iter()
        .find(|(.., opened)| opened.is_some())
        .map(|(_, id, _)| *id);
    Ok((highest, last))
}

/// Inserts a file; `false` when the member has one that has not ended, or the number its next episode.
pub(super) fn insert(tx: &mut Tx, file: &File) -> Result<bool> {
    let done = unless_taken(tx, |conn| {
        diesel::insert_into(files::table).values(file).execute(conn)
    });
    Ok(done?.is_some())
}

/// A file of a unit in scope, its row locked: until the transaction ends nobody else changes the file or its household.
pub(super) fn lock(tx: &mut Tx, id: FileId) -> Result<File> {
    let touched = files::updated_at.eq(tx.now);
    diesel::update(files::table.find(id))
        .set(touched)
        .execute(tx.conn)?;
    find(tx, id)
}

/// Writes a file back with the next version; the caller has checked the version it read, in this transaction.
pub(super) fn update(tx: &mut Tx, file: &mut File) -> Result<()> {
    let read = file.version;
    file.version += 1;
    file.updated_at = tx.now;
    let place = files::table.find(file.id).filter(files::version.eq(read));
    let second = || {
        let detail = say!(
            "该会员已有未结的档案",
            "this member has a file that has not ended"
        );
        Error::refused("file_exists", detail)
    };
    if unique(diesel::update(place).set(&*file).execute(tx.conn), second)? != 1 {
        return Err(Error::stale());
    }
    if file.status.has_ended() {
        household::end(tx, file.id)?;
    }
    Ok(())
}

/// Keeps that the content of a file on file changed (52).
pub(super) fn insert_change(tx: &mut Tx, file: FileId) -> Result<()> {
    let row = (
        file_changes::id.eq(tx.new_id::<Id<()>>()),
        file_changes::file_id.eq(file),
        file_changes::changed_at.eq(tx.now),
        file_changes::changed_by.eq(tx.actor.user()?),
    );
    diesel::insert_into(file_changes::table)
        .values(row)
        .execute(tx.conn)?;
    Ok(())
}

/// The files on file of a contact, of units in scope.
pub(super) fn of_contact(rx: &mut Rx, contact: UserId) -> Result<Vec<File>> {
    let mut query = File::query()
        .filter(files::contact_id.eq(contact))
        .filter(files::status.eq(Status::OnFile))
        .into_boxed();
    within!(query, files::organization_id, rx);
    Ok(query.order(files::id).load(rx.conn)?)
}

pub(super) fn insert_pairing(tx: &mut Tx, pairing: &Pairing) -> Result<()> {
    diesel::insert_into(pairings::table)
        .values(pairing)
        .execute(tx.conn)?;
    Ok(())
}

/// Ends the present pairing of a file, if it has one.
pub fn end_current(tx: &mut Tx, file: FileId) -> Result<()> {
    let current = pairings::table
        .filter(pairings::file_id.eq(file))
        .filter(pairings::until_at.is_null());
    diesel::update(current)
        .set(pairings::until_at.eq(Some(tx.now)))
        .execute(tx.conn)?;
    Ok(())
}

/// The pairings of a file, oldest first. The caller has checked that the file is in scope.
pub(super) fn pairings(rx: &mut Rx, file: FileId, ask: &Ask) -> Result<Page<Pairing>> {
    let mut query = Pairing::query().filter(pairings::file_id.eq(file)).into_boxed();
    if let Some((from, id)) = ask.after_key::<Timestamp, Pairing>()? {
        query = query
            .filter(pairings::from_at.ge(from))
            .filter(pairings::from_at.gt(from).or(pairings::id.gt(id)));
    }
    let in_order = query.order((pairings::from_at, pairings::id));
    let rows = in_order.limit(ask.fetch()).load(rx.conn)?;
    Ok(ask.page(rows, |pairing: &Pairing| {
        (pairing.from.to_string(), pairing.id.to_string())
    }))
}

text_enum! {
    /// Order of a list of files.
    #[derive(Default)]
    #[schema(as = FileSort)]
    pub enum Sort {
        /// Opened first, first.
        #[default]
        Id = "id",
        /// Opened last, first.
        IdDown = "-id",
        /// Changed longest ago, first.
        Updated = "updated_at",
        /// Changed last, first.
        UpdatedDown = "-updated_at",
        /// Of those that wait at a step, due first, first.
        Due = "due_on",
        /// Of those whose paper file is out of step, due first, first.
        PaperDue = "paper_due_on",
    }
}

/// What to list.
#[derive(Default)]
pub(super) struct Filter {
    pub status: Option<Status>,
    pub category: Option<Category>,
    pub organization_id: Option<OrganizationId>,
    pub contact_id: Option<UserId>,
    /// Only files with duties in this year, and whether those are done.
    pub year: Option<(i32, Option<bool>)>,
    pub updated_since: Option<Timestamp>,
    /// Only those on file that have no review of this year.
    pub unreviewed: Option<i32>,
    /// Only those on file that nobody has visited with help.
    pub never_helped: bool,
    /// Only those last changed before this time.
    pub changed_before: Option<Timestamp>,
    /// Only those that wait at this step.
    pub stage: Option<Stage>,
    /// Those whose paper should have been in step before this day (38).
    pub paper_due_before: Option<Date>,
    /// Only those whose step should have been done before this day.
    pub due_before: Option<Date>,
}

/// Files of units in scope.
pub(super) fn list(rx: &mut Rx, filter: &Filter, sort: Sort, ask: &Ask) -> Result<Page<File>> {
    organizations::narrow(rx, filter.organization_id)?;
    let mut query = File::query().into_boxed();
    within!(query, files::organization_id, rx);
    if let Some(status) = filter.status {
        query = query.filter(files::status.eq(status));
    }
    if let Some(category) = filter.category {
        query = query.filter(files::category.eq(category));
    }
    if let Some(contact) = filter.contact_id {
        query = query.filter(files::contact_id.eq(contact));
    }
    if let Some((year, complete)) = filter.year {
        let of_year = ledgers::table.filter(ledgers::year.eq(year));
        query = match complete {
            None => query.filter(files::id.eq_any(of_year.select(ledgers::file_id))),
            Some(complete) => {
                let done = of_year.filter(ledgers::complete.eq(complete));
                query.filter(files::id.eq_any(done.select(ledgers::file_id)))
            }
        };
    }
    if let Some(year) = filter.unreviewed {
        let reviewed = file_reviews::table
            .filter(file_reviews::file_id.eq(files::id))
            .filter(file_reviews::year.eq(year));
        query = query
            .filter(files::status.eq(Status::OnFile))
            .filter(diesel::dsl::not(diesel::dsl::exists(reviewed)));
    }
    if filter.never_helped {
        let helped = actions::table
            .filter(actions::file_id.eq(files::id))
            .filter(actions::kind.eq("care_visit"))
            .filter(actions::voided_at.is_null());
        query = query
            .filter(files::status.eq(Status::OnFile))
            .filter(diesel::dsl::not(diesel::dsl::exists(helped)));
    }
    if let Some(before) = filter.changed_before {
        query = query.filter(files::updated_at.lt(before));
    }
    if let Some(stage) = filter.stage {
        query = query.filter(files::stage.eq(stage));
    }
    if let Some(day) = filter.paper_due_before {
        query = query.filter(files::paper_due_on.lt(day));
    }
    if let Some(day) = filter.due_before {
        query = query.filter(files::due_on.lt(day));
    }
    if let Some(since) = filter.updated_since {
        query = query.filter(files::updated_at.ge(since));
    }
    query = match sort {
        Sort::Due => query
            .filter(files::due_on.is_not_null())
            .order((files::due_on, files::id)),
        Sort::PaperDue => query
            .filter(files::paper_due_on.is_not_null())
            .order((files::paper_due_on, files::id)),
        Sort::Id => query.order(files::id),
        Sort::IdDown => query.order(files::id.desc()),
        Sort::Updated => query.order((files::updated_at, files::id)),
        Sort::UpdatedDown => query.order((files::updated_at.desc(), files::id.desc())),
    };
    match sort {
        Sort::Due => {
            if let Some((day, id)) = ask.after_key::<Date, File>()? {
                query = query
                    .filter(files::due_on.ge(day))
                    .filter(files::due_on.gt(day).or(files::id.gt(id)));
            }
        }
        Sort::PaperDue => {
            if let Some((day, id)) = ask.after_key::<Date, File>()? {
                query = query
                    .filter(files::paper_due_on.ge(day))
                    .filter(files::paper_due_on.gt(day).or(files::id.gt(id)));
            }
        }
        Sort::Id | Sort::IdDown | Sort::Updated | Sort::UpdatedDown => {
            if let Some((at, id)) = ask.after_key::<Timestamp, File>()? {
                query = match sort {
                    Sort::IdDown => query.filter(files::id.lt(id)),
                    Sort::Updated => query
                        .filter(files::updated_at.ge(at))
                        .filter(files::updated_at.gt(at).or(files::id.gt(id))),
                    Sort::UpdatedDown => query
                        .filter(files::updated_at.le(at))
                        .filter(files::updated_at.lt(at).or(files::id.lt(id))),
                    _ => query.filter(files::id.gt(id)),
                };
            }
        }
    }
    let rows = query.limit(ask.fetch()).load(rx.conn)?;
    let key = |file: &File| match sort {
        Sort::Due => file.due_on.map(|day| day.to_string()),
        Sort::PaperDue => file.paper_due_on.map(|day| day.to_string()),
        _ => Some(file.updated_at.to_string()),
    };
    Ok(ask.page(rows, |file: &File| {
        (key(file).unwrap_or_default(), file.id.to_string())
    }))
}
