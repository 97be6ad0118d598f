//! What the black-box tests and the bench are made with: a server as a process, a client that holds every answer against the
//! conventions, a made-up country, campaigns, a relay that misbehaves on demand and a load generator.
//!
//! Nothing here knows the domain or the database: what a test sees is what a caller sees.
#![expect(
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stderr,
    clippy::missing_panics_doc,
    clippy::return_self_not_must_use,
    reason = "a test's tools fail by panicking, and say why"
)]

pub mod campaign;
pub mod challenge;
pub mod client;
mod contract;
mod conventions;
pub mod country;
mod database;
pub mod fake_service;
pub mod letter;
pub mod load;
pub mod name_server;
mod process;
pub mod server;
pub mod smtp_sink;
pub mod supporter;
