//! `postbag export`

use super::import::open;
use crate::config::Config;
use crate::exports::PopoloDocument;
use crate::imports::Progress;
use anyhow::Context;
use clap::{Args, Subcommand};
use postbag_domain::Directory;
use std::ffi::OsString;
use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

/// Exports the directory.
#[derive(Debug, Subcommand)]
pub(super) enum Export {
    /// Persons, memberships, posts and organisations as Popolo JSON, in the shape of mySociety's people.json
    Popolo(Popolo),
}

#[derive(Debug, Args)]
pub(super) struct Popolo {
    /// Output file; standard output by default
    #[arg(long, value_name = "FILE")]
    output: Option<PathBuf>,
}

impl Export {
    pub(super) fn run(self, config: &Config) -> anyhow::Result<()> {
        match self {
            Self::Popolo(popolo) => popolo.run(config),
        }
    }
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
