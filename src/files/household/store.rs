//! Households in SQL. The caller has checked that the file is in scope.

use diesel::prelude::*;

use super::{FileId, Person, PersonId};
use crate::db::schema::{file_profiles, files, household_people};
use crate::db::types::Date;
use crate::db::{Rx, Tx, unless_taken};
use crate::error::{Error, Result};
use crate::input::form::Content;
use crate::keyring::Sealed;
use crate::organizations::OrganizationId;

/// Somebody in the household of a file, or who was.
pub fn find(rx: &mut Rx, file: FileId, id: PersonId) -> Result<Person> {
    Person::query()
        .filter(household_people::id.eq(id))
        .filter(household_people::file_id.eq(file))
        .get_result(rx.conn)
        .optional()?
        .ok_or(Error::NotFound("person"))
}

/// Who is in the household of a file, in the order of joining.
pub(super) fn present(rx: &mut Rx, file: FileId) -> Result<Vec<Person>> {
    let present = Person::query()
        .filter(household_people::file_id.eq(file))
        .filter(household_people::left_on.is_null());
    Ok(present
        .order((household_people::joined_on, household_people::id))
        .load(rx.conn)?)
}

/// Who is or was in the household of a file.
pub(super) fn all(rx: &mut Rx, file: FileId) -> Result<Vec<Person>> {
    let of_file = Person::query().filter(household_people::file_id.eq(file));
    Ok(of_file
        .order((household_people::joined_on, household_people::id))
        .load(rx.conn)?)
}

/// Who else is or was in the households that somebody, by any of the digests, is or was in.
pub(super) fn beside(rx: &mut Rx, persons: &[String]) -> Result<Vec<Person>> {
    let files: Vec<FileId> = household_people::table
        .filter(household_people::person.eq_any(persons))
        .select(household_people::file_id)
        .load(rx.conn)?;
    if files.is_empty() {
        return Ok(Vec::new());
    }
    Ok(Person::query()
        .filter(household_people::file_id.eq_any(files))
        .filter(household_people::person.ne_all(persons))
        .load(rx.conn)?)
}

/// Who was in the household of a file on a day.
pub(super) fn on_day(rx: &mut Rx, file: FileId, day: Date) -> Result<Vec<Person>> {
    let there = Person::query()
        .filter(household_people::file_id.eq(file))
        .filter(household_people::joined_on.le(day))
        .filter(
            household_people::left_on
                .is_null()
                .or(household_people::left_on.ge(day)),
        );
    Ok(there
        .order((household_people::joined_on, household_people::id))
        .load(rx.conn)?)
}

/// Inserts somebody; `false` when they are in a household already.
pub(super) fn insert(tx: &mut Tx, person: &Person) -> Result<bool> {
    let done = unless_taken(tx, |conn| {
        diesel::insert_into(household_people::table)
            .values(person)
            .execute(conn)
    });
    Ok(done?.is_some())
}

/// Writes somebody back with the next version; the caller has checked the version it read, in this transaction.
pub(super) fn update(tx: &mut Tx, person: &mut Person) -> Result<()> {
    let read = person.version;
    person.version += 1;
    person.updated_at = tx.now;
    let place = household_people::table
        .find(person.id)
        .filter(household_people::version.eq(read));
    match diesel::update(place).set(&*person).execute(tx.conn)? {
        1 => Ok(()),
        _ => Err(Error::stale()),
    }
}

/// The file, not ended, whose household somebody is in, and its unit, in scope or not.
pub(super) fn holding_file(rx: &mut Rx, person: &str) -> Result<(FileId, OrganizationId)> {
    let live = household_people::table
        .filter(household_people::person.eq(person))
        .filter(household_people::live);
    let file: FileId = live.select(household_people::file_id).get_result(rx.conn)?;
    let unit = files::table.find(file).select(files::organization_id);
    Ok((file, unit.get_result(rx.conn)?))
}

/// The people of a file that has ended may be in another from now on.
pub(in crate::files) fn end(tx: &mut Tx, file: FileId) -> Result<()> {
    let live = household_people::table
        .filter(household_people::file_id.eq(file))
        .filter(household_people::live);
    diesel::update(live)
        .set(household_people::live.eq(false))
        .execute(tx.conn)?;
    Ok(())
}

/// The people of a file that is judged again; `None` when all of them still belong to no other household, else who.
pub(super) fn revive(tx: &mut Tx, file: FileId) -> Result<Option<String>> {
    for person in present(tx, file)? {
        let place = household_people::table.find(person.id);
        let live = household_people::live.eq(true);
        if unless_taken(tx, |conn| diesel::update(place).set(live).execute(conn))?.is_none() {
            return Ok(Some(person.person));
        }
    }
    Ok(None)
}

/// What the form of a file says.
pub(super) fn profile(rx: &mut Rx, file: FileId) -> Result<Content> {
    let row = file_profiles::table.find(file).select(file_profiles::sealed);
    let sealed: Option<Sealed> = row.get_result(rx.conn).optional()?;
    let open = |sealed: Sealed| rx.keys.open_json("file_profile", &sealed);
    Ok(sealed.map(open).transpose()?.unwrap_or_default())
}

/// Writes the form of a file, for the first time or again.
pub(super) fn put_profile(tx: &mut Tx, file: FileId, profile: &Content) -> Result<()> {
    let sealed = file_profiles::sealed.eq(tx.keys.seal_json("file_profile", profile)?);
    let place = file_profiles::table.find(file);
    if diesel::update(place).set(sealed.clone()).execute(tx.conn)? == 0 {
        diesel::insert_into(file_profiles::table)
            .values((file_profiles::file_id.eq(file), sealed))
            .execute(tx.conn)?;
    }
    Ok(())
}
