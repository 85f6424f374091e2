//! The rules about dated rules: how one is drafted, approved and superseded. Values in, verdict out.

use super::Policy;
use crate::db::types::Date;
use crate::error::{Error, FieldError, Result};
use crate::{say, text_enum};

pub use super::values::{
    Accounts, Aid, AidCaps, AidKind, Audit, Cap, DibaoStandard, DueDays, Duplicates, Eligibility,
    ExclusionKind, ExpenseCap, ExpenseKind, Exports, Figures, FiveOnes, Flags, Funding, GroupTarget,
    IllnessCondolence, IncomeKind, InsuranceTarget, Level, PeriodKind, Procedure, Purpose, Rule, Scheme,
    Stage, UnitTarget, Values,
};

text_enum! {
    /// Kind of a dated rule.
    #[schema(as = PolicyKind)]
    pub enum Kind {
        /// 会员大病慰问 (58 to 64).
        IllnessCondolence = "illness_condolence",
        /// 五个一 (50 to 56).
        FiveOnes = "five_ones",
        /// 低保标准 (15).
        DibaoStandard = "dibao_standard",
        /// 困难认定 (11 to 14, 19).
        Eligibility = "eligibility",
        /// 建档程序 (27, 30, 34).
        Procedure = "procedure",
        /// 救助上限 (70 to 72).
        AidCaps = "aid_caps",
        /// 账号 (4, 89).
        Accounts = "accounts",
        /// 查重 (9).
        Duplicates = "duplicates",
        /// 资金 (68, 79).
        Funding = "funding",
        /// 帮扶项目 (67, 69, 76).
        Aid = "aid",
        /// 互助参保目标 (84).
        InsuranceTarget = "insurance_target",
        /// 审计疑点 (82).
        Flags = "flags",
        /// 审计 (80, 81).
        Audit = "audit",
        /// 导出控制 (90).
        Exports = "exports",
    }
}
text_enum! {
    /// State of a dated rule.
    #[schema(as = PolicyStatus)]
    pub enum Status {
        /// Written, not yet approved.
        Draft = "draft",
        /// Approved; immutable for ever.
        InForce = "in_force",
        /// Approved, but a later approval covers all of its time.
        Superseded = "superseded",
    }
}

/// A rule ends no earlier than it begins; the 低保 standard is that of a region (15), every other rule holds
/// everywhere.
pub fn well_formed(kind: Kind, valid_from: Date, valid_to: Option<Date>, region: Option<&str>) -> Result<()> {
    let mut errors = Vec::new();
    if valid_to.is_some_and(|end| end < valid_from) {
        let detail = say!("不得早于 valid_from", "must not be before valid_from");
        errors.push(FieldError::new("/valid_to", "end_before_begin", detail));
    }
    let region_fault = match (kind, region) {
        (Kind::DibaoStandard, None) => Some((
            "required",
            say!(
                "低保标准须写明行政区划代码",
                "the 低保 standard is that of a region"
            ),
        )),
        (_, Some(code)) if code.len() != 6 || !code.bytes().all(|b| b.is_ascii_digit()) => Some((
            "invalid_region_code",
            say!("须为 6 位行政区划代码", "must be a region code of 6 digits"),
        )),
        (Kind::DibaoStandard, Some(_)) | (_, None) => None,
        (_, Some(_)) => Some((
            "not_regional",
            say!(
                "该类规则全市统一，不分区划",
                "a rule of this kind holds everywhere: null"
            ),
        )),
    };
    if let Some((code, detail)) = region_fault {
        errors.push(FieldError::new("/region_code", code, detail));
    }
    if errors.is_empty() {
        Ok(())
    } else {
        Err(Error::Invalid(errors))
    }
}

/// A draft is put in force by another person than its drafter. Both are digests of ID numbers; a rule without a
/// drafter was there from the beginning.
pub fn may_approve(policy: &Policy, drafter: Option<&str>, approver: &str) -> Result<()> {
    if policy.status != Status::Draft {
        let detail = say!(
            "该规则已批准，不能更改",
            "the rule has been approved and can't change"
        );
        return Err(Error::refused("not_a_draft", detail));
    }
    if drafter == Some(approver) {
        let detail = say!(
            "起草人不能批准本人起草的规则",
            "nobody approves a rule of one's own"
        );
        return Err(Error::refused("same_person", detail));
    }
    Ok(())
}

/// Whether `new`, on its approval, supersedes `old`: about the same, and in force on every day of it. The 低保
/// standards of town and country stand side by side.
pub fn supersedes(new: &Policy, old: &Policy) -> bool {
    let urban = |policy: &Policy| policy.values.0.get("urban").cloned();
    let ends_no_earlier = match (new.valid_to, old.valid_to) {
        (None, _) => true,
        (Some(_), None) => false,
        (Some(new), Some(old)) => new >= old,
    };
    old.id != new.id
        && old.status == Status::InForce
        && (old.kind, &old.region_code) == (new.kind, &new.region_code)
        && urban(old) == urban(new)
        && new.valid_from <= old.valid_from
        && ends_no_earlier
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::db::types::{Id, Json, Timestamp};
    use serde_json::{Value, json};

    fn day(text: &str) -> Date {
        text.parse().unwrap()
    }

    fn rule(kind: Kind, from: &str, to: Option<&str>, values: Value) -> Policy {
        Policy {
            id: Id::new(Timestamp::now()),
            kind,
            valid_from: day(from),
            valid_to: to.map(day),
            region_code: None,
            values: Json(values),
            status: Status::InForce,
            created_by: None,
            approved_by: None,
            approved_at: None,
            version: 1,
        }
    }

    #[test]
    fn a_rule_supersedes_what_it_covers_wholly() {
        let year = |to| rule(Kind::AidCaps, "2020-01-01", to, json!({}));
        let part = |from, to| rule(Kind::AidCaps, from, to, json!({}));
        let (open, closed) = (year(None), year(Some("2020-12-31")));
        assert!(supersedes(&open, &closed) && supersedes(&open, &part("2020-03-01", None)));
        assert!(supersedes(&closed, &part("2020-01-01", Some("2020-12-31"))));
        assert!(!supersedes(&closed, &open) && !supersedes(&open, &open));
        assert!(!supersedes(&closed, &part("2019-12-31", Some("2020-06-30"))));
        assert!(!supersedes(&closed, &part("2020-06-30", Some("2021-01-01"))));
        assert!(!supersedes(
            &open,
            &rule(Kind::Procedure, "2020-01-01", None, json!({}))
        ));
    }

    #[test]
    fn the_standards_of_town_and_country_stand_side_by_side() {
        let standard = |urban: bool| {
            let values = json!({ "monthly_fen": 60000, "urban": urban });
            rule(Kind::DibaoStandard, "2020-01-01", None, values)
        };
        assert!(supersedes(&standard(true), &standard(true)));
        assert!(!supersedes(&standard(true), &standard(false)));
        let elsewhere = Policy {
            region_code: Some("340202".into()),
            ..standard(true)
        };
        assert!(!supersedes(&standard(true), &elsewhere));
    }

    #[test]
    fn a_draft_is_approved_by_another_person_once() {
        let draft = Policy {
            status: Status::Draft,
            ..rule(Kind::AidCaps, "2020-01-01", None, json!({}))
        };
        assert!(may_approve(&draft, Some("a"), "b").is_ok());
        assert_eq!(
            may_approve(&draft, Some("a"), "a").unwrap_err().code(),
            "same_person"
        );
        let approved = Policy {
            status: Status::InForce,
            ..draft
        };
        assert_eq!(
            may_approve(&approved, Some("a"), "b").unwrap_err().code(),
            "not_a_draft"
        );
    }

    #[test]
    fn only_the_standard_has_a_region_and_no_rule_ends_before_it_begins() {
        let from = day("2020-03-13");
        let pointers = |kind, to: Option<&str>, region| match well_formed(kind, from, to.map(day), region) {
            Ok(()) => vec![],
            Err(Error::Invalid(errors)) => errors.into_iter().map(|e| e.pointer).collect(),
            Err(other) => panic!("{other}"),
        };
        let none: Vec<String> = vec![];
        assert_eq!(pointers(Kind::AidCaps, Some("2020-03-13"), None), none);
        assert_eq!(pointers(Kind::DibaoStandard, None, Some("340202")), none);
        assert_eq!(
            pointers(Kind::DibaoStandard, Some("2020-03-12"), None),
            ["/valid_to", "/region_code"]
        );
        assert_eq!(
            pointers(Kind::DibaoStandard, None, Some("34020x")),
            ["/region_code"]
        );
        assert_eq!(pointers(Kind::AidCaps, None, Some("340200")), ["/region_code"]);
    }
}
