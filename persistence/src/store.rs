//! The door to the database: every use is one closure, run on a thread that may block.

use crate::address::DatabaseUrl;
use crate::connection::{AnyConnection, Begin, Role};
use crate::database_file::DatabaseFile;
use crate::error::StoreError;
use crate::faults::{Fault, Faults};
use crate::migrations::{self, SchemaState};
use crate::pool::{Pool, PoolUse};
use crate::words::{MessageSeal, Messages};
use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::OwnedSemaphorePermit;

/// How much of the database one process may use.
#[derive(Clone, Debug)]
pub struct StoreOptions {
    /// Connections that read.
    pub readers: usize,
    /// Connections that write; SQLite always has one.
    pub writers: usize,
    /// How long a use may wait for a connection before it is [`StoreError::Unavailable`].
    pub wait: Duration,
    /// How long a use may wait for another process that has locked the SQLite file, before it is the same.
    pub lock_wait: Duration,
    /// Keep prepared statements between uses. Turn it off behind a `PgBouncer` older than 1.21 in transaction mode.
    pub prepared_statements: bool,
    /// Seals personal messages; without it none is stored or read.
    pub messages: Option<Arc<dyn MessageSeal>>,
}

impl StoreOptions {
    /// For a server, whose callers are answered within a second.
    pub fn hasty() -> Self {
        Self { wait: Duration::from_millis(700), lock_wait: Duration::from_millis(250), ..Self::default() }
    }
}

impl Default for StoreOptions {
    fn default() -> Self {
        Self {
            readers: 4,
            writers: 4,
            wait: Duration::from_secs(2),
            lock_wait: Duration::from_secs(5),
            prepared_statements: true,
            messages: None,
        }
    }
}

/// The database of one Postbag. Clones share their connections.
#[derive(Clone)]
pub struct Store {
    inner: Arc<Inner>,
}

struct Inner {
    url: DatabaseUrl,
    readers: Arc<Pool>,
    writers: Arc<Pool>,
    faults: Faults,
    messages: Messages,
}

impl std::fmt::Debug for Store {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Store").field(&self.inner.url).finish()
    }
}

impl Store {
    /// Opens the database that the URL names and checks that it can be trusted with data; a SQLite file is made if missing.
    ///
    /// The schema is not touched: see [`Store::migrate`] and [`Store::schema`].
    pub fn open(url: &str, options: &StoreOptions) -> Result<Self, StoreError> {
        let url = DatabaseUrl::parse(url)?;
        if let DatabaseUrl::Sqlite(path) = &url {
            create(Path::new(path))?;
        }
        let writers = if matches!(url, DatabaseUrl::Sqlite(_)) { 1 } else { options.writers.max(1) };
        let file = DatabaseFile::of(&url)?;
        if let Some(file) = &file {
            file.tighten()?;
        }
        let pool = |role, size| Arc::new(Pool::new(url.clone(), file.clone(), role, size, options));
        let readers = pool(Role::Reader, options.readers.max(1));
        let writers = pool(Role::Writer, writers);
        let messages = Messages(options.messages.clone());
        let store = Self { inner: Arc::new(Inner { url, readers, writers, faults: Faults::default(), messages }) };
        // The writer goes first: it turns a new file to WAL before a reader sees it.
        store.writer_blocking(check_server)?;
        Ok(store)
    }

    /// The address, without its password.
    pub fn url(&self) -> &DatabaseUrl {
        &self.inner.url
    }

    /// True on PostgreSQL, where several writers are worth having.
    pub fn is_postgres(&self) -> bool {
        matches!(self.inner.url, DatabaseUrl::Postgres(_))
    }

    /// How many connections work now.
    pub fn connections(&self) -> [PoolUse; 2] {
        [self.inner.readers.in_use("readers"), self.inner.writers.in_use("writers")]
    }

    /// What seals and opens personal messages.
    pub(crate) fn messages(&self) -> Messages {
        self.inner.messages.clone()
    }

    /// Reads; each statement sees what was committed when it began.
    pub(crate) async fn read<T, F>(&self, work: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: FnOnce(&mut AnyConnection) -> Result<T, StoreError> + Send + 'static,
    {
        let permit = self.inner.readers.permit().await?;
        hop(Arc::clone(&self.inner.readers), permit, None, work).await
    }

    /// Reads several tables as of one moment.
    pub(crate) async fn read_snapshot<T, F>(&self, work: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: FnOnce(&mut AnyConnection) -> Result<T, StoreError> + Send + 'static,
    {
        let permit = self.inner.readers.permit().await?;
        hop(Arc::clone(&self.inner.readers), permit, Some(Begin::Snapshot), work).await
    }

    /// Writes in one transaction: an error from `work` takes all of it back.
    pub(crate) async fn write<T, F>(&self, work: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: FnOnce(&mut AnyConnection) -> Result<T, StoreError> + Send + 'static,
    {
        let permit = self.inner.writers.permit().await?;
        let fault = self.inner.faults.next();
        let written = hop(Arc::clone(&self.inner.writers), permit, Some(Begin::Write), spoiled(fault, work)).await;
        answered(fault, written)
    }

    /// Makes the write after `writes` more go wrong; nothing disarms.
    #[cfg(feature = "faults")]
    pub fn arm_fault(&self, fault: Option<(u32, Fault)>) {
        self.inner.faults.arm(fault);
    }

    /// True if a fault came since this was asked last.
    #[cfg(feature = "faults")]
    pub fn fault_came(&self) -> bool {
        self.inner.faults.came()
    }

    /// [`Store::read`] for threads of their own.
    pub(crate) fn read_blocking<T>(
        &self,
        work: impl FnOnce(&mut AnyConnection) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        self.inner.readers.run(self.inner.readers.permit_blocking()?, None, work)
    }

    /// [`Store::read_snapshot`] for threads of their own and for the command line.
    pub(crate) fn read_snapshot_blocking<T>(
        &self,
        work: impl FnOnce(&mut AnyConnection) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        self.inner.readers.run(self.inner.readers.permit_blocking()?, Some(Begin::Snapshot), work)
    }

    /// [`Store::write`] for threads of their own and for the command line.
    pub(crate) fn write_blocking<T>(
        &self,
        work: impl FnOnce(&mut AnyConnection) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        let fault = self.inner.faults.next();
        let permit = self.inner.writers.permit_blocking()?;
        answered(fault, self.inner.writers.run(permit, Some(Begin::Write), spoiled(fault, work)))
    }

    /// A writer's connection without a transaction around the work.
    pub(crate) async fn writer<T, F>(&self, work: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: FnOnce(&mut AnyConnection) -> Result<T, StoreError> + Send + 'static,
    {
        let permit = self.inner.writers.permit().await?;
        hop(Arc::clone(&self.inner.writers), permit, None, work).await
    }

    /// [`Store::writer`] for threads of their own and for the command line.
    pub(crate) fn writer_blocking<T>(
        &self,
        work: impl FnOnce(&mut AnyConnection) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        self.inner.writers.run(self.inner.writers.permit_blocking()?, None, work)
    }

    /// Brings the schema up to this binary's and names the migrations that ran. Refuses a newer schema (C14).
    pub fn migrate(&self) -> Result<Vec<String>, StoreError> {
        self.writer_blocking(migrations::run)
    }

    /// How the schema stands to this binary's.
    pub fn schema(&self) -> Result<SchemaState, StoreError> {
        self.writer_blocking(migrations::state)
    }

    /// Refuses a database whose schema is not exactly this binary's, and says what to do about it.
    pub fn check_schema(&self) -> Result<(), StoreError> {
        let state = self.schema()?;
        state.refuse_newer()?;
        if state.is_current() {
            return Ok(());
        }
        let names = state.pending.join(", ");
        Err(StoreError::Refused(format!("the database lacks the migrations {names}: run `postbag migrate`")))
    }

    /// Succeeds if the database takes writes (A23). It writes for real: a full disk refuses nothing less.
    pub async fn ping(&self) -> Result<(), StoreError> {
        self.write(|connection| {
            use crate::schema::revisions::dsl::{name, revision, revisions};
            // An equal value would not touch the page.
            diesel::update(revisions.filter(name.eq("readiness")))
                .set(revision.eq(revision + 1))
                .execute(connection)?;
            Ok(())
        })
        .await
    }

    /// Moves SQLite's log into its file and empties it; PostgreSQL looks after itself.
    pub fn checkpoint(&self) -> Result<(), StoreError> {
        self.writer_blocking(|connection| match connection {
            AnyConnection::Sqlite(c) => Ok(c.batch_execute("PRAGMA wal_checkpoint(TRUNCATE)")?),
            AnyConnection::Postgres(_) => Ok(()),
        })
    }
}

/// The work, or what a fault makes of it.
fn spoiled<T>(
    fault: Option<Fault>,
    work: impl FnOnce(&mut AnyConnection) -> Result<T, StoreError>,
) -> impl FnOnce(&mut AnyConnection) -> Result<T, StoreError> {
    move |connection| match fault {
        Some(Fault::Refuse) => Err(unavailable()),
        Some(Fault::RollBack) => work(connection).and_then(|_undone| Err(unavailable())),
        Some(Fault::LoseAnswer) | None => work(connection),
    }
}

fn answered<T>(fault: Option<Fault>, answer: Result<T, StoreError>) -> Result<T, StoreError> {
    if fault == Some(Fault::LoseAnswer) { Err(unavailable()) } else { answer }
}

fn unavailable() -> StoreError {
    StoreError::Unavailable("a fault that was asked for".to_owned())
}

/// Runs work on a thread that may block. A panic there continues in the calling task (C13).
async fn hop<T, F>(
    pool: Arc<Pool>,
    permit: OwnedSemaphorePermit,
    begin: Option<Begin>,
    work: F,
) -> Result<T, StoreError>
where
    T: Send + 'static,
    F: FnOnce(&mut AnyConnection) -> Result<T, StoreError> + Send + 'static,
{
    match tokio::task::spawn_blocking(move || pool.run(permit, begin, work)).await {
        Ok(result) => result,
        Err(error) => match error.try_into_panic() {
            Ok(panic) => std::panic::resume_unwind(panic),
            Err(_) => Err(StoreError::Unavailable("the server is stopping".to_owned())),
        },
    }
}

/// Makes the file and its folder if they are missing, readable by their owner alone: it will hold personal data.
///
/// A file that is there is not opened: closing it again would drop every lock that SQLite holds on it in this process (POSIX), and another
/// process that leaves would delete the log under this one.
fn create(path: &Path) -> Result<(), StoreError> {
    let failed = |error: std::io::Error| StoreError::Refused(format!("cannot open {}: {error}", path.display()));
    if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        let mut folders = std::fs::DirBuilder::new();
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut folders, 0o700);
        folders.recursive(true).create(folder).map_err(failed)?;
    }
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    match options.open(path) {
        Err(error) if error.kind() != std::io::ErrorKind::AlreadyExists => Err(failed(error)),
        Ok(_) | Err(_) => Ok(()),
    }
}

fn check_server(connection: &mut AnyConnection) -> Result<(), StoreError> {
    if connection.is_postgres() {
        if text(connection, "SELECT current_setting('synchronous_commit')")? == "off" {
            tracing::warn!("synchronous_commit is off: a crash of the database can lose what was answered");
        }
        return Ok(());
    }
    check_sqlite_version(&text(connection, "SELECT sqlite_version()")?)
}

fn text(connection: &mut AnyConnection, query: &str) -> Result<String, StoreError> {
    Ok(diesel::dsl::sql::<diesel::sql_types::Text>(query).get_result(connection)?)
}

/// Versions before 3.51.3 can corrupt a database in WAL mode (C2).
fn check_sqlite_version(version: &str) -> Result<(), StoreError> {
    let parts: Vec<u32> = version.split('.').filter_map(|part| part.parse().ok()).collect();
    if parts >= vec![3, 51, 3] {
        return Ok(());
    }
    Err(StoreError::Refused(format!("SQLite {version} can corrupt its file: at least 3.51.3 is needed")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema::revisions;
    use crate::testing::{each_backend, options};

    fn bump(connection: &mut AnyConnection) -> Result<(), StoreError> {
        diesel::update(revisions::table).set(revisions::revision.eq(7)).execute(connection)?;
        Ok(())
    }

    fn revision(store: &Store) -> i64 {
        store.read_blocking(|c| Ok(revisions::table.select(revisions::revision).first(c)?)).unwrap()
    }

    fn runtime() -> tokio::runtime::Runtime {
        tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap()
    }

    #[test]
    fn an_old_sqlite_is_refused() {
        assert!(check_sqlite_version("3.51.2").is_err());
        assert!(check_sqlite_version("3.40.1").is_err());
        assert!(check_sqlite_version("3.51.3").is_ok());
        assert!(check_sqlite_version("3.53.2").is_ok());
    }

    #[test]
    fn a_sqlite_connection_syncs_every_commit_and_overwrites_what_is_deleted() {
        each_backend(|store| {
            if store.is_postgres() {
                return;
            }
            let pragma = |name: &str| {
                let sql = format!("SELECT CAST({name} AS TEXT) FROM pragma_{name}");
                store.read_blocking(|connection| text(connection, &sql)).unwrap()
            };
            // FULL syncs with every commit.
            assert_eq!((pragma("synchronous").as_str(), pragma("secure_delete").as_str()), ("2", "1"));
        });
    }

    #[test]
    fn what_is_written_can_be_read() {
        each_backend(|store| {
            store.write_blocking(bump).unwrap();
            assert_eq!(revision(store), 7);
        });
    }

    #[test]
    fn an_error_takes_the_whole_write_back() {
        each_backend(|store| {
            let failed: Result<(), _> = store.write_blocking(|connection| {
                bump(connection)?;
                Err(StoreError::Conflict)
            });
            assert!(matches!(failed, Err(StoreError::Conflict)));
            assert_eq!(revision(store), 0);
        });
    }

    #[test]
    fn a_panic_takes_the_write_back_and_leaves_the_store_usable() {
        each_backend(|store| {
            let panicked = std::thread::scope(|scope| {
                scope
                    .spawn(|| {
                        store.write_blocking(|connection| {
                            bump(connection)?;
                            panic!("a bug");
                            #[expect(unreachable_code, reason = "gives the closure its type")]
                            Ok(())
                        })
                    })
                    .join()
            });
            assert!(panicked.is_err());
            assert_eq!(revision(store), 0);
            store.write_blocking(bump).unwrap();
        });
    }

    #[test]
    fn the_asynchronous_forms_do_the_same() {
        each_backend(|store| {
            runtime().block_on(async {
                store.ping().await.unwrap();
                store.write(bump).await.unwrap();
                let count = |c: &mut AnyConnection| Ok(revisions::table.count().get_result::<i64>(c)?);
                assert_eq!(store.read(count).await.unwrap(), 6);
                assert_eq!(store.read_snapshot(count).await.unwrap(), 6);
            });
        });
    }

    #[test]
    fn nobody_waits_longer_than_allowed_for_a_connection() {
        each_backend(|store| {
            let hasty = StoreOptions { readers: 1, wait: Duration::from_millis(50), ..options() };
            let store = Store::open(&store.inner.url.exposed(), &hasty).unwrap();
            store
                .read_blocking(|_| {
                    assert!(matches!(store.read_blocking(|_| Ok(())), Err(StoreError::Unavailable(_))));
                    let waited = runtime().block_on(store.read(|_| Ok(())));
                    assert!(matches!(waited, Err(StoreError::Unavailable(_))));
                    Ok(())
                })
                .unwrap();
            store.read_blocking(|_| Ok(())).unwrap();
        });
    }

    #[test]
    fn a_locked_file_is_given_up_within_a_second() {
        let folder = tempfile::tempdir().unwrap();
        let url = format!("sqlite:{}", folder.path().join("postbag.db").display());
        let holder = Store::open(&url, &options()).unwrap();
        holder.migrate().unwrap();
        let server = Store::open(&url, &StoreOptions::hasty()).unwrap();
        holder
            .write_blocking(|connection| {
                bump(connection)?;
                let began = std::time::Instant::now();
                assert!(matches!(server.write_blocking(bump), Err(StoreError::Unavailable(_))));
                assert!(began.elapsed() < Duration::from_secs(1), "{:?}", began.elapsed());
                Ok(())
            })
            .unwrap();
        server.write_blocking(bump).unwrap();
    }

    #[test]
    fn a_server_that_is_not_there_is_unavailable_at_once() {
        let began = std::time::Instant::now();
        let opened = Store::open("postgres://somebody:hunter2@127.0.0.1:1/postbag", &options());
        let error = opened.unwrap_err();
        assert!(matches!(error, StoreError::Unavailable(_)), "{error}");
        assert!(!format!("{error:?}").contains("hunter2"));
        assert!(began.elapsed() < Duration::from_secs(5));
    }

    #[test]
    fn a_deleted_or_replaced_file_takes_no_more_writes() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("postbag.db");
        let store = Store::open(&format!("sqlite:{}", path.display()), &options()).unwrap();
        store.migrate().unwrap();
        store.write_blocking(bump).unwrap();
        std::fs::rename(&path, folder.path().join("away.db")).unwrap();
        assert!(matches!(store.write_blocking(bump), Err(StoreError::Unavailable(_))));
        assert!(!path.exists(), "no empty file takes its place");
        std::fs::write(&path, "").unwrap();
        assert!(matches!(store.write_blocking(bump), Err(StoreError::Unavailable(_))));
    }

    #[cfg(unix)]
    #[test]
    fn a_file_is_readable_by_its_owner_alone() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("new").join("postbag.db");
        let open = || Store::open(&format!("sqlite:{}", path.display()), &options()).unwrap();
        let mode = || path.metadata().unwrap().permissions().mode() & 0o777;
        drop(open());
        assert_eq!(mode(), 0o600);
        std::fs::set_permissions(&path, PermissionsExt::from_mode(0o644)).unwrap();
        drop(open());
        assert_eq!(mode(), 0o600, "an open mode is tightened");
    }
}
