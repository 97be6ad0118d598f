//! A database to import into, and short ways to do so.

use crate::imports::*;
use chrono::{DateTime, Utc};
use postbag_domain::{
    AreaChoices, AreaCode, AreaKind, Directory, DirectoryParts, Office, Place, Postcode, Representative, Share,
};
use postbag_persistence::{Store, StoreOptions};
use tempfile::TempDir;

/// A fresh database, and the options of a summer's day.
pub(super) struct Desk {
    pub(super) store: Store,
    pub(super) options: Options,
    pub(super) _folder: TempDir,
}

impl Desk {
    pub(super) fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let url = format!("sqlite:{}", folder.path().join("postbag.db").display());
        let store = Store::open(&url, &StoreOptions::default()).unwrap();
        store.migrate().unwrap();
        Self { store, options: Options::at(day("2026-07-01")), _folder: folder }
    }

    pub(super) fn areas(&self, text: &str) -> Result<Report, ImportError> {
        import_areas(&self.store, &[text_of("areas.csv", text)], &self.options, Progress::quiet())
    }

    pub(super) fn postcodes(&self, name: &str, text: &str) -> Result<Report, ImportError> {
        import_postcodes(&self.store, &[text_of(name, text)], &self.options, Progress::quiet())
    }

    pub(super) fn people(&self, text: &str) -> Result<Report, ImportError> {
        import_representatives(&self.store, &[text_of("people.csv", text)], &self.options, Progress::quiet())
    }

    pub(super) fn bodies(&self, text: &str) -> Result<Report, ImportError> {
        import_bodies(&self.store, &[text_of("bodies.csv", text)], &self.options, Progress::quiet())
    }

    pub(super) fn parts(&self) -> DirectoryParts {
        self.store.load_directory_blocking(&[]).unwrap().value
    }

    pub(super) fn revision(&self) -> i64 {
        self.store.load_directory_blocking(&[]).unwrap().revision
    }

    /// The areas of a postcode, as `kind code` words; or what stands in the way.
    pub(super) fn place(&self, postcode: &str) -> Result<Vec<String>, String> {
        let place = self.found(postcode)?;
        let word = |kind: &AreaKind| place.area(*kind).map(|code: AreaCode| format!("{kind} {code}"));
        Ok(AreaKind::ALL.iter().filter_map(word).collect())
    }

    /// The areas between which a postcode is divided, as `kind code share` words.
    pub(super) fn choices(&self, postcode: &str) -> Vec<String> {
        let share = |share: Option<Share>| share.map_or_else(|| "?".to_owned(), |share| share.fraction().to_string());
        let choices = self.found(postcode).unwrap().choices;
        choices.iter().map(|choice| format!("{} {} {}", choice.kind, choice.code, share(choice.share))).collect()
    }

    pub(super) fn found(&self, postcode: &str) -> Result<Place, String> {
        let directory = Directory::build(self.parts());
        let postcode = Postcode::parse(postcode).unwrap();
        let place = directory.place(&postcode, &AreaChoices::default(), self.options.now.date_naive());
        place.map_err(|error| format!("{error:?}"))
    }

    /// Who is in office.
    pub(super) fn in_office(&self, office: Office) -> Vec<Representative> {
        let today = self.options.now.date_naive();
        let is_in = |person: &Representative| person.office == office && person.holds_on(today);
        self.parts().representatives.into_iter().filter(is_in).collect()
    }
}

pub(super) fn day(day: &str) -> DateTime<Utc> {
    format!("{day}T12:00:00Z").parse().unwrap()
}

pub(super) fn text_of(name: &str, text: &str) -> Source {
    Source::bytes(name, text.as_bytes().to_vec())
}

/// Added, changed, ended, unchanged.
pub(super) fn counts(report: &Report) -> (usize, usize, usize, usize) {
    let counts = report.counts;
    (counts.added, counts.changed, counts.ended, counts.unchanged)
}

/// Five Westminster constituencies, one Senedd one and a Cancer Alliance.
pub(super) const AREAS: &str = "code,name,kind,generation,seats\n\
    E14000001,Alder,westminster_constituency,2024,1\nE14000002,Birch,westminster_constituency,2024,1\n\
    E14000003,Cedar,westminster_constituency,2024,1\nE14000004,Douglas,westminster_constituency,2024,1\n\
    E14000005,Elm,westminster_constituency,2024,1\nW09000001,Ffawydd,senedd_constituency,2026,6\n\
    N06000001,Belfast East,assembly_constituency,2008,5\nE56000001,North,cancer_alliance,2024,\n";
