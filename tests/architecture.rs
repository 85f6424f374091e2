//! The layering rule, checked on the text of `src`.
#![allow(clippy::unwrap_used)]

use std::fs;
use std::path::Path;

/// Features in their order: each may call only earlier ones.
const FEATURES: &[&str] = &[
    "organizations",
    "users",
    "policies",
    "codes",
    "calendar",
    "funds",
    "separation",
    "duplicates",
    "members",
    "attachments",
    "bars",
    "ledger",
    "files",
    "duties",
    "insurance",
    "claims",
    "aid",
    "payments",
    "recoveries",
    "batches",
    "transfers",
    "flags",
    "audits",
    "samples",
    "watch",
    "evidence",
    "exports",
];

fn sources(dir: &Path, found: &mut Vec<(String, String)>) {
    for entry in fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|e| e == "rs") {
            found.push((path.display().to_string(), fs::read_to_string(&path).unwrap()));
        }
    }
}

fn all() -> Vec<(String, String)> {
    let mut found = Vec::new();
    sources(Path::new("src"), &mut found);
    assert!(found.len() > 30);
    found
}

fn breaches(forbidden: impl Fn(&str) -> Vec<String>) -> Vec<String> {
    let breach = |(file, text): &(String, String)| {
        let code = text.split("#[cfg(test)]").next().unwrap_or_default();
        let code: String = code
            .lines()
            .filter(|line| !line.trim_start().starts_with("//"))
            .collect();
        let words: Vec<_> = forbidden(file)
            .into_iter()
            .filter(|word| code.contains(word.as_str()))
            .collect();
        words
            .into_iter()
            .map(|word| format!("{file}: {word}"))
            .collect::<Vec<_>>()
    };
    all().iter().flat_map(breach).collect()
}

fn words(words: &[&str]) -> Vec<String> {
    words.iter().map(|w| (*w).to_owned()).collect()
}

#[test]
fn rules_are_pure_routes_know_no_sql_and_dialects_stay_in_db() {
    let broken = breaches(|file| match file {
        f if f.ends_with("rules.rs") || f.contains("/rules/") => words(&[
            "diesel::",
            "actix_web",
            "tokio",
            "Timestamp::now",
            "db::Conn",
            "db::Tx",
            "db::Rx",
            "db::{",
        ]),
        f if f.ends_with("http.rs") => words(&["diesel::", "schema::", "Conn::"]),
        f if f.ends_with("store.rs") => words(&["actix_web", "Conn::Sqlite", "Conn::Postgres"]),
        f if f.starts_with("src/db/") => vec![],
        _ => words(&["Conn::Sqlite", "Conn::Postgres"]),
    });
    assert!(broken.is_empty(), "{broken:#?}");
}

#[test]
fn a_feature_calls_only_earlier_features() {
    let broken = breaches(|file| {
        let feature = FEATURES
            .iter()
            .position(|feature| file.starts_with(&format!("src/{feature}/")));
        let later = feature.map_or(&[][..], |at| &FEATURES[at + 1..]);
        later
            .iter()
            .map(|feature| format!("crate::{feature}::"))
            .collect()
    });
    // the ledger of a file bears the file's id: a type, nothing to call
    let broken: Vec<_> = broken
        .into_iter()
        .filter(|breach| breach != "src/ledger/mod.rs: crate::files::")
        .collect();
    assert!(broken.is_empty(), "{broken:#?}");
}

#[test]
fn only_one_place_reads_the_clock_and_makes_ids() {
    let broken = breaches(|file| match file {
        "src/db/types.rs" => vec![],
        _ => words(&[
            "Utc::now",
            "Local::now",
            "SystemTime::now",
            "Uuid::now_v7",
            "Uuid::new_v4",
        ]),
    });
    assert!(broken.is_empty(), "{broken:#?}");
}

#[test]
fn every_module_says_what_it_is() {
    let silent: Vec<_> = all()
        .into_iter()
        .filter(|(_, text)| !text.starts_with("//!"))
        .map(|(file, _)| file)
        .collect();
    assert!(silent.is_empty(), "{silent:#?}");
}

/// How the names of actions end that show, export, print or search.
const LOOKS: &[&str] = &[
    "audit.read",
    "report.read",
    ".revealed",
    "attachment_opened",
    "past_read",
    "sealed_read",
    ".unsealed",
    ".downloaded",
    ".exported",
    ".printed",
    ".searched",
];

#[test]
fn what_shows_exports_prints_or_searches_is_told_from_a_change() {
    let is_action = |word: &&str| {
        let named = |c: char| c.is_ascii_lowercase() || c == '_' || c == '.';
        word.chars().all(named)
            && LOOKS
                .iter()
                .any(|end| word.ends_with(end) && !word.starts_with('.'))
    };
    let all = all();
    let actions: Vec<_> = all
        .iter()
        .filter(|(file, _)| !file.starts_with("src/audit/look.rs"))
        .flat_map(|(_, text)| text.split('"').filter(is_action))
        .collect();
    assert!(actions.len() > 10, "{actions:?}");
    let changes: Vec<_> = actions
        .into_iter()
        .filter(|action| bangfu::audit::Look::of(action) == bangfu::audit::Look::Changed)
        .collect();
    assert!(changes.is_empty(), "{changes:?}");
}
