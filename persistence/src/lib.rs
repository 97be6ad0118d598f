#![doc = include_str!("../README.md")]

pub mod actions;
pub mod address;
mod asks;
mod batch;
pub mod campaigns;
pub mod connection;
pub mod consent_questions;
pub mod deliveries;
pub mod directory;
pub mod editions;
pub mod error;
pub mod expected;
mod failpoint;
pub mod idempotency;
pub mod intake;
pub mod migrations;
pub mod objection_notices;
pub mod organisations;
pub mod page;
mod pool;
pub mod recount;
pub mod revisions;
#[cfg(test)]
mod samples;
pub mod schema;
pub mod snapshots;
mod statement;
pub mod store;
pub mod suppressions;
pub mod tallies;
mod templates;
#[cfg(test)]
mod testing;
pub mod types;

pub use actions::{ActionFilter, Receipt, ReceiptLine, StoredAction};
pub use address::DatabaseUrl;
pub use campaigns::{
    CampaignChange, CampaignEdit, CampaignEdited, CampaignFilter, ListedCampaign, Refusal, StoredCampaign,
};
pub use connection::AnyConnection;
pub use consent_questions::StoredQuestions;
pub use deliveries::{
    Begun, Changed, Claim, ClaimedDelivery, DeliveryFilter, DeliverySummary, Settled, Settlement, Start,
};
pub use directory::{DirectoryChange, Import, ImportOutcome, ImportRecord};
pub use editions::StoredEdition;
pub use error::StoreError;
pub use expected::{Edited, Expected};
pub use idempotency::{Keep, KeyClaim, Known};
pub use intake::{Intake, IntakeError, IntakeOptions, Record, Recorded, TallyListener};
pub use migrations::SchemaState;
pub use objection_notices::StoredNotices;
pub use organisations::StoredOrganisation;
pub use page::{Cursor, Page, PageRequest, Reach};
pub use recount::Difference;
pub use revisions::{Loaded, Revisions};
pub use store::{Store, StoreOptions};
pub use tallies::{TallyRow, TallyVersion};
