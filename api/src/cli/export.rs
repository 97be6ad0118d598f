//! `postbag export`

use super::import::open;
use super::runtime;
use crate::clock::Clock;
use crate::config::Config;
use crate::exports::{PermissionFilter, PopoloDocument, write_permissions};
use crate::imports::Progress;
use crate::private_files;
use anyhow::Context;
use clap::{Args, Subcommand};
use postbag_domain::{Directory, Flaw};
use postbag_persistence::Reach;
use std::ffi::OsString;
use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::str::FromStr;

/// Exports the directory, or what may be done with people's data.
#[derive(Debug, Subcommand)]
pub(super) enum Export {
    /// Persons, memberships, posts and organisations as Popolo JSON, in the shape of mySociety's people.json
    Popolo(Popolo),
    /// Whom an organisation may contact today, for what and how, as CSV
    Permissions(Permissions),
}

#[derive(Debug, Args)]
pub(super) struct Permissions {
    /// The organisation's slug
    #[arg(long, value_name = "SLUG")]
    organisation: String,
    /// Only for this purpose
    #[arg(long)]
    purpose: Option<String>,
    /// Only by this channel: email, phone, sms or post
    #[arg(long)]
    channel: Option<String>,
    /// Only people who do not object to this activity, such as `wealth_research`
    #[arg(long, value_name = "ACTIVITY")]
    activity: Option<String>,
    /// What is not permitted too, with its reason
    #[arg(long)]
    refused: bool,
    /// Output file, which others cannot read; standard output by default
    #[arg(long, value_name = "FILE")]
    output: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(super) struct Popolo {
    /// Output file; standard output by default
    #[arg(long, value_name = "FILE")]
    output: Option<PathBuf>,
}

impl Export {
    pub(super) fn run(self, config: &Config, clock: &Clock) -> anyhow::Result<()> {
        match self {
            Self::Popolo(popolo) => popolo.run(config),
            Self::Permissions(permissions) => permissions.run(config, clock),
        }
    }
}

impl Permissions {
    fn run(self, config: &Config, clock: &Clock) -> anyhow::Result<()> {
        let filter = self.filter()?;
        let store = open(config)?;
        let runtime = runtime()?;
        let work = async |out: &mut dyn Write| {
            let stored = store.organisation(Reach::All, read("organisation", &self.organisation)?).await?;
            let stored = stored.with_context(|| format!("there is no organisation {}", self.organisation))?;
            let progress = Progress::on_terminal();
            write_permissions((&store, config), &stored.organisation, &filter, clock.now(), out, progress).await
        };
        match &self.output {
            None => runtime.block_on(work(&mut io::stdout().lock())),
            Some(path) => {
                let mut file = private_files::file().create(true).truncate(true).open(path)?;
                runtime.block_on(work(&mut file))?;
                Ok(file.sync_all()?)
            }
        }
    }

    fn filter(&self) -> anyhow::Result<PermissionFilter> {
        Ok(PermissionFilter {
            purpose: self.purpose.as_deref().map(|word| read("purpose", word)).transpose()?,
            channel: self.channel.as_deref().map(|word| read("channel", word)).transpose()?,
            activity: self.activity.as_deref().map(|word| read("activity", word)).transpose()?,
            refused: self.refused,
        })
    }
}

/// The value of an option, or what is wrong with it.
fn read<T: FromStr<Err = Flaw>>(option: &str, word: &str) -> anyhow::Result<T> {
    word.parse().map_err(|flaw: Flaw| anyhow::anyhow!("--{option} {}", flaw.detail()))
}

impl Popolo {
    fn run(self, config: &Config) -> anyhow::Result<()> {
        let directory = Directory::build(open(config)?.load_directory_blocking(&[])?.value);
        let document = PopoloDocument::of(&directory, Progress::on_terminal());
        match &self.output {
            None => write(&document, io::stdout().lock()),
            Some(path) => save(path, &document).with_context(|| format!("{} could not be written", path.display())),
        }
    }
}

/// Replaces a regular file (links are followed); writes into a pipe or device.
fn save(path: &Path, document: &PopoloDocument<'_>) -> anyhow::Result<()> {
    match fs::canonicalize(path) {
        Ok(found) if found.is_file() => replace(&found, document),
        Ok(found) => write(document, File::options().write(true).open(found)?),
        Err(_absent) => replace(path, document),
    }
}

/// Writes to a temporary file first, so that no reader sees half a document.
fn replace(path: &Path, document: &PopoloDocument<'_>) -> anyhow::Result<()> {
    let mut name = OsString::from(path);
    name.push(".part");
    let file = File::create(&name)?;
    let written =
        write(document, &file).and_then(|()| Ok(file.sync_all()?)).and_then(|()| Ok(fs::rename(&name, path)?));
    if written.is_err() {
        let _ = fs::remove_file(&name);
    }
    written
}

fn write(document: &PopoloDocument<'_>, out: impl Write) -> anyhow::Result<()> {
    let mut out = BufWriter::new(out);
    serde_json::to_writer_pretty(&mut out, document)?;
    out.write_all(b"\n")?;
    Ok(out.flush()?)
}
