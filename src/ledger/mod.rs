//! The five-ones ledger of a file and year (rules 50 to 56).
//!
//! It knows dated facts, not features: `files` calls it when a file comes on file, changes, is paired or ends, and
//! `duties` when something was done or waived.

use crate::db::Tx;
use crate::db::types::Id;
use crate::error::Result;
use crate::files::File;

/// Derives the duties of a file again from its facts, for every year that is still open, and keeps the outcome.
pub fn refresh(_tx: &mut Tx, _file: Id<File>) -> Result<()> {
    Ok(())
}
