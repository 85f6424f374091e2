//! Known answers of the rule, and what holds for every case.

use proptest::prelude::*;

use super::*;
use crate::db::types::Id;

fn policy(threshold: i64, inclusive: bool, off_catalogue_counts: bool) -> IllnessCondolence {
    IllnessCondolence {
        threshold_fen: Fen(threshold),
        inclusive,
        amount_fen: Fen(50_000),
        off_catalogue_counts,
        window_to: "03-31".to_owned().try_into().unwrap(),
    }
}

fn day(text: &str) -> Date {
    text.parse().unwrap()
}

fn stay(total: i64, deducted: i64) -> StayFacts {
    StayFacts {
        admitted_on: day("2020-02-01"),
        discharged_on: day("2020-02-10"),
        total: Fen(total),
        deducted: Fen(deducted),
        off_catalogue: Fen(0),
        serving: true,
    }
}

fn case(stays: Vec<StayFacts>) -> Case {
    Case {
        programme_year: 2020,
        applied_on: day("2020-05-20"),
        stays,
        earlier_grant: false,
        used_settlements: 0,
    }
}

fn judge(case: &Case, policy: &IllnessCondolence) -> Assessment {
    let id = "00000000-0000-7000-8000-000000000001".parse::<Id<_>>().unwrap();
    assess(case, id, policy, "2020-05-20T04:00:00Z".parse().unwrap())
}

fn refusal(case: &Case) -> Option<&'static str> {
    judge(case, &policy(1_000_000, true, true))
        .require()
        .err()
        .map(|e| e.code())
}

#[test]
fn exactly_the_threshold_earns_the_condolence_and_one_fen_less_does_not() {
    let verdict = judge(&case(vec![stay(1_000_000, 0)]), &policy(1_000_000, true, true));
    assert_eq!((verdict.eligible, verdict.amount_fen), (true, Fen(50_000)));
    let verdict = judge(&case(vec![stay(999_999, 0)]), &policy(1_000_000, true, true));
    assert_eq!((verdict.eligible, verdict.amount_fen), (false, Fen(0)));
    assert_eq!(refusal(&case(vec![stay(999_999, 0)])), Some("below_threshold"));
    assert!(!judge(&case(vec![stay(1_000_000, 0)]), &policy(1_000_000, false, true)).eligible);
}

#[test]
fn the_example_of_the_domain_is_eligible() {
    let stays = vec![stay(3_000_000, 2_050_000), stay(800_000, 580_000)];
    let verdict = judge(&case(stays), &policy(1_000_000, true, true));
    assert_eq!(
        (verdict.out_of_pocket_fen, verdict.eligible),
        (Fen(1_170_000), true)
    );
}

#[test]
fn off_catalogue_cost_counts_when_the_rule_says_so() {
    let mut one = stay(1_000_000, 0);
    one.off_catalogue = Fen(300_000);
    let paid = |counts| judge(&case(vec![one.clone()]), &policy(1, true, counts)).out_of_pocket_fen;
    assert_eq!((paid(true), paid(false)), (Fen(1_000_000), Fen(700_000)));
    // others paid part of the off-catalogue cost: the rest is not less than nothing
    one.deducted = Fen(900_000);
    let verdict = judge(&case(vec![one]), &policy(1, true, false));
    assert_eq!(verdict.out_of_pocket_fen, Fen(0));
}

#[test]
fn every_clause_has_its_refusal_and_the_first_unmet_one_is_named() {
    let good = case(vec![stay(2_000_000, 0)]);
    assert_eq!(refusal(&good), None);
    let mut retired = good.clone();
    retired.stays[0].serving = false;
    assert_eq!(refusal(&retired), Some("not_serving_member"));
    let again = Case {
        earlier_grant: true,
        ..good.clone()
    };
    assert_eq!(refusal(&again), Some("already_granted"));
    let used = Case {
        used_settlements: 1,
        ..good.clone()
    };
    assert_eq!(refusal(&used), Some("settlement_already_used"));
    let mut other_year = good.clone();
    other_year.stays[0].discharged_on = day("2021-01-01");
    assert_eq!(refusal(&other_year), Some("stay_outside_year"));
    let all = Case {
        earlier_grant: true,
        used_settlements: 1,
        ..retired
    };
    assert_eq!(refusal(&all), Some("not_serving_member"));
    let verdict = judge(&all, &policy(1_000_000, true, true));
    let clauses: Vec<_> = verdict.reasons.iter().map(|r| r.clause).collect();
    assert_eq!(clauses, Clause::ALL);
    assert!(verdict.reasons.iter().all(|r| r.met == r.code.is_none()));
}

#[test]
fn the_window_runs_from_new_year_to_the_last_of_march_of_the_next_year() {
    for (on, code) in [
        ("2019-12-31", Some("outside_window")),
        ("2020-01-01", None),
        ("2021-03-31", None),
        ("2021-04-01", Some("outside_window")),
    ] {
        let claim = Case {
            applied_on: day(on),
            ..case(vec![stay(1_000_000, 0)])
        };
        assert_eq!(refusal(&claim), code, "{on}");
    }
}

#[test]
fn a_stay_over_new_year_belongs_to_the_year_of_discharge() {
    let mut over = stay(1_000_000, 0);
    (over.admitted_on, over.discharged_on) = (day("2019-12-20"), day("2020-01-03"));
    assert_eq!(refusal(&case(vec![over])), None);
}

fn any_stay() -> impl Strategy<Value = StayFacts> {
    (
        0..2_000_000_i64,
        0..=100_i64,
        0..=100_i64,
        0..400_i64,
        any::<bool>(),
    )
        .prop_map(|(total, paid, off, start, serving)| {
            let admitted_on = day("2019-12-01") + chrono::Duration::days(start);
            StayFacts {
                admitted_on,
                discharged_on: admitted_on + chrono::Duration::days(start % 20),
                total: Fen(total),
                deducted: Fen(total * paid / 100),
                off_catalogue: Fen(total * off / 100),
                serving,
            }
        })
}

fn any_case() -> impl Strategy<Value = Case> {
    let stays = prop::collection::vec(any_stay(), 0..6);
    (stays, any::<bool>(), 0..2_usize, 0..600_i64).prop_map(|(stays, earlier_grant, used_settlements, on)| {
        Case {
            programme_year: 2020,
            applied_on: day("2019-12-01") + chrono::Duration::days(on),
            stays,
            earlier_grant,
            used_settlements,
        }
    })
}

fn any_policy() -> impl Strategy<Value = IllnessCondolence> {
    (0..4_000_000_i64, any::<bool>(), any::<bool>())
        .prop_map(|(line, inclusive, counts)| policy(line, inclusive, counts))
}

proptest! {
    #[test]
    fn more_cost_never_loses_what_less_cost_earned(case in any_case(), policy in any_policy(), more in 1..1_000_000_i64, at in 0..6_usize) {
        let before = judge(&case, &policy);
        let mut dearer = case.clone();
        if let Some(stay) = dearer.stays.get_mut(at) {
            stay.total.0 += more;
        }
        let after = judge(&dearer, &policy);
        prop_assert!(after.eligible || !before.eligible);
        prop_assert!(after.out_of_pocket_fen >= before.out_of_pocket_fen);
    }

    #[test]
    fn the_order_of_stays_changes_nothing(case in any_case(), policy in any_policy(), turn in 0..6_usize) {
        let mut turned = case.clone();
        if !turned.stays.is_empty() {
            let by = turn % turned.stays.len();
            turned.stays.rotate_left(by);
            turned.stays[by..].reverse();
        }
        prop_assert_eq!(judge(&turned, &policy), judge(&case, &policy));
    }

    #[test]
    fn the_verdict_is_what_its_reasons_say(case in any_case(), policy in any_policy()) {
        let verdict = judge(&case, &policy);
        prop_assert_eq!(verdict.eligible, verdict.reasons.iter().all(|r| r.met));
        prop_assert_eq!(verdict.require().is_ok(), verdict.eligible);
        prop_assert_eq!(verdict.amount_fen, if verdict.eligible { policy.amount_fen } else { Fen(0) });
        let kept: Assessment = serde_json::from_str(&serde_json::to_string(&verdict).unwrap()).unwrap();
        prop_assert_eq!(kept, verdict);
    }

    #[test]
    fn the_threshold_is_exact(line in 0..4_000_000_i64, below in 1..1_000_000_i64, inclusive: bool) {
        let meets = |paid: i64| judge(&case(vec![stay(paid, 0)]), &policy(line, inclusive, true)).eligible;
        prop_assert_eq!(meets(line), inclusive);
        prop_assert!(meets(line + 1));
        prop_assert!(line < below || !meets(line - below));
    }
}
