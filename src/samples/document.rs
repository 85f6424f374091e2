//! The document of a sample, with which anybody can draw it again without this service (`docs/audit-formats.md`).

use serde::Serialize;
use utoipa::ToSchema;

use super::{Decision, Item, Method, Sample, SampleId};
use crate::audit::{self, Record};
use crate::db::Rx;
use crate::error::{Error, Result};

/// The version of the format.
pub(super) const FORMAT: &str = "bangfu-sample/1";

/// What proves that a population was frozen before anybody knew what would be drawn.
#[derive(Serialize, ToSchema)]
#[schema(as = AuditSampleFrozen)]
pub struct Frozen {
    /// The event of the freezing, without its hash.
    #[schema(value_type = Object)]
    event: serde_json::Value,
    /// The proof that it is in the tree of the checkpoint, hashes in hex.
    proof: Vec<String>,
    /// What opens its commitment to the population.
    #[schema(example = "2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae")]
    opening: String,
    /// What opens its commitment to the method.
    #[schema(example = "2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae")]
    method_opening: String,
    /// What opens its commitment to the size.
    #[schema(example = "2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae")]
    size_opening: String,
}

/// A sample with everything that is needed to draw it again.
#[derive(Serialize, ToSchema)]
#[schema(as = AuditSampleDocument)]
pub struct Document {
    /// Its format.
    #[schema(example = "bangfu-sample/1")]
    format: &'static str,
    /// Its id.
    #[schema(value_type = String, format = "uuid")]
    id: SampleId,
    /// How it is drawn.
    method: Method,
    /// How many.
    #[schema(example = 60)]
    size: i64,
    /// What from, by id.
    population: Vec<Item>,
    /// What proves it.
    frozen: Frozen,
    /// The name of the log.
    #[schema(example = "bangfu/4f2a9c1e70d3")]
    origin: String,
    /// The log's key.
    #[schema(example = "bangfu/4f2a9c1e70d3+58e32aea+BOpKbGPinFIKvvVQexMuxfmVR3auvr57kkIe6mkURtIs")]
    log_key: String,
    /// The keys of its witnesses.
    witness_keys: Vec<String>,
    /// The first checkpoint after the freezing, as a signed note.
    #[schema(
        example = "bangfu/4f2a9c1e70d3\n1234\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n\n— bangfu/4f2a9c1e70d3 …\n"
    )]
    checkpoint: String,
    /// The ids that are drawn, in the order of their keys.
    drawn: Vec<String>,
}

impl Document {
    /// The document of a sample that is decided; 404 while no checkpoint covers its event.
    pub(super) fn of(rx: &mut Rx, sample: &Sample) -> Result<Self> {
        let decision = super::decide(rx, sample)?.ok_or(Error::NotFound("checkpoint"))?;
        let Decision {
            frozen,
            checkpoint,
            population,
            drawn,
        } = decision;
        let seq = frozen.seq.unwrap_or_default();
        let frozen = Frozen {
            event: serde_json::from_slice(&frozen.data()?).map_err(Error::internal)?,
            proof: audit::proof(rx, seq, checkpoint.size)?,
            opening: opening(rx, &frozen, "population", &sample.digest)?,
            method_opening: opening(rx, &frozen, "method", &sample.method)?,
            size_opening: opening(rx, &frozen, "size", &sample.size)?,
        };
        let log = rx.keys.log();
        Ok(Self {
            format: FORMAT,
            id: sample.id,
            method: sample.method,
            size: sample.size,
            population,
            frozen,
            origin: log.name().to_owned(),
            log_key: log.verifier().to_string(),
            witness_keys: audit::witness_keys(rx)?,
            checkpoint: checkpoint.note,
            drawn,
        })
    }
}

/// What opens the commitment of an event to the value of a field.
fn opening(rx: &Rx, event: &Record, field: &str, value: &impl Serialize) -> Result<String> {
    let opened = audit::opening(rx, event, field, value);
    let opened = opened.ok_or_else(|| Error::internal("the log says something else of a sample"))?;
    Ok(opened.opening)
}
