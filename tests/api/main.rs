//! The API, tested as its users see it: over HTTP, on a fresh database per test.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::disallowed_methods,
    clippy::print_stdout
)]

mod accounts;
mod aftercare;
mod aid;
mod attachments;
mod audit;
mod batches;
mod claims;
mod consents;
mod conventions;
mod demo;
mod duplicates;
mod files;
mod five_ones;
mod flags;
mod funds;
mod generated;
mod given;
mod harness;
mod histories;
mod households;
mod means;
mod members;
mod organizations;
mod permissions;
mod plans;
mod policies;
mod privacy;
mod procedure;
mod questionnaires;
mod registers;
mod relatives;
mod revisions;
mod sequences;
mod transfers;
mod upkeep;
mod users;
