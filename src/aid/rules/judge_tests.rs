//! Known answers of the rules of aid, and what holds for every case.

use proptest::prelude::*;

use super::*;
use crate::db::types::Id;
use crate::policies::rules::PeriodKind;

fn rule(cap: Cap) -> AidKind {
    let read = json!({ "kind": "living", "needs_file": true, "period": "quarter", "per_household": true, "cap": cap, "most_fen": null });
    serde_json::from_value(read).unwrap()
}

fn case(rule: &AidKind, asked: i64, limit: Option<Limit>) -> Case<'_> {
    Case {
        kind: ("living", Some(rule)),
        period: "2020-Q2".parse().unwrap(),
        today: "2020-05-20".parse().unwrap(),
        asked: Fen(asked),
        file: Some(FileFacts {
            on_file_since: Some("2020-05-20".parse().unwrap()),
            review_missed: false,
        }),
        had_before: 0,
        limit,
        warnings: Vec::new(),
    }
}

fn judged(case: &Case) -> Assessment {
    judge(
        case,
        vec![Id::new("2020-05-20T04:00:00Z".parse().unwrap())],
        "2020-05-20T04:00:00Z".parse().unwrap(),
    )
}

fn used(limit: Limit, used: i64) -> Option<Limit> {
    Some(Limit {
        used: Fen(used),
        ..limit
    })
}

#[test]
fn living_aid_is_trimmed_to_what_is_left_of_twelve_months_of_the_standard_and_says_so() {
    let rule = rule(Cap::Living);
    let limit = || Limit::living(12, Fen(60_000), None);
    assert_eq!(limit().limit, Fen(720_000));
    assert_eq!(Limit::living(12, Fen(60_000), Some(3)).limit, Fen(2_160_000));
    let verdict = judged(&case(&rule, 300_000, used(limit(), 500_000)));
    assert_eq!((verdict.granted_fen, verdict.trimmed), (Fen(220_000), true));
    let whole = judged(&case(&rule, 220_000, used(limit(), 500_000)));
    assert_eq!((whole.granted_fen, whole.trimmed), (Fen(220_000), false));
    let nothing = judged(&case(&rule, 1, used(limit(), 720_000)));
    assert_eq!(nothing.require().unwrap_err().code(), "cap_reached");
    assert_eq!(nothing.granted_fen, Fen(0));
}

#[test]
fn medical_aid_is_what_others_have_not_paid_and_education_ten_months_for_a_student() {
    let rule = rule(Cap::Medical);
    let verdict = judged(&case(
        &rule,
        900_000,
        Some(Limit::medical(Fen(3_000_000), Fen(2_500_000))),
    ));
    assert_eq!((verdict.granted_fen, verdict.trimmed), (Fen(500_000), true));
    assert_eq!(Limit::education(10, Fen(60_000)).limit, Fen(600_000));
}

#[test]
fn each_clause_refuses_alone_with_its_code_and_all_are_said() {
    let rule = rule(Cap::None);
    let good = case(&rule, 100, None);
    assert!(judged(&good).eligible);
    let refused = |case: Case| judged(&case).require().unwrap_err().code();
    assert_eq!(
        refused(Case {
            kind: ("mutual_insurance", None),
            ..good.clone()
        }),
        "kind_not_offered"
    );
    assert_eq!(
        refused(Case {
            period: "2020".parse().unwrap(),
            ..good.clone()
        }),
        "period_not_open"
    );
    assert_eq!(
        refused(Case {
            period: "2020-Q3".parse().unwrap(),
            ..good.clone()
        }),
        "period_not_open"
    );
    assert_eq!(
        refused(Case {
            file: None,
            ..good.clone()
        }),
        "file_not_on_file"
    );
    let missed = good.file.map(|file| FileFacts {
        review_missed: true,
        ..file
    });
    assert_eq!(
        refused(Case {
            file: missed,
            ..good.clone()
        }),
        "file_not_reviewed"
    );
    assert_eq!(
        refused(Case {
            had_before: 1,
            ..good.clone()
        }),
        "duplicate_aid"
    );
    assert_eq!(judged(&good).reasons.len(), Clause::ALL.len());
}

#[test]
fn a_warning_is_confirmed_by_its_name() {
    let rule = rule(Cap::None);
    let warned = Case {
        warnings: vec![Warning::CondolenceThisYear, Warning::OtherAidInPeriod],
        ..case(&rule, 100, None)
    };
    let verdict = judged(&warned);
    assert!(verdict.eligible);
    let one = verdict.confirmed(&[Warning::CondolenceThisYear]).unwrap_err();
    assert_eq!(one.code(), "warnings_unconfirmed");
    assert!(
        verdict
            .confirmed(&[Warning::OtherAidInPeriod, Warning::CondolenceThisYear])
            .is_ok()
    );
}

#[test]
fn the_length_of_a_period_is_the_rules() {
    let mut rule = rule(Cap::None);
    rule.period = PeriodKind::Month;
    let monthly = Case {
        period: "2020-05".parse().unwrap(),
        ..case(&rule, 100, None)
    };
    assert!(judged(&monthly).eligible);
}

proptest! {
    #[test]
    fn what_is_granted_is_never_more_than_asked_or_left(asked in 1i64..1_000_000, limit in 0i64..1_000_000, before in 0i64..1_000_000) {
        let rule = rule(Cap::Medical);
        let verdict = judged(&case(&rule, asked, used(Limit::medical(Fen(limit), Fen(0)), before)));
        let left = (limit - before).max(0);
        prop_assert_eq!(verdict.granted_fen, Fen(asked.min(left)));
        prop_assert_eq!(verdict.eligible, left > 0);
    }
}
