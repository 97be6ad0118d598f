//! `postbag openapi`

use crate::http::openapi;
use std::io::{self, Write};

/// Prints the document; `postbag openapi > openapi.yaml` renews the committed one.
pub(super) fn run() -> anyhow::Result<()> {
    Ok(io::stdout().write_all(&openapi::yaml())?)
}
