//! How each step about a claim is done: recorded, verified, approved and paid by different people.

use serde_json::{Value, json};

use super::case::{Case, missing};
use super::illness::ClaimPlan;
use super::names::{BANKS, HOSPITALS, ILLNESSES};
use super::people::bank_card;
use super::seed::Seed;
use super::staff::World;
use super::story::{ClaimStep, Story};
use super::units::AREAS;
use super::{act_as, body};
use crate::auth::Actor;
use crate::claims;
use crate::db::Tx;
use crate::db::types::Timestamp;
use crate::error::Result;
use crate::payments;

/// Does a step.
pub(super) fn perform(
    tx: &mut Tx,
    world: &World,
    story: &Story,
    case: &mut Case,
    step: ClaimStep,
    at: Timestamp,
) -> Result<()> {
    if case.refused {
        return Ok(()); // the rule said no, and the claim stays a draft
    }
    let team = world.team(story.area);
    match step {
        ClaimStep::Lodge => {
            act_as(tx, team.contact(story.number), at);
            return lodge(tx, story, case);
        }
        ClaimStep::Pay | ClaimStep::Fail | ClaimStep::Reissue => {
            act_as(tx, &world.finance, at);
            return pay(tx, case, step);
        }
        _ => {}
    }
    // who acts depends on the claim, so it is looked up by the service itself
    act_as(tx, &Actor::system(), at);
    let claim = claims::find(tx, missing(case.claim)?)?;
    // who judged before a review doesn't judge again, and the city's own cases are judged by three of its people
    let verifier = team.supervisor(usize::from(claim.round > 1));
    let approver = if story.area < AREAS.len() { story.number } else { 2 };
    let actor = match step {
        ClaimStep::Verify | ClaimStep::Return | ClaimStep::Reject => verifier,
        ClaimStep::Approve => world.city().supervisor(approver),
        _ => team.contact(story.number),
    };
    act_as(tx, actor, at);
    match step {
        ClaimStep::Submit if claims::verdict(tx, &claim)?.eligible => claims::submit(tx, claim).map(drop),
        ClaimStep::Submit => {
            case.refused = true;
            Ok(())
        }
        ClaimStep::Correct => {
            let change = json!({ "illness": { "name": "待查", "icd10_code": null } });
            claims::change(tx, claim, body(change)?).map(drop)
        }
        ClaimStep::Verify => claims::verify(tx, claim).map(drop),
        ClaimStep::Approve => {
            case.payment = Some(payments::approve(tx, claim)?.1.id);
            Ok(())
        }
        ClaimStep::Return => {
            let why = json!({ "reason_code": "missing_material", "fields": ["stays"], "comment": "缺少出院小结。" });
            claims::return_to_sender(tx, claim, body(why)?).map(drop)
        }
        ClaimStep::Reject => {
            let why = json!({ "reason_code": "false_information", "comment": "结算单号码与医院记录不符。" });
            claims::reject(tx, claim, body(why)?).map(drop)
        }
        ClaimStep::Review => claims::request_review(tx, claim).map(drop),
        _ => claims::withdraw(tx, claim).map(drop),
    }
}

fn lodge(tx: &mut Tx, story: &Story, case: &mut Case) -> Result<()> {
    let plan = missing(story.claim.as_ref())?;
    let mut seed = Seed::of("stay", plan.number);
    let (illness, code) = seed.pick(ILLNESSES);
    let stays: Vec<Value> = (0..plan.stays.len()).map(|n| stay(plan, n, &mut seed)).collect();
    let person = &story.person;
    let new = json!({
        "member_id": missing(case.member)?, "programme_year": plan.programme_year,
        "illness": { "name": illness, "icd10_code": code }, "stays": stays,
        "payee": { "kind": "member", "name": person.name, "id_number": person.id_number,
            "account_number": bank_card(plan.number), "bank": seed.pick(BANKS), "relation": null },
    });
    let id = tx.new_id();
    case.claim = Some(claims::create(tx, id, body(new)?)?.id);
    Ok(())
}

/// A stay whose self-paid part is what was planned.
fn stay(plan: &ClaimPlan, n: usize, seed: &mut Seed) -> Value {
    let (admitted, discharged, self_paid) = &plan.stays[n];
    let basic = seed.between(4_000, 60_000) * 137;
    let critical = if seed.chance(40) {
        seed.between(500, 12_000) * 91
    } else {
        0
    };
    let mutual_aid = if seed.chance(30) {
        seed.between(2, 30) * 10_000
    } else {
        0
    };
    json!({
        "hospital": seed.pick(HOSPITALS), "admitted_on": admitted, "discharged_on": discharged,
        "settlement_number": format!("YB{}-{:06}-{}", discharged.format("%Y%m%d"), plan.number, n + 1),
        "total_fen": self_paid + basic + critical + mutual_aid,
        "deductions": { "basic_insurance_fen": basic, "critical_illness_insurance_fen": critical,
            "mutual_aid_fen": mutual_aid },
        "off_catalogue_fen": self_paid * seed.between(5, 60) / 100,
    })
}

fn pay(tx: &mut Tx, case: &mut Case, step: ClaimStep) -> Result<()> {
    let payment = payments::find(tx, missing(case.payment)?)?;
    match step {
        ClaimStep::Pay => {
            let reference = format!("DZ{}", tx.now.unix());
            let pay = json!({ "paid_on": tx.today(), "method": "bank_transfer", "reference": reference });
            payments::pay(tx, payment, body(pay)?).map(drop)
        }
        ClaimStep::Fail => {
            let why = json!({ "reason_code": "account_closed" });
            payments::fail(tx, payment, body(why)?).map(drop)
        }
        _ => {
            case.payment = Some(payments::reissue(tx, payment)?.id);
            Ok(())
        }
    }
}
