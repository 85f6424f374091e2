//! From when on a file is sealed. Values in, verdict out.

use chrono::{Days, Months};

use crate::db::types::Date;
use crate::files::Status;

/// The first day on which an ended file is sealed: after the last follow-up call of a household that left hardship or was
/// relieved (44), at once in any other case.
pub fn sealed_from(status: Status, closed_on: Date, follow_up_months: &[i64]) -> Date {
    let followed = matches!(status, Status::Exited | Status::Relieved);
    let last = follow_up_months.iter().max().filter(|_| followed).copied();
    let months = Months::new(last.and_then(|n| u32::try_from(n).ok()).unwrap_or(0));
    closed_on
        .checked_add_months(months)
        .and_then(|day| day.checked_add_days(Days::new(1)))
        .unwrap_or(Date::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_sealed_after_the_last_follow_up_or_the_day_after_it_was_struck_off() {
        let day = |text: &str| text.parse::<Date>().unwrap();
        let from = |status| sealed_from(status, day("2020-02-29"), &[3, 6, 12]);
        assert_eq!(from(Status::Exited), day("2021-03-01"));
        assert_eq!(from(Status::Relieved), day("2021-03-01"));
        assert_eq!(from(Status::Deregistered), day("2020-03-01"));
        assert_eq!(
            sealed_from(Status::Exited, day("2020-12-31"), &[]),
            day("2021-01-01")
        );
    }
}
