//! Claims on the big-illness condolence (会员大病慰问, rules 58 to 66).
//!
//! A claim is written, submitted, verified and approved by different people (6). The rule judges it when it is
//! submitted and again when it is approved; the verdict is kept with every clause. Granting it makes its payment:
//! see [`crate::payments::approve`].

use std::mem;

use diesel::prelude::*;
use serde::{Deserialize, Serialize};

use crate::attachments;
use crate::audit::{self, Event};
use crate::bars;
use crate::db::schema::illness_claims;
use crate::db::types::{Date, Fen, Id, Timestamp, year_bounds, year_of};
use crate::db::{Rx, Tx, next_number};
use crate::duplicates::{self, KeyKind};
use crate::error::{Error, Result};
use crate::keyring::Sealed;
use crate::members::{self, Member, MemberId};
use crate::organizations::OrganizationId;
use crate::policies;
use crate::policies::rules::IllnessCondolence;
use crate::say;
use crate::separation::{self, Part};
use crate::users::UserId;

mod decisions;
pub mod http;
pub mod papers;
pub mod payee;
pub mod rules;
mod store;
mod warnings;

pub use decisions::{Decision, reject, return_to_sender};
pub use http::{ClaimChange, NewClaim};
pub use payee::{AccountType, MaskedPayee, NewPayee, Payee, PayeeKind};
use rules::{Assessment, Case, Illness, StayFacts, steps};
pub use rules::{Status, Stay, Verb};
pub use store::{find, list, open_claims, uses_settlement};
pub use warnings::Warning;

/// The id of a claim.
pub type ClaimId = Id<Claim>;

/// A claim as it is kept.
#[derive(Debug, Clone, HasQuery, Insertable, AsChangeset, Identifiable)]
#[diesel(table_name = illness_claims)]
#[diesel(treat_none_as_null = true)]
pub struct Claim {
    /// Its id.
    pub id: ClaimId,
    /// Its number.
    pub number: String,
    /// The member who was ill.
    pub member_id: MemberId,
    /// Digest of the member's ID number.
    pub person: String,
    /// The member's unit when the claim was written.
    pub organization_id: OrganizationId,
    /// The year of the programme.
    pub programme_year: i32,
    /// Who the payee is to the member.
    pub payee_kind: PayeeKind,
    /// Digest of the payee's ID number.
    pub payee_person: String,
    /// [`Details`], encrypted.
    pub details_sealed: Sealed,
    /// Where it stands.
    pub status: Status,
    /// The last [`Assessment`], encrypted.
    pub assessment_sealed: Option<Sealed>,
    /// Every return and rejection, encrypted.
    pub decisions_sealed: Sealed,
    /// Day of the first submission: the window is judged by it (64).
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
    /// When the grant was released, because its payment was cancelled: it is no grant any more.
    pub released_at: Option<Timestamp>,
    /// Version, for `If-Match`.
    pub version: i32,
    /// When it was last changed.
    pub updated_at: Timestamp,
}

/// What is claimed: all of it is personal and kept encrypted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Details {
    /// What for.
    pub illness: Illness,
    /// The stays in hospital.
    pub stays: Vec<Stay>,
    /// Who gets the money.
    pub payee: Payee,
}

/// What an approval grants: what a payment is made from.
pub struct Granted {
    /// The claim.
    pub claim: Claim,
    /// Who gets it.
    pub payee: Payee,
    /// How much.
    pub amount: Fen,
    /// Who verified the claim.
    pub verifier_id: UserId,
    /// Who approved it.
    pub approver_id: UserId,
}

impl Claim {
    /// What is claimed, in clear.
    pub fn details(&self, rx: &Rx) -> Result<Details> {
        rx.keys.open_json("claim_details", &self.details_sealed)
    }

    /// The last verdict.
    pub fn assessment(&self, rx: &Rx) -> Result<Option<Assessment>> {
        let sealed = self.assessment_sealed.as_ref();
        sealed
            .map(|sealed| rx.keys.open_json("claim_assessment", sealed))
            .transpose()
    }

    /// Every return and rejection, oldest first.
    pub fn decisions(&self, rx: &Rx) -> Result<Vec<Decision>> {
        rx.keys.open_json("claim_decisions", &self.decisions_sealed)
    }
}

/// Writes a draft.
pub fn create(tx: &mut Tx, id: ClaimId, new: NewClaim) -> Result<Claim> {
    let member = referred(tx, new.member_id)?;
    members::not_merged(tx, &member)?;
    let details = Details {
        illness: new.illness,
        stays: new.stays,
        payee: new.payee.into(),
    };
    check(tx, &member, &details)?;
    payee::may_inherit(details.payee.kind, &member)?;
    not_barred(tx, member.id)?;
    let year = year_of(tx.today());
    let n = next_number(tx, &format!("illness_claims_{year}"))?;
    let none: [Decision; 0] = [];
    let claim = Claim {
        id,
        number: format!("YB-{year}-{n:06}"),
        member_id: new.member_id,
        person: member.person,
        organization_id: member.organization_id,
        programme_year: new.programme_year.0,
        payee_kind: details.payee.kind,
        payee_person: tx.keys.person(&details.payee.id_number),
        details_sealed: tx.keys.seal_json("claim_details", &details)?,
        status: Status::Draft,
        assessment_sealed: None,
        decisions_sealed: tx.keys.seal_json("claim_decisions", &none)?,
        submitted_on: None,
        round: 1,
        recorder_id: tx.actor.user()?,
        verifier_id: None,
        approver_id: None,
        approved_at: None,
        released_at: None,
        version: 1,
        updated_at: tx.now,
    };
    take_part(tx, &claim, Part::Recorder)?;
    store::insert(tx, &claim)?;
    know_account(tx, &claim, &details.payee)?;
    event("claim.drafted", &claim)
        .field("member_id", &claim.member_id)
        .field("programme_year", &claim.programme_year)
        .field("illness", &details.illness)
        .field("stays", &details.stays)
        .field("payee", &details.payee)
        .record(tx)?;
    Ok(claim)
}

/// Changes a draft or a returned claim.
pub fn change(tx: &mut Tx, mut claim: Claim, change: ClaimChange) -> Result<Claim> {
    let before = claim.details(tx)?;
    let year_before = claim.programme_year;
    let mut after = before.clone();
    after.illness = change.illness.unwrap_or(after.illness);
    after.stays = change.stays.unwrap_or(after.stays);
    after.payee = change.payee.map_or(after.payee, Payee::from);
    let member = members::find_any(tx, claim.member_id)?;
    check(tx, &member, &after)?;
    payee::may_inherit(after.payee.kind, &member)?;
    step(tx, &mut claim, Verb::Change)?;
    claim.payee_kind = after.payee.kind;
    let payee_before = mem::replace(&mut claim.payee_person, tx.keys.person(&after.payee.id_number));
    claim.programme_year = change.programme_year.map_or(year_before, |year| year.0);
    claim.details_sealed = tx.keys.seal_json("claim_details", &after)?;
    take_part(tx, &claim, Part::Recorder)?;
    separation::has_no_part(tx, claim.id, &claim.payee_person)?;
    store::update(tx, &claim)?;
    know_account(tx, &claim, &after.payee)?;
    event("claim.changed", &claim)
        .change("programme_year", &year_before, &claim.programme_year)
        .change("illness", &before.illness, &after.illness)
        .change("stays", &before.stays, &after.stays)
        .change("payee", &before.payee, &after.payee)
        .people([payee_before])
        .record(tx)?;
    Ok(claim)
}

/// What the rule says of a claim as it stands, with today as the day of application if it was never handed in.
pub fn verdict(rx: &mut Rx, claim: &Claim) -> Result<Assessment> {
    let applied_on = claim.submitted_on.unwrap_or(rx.today());
    let (member, details) = (members::find_any(rx, claim.member_id)?, claim.details(rx)?);
    assess(rx, &Subject::of(claim), &member, &details, applied_on)
}

/// Hands the claim in, if the rule grants it; else it stays a draft.
pub fn submit(tx: &mut Tx, mut claim: Claim) -> Result<Claim> {
    attachments::hold(tx, claim.id.papers())?;
    step(tx, &mut claim, Verb::Submit)?;
    take_part(tx, &claim, Part::Recorder)?;
    let details = claim.details(tx)?;
    if details.stays.is_empty() {
        let detail = say!("须填写住院信息", "a claim needs a stay in hospital");
        return Err(Error::invalid("/stays", "required", detail));
    }
    let assessment = verdict(tx, &claim)?;
    assessment.require()?;
    may_receive(tx, &claim)?;
    claim.submitted_on.get_or_insert(tx.today());
    claim.assessment_sealed = Some(tx.keys.seal_json("claim_assessment", &assessment)?);
    done(tx, claim, "claim.submitted")
}

/// Vouches for the facts of a claim.
pub fn verify(tx: &mut Tx, mut claim: Claim) -> Result<Claim> {
    step(tx, &mut claim, Verb::Verify)?;
    take_part(tx, &claim, Part::Verifier)?;
    claim.verifier_id = Some(tx.actor.user()?);
    done(tx, claim, "claim.verified")
}

/// Grants a claim, if the rule still does at this moment, and uses up its settlements (63). The payment is made by
/// [`crate::payments::approve`], which is the way to call this.
pub fn approve(tx: &mut Tx, mut claim: Claim) -> Result<Granted> {
    attachments::hold(tx, claim.id.papers())?;
    step(tx, &mut claim, Verb::Approve)?;
    take_part(tx, &claim, Part::Approver)?;
    let details = claim.details(tx)?;
    let assessment = verdict(tx, &claim)?;
    assessment.require()?;
    may_receive(tx, &claim)?;
    let approver_id = tx.actor.user()?;
    claim.approver_id = Some(approver_id);
    claim.approved_at = Some(tx.now);
    claim.assessment_sealed = Some(tx.keys.seal_json("claim_assessment", &assessment)?);
    let claim = done(tx, claim, "claim.approved")?;
    store::use_settlements(tx, settlements(tx, &details.stays), claim.id)?;
    let verifier_id = claim
        .verifier_id
        .ok_or_else(|| Error::internal("an approved claim without verifier"))?;
    Ok(Granted {
        claim,
        payee: details.payee,
        amount: assessment.amount_fen,
        verifier_id,
        approver_id,
    })
}

/// Takes a claim back before it is decided.
pub fn withdraw(tx: &mut Tx, mut claim: Claim) -> Result<Claim> {
    step(tx, &mut claim, Verb::Withdraw)?;
    claim.verifier_id = None;
    done(tx, claim, "claim.withdrawn")
}

/// Asks for the one review of a rejection (35): other people judge it from the start.
pub fn request_review(tx: &mut Tx, mut claim: Claim) -> Result<Claim> {
    step(tx, &mut claim, Verb::RequestReview)?;
    claim.round += 1;
    claim.verifier_id = None;
    done(tx, claim, "claim.review_requested")
}

/// Moves the claims of a member that are not decided to another unit (48); what was decided and paid stays in the books
/// of the unit that did it.
pub fn follow(tx: &mut Tx, member: MemberId, unit: OrganizationId) -> Result<()> {
    let persons = members::persons(tx, member)?;
    for (id, version) in store::follow(tx, member, unit)? {
        Event::of("claim.transferred", "illness_claim", id)
            .organization(unit)
            .people(&persons)
            .version(version + 1)
            .field("organization_id", &unit)
            .record(tx)?;
    }
    Ok(())
}

/// Marks the claim as paid: part of the payment's transaction.
pub fn paid(tx: &mut Tx, mut claim: Claim) -> Result<Claim> {
    step(tx, &mut claim, Verb::Pay)?;
    done(tx, claim, "claim.paid")
}

/// Marks the claim as approved again, because its money came back: part of the payment's transaction.
pub fn unpaid(tx: &mut Tx, mut claim: Claim) -> Result<Claim> {
    step(tx, &mut claim, Verb::Unpay)?;
    done(tx, claim, "claim.unpaid")
}

/// Sets free what a grant had used up, because its payment was cancelled: part of the payment's transaction. The year and
/// the settlements can be claimed anew, as by the heirs of a member who has died since.
pub fn released(tx: &mut Tx, mut claim: Claim) -> Result<()> {
    store::next_version(tx, &mut claim)?;
    claim.released_at = Some(tx.now);
    claim.updated_at = tx.now;
    store::release_settlements(tx, claim.id)?;
    store::update(tx, &claim)?;
    event("claim.released", &claim).record(tx)
}

/// Judges what was never stored: the self-test, with what it contradicts.
pub fn try_rule(rx: &mut Rx, new: NewClaim) -> Result<(Assessment, Vec<Warning>)> {
    let member = referred(rx, new.member_id)?;
    let details = Details {
        illness: new.illness,
        stays: new.stays,
        payee: new.payee.into(),
    };
    check(rx, &member, &details)?;
    let subject = Subject {
        claim: None,
        programme_year: new.programme_year.0,
    };
    let today = rx.today();
    let assessment = assess(rx, &subject, &member, &details, today)?;
    let warnings = warnings::about(rx, member.id, subject.programme_year, &details, None)?;
    Ok((assessment, warnings))
}

/// The member that a body names: in scope, else 422.
fn referred(rx: &mut Rx, id: MemberId) -> Result<Member> {
    members::find(rx, id).map_err(|error| match error {
        Error::NotFound(_) => Error::unknown_reference("/member_id"),
        other => other,
    })
}

/// Lets the member be found by the account that the condolence goes to, when it is the member's own (9).
fn know_account(tx: &mut Tx, claim: &Claim, payee: &Payee) -> Result<()> {
    match payee.kind {
        PayeeKind::Member => {
            let account = &payee.account_number;
            duplicates::know_more(tx, claim.member_id.cast(), KeyKind::Account, account)
        }
        _ => Ok(()),
    }
}

/// Nothing new for whoever is barred, whichever of the merged records it stands on (78).
fn not_barred(tx: &mut Tx, member: MemberId) -> Result<()> {
    let (persons, today) = (members::persons(tx, member)?, tx.today());
    bars::not_barred(tx, &persons, today)
}

/// Whether the member may have something new and the payee the money, now (65, 73, 77, 78).
fn may_receive(tx: &mut Tx, claim: &Claim) -> Result<()> {
    not_barred(tx, claim.member_id)?;
    let member = members::find_any(tx, claim.member_id)?;
    payee::may_receive(
        tx,
        claim.payee_kind,
        &claim.payee_person,
        &member,
        claim.id.papers(),
    )
}

/// Takes a part on the case, for somebody who is neither the member nor the payee, nor related to either (6).
pub fn take_part(tx: &mut Tx, claim: &Claim, part: Part) -> Result<()> {
    keep_away(tx, claim)?;
    separation::take(tx, claim.id, part, claim.round, &claim.person)
}

/// Refuses with `same_person` when the acting person is the member or the payee, or related to either (6).
fn keep_away(tx: &mut Tx, claim: &Claim) -> Result<()> {
    separation::not_own(tx, &claim.payee_person)?;
    separation::not_own(tx, &claim.person)
}

/// Whose claim of which year is judged.
struct Subject {
    claim: Option<ClaimId>,
    programme_year: i32,
}

impl Subject {
    fn of(claim: &Claim) -> Self {
        Self {
            claim: Some(claim.id),
            programme_year: claim.programme_year,
        }
    }
}

/// Gathers the facts and judges them by the rule of the programme year: the one in force on its first day.
fn assess(
    rx: &mut Rx,
    subject: &Subject,
    member: &Member,
    details: &Details,
    applied_on: Date,
) -> Result<Assessment> {
    let year = subject.programme_year;
    let (policy_id, policy) = policies::in_force::<IllnessCondolence>(rx, year_bounds(year).0)?;
    let mut stays = Vec::with_capacity(details.stays.len());
    for stay in &details.stays {
        stays.push(StayFacts {
            admitted_on: stay.admitted_on,
            discharged_on: stay.discharged_on,
            total: stay.total_fen,
            deducted: stay.deductions.sum(),
            off_catalogue: stay.off_catalogue_fen.unwrap_or_default(),
            serving: members::serving_on(rx, member, stay.admitted_on)?,
        });
    }
    let numbers = settlements(rx, &details.stays);
    let persons = members::persons(rx, member.id)?;
    let case = Case {
        programme_year: year,
        applied_on,
        stays,
        earlier_grant: store::has_grant(rx, &persons, year, subject.claim)?,
        used_settlements: store::used_settlements(rx, &numbers, subject.claim)?,
    };
    Ok(rules::assess(&case, policy_id, &policy, rx.now))
}

/// The digests of the settlement numbers, in order: two approvals that want the same ones wait for each other
/// instead of dead-locking.
fn settlements(rx: &Rx, stays: &[Stay]) -> Vec<String> {
    let digest = |stay: &Stay| rx.keys.digest("settlement", &stay.settlement());
    let mut digests: Vec<_> = stays.iter().map(digest).collect();
    digests.sort_unstable();
    digests
}

/// Whether a member, by any of the merged records, has a grant of a programme year.
pub fn was_granted(rx: &mut Rx, member: MemberId, year: i32) -> Result<bool> {
    let persons = members::persons(rx, member)?;
    store::has_grant(rx, &persons, year, None)
}

/// Refuses what is wrong in itself, everything at once.
fn check(rx: &Rx, member: &Member, details: &Details) -> Result<()> {
    let mut errors = rules::stays::check(&details.stays, rx.today());
    errors.extend(details.payee.check());
    let person = rx.keys.person(&details.payee.id_number);
    errors.extend(details.payee.of(member, &person));
    if errors.is_empty() {
        Ok(())
    } else {
        Err(Error::Invalid(errors))
    }
}

/// Takes the row for this unit of work, then moves it on. Of two that read the same version the second is told what
/// the first made of the claim.
fn step(tx: &mut Tx, claim: &mut Claim, verb: Verb) -> Result<()> {
    let status = steps::after(claim.status, verb, claim.round)?;
    let read = claim.version;
    if !store::next_version(tx, claim)? {
        let now = store::find(tx, claim.id)?;
        steps::after(now.status, verb, now.round)?;
        let fields = audit::changed_since(tx, &claim.id.to_string(), read)?;
        return Err(Error::Stale {
            changed: fields,
            conflicts: Vec::new(),
        });
    }
    claim.status = status;
    claim.updated_at = tx.now;
    Ok(())
}

fn done(tx: &mut Tx, claim: Claim, action: &'static str) -> Result<Claim> {
    store::update(tx, &claim)?;
    event(action, &claim).field("status", &claim.status).record(tx)?;
    Ok(claim)
}

fn event(action: &'static str, claim: &Claim) -> Event {
    Event::of(action, "illness_claim", claim.id)
        .organization(claim.organization_id)
        .people([&claim.person, &claim.payee_person])
        .version(claim.version)
}
