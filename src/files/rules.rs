//! The rules of a hardship file. Values in, verdict out.

pub use crate::policies::rules::Scheme;
