//! Consents (单独同意, rule 88): who in a household has agreed to what, by which version of the text; for a minor a
//! guardian agrees. A consent that is withdrawn stays as a record.

use diesel::prelude::*;
use serde::Serialize;
use utoipa::ToSchema;

use super::household::{self, Person, PersonId};
use super::{File, FileId, Step};
use crate::attachments::{self, AttachmentId, Kind};
use crate::audit::Event;
use crate::db::schema::consents;
use crate::db::types::{Date, Id, Timestamp};
use crate::db::{Rx, Tx};
use crate::error::{Error, FieldError, Result};
use crate::input::{Reason, Text};
use crate::policies::rules::Purpose;
use crate::users::UserId;
use crate::{input, members, say, separation};

pub mod http;
mod rules;
mod store;

/// The id of a consent.
pub type ConsentId = Id<Consent>;

/// A consent.
#[derive(Debug, Clone, HasQuery, Insertable, Serialize, ToSchema)]
#[diesel(table_name = consents)]
pub struct Consent {
    /// Its id.
    pub id: ConsentId,
    /// The file.
    pub file_id: FileId,
    /// Who agrees, or for whom a guardian does.
    pub person_id: PersonId,
    /// To what.
    pub purpose: Purpose,
    /// The version of the text that was agreed to.
    #[schema(example = "2020-03")]
    pub text_version: String,
    /// The day of signing.
    pub given_on: Date,
    /// The guardian who signed for a minor.
    pub guardian_id: Option<PersonId>,
    /// The signed paper.
    pub attachment_id: Option<AttachmentId>,
    /// The day of withdrawing it; null while it holds.
    pub withdrawn_on: Option<Date>,
    /// Who recorded it.
    pub recorded_by: UserId,
    /// When.
    pub recorded_at: Timestamp,
    /// Version, for `If-Match`.
    pub version: i32,
}

input! {
    /// A consent to record.
    pub struct NewConsent {
        /// Made by the client (UUIDv7), or null.
        #[schema(value_type = Option<String>, format = "uuid")]
        pub id: Option<ConsentId>,
        /// Who agrees: somebody in the household.
        #[schema(value_type = String, format = "uuid")]
        pub person_id: PersonId,
        /// To what.
        pub purpose: Purpose,
        /// The version of the text that was signed.
        #[schema(value_type = String, max_length = 40, example = "2020-03")]
        pub text_version: Text<40>,
        /// The day of signing; not in the future.
        #[schema(example = "2020-05-18")]
        pub given_on: Date,
        /// For somebody under 14: the adult of the household who signed; else null.
        #[schema(value_type = Option<String>, format = "uuid")]
        pub guardian_id: Option<PersonId>,
        /// The signed paper: an attachment of the kind `consent`, or null.
        #[schema(value_type = Option<String>, format = "uuid")]
        pub attachment_id: Option<AttachmentId>,
    }
}
input! {
    /// When and why a consent is withdrawn.
    #[schema(as = WithdrawConsent)]
    pub struct Withdraw {
        /// The day; not before it was given, not in the future.
        #[schema(example = "2020-05-20")]
        pub withdrawn_on: Date,
        /// Why; stays in the log for ever.
        pub reason: Reason,
    }
}

/// Records a consent; one at a time for each person and purpose.
fn record(tx: &mut Tx, file: &File, id: ConsentId, new: NewConsent) -> Result<Consent> {
    file.status.after(Step::Consent)?;
    separation::not_own(tx, &file.person)?;
    let person = named(tx, file.id, new.person_id, "/person_id")?;
    let born = person.born(tx.keys)?;
    members::within(new.given_on, born, tx.today(), "/given_on")?;
    let guardian = match new.guardian_id {
        Some(id) => Some(named(tx, file.id, id, "/guardian_id")?.born(tx.keys)?),
        None => None,
    };
    rules::signed(born, guardian, new.given_on)?;
    if let Some(paper) = new.attachment_id
        && attachments::of_kind(tx, file.id.papers(), Kind::Consent, &[paper])? != 1
    {
        return Err(Error::unknown_reference("/attachment_id"));
    }
    let consent = Consent {
        id,
        file_id: file.id,
        person_id: person.id,
        purpose: new.purpose,
        text_version: new.text_version.into(),
        given_on: new.given_on,
        guardian_id: new.guardian_id,
        attachment_id: new.attachment_id,
        withdrawn_on: None,
        recorded_by: tx.actor.user()?,
        recorded_at: tx.now,
        version: 1,
    };
    store::insert(tx, &consent)?;
    event(tx, "consent.recorded", file, &consent)?
        .field("given_on", &consent.given_on)
        .record(tx)?;
    Ok(consent)
}

/// Records that a consent was withdrawn.
fn withdraw(tx: &mut Tx, file: &File, before: &Consent, withdraw: Withdraw) -> Result<Consent> {
    if before.withdrawn_on.is_some() {
        let detail = say!("该同意已撤回", "it has been withdrawn");
        return Err(Error::refused("withdrawn", detail));
    }
    members::within(
        withdraw.withdrawn_on,
        before.given_on,
        tx.today(),
        "/withdrawn_on",
    )?;
    let name = members::find_any(tx, file.member_id)?.name;
    members::without_name(&withdraw.reason, &name, "/reason")?;
    let after = Consent {
        withdrawn_on: Some(withdraw.withdrawn_on),
        version: before.version + 1,
        ..before.clone()
    };
    store::withdraw(tx, &after)?;
    event(tx, "consent.withdrawn", file, &after)?
        .version(after.version)
        .field("withdrawn_on", &after.withdrawn_on)
        .reason(withdraw.reason)
        .record(tx)?;
    Ok(after)
}

/// Names everybody in the household who has not agreed to one of the purposes.
pub(super) fn missing(tx: &mut Tx, file: FileId, purposes: &[Purpose]) -> Result<Vec<FieldError>> {
    if purposes.is_empty() {
        return Ok(Vec::new());
    }
    let given = store::live(tx, file)?;
    let people = household::present_ids(tx, file)?;
    Ok(rules::missing(&people, &given, purposes))
}

/// Somebody in the household whom a body names.
fn named(tx: &mut Tx, file: FileId, id: PersonId, pointer: &str) -> Result<Person> {
    match household::find(tx, file, id) {
        Ok(person) if person.left_on.is_none() => Ok(person),
        Ok(_) | Err(Error::NotFound(_)) => Err(Error::unknown_reference(pointer)),
        Err(other) => Err(other),
    }
}

fn event(rx: &mut Rx, action: &'static str, file: &File, consent: &Consent) -> Result<Event> {
    let person = household::find(rx, file.id, consent.person_id)?.person;
    let event = Event::of(action, "consent", consent.id)
        .organization(file.organization_id)
        .people([&file.person, &person])
        .field("file_id", &file.id)
        .field("purpose", &consent.purpose)
        .field("text_version", &consent.text_version);
    Ok(event)
}
