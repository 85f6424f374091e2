//! For which time a kind of aid is granted (76): a year, a half, a quarter, a month.

use std::fmt;
use std::str::FromStr;

use chrono::Datelike as _;
use serde_json::{Value, json};
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::Schema;

use crate::db::types::{Date, string_schema};
use crate::error::FieldError;
use crate::input::Input;
use crate::policies::rules::PeriodKind;
use crate::say;

/// A time for which aid is granted: `2020`, `2020-H1`, `2020-Q2`, `2020-05`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Period {
    /// How long it is.
    pub kind: PeriodKind,
    /// Its year.
    pub year: i32,
    /// Which of the year's, from 1.
    nth: u32,
}

impl Period {
    fn months_each(kind: PeriodKind) -> u32 {
        match kind {
            PeriodKind::Year => 12,
            PeriodKind::HalfYear => 6,
            PeriodKind::Quarter => 3,
            PeriodKind::Month => 1,
        }
    }

    /// Its months, as `2020-05`.
    pub fn months(self) -> Vec<String> {
        let each = Self::months_each(self.kind);
        let first = (self.nth - 1) * each + 1;
        (first..first + each)
            .map(|month| format!("{}-{month:02}", self.year))
            .collect()
    }

    /// Whether it has begun on a day.
    pub fn has_begun(self, today: Date) -> bool {
        let first = (self.nth - 1) * Self::months_each(self.kind) + 1;
        (self.year, first) <= (today.year(), today.month())
    }
}

impl FromStr for Period {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let (year, rest) = text.split_at_checked(4).ok_or(())?;
        let digits = |text: &str| match text.bytes().all(|byte| byte.is_ascii_digit()) {
            true => text.parse::<u32>().map_err(drop),
            false => Err(()),
        };
        let year = digits(year)?;
        let (kind, nth) = match rest.as_bytes() {
            [] => (PeriodKind::Year, 1),
            [b'-', b'H', n] => (PeriodKind::HalfYear, u32::from(n.wrapping_sub(b'0'))),
            [b'-', b'Q', n] => (PeriodKind::Quarter, u32::from(n.wrapping_sub(b'0'))),
            [b'-', _, _] => (PeriodKind::Month, digits(&rest[1..])?),
            _ => return Err(()),
        };
        let fits = (2000..=2100).contains(&year) && (1..=12 / Self::months_each(kind)).contains(&nth);
        let year = i32::try_from(year).map_err(drop)?;
        fits.then_some(Self { kind, year, nth }).ok_or(())
    }
}

impl fmt::Display for Period {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.kind {
            PeriodKind::Year => write!(f, "{}", self.year),
            PeriodKind::HalfYear => write!(f, "{}-H{}", self.year, self.nth),
            PeriodKind::Quarter => write!(f, "{}-Q{}", self.year, self.nth),
            PeriodKind::Month => write!(f, "{}-{:02}", self.year, self.nth),
        }
    }
}

impl Input for Period {
    fn read(value: &Value, at: &str, errors: &mut Vec<FieldError>) -> Option<Self> {
        let period = value.as_str().and_then(|text| text.parse().ok());
        if period.is_none() {
            let detail = say!(
                "须为 2020、2020-H1、2020-Q2 或 2020-05 的形式",
                "must be as 2020, 2020-H1, 2020-Q2 or 2020-05"
            );
            errors.push(FieldError::new(at, "invalid_period", detail));
        }
        period
    }
}

impl utoipa::PartialSchema for Period {
    fn schema() -> RefOr<Schema> {
        string_schema(|o| {
            o.pattern(Some("^\\d{4}(-H[12]|-Q[1-4]|-\\d{2})?$"))
                .examples([json!("2020-Q2")])
        })
    }
}
impl utoipa::ToSchema for Period {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_period_is_read_as_it_is_written_and_nothing_else_is() {
        for text in [
            "2020", "2020-H1", "2020-H2", "2020-Q1", "2020-Q4", "2020-01", "2020-12",
        ] {
            assert_eq!(text.parse::<Period>().unwrap().to_string(), text);
        }
        for text in [
            "",
            "20",
            "1999",
            "2101",
            "2020-",
            "2020-H0",
            "2020-H3",
            "2020-Q5",
            "2020-Q",
            "2020-00",
            "2020-13",
            "2020-1",
            "2020-+1",
            "２０２０",
            "2020-05-01",
            "2020Q1",
        ] {
            assert!(text.parse::<Period>().is_err(), "{text}");
        }
    }

    #[test]
    fn periods_that_overlap_share_a_month() {
        let months = |text: &str| text.parse::<Period>().unwrap().months();
        assert_eq!(months("2020-Q2"), ["2020-04", "2020-05", "2020-06"]);
        assert_eq!(months("2020-05"), ["2020-05"]);
        assert_eq!(months("2020").len(), 12);
        assert_eq!(months("2020-H2")[0], "2020-07");
    }

    #[test]
    fn a_period_begins_with_its_first_month() {
        let today: Date = "2020-05-31".parse().unwrap();
        let begun = |text: &str| text.parse::<Period>().unwrap().has_begun(today);
        assert!(begun("2020") && begun("2020-Q2") && begun("2020-05") && begun("2019-12"));
        assert!(!begun("2020-06") && !begun("2020-Q3") && !begun("2021"));
    }
}
