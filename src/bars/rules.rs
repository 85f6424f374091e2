//! Until when a bar holds (78). Values in, verdict out.

use chrono::Months;

use super::Bar;
use crate::db::types::Date;
use crate::error::{Error, Result};
use crate::say;

/// Whether a bar holds on a day.
pub(super) fn holds(bar: &Bar, on: Date) -> bool {
    bar.from_on <= on && bar.free_from.is_none_or(|free| on < free)
}

/// Refuses when one of the bars holds.
pub(super) fn free(laid: &[Bar], on: Date) -> Result<()> {
    let Some(bar) = laid
        .iter()
        .filter(|bar| holds(bar, on))
        .max_by_key(|bar| bar.free_from)
    else {
        return Ok(());
    };
    let open = laid.iter().any(|bar| holds(bar, on) && bar.free_from.is_none());
    let free_from = if open { None } else { bar.free_from };
    let detail = say!(
        "因弄虚作假追回款项，限制期内不予受理",
        "money got by false information is being recovered: nothing new is granted until then"
    );
    Err(Error::refused("barred_by_recovery", detail).with("free_from", free_from))
}

/// The day from which somebody is free whose recovery ended on a day, by the years of the policy; with none the bar ends
/// with the recovery.
pub fn free_from(ended_on: Date, years: Option<i64>) -> Date {
    let months = u32::try_from(years.unwrap_or_default() * 12).unwrap_or_default();
    ended_on
        .checked_add_months(Months::new(months))
        .unwrap_or(ended_on)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::db::types::{Id, Timestamp};

    fn day(text: &str) -> Date {
        text.parse().unwrap()
    }

    fn bar(free_from: Option<&str>) -> Bar {
        Bar {
            id: Id::new(Timestamp::now()),
            person: "p".into(),
            recovery_id: Id::new(Timestamp::now()),
            from_on: day("2020-05-20"),
            free_from: free_from.map(day),
        }
    }

    #[test]
    fn a_bar_holds_from_its_day_until_the_day_on_which_the_person_is_free() {
        for (bar, on, held) in [
            (bar(None), "2020-05-19", false),
            (bar(None), "2030-01-01", true),
            (bar(Some("2022-06-01")), "2022-05-31", true),
            (bar(Some("2022-06-01")), "2022-06-01", false),
            (bar(Some("2020-05-20")), "2020-05-20", false),
        ] {
            assert_eq!(holds(&bar, day(on)), held, "{on}");
            assert_eq!(free(&[bar], day(on)).is_err(), held, "{on}");
        }
        assert!(free(&[], day("2020-05-20")).is_ok());
    }

    #[test]
    fn the_years_are_those_of_the_policy_and_without_any_the_bar_ends_with_the_recovery() {
        assert_eq!(free_from(day("2020-02-29"), Some(2)), day("2022-02-28"));
        assert_eq!(free_from(day("2020-05-20"), None), day("2020-05-20"));
    }
}
