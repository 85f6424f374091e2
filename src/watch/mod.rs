//! Who saw or changed whom (应审尽审, 83): what the log knows about a person, and about what an account did. Both are read
//! along an index, so that they answer as fast at ten million events as at a hundred thousand. Asking is itself an event.

use std::collections::BTreeMap;

use serde::Serialize;
use utoipa::ToSchema;

use crate::audit::{Event, Look, Record};
use crate::db::Rx;
use crate::db::page::{Ask, Cursor, Limit, Page};
use crate::db::types::Timestamp;
use crate::error::{Error, Result};
use crate::identity::CitizenId;
use crate::members::{self, MemberId};
use crate::organizations::OrganizationId;
use crate::users::{self, UserId};
use crate::{input, say};

pub mod http;
mod report;
mod rules;
mod store;

pub use store::{Window, of_people, of_user};

input! {
    /// About whom, and when.
    pub struct PersonQuestion {
        /// The ID number in clear, or null: give it or the member.
        #[schema(value_type = Option<String>)]
        pub id_number: Option<CitizenId>,
        /// The member, or null.
        #[schema(value_type = Option<String>, format = "uuid", example = json!(null))]
        pub member_id: Option<MemberId>,
        /// From this time on; null for the beginning of the log.
        pub from: Option<Timestamp>,
        /// Before this time; null for now.
        pub to: Option<Timestamp>,
        /// 1 to 200.
        #[schema(value_type = Option<i64>, minimum = 1, maximum = 200)]
        pub limit: Limit,
        /// From the page before.
        #[schema(value_type = Option<String>)]
        pub cursor: Cursor,
    }
}

/// The account that did something.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Watcher {
    /// Its id.
    pub id: UserId,
    /// Whose it is.
    #[schema(example = "李军")]
    pub name: String,
    /// The unit that it belongs to now.
    pub organization_id: OrganizationId,
    /// The name of that unit.
    #[schema(example = "镜湖区总工会")]
    pub organization: String,
}

/// Somebody saw or changed something.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Sighting {
    /// Its number in the log.
    pub seq: Option<i64>,
    /// When.
    pub at: Timestamp,
    /// What kind of look it was.
    pub look: Look,
    /// What was done.
    #[schema(example = "member.revealed")]
    pub action: String,
    /// To what kind of thing.
    #[schema(example = "member")]
    pub subject_type: String,
    /// To which; a person who was sought by number stands as a digest.
    pub subject_id: Option<String>,
    /// Who did it; null for the service itself.
    pub actor: Option<Watcher>,
    /// Under which role.
    #[schema(example = "caseworker")]
    pub actor_role: String,
    /// The unit concerned.
    pub organization_id: Option<OrganizationId>,
    /// Names of what was changed or shown.
    pub fields: Vec<String>,
    /// Why: a reason code or words.
    pub reason: Option<String>,
}

/// What the log knows about a person, oldest first, in the asking auditor's scope, and the event that asking is.
fn about_person(rx: &mut Rx, question: PersonQuestion) -> Result<(Page<Sighting>, Event)> {
    let ask = Ask::new("person_events", question.limit, &question.cursor)?;
    let window = Window::new(question.from, question.to)?;
    let (persons, event) = sought(rx, question.id_number, question.member_id)?;
    let page = store::of_people(rx, &persons, &window, &ask)?;
    Ok((sightings(rx, page)?, event.people(persons)))
}

/// The digests of the person asked about, one for each record that is merged, and the event about the right subject.
fn sought(rx: &mut Rx, number: Option<CitizenId>, member: Option<MemberId>) -> Result<(Vec<String>, Event)> {
    match (number, member) {
        (Some(number), None) => {
            let person = rx.keys.person(number.as_str());
            let event = Event::about_person("audit.read", &person);
            Ok((members::same_person(rx, person)?, event))
        }
        (None, Some(id)) => {
            let member = members::find(rx, id).map_err(|error| match error {
                Error::NotFound(_) => Error::unknown_reference("/member_id"),
                other => other,
            })?;
            let event = Event::of("audit.read", "member", id).organization(member.organization_id);
            Ok((members::persons(rx, id)?, event))
        }
        _ => {
            let detail = say!(
                "身份证号、会员编号须且只须填一项",
                "give either the ID number or the member"
            );
            Err(Error::invalid("", "one_of", detail))
        }
    }
}

/// What an account in scope did, oldest first: all of it or one kind, and the event that asking is.
fn by_user(
    rx: &mut Rx,
    user: UserId,
    kind: Option<Look>,
    window: &Window,
    ask: &Ask,
) -> Result<(Page<Sighting>, Event)> {
    let account = users::find(rx, user)?;
    let page = store::of_user(rx, user, kind, window, ask)?;
    let event = Event::of("audit.read", "user", user).organization(account.organization_id);
    Ok((sightings(rx, page)?, event))
}

fn sightings(rx: &mut Rx, page: Page<Record>) -> Result<Page<Sighting>> {
    let watchers = store::watchers(rx, &page.items)?;
    page.map(|event| Ok(sighting(event, &watchers)))
}

fn sighting(event: Record, watchers: &BTreeMap<UserId, Watcher>) -> Sighting {
    Sighting {
        look: Look::of(&event.action),
        actor: event.actor_id.and_then(|id| watchers.get(&id).cloned()),
        seq: event.seq,
        at: event.at,
        action: event.action,
        subject_type: event.subject_type,
        subject_id: event.subject_id,
        actor_role: event.actor_role,
        organization_id: event.organization_id,
        fields: event.fields.0.into_keys().collect(),
        reason: event.reason,
    }
}
