//! Facts and kept ledgers in SQL.

use std::collections::BTreeSet;

use chrono::Days;
use diesel::prelude::*;

use super::details::{Details, Kept};
use super::rules::{self, Cover, Deed, Disposition, Facts, Pairing, Reason, State, Waiver};
use super::{ActionId, FileId, Kind, WaiverId};
use crate::db::schema::{
    actions, duties, enrolments, file_changes, files, household_people, ledgers, pairings, stand_ins, waivers,
};
use crate::db::types::{Date, Timestamp};
use crate::db::{Rx, Tx};
use crate::error::{Error, Result};
use crate::keyring::Sealed;
use crate::organizations::OrganizationId;
use crate::policies::PolicyId;
use crate::users::UserId;
use crate::within;

/// What the ledger knows of a file.
#[derive(Debug, Clone, HasQuery)]
#[diesel(table_name = files)]
pub struct Subject {
    /// The file.
    pub id: FileId,
    /// Its unit.
    pub organization_id: OrganizationId,
    /// Digest of the ID number of the person it is about.
    pub person: String,
    /// The present contact.
    pub contact_id: Option<UserId>,
    /// The day it came on file, if it did.
    pub opened_on: Option<Date>,
    /// The last day it was on file, once it has left.
    pub closed_on: Option<Date>,
}

/// A kept ledger.
#[derive(Debug, Clone, PartialEq, Eq, HasQuery, Insertable, AsChangeset)]
#[diesel(table_name = ledgers)]
#[diesel(primary_key(file_id, year))]
#[diesel(treat_none_as_null = true)]
pub(super) struct Ledger {
    pub file_id: FileId,
    pub year: i32,
    pub organization_id: OrganizationId,
    pub contact_id: Option<UserId>,
    pub policy_id: PolicyId,
    pub complete: bool,
    pub version: i32,
}

/// A kept duty.
#[derive(Debug, Clone, PartialEq, Eq, HasQuery, Insertable, AsChangeset)]
#[diesel(table_name = duties)]
#[diesel(primary_key(file_id, year, kind))]
#[diesel(treat_none_as_null = true)]
pub(super) struct Duty {
    pub file_id: FileId,
    pub year: i32,
    pub kind: Kind,
    pub organization_id: OrganizationId,
    pub contact_id: Option<UserId>,
    pub state: State,
    pub due_on: Date,
    pub done_on: Option<Date>,
    pub action_id: Option<ActionId>,
    pub waiver_id: Option<WaiverId>,
}

impl Duty {
    /// Whether it looks the same to a reader of the ledger, wherever the file belongs.
    pub fn shows_as(&self, other: &Self) -> bool {
        let shown = |d: &Self| (d.state, d.due_on, d.done_on, d.action_id, d.waiver_id);
        shown(self) == shown(other)
    }
}

/// A file in scope.
pub fn subject(rx: &mut Rx, file: FileId) -> Result<Subject> {
    let mut query = Subject::query().filter(files::id.eq(file)).into_boxed();
    within!(one query, files::organization_id, rx);
    query
        .get_result(rx.conn)
        .optional()?
        .ok_or(Error::NotFound("file"))
}

fn subject_anywhere(rx: &mut Rx, file: FileId) -> Result<Subject> {
    let found = Subject::query().filter(files::id.eq(file));
    found
        .get_result(rx.conn)
        .optional()?
        .ok_or(Error::NotFound("file"))
}

/// The file and its kept ledgers, with other writers kept away from the counters of its unit until the transaction
/// ends, and of the unit its ledgers are still counted under. The locks are always taken in the same order, so that
/// two writers never wait for each other.
pub(super) fn locked(tx: &mut Tx, file: FileId) -> Result<(Subject, Vec<Ledger>)> {
    let mut held = BTreeSet::new();
    loop {
        let (subject, kept) = (subject_anywhere(tx, file)?, ledgers(tx, file)?);
        let mut units: BTreeSet<_> = kept.iter().map(|l| l.organization_id).collect();
        units.insert(subject.organization_id);
        let mut outdated = false;
        for unit in units {
            if held.insert(unit) {
                outdated |= lock_unit(tx, unit)?;
            }
        }
        if !outdated {
            return Ok((subject, kept));
        }
    }
}

/// Keeps other writers away from the counters of a unit until the transaction ends; says whether they may have written
/// since it began.
pub(super) fn lock_unit(tx: &mut Tx, unit: OrganizationId) -> Result<bool> {
    tx.lock(&format!("ledgers of {unit}"))
}

/// Everything the ledger of a file depends on.
pub(super) fn facts(rx: &mut Rx, subject: &Subject, opened_on: Date) -> Result<Facts> {
    Ok(Facts {
        opened_on,
        closed_on: subject.closed_on,
        pairings: pairings_of(rx, subject.id)?,
        changes: changes_of(rx, subject.id)?,
        deeds: deeds_of(rx, subject.id)?,
        covers: covers_of(rx, subject.id)?,
        waivers: waivers_of(rx, subject.id)?,
    })
}

fn pairings_of(rx: &mut Rx, file: FileId) -> Result<Vec<Pairing>> {
    let rows = pairings::table.filter(pairings::file_id.eq(file)).select((
        pairings::contact_id,
        pairings::from_at,
        pairings::until_at,
    ));
    let rows: Vec<(UserId, Timestamp, Option<Timestamp>)> = rows.load(rx.conn)?;
    let pairing = |(contact, from, until)| Pairing { contact, from, until };
    let mut all: Vec<_> = rows.into_iter().map(pairing).collect();
    let with_stand_ins = rules::with_stand_ins(&all, &stand_ins_of(rx, &all)?);
    all.extend(with_stand_ins);
    Ok(all)
}

/// Who stood in for the contacts of a file: contact and stand-in, from when until when.
fn stand_ins_of(rx: &mut Rx, pairings: &[Pairing]) -> Result<Vec<(UserId, Pairing)>> {
    if pairings.is_empty() {
        return Ok(Vec::new());
    }
    let contacts = pairings.iter().map(|pairing| pairing.contact);
    let rows = stand_ins::table
        .filter(stand_ins::contact_id.eq_any(contacts))
        .select((
            stand_ins::contact_id,
            stand_ins::stand_in_id,
            stand_ins::from_on,
            stand_ins::until_on,
            stand_ins::ended_at,
        ));
    let rows: Vec<(UserId, UserId, Date, Date, Option<Timestamp>)> = rows.load(rx.conn)?;
    let zone = rx.zone;
    let standing = |(contact, stand_in, from_on, until_on, ended_at): (_, _, _, Date, Option<Timestamp>)| {
        let last = Timestamp::on(until_on + Days::new(1), 0, zone);
        let pairing = Pairing {
            contact: stand_in,
            from: Timestamp::on(from_on, 0, zone),
            until: Some(ended_at.map_or(last, |ended| ended.min(last))),
        };
        (contact, pairing)
    };
    Ok(rows.into_iter().map(standing).collect())
}

fn changes_of(rx: &mut Rx, file: FileId) -> Result<Vec<Date>> {
    let rows = file_changes::table.filter(file_changes::file_id.eq(file));
    let rows: Vec<Timestamp> = rows.select(file_changes::changed_at).load(rx.conn)?;
    Ok(rows.into_iter().map(|at| at.date(rx.zone)).collect())
}

fn deeds_of(rx: &mut Rx, file: FileId) -> Result<Vec<Deed>> {
    let rows = actions::table
        .filter(actions::file_id.eq(file))
        .filter(actions::voided_at.is_null())
        .select((
            actions::id,
            actions::occurred_at,
            actions::performed_by,
            actions::details_sealed,
        ));
    let rows: Vec<(ActionId, Timestamp, UserId, Sealed)> = rows.load(rx.conn)?;
    let deed = |(id, occurred_at, performed_by, sealed): (_, Timestamp, _, _)| {
        let details: Details = rx.keys.open_json::<Kept>(Kept::SEAL, &sealed)?.details;
        let on = occurred_at.date(rx.zone);
        Ok(Deed {
            id,
            occurred_at,
            on,
            performed_by,
            details,
        })
    };
    rows.into_iter().map(deed).collect()
}

/// The covers of who is or was in the household, within their time in it.
fn covers_of(rx: &mut Rx, file: FileId) -> Result<Vec<Cover>> {
    type Row = (Option<Date>, Date, Date, Option<Date>, Date, Option<Date>);
    let rows: Vec<Row> = household_people::table
        .inner_join(enrolments::table.on(enrolments::person.eq(household_people::person)))
        .filter(household_people::file_id.eq(file))
        .filter(enrolments::status.eq_any(["in_force", "ended"]))
        .select((
            enrolments::confirmed_on,
            enrolments::starts_on,
            enrolments::ends_on,
            enrolments::ended_on,
            household_people::joined_on,
            household_people::left_on,
        ))
        .load(rx.conn)?;
    let cover = |(confirmed_on, starts, ends, ended, joined, left): Row| {
        let to = ended.unwrap_or(ends);
        Some(Cover {
            confirmed_on: confirmed_on?,
            from: starts.max(joined),
            to: left.map_or(to, |left| to.min(left)),
        })
    };
    Ok(rows.into_iter().filter_map(cover).collect())
}

/// The files that people are or were in the household of, with their units, by unit.
pub(super) fn files_of(rx: &mut Rx, persons: &[String]) -> Result<Vec<(OrganizationId, FileId)>> {
    let in_households = household_people::table
        .filter(household_people::person.eq_any(persons))
        .select(household_people::file_id);
    Ok(files::table
        .filter(files::id.eq_any(in_households))
        .order((files::organization_id, files::id))
        .select((files::organization_id, files::id))
        .load(rx.conn)?)
}

fn waivers_of(rx: &mut Rx, file: FileId) -> Result<Vec<Waiver>> {
    type Row = (
        WaiverId,
        i32,
        Kind,
        Disposition,
        Reason,
        Option<Sealed>,
        UserId,
        Timestamp,
    );
    let rows = waivers::table
        .filter(waivers::file_id.eq(file))
        .filter(waivers::reinstated_at.is_null())
        .select((
            waivers::id,
            waivers::year,
            waivers::kind,
            waivers::disposition,
            waivers::reason_code,
            waivers::comment_sealed,
            waivers::decided_by,
            waivers::decided_at,
        ));
    let rows: Vec<Row> = rows.load(rx.conn)?;
    let waiver = |(id, year, kind, disposition, reason_code, sealed, decided_by, decided_at): Row| {
        let comment = sealed
            .map(|s| rx.keys.open(super::WAIVER_COMMENT, &s))
            .transpose()?;
        Ok(Waiver {
            id,
            year,
            kind,
            disposition,
            reason_code,
            comment,
            decided_by,
            decided_at,
        })
    };
    rows.into_iter().map(waiver).collect()
}

/// The kept ledger of a file and year.
pub(super) fn ledger(rx: &mut Rx, file: FileId, year: i32) -> Result<Option<Ledger>> {
    let one = Ledger::query()
        .filter(ledgers::file_id.eq(file))
        .filter(ledgers::year.eq(year));
    Ok(one.get_result(rx.conn).optional()?)
}

/// Every kept ledger of a file.
fn ledgers(rx: &mut Rx, file: FileId) -> Result<Vec<Ledger>> {
    Ok(Ledger::query().filter(ledgers::file_id.eq(file)).load(rx.conn)?)
}

/// Every kept duty of a file.
pub(super) fn duties(rx: &mut Rx, file: FileId) -> Result<Vec<Duty>> {
    Ok(Duty::query().filter(duties::file_id.eq(file)).load(rx.conn)?)
}

/// Writes a ledger: a new one, or over the one that was there.
pub(super) fn put_ledger(tx: &mut Tx, ledger: &Ledger, new: bool) -> Result<()> {
    let place = ledgers::table.find((ledger.file_id, ledger.year));
    if new {
        diesel::insert_into(ledgers::table)
            .values(ledger)
            .execute(tx.conn)?;
    } else {
        diesel::update(place).set(ledger).execute(tx.conn)?;
    }
    Ok(())
}

/// Writes a duty: a new one, or over the one that was there.
pub(super) fn put_duty(tx: &mut Tx, duty: &Duty, new: bool) -> Result<()> {
    let place = duties::table.find((duty.file_id, duty.year, duty.kind));
    if new {
        diesel::insert_into(duties::table).values(duty).execute(tx.conn)?;
    } else {
        diesel::update(place).set(duty).execute(tx.conn)?;
    }
    Ok(())
}

/// Actions are seen where their file is.
pub(super) fn actions_follow(tx: &mut Tx, subject: &Subject) -> Result<()> {
    let elsewhere = actions::table
        .filter(actions::file_id.eq(subject.id))
        .filter(actions::organization_id.ne(subject.organization_id));
    diesel::update(elsewhere)
        .set(actions::organization_id.eq(subject.organization_id))
        .execute(tx.conn)?;
    Ok(())
}

/// The next files on file, after `after` in the order of ids, that have no ledger for `year` yet, with their units.
pub(super) fn without_ledger(
    rx: &mut Rx,
    year: i32,
    after: Option<FileId>,
    limit: i64,
) -> Result<Vec<(FileId, OrganizationId)>> {
    let kept = ledgers::table
        .filter(ledgers::file_id.eq(files::id))
        .filter(ledgers::year.eq(year));
    let mut query = files::table
        .filter(files::status.eq("on_file"))
        .filter(diesel::dsl::not(diesel::dsl::exists(kept)))
        .into_boxed();
    if let Some(after) = after {
        query = query.filter(files::id.gt(after));
    }
    let rows = query.order(files::id).limit(limit);
    Ok(rows.select((files::id, files::organization_id)).load(rx.conn)?)
}

/// How many duties of a file are open, of all years.
pub(super) fn open_duties(rx: &mut Rx, file: FileId) -> Result<i64> {
    let open = duties::table
        .filter(duties::file_id.eq(file))
        .filter(duties::state.eq(State::Open));
    Ok(open.count().get_result(rx.conn)?)
}
