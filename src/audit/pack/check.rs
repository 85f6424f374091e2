//! Checks packs, trusting nothing but the key that is given: constant memory, one pass over the events.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io::{BufRead as _, BufReader, Read as _};
use std::path::{Path, PathBuf};

use serde::de::DeserializeOwned;
use sha2::{Digest as _, Sha256};

use super::strict::canonical;
use super::{CheckpointLine, FILES, FORMAT, Fault, Manifest, Proof, Question, manifest_text};
use crate::audit::tree::{self, Frontier, Hash, unhex};
use crate::keyring::hex;
use crate::note::{Head, Kind, Note, Verifier};

/// Longest line, and largest file that is read as a whole, in bytes.
const MOST: u64 = 1 << 20;

/// What was found to hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// The key of the log.
    pub log_key: Verifier,
    /// First and last number.
    pub from: u64,
    /// See `from`.
    pub to: u64,
    /// The head that covers them.
    pub head: Head,
    /// How many checkpoints agree.
    pub checkpoints: usize,
    /// Names of the witnesses that signed under the head.
    pub witnesses: Vec<String>,
}

/// A head that must be the tree's at its size, and whose word that is.
#[derive(Debug, Clone)]
pub struct Noted {
    /// The head.
    pub head: Head,
    /// Where it was noted.
    pub by: String,
}

/// The keys that are known while checking.
pub(super) struct Keys {
    pub log: Verifier,
    pub witnesses: Vec<Verifier>,
}

impl Keys {
    /// The keys that a file names, as far as they may stand together and fit what is known from elsewhere.
    pub(super) fn read(
        origin: &str,
        log: &str,
        witnesses: &[String],
        question: &Question,
    ) -> Result<Self, Fault> {
        let bad = || Fault::new("公钥格式不正确", "a key is not in its form");
        let log: Verifier = log.parse().map_err(|()| bad())?;
        let mut all: Vec<Verifier> = witnesses
            .iter()
            .map(|key| key.parse())
            .collect::<Result<_, ()>>()
            .map_err(|()| bad())?;
        if log.kind() != Kind::Log
            || log.name() != origin
            || all.iter().any(|key| key.kind() != Kind::Witness)
        {
            return Err(bad());
        }
        if question.key.as_ref().is_some_and(|known| *known != log) {
            return Err(Fault::new(
                "日志公钥与已知的不同：这是另一本日志",
                "the log's key is not the one that is known: this is another log",
            ));
        }
        for key in &question.witnesses {
            if !all.contains(key) {
                all.push(key.clone());
            }
        }
        let distinct: BTreeSet<_> = all.iter().chain([&log]).map(Verifier::public).collect();
        if distinct.len() != all.len() + 1 {
            return Err(Fault::new("两个公钥相同", "one key under two names"));
        }
        Ok(Self { log, witnesses: all })
    }

    /// The head that a checkpoint's note says, if the log signed it and every known witness that is named did.
    pub(super) fn head(&self, note: &str) -> Result<(Head, Vec<String>), Fault> {
        let form = || Fault::new("检查点格式不正确", "a checkpoint is not in its form");
        let note: Note = note.parse().map_err(|()| form())?;
        let head: Head = note.text().parse().map_err(|()| form())?;
        if head.origin != self.log.name() {
            return Err(Fault::new("检查点属于另一本日志", "a checkpoint of another log"));
        }
        if note.signed_by(&self.log).is_none() {
            let zh = format!("规模 {} 的检查点签名无效", head.size);
            return Err(Fault::new(
                zh,
                format!("the checkpoint of size {} is not signed by the log", head.size),
            ));
        }
        let claimed = self.witnesses.iter().filter(|key| note.claims(key));
        let mut signed = Vec::new();
        for key in claimed {
            if note.signed_by(key).is_none() {
                let zh = format!("规模 {} 的检查点上 {} 的签名无效", head.size, key.name());
                let en = format!(
                    "the signature of {} under the checkpoint of size {} is forged",
                    key.name(),
                    head.size
                );
                return Err(Fault::new(zh, en));
            }
            signed.push(key.name().to_owned());
        }
        Ok((head, signed))
    }

    /// The checkpoints that were noted elsewhere.
    pub(super) fn noted(&self, question: &Question) -> Result<Vec<Noted>, Fault> {
        let read = |(by, note): &(String, String)| {
            let (head, _) = self.head(note)?;
            Ok(Noted { head, by: by.clone() })
        };
        question.known.iter().map(read).collect()
    }

    /// Whether the witnesses that were asked for signed.
    pub(super) fn witnessed(&self, signed: &[String], question: &Question) -> Result<(), Fault> {
        match question
            .witnesses
            .iter()
            .find(|key| !signed.contains(&key.name().to_owned()))
        {
            None => Ok(()),
            Some(key) => Err(Fault::new(
                format!("{} 没有在检查点上签名", key.name()),
                format!("{} has not signed under the head", key.name()),
            )),
        }
    }
}

/// A pack whose manifest holds.
struct Opened {
    dir: PathBuf,
    manifest: Manifest,
    keys: Keys,
    proof: Proof,
}

fn damaged(name: &str) -> Fault {
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

fn parse<T: DeserializeOwned>(bytes: &[u8], name: &str) -> Result<T, Fault> {
    let value = canonical(bytes).ok_or_else(|| damaged(name))?;
    serde_json::from_value(value).map_err(|_| damaged(name))
}

impl Opened {
    fn read(dir: &Path, question: &Question) -> Result<Self, Fault> {
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
        let text = manifest_text(&manifest.origin, &hex(&Sha256::digest(&content)));
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
struct Lines {
    name: &'static str,
    file: BufReader<File>,
    hash: Sha256,
}

impl Lines {
    fn open(dir: &Path, name: &'static str) -> Result<Self, Fault> {
        Ok(Self {
            name,
            file: BufReader::new(open(dir, name)?),
            hash: Sha256::new(),
        })
    }

    /// The next line without its newline; `None` at the end.
    fn next(&mut self) -> Result<Option<Vec<u8>>, Fault> {
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
    fn close(self, manifest: &Manifest) -> Result<(), Fault> {
        let hash = hex(&self.hash.finalize());
        let fits = manifest.files.get(self.name) == Some(&hash);
        fits.then_some(()).ok_or_else(|| damaged(self.name))
    }
}

/// Checks packs that follow each other, in any order, and what was noted elsewhere against them.
pub fn check(dirs: &[PathBuf], noted: &[Noted], question: &Question) -> Result<Report, Fault> {
    let mut packs = Vec::new();
    for dir in dirs {
        packs.push(Opened::read(dir, question)?);
    }
    packs.sort_by_key(|pack| pack.manifest.from);
    let (Some(first), Some(last)) = (packs.first(), packs.last()) else {
        return Err(Fault::new("没有证据包", "no pack"));
    };
    let mut wanted = Wanted::default();
    for noted in noted.iter().chain(&first.keys.noted(question)?) {
        wanted.add(noted.clone(), last.manifest.size)?;
    }
    for pack in &packs {
        let bad = || damaged("manifest.json");
        let head = Head {
            origin: pack.manifest.origin.clone(),
            size: pack.manifest.size,
            root: unhex(&pack.manifest.root).ok_or_else(bad)?,
        };
        let by = pack.dir.display().to_string();
        wanted.add(Noted { head, by }, last.manifest.size)?;
    }
    let mut report: Option<Report> = None;
    let mut end: Option<Frontier> = None;
    for pack in &packs {
        if let (Some(before), Some(end)) = (&report, &end) {
            follows(pack, before, end)?;
        }
        let (found, frontier) = Walk::begin(pack, &mut wanted)?.run(question)?;
        report = Some(match report {
            None => found,
            Some(before) => Report {
                from: before.from,
                checkpoints: before.checkpoints + found.checkpoints,
                ..found
            },
        });
        end = Some(frontier);
    }
    wanted.done()?;
    report.ok_or_else(|| Fault::new("没有证据包", "no pack"))
}

/// Whether a pack goes on where the one before it ends.
fn follows(pack: &Opened, before: &Report, end: &Frontier) -> Result<(), Fault> {
    let left = tree::hexes(end.roots());
    let fits =
        pack.manifest.from == before.to + 1 && pack.proof.left == left && pack.keys.log == before.log_key;
    fits.then_some(()).ok_or_else(|| {
        let at = pack.manifest.from;
        Fault::new(
            format!("从 {at} 开始的证据包接不上前一个"),
            format!("the pack that begins at {at} does not follow the one before it"),
        )
    })
}

/// Heads that the tree must have had, by size.
#[derive(Default)]
struct Wanted(BTreeMap<u64, Vec<Noted>>);

impl Wanted {
    fn add(&mut self, noted: Noted, largest: u64) -> Result<(), Fault> {
        if noted.head.size > largest {
            let (by, size) = (&noted.by, noted.head.size);
            return Err(Fault::new(
                format!("日志被截短：{by} 有规模 {size} 的检查点，这里只到 {largest}"),
                format!(
                    "the log was cut off: {by} has a checkpoint of size {size}, here it ends at {largest}"
                ),
            ));
        }
        self.0.entry(noted.head.size).or_default().push(noted);
        Ok(())
    }

    /// Compares the root at a size with those that were noted.
    fn meets(&mut self, size: u64, root: &Hash) -> Result<(), Fault> {
        let noted = self.0.remove(&size).unwrap_or_default();
        match noted.iter().find(|noted| noted.head.root != *root) {
            None => Ok(()),
            Some(noted) => Err(Fault::new(
                format!("日志被改写：规模 {size} 的树根与 {} 记下的不同", noted.by),
                format!(
                    "the log was rewritten: its root at size {size} is not that of {}",
                    noted.by
                ),
            )),
        }
    }

    fn done(&self) -> Result<(), Fault> {
        match self.0.first_key_value() {
            None => Ok(()),
            Some((size, noted)) => Err(Fault::new(
                format!("用这些证据包无法核对 {} 的检查点（规模 {size}）", noted[0].by),
                format!(
                    "these packs can't tell about the checkpoint of {} (size {size})",
                    noted[0].by
                ),
            )),
        }
    }
}

/// One pass over a pack.
struct Walk<'p> {
    pack: &'p Opened,
    wanted: &'p mut Wanted,
    tree: Frontier,
    events: Lines,
    checkpoints: Lines,
}

impl<'p> Walk<'p> {
    fn begin(pack: &'p Opened, wanted: &'p mut Wanted) -> Result<Self, Fault> {
        let left: Option<Vec<Hash>> = pack.proof.left.iter().map(|text| unhex(text)).collect();
        let tree = left.and_then(|left| Frontier::of(pack.manifest.from - 1, left));
        Ok(Self {
            tree: tree.ok_or_else(|| damaged("proof.json"))?,
            events: Lines::open(&pack.dir, "events.jsonl")?,
            checkpoints: Lines::open(&pack.dir, "checkpoints.jsonl")?,
            pack,
            wanted,
        })
    }

    fn run(mut self, question: &Question) -> Result<(Report, Frontier), Fault> {
        let manifest = &self.pack.manifest;
        self.wanted.meets(self.tree.size(), &self.tree.root())?;
        let (mut checkpoints, mut last) = (0, 0);
        let (head, signed) = loop {
            let (head, signed) = self.checkpoint()?;
            if head.size < manifest.from || head.size <= last {
                return Err(damaged("checkpoints.jsonl"));
            }
            last = head.size;
            checkpoints += 1;
            self.events_up_to(head.size.min(manifest.to))?;
            if head.size >= manifest.to {
                break (head, signed);
            }
            self.agrees(&self.tree.root(), &head)?;
        };
        let end = self.tree.clone();
        let head = self.last(head)?;
        self.pack.keys.witnessed(&signed, question)?;
        for lines in [self.events, self.checkpoints] {
            let mut lines = lines;
            if lines.next()?.is_some() {
                return Err(damaged(lines.name));
            }
            lines.close(manifest)?;
        }
        let report = Report {
            log_key: self.pack.keys.log.clone(),
            from: manifest.from,
            to: manifest.to,
            head,
            checkpoints,
            witnesses: signed,
        };
        Ok((report, end))
    }

    /// The head, by what lies after the events. A checkpoint of just the last event may stand before it.
    fn last(&mut self, mut head: Head) -> Result<Head, Fault> {
        let manifest = &self.pack.manifest;
        if head.size == manifest.to && manifest.size > manifest.to {
            self.agrees(&self.tree.root(), &head)?;
            head = self.checkpoint()?.0;
        }
        let places = tree::cover(manifest.to, manifest.size);
        if places.len() != self.pack.proof.right.len() {
            return Err(damaged("proof.json"));
        }
        let mut whole = self.tree.clone();
        for ((level, _), hash) in places.into_iter().zip(&self.pack.proof.right) {
            let hash = unhex(hash).ok_or_else(|| damaged("proof.json"))?;
            whole.append(level, hash);
        }
        if head.size != manifest.size || hex(&head.root) != manifest.root {
            return Err(damaged("checkpoints.jsonl"));
        }
        self.agrees(&whole.root(), &head)?;
        self.wanted.meets(head.size, &head.root)?;
        Ok(head)
    }

    fn agrees(&self, root: &Hash, head: &Head) -> Result<(), Fault> {
        (*root == head.root).then_some(()).ok_or_else(|| {
            Fault::new(
                format!("事件与规模 {} 的检查点不符：有事件被改动、增删或调换", head.size),
                format!("the events do not lead to the checkpoint of size {}: some were changed, added, removed or moved", head.size),
            )
        })
    }

    fn checkpoint(&mut self) -> Result<(Head, Vec<String>), Fault> {
        let line = self
            .checkpoints
            .next()?
            .ok_or_else(|| damaged("checkpoints.jsonl"))?;
        let line: CheckpointLine = parse(&line, "checkpoints.jsonl")?;
        let (head, signed) = self.pack.keys.head(&line.note)?;
        (head.size == line.size)
            .then_some((head, signed))
            .ok_or_else(|| damaged("checkpoints.jsonl"))
    }

    fn events_up_to(&mut self, size: u64) -> Result<(), Fault> {
        while self.tree.size() < size {
            let seq = self.tree.size() + 1;
            let bad = || {
                Fault::new(
                    format!("事件 {seq} 缺失、被改动或不在其位"),
                    format!("event {seq} is missing, changed or out of place"),
                )
            };
            let line = self.events.next()?.ok_or_else(bad)?;
            let event = canonical(&line).ok_or_else(bad)?;
            if event["seq"].as_u64() != Some(seq) || event.get("hash").is_some() {
                return Err(bad());
            }
            self.tree.push(tree::leaf(&line));
            self.wanted.meets(self.tree.size(), &self.tree.root())?;
        }
        Ok(())
    }
}
