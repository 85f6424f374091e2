//! Writes a pack.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufWriter, Write as _};
use std::path::Path;

use sha2::{Digest as _, Sha256};

use super::{CheckpointLine, FORMAT, Manifest, Proof, manifest_text};
use crate::audit::{Checkpoint, heads, seal, store, witness_keys};
use crate::auth::Scope;
use crate::db::{Db, Rx};
use crate::error::{Error, Result};
use crate::keyring::hex;

/// Rows read at a time.
const ROWS: i64 = 1000;

/// Writes the events numbered `from` to `to` (default: all that there are) into the new folder `dir`, with what
/// proves them; the last number that it holds.
pub fn export(db: &Db, from: i64, to: Option<i64>, dir: &Path) -> Result<i64> {
    seal::flush(db)?;
    std::fs::create_dir(dir).map_err(Error::internal)?;
    db.read_blocking(Scope::All, |rx| {
        let head = heads::last_checkpoint(rx)?.ok_or(Error::NotFound("checkpoint"))?;
        let to = to.unwrap_or(head.size).min(head.size);
        if from < 1 || from > to {
            return Err(Error::internal(format!(
                "the log has no events from {from} to {to}"
            )));
        }
        write(rx, &head, from, to, dir)?;
        Ok(to)
    })
}

fn write(rx: &mut Rx, head: &Checkpoint, from: i64, to: i64, dir: &Path) -> Result<()> {
    let mut pack = Pack {
        dir,
        files: BTreeMap::new(),
    };
    pack.events(rx, from, to)?;
    pack.checkpoints(rx, head, from, to)?;
    let proof = Proof {
        left: heads::cover(rx, 0, from - 1)?,
        right: heads::cover(rx, to, head.size)?,
    };
    pack.put("proof.json", &canonical(&proof)?)?;
    pack.put("README.txt", include_bytes!("README.txt"))?;
    let whole = |n: i64| u64::try_from(n).map_err(Error::internal);
    let log = rx.keys.log();
    let manifest = Manifest {
        format: FORMAT.into(),
        origin: log.name().into(),
        log_key: log.verifier().to_string(),
        witness_keys: witness_keys(rx)?,
        from: whole(from)?,
        to: whole(to)?,
        events: whole(to - from + 1)?,
        size: whole(head.size)?,
        root: head.root.clone(),
        made_at: rx.now.to_string(),
        files: std::mem::take(&mut pack.files),
    };
    let manifest = canonical(&manifest)?;
    let text = manifest_text(log.name(), &hex(&Sha256::digest(&manifest)));
    pack.put("manifest.json", &manifest)?;
    pack.put("manifest.note", log.note(&text).as_bytes())
}

fn canonical(value: &impl serde::Serialize) -> Result<Vec<u8>> {
    serde_json_canonicalizer::to_vec(value).map_err(Error::internal)
}

/// A folder being filled.
struct Pack<'d> {
    dir: &'d Path,
    files: BTreeMap<String, String>,
}

/// A file of lines being written, with its hash.
struct Lines {
    file: BufWriter<File>,
    hash: Sha256,
}

impl Lines {
    fn put(&mut self, line: &[u8]) -> Result<()> {
        for part in [line, b"\n"] {
            self.hash.update(part);
            self.file.write_all(part).map_err(Error::internal)?;
        }
        Ok(())
    }
}

impl Pack<'_> {
    fn put(&mut self, name: &str, content: &[u8]) -> Result<()> {
        let mut file = self.open(name)?;
        file.write_all(content).map_err(Error::internal)?;
        self.close(name, file, &Sha256::digest(content))
    }

    fn open(&self, name: &str) -> Result<BufWriter<File>> {
        let file = File::create_new(self.dir.join(name)).map_err(Error::internal)?;
        Ok(BufWriter::new(file))
    }

    fn close(&mut self, name: &str, file: BufWriter<File>, hash: &[u8]) -> Result<()> {
        let file = file.into_inner().map_err(Error::internal)?;
        file.sync_all().map_err(Error::internal)?;
        self.files.insert(name.to_owned(), hex(hash));
        Ok(())
    }

    fn lines(&self, name: &str) -> Result<Lines> {
        Ok(Lines {
            file: self.open(name)?,
            hash: Sha256::new(),
        })
    }

    fn events(&mut self, rx: &mut Rx, from: i64, to: i64) -> Result<()> {
        let (mut lines, mut next) = (self.lines("events.jsonl")?, from);
        while next <= to {
            let events = store::sealed_from(rx, next, ROWS.min(to - next + 1))?;
            for event in &events {
                if event.seq != Some(next) {
                    return Err(Error::internal(format!(
                        "event {next} is missing: `bangfu audit verify`"
                    )));
                }
                lines.put(&event.data()?)?;
                next += 1;
            }
            if events.is_empty() {
                return Err(Error::internal(format!(
                    "event {next} is missing: `bangfu audit verify`"
                )));
            }
        }
        self.close("events.jsonl", lines.file, &lines.hash.finalize())
    }

    /// The checkpoints over the events, and the head.
    fn checkpoints(&mut self, rx: &mut Rx, head: &Checkpoint, from: i64, to: i64) -> Result<()> {
        let (mut lines, mut last) = (self.lines("checkpoints.jsonl")?, from - 1);
        loop {
            let some = heads::after(rx, last, ROWS)?;
            let inside: Vec<_> = some.into_iter().filter(|one| one.size <= to).collect();
            for checkpoint in inside.iter().filter(|one| one.size < head.size) {
                let checkpoint = heads::cosigned(rx, checkpoint.clone())?;
                lines.put(&checkpoint_line(&checkpoint)?)?;
            }
            match inside.last() {
                Some(checkpoint) => last = checkpoint.size,
                None => break,
            }
        }
        lines.put(&checkpoint_line(head)?)?;
        self.close("checkpoints.jsonl", lines.file, &lines.hash.finalize())
    }
}

fn checkpoint_line(checkpoint: &Checkpoint) -> Result<Vec<u8>> {
    canonical(&CheckpointLine {
        at: checkpoint.at.to_string(),
        note: checkpoint.note.clone(),
        size: u64::try_from(checkpoint.size).map_err(Error::internal)?,
    })
}
