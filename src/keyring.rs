//! Keys for personal data (rule 86): authenticated encryption at rest, keyed hashes for look-up.
//!
//! A sealed value names the key that sealed it, so keys can be replaced without rewriting the database. Digests
//! answer "is it the same number?" without showing it; a plain hash of an 18-digit number could be reversed by
//! trying all of them, so they are keyed. The key that signs the heads of the log is here too.

use std::collections::BTreeMap;
use std::fs::OpenOptions;
use std::io::Write as _;
use std::path::Path;

use aes_gcm::aead::{Aead, KeyInit, Payload};
use aes_gcm::{Aes256Gcm, Nonce};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD as BASE64;
use diesel::backend::Backend;
use diesel::deserialize::{self, FromSql, FromSqlRow};
use diesel::expression::AsExpression;
use diesel::serialize::{self, Output, ToSql};
use diesel::sql_types;
use hmac::{Hmac, Mac};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use sha2::Sha256;

use crate::error::{Error, Result};
use crate::note::{self, Kind, Signer};

/// A value encrypted at rest: key id, a dot, base64 of nonce and AES-256-GCM ciphertext.
#[derive(Debug, Clone, PartialEq, Eq, AsExpression, FromSqlRow)]
#[diesel(sql_type = sql_types::Text)]
pub struct Sealed(String);

impl<DB: Backend> FromSql<sql_types::Text, DB> for Sealed
where
    String: FromSql<sql_types::Text, DB>,
{
    fn from_sql(raw: DB::RawValue<'_>) -> deserialize::Result<Self> {
        String::from_sql(raw).map(Self)
    }
}
impl<DB: Backend> ToSql<sql_types::Text, DB> for Sealed
where
    String: ToSql<sql_types::Text, DB>,
{
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, DB>) -> serialize::Result {
        self.0.to_sql(out)
    }
}

/// The keyring as it stands in its file: keys in base64.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct KeyFile {
    /// The key that seals new values.
    active: String,
    /// Every key that may still be needed to open old values.
    encryption: BTreeMap<String, String>,
    /// The key of look-up digests; it can't be replaced without recomputing them.
    lookup: String,
    /// The key that signs checkpoints of the log.
    log: LogKey,
}

/// A key that signs, with its name, as it stands in the file.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct LogKey {
    /// The name of the log in its checkpoints; it can't be replaced without beginning another log.
    origin: String,
    /// The seed of the Ed25519 key.
    seed: String,
}

/// The keys in use.
pub struct Keyring {
    active: String,
    ciphers: BTreeMap<String, Aes256Gcm>,
    lookup: [u8; 32],
    log: Signer,
}

impl Keyring {
    /// Makes a new keyring file that only its owner can read; never overwrites one. The log gets a name that no other
    /// has, unless it is given one.
    pub fn create(path: &Path, origin: Option<&str>) -> Result<()> {
        let origin = match origin {
            Some(name) if !note::is_name(name) => {
                return Err(Error::internal("the name of a log has neither blanks nor +"));
            }
            Some(name) => name.to_owned(),
            None => format!("bangfu/{}", hex(&random::<6>()?)),
        };
        let key = || random::<32>().map(|bytes| BASE64.encode(bytes));
        let file = KeyFile {
            active: "k1".into(),
            encryption: [("k1".into(), key()?)].into(),
            lookup: key()?,
            log: LogKey { origin, seed: key()? },
        };
        write_secret(path, &file)
    }

    /// Reads a keyring file.
    pub fn load(path: &Path) -> Result<Self> {
        let text = std::fs::read_to_string(path).map_err(Error::internal)?;
        let file: KeyFile =
            serde_json::from_str(&text).map_err(|_| Error::internal("the keyring is not in its form"))?;
        let key = |text: &String| -> Result<[u8; 32]> {
            let bytes = BASE64.decode(text.trim_end_matches('=')).unwrap_or_default();
            bytes
                .try_into()
                .map_err(|_| Error::internal("a key of the keyring is not 32 bytes of base64"))
        };
        let mut ciphers = BTreeMap::new();
        for (id, text) in &file.encryption {
            ciphers.insert(id.clone(), Aes256Gcm::new(&key(text)?.into()));
        }
        if !ciphers.contains_key(&file.active) {
            return Err(Error::internal("the keyring's active key is not among its keys"));
        }
        Ok(Self {
            active: file.active,
            ciphers,
            lookup: key(&file.lookup)?,
            log: Signer::new(&file.log.origin, Kind::Log, &key(&file.log.seed)?),
        })
    }

    /// The key that signs checkpoints of the log.
    pub fn log(&self) -> &Signer {
        &self.log
    }

    /// Encrypts `clear`, bound to the field it belongs to: it can't be opened as the value of another field.
    pub fn seal(&self, field: &str, clear: &str) -> Result<Sealed> {
        self.seal_bytes(field, clear.as_bytes())
    }

    /// Decrypts what [`Keyring::seal`] made for the same field.
    pub fn open(&self, field: &str, sealed: &Sealed) -> Result<String> {
        String::from_utf8(self.open_bytes(field, sealed)?)
            .map_err(|_| Error::internal(format!("a sealed {field} is no text")))
    }

    /// Decrypts what [`Keyring::seal_bytes`] made for the same field.
    pub fn open_bytes(&self, field: &str, sealed: &Sealed) -> Result<Vec<u8>> {
        let fault = || Error::internal(format!("a sealed {field} can't be opened"));
        let (key, text) = sealed.0.split_once('.').ok_or_else(fault)?;
        let bytes = BASE64.decode(text).map_err(|_| fault())?;
        let (nonce, msg) = bytes.split_first_chunk::<12>().ok_or_else(fault)?;
        let cipher = self
            .ciphers
            .get(key)
            .ok_or_else(|| Error::internal(format!("key {key} is not in the keyring")))?;
        let payload = Payload {
            msg,
            aad: field.as_bytes(),
        };
        cipher.decrypt(&Nonce::from(*nonce), payload).map_err(|_| fault())
    }

    /// Encrypts bytes, like [`Keyring::seal`].
    pub fn seal_bytes(&self, field: &str, clear: &[u8]) -> Result<Sealed> {
        let nonce = random::<12>()?;
        let payload = Payload {
            msg: clear,
            aad: field.as_bytes(),
        };
        let sealed = self.ciphers[&self.active]
            .encrypt(&Nonce::from(nonce), payload)
            .map_err(|_| Error::internal("can't encrypt"))?;
        let text = BASE64.encode([&nonce[..], &sealed].concat());
        Ok(Sealed(format!("{}.{text}", self.active)))
    }

    /// Seals a structure as JSON.
    pub fn seal_json(&self, field: &str, value: &impl Serialize) -> Result<Sealed> {
        self.seal(field, &serde_json::to_string(value).map_err(Error::internal)?)
    }

    /// Opens what [`Keyring::seal_json`] made.
    pub fn open_json<T: DeserializeOwned>(&self, field: &str, sealed: &Sealed) -> Result<T> {
        serde_json::from_str(&self.open(field, sealed)?)
            .map_err(|_| Error::internal(format!("a sealed {field} is damaged")))
    }

    /// A keyed hash of `value` in its domain, in lower-case hex (HMAC-SHA-256). Equal values have equal digests.
    pub fn digest(&self, domain: &str, value: &str) -> String {
        self.digest_bytes(domain, value.as_bytes())
    }

    /// The same of bytes.
    pub fn digest_bytes(&self, domain: &str, value: &[u8]) -> String {
        hex(&keyed(&self.lookup, &[domain.as_bytes(), &[0], value]))
    }

    /// A key of its own for what `label` names in its domain: who is given it learns nothing of any other.
    pub fn derived(&self, domain: &str, label: &str) -> [u8; 32] {
        keyed(&self.lookup, &[domain.as_bytes(), &[1], label.as_bytes()])
    }

    /// The digest that stands for a person: that of the normalised ID number.
    pub fn person(&self, id_number: &str) -> String {
        self.digest("person", id_number)
    }
}

/// HMAC-SHA256 over the parts in a row.
pub fn keyed(key: &[u8], parts: &[&[u8]]) -> [u8; 32] {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).unwrap_or_else(|_| unreachable!("any length is a key"));
    parts.iter().for_each(|part| mac.update(part));
    mac.finalize().into_bytes().into()
}

/// Writes a file that only its owner can read; never over another.
pub fn write_secret(path: &Path, content: &impl Serialize) -> Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut out = options.open(path).map_err(Error::internal)?;
    serde_json::to_writer_pretty(&mut out, content).map_err(Error::internal)?;
    out.write_all(b"\n")
        .and_then(|()| out.sync_all())
        .map_err(Error::internal)
}

/// Lower-case hex.
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Random bytes from the operating system.
pub fn random<const N: usize>() -> Result<[u8; N]> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(Error::internal)?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keyring() -> Keyring {
        let file = tempfile::tempdir().unwrap();
        let path = file.path().join("keyring.json");
        Keyring::create(&path, None).unwrap();
        Keyring::load(&path).unwrap()
    }

    #[test]
    fn a_sealed_value_opens_only_as_the_field_it_belongs_to() {
        let keys = keyring();
        let sealed = keys.seal("phone", "13800000000").unwrap();
        assert_eq!(keys.open("phone", &sealed).unwrap(), "13800000000");
        assert!(keys.open("id_number", &sealed).is_err());
        assert!(keyring().open("phone", &sealed).is_err());
        assert_ne!(sealed, keys.seal("phone", "13800000000").unwrap());
    }

    #[test]
    fn digests_are_equal_for_equal_values_of_one_domain_under_one_key() {
        let keys = keyring();
        assert_eq!(keys.digest("phone", "1"), keys.digest("phone", "1"));
        assert_ne!(keys.digest("phone", "1"), keys.digest("person", "1"));
        assert_ne!(keys.digest("phone", "1"), keyring().digest("phone", "1"));
    }
}
