//! Mutual insurance (互助保障, rules 84, 85): units insure their members by lists.
//!
//! A list names people of one unit for one plan of an insurer; the unit applies, not the person. One person makes it,
//! another approves it, a third sends it to the insurer with its premium, and it is in force when everybody has a policy
//! number. Nobody has two covers of one plan on one day. A cover that is in force fulfils the insurance duty of the
//! person's household by itself (54): see [`crate::ledger::refresh_households`].

use diesel::prelude::*;

use crate::audit::{self, Event};
use crate::db::schema::{enrolments, insurance_lists};
use crate::db::types::{Date, Fen, Id, Timestamp};
use crate::db::{Rx, Tx};
use crate::error::{Error, Result};
use crate::funds::book::{self, Cause};
use crate::funds::{self, LineId};
use crate::keyring::Sealed;
use crate::ledger::details::Payer;
use crate::members::{self, Group, MemberId};
use crate::organizations::OrganizationId;
use crate::say;
use crate::separation::{another, same_person};
use crate::users::UserId;

mod bodies;
pub mod claims;
mod coverage;
mod covers;
mod draft;
mod export;
pub mod http;
mod numbers;
mod plans;
mod rules;
mod store;

use bodies::Sending;
pub use plans::PlanId;
use rules::Step;
pub use rules::{EndReason, EnrolmentStatus, Status};

/// The id of a list.
pub type ListId = Id<List>;
/// The id of somebody's place on a list.
pub type EnrolmentId = Id<Enrolment>;

/// The kind of aid that a premium is: a code of the list `aid_kind`.
const MUTUAL_INSURANCE: &str = "mutual_insurance";

/// A list, as kept; what went to the insurer is read by `export::content` only.
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
        let line = funds::line_for(tx, list.organization_id, MUTUAL_INSURANCE, None, list.total_fen)?;
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
    event(tx, "insurance_list.sent", &list)?
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
    event(tx, "insurance_list.cancelled", &list)?
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
    event(tx, action, &list)?.record(tx)?;
    Ok(list)
}

fn event(rx: &mut Rx, action: &'static str, list: &List) -> Result<Event> {
    let event = look(rx, action, list)?;
    Ok(event.version(list.version).field("status", &list.status))
}

/// What happens about a list without changing it: it concerns everybody on it.
fn look(rx: &mut Rx, action: &'static str, list: &List) -> Result<Event> {
    let event = Event::of(action, "insurance_list", list.id).organization(list.organization_id);
    Ok(event.people(store::persons(rx, list.id)?))
}

fn enrolment_event(action: &'static str, enrolment: &Enrolment) -> Event {
    Event::of(action, "enrolment", enrolment.id)
        .organization(enrolment.organization_id)
        .people([&enrolment.person])
        .version(enrolment.version)
}
