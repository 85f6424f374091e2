//! What a bank reads and what it answers (rule 75): files made and read by a layout that is data, so that another bank is
//! another row. Values in, values out; where the lines come from and what becomes of them is in [`crate::batches`].

pub mod answer;
pub mod capitals;
pub mod cell;
pub mod layout;
mod write;

pub use layout::Layout;
pub use write::{Line, write};
