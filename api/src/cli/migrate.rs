//! `postbag migrate`

use crate::config::Config;
use postbag_persistence::{Store, StoreOptions};
use std::io::{self, Write};

/// Brings the database to this binary's schema and names the steps taken. Any number may run at once: they take turns.
pub(super) fn run(config: &Config) -> anyhow::Result<()> {
    let store = Store::open(config.database_url.expose(), &StoreOptions::default())?;
    let applied = store.migrate()?;
    let mut out = io::stdout();
    for migration in &applied {
        writeln!(out, "applied {migration}")?;
    }
    if applied.is_empty() {
        writeln!(out, "the schema is current")?;
    }
    Ok(())
}
