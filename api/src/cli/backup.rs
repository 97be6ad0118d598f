//! `postbag backup` and `postbag restore` (C15).

mod manifest;

use super::{open_current, runtime};
use crate::clock::Clock;
use crate::config::Config;
use crate::imports::Progress;
use crate::private_files;
use crate::secrets::{self, SecretsFile};
use anyhow::{Context, ensure};
use clap::Args;
use manifest::Manifest;
use postbag_persistence::{DatabaseUrl, Store, StoreOptions, restore};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// Copies the database and its keys into a new folder.
#[derive(Debug, Args)]
pub(super) struct Backup {
    /// Folder to write: it must not exist yet. Keep it as safe as the server: it holds personal data and keys
    folder: PathBuf,
}

/// Puts a backup in the place of a database that is not there.
#[derive(Debug, Args)]
pub(super) struct Restore {
    /// Folder that `postbag backup` wrote
    folder: PathBuf,
}

impl Backup {
    pub(super) fn run(self, config: Config, clock: &Clock) -> anyhow::Result<()> {
        let config = config.load_secrets()?;
        let store = open_current(&config)?;
        let folder = &self.folder;
        let made = private_files::folder().create(folder);
        made.with_context(|| format!("{} cannot be made: name a folder that does not exist yet", folder.display()))?;
        let copy = folder.join(store.url().backup_name());
        let spinner = Progress::on_terminal().spin("copying the database");
        store.back_up(&copy)?;
        drop(spinner);
        SecretsFile::of(&config).context("no secret is configured")?.replace(folder)?;
        check_copy(&copy, store.url())?;
        let manifest = Manifest::of(folder, &[store.url().backup_name(), secrets::FILE_NAME], clock.now())?;
        manifest.write(folder)?;
        say(&format!(
            "{} holds the database and its keys. Letters in the outbox folder are not part of it.",
            folder.display()
        ))
    }
}

/// A backup that cannot be read is found when it is made, not when it is needed.
fn check_copy(copy: &Path, url: &DatabaseUrl) -> anyhow::Result<()> {
    if let DatabaseUrl::Sqlite(_) = url {
        let store = Store::open(&format!("sqlite:{}", copy.display()), &StoreOptions::default())?;
        store.check_integrity()?;
        store.checkpoint()?;
    }
    Ok(())
}

impl Restore {
    pub(super) fn run(self, config: Config) -> anyhow::Result<()> {
        let url = DatabaseUrl::parse(config.database_url.expose())?;
        let manifest = Manifest::read(&self.folder)?;
        manifest.check(&self.folder)?;
        let copy = self.folder.join(url.backup_name());
        ensure!(copy.exists(), "this backup is of another kind of database than {url}");
        check_empty(&config, &url)?;
        let keys = SecretsFile::load(&SecretsFile::path(&self.folder))?;
        let config = restore_keys(config, &keys)?;
        let spinner = Progress::on_terminal().spin("restoring the database");
        restore(&url, &copy)?;
        drop(spinner);
        let store = Store::open(config.database_url.expose(), &StoreOptions::default())?;
        store.check_integrity()?;
        store.migrate()?;
        let runtime = runtime()?;
        runtime.block_on(secrets::check(&store, &config))?;
        let wrong = runtime.block_on(store.recount(None))?;
        ensure!(wrong.is_empty(), "{} counts differ from their rows: run `postbag recount --repair`", wrong.len());
        say(&format!(
            "restored as it was at {}. Letters that left after that moment are sent again, with the same Message-ID.",
            manifest.created_at()
        ))
    }
}

fn check_empty(config: &Config, url: &DatabaseUrl) -> anyhow::Result<()> {
    match url {
        DatabaseUrl::Sqlite(path) => {
            ensure!(!Path::new(path).exists(), "{path} exists: move it away first, nothing is written over it");
        }
        DatabaseUrl::Postgres(_) => {
            let store = Store::open(config.database_url.expose(), &StoreOptions::default())?;
            ensure!(store.schema()?.is_blank, "{url} is not empty: name a new database, nothing is written over it");
        }
    }
    Ok(())
}

/// Writes the backup's keys where this machine keeps its own; keys that are set or kept here must be the same.
fn restore_keys(config: Config, keys: &SecretsFile) -> anyhow::Result<Config> {
    let path = SecretsFile::path(&config.data_dir);
    if config.secret.is_none() && !path.exists() {
        keys.replace(&config.data_dir)?;
        return Ok(config.load_secrets()?);
    }
    let config = config.load_secrets()?;
    let is_same = config.secret.as_ref().is_some_and(|secret| secret.expose() == keys.secret.expose());
    ensure!(
        is_same,
        "the keys here are not those of the backup: move {} away, or set POSTBAG_SECRET and POSTBAG_SUPPRESSION_KEYS as in {}",
        path.display(),
        secrets::FILE_NAME
    );
    Ok(config)
}

fn say(sentence: &str) -> anyhow::Result<()> {
    Ok(writeln!(io::stdout(), "{sentence}")?)
}
