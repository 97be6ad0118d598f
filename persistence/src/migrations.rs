//! The schema, carried in the binary: two folders with the same names, one per database.

use crate::connection::{AnyConnection, Begin};
use crate::error::StoreError;
use crate::on_backend;
use diesel::connection::SimpleConnection;
use diesel::migration::{Migration, MigrationSource, MigrationVersion};
use diesel::pg::Pg;
use diesel::sqlite::Sqlite;
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};

const SQLITE: EmbeddedMigrations = embed_migrations!("migrations/sqlite");
const POSTGRES: EmbeddedMigrations = embed_migrations!("migrations/postgres");

/// How the database's schema stands to this binary's.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SchemaState {
    /// Migrations that this binary has and the database lacks.
    pub pending: Vec<String>,
    /// Migrations that the database has and this binary does not know: a newer version made them.
    pub unknown: Vec<String>,
}

impl SchemaState {
    /// True if the database is as this binary wants it.
    pub fn is_current(&self) -> bool {
        self.pending.is_empty() && self.unknown.is_empty()
    }

    /// Refuses a schema that a newer version has made (C14).
    pub fn refuse_newer(&self) -> Result<(), StoreError> {
        if self.unknown.is_empty() {
            return Ok(());
        }
        let names = self.unknown.join(", ");
        Err(StoreError::Refused(format!(
            "the database was made by a newer version of Postbag (migrations {names}): run that version, or restore a backup"
        )))
    }
}

/// Runs what is pending, all or nothing. Several starters take turns, and nobody waits long behind a lock on a table (C14).
pub(crate) fn run(connection: &mut AnyConnection) -> Result<Vec<String>, StoreError> {
    connection.within(Begin::Write, |connection| {
        take_turn(connection)?;
        let state = state(connection)?;
        state.refuse_newer()?;
        match connection {
            AnyConnection::Postgres(c) => c.run_pending_migrations(POSTGRES).map(drop),
            AnyConnection::Sqlite(c) => c.run_pending_migrations(SQLITE).map(drop),
        }
        .map_err(StoreError::Backend)?;
        Ok(state.pending)
    })
}

/// SQLite's write lock is already held. On PostgreSQL the lock lasts for this transaction, so poolers may stand between.
fn take_turn(connection: &mut AnyConnection) -> Result<(), StoreError> {
    if let AnyConnection::Postgres(connection) = connection {
        connection.batch_execute(
            "SET LOCAL lock_timeout = '60s';
             SELECT pg_advisory_xact_lock(7236837510275112050);
             SET LOCAL lock_timeout = '5s';",
        )?;
    }
    Ok(())
}

/// Compares what the database has with what this binary carries.
pub(crate) fn state(connection: &mut AnyConnection) -> Result<SchemaState, StoreError> {
    let applied = on_backend!(connection, c => c.applied_migrations()).map_err(StoreError::Backend)?;
    let applied: Vec<String> = applied.iter().map(MigrationVersion::to_string).collect();
    let known = known(connection.is_postgres())?;
    let versions: Vec<&str> = known.iter().map(|name| version(name)).collect();
    Ok(SchemaState {
        pending: known.iter().filter(|name| !applied.iter().any(|has| has == version(name))).cloned().collect(),
        unknown: applied.iter().filter(|has| !versions.contains(&has.as_str())).cloned().collect(),
    })
}

fn version(name: &str) -> &str {
    name.split_once('_').map_or(name, |(version, _)| version)
}

/// The names of this binary's migrations, in order.
fn known(postgres: bool) -> Result<Vec<String>, StoreError> {
    let mut names = if postgres { names::<Pg>(&POSTGRES)? } else { names::<Sqlite>(&SQLITE)? };
    names.sort();
    Ok(names)
}

fn names<DB: diesel::backend::Backend>(source: &impl MigrationSource<DB>) -> Result<Vec<String>, StoreError> {
    let migrations: Vec<Box<dyn Migration<DB>>> = source.migrations().map_err(StoreError::Backend)?;
    Ok(migrations.iter().map(|migration| migration.name().to_string()).collect())
}

/// Takes every migration back, for tests of the way down.
#[cfg(test)]
pub(crate) fn revert_all(connection: &mut AnyConnection) -> Result<(), StoreError> {
    match connection {
        AnyConnection::Postgres(c) => c.revert_all_migrations(POSTGRES).map(drop),
        AnyConnection::Sqlite(c) => c.revert_all_migrations(SQLITE).map(drop),
    }
    .map_err(StoreError::Backend)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{each_backend, each_empty_backend};
    use diesel::prelude::*;

    #[test]
    fn both_databases_have_the_same_migrations() {
        assert_eq!(known(true).unwrap(), known(false).unwrap());
    }

    #[test]
    fn the_schema_goes_up_and_down_and_up_again() {
        each_empty_backend(|store| {
            let all = store.migrate().unwrap();
            assert_eq!(all, known(store.is_postgres()).unwrap());
            assert!(store.schema().unwrap().is_current());
            store.write_blocking(revert_all).unwrap();
            assert_eq!(store.schema().unwrap().pending, all);
            assert_eq!(store.migrate().unwrap(), all);
            assert!(store.migrate().unwrap().is_empty(), "a second run has nothing to do");
        });
    }

    #[test]
    fn a_database_that_lacks_migrations_says_how_to_get_them() {
        each_empty_backend(|store| {
            let refusal = store.check_schema().unwrap_err().to_string();
            assert!(refusal.contains("postbag migrate"), "{refusal}");
        });
    }

    #[test]
    fn an_older_binary_refuses_a_newer_schema() {
        each_backend(|store| {
            let newer = "INSERT INTO __diesel_schema_migrations (version) VALUES ('9999')";
            store.write_blocking(|connection| Ok(diesel::sql_query(newer).execute(connection)?)).unwrap();
            assert!(matches!(store.migrate(), Err(StoreError::Refused(_))));
            let refusal = store.check_schema().unwrap_err().to_string();
            assert!(refusal.contains("newer version") && refusal.contains("9999"), "{refusal}");
        });
    }

    #[test]
    fn several_starters_take_turns() {
        each_empty_backend(|store| {
            let starters: Vec<_> = (0..4)
                .map(|_| {
                    let store = store.clone();
                    std::thread::spawn(move || store.migrate().map(|names| names.len()))
                })
                .collect();
            let ran: Vec<usize> = starters.into_iter().map(|starter| starter.join().unwrap().unwrap()).collect();
            assert_eq!(ran.iter().filter(|count| **count > 0).count(), 1, "{ran:?}");
        });
    }
}
