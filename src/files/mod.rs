//! Hardship files (困难职工档案): a household on file is looked after until its file ends; re-opening begins a new
//! episode (rules 9, 11, 21, 23, 33, 43, 45, 50).

use diesel::prelude::*;
use serde::Serialize;
use utoipa::ToSchema;

use crate::audit::{Event, Note};
use crate::db::schema::files;
use crate::db::types::{Date, Id, Json, Timestamp, year_of};
use crate::db::{Rx, Tx, next_number};
use crate::error::{Error, Result};
use crate::members::{self, MemberId};
use crate::organizations::{self, Organization, OrganizationId};
use crate::policies::rules::Eligibility;
pub use crate::policies::rules::{Level, Scheme, Stage};
use crate::separation::{self, Part};
use crate::users::{self, UserId};
use crate::{ledger, policies, say};

pub mod aftercare;
mod bodies;
mod codes;
pub mod consents;
mod exit;
pub mod household;
pub mod http;
pub mod means;
mod pairing;
pub mod papers;
pub mod procedure;
pub mod questionnaires;
pub mod registers;
mod review;
pub mod revisions;
mod rules;
pub mod sealing;
pub mod stand_ins;
mod store;
pub mod upkeep;

pub use bodies::{FileChange, NewFile};
pub use codes::{Category, Cause, CloseReason, Ending, RejectReason, ReturnReason, Status};
pub use pairing::{HandedOver, Handover, Pair, Pairing, hand_over, pair};
pub use review::{Close, Refusal, Return, approve, close, reject, send_back};
pub use rules::Step;
pub use store::{find, unscoped};

/// The id of a file.
pub type FileId = Id<File>;

/// A hardship file.
#[derive(Debug, Clone, HasQuery, Insertable, AsChangeset, Identifiable, Serialize, ToSchema)]
#[diesel(table_name = files)]
#[diesel(treat_none_as_null = true)]
pub struct File {
    /// Its id.
    pub id: FileId,
    /// Its number: region, year, running number; the same in every episode.
    #[schema(example = "340202-2020-000017")]
    pub number: String,
    /// The worker it is about.
    pub member_id: MemberId,
    /// Digest of the worker's ID number: who it is, whatever the record.
    #[serde(skip)]
    pub person: String,
    /// The unit that keeps it.
    pub organization_id: OrganizationId,
    /// Where it stands.
    pub status: Status,
    /// The taxonomy it was judged by (11).
    pub scheme: Scheme,
    /// Category within the scheme.
    pub category: Category,
    /// By whose standard it is kept (23).
    pub level: Level,
    /// The one main cause (21).
    pub primary_cause: Cause,
    /// Up to three others.
    #[schema(value_type = Vec<Cause>)]
    pub secondary_causes: Json<Vec<Cause>>,
    /// The present contact (帮扶联系人); null when there is none (50).
    pub contact_id: Option<UserId>,
    /// The day it came on file; null before.
    pub opened_on: Option<Date>,
    /// The day it ended.
    pub closed_on: Option<Date>,
    /// Why.
    pub closed_reason: Option<CloseReason>,
    /// 1, and one more after each re-opening.
    pub episode: i32,
    /// The file of the episode before (43).
    pub former_id: Option<FileId>,
    /// The step of the procedure at which it waits, while it is submitted (25).
    pub stage: Option<Stage>,
    /// Until when that step should be done (34).
    pub due_on: Option<Date>,
    /// Until when the paper file must be brought in step; null while it is, or there is none yet (38).
    pub paper_due_on: Option<Date>,
    /// How often a refusal of it was reviewed again (35).
    #[serde(skip)]
    pub reviews: i32,
    /// How often it was handed in.
    #[serde(skip)]
    pub round: i32,
    /// The steps that it takes since it was handed in.
    #[serde(skip)]
    pub steps: Json<Vec<Stage>>,
    /// Who opened it.
    #[serde(skip)]
    pub recorder_id: UserId,
    /// Who put it on file.
    #[serde(skip)]
    pub approver_id: Option<UserId>,
    /// Version, for `If-Match`.
    pub version: i32,
    /// When it was last changed.
    #[serde(skip)]
    pub updated_at: Timestamp,
}

impl File {
    /// The round in which it is judged: 1, and 2 after a review of its refusal (35).
    fn judging_round(&self) -> i32 {
        1 + self.reviews
    }
}

/// Opens a draft for a member who has no file that has not ended (9).
pub fn open(tx: &mut Tx, id: FileId, new: NewFile) -> Result<File> {
    let member = match members::find(tx, new.member_id) {
        Err(Error::NotFound(_)) => return Err(Error::unknown_reference("/member_id")),
        found => found?,
    };
    members::not_merged(tx, &member)?;
    let unit = new.organization_id.unwrap_or(member.organization_id);
    let unit = organizations::referred(tx, unit, "/organization_id")?;
    let mut file = File {
        id,
        number: String::new(),
        member_id: member.id,
        person: member.person,
        organization_id: unit.id,
        status: Status::Draft,
        scheme: new.scheme,
        category: new.category,
        level: new.level,
        primary_cause: new.primary_cause,
        secondary_causes: Json(new.secondary_causes),
        contact_id: None,
        opened_on: None,
        closed_on: None,
        closed_reason: None,
        episode: 1,
        former_id: None,
        stage: None,
        due_on: None,
        paper_due_on: None,
        reviews: 0,
        round: 0,
        steps: Json(Vec::new()),
        recorder_id: tx.actor.user()?,
        approver_id: None,
        version: 1,
        updated_at: tx.now,
    };
    check_content(tx, &file)?;
    refuse_second(tx, &file)?;
    file.number = new_number(tx, &unit)?;
    insert(tx, &file, "file.opened")?;
    Ok(file)
}

/// Begins a new episode of a file that was on file and has ended: a draft with the same number and content, which
/// is approved anew by the rules of that day; the former record stays as it is (43).
pub fn reopen(tx: &mut Tx, former: &File) -> Result<File> {
    former.status.after(Step::Reopen)?;
    separation::not_own(tx, &former.person)?;
    let member = members::find_any(tx, former.member_id)?;
    members::not_merged(tx, &member)?;
    refuse_second(tx, former)?;
    let (episode, last) = store::last_episode(tx, &former.number)?;
    if last.is_some_and(|last| last != former.id) {
        let detail = say!(
            "只能从最近一次建档返困",
            "only the latest episode can be re-opened"
        );
        return Err(Error::refused("already_reopened", detail));
    }
    let file = File {
        id: tx.new_id(),
        status: Status::Draft,
        contact_id: None,
        opened_on: None,
        closed_on: None,
        closed_reason: None,
        episode: episode + 1,
        former_id: Some(former.id),
        paper_due_on: None,
        reviews: 0,
        round: 0,
        steps: Json(Vec::new()),
        recorder_id: tx.actor.user()?,
        approver_id: None,
        version: 1,
        updated_at: tx.now,
        ..former.clone()
    };
    insert(tx, &file, "file.reopened")?;
    aftercare::follow_former(tx, &file)?;
    ledger::refresh(tx, file.id)?;
    Ok(file)
}

/// Changes the content of a draft, of a returned file, or of one on file, where it is the yearly update (52).
pub fn change(tx: &mut Tx, before: &File, change: FileChange) -> Result<File> {
    before.status.after(Step::Change)?;
    let mut after = before.clone();
    after.scheme = change.scheme.unwrap_or(after.scheme);
    after.category = change.category.unwrap_or(after.category);
    after.level = change.level.unwrap_or(after.level);
    after.primary_cause = change.primary_cause.unwrap_or(after.primary_cause);
    after.secondary_causes = change.secondary_causes.map_or(after.secondary_causes, Json);
    let event = Event::of("file.changed", "file", after.id)
        .organization(after.organization_id)
        .people([&after.person])
        .change("scheme", &before.scheme, &after.scheme)
        .change("category", &before.category, &after.category)
        .change("level", &before.level, &after.level)
        .change("primary_cause", &before.primary_cause, &after.primary_cause)
        .change(
            "secondary_causes",
            &before.secondary_causes,
            &after.secondary_causes,
        );
    if event.is_empty() {
        return Ok(after);
    }
    check_content(tx, &after)?;
    procedure::may_relabel(tx, before, &after)?;
    keep(tx, &mut after, event)?;
    Ok(after)
}

/// Writes a changed file as its next version, by its recorder's part; a change of one on file is the yearly
/// update (52).
fn keep(tx: &mut Tx, after: &mut File, event: Event) -> Result<()> {
    separation::take(tx, after.id, Part::Recorder, 1, &after.person)?;
    save(tx, after, event)?;
    if after.status == Status::OnFile {
        store::insert_change(tx, after.id)?;
        ledger::refresh(tx, after.id)?;
    }
    Ok(())
}

/// Hands a file in for review; by the rules of that day.
pub fn submit(tx: &mut Tx, before: &File) -> Result<File> {
    let mut after = before.clone();
    after.status = before.status.after(Step::Submit)?;
    check_content(tx, &after)?;
    procedure::begin(tx, &mut after)?;
    separation::take(tx, after.id, Part::Recorder, 1, &after.person)?;
    let event = event("file.submitted", &after);
    save(tx, &mut after, event)?;
    Ok(after)
}

/// Asks for the one review of a refusal (35): the file goes through the procedure again, and nobody who judged it
/// before judges it now.
pub fn request_review(tx: &mut Tx, before: &File) -> Result<File> {
    let mut after = before.clone();
    after.status = rules::may_review(before)?;
    separation::not_own(tx, &after.person)?;
    refuse_second(tx, &after)?;
    after.reviews += 1;
    household::revive(tx, &after)?;
    procedure::begin(tx, &mut after)?;
    let event = event("file.review_requested", &after);
    save(tx, &mut after, event)?;
    aftercare::follow_former(tx, &after)?;
    Ok(after)
}

/// Confirms that the paper file says what this one says (38).
pub fn confirm_paper(tx: &mut Tx, before: &File) -> Result<File> {
    rules::paper_differs(before)?;
    separation::not_own(tx, &before.person)?;
    let mut after = before.clone();
    after.paper_due_on = None;
    let event = event("file.paper_in_step", &after);
    write(tx, &mut after, event)?;
    Ok(after)
}

/// Takes a file back before it comes on file.
pub fn withdraw(tx: &mut Tx, before: &File) -> Result<File> {
    let mut after = before.clone();
    after.status = before.status.after(Step::Withdraw)?;
    separation::not_own(tx, &after.person)?;
    procedure::end(tx, &mut after)?;
    let event = event("file.withdrawn", &after);
    save(tx, &mut after, event)?;
    aftercare::follow_former(tx, &after)?;
    Ok(after)
}

/// Moves a file to another unit, with its household and what is to be done; a contact who can't see it there ends (48).
pub fn move_to(tx: &mut Tx, before: &File, unit: OrganizationId) -> Result<File> {
    let mut after = before.clone();
    after.organization_id = unit;
    if let Some(contact) = before.contact_id {
        let from = users::find_any(tx, contact)?.organization_id;
        if !organizations::sees(tx, from, unit)? {
            after.contact_id = None;
            pairing::end_current(tx, after.id)?;
        }
    }
    let event = event("file.transferred", &after)
        .change("organization_id", &before.organization_id, &after.organization_id)
        .change("contact_id", &before.contact_id, &after.contact_id);
    save(tx, &mut after, event)?;
    household::follow(tx, &after)?;
    ledger::refresh(tx, after.id)?;
    Ok(after)
}

/// Writes a file back as its next version, with the revision and the event that belong to it; from then on the paper
/// of a file on file is out of step.
fn save(tx: &mut Tx, after: &mut File, event: Event) -> Result<()> {
    if after.status == Status::OnFile && after.paper_due_on.is_none() {
        after.paper_due_on = Some(upkeep::paper_due_on(tx)?);
    }
    write(tx, after, event)
}

fn write(tx: &mut Tx, after: &mut File, event: Event) -> Result<()> {
    store::update(tx, after)?;
    revisions::keep(tx, after, &event)?;
    let event = about_household(tx, after.id, event)?;
    event.version(after.version).record(tx)
}

fn insert(tx: &mut Tx, file: &File, action: &'static str) -> Result<()> {
    separation::take(tx, file.id, Part::Recorder, 1, &file.person)?;
    if !store::insert(tx, file)? {
        refuse_second(tx, file)?;
        return Err(Error::stale());
    }
    household::begin(tx, file)?;
    let event = event(action, file)
        .version(file.version)
        .field("member_id", &file.member_id)
        .field("organization_id", &file.organization_id)
        .field("scheme", &file.scheme)
        .field("category", &file.category)
        .field("level", &file.level)
        .field("primary_cause", &file.primary_cause)
        .field("secondary_causes", &file.secondary_causes);
    revisions::keep(tx, file, &event)?;
    about_household(tx, file.id, event)?.record(tx)
}

/// The event as one about everybody in the household; what is said of one of them concerns that one and the head.
fn about_household(tx: &mut Tx, file: FileId, event: Event) -> Result<Event> {
    if event.action().starts_with("household.") {
        return Ok(event);
    }
    Ok(event.people(household::digests(tx, file)?))
}

/// That what is kept of a household was looked at: it concerns everybody who is or was in it.
pub fn look(rx: &mut Rx, action: &'static str, file: &File) -> Result<Event> {
    let event = Event::of(action, "file", file.id)
        .organization(file.organization_id)
        .people([&file.person]);
    Ok(event.people(household::everybody(rx, file.id)?))
}

/// Refuses with `file_exists` when the member has a file that has not ended (9).
fn refuse_second(tx: &mut Tx, file: &File) -> Result<()> {
    match store::live_file(tx, file.member_id)? {
        Some((id, organization_id)) => Err(file_exists(tx, id, organization_id)?),
        None => Ok(()),
    }
}

/// The refusal `file_exists`: names the unit of the file, and the file only to those who may see it.
fn file_exists(tx: &mut Tx, id: FileId, organization_id: OrganizationId) -> Result<Error> {
    let detail = say!(
        "该会员已有未结的档案",
        "this member has a file that has not ended"
    );
    let refusal = Error::refused("file_exists", detail).with("organization_id", organization_id);
    Ok(match store::find(tx, id) {
        Ok(_) => refusal.with("file_id", id),
        Err(Error::NotFound(_)) => refusal,
        Err(other) => other,
    })
}

fn check_content(tx: &mut Tx, file: &File) -> Result<()> {
    let today = tx.today();
    let (_, policy): (_, Eligibility) = policies::in_force(tx, today)?;
    rules::check(file, &policy.schemes)
}

fn new_number(tx: &mut Tx, unit: &Organization) -> Result<String> {
    let region = organizations::region_code(tx, unit)?;
    let year = year_of(tx.today());
    let n = next_number(tx, &format!("file/{region}/{year}"))?;
    Ok(format!("{region}-{year}-{n:06}"))
}

fn event(action: &'static str, file: &File) -> Event {
    Event::of(action, "file", file.id)
        .organization(file.organization_id)
        .people([&file.person])
        .field("status", &file.status)
}

fn note(comment: Option<crate::input::Comment>) -> Note {
    Note {
        comment: comment.map(String::from),
        ..Note::default()
    }
}
