//! A Maildir folder into which a mail system puts what comes back.
//!
//! New files stand in `new`. What was understood moves to `cur` as seen, and goes after a while; what was not moves there as unseen,
//! for a person with a mail reader.

use super::report::LIMIT;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

/// How long a report that was understood is kept: it holds the supporter's letter.
pub const KEPT: Duration = Duration::from_hours(30 * 24);

/// The folder, with its `new` and its `cur`.
#[derive(Clone, Debug)]
pub struct Maildir(PathBuf);

impl Maildir {
    /// Opens a folder and makes what it lacks.
    pub fn open(folder: impl Into<PathBuf>) -> io::Result<Self> {
        let folder = folder.into();
        for part in ["new", "cur", "tmp"] {
            crate::private_files::folder().recursive(true).create(folder.join(part))?;
        }
        Ok(Self(folder))
    }

    /// The names of the messages that nobody has looked at, in order.
    pub fn fresh(&self) -> io::Result<Vec<String>> {
        let entries = std::fs::read_dir(self.0.join("new"))?;
        let names = entries.filter_map(|entry| entry.ok()?.file_name().into_string().ok());
        let mut names: Vec<_> = names.filter(|name| !name.starts_with('.')).collect();
        names.sort();
        Ok(names)
    }

    /// The beginning of a message: as much as is ever read. Nothing if another process has taken it.
    pub fn message(&self, name: &str) -> io::Result<Option<Vec<u8>>> {
        let Some(file) = found(std::fs::File::open(self.0.join("new").join(name)))? else { return Ok(None) };
        let mut bytes = Vec::new();
        file.take(LIMIT.try_into().unwrap_or(u64::MAX)).read_to_end(&mut bytes)?;
        Ok(Some(bytes))
    }

    /// Moves a message out of `new`: as seen if it was understood.
    pub fn put_away(&self, name: &str, understood: bool) -> io::Result<()> {
        let flags = if understood { ":2,S" } else { ":2," };
        let base = name.split(':').next().unwrap_or(name);
        let moved = std::fs::rename(self.0.join("new").join(name), self.0.join("cur").join(format!("{base}{flags}")));
        found(moved).map(|_moved| ())
    }

    /// Deletes what was understood and put away before `now` less [`KEPT`].
    pub fn clear(&self, now: SystemTime) -> io::Result<usize> {
        let mut gone = 0;
        for entry in std::fs::read_dir(self.0.join("cur"))? {
            let entry = entry?;
            let is_seen = entry.file_name().to_string_lossy().ends_with(":2,S");
            let changed = entry.metadata()?.modified()?;
            if is_seen && now.duration_since(changed).is_ok_and(|age| age > KEPT) {
                gone += usize::from(found(std::fs::remove_file(entry.path()))?.is_some());
            }
        }
        Ok(gone)
    }

    /// Where it is.
    pub fn folder(&self) -> &Path {
        &self.0
    }
}

/// Nothing where there is no such file.
fn found<T>(result: io::Result<T>) -> io::Result<Option<T>> {
    match result {
        Ok(value) => Ok(Some(value)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_understood_goes_after_a_while_and_what_was_not_stays() {
        let folder = tempfile::tempdir().unwrap();
        let maildir = Maildir::open(folder.path()).unwrap();
        for name in ["2.b", "1.a", ".hidden"] {
            std::fs::write(folder.path().join("new").join(name), name).unwrap();
        }
        assert_eq!(maildir.fresh().unwrap(), ["1.a", "2.b"]);
        assert_eq!(maildir.message("1.a").unwrap().unwrap(), b"1.a");
        maildir.put_away("1.a", true).unwrap();
        maildir.put_away("2.b", false).unwrap();
        maildir.put_away("gone", true).unwrap();
        assert!(maildir.fresh().unwrap().is_empty() && maildir.message("1.a").unwrap().is_none());
        let kept = || {
            let mut names: Vec<_> = std::fs::read_dir(folder.path().join("cur"))
                .unwrap()
                .map(|entry| entry.unwrap().file_name().into_string().unwrap())
                .collect();
            names.sort();
            names
        };
        let now = std::fs::metadata(folder.path().join("cur/1.a:2,S")).unwrap().modified().unwrap();
        assert_eq!(maildir.clear(now).unwrap(), 0);
        assert_eq!(kept(), ["1.a:2,S", "2.b:2,"]);
        assert_eq!(maildir.clear(now + KEPT + Duration::from_mins(1)).unwrap(), 1);
        assert_eq!(kept(), ["2.b:2,"]);
    }
}
