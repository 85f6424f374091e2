//! The real-name register (rules 84, 91): one row per person in the whole service, by ID number.
//!
//! Numbers are kept sealed and compared by digest; answers mask them, [`reveal`] shows one record with a reason.

use std::collections::BTreeMap;

use diesel::prelude::*;

use crate::audit::Event;
use crate::db::schema::members;
use crate::db::types::{Date, Id, Timestamp};
use crate::db::{Rx, Tx};
use crate::duplicates::{Kind, Record};
use crate::error::{Error, Result};
use crate::identity::Sex;
use crate::input::Reason;
use crate::keyring::{Keyring, Sealed};
use crate::organizations::{self, OrganizationId};
use crate::users::UserId;
use crate::{duplicates, say};

mod bodies;
pub mod http;
mod merge;
mod rules;
mod store;

pub use bodies::{MemberChange, Merge, NewMember, Shown, StatusChange, Transfer};
pub use merge::{not_merged, persons, same_person};
pub use rules::{Group, PersonalField, Status, within, without_name};
pub use store::{find, find_any, people};

/// The id of a member.
pub type MemberId = Id<Member>;

/// A member as kept.
#[derive(Debug, Clone, HasQuery, Insertable, AsChangeset, Identifiable)]
#[diesel(table_name = members)]
#[diesel(treat_none_as_null = true)]
pub struct Member {
    /// Its id.
    pub id: MemberId,
    /// The unit it belongs to.
    pub organization_id: OrganizationId,
    /// Its name.
    pub name: String,
    /// The ID number, encrypted.
    pub id_number_sealed: Sealed,
    /// Digest of the ID number: who it is, whatever the record.
    pub person: String,
    /// The phone number, encrypted.
    pub phone_sealed: Option<Sealed>,
    /// Digest of the phone number, for searches.
    pub phone_hash: Option<String>,
    /// By the ID number.
    pub sex: Sex,
    /// By the ID number.
    pub birth_date: Date,
    /// The status of today.
    pub status: Status,
    /// The day of joining the union.
    pub joined_on: Date,
    /// Which of the eight groups, if any (84).
    #[diesel(column_name = group_code)]
    pub group: Option<Group>,
    /// For whom it works.
    pub employer: Option<String>,
    /// Who registered it.
    pub recorder_id: UserId,
    /// Version, for `If-Match`.
    pub version: i32,
    /// The record of the same person that is used instead, when this one turned out to be a second.
    pub merged_into: Option<MemberId>,
    /// When it was last changed.
    pub updated_at: Timestamp,
}

impl Member {
    /// The ID number in clear: to be masked, or shown with a reason.
    pub fn id_number(&self, keys: &Keyring) -> Result<String> {
        keys.open("id_number", &self.id_number_sealed)
    }

    /// The phone number in clear, likewise.
    pub fn phone(&self, keys: &Keyring) -> Result<Option<String>> {
        let open = |sealed| keys.open("phone", sealed);
        self.phone_sealed.as_ref().map(open).transpose()
    }

    fn set_phone(&mut self, keys: &Keyring, phone: Option<&str>) -> Result<()> {
        self.phone_sealed = phone.map(|number| keys.seal("phone", number)).transpose()?;
        self.phone_hash = phone.map(|number| store::phone_hash(keys, number));
        Ok(())
    }
}

/// Registers a person. An ID number is in the register once, whoever registers it and however many do at once.
pub fn register(tx: &mut Tx, id: MemberId, new: NewMember) -> Result<Member> {
    let unit = organizations::referred(tx, new.organization_id, "/organization_id")?;
    new.id_number.born_by(tx.today(), "/id_number")?;
    let (birth_date, sex) = (new.id_number.birth_date(), new.id_number.sex());
    rules::within(new.joined_on, birth_date, tx.today(), "/joined_on")?;
    let number = new.id_number.as_str();
    let mut member = Member {
        id,
        organization_id: unit.id,
        name: new.name.into(),
        id_number_sealed: tx.keys.seal("id_number", number)?,
        person: tx.keys.person(number),
        phone_sealed: None,
        phone_hash: None,
        sex,
        birth_date,
        status: new.status.unwrap_or(Status::Serving),
        joined_on: new.joined_on,
        group: new.group,
        employer: new.employer.map(String::from),
        recorder_id: tx.actor.user()?,
        version: 1,
        merged_into: None,
        updated_at: tx.now,
    };
    member.set_phone(tx.keys, new.phone.as_ref().map(|phone| phone.as_str()))?;
    if !store::insert(tx, &member)? {
        return Err(exists(tx, &member.person)?);
    }
    store::insert_status(tx, member.id, member.status, member.joined_on)?;
    make_known(tx, &member)?;
    event("member.registered", &member)
        .field("organization_id", &member.organization_id)
        .field("status", &member.status)
        .field("joined_on", &member.joined_on)
        .record(tx)?;
    Ok(member)
}

/// The refusal of a second registration: names the holding unit, and the member only to those who may see it.
fn exists(tx: &mut Tx, person: &str) -> Result<Error> {
    let known = store::by_person(tx, person)?;
    let detail = say!("该身份证号已登记", "this ID number is in the register already");
    let refusal = Error::refused("member_exists", detail).with("organization_id", known.organization_id);
    Ok(match store::find(tx, known.id) {
        Ok(_) => refusal.with("member_id", known.id),
        Err(Error::NotFound(_)) => refusal,
        Err(other) => other,
    })
}

/// Changes name, phone, group or employer.
pub fn change(tx: &mut Tx, before: &Member, change: MemberChange) -> Result<Member> {
    let mut after = before.clone();
    after.name = change.name.map_or(after.name, String::from);
    after.group = change.group.unwrap_or(after.group);
    after.employer = change
        .employer
        .map_or(after.employer, |employer| employer.map(String::from));
    if let Some(phone) = change.phone {
        let phone = phone.as_ref().map(|number| number.as_str());
        if phone != before.phone(tx.keys)?.as_deref() {
            after.set_phone(tx.keys, phone)?;
        }
    }
    let event = Event::of("member.changed", "member", before.id)
        .organization(before.organization_id)
        .people([&before.person])
        .change("name", &before.name, &after.name)
        .change("phone", &before.phone_hash, &after.phone_hash)
        .change("group", &before.group, &after.group)
        .change("employer", &before.employer, &after.employer);
    if event.is_empty() {
        return Ok(after);
    }
    store::update(tx, &mut after)?;
    make_known(tx, &after)?;
    event.version(after.version).record(tx)?;
    Ok(after)
}

/// Records what the member is from a day on; the days before keep what they were.
pub fn set_status(tx: &mut Tx, before: &Member, change: StatusChange) -> Result<Member> {
    rules::within(change.effective_on, before.joined_on, tx.today(), "/effective_on")?;
    rules::without_name(&change.reason, &before.name, "/reason")?;
    store::insert_status(tx, before.id, change.status, change.effective_on)?;
    let history = store::statuses(tx, before.id)?;
    let mut after = before.clone();
    after.status = rules::status_on(&history, tx.today()).unwrap_or(change.status);
    store::update(tx, &mut after)?;
    event("member.status_changed", &after)
        .field("status", &change.status)
        .field("effective_on", &change.effective_on)
        .reason(change.reason)
        .record(tx)?;
    Ok(after)
}

/// Moves a member to another unit, from above both.
pub fn transfer(tx: &mut Tx, before: &Member, transfer: &Transfer) -> Result<Member> {
    let unit = organizations::referred(tx, transfer.organization_id, "/organization_id")?;
    rules::within(
        transfer.effective_on,
        before.joined_on,
        tx.today(),
        "/effective_on",
    )?;
    rules::may_transfer(before, unit.id)?;
    move_to(tx, before, unit.id, transfer.effective_on)
}

fn move_to(tx: &mut Tx, before: &Member, unit: OrganizationId, from: Date) -> Result<Member> {
    let mut after = before.clone();
    after.organization_id = unit;
    store::update(tx, &mut after)?;
    store::insert_transfer(tx, before, &after, from)?;
    make_known(tx, &after)?;
    event("member.transferred", &after)
        .field("organization_id", &after.organization_id)
        .field("effective_on", &from)
        .record(tx)?;
    Ok(after)
}

/// Moves a member with the file to another unit, as of today (48).
pub fn follow(tx: &mut Tx, id: MemberId, unit: OrganizationId) -> Result<()> {
    let before = find_any(tx, id)?;
    if before.organization_id == unit {
        return Ok(());
    }
    let today = tx.today();
    move_to(tx, &before, unit, today).map(drop)
}

/// Shows personal values of one member in clear; the log keeps who, what and why (87).
pub fn reveal(
    tx: &mut Tx,
    member: &Member,
    fields: &[PersonalField],
    reason: Reason,
) -> Result<BTreeMap<PersonalField, Option<String>>> {
    rules::without_name(&reason, &member.name, "/reason")?;
    let mut event = Event::of("member.revealed", "member", member.id)
        .organization(member.organization_id)
        .people([&member.person])
        .reason(reason);
    let mut values = BTreeMap::new();
    for field in fields {
        let value = match field {
            PersonalField::IdNumber => Some(member.id_number(tx.keys)?),
            PersonalField::Phone => member.phone(tx.keys)?,
        };
        if values.insert(*field, value).is_none() {
            event = event.field(field.as_str(), &values[field]);
        }
    }
    event.record(tx)?;
    Ok(values)
}

/// That somebody searched the register by these fields, and whom it showed; who was sought by number is concerned even when
/// nobody was found.
fn searched(by: &[&'static str], sought: Option<String>, found: &[Member]) -> Event {
    let event = match &sought {
        Some(person) => Event::about_person("member.searched", person),
        None => Event::of::<Member>("member.searched", "member", None),
    };
    event
        .field("by", &by)
        .field("found", &found.len())
        .people(sought)
        .people(found.iter().map(|member| &member.person))
}

/// Whether a member was serving on a day (59).
pub fn serving_on(rx: &mut Rx, member: &Member, day: Date) -> Result<bool> {
    let history = store::statuses(rx, member.id)?;
    Ok(rules::serving_on(member.joined_on, &history, day))
}

/// Whether a member has died, by what is known today (77).
pub fn has_died(rx: &mut Rx, member: MemberId) -> Result<bool> {
    let history = store::statuses(rx, member)?;
    Ok(rules::status_on(&history, rx.today()) == Some(Status::Deceased))
}

/// Whether somebody is in the register as deceased, by the digest of the ID number; who is not in it is not known dead.
pub fn is_known_dead(rx: &mut Rx, person: &str) -> Result<bool> {
    store::status_of(rx, person).map(|status| status == Some(Status::Deceased))
}

/// Lets a member be found again, and finds who it may be already (9).
fn make_known(tx: &mut Tx, member: &Member) -> Result<()> {
    let (number, phone) = (member.id_number(tx.keys)?, member.phone(tx.keys)?);
    let record = Record {
        id: member.id.cast(),
        kind: Kind::Member,
        organization_id: member.organization_id,
        file_id: None,
        name: &member.name,
        id_number: &number,
        phone: phone.as_deref(),
    };
    duplicates::know(tx, &record)
}

fn event(action: &'static str, member: &Member) -> Event {
    Event::of(action, "member", member.id)
        .organization(member.organization_id)
        .people([&member.person])
        .version(member.version)
}
