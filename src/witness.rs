//! The witness: a small client, run by people elsewhere, that remembers the last head of a log, checks that the next
//! one only grew from it, and signs under it.
//!
//! It trusts nothing that the service says: only the log's key, noted at installation or at its first run.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::Deserialize;
use serde::de::DeserializeOwned;

use crate::audit::pack::Fault;
use crate::audit::tree::{self, Hash, unhex};
use crate::db::types::Timestamp;
use crate::error::{Error, Result};
use crate::keyring::{random, write_secret};
use crate::note::{self, Head, Kind, Note, Signer, Verifier};

/// The key of a witness as it stands in its file.
#[derive(serde::Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct KeyFile {
    name: String,
    seed: [u8; 32],
}

/// Makes the key of a witness; its public half.
pub fn create_key(file: &Path, name: &str) -> Result<Verifier> {
    if !note::is_name(name) {
        return Err(Error::internal("the name of a witness has neither blanks nor +"));
    }
    let key = KeyFile {
        name: name.to_owned(),
        seed: random()?,
    };
    write_secret(file, &key)?;
    Ok(Signer::new(name, Kind::Witness, &key.seed).verifier())
}

/// Reads the key of a witness.
pub fn load_key(file: &Path) -> Result<Signer> {
    let text = fs::read_to_string(file).map_err(Error::internal)?;
    let key: KeyFile =
        serde_json::from_str(&text).map_err(|_| Error::internal("the witness's key is not in its form"))?;
    Ok(Signer::new(&key.name, Kind::Witness, &key.seed))
}

#[derive(Deserialize)]
struct Log {
    log_key: String,
}

#[derive(Deserialize)]
struct Growth {
    proof: Vec<String>,
}

/// What a witness remembers and where the log is.
pub struct Witness {
    url: String,
    key: Signer,
    state: PathBuf,
    agent: ureq::Agent,
}

impl Witness {
    /// A witness of the log that the service at `url` keeps; what it remembers is in the folder `state`.
    pub fn new(url: &str, key: Signer, state: &Path) -> Result<Self> {
        fs::create_dir_all(state).map_err(Error::internal)?;
        let config = ureq::Agent::config_builder().timeout_global(Some(Duration::from_secs(30)));
        Ok(Self {
            url: url.trim_end_matches('/').to_owned(),
            key,
            state: state.to_owned(),
            agent: config.build().into(),
        })
    }

    /// Looks at the log once: the head that it signed under. A log that went back, or forked, is a [`Fault`], and what
    /// it said stays in the folder as evidence.
    pub fn look(&self, log_key: Option<&Verifier>, now: Timestamp) -> Result<Head> {
        let log = self.log_key(log_key)?;
        let served = self.text("/public/log/checkpoint")?;
        let (note, head) = read(&served, &log).map_err(Error::internal)?;
        if let Some(last) = self.last(&log)? {
            self.compare(&last, &head, &served)?;
        }
        // remembered before it is signed: what was signed is never forgotten
        self.keep("checkpoint.note", &served)?;
        let seconds = u64::try_from(now.unix()).map_err(Error::internal)?;
        let line = self.key.line(note.text(), seconds);
        let body = serde_json::json!({ "size": head.size, "line": line.trim_end() });
        let place = format!("{}/public/log/cosignatures", self.url);
        let request = self.agent.post(&place).header("Content-Type", "application/json");
        request.send(body.to_string()).map_err(Error::internal)?;
        Ok(head)
    }

    /// The log's key: as it was given, or as it was at the first run.
    fn log_key(&self, given: Option<&Verifier>) -> Result<Verifier> {
        let remembered = fs::read_to_string(self.state.join("log.key")).ok();
        let text = match (given, remembered) {
            (Some(given), _) => given.to_string(),
            (None, Some(remembered)) => remembered.trim().to_owned(),
            (None, None) => self.get::<Log>("/public/log")?.log_key,
        };
        self.keep("log.key", &text)?;
        text.parse()
            .map_err(|()| Error::internal("the log's key is not in its form"))
    }

    /// The head that was seen last.
    fn last(&self, log: &Verifier) -> Result<Option<Head>> {
        match fs::read_to_string(self.state.join("checkpoint.note")) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(Error::internal(error)),
            Ok(note) => Ok(Some(read(&note, log).map_err(Error::internal)?.1)),
        }
    }

    fn compare(&self, last: &Head, head: &Head, note: &str) -> Result<()> {
        let proof = if last.size < head.size {
            let place = format!("/public/log/consistency?from={}&to={}", last.size, head.size);
            self.get::<Growth>(&place)?.proof
        } else {
            Vec::new()
        };
        judge(last, head, &proof).map_err(|fault| {
            let kept = self.keep(&format!("fork-{}.note", head.size), note);
            kept.err().unwrap_or_else(|| Error::internal(fault))
        })
    }

    /// Writes a file of the state as a whole, or not at all.
    fn keep(&self, name: &str, content: &str) -> Result<()> {
        let (new, old) = (self.state.join(format!("{name}.new")), self.state.join(name));
        fs::write(&new, content).map_err(Error::internal)?;
        fs::rename(new, old).map_err(Error::internal)
    }

    fn text(&self, place: &str) -> Result<String> {
        let answer = self.agent.get(format!("{}{place}", self.url)).call();
        let mut answer = answer.map_err(Error::internal)?;
        answer.body_mut().read_to_string().map_err(Error::internal)
    }

    fn get<T: DeserializeOwned>(&self, place: &str) -> Result<T> {
        serde_json::from_str(&self.text(place)?).map_err(Error::internal)
    }
}

/// A note of the log, with its head.
fn read(note: &str, log: &Verifier) -> std::result::Result<(Note, Head), Fault> {
    let form = || Fault::new("检查点不是日志所签", "the checkpoint is not signed by the log");
    let note: Note = note.parse().map_err(|()| form())?;
    let head: Head = note.text().parse().map_err(|()| form())?;
    if head.origin != log.name() || note.signed_by(log).is_none() {
        return Err(form());
    }
    Ok((note, head))
}

/// Whether a head may follow the one that was seen last.
pub fn judge(last: &Head, head: &Head, proof: &[String]) -> std::result::Result<(), Fault> {
    if head.size < last.size {
        return Err(Fault::new(
            format!("日志倒退：先前规模 {}，现在 {}", last.size, head.size),
            format!(
                "the log went back: it had {} events, now {}",
                last.size, head.size
            ),
        ));
    }
    let proof: Option<Vec<Hash>> = proof.iter().map(|text| unhex(text)).collect();
    let grown =
        proof.is_some_and(|proof| tree::extends(last.size, &last.root, head.size, &head.root, &proof));
    grown.then_some(()).ok_or_else(|| {
        Fault::new(
            format!(
                "日志分叉：规模 {} 的树根不是由规模 {} 的增长而来",
                head.size, last.size
            ),
            format!(
                "the log forked: its root at {} did not grow from that at {}",
                head.size, last.size
            ),
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audit::tree::{Frontier, leaf};

    fn head(leaves: &[&str]) -> Head {
        let mut tree = Frontier::default();
        leaves.iter().for_each(|data| tree.push(leaf(data.as_bytes())));
        Head {
            origin: "bangfu/1".into(),
            size: tree.size(),
            root: tree.root(),
        }
    }

    #[test]
    fn a_log_that_went_back_or_shows_another_root_of_the_same_size_is_a_fault() {
        let seen = head(&["a", "b"]);
        assert_eq!(judge(&seen, &seen, &[]), Ok(()));
        assert!(judge(&seen, &head(&["a"]), &[]).is_err());
        assert!(judge(&seen, &head(&["a", "x"]), &[]).is_err());
        let longer = head(&["a", "b", "c"]);
        let proof = vec![crate::keyring::hex(&leaf(b"c"))];
        assert_eq!(judge(&seen, &longer, &proof), Ok(()));
        assert!(judge(&seen, &longer, &[]).is_err());
        assert!(judge(&seen, &head(&["a", "x", "c"]), &proof).is_err());
    }
}
