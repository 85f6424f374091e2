//! When a household is to be called after the end of its file, what share of files is resolved, how long files are kept.
//! Values in, verdict out.

use chrono::{Datelike as _, Days, Months};

use super::{FollowUpOutcome, Resolution};
use crate::db::types::{Date, year_bounds};
use crate::error::{Error, FieldError, Result};
use crate::files::Status;
use crate::ledger::details::Reached;
use crate::say;

/// Months after the end at which a household is called, when the policy says nothing (44).
const MONTHS: [i64; 3] = [3, 6, 12];
/// A call counts for a scheduled day up to so many days before it.
const EARLY_DAYS: u64 = 30;
/// Years for which a file is kept after its end, when the policy says nothing (46).
const YEARS_KEPT: i64 = 10;
/// The share that is to be resolved: all (42).
pub const TARGET_BP: i64 = 10_000;

/// The months after its end at which a household is called.
pub fn months(policy: Option<Vec<i64>>) -> Vec<i64> {
    policy.unwrap_or(MONTHS.to_vec())
}

/// The first scheduled day that is not done: a day is done when somebody was reached on it, after it, or up to 30 days
/// before it. The same day `months` after the end counts, or the last one of a shorter month.
pub fn next(closed_on: Date, months: &[i64], last_reached: Option<Date>) -> Option<Date> {
    let mut scheduled = months.iter().filter_map(|n| {
        let months = Months::new(u32::try_from(*n).ok()?);
        closed_on.checked_add_months(months)
    });
    let is_open = |day: &Date| last_reached.is_none_or(|called| called + Days::new(EARLY_DAYS) < *day);
    scheduled.find(is_open)
}

/// Calls follow only the end of a file out of hardship, by exit or by relief (40, 41).
pub fn may_follow_up(status: Status) -> Result<()> {
    if matches!(status, Status::Exited | Status::Relieved) {
        return Ok(());
    }
    let detail = say!(
        "只有脱困、解困的档案须回访",
        "only households that left hardship or were relieved are called"
    );
    Err(Error::refused("not_exited", detail).with("status", status))
}

/// What is wrong with a call: it was made between the end of the file and today, and has an outcome exactly when
/// somebody was reached.
pub fn faults(
    called_on: Date,
    reached: Reached,
    outcome: Option<FollowUpOutcome>,
    closed_on: Date,
    today: Date,
) -> Vec<FieldError> {
    let mut faults = Vec::new();
    if !(closed_on..=today).contains(&called_on) {
        let detail = say!("须在 {closed_on} 与今天之间", "must be from {closed_on} to today");
        faults.push(FieldError::new("/called_on", "out_of_range", detail));
    }
    match (reached, outcome) {
        (Reached::Nobody, Some(_)) => {
            let detail = say!("未联系上，不能有结果", "nobody was reached: there is no outcome");
            faults.push(FieldError::new("/outcome", "does_not_fit", detail));
        }
        (Reached::Worker | Reached::Family, None) => {
            let detail = say!("联系上的须填结果", "somebody was reached: say the outcome");
            faults.push(FieldError::new("/outcome", "required", detail));
        }
        _ => {}
    }
    faults
}

/// The day at whose end files are counted: as asked, by default 1 January of this year; not in the future (42).
pub fn base_day(asked: Option<Date>, today: Date) -> Result<Date> {
    match asked {
        None => Ok(year_bounds(today.year()).0),
        Some(day) if day <= today => Ok(day),
        Some(_) => {
            let detail = say!("不能晚于今天", "must not be in the future");
            let fault = FieldError::new("?base_on", "out_of_range", detail);
            Err(Error::Malformed(vec![fault]))
        }
    }
}

/// The rate from the files on file at the base day, counted by what they are today (42). Deregistered files leave the
/// denominator: a death or a move resolves nothing, and fails nothing.
pub fn resolution(base_on: Date, counted: &[(Status, i64)]) -> Resolution {
    let count = |of: Status| -> i64 { counted.iter().filter(|(s, _)| *s == of).map(|(_, n)| n).sum() };
    let (exited, relieved) = (count(Status::Exited), count(Status::Relieved));
    let rest = count(Status::OnFile);
    let on_file = exited + relieved + rest;
    Resolution {
        base_on,
        on_file,
        exited,
        relieved,
        rest,
        deregistered: count(Status::Deregistered),
        rate_bp: ((exited + relieved) * TARGET_BP).checked_div(on_file),
        target_bp: TARGET_BP,
    }
}

/// Years for which a file is kept after its end (46).
pub fn years_kept(policy: Option<i64>) -> i32 {
    i32::try_from(policy.unwrap_or(YEARS_KEPT)).unwrap_or(i32::MAX)
}

/// Files that ended before this day need not be kept in `year`: their end and the years lie before its 1 January.
pub fn kept_from(year: i32, years: i32) -> Date {
    year_bounds(year.saturating_sub(years)).0
}

/// The last day on which a file that ended on `closed_on` must be kept.
pub fn kept_until(closed_on: Date, years: i32) -> Date {
    let months = Months::new(years.unsigned_abs().saturating_mul(12));
    closed_on.checked_add_months(months).unwrap_or(Date::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> Date {
        text.parse().unwrap()
    }

    fn next_of(closed: &str, called: Option<&str>) -> Option<String> {
        next(day(closed), &MONTHS, called.map(day)).map(|day| day.to_string())
    }

    #[test]
    fn scheduled_days_keep_to_the_end_of_shorter_months_leap_days_and_years() {
        for (closed, called, expected) in [
            ("2020-05-20", None, "2020-08-20"),
            ("2019-11-30", None, "2020-02-29"),
            ("2018-11-30", None, "2019-02-28"),
            ("2020-08-31", None, "2020-11-30"),
            ("2020-12-31", None, "2021-03-31"),
            ("2020-02-29", None, "2020-05-29"),
            ("2020-02-29", Some("2020-09-01"), "2021-02-28"),
            ("2020-09-30", None, "2020-12-30"),
            ("2020-12-31", Some("2021-07-01"), "2021-12-31"),
        ] {
            assert_eq!(next_of(closed, called).as_deref(), Some(expected), "{closed}");
        }
    }

    #[test]
    fn a_call_counts_from_thirty_days_before_a_scheduled_day_on_and_for_all_days_before_it() {
        let closed = "2020-05-20";
        for (called, expected) in [
            ("2020-07-20", Some("2020-08-20")),
            ("2020-07-21", Some("2020-11-20")),
            ("2020-08-20", Some("2020-11-20")),
            ("2020-10-20", Some("2020-11-20")),
            ("2020-10-21", Some("2021-05-20")),
            ("2021-04-19", Some("2021-05-20")),
            ("2021-04-20", None),
            ("2023-01-01", None),
        ] {
            assert_eq!(next_of(closed, Some(called)).as_deref(), expected, "{called}");
        }
        // over the end of the year: 31 December is 30 days before 30 January
        let month = |called| next(day("2020-12-30"), &[1], Some(day(called)));
        assert_eq!(month("2020-12-30"), Some(day("2021-01-30")));
        assert_eq!(month("2020-12-31"), None);
    }

    #[test]
    fn the_outcome_is_said_exactly_when_somebody_was_reached() {
        let (closed, today) = (day("2020-05-20"), day("2020-06-01"));
        let wrong = |called: &str, reached, outcome| {
            let found = faults(day(called), reached, outcome, closed, today);
            found.into_iter().map(|fault| fault.pointer).collect::<Vec<_>>()
        };
        let stable = Some(FollowUpOutcome::Stable);
        assert!(wrong("2020-05-20", Reached::Worker, stable).is_empty());
        assert!(wrong("2020-06-01", Reached::Nobody, None).is_empty());
        assert_eq!(
            wrong("2020-05-19", Reached::Nobody, stable),
            ["/called_on", "/outcome"]
        );
        assert_eq!(
            wrong("2020-06-02", Reached::Family, None),
            ["/called_on", "/outcome"]
        );
    }

    #[test]
    fn the_rate_leaves_out_deregistered_files_and_is_none_of_nothing() {
        let of = |counted: &[(Status, i64)]| resolution(day("2020-01-01"), counted);
        let some = of(&[
            (Status::Exited, 5),
            (Status::Relieved, 1),
            (Status::OnFile, 3),
            (Status::Deregistered, 2),
        ]);
        assert_eq!((some.on_file, some.rest, some.deregistered), (9, 3, 2));
        assert_eq!(some.rate_bp, Some(6_666));
        assert_eq!(of(&[(Status::Deregistered, 1)]).rate_bp, None);
    }

    #[test]
    fn a_file_is_kept_until_its_years_are_over_at_the_first_of_january() {
        assert_eq!(kept_from(2031, 10), day("2021-01-01"));
        for (closed, years, until) in [
            ("2020-12-31", 10, "2030-12-31"),
            ("2020-02-29", 1, "2021-02-28"),
            ("2021-01-01", 10, "2031-01-01"),
        ] {
            assert_eq!(kept_until(day(closed), years), day(until));
        }
    }

    #[test]
    fn the_rate_is_of_a_day_that_has_been() {
        let today = day("2020-05-20");
        assert_eq!(base_day(None, today).unwrap(), day("2020-01-01"));
        assert_eq!(base_day(Some(today), today).unwrap(), today);
        assert!(base_day(Some(day("2020-05-21")), today).is_err());
    }
}
