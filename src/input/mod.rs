//! What clients may send, read field by field so that every mistake is named at once.
//!
//! [`crate::input!`] declares a body, [`crate::changes!`] one in which every field may be absent, [`crate::parameters!`] those of a query.
//! The types of the fields say what is allowed: a [`Text<40>`] is trimmed, normalised and at most 40 characters.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use crate::error::{Error, FieldError, Result};
use crate::say;

pub mod form;
mod text;
mod values;

pub use text::{Comment, Name, Prose, Reason, Text, normal_number};
use values::wrong_type;
pub use values::{MonthDay, UpTo, Year, number, one_of};

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

    /// What was sent as the field `name`, unread.
    pub fn raw(&mut self, name: &'static str) -> Option<&'a Value> {
        self.known.insert(name);
        self.object.get(name)
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
        #[derive(Clone, utoipa::ToSchema)]
        $(#[$meta])*
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::db::types::{Date, Fen};

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
