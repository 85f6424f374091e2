//! What of the records goes into a pack, and which commitments are opened. Values in, verdict out.

use std::collections::BTreeSet;

use serde_json::{Map, Value};
use uuid::Uuid;

/// The ids of the records in a section: events about them belong to the pack.
pub fn ids(section: &Value) -> Vec<String> {
    let records = match section {
        Value::Array(records) => records.iter().collect(),
        record => vec![record],
    };
    let id = |record: &&Value| record["id"].as_str().map(str::to_owned);
    records.iter().filter_map(id).collect()
}

/// Every id that the sections name, whatever of.
pub fn named(sections: &Map<String, Value>) -> Vec<String> {
    fn walk(value: &Value, found: &mut BTreeSet<String>) {
        match value {
            Value::String(text) if text.len() == 36 && text.parse::<Uuid>().is_ok() => {
                found.insert(text.clone());
            }
            Value::Array(items) => items.iter().for_each(|item| walk(item, found)),
            Value::Object(fields) => fields.values().for_each(|field| walk(field, found)),
            _ => {}
        }
    }
    let mut found = BTreeSet::new();
    sections.values().for_each(|section| walk(section, &mut found));
    found.into_iter().collect()
}

/// Whether the value of a field is nobody's personal value: an amount, a state, a day, an id, a count.
pub fn may_open(field: &str) -> bool {
    const ENDS: &[&str] = &["_fen", "_on", "_at", "_id", "_hash", "_year", "_count"];
    const NAMES: &[&str] = &[
        "status",
        "stage",
        "kind",
        "period",
        "year",
        "level",
        "lines",
        "size_bytes",
        "part",
        "to",
        "by",
    ];
    NAMES.contains(&field) || ENDS.iter().any(|end| field.ends_with(end))
}

/// What a record in the sections says of a field, if it is there and may be opened.
pub fn present<'a>(sections: &'a Map<String, Value>, id: &str, field: &str) -> Option<&'a Value> {
    let records = sections.values().flat_map(|section| match section {
        Value::Array(records) => records.iter().collect(),
        record => vec![record],
    });
    let mut of_id = records.filter(|record| record["id"] == id);
    of_id
        .find_map(|record| record.get(field))
        .filter(|_| may_open(field))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_is_personal_is_not_opened() {
        for open in ["amount_fen", "status", "paid_on", "claim_id", "stage"] {
            assert!(may_open(open), "{open}");
        }
        for closed in [
            "name",
            "id_number",
            "phone",
            "payee",
            "illness",
            "details",
            "household",
            "means",
        ] {
            assert!(!may_open(closed), "{closed}");
        }
    }

    #[test]
    fn the_records_of_a_section_and_all_that_they_name_are_found() {
        let id = "01900000-0000-7000-8000-000000000001";
        let other = "01900000-0000-7000-8000-000000000002";
        let section = json!([{ "id": id, "made_by": other, "amount_fen": 5 }]);
        assert_eq!(ids(&section), [id]);
        let sections = Map::from_iter([("payment".to_owned(), section)]);
        assert_eq!(named(&sections), [id, other]);
        assert_eq!(present(&sections, id, "amount_fen"), Some(&json!(5)));
        assert_eq!(present(&sections, id, "made_by"), None);
        assert_eq!(present(&sections, other, "amount_fen"), None);
    }
}
