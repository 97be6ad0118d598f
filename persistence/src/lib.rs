#![doc = include_str!("../README.md")]

pub mod address;
mod batch;
pub mod connection;
pub mod directory;
pub mod error;
pub mod migrations;
pub mod page;
mod pool;
pub mod revisions;
pub mod schema;
pub mod store;
#[cfg(test)]
mod testing;
pub mod types;

pub use address::DatabaseUrl;
pub use connection::AnyConnection;
pub use directory::{DirectoryChange, Import, ImportOutcome, ImportRecord};
pub use error::StoreError;
pub use migrations::SchemaState;
pub use page::{Cursor, Page, PageRequest, Reach};
pub use revisions::{Loaded, Revisions};
pub use store::{Store, StoreOptions};
