//! The program as its operators run it: started, killed, stopped, and asked on the command line.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::disallowed_methods)]

#[path = "../../benches/http/cases.rs"]
mod cases;
#[path = "../../benches/http/client.rs"]
mod client;
mod commands;
mod copies;
mod crash;
mod faults;
mod installation;
#[path = "../api/invariants.rs"]
mod invariants;
mod packs;
mod roles;
mod tour;
mod witness;
