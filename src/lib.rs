//! Bangfu (帮扶): case management for trade unions that look after hardship workers.
//!
//! A guided tour, in the order in which the modules build on each other:
//!
//! - [`error`] and [`mod@input`]: what can stop a request, and what clients may send.
//! - [`keyring`] and [`identity`]: encryption and keyed hashes of personal data; ID, phone and card numbers.
//! - [`mod@note`]: signed notes, which carry the heads of the log.
//! - [`bank`]: files for banks, and amounts in capitals.
//! - [`mod@failpoint`]: where tests end the program.
//! - [`db`]: one connection type for SQLite and PostgreSQL; [`db::Rx`] reads, [`db::Tx`] is a unit of work.
//! - [`auth`]: who is asking; [`auth::policy`] is the table of who may do what.
//! - [`audit`]: the log that proves itself.
//! - One folder per thing the union talks about, each calling only earlier ones: [`organizations`], [`users`],
//!   [`policies`], [`codes`], [`calendar`], [`funds`], [`members`], [`attachments`], [`bars`], [`ledger`], [`separation`], [`files`], [`duties`], [`insurance`], [`claims`], [`aid`], [`payments`], [`recoveries`], [`batches`], [`flags`], [`audits`], [`samples`], [`watch`], [`evidence`], [`exports`]. In each, `mod.rs` says what it is and
//!   everything that can happen to it, `rules.rs` is pure, `store.rs` is SQL, `http.rs` is routes.
//! - [`witness`]: the client that watches a log elsewhere.
//! - [`http`]: what all routes share. [`app`] assembles them, [`jobs`] run beside them, [`config`] and [`telemetry`]
//!   surround them.

pub mod aid;
pub mod app;
pub mod attachments;
pub mod audit;
pub mod audits;
pub mod auth;
pub mod bank;
pub mod bars;
pub mod batches;
pub mod calendar;
pub mod claims;
pub mod codes;
pub mod config;
pub mod db;
pub mod demo;
pub mod duplicates;
pub mod duties;
pub mod error;
pub mod evidence;
pub mod exports;
pub mod failpoint;
pub mod files;
pub mod flags;
pub mod funds;
pub mod http;
pub mod identity;
pub mod input;
pub mod insurance;
pub mod jobs;
pub mod keyring;
pub mod ledger;
pub mod members;
pub mod note;
pub mod organizations;
pub mod payments;
pub mod policies;
pub mod recoveries;
pub mod samples;
pub mod separation;
pub mod telemetry;
pub mod transfers;
pub mod users;
pub mod watch;
pub mod witness;
