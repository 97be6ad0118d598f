//! `postbag check`

use crate::auth::Keys;
use crate::config::Config;
use crate::{logging, outbound};
use postbag_persistence::DatabaseUrl;
use std::io::{self, Write};

/// Prints the effective configuration, and refuses one that the server would refuse.
pub(super) fn run(config: &Config) -> anyhow::Result<()> {
    Keys::new(&config.auth)?;
    DatabaseUrl::parse(config.database_url.expose())?;
    logging::check(&config.log)?;
    outbound::Mailer::check(&config.mail)?;
    let mut out = io::stdout();
    writeln!(out, "{}", config.describe())?;
    if let Some(setting) = config.missing_secret() {
        anyhow::ensure!(config.is_sqlite(), "{setting} is not set: with PostgreSQL it must be configured");
        writeln!(out, "# secrets that are not set are kept in {}", config.data_dir.join("secrets.toml").display())?;
    }
    Ok(())
}
