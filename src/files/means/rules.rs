//! Judging a household's means (rules 11 to 19), pure and exact: fen and products, never a quotient.

use chrono::Months;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{Answer, Declaration, Migrant};
use crate::db::types::{Date, Fen, Timestamp};
use crate::error::{Error, Result};
use crate::files::{Category, Scheme};
use crate::policies::PolicyId;
use crate::policies::rules::{Eligibility, ExpenseKind};
use crate::{say, text_enum};

/// Months of labour relation when the rule says nothing (20).
const MIGRANT_MONTHS: i64 = 12;

text_enum! {
    /// A clause of the rule.
    #[schema(as = MeansClause)]
    pub enum Clause {
        /// Net income below the line (12).
        Deep = "deep",
        /// Net income below twice the line (13).
        Relative = "relative",
        /// A loss above the percentage of yearly income (14).
        Accidental = "accidental",
        /// Receives the minimum living allowance.
        Dibao = "dibao",
        /// Income up to one and a half times the line, with illness, schooling, disability or a single parent.
        DibaoMargin = "dibao_margin",
        /// Lives in the city, in a labour relation for long enough; judged of workers from the countryside (20).
        MigrantWorker = "migrant_worker",
        /// Nothing bars the file, and nothing is unknown (19).
        NotExcluded = "not_excluded",
    }
}

/// What a household is judged by.
#[derive(Debug, Clone)]
pub struct Case<'a> {
    /// The taxonomy.
    pub scheme: Scheme,
    /// People in the household.
    pub people: i64,
    /// The 低保 standard per head and month.
    pub line: Fen,
    /// The day of judging.
    pub today: Date,
    /// What it declares.
    pub declared: &'a Declaration,
}

/// One line of the reasoning.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = MeansReason)]
pub struct Reason {
    /// The clause.
    pub clause: Clause,
    /// Whether it is met.
    pub met: bool,
}

/// A verdict on a household's means.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = MeansVerdict)]
pub struct Verdict {
    /// The rule of eligibility.
    #[schema(value_type = String, format = "uuid")]
    pub policy_id: PolicyId,
    /// The 低保 standard.
    #[schema(value_type = String, format = "uuid")]
    pub line_id: PolicyId,
    /// When it was judged.
    pub assessed_at: Timestamp,
    /// The taxonomy.
    pub scheme: Scheme,
    /// The category; null for none.
    pub category: Option<Category>,
    /// Whether something bars the file.
    pub excluded: bool,
    /// People in the household.
    pub people: i64,
    /// Counted income of the year, in fen.
    pub income_fen: Fen,
    /// Rigid expenses of the year that count, in fen.
    pub rigid_fen: Fen,
    /// The 低保 standard per head and month, in fen.
    pub line_fen: Fen,
    /// Net income per head and month, in fen, rounded down for display; never judged by.
    #[schema(value_type = i64)]
    pub net_per_head_month_fen: i64,
    /// Each clause of the scheme, met or not.
    pub clauses: Vec<Reason>,
}

/// Counted income of the year (17): an idle able-bodied adult counts for the minimum wage.
pub fn income(declared: &Declaration, policy: &Eligibility) -> Result<Fen> {
    let counted = declared.income.iter().filter(|item| policy.counts(item.kind));
    let earned: i64 = counted.map(|item| item.amount_fen.0).sum();
    let idle = i64::try_from(declared.idle_adults.len()).unwrap_or(i64::MAX);
    let wage = match policy.minimum_wage_fen {
        Some(wage) => wage.0,
        None if idle == 0 => 0,
        None => {
            let detail = say!(
                "认定规则未填最低工资，不能计算有劳动能力未就业人员的收入",
                "the rule of eligibility names no minimum wage: idle adults can't be counted"
            );
            return Err(Error::refused("no_policy", detail));
        }
    };
    Ok(Fen(
        earned.saturating_add(wage.saturating_mul(12).saturating_mul(idle))
    ))
}

/// Rigid expenses of the year that count, each kind of each person up to its cap (18).
pub fn rigid(declared: &Declaration, policy: &Eligibility) -> Fen {
    let of_kind = |kind: ExpenseKind| {
        let items = declared.expenses.iter().filter(move |item| item.kind == kind);
        let mut people: Vec<_> = items.clone().map(|item| item.person_id).collect();
        people.sort_unstable();
        people.dedup();
        let of_person = |who| -> i64 {
            let own = items.clone().filter(|item| item.person_id == who);
            own.map(|item| item.amount_fen.0).sum()
        };
        people
            .into_iter()
            .map(|who| of_person(who).min(policy.cap(kind).0))
            .sum::<i64>()
    };
    Fen(ExpenseKind::ALL.iter().map(|kind| of_kind(*kind)).sum())
}

/// Judges a household. The same facts and rules give the same verdict, whatever the order of the items.
pub fn judge(
    case: &Case,
    policy: (PolicyId, &Eligibility),
    line_id: PolicyId,
    at: Timestamp,
) -> Result<Verdict> {
    let (policy_id, policy) = policy;
    let declared = case.declared;
    let (income, rigid) = (income(declared, policy)?, rigid(declared, policy));
    let net = i128::from(income.0) - i128::from(rigid.0);
    let lines = |percent: i64| i128::from(case.line.0) * 12 * i128::from(case.people) * i128::from(percent);
    let below = |value: i128, percent: i64, inclusive: bool| {
        value * 100 < lines(percent) || inclusive && value * 100 == lines(percent)
    };
    let lost =
        |percent: i64| i128::from(declared.loss_fen.0) * 100 > i128::from(percent) * i128::from(income.0);
    let reason = |clause, met| Reason { clause, met };
    let mut clauses = match case.scheme {
        Scheme::Scheme2020 => vec![
            reason(Clause::Deep, below(net, 100, false)),
            reason(Clause::Relative, below(net, 200, policy.relative_inclusive)),
            reason(Clause::Accidental, lost(policy.accidental_percent)),
        ],
        Scheme::Scheme2016 => vec![
            reason(Clause::Dibao, declared.receives_dibao),
            reason(
                Clause::DibaoMargin,
                declared.burdened && below(i128::from(income.0), 150, true),
            ),
            reason(
                Clause::Accidental,
                declared.loss_fen.0 > 0 && below(i128::from(income.0), 300, true),
            ),
        ],
    };
    let mut category = clauses
        .iter()
        .find(|reason| reason.met)
        .and_then(|reason| category(reason.clause));
    if let Some(migrant) = &declared.migrant {
        let met = settled(migrant, policy, case.today);
        clauses.push(reason(Clause::MigrantWorker, met));
        category = category.filter(|_| met);
    }
    let barred = |answer: Answer| {
        let of_rule = declared.exclusions.iter().filter(|e| policy.bars(e.kind));
        of_rule.filter(|e| e.answer == answer).count()
    };
    let excluded = barred(Answer::Yes) > 0;
    clauses.push(reason(Clause::NotExcluded, !excluded));
    let months = 12 * i128::from(case.people.max(1));
    Ok(Verdict {
        policy_id,
        line_id,
        assessed_at: at,
        scheme: case.scheme,
        category,
        excluded,
        people: case.people,
        income_fen: income,
        rigid_fen: rigid,
        line_fen: case.line,
        net_per_head_month_fen: i64::try_from(net.div_euclid(months)).unwrap_or(i64::MAX),
        clauses,
    })
}

/// Whether a worker from the countryside lives in the city and has worked for as many months as the rule asks (20).
fn settled(migrant: &Migrant, policy: &Eligibility, today: Date) -> bool {
    let months = u32::try_from(policy.migrant_months.unwrap_or(MIGRANT_MONTHS)).unwrap_or(u32::MAX);
    let since = migrant.employed_since.checked_add_months(Months::new(months));
    migrant.lives_in_city && since.is_some_and(|day| day <= today)
}

fn category(clause: Clause) -> Option<Category> {
    match clause {
        Clause::Deep => Some(Category::Deep),
        Clause::Relative => Some(Category::Relative),
        Clause::Accidental => Some(Category::Accidental),
        Clause::Dibao => Some(Category::Dibao),
        Clause::DibaoMargin => Some(Category::DibaoMargin),
        Clause::MigrantWorker | Clause::NotExcluded => None,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;
    use crate::db::types::Id;
    use crate::files::means::{Expense, Income};
    use crate::policies::rules::IncomeKind;

    fn policy(accidental_percent: i64) -> Eligibility {
        let values = json!({ "schemes": ["scheme_2020"], "relative_inclusive": false, "accidental_percent": accidental_percent, "minimum_wage_fen": 155_000 });
        serde_json::from_value(values).unwrap()
    }

    fn declared(income: i64, rigid: i64, loss: i64) -> Declaration {
        let who = Id::new(Timestamp::now());
        let text = || {
            crate::input::read_body::<Evidence>(br#"{"evidence":"x"}"#)
                .unwrap()
                .evidence
        };
        Declaration {
            income: vec![Income {
                person_id: who,
                kind: IncomeKind::Wages,
                amount_fen: Fen(income),
                evidence: text(),
            }],
            expenses: vec![Expense {
                person_id: who,
                kind: ExpenseKind::Medical,
                amount_fen: Fen(rigid),
                evidence: text(),
            }],
            loss_fen: Fen(loss),
            ..Declaration::default()
        }
    }

    crate::input! {
        struct Evidence { evidence: crate::input::Text<100> }
    }

    fn verdict(declared: &Declaration, people: i64, percent: i64) -> Verdict {
        let case = Case {
            scheme: Scheme::Scheme2020,
            people,
            line: Fen(60_000),
            today: "2020-02-29".parse().unwrap(),
            declared,
        };
        let id = Id::new(Timestamp::now());
        judge(&case, (id, &policy(percent)), id, Timestamp::now()).unwrap()
    }

    #[test]
    fn a_worker_from_the_countryside_lives_in_the_city_and_has_worked_there_a_year() {
        let poor = |since: &str, lives_in_city| {
            let migrant = Migrant {
                employed_since: since.parse().unwrap(),
                lives_in_city,
            };
            let declared = Declaration {
                migrant: Some(migrant),
                ..declared(0, 0, 0)
            };
            verdict(&declared, 3, 50).category
        };
        assert_eq!(poor("2019-02-28", true), Some(Category::Deep));
        assert_eq!(poor("2019-03-01", true), None);
        assert_eq!(poor("2010-01-01", false), None);
    }

    #[test]
    fn the_worked_cases_come_out_to_the_fen() {
        let category =
            |income, rigid, loss, percent| verdict(&declared(income, rigid, loss), 3, percent).category;
        assert_eq!(category(6_000_000, 3_840_000, 0, 50), Some(Category::Relative));
        assert_eq!(category(6_000_000, 3_840_001, 0, 50), Some(Category::Deep));
        assert_eq!(category(6_000_000, 1_680_000, 0, 50), None);
        assert_eq!(category(6_000_000, 1_680_001, 0, 50), Some(Category::Relative));
        assert_eq!(
            category(9_000_000, 1_000_000, 5_000_000, 50),
            Some(Category::Accidental)
        );
        assert_eq!(category(9_000_000, 1_000_000, 5_000_000, 80), None);
    }

    #[test]
    fn festival_gifts_do_not_count_idle_adults_do_and_caps_hold_for_each_person() {
        let mut case = declared(1_000_000, 900_000, 0);
        case.income[0].kind = IncomeKind::FestivalGift;
        case.idle_adults = vec![Id::new(Timestamp::now())];
        let mut rule = policy(50);
        assert_eq!(income(&case, &rule).unwrap(), Fen(12 * 155_000));
        rule.minimum_wage_fen = None;
        assert_eq!(income(&case, &rule).unwrap_err().code(), "no_policy");
        rule.expense_caps =
            serde_json::from_value(json!([{ "kind": "medical", "yearly_fen": 400_000 }])).unwrap();
        case.expenses.push(case.expenses[0].clone());
        assert_eq!(rigid(&case, &rule), Fen(400_000));
        case.expenses[1].person_id = Id::new(Timestamp::now());
        assert_eq!(rigid(&case, &rule), Fen(800_000));
    }

    /// How poor a verdict says a household is.
    fn poverty(verdict: &Verdict) -> u8 {
        match verdict.category {
            Some(Category::Deep) => 2,
            Some(Category::Relative) => 1,
            _ => 0,
        }
    }

    proptest! {
        #[test]
        fn more_income_never_makes_a_household_poorer(income in 0..20_000_000_i64, rigid in 0..20_000_000_i64, more in 0..5_000_000_i64, people in 1..9_i64) {
            let (before, after) = (verdict(&declared(income, rigid, 0), people, 50), verdict(&declared(income + more, rigid, 0), people, 50));
            prop_assert!(poverty(&after) <= poverty(&before));
        }

        #[test]
        fn another_member_never_makes_a_household_richer(income in 0..20_000_000_i64, rigid in 0..20_000_000_i64, people in 1..9_i64) {
            // by the letter of the rule this holds while income covers the rigid expenses; below that it is deep anyway
            let case = declared(income, rigid, 0);
            prop_assert!(poverty(&verdict(&case, people + 1, 50)) >= poverty(&verdict(&case, people, 50)));
        }

        #[test]
        fn the_verdict_is_the_same_in_any_order_of_items(amounts in prop::collection::vec((0..2_000_000_i64, 0..14_usize), 0..12)) {
            let mut case = declared(0, 0, 0);
            let template = case.income[0].clone();
            case.income = amounts.iter().map(|(amount, kind)| Income { amount_fen: Fen(*amount), kind: IncomeKind::ALL[*kind], ..template.clone() }).collect();
            let forwards = verdict(&case, 3, 50);
            case.income.reverse();
            let backwards = verdict(&case, 3, 50);
            prop_assert_eq!((forwards.category, forwards.income_fen), (backwards.category, backwards.income_fen));
        }
    }
}
