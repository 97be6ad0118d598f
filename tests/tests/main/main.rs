//! What a caller of a running server sees, and what an operator does: over real HTTP, on SQLite or, with
//! `TEST_DATABASE_URL`, on PostgreSQL.
#![expect(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "tests fail by panicking")]

mod areas;
mod at_rest;
mod bodies;
mod bounces;
mod campaign_documents;
mod campaigns;
mod challenges;
mod confirmations;
mod cors;
mod demo;
mod digests;
mod dkim;
mod document;
mod erasure;
mod fallback;
mod idempotency;
mod imports;
mod invalidations;
mod keys;
mod kill;
mod library;
mod limits;
mod listeners;
mod lists;
mod mail;
mod metrics;
mod moderation;
mod office_page;
mod office_rules;
mod organisations;
mod pacing;
mod partners;
mod permissions;
mod places;
mod preferences;
mod real_data;
mod refusals;
mod reimport;
mod reports;
mod representatives;
mod requests;
mod retention;
mod running;
mod seats;
mod stops;
mod submissions;
mod sync;
mod tallies;
mod together;
mod tokens;

use postbag_tests::server::Setup;

/// What every test starts from: the made-up country and nothing else.
fn setup() -> Setup {
    Setup::new(env!("CARGO_BIN_EXE_postbag-under-test"), env!("CARGO_TARGET_TMPDIR"))
}
