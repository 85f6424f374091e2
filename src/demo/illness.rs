//! Claims on the big-illness condolence around the threshold, in every state.

use chrono::{Datelike, TimeDelta};

use super::seed::Seed;
use super::story::{Calendar, ClaimStep, Step, Story};
use crate::db::types::Date;

/// What a claim says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct ClaimPlan {
    pub number: usize,
    pub programme_year: i32,
    /// Admitted, discharged, and the part that is self-paid, in fen.
    pub stays: Vec<(Date, Date, i64)>,
}

/// How a claim ends, or where it stands.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Outcome {
    /// Below the threshold: it can't be submitted, and stays a draft.
    Below,
    Draft,
    Submitted,
    Returned,
    Corrected,
    Verified,
    Approved,
    Paid,
    Failed,
    Reissued,
    Rejected,
    InReview,
    PaidAfterReview,
    Withdrawn,
}

/// One of each first, so that even a small demo has every state.
const OUTCOMES: &[(Outcome, usize)] = &[
    (Outcome::Paid, 38),
    (Outcome::Below, 9),
    (Outcome::Submitted, 9),
    (Outcome::Verified, 8),
    (Outcome::Approved, 10),
    (Outcome::Draft, 4),
    (Outcome::Returned, 4),
    (Outcome::Corrected, 3),
    (Outcome::Failed, 2),
    (Outcome::Reissued, 2),
    (Outcome::Rejected, 5),
    (Outcome::InReview, 2),
    (Outcome::PaidAfterReview, 2),
    (Outcome::Withdrawn, 2),
];

/// Self-paid amounts in fen at and above the threshold, and below it.
const ENOUGH: &[i64] = &[
    1_000_000, 1_000_001, 1_000_000, 1_035_050, 1_248_000, 1_599_990, 2_345_678, 4_800_000,
];
const TOO_LITTLE: &[i64] = &[999_999, 999_900, 999_999, 870_040, 642_000];

/// Gives somebody a claim and what happened to it until yesterday.
pub(super) fn add(story: &mut Story, number: usize, calendar: Calendar) {
    let mut seed = Seed::of("claim", number);
    let outcome = OUTCOMES
        .get(number)
        .map_or_else(|| seed.weighted(OUTCOMES), |(outcome, _)| *outcome);
    let amounts = if outcome == Outcome::Below {
        TOO_LITTLE
    } else {
        ENOUGH
    };
    let amount = amounts[number % amounts.len()];
    // in January and February the last year's claims are still being handled
    let programme_year = (calendar.today - TimeDelta::days(60)).year();
    let new_year = calendar.new_year(calendar.year - programme_year);
    let last = (calendar.yesterday() - TimeDelta::days(25)).min(new_year + TimeDelta::days(364));
    let discharged = seed.day(
        (new_year + TimeDelta::days(4)).max(last - TimeDelta::days(150)),
        last,
    );
    let admitted = discharged - TimeDelta::days(seed.between(3, 24));
    let mut stays = vec![(admitted, discharged, amount)];
    let earlier = admitted - TimeDelta::days(seed.between(6, 30));
    if seed.chance(25) && earlier > new_year {
        let part = amount * seed.between(20, 60) / 100;
        stays[0].2 -= part;
        stays.insert(0, (earlier - TimeDelta::days(4), earlier, part));
    }
    story.claim = Some(ClaimPlan {
        number,
        programme_year,
        stays,
    });
    handle(story, outcome, discharged, calendar, &mut seed);
}

/// The steps of a claim, each a few days after the one before; a story of its own beside that of the file.
fn handle(story: &mut Story, outcome: Outcome, discharged: Date, calendar: Calendar, seed: &mut Seed) {
    use ClaimStep::*;
    let judged: &[ClaimStep] = match outcome {
        Outcome::Below | Outcome::Draft => &[Lodge],
        Outcome::Submitted => &[Lodge, Submit],
        Outcome::Returned => &[Lodge, Submit, Return],
        Outcome::Corrected => &[Lodge, Submit, Return, Correct, Submit],
        Outcome::Verified => &[Lodge, Submit, Verify],
        Outcome::Approved => &[Lodge, Submit, Verify, Approve],
        Outcome::Paid => &[Lodge, Submit, Verify, Approve, Pay],
        Outcome::Failed => &[Lodge, Submit, Verify, Approve, Fail],
        Outcome::Reissued => &[Lodge, Submit, Verify, Approve, Fail, Reissue, Pay],
        Outcome::Rejected => &[Lodge, Submit, Reject],
        Outcome::InReview => &[Lodge, Submit, Reject, Review],
        Outcome::PaidAfterReview => &[Lodge, Submit, Reject, Review, Verify, Approve, Pay],
        Outcome::Withdrawn => &[Lodge, Submit, Withdraw],
    };
    let file_steps = std::mem::take(&mut story.steps);
    let (register, rest) = file_steps.split_at(1);
    story.steps.extend_from_slice(register);
    let mut day = discharged;
    for step in judged {
        day += TimeDelta::days(seed.between(1, 3));
        story.then(day, Step::Claim(*step), calendar, seed);
    }
    story.steps.extend_from_slice(rest);
    story.steps.sort_by_key(|(at, _)| *at);
}
