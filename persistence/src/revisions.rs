//! One number per snapshot, by which every process knows when to read it again.

use crate::connection::AnyConnection;
use crate::schema::revisions::dsl;
use crate::{Store, StoreError};
use diesel::prelude::*;

/// The snapshots that processes hold in memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Snapshot {
    Campaigns,
    Directory,
    MidnightTallies,
    Revocations,
    Stops,
}

impl Snapshot {
    const fn name(self) -> &'static str {
        match self {
            Self::Campaigns => "campaigns",
            Self::Directory => "directory",
            Self::MidnightTallies => "midnight_tallies",
            Self::Revocations => "revocations",
            Self::Stops => "stops",
        }
    }

    /// Keeps every other change of the snapshot out until this transaction ends, and answers the revision.
    ///
    /// Changes of one kind take turns, so each decides on what the one before it left behind. They are few.
    pub(crate) fn lock(self, connection: &mut AnyConnection) -> Result<i64, StoreError> {
        Ok(diesel::update(dsl::revisions.filter(dsl::name.eq(self.name())))
            .set(dsl::revision.eq(dsl::revision))
            .returning(dsl::revision)
            .get_result(connection)?)
    }

    /// Marks the snapshot as changed, and answers its new revision.
    pub(crate) fn bump(self, connection: &mut AnyConnection) -> Result<i64, StoreError> {
        Ok(diesel::update(dsl::revisions.filter(dsl::name.eq(self.name())))
            .set(dsl::revision.eq(dsl::revision + 1))
            .returning(dsl::revision)
            .get_result(connection)?)
    }

    /// The revision as of this transaction.
    pub(crate) fn revision(self, connection: &mut AnyConnection) -> Result<i64, StoreError> {
        Ok(dsl::revisions.filter(dsl::name.eq(self.name())).select(dsl::revision).get_result(connection)?)
    }
}

/// The revision of every snapshot in the database.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Revisions {
    /// Of the campaigns, with their organisations, letters and questions.
    pub campaigns: i64,
    /// The revision of the directory.
    pub directory: i64,
    /// Of the counts as of midnight: the day, as days since the beginning of the era.
    pub midnight_tallies: i64,
    /// The revision of the revoked tokens and subjects.
    pub revocations: i64,
    /// The revision of the stops.
    pub stops: i64,
}

/// A snapshot and the revision it was read at.
#[derive(Clone, Debug)]
pub struct Loaded<T> {
    /// The revision, for comparison with [`Revisions`].
    pub revision: i64,
    /// The value that was read.
    pub value: T,
}

impl Store {
    /// Where every snapshot stands: one small query, to be asked often.
    pub async fn revisions(&self) -> Result<Revisions, StoreError> {
        self.read(read).await
    }
}

fn read(connection: &mut AnyConnection) -> Result<Revisions, StoreError> {
    let rows: Vec<(String, i64)> = dsl::revisions.select((dsl::name, dsl::revision)).load(connection)?;
    let of = |snapshot: Snapshot| {
        let found = rows.iter().find(|(name, _)| name == snapshot.name()).map(|(_, revision)| *revision);
        found.ok_or_else(|| StoreError::corrupt("revisions", "name", snapshot.name()))
    };
    Ok(Revisions {
        campaigns: of(Snapshot::Campaigns)?,
        directory: of(Snapshot::Directory)?,
        midnight_tallies: of(Snapshot::MidnightTallies)?,
        revocations: of(Snapshot::Revocations)?,
        stops: of(Snapshot::Stops)?,
    })
}
