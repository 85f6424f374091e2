//! JSON read so that no two readers can understand it differently: no name twice in an object.

use std::fmt;

use serde::de::{Deserialize, Deserializer, Error as _, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};

/// A value none of whose objects has a name twice.
struct Strict(Value);

impl<'de> Deserialize<'de> for Strict {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Reader).map(Self)
    }
}

struct Reader;

impl<'de> Visitor<'de> for Reader {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str("JSON")
    }
    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }
    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }
    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(value.into())
    }
    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(value.into())
    }
    fn visit_f64<E: serde::de::Error>(self, value: f64) -> Result<Value, E> {
        let number = Number::from_f64(value).ok_or_else(|| E::custom("no number"))?;
        Ok(Value::Number(number))
    }
    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(value.into())
    }
    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let mut list = Vec::new();
        while let Some(Strict(item)) = items.next_element()? {
            list.push(item);
        }
        Ok(Value::Array(list))
    }
    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Value, A::Error> {
        let mut object = Map::new();
        while let Some((name, Strict(value))) = entries.next_entry::<String, Strict>()? {
            if object.insert(name, value).is_some() {
                return Err(A::Error::custom("a name twice"));
            }
        }
        Ok(Value::Object(object))
    }
}

/// Reads JSON; `None` when it is none, or says something twice.
pub fn read(bytes: &[u8]) -> Option<Value> {
    serde_json::from_slice(bytes).ok().map(|Strict(value)| value)
}

/// Whether all numbers are whole and within what every reader holds exactly.
pub(super) fn is_whole(value: &Value) -> bool {
    const MOST: i64 = (1 << 53) - 1;
    match value {
        Value::Number(number) => number.as_i64().is_some_and(|n| (-MOST..=MOST).contains(&n)),
        Value::Array(items) => items.iter().all(is_whole),
        Value::Object(fields) => fields.values().all(is_whole),
        _ => true,
    }
}

/// Reads JSON that is written in its canonical form (RFC 8785), to the byte.
pub(super) fn canonical(bytes: &[u8]) -> Option<Value> {
    let value = read(bytes)?;
    let written = serde_json_canonicalizer::to_vec(&value).ok()?;
    (is_whole(&value) && written == bytes).then_some(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_said_twice_or_not_canonically_is_not_read() {
        assert!(canonical(br#"{"a":1,"b":[null,true,"x"]}"#).is_some());
        for wrong in [
            r#"{"a":1,"a":2}"#,
            r#"{"b":1,"a":2}"#,
            r#"{"a":1.5}"#,
            r#"{"a":1.0}"#,
            r#"{"a":-0}"#,
            r#"{"a": 1}"#,
            r#"{"a":9007199254740992}"#,
            r#"{"a":"\u0041"}"#,
            "{}\n",
            "\u{feff}{}",
            "",
        ] {
            assert!(canonical(wrong.as_bytes()).is_none(), "{wrong}");
        }
        assert!(read(br#"{"a":{"b":1,"b":2}}"#).is_none());
    }
}
