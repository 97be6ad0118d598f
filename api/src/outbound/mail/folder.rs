//! Letters as files, for a machine without a relay: open them with any mail program.

use super::compose::ComposedMail;
use super::outcome::Outcome;
use super::reply::{Reply, Stage};
use crate::private_files;
use std::fs::{self, File, Permissions};
use std::io::{self, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// A folder that receives one `.eml` file for each delivery, readable by its owner alone.
#[derive(Clone, Debug)]
pub struct Folder {
    path: Arc<Path>,
}

impl Folder {
    /// Takes the folder, and makes it if it is not there yet.
    pub fn open(path: impl Into<PathBuf>) -> io::Result<Self> {
        let path = path.into();
        private_files::folder().recursive(true).create(&path)?;
        tighten(&path)?;
        Ok(Self { path: path.into() })
    }

    /// Succeeds if letters can be written into the folder at `path`, which must be there.
    pub fn check(path: &Path) -> io::Result<()> {
        let probe = path.join(".writable");
        private_files::file().create(true).truncate(true).open(&probe)?.write_all(b"postbag")?;
        fs::remove_file(probe)
    }

    /// Removes the letters of a person who is erased from the folder at `path`. Where that fails, the log says what to do.
    pub fn forget(path: &Path, ids: &[uuid::Uuid]) {
        if let Err(error) = Self::remove(path, ids) {
            tracing::error!(%error, path = %path.display(), "letters of an erased person stay in the folder: remove them by hand");
        }
    }

    /// Removes the letters with these ids; those that are not there are as good as removed.
    fn remove(path: &Path, ids: &[uuid::Uuid]) -> io::Result<()> {
        for id in ids {
            match fs::remove_file(path.join(format!("{id}.eml"))) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
                Ok(()) | Err(_) => {}
            }
        }
        if path.is_dir() { sync_folder(path) } else { Ok(()) }
    }

    /// The path of the folder.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Writes `<delivery id>.eml`: whole or not at all, on disk before it is called accepted.
    ///
    /// Sending a letter again writes the same file again, so a repeat leaves no second copy.
    pub async fn send(&self, letter: &ComposedMail) -> Outcome {
        let (folder, name, bytes) = (Arc::clone(&self.path), letter.id().to_string(), letter.bytes().to_vec());
        let written = tokio::task::spawn_blocking(move || write(&folder, &name, &bytes)).await;
        match written.map_err(io::Error::other).and_then(|result| result) {
            Ok(()) => Outcome::Accepted(Reply::happened(Stage::Folder, "written")),
            Err(error) => Outcome::unreachable(Reply::happened(Stage::Folder, &error.to_string())),
        }
    }
}

fn write(folder: &Path, name: &str, bytes: &[u8]) -> io::Result<()> {
    let part = folder.join(format!(".{name}.part"));
    let mut file = private_files::file().create(true).truncate(true).open(&part)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    fs::rename(&part, folder.join(format!("{name}.eml")))?;
    sync_folder(folder)
}

/// Takes away what others may do with a folder that was there already: it holds personal data.
fn tighten(path: &Path) -> io::Result<()> {
    let others = fs::metadata(path)?.permissions().mode() & 0o077;
    if others == 0 {
        return Ok(());
    }
    tracing::warn!(path = %path.display(), "others could read the letters: the folder is for its owner alone now");
    fs::set_permissions(path, Permissions::from_mode(0o700))
}

/// A rename is on disk only once its folder is.
fn sync_folder(folder: &Path) -> io::Result<()> {
    if cfg!(unix) { File::open(folder)?.sync_all() } else { Ok(()) }
}
