//! Notices that the SQLite file was deleted or replaced under the running process.

use crate::address::DatabaseUrl;
use crate::error::StoreError;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

/// The file of a SQLite database as it was when it was opened. What is written to it after somebody deleted or replaced it would be
/// gone with the process, although it was acknowledged.
#[derive(Clone, Debug)]
pub(crate) struct DatabaseFile {
    path: PathBuf,
    device: u64,
    inode: u64,
}

impl DatabaseFile {
    /// Remembers which file the URL names; PostgreSQL has none.
    pub(crate) fn of(url: &DatabaseUrl) -> Result<Option<Self>, StoreError> {
        let DatabaseUrl::Sqlite(path) = url else { return Ok(None) };
        let path = Path::new(path);
        let found = path.metadata();
        let found = found.map_err(|error| StoreError::Refused(format!("cannot open {}: {error}", path.display())))?;
        Ok(Some(Self { path: path.to_owned(), device: found.dev(), inode: found.ino() }))
    }

    /// Refuses if another file, or none, is at the path now. One system call.
    pub(crate) fn check(&self) -> Result<(), StoreError> {
        let same = self.path.metadata().is_ok_and(|now| (now.dev(), now.ino()) == (self.device, self.inode));
        if same {
            return Ok(());
        }
        let path = self.path.display();
        Err(StoreError::Unavailable(format!("{path} was deleted or replaced: put it back, or stop and start again")))
    }
}
