//! `postbag openapi`

use std::io::{self, Write};

use crate::openapi;

/// Prints the document; `postbag openapi > openapi.yaml` renews the committed one.
pub(super) fn run() -> anyhow::Result<()> {
    Ok(io::stdout().write_all(openapi::yaml())?)
}
