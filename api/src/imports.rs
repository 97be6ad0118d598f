//! Files become the directory, and so does what services answer: read as published, compared with what is there, and written as a
//! whole or not at all.
//!
//! Each kind of file has a module that turns rows into facts. What a column does not tell is left alone; what cannot be right is
//! listed by line; a file that would end more than a fifth of what is live needs `force`. The same file twice changes nothing.

mod areas;
mod atlas;
mod bad_rows;
mod bodies;
mod cells;
mod changes;
mod effects;
mod error;
mod member;
mod ons;
mod popolo;
mod postcode_list;
mod postcodes;
mod progress;
mod report;
mod representatives;
mod run;
mod source;
mod sync;
mod table;
#[cfg(test)]
mod tests;

pub use bad_rows::{BadRow, BadRows};
pub use error::ImportError;
pub use postcode_list::read_postcode_list;
pub(crate) use postcodes::meant;
pub use progress::Progress;
pub use report::Report;
pub use run::{import_areas, import_bodies, import_postcodes, import_representatives};
pub use source::Source;
pub use sync::{AnsweredLayer, MemberAnswer, sync_postcodes, sync_representatives};

use chrono::{DateTime, NaiveDate, Utc};
use postbag_domain::{AreaKind, Office, uk_day};
use std::collections::BTreeSet;

/// How a file is to be imported.
#[derive(Clone, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of the command line")]
pub struct Options {
    /// Work out what would change and write nothing.
    pub dry_run: bool,
    /// Let a file end more than a fifth of what is live.
    pub force: bool,
    /// Let a file replace facts of a later day.
    pub older: bool,
    /// Pass over the bad rows of a postcode file; otherwise one refuses the file.
    pub skip_bad_rows: bool,
    /// The postcode layer of the file; detected from its layout otherwise.
    pub layer: Option<String>,
    /// The day to which the file's facts hold; otherwise its name or its rows tell.
    pub as_of: Option<NaiveDate>,
    /// The kind of area of a file that does not tell.
    pub kind: Option<AreaKind>,
    /// The office of a file that does not tell.
    pub office: Option<Office>,
    /// The time.
    pub now: DateTime<Utc>,
}

impl Options {
    /// The usual way, at this time.
    pub const fn at(now: DateTime<Utc>) -> Self {
        Self {
            dry_run: false,
            force: false,
            older: false,
            skip_bad_rows: false,
            layer: None,
            as_of: None,
            kind: None,
            office: None,
            now,
        }
    }

    fn today(&self) -> NaiveDate {
        uk_day(self.now)
    }
}

/// The findings while files were read.
#[derive(Default)]
struct Reading {
    bad: BadRows,
    ignored: BTreeSet<String>,
    notices: Vec<String>,
    digests: Vec<String>,
}

impl Reading {
    /// Notes what there is to say about a table once it has been read.
    fn finish(&mut self, table: &table::Table<'_>) {
        self.ignored.extend(table.ignored().map(ToOwned::to_owned));
        self.digests.push(table.digest());
    }

    /// Refuses the import if there is any bad row.
    fn refuse_bad_rows(&mut self) -> Result<(), ImportError> {
        if self.bad.is_empty() { Ok(()) } else { Err(ImportError::BadRows(std::mem::take(&mut self.bad))) }
    }

    /// Says something once.
    fn notice(&mut self, notice: impl Into<String>) {
        let notice = notice.into();
        if !self.notices.contains(&notice) {
            self.notices.push(notice);
        }
    }
}
