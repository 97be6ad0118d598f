//! Copies of the whole database, made while it is in use, and put back into an empty one (C15).

use crate::address::{DatabaseUrl, PostgresUrl};
use crate::connection::AnyConnection;
use crate::{Store, StoreError};
use diesel::prelude::*;
use diesel::sql_types::Text;
use std::fs;
use std::path::Path;
use std::process::Command;

impl DatabaseUrl {
    /// The name of a copy of this kind of database.
    pub const fn backup_name(&self) -> &'static str {
        match self {
            Self::Sqlite(_) => "postbag.db",
            Self::Postgres(_) => "postbag.dump",
        }
    }
}

impl Store {
    /// Writes a copy of the database as of one moment into a new file. Nothing waits for it.
    ///
    /// PostgreSQL needs `pg_dump` of its own version or newer.
    pub fn back_up(&self, file: &Path) -> Result<(), StoreError> {
        match self.url() {
            // A reader may not write any file, and this one only reads the database.
            DatabaseUrl::Sqlite(_) => self.writer_blocking(|connection| copy(connection, file)),
            DatabaseUrl::Postgres(url) => {
                let mut dump = Command::new("pg_dump");
                dump.args(["--format=custom", "--no-owner", "--no-privileges", "--file"]).arg(file);
                run(dump, url)
            }
        }
    }

    /// Refuses a SQLite database that is damaged or whose rows refer to rows that are not there. PostgreSQL checks for itself.
    pub fn check_integrity(&self) -> Result<(), StoreError> {
        self.read_blocking(|connection| match connection {
            AnyConnection::Sqlite(c) => check(c),
            AnyConnection::Postgres(_) => Ok(()),
        })
    }
}

/// Puts a copy in the place of a database that is not there yet, or that holds nothing.
pub fn restore(url: &DatabaseUrl, file: &Path) -> Result<(), StoreError> {
    match url {
        DatabaseUrl::Sqlite(path) => put(file, Path::new(path)),
        DatabaseUrl::Postgres(url) => {
            let mut restore = Command::new("pg_restore");
            // The table of migrations is there as soon as anybody has asked for it; nothing else is.
            restore.args(["--clean", "--if-exists", "--no-owner", "--no-privileges", "--single-transaction"]).arg(file);
            run(restore, url)
        }
    }
}

fn copy(connection: &mut AnyConnection, file: &Path) -> Result<(), StoreError> {
    let AnyConnection::Sqlite(c) = connection else { return Ok(()) };
    let path = file.to_str().ok_or_else(|| StoreError::Refused("the path of the copy is not UTF-8".to_owned()))?;
    diesel::sql_query("VACUUM INTO ?").bind::<Text, _>(path).execute(c)?;
    let synced = fs::File::open(file).and_then(|copy| copy.sync_all());
    synced.map_err(|error| failed(file, &error))
}

fn check(connection: &mut SqliteConnection) -> Result<(), StoreError> {
    let found: String = diesel::dsl::sql::<Text>("PRAGMA integrity_check(1)").get_result(connection)?;
    if found != "ok" {
        return Err(StoreError::Refused(format!("the database is damaged: {found}")));
    }
    let orphans = diesel::dsl::sql::<Text>("SELECT \"table\" FROM pragma_foreign_key_check LIMIT 1");
    match orphans.get_result::<String>(connection).optional()? {
        None => Ok(()),
        Some(table) => Err(StoreError::Refused(format!("rows of {table} refer to rows that are not there"))),
    }
}

/// Written under another name first, so that a copy that is cut short never looks like a database.
fn put(file: &Path, path: &Path) -> Result<(), StoreError> {
    let draft = path.with_extension("restoring");
    let work = || {
        if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
            fs::create_dir_all(folder)?;
        }
        fs::copy(file, &draft)?;
        #[cfg(unix)]
        fs::set_permissions(&draft, std::os::unix::fs::PermissionsExt::from_mode(0o600))?;
        fs::File::open(&draft)?.sync_all()?;
        fs::rename(&draft, path)
    };
    work().map_err(|error| failed(path, &error))
}

fn failed(path: &Path, error: &std::io::Error) -> StoreError {
    StoreError::Refused(format!("cannot write {}: {error}", path.display()))
}

/// Runs a tool of PostgreSQL's. The password travels in its environment: arguments are seen by every user of the machine.
fn run(mut tool: Command, url: &PostgresUrl) -> Result<(), StoreError> {
    let (address, password) = url.for_tools();
    tool.args(["--dbname", &address, "--no-password"]);
    if let Some(password) = password {
        tool.env("PGPASSWORD", password);
    }
    let name = tool.get_program().to_string_lossy().into_owned();
    let output = tool.output().map_err(|error| {
        StoreError::Refused(format!("{name} cannot be run ({error}): install the client tools of PostgreSQL"))
    })?;
    if output.status.success() {
        return Ok(());
    }
    Err(StoreError::Refused(format!("{name} failed: {}", String::from_utf8_lossy(&output.stderr).trim())))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::options;

    #[test]
    fn a_damaged_copy_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let url = |name: &str| format!("sqlite:{}", folder.path().join(name).display());
        let store = Store::open(&url("a.db"), &options()).unwrap();
        store.migrate().unwrap();
        store.check_integrity().unwrap();
        let copy = folder.path().join("copy.db");
        store.back_up(&copy).unwrap();
        let mut bytes = fs::read(&copy).unwrap();
        let middle = bytes.len() / 2;
        bytes[middle..middle + 4096].fill(0x5a);
        fs::write(&copy, bytes).unwrap();
        let damaged = Store::open(&url("copy.db"), &options()).and_then(|store| store.check_integrity());
        assert!(damaged.is_err());
    }
}
