//! `postbag secrets`

use crate::config::Config;
use crate::secrets::{Rotation, SecretsFile};
use clap::Subcommand;
use std::io::{self, Write};

/// Works on the server's keys.
#[derive(Debug, Subcommand)]
pub(super) enum Secrets {
    /// Replace the keys: receipts and links go on working, tokens end
    ///
    /// Keys in secrets.toml are replaced there; restart every `postbag serve` afterwards. Keys that the configuration sets are printed,
    /// for you to set. Old keys stay where stored data needs them: suppressed addresses are kept as hashes under the key of their time.
    Rotate,
}

impl Secrets {
    pub(super) fn run(self, config: Config) -> anyhow::Result<()> {
        match self {
            Self::Rotate => rotate(config),
        }
    }
}

fn rotate(config: Config) -> anyhow::Result<()> {
    let keeps_its_own = config.secret.is_none();
    let config = config.load_secrets()?;
    let rotation = Rotation::of(&config)?;
    let mut out = io::stdout();
    if keeps_its_own {
        rotation.file().replace(&config.data_dir)?;
        writeln!(out, "{} holds new keys.", SecretsFile::path(&config.data_dir).display())?;
        writeln!(out, "Restart every `postbag serve`. Tokens issued before then end; issue them again.")?;
        writeln!(out, "Back the file up: the database is of no use without it.")?;
    } else {
        writeln!(out, "# Set these in the configuration of every server, then restart them all.")?;
        write!(out, "{}", rotation.settings())?;
    }
    Ok(())
}
