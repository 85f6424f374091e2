//! Witnesses: people elsewhere, such as the provincial federation, whose program sees every head of the log, checks
//! that it only grew, and signs under it. Who rewrites the log would have to show them another one than before.

use serde::Serialize;
use utoipa::ToSchema;

use super::{Checkpoint, Event, heads};
use crate::db::Tx;
use crate::db::types::{Id, Timestamp};
use crate::error::{Error, Result};
use crate::input::Text;
use crate::note::{Kind, Note, Verifier};
use crate::users::UserId;
use crate::{input, say};

pub mod http;
mod store;

pub use store::keys;

/// The id of a witness.
pub type WitnessId = Id<Witness>;

/// A witness, known by the public half of its key.
#[derive(Debug, Clone, diesel::HasQuery, diesel::Insertable, Serialize, ToSchema)]
#[diesel(table_name = crate::db::schema::audit_witnesses)]
#[schema(as = AuditWitness)]
pub struct Witness {
    /// Its id.
    #[schema(value_type = String, format = "uuid")]
    pub id: WitnessId,
    /// Its name and public key, as `bangfu audit witness-key` prints them.
    #[schema(example = "province.example/witness+58e32aea+BOpKbGPinFIKvvVQexMuxfmVR3auvr57kkIe6mkURtIs")]
    pub key: String,
    /// Who registered it.
    #[schema(value_type = String, format = "uuid")]
    pub created_by: UserId,
    /// When.
    pub created_at: Timestamp,
    /// Since when its signatures are no longer taken.
    pub retired_at: Option<Timestamp>,
    /// Its version.
    pub version: i32,
}

input! {
    /// A witness to register.
    pub struct NewWitness {
        /// Made by the client (UUIDv7), or null.
        #[schema(value_type = Option<String>, format = "uuid")]
        pub id: Option<WitnessId>,
        /// Its name and public key, as `bangfu audit witness-key` prints them.
        #[schema(value_type = String, example = "province.example/witness+58e32aea+BOpKbGPinFIKvvVQexMuxfmVR3auvr57kkIe6mkURtIs")]
        pub key: Text<300>,
    }
}

input! {
    /// The signature of a witness.
    pub struct NewCosignature {
        /// The size of the checkpoint that it signed.
        pub size: super::http::Seq,
        /// Its signature line.
        #[schema(value_type = String, example = "— province.example/witness 56xM0gAAAABeFg…")]
        pub line: Text<600>,
    }
}

/// Registers a witness.
pub fn register(tx: &mut Tx, id: WitnessId, new: &NewWitness) -> Result<Witness> {
    let key: Option<Verifier> = new.key.parse().ok();
    if key.is_none_or(|key| key.kind() != Kind::Witness) {
        let detail = say!(
            "不是见证人公钥：应为 `bangfu audit witness-key` 显示的一行",
            "not a witness's key: the line that `bangfu audit witness-key` prints"
        );
        return Err(Error::invalid("/key", "invalid_key", detail));
    }
    let witness = Witness {
        id,
        key: new.key.to_string(),
        created_by: tx.actor.user()?,
        created_at: tx.now,
        retired_at: None,
        version: 1,
    };
    store::insert(tx, &witness)?;
    event("audit_witness.registered", &witness).record(tx)?;
    Ok(witness)
}

/// Takes no more signatures of a witness; those it gave stay.
pub fn retire(tx: &mut Tx, mut witness: Witness) -> Result<Witness> {
    if witness.retired_at.is_some() {
        let detail = say!("该见证人已停用", "this witness is retired already");
        return Err(Error::refused("wrong_state", detail));
    }
    witness.retired_at = Some(tx.now);
    witness.version += 1;
    store::retire(tx, &witness)?;
    event("audit_witness.retired", &witness).record(tx)?;
    Ok(witness)
}

fn event(action: &'static str, witness: &Witness) -> Event {
    Event::of(action, "audit_witness", witness.id)
        .field("key", &witness.key)
        .version(witness.version)
}

/// Keeps a witness's signature under a checkpoint. Nobody signs in for it: only a registered witness can have made
/// it. A second one under the same checkpoint changes nothing.
fn cosign(tx: &mut Tx, new: &NewCosignature) -> Result<Checkpoint> {
    let checkpoint = heads::checkpoint(tx, new.size.0)?;
    let line = format!("{}\n", new.line);
    let text = checkpoint.note.split("\n\n").next().unwrap_or_default();
    let note: Option<Note> = format!("{text}\n\n{line}").parse().ok();
    let signed = |witness: &Witness| {
        let key: Option<Verifier> = witness.key.parse().ok();
        let signature = note.as_ref().zip(key.as_ref());
        signature.is_some_and(|(note, key)| note.signed_by(key).is_some())
    };
    let Some(witness) = store::active(tx)?.into_iter().find(signed) else {
        let detail = say!(
            "不是已登记见证人对该检查点的签名",
            "not the signature of a registered witness under this checkpoint"
        );
        return Err(Error::invalid("/line", "invalid_signature", detail));
    };
    heads::keep(tx, new.size.0, witness.id, &line)?;
    heads::checkpoint(tx, new.size.0)
}
