//! Documents and their differences. Values in, values out.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// Everything that a file says, by the path of each value. What is null is absent.
pub type Document = BTreeMap<String, Value>;

/// A value that changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Change {
    /// Its path.
    pub field: String,
    /// Before; null when there was none.
    pub old: Value,
    /// After; null when there is none.
    pub new: Value,
}

/// Puts the fields of `value` into a document, each below `at`; those of objects inside it one level deeper.
pub fn put(document: &mut Document, at: &str, value: &Value) {
    for (name, value) in value.as_object().into_iter().flatten() {
        match value {
            Value::Null => {}
            Value::Object(_) => put(document, &format!("{at}{name}/"), value),
            _ => drop(document.insert(format!("{at}{name}"), value.clone())),
        }
    }
}

/// The fields directly below `at`, taken out of a document: the inverse of [`put`], but that nulls stay away.
pub fn below(document: &Document, at: &str) -> Map<String, Value> {
    let mut found = Map::new();
    for (path, value) in document
        .range(at.to_owned()..)
        .take_while(|(path, _)| path.starts_with(at))
    {
        match path[at.len()..].split_once('/') {
            None => drop(found.insert(path[at.len()..].to_owned(), value.clone())),
            Some((name, rest)) => {
                let inner = found.entry(name).or_insert_with(|| Value::Object(Map::new()));
                if let Value::Object(inner) = inner {
                    inner.insert(rest.to_owned(), value.clone());
                }
            }
        }
    }
    found
}

/// The ids that stand below `household/`.
pub fn people(document: &Document) -> BTreeSet<String> {
    let id = |path: &String| {
        let rest = path.strip_prefix("household/")?;
        rest.split_once('/').map(|(id, _)| id.to_owned())
    };
    document.keys().filter_map(id).collect()
}

/// What changed from `before` to `after`, in the order of the paths.
pub fn difference(before: &Document, after: &Document) -> Vec<Change> {
    let value = |document: &Document, path: &str| document.get(path).cloned().unwrap_or(Value::Null);
    let paths: BTreeSet<_> = before.keys().chain(after.keys()).collect();
    let changed = paths
        .into_iter()
        .filter(|path| before.get(*path) != after.get(*path));
    changed
        .map(|path| Change {
            field: path.clone(),
            old: value(before, path),
            new: value(after, path),
        })
        .collect()
}

/// Carries changes out on the document they were made on.
pub fn apply(document: &mut Document, changes: Vec<Change>) {
    for change in changes {
        if change.new.is_null() {
            document.remove(&change.field);
        } else {
            document.insert(change.field, change.new);
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn documents() -> impl Strategy<Value = Document> {
        let path = prop::sample::select(vec![
            "status",
            "profile/address",
            "household/a/name",
            "household/b/name",
        ]);
        let value = prop::sample::select(vec![json!("x"), json!(1), json!(true), json!(["a"])]);
        prop::collection::btree_map(path.prop_map(str::to_owned), value, 0..5)
    }

    proptest! {
        #[test]
        fn a_difference_carried_out_on_the_one_gives_the_other(before in documents(), after in documents()) {
            let mut document = before.clone();
            apply(&mut document, difference(&before, &after));
            prop_assert_eq!(document, after);
        }
    }

    #[test]
    fn what_is_put_below_a_path_is_found_below_it() {
        let person = json!({ "name": "x", "left_on": null, "details": { "health": "good" } });
        let mut document = Document::default();
        put(&mut document, "household/a/", &person);
        assert_eq!(people(&document), BTreeSet::from(["a".to_owned()]));
        let found = Value::from(below(&document, "household/a/"));
        assert_eq!(found, json!({ "name": "x", "details": { "health": "good" } }));
    }
}
