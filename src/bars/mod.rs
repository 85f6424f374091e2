//! Who gets nothing new for a time (78): whoever got money by false information and has not paid it back, and for the
//! years of the policy after that. Recoveries lay a bar and end it; claims and applications for aid ask for it.

use diesel::prelude::*;

use crate::db::schema::bars;
use crate::db::types::{Date, Id};
use crate::db::{Rx, Tx};
use crate::error::Result;

mod rules;
mod store;

pub use rules::free_from;

/// A bar: of a person, because of a recovery.
#[derive(Debug, Clone, HasQuery, Insertable)]
#[diesel(table_name = bars)]
pub struct Bar {
    /// Its id.
    pub id: Id<Bar>,
    /// Digest of the person's ID number.
    pub person: String,
    /// The recovery; a plain id, because recoveries build on this module.
    pub recovery_id: Id<()>,
    /// The first day.
    pub from_on: Date,
    /// The day from which the person is free again; null while the recovery is open.
    pub free_from: Option<Date>,
}

/// Lays a bar on a person.
pub fn lay<T>(tx: &mut Tx, person: &str, recovery: Id<T>) -> Result<()> {
    let bar = Bar {
        id: tx.new_id(),
        person: person.to_owned(),
        recovery_id: recovery.cast(),
        from_on: tx.today(),
        free_from: None,
    };
    store::insert(tx, &bar)
}

/// Says from which day on the person is free again; none when the recovery is open again.
pub fn set_end<T>(tx: &mut Tx, recovery: Id<T>, free_from: Option<Date>) -> Result<()> {
    store::set_end(tx, recovery.cast(), free_from)
}

/// Whether a person, by any of these digests, is barred on a day.
pub fn barred(rx: &mut Rx, persons: &[String], on: Date) -> Result<bool> {
    let laid = store::of(rx, persons)?;
    Ok(laid.iter().any(|bar| rules::holds(bar, on)))
}

/// Refuses what a barred person applies for.
///
/// # Errors
/// 409 `barred_by_recovery`, with the day from which the person is free again, if it is known.
pub fn not_barred(rx: &mut Rx, persons: &[String], on: Date) -> Result<()> {
    let laid = store::of(rx, persons)?;
    rules::free(&laid, on)
}
