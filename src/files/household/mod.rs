//! The household of a file (rules 9, 10, 24, 88): its people, the head among them, each in one file that has not
//! ended, and the form of the file. Everything that says who somebody is, is kept encrypted.

use std::collections::BTreeMap;

use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::rules::complete;
use super::{File, FileId, Step, store as files};
use crate::audit::{self, Event};
use crate::db::schema::household_people;
use crate::db::types::{Date, Id, Timestamp};
use crate::db::{Rx, Tx};
use crate::duplicates::{KeyKind, Kind, Record};
use crate::error::{Error, FieldError, Result};
use crate::identity::{CitizenId, mask_id, mask_name};
use crate::input::form::{Content, Field};
use crate::keyring::{Keyring, Sealed};
use crate::{codes, duplicates, ledger, members, say};

mod bodies;
mod form;
pub mod http;
mod profile;
mod rules;
mod store;

pub use bodies::{Leave, NewPerson, PersonChange, PersonalField, Reveal};
use form::{PERSON, PROFILE};
pub use form::{PersonForm, ProfileForm, label};
pub use profile::{change_profile, profile};
pub use rules::{is_adult, is_minor};
pub(super) use store::end;
pub use store::find;

/// The relation of the head to the head.
const HEAD: &str = "head";

/// The id of somebody in a household.
pub type PersonId = Id<Person>;

/// Somebody in a household, as kept.
#[derive(Debug, Clone, HasQuery, Insertable, AsChangeset, Identifiable)]
#[diesel(table_name = household_people)]
#[diesel(treat_none_as_null = true)]
pub struct Person {
    /// Its id.
    pub id: PersonId,
    /// The file of the household.
    pub file_id: FileId,
    /// Digest of the ID number: who it is, whatever the record.
    pub person: String,
    /// To the head; a code of the list `relation`.
    pub relation: String,
    /// Since when in the household.
    pub joined_on: Date,
    /// Until when.
    pub left_on: Option<Date>,
    /// In the household of a file that has not ended.
    pub live: bool,
    /// Who it is and what the form says, encrypted.
    pub sealed: Sealed,
    /// Version, for `If-Match`.
    pub version: i32,
    /// When it was last changed.
    pub updated_at: Timestamp,
}

/// Who somebody is and what the form says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Particulars {
    /// The name.
    pub name: String,
    /// The ID number.
    pub id_number: String,
    /// The form.
    #[serde(default)]
    pub details: Content,
}

/// Everything that is recorded of somebody in a household, in clear: what revisions compare.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Recorded {
    /// To the head.
    pub relation: String,
    /// Since when in the household.
    pub joined_on: Date,
    /// Until when.
    pub left_on: Option<Date>,
    /// Version of the record.
    pub version: i32,
    /// Who it is.
    #[serde(flatten)]
    pub particulars: Particulars,
}

impl Person {
    /// Who it is and what the form says, in clear.
    pub fn particulars(&self, keys: &Keyring) -> Result<Particulars> {
        keys.open_json("household_person", &self.sealed)
    }

    /// Everything that is recorded, in clear.
    pub fn recorded(&self, keys: &Keyring) -> Result<Recorded> {
        Ok(Recorded {
            relation: self.relation.clone(),
            joined_on: self.joined_on,
            left_on: self.left_on,
            version: self.version,
            particulars: self.particulars(keys)?,
        })
    }

    /// The birth date, by the ID number.
    pub fn born(&self, keys: &Keyring) -> Result<Date> {
        let number = self.particulars(keys)?.id_number;
        let number = CitizenId::parse(&number);
        number
            .map(|number| number.birth_date())
            .map_err(|_| Error::internal("an ID number that is none"))
    }

    fn is_head(&self) -> bool {
        self.relation == HEAD
    }
}

/// Begins the household of a new file with its head, the worker; or, for a new episode, with the people of the
/// former one who belong to no other household by now (43).
pub(super) fn begin(tx: &mut Tx, file: &File) -> Result<()> {
    let former = match file.former_id {
        Some(former) => store::present(tx, former)?,
        None => Vec::new(),
    };
    let (heads, others): (Vec<_>, Vec<_>) = former.into_iter().partition(Person::is_head);
    let head = match heads.into_iter().next() {
        Some(head) => head,
        None => head(tx, file)?,
    };
    if join(tx, file, head)?.is_none() {
        return Err(in_another(tx, &file.person)?);
    }
    for other in others {
        let particulars = other.particulars(tx.keys)?;
        if let Some(person) = join(tx, file, other)? {
            make_known(tx, file, &person, &particulars)?;
        }
    }
    let (head, household) = (file.member_id.cast(), file.id.to_string());
    duplicates::know_more(tx, head, KeyKind::Household, &household)?;
    if let Some(former) = file.former_id {
        let profile = profile(tx, former)?;
        store::put_profile(tx, file.id, &profile)?;
    }
    Ok(())
}

/// Makes the people of a refused file its household again, unless somebody is in another by now (9).
pub(super) fn revive(tx: &mut Tx, file: &File) -> Result<()> {
    match store::revive(tx, file.id)? {
        None => Ok(()),
        Some(person) => Err(in_another(tx, &person)?),
    }
}

fn head(tx: &mut Tx, file: &File) -> Result<Person> {
    let member = members::find_any(tx, file.member_id)?;
    let particulars = Particulars {
        id_number: member.id_number(tx.keys)?,
        name: member.name,
        details: Content::default(),
    };
    person(
        tx,
        tx.new_id(),
        file.id,
        &particulars,
        HEAD.to_owned(),
        tx.today(),
    )
}

fn person(
    tx: &Tx,
    id: PersonId,
    file_id: FileId,
    particulars: &Particulars,
    relation: String,
    joined_on: Date,
) -> Result<Person> {
    Ok(Person {
        id,
        file_id,
        person: tx.keys.person(&particulars.id_number),
        relation,
        joined_on,
        left_on: None,
        live: true,
        sealed: tx.keys.seal_json("household_person", particulars)?,
        version: 1,
        updated_at: tx.now,
    })
}

/// Puts somebody of a former episode, or the head, into the household of `file`; `None` when they are in another.
fn join(tx: &mut Tx, file: &File, from: Person) -> Result<Option<Person>> {
    let person = Person {
        id: tx.new_id(),
        file_id: file.id,
        live: true,
        version: 1,
        updated_at: tx.now,
        ..from
    };
    Ok(store::insert(tx, &person)?.then_some(person))
}

/// The refusal of a person who is in a household already: names the unit only, and the file to those who see it (9).
fn in_another(tx: &mut Tx, person: &str) -> Result<Error> {
    let (file, unit) = store::holding_file(tx, person)?;
    let detail = say!(
        "该人员已在另一户未结的档案中：一户一档",
        "this person is in the household of a file that has not ended: one household, one file"
    );
    let refusal = Error::refused("person_on_file", detail).with("organization_id", unit);
    Ok(match files::find(tx, file) {
        Ok(_) => refusal.with("file_id", file),
        Err(Error::NotFound(_)) => refusal,
        Err(other) => return Err(other),
    })
}

/// Adds somebody to the household.
pub fn add(tx: &mut Tx, file: FileId, id: PersonId, new: NewPerson) -> Result<Person> {
    let mut file = open_for_change(tx, file)?;
    new.id_number.born_by(tx.today(), "/id_number")?;
    let particulars = Particulars {
        name: new.name.into(),
        id_number: new.id_number.as_str().to_owned(),
        details: Content::default().with(new.details.0),
    };
    rules::may_join(
        &new.relation,
        new.joined_on,
        new.id_number.birth_date(),
        tx.today(),
    )?;
    check_codes(tx, &new.relation, &particulars.details)?;
    let person = person(tx, id, file.id, &particulars, new.relation.into(), new.joined_on)?;
    ledger::hold(tx, &person.person)?;
    if !store::insert(tx, &person)? {
        return Err(in_another(tx, &person.person)?);
    }
    make_known(tx, &file, &person, &particulars)?;
    let event = event("household.joined", &file, &person)
        .field("household", &(person.id, &person.person, &particulars));
    super::keep(tx, &mut file, event)?;
    Ok(person)
}

/// Changes what the form says of somebody. Name and number of the head are the register's.
pub fn change(tx: &mut Tx, file: FileId, before: &Person, change: PersonChange) -> Result<Person> {
    rules::may_change(before, &change)?;
    let old = before.particulars(tx.keys)?;
    let mut new = old.clone();
    new.name = change.name.map_or(new.name, String::from);
    new.details = new
        .details
        .with(change.details.map_or_else(Content::default, |form| form.0));
    let mut after = before.clone();
    after.relation = change.relation.map_or(after.relation, String::from);
    if (&new, &after.relation) == (&old, &before.relation) {
        return Ok(after);
    }
    check_codes(tx, &after.relation, &new.details)?;
    let mut file = open_for_change(tx, file)?;
    after.sealed = tx.keys.seal_json("household_person", &new)?;
    store::update(tx, &mut after)?;
    make_known(tx, &file, &after, &new)?;
    let changed = rules::changed(&old, &new, before.relation != after.relation);
    let changed: Vec<_> = changed.iter().map(String::as_str).collect();
    audit::note_version(tx, &after.id.to_string(), after.version, &changed)?;
    let event =
        event("household.changed", &file, &after).field("household", &(after.id, &after.relation, &new));
    super::keep(tx, &mut file, event)?;
    Ok(after)
}

/// Records that somebody left the household; the row stays.
pub fn leave(tx: &mut Tx, file: FileId, before: &Person, leave: &Leave) -> Result<Person> {
    let mut file = open_for_change(tx, file)?;
    rules::may_leave(before, leave.left_on, tx.today())?;
    let name = before.particulars(tx.keys)?.name;
    members::without_name(&leave.reason, &name, "/reason")?;
    let after = &mut before.clone();
    after.left_on = Some(leave.left_on);
    after.live = false;
    store::update(tx, after)?;
    audit::note_version(tx, &after.id.to_string(), after.version, &["left_on"])?;
    let event = event("household.left", &file, after)
        .field("household", &(after.id, after.left_on))
        .reason(leave.reason.clone());
    super::keep(tx, &mut file, event)?;
    Ok(after.clone())
}

/// The household is where its file is (48).
pub(super) fn follow(tx: &mut Tx, file: &File) -> Result<()> {
    for person in store::present(tx, file.id)? {
        let particulars = person.particulars(tx.keys)?;
        make_known(tx, file, &person, &particulars)?;
    }
    Ok(())
}

/// Lets somebody in a household be found again, and finds who it may be already (9). The head is known as a member.
fn make_known(tx: &mut Tx, file: &File, person: &Person, particulars: &Particulars) -> Result<()> {
    if person.is_head() {
        return Ok(());
    }
    let phone = particulars.details.value("phone");
    let record = Record {
        id: person.id.cast(),
        kind: Kind::HouseholdPerson,
        organization_id: file.organization_id,
        file_id: Some(file.id.cast()),
        name: &particulars.name,
        id_number: &particulars.id_number,
        phone: phone.as_str(),
    };
    duplicates::know(tx, &record)
}

/// What is recorded of somebody now; the name of the head is the register's.
pub(super) fn current(rx: &mut Rx, file: &File, person: &Person) -> Result<Recorded> {
    let mut recorded = person.recorded(rx.keys)?;
    if person.is_head() {
        recorded.particulars.name = members::find_any(rx, file.member_id)?.name;
    }
    Ok(recorded)
}

/// Everybody who is or was in the household of a file.
pub fn recorded(rx: &mut Rx, file: FileId) -> Result<Vec<(PersonId, Recorded)>> {
    let people = store::all(rx, file)?.into_iter();
    people
        .map(|person| Ok((person.id, person.recorded(rx.keys)?)))
        .collect()
}

/// Who is in the household of a file.
pub(super) fn present_ids(rx: &mut Rx, file: FileId) -> Result<Vec<PersonId>> {
    Ok(store::present(rx, file)?
        .into_iter()
        .map(|person| person.id)
        .collect())
}

/// Digests of who is in the household of a file.
pub fn digests(rx: &mut Rx, file: FileId) -> Result<Vec<String>> {
    Ok(store::present(rx, file)?
        .into_iter()
        .map(|person| person.person)
        .collect())
}

/// Digests of everybody who is or was in the household of a file.
pub fn everybody(rx: &mut Rx, file: FileId) -> Result<Vec<String>> {
    let people = store::all(rx, file)?.into_iter();
    Ok(people.map(|person| person.person).collect())
}

/// The names of the other people in the households that somebody, by any of the digests, is or was in.
pub fn names_beside(rx: &mut Rx, persons: &[String]) -> Result<Vec<String>> {
    let beside = store::beside(rx, persons)?.into_iter();
    beside
        .map(|person| Ok(person.particulars(rx.keys)?.name))
        .collect()
}

/// The digest of somebody who is in the household of a file; none of whoever is not.
pub fn digest(rx: &mut Rx, file: FileId, id: PersonId) -> Result<Option<String>> {
    let mut people = store::present(rx, file)?.into_iter();
    Ok(people.find(|person| person.id == id).map(|person| person.person))
}

/// How many people are in the household of a file.
pub fn size(rx: &mut Rx, file: FileId) -> Result<i64> {
    Ok(i64::try_from(store::present(rx, file)?.len()).unwrap_or(i64::MAX))
}

/// A value of a file's document as it is shown: numbers, names and secret fields masked.
pub(super) fn masked(path: &str, value: Value) -> Value {
    let field = |form: &'static [Field], name: &str| form.iter().find(|field| field.name == name);
    let parts: Vec<_> = path.split('/').collect();
    match (parts.as_slice(), value) {
        (["household", _, "name"], Value::String(name)) => mask_name(&name).into(),
        (["household", _, "id_number"], Value::String(number)) => mask_id(&number).into(),
        (["household", _, "details", name], value) => match field(PERSON, name) {
            Some(field) => field.masked(value),
            None => Value::Null,
        },
        (["profile", name], value) => field(PROFILE, name).map_or(Value::Null, |field| field.masked(value)),
        (_, value) => value,
    }
}

/// Shows personal values of somebody in clear; the log keeps who, what and why (87).
pub fn reveal(
    tx: &mut Tx,
    file: &File,
    person: &Person,
    reveal: &Reveal,
) -> Result<BTreeMap<PersonalField, Value>> {
    let particulars = current(tx, file, person)?.particulars;
    members::without_name(&reveal.reason, &particulars.name, "/reason")?;
    let value = |field: PersonalField| match field {
        PersonalField::Name => Value::from(particulars.name.clone()),
        PersonalField::IdNumber => Value::from(particulars.id_number.clone()),
        other => particulars.details.value(other.as_str()),
    };
    let values: BTreeMap<_, _> = reveal
        .fields
        .iter()
        .map(|field| (*field, value(*field)))
        .collect();
    let event = event("household.revealed", file, person)
        .field("household", &person.id)
        .reason(reveal.reason.clone());
    let shown = values
        .iter()
        .fold(event, |event, (field, value)| event.field(field.as_str(), value));
    shown.record(tx)?;
    Ok(values)
}

/// Names every starred field of the forms that is empty, and every person who is not described (24).
pub(super) fn missing(tx: &mut Tx, file: FileId) -> Result<Vec<FieldError>> {
    let profile = profile(tx, file)?;
    let mut faults: Vec<_> = rules::missing("/profile", PROFILE, &profile);
    for person in store::present(tx, file)? {
        let details = person.particulars(tx.keys)?.details;
        let at = format!("/household/{}/details", person.id);
        faults.extend(rules::missing(&at, PERSON, &details));
    }
    Ok(faults)
}

/// The file, locked for this transaction: the next version is its own, whoever else changes the household.
fn open_for_change(tx: &mut Tx, file: FileId) -> Result<File> {
    let file = files::lock(tx, file)?;
    file.status.after(Step::Change)?;
    Ok(file)
}

fn check_codes(tx: &mut Tx, relation: &str, details: &Content) -> Result<()> {
    let mut used: Vec<_> = named(PERSON, "/details", details).collect();
    used.push(("/relation".to_owned(), "relation", relation));
    complete(codes::faults(tx, &used)?)
}

fn named<'a>(
    form: &'static [Field],
    at: &'static str,
    content: &'a Content,
) -> impl Iterator<Item = (String, &'static str, &'a str)> {
    let codes = content.codes(form).into_iter();
    codes.map(move |(name, list, code)| (format!("{at}/{name}"), list, code))
}

fn event(action: &'static str, file: &File, person: &Person) -> Event {
    Event::of(action, "file", file.id)
        .organization(file.organization_id)
        .people([&file.person, &person.person])
}
