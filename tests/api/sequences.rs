//! Random sequences of calls: whatever is called by whomever in whatever order, no file comes on file without its
//! visit, its check, its whole notice and four people (25 to 30, 6).

use chrono::TimeDelta;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::strategy::ValueTree as _;
use proptest::test_runner::TestRunner;
use serde_json::json;

use bangfu::db::types::Date;

use crate::given::Town;
use crate::harness::Answer;
use crate::procedure::{STEPS, start, take};

const PEOPLE: [&str; 5] = [
    "caseworker",
    "caseworker_b",
    "supervisor",
    "supervisor_b",
    "city_supervisor",
];

/// One thing that is tried.
#[derive(Debug, Clone)]
enum Call {
    /// The step that is due, by whom it is due.
    Due,
    /// Any step, by anybody.
    Any { step: usize, who: usize },
    /// Sending it back.
    Return { who: usize },
    /// Refusing it, and asking for the review of that.
    Reject { who: usize },
    /// Letting days go by.
    Wait { days: i64 },
}

fn call() -> impl Strategy<Value = Call> {
    let who = 0..PEOPLE.len();
    prop_oneof![
        10 => Just(Call::Due),
        12 => (0..STEPS.len(), who.clone()).prop_map(|(step, who)| Call::Any { step, who }),
        1 => who.clone().prop_map(|who| Call::Return { who }),
        1 => who.prop_map(|who| Call::Reject { who }),
        4 => (1..4_i64).prop_map(|days| Call::Wait { days }),
    ]
}

/// The step that a file waits for.
fn due(file: &Answer) -> Option<&'static (&'static str, &'static str)> {
    let stage = match file.body["stage"].as_str() {
        None => "submit",
        Some("basic_review") => "basic-review",
        Some("home_visit") => "home-visit",
        Some("economic_check") => "economic-check",
        Some("county_review") => "county-review",
        Some("public_notice") => "publicise",
        Some(_) => "approve",
    };
    STEPS.iter().find(|(step, _)| *step == stage)
}

async fn run(town: &Town, place: &str, call: &Call, today: &mut Date) {
    let file = town.client("caseworker").await.get(place).await.expect(200);
    let answer = match call {
        Call::Due => match due(&file) {
            Some((step, who)) => take(town, place, step, who).await,
            None => return,
        },
        Call::Any { step, who } => take(town, place, STEPS[*step].0, PEOPLE[*who]).await,
        Call::Return { who } => {
            let back = json!({ "reason_code": "wrong_data", "fields": [], "comment": null });
            town.client(PEOPLE[*who]).await.act(place, "/return", back).await
        }
        Call::Reject { who } => {
            let refuse = json!({ "reason_code": "not_eligible", "comment": null });
            town.client(PEOPLE[*who])
                .await
                .act(place, "/reject", refuse)
                .await;
            town.client("caseworker")
                .await
                .act(place, "/request-review", json!({}))
                .await
        }
        Call::Wait { days } => {
            *today += TimeDelta::days(*days);
            return town.app.set(&today.to_string());
        }
    };
    assert!(answer.status < 500, "{call:?}: {}", answer.body);
}

/// What must hold of a file on file.
async fn check(town: &Town, place: &str, today: Date) {
    let worker = town.client("caseworker").await;
    let told = worker.get(&format!("{place}/procedure")).await.expect(200);
    for part in ["visit", "check", "notice"] {
        assert!(told.body[part].is_object(), "{part}: {}", told.body);
    }
    let until: Date = told.text("/notice/until_on").parse().unwrap();
    assert!(until < today, "{until} {today}");
    let id = place.rsplit('/').next().unwrap();
    let people = |part: &str| {
        let parts =
            format!("SELECT COUNT(DISTINCT user_person) AS n FROM case_parts WHERE case_id = '{id}'{part}");
        town.app.count(&parts)
    };
    for part in ["recorder", "reviewer", "verifier", "approver"] {
        assert!(people(&format!(" AND part = '{part}'")) >= 1, "{part}");
    }
    assert!(people("") >= 4);
}

#[actix_web::test]
async fn no_sequence_of_calls_brings_a_file_on_file_without_visit_check_notice_and_four_people() {
    let town = start().await;
    town.lasting_passwords().await;
    let mut today: Date = "2020-05-20".parse().unwrap();
    let mut runner = TestRunner::deterministic();
    let mut on_file = 0;
    for n in 1..=10 {
        let place = town.whole_draft(n).await;
        let calls = vec(call(), 45).new_tree(&mut runner).unwrap().current();
        for call in &calls {
            run(&town, &place, call, &mut today).await;
            let file = town.client("caseworker").await.get(&place).await.expect(200);
            if file.text("/status") == "on_file" {
                check(&town, &place, today).await;
                on_file += 1;
                break;
            }
        }
    }
    assert!(on_file > 0, "some come on file");
}
