//! Whether an application earns aid, and how much (67, 70 to 72, 76): facts and dated rules in, a verdict with every
//! clause out.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use utoipa::ToSchema;

use super::Period;
use crate::db::types::{Date, Fen, Timestamp};
use crate::error::{Error, Message, Result};
use crate::policies::PolicyId;
use crate::policies::rules::{AidKind, Cap};
use crate::{say, text_enum};

text_enum! {
    /// A clause of the rule, in the order in which refusals are named.
    #[schema(as = AidClause)]
    pub enum Clause {
        /// The kind is one that can be applied for (69).
        KindOffered = "kind_offered",
        /// The period is of the length that the rule names, and has begun (76).
        PeriodOpen = "period_open",
        /// The household is on file, where the kind asks for it (67).
        OnFile = "on_file",
        /// The last yearly review was not missed (36).
        Reviewed = "reviewed",
        /// The first grant of this kind for the period (76).
        FirstInPeriod = "first_in_period",
        /// There is something left of the limit (70 to 72).
        WithinCap = "within_cap",
    }
}
text_enum! {
    /// Why an application is refused: by a person, or by a clause of the rule.
    #[schema(as = AidRejectCode)]
    pub enum RejectCode {
        /// 不符合条件.
        NotEligible = "not_eligible",
        /// 属于排除情形.
        Excluded = "excluded",
        /// 重复申请.
        Duplicate = "duplicate",
        /// 弄虚作假.
        FalseInformation = "false_information",
        /// 不是可申请的项目 (69).
        KindNotOffered = "kind_not_offered",
        /// 时段不对或尚未开始 (76).
        PeriodNotOpen = "period_not_open",
        /// 未建档 (67).
        FileNotOnFile = "file_not_on_file",
        /// 档案逾期未复核 (36).
        FileNotReviewed = "file_not_reviewed",
        /// 本时段已享受同类帮扶 (76).
        DuplicateAid = "duplicate_aid",
        /// 已达上限 (70 to 72).
        CapReached = "cap_reached",
        /// 其他, with a comment.
        Other = "other",
    }
}
text_enum! {
    /// Something that is no refusal, but that whoever verifies has to confirm (76).
    #[schema(as = AidWarning)]
    pub enum Warning {
        /// 本年度已获大病慰问.
        CondolenceThisYear = "condolence_this_year",
        /// 本时段另有其他帮扶.
        OtherAidInPeriod = "other_aid_in_period",
        /// 同一张结算单已用于大病慰问.
        SettlementElsewhere = "settlement_elsewhere",
    }
}

/// What is judged: facts only.
#[derive(Debug, Clone)]
pub struct Case<'a> {
    /// The kind, and what the rule of the day says of it; none when it can't be applied for.
    pub kind: (&'a str, Option<&'a AidKind>),
    /// For which time.
    pub period: Period,
    /// The day of judging.
    pub today: Date,
    /// How much is asked for.
    pub asked: Fen,
    /// The file, if one is named.
    pub file: Option<FileFacts>,
    /// How many of the people concerned had this kind for a month of the period.
    pub had_before: i64,
    /// What limits it, as far as the rule asks for a limit.
    pub limit: Option<Limit>,
    /// What is to be confirmed.
    pub warnings: Vec<Warning>,
}

/// A file, as far as aid asks for it.
#[derive(Debug, Clone, Copy)]
pub struct FileFacts {
    /// Since when it is on file; none while it is not.
    pub on_file_since: Option<Date>,
    /// Whether its yearly review was missed and the rule asks for it.
    pub review_missed: bool,
}

/// A limit in fen, and how much of it is used up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limit {
    /// The limit.
    pub limit: Fen,
    /// What was granted against it before.
    pub used: Fen,
    /// What it was worked out from, for the verdict.
    pub from: Value,
}

impl Limit {
    /// The limit of living aid for a household in a year: months of the standard, for one person or for each (70).
    pub fn living(months: i64, standard: Fen, people: Option<i64>) -> Self {
        let limit = months * standard.0 * people.unwrap_or(1);
        let from = json!({ "months": months, "standard_fen": standard, "people": people });
        Self::of(limit, from)
    }

    /// The limit of education aid for a student in a year: months of the standard (72).
    pub fn education(months: i64, standard: Fen) -> Self {
        let from = json!({ "months": months, "standard_fen": standard });
        Self::of(months * standard.0, from)
    }

    /// The limit of medical aid: what others have not paid of the bill (71).
    pub fn medical(bill: Fen, covered: Fen) -> Self {
        let from = json!({ "bill_fen": bill, "covered_fen": covered });
        Self::of(bill.0 - covered.0, from)
    }

    fn of(limit: i64, from: Value) -> Self {
        Self {
            limit: Fen(limit),
            used: Fen(0),
            from,
        }
    }

    fn left(&self) -> i64 {
        (self.limit.0 - self.used.0).max(0)
    }
}

/// The verdict on an application, kept with it for ever.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = AidAssessment)]
pub struct Assessment {
    /// The dated rules it was judged by: what the kind asks for, the limits, the standard, as far as they were needed.
    #[schema(value_type = Vec<String>)]
    pub policy_ids: Vec<PolicyId>,
    /// When.
    pub assessed_at: Timestamp,
    /// How much was asked for, in fen.
    pub asked_fen: Fen,
    /// Whether every clause is met.
    pub eligible: bool,
    /// How much is granted, in fen; 0 when not eligible.
    pub granted_fen: Fen,
    /// Whether less is granted than was asked for, because of a limit.
    pub trimmed: bool,
    /// Every clause, met or not.
    pub reasons: Vec<Reason>,
    /// What whoever verifies has to confirm.
    pub warnings: Vec<Warning>,
}

/// One line of the reasoning.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = AidReason)]
pub struct Reason {
    /// The clause.
    pub clause: Clause,
    /// Whether it is met.
    pub met: bool,
    /// The refusal, when it is not.
    pub code: Option<RejectCode>,
    /// The same in a sentence.
    #[schema(example = "本时段首次享受")]
    pub detail: String,
    /// The values it was judged by.
    #[schema(value_type = Object)]
    pub values: Value,
}

/// Judges a case. The same case and rules give the same verdict for ever.
pub fn judge(case: &Case, policy_ids: Vec<PolicyId>, at: Timestamp) -> Assessment {
    let reasons = vec![
        kind_offered(case),
        period_open(case),
        on_file(case),
        reviewed(case),
        first_in_period(case),
        within_cap(case),
    ];
    let eligible = reasons.iter().all(|reason| reason.met);
    let granted = if eligible { most(case).min(case.asked.0) } else { 0 };
    Assessment {
        policy_ids,
        assessed_at: at,
        asked_fen: case.asked,
        eligible,
        granted_fen: Fen(granted),
        trimmed: eligible && granted < case.asked.0,
        reasons,
        warnings: case.warnings.clone(),
    }
}

/// The most that may be granted.
fn most(case: &Case) -> i64 {
    let at_a_time = case
        .kind
        .1
        .and_then(|rule| rule.most_fen)
        .map_or(Fen::MAX, |most| most.0);
    let left = case.limit.as_ref().map_or(Fen::MAX, Limit::left);
    at_a_time.min(left)
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

    /// Refuses to verify while something that has to be confirmed is not (76).
    pub fn confirmed(&self, confirmed: &[Warning]) -> Result<()> {
        let open: Vec<_> = self
            .warnings
            .iter()
            .filter(|warning| !confirmed.contains(warning))
            .collect();
        if open.is_empty() {
            return Ok(());
        }
        let detail = say!(
            "存在跨项目提示，须逐项确认后方可核实",
            "there are warnings across programmes: confirm each of them"
        );
        Err(Error::refused("warnings_unconfirmed", detail).with("warnings", open))
    }
}

impl Clause {
    fn code(self) -> RejectCode {
        match self {
            Self::KindOffered => RejectCode::KindNotOffered,
            Self::PeriodOpen => RejectCode::PeriodNotOpen,
            Self::OnFile => RejectCode::FileNotOnFile,
            Self::Reviewed => RejectCode::FileNotReviewed,
            Self::FirstInPeriod => RejectCode::DuplicateAid,
            Self::WithinCap => RejectCode::CapReached,
        }
    }

    fn refusal(self) -> &'static str {
        match self {
            Self::KindOffered => "this kind of aid can't be applied for",
            Self::PeriodOpen => "the period is not of the rule's length or has not begun",
            Self::OnFile => "the household is not on file",
            Self::Reviewed => "the household's file has missed its yearly review: review it first",
            Self::FirstInPeriod => "this kind was granted for the period, to the person or the household",
            Self::WithinCap => "nothing is left of the limit",
        }
    }
}

/// The refusal when the database finds the other grant first (76).
pub fn duplicate() -> Error {
    let detail = say!(
        "本时段已享受同类帮扶",
        "this kind was granted for the period, to the person or the household"
    );
    Error::refused(Clause::FirstInPeriod.code().as_str(), detail)
}

fn reason(clause: Clause, met: bool, detail: impl Into<String>, values: Value) -> Reason {
    Reason {
        clause,
        met,
        code: (!met).then(|| clause.code()),
        detail: detail.into(),
        values,
    }
}

fn kind_offered(case: &Case) -> Reason {
    let (kind, rule) = case.kind;
    let detail = if rule.is_some() {
        "属于可申请的项目"
    } else {
        "不是可申请的项目"
    };
    reason(
        Clause::KindOffered,
        rule.is_some(),
        detail,
        json!({ "kind": kind }),
    )
}

fn period_open(case: &Case) -> Reason {
    let (period, needed) = (case.period, case.kind.1.map(|rule| rule.period));
    let right = needed.is_none_or(|needed| needed == period.kind);
    let begun = period.has_begun(case.today);
    let detail = match (right, begun) {
        (false, _) => format!("{period} 与该项目的时段长度不符"),
        (true, false) => format!("{period} 尚未开始"),
        (true, true) => format!("申请时段 {period}"),
    };
    let values = json!({ "period": period.to_string(), "length": needed, "on": case.today });
    reason(Clause::PeriodOpen, right && begun, detail, values)
}

fn on_file(case: &Case) -> Reason {
    let needed = case.kind.1.is_none_or(|rule| rule.needs_file);
    let since = case.file.and_then(|file| file.on_file_since);
    let detail = match (needed, since) {
        (_, Some(since)) => format!("{since} 起在档"),
        (true, None) => "未建档或不在档".into(),
        (false, None) => "该项目不要求建档".into(),
    };
    let values = json!({ "needed": needed, "on_file_since": since });
    reason(Clause::OnFile, !needed || since.is_some(), detail, values)
}

fn reviewed(case: &Case) -> Reason {
    let missed = case.file.is_some_and(|file| file.review_missed);
    let detail = if missed {
        "档案未按时年度复核"
    } else {
        "年度复核未逾期"
    };
    reason(
        Clause::Reviewed,
        !missed,
        detail,
        json!({ "review_missed": missed }),
    )
}

fn first_in_period(case: &Case) -> Reason {
    let (before, period) = (case.had_before, case.period);
    let shared = case.kind.1.is_some_and(|rule| rule.per_household);
    let detail = match before {
        0 => format!("{period} 首次享受"),
        n if shared => format!("{period} 该户已有 {n} 人享受同类帮扶"),
        _ => format!("{period} 已享受同类帮扶"),
    };
    let values =
        json!({ "period": period.to_string(), "per_household": shared, "people_who_had_it": before });
    reason(Clause::FirstInPeriod, before == 0, detail, values)
}

fn within_cap(case: &Case) -> Reason {
    let cap = case.kind.1.map_or(Cap::None, |rule| rule.cap);
    let most = most(case);
    let asked = case.asked;
    let detail = match &case.limit {
        _ if most >= asked.0 => format!("申请 {asked} 元，未超上限"),
        _ if most > 0 => format!("申请 {asked} 元，按上限核减为 {} 元", Fen(most)),
        _ => "已达上限".into(),
    };
    let values = match &case.limit {
        Some(limit) => {
            json!({ "cap": cap, "limit_fen": limit.limit, "used_fen": limit.used, "from": limit.from,
                "most_fen": case.kind.1.and_then(|rule| rule.most_fen) })
        }
        None => json!({ "cap": cap, "most_fen": case.kind.1.and_then(|rule| rule.most_fen) }),
    };
    reason(Clause::WithinCap, most > 0, detail, values)
}

#[cfg(test)]
#[path = "judge_tests.rs"]
mod tests;
