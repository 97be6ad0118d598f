//! The running server: what it is put together from, what it keeps in memory, and whether it can work.

pub(crate) mod build;
pub(crate) mod connections;
pub mod health;
pub(crate) mod live_look_up;
pub(crate) mod mail_health;
pub mod postbag;
pub(crate) mod probes;
pub mod server;
pub mod shutdown;
pub(crate) mod snapshots;
pub mod state;
pub(crate) mod tallies;

pub use build::build;
