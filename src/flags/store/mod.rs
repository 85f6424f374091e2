//! The standing queries in SQL, by what they are about.

pub(super) mod files;
pub(super) mod payments;
pub(super) mod units;
