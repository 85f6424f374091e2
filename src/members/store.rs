//! The register in SQL.

use diesel::prelude::*;

use super::{Group, Member, MemberId, Status};
use crate::db::page::{Ask, Page, bad_cursor};
use crate::db::schema::{files, household_people, member_statuses, member_transfers, members};
use crate::db::types::{Date, Id};
use crate::db::{Rx, Tx, unless_taken};
use crate::error::{Error, Result};
use crate::keyring::Keyring;
use crate::organizations::{self, OrganizationId};
use crate::within;

/// The digest by which a phone number is found.
pub(super) fn phone_hash(keys: &Keyring, number: &str) -> String {
    keys.digest("phone", number)
}

/// A member of a unit in scope.
pub fn find(rx: &mut Rx, id: MemberId) -> Result<Member> {
    let mut query = Member::query().filter(members::id.eq(id)).into_boxed();
    within!(one query, members::organization_id, rx);
    query
        .get_result(rx.conn)
        .optional()?
        .ok_or(Error::NotFound("member"))
}

/// A member wherever it is: for the file or claim, in scope, that is about it.
pub fn find_any(rx: &mut Rx, id: MemberId) -> Result<Member> {
    Ok(Member::query().filter(members::id.eq(id)).get_result(rx.conn)?)
}

/// The member with this digest, in scope or not.
pub(super) fn by_person(rx: &mut Rx, person: &str) -> Result<Member> {
    Ok(Member::query()
        .filter(members::person.eq(person))
        .get_result(rx.conn)?)
}

/// What the member with this digest is today, in scope or not.
pub(super) fn status_of(rx: &mut Rx, person: &str) -> Result<Option<Status>> {
    let found = members::table.filter(members::person.eq(person));
    Ok(found.select(members::status).get_result(rx.conn).optional()?)
}

/// What to list.
#[derive(Default)]
pub(super) struct Filter {
    pub organization_id: Option<OrganizationId>,
    pub group: Option<Group>,
    pub status: Option<Status>,
    /// Digest of the ID number.
    pub person: Option<String>,
    /// Digest of the phone number.
    pub phone_hash: Option<String>,
    /// The beginning of the name, literally.
    pub name: Option<String>,
}

impl Filter {
    /// By which personal values it searches.
    pub fn by(&self) -> Vec<&'static str> {
        let fields = [
            ("id_number", self.person.is_some()),
            ("name", self.name.is_some()),
            ("phone", self.phone_hash.is_some()),
        ];
        let given = fields.into_iter().filter(|(_, given)| *given);
        given.map(|(name, _)| name).collect()
    }
}

/// Members of units in scope, by id.
pub(super) fn list(rx: &mut Rx, filter: Filter, ask: &Ask) -> Result<Page<Member>> {
    organizations::narrow(rx, filter.organization_id)?;
    let mut query = Member::query().into_boxed();
    within!(query, members::organization_id, rx);
    if let Some(group) = filter.group {
        query = query.filter(members::group_code.eq(group));
    }
    if let Some(status) = filter.status {
        query = query.filter(members::status.eq(status));
    }
    if let Some(person) = filter.person {
        query = query.filter(members::person.eq(person));
    }
    if let Some(hash) = filter.phone_hash {
        query = query.filter(members::phone_hash.eq(hash));
    }
    if let Some(name) = filter.name {
        // a range, so that the index answers and no character is a wildcard
        let beyond = format!("{name}{}", char::MAX);
        query = query
            .filter(members::name.ge(name))
            .filter(members::name.lt(beyond));
    }
    if let Some(id) = ask.after_id() {
        let id: MemberId = id.parse().map_err(|_| bad_cursor())?;
        query = query.filter(members::id.gt(id));
    }
    let rows = query.order(members::id).limit(ask.fetch()).load(rx.conn)?;
    Ok(ask.page(rows, |member: &Member| (String::new(), member.id.to_string())))
}

/// Inserts a member; `false` when the person is in the register already.
pub(super) fn insert(tx: &mut Tx, member: &Member) -> Result<bool> {
    let done = unless_taken(tx, |conn| {
        diesel::insert_into(members::table).values(member).execute(conn)
    });
    Ok(done?.is_some())
}

/// Writes a member back with the next version; the caller has checked the version it read, in this transaction.
pub(super) fn update(tx: &mut Tx, member: &mut Member) -> Result<()> {
    let read = member.version;
    member.version += 1;
    member.updated_at = tx.now;
    let place = members::table.find(member.id).filter(members::version.eq(read));
    match diesel::update(place).set(&*member).execute(tx.conn)? {
        1 => Ok(()),
        _ => Err(Error::stale()),
    }
}

pub(super) fn insert_status(tx: &mut Tx, member: MemberId, status: Status, from: Date) -> Result<()> {
    let row = (
        member_statuses::id.eq(tx.new_id::<Status>()),
        member_statuses::member_id.eq(member),
        member_statuses::status.eq(status),
        member_statuses::effective_on.eq(from),
        member_statuses::recorded_by.eq(tx.actor.user()?),
        member_statuses::recorded_at.eq(tx.now),
    );
    diesel::insert_into(member_statuses::table)
        .values(row)
        .execute(tx.conn)?;
    Ok(())
}

/// The dated statuses of a member in the order in which they were recorded.
pub(super) fn statuses(rx: &mut Rx, member: MemberId) -> Result<Vec<(Date, Status)>> {
    let rows = member_statuses::table.filter(member_statuses::member_id.eq(member));
    Ok(rows
        .order((member_statuses::recorded_at, member_statuses::id))
        .select((member_statuses::effective_on, member_statuses::status))
        .load(rx.conn)?)
}

pub(super) fn insert_transfer(tx: &mut Tx, before: &Member, after: &Member, from: Date) -> Result<()> {
    let row = (
        member_transfers::id.eq(tx.new_id::<Id<()>>()),
        member_transfers::member_id.eq(before.id),
        member_transfers::from_organization_id.eq(before.organization_id),
        member_transfers::organization_id.eq(after.organization_id),
        member_transfers::effective_on.eq(from),
        member_transfers::recorded_by.eq(tx.actor.user()?),
        member_transfers::recorded_at.eq(tx.now),
    );
    diesel::insert_into(member_transfers::table)
        .values(row)
        .execute(tx.conn)?;
    Ok(())
}

/// Whether other records are merged into this one.
pub(super) fn has_merged(rx: &mut Rx, id: MemberId) -> Result<bool> {
    let merged = members::table.filter(members::merged_into.eq(id));
    Ok(diesel::select(diesel::dsl::exists(merged)).get_result(rx.conn)?)
}

/// Whether a member heads a household whose file has not ended.
pub(super) fn on_file(rx: &mut Rx, id: MemberId) -> Result<bool> {
    let live = files::table
        .inner_join(household_people::table.on(household_people::file_id.eq(files::id)))
        .filter(files::member_id.eq(id))
        .filter(household_people::live);
    Ok(diesel::select(diesel::dsl::exists(live)).get_result(rx.conn)?)
}

/// The digests of these members.
pub fn people(rx: &mut Rx, ids: Vec<MemberId>) -> Result<Vec<String>> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let rows = members::table.filter(members::id.eq_any(ids));
    Ok(rows.select(members::person).load(rx.conn)?)
}

/// The digests of a member and of every record merged with it.
pub(super) fn persons(rx: &mut Rx, id: MemberId) -> Result<Vec<String>> {
    let into: Option<MemberId> = members::table
        .find(id)
        .select(members::merged_into)
        .get_result(rx.conn)?;
    let kept = into.unwrap_or(id);
    let merged = members::table.filter(members::merged_into.eq(kept));
    let mut persons: Vec<String> = merged.select(members::person).load(rx.conn)?;
    persons.push(
        members::table
            .find(kept)
            .select(members::person)
            .get_result(rx.conn)?,
    );
    Ok(persons)
}

/// The member with this digest, in scope or not, if there is one.
pub(super) fn id_of(rx: &mut Rx, person: &str) -> Result<Option<MemberId>> {
    let found = members::table.filter(members::person.eq(person));
    Ok(found.select(members::id).get_result(rx.conn).optional()?)
}
