//! What clients may send, read field by field so that every mistake is named at once.
//!
//! [`crate::input!`] declares a body, [`crate::changes!`] one in which every field may be absent, [`crate::parameters!`] those of a query.
//! The types of the fields say what is allowed: a [`Text<40>`] is trimmed, normalised and at most 40 characters.

use std::collections::BTreeSet;
use std::fmt;
use std::ops::Deref;
use std::str::FromStr;

use chrono::Datelike;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use unicode_normalization::UnicodeNormalization;
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::Schema;

use crate::db::types::{Date, Fen, Id, Timestamp, string_schema};
use crate::error::{Error, FieldError, Result};
use crate::say;

/// Something that can be read from JSON.
pub trait Input: Sized {
    /// Reads `value`, which stands at the JSON pointer `at`; what is wrong with it goes to `errors`.
    fn read(value: &Value, at: &str, errors: &mut Vec<FieldError>) -> Option<Self>;

    /// What a missing field stands for; `None` when the field is required.
    fn missing() -> Option<Self> {
        None
    }
}

/// Code of a field or parameter that does not exist: the one mistake that is 400 rather than 422.
const UNKNOWN_FIELD: &str = "unknown_field";

/// Reads a whole body.
pub fn read_body<T: Input>(bytes: &[u8]) -> Result<T> {
    let value = parse(bytes)?;
    let mut errors = Vec::new();
    match (T::read(&value, "", &mut errors), errors.is_empty()) {
        (Some(body), true) => Ok(body),
        _ if errors.iter().any(|e| e.code == UNKNOWN_FIELD) => {
            errors.retain(|e| e.code == UNKNOWN_FIELD);
            Err(Error::Malformed(errors))
        }
        _ => Err(Error::Invalid(errors)),
    }
}

/// Reads a query string; every mistake in it is 400.
pub fn read_query<T: Input>(query: &str) -> Result<T> {
    let malformed =
        |name: &str, detail| Error::Malformed(vec![FieldError::new(format!("?{name}"), "invalid", detail)]);
    let mut object = Map::new();
    for part in query.split('&').filter(|part| !part.is_empty()) {
        let (name, value) = part.split_once('=').unwrap_or((part, ""));
        let (Some(name), Some(value)) = (decode(name), decode(value)) else {
            return Err(malformed(
                "",
                say!(
                    "查询串编码有误",
                    "the query string is not valid percent-encoded UTF-8"
                ),
            ));
        };
        if object.insert(name.clone(), Value::String(value)).is_some() {
            return Err(malformed(&name, say!("参数重复", "the parameter is given twice")));
        }
    }
    let mut errors = Vec::new();
    match (
        T::read(&Value::Object(object), "?", &mut errors),
        errors.is_empty(),
    ) {
        (Some(parameters), true) => Ok(parameters),
        _ => Err(Error::Malformed(errors)),
    }
}

/// Undoes percent-encoding and `+`; `None` when the result is not UTF-8 or an escape is broken.
fn decode(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'+' => b' ',
            b'%' => {
                let digits = [rest.next()?, rest.next()?];
                u8::from_str_radix(std::str::from_utf8(&digits).ok()?, 16).ok()?
            }
            other => other,
        });
    }
    String::from_utf8(bytes).ok()
}

/// Parses JSON. A lone surrogate can't be a Rust string; it is turned into NUL so that the field that holds it
/// is named and refused like every other forbidden character.
fn parse(bytes: &[u8]) -> Result<Value> {
    let malformed = |e: serde_json::Error| {
        let (line, column) = (e.line(), e.column());
        let detail = say!(
            "第 {line} 行第 {column} 列不是合法的 JSON",
            "not valid JSON at line {line}, column {column}"
        );
        Error::Malformed(vec![FieldError::new("", "invalid_json", detail)])
    };
    let text = std::str::from_utf8(bytes).map_err(|_| {
        Error::Malformed(vec![FieldError::new(
            "",
            "invalid_utf8",
            say!("不是 UTF-8 编码", "not UTF-8"),
        )])
    })?;
    serde_json::from_str(text).or_else(|e| match without_lone_surrogates(text) {
        Some(mended) => serde_json::from_str(&mended).map_err(malformed),
        None => Err(malformed(e)),
    })
}

/// `text` with each escaped lone surrogate replaced by an escaped NUL; `None` when there is none.
fn without_lone_surrogates(text: &str) -> Option<String> {
    let unit = |at: usize| {
        let escape = text.get(at..at + 6).filter(|e| e.starts_with("\\u"))?;
        u16::from_str_radix(&escape[2..], 16).ok()
    };
    let mut mended = String::with_capacity(text.len());
    let (mut at, mut found) = (0, false);
    while let Some(c) = text[at..].chars().next() {
        let (taken, replaced) = match (c, unit(at)) {
            ('\\', Some(0xD800..=0xDBFF)) if matches!(unit(at + 6), Some(0xDC00..=0xDFFF)) => (12, false),
            ('\\', Some(0xD800..=0xDFFF)) => (6, true),
            ('\\', _) => (1 + text[at + 1..].chars().next().map_or(0, char::len_utf8), false),
            _ => (c.len_utf8(), false),
        };
        mended.push_str(if replaced {
            "\\u0000"
        } else {
            &text[at..at + taken]
        });
        found |= replaced;
        at += taken;
    }
    found.then_some(mended)
}

/// The fields of one JSON object, taken out by name; what is left over at the end is unknown.
pub struct Fields<'a> {
    object: &'a Map<String, Value>,
    at: &'a str,
    known: BTreeSet<&'static str>,
}

impl<'a> Fields<'a> {
    /// The fields of `value`, if it is an object.
    pub fn of(value: &'a Value, at: &'a str, errors: &mut Vec<FieldError>) -> Option<Self> {
        match value {
            Value::Object(object) => Some(Self {
                object,
                at,
                known: BTreeSet::new(),
            }),
            _ => {
                errors.push(wrong_type(at, "对象", "an object"));
                None
            }
        }
    }

    fn pointer(&self, name: &str) -> String {
        if self.at == "?" {
            format!("?{name}")
        } else {
            format!("{}/{}", self.at, name.replace('~', "~0").replace('/', "~1"))
        }
    }

    /// The field `name`, or what its absence means.
    pub fn take<T: Input>(&mut self, name: &'static str, errors: &mut Vec<FieldError>) -> Option<T> {
        self.known.insert(name);
        match self.object.get(name) {
            Some(value) => T::read(value, &self.pointer(name), errors),
            None => T::missing().or_else(|| {
                errors.push(FieldError::new(
                    self.pointer(name),
                    "required",
                    say!("必填", "required"),
                ));
                None
            }),
        }
    }

    /// The field `name` if it is there at all.
    pub fn present<T: Input>(
        &mut self,
        name: &'static str,
        errors: &mut Vec<FieldError>,
    ) -> Option<Option<T>> {
        self.known.insert(name);
        match self.object.get(name) {
            Some(value) => T::read(value, &self.pointer(name), errors).map(Some),
            None => Some(None),
        }
    }

    /// Names every field that nobody took.
    pub fn finish(self, errors: &mut Vec<FieldError>) {
        for name in self
            .object
            .keys()
            .filter(|name| !self.known.contains(name.as_str()))
        {
            errors.push(FieldError::new(
                self.pointer(name),
                UNKNOWN_FIELD,
                say!("没有这个字段", "there is no such field"),
            ));
        }
    }
}

/// Declares a request body; see the module's documentation.
#[macro_export]
macro_rules! input {
    ($(#[$meta:meta])* $vis:vis struct $name:ident { $($(#[$fmeta:meta])* $fvis:vis $field:ident: $type:ty),* $(,)? }) => {
        #[derive(Clone, utoipa::ToSchema)]
        $(#[$meta])*
        $vis struct $name { $($(#[$fmeta])* $fvis $field: $type),* }

        impl $crate::input::Input for $name {
            fn read(value: &serde_json::Value, at: &str, errors: &mut Vec<$crate::error::FieldError>) -> Option<Self> {
                #[allow(unused_mut)]
                let mut fields = $crate::input::Fields::of(value, at, errors)?;
                $(let $field = fields.take::<$type>(stringify!($field), errors);)*
                fields.finish(errors);
                Some(Self { $($field: $field?),* })
            }
        }
    };
}

/// Declares the query parameters of a call.
#[macro_export]
macro_rules! parameters {
    ($(#[$meta:meta])* $vis:vis struct $name:ident { $($(#[$fmeta:meta])* $field:ident: $type:ty),* $(,)? }) => {
        #[derive(Clone, utoipa::IntoParams)]
        #[into_params(parameter_in = Query)]
        $(#[$meta])*
        $vis struct $name { $($(#[$fmeta])* $field: $type),* }

        impl $crate::input::Input for $name {
            fn read(value: &serde_json::Value, at: &str, errors: &mut Vec<$crate::error::FieldError>) -> Option<Self> {
                let mut fields = $crate::input::Fields::of(value, at, errors)?;
                $(let $field = fields.take::<$type>(stringify!($field), errors);)*
                fields.finish(errors);
                Some(Self { $($field: $field?),* })
            }
        }
    };
}

/// Declares the body of a PATCH: every field may be absent, and absent means unchanged.
#[macro_export]
macro_rules! changes {
    ($(#[$meta:meta])* $vis:vis struct $name:ident { $($(#[$fmeta:meta])* $fvis:vis $field:ident: $type:ty),* $(,)? }) => {
        $(#[$meta])*
        #[derive(Clone, utoipa::ToSchema)]
        $vis struct $name { $($(#[$fmeta])* $fvis $field: Option<$type>),* }

        impl $crate::input::Input for $name {
            fn read(value: &serde_json::Value, at: &str, errors: &mut Vec<$crate::error::FieldError>) -> Option<Self> {
                let mut fields = $crate::input::Fields::of(value, at, errors)?;
                $(let $field = fields.present::<$type>(stringify!($field), errors);)*
                fields.finish(errors);
                Some(Self { $($field: $field?),* })
            }
        }
    };
}

/// The body of a verb that needs no input: nothing, or `{}`; and the query of a call without parameters.
pub struct Nothing;

impl Input for Nothing {
    fn read(value: &Value, at: &str, errors: &mut Vec<FieldError>) -> Option<Self> {
        Fields::of(value, at, errors)?.finish(errors);
        Some(Self)
    }
}

fn wrong_type(at: &str, zh: &str, en: &str) -> FieldError {
    FieldError::new(at, "wrong_type", say!("须为{zh}", "must be {en}"))
}

fn string<'a>(value: &'a Value, at: &str, errors: &mut Vec<FieldError>) -> Option<&'a str> {
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
        let Value::Array(items) = value else {
            errors.push(wrong_type(at, "数组", "an array"));
            return None;
        };
        if items.len() > 100 {
            errors.push(FieldError::new(
                at,
                "too_long",
                say!("最多 100 项", "at most 100 items"),
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
    fn missing() -> Option<Self> {
        Some(Vec::new())
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

/// One line of text: NFC, trimmed, 1 to `MAX` characters, no control or direction-changing characters.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Text<const MAX: usize>(String);

/// Text of several lines: like [`Text`], but may hold line feeds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Prose<const MAX: usize>(String);

/// A name of a person, unit, hospital, product.
pub type Name = Text<100>;
/// A comment or a note.
pub type Comment = Prose<2000>;

fn clean(
    value: &Value,
    at: &str,
    errors: &mut Vec<FieldError>,
    max: usize,
    line_feeds: bool,
) -> Option<String> {
    let text: String = string(value, at, errors)?.nfc().collect();
    let text = if line_feeds {
        text.replace("\r\n", "\n")
    } else {
        text
    };
    let text = text.trim_matches([' ', '\t', '\r', '\n', '\u{A0}', '\u{3000}']);
    let code_and_detail = if text.is_empty() {
        Some(("required", say!("不能为空", "must not be empty")))
    } else if text
        .chars()
        .any(|c| is_forbidden(c) && !(line_feeds && c == '\n'))
    {
        Some((
            "invalid_text",
            say!(
                "含有控制字符或改变书写方向的字符",
                "holds control or direction-changing characters"
            ),
        ))
    } else if text.chars().count() > max {
        Some(("too_long", say!("最多 {max} 个字符", "at most {max} characters")))
    } else {
        None
    };
    match code_and_detail {
        Some((code, detail)) => {
            errors.push(FieldError::new(at, code, detail));
            None
        }
        None => Some(text.to_owned()),
    }
}

/// Control characters, bidi embeddings, overrides and isolates, line and paragraph separators, noncharacters.
fn is_forbidden(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}' | '\u{2028}' | '\u{2029}' | '\u{FEFF}' | '\u{FFFE}' | '\u{FFFF}')
}

macro_rules! text_type {
    ($name:ident, $line_feeds:literal) => {
        impl<const MAX: usize> Input for $name<MAX> {
            fn read(value: &Value, at: &str, errors: &mut Vec<FieldError>) -> Option<Self> {
                clean(value, at, errors, MAX, $line_feeds).map(Self)
            }
        }
        impl<const MAX: usize> $name<MAX> {
            /// The last four characters, the rest hidden; nothing of a text that short.
            pub fn masked(&self) -> Self {
                let hidden = match self.0.chars().count() {
                    short @ ..=4 => short,
                    long => long - 4,
                };
                let mask = |(i, c)| if i < hidden { '*' } else { c };
                Self(self.0.chars().enumerate().map(mask).collect())
            }
        }
        impl<const MAX: usize> Deref for $name<MAX> {
            type Target = str;
            fn deref(&self) -> &str {
                &self.0
            }
        }
        impl<const MAX: usize> From<$name<MAX>> for String {
            fn from(text: $name<MAX>) -> Self {
                text.0
            }
        }
        impl<const MAX: usize> fmt::Display for $name<MAX> {
            fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
        impl<const MAX: usize> utoipa::PartialSchema for $name<MAX> {
            fn schema() -> RefOr<Schema> {
                string_schema(|o| o.min_length(Some(1)).max_length(Some(MAX)))
            }
        }
        impl<const MAX: usize> utoipa::ToSchema for $name<MAX> {
            fn name() -> std::borrow::Cow<'static, str> {
                format!("{}{MAX}", stringify!($name)).into()
            }
        }
    };
}
text_type!(Text, false);
text_type!(Prose, true);

/// A reason that goes into the log for ever: 1 to 200 characters without anything that looks like an ID, phone or
/// card number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reason(String);

impl Input for Reason {
    fn read(value: &Value, at: &str, errors: &mut Vec<FieldError>) -> Option<Self> {
        let text = clean(value, at, errors, 200, false)?;
        let digits = normal_number(&text);
        if digits
            .split(|c: char| !c.is_ascii_digit())
            .any(|run| run.len() >= 7)
        {
            let detail = say!(
                "理由会永久留在日志中，请勿写入号码",
                "the reason stays in the log for ever: leave out numbers of people"
            );
            errors.push(FieldError::new(at, "personal_data", detail));
            return None;
        }
        Some(Self(text))
    }
}
impl From<Reason> for String {
    fn from(reason: Reason) -> Self {
        reason.0
    }
}
impl Deref for Reason {
    type Target = str;
    fn deref(&self) -> &str {
        &self.0
    }
}
impl utoipa::PartialSchema for Reason {
    fn schema() -> RefOr<Schema> {
        string_schema(|o| o.min_length(Some(1)).max_length(Some(200)))
    }
}
impl utoipa::ToSchema for Reason {}

/// Half-width, upper-case, without white space: how numbers typed by people are compared.
pub fn normal_number(text: &str) -> String {
    text.nfkc()
        .filter(|c| !c.is_whitespace())
        .flat_map(char::to_uppercase)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    input! {
        #[allow(dead_code)] // only read
        struct Sample { name: Text<5>, note: Option<Prose<10>>, amount_fen: Fen, day: Date, many: Vec<Year> }
    }

    fn mistakes(json: &str) -> Vec<(String, &'static str)> {
        match read_body::<Sample>(json.as_bytes()) {
            Ok(_) => vec![],
            Err(Error::Malformed(errors) | Error::Invalid(errors)) => {
                errors.into_iter().map(|e| (e.pointer, e.code)).collect()
            }
            Err(other) => panic!("{other}"),
        }
    }

    #[test]
    fn every_mistake_is_named_at_once() {
        let found =
            mistakes(r#"{"name": " ", "note": 5, "amount_fen": -1, "day": "2021-02-31", "many": [2020, 1]}"#);
        let expected = [
            ("/name", "required"),
            ("/note", "wrong_type"),
            ("/amount_fen", "out_of_range"),
            ("/day", "invalid_date"),
            ("/many/1", "out_of_range"),
        ];
        assert_eq!(found, expected.map(|(p, c)| (p.to_owned(), c)));
    }

    #[test]
    fn an_unknown_field_is_malformed_and_named_by_its_escaped_pointer() {
        let json = br#"{"name": "a", "amount_fen": 1, "day": "2020-02-29", "x/y": 1}"#;
        assert!(matches!(read_body::<Sample>(json), Err(Error::Malformed(e)) if e[0].pointer == "/x~1y"));
    }

    #[test]
    fn text_is_trimmed_and_normalised_and_forbidden_characters_are_refused() {
        let read = |json: &str| {
            read_body::<Sample>(
                format!(r#"{{"name": "{json}", "amount_fen": 1, "day": "2020-02-29"}}"#).as_bytes(),
            )
        };
        assert_eq!(&*read(" e\\u0301 ").unwrap().name, "é");
        assert_eq!(&*read("<b>%").unwrap().name, "<b>%");
        assert_eq!(&*read("\\ud83d\\ude00").unwrap().name, "😀");
        for bad in [
            "\\u0000",
            "a\\ud800",
            "\\udc00b",
            "a\\u202eb",
            "a\\nb",
            "\\u0085x",
        ] {
            assert!(
                matches!(read(bad), Err(Error::Invalid(e)) if e[0].pointer == "/name"),
                "{bad}"
            );
        }
    }

    #[test]
    fn numbers_beyond_the_range_of_floats_are_not_json() {
        assert!(matches!(
            read_body::<Sample>(br#"{"amount_fen": 1e400}"#),
            Err(Error::Malformed(_))
        ));
        assert_eq!(
            mistakes(r#"{"name": "a", "amount_fen": 1.5, "day": "2020-02-29"}"#),
            [("/amount_fen".to_owned(), "out_of_range")]
        );
    }

    #[test]
    fn a_query_refuses_unknown_repeated_and_badly_encoded_parameters() {
        parameters! {
            struct Q {
                #[param(value_type = Option<i64>)]
                limit: Option<Year>,
                #[param(value_type = Option<String>)]
                name: Option<Text<5>>,
            }
        }
        assert_eq!(read_query::<Q>("limit=2020").unwrap().limit, Some(Year(2020)));
        assert_eq!(
            read_query::<Q>("name=a%20b").unwrap().name.as_deref(),
            Some("a b")
        );
        for bad in [
            "limit=x",
            "limit=2020&limit=2020",
            "other=1",
            "name=%ff",
            "name=%0",
            "name=%00",
            "limit=9999999999999999999",
        ] {
            assert!(matches!(read_query::<Q>(bad), Err(Error::Malformed(_))), "{bad}");
        }
    }
}
