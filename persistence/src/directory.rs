//! Areas, representatives, bodies and postcodes as imports change them and as the snapshot is loaded.

mod areas;
mod bodies;
mod dissolutions;
mod imports;
mod looked_up;
mod postcodes;
pub(crate) mod representatives;
#[cfg(test)]
mod tests;

pub use imports::{DirectoryChange, Import, ImportOutcome, ImportRecord};
pub use postcodes::PackedLayer;

use crate::connection::AnyConnection;
use crate::revisions::{Loaded, Snapshot};
use crate::{Store, StoreError};
use chrono::{DateTime, NaiveDate, Utc};
use postbag_domain::{DirectoryParts, Dissolution, Legislature, PostcodeLayer, Representative};

/// How many rows go into one statement: SQLite binds 32,766 values at most, and the widest of these tables has 15 columns.
const ROWS: usize = 500;

impl Store {
    /// The whole directory as of one moment. Of postcode layers that the caller holds only the facts are read, not the rows.
    pub async fn load_directory(&self, held: Vec<PostcodeLayer>) -> Result<Loaded<DirectoryParts>, StoreError> {
        self.read_snapshot(move |connection| load(connection, &held)).await
    }

    /// [`Store::load_directory`] for the command line.
    pub fn load_directory_blocking(&self, held: &[PostcodeLayer]) -> Result<Loaded<DirectoryParts>, StoreError> {
        self.read_snapshot_blocking(|connection| load(connection, held))
    }

    /// Writes what an import changes, all of it or nothing.
    ///
    /// A plan made against a directory that has changed since is [`ImportOutcome::Stale`]: plan it again.
    pub async fn import(&self, import: Import, change: DirectoryChange) -> Result<ImportOutcome, StoreError> {
        self.write(move |connection| imports::run(connection, &import, &change)).await
    }

    /// [`Store::import`] for the command line.
    pub fn import_blocking(&self, import: &Import, change: &DirectoryChange) -> Result<ImportOutcome, StoreError> {
        self.write_blocking(|connection| imports::run(connection, import, change))
    }

    /// The imports, newest first.
    pub async fn imports(&self, limit: u16) -> Result<Vec<ImportRecord>, StoreError> {
        self.read(move |connection| imports::list(connection, limit)).await
    }

    /// Writes one representative by hand and answers the directory's new revision.
    pub async fn put_representative(&self, representative: Representative) -> Result<i64, StoreError> {
        self.write(move |connection| {
            representatives::upsert(connection, std::slice::from_ref(&representative))?;
            Snapshot::Directory.bump(connection)
        })
        .await
    }

    /// Announces a dissolution, or changes the day of its election, and answers the directory's new revision.
    pub async fn put_dissolution(&self, dissolution: Dissolution, now: DateTime<Utc>) -> Result<i64, StoreError> {
        self.write(move |connection| {
            dissolutions::upsert(connection, &dissolution, now)?;
            Snapshot::Directory.bump(connection)
        })
        .await
    }

    /// Takes a dissolution back; false if there was none.
    pub async fn remove_dissolution(
        &self,
        legislature: Legislature,
        dissolved_on: NaiveDate,
    ) -> Result<bool, StoreError> {
        self.write(move |connection| {
            let removed = dissolutions::remove(connection, legislature, dissolved_on)?;
            if removed {
                Snapshot::Directory.bump(connection)?;
            }
            Ok(removed)
        })
        .await
    }
}

fn load(connection: &mut AnyConnection, held: &[PostcodeLayer]) -> Result<Loaded<DirectoryParts>, StoreError> {
    let revision = Snapshot::Directory.revision(connection)?;
    let value = DirectoryParts {
        areas: areas::load(connection)?,
        representatives: representatives::load(connection)?,
        bodies: bodies::load(connection)?,
        layers: postcodes::load(connection, held)?,
        dissolutions: dissolutions::load(connection)?,
    };
    Ok(Loaded { revision, value })
}
