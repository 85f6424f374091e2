//! Keyset pages: stable under inserts, the same cost on every page.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use std::str::FromStr;

use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use super::types::Id;
use crate::error::{Error, FieldError, Result};
use crate::input::{Input, Text, number};
use crate::say;

/// One page of a list.
#[derive(Debug, Serialize, ToSchema)]
pub struct Page<T> {
    /// The records.
    pub items: Vec<T>,
    /// Send it back as `cursor` for the next page; null on the last.
    pub next_cursor: Option<String>,
}

/// How many records a page holds: 1 to 200, default 50.
#[derive(Debug, Clone, Copy)]
pub struct Limit(i64);

impl Input for Limit {
    fn read(value: &Value, at: &str, errors: &mut Vec<FieldError>) -> Option<Self> {
        number(value, at, errors, 1, 200).map(Self)
    }
    fn missing() -> Option<Self> {
        Some(Self(50))
    }
}
impl utoipa::PartialSchema for Limit {
    fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
        let limit = utoipa::openapi::ObjectBuilder::new()
            .schema_type(utoipa::openapi::Type::Integer)
            .minimum(Some(1))
            .maximum(Some(200))
            .default(Some(serde_json::json!(50)));
        limit.into()
    }
}
impl ToSchema for Limit {}

/// Where the last page ended, as the client holds it.
pub type Cursor = Option<Text<400>>;

/// A request for one page of the list called `list` (with its sort order, so that a cursor of another list or
/// order is refused): up to `limit` records after `after`.
pub struct Ask {
    list: &'static str,
    limit: i64,
    /// Sort key and id of the last record seen.
    pub after: Option<(String, String)>,
}

impl Ask {
    /// Understands the client's `limit` and `cursor`; a cursor from elsewhere is 400.
    pub fn new(list: &'static str, limit: Limit, cursor: &Cursor) -> Result<Self> {
        let after = cursor.as_deref().map(|text| parse(list, text)).transpose()?;
        Ok(Self {
            list,
            limit: limit.0,
            after,
        })
    }

    /// Everything on one page, for what reads a list as a whole.
    pub fn whole(list: &'static str) -> Self {
        Self {
            list,
            limit: i64::MAX - 1,
            after: None,
        }
    }

    /// Up to `limit` records after `after`, for reads by the service itself.
    pub fn after(list: &'static str, limit: i64, after: Option<(String, String)>) -> Self {
        Self { list, limit, after }
    }

    /// The next page, by the cursor that the last one gave.
    pub fn following(&self, cursor: &str) -> Result<Self> {
        Ok(Self {
            after: Some(parse(self.list, cursor)?),
            ..*self
        })
    }

    /// How many records to fetch: one more than asked, to know whether there is a next page.
    pub fn fetch(&self) -> i64 {
        self.limit + 1
    }

    /// The id of the last record seen, for lists ordered by id alone.
    pub fn after_id(&self) -> Option<&str> {
        self.after.as_ref().map(|(_, id)| id.as_str())
    }

    /// Sort key and id of the last record seen, for lists that are not ordered by id alone.
    pub fn after_key<K: FromStr, T>(&self) -> Result<Option<(K, Id<T>)>> {
        let Some((key, id)) = &self.after else {
            return Ok(None);
        };
        match (key.parse(), id.parse()) {
            (Ok(key), Ok(id)) => Ok(Some((key, id))),
            _ => Err(bad_cursor()),
        }
    }

    /// Makes the page from what was fetched; `key` gives a record's sort key and id.
    pub fn page<T>(&self, mut rows: Vec<T>, key: impl Fn(&T) -> (String, String)) -> Page<T> {
        let limit = usize::try_from(self.limit).unwrap_or(usize::MAX);
        let more = rows.len() > limit;
        rows.truncate(limit);
        let next_cursor = rows.last().filter(|_| more).map(|last| {
            let (key, id) = key(last);
            BASE64.encode(format!("{}\n{key}\n{id}", self.list))
        });
        Page {
            items: rows,
            next_cursor,
        }
    }
}

impl<T> Page<T> {
    /// The same page with each record shown as something else.
    pub fn map<U>(self, show: impl FnMut(T) -> Result<U>) -> Result<Page<U>> {
        let items = self.items.into_iter().map(show).collect::<Result<_>>()?;
        Ok(Page {
            items,
            next_cursor: self.next_cursor,
        })
    }
}

fn parse(list: &str, text: &str) -> Result<(String, String)> {
    let bytes = BASE64
        .decode(text)
        .ok()
        .and_then(|bytes| String::from_utf8(bytes).ok());
    let parts = bytes.as_deref().map(|text| text.split('\n').collect::<Vec<_>>());
    match parts.as_deref() {
        Some([of, key, id]) if *of == list && !key.contains('\0') && id.len() <= 36 && !id.contains('\0') => {
            Ok(((*key).to_owned(), (*id).to_owned()))
        }
        _ => Err(bad_cursor()),
    }
}

/// The cursor is not one this list gave out.
pub fn bad_cursor() -> Error {
    let detail = say!(
        "游标不是本列表给出的",
        "the cursor is not one that this list gave out"
    );
    Error::Malformed(vec![FieldError::new("?cursor", "bad_cursor", detail)])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_leads_on_in_its_own_list_and_nowhere_else() {
        let ask = Ask::new("files", Limit(2), &None).unwrap();
        let page = ask.page(vec![1, 2, 3], |n| (format!("k{n}"), n.to_string()));
        assert_eq!(page.items, [1, 2]);
        let cursor = crate::input::read_query::<Q>(&format!("cursor={}", page.next_cursor.unwrap()))
            .unwrap()
            .cursor;
        assert_eq!(
            Ask::new("files", Limit(2), &cursor).unwrap().after,
            Some(("k2".into(), "2".into()))
        );
        assert!(matches!(
            Ask::new("members", Limit(2), &cursor),
            Err(Error::Malformed(_))
        ));
        assert_eq!(
            ask.page(vec![1, 2], |n| (String::new(), n.to_string()))
                .next_cursor,
            None
        );
    }

    crate::parameters! {
        struct Q {
            #[param(value_type = Option<String>)]
            cursor: Cursor,
        }
    }
}
