//! Notices that the SQLite file was deleted or replaced under the running process.

use crate::address::DatabaseUrl;
use crate::error::StoreError;
use std::fs::Permissions;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
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

    /// Takes away what others may do with a SQLite file that is there already: it holds personal data. Its log inherits its mode.
    pub(crate) fn tighten(&self) -> Result<(), StoreError> {
        let failed = |path: &Path, error: std::io::Error| {
            StoreError::Refused(format!("{} can be read by others: {error}; run `chmod 600` on it", path.display()))
        };
        for suffix in ["", "-wal", "-shm"] {
            let path = PathBuf::from(format!("{}{suffix}", self.path.display()));
            let Ok(found) = path.metadata() else { continue };
            if found.permissions().mode() & 0o077 != 0 {
                std::fs::set_permissions(&path, Permissions::from_mode(0o600)).map_err(|error| failed(&path, error))?;
                tracing::warn!(path = %path.display(), "others could read the database: it is for its owner alone now");
            }
        }
        Ok(())
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
