//! Separation of duties (rule 6): on one case the recorder, verifier, approver and payer are different people, and
//! nobody handles a case of their own.
//!
//! The rule is checked here for its message; the primary key and the checks of `case_parts` hold it against
//! concurrent requests and against mistakes of ours.

use diesel::prelude::*;

use crate::audit::Event;
use crate::db::schema::relatives;
use crate::db::types::{Id, Timestamp};
use crate::db::{Rx, Tx};
use crate::error::{Error, Result};
use crate::identity::CitizenId;
use crate::input::Text;
use crate::keyring::Sealed;
use crate::users::{User, UserId};
use crate::{codes, input, say, text_enum};

pub mod http;
mod rules;
mod store;

/// The id of a declared relative.
pub type RelativeId = Id<Relative>;

/// Somebody whom an account holder has declared as a relative (回避).
#[derive(Debug, Clone, HasQuery, Insertable)]
#[diesel(table_name = relatives)]
pub struct Relative {
    id: RelativeId,
    user_person: String,
    person: String,
    relation: String,
    id_number_sealed: Sealed,
    declared_at: Timestamp,
}

input! {
    /// A relative to declare.
    pub struct NewRelative {
        /// Made by the client (UUIDv7), or null.
        #[schema(value_type = Option<String>, format = "uuid")]
        pub id: Option<RelativeId>,
        /// Whose ID number, in clear.
        pub id_number: CitizenId,
        /// To you: a code of the list `relation`.
        #[schema(value_type = String, example = "sibling")]
        pub relation: Text<60>,
    }
}

text_enum! {
    /// What a person does on a case.
    pub enum Part {
        /// Entered or changed it.
        Recorder = "recorder",
        /// Reviewed it in its own unit, or rejected it at that step.
        Reviewer = "reviewer",
        /// Visited the household.
        Visitor = "visitor",
        /// Verified it, or rejected it at that step.
        Verifier = "verifier",
        /// Approved it, or rejected it at that step.
        Approver = "approver",
        /// Paid it.
        Payer = "payer",
    }
}

/// Takes `part` on a case for the acting person, whatever the account, or refuses with `same_person`.
///
/// `subject` is the digest of the person the case is about. `round` counts reviews: who judged in an earlier round
/// can't judge again (35); within a round the same part may be taken again, after a return.
pub fn take<T>(tx: &mut Tx, case: Id<T>, part: Part, round: i32, subject: &str) -> Result<()> {
    not_own(tx, subject)?;
    let held = store::held(tx, &case.to_string())?;
    if rules::may_take(&held, tx.actor.user()?, part, round, &tx.actor.person, subject)? {
        let (user, person) = (tx.actor.user()?, tx.actor.person.clone());
        store::insert(tx, &case.to_string(), part, round, user, &person, subject)?;
    }
    Ok(())
}

/// Takes `part` for somebody who took part beside the acting person, such as a visitor. Who recorded the case may have
/// been there too.
pub fn take_beside<T>(tx: &mut Tx, case: Id<T>, part: Part, other: &User, subject: &str) -> Result<()> {
    let held = store::held(tx, &case.to_string())?;
    if held
        .iter()
        .any(|h| h.person == other.person && h.part == Part::Recorder)
    {
        return Ok(());
    }
    if rules::may_take(&held, other.id, part, 1, &other.person, subject)? {
        store::insert(tx, &case.to_string(), part, 1, other.id, &other.person, subject)?;
    }
    Ok(())
}

/// Refuses with `same_person` what [`take`] would refuse, but takes nothing: for steps that leave no mark, such as a
/// return.
pub fn check<T>(tx: &mut Tx, case: Id<T>, part: Part, round: i32, subject: &str) -> Result<()> {
    not_own(tx, subject)?;
    let held = store::held(tx, &case.to_string())?;
    rules::may_take(&held, tx.actor.user()?, part, round, &tx.actor.person, subject).map(drop)
}

/// The part that the acting person holds on a case.
pub fn part_of<T>(tx: &mut Tx, case: Id<T>) -> Result<Option<Part>> {
    let held = store::held(tx, &case.to_string())?;
    let own = held.iter().find(|h| h.person == tx.actor.person);
    Ok(own.map(|h| h.part))
}

/// Refuses with `same_person` when somebody holds any part on a case: whom it would pay.
pub fn has_no_part<T>(tx: &mut Tx, case: Id<T>, person: &str) -> Result<()> {
    let held = store::held(tx, &case.to_string())?;
    match held.iter().any(|h| h.person == person) {
        true => Err(same_person()),
        false => Ok(()),
    }
}

/// Refuses with `same_person` when the case is the acting person's own, or that of a declared relative or of somebody
/// in the same household on file.
pub fn not_own(tx: &mut Tx, subject: &str) -> Result<()> {
    let person = tx.actor.person.clone();
    if person == subject || store::related(tx, &person, subject)? {
        return Err(same_person());
    }
    Ok(())
}

/// Who does a step is none of those before whose work it looks at.
pub fn another(person: &str, before: &[Option<&String>]) -> Result<()> {
    if before.iter().flatten().any(|other| *other == person) {
        return Err(same_person());
    }
    Ok(())
}

/// Declares somebody as a relative of the acting person, for good.
pub fn declare(tx: &mut Tx, id: RelativeId, new: &NewRelative) -> Result<Relative> {
    let number = new.id_number.as_str();
    let relative = Relative {
        id,
        user_person: tx.actor.person.clone(),
        person: tx.keys.person(number),
        relation: new.relation.to_string(),
        id_number_sealed: tx.keys.seal("id_number", number)?,
        declared_at: tx.now,
    };
    if relative.person == relative.user_person {
        let detail = say!("不能申报本人", "that is yourself");
        return Err(Error::invalid("/id_number", "does_not_fit", detail));
    }
    let used = [("/relation".to_owned(), "relation", relative.relation.as_str())];
    let faults = codes::faults(tx, &used)?;
    if !faults.is_empty() {
        return Err(Error::Invalid(faults));
    }
    store::insert_relative(tx, &relative)?;
    let event = Event::of("relative.declared", "relative", relative.id).people([&relative.person]);
    event.field("relation", &relative.relation).record(tx)?;
    Ok(relative)
}

/// Who did which part of a case, in which round.
pub fn parts<T>(rx: &mut Rx, case: Id<T>) -> Result<Vec<(UserId, Part, i32)>> {
    let held = store::held(rx, &case.to_string())?.into_iter();
    Ok(held.map(|part| (part.user, part.part, part.round)).collect())
}

/// The refusal of every four-eyes conflict.
pub fn same_person() -> Error {
    let detail = say!(
        "同一件事的经办、核实、审批、付款须由不同的人办理，且不得办理本人或亲属的事项",
        "recorder, verifier, approver and payer of a case are different people, and nobody handles their own case or a relative's"
    );
    Error::refused("same_person", detail)
}
