//! The rules of insurance lists (84, 85). Values in, verdict out.

use chrono::{Datelike, Months};

use super::plans::Plan;
use crate::db::types::Date;
use crate::error::{Error, FieldError, Message, Result};
use crate::members::Group;
use crate::{say, text_enum};

/// People on a list at most.
pub const MAX_PEOPLE: usize = 500;

text_enum! {
    /// Where a list stands.
    #[schema(as = InsuranceListStatus)]
    pub enum Status {
        /// Made, not yet handed in.
        Draft = "draft",
        /// Waits for the approval.
        Submitted = "submitted",
        /// Waits to be sent.
        Approved = "approved",
        /// Sent to the insurer and paid; policy numbers are missing.
        Sent = "sent",
        /// Everybody on it has a policy number.
        InForce = "in_force",
        /// Given up before it was sent.
        Cancelled = "cancelled",
    }
}
text_enum! {
    /// How somebody on a list stands.
    pub enum EnrolmentStatus {
        /// Waits for the policy number.
        Listed = "listed",
        /// Insured.
        InForce = "in_force",
        /// The cover ended early.
        Ended = "ended",
        /// Never insured: the list was given up, or the insurer did not take the person.
        Voided = "voided",
    }
}
text_enum! {
    /// Why a cover ended early.
    #[schema(as = EnrolmentEndReason)]
    pub enum EndReason {
        /// 离职、退会.
        Left = "left",
        /// 死亡.
        Died = "died",
        /// 退休.
        Retired = "retired",
        /// 其他.
        Other = "other",
    }
}

/// What can be done to a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    Submit,
    Approve,
    Send,
    ReadBack,
    Complete,
    Cancel,
}

/// The status after a step, or a refusal.
pub fn after(status: Status, step: Step) -> Result<Status> {
    match (status, step) {
        (Status::Draft, Step::Submit) => Ok(Status::Submitted),
        (Status::Submitted, Step::Approve) => Ok(Status::Approved),
        (Status::Approved, Step::Send) => Ok(Status::Sent),
        (Status::Sent | Status::InForce, Step::ReadBack) => Ok(status),
        (Status::Sent, Step::Complete) => Ok(Status::InForce),
        (Status::Draft | Status::Submitted | Status::Approved, Step::Cancel) => Ok(Status::Cancelled),
        _ => {
            let detail = say!(
                "名单状态为 {status}，不能办理",
                "a list that is {status} does not allow this"
            );
            Err(Error::refused("wrong_status", detail))
        }
    }
}

/// The last day of a cover of so many months: the day before the same day of the last month; where that month has no such
/// day, its last.
pub fn last_day(starts_on: Date, months: u32) -> Date {
    let next = starts_on
        .checked_add_months(Months::new(months))
        .unwrap_or(Date::MAX);
    match next.day() == starts_on.day() {
        true => next.pred_opt().unwrap_or(next),
        false => next,
    }
}

/// Somebody who is to be on a list.
#[derive(Debug, Clone)]
pub struct Candidate {
    /// Place on the list, from 0.
    pub at: usize,
    /// Shares.
    pub shares: i64,
    /// By the ID number.
    pub birth_date: Date,
    /// Which of the eight groups, if any.
    pub group: Option<Group>,
    /// Whether a serving member of the unit on the first day of the cover, who joined before it.
    pub serving: bool,
    /// Whether the list has the person already.
    pub twice: bool,
    /// Whether there is a cover of the same plan on a day of the new one.
    pub covered: bool,
}

/// What is wrong with the people of a list, everything at once (85). `starts_on` is the first day of the cover.
pub fn faults(plan: &Plan, starts_on: Date, people: &[Candidate]) -> Vec<FieldError> {
    let equal = people.first().map_or(0, |first| first.shares);
    people
        .iter()
        .flat_map(|person| {
            let who = format!("/people/{}/member_id", person.at);
            let shares = format!("/people/{}/shares", person.at);
            let about_member =
                unfit(plan, starts_on, person).map(move |(code, detail)| FieldError::new(who, code, detail));
            let about_shares = wrong_shares(plan, person.shares, equal)
                .map(move |(code, detail)| FieldError::new(shares, code, detail));
            about_member.into_iter().chain(about_shares)
        })
        .collect()
}

/// Why a plan does not take somebody.
fn unfit(plan: &Plan, starts_on: Date, person: &Candidate) -> Option<(&'static str, Message)> {
    let age = starts_on.years_since(person.birth_date).map_or(-1, i64::from);
    let (from, to) = (plan.age_from, plan.age_to);
    let groups = &plan.groups.0;
    if person.twice {
        Some(("duplicate", say!("名单中重复", "twice on the list")))
    } else if !person.serving {
        let detail = say!(
            "保障开始日不是本单位在职会员",
            "no serving member of the unit on the first day of the cover"
        );
        Some(("not_serving_member", detail))
    } else if age < i64::from(from) || age > i64::from(to) {
        let detail = say!(
            "保障开始日须为 {from} 至 {to} 周岁",
            "must be from {from} to {to} years old on the first day of the cover"
        );
        Some(("age_out_of_range", detail))
    } else if !groups.is_empty() && !person.group.is_some_and(|group| groups.contains(&group)) {
        let detail = say!("该计划不面向此群体", "the plan is not for this group");
        Some(("outside_groups", detail))
    } else if person.covered {
        let detail = say!(
            "保障期内已参加同一计划",
            "covered by the same plan on some of these days"
        );
        Some(("already_covered", detail))
    } else {
        None
    }
}

fn wrong_shares(plan: &Plan, shares: i64, equal: i64) -> Option<(&'static str, Message)> {
    let most = plan.max_shares;
    if !(1..=i64::from(most)).contains(&shares) {
        let detail = say!("每人须为 1 至 {most} 份", "must be from 1 to {most} shares");
        Some(("out_of_range", detail))
    } else if plan.equal_shares && shares != equal {
        let detail = say!(
            "同一名单每人份数须相同",
            "everybody on the list has the same shares"
        );
        Some(("unequal_shares", detail))
    } else {
        None
    }
}

/// Whether a list by this plan may be made today for covers from `starts_on` (85). `newest` is the newest revision of the
/// plan for that day.
pub fn open_for(plan: &Plan, newest: i32, starts_on: Date, today: Date) -> Vec<FieldError> {
    let mut errors = Vec::new();
    let outside = starts_on < plan.valid_from || plan.valid_to.is_some_and(|last| starts_on > last);
    if outside {
        let detail = say!("该计划当日无效", "the plan does not hold on this day");
        errors.push(FieldError::new("/starts_on", "outside_plan", detail));
    } else if plan.revision != newest {
        let detail = say!("该计划已有新版本", "the plan has a newer revision");
        errors.push(FieldError::new("/plan_id", "superseded", detail));
    }
    if starts_on < today {
        let detail = say!("不得早于今天", "must not be before today");
        errors.push(FieldError::new("/starts_on", "in_past", detail));
    }
    errors.extend(within_window(plan, today).err());
    errors
}

/// A plan is applied for in its window.
pub fn within_window(plan: &Plan, today: Date) -> std::result::Result<(), FieldError> {
    let early = plan.apply_from.is_some_and(|first| today < first);
    let late = plan.apply_to.is_some_and(|last| today > last);
    if !early && !late {
        return Ok(());
    }
    let day = |day: Option<Date>| day.map_or("…".to_owned(), |day| day.to_string());
    let (from, to) = (day(plan.apply_from), day(plan.apply_to));
    let detail = say!(
        "申报期为 {from} 至 {to}",
        "the plan is applied for from {from} to {to}"
    );
    Err(FieldError::new("/plan_id", "outside_window", detail))
}

/// The premium is paid after the approval, not in the future, and not after the cover began.
pub fn paid_in_time(paid_on: Date, approved_on: Date, starts_on: Date, today: Date) -> Result<()> {
    if !(approved_on..=today).contains(&paid_on) {
        let detail = say!(
            "须在批准日 {approved_on} 至今天 {today} 之间",
            "must lie between the approval, {approved_on}, and today, {today}"
        );
        return Err(Error::invalid("/paid_on", "out_of_range", detail));
    }
    if paid_on <= starts_on {
        return Ok(());
    }
    let detail = say!(
        "保障应于 {starts_on} 开始，已过期，请作废后重新编制",
        "the cover was to begin on {starts_on}: cancel the list and make another"
    );
    Err(Error::refused("start_has_passed", detail))
}

/// A cover that is in force ends early on a day of it that is not to come.
pub fn may_end(status: EnrolmentStatus, ended_on: Date, first: Date, last: Date, today: Date) -> Result<()> {
    if status != EnrolmentStatus::InForce {
        return Err(wrong_status(status));
    }
    if (first..last).contains(&ended_on) && ended_on <= today {
        return Ok(());
    }
    let detail = say!(
        "须在 {first} 与 {last} 之间（不含末日），且不晚于今天",
        "must be from {first} on, before {last}, and not in the future"
    );
    Err(Error::invalid("/ended_on", "out_of_range", detail))
}

/// Whom the insurer did not take is voided once the list was sent; before, the list is given up as a whole.
pub fn may_void(status: EnrolmentStatus, list: Status) -> Result<()> {
    let sent = matches!(list, Status::Sent | Status::InForce);
    match status {
        EnrolmentStatus::Listed | EnrolmentStatus::InForce if sent => Ok(()),
        other => Err(wrong_status(other)),
    }
}

fn wrong_status(status: EnrolmentStatus) -> Error {
    let detail = say!(
        "参保状态为 {status}，不能办理",
        "an enrolment that is {status} does not allow this"
    );
    Error::refused("wrong_status", detail)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::db::types::{Fen, Id, Json, Timestamp};

    fn date(text: &str) -> Date {
        text.parse().unwrap()
    }

    fn plan() -> Plan {
        let at: Timestamp = "2020-01-01T00:00:00Z".parse().unwrap();
        Plan {
            id: Id::new(at),
            code: "accident".into(),
            revision: 1,
            name: "意外".into(),
            insurer: "互助会".into(),
            share_price_fen: Fen(5000),
            term_months: 12,
            age_from: 16,
            age_to: 60,
            max_shares: 3,
            equal_shares: true,
            apply_from: Some(date("2020-03-01")),
            apply_to: Some(date("2020-06-30")),
            groups: Json(vec![Group::Courier]),
            valid_from: date("2020-01-01"),
            valid_to: None,
            created_by: None,
            created_at: at,
        }
    }

    fn candidate(birth: &str) -> Candidate {
        Candidate {
            at: 0,
            shares: 1,
            birth_date: date(birth),
            group: Some(Group::Courier),
            serving: true,
            twice: false,
            covered: false,
        }
    }

    fn codes(people: &[Candidate]) -> Vec<(String, &'static str)> {
        let found = faults(&plan(), date("2020-06-01"), people);
        found.into_iter().map(|e| (e.pointer, e.code)).collect()
    }

    #[test]
    fn a_list_goes_one_way_and_is_cancelled_only_before_it_is_sent() {
        let way = [Step::Submit, Step::Approve, Step::Send, Step::Complete];
        let end = way
            .iter()
            .try_fold(Status::Draft, |status, step| after(status, *step));
        assert_eq!(end.unwrap(), Status::InForce);
        for status in Status::ALL {
            let before = matches!(status, Status::Draft | Status::Submitted | Status::Approved);
            assert_eq!(after(*status, Step::Cancel).is_ok(), before, "{status}");
        }
    }

    #[test]
    fn a_cover_ends_on_the_day_before_the_same_day_also_in_leap_years() {
        for (start, months, last) in [
            ("2020-06-01", 12, "2021-05-31"),
            ("2020-02-29", 12, "2021-02-28"),
            ("2020-03-01", 12, "2021-02-28"),
            ("2019-03-01", 12, "2020-02-29"),
            ("2020-01-31", 1, "2020-02-29"),
            ("2020-12-31", 12, "2021-12-30"),
        ] {
            assert_eq!(last_day(date(start), months), date(last), "{start}");
        }
    }

    #[test]
    fn the_limits_of_age_are_those_of_the_first_day_and_inclusive() {
        for (birth, fits) in [
            ("2004-06-01", true),
            ("2004-06-02", false),
            ("1959-06-02", true),
            ("1959-06-01", false),
        ] {
            assert_eq!(codes(&[candidate(birth)]).is_empty(), fits, "{birth}");
        }
    }

    #[test]
    fn every_mistake_of_a_list_is_named_with_its_place() {
        let of = |at, change: fn(&mut Candidate)| {
            let mut person = Candidate {
                at,
                ..candidate("1990-01-01")
            };
            change(&mut person);
            person
        };
        let people = [
            of(0, |_| {}),
            of(1, |p| p.serving = false),
            of(2, |p| p.group = None),
            of(3, |p| p.covered = true),
            of(4, |p| p.twice = true),
            of(5, |p| p.shares = 4),
            of(6, |p| p.shares = 2),
        ];
        let expected = [
            ("/people/1/member_id", "not_serving_member"),
            ("/people/2/member_id", "outside_groups"),
            ("/people/3/member_id", "already_covered"),
            ("/people/4/member_id", "duplicate"),
            ("/people/5/shares", "out_of_range"),
            ("/people/6/shares", "unequal_shares"),
        ];
        assert_eq!(codes(&people), expected.map(|(at, code)| (at.to_owned(), code)));
    }

    #[test]
    fn a_plan_is_applied_for_in_its_window_by_its_newest_revision() {
        let codes = |newest, starts: &str, today: &str| -> Vec<&'static str> {
            let found = open_for(&plan(), newest, date(starts), date(today));
            found.into_iter().map(|e| e.code).collect()
        };
        assert!(codes(1, "2020-06-01", "2020-05-20").is_empty());
        assert_eq!(codes(2, "2020-06-01", "2020-05-20"), ["superseded"]);
        assert_eq!(codes(1, "2020-08-01", "2020-07-01"), ["outside_window"]);
        assert_eq!(codes(1, "2019-12-31", "2020-05-20"), ["outside_plan", "in_past"]);
    }

    #[test]
    fn the_premium_is_paid_between_the_approval_and_the_first_day_of_the_cover() {
        let paid = |on: &str| {
            paid_in_time(
                date(on),
                date("2020-05-10"),
                date("2020-06-01"),
                date("2020-06-03"),
            )
        };
        assert!(paid("2020-05-10").is_ok() && paid("2020-06-01").is_ok());
        assert_eq!(paid("2020-06-02").unwrap_err().code(), "start_has_passed");
        assert_eq!(paid("2020-05-09").unwrap_err().code(), "invalid");
    }
}
