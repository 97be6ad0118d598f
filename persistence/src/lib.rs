#![doc = include_str!("../README.md")]

pub mod actions;
pub mod address;
mod batch;
pub mod connection;
pub mod deliveries;
pub mod directory;
pub mod error;
mod failpoint;
pub mod idempotency;
pub mod intake;
pub mod migrations;
pub mod page;
mod pool;
pub mod revisions;
pub mod schema;
mod statement;
pub mod store;
pub mod suppressions;
pub mod tallies;
#[cfg(test)]
mod testing;
pub mod types;

pub use actions::{ActionFilter, Receipt, ReceiptLine, StoredAction};
pub use address::DatabaseUrl;
pub use connection::AnyConnection;
pub use deliveries::{
    Begun, Changed, Claim, ClaimedDelivery, DeliveryFilter, DeliverySummary, Settled, Settlement, Start,
};
pub use directory::{DirectoryChange, Import, ImportOutcome, ImportRecord};
pub use error::StoreError;
pub use idempotency::{KeyClaim, Known};
pub use intake::{Intake, IntakeError, IntakeOptions, Record, Recorded, TallyListener};
pub use migrations::SchemaState;
pub use page::{Cursor, Page, PageRequest, Reach};
pub use revisions::{Loaded, Revisions};
pub use store::{Store, StoreOptions};
pub use tallies::{TallyRow, TallyVersion};
