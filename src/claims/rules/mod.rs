//! The rules of the big-illness condolence (58 to 66). Values in, verdict out.
//!
//! [`stays`]: what a claim may hold at all. [`assess`](mod@assess): whether it earns the condolence. [`steps`]: which
//! verb leads from which status where.

pub mod assess;
pub mod stays;
pub mod steps;

pub use assess::{Assessment, Case, Clause, Reason, StayFacts, assess};
pub use stays::{Deductions, Illness, Stay};
pub use steps::{RejectCode, ReturnCode, Status, Verb};
