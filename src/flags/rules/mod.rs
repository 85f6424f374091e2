//! What is suspicious (82), where it takes more than SQL. Values in, verdict out.

use chrono::Days;

use crate::db::types::{Date, Fen, year_bounds, year_of};
use crate::error::{Error, FieldError, Result};
use crate::policies::rules::Flags;
use crate::{say, text_enum};

mod figures;

pub(super) use figures::{Count, Standing, first_digits, roundness};

/// Days that one question may span: a leap year.
const LONGEST: i64 = 366;

text_enum! {
    /// How an approval lies outside office hours.
    #[schema(as = FlagOffHours)]
    pub enum OffHours {
        /// 非工作日.
        DayOff = "day_off",
        /// 工作日的下班时间.
        Night = "night",
    }
}

/// The days a question is about: the year of the one that is given, or the present one.
pub fn window(from: Option<Date>, to: Option<Date>, today: Date) -> Result<(Date, Date)> {
    let (first, last) = year_bounds(year_of(from.or(to).unwrap_or(today)));
    let (from, to) = (from.unwrap_or(first), to.unwrap_or(last));
    if (0..LONGEST).contains(&(to - from).num_days()) {
        return Ok((from, to));
    }
    let detail = say!(
        "须不早于 from，至多 {LONGEST} 天",
        "must not be before `from`, nor more than {LONGEST} days on"
    );
    Err(Error::Malformed(vec![FieldError::new(
        "?to",
        "out_of_range",
        detail,
    )]))
}

/// The days that a run looks at, by the policy of its day.
pub fn looked_at(today: Date, bounds: &Flags) -> (Date, Date) {
    let back = bounds
        .look_back_days
        .and_then(|days| u64::try_from(days - 1).ok());
    let from = back.and_then(|days| today.checked_sub_days(Days::new(days)));
    (from.unwrap_or(year_bounds(year_of(today)).0), today)
}

/// From which amount on a grant is just under `limit`; what reaches the limit is not under it.
pub fn just_under_from(limit: Fen, bounds: &Flags) -> Fen {
    let below = i128::from(limit.0) * i128::from(bounds.split_percent) / 100;
    Fen(limit.0 - i64::try_from(below).unwrap_or(limit.0))
}

/// Whether a grant is just under `limit`.
pub fn just_under(amount: Fen, limit: Fen, bounds: &Flags) -> bool {
    (just_under_from(limit, bounds)..limit).contains(&amount)
}

/// The days before and after `day` that are looked at together with it.
pub fn around(day: Date, bounds: &Flags) -> (Date, Date) {
    let days = Days::new(u64::try_from(bounds.split_days).unwrap_or_default());
    let (before, after) = (day.checked_sub_days(days), day.checked_add_days(days));
    (before.unwrap_or(day), after.unwrap_or(day))
}

/// How an approval at `hour` lies outside office hours, if it does: on a day that is not `worked`, or at night.
pub fn off_hours(worked: bool, hour: u32, bounds: &Flags) -> Option<OffHours> {
    if !worked {
        return Some(OffHours::DayOff);
    }
    let open = bounds.office_from..bounds.office_to;
    (!open.contains(&i64::from(hour))).then_some(OffHours::Night)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bounds() -> Flags {
        Flags {
            split_days: 30,
            split_percent: 10,
            split_limit_fen: None,
            office_from: 8,
            office_to: 18,
            look_back_days: Some(366),
            figures: None,
        }
    }

    fn day(text: &str) -> Date {
        text.parse().unwrap()
    }

    #[test]
    fn just_under_a_limit_is_its_last_tenth_without_the_limit_itself() {
        let under = |amount| just_under(Fen(amount), Fen(100_000), &bounds());
        assert!(under(90_000) && under(99_999));
        assert!(!under(89_999) && !under(100_000) && !under(100_001));
        assert!(!just_under(Fen(0), Fen(0), &bounds()));
        let most = just_under_from(Fen(Fen::MAX), &bounds());
        assert_eq!(most, Fen(Fen::MAX / 10 * 9));
    }

    #[test]
    fn office_hours_end_at_their_last_hour_and_a_day_off_has_none() {
        let on_workday = |hour| off_hours(true, hour, &bounds());
        assert_eq!((on_workday(8), on_workday(17)), (None, None));
        assert_eq!(
            (on_workday(7), on_workday(18)),
            (Some(OffHours::Night), Some(OffHours::Night))
        );
        assert_eq!(off_hours(false, 12, &bounds()), Some(OffHours::DayOff));
    }

    #[test]
    fn days_are_looked_at_on_both_sides() {
        assert_eq!(
            around(day("2020-01-15"), &bounds()),
            (day("2019-12-16"), day("2020-02-14"))
        );
        assert_eq!(around(Date::MIN, &bounds()).0, Date::MIN);
    }

    #[test]
    fn a_run_looks_back_as_many_days_as_the_policy_says_or_to_the_beginning_of_the_year() {
        let back = |look_back_days| {
            let bounds = Flags {
                look_back_days,
                ..bounds()
            };
            looked_at(day("2020-05-20"), &bounds).0.to_string()
        };
        assert_eq!(back(Some(1)), "2020-05-20");
        assert_eq!(back(Some(366)), "2019-05-21");
        assert_eq!(back(None), "2020-01-01");
    }

    #[test]
    fn a_question_spans_the_year_of_what_is_given_and_never_more_than_a_year() {
        let asked = |from: Option<&str>, to: Option<&str>| {
            window(from.map(day), to.map(day), day("2026-11-26"))
                .ok()
                .map(|(from, to)| (from.to_string(), to.to_string()))
        };
        let days = |from: &str, to: &str| Some((from.to_owned(), to.to_owned()));
        assert_eq!(asked(None, None), days("2026-01-01", "2026-12-31"));
        assert_eq!(asked(Some("2020-05-01"), None), days("2020-05-01", "2020-12-31"));
        assert_eq!(asked(None, Some("2020-05-01")), days("2020-01-01", "2020-05-01"));
        assert_eq!(
            asked(Some("2019-07-01"), Some("2020-06-30")),
            days("2019-07-01", "2020-06-30")
        );
        assert_eq!(asked(Some("2019-07-01"), Some("2020-07-01")), None);
        assert_eq!(asked(Some("2020-05-02"), Some("2020-05-01")), None);
    }
}
