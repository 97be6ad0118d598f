//! One import: what it changes, and the row that says where that came from.

use super::{PackedLayer, areas, bodies, postcodes, representatives};
use crate::StoreError;
use crate::connection::AnyConnection;
use crate::revisions::Snapshot;
use crate::schema::imports;
use crate::types::{At, Id};
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use postbag_domain::directory::change::{Change, Counts};
use postbag_domain::{Area, Body, Representative};
use uuid::Uuid;

/// The origin of an import and the revision it was planned against.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Import {
    /// A fresh id.
    pub id: Uuid,
    /// The file's name, without its folders.
    pub file_name: String,
    /// A digest of the file's bytes, in hexadecimal.
    pub digest: String,
    /// The directory's revision that the change was worked out against.
    pub against: i64,
    /// When.
    pub at: DateTime<Utc>,
}

/// The change that an import makes.
#[derive(Clone, Debug)]
pub enum DirectoryChange {
    /// Rows of areas.
    Areas(Change<Area>),
    /// Rows of representatives.
    Representatives(Change<Representative>),
    /// Rows of bodies; those that end are removed.
    Bodies(Change<Body>),
    /// A postcode layer in the place of the one with the same name, and the change in numbers.
    Postcodes(PackedLayer, Counts),
}

/// The outcome of an import.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ImportOutcome {
    /// It is stored; the directory is at this revision now.
    Done {
        /// The new revision.
        revision: i64,
    },
    /// The directory changed after the import was planned; nothing was written.
    Stale,
}

/// An import that was stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImportRecord {
    /// `areas`, `postcodes`, `representatives` or `bodies`.
    pub kind: String,
    /// The file's name.
    pub file_name: String,
    /// A digest of its bytes.
    pub digest: String,
    /// When.
    pub at: DateTime<Utc>,
    /// Rows added, changed and ended.
    pub written: [i64; 3],
}

impl DirectoryChange {
    /// The change in numbers.
    pub fn counts(&self) -> Counts {
        match self {
            Self::Areas(change) => change.counts(),
            Self::Representatives(change) => change.counts(),
            Self::Bodies(change) => change.counts(),
            Self::Postcodes(_, counts) => *counts,
        }
    }

    /// True if nothing would be written.
    pub fn is_nothing(&self) -> bool {
        let has_verified = matches!(self, Self::Representatives(change) if !change.verified.is_empty());
        self.counts().is_nothing() && !has_verified
    }

    fn kind(&self) -> &'static str {
        match self {
            Self::Areas(_) => "areas",
            Self::Representatives(_) => "representatives",
            Self::Bodies(_) => "bodies",
            Self::Postcodes(..) => "postcodes",
        }
    }

    fn write(&self, connection: &mut AnyConnection) -> Result<(), StoreError> {
        match self {
            Self::Areas(change) => [&change.added, &change.changed, &change.ended]
                .into_iter()
                .try_for_each(|rows| areas::upsert(connection, rows)),
            Self::Representatives(change) => [&change.added, &change.changed, &change.ended, &change.verified]
                .into_iter()
                .try_for_each(|rows| representatives::upsert(connection, rows)),
            Self::Bodies(change) => {
                bodies::remove(connection, &change.ended)?;
                bodies::upsert(connection, &change.added)?;
                bodies::upsert(connection, &change.changed)
            }
            Self::Postcodes(layer, _) => postcodes::replace(connection, layer),
        }
    }
}

pub(super) fn run(
    connection: &mut AnyConnection,
    import: &Import,
    change: &DirectoryChange,
) -> Result<ImportOutcome, StoreError> {
    if Snapshot::Directory.lock(connection)? != import.against {
        return Ok(ImportOutcome::Stale);
    }
    change.write(connection)?;
    record(connection, import, change)?;
    Ok(ImportOutcome::Done { revision: Snapshot::Directory.bump(connection)? })
}

fn record(connection: &mut AnyConnection, import: &Import, change: &DirectoryChange) -> Result<(), StoreError> {
    let counts = change.counts();
    let number = |count: usize| i64::try_from(count).map_err(StoreError::backend);
    diesel::insert_into(imports::table)
        .values((
            imports::id.eq(Id(import.id)),
            imports::kind.eq(change.kind()),
            imports::file_name.eq(&import.file_name),
            imports::digest.eq(&import.digest),
            imports::added.eq(number(counts.added)?),
            imports::changed.eq(number(counts.changed)?),
            imports::ended.eq(number(counts.ended)?),
            imports::unchanged.eq(number(counts.unchanged)?),
            imports::created_at.eq(At::new(import.at)),
        ))
        .execute(connection)?;
    Ok(())
}

type Stored = (String, String, String, At, i64, i64, i64);

pub(super) fn list(connection: &mut AnyConnection, limit: u16) -> Result<Vec<ImportRecord>, StoreError> {
    let rows: Vec<Stored> = imports::table
        .order((imports::created_at.desc(), imports::id.desc()))
        .limit(i64::from(limit))
        .select((
            imports::kind,
            imports::file_name,
            imports::digest,
            imports::created_at,
            imports::added,
            imports::changed,
            imports::ended,
        ))
        .load(connection)?;
    let read = |(kind, file_name, digest, at, added, changed, ended): Stored| ImportRecord {
        kind,
        file_name,
        digest,
        at: at.time(),
        written: [added, changed, ended],
    };
    Ok(rows.into_iter().map(read).collect())
}
