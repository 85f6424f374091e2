//! Access tokens: short JWTs signed with Ed25519 keys that rotate and that all copies of the service share.
//!
//! A token only proves which session is asking; what its user may do is read from the database at each request, so
//! ending a session, disabling a user or changing roles works at once.

use std::collections::HashMap;
use std::sync::RwLock;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use chrono::TimeDelta;
use diesel::prelude::*;
use jsonwebtoken::jwk::{AlgorithmParameters, Jwk};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use utoipa::ToSchema;

use crate::db::schema::signing_keys;
use crate::db::types::{Id, Timestamp};
use crate::db::{Rx, Tx};
use crate::error::{Error, Result};
use crate::keyring::{Sealed, random};

use super::store::Session;

/// What a token says: no name, no number.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Claims {
    /// The account's id.
    pub sub: String,
    /// The session.
    pub sid: Id<Session>,
    /// Issued at, in seconds since 1970.
    pub iat: i64,
    /// Expires at, in seconds since 1970.
    pub exp: i64,
}

/// How tokens are issued, and the public keys seen so far.
pub struct Tokens {
    /// How long an access token is valid.
    pub valid: TimeDelta,
    /// How long a key signs before a new one takes over.
    pub rotation: TimeDelta,
    known: RwLock<HashMap<String, DecodingKey>>,
    genuine: RwLock<HashMap<[u8; 32], Claims>>,
}

/// How many tokens whose signature was checked are remembered.
const REMEMBERED: usize = 10_000;

#[derive(Queryable, Insertable)]
#[diesel(table_name = signing_keys)]
struct SigningKey {
    kid: String,
    private_sealed: Sealed,
    public_x: String,
    created_at: Timestamp,
}

/// A public key as RFC 7517 and 8037 write it.
#[derive(Debug, Serialize, ToSchema)]
pub struct PublicKey {
    /// `OKP`.
    #[schema(example = "OKP")]
    kty: &'static str,
    /// `Ed25519`.
    #[schema(example = "Ed25519")]
    crv: &'static str,
    /// `EdDSA`.
    #[schema(example = "EdDSA")]
    alg: &'static str,
    /// `sig`.
    #[serde(rename = "use")]
    #[schema(example = "sig")]
    purpose: &'static str,
    /// The key's id.
    kid: String,
    /// The public key in base64url.
    x: String,
}

/// The keys that tokens may be signed with (RFC 7517).
#[derive(Debug, Serialize, ToSchema)]
pub struct PublicKeys {
    keys: Vec<PublicKey>,
}

/// The beginning of every PKCS#8 document of an Ed25519 key (RFC 8410); the 32 bytes of the seed follow.
const PKCS8_ED25519: [u8; 16] = [
    0x30, 0x2e, 2, 1, 0, 0x30, 5, 6, 3, 0x2b, 0x65, 0x70, 4, 0x22, 4, 0x20,
];

impl Tokens {
    /// Tokens valid for `minutes`, keys for `days`.
    pub fn new(minutes: i64, days: i64) -> Self {
        Self {
            valid: TimeDelta::minutes(minutes),
            rotation: TimeDelta::days(days),
            known: RwLock::default(),
            genuine: RwLock::default(),
        }
    }

    /// A token for a session.
    pub fn issue(&self, tx: &mut Tx, user: impl ToString, session: Id<Session>) -> Result<String> {
        let key = self.signing_key(tx)?;
        let seed = STANDARD_NO_PAD
            .decode(tx.keys.open("signing_key", &key.private_sealed)?)
            .map_err(Error::internal)?;
        let header = Header {
            kid: Some(key.kid),
            ..Header::new(Algorithm::EdDSA)
        };
        let issued = tx.now.unix();
        let claims = Claims {
            sub: user.to_string(),
            sid: session,
            iat: issued,
            exp: issued + self.valid.num_seconds(),
        };
        jsonwebtoken::encode(&header, &claims, &encoding_key(&seed)).map_err(Error::internal)
    }

    /// The claims of a token that is ours and has not expired. A signature is checked once, as it costs more than most
    /// reads; the time, and by the caller the session, at each request.
    pub fn verify(&self, rx: &mut Rx, token: &str) -> Result<Claims> {
        let digest = Sha256::digest(token).into();
        let remembered = self
            .genuine
            .read()
            .unwrap_or_else(|e| e.into_inner())
            .get(&digest)
            .cloned();
        let claims = match remembered {
            Some(claims) => claims,
            None => {
                let claims = self.check_signature(rx, token)?;
                let mut genuine = self.genuine.write().unwrap_or_else(|e| e.into_inner());
                if genuine.len() >= REMEMBERED {
                    genuine.clear();
                }
                genuine.insert(digest, claims.clone());
                claims
            }
        };
        if claims.exp > rx.now.unix() {
            Ok(claims)
        } else {
            Err(Error::Unauthenticated)
        }
    }

    fn check_signature(&self, rx: &mut Rx, token: &str) -> Result<Claims> {
        let refuse = |_| Error::Unauthenticated;
        let kid = jsonwebtoken::decode_header(token)
            .map_err(refuse)?
            .kid
            .ok_or(Error::Unauthenticated)?;
        let key = self.public_key(rx, &kid)?;
        let mut validation = Validation::new(Algorithm::EdDSA);
        validation.required_spec_claims.clear();
        validation.validate_exp = false; // by the clock of the unit of work, in `verify`
        let data = jsonwebtoken::decode(token, &key, &validation).map_err(refuse)?;
        Ok(data.claims)
    }

    fn public_key(&self, rx: &mut Rx, kid: &str) -> Result<DecodingKey> {
        if let Some(key) = self.known.read().unwrap_or_else(|e| e.into_inner()).get(kid) {
            return Ok(key.clone());
        }
        let row = signing_keys::table
            .find(kid)
            .select(signing_keys::public_x)
            .get_result::<String>(rx.conn)
            .optional()?;
        let key =
            DecodingKey::from_ed_components(&row.ok_or(Error::Unauthenticated)?).map_err(Error::internal)?;
        self.known
            .write()
            .unwrap_or_else(|e| e.into_inner())
            .insert(kid.to_owned(), key.clone());
        Ok(key)
    }

    /// The newest key, or a new one when there is none or it has signed long enough.
    fn signing_key(&self, tx: &mut Tx) -> Result<SigningKey> {
        let newest = signing_keys::table
            .order(signing_keys::created_at.desc())
            .first::<SigningKey>(tx.conn)
            .optional()?;
        if let Some(key) = newest
            && tx.now.since(key.created_at) < self.rotation
        {
            return Ok(key);
        }
        let seed = random::<32>()?;
        let kid = tx.new_id::<SigningKey>().to_string();
        let private_sealed = tx.keys.seal("signing_key", &STANDARD_NO_PAD.encode(seed))?;
        let key = SigningKey {
            kid,
            private_sealed,
            public_x: public_x(&seed)?,
            created_at: tx.now,
        };
        diesel::insert_into(signing_keys::table)
            .values(&key)
            .execute(tx.conn)?;
        Ok(key)
    }

    /// The public keys of tokens that can still be valid.
    pub fn public_keys(&self, rx: &mut Rx) -> Result<PublicKeys> {
        let oldest = rx.now.plus(-(self.rotation + self.valid * 2));
        let keys = signing_keys::table
            .filter(signing_keys::created_at.gt(oldest))
            .order(signing_keys::created_at.desc())
            .select((signing_keys::kid, signing_keys::public_x))
            .load::<(String, String)>(rx.conn)?;
        let shown = |(kid, x)| PublicKey {
            kty: "OKP",
            crv: "Ed25519",
            alg: "EdDSA",
            purpose: "sig",
            kid,
            x,
        };
        Ok(PublicKeys {
            keys: keys.into_iter().map(shown).collect(),
        })
    }
}

fn encoding_key(seed: &[u8]) -> EncodingKey {
    EncodingKey::from_ed_der(&[&PKCS8_ED25519, seed].concat())
}

fn public_x(seed: &[u8]) -> Result<String> {
    let jwk = Jwk::from_encoding_key(&encoding_key(seed), Algorithm::EdDSA).map_err(Error::internal)?;
    match jwk.algorithm {
        AlgorithmParameters::OctetKeyPair(pair) => Ok(pair.x),
        _ => Err(Error::internal("not an Ed25519 key")),
    }
}
