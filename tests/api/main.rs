//! The API, tested as its users see it: over HTTP, on a fresh database per test.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::disallowed_methods,
    clippy::print_stdout
)]

mod account_changes;
mod accounts;
mod aftercare;
mod aid;
mod attachments;
mod audit;
mod audits;
mod batches;
mod cash;
mod claims;
mod consents;
mod conventions;
mod demo;
mod duplicates;
mod evidence;
mod exports;
mod files;
mod five_ones;
mod flags;
mod funds;
mod generated;
mod given;
mod harness;
mod histories;
mod households;
mod insurance;
mod invariants;
mod kept_flags;
mod means;
mod members;
mod organizations;
mod payees;
mod permissions;
mod plans;
mod policies;
mod privacy;
mod procedure;
mod proofs;
mod questionnaires;
mod read_only;
mod recoveries;
mod registers;
mod relatives;
mod revisions;
mod samples;
mod segments;
mod sequences;
mod transfers;
mod upkeep;
mod users;
mod watch;
