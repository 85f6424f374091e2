//! Text that people write: trimmed, normalised, bounded, and free of characters that deceive.

use std::fmt;
use std::ops::Deref;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use unicode_normalization::UnicodeNormalization;
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::Schema;

use super::Input;
use super::values::string;
use crate::db::types::string_schema;
use crate::error::FieldError;
use crate::say;

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
    let code_and_detail = if !text.chars().any(is_visible) {
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

/// Whether a reader sees anything: no white space, joiner, filler or blank.
fn is_visible(c: char) -> bool {
    !(c.is_whitespace()
        || matches!(c, '\u{AD}' | '\u{115F}' | '\u{1160}' | '\u{200B}'..='\u{200F}' | '\u{2060}'..='\u{2064}'
            | '\u{2800}' | '\u{3164}' | '\u{FE00}'..='\u{FE0F}' | '\u{FFA0}' | '\u{E0000}'..='\u{E0FFF}'))
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
