//! Counting working days. Values in, verdict out.

use std::collections::BTreeMap;

use chrono::{Datelike as _, Days, Weekday};

use super::{Day, NewDay};
use crate::db::types::Date;
use crate::error::{Error, FieldError, Result};
use crate::say;

/// The days of a year that differ from the week, by year.
pub type Years = BTreeMap<i32, Vec<Day>>;

/// Each day lies in the year and stands there once.
pub fn well_formed(year: i32, days: &[NewDay]) -> Result<()> {
    let mut errors = Vec::new();
    for (at, day) in days.iter().enumerate() {
        let pointer = format!("/days/{at}/day");
        if day.day.year() != year {
            let detail = say!("不在 {year} 年", "not in {year}");
            errors.push(FieldError::new(pointer, "out_of_range", detail));
        } else if days[..at].iter().any(|other| other.day == day.day) {
            errors.push(FieldError::new(
                pointer,
                "duplicate",
                say!("日期重复", "the day is there twice"),
            ));
        }
    }
    if errors.is_empty() {
        Ok(())
    } else {
        Err(Error::Invalid(errors))
    }
}

/// Whether a day is worked; `Err` with its year when that is not announced.
pub fn is_working(years: &Years, day: Date) -> std::result::Result<bool, i32> {
    let differing = years.get(&day.year()).ok_or(day.year())?;
    Ok(differing
        .iter()
        .find(|other| other.day == day)
        .map_or_else(|| !is_weekend(day), |other| other.working))
}

/// Whether a day is a Saturday or a Sunday.
pub fn is_weekend(day: Date) -> bool {
    matches!(day.weekday(), Weekday::Sat | Weekday::Sun)
}

/// The `n`th working day after `day`, which itself does not count; `Err` with the year that is not announced.
pub fn working_day_after(years: &Years, day: Date, n: i64) -> std::result::Result<Date, i32> {
    let (mut at, mut left) = (day, n);
    while left > 0 {
        at = at + Days::new(1);
        left -= i64::from(is_working(years, at)?);
    }
    Ok(at)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> Date {
        text.parse().unwrap()
    }

    fn year_2020() -> Years {
        let differs = |from: &str, working| Day {
            day: day(from),
            working,
            name: String::new(),
        };
        let mut days: Vec<_> = (1..=5)
            .map(|n| differs(&format!("2020-05-0{n}"), false))
            .collect();
        days.extend([differs("2020-04-26", true), differs("2020-05-09", true)]);
        BTreeMap::from([(2020, days)])
    }

    #[test]
    fn holidays_are_left_out_and_swapped_weekends_count() {
        let after = |from: &str, n| working_day_after(&year_2020(), day(from), n).unwrap();
        // 30 April is a Thursday, the holiday lasts to 5 May, Saturday the 9th is worked
        assert_eq!(after("2020-04-30", 1), day("2020-05-06"));
        assert_eq!(after("2020-04-30", 5), day("2020-05-11"));
        assert_eq!(after("2020-04-24", 1), day("2020-04-26"));
        assert_eq!(after("2020-05-15", 1), day("2020-05-18"));
    }

    #[test]
    fn a_period_that_reaches_a_year_without_calendar_is_refused_by_its_year() {
        assert_eq!(
            working_day_after(&year_2020(), day("2020-12-30"), 1),
            Ok(day("2020-12-31"))
        );
        assert_eq!(working_day_after(&year_2020(), day("2020-12-30"), 2), Err(2021));
    }
}
