//! Packs of the log, checked by the program and by the Python tool, both of which must find every way of tampering;
//! and the witness, which finds a log that was rewritten.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use bangfu::audit::tree::{Frontier, leaf};
use bangfu::keyring::{Keyring, hex};
use bangfu::note::Head;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use crate::installation::Installation;

/// An installation with some events, and a pack of all of them.
struct Packed {
    installation: Installation,
    keys: Keyring,
}

impl Packed {
    fn new() -> Self {
        let installation = Installation::new();
        installation.start(&["demo", "--households", "2"]).stop();
        let keys = Keyring::load(&installation.data().join("keyring.json")).unwrap();
        let packed = Self { installation, keys };
        packed.export("whole", &[]);
        packed
    }

    fn dir(&self, name: &str) -> PathBuf {
        self.installation.folder().join(name)
    }

    fn export(&self, name: &str, arguments: &[&str]) -> PathBuf {
        let dir = self.dir(name);
        let place = dir.display().to_string();
        let command = [&["audit", "export", place.as_str()], arguments].concat();
        self.installation.said(&command, "");
        dir
    }

    fn key(&self) -> String {
        self.keys.log().verifier().to_string()
    }

    /// A copy of the whole pack to tamper with.
    fn copy(&self, name: &str) -> PathBuf {
        let (from, to) = (self.dir("whole"), self.dir(name));
        std::fs::create_dir(&to).unwrap();
        for file in std::fs::read_dir(from).unwrap() {
            let file = file.unwrap();
            std::fs::copy(file.path(), to.join(file.file_name())).unwrap();
        }
        to
    }

    /// What both verifiers say of some paths: whether everything holds.
    fn holds(&self, arguments: &[&str]) -> bool {
        let key = self.key();
        let arguments = [arguments, &["--key", &key]].concat();
        let ours = self
            .installation
            .run(&[&["audit", "verify"], &arguments[..]].concat(), "");
        let theirs = Command::new(python())
            .arg("tools/bangfu_audit.py")
            .arg("verify")
            .args(&arguments)
            .output()
            .unwrap();
        for output in [&ours, &theirs] {
            let said = told(output);
            assert!(
                !said.contains("Traceback") && !said.contains("panicked"),
                "{said}"
            );
            assert!(matches!(output.status.code(), Some(0 | 1)), "{said}");
        }
        assert_eq!(
            ours.status.success(),
            theirs.status.success(),
            "the two disagree about {arguments:?}:\n{}\n{}",
            told(&ours),
            told(&theirs)
        );
        ours.status.success()
    }

    /// Signs the pack anew, as only an operator with the log's key can, over whatever stands in it now.
    fn sign(&self, dir: &Path, change: impl FnOnce(&mut Value)) {
        let mut manifest: Value =
            serde_json::from_slice(&std::fs::read(dir.join("manifest.json")).unwrap()).unwrap();
        for name in ["README.txt", "checkpoints.jsonl", "events.jsonl", "proof.json"] {
            let digest = Sha256::digest(std::fs::read(dir.join(name)).unwrap());
            manifest["files"][name] = json!(hex(&digest));
        }
        change(&mut manifest);
        let bytes = serde_json_canonicalizer::to_vec(&manifest).unwrap();
        let log = self.keys.log();
        let text = format!(
            "bangfu-audit-pack/1\n{}\n{}\n",
            log.name(),
            hex(&Sha256::digest(&bytes))
        );
        std::fs::write(dir.join("manifest.json"), bytes).unwrap();
        std::fs::write(dir.join("manifest.note"), log.note(&text)).unwrap();
    }

    /// Rewrites the whole log of a pack from other events, with a head and a manifest that the log's key signs.
    fn rewrite(&self, dir: &Path, events: &[String]) {
        let mut tree = Frontier::default();
        events.iter().for_each(|line| tree.push(leaf(line.as_bytes())));
        let head = Head {
            origin: self.keys.log().name().into(),
            size: tree.size(),
            root: tree.root(),
        };
        let line = json!({ "at": "2020-05-20T04:00:00Z", "note": self.keys.log().note(&head.to_string()), "size": head.size });
        std::fs::write(dir.join("checkpoints.jsonl"), format!("{line}\n")).unwrap();
        let text: String = events.iter().map(|line| format!("{line}\n")).collect();
        std::fs::write(dir.join("events.jsonl"), text).unwrap();
        self.sign(dir, |manifest| {
            manifest["to"] = json!(head.size);
            manifest["events"] = json!(head.size);
            manifest["size"] = json!(head.size);
            manifest["root"] = json!(hex(&head.root));
        });
    }

    /// The head of the whole pack, in a file.
    fn noted(&self) -> String {
        let lines = std::fs::read_to_string(self.dir("whole").join("checkpoints.jsonl")).unwrap();
        let last: Value = serde_json::from_str(lines.lines().last().unwrap()).unwrap();
        let file = self.dir("noted.note");
        std::fs::write(&file, last["note"].as_str().unwrap()).unwrap();
        file.display().to_string()
    }
}

/// The Python that can check signatures, as the test command finds or installs it.
fn python() -> String {
    let found = Command::new("scripts/python-with-ed25519").output().unwrap();
    assert!(found.status.success(), "{}", told(&found));
    String::from_utf8(found.stdout).unwrap().trim().to_owned()
}

fn told(output: &Output) -> String {
    format!(
        "{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    )
}

fn lines(dir: &Path) -> Vec<String> {
    let text = std::fs::read_to_string(dir.join("events.jsonl")).unwrap();
    text.lines().map(str::to_owned).collect()
}

fn write_lines(dir: &Path, lines: &[String]) {
    let text: String = lines.iter().map(|line| format!("{line}\n")).collect();
    std::fs::write(dir.join("events.jsonl"), text).unwrap();
}

/// The lines with the numbers that follow each other from 1, as a forger would write them.
fn numbered(mut lines: Vec<String>) -> Vec<String> {
    for (n, line) in lines.iter_mut().enumerate() {
        let mut event: Value = serde_json::from_str(line).unwrap();
        event["seq"] = json!(n + 1);
        *line = serde_json_canonicalizer::to_string(&event).unwrap();
    }
    lines
}

#[test]
fn a_pack_holds_for_both_verifiers_and_so_do_its_parts_together() {
    let packed = Packed::new();
    let whole = packed.dir("whole").display().to_string();
    assert!(packed.holds(&[&whole]));
    assert!(packed.holds(&[&whole, "--known", &packed.noted()]));
    let events = lines(&packed.dir("whole")).len();
    let middle = (events / 2).to_string();
    let after = (events / 2 + 1).to_string();
    let first = packed.export("first", &["--to", &middle]).display().to_string();
    let second = packed.export("second", &["--from", &after]).display().to_string();
    for paths in [vec![&first], vec![&second], vec![&second, &first]] {
        let paths: Vec<&str> = paths.into_iter().map(String::as_str).collect();
        assert!(packed.holds(&paths), "{paths:?}");
    }
    assert!(
        packed.holds(&[&first, "--known", &packed.noted()]),
        "the head of both is the same"
    );
    let one = packed
        .export("one", &["--from", "3", "--to", "3"])
        .display()
        .to_string();
    assert!(packed.holds(&[&one]));
    assert!(!packed.holds(&[&first, &one]), "parts that overlap");
    let last = packed
        .export("last", &["--from", &events.to_string()])
        .display()
        .to_string();
    assert!(!packed.holds(&[&first, &last]), "parts with a gap");
}

#[test]
fn whoever_tampers_with_a_pack_is_found_out_by_both_verifiers() {
    let packed = Packed::new();
    type Attack = (&'static str, fn(&Path));
    let attacks: [Attack; 12] = [
        ("one bit of an event", |dir| flip(dir, "events.jsonl", 1000)),
        ("one bit of the last line's end", |dir| {
            flip(dir, "events.jsonl", usize::MAX)
        }),
        ("one bit of the proof", |dir| flip(dir, "proof.json", 9)),
        ("one bit of the readme", |dir| flip(dir, "README.txt", 5)),
        ("one bit of a checkpoint", |dir| {
            flip(dir, "checkpoints.jsonl", 60)
        }),
        ("one bit of the manifest", |dir| flip(dir, "manifest.json", 30)),
        ("one bit of its signature", |dir| flip(dir, "manifest.note", 150)),
        ("an event left out", |dir| {
            let mut all = lines(dir);
            all.remove(4);
            write_lines(dir, &all);
        }),
        ("two events in the wrong order", |dir| {
            let mut all = lines(dir);
            all.swap(4, 5);
            write_lines(dir, &all);
        }),
        ("an event inserted", |dir| {
            let mut all = lines(dir);
            all.insert(4, all[4].clone());
            write_lines(dir, &all);
        }),
        ("a file more", |dir| {
            std::fs::write(dir.join("more"), "x").unwrap()
        }),
        ("a file less", |dir| {
            std::fs::remove_file(dir.join("proof.json")).unwrap()
        }),
    ];
    for (n, (what, attack)) in attacks.iter().enumerate() {
        let dir = packed.copy(&format!("attack-{n}"));
        attack(&dir);
        assert!(!packed.holds(&[&dir.display().to_string()]), "{what}");
    }
}

/// Flips one bit of a file: of the byte at `at`, or of the last.
fn flip(dir: &Path, name: &str, at: usize) {
    let file = dir.join(name);
    let mut content = std::fs::read(&file).unwrap();
    let at = at.min(content.len() - 1);
    content[at] ^= 1;
    std::fs::write(file, content).unwrap();
}

#[test]
fn an_operator_with_the_logs_key_can_not_change_a_pack_behind_a_head_that_stands() {
    let packed = Packed::new();
    type Attack = (&'static str, fn(Vec<String>) -> Vec<String>);
    let attacks: [Attack; 4] = [
        ("an event changed", |mut all| {
            all[4] = all[4]
                .replace("\"system\"", "\"auditor\"")
                .replace("\"system_admin\"", "\"auditor\"");
            all
        }),
        ("an event left out", |mut all| {
            all.remove(4);
            numbered(all)
        }),
        ("two events in another order", |mut all| {
            all.swap(4, 5);
            numbered(all)
        }),
        ("an event inserted", |mut all| {
            all.insert(4, all[7].clone());
            numbered(all)
        }),
    ];
    for (n, (what, attack)) in attacks.iter().enumerate() {
        let dir = packed.copy(&format!("resigned-{n}"));
        let events = attack(lines(&dir));
        assert_ne!(events, lines(&dir), "{what}");
        write_lines(&dir, &events);
        packed.sign(&dir, |_| ());
        assert!(!packed.holds(&[&dir.display().to_string()]), "{what}");
    }
}

#[test]
fn a_log_that_its_operator_rewrote_or_cut_off_does_not_fit_a_head_that_was_noted_before() {
    let packed = Packed::new();
    let noted = packed.noted();
    let mut forged = lines(&packed.dir("whole"));
    forged.remove(4);
    forged.push(forged[9].clone());
    let cut = lines(&packed.dir("whole"))[..20].to_vec();
    for (name, events) in [("fork", numbered(forged)), ("cut", cut)] {
        let dir = packed.copy(name);
        packed.rewrite(&dir, &events);
        let dir = dir.display().to_string();
        assert!(
            packed.holds(&[&dir]),
            "{name}: alone it holds: that is why heads are noted"
        );
        assert!(!packed.holds(&[&dir, "--known", &noted]), "{name}");
    }
}

#[test]
fn a_head_of_another_log_and_a_forged_signature_are_refused() {
    let (packed, other) = (Packed::new(), Packed::new());
    let whole = packed.dir("whole").display().to_string();
    assert!(
        !other.holds(&[&whole]),
        "the key noted at installation is another"
    );
    let foreign = packed.copy("foreign");
    let theirs = std::fs::read_to_string(other.dir("whole").join("checkpoints.jsonl")).unwrap();
    let theirs = theirs.lines().last().unwrap();
    std::fs::write(foreign.join("checkpoints.jsonl"), format!("{theirs}\n")).unwrap();
    packed.sign(&foreign, |_| ());
    assert!(
        !packed.holds(&[&foreign.display().to_string()]),
        "a root from another log"
    );
    let forged = packed.copy("forged");
    let text = std::fs::read_to_string(forged.join("checkpoints.jsonl")).unwrap();
    let mut line: Value = serde_json::from_str(text.lines().last().unwrap()).unwrap();
    let head = line["note"]
        .as_str()
        .unwrap()
        .split("\n\n")
        .next()
        .unwrap()
        .to_owned();
    let signature = other.keys.log().line(&format!("{head}\n"), 0);
    let signature = signature.replace(other.keys.log().name(), packed.keys.log().name());
    line["note"] = json!(format!("{head}\n\n{signature}"));
    std::fs::write(forged.join("checkpoints.jsonl"), format!("{line}\n")).unwrap();
    packed.sign(&forged, |_| ());
    assert!(
        !packed.holds(&[&forged.display().to_string()]),
        "a signature by another key"
    );
    let witness = "province.example/witness+58e32aea+BOpKbGPinFIKvvVQexMuxfmVR3auvr57kkIe6mkURtIs";
    assert!(
        !packed.holds(&[&whole, "--witness", witness]),
        "a witness that has not signed"
    );
}
