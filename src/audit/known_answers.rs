//! The known answers in `tests/vectors`: of RFC 6962, of signed notes, and packs that the Python tool's tests wrote.

use std::path::{Path, PathBuf};

use serde_json::Value;

use super::pack::{self, Question};
use super::tree::{self, Frontier, Hash, Place, extends, includes, unhex};
use crate::keyring::hex;
use crate::note::{Note, Verifier};

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/vectors")
}

fn vectors(name: &str) -> Value {
    serde_json::from_slice(&std::fs::read(folder().join(name)).unwrap()).unwrap()
}

fn list(of: &Value) -> &[Value] {
    of.as_array().unwrap()
}

fn hash(text: &Value) -> Hash {
    unhex(text.as_str().unwrap()).unwrap()
}

fn number(n: &Value) -> u64 {
    n.as_u64().unwrap()
}

#[test]
fn trees_and_proofs_are_those_of_certificate_transparency() {
    let vectors = vectors("rfc6962.json");
    let leaves: Vec<Hash> = list(&vectors["leaf_hashes"]).iter().map(hash).collect();
    let root = |size: u64| {
        let mut tree = Frontier::default();
        leaves[..usize::try_from(size).unwrap()]
            .iter()
            .for_each(|leaf| tree.push(*leaf));
        tree.root()
    };
    let mut stored = |(level, place): Place| -> Result<Hash, ()> {
        let width = 1 << level;
        let from = usize::try_from(place).unwrap() * width;
        let mut tree = Frontier::default();
        leaves[from..from + width]
            .iter()
            .for_each(|leaf| tree.push(*leaf));
        Ok(tree.root())
    };
    for one in list(&vectors["roots"]) {
        assert_eq!(root(number(&one["size"])), hash(&one["root"]));
    }
    for one in list(&vectors["inclusion"]) {
        let (index, size) = (number(&one["index"]), number(&one["size"]));
        let known: Vec<Hash> = list(&one["proof"]).iter().map(hash).collect();
        assert_eq!(tree::inclusion(index, size, &mut stored), Ok(known.clone()));
        assert!(includes(
            &root(size),
            size,
            index,
            &leaves[usize::try_from(index).unwrap()],
            &known
        ));
    }
    for one in list(&vectors["consistency"]) {
        let (old, new) = (number(&one["old"]), number(&one["new"]));
        let known: Vec<Hash> = list(&one["proof"]).iter().map(hash).collect();
        assert_eq!(tree::consistency(old, new, &mut stored), Ok(known.clone()));
        assert!(extends(old, &root(old), new, &root(new), &known));
    }
}

#[test]
fn notes_and_keys_are_taken_and_refused_as_elsewhere() {
    let vectors = vectors("signed-note.json");
    for one in list(&vectors["good"]) {
        let note: Note = one["note"].as_str().unwrap().parse().unwrap();
        for signed in list(&one["signed_by"]) {
            let key: Verifier = signed["key"].as_str().unwrap().parse().unwrap();
            assert_eq!(key.to_string(), signed["key"]);
            assert_eq!(note.signed_by(&key), Some(signed["time"].as_u64()), "{one}");
        }
    }
    for one in list(&vectors["bad"]) {
        let note: Result<Note, ()> = one["note"].as_str().unwrap().parse();
        let keys: Vec<Verifier> = list(&one["keys"])
            .iter()
            .map(|key| key.as_str().unwrap().parse().unwrap())
            .collect();
        let taken = note.is_ok_and(|note| {
            keys.iter().any(|key| note.claims(key))
                && keys
                    .iter()
                    .all(|key| !note.claims(key) || note.signed_by(key).is_some())
        });
        assert!(!taken, "{one}");
    }
    for one in list(&vectors["bad_keys"]) {
        let key = one.as_str().or_else(|| one["key"].as_str()).unwrap();
        assert!(key.parse::<Verifier>().is_err(), "{key}");
    }
}

#[test]
fn what_the_python_tool_wrote_holds_here_and_not_one_bit_of_it_may_change() {
    let log = folder().join("log");
    let keys = vectors("log/keys.json");
    let question = Question {
        key: Some(keys["log"].as_str().unwrap().parse().unwrap()),
        known: ["checkpoint-3.note", "checkpoint-9.note"]
            .map(|name| (name.to_owned(), std::fs::read_to_string(log.join(name)).unwrap()))
            .into(),
        witnesses: Vec::new(),
    };
    let packs = |names: &[&str]| names.iter().map(|name| log.join(name)).collect::<Vec<_>>();
    let whole = pack::check(&packs(&["pack-1-9"]), &[], &question).unwrap();
    assert_eq!((whole.from, whole.to, whole.head.size), (1, 9, 9));
    let parts = pack::check(&packs(&["pack-9-9", "pack-1-5", "pack-6-8"]), &[], &question).unwrap();
    assert_eq!(
        (parts.from, parts.to, hex(&parts.head.root)),
        (1, 9, hex(&whole.head.root))
    );
    assert!(
        pack::check(&packs(&["pack-1-5", "pack-9-9"]), &[], &question).is_err(),
        "a gap"
    );
    let alone = Question {
        known: Vec::new(),
        ..question.clone()
    };
    let evidence = std::fs::read(log.join("evidence.json")).unwrap();
    let (noted, events, openings) = pack::check_evidence(&evidence, &alone, true).unwrap();
    assert!(events > 0 && openings > 0);
    let sample = std::fs::read(log.join("sample.json")).unwrap();
    let (drawn_from, drawn) = crate::samples::check(&sample, &alone, true).unwrap();
    assert!(drawn > 0);
    pack::check(&packs(&["pack-1-9"]), &[noted, drawn_from], &question).unwrap();
    every_bit(&log.join("pack-9-9"), &alone);
}

/// Flips one bit of every third byte of a pack, one after the other: none may pass.
fn every_bit(pack: &Path, question: &Question) {
    let copy = tempfile::tempdir().unwrap();
    let names = [
        "README.txt",
        "checkpoints.jsonl",
        "events.jsonl",
        "manifest.json",
        "manifest.note",
        "proof.json",
    ];
    for name in names {
        std::fs::copy(pack.join(name), copy.path().join(name)).unwrap();
    }
    let dirs = [copy.path().to_owned()];
    pack::check(&dirs, &[], question).unwrap();
    for name in names {
        let (file, sound) = (copy.path().join(name), std::fs::read(pack.join(name)).unwrap());
        for at in (0..sound.len()).step_by(3) {
            let mut changed = sound.clone();
            changed[at] ^= 1 << (at % 8);
            std::fs::write(&file, &changed).unwrap();
            assert!(pack::check(&dirs, &[], question).is_err(), "{name}, byte {at}");
        }
        std::fs::write(&file, sound).unwrap();
    }
}
