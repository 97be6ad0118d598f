//! `postbag import`

use crate::clock::Clock;
use crate::config::Config;
use crate::imports::{self, ImportError, Options, Progress, Report, Source};
use chrono::NaiveDate;
use clap::{Args, Subcommand};
use postbag_domain::{AreaKind, Office};
use postbag_persistence::{Store, StoreOptions};
use std::io::{self, Write};
use std::path::PathBuf;

/// Import published files into the directory. A file is imported as a whole or not at all.
#[derive(Debug, Subcommand)]
pub(super) enum Import {
    /// Codes and names of constituencies, regions, councils and NHS areas
    Areas(Common),
    /// The areas of each postcode: ONSPD, NSPL, the Scottish Postcode Directory and others, in layers
    ///
    /// A file of your own needs a column of postcodes (`pcds`) and columns of area codes headed as the Office for National Statistics
    /// heads them (`pcon24cd`, `sen26cd`, `spc26cd` …). A column `share` makes it a file of postcodes that lie in several areas: a row for
    /// each part of a postcode, with the part of its addresses that lies there, from 0 to 1, or nothing where that is not known. The
    /// shares of one postcode add up to at most 1. People there are asked in which area they live.
    ///
    /// The halves into which the Scottish Postcode Directory splits a postcode (`PA75 6NUA`, `PA75 6NUB`) are such parts, their shares
    /// by the households of the latest census in it (`CensusHouseholdCount…`), and unknown where those were not counted. Postcodes of
    /// large users are recognised by `usertype` or `usrtypind` 1, by `PostcodeType` L, and by the Scottish file of large users.
    Postcodes(Postcodes),
    /// Representatives and their offices: CSV, published tables of members, Popolo JSON
    Representatives(Representatives),
    /// Organisations reached through a representative, such as Cancer Alliances
    Bodies(Bodies),
}

/// Options common to all imports.
#[derive(Debug, Args)]
pub(super) struct Common {
    /// Files as published; gzip is unpacked
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    #[command(flatten)]
    caution: Caution,
}

/// Safety options of commands that change the directory.
#[derive(Debug, Args)]
pub(super) struct Caution {
    /// Report what would change, without changing anything
    #[arg(long)]
    dry_run: bool,
    /// Import even if more than a fifth of the current entries would end
    #[arg(long)]
    force: bool,
    /// Import even if the file is older than what is in the directory
    #[arg(long)]
    older: bool,
}

impl Caution {
    pub(super) fn options(&self, usual: Options) -> Options {
        Options { dry_run: self.dry_run, force: self.force, older: self.older, ..usual }
    }
}

#[derive(Debug, Args)]
pub(super) struct Postcodes {
    #[command(flatten)]
    common: Common,
    /// Layer name; detected from the file layout by default
    #[arg(long, value_name = "NAME", value_parser = layer)]
    layer: Option<String>,
    /// Date of the data; taken from the file name by default
    #[arg(long, value_name = "YYYY-MM-DD")]
    as_of: Option<NaiveDate>,
    /// Area kind, for a table of postcodes and area names
    #[arg(long, value_name = "KIND")]
    kind: Option<AreaKind>,
    /// Import the good rows even if some rows are bad
    #[arg(long)]
    skip_bad_rows: bool,
}

#[derive(Debug, Args)]
pub(super) struct Representatives {
    #[command(flatten)]
    common: Common,
    /// Office, if the file does not say
    #[arg(long, value_name = "OFFICE")]
    office: Option<Office>,
    /// Date on which the e-mail addresses were verified; taken from the file name by default
    #[arg(long, value_name = "YYYY-MM-DD")]
    as_of: Option<NaiveDate>,
}

#[derive(Debug, Args)]
pub(super) struct Bodies {
    #[command(flatten)]
    common: Common,
    /// Area kind that leads to the bodies, if the file does not say
    #[arg(long, value_name = "KIND")]
    kind: Option<AreaKind>,
}

type Run = fn(&Store, &[Source], &Options, Progress) -> Result<Report, ImportError>;

impl Import {
    pub(super) fn run(self, config: &Config, clock: &Clock) -> anyhow::Result<()> {
        let usual = Options::at(clock.now());
        let (run, common, options): (Run, Common, Options) = match self {
            Self::Areas(common) => (imports::import_areas, common, usual),
            Self::Postcodes(Postcodes { common, layer, as_of, kind, skip_bad_rows }) => {
                (imports::import_postcodes, common, Options { skip_bad_rows, layer, as_of, kind, ..usual })
            }
            Self::Representatives(Representatives { common, office, as_of }) => {
                (imports::import_representatives, common, Options { as_of, office, ..usual })
            }
            Self::Bodies(Bodies { common, kind }) => (imports::import_bodies, common, Options { kind, ..usual }),
        };
        let Common { files, caution } = common;
        let sources: Vec<Source> = files.into_iter().map(Source::file).collect();
        let report = run(&open(config)?, &sources, &caution.options(options), Progress::on_terminal())?;
        write!(io::stdout(), "{report}")?;
        Ok(())
    }
}

fn layer(text: &str) -> Result<String, String> {
    let is_plain = (1..=50).contains(&text.len())
        && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
    if is_plain { Ok(text.to_owned()) } else { Err("must be lower-case letters, digits and hyphens".to_owned()) }
}

/// Opens the database. SQLite is migrated; PostgreSQL must already have the current schema.
pub(super) fn open(config: &Config) -> anyhow::Result<Store> {
    let store = Store::open(config.database_url.expose(), &StoreOptions::default())?;
    if store.is_postgres() {
        store.check_schema()?;
    } else {
        store.migrate()?;
    }
    Ok(store)
}
