//! The procedure between handing a file in and its approval (rules 25 to 34): review in the unit, home visit, check of
//! the means, review above, public notice with objections, approval by the city. The policy says which levels of file
//! take it and in which order.

use chrono::Days;
use diesel::prelude::*;

use super::rules::complete;
use super::{File, FileId, ReturnReason, Stage, Status, consents, event, household, means, save};
use crate::audit::Event;
use crate::db::schema::{objections, public_notices};
use crate::db::types::{Date, Id, Json, Timestamp};
use crate::db::{Rx, Tx};
use crate::error::{Error, Result};
use crate::identity::mask_name;
use crate::keyring::Sealed;
use crate::organizations;
use crate::policies::{self, rules::Procedure};
use crate::separation::{self, Part};
use crate::users::{self, UserId};
use crate::{attachments, calendar, members, say};

mod bodies;
pub mod http;
mod rules;
mod store;

use bodies::Said;
pub use bodies::{Check, CheckResult, CheckSubject, Decision, NewObjection, Outcome, Visit};

/// The id of a notice.
pub type NoticeId = Id<Notice>;
/// The id of an objection.
pub type ObjectionId = Id<Objection>;

/// A public notice: nothing of the file but what is published.
#[derive(Debug, Clone, HasQuery, Insertable)]
#[diesel(table_name = public_notices)]
pub struct Notice {
    id: NoticeId,
    file_id: FileId,
    round: i32,
    name_masked: String,
    unit_name: String,
    category: super::Category,
    from_on: Date,
    until_on: Date,
    taken_down: bool,
    published_by: UserId,
}

/// An objection to a notice, as kept.
#[derive(Debug, Clone, HasQuery, Insertable, AsChangeset, Identifiable)]
#[diesel(table_name = objections)]
#[diesel(treat_none_as_null = true)]
pub struct Objection {
    id: ObjectionId,
    file_id: FileId,
    round: i32,
    lodged_at: Timestamp,
    recorded_by: UserId,
    recorder_person: String,
    sealed: Sealed,
    outcome: Option<Outcome>,
    decided_at: Option<Timestamp>,
    decided_by: Option<UserId>,
    decider_person: Option<String>,
    version: i32,
}

/// Sets a file that is handed in on its way, by the policy of the day; its form must be whole when it takes more than
/// the approval (24).
pub(super) fn begin(tx: &mut Tx, file: &mut File) -> Result<()> {
    let procedure = policy(tx)?;
    let steps = procedure.steps_of(file.level);
    if steps.len() > 1 {
        let mut faults = household::missing(tx, file.id)?;
        faults.extend(consents::missing(tx, file.id, &procedure.consents)?);
        complete(faults)?;
        means::hand_in(tx, file)?;
    }
    file.round += 1;
    file.stage = steps.first().copied();
    file.due_on = Some(due(tx, &procedure));
    file.steps = Json(steps);
    Ok(())
}

/// Takes a file off its way: it was approved, or it goes back or away. Its notice is taken down.
pub(super) fn end(tx: &mut Tx, file: &mut File) -> Result<()> {
    file.stage = None;
    file.due_on = None;
    store::take_down(tx, file.id)
}

/// The part of somebody who judges a file where it stands.
pub(super) fn part(file: &File) -> Part {
    file.stage.map_or(Part::Approver, rules::part)
}

/// Whether a file may be approved now, from the acting person's unit.
pub(super) fn may_approve(tx: &mut Tx, file: &File) -> Result<()> {
    unmoved(tx, file)?;
    rules::after(file.status, file.stage, &file.steps.0, Stage::CityApproval)?;
    let until = store::notice(tx, file.id, file.round)?.map(|notice| notice.until_on);
    let open = store::has_open_objection(tx, file.id)?;
    rules::may_approve(file, until, open, tx.today())?;
    if file.steps.0.len() > 1 {
        from_unit(tx, Stage::CityApproval)?;
    }
    means::not_excluded(tx, file)
}

/// A file on file is not raised to a level that takes the whole procedure without having taken it, and under the whole
/// procedure it keeps the category that the rules find (11 to 14, 25).
pub(super) fn may_relabel(tx: &mut Tx, before: &File, after: &File) -> Result<()> {
    if before.status != Status::OnFile {
        return Ok(());
    }
    let whole = policy(tx)?.steps_of(after.level).len() > 1;
    if before.level != after.level && whole && before.steps.0.len() <= 1 {
        let detail = say!(
            "该层级须经完整建档程序，不能直接更改",
            "this level takes the whole procedure: close the file and open it anew"
        );
        return Err(Error::refused("procedure_needed", detail));
    }
    if whole && (before.scheme, before.category) != (after.scheme, after.category) {
        means::hand_in(tx, after)?;
    }
    Ok(())
}

/// Locks a file for this transaction; whoever objects, decides or approves at the same time waits. Stale when somebody
/// was quicker.
fn unmoved(tx: &mut Tx, file: &File) -> Result<()> {
    match super::store::lock(tx, file.id)? {
        now if now.version == file.version => Ok(()),
        _ => Err(Error::stale()),
    }
}

/// Reviews a file in its unit, as another person than its recorder.
pub fn basic_review(tx: &mut Tx, before: &File) -> Result<File> {
    let mut after = step(tx, before, Stage::BasicReview)?;
    separation::take(tx, after.id, Part::Reviewer, after.judging_round(), &after.person)?;
    let event = event("file.reviewed", &after).field("stage", &after.stage);
    save(tx, &mut after, event)?;
    Ok(after)
}

/// Records a home visit (27): by one of the visitors, who have no other part but that one may have recorded the file.
pub fn visit(tx: &mut Tx, before: &File, visit: Visit) -> Result<File> {
    let mut after = step(tx, before, Stage::HomeVisit)?;
    let procedure = policy(tx)?;
    rules::sound_visit(&visit, procedure.visitors, tx.today())?;
    check_signatures(tx, after.id, &visit, procedure.visit_signatures)?;
    let actor = tx.actor.user()?;
    if !visit.visitors.contains(&actor) {
        let detail = say!("由到访人登记", "a visit is recorded by one of the visitors");
        return Err(Error::invalid("/visitors", "does_not_fit", detail));
    }
    for (at, visitor) in visit.visitors.iter().enumerate() {
        let unknown = || Error::unknown_reference(format!("/visitors/{at}"));
        let user = match users::find_any(tx, *visitor) {
            Err(Error::NotFound(_)) => return Err(unknown()),
            found => found?,
        };
        if !organizations::sees(tx, user.organization_id, after.organization_id)? {
            return Err(unknown());
        }
        separation::take_beside(tx, after.id, Part::Visitor, &user, &after.person)?;
    }
    store::insert_step(tx, &after, Stage::HomeVisit, visit.visited_on, &visit)?;
    let event = event("file.visited", &after)
        .field("stage", &after.stage)
        .field("visited_on", &visit.visited_on);
    save(tx, &mut after, event)?;
    Ok(after)
}

fn check_signatures(tx: &mut Tx, file: FileId, visit: &Visit, needed: Option<i64>) -> Result<()> {
    let ids = visit.signatures.as_deref().unwrap_or_default();
    let found = attachments::of_kind(tx, file.papers(), attachments::Kind::Signature, ids)?;
    if usize::try_from(found) != Ok(ids.len()) {
        return Err(Error::unknown_reference("/signatures"));
    }
    if found < needed.unwrap_or_default() {
        let detail = say!(
            "走访须有本人及到访人签名",
            "the worker and the visitors sign: attach their signatures first"
        );
        return Err(Error::invalid("/signatures", "required", detail));
    }
    Ok(())
}

/// Records the check of a household's means (29); when something is not as it was said, the file goes back (33).
pub fn check(tx: &mut Tx, before: &File, check: Check) -> Result<File> {
    let mut after = step(tx, before, Stage::EconomicCheck)?;
    rules::sound_check(&check, tx.today())?;
    separation::take(tx, after.id, Part::Verifier, after.judging_round(), &after.person)?;
    store::insert_step(tx, &after, Stage::EconomicCheck, check.checked_on, &check)?;
    if rules::misfits(&check) {
        return go_back(tx, after);
    }
    let event = event("file.checked", &after)
        .field("stage", &after.stage)
        .field("checked_on", &check.checked_on);
    save(tx, &mut after, event)?;
    Ok(after)
}

/// Reviews a file above its unit.
pub fn county_review(tx: &mut Tx, before: &File) -> Result<File> {
    let mut after = step(tx, before, Stage::CountyReview)?;
    separation::take(tx, after.id, Part::Verifier, after.judging_round(), &after.person)?;
    let event = event("file.verified", &after).field("stage", &after.stage);
    save(tx, &mut after, event)?;
    Ok(after)
}

/// Publishes the notice of a file for the working days of the policy, beginning today; masked (30, 31).
pub fn publicise(tx: &mut Tx, before: &File) -> Result<File> {
    let mut after = step(tx, before, Stage::PublicNotice)?;
    separation::take(tx, after.id, Part::Verifier, after.judging_round(), &after.person)?;
    let (today, days) = (tx.today(), policy(tx)?.notice_working_days);
    let member = members::find_any(tx, after.member_id)?;
    let unit = organizations::find(tx, after.organization_id)?;
    let notice = Notice {
        id: tx.new_id(),
        file_id: after.id,
        round: after.round,
        name_masked: mask_name(&member.name),
        unit_name: unit.name,
        category: after.category,
        from_on: today,
        until_on: calendar::working_day_after(tx, today, days)?,
        taken_down: false,
        published_by: tx.actor.user()?,
    };
    store::insert_notice(tx, &notice)?;
    let event = event("file.publicised", &after)
        .field("stage", &after.stage)
        .field("until_on", &notice.until_on);
    save(tx, &mut after, event)?;
    Ok(after)
}

/// Records an objection to the notice of a file; until it is decided the file is not approved (32).
pub fn object(tx: &mut Tx, file: &File, id: ObjectionId, new: &NewObjection) -> Result<Objection> {
    let file = &super::store::lock(tx, file.id)?;
    if file.status != Status::Submitted || store::notice(tx, file.id, file.round)?.is_none() {
        let detail = say!("档案不在公示中", "the file is not on public notice");
        return Err(Error::refused("not_on_notice", detail));
    }
    separation::not_own(tx, &file.person)?;
    let objection = Objection {
        id,
        file_id: file.id,
        round: file.round,
        lodged_at: tx.now,
        recorded_by: tx.actor.user()?,
        recorder_person: tx.actor.person.clone(),
        sealed: tx.keys.seal_json("objection", &Said::of(new))?,
        outcome: None,
        decided_at: None,
        decided_by: None,
        decider_person: None,
        version: 1,
    };
    store::insert_objection(tx, &objection)?;
    objection_event("objection.lodged", file, &objection).record(tx)?;
    Ok(objection)
}

/// Decides an objection, as another person than its recorder: dismissed, the notice runs on for the working days it
/// took; upheld, the file goes back (32).
pub fn decide(tx: &mut Tx, file: &File, before: &Objection, decision: &Decision) -> Result<Objection> {
    rules::is_open(before.outcome)?;
    let file = &super::store::lock(tx, file.id)?;
    separation::not_own(tx, &file.person)?;
    if before.recorder_person == tx.actor.person {
        return Err(separation::same_person());
    }
    let said: Said = tx.keys.open_json("objection", &before.sealed)?;
    let mut after = Objection {
        sealed: tx.keys.seal_json("objection", &said.with_finding(decision))?,
        outcome: Some(decision.outcome),
        decided_at: Some(tx.now),
        decided_by: Some(tx.actor.user()?),
        decider_person: Some(tx.actor.person.clone()),
        ..before.clone()
    };
    store::update_objection(tx, &mut after)?;
    objection_event("objection.decided", file, &after)
        .field("outcome", &after.outcome)
        .record(tx)?;
    if file.status == Status::Submitted && file.round == after.round {
        match decision.outcome {
            Outcome::Dismissed => prolong(tx, file, &after)?,
            Outcome::Upheld => drop(go_back(tx, file.clone())?),
        }
    }
    Ok(after)
}

/// Lets a notice run on for the working days from an objection, lodged while it ran, to its decision.
fn prolong(tx: &mut Tx, file: &File, objection: &Objection) -> Result<()> {
    let Some(notice) = store::notice(tx, file.id, file.round)? else {
        return Ok(());
    };
    let (lodged, today) = (objection.lodged_at.date(tx.zone), tx.today());
    if lodged > notice.until_on {
        return Ok(());
    }
    let days = calendar::working_days_between(tx, lodged, today)?;
    let until = calendar::working_day_after(tx, notice.until_on, days)?;
    store::prolong(tx, notice.id, until)
}

/// Sends a file back to its unit because something can't be verified.
fn go_back(tx: &mut Tx, mut file: File) -> Result<File> {
    file.status = Status::Returned;
    end(tx, &mut file)?;
    let event = event("file.returned", &file).reason(ReturnReason::NotVerified.as_str());
    save(tx, &mut file, event)?;
    Ok(file)
}

/// The file one step further, when it stands at `stage` and the acting person's unit may take it on.
fn step(tx: &mut Tx, before: &File, stage: Stage) -> Result<File> {
    let next = rules::after(before.status, before.stage, &before.steps.0, stage)?;
    from_unit(tx, stage)?;
    let mut after = before.clone();
    after.stage = next;
    let procedure = policy(tx)?;
    after.due_on = Some(due(tx, &procedure));
    Ok(after)
}

pub(super) fn from_unit(tx: &mut Tx, stage: Stage) -> Result<()> {
    let unit = tx.actor.organization_id.ok_or(Error::Forbidden)?;
    let unit = organizations::find(tx, unit)?;
    rules::may_from(stage, unit.kind)
}

fn policy(rx: &mut Rx) -> Result<Procedure> {
    let today = rx.today();
    Ok(policies::in_force(rx, today)?.1)
}

fn due(tx: &Tx, procedure: &Procedure) -> Date {
    tx.today() + Days::new(procedure.step_days.unsigned_abs())
}

fn objection_event(action: &'static str, file: &File, objection: &Objection) -> Event {
    Event::of(action, "objection", objection.id)
        .organization(file.organization_id)
        .people([&file.person])
        .version(objection.version)
        .field("file_id", &file.id)
}
