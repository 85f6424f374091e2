//! Signed notes (C2SP signed-note) and the checkpoints that they carry (C2SP tlog-checkpoint, tlog-cosignature).
//!
//! Pure: no database and no clock. `docs/audit-formats.md` has the formats.

use std::fmt;
use std::str::FromStr;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use ed25519_dalek::{Signature, Signer as _, SigningKey, VerifyingKey};
use sha2::{Digest as _, Sha256};

use crate::keyring::hex;

/// What a key is for; the number is its type in the formats.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// It signs the notes of a log.
    Log = 1,
    /// It co-signs the checkpoints of logs that it watches.
    Witness = 4,
}

/// The public half of a key, with the name it signs under.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verifier {
    name: String,
    kind: Kind,
    key: VerifyingKey,
}

impl Verifier {
    /// The name it signs under.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The public key.
    pub fn public(&self) -> [u8; 32] {
        self.key.to_bytes()
    }

    /// What it is for.
    pub fn kind(&self) -> Kind {
        self.kind
    }

    fn typed(&self) -> [u8; 33] {
        let mut bytes = [self.kind as u8; 33];
        bytes[1..].copy_from_slice(self.key.as_bytes());
        bytes
    }

    /// The first four bytes of SHA-256(name ‖ newline ‖ type ‖ public key).
    fn id(&self) -> [u8; 4] {
        let named = Sha256::new().chain_update(&self.name).chain_update("\n");
        let digest: [u8; 32] = named.chain_update(self.typed()).finalize().into();
        [digest[0], digest[1], digest[2], digest[3]]
    }

    /// Whether the bytes of a signature line, without the key's id, are this key's signature of `text`; of a
    /// co-signature with its time in seconds since 1970.
    fn verifies(&self, text: &str, bytes: &[u8]) -> Option<Option<u64>> {
        let (at, signature) = match self.kind {
            Kind::Log => (None, bytes),
            Kind::Witness => {
                let (at, signature) = bytes.split_first_chunk::<8>()?;
                let at = Some(u64::from_be_bytes(*at)).filter(|at| (1..=LAST_SECOND).contains(at))?;
                (Some(at), signature)
            }
        };
        let message = at.map_or_else(|| text.to_owned(), |at| cosigned(text, at));
        let signature = Signature::from_slice(signature).ok()?;
        self.key.verify_strict(message.as_bytes(), &signature).ok()?;
        Some(at)
    }
}

/// `name+<key id>+<base64 of type and key>`.
impl fmt::Display for Verifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{}+{}+{}",
            self.name,
            hex(&self.id()),
            BASE64.encode(self.typed())
        )
    }
}

impl FromStr for Verifier {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let (name, rest) = text.split_once('+').ok_or(())?;
        let (id, key) = rest.split_once('+').ok_or(())?;
        let bytes = BASE64.decode(key).map_err(drop)?;
        let (kind, key) = bytes.split_first().ok_or(())?;
        let kind = match kind {
            1 => Kind::Log,
            4 => Kind::Witness,
            _ => return Err(()),
        };
        let key = VerifyingKey::try_from(key).map_err(drop)?;
        let verifier = Self {
            name: name.to_owned(),
            kind,
            key,
        };
        let fits = is_name(name) && hex(&verifier.id()) == id && !verifier.key.is_weak();
        fits.then_some(verifier).ok_or(())
    }
}

/// Whether a key may be called so: without white space and `+`.
pub fn is_name(name: &str) -> bool {
    !name.is_empty()
        && name.len() <= 200
        && !name.contains(|c: char| c.is_whitespace() || c.is_control() || c == '+')
}

fn cosigned(text: &str, at: u64) -> String {
    format!("cosignature/v1\ntime {at}\n{text}")
}

/// A key with the name that it signs under.
pub struct Signer {
    name: String,
    kind: Kind,
    key: SigningKey,
}

impl Signer {
    /// The key of this seed.
    pub fn new(name: &str, kind: Kind, seed: &[u8; 32]) -> Self {
        Self {
            name: name.to_owned(),
            kind,
            key: SigningKey::from_bytes(seed),
        }
    }

    /// The name it signs under.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Its public half.
    pub fn verifier(&self) -> Verifier {
        Verifier {
            name: self.name.clone(),
            kind: self.kind,
            key: self.key.verifying_key(),
        }
    }

    /// The signature line of `text`, ended by a newline; that of a witness says when (seconds since 1970).
    pub fn line(&self, text: &str, at: u64) -> String {
        let mut bytes = self.verifier().id().to_vec();
        match self.kind {
            Kind::Log => bytes.extend(self.key.sign(text.as_bytes()).to_bytes()),
            Kind::Witness => {
                bytes.extend(at.to_be_bytes());
                bytes.extend(self.key.sign(cosigned(text, at).as_bytes()).to_bytes());
            }
        }
        format!("— {} {}\n", self.name, BASE64.encode(bytes))
    }

    /// `text` as a note signed by this key of a log.
    pub fn note(&self, text: &str) -> String {
        format!("{text}\n{}", self.line(text, 0))
    }
}

/// A line under a note.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Line {
    name: String,
    id: [u8; 4],
    bytes: Vec<u8>,
}

/// A note with its signatures, none of them checked yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Note {
    text: String,
    lines: Vec<Line>,
}

/// More lines than this nobody signs.
const MOST_LINES: usize = 64;
/// Nor longer notes, in bytes.
const MOST_BYTES: usize = 65_536;
/// The last second of the year 9999.
const LAST_SECOND: u64 = 253_402_300_799;

impl Note {
    /// What is signed, with its last newline.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Whether the key signed it: for a witness, with the time in seconds since 1970. A line under the key's name and
    /// id that is no signature by it spoils the note.
    pub fn signed_by(&self, key: &Verifier) -> Option<Option<u64>> {
        let mut own = self
            .lines
            .iter()
            .filter(|line| line.name == key.name && line.id == key.id());
        let first = key.verifies(&self.text, &own.next()?.bytes)?;
        own.all(|line| key.verifies(&self.text, &line.bytes).is_some())
            .then_some(first)
    }

    /// How many signature lines it has.
    pub fn signatures(&self) -> usize {
        self.lines.len()
    }

    /// Whether there is a line of this name and key, sound or not.
    pub fn claims(&self, key: &Verifier) -> bool {
        self.lines
            .iter()
            .any(|line| line.name == key.name && line.id == key.id())
    }
}

impl FromStr for Note {
    type Err = ();

    fn from_str(note: &str) -> Result<Self, ()> {
        if note.len() > MOST_BYTES || note.contains(|c: char| c.is_control() && c != '\n') {
            return Err(());
        }
        let at = note.rfind("\n\n").ok_or(())? + 1;
        let (text, signatures) = (&note[..at], &note[at + 1..]);
        let signatures = signatures.strip_suffix('\n').ok_or(())?;
        let lines: Vec<Line> = signatures
            .split('\n')
            .map(line)
            .collect::<Option<_>>()
            .ok_or(())?;
        if lines.len() > MOST_LINES {
            return Err(());
        }
        Ok(Self {
            text: text.to_owned(),
            lines,
        })
    }
}

fn line(line: &str) -> Option<Line> {
    let (name, encoded) = line.strip_prefix("— ")?.split_once(' ')?;
    let bytes = BASE64.decode(encoded).ok()?;
    let (id, bytes) = bytes.split_first_chunk::<4>()?;
    (is_name(name) && !bytes.is_empty()).then(|| Line {
        name: name.to_owned(),
        id: *id,
        bytes: bytes.to_vec(),
    })
}

/// What a checkpoint says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Head {
    /// Which log.
    pub origin: String,
    /// How many leaves its tree has.
    pub size: u64,
    /// The tree's head.
    pub root: [u8; 32],
}

impl fmt::Display for Head {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}\n{}\n{}", self.origin, self.size, BASE64.encode(self.root))
    }
}

impl FromStr for Head {
    type Err = ();

    /// Reads the text of a note; it must be written exactly as [`Head`] writes it.
    fn from_str(text: &str) -> Result<Self, ()> {
        let [origin, size, root] = text.lines().collect::<Vec<_>>()[..] else {
            return Err(());
        };
        let root = BASE64.decode(root).map_err(drop)?;
        let head = Self {
            origin: origin.to_owned(),
            size: size.parse().map_err(drop)?,
            root: root.try_into().map_err(drop)?,
        };
        let sized = (1..1 << 53).contains(&head.size);
        (sized && head.to_string() == text).then_some(head).ok_or(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example key and note of golang.org/x/mod/sumdb/note.
    const PETER: &str = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";
    const PETERS: &str = "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n\n\
         — PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n";

    #[test]
    fn the_known_note_of_the_checksum_database_verifies_and_no_other_text_does() {
        let key: Verifier = PETER.parse().unwrap();
        assert_eq!(key.to_string(), PETER);
        let note: Note = PETERS.parse().unwrap();
        assert_eq!(note.signed_by(&key), Some(None));
        let other: Note = PETERS.replace("think", "thinK").parse().unwrap();
        assert_eq!(other.signed_by(&key), None);
        assert!(other.claims(&key));
    }

    #[test]
    fn a_checkpoint_is_read_only_as_it_is_written() {
        let head = Head {
            origin: "bangfu/1".into(),
            size: 7,
            root: [3; 32],
        };
        let text = head.to_string();
        assert_eq!(text.parse(), Ok(head));
        for wrong in [
            text.replace("7\n", "07\n"),
            text.replace("7\n", "+7\n"),
            format!("{text}more\n"),
            text.trim_end().to_owned(),
            text.replace("\n7", "\r\n7"),
        ] {
            assert!(wrong.parse::<Head>().is_err(), "{wrong:?}");
        }
    }

    #[test]
    fn a_witness_signs_the_text_with_its_time() {
        let (log, witness) = (
            Signer::new("bangfu/1", Kind::Log, &[1; 32]),
            Signer::new("province.example/w", Kind::Witness, &[2; 32]),
        );
        let text = "bangfu/1\n0\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n";
        let note = format!("{}{}", log.note(text), witness.line(text, 1_600_000_000));
        let note: Note = note.parse().unwrap();
        assert_eq!(note.signed_by(&log.verifier()), Some(None));
        assert_eq!(note.signed_by(&witness.verifier()), Some(Some(1_600_000_000)));
        let stranger = Signer::new("bangfu/1", Kind::Log, &[9; 32]).verifier();
        assert_eq!((note.signed_by(&stranger), note.claims(&stranger)), (None, false));
    }

    #[test]
    fn what_is_no_note_or_key_is_refused() {
        for wrong in [
            "",
            "a\n",
            "a\n\n",
            "a\n\n— x\n",
            "a\n\n— x !!!!\n",
            "a\n\n— x AAAA",
            "\n— x AAAAAAA=\n",
        ] {
            assert!(wrong.parse::<Note>().is_err(), "{wrong:?}");
        }
        for wrong in [
            "",
            "a+b",
            "a+00000000+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
        ] {
            assert!(wrong.parse::<Verifier>().is_err(), "{wrong:?}");
        }
    }
}
