//! The rules of aid (67 to 72, 76). Values in, verdict out.
//!
//! [`period`]: for which time aid is granted. [`judge`](mod@judge): whether an application earns it, and how much.

pub mod judge;
pub mod period;

pub use judge::{Assessment, Case, FileFacts, Limit, RejectCode, Warning, duplicate, judge};
pub use period::Period;
