//! One connection over two databases, chosen by the URL.

use crate::address::DatabaseUrl;
use crate::error::StoreError;
use diesel::connection::{SimpleConnection, TransactionManager};
use diesel::prelude::*;
use std::time::Duration;

pub(crate) use self::either::{AnyConnection, MultiBackend};

mod either {
    #![expect(unreachable_pub, reason = "what is generated is public")]

    use diesel::{PgConnection, SqliteConnection};

    /// A connection to either database. Queries that the enum cannot express go through `on_backend!`.
    #[derive(diesel::MultiConnection)]
    pub enum AnyConnection {
        Postgres(PgConnection),
        Sqlite(SqliteConnection),
    }
}

/// Runs one expression on the concrete connection: upserts, batches and `as_returning` do not pass through the enum.
macro_rules! on_backend {
    ($connection:expr, $concrete:ident => $body:expr) => {
        match $connection {
            $crate::connection::AnyConnection::Postgres($concrete) => $body,
            $crate::connection::AnyConnection::Sqlite($concrete) => $body,
        }
    };
}

pub(crate) use on_backend;

/// The transaction manager of both concrete connections.
type Ansi = diesel::connection::AnsiTransactionManager;

/// How a transaction begins.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Begin {
    /// To write: SQLite takes its write lock at once, since two readers that turn writers would block each other.
    Write,
    /// To read several tables as of one moment.
    Snapshot,
}

impl Begin {
    fn run(self, connection: &mut AnyConnection) -> QueryResult<()> {
        match (self, connection) {
            (Self::Write, AnyConnection::Sqlite(c)) => Ansi::begin_transaction_sql(c, "BEGIN IMMEDIATE"),
            (Self::Write, AnyConnection::Postgres(c)) => Ansi::begin_transaction(c),
            (Self::Snapshot, AnyConnection::Sqlite(c)) => Ansi::begin_transaction(c),
            (Self::Snapshot, AnyConnection::Postgres(c)) => {
                Ansi::begin_transaction_sql(c, "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
            }
        }
    }
}

impl AnyConnection {
    /// Runs `work` in one transaction: all of it is kept, or nothing.
    pub(crate) fn within<T>(
        &mut self,
        begin: Begin,
        work: impl FnOnce(&mut Self) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        begin.run(self)?;
        match work(self) {
            Ok(value) => {
                on_backend!(self, c => Ansi::commit_transaction(c))?;
                Ok(value)
            }
            Err(error) => {
                // The first error is the one to tell. A connection that cannot roll back is thrown away by the pool.
                let _ = on_backend!(self, c => Ansi::rollback_transaction(c));
                Err(error)
            }
        }
    }

    /// True on PostgreSQL.
    pub(crate) fn is_postgres(&self) -> bool {
        matches!(self, Self::Postgres(_))
    }
}

/// The use of a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Role {
    Reader,
    Writer,
}

/// Opens one connection to the database that the URL names, set up as the rules of this crate want it. The `establish` that
/// diesel derives tries each variant in turn, hides why each one failed and would make a SQLite file of a misspelt scheme.
pub(crate) fn establish(url: &DatabaseUrl, role: Role, lock_wait: Duration) -> Result<AnyConnection, StoreError> {
    match url {
        DatabaseUrl::Sqlite(path) => {
            let mut connection = SqliteConnection::establish(path).map_err(|error| unreachable(url, &error))?;
            prepare(&mut connection)?;
            connection.batch_execute(&format!("PRAGMA busy_timeout = {}", lock_wait.as_millis()))?;
            if role == Role::Reader {
                connection.batch_execute("PRAGMA query_only = ON")?;
            }
            Ok(AnyConnection::Sqlite(connection))
        }
        DatabaseUrl::Postgres(address) => PgConnection::establish(&address.exposed())
            .map(AnyConnection::Postgres)
            .map_err(|error| unreachable(url, &error)),
    }
}

/// Tells a SQLite connection how to behave. Of several processes that meet a new file at once, one turns it to WAL and the others
/// fail at once because it is locked: this change alone ignores the busy timeout.
fn prepare(connection: &mut SqliteConnection) -> Result<(), StoreError> {
    const TRIES: u32 = 100;
    for _ in 1..TRIES {
        match connection.batch_execute(SQLITE) {
            Err(error) if error.to_string().contains("locked") => std::thread::sleep(Duration::from_millis(50)),
            result => return Ok(result?),
        }
    }
    Ok(connection.batch_execute(SQLITE)?)
}

/// The settings of every SQLite connection. A commit is on disk when it returns (C1), and what is deleted is overwritten (B8).
/// The log is moved by a thread of its own ([`crate::checkpoint`]); a commit does it only if that falls far behind.
const SQLITE: &str = "\
    PRAGMA busy_timeout = 5000;
    PRAGMA journal_mode = WAL;
    PRAGMA synchronous = FULL;
    PRAGMA foreign_keys = ON;
    PRAGMA secure_delete = ON;
    PRAGMA temp_store = MEMORY;
    PRAGMA cache_size = -16384;
    PRAGMA wal_autocheckpoint = 32768;
    PRAGMA journal_size_limit = 67108864;";

fn unreachable(url: &DatabaseUrl, error: &ConnectionError) -> StoreError {
    StoreError::Unavailable(url.redact(&error.to_string()))
}
