//! The API, tested as its users see it: over HTTP, on a fresh database per test.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::disallowed_methods,
    clippy::print_stdout
)]

mod accounts;
mod audit;
mod claims;
mod conventions;
mod five_ones;
mod generated;
mod given;
mod harness;
mod organizations;
mod permissions;
mod privacy;
