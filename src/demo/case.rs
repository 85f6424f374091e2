//! How each step about a member and a file is done: by whom, with what content.

use chrono::{Datelike as _, TimeDelta};
use serde_json::{Value, json};

use super::names::{GIFTS, INSURERS, NOTES, PLACES};
use super::seed::Seed;
use super::staff::{Team, World};
use super::story::{Deed, Step, Story};
use super::{act_as, body};
use crate::auth::Actor;
use crate::claims::ClaimId;
use crate::db::Tx;
use crate::db::types::{Timestamp, year_bounds};
use crate::duties;
use crate::error::{Error, Result};
use crate::files::household::{self, PersonId};
use crate::files::{self, FileId, means};
use crate::ledger::{self, ActionId, Kind};
use crate::members::{self, MemberId};
use crate::payments::PaymentId;

/// What has been made for a person so far.
#[derive(Default)]
pub(super) struct Case {
    pub member: Option<MemberId>,
    pub file: Option<FileId>,
    pub on_file: bool,
    /// The number of the present contact, if there is one.
    contact: Option<usize>,
    last_action: Option<ActionId>,
    /// How many actions there were: the seed of the next.
    deeds: usize,
    pub claim: Option<ClaimId>,
    pub payment: Option<PaymentId>,
    /// Whether the rule refused the claim.
    pub refused: bool,
}

/// Something the plan forgot to make: a mistake of the demo itself.
pub(super) fn missing<T>(made: Option<T>) -> Result<T> {
    made.ok_or_else(|| Error::internal("the demo's steps are out of order"))
}

/// Does a step.
pub(super) fn perform(
    tx: &mut Tx,
    world: &World,
    story: &Story,
    case: &mut Case,
    step: Step,
    at: Timestamp,
) -> Result<()> {
    let team = world.team(story.area);
    let recorder = team.contact(story.number);
    match step {
        Step::Register => act_as(tx, recorder, at),
        Step::Approve | Step::Return | Step::Reject | Step::Pair(_) | Step::Close(..) | Step::Waive(_) => {
            act_as(tx, team.supervisor(story.number), at);
        }
        Step::Reopen => act_as(tx, team.supervisor(story.number + 1), at),
        _ => act_as(tx, recorder, at),
    }
    match step {
        Step::Register => register(tx, team, story, case),
        Step::Status(status) => retire(tx, story, case, status),
        Step::Draft => draft(tx, story, case),
        Step::Act(deed, success) => act(tx, team, story, case, deed, success),
        Step::Waive(deed) => waive(tx, case, deed),
        Step::Void => {
            let void = body(json!({ "reason": "重复登记" }))?;
            duties::void(tx, missing(case.last_action)?, void).map(drop)
        }
        _ => on_file(tx, team, case, step),
    }
}

fn register(tx: &mut Tx, team: &Team, story: &Story, case: &mut Case) -> Result<()> {
    let (unit, name) = &team.unions[story.unit % team.unions.len()];
    let employer = name.strip_suffix("工会").filter(|_| !name.ends_with("联合工会"));
    let person = &story.person;
    let new = json!({
        "organization_id": unit, "name": person.name, "id_number": person.id_number, "phone": person.phone,
        "joined_on": story.joined_on, "group": story.group, "employer": employer,
    });
    let id = tx.new_id();
    case.member = Some(members::register(tx, id, body(new)?)?.id);
    Ok(())
}

fn retire(tx: &mut Tx, _: &Story, case: &Case, status: &str) -> Result<()> {
    let member = members::find(tx, missing(case.member)?)?;
    let reason = match status {
        "retired" => "已办理退休手续",
        "left" => "解除劳动关系，转出本市",
        _ => "家属告知，户口已注销",
    };
    let change = json!({ "status": status, "effective_on": tx.today(), "reason": reason });
    members::set_status(tx, &member, body(change)?).map(drop)
}

fn draft(tx: &mut Tx, story: &Story, case: &mut Case) -> Result<()> {
    let plan = missing(story.file.as_ref())?;
    let new = json!({
        "member_id": missing(case.member)?, "scheme": plan.scheme, "category": plan.category, "level": plan.level,
        "primary_cause": plan.primary_cause, "secondary_causes": plan.secondary_causes,
    });
    let id = tx.new_id();
    let file = files::open(tx, id, body(new)?)?;
    case.file = Some(file.id);
    describe(tx, story, file.id, plan.category)
}

/// Fills in the forms of a household and declares its means, such as fit the category it is filed under.
fn describe(tx: &mut Tx, story: &Story, file: FileId, category: &str) -> Result<()> {
    let mut seed = Seed::of("describe", story.number);
    let today = tx.today();
    for (person, relation) in story.family.iter().filter(|(person, _)| person.birth <= today) {
        let new = json!({ "name": person.name, "id_number": person.id_number, "relation": relation,
            "joined_on": person.birth, "details": details(relation, &mut seed) });
        let id = tx.new_id();
        household::add(tx, file, id, body(new)?)?;
    }
    let people = household::recorded(tx, file)?;
    let (head, _) = missing(people.iter().find(|(_, person)| person.relation == "head"))?;
    let told = household::find(tx, file, *head)?;
    household::change(
        tx,
        file,
        &told,
        body(json!({ "details": details("head", &mut seed) }))?,
    )?;
    let form: household::ProfileForm = body(json!({
        "address": format!("某路 {} 号", seed.between(1, 300)), "registered_region": "芜湖市",
        "housing": seed.weighted(&[("rented", 30), ("commercial", 25), ("public_rental", 20), ("self_built", 25)]),
        "floor_area": seed.weighted(&[("from_20_to_50", 40), ("from_50_to_70", 40), ("above_70", 20)]),
        "single_parent": story.family.iter().all(|(_, relation)| *relation != "spouse"),
    }))?;
    let found = files::find(tx, file)?;
    let (found, _) = household::change_profile(tx, &found, form.0)?;
    let size = i64::try_from(people.len()).unwrap_or(1);
    means::declare(tx, &found, &body(declaration(*head, size, category, &mut seed))?).map(drop)
}

fn details(relation: &str, seed: &mut Seed) -> Value {
    let adult = matches!(relation, "head" | "spouse");
    let health = [
        ("good", 45),
        ("minor_illness", 20),
        ("cancer", 12),
        ("hypertension", 12),
        ("diabetes", 6),
        ("disabled", 5),
    ];
    json!({
        "ethnicity": seed.weighted(&[("01", 97), ("03", 3)]), "health": seed.weighted(&health),
        "marital_status": if adult || relation == "parent" { "married" } else { "never_married" },
        "registration": seed.weighted(&[("non_agricultural", 60), ("agricultural", 30), ("converted", 10)]),
        "medical_insurance": if relation == "head" { "employee" } else { "resident" }, "model_worker": "none",
        "person_status": match relation { "head" => "worker", "spouse" => "worker", "parent" => "retired", _ => "student" },
    })
}

/// What a household declares: under the line, under twice the line, or above with a loss.
fn declaration(head: PersonId, people: i64, category: &str, seed: &mut Seed) -> Value {
    let yearly = people * 12 * 60_000;
    let (net, loss) = match category {
        "deep" | "dibao" => (yearly * seed.between(30, 95) / 100, 0),
        "relative" | "dibao_margin" => (yearly * seed.between(120, 150) / 100, 0),
        _ => (yearly * 5 / 2, yearly * 2),
    };
    let rigid = yearly * seed.between(0, 60) / 100;
    json!({
        "urban": true, "receives_dibao": category == "dibao", "burdened": category == "dibao_margin", "loss_fen": loss,
        "idle_adults": [],
        "income": [{ "person_id": head, "kind": "wages", "amount_fen": net + rigid, "evidence": "单位收入证明" }],
        "expenses": [{ "person_id": head, "kind": "medical", "amount_fen": rigid, "evidence": "医保结算单" }],
        "exclusions": [{ "kind": "second_home", "answer": "no" }, { "kind": "private_car", "answer": "no" }],
    })
}

/// What is done to a file that is there.
fn on_file(tx: &mut Tx, team: &Team, case: &mut Case, step: Step) -> Result<()> {
    let file = files::find(tx, missing(case.file)?)?;
    let file = match step {
        Step::Submit => files::submit(tx, &file)?,
        Step::Withdraw => files::withdraw(tx, &file)?,
        Step::Correct | Step::Change => {
            let level = if file.level == files::Level::City {
                "county"
            } else {
                "city"
            };
            files::change(tx, &file, body(json!({ "level": level }))?)?
        }
        Step::Return => {
            let why = json!({ "reason_code": "wrong_data", "fields": ["level"], "comment": "建档层级与低保认定不一致，请核对。" });
            files::send_back(tx, &file, body(why)?)?
        }
        Step::Reject => {
            let why = json!({ "reason_code": "not_eligible", "comment": "家庭人均收入高于标准。" });
            files::reject(tx, &file, body(why)?)?
        }
        Step::Approve => {
            case.on_file = true;
            files::approve(tx, &file)?
        }
        Step::Pair(number) => pair(tx, team, case, &file, number)?,
        Step::Close(status, reason) => {
            (case.on_file, case.contact) = (false, None);
            let close =
                json!({ "status": status, "reason_code": reason, "comment": null, "closed_on": tx.today() });
            files::close(tx, &file, body(close)?)?
        }
        Step::Reopen => files::reopen(tx, &file)?,
        _ => file,
    };
    if matches!(step, Step::Pair(_) | Step::Change) {
        paper(tx, &file)?;
    }
    // re-opening makes another file, with which the story goes on
    case.file = Some(file.id);
    Ok(())
}

/// Brings the paper in step with a file on file; of every tenth it is forgotten.
fn paper(tx: &mut Tx, file: &files::File) -> Result<()> {
    if file.paper_due_on.is_some() && !file.number.ends_with('7') {
        files::confirm_paper(tx, file)?;
    }
    Ok(())
}

/// Pairs a file with a contact: another one than it has.
fn pair(tx: &mut Tx, team: &Team, case: &mut Case, file: &files::File, number: usize) -> Result<files::File> {
    let mut number = number % team.caseworkers.len();
    if case.contact == Some(number) {
        number = (number + 1) % team.caseworkers.len();
    }
    case.contact = Some(number);
    files::pair(
        tx,
        file,
        &body(json!({ "contact_id": team.contact(number).user()? }))?,
    )
}

/// Something of the five ones, by the contact.
fn act(tx: &mut Tx, team: &Team, story: &Story, case: &mut Case, deed: Deed, success: bool) -> Result<()> {
    let contact = team.contact(missing(case.contact)?);
    let at = tx.now;
    act_as(tx, contact, at);
    case.deeds += 1;
    let mut seed = Seed::of("deed", story.number * 64 + case.deeds);
    let mut new = match deed {
        Deed::Call => call(success, &mut seed),
        Deed::FileUpdate => json!({ "kind": "file_update", "no_change_confirmed": true }),
        Deed::CareVisit => care_visit(team.supervisor(story.number), &mut seed)?,
        Deed::Insurance => insurance(story, tx.today(), &mut seed),
        Deed::JobPlacement => job_placement(&mut seed),
    };
    new["occurred_at"] = json!(at.plus(TimeDelta::minutes(-seed.between(1, 6))));
    if success && seed.chance(60) {
        new["notes"] = json!(seed.pick(NOTES));
    }
    let (id, subject) = (tx.new_id(), ledger::subject(tx, missing(case.file)?)?);
    case.last_action = Some(duties::record(tx, &subject, id, body(new)?)?.id);
    Ok(())
}

fn call(success: bool, seed: &mut Seed) -> Value {
    let channel = seed.weighted(&[("phone", 75), ("wechat", 20), ("sms", 5)]);
    let (reached, outcome) = if success {
        (seed.weighted(&[("worker", 70), ("family", 30)]), "reached")
    } else {
        (
            "nobody",
            seed.weighted(&[("no_answer", 85), ("wrong_number", 15)]),
        )
    };
    json!({ "kind": "call", "channel": channel, "reached": reached, "outcome": outcome })
}

fn care_visit(colleague: &Actor, seed: &mut Seed) -> Result<Value> {
    let gift = if seed.chance(55) {
        let amount = seed.between(3, 20) * 10_000;
        json!({ "kind": "money", "amount_fen": amount, "description": null })
    } else {
        json!({ "kind": "goods", "amount_fen": seed.between(80, 400) * 100, "description": seed.pick(GIFTS) })
    };
    let place = seed.weighted(&[("home", 80), ("hospital", 12), ("workplace", 6), ("other", 2)]);
    let met = seed.weighted(&[("worker", 72), ("family", 28)]);
    Ok(
        json!({ "kind": "care_visit", "place": place, "visitors": [colleague.user()?], "gift": gift, "met": met }),
    )
}

fn insurance(story: &Story, today: crate::db::types::Date, seed: &mut Seed) -> Value {
    let (insurer, product) = seed.weighted(&[(INSURERS[0], 60), (INSURERS[1], 25), (INSURERS[2], 15)]);
    json!({
        "kind": "insurance", "insurer": insurer, "product": product,
        "policy_number": format!("HZ{}{:07}", today.format("%Y"), story.number), "covers_from": today,
        "covers_to": year_bounds(today.year()).1, "premium_fen": 5000,
        "payer": seed.weighted(&[("province", 55), ("city", 30), ("unit", 12), ("self", 3)]),
    })
}

fn job_placement(seed: &mut Seed) -> Value {
    let (employer, position) = seed.pick(PLACES);
    let service = seed.weighted(&[
        ("referral", 60),
        ("training", 20),
        ("guidance", 15),
        ("start_up", 5),
    ]);
    let (employer, position, result) = if service == "referral" {
        let result = seed.weighted(&[
            ("offered", 40),
            ("interviewed", 25),
            ("hired", 20),
            ("declined", 15),
        ]);
        (Some(*employer), Some(*position), result)
    } else {
        (None, None, "completed")
    };
    json!({
        "kind": "job_placement", "service": service, "beneficiary": seed.weighted(&[("worker", 60), ("family_member", 40)]),
        "employer": employer, "position": position, "result": result,
    })
}

/// Sets a duty aside: without an able-bodied member there is no job to find, and some are insured elsewhere.
fn waive(tx: &mut Tx, case: &Case, deed: Deed) -> Result<()> {
    let (kind, disposition, reason) = match deed {
        Deed::JobPlacement => (Kind::JobPlacement, "not_applicable", "no_able_bodied_member"),
        _ => (Kind::Insurance, "waived", "covered_elsewhere"),
    };
    let new = json!({ "disposition": disposition, "reason_code": reason, "comment": null });
    let (subject, year) = (ledger::subject(tx, missing(case.file)?)?, tx.today().year());
    duties::waive(tx, &subject, year, kind, body(new)?).map(drop)
}
