//! `postbag check`

use crate::auth::Keys;
use crate::config::{self, Config, ConfigError};
use crate::logging;
use crate::outbound;
use clap::Args;
use postbag_persistence::DatabaseUrl;
use std::io::{self, Write};

/// What to check and print.
#[derive(Debug, Args)]
pub(super) struct Check {
    /// Print every setting with its default and what it is for, as a Markdown table
    #[arg(long)]
    settings: bool,
}

impl Check {
    /// Prints the effective configuration, and refuses one that the server would refuse.
    pub(super) fn run(&self, config: impl FnOnce() -> Result<Config, ConfigError>) -> anyhow::Result<()> {
        let mut out = io::stdout();
        if self.settings {
            write!(out, "{}", config::table())?;
            return Ok(());
        }
        let config = config()?;
        Keys::new(&config.auth)?;
        DatabaseUrl::parse(config.database_url.expose())?;
        logging::check(&config.log)?;
        outbound::Mailer::check(&config.mail)?;
        outbound::DkimKeys::load(&config.mail.dkim_folder)?;
        writeln!(out, "{}", config.describe())?;
        if let Some(setting) = config.missing_secret() {
            anyhow::ensure!(config.is_sqlite(), "{setting} is not set: with PostgreSQL it must be configured");
            writeln!(out, "# secrets that are not set are kept in {}", config.data_dir.join("secrets.toml").display())?;
        }
        Ok(())
    }
}
