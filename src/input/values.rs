//! Numbers, dates, ids and other single values, and lists of them.

use std::str::FromStr;

use chrono::Datelike;
use serde_json::Value;
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::Schema;

use super::Input;
use crate::db::types::{Date, Fen, Id, Timestamp, string_schema};
use crate::error::FieldError;
use crate::say;

pub(super) fn wrong_type(at: &str, zh: &str, en: &str) -> FieldError {
    FieldError::new(at, "wrong_type", say!("须为{zh}", "must be {en}"))
}

pub(super) fn string<'a>(value: &'a Value, at: &str, errors: &mut Vec<FieldError>) -> Option<&'a str> {
    value.as_str().or_else(|| {
        errors.push(wrong_type(at, "字符串", "a string"));
        None
    })
}

/// Reads one of a fixed set of codes; `all` lists them for the message.
pub fn one_of<T: FromStr>(
    value: &Value,
    at: &str,
    errors: &mut Vec<FieldError>,
    all: impl Fn() -> String,
) -> Option<T> {
    let text = string(value, at, errors)?;
    text.parse().ok().or_else(|| {
        let all = all();
        errors.push(FieldError::new(
            at,
            "unknown_code",
            say!("须为以下之一：{all}", "must be one of {all}"),
        ));
        None
    })
}

/// Reads a whole number between `min` and `max`; in a query it is written as text.
pub fn number(value: &Value, at: &str, errors: &mut Vec<FieldError>, min: i64, max: i64) -> Option<i64> {
    let read = if at.starts_with('?') {
        value.as_str().and_then(|t| t.parse().ok())
    } else {
        value.as_i64()
    };
    let range = || {
        say!(
            "须为 {min} 到 {max} 的整数",
            "must be a whole number from {min} to {max}"
        )
    };
    match read {
        Some(n) if (min..=max).contains(&n) => Some(n),
        None if !value.is_number() && !at.starts_with('?') => {
            errors.push(wrong_type(at, "整数", "a whole number"));
            None
        }
        _ => {
            errors.push(FieldError::new(at, "out_of_range", range()));
            None
        }
    }
}

impl<T: Input> Input for Option<T> {
    fn read(value: &Value, at: &str, errors: &mut Vec<FieldError>) -> Option<Self> {
        if value.is_null() {
            Some(None)
        } else {
            T::read(value, at, errors).map(Some)
        }
    }
    fn missing() -> Option<Self> {
        Some(None)
    }
}

impl<T: Input> Input for Vec<T> {
    /// At most 100 items.
    fn read(value: &Value, at: &str, errors: &mut Vec<FieldError>) -> Option<Self> {
        items(value, at, errors, 100)
    }
    fn missing() -> Option<Self> {
        Some(Vec::new())
    }
}

/// A list that must be there, of at most `MAX` items.
#[derive(Debug, Clone)]
pub struct UpTo<const MAX: usize, T>(pub Vec<T>);

impl<const MAX: usize, T: Input> Input for UpTo<MAX, T> {
    fn read(value: &Value, at: &str, errors: &mut Vec<FieldError>) -> Option<Self> {
        items(value, at, errors, MAX).map(Self)
    }
}

fn items<T: Input>(value: &Value, at: &str, errors: &mut Vec<FieldError>, max: usize) -> Option<Vec<T>> {
    let Value::Array(items) = value else {
        errors.push(wrong_type(at, "数组", "an array"));
        return None;
    };
    if items.len() > max {
        errors.push(FieldError::new(
            at,
            "too_long",
            say!("最多 {max} 项", "at most {max} items"),
        ));
        return None;
    }
    let read: Vec<_> = items
        .iter()
        .enumerate()
        .map(|(i, v)| T::read(v, &format!("{at}/{i}"), errors))
        .collect();
    read.into_iter().collect()
}

/// JSON of any form.
impl Input for Value {
    fn read(value: &Value, _: &str, _: &mut Vec<FieldError>) -> Option<Self> {
        Some(value.clone())
    }
}

impl Input for bool {
    fn read(value: &Value, at: &str, errors: &mut Vec<FieldError>) -> Option<Self> {
        let read = if at.starts_with('?') {
            value.as_str().and_then(|t| t.parse().ok())
        } else {
            value.as_bool()
        };
        read.or_else(|| {
            errors.push(wrong_type(at, " true 或 false", "true or false"));
            None
        })
    }
}

impl<T> Input for Id<T> {
    fn read(value: &Value, at: &str, errors: &mut Vec<FieldError>) -> Option<Self> {
        let text = string(value, at, errors)?;
        // only the usual form with hyphens, so that one id has one spelling
        text.parse().ok().filter(|_| text.len() == 36).or_else(|| {
            errors.push(FieldError::new(
                at,
                "invalid_id",
                say!("须为 UUID", "must be a UUID"),
            ));
            None
        })
    }
}

impl Input for Fen {
    fn read(value: &Value, at: &str, errors: &mut Vec<FieldError>) -> Option<Self> {
        number(value, at, errors, 0, Self::MAX).map(Self)
    }
}

impl Input for i64 {
    /// A count of days, months, people and the like: 0 to 100,000. Money is [`Fen`].
    fn read(value: &Value, at: &str, errors: &mut Vec<FieldError>) -> Option<Self> {
        number(value, at, errors, 0, 100_000)
    }
}

/// A day of any year, as `MM-DD`; 29 February is 28 February in a common year.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct MonthDay {
    month: u32,
    day: u32,
}

impl MonthDay {
    /// This day in `year`.
    pub fn in_year(self, year: i32) -> Date {
        let day = |d| Date::from_ymd_opt(year, self.month, d);
        day(self.day).or_else(|| day(self.day - 1)).unwrap_or_default()
    }
}
impl TryFrom<String> for MonthDay {
    type Error = &'static str;
    fn try_from(text: String) -> std::result::Result<Self, &'static str> {
        let date = Date::parse_from_str(&format!("2000-{text}"), "%Y-%m-%d")
            .ok()
            .filter(|_| text.len() == 5);
        date.map(|d| Self {
            month: d.month(),
            day: d.day(),
        })
        .ok_or("not MM-DD")
    }
}
impl From<MonthDay> for String {
    fn from(day: MonthDay) -> Self {
        format!("{:02}-{:02}", day.month, day.day)
    }
}
impl Input for MonthDay {
    fn read(value: &Value, at: &str, errors: &mut Vec<FieldError>) -> Option<Self> {
        let text = string(value, at, errors)?;
        Self::try_from(text.to_owned()).ok().or_else(|| {
            errors.push(FieldError::new(
                at,
                "invalid_date",
                say!("须为 MM-DD", "must be MM-DD"),
            ));
            None
        })
    }
}
impl utoipa::PartialSchema for MonthDay {
    fn schema() -> RefOr<Schema> {
        string_schema(|o| {
            o.pattern(Some("^\\d{2}-\\d{2}$"))
                .examples([serde_json::json!("12-31")])
        })
    }
}
impl utoipa::ToSchema for MonthDay {}

/// The years in which anything of this service can lie.
const YEARS: std::ops::RangeInclusive<i32> = 1900..=2100;

impl Input for Date {
    fn read(value: &Value, at: &str, errors: &mut Vec<FieldError>) -> Option<Self> {
        let text = string(value, at, errors)?;
        let date = Date::parse_from_str(text, "%Y-%m-%d")
            .ok()
            .filter(|d| YEARS.contains(&d.year()) && text.len() == 10);
        date.or_else(|| {
            let detail = say!(
                "须为 1900 至 2100 年间的日期，如 2020-03-13",
                "must be a date from 1900 to 2100, as 2020-03-13"
            );
            errors.push(FieldError::new(at, "invalid_date", detail));
            None
        })
    }
}

impl Input for Timestamp {
    fn read(value: &Value, at: &str, errors: &mut Vec<FieldError>) -> Option<Self> {
        let text = string(value, at, errors)?;
        let utc = chrono::FixedOffset::east_opt(0);
        let time = text
            .parse::<Self>()
            .ok()
            .filter(|t| utc.is_some_and(|utc| YEARS.contains(&t.date(utc).year())));
        time.or_else(|| {
            let detail = say!(
                "须为 RFC 3339 时间，如 2020-03-13T08:30:00Z",
                "must be an RFC 3339 time, as 2020-03-13T08:30:00Z"
            );
            errors.push(FieldError::new(at, "invalid_time", detail));
            None
        })
    }
}

/// A calendar year from 2000 to 2100.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Year(pub i32);

impl Input for Year {
    fn read(value: &Value, at: &str, errors: &mut Vec<FieldError>) -> Option<Self> {
        number(value, at, errors, 2000, 2100)
            .and_then(|n| i32::try_from(n).ok())
            .map(Self)
    }
}
impl utoipa::PartialSchema for Year {
    fn schema() -> RefOr<Schema> {
        let year = utoipa::openapi::ObjectBuilder::new()
            .schema_type(utoipa::openapi::Type::Integer)
            .minimum(Some(2000))
            .maximum(Some(2100))
            .examples([serde_json::json!(2020)]);
        year.into()
    }
}
impl utoipa::ToSchema for Year {}
