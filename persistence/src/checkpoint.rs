//! Moves SQLite's log into its file beside the writer, so that no submission waits for that.
//!
//! By itself SQLite does it within a commit: every few thousand pages one group waits until all of them are written and
//! synced. Here a thread of its own does most of it while the writer goes on, and only what came in meanwhile is left for a moment
//! between two groups, after which the log starts from the beginning.

use crate::connection::AnyConnection;
use crate::statement::Statement;
use crate::{Store, StoreError};
use diesel::RunQueryDsl;
use diesel::sql_types::Integer;
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::thread::JoinHandle;
use std::time::Duration;

/// How often the log is looked at.
const EVERY: Duration = Duration::from_millis(100);

/// How many pages of the log are worth the work: 8 MB.
const LONG: i32 = 2000;

/// The thread; ends when it is dropped.
#[derive(Debug)]
pub(crate) struct Checkpointer {
    // Never sent over: it is closed to end the thread.
    stop: Option<Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Checkpointer {
    /// Starts it.
    pub(crate) fn start(store: &Store) -> std::io::Result<Self> {
        let (stop, stopped) = channel();
        let store = store.clone();
        let work = move || {
            while stopped.recv_timeout(EVERY) == Err(RecvTimeoutError::Timeout) {
                if let Err(error) = shorten(&store) {
                    tracing::warn!(%error, "the log could not be moved into the database file");
                }
            }
        };
        let thread = std::thread::Builder::new().name("checkpoint".to_owned()).spawn(work)?;
        Ok(Self { stop: Some(stop), thread: Some(thread) })
    }
}

impl Drop for Checkpointer {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            drop(thread.join());
        }
    }
}

impl Store {
    /// Moves all of SQLite's log into its file and empties it, so that what was deleted is in neither: deleted content is overwritten with
    /// zeros. False if a reader or another process kept it from that; to be tried again.
    pub async fn truncate_log(&self) -> Result<bool, StoreError> {
        self.writer(truncate).await
    }
}

fn truncate(connection: &mut AnyConnection) -> Result<bool, StoreError> {
    let (busy, _log, _moved) = pragma(connection, "PRAGMA wal_checkpoint(TRUNCATE)")?;
    Ok(busy == 0)
}

/// Two passes beside the writer, the second for what came during the first, and a last short one in its place.
fn shorten(store: &Store) -> Result<(), StoreError> {
    if store.read_blocking(behind)? < LONG {
        return Ok(());
    }
    store.read_blocking(checkpoint)?;
    store.read_blocking(checkpoint)?;
    store.writer_blocking(checkpoint)
}

/// How many pages are in the log alone.
fn behind(connection: &mut AnyConnection) -> Result<i32, StoreError> {
    let (_busy, log, moved) = pragma(connection, "PRAGMA wal_checkpoint(NOOP)")?;
    Ok(log - moved)
}

/// Moves what no reader needs, without waiting.
fn checkpoint(connection: &mut AnyConnection) -> Result<(), StoreError> {
    pragma(connection, "PRAGMA wal_checkpoint(PASSIVE)").map(|_pages| ())
}

/// One if something kept it from its end, the pages in the log, and how many of them were moved.
fn pragma(connection: &mut AnyConnection, sql: &'static str) -> Result<(i32, i32, i32), StoreError> {
    match connection {
        AnyConnection::Postgres(_) => Ok((0, 0, 0)),
        AnyConnection::Sqlite(c) => Ok(Statement::<_, (Integer, Integer, Integer)>::new(sql).get_result(c)?),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::each_backend;
    use diesel::connection::SimpleConnection;

    #[test]
    fn a_long_log_is_moved_beside_the_writer_and_starts_empty() {
        each_backend(|store| {
            if store.is_postgres() {
                return;
            }
            let fill = "CREATE TABLE filler (text TEXT NOT NULL);
                WITH RECURSIVE up (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM up LIMIT 3000)
                INSERT INTO filler SELECT hex(randomblob(2000)) FROM up;";
            store.write_blocking(|connection| run(connection, fill)).unwrap();
            assert!(store.read_blocking(behind).unwrap() >= LONG);
            shorten(store).unwrap();
            assert_eq!(store.read_blocking(behind).unwrap(), 0);
            store.write_blocking(|connection| run(connection, "INSERT INTO filler VALUES ('')")).unwrap();
            assert!(store.read_blocking(behind).unwrap() < 100, "the log begins anew");
            assert_eq!(
                store.read_blocking(|connection| pragma(connection, "PRAGMA wal_checkpoint(NOOP)")).unwrap().2,
                0
            );
        });
    }

    fn run(connection: &mut AnyConnection, sql: &str) -> Result<(), StoreError> {
        match connection {
            AnyConnection::Sqlite(c) => Ok(c.batch_execute(sql)?),
            AnyConnection::Postgres(_) => Ok(()),
        }
    }
}
