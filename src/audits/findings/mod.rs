//! What an audit found (审计发现): recorded while the audit runs, answered by the audited unit, and closed by another
//! person than who recorded it. This is the one place where somebody who is no auditor writes about an audit.

use diesel::prelude::*;
use serde::{Deserialize, Serialize};

use super::{Task, TaskId, guests};
use crate::audit::{Event, Note};
use crate::auth::Role;
use crate::db::schema::audit_findings;
use crate::db::types::{Date, Id, Timestamp};
use crate::db::{Rx, Tx};
use crate::error::{Error, Result};
use crate::input;
use crate::input::{Comment, Text};
use crate::keyring::Sealed;
use crate::organizations::{self, OrganizationId};
use crate::policies::{self, rules::Audit};
use crate::separation;
use crate::users::UserId;
use crate::{aid, claims, files, payments};

pub mod http;
mod rules;
mod store;

pub use rules::{Severity, Status, SubjectType};
pub(super) use store::unanswered;

/// The id of a finding.
pub type FindingId = Id<Finding>;

/// Something that an audit found.
#[derive(Debug, Clone, HasQuery, Insertable, AsChangeset, Identifiable)]
#[diesel(table_name = audit_findings)]
#[diesel(treat_none_as_null = true)]
pub struct Finding {
    /// Its id.
    pub id: FindingId,
    /// The audit.
    pub task_id: TaskId,
    /// The unit that is audited.
    pub audited_organization_id: OrganizationId,
    /// How bad it is.
    pub severity: Severity,
    /// What kind of record it is about, if about one.
    pub subject_type: Option<SubjectType>,
    /// Which.
    pub subject_id: Option<Id<()>>,
    /// What was found and demanded, encrypted.
    pub said_sealed: Sealed,
    /// The last answer, encrypted.
    pub answer_sealed: Option<Sealed>,
    /// The day by which it is to be put right.
    pub rectify_by: Date,
    /// Where it stands.
    pub status: Status,
    /// When it was recorded.
    pub recorded_at: Timestamp,
    /// By whom.
    pub recorded_by: UserId,
    /// The same, as a digest of the person.
    pub recorder_person: String,
    /// When it was answered.
    pub answered_at: Option<Timestamp>,
    /// By whom.
    pub answered_by: Option<UserId>,
    /// The same, as a digest of the person.
    pub answerer_person: Option<String>,
    /// When it was closed.
    pub closed_at: Option<Timestamp>,
    /// By whom.
    pub closed_by: Option<UserId>,
    /// The same, as a digest of the person.
    pub closer_person: Option<String>,
    /// Version, for `If-Match`.
    pub version: i32,
}

/// What was found and demanded, as it is kept encrypted.
#[derive(Serialize, Deserialize)]
struct Said {
    title: String,
    text: String,
    demand: String,
}

impl Finding {
    fn said(&self, rx: &Rx) -> Result<Said> {
        rx.keys.open_json("audit_finding", &self.said_sealed)
    }

    fn answer(&self, rx: &Rx) -> Result<Option<String>> {
        let sealed = self.answer_sealed.as_ref();
        sealed.map(|text| rx.keys.open("audit_answer", text)).transpose()
    }
}

input! {
    /// What was found.
    #[schema(as = NewAuditFinding)]
    pub struct NewFinding {
        /// Made by the client (UUIDv7), or null.
        #[schema(value_type = Option<String>, format = "uuid")]
        pub id: Option<FindingId>,
        /// How bad it is.
        pub severity: Severity,
        /// What, in a few words.
        #[schema(value_type = String, max_length = 200, example = "发放表缺少本人签名")]
        pub title: Text<200>,
        /// What, in full.
        #[schema(value_type = String, max_length = 2000, example = "抽查 20 户，3 户发放表由村干部代签")]
        pub text: Comment,
        /// What kind of record of the audited unit it is about, or null.
        #[schema(example = json!(null))]
        pub subject_type: Option<SubjectType>,
        /// Which, or null.
        #[schema(value_type = Option<String>, format = "uuid")]
        pub subject_id: Option<Id<()>>,
        /// What is to be done about it.
        #[schema(value_type = String, max_length = 2000, example = "补签并说明原因")]
        pub demand: Comment,
        /// By when: within the days of the policy; null for all of them.
        #[schema(example = json!(null))]
        pub rectify_by: Option<Date>,
    }
}
input! {
    /// What is said to a finding or to its answer.
    #[schema(as = AuditAnswer)]
    pub struct Answer {
        /// In words; kept encrypted.
        #[schema(value_type = String, max_length = 2000, example = "已补签，附照片")]
        pub text: Comment,
    }
}

/// Records what an audit found: an auditor of the unit that audits, or a guest who is invited to the task.
fn record(tx: &mut Tx, id: FindingId, task: &Task, new: NewFinding) -> Result<Finding> {
    match tx.actor.role == Role::GuestAuditor.as_str() {
        true => guests::invited(tx, task.id)?,
        false => super::rules::own_task(tx.actor.organization_id, task.organization_id)?,
    }
    super::rules::still_runs(task.status)?;
    let today = tx.today();
    let days = policies::in_force::<Audit>(tx, today)?.1.rectify_days;
    let rectify_by = rules::rectify_by(new.rectify_by, today, days)?;
    let subject = subject(tx, task, new.subject_type, new.subject_id)?;
    let said = Said {
        title: new.title.into(),
        text: new.text.into(),
        demand: new.demand.into(),
    };
    let finding = Finding {
        id,
        task_id: task.id,
        audited_organization_id: task.audited_organization_id,
        severity: new.severity,
        subject_type: subject.map(|(kind, _)| kind),
        subject_id: subject.map(|(_, id)| id),
        said_sealed: tx.keys.seal_json("audit_finding", &said)?,
        answer_sealed: None,
        rectify_by,
        status: Status::Open,
        recorded_at: tx.now,
        recorded_by: tx.actor.user()?,
        recorder_person: tx.actor.person.clone(),
        answered_at: None,
        answered_by: None,
        answerer_person: None,
        closed_at: None,
        closed_by: None,
        closer_person: None,
        version: 1,
    };
    store::insert(tx, &finding)?;
    event("audit_finding.recorded", &finding)
        .field("task_id", &finding.task_id)
        .field("severity", &finding.severity)
        .field("subject_id", &finding.subject_id)
        .field("rectify_by", &finding.rectify_by)
        .field("said", &said)
        .record(tx)?;
    Ok(finding)
}

/// The record of the audited unit that a finding is about, if about one.
fn subject(
    tx: &mut Tx,
    task: &Task,
    kind: Option<SubjectType>,
    id: Option<Id<()>>,
) -> Result<Option<(SubjectType, Id<()>)>> {
    let Some((kind, id)) = rules::both(kind, id)? else {
        return Ok(None);
    };
    organizations::narrow(tx, Some(task.audited_organization_id))?;
    let found = match kind {
        SubjectType::File => files::find(tx, id.cast()).map(drop),
        SubjectType::IllnessClaim => claims::find(tx, id.cast()).map(drop),
        SubjectType::AidApplication => aid::find(tx, id.cast()).map(drop),
        SubjectType::Payment => payments::find(tx, id.cast()).map(drop),
    };
    match found {
        Err(Error::NotFound(_)) => Err(Error::unknown_reference("/subject_id")),
        found => found.map(|()| Some((kind, id))),
    }
}

/// Answers for the audited unit.
fn answer(tx: &mut Tx, mut finding: Finding, said: String) -> Result<Finding> {
    rules::may_answer(finding.status)?;
    separation::another(&tx.actor.person, &[Some(&finding.recorder_person)])?;
    finding.status = Status::Answered;
    finding.answer_sealed = Some(tx.keys.seal("audit_answer", &said)?);
    finding.answered_at = Some(tx.now);
    finding.answered_by = Some(tx.actor.user()?);
    finding.answerer_person = Some(tx.actor.person.clone());
    store::update(tx, &mut finding)?;
    event("audit_finding.answered", &finding)
        .field("status", &finding.status)
        .field("answer", &said)
        .note(in_words(said))
        .record(tx)?;
    Ok(finding)
}

/// Does not take the answer: the finding is open again.
fn reject(tx: &mut Tx, mut finding: Finding, task: &Task, why: String) -> Result<Finding> {
    super::rules::own_task(tx.actor.organization_id, task.organization_id)?;
    rules::may_decide(finding.status)?;
    separation::another(&tx.actor.person, &[finding.answerer_person.as_ref()])?;
    finding.status = Status::Open;
    finding.answer_sealed = None;
    finding.answered_at = None;
    finding.answered_by = None;
    finding.answerer_person = None;
    store::update(tx, &mut finding)?;
    event("audit_finding.answer_rejected", &finding)
        .field("status", &finding.status)
        .note(in_words(why))
        .record(tx)?;
    Ok(finding)
}

/// Takes the answer, and closes the finding: another person than recorded it.
fn accept(tx: &mut Tx, mut finding: Finding, task: &Task) -> Result<Finding> {
    super::rules::own_task(tx.actor.organization_id, task.organization_id)?;
    rules::may_decide(finding.status)?;
    let before = [Some(&finding.recorder_person), finding.answerer_person.as_ref()];
    separation::another(&tx.actor.person, &before)?;
    finding.status = Status::Closed;
    finding.closed_at = Some(tx.now);
    finding.closed_by = Some(tx.actor.user()?);
    finding.closer_person = Some(tx.actor.person.clone());
    store::update(tx, &mut finding)?;
    event("audit_finding.closed", &finding)
        .field("status", &finding.status)
        .record(tx)?;
    Ok(finding)
}

fn in_words(comment: String) -> Note {
    Note {
        comment: Some(comment),
        ..Note::default()
    }
}

fn event(action: &'static str, finding: &Finding) -> Event {
    Event::of(action, "audit_finding", finding.id)
        .organization(finding.audited_organization_id)
        .version(finding.version)
}
