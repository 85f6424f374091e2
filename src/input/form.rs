//! Forms: what a paper form asks, as a table of fields. A filled-in form is a map by field name, so that what is
//! missing, what changed and what is masked follow from the table.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{ObjectBuilder, Schema};

use super::{Fields, Input, Prose, Text, normal_number};
use crate::db::types::{Date, string_schema};
use crate::error::FieldError;
use crate::identity::{Mobile, mask_account};

/// What a field of a form takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A code of the named list, valid on the day of writing.
    Code(&'static str),
    /// A line of at most 100 characters.
    Line,
    /// Several lines of at most 1,000 characters.
    Lines,
    /// Yes or no.
    Flag,
    /// A day.
    Day,
    /// A mobile phone number.
    Phone,
    /// An account number: letters and digits, compared half-width without blanks.
    Account,
}

/// A field of a form.
#[derive(Debug, Clone, Copy)]
pub struct Field {
    /// Its name in JSON.
    pub name: &'static str,
    /// What it takes.
    pub kind: Kind,
    /// Whether the paper form marks it with a star: needed before the file is handed in (24).
    pub starred: bool,
    /// Whether answers mask it (87).
    pub secret: bool,
    /// What it means, for the API document.
    pub help: &'static str,
}

impl Field {
    /// A field that may stay empty and is shown.
    pub const fn new(name: &'static str, kind: Kind, help: &'static str) -> Self {
        Self {
            name,
            kind,
            starred: false,
            secret: false,
            help,
        }
    }

    /// The same, but marked with a star.
    #[must_use]
    pub const fn starred(self) -> Self {
        Self {
            starred: true,
            ..self
        }
    }

    /// The same, but masked.
    #[must_use]
    pub const fn secret(self) -> Self {
        Self { secret: true, ..self }
    }

    /// A value of this field as it is shown.
    pub fn masked(&self, value: Value) -> Value {
        match value {
            Value::String(text) if self.secret => json!(mask(self.kind, &text)),
            value => value,
        }
    }

    fn read(&self, value: &Value, at: &str, errors: &mut Vec<FieldError>) -> Option<Value> {
        match self.kind {
            _ if value.is_null() => Some(Value::Null),
            Kind::Code(_) => Text::<60>::read(value, at, errors).map(|text| json!(&*text)),
            Kind::Line => Text::<100>::read(value, at, errors).map(|text| json!(&*text)),
            Kind::Lines => Prose::<1000>::read(value, at, errors).map(|text| json!(&*text)),
            Kind::Flag => bool::read(value, at, errors).map(Value::from),
            Kind::Day => Date::read(value, at, errors).map(|day| json!(day)),
            Kind::Phone => Mobile::read(value, at, errors).map(|phone| json!(phone.as_str())),
            Kind::Account => Text::<40>::read(value, at, errors).map(|text| json!(normal_number(&text))),
        }
    }

    fn schema(&self) -> RefOr<Schema> {
        let described = |o: ObjectBuilder| o.description(Some(self.help));
        match self.kind {
            Kind::Flag => described(ObjectBuilder::new().schema_type(utoipa::openapi::Type::Boolean)).into(),
            Kind::Code(_) => string_schema(|o| described(o).max_length(Some(60))),
            Kind::Line => string_schema(|o| described(o).max_length(Some(100))),
            Kind::Lines => string_schema(|o| described(o).max_length(Some(1000))),
            Kind::Day => string_schema(|o| {
                described(o).format(Some(utoipa::openapi::SchemaFormat::KnownFormat(
                    utoipa::openapi::KnownFormat::Date,
                )))
            }),
            Kind::Phone | Kind::Account => string_schema(|o| described(o).max_length(Some(40))),
        }
    }
}

/// A form as filled in: values by field name; what was not filled in is absent.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Content(BTreeMap<String, Value>);

impl Content {
    /// Reads what was sent about `form`; a null stands for "empty this field".
    pub fn read(
        form: &'static [Field],
        value: &Value,
        at: &str,
        errors: &mut Vec<FieldError>,
    ) -> Option<Self> {
        let mut fields = Fields::of(value, at, errors)?;
        let mut content = BTreeMap::new();
        for field in form {
            if let Some(sent) = fields.raw(field.name) {
                let read = field.read(sent, &format!("{at}/{}", field.name), errors);
                content.extend(read.map(|value| (field.name.to_owned(), value)));
            }
        }
        fields.finish(errors);
        Some(Self(content))
    }

    /// This form with the fields of `change` written over it.
    #[must_use]
    pub fn with(mut self, change: Self) -> Self {
        self.0.extend(change.0);
        self.0.retain(|_, value| !value.is_null());
        self
    }

    /// The names of the fields that differ.
    pub fn differing(&self, form: &'static [Field], other: &Self) -> Vec<&'static str> {
        let differs = |field: &&Field| self.0.get(field.name) != other.0.get(field.name);
        form.iter().filter(differs).map(|field| field.name).collect()
    }

    /// The starred fields that are empty.
    pub fn missing(&self, form: &'static [Field]) -> Vec<&'static str> {
        let empty = |field: &&Field| field.starred && !self.0.contains_key(field.name);
        form.iter().filter(empty).map(|field| field.name).collect()
    }

    /// The codes that are filled in, with the list of each.
    pub fn codes(&self, form: &'static [Field]) -> Vec<(&'static str, &'static str, &str)> {
        let code = |field: &Field| match (field.kind, self.0.get(field.name)?.as_str()) {
            (Kind::Code(list), Some(code)) => Some((field.name, list, code)),
            _ => None,
        };
        form.iter().filter_map(code).collect()
    }

    /// The value of a field in clear; null when it is empty.
    pub fn value(&self, name: &str) -> Value {
        self.0.get(name).cloned().unwrap_or(Value::Null)
    }

    /// Every field of `form`, null when it is empty, the secret ones masked.
    pub fn shown(&self, form: &'static [Field]) -> Map<String, Value> {
        let show = |field: &Field| (field.name.to_owned(), field.masked(self.value(field.name)));
        form.iter().map(show).collect()
    }
}

fn mask(kind: Kind, text: &str) -> String {
    match kind {
        Kind::Phone => crate::identity::mask_phone(text),
        Kind::Account => mask_account(text),
        _ => "*".repeat(text.chars().count().min(8)),
    }
}

/// The schema of a form.
pub fn schema(form: &'static [Field], about: &'static str) -> RefOr<Schema> {
    let object = ObjectBuilder::new().description(Some(about));
    form.iter()
        .fold(object, |object, field| {
            object.property(field.name, field.schema())
        })
        .additional_properties(Some(
            utoipa::openapi::schema::AdditionalProperties::<Schema>::FreeForm(false),
        ))
        .build()
        .into()
}

/// Declares what may be sent about a form.
#[macro_export]
macro_rules! form {
    ($(#[doc = $about:literal])+ $name:ident of $fields:ident) => {
        $(#[doc = $about])+
        #[derive(Debug, Clone)]
        pub struct $name(pub $crate::input::form::Content);

        impl $crate::input::Input for $name {
            fn read(value: &serde_json::Value, at: &str, errors: &mut Vec<$crate::error::FieldError>) -> Option<Self> {
                $crate::input::form::Content::read($fields, value, at, errors).map(Self)
            }
            fn missing() -> Option<Self> {
                Some(Self(Default::default()))
            }
        }
        impl utoipa::PartialSchema for $name {
            fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
                $crate::input::form::schema($fields, concat!($($about),+))
            }
        }
        impl utoipa::ToSchema for $name {}
    };
}

#[cfg(test)]
mod tests {
    use super::*;

    const FORM: &[Field] = &[
        Field::new("health", Kind::Code("health"), "").starred(),
        Field::new("phone", Kind::Phone, "").secret(),
        Field::new("alone", Kind::Flag, "").starred(),
    ];

    fn read(value: &Value) -> (Content, Vec<String>) {
        let mut errors = Vec::new();
        let content = Content::read(FORM, value, "", &mut errors).unwrap_or_default();
        (content, errors.into_iter().map(|e| e.pointer).collect())
    }

    #[test]
    fn every_wrong_field_of_a_form_is_named() {
        let (_, wrong) = read(&json!({ "health": 1, "phone": "123", "alone": "yes", "other": 1 }));
        assert_eq!(wrong, ["/health", "/phone", "/alone", "/other"]);
    }

    #[test]
    fn a_change_keeps_what_it_does_not_name_and_null_empties_a_field() {
        let (before, _) = read(&json!({ "health": "good", "phone": "13800000000" }));
        let (change, wrong) = read(&json!({ "phone": null, "alone": true }));
        assert!(wrong.is_empty());
        let after = before.clone().with(change);
        assert_eq!(after.differing(FORM, &before), ["phone", "alone"]);
        assert_eq!(after.value("health"), "good");
        assert_eq!(before.missing(FORM), ["alone"]);
        assert!(after.missing(FORM).is_empty());
    }

    #[test]
    fn secret_fields_are_masked_and_empty_ones_null() {
        let (content, _) = read(&json!({ "phone": "13800000000" }));
        let shown = content.shown(FORM);
        assert_eq!(shown["phone"], "138****0000");
        assert_eq!(shown["health"], Value::Null);
        assert_eq!(content.codes(FORM), []);
    }
}
