//! The folder of keys: `<domain>/<selector>.pem`, for their owner alone.

use super::{DkimKey, DkimKeyError, DkimKeys};
use crate::private_files;
use postbag_domain::DomainName;
use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// Why the keys cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum DkimFolderError {
    /// The folder cannot be read or written.
    #[error("{}: {error}", path.display())]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// The system's error.
        error: io::Error,
    },
    /// A file is no key.
    #[error("{}: {error}", path.display())]
    Key {
        /// The file.
        path: PathBuf,
        /// The flaw.
        error: DkimKeyError,
    },
    /// A folder is not named for a domain.
    #[error("{} is not named for a domain", path.display())]
    Domain {
        /// The folder.
        path: PathBuf,
    },
}

impl DkimKeys {
    /// The keys in a folder; none if it is not there.
    pub fn load(folder: &Path) -> Result<Self, DkimFolderError> {
        let mut keys = Vec::new();
        for own in entries(folder)?.into_iter().filter(|path| path.is_dir()) {
            let domain = domain_of(&own)?;
            let is_key = |path: &PathBuf| path.extension().is_some_and(|ending| ending == "pem");
            for path in entries(&own)?.into_iter().filter(is_key) {
                keys.push(read(&domain, path)?);
            }
        }
        Ok(Self::new(keys))
    }

    /// Makes both keys of a domain under a selector: `<selector>.pem` for RSA, `<selector>-ed25519.pem`. Existing files are kept.
    pub fn generate(folder: &Path, domain: &DomainName, selector: &str) -> Result<(), DkimFolderError> {
        let own = folder.join(domain.as_str());
        let rsa = prepared(&own, domain, selector, DkimKey::new_rsa())?;
        let ed25519 = prepared(&own, domain, &format!("{selector}-ed25519"), DkimKey::new_ed25519())?;
        let made = private_files::folder().recursive(true).create(&own);
        made.map_err(|error| DkimFolderError::Io { path: own, error })?;
        for (path, pem) in [rsa, ed25519] {
            write_new(&path, &pem).map_err(|error| DkimFolderError::Io { path, error })?;
        }
        Ok(())
    }
}

/// A new key and the file it goes to, refused if it could not be read back.
fn prepared(
    own: &Path,
    domain: &DomainName,
    selector: &str,
    pem: Result<String, DkimKeyError>,
) -> Result<(PathBuf, String), DkimFolderError> {
    let path = own.join(format!("{selector}.pem"));
    let checked = pem.and_then(|pem| DkimKey::parse(domain.clone(), selector, &pem).map(|_key| pem));
    match checked {
        Ok(pem) => Ok((path, pem)),
        Err(error) => Err(DkimFolderError::Key { path, error }),
    }
}

fn entries(folder: &Path) -> Result<Vec<PathBuf>, DkimFolderError> {
    let failed = |error| DkimFolderError::Io { path: folder.to_owned(), error };
    let found = match fs::read_dir(folder) {
        Ok(found) => found,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(failed(error)),
    };
    let mut paths =
        found.map(|entry| entry.map(|entry| entry.path())).collect::<io::Result<Vec<_>>>().map_err(failed)?;
    paths.sort();
    Ok(paths)
}

fn domain_of(folder: &Path) -> Result<DomainName, DkimFolderError> {
    let name = folder.file_name().unwrap_or_default().to_string_lossy();
    DomainName::parse(&name).map_err(|_flaw| DkimFolderError::Domain { path: folder.to_owned() })
}

fn read(domain: &DomainName, path: PathBuf) -> Result<DkimKey, DkimFolderError> {
    let selector = path.file_stem().unwrap_or_default().to_string_lossy();
    match fs::read_to_string(&path) {
        Ok(pem) => {
            warn_if_others_can_read(&path);
            DkimKey::parse(domain.clone(), &selector, &pem)
                .map_err(|error| DkimFolderError::Key { path: path.clone(), error })
        }
        Err(error) => Err(DkimFolderError::Io { path, error }),
    }
}

/// Logs a key that others can read: with it they could write in the name of its domain.
fn warn_if_others_can_read(path: &Path) {
    #[cfg(unix)]
    if fs::metadata(path).is_ok_and(|file| std::os::unix::fs::PermissionsExt::mode(&file.permissions()) & 0o077 != 0) {
        tracing::warn!(path = %path.display(), "others can read this signing key: make it readable to its owner alone (chmod 600)");
    }
}

fn write_new(path: &Path, text: &str) -> io::Result<()> {
    let mut file = private_files::file().create_new(true).open(path)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()
}
