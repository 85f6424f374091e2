//! Aid (帮扶救助, rules 67 to 72, 76): living, medical, education and other aid, and sending warmth (送温暖).
//!
//! What each kind asks for, is limited by and how often it is given is a dated rule. An application goes the way of a
//! claim: written, submitted, verified and approved by different people (6). Granting it makes its payment: see
//! [`crate::payments::approve_aid`].

use diesel::prelude::*;
use serde::{Deserialize, Serialize};

use crate::attachments;
use crate::audit::{self, Event};
use crate::bars;
use crate::claims::rules::steps;
use crate::claims::{Decision, Payee, PayeeKind, Status, Verb, payee};
use crate::db::schema::aid_applications;
use crate::db::types::{Date, Fen, Id, Timestamp};
use crate::db::{Rx, Tx};
use crate::error::{Error, Result};
use crate::files::household::PersonId;
use crate::files::{self, FileId, Level};
use crate::keyring::Sealed;
use crate::members::{self, MemberId};
use crate::organizations::OrganizationId;
use crate::policies::rules::Cap;
use crate::say;
use crate::separation::{self, Part};
use crate::users::UserId;

mod bodies;
mod decisions;
mod draft;
mod facts;
pub mod http;
pub mod papers;
mod rules;
mod store;

pub use bodies::{Bill, Change, NewApplication, Verification};
pub use decisions::{reject, return_to_sender};
pub use rules::{Assessment, Period, Warning};
pub use store::{find, open_applications};

/// The id of an application.
pub type AidId = Id<Application>;

/// An application as it is kept.
#[derive(Debug, Clone, HasQuery, Insertable, AsChangeset, Identifiable)]
#[diesel(table_name = aid_applications)]
#[diesel(treat_none_as_null = true)]
pub struct Application {
    /// Its id.
    pub id: AidId,
    /// Its number.
    pub number: String,
    /// The household's file; none where the kind asks for none.
    pub file_id: Option<FileId>,
    /// The member: the head of the household, where there is a file.
    pub member_id: MemberId,
    /// Digest of the member's ID number.
    pub person: String,
    /// The unit of the file, or of the member.
    pub organization_id: OrganizationId,
    /// A code of the list `aid_kind`.
    pub kind: String,
    /// A [`Period`], as text.
    pub period: String,
    /// The year of the period.
    pub year: i32,
    /// Who the payee is to the member.
    pub payee_kind: PayeeKind,
    /// Digest of the payee's ID number.
    pub payee_person: String,
    /// [`Details`], encrypted.
    pub details_sealed: Sealed,
    /// Digest of the number of the bill that is to be helped with.
    pub settlement_hash: Option<String>,
    /// Where it stands.
    pub status: Status,
    /// The last [`Assessment`], encrypted.
    pub assessment_sealed: Option<Sealed>,
    /// Every return and rejection, encrypted.
    pub decisions_sealed: Sealed,
    /// Whether the last assessment has warnings.
    pub warned: bool,
    /// Who confirmed them.
    pub confirmed_by: Option<UserId>,
    /// Whether the rule asked for a file when it was judged last.
    pub needs_file: bool,
    /// The level of the file when it was granted (23).
    pub level: Option<Level>,
    /// How much was granted.
    pub granted_fen: Option<Fen>,
    /// The limit that the grant counts against.
    pub cap: Option<Cap>,
    /// Whose limit.
    pub cap_subject: Option<String>,
    /// When the grant was released, because its payment was cancelled.
    pub released_at: Option<Timestamp>,
    /// Day of the first submission.
    pub submitted_on: Option<Date>,
    /// 1; 2 after a review was asked for (35).
    pub round: i32,
    /// Who wrote it.
    pub recorder_id: UserId,
    /// Who verified it, while that holds.
    pub verifier_id: Option<UserId>,
    /// Who approved it.
    pub approver_id: Option<UserId>,
    /// When it was approved.
    pub approved_at: Option<Timestamp>,
    /// Version, for `If-Match`.
    pub version: i32,
    /// When it was last changed.
    pub updated_at: Timestamp,
}

/// What is asked for: all of it is personal and kept encrypted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Details {
    /// How much.
    pub amount_fen: Fen,
    /// For whom of the household: the student, the patient.
    pub beneficiary_id: Option<PersonId>,
    /// The bill that medical aid helps with.
    pub bill: Option<Bill>,
    /// Why it is needed.
    pub need: String,
    /// Who gets the money.
    pub payee: Payee,
}

/// What an approval grants: what a payment is made from.
pub struct Granted {
    /// The application.
    pub application: Application,
    /// Who gets it.
    pub payee: Payee,
    /// How much.
    pub amount: Fen,
    /// Who verified it.
    pub verifier_id: UserId,
    /// Who approved it.
    pub approver_id: UserId,
}

impl Application {
    /// What is asked for, in clear.
    pub fn details(&self, rx: &Rx) -> Result<Details> {
        rx.keys.open_json("aid_details", &self.details_sealed)
    }

    /// The last verdict.
    pub fn assessment(&self, rx: &Rx) -> Result<Option<Assessment>> {
        let sealed = self.assessment_sealed.as_ref();
        sealed
            .map(|sealed| rx.keys.open_json("aid_assessment", sealed))
            .transpose()
    }

    /// Every return and rejection, oldest first.
    pub fn decisions(&self, rx: &Rx) -> Result<Vec<Decision>> {
        rx.keys.open_json("aid_decisions", &self.decisions_sealed)
    }

    fn period(&self) -> Result<Period> {
        self.period
            .parse()
            .map_err(|()| Error::internal("a period that is none"))
    }
}

/// Hands an application in, if the rule grants it; else it stays a draft.
fn submit(tx: &mut Tx, mut application: Application) -> Result<Application> {
    attachments::hold(tx, application.id.papers())?;
    step(tx, &mut application, Verb::Submit)?;
    take_part(tx, &application, Part::Recorder)?;
    let verdict = facts::verdict(tx, &application)?;
    verdict.assessment.require()?;
    may_receive(tx, &application)?;
    application.submitted_on.get_or_insert(tx.today());
    keep(tx, &mut application, &verdict)?;
    application.confirmed_by = None;
    done(tx, application, "aid.submitted")
}

/// Vouches for the facts of an application, and for the warnings that it bears (76).
fn verify(tx: &mut Tx, mut application: Application, verification: &Verification) -> Result<Application> {
    step(tx, &mut application, Verb::Verify)?;
    take_part(tx, &application, Part::Verifier)?;
    let verdict = facts::verdict(tx, &application)?;
    verdict.assessment.require()?;
    verdict.assessment.confirmed(&verification.confirmed_warnings)?;
    keep(tx, &mut application, &verdict)?;
    let verifier = tx.actor.user()?;
    application.verifier_id = Some(verifier);
    application.confirmed_by = application.warned.then_some(verifier);
    store::update(tx, &application)?;
    event("aid.verified", &application)
        .field("status", &application.status)
        .field("confirmed_warnings", &verdict.assessment.warnings)
        .record(tx)?;
    Ok(application)
}

/// Grants an application, if the rules still do at this moment: takes the months (76) and counts the grant against its
/// limit (70, 72). The payment is made by [`crate::payments::approve_aid`], which is the way to call this.
pub fn approve(tx: &mut Tx, mut application: Application) -> Result<Granted> {
    attachments::hold(tx, application.id.papers())?;
    step(tx, &mut application, Verb::Approve)?;
    take_part(tx, &application, Part::Approver)?;
    let confirmed = application.assessment(tx)?.map(|before| before.warnings);
    let details = application.details(tx)?;
    let subject = facts::limited(tx, &application, &details)?;
    if let Some((cap, subject)) = &subject {
        store::take_limit(tx, *cap, subject, application.year)?;
    }
    let verdict = facts::verdict(tx, &application)?;
    verdict.assessment.require()?;
    verdict.assessment.confirmed(&confirmed.unwrap_or_default())?;
    may_receive(tx, &application)?;
    let amount = verdict.assessment.granted_fen;
    if let (Some((cap, subject)), Some(limit)) = (&subject, verdict.limit) {
        store::count(tx, *cap, subject, application.year, limit, amount)?;
    }
    let approver_id = tx.actor.user()?;
    keep(tx, &mut application, &verdict)?;
    (application.cap, application.cap_subject) = subject.unzip();
    application.approver_id = Some(approver_id);
    application.approved_at = Some(tx.now);
    application.granted_fen = Some(amount);
    application.level = verdict.level;
    let months = application.period()?.months();
    store::use_months(tx, &application, &verdict.people, &months)?;
    store::update(tx, &application)?;
    event("aid.approved", &application)
        .field("status", &application.status)
        .field("granted_fen", &application.granted_fen)
        .record(tx)?;
    let verifier_id = application
        .verifier_id
        .ok_or_else(|| Error::internal("an approved application without verifier"))?;
    Ok(Granted {
        application,
        payee: details.payee,
        amount,
        verifier_id,
        approver_id,
    })
}

/// Keeps a verdict with the application.
fn keep(tx: &Tx, application: &mut Application, verdict: &facts::Verdict) -> Result<()> {
    application.assessment_sealed = Some(tx.keys.seal_json("aid_assessment", &verdict.assessment)?);
    application.warned = !verdict.assessment.warnings.is_empty();
    application.needs_file = verdict.needs_file;
    Ok(())
}

/// Takes an application back before it is decided.
fn withdraw(tx: &mut Tx, mut application: Application) -> Result<Application> {
    step(tx, &mut application, Verb::Withdraw)?;
    application.verifier_id = None;
    done(tx, application, "aid.withdrawn")
}

/// Asks for the one review of a rejection (35): other people judge it from the start.
fn request_review(tx: &mut Tx, mut application: Application) -> Result<Application> {
    step(tx, &mut application, Verb::RequestReview)?;
    application.round += 1;
    application.verifier_id = None;
    application.confirmed_by = None;
    done(tx, application, "aid.review_requested")
}

/// Moves the applications of a member that are not decided to another unit (48); what was decided and paid stays in the
/// books of the unit that did it.
pub fn follow(tx: &mut Tx, member: MemberId, unit: OrganizationId) -> Result<()> {
    let persons = members::persons(tx, member)?;
    for (id, version) in store::follow(tx, member, unit)? {
        Event::of("aid.transferred", "aid_application", id)
            .organization(unit)
            .people(&persons)
            .version(version + 1)
            .field("organization_id", &unit)
            .record(tx)?;
    }
    Ok(())
}

/// Marks an application as paid: part of the payment's transaction.
pub fn paid(tx: &mut Tx, mut application: Application) -> Result<()> {
    step(tx, &mut application, Verb::Pay)?;
    done(tx, application, "aid.paid").map(drop)
}

/// Marks it as approved again, because its money came back: part of the payment's transaction.
pub fn unpaid(tx: &mut Tx, mut application: Application) -> Result<()> {
    step(tx, &mut application, Verb::Unpay)?;
    done(tx, application, "aid.unpaid").map(drop)
}

/// Sets free what a grant had taken, because its payment was cancelled: part of the payment's transaction.
pub fn released(tx: &mut Tx, mut application: Application) -> Result<()> {
    store::next_version(tx, &mut application)?;
    application.released_at = Some(tx.now);
    application.updated_at = tx.now;
    store::release_months(tx, application.id)?;
    if let (Some(cap), Some(subject), Some(amount)) =
        (application.cap, &application.cap_subject, application.granted_fen)
    {
        store::uncount(tx, cap, subject, application.year, amount)?;
    }
    store::update(tx, &application)?;
    event("aid.released", &application).record(tx)
}

/// Whether the household may not be paid any more, because it has left hardship since (77).
pub fn has_ended(rx: &mut Rx, application: &Application) -> Result<bool> {
    match application.file_id {
        Some(file) if application.needs_file => {
            Ok(files::unscoped(rx, file)?.status != files::Status::OnFile)
        }
        _ => Ok(false),
    }
}

/// Nothing new for whoever is barred, whichever of the merged records it stands on (78).
fn not_barred(tx: &mut Tx, member: MemberId) -> Result<()> {
    let (persons, today) = (members::persons(tx, member)?, tx.today());
    bars::not_barred(tx, &persons, today)
}

/// Whether the member may have something new and the payee the money, now (65, 73, 77, 78).
fn may_receive(tx: &mut Tx, application: &Application) -> Result<()> {
    not_barred(tx, application.member_id)?;
    let member = members::find_any(tx, application.member_id)?;
    let (kind, person) = (application.payee_kind, &application.payee_person);
    payee::may_receive(tx, kind, person, &member, application.id.papers())
}

/// Takes a part on the case, for somebody who is neither the member nor the payee, nor related to either (6).
pub fn take_part(tx: &mut Tx, application: &Application, part: Part) -> Result<()> {
    separation::not_own(tx, &application.payee_person)?;
    separation::take(tx, application.id, part, application.round, &application.person)
}

/// Takes the row for this unit of work, then moves it on. Of two that read the same version the second is told what
/// the first made of the application.
fn step(tx: &mut Tx, application: &mut Application, verb: Verb) -> Result<()> {
    let status = steps::after(application.status, verb, application.round)?;
    let read = application.version;
    if !store::next_version(tx, application)? {
        let now = store::find(tx, application.id)?;
        steps::after(now.status, verb, now.round)?;
        return Err(Error::Stale {
            changed: audit::changed_since(tx, &application.id.to_string(), read)?,
            conflicts: Vec::new(),
        });
    }
    application.status = status;
    application.updated_at = tx.now;
    Ok(())
}

fn done(tx: &mut Tx, application: Application, action: &'static str) -> Result<Application> {
    store::update(tx, &application)?;
    event(action, &application)
        .field("status", &application.status)
        .record(tx)?;
    Ok(application)
}

fn event(action: &'static str, application: &Application) -> Event {
    Event::of(action, "aid_application", application.id)
        .organization(application.organization_id)
        .people([&application.person, &application.payee_person])
        .version(application.version)
}

/// The refusal when a bill was helped with before (63).
fn bill_already_used() -> Error {
    let detail = say!("该结算单已用于另一笔救助", "the bill was helped with before");
    Error::refused("settlement_already_used", detail)
}
