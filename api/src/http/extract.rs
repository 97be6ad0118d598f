//! What comes in: bodies, paths, queries and headers, parsed strictly, every refusal a problem (A20, C18-C21).
//!
//! The extractors bear the names of actix-web's own, so that utoipa reads the document from a handler's signature.

mod body;
pub(crate) mod calendar;
mod client;
mod idempotency;
mod json;
mod language;
mod mail;
mod path;
mod pointer;
pub(crate) mod query;
mod strict;
mod unique;

pub use idempotency::{IdempotencyKey, OptionalIdempotencyKey};
#[cfg(feature = "fuzzing")]
pub(crate) use json::parse;
pub use json::{ADMIN_LIMIT, Json, PUBLIC_LIMIT};
pub use language::AcceptLanguage;
pub(crate) use mail::RawMessage;
pub use path::Path;
pub(crate) use pointer::escaped;
pub use query::Query;
pub use unique::UniqueMap;
