//! Samples that nobody could choose (抽样, 37): the population is frozen and the log commits to it; then the first
//! checkpoint that covers that event decides what is drawn. Anybody can draw it again from the document.

use diesel::prelude::*;

use crate::audit::{self, Checkpoint, Event, Record};
use crate::audits::{self, TaskId};
use crate::db::schema::audit_samples;
use crate::db::types::{Date, Id, Timestamp};
use crate::db::{Rx, Tx};
use crate::error::Result;
use crate::input;
use crate::keyring::hex;
use crate::organizations::{self, OrganizationId};
use crate::users::UserId;

mod check;
mod document;
pub mod http;
mod rules;
mod store;

pub use check::check;
pub use document::Document;
pub use rules::{Item, Method, Of, Status, StratifyBy};

/// The id of a sample.
pub type SampleId = Id<Sample>;

/// The action of the event that commits to a population.
const FROZEN: &str = "audit_sample.frozen";

/// A sample, without its population.
#[derive(Debug, Clone, HasQuery)]
#[diesel(table_name = audit_samples)]
pub struct Sample {
    /// Its id.
    pub id: SampleId,
    /// The audit it is for.
    pub task_id: Option<TaskId>,
    /// Of this unit and the units below it.
    pub organization_id: OrganizationId,
    /// Of what records.
    pub population_of: Of,
    /// First day.
    pub from_on: Date,
    /// Last day.
    pub to_on: Date,
    /// How it is drawn.
    pub method: Method,
    /// Into what strata.
    pub stratify_by: Option<StratifyBy>,
    /// How many are drawn.
    pub size: i64,
    /// Of how many.
    pub population_size: i64,
    /// SHA-256 of the population in hex.
    pub digest: String,
    /// When the population was frozen.
    pub frozen_at: Timestamp,
    /// By whom.
    pub frozen_by: UserId,
}

input! {
    /// What a sample is drawn from.
    #[schema(as = NewAuditPopulation)]
    pub struct NewPopulation {
        /// Of what records.
        pub of: Of,
        /// First day.
        #[schema(example = "2020-01-01")]
        pub from: Date,
        /// Last day.
        #[schema(example = "2020-12-31")]
        pub to: Date,
        /// Of this unit and the units below it.
        #[schema(value_type = String, format = "uuid")]
        pub organization_id: OrganizationId,
    }
}
input! {
    /// A sample to draw.
    #[schema(as = NewAuditSample)]
    pub struct NewSample {
        /// Made by the client (UUIDv7), or null.
        #[schema(value_type = Option<String>, format = "uuid")]
        pub id: Option<SampleId>,
        /// The audit it is for, or null.
        #[schema(value_type = Option<String>, format = "uuid", example = json!(null))]
        pub task_id: Option<TaskId>,
        /// What it is drawn from.
        pub population: NewPopulation,
        /// How it is drawn.
        pub method: Method,
        /// Into what strata: for the stratified method, else null.
        #[schema(example = json!(null))]
        pub stratify_by: Option<StratifyBy>,
        /// How many are drawn: 1 to 10,000.
        #[schema(example = 60)]
        pub size: i64,
    }
}

/// Freezes a population: from now on nobody can change what is drawn from, and nobody knows what will be drawn.
fn freeze(tx: &mut Tx, id: SampleId, new: NewSample) -> Result<Sample> {
    let NewPopulation {
        of,
        from,
        to,
        organization_id,
    } = new.population;
    rules::well_formed(of, (from, to), new.method, new.stratify_by, new.size)?;
    if let Some(task) = new.task_id {
        let task = audits::own(tx, task, "/task_id")?;
        organizations::narrow(tx, Some(task.audited_organization_id))?;
    }
    let unit = organizations::referred(tx, organization_id, "/population/organization_id")?;
    organizations::narrow(tx, Some(unit.id))?;
    let mut population = store::population_of(tx, of, (from, to), new.stratify_by)?;
    rules::drawable(new.method, new.size, &population)?;
    let text = rules::canonical(&mut population)?;
    let sample = Sample {
        id,
        task_id: new.task_id,
        organization_id: unit.id,
        population_of: of,
        from_on: from,
        to_on: to,
        method: new.method,
        stratify_by: new.stratify_by,
        size: new.size,
        population_size: i64::try_from(population.len()).unwrap_or(i64::MAX),
        digest: hex(&rules::digest(&text)),
        frozen_at: tx.now,
        frozen_by: tx.actor.user()?,
    };
    store::insert(tx, &sample, &text)?;
    Event::of(FROZEN, "audit_sample", sample.id)
        .organization(sample.organization_id)
        .field("population", &sample.digest)
        .field("method", &sample.method)
        .field("size", &sample.size)
        .record(tx)?;
    Ok(sample)
}

/// What decided a sample.
struct Decision {
    /// The event that commits to the population.
    frozen: Record,
    /// The first checkpoint that covers it.
    checkpoint: Checkpoint,
    /// What was drawn from.
    population: Vec<Item>,
    /// What is drawn, in the order of the keys.
    drawn: Vec<String>,
}

/// What decided a sample, once there is a checkpoint that covers its event.
fn decide(rx: &mut Rx, sample: &Sample) -> Result<Option<Decision>> {
    let Some(frozen) = audit::find_of(rx, &sample.id.to_string(), FROZEN)? else {
        return Ok(None);
    };
    let Some(checkpoint) = audit::first_checkpoint_from(rx, frozen.seq.unwrap_or(i64::MAX))? else {
        return Ok(None);
    };
    let (population, digest) = store::population(rx, sample.id)?;
    let seed = rules::seed(&rules::bytes(&checkpoint.root)?, &digest);
    let drawn = rules::draw(sample.method, sample.size, &population, &seed);
    Ok(Some(Decision {
        frozen,
        checkpoint,
        population,
        drawn,
    }))
}
