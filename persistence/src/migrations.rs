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
    /// True if no migration ever ran.
    pub is_blank: bool,
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
        is_blank: applied.is_empty(),
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
    use crate::schema::{
        deliveries, delivery_attempts, objection_notices, objection_wordings, objections_offered, questions_asked,
        representatives, tallies, templates,
    };
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

    /// What a database held before there were seats to fall empty: a message that waits for its supporter, one that was held for
    /// want of a recipient, and one that was tried.
    const SUBMISSIONS: &str = "
        INSERT INTO organisations VALUES (ID, 'a-charity', '{}', 1, AT, AT);
        INSERT INTO campaigns VALUES (ID, ID, 'fair-care', 'live', '{}', 1, AT, AT);
        INSERT INTO templates VALUES (ID, ID, 'any', 'en', 1, 'a', 'b', AT);
        INSERT INTO representatives (id, external_id, office, area_code, name, route)
        VALUES (ID, 'a:1', 'mp', 'E14000001', 'A', 'email');
        INSERT INTO supporters VALUES (ID, ID, 'ada@example.org', AT);
        INSERT INTO actions (id, organisation_id, campaign_id, supporter_id, status, is_test, first_of_supporter, nation, locale,
                             areas, words, created_at)
        VALUES (ID, ID, ID, ID, 'confirmed', NO, NO, 'england', 'en', '[]', '{}', AT);
        INSERT INTO deliveries (id, organisation_id, campaign_id, supporter_id, action_id, representative_id, office, area_code,
                                edition_id, state, is_test, attempts, reply, created_at, updated_at)
        VALUES (ID, ID, ID, ID, ID, ID, 'mp', 'E14000001', ID, 'held', NO, 0, NULL, AT, AT),
               (ID2, ID, ID, ID, ID, ID2, 'mp', 'E14000001', ID, 'held', NO, 0, 'has left', AT, AT),
               (ID3, ID, ID, ID, ID, ID3, 'mp', 'E14000001', ID, 'accepted', NO, 1, '250 ok', AT, AT);
        INSERT INTO delivery_attempts (delivery_id, number, campaign_id, started_at) VALUES (ID3, 1, ID, AT);
        INSERT INTO tally_versions VALUES (ID, 7);
        INSERT INTO tallies VALUES (ID, 'day', '2026-11-22', 1, 7);";

    /// A script in the words of one side.
    fn in_words_of(script: &str, postgres: bool) -> String {
        let id =
            |n: u8| if postgres { format!("'{}'", uuid::Uuid::from_u128(n.into())) } else { format!("x'{n:032x}'") };
        let (at, no) = if postgres { ("'2026-11-22T10:00:00Z'", "FALSE") } else { ("1795341600000000", "0") };
        let script = script.replace("ID2", &id(2)).replace("ID3", &id(3)).replace("ID", &id(1));
        script.replace("AT", at).replace("NO, ", &format!("{no}, "))
    }

    #[test]
    fn what_was_there_before_an_upgrade_is_there_after_it() {
        each_empty_backend(|store| {
            store
                .writer_blocking(|connection| {
                    for _migration in 0..3 {
                        match connection {
                            AnyConnection::Postgres(c) => c.run_next_migration(POSTGRES).map(drop),
                            AnyConnection::Sqlite(c) => c.run_next_migration(SQLITE).map(drop),
                        }
                        .unwrap();
                    }
                    let script = in_words_of(SUBMISSIONS, connection.is_postgres());
                    on_backend!(connection, c => c.batch_execute(&script)).unwrap();
                    Ok(())
                })
                .unwrap();
            store.migrate().unwrap();
            let held_for: Vec<Option<String>> = store
                .read_blocking(|c| Ok(deliveries::table.order(deliveries::id).select(deliveries::held_for).load(c)?))
                .unwrap();
            assert_eq!(held_for, [Some("confirmation".to_owned()), Some("vacancy".to_owned()), None]);
            let others = store.read_blocking(|c| {
                Ok([
                    delivery_attempts::table.count().get_result::<i64>(c)?,
                    representatives::table.count().get_result(c)?,
                    templates::table.count().get_result(c)?,
                ])
            });
            assert_eq!(others.unwrap(), [1, 1, 1]);
            let by_time: Vec<(String, String, i64, i64)> = store
                .read_blocking(|c| {
                    let counts = tallies::table.filter(tallies::kind.eq_any(["day", "hour"]));
                    Ok(counts.select((tallies::kind, tallies::key, tallies::count, tallies::version)).load(c)?)
                })
                .unwrap();
            assert_eq!(by_time, [("hour".to_owned(), "2026-11-22T10".to_owned(), 1, 7)]);
        });
    }

    /// A question that a campaign asks, one that it asked once, and a notice in two versions that it shows no more.
    const QUESTIONS: &str = "
        INSERT INTO organisations VALUES (ID, 'a-charity', '{}', 1, AT, AT);
        INSERT INTO campaigns VALUES (ID, ID, 'fair-care', 'live', '{}', 1, AT, AT);
        INSERT INTO consent_questions VALUES (ID, ID, 1, 1, NULL), (ID2, ID, 2, 1, AT);
        INSERT INTO consent_wordings VALUES (ID, 1, 'campaign_news', '[]', '{}', AT), (ID2, 1, 'research_news', '[]', '{}', AT);
        INSERT INTO objection_notices VALUES (ID, 'profiling', 1, '{}', AT), (ID, 'profiling', 2, '{}', AT);";

    #[test]
    fn questions_and_notices_become_the_organisations_and_stay_with_their_campaign() {
        each_empty_backend(|store| {
            store
                .writer_blocking(|connection| {
                    match connection {
                        AnyConnection::Postgres(c) => c.run_next_migration(POSTGRES).map(drop),
                        AnyConnection::Sqlite(c) => c.run_next_migration(SQLITE).map(drop),
                    }
                    .unwrap();
                    let script = in_words_of(QUESTIONS, connection.is_postgres());
                    on_backend!(connection, c => c.batch_execute(&script)).unwrap();
                    Ok(())
                })
                .unwrap();
            store.migrate().unwrap();
            let is_asked: Vec<bool> = store
                .read_blocking(|c| {
                    let asked = questions_asked::table.order(questions_asked::question_id);
                    Ok(asked.select(questions_asked::position.is_not_null()).load(c)?)
                })
                .unwrap();
            assert_eq!(is_asked, [true, false]);
            let notice: (i32, Option<i32>, i64) = store
                .read_blocking(|c| {
                    Ok((
                        objection_notices::table.select(objection_notices::version).first(c)?,
                        objections_offered::table.select(objections_offered::position).first(c)?,
                        objection_wordings::table.count().get_result(c)?,
                    ))
                })
                .unwrap();
            assert_eq!(notice, (2, None, 2));
            store.write_blocking(revert_all).unwrap();
            store.migrate().unwrap();
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
