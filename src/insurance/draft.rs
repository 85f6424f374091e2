//! How a list is made (84, 85): who is to be on it, what is wrong with them, the list and its people.

use super::bodies::{NewEnrolment, NewList};
use super::plans::{self, Plan};
use super::rules::{self, Candidate};
use super::{Enrolment, EnrolmentStatus, List, ListId, Status, enrolment_event, event, store};
use crate::db::types::{Date, Fen, year_of};
use crate::db::{Tx, next_number};
use crate::error::{Error, FieldError, Result};
use crate::members::{self, Member};
use crate::organizations::{self, Organization};
use crate::say;

/// Makes a list of people (85); every mistake is named at once. Whoever enrols by the plan waits for the others, so that
/// of two lists with the same person the second sees the first.
pub(super) fn create(tx: &mut Tx, id: ListId, new: NewList) -> Result<List> {
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
    let shares: i64 = candidates.iter().map(|person| person.shares).sum();
    let list = draft(tx, id, &new, (plan, ends_on), (members.len(), shares))?;
    store::insert(tx, &list)?;
    for (member, person) in members.iter().zip(&candidates) {
        enrol(tx, &list, member, person)?;
    }
    event(tx, "insurance_list.made", &list)?
        .field("plan_id", &list.plan_id)
        .field("payer", &list.payer)
        .field("starts_on", &list.starts_on)
        .field("head_count", &list.head_count)
        .field("total_fen", &list.total_fen)
        .record(tx)?;
    Ok(list)
}

/// The list as it begins: so many people with so many shares.
fn draft(
    tx: &mut Tx,
    id: ListId,
    new: &NewList,
    (plan, ends_on): (Plan, Date),
    (people, shares): (usize, i64),
) -> Result<List> {
    let year = year_of(tx.today());
    let n = next_number(tx, &format!("insurance_lists_{year}"))?;
    Ok(List {
        id,
        number: format!("CB-{year}-{n:06}"),
        organization_id: new.organization_id,
        plan_id: plan.id,
        plan_code: plan.code,
        share_price_fen: plan.share_price_fen,
        payer: new.payer,
        starts_on: new.starts_on,
        ends_on,
        status: Status::Draft,
        head_count: i32::try_from(people).unwrap_or(i32::MAX),
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
    })
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
