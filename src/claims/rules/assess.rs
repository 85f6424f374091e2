//! Whether a claim earns the condolence (58 to 64): facts and a dated rule in, a verdict with every clause out.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use utoipa::ToSchema;

use super::RejectCode;
use crate::db::types::{Date, Fen, Timestamp, year_bounds, year_of};
use crate::error::{Error, Message, Result};
use crate::policies::PolicyId;
use crate::policies::rules::IllnessCondolence;
use crate::{say, text_enum};

text_enum! {
    /// A clause of the rule, in the order in which refusals are named.
    pub enum Clause {
        /// A serving member on each day of admission (59).
        ServingMember = "serving_member",
        /// Self-paid cost from the threshold on (58, 60).
        Threshold = "threshold",
        /// The first grant of the person in the programme year, across all unions (62).
        FirstGrant = "first_grant",
        /// No settlement that supported a grant before (63).
        SettlementUnused = "settlement_unused",
        /// First submitted within the window (64).
        Window = "window",
        /// Every discharge lies in the programme year (61).
        StaysInYear = "stays_in_year",
    }
}

/// What is judged: facts only.
#[derive(Debug, Clone)]
pub struct Case {
    /// The year of the programme.
    pub programme_year: i32,
    /// The day of the first submission; for a claim not yet submitted, the day of judging.
    pub applied_on: Date,
    /// The stays, in any order.
    pub stays: Vec<StayFacts>,
    /// Whether the person has a grant of this programme year from another claim.
    pub earlier_grant: bool,
    /// How many of the settlements supported another grant.
    pub used_settlements: usize,
}

/// The facts of one stay.
#[derive(Debug, Clone)]
pub struct StayFacts {
    /// Day of admission.
    pub admitted_on: Date,
    /// Day of discharge.
    pub discharged_on: Date,
    /// The whole bill.
    pub total: Fen,
    /// What others paid of it.
    pub deducted: Fen,
    /// The part outside the catalogue.
    pub off_catalogue: Fen,
    /// Whether the member was serving on the day of admission.
    pub serving: bool,
}

/// The verdict on a claim, kept with it for ever.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Assessment {
    /// The dated rule it was judged by.
    #[schema(value_type = String, format = "uuid")]
    pub policy_id: PolicyId,
    /// When.
    pub assessed_at: Timestamp,
    /// Self-paid cost of all stays together, in fen.
    pub out_of_pocket_fen: Fen,
    /// The threshold, in fen.
    pub threshold_fen: Fen,
    /// Whether every clause is met.
    pub eligible: bool,
    /// The condolence in fen; 0 when not eligible.
    pub amount_fen: Fen,
    /// Every clause, met or not.
    pub reasons: Vec<Reason>,
}

/// One line of the reasoning.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Reason {
    /// The clause.
    pub clause: Clause,
    /// Whether it is met.
    pub met: bool,
    /// The refusal, when it is not.
    pub code: Option<RejectCode>,
    /// The same in a sentence.
    #[schema(example = "自付 10000.00 元，达到标准 10000.00 元（含）")]
    pub detail: String,
    /// The values it was judged by.
    #[schema(value_type = Object)]
    pub values: Value,
}

/// Judges a case by a rule. The same case and rule give the same verdict for ever.
pub fn assess(case: &Case, policy_id: PolicyId, policy: &IllnessCondolence, at: Timestamp) -> Assessment {
    let paid: Fen = case.stays.iter().map(|stay| stay.self_paid(policy)).sum();
    let reasons = vec![
        serving_member(case),
        threshold(paid, policy),
        first_grant(case),
        settlement_unused(case),
        window(case, policy),
        stays_in_year(case),
    ];
    let eligible = reasons.iter().all(|reason| reason.met);
    Assessment {
        policy_id,
        assessed_at: at,
        out_of_pocket_fen: paid,
        threshold_fen: policy.threshold_fen,
        eligible,
        amount_fen: if eligible { policy.amount_fen } else { Fen(0) },
        reasons,
    }
}

impl StayFacts {
    /// What the member bore. Where off-catalogue cost does not count and others paid part of it, the rest can't be
    /// less than nothing.
    fn self_paid(&self, policy: &IllnessCondolence) -> Fen {
        let counted = if policy.off_catalogue_counts {
            0
        } else {
            self.off_catalogue.0
        };
        Fen((self.total.0 - self.deducted.0 - counted).max(0))
    }
}

impl Assessment {
    /// Refuses with the code of the first clause that is not met, and the whole assessment beside it.
    pub fn require(&self) -> Result<()> {
        let unmet = self.reasons.iter().find(|reason| !reason.met);
        match unmet.and_then(|reason| Some((reason, reason.code?))) {
            None => Ok(()),
            Some((reason, code)) => {
                let detail = Message {
                    zh: reason.detail.clone(),
                    en: reason.clause.refusal().to_owned(),
                };
                Err(Error::refused(code.as_str(), detail).with("assessment", self))
            }
        }
    }
}

impl Clause {
    fn code(self) -> RejectCode {
        match self {
            Self::ServingMember => RejectCode::NotServingMember,
            Self::Threshold => RejectCode::BelowThreshold,
            Self::FirstGrant => RejectCode::AlreadyGranted,
            Self::SettlementUnused => RejectCode::SettlementAlreadyUsed,
            Self::Window => RejectCode::OutsideWindow,
            Self::StaysInYear => RejectCode::StayOutsideYear,
        }
    }

    fn refusal(self) -> &'static str {
        match self {
            Self::ServingMember => "not a serving member on the day of admission",
            Self::Threshold => "the self-paid cost is below the threshold",
            Self::FirstGrant => "the person has a grant of this programme year",
            Self::SettlementUnused => "a settlement supported another grant",
            Self::Window => "outside the window of the programme year",
            Self::StaysInYear => "a discharge lies outside the programme year",
        }
    }
}

/// The refusal when the database finds the person's other grant first.
pub fn already_granted() -> Error {
    refusal(
        Clause::FirstGrant,
        say!(
            "该职工本年度已获慰问",
            "the person has a grant of this programme year"
        ),
    )
}

/// The refusal when the database finds a settlement used first.
pub fn settlement_already_used() -> Error {
    refusal(
        Clause::SettlementUnused,
        say!("结算单已用于另一笔慰问", "a settlement supported another grant"),
    )
}

fn refusal(clause: Clause, detail: Message) -> Error {
    Error::refused(clause.code().as_str(), detail)
}

fn reason(clause: Clause, met: bool, yes: String, no: String, values: Value) -> Reason {
    Reason {
        clause,
        met,
        code: (!met).then(|| clause.code()),
        detail: if met { yes } else { no },
        values,
    }
}

fn serving_member(case: &Case) -> Reason {
    let mut days: Vec<_> = case.stays.iter().map(|s| (s.admitted_on, s.serving)).collect();
    days.sort_unstable();
    let missing: Vec<_> = days
        .iter()
        .filter(|(_, serving)| !serving)
        .map(|(day, _)| day.to_string())
        .collect();
    let stays: Vec<_> = days
        .iter()
        .map(|(day, serving)| json!({ "admitted_on": day, "serving": serving }))
        .collect();
    reason(
        Clause::ServingMember,
        missing.is_empty(),
        "入院当日为在职会员".into(),
        format!("入院当日不是在职会员：{}", missing.join("、")),
        json!({ "stays": stays }),
    )
}

fn threshold(paid: Fen, policy: &IllnessCondolence) -> Reason {
    let (line, inclusive) = (policy.threshold_fen, policy.inclusive);
    let exactly = if inclusive { "（含）" } else { "（不含）" };
    reason(
        Clause::Threshold,
        paid > line || (inclusive && paid == line),
        format!("自付 {paid} 元，达到标准 {line} 元{exactly}"),
        format!("自付 {paid} 元，未达到标准 {line} 元{exactly}"),
        json!({ "out_of_pocket_fen": paid, "threshold_fen": line, "inclusive": inclusive,
                "off_catalogue_counts": policy.off_catalogue_counts }),
    )
}

fn first_grant(case: &Case) -> Reason {
    let year = case.programme_year;
    reason(
        Clause::FirstGrant,
        !case.earlier_grant,
        format!("{year} 年度尚未获慰问"),
        format!("{year} 年度已获慰问"),
        json!({ "programme_year": year, "earlier_grant": case.earlier_grant }),
    )
}

fn settlement_unused(case: &Case) -> Reason {
    let used = case.used_settlements;
    reason(
        Clause::SettlementUnused,
        used == 0,
        "结算单未曾用于慰问".into(),
        format!("有 {used} 张结算单已用于另一笔慰问"),
        json!({ "settlements": case.stays.len(), "used": used }),
    )
}

fn window(case: &Case, policy: &IllnessCondolence) -> Reason {
    let from = year_bounds(case.programme_year).0;
    let to = policy.window_to.in_year(case.programme_year + 1);
    let on = case.applied_on;
    reason(
        Clause::Window,
        (from..=to).contains(&on),
        format!("{on} 申报，在时限 {from} 至 {to} 内"),
        format!("{on} 申报，不在时限 {from} 至 {to} 内"),
        json!({ "applied_on": on, "from": from, "to": to }),
    )
}

fn stays_in_year(case: &Case) -> Reason {
    let year = case.programme_year;
    let mut outside: Vec<_> = case.stays.iter().map(|s| s.discharged_on).collect();
    outside.retain(|day| year_of(*day) != year);
    outside.sort_unstable();
    let days: Vec<_> = outside.iter().map(ToString::to_string).collect();
    reason(
        Clause::StaysInYear,
        outside.is_empty(),
        format!("出院日期均在 {year} 年度"),
        format!("出院日期不在 {year} 年度：{}", days.join("、")),
        json!({ "programme_year": year, "outside": outside }),
    )
}

#[cfg(test)]
#[path = "assess_tests.rs"]
mod tests;
