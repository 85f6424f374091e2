//! What becomes of a hardship household: its file, its contact, its five ones.

use chrono::TimeDelta;

use super::people::{People, Person};
use super::seed::Seed;
use super::story::{Calendar, Deed, Step, Story};
use super::units::AREAS;
use crate::db::types::{Date, year_bounds};

/// What a file says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct FilePlan {
    pub scheme: &'static str,
    pub category: &'static str,
    pub level: &'static str,
    pub primary_cause: &'static str,
    pub secondary_causes: Vec<&'static str>,
}

const CAUSES: &[(&str, usize)] = &[
    ("major_illness", 38),
    ("children_schooling", 16),
    ("no_capacity_to_work", 13),
    ("laid_off", 11),
    ("accident", 7),
    ("able_but_unemployed", 6),
    ("not_in_social_insurance", 4),
    ("insurance_benefits_unpaid", 3),
    ("natural_disaster", 2),
];

impl FilePlan {
    fn new(seed: &mut Seed) -> Self {
        let (scheme, category) = if seed.chance(88) {
            let categories = [("deep", 34), ("relative", 46), ("accidental", 20)];
            ("scheme_2020", seed.weighted(&categories))
        } else {
            let categories = [("dibao", 40), ("dibao_margin", 42), ("accidental", 18)];
            ("scheme_2016", seed.weighted(&categories))
        };
        let levels = [
            ("national", 30),
            ("provincial", 26),
            ("city", 24),
            ("county", 14),
            ("basic", 6),
        ];
        let primary_cause = if category == "accidental" {
            seed.weighted(&[("accident", 6), ("major_illness", 3), ("natural_disaster", 1)])
        } else {
            seed.weighted(CAUSES)
        };
        let mut secondary_causes: Vec<&'static str> = Vec::new();
        for _ in 0..seed.weighted(&[(0, 40), (1, 35), (2, 20), (3, 5)]) {
            let cause = seed.weighted(CAUSES);
            if cause != primary_cause && !secondary_causes.contains(&cause) {
                secondary_causes.push(cause);
            }
        }
        Self {
            scheme,
            category,
            level: seed.weighted(&levels),
            primary_cause,
            secondary_causes,
        }
    }
}

/// What becomes of a file.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Fate {
    OnFile,
    Draft,
    Submitted,
    Returned,
    Rejected,
    Withdrawn,
    Closed,
    Reopened,
}

/// Who lives with a worker: mostly a spouse, often a child, sometimes a parent.
pub(super) fn family(number: usize, people: &mut People, calendar: Calendar) -> Vec<(Person, &'static str)> {
    let mut seed = Seed::of("family", number);
    let mut family = Vec::new();
    let mut add = |seed: &mut Seed, percent, youngest, oldest, relation: [&'static str; 2]| {
        if seed.chance(percent) {
            let person = people.person(seed, calendar.year, youngest, oldest);
            let relation = relation[usize::from(person.woman)];
            family.push((person, relation));
        }
    };
    add(&mut seed, 68, 26, 58, ["spouse", "spouse"]);
    add(&mut seed, 57, 3, 22, ["son", "daughter"]);
    add(&mut seed, 14, 1, 16, ["son", "daughter"]);
    add(&mut seed, 22, 60, 84, ["parent", "parent"]);
    family
}

/// Gives a household its file and what happened to it until yesterday.
pub(super) fn add(story: &mut Story, calendar: Calendar) {
    let mut seed = Seed::of("household", story.number);
    story.file = Some(FilePlan::new(&mut seed));
    let fate = seed.weighted(&[
        (Fate::OnFile, 172),
        (Fate::Draft, 5),
        (Fate::Submitted, 6),
        (Fate::Returned, 4),
        (Fate::Rejected, 2),
        (Fate::Withdrawn, 2),
        (Fate::Closed, 7),
        (Fate::Reopened, 2),
    ]);
    let mut teller = Teller {
        story,
        calendar,
        seed,
    };
    match fate {
        Fate::OnFile => teller.stays(),
        Fate::Closed => teller.ends(false),
        Fate::Reopened => teller.ends(true),
        unfinished => teller.unfinished(unfinished),
    }
}

struct Teller<'a> {
    story: &'a mut Story,
    calendar: Calendar,
    seed: Seed,
}

impl Teller<'_> {
    fn then(&mut self, day: Date, step: Step) -> bool {
        self.story.then(day, step, self.calendar, &mut self.seed)
    }

    fn later(&mut self, day: Date, first: i64, last: i64) -> Date {
        day + TimeDelta::days(self.seed.between(first, last))
    }

    /// A file that has not come on file, or never will.
    fn unfinished(&mut self, fate: Fate) {
        let yesterday = self.calendar.yesterday();
        let day = match fate {
            Fate::Draft => self.later(yesterday, -14, 0),
            Fate::Submitted => self.later(yesterday, -12, -4),
            Fate::Returned => self.later(yesterday, -30, -14),
            _ => self.later(yesterday, -120, -30),
        };
        self.then(day, Step::Draft);
        if fate == Fate::Draft {
            return;
        }
        let day = self.later(day, 0, 3);
        self.then(day, Step::Submit);
        let day = self.later(day, 2, 9);
        match fate {
            Fate::Returned => self.then(day, Step::Return),
            Fate::Rejected => self.then(day, Step::Reject),
            Fate::Withdrawn => self.then(day, Step::Withdraw),
            _ => false,
        };
    }

    /// From draft to a paired contact; the day on which it is looked after, if it has come that far.
    fn comes_on_file(&mut self, day: Date) -> Option<Date> {
        self.then(day, Step::Draft);
        let day = self.later(day, 0, 4);
        self.approved(day)
    }

    fn approved(&mut self, mut day: Date) -> Option<Date> {
        self.then(day, Step::Submit);
        if self.seed.chance(8) {
            day = self.later(day, 2, 5);
            self.then(day, Step::Return);
            day = self.later(day, 1, 6);
            self.then(day, Step::Correct);
            self.then(day, Step::Submit);
        }
        day = self.later(day, 5, 14);
        self.then(day, Step::Approve);
        day = self.later(day, 1, 6);
        let contact = self.seed.below(1000);
        let paired = self.seed.chance(97) && self.then(day, Step::Pair(contact));
        paired.then_some(day)
    }

    /// When a file that came on file was drafted: most in the last year, some this year, a few before.
    fn drafted(&mut self) -> Date {
        let calendar = self.calendar;
        let (new_year, days) = (calendar.new_year(0), TimeDelta::days);
        let recent = calendar.yesterday() - days(35);
        match self.seed.below(100) {
            0..27 if recent > new_year => self.seed.day(new_year + days(3), recent),
            27..35 => self
                .seed
                .day(calendar.new_year(1) - days(190), calendar.new_year(1) - days(40)),
            _ => self
                .seed
                .day(calendar.new_year(1) + days(10), new_year - days(40)),
        }
    }

    fn stays(&mut self) {
        let day = self.drafted();
        if let Some(day) = self.comes_on_file(day) {
            self.five_ones(day, self.calendar.yesterday());
        }
    }

    /// A file that ended this year, and perhaps came back.
    fn ends(&mut self, again: bool) {
        let calendar = self.calendar;
        let day = self.seed.day(
            calendar.new_year(1) + TimeDelta::days(10),
            calendar.new_year(0) - TimeDelta::days(90),
        );
        let Some(day) = self.comes_on_file(day) else {
            return;
        };
        let end = self.seed.day(
            calendar.new_year(0) - TimeDelta::days(40),
            calendar.yesterday() - TimeDelta::days(30),
        );
        self.five_ones(day, end - TimeDelta::days(1));
        let (status, reason) = self.seed.weighted(&[
            (("exited", "out_of_hardship"), 60),
            (("relieved", "relieved"), 25),
            (("deregistered", "retired"), 6),
            (("deregistered", "transferred_away"), 4),
            (("deregistered", "death"), 3),
            (("deregistered", "voluntary"), 2),
        ]);
        let status = if again {
            ("exited", "out_of_hardship")
        } else {
            (status, reason)
        };
        if self.then(end, Step::Close(status.0, status.1)) && again {
            let day = self.later(end, 5, 12);
            if self.then(day, Step::Reopen) {
                self.approved(day);
            }
        }
    }

    /// The five ones of every year from `from` to `until`.
    fn five_ones(&mut self, from: Date, until: Date) {
        for year in chrono::Datelike::year(&from)..=chrono::Datelike::year(&until) {
            let (first, last) = year_bounds(year);
            let span = (
                (from + TimeDelta::days(1)).max(first + TimeDelta::days(1)),
                until.min(last),
            );
            let mut deeds: Vec<(Date, Vec<Step>)> = Vec::new();
            for deed in Deed::ALL {
                let planned = self.deed(deed, year, span);
                deeds.extend(planned.filter(|(day, _)| span.0 <= *day && *day <= span.1));
            }
            deeds.sort_by_key(|(day, _)| *day);
            for (day, steps) in deeds {
                for step in steps {
                    self.then(day, step);
                }
            }
        }
    }

    /// When one of the five ones is done, and what that takes; `None` when it is left undone.
    fn deed(&mut self, deed: Deed, year: i32, span: (Date, Date)) -> Option<(Date, Vec<Step>)> {
        let present = year == self.calendar.year;
        let diligence = AREAS.get(self.story.area).map_or(85, |a| a.diligence);
        let (month, day) = match deed {
            Deed::Call => (6, 30),
            Deed::FileUpdate => (9, 30),
            Deed::CareVisit => (12, 31),
            Deed::Insurance => (10, 31),
            Deed::JobPlacement => (11, 30),
        };
        let due = Date::from_ymd_opt(year, month, day).unwrap_or(span.1);
        let due = due.max(span.0 + TimeDelta::days(25));
        let day = self
            .seed
            .day((due - TimeDelta::days(150)).max(span.0), due + TimeDelta::days(8));
        let idle = self
            .story
            .file
            .as_ref()
            .is_some_and(|f| f.primary_cause == "no_capacity_to_work");
        let (waived, happens) = (
            self.seed.below(100),
            self.seed.chance(if present { diligence } else { 97 }),
        );
        match deed {
            Deed::JobPlacement if idle && waived < 60 => Some((day, vec![Step::Waive(deed)])),
            Deed::JobPlacement | Deed::Insurance if waived < 5 => Some((day, vec![Step::Waive(deed)])),
            _ if !happens => None,
            Deed::Call if waived < 15 => Some((day, vec![Step::Act(deed, false), Step::Act(deed, true)])),
            Deed::CareVisit if waived < 2 => Some((
                day,
                vec![Step::Act(deed, true), Step::Void, Step::Act(deed, true)],
            )),
            Deed::FileUpdate if waived < 55 => Some((day, vec![Step::Change])),
            Deed::Call if present && waived > 95 => Some((
                day,
                vec![Step::Pair(self.seed.below(1000)), Step::Act(deed, true)],
            )),
            _ => Some((day, vec![Step::Act(deed, true)])),
        }
    }
}
