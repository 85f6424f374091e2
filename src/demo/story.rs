//! What happens to each person of the demo, planned before anything is written: the same for a day and a seed.

use chrono::{Datelike, FixedOffset, TimeDelta};

use super::household::{self, FilePlan};
use super::illness::{self, ClaimPlan};
use super::people::{People, Person};
use super::seed::Seed;
use super::units::{AREAS, DIRECT, STREET_BASICS};
use crate::db::types::{Date, Timestamp, year_bounds};

/// When the demo takes place.
#[derive(Clone, Copy)]
pub(super) struct Calendar {
    pub now: Timestamp,
    pub zone: FixedOffset,
    pub today: Date,
    pub year: i32,
}

impl Calendar {
    pub fn new(now: Timestamp, zone: FixedOffset) -> Self {
        let today = now.date(zone);
        Self {
            now,
            zone,
            today,
            year: today.year(),
        }
    }

    /// The last day on which something may have happened.
    pub fn yesterday(&self) -> Date {
        self.today - TimeDelta::days(1)
    }

    /// 1 January, `years` ago.
    pub fn new_year(&self, years: i32) -> Date {
        year_bounds(self.year - years).0
    }

    /// A moment within office hours.
    pub fn at(&self, day: Date, seed: &mut Seed) -> Timestamp {
        Timestamp::on(day, 9, self.zone).plus(TimeDelta::seconds(seed.between(0, 8 * 3600 - 1)))
    }
}

/// The five ones.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Deed {
    Call,
    FileUpdate,
    CareVisit,
    Insurance,
    JobPlacement,
}

impl Deed {
    pub const ALL: [Self; 5] = [
        Self::Call,
        Self::FileUpdate,
        Self::CareVisit,
        Self::Insurance,
        Self::JobPlacement,
    ];
}

/// Something that is done about a person, by whom it is fit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Step {
    Register,
    Status(&'static str),
    Draft,
    Submit,
    Return,
    Correct,
    Reject,
    Withdraw,
    Approve,
    Pair(usize),
    /// Something of the five ones; `false` when it failed, as a call that nobody answers.
    Act(Deed, bool),
    /// The action before was recorded by mistake.
    Void,
    Change,
    Waive(Deed),
    Close(&'static str, &'static str),
    Reopen,
    Claim(ClaimStep),
}

/// Something that is done about a claim.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ClaimStep {
    Lodge,
    Submit,
    Return,
    Correct,
    Verify,
    Approve,
    Reject,
    Review,
    Withdraw,
    Pay,
    Fail,
    Reissue,
}

/// A person and what happens.
pub(super) struct Story {
    pub number: usize,
    pub person: Person,
    /// Who else is in the household, and what to the worker.
    pub family: Vec<(Person, &'static str)>,
    /// Index into [`AREAS`]; beyond the end for what is directly below the city.
    pub area: usize,
    /// Which of the area's units.
    pub unit: usize,
    pub joined_on: Date,
    pub group: Option<&'static str>,
    pub file: Option<FilePlan>,
    pub claim: Option<ClaimPlan>,
    pub steps: Vec<(Timestamp, Step)>,
}

/// The basic unions of an area.
pub(super) fn units_of(area: usize) -> usize {
    AREAS.get(area).map_or(DIRECT.len(), |a| {
        a.basics.len() + a.streets.len() * STREET_BASICS.len()
    })
}

/// How many claims a demo of so many households has.
pub(super) fn claims_of(households: usize) -> usize {
    (households / 5).max(24)
}

/// Everybody of a demo with so many households: those with a file first, then other members.
pub(super) fn everybody(households: usize, people: &mut People, calendar: Calendar) -> Vec<Story> {
    let claims = claims_of(households);
    let others = claims + households / 4;
    let mut stories: Vec<Story> = (0..households + others)
        .map(|number| {
            let mut story = Story::begin(number, people, calendar);
            if number < households {
                story.family = household::family(number, people, calendar);
                household::add(&mut story, calendar);
            } else {
                story.leave(calendar);
            }
            story
        })
        .collect();
    // every other claim comes from a household with a file, while there are such; nobody has two
    for claim in 0..claims {
        let number = match claim / 2 {
            household if claim % 2 == 0 && household < households => household,
            _ => households + claim,
        };
        if let Some(story) = stories.get_mut(number) {
            illness::add(story, claim, calendar);
        }
    }
    stories
}

impl Story {
    fn begin(number: usize, people: &mut People, calendar: Calendar) -> Self {
        let mut seed = Seed::of("person", number);
        let seed = &mut seed;
        let person = people.person(seed, calendar.year, 24, 57);
        let weights: Vec<(usize, usize)> = AREAS.iter().map(|a| a.weight).chain([6]).enumerate().collect();
        let area = seed.weighted(&weights);
        let first = Date::from_ymd_opt(person.birth.year() + 20, 1, 1).unwrap_or(person.birth);
        let joined_on = seed.day(first.max(calendar.new_year(18)), calendar.new_year(3));
        let registered = seed.day(
            calendar.new_year(2) + TimeDelta::days(20),
            calendar.new_year(1) - TimeDelta::days(200),
        );
        let registered = calendar.at(registered, seed);
        Self {
            number,
            person,
            family: Vec::new(),
            area,
            unit: seed.below(units_of(area)),
            joined_on,
            group: group(area, seed),
            file: None,
            claim: None,
            steps: vec![(registered, Step::Register)],
        }
    }

    /// Adds a step on a day, after everything so far; not when the day has not passed.
    pub fn then(&mut self, day: Date, step: Step, calendar: Calendar, seed: &mut Seed) -> bool {
        let earliest = self
            .steps
            .last()
            .map_or(calendar.now, |(at, _)| at.plus(TimeDelta::minutes(7)));
        let at = calendar.at(day, seed).max(earliest);
        let happens = at.date(calendar.zone) <= calendar.yesterday();
        if happens {
            self.steps.push((at, step));
        }
        happens
    }

    /// Some members retire, or leave.
    fn leave(&mut self, calendar: Calendar) {
        let mut seed = Seed::of("leave", self.number);
        let status = seed.weighted(&[
            (None, 92),
            (Some("retired"), 5),
            (Some("left"), 2),
            (Some("deceased"), 1),
        ]);
        if let Some(status) = status {
            let day = seed.day(calendar.new_year(1), calendar.yesterday());
            self.then(day, Step::Status(status), calendar, &mut seed);
        }
    }
}

/// Which of the eight groups somebody belongs to (84): most of those in the federations, few elsewhere.
fn group(area: usize, seed: &mut Seed) -> Option<&'static str> {
    const ALL: [&str; 8] = [
        "truck_driver",
        "courier",
        "delivery_rider",
        "domestic_worker",
        "care_worker",
        "mall_information",
        "real_estate_agent",
        "security_guard",
    ];
    let of_area: &[&'static str] = match AREAS.get(area).map_or("", |a| a.code) {
        "340200-H1" => &ALL[..1],
        "340200-H2" => &ALL[1..3],
        "340200-H3" => &ALL[3..5],
        "340200-H4" => &ALL[5..],
        _ if seed.chance(8) => &ALL,
        _ => return None,
    };
    Some(*seed.pick(of_area))
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use super::*;

    fn calendar(now: &str) -> Calendar {
        let zone = FixedOffset::east_opt(8 * 3600).unwrap();
        Calendar::new(now.parse().unwrap(), zone)
    }

    #[test]
    fn the_same_day_tells_the_same_stories() {
        let tell = || -> Vec<_> {
            let told = everybody(300, &mut People::default(), calendar("2026-11-24T02:00:00Z"));
            told.into_iter()
                .map(|s| (s.person, s.area, s.unit, s.file, s.claim, s.steps))
                .collect()
        };
        assert_eq!(tell(), tell());
    }

    #[test]
    fn on_any_day_of_the_year_everything_has_happened_in_order_before_today() {
        for now in [
            "2026-01-01T00:30:00Z",
            "2026-01-03T04:00:00Z",
            "2026-03-02T04:00:00Z",
            "2028-02-29T15:59:59Z",
            "2026-07-01T04:00:00Z",
            "2026-12-31T15:59:59Z",
        ] {
            let calendar = calendar(now);
            for story in everybody(400, &mut People::default(), calendar) {
                assert_eq!(story.steps[0].1, Step::Register);
                assert!(story.steps.is_sorted_by_key(|(at, _)| *at));
                assert!(
                    story
                        .steps
                        .iter()
                        .all(|(at, _)| at.date(calendar.zone) < calendar.today),
                    "{now}"
                );
                assert!(story.steps[0].0 >= Timestamp::on(calendar.new_year(2), 0, calendar.zone));
                for (admitted, discharged, amount) in story.claim.iter().flat_map(|c| &c.stays) {
                    assert!(story.joined_on < *admitted && admitted < discharged && *amount > 0);
                }
            }
        }
    }

    #[test]
    fn a_demo_has_every_kind_of_outcome() {
        let mut count: HashMap<String, usize> = HashMap::new();
        let told = everybody(500, &mut People::default(), calendar("2026-11-24T02:00:00Z"));
        for (_, step) in told.iter().flat_map(|s| &s.steps) {
            *count.entry(format!("{step:?}")).or_default() += 1;
        }
        for step in [
            "Approve",
            "Reject",
            "Withdraw",
            "Return",
            "Reopen",
            "Void",
            "Change",
            "Claim(Pay)",
            "Claim(Fail)",
            "Claim(Reissue)",
            "Claim(Review)",
            "Claim(Reject)",
            "Act(Call, false)",
            "Waive(JobPlacement)",
        ] {
            assert!(count.contains_key(step), "{step}: {count:?}");
        }
        let groups: std::collections::HashSet<_> = told.iter().filter_map(|s| s.group).collect();
        assert_eq!(groups.len(), 8);
    }
}
