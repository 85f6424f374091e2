//! The rule of the five ones: dated facts in, duties out (50 to 56).
//!
//! Nothing here reads a clock: [`derive()`] gives the same duties at any later reading, and only [`Duty::status`]
//! tells a duty that is due from one that is overdue, on a day it is given.

use chrono::Datelike;
use serde::Serialize;
use utoipa::ToSchema;

use super::details::{CallOutcome, Details, GiftKind, Reached};
use super::{ActionId, Kind, WaiverId};
use crate::db::types::{Date, Timestamp, year_bounds};
use crate::policies::rules::FiveOnes;
use crate::text_enum;
use crate::users::UserId;

text_enum! {
    /// What became of a duty, leaving out the passing of time.
    pub enum State {
        /// Nothing fulfils it yet.
        Open = "open",
        /// Done.
        Done = "done",
        /// Set aside, and counted as if done.
        Waived = "waived",
        /// Does not apply, and is not counted.
        NotApplicable = "not_applicable",
        /// Kept for a year in which the file turned out not to have been on file: no duty at all.
        None = "none",
    }
}
text_enum! {
    /// What a duty is on a given day.
    #[schema(as = DutyStatus)]
    pub enum Status {
        /// Still to be done in time.
        Due = "due",
        /// Done.
        Done = "done",
        /// Its day has passed.
        Overdue = "overdue",
        /// Set aside with a reason.
        Waived = "waived",
        /// Does not apply.
        NotApplicable = "not_applicable",
    }
}
text_enum! {
    /// How a supervisor sets a duty aside.
    #[schema(as = WaiverDisposition)]
    pub enum Disposition {
        /// Counted as if done.
        Waived = "waived",
        /// Not counted.
        NotApplicable = "not_applicable",
    }
}
text_enum! {
    /// Why a duty is set aside (55).
    #[schema(as = WaiverReason)]
    pub enum Reason {
        /// Nobody in the household is able to work.
        NoAbleBodiedMember = "no_able_bodied_member",
        /// The worker does not want it.
        RefusedByWorker = "refused_by_worker",
        /// The household is away.
        Away = "away",
        /// In hospital.
        InHospital = "in_hospital",
        /// Covered by another programme.
        CoveredElsewhere = "covered_elsewhere",
        /// Something else; needs a comment.
        Other = "other",
    }
}

/// Why a duty does not have to be done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Waiver {
    /// Its id.
    #[serde(skip)]
    #[schema(ignore)]
    pub id: WaiverId,
    /// Of which year.
    #[serde(skip)]
    #[schema(ignore)]
    pub year: i32,
    /// Which duty.
    #[serde(skip)]
    #[schema(ignore)]
    pub kind: Kind,
    /// Counted as done, or not counted.
    pub disposition: Disposition,
    /// Why.
    pub reason_code: Reason,
    /// Why, in words.
    pub comment: Option<String>,
    /// Who decided it.
    pub decided_by: UserId,
    /// When.
    pub decided_at: Timestamp,
}

/// A pairing: who looked after the household from when until when (50).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pairing {
    /// Who.
    pub contact: UserId,
    /// From this moment.
    pub from: Timestamp,
    /// Until this moment; `None` while it lasts.
    pub until: Option<Timestamp>,
}

/// An action that has not been voided.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Deed {
    /// Its id.
    pub id: ActionId,
    /// When it was done.
    pub occurred_at: Timestamp,
    /// On which day that was.
    pub on: Date,
    /// By whom.
    pub performed_by: UserId,
    /// What.
    pub details: Details,
}

/// A cover of somebody in the household, from an enrolment that is or was in force (54): within the person's time in the
/// household.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cover {
    /// The day on which its policy number came.
    pub confirmed_on: Date,
    /// First day of the cover.
    pub from: Date,
    /// Last day.
    pub to: Date,
}

/// Everything about a file that its ledger depends on, as of one moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Facts {
    /// The day it came on file.
    pub opened_on: Date,
    /// The last day it was on file; `None` while it is.
    pub closed_on: Option<Date>,
    /// Who was its contact when.
    pub pairings: Vec<Pairing>,
    /// The days on which it was changed after it had come on file.
    pub changes: Vec<Date>,
    /// What was done.
    pub deeds: Vec<Deed>,
    /// Who of the household was insured when.
    pub covers: Vec<Cover>,
    /// Waivers in force.
    pub waivers: Vec<Waiver>,
}

/// One of the five duties of a file and year.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Duty {
    /// Which.
    pub kind: Kind,
    /// What became of it.
    pub state: State,
    /// The last day to do it in time.
    pub due_on: Date,
    /// The day it was done.
    pub done_on: Option<Date>,
    /// The earliest action that fulfils it; `None` when a change of the file or an enrolment did.
    pub action_id: Option<ActionId>,
    /// The waiver in force, also when the duty was done all the same.
    pub waiver: Option<Waiver>,
}

impl Duty {
    /// What the duty is on `day`.
    pub fn status(&self, day: Date) -> Status {
        match self.state {
            State::Done => Status::Done,
            State::Waived => Status::Waived,
            State::NotApplicable | State::None => Status::NotApplicable,
            State::Open if self.due_on < day => Status::Overdue,
            State::Open => Status::Due,
        }
    }
}

impl Facts {
    /// Whether the file was on file on `day`: from the day it came to the day it left, both included.
    pub fn on_file(&self, day: Date) -> bool {
        self.opened_on <= day && self.closed_on.is_none_or(|last| day <= last)
    }

    /// The years in which it had duties, up to `present`.
    pub fn years(&self, present: i32) -> std::ops::RangeInclusive<i32> {
        let last = self.closed_on.map_or(present, |day| day.year().min(present));
        self.opened_on.year()..=last
    }

    /// Whether `contact` was paired with the file at `moment`. People tell times to the second, so a pairing counts
    /// from the beginning of the second in which it was made.
    fn paired(&self, contact: UserId, moment: Timestamp) -> bool {
        let told = |from: Timestamp| Timestamp::from_unix(from.unix()).unwrap_or(from);
        self.pairings.iter().any(|p| {
            p.contact == contact && told(p.from) <= moment && p.until.is_none_or(|until| moment < until)
        })
    }
}

/// The times in which somebody stood in for a contact of the file: those of the stand-in within those of the pairing
/// (48, 50).
pub fn with_stand_ins(pairings: &[Pairing], standing: &[(UserId, Pairing)]) -> Vec<Pairing> {
    let within = |pairing: &Pairing, (contact, stand_in): &(UserId, Pairing)| {
        let from = pairing.from.max(stand_in.from);
        let ends = [pairing.until, stand_in.until];
        let until = ends.into_iter().flatten().min();
        let meet = *contact == pairing.contact && until.is_none_or(|until| from < until);
        meet.then_some(Pairing {
            contact: stand_in.contact,
            from,
            until,
        })
    };
    pairings
        .iter()
        .flat_map(|pairing| standing.iter().filter_map(move |who| within(pairing, who)))
        .collect()
}

/// The day whose policy governs a year of a file: 1 January, or the day it came on file if that is later.
pub fn governing_day(opened_on: Date, year: i32) -> Date {
    year_bounds(year).0.max(opened_on)
}

/// The duties of a file in `year`, in their order; none when it was not on file on any day of it.
pub fn derive(facts: &Facts, policy: &FiveOnes, year: i32) -> Vec<Duty> {
    match Season::of(facts, policy, year) {
        Some(season) => Kind::ALL.iter().map(|kind| season.duty(*kind)).collect(),
        None => Vec::new(),
    }
}

/// How many duties were done, and how many apply.
pub fn tally(duties: &[Duty]) -> (usize, usize) {
    let count = |state| duties.iter().filter(|d| d.state == state).count();
    (
        count(State::Done),
        duties.len() - count(State::NotApplicable) - count(State::None),
    )
}

/// Whether every duty that applies was done or waived, and at least one applies.
pub fn complete(duties: &[Duty]) -> bool {
    tally(duties).1 > 0 && duties.iter().all(|d| d.state != State::Open)
}

/// One file in one year.
struct Season<'a> {
    facts: &'a Facts,
    policy: &'a FiveOnes,
    year: i32,
    /// First and last day of the year on which the file was on file.
    on_file: (Date, Date),
    /// First and last day on which what is done counts: the campaign, while on file.
    counts: (Date, Date),
}

impl<'a> Season<'a> {
    fn of(facts: &'a Facts, policy: &'a FiveOnes, year: i32) -> Option<Self> {
        let left = facts.closed_on.unwrap_or(Date::MAX);
        let (first, last) = year_bounds(year);
        let on_file = (first.max(facts.opened_on), last.min(left));
        let counts = (
            policy.campaign_from.in_year(year).max(facts.opened_on),
            policy.campaign_to.in_year(year).min(left),
        );
        (on_file.0 <= on_file.1).then_some(Self {
            facts,
            policy,
            year,
            on_file,
            counts,
        })
    }

    fn duty(&self, kind: Kind) -> Duty {
        let due_on = self.due_on(kind);
        let fulfilled = self.fulfilment(kind);
        let waivers = &self.facts.waivers;
        let waiver = waivers.iter().find(|w| w.year == self.year && w.kind == kind);
        let state = match (&fulfilled, waiver.map(|w| w.disposition)) {
            (Some(_), _) => State::Done,
            (None, Some(Disposition::Waived)) => State::Waived,
            (None, Some(Disposition::NotApplicable)) => State::NotApplicable,
            (None, None) if self.lapsed(due_on) => State::NotApplicable,
            (None, None) => State::Open,
        };
        Duty {
            kind,
            state,
            due_on,
            done_on: fulfilled.map(|(day, _)| day),
            action_id: fulfilled.and_then(|(_, action)| action),
            waiver: waiver.cloned(),
        }
    }

    /// The policy's day, later for a file that came late, never after the campaign.
    fn due_on(&self, kind: Kind) -> Date {
        let days = &self.policy.due;
        let due = match kind {
            Kind::Call => days.call,
            Kind::FileUpdate => days.file_update,
            Kind::CareVisit => days.care_visit,
            Kind::Insurance => days.insurance,
            Kind::JobPlacement => days.job_placement,
        };
        let opened_on = self.facts.opened_on;
        let graced = opened_on + chrono::TimeDelta::days(self.policy.grace_days);
        let due = due.in_year(self.year).max(graced);
        due.min(self.policy.campaign_to.in_year(self.year)).max(opened_on)
    }

    /// Whether a duty nobody fulfilled no longer applies: the file left before its day, or came after the campaign,
    /// when nothing could count any more.
    fn lapsed(&self, due_on: Date) -> bool {
        self.facts.closed_on.is_some_and(|left| left <= due_on)
            || self.policy.campaign_to.in_year(self.year) < self.facts.opened_on
    }

    /// The day a duty was done and the action that did it: the earliest, and of one day the first; an action goes before
    /// what fulfils a duty by itself on the same day.
    fn fulfilment(&self, kind: Kind) -> Option<(Date, Option<ActionId>)> {
        let deeds = self.facts.deeds.iter().filter(|d| d.details.kind() == kind);
        let deeds = deeds.filter_map(|d| Some((self.fulfilled_on(d)?, d.occurred_at, d.id)));
        let deed = deeds.min().map(|(day, _, id)| (day, Some(id)));
        match (deed, self.by_itself(kind)) {
            (Some((done, _)), Some(day)) if day < done => Some((day, None)),
            (None, Some(day)) => Some((day, None)),
            (deed, _) => deed,
        }
    }

    /// The first day on which a duty was fulfilled without an action: by a change of the file, or by an enrolment.
    fn by_itself(&self, kind: Kind) -> Option<Date> {
        match kind {
            Kind::FileUpdate => {
                let changes = self.facts.changes.iter().copied();
                changes.filter(|day| self.counts(*day)).min()
            }
            Kind::Insurance => {
                let covers = self.facts.covers.iter();
                covers.filter_map(|cover| self.covered_on(cover)).min()
            }
            _ => None,
        }
    }

    fn counts(&self, day: Date) -> bool {
        self.counts.0 <= day && day <= self.counts.1
    }

    /// The day on which a deed fulfils its duty of this year, if it does.
    fn fulfilled_on(&self, deed: &Deed) -> Option<Date> {
        let succeeded = match &deed.details {
            Details::Call(call) => {
                call.reached != Reached::Nobody
                    && call.outcome == CallOutcome::Reached
                    && self.facts.paired(deed.performed_by, deed.occurred_at)
            }
            Details::FileUpdate(update) => update.no_change_confirmed,
            Details::CareVisit(visit) => {
                visit.met != Reached::Nobody
                    && (visit.gift.kind != GiftKind::None || !self.policy.care_visit_needs_gift)
            }
            Details::JobPlacement(_) => true,
            Details::Insurance(cover) => return self.insured_on(deed.on, cover.covers_from, cover.covers_to),
        };
        (succeeded && self.counts(deed.on)).then_some(deed.on)
    }

    /// An insurance counts in each year in which its cover meets the file's time on file, if it was taken out while
    /// on file and not after that year's campaign. It is done from the day it was taken out; in a later year of the
    /// same cover, from the first day.
    fn insured_on(&self, taken_out: Date, from: Date, to: Date) -> Option<Date> {
        let (first, last) = self.on_file;
        let covers = from <= last && first <= to;
        let in_time = self.facts.on_file(taken_out) && taken_out <= self.counts.1;
        (covers && in_time).then_some(taken_out.max(first))
    }

    /// A cover by an enrolment counts in each year in which it meets the file's time on file, also one that began before
    /// the file came on file; but not when its number came after that year's campaign.
    fn covered_on(&self, cover: &Cover) -> Option<Date> {
        let (first, last) = self.on_file;
        let covers = cover.from <= cover.to && cover.from <= last && first <= cover.to;
        let done_on = cover.confirmed_on.max(first);
        (covers && done_on <= self.counts.1).then_some(done_on)
    }
}
