//! Worklist, gaps and counters in SQL.

use std::collections::HashMap;

use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_types::{self, BigInt, Bool, Integer};

use super::rules::{Cell, Counted};
use super::{Gap, GapReason, MemberName, WorkItem};
use crate::auth::Scope;
use crate::db::Rx;
use crate::db::page::{Ask, Page, bad_cursor};
use crate::db::schema::{duties, duty_counts, files, ledger_counts, members, stand_ins, users};
use crate::db::types::{Date, year_of};
use crate::duties::Narrowed;
use crate::error::Result;
use crate::ledger::{FileId, Kind, State, Status};
use crate::members::MemberId;
use crate::organizations::{Organization, OrganizationId};
use crate::users::UserId;
use crate::within;

/// Which duties of a worklist.
pub(super) struct Wanted {
    pub contact: UserId,
    pub year: Option<i32>,
    pub kind: Option<Kind>,
    pub due_before: Option<Date>,
    pub overdue: Option<bool>,
}

type Work = (FileId, String, MemberId, String, OrganizationId, i32, Kind, Date);

/// The contacts for whom somebody stands in today.
fn absent(rx: &mut Rx, stand_in: UserId) -> Result<Vec<UserId>> {
    let today = rx.today();
    Ok(stand_ins::table
        .filter(stand_ins::stand_in_id.eq(stand_in))
        .filter(stand_ins::ended_at.is_null())
        .filter(stand_ins::from_on.le(today))
        .filter(stand_ins::until_on.ge(today))
        .select(stand_ins::contact_id)
        .load(rx.conn)?)
}

/// The open duties of a contact and of those for whom the contact stands in today, the nearest due first.
pub(super) fn worklist(rx: &mut Rx, wanted: &Wanted, ask: &Ask) -> Result<Page<WorkItem>> {
    let today = rx.today();
    let mut contacts = absent(rx, wanted.contact)?;
    contacts.push(wanted.contact);
    let mut query = duties::table
        .inner_join(files::table.inner_join(members::table))
        .filter(duties::contact_id.eq_any(contacts))
        // in these words, so that SQLite sees that the partial index fits
        .filter(sql::<Bool>("duties.state = 'open'"))
        .select((
            duties::file_id,
            files::number,
            members::id,
            members::name,
            duties::organization_id,
            duties::year,
            duties::kind,
            duties::due_on,
        ))
        .into_boxed();
    within!(query, duties::organization_id, rx);
    if let Some(year) = wanted.year {
        query = query.filter(duties::year.eq(year));
    }
    if let Some(kind) = wanted.kind {
        query = query.filter(duties::kind.eq(kind));
    }
    if let Some(day) = wanted.due_before {
        query = query.filter(duties::due_on.lt(day));
    }
    match wanted.overdue {
        Some(true) => query = query.filter(duties::due_on.lt(today)),
        Some(false) => query = query.filter(duties::due_on.ge(today)),
        None => {}
    }
    if let Some((key, id)) = &ask.after {
        let (day, kind) = key.split_once(' ').ok_or_else(bad_cursor)?;
        let day: Date = day.parse().map_err(|_| bad_cursor())?;
        let kind: Kind = kind.parse().map_err(|()| bad_cursor())?;
        let file: FileId = id.parse().map_err(|_| bad_cursor())?;
        let same_file = duties::file_id.eq(file).and(duties::kind.gt(kind));
        let same_day = duties::due_on.eq(day).and(duties::file_id.gt(file).or(same_file));
        query = query
            .filter(duties::due_on.ge(day))
            .filter(duties::due_on.gt(day).or(same_day));
    }
    let rows: Vec<Work> = query
        .order((duties::due_on, duties::file_id, duties::kind))
        .limit(ask.fetch())
        .load(rx.conn)?;
    let page = ask.page(rows, |row: &Work| {
        (format!("{} {}", row.7, row.6), row.0.to_string())
    });
    page.map(
        |(file_id, file_number, id, name, organization_id, year, kind, due_on)| {
            Ok(WorkItem {
                file_id,
                file_number,
                member: MemberName { id, name },
                organization_id,
                year,
                kind,
                status: if due_on < today {
                    Status::Overdue
                } else {
                    Status::Due
                },
                due_on,
            })
        },
    )
}

type Unpaired = (FileId, String, MemberId, String, OrganizationId, Option<UserId>);

/// Pairs of a contact and a unit whose files the contact can't look after: found among the totals of a year, which are
/// few, and not among the files.
const MOVED: &str = "(files.contact_id, files.organization_id) IN (
    SELECT ledger_counts.contact_id, ledger_counts.organization_id
    FROM ledger_counts
    JOIN users ON users.id = ledger_counts.contact_id
    JOIN organizations AS own ON own.id = users.organization_id
    JOIN organizations AS place ON place.id = ledger_counts.organization_id
    WHERE ledger_counts.n > 0 AND NOT users.disabled
        AND (users.roles NOT LIKE '%\"caseworker\"%' OR place.path NOT LIKE own.path || '%')
        AND ledger_counts.year = ";

/// Files on file that nobody looks after, by id.
pub(super) fn gaps(rx: &mut Rx, unit: Option<OrganizationId>, ask: &Ask) -> Result<Page<Gap>> {
    let narrowed = Narrowed::to(rx, unit)?;
    let after: Option<FileId> = ask
        .after_id()
        .map(str::parse)
        .transpose()
        .map_err(|_| bad_cursor())?;
    let mut rows: Vec<(Unpaired, GapReason)> = Vec::new();
    for reason in GapReason::ALL {
        let mut query = files::table
            .inner_join(members::table)
            .filter(sql::<Bool>("files.status = 'on_file'"))
            .select((
                files::id,
                files::number,
                members::id,
                members::name,
                files::organization_id,
                files::contact_id,
            ))
            .into_boxed();
        within!(query, files::organization_id, narrowed);
        query = match reason {
            GapReason::NoContact => query.filter(files::contact_id.is_null()),
            GapReason::ContactDisabled => {
                let gone = users::table
                    .filter(sql::<Bool>("users.disabled"))
                    .select(users::id);
                query.filter(files::contact_id.assume_not_null().eq_any(gone))
            }
            GapReason::ContactMoved => {
                let this_year = year_of(rx.today());
                query.filter(sql::<Bool>(MOVED).bind::<Integer, _>(this_year).sql(")"))
            }
        };
        if let Some(after) = after {
            query = query.filter(files::id.gt(after));
        }
        let some: Vec<Unpaired> = query.order(files::id).limit(ask.fetch()).load(rx.conn)?;
        rows.extend(some.into_iter().map(|row| (row, *reason)));
    }
    rows.sort_by_key(|(row, _)| row.0);
    let page = ask.page(rows, |(row, _)| (String::new(), row.0.to_string()));
    page.map(
        |((file_id, file_number, id, name, organization_id, contact_id), reason)| {
            Ok(Gap {
                file_id,
                file_number,
                member: MemberName { id, name },
                organization_id,
                contact_id,
                reason,
            })
        },
    )
}

/// The counters of a unit and everything below it: those of each contact, or those of all contacts together. Days
/// are added up by the database, so that the answer is as long as the units and contacts are many.
pub(super) fn cells(rx: &mut Rx, year: i32, unit: &Organization, each_contact: bool) -> Result<Vec<Cell>> {
    let narrowed = Narrowed {
        scope: Scope::Under(unit.path.clone()),
    };
    let mut cells = complete(rx, year, &narrowed, each_contact)?;
    cells.extend(duties_by_day(rx, year, &narrowed, each_contact)?);
    Ok(cells)
}

/// The contact that stands for all of them.
const ALL: &str = "*";

fn complete(rx: &mut Rx, year: i32, narrowed: &Narrowed, each_contact: bool) -> Result<Vec<Cell>> {
    let mut query = ledger_counts::table
        .filter(ledger_counts::year.eq(year))
        .filter(ledger_counts::complete.eq(true))
        .filter(ledger_counts::n.gt(0))
        .select((
            ledger_counts::organization_id,
            ledger_counts::contact_id,
            ledger_counts::n,
        ))
        .into_boxed();
    within!(query, ledger_counts::organization_id, narrowed);
    query = if each_contact {
        query.filter(ledger_counts::contact_id.ne(ALL))
    } else {
        query.filter(ledger_counts::contact_id.eq(ALL))
    };
    let rows: Vec<(OrganizationId, String, i64)> = query.load(rx.conn)?;
    let cell = |(organization_id, contact, n)| Cell {
        organization_id,
        contact,
        counted: Counted::Complete,
        n,
    };
    Ok(rows.into_iter().map(cell).collect())
}

fn duties_by_day(rx: &mut Rx, year: i32, narrowed: &Narrowed, each_contact: bool) -> Result<Vec<Cell>> {
    /// Unit, contact, kind and state; how many; how many of them were due before today.
    type Sum = (OrganizationId, String, Kind, State, i64, i64);
    let past = sql::<BigInt>("CAST(SUM(CASE WHEN due_on < ")
        .bind::<sql_types::Date, _>(rx.today())
        .sql(" THEN n ELSE 0 END) AS BIGINT)");
    let mut query = duty_counts::table
        .group_by((
            duty_counts::organization_id,
            duty_counts::contact_id,
            duty_counts::kind,
            duty_counts::state,
        ))
        .select((
            duty_counts::organization_id,
            duty_counts::contact_id,
            duty_counts::kind,
            duty_counts::state,
            sql::<BigInt>("CAST(SUM(n) AS BIGINT)"),
            past,
        ))
        .filter(duty_counts::year.eq(year))
        .filter(duty_counts::n.gt(0))
        .into_boxed();
    within!(query, duty_counts::organization_id, narrowed);
    query = if each_contact {
        query.filter(duty_counts::contact_id.ne(ALL))
    } else {
        query.filter(duty_counts::contact_id.eq(ALL))
    };
    let sums: Vec<Sum> = query.load(rx.conn)?;
    let cells = |(organization_id, contact, kind, state, all, past): Sum| {
        [(false, all - past), (true, past)].map(|(past, n)| Cell {
            organization_id,
            contact: contact.clone(),
            counted: Counted::Duties { kind, state, past },
            n,
        })
    };
    Ok(sums.into_iter().flat_map(cells).collect())
}

/// The names of accounts, wherever they are.
pub(super) fn user_names<'a>(
    rx: &mut Rx,
    ids: impl Iterator<Item = &'a String>,
) -> Result<HashMap<String, String>> {
    let ids: Vec<&String> = ids.collect();
    let mut names = HashMap::new();
    for some in ids.chunks(500) {
        let rows = users::table.filter(users::id.eq_any(some.to_vec()));
        let rows: Vec<(String, String)> = rows.select((users::id, users::name)).load(rx.conn)?;
        names.extend(rows);
    }
    Ok(names)
}
