//! Mutual insurance (互助保障, rules 84, 85): units insure their members by lists.
//!
//! A list names people of one unit for one plan of an insurer; the unit applies, not the person. One person makes it,
//! another approves it, a third sends it to the insurer with its premium, and it is in force when everybody has a policy
//! number. Nobody has two covers of one plan on one day. A cover that is in force fulfils the insurance duty of the
//! person's household by itself (54): see [`crate::ledger::refresh_households`].

use diesel::prelude::*;

use crate::audit::{self, Event};
use crate::db::schema::{enrolments, insurance_lists};
use crate::db::types::{Date, Fen, Id, Timestamp, year_of};
use crate::db::{Tx, next_number};
use crate::error::{Error, FieldError, Result};
use crate::funds::book::{self, Cause};
use crate::funds::{self, LineId};
use crate::keyring::Sealed;
use crate::ledger::details::Payer;
use crate::members::{self, Group, Member, MemberId};
use crate::organizations::{self, Organization, OrganizationId};
use crate::say;
use crate::separation::{another, same_person};
use crate::users::UserId;

mod bodies;
pub mod claims;
mod coverage;
mod covers;
mod export;
pub mod http;
mod numbers;
mod plans;
mod rules;
mod store;

pub use bodies::{ListCancellation, NewEnrolment, NewList, Sending};
pub use plans::PlanId;
use rules::{Candidate, Step};
pub use rules::{EndReason, EnrolmentStatus, Status};

/// The id of a list.
pub type ListId = Id<List>;
/// The id of somebody's place on a list.
pub type EnrolmentId = Id<Enrolment>;

/// The kind of aid that a premium is: a code of the list `aid_kind`.
const MUTUAL_INSURANCE: &str = "mutual_insurance";

/// A list, as kept; what went to the insurer is read by [`export::content`] only.
#[derive(Debug, Clone, HasQuery, Insertable, AsChangeset, Identifiable)]
#[diesel(table_name = insurance_lists)]
#[diesel(treat_none_as_null = true)]
pub struct List {
    id: ListId,
    number: String,
    organization_id: OrganizationId,
    plan_id: PlanId,
    plan_code: String,
    share_price_fen: Fen,
    payer: Payer,
    starts_on: Date,
    ends_on: Date,
    status: Status,
    head_count: i32,
    total_fen: Fen,
    budget_line_id: Option<LineId>,
    recorded_by: UserId,
    recorder_person: String,
    submitted_by: Option<UserId>,
    submitter_person: Option<String>,
    approved_by: Option<UserId>,
    approver_person: Option<String>,
    approved_on: Option<Date>,
    sent_by: Option<UserId>,
    sender_person: Option<String>,
    sent_at: Option<Timestamp>,
    paid_on: Option<Date>,
    reference: Option<String>,
    content_hash: Option<String>,
    version: i32,
    updated_at: Timestamp,
}

/// Somebody on a list, as kept.
#[derive(Debug, Clone, HasQuery, Insertable, AsChangeset, Identifiable)]
#[diesel(table_name = enrolments)]
#[diesel(treat_none_as_null = true)]
pub struct Enrolment {
    id: EnrolmentId,
    list_id: ListId,
    line: i32,
    plan_code: String,
    member_id: MemberId,
    person: String,
    organization_id: OrganizationId,
    #[diesel(column_name = group_code)]
    group: Option<Group>,
    shares: i32,
    share_price_fen: Fen,
    premium_fen: Fen,
    starts_on: Date,
    ends_on: Date,
    start_year: i32,
    status: EnrolmentStatus,
    confirmed_on: Option<Date>,
    policy_number_sealed: Option<Sealed>,
    ended_on: Option<Date>,
    end_reason: Option<EndReason>,
    version: i32,
    updated_at: Timestamp,
}

/// Makes a list of people (85); every mistake is named at once. Whoever enrols by the plan waits for the others, so that
/// of two lists with the same person the second sees the first.
fn create(tx: &mut Tx, id: ListId, new: NewList) -> Result<List> {
    let unit = organizations::referred(tx, new.organization_id, "/organization_id")?;
    let plan = plans::referred(tx, new.plan_id)?;
    tx.lock(&format!("covers of {}", plan.code))?;
    let newest = store::newest_revision(tx, &plan.code, Some(new.starts_on))?;
    let ends_on = rules::last_day(new.starts_on, plan.term_months.unsigned_abs());
    let mut errors = rules::open_for(&plan, newest, new.starts_on, tx.today());
    let days = (new.starts_on, ends_on);
    let (members, candidates) = candidates(tx, &unit, &plan.code, &new.people.0, days, &mut errors)?;
    errors.extend(rules::faults(&plan, new.starts_on, &candidates));
    if members.is_empty() && errors.is_empty() {
        errors.push(FieldError::new(
            "/people",
            "required",
            say!("至少一人", "at least one person"),
        ));
    }
    if !errors.is_empty() {
        return Err(Error::Invalid(errors));
    }
    let year = year_of(tx.today());
    let n = next_number(tx, &format!("insurance_lists_{year}"))?;
    let shares: i64 = candidates.iter().map(|person| person.shares).sum();
    let list = List {
        id,
        number: format!("CB-{year}-{n:06}"),
        organization_id: unit.id,
        plan_id: plan.id,
        plan_code: plan.code,
        share_price_fen: plan.share_price_fen,
        payer: new.payer,
        starts_on: new.starts_on,
        ends_on,
        status: Status::Draft,
        head_count: i32::try_from(members.len()).unwrap_or(i32::MAX),
        total_fen: Fen(plan.share_price_fen.0 * shares),
        budget_line_id: None,
        recorded_by: tx.actor.user()?,
        recorder_person: tx.actor.person.clone(),
        submitted_by: None,
        submitter_person: None,
        approved_by: None,
        approver_person: None,
        approved_on: None,
        sent_by: None,
        sender_person: None,
        sent_at: None,
        paid_on: None,
        reference: None,
        content_hash: None,
        version: 1,
        updated_at: tx.now,
    };
    store::insert(tx, &list)?;
    for (member, person) in members.iter().zip(&candidates) {
        enrol(tx, &list, member, person)?;
    }
    event("insurance_list.made", &list)
        .field("plan_id", &list.plan_id)
        .field("payer", &list.payer)
        .field("starts_on", &list.starts_on)
        .field("head_count", &list.head_count)
        .field("total_fen", &list.total_fen)
        .record(tx)?;
    Ok(list)
}

/// The members that a list names, with what the rule looks at; names that mean nobody go to `errors`.
fn candidates(
    tx: &mut Tx,
    unit: &Organization,
    plan: &str,
    people: &[NewEnrolment],
    days: (Date, Date),
    errors: &mut Vec<FieldError>,
) -> Result<(Vec<Member>, Vec<Candidate>)> {
    let (mut members, mut candidates) = (Vec::<Member>::new(), Vec::new());
    for (at, person) in people.iter().enumerate() {
        let Some(member) = store::member_of(tx, unit, person.member_id)? else {
            let unknown = say!("所指的记录不存在", "there is no such record");
            errors.push(FieldError::new(
                format!("/people/{at}/member_id"),
                "not_found",
                unknown,
            ));
            continue;
        };
        let persons = members::persons(tx, member.id)?;
        let first = days.0;
        candidates.push(Candidate {
            at,
            shares: person.shares,
            birth_date: member.birth_date,
            group: member.group,
            serving: member.merged_into.is_none() && members::serving_on(tx, &member, first)?,
            twice: members.iter().any(|other| persons.contains(&other.person)),
            covered: store::is_covered(tx, &persons, plan, days)?,
        });
        members.push(member);
    }
    Ok((members, candidates))
}

fn enrol(tx: &mut Tx, list: &List, member: &Member, person: &Candidate) -> Result<()> {
    let enrolment = Enrolment {
        id: tx.new_id(),
        list_id: list.id,
        line: i32::try_from(person.at + 1).unwrap_or(i32::MAX),
        plan_code: list.plan_code.clone(),
        member_id: member.id,
        person: member.person.clone(),
        organization_id: member.organization_id,
        group: member.group,
        shares: i32::try_from(person.shares).unwrap_or(i32::MAX),
        share_price_fen: list.share_price_fen,
        premium_fen: Fen(list.share_price_fen.0 * person.shares),
        starts_on: list.starts_on,
        ends_on: list.ends_on,
        start_year: year_of(list.starts_on),
        status: EnrolmentStatus::Listed,
        confirmed_on: None,
        policy_number_sealed: None,
        ended_on: None,
        end_reason: None,
        version: 1,
        updated_at: tx.now,
    };
    store::insert_enrolment(tx, &enrolment)?;
    enrolment_event("enrolment.listed", &enrolment)
        .field("list_id", &enrolment.list_id)
        .field("member_id", &enrolment.member_id)
        .field("shares", &enrolment.shares)
        .record(tx)
}

/// Hands a list in, within the window of its plan.
fn submit(tx: &mut Tx, mut list: List) -> Result<List> {
    step(tx, &mut list, Step::Submit)?;
    let plan = plans::referred(tx, list.plan_id)?;
    let today = tx.today();
    rules::within_window(&plan, today).map_err(|fault| Error::refused(fault.code, fault.detail))?;
    still_serving(tx, &list)?;
    list.submitted_by = Some(tx.actor.user()?);
    list.submitter_person = Some(tx.actor.person.clone());
    done(tx, list, "insurance_list.submitted")
}

/// Approves a list: neither who made it nor who handed it in, nor anybody on it. Unless the people pay themselves, the
/// premium is committed on the line of the nearest unit that has one (79).
fn approve(tx: &mut Tx, mut list: List) -> Result<List> {
    step(tx, &mut list, Step::Approve)?;
    another(
        &tx.actor.person,
        &[Some(&list.recorder_person), list.submitter_person.as_ref()],
    )?;
    not_on_it(tx, &list)?;
    still_serving(tx, &list)?;
    list.approved_by = Some(tx.actor.user()?);
    list.approver_person = Some(tx.actor.person.clone());
    list.approved_on = Some(tx.today());
    if list.payer != Payer::Own {
        let today = tx.today();
        let line = funds::line_for(tx, list.organization_id, MUTUAL_INSURANCE, list.total_fen, today)?;
        if let Some(line) = line {
            book::commit(tx, &line, Cause::insurance(list.id), list.total_fen)?;
            list.budget_line_id = Some(line.id);
        }
    }
    done(tx, list, "insurance_list.approved")
}

/// Sends a list to the insurer with its premium: somebody who did none of the steps before and is not on it. What goes to
/// the insurer is made now and never again.
fn send(tx: &mut Tx, mut list: List, sending: Sending) -> Result<List> {
    step(tx, &mut list, Step::Send)?;
    let before = [
        Some(&list.recorder_person),
        list.submitter_person.as_ref(),
        list.approver_person.as_ref(),
    ];
    another(&tx.actor.person, &before)?;
    not_on_it(tx, &list)?;
    still_serving(tx, &list)?;
    let approved_on = list
        .approved_on
        .ok_or_else(|| Error::internal("a list to be sent that was not approved"))?;
    rules::paid_in_time(sending.paid_on, approved_on, list.starts_on, tx.today())?;
    list.content_hash = Some(export::make(tx, &list)?);
    list.sent_by = Some(tx.actor.user()?);
    list.sender_person = Some(tx.actor.person.clone());
    list.sent_at = Some(tx.now);
    list.paid_on = Some(sending.paid_on);
    list.reference = Some(sending.reference.into());
    if let Some(line) = list.budget_line_id {
        let line = funds::line_of_payment(tx, line)?;
        book::pay(tx, &line, Cause::insurance(list.id), list.total_fen)?;
    }
    store::update(tx, &list)?;
    event("insurance_list.sent", &list)
        .field("paid_on", &list.paid_on)
        .field("reference", &list.reference)
        .field("content_hash", &list.content_hash)
        .record(tx)?;
    Ok(list)
}

/// Gives a list up before it is sent, with a reason: its people may be on another, its money is free again.
fn cancel(tx: &mut Tx, mut list: List, reason: &str) -> Result<List> {
    step(tx, &mut list, Step::Cancel)?;
    store::void_all(tx, list.id)?;
    if let Some(line) = list.budget_line_id {
        let line = funds::line_of_payment(tx, line)?;
        book::release(tx, &line, Cause::insurance(list.id))?;
    }
    store::update(tx, &list)?;
    event("insurance_list.cancelled", &list)
        .reason(reason)
        .record(tx)?;
    Ok(list)
}

/// A list of which nobody waits for a policy number any more is in force.
fn complete(tx: &mut Tx, mut list: List) -> Result<List> {
    if list.status != Status::Sent || store::open_lines(tx, list.id)? > 0 {
        return Ok(list);
    }
    step(tx, &mut list, Step::Complete)?;
    done(tx, list, "insurance_list.in_force")
}

/// Nobody decides about a list that they are on themselves (6).
fn not_on_it(tx: &mut Tx, list: &List) -> Result<()> {
    let person = tx.actor.person.clone();
    match store::is_on(tx, list.id, &person)? {
        true => Err(same_person()),
        false => Ok(()),
    }
}

/// Everybody on a list is still a serving member (84); the refusal names those who are not.
fn still_serving(tx: &mut Tx, list: &List) -> Result<()> {
    let mut gone = Vec::new();
    for enrolment in store::all_of(tx, list.id)? {
        let member = members::find_any(tx, enrolment.member_id)?;
        if !members::serving_on(tx, &member, list.starts_on)? {
            gone.push(enrolment.member_id);
        }
    }
    if gone.is_empty() {
        return Ok(());
    }
    let detail = say!(
        "名单中有人已不是在职会员，请作废后重新编制",
        "somebody on the list is no serving member any more: cancel it and make another"
    );
    Err(Error::refused("not_serving_member", detail).with("member_ids", gone))
}

/// Takes the list for this unit of work, then moves it on.
fn step(tx: &mut Tx, list: &mut List, step: Step) -> Result<()> {
    let status = rules::after(list.status, step)?;
    let read = list.version;
    if !store::next_version(tx, list)? {
        rules::after(store::find(tx, list.id)?.status, step)?;
        return Err(Error::Stale {
            changed: audit::changed_since(tx, &list.id.to_string(), read)?,
            conflicts: Vec::new(),
        });
    }
    list.status = status;
    list.updated_at = tx.now;
    Ok(())
}

fn done(tx: &mut Tx, list: List, action: &'static str) -> Result<List> {
    store::update(tx, &list)?;
    event(action, &list).record(tx)?;
    Ok(list)
}

fn event(action: &'static str, list: &List) -> Event {
    look(action, list)
        .version(list.version)
        .field("status", &list.status)
}

/// What happens about a list without changing it.
fn look(action: &'static str, list: &List) -> Event {
    Event::of(action, "insurance_list", list.id).organization(list.organization_id)
}

fn enrolment_event(action: &'static str, enrolment: &Enrolment) -> Event {
    Event::of(action, "enrolment", enrolment.id)
        .organization(enrolment.organization_id)
        .version(enrolment.version)
}
