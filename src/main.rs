//! The command line of Bangfu.
#![allow(clippy::print_stdout)] // talking to the terminal is what a command line does
fn main() {}
