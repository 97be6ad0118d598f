//! Undo at scale: submissions that were never people's own are struck out together, and the counts with them.
//!
//! An invalidation first looks for what its [`Conditions`] describe and changes nothing ([`InvalidationState::Counting`]). Somebody reads what
//! it found and starts it; it can be stopped in the middle, go on, and be undone.

mod client_tag;
mod conditions;
mod pattern;
mod state;

pub use client_tag::ClientTag;
pub use conditions::{Candidate, ConditionFields, Conditions};
pub use state::{InvalidationState, InvalidationStep};
