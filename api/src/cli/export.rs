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

/// Write the directory for others to read.
#[derive(Debug, Subcommand)]
pub(super) enum Export {
    /// Everybody in the directory, their memberships, posts and organisations, as Popolo in the shape of people.json
    Popolo(Popolo),
}

#[derive(Debug, Args)]
pub(super) struct Popolo {
    /// Where to write it; standard output unless said
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

/// Into the file that the path leads to; a pipe or a device is written to, and stays what it is.
fn save(path: &Path, document: &PopoloDocument<'_>) -> anyhow::Result<()> {
    match fs::canonicalize(path) {
        Ok(found) if found.is_file() => replace(&found, document),
        Ok(found) => write(document, File::options().write(true).open(found)?),
        Err(_absent) => replace(path, document),
    }
}

/// Writes beside the file first, so that nobody finds half a document.
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
