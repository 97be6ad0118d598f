//! `postbag check`

use crate::auth::Keys;
use crate::config::Config;
use std::io::{self, Write};

/// Prints the effective configuration, and refuses one that the server would refuse.
pub(super) fn run(config: &Config) -> anyhow::Result<()> {
    Keys::new(&config.auth)?;
    let mut out = io::stdout();
    writeln!(out, "{}", config.describe())?;
    if let Some(setting) = config.missing_secret() {
        anyhow::ensure!(config.is_sqlite(), "{setting} is not set: with PostgreSQL it must be configured");
        writeln!(out, "# secrets that are not set are kept in {}", config.data_dir.join("secrets.toml").display())?;
    }
    Ok(())
}
