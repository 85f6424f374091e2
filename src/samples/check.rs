//! Checks the document of a sample with no server, and draws it again.

use serde::Deserialize;

use super::rules::{self, Item, Method};
use crate::audit::pack::{self, EvidenceEvent, Fault, Noted, Question};
use crate::audit::{Opening, Side};
use crate::keyring::hex;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Frozen {
    event: serde_json::Value,
    proof: Vec<String>,
    opening: String,
    method_opening: String,
    size_opening: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
    format: String,
    id: String,
    method: Method,
    size: i64,
    population: Vec<Item>,
    frozen: Frozen,
    origin: String,
    log_key: String,
    witness_keys: Vec<String>,
    checkpoint: String,
    drawn: Vec<String>,
}

/// Checks a sample's document: the head whose root it was drawn from, and how many were drawn.
pub fn check(content: &[u8], question: &Question, alone: bool) -> Result<(Noted, usize), Fault> {
    let damaged = || {
        Fault::new(
            "样本文件已损坏或被改动",
            "the sample's file is damaged or was changed",
        )
    };
    let value = pack::read_strictly(content).ok_or_else(damaged)?;
    let document: Document = serde_json::from_value(value).map_err(|_| damaged())?;
    if document.format != super::document::FORMAT || document.size < 1 || !is_in_order(&document.population) {
        return Err(damaged());
    }
    let keys = (
        document.origin.as_str(),
        document.log_key.as_str(),
        &document.witness_keys[..],
    );
    let mut noted = pack::head(keys, &document.checkpoint, question, alone)?;
    let frozen = EvidenceEvent {
        event: document.frozen.event.clone(),
        proof: document.frozen.proof.clone(),
    };
    let seq = frozen.proved(&noted.head)?;
    noted.first_from = Some(seq);
    let digest = digest(&document, &frozen).ok_or_else(damaged)?;
    let seed = rules::seed(&noted.head.root, &digest);
    if rules::draw(document.method, document.size, &document.population, &seed) != document.drawn {
        return Err(Fault::new(
            "抽出的样本与种子不符",
            "what was drawn is not what the seed draws",
        ));
    }
    Ok((noted, document.drawn.len()))
}

/// Whether the population stands in the order of its ids, with nothing that counts less than nothing.
fn is_in_order(population: &[Item]) -> bool {
    let sound = |item: &Item| !item.id.is_empty() && item.amount_fen >= 0;
    !population.is_empty()
        && population.iter().all(sound)
        && population.windows(2).all(|pair| pair[0].id < pair[1].id)
}

/// The digest of the population, if the event of the freezing is this sample's and committed to all three values.
fn digest(document: &Document, frozen: &EvidenceEvent) -> Option<crate::audit::tree::Hash> {
    let event = &document.frozen.event;
    let own = event["action"] == "audit_sample.frozen"
        && event["subject_type"] == "audit_sample"
        && event["subject_id"] == document.id;
    let population = serde_json_canonicalizer::to_string(&document.population).ok()?;
    let digest = rules::digest(&population);
    let values = [
        (
            "population",
            format!("\"{}\"", hex(&digest)),
            &document.frozen.opening,
        ),
        (
            "method",
            format!("\"{}\"", document.method),
            &document.frozen.method_opening,
        ),
        ("size", document.size.to_string(), &document.frozen.size_opening),
    ];
    let opens = |(field, text, opening): (&str, String, &String)| {
        frozen.opens(&Opening {
            seq: 0,
            field: field.to_owned(),
            side: Side::New,
            text,
            opening: opening.clone(),
        })
    };
    (own && values.into_iter().all(opens)).then_some(digest)
}
