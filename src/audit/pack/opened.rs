//! A pack as it lies in its folder: its manifest, and files that are hashed as they are read.

use std::collections::BTreeSet;
use std::fs::File;
use std::io::{BufRead as _, BufReader, Read as _};
use std::path::{Path, PathBuf};

use serde::de::DeserializeOwned;
use sha2::{Digest as _, Sha256};

use super::keys::Keys;
use super::strict::canonical;
use super::{FILES, FORMAT, Fault, Manifest, Proof, Question, manifest_text};
use crate::keyring::hex;
use crate::note::Note;

/// Longest line, and largest file that is read as a whole, in bytes.
const MOST: u64 = 1 << 20;

/// A pack whose manifest holds.
pub(super) struct Opened {
    pub dir: PathBuf,
    pub manifest: Manifest,
    pub digest: String,
    pub keys: Keys,
    pub proof: Proof,
}

pub(super) fn damaged(name: &str) -> Fault {
    Fault::new(
        format!("{name} 已损坏或被改动"),
        format!("{name} is damaged or was changed"),
    )
}

/// A plain file of the pack: no link, no folder.
fn open(dir: &Path, name: &str) -> Result<File, Fault> {
    let path = dir.join(name);
    let plain = std::fs::symlink_metadata(&path).is_ok_and(|found| found.is_file());
    let file = plain.then(|| File::open(path).ok()).flatten();
    file.ok_or_else(|| Fault::new(format!("缺少 {name}"), format!("{name} is missing")))
}

fn read(dir: &Path, name: &str) -> Result<Vec<u8>, Fault> {
    let mut content = Vec::new();
    let read = open(dir, name)?.take(MOST + 1).read_to_end(&mut content);
    match read {
        Ok(length) if length as u64 <= MOST => Ok(content),
        _ => Err(damaged(name)),
    }
}

pub(super) fn parse<T: DeserializeOwned>(bytes: &[u8], name: &str) -> Result<T, Fault> {
    let value = canonical(bytes).ok_or_else(|| damaged(name))?;
    serde_json::from_value(value).map_err(|_| damaged(name))
}

impl Opened {
    pub(super) fn read(dir: &Path, question: &Question) -> Result<Self, Fault> {
        let content = read(dir, "manifest.json")?;
        let manifest: Manifest = parse(&content, "manifest.json")?;
        let keys = Keys::read(
            &manifest.origin,
            &manifest.log_key,
            &manifest.witness_keys,
            question,
        )?;
        let note = String::from_utf8(read(dir, "manifest.note")?).map_err(|_| damaged("manifest.note"))?;
        let note: Note = note.parse().map_err(|()| damaged("manifest.note"))?;
        let digest = hex(&Sha256::digest(&content));
        let text = manifest_text(&manifest.origin, &digest);
        if note.text() != text || note.signatures() != 1 || note.signed_by(&keys.log).is_none() {
            return Err(damaged("manifest.json"));
        }
        Self::form(&manifest)
            .then_some(())
            .ok_or_else(|| damaged("manifest.json"))?;
        files(dir)?;
        let proof = read(dir, "proof.json")?;
        for (name, content) in [("proof.json", &proof), ("README.txt", &read(dir, "README.txt")?)] {
            if manifest.files.get(name) != Some(&hex(&Sha256::digest(content))) {
                return Err(damaged(name));
            }
        }
        Ok(Self {
            dir: dir.to_owned(),
            proof: parse(&proof, "proof.json")?,
            manifest,
            digest,
            keys,
        })
    }

    fn form(m: &Manifest) -> bool {
        let named: Vec<_> = m.files.keys().map(String::as_str).collect();
        let in_order = 1 <= m.from && m.from <= m.to && m.to <= m.size;
        m.format == FORMAT && in_order && m.events == m.to - m.from + 1 && named == FILES
    }
}

/// Nothing else may lie in a pack.
fn files(dir: &Path) -> Result<(), Fault> {
    let unreadable = || Fault::new("无法读取文件夹", "the folder can't be read");
    let mut found = BTreeSet::new();
    for entry in std::fs::read_dir(dir).map_err(|_| unreadable())? {
        found.insert(
            entry
                .map_err(|_| unreadable())?
                .file_name()
                .to_string_lossy()
                .into_owned(),
        );
    }
    let expected = FILES
        .iter()
        .chain(&["manifest.json", "manifest.note"])
        .map(|name| (*name).to_owned());
    let expected: BTreeSet<String> = expected.collect();
    match found.symmetric_difference(&expected).next() {
        None => Ok(()),
        Some(name) => Err(Fault::new(
            format!("多出或缺少文件 {name}"),
            format!("a file is missing or does not belong here: {name}"),
        )),
    }
}

/// Lines of a file, hashed as they are read.
pub(super) struct Lines {
    pub name: &'static str,
    file: BufReader<File>,
    hash: Sha256,
}

impl Lines {
    pub(super) fn open(dir: &Path, name: &'static str) -> Result<Self, Fault> {
        Ok(Self {
            name,
            file: BufReader::new(open(dir, name)?),
            hash: Sha256::new(),
        })
    }

    /// The next line without its newline; `None` at the end.
    pub(super) fn next(&mut self) -> Result<Option<Vec<u8>>, Fault> {
        let mut line = Vec::new();
        let read = (&mut self.file).take(MOST).read_until(b'\n', &mut line);
        read.map_err(|_| damaged(self.name))?;
        self.hash.update(&line);
        match line.pop() {
            None => Ok(None),
            Some(b'\n') => Ok(Some(line)),
            Some(_) => Err(damaged(self.name)),
        }
    }

    /// At the end: whether it was the file that the manifest names.
    pub(super) fn close(self, manifest: &Manifest) -> Result<(), Fault> {
        let hash = hex(&self.hash.finalize());
        let fits = manifest.files.get(self.name) == Some(&hash);
        fits.then_some(()).ok_or_else(|| damaged(self.name))
    }
}
