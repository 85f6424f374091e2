//! Checks packs, trusting nothing but the key that is given: constant memory, one pass over the events.

use std::path::PathBuf;

use super::keys::Keys;
use super::opened::{Lines, Opened, damaged, parse};
use super::strict::canonical;
use super::wanted::{Noted, Wanted};
use super::{CheckpointLine, Fault, Question};
use crate::audit::tree::{self, Frontier, Hash, unhex};
use crate::keyring::hex;
use crate::note::{Head, Verifier};

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
    /// SHA-256 of the manifest, of the last pack.
    pub manifest: String,
    /// How many checkpoints agree.
    pub checkpoints: usize,
    /// The witnesses that signed under the head.
    pub witnesses: Vec<Verifier>,
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
        let noted = Noted {
            head,
            by,
            first_from: None,
        };
        wanted.add(noted, last.manifest.size)?;
    }
    let mut report: Option<Report> = None;
    let mut end: Option<Frontier> = None;
    for pack in &packs {
        if let (Some(before), Some(end)) = (&report, &end) {
            follows(pack, before, end)?;
        }
        let (found, frontier) = Walk::begin(pack, &mut wanted)?.run()?;
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
    let report = report.ok_or_else(|| Fault::new("没有证据包", "no pack"))?;
    Keys::witnessed(&report.witnesses, question)?;
    Ok(report)
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

    fn run(mut self) -> Result<(Report, Frontier), Fault> {
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
        let (head, signed) = self.last(head, signed)?;
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
            manifest: self.pack.digest.clone(),
            checkpoints,
            witnesses: signed,
        };
        Ok((report, end))
    }

    /// The head, by what lies after the events. A checkpoint of just the last event may stand before it.
    fn last(&mut self, mut head: Head, mut signed: Vec<Verifier>) -> Result<(Head, Vec<Verifier>), Fault> {
        let manifest = &self.pack.manifest;
        if head.size == manifest.to && manifest.size > manifest.to {
            self.agrees(&self.tree.root(), &head)?;
            (head, signed) = self.checkpoint()?;
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
        Ok((head, signed))
    }

    fn agrees(&self, root: &Hash, head: &Head) -> Result<(), Fault> {
        (*root == head.root).then_some(()).ok_or_else(|| {
            Fault::new(
                format!("事件与规模 {} 的检查点不符：有事件被改动、增删或调换", head.size),
                format!("the events do not lead to the checkpoint of size {}: some were changed, added, removed or moved", head.size),
            )
        })
    }

    fn checkpoint(&mut self) -> Result<(Head, Vec<Verifier>), Fault> {
        let line = self
            .checkpoints
            .next()?
            .ok_or_else(|| damaged("checkpoints.jsonl"))?;
        let line: CheckpointLine = parse(&line, "checkpoints.jsonl")?;
        let (head, signed) = self.pack.keys.head(&line.note)?;
        self.wanted.allows(head.size)?;
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
