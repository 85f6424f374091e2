//! Hardship files (困难职工档案).

pub mod rules;

pub use rules::Scheme;

/// A hardship file.
pub struct File;
