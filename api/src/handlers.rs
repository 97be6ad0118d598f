//! One file for each story: request and response types beside the handler that uses them.
//!
//! `public` is what front ends call, `admin` what a charity's own systems call with a token.

pub(crate) mod admin;
mod corrections;
mod erasure;
pub(crate) mod metrics;
mod preferences;
pub(crate) mod public;
mod replay;
