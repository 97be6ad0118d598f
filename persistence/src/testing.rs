//! Runs a test on each database: SQLite always, PostgreSQL where `TEST_DATABASE_URL` names a server.
#![expect(clippy::print_stderr, reason = "a test says what it skips")]

use crate::store::{Store, StoreOptions};
use crate::words::MessageSeal;
use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use uuid::Uuid;

/// Runs `test` on a migrated, empty database of each kind.
pub(crate) fn each_backend(test: impl Fn(&Store)) {
    on_sqlite(true, &test);
    on_postgres(true, &test);
}

/// Runs `test` on a database of each kind without any schema.
pub(crate) fn each_empty_backend(test: impl Fn(&Store)) {
    on_sqlite(false, &test);
    on_postgres(false, &test);
}

/// Options for tests: few connections, patient.
pub(crate) fn options() -> StoreOptions {
    let messages: Option<Arc<dyn MessageSeal>> = Some(Arc::new(Backwards));
    StoreOptions { readers: 2, writers: 2, wait: Duration::from_secs(30), messages, ..StoreOptions::default() }
}

/// A seal that hides nothing from people: the bytes of the id and the text, backwards.
#[derive(Debug)]
struct Backwards;

impl MessageSeal for Backwards {
    fn seal(&self, about: Uuid, text: &str) -> Option<Vec<u8>> {
        let bytes = about.into_bytes().into_iter().chain(text.bytes());
        Some(bytes.rev().collect())
    }

    fn open(&self, about: Uuid, sealed: &[u8]) -> Option<String> {
        let bytes: Vec<u8> = sealed.iter().rev().copied().collect();
        let text = bytes.strip_prefix(about.as_bytes().as_slice())?;
        std::str::from_utf8(text).ok().map(str::to_owned)
    }
}

/// The migrations of one side, in order.
pub(crate) fn scripts(side: &str) -> Vec<String> {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("migrations").join(side);
    let mut paths: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    paths.iter().map(|path| std::fs::read_to_string(path.join("up.sql")).unwrap()).collect()
}

/// Runs a future on a thread of its own.
pub(crate) fn block_on<F: Future>(future: F) -> F::Output {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(future)
}

fn on_sqlite(migrated: bool, test: &impl Fn(&Store)) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("test.db");
    let store = Store::open(&format!("sqlite:{}", path.display()), &options()).unwrap();
    if migrated {
        store.migrate().unwrap();
    }
    test(&store);
}

fn on_postgres(migrated: bool, test: &impl Fn(&Store)) {
    let Ok(server) = std::env::var("TEST_DATABASE_URL") else {
        eprintln!("skipped on PostgreSQL: TEST_DATABASE_URL is not set");
        return;
    };
    let database = Database::create(&server, migrated);
    let store = Store::open(&database.url(), &options()).unwrap();
    test(&store);
}

/// A database of one test, dropped with it.
struct Database {
    server: String,
    name: String,
}

impl Database {
    fn create(server: &str, migrated: bool) -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let name = format!("postbag_test_{}_{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
        let template = if migrated { template(server) } else { "template0".to_owned() };
        admin(server).batch_execute(&format!("CREATE DATABASE {name} TEMPLATE {template}")).unwrap();
        Self { server: server.to_owned(), name }
    }

    fn url(&self) -> String {
        at(&self.server, &self.name)
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        let _ = admin(&self.server).batch_execute(&format!("DROP DATABASE {} WITH (FORCE)", self.name));
    }
}

fn admin(server: &str) -> PgConnection {
    PgConnection::establish(server).unwrap()
}

/// The server's URL with another database's name.
fn at(server: &str, name: &str) -> String {
    let mut url = url::Url::parse(server).unwrap();
    url.set_path(name);
    url.into()
}

/// A migrated database to copy, made once for each state of the migrations. Template databases of other states are dropped.
fn template(server: &str) -> String {
    static MAKING: Mutex<()> = Mutex::new(());
    let _one = MAKING.lock().unwrap_or_else(PoisonError::into_inner);
    let mut hasher = DefaultHasher::new();
    scripts("postgres").hash(&mut hasher);
    let name = format!("postbag_persistence_template_{:016x}", hasher.finish());
    let mut admin = admin(server);
    // Several test processes may want it at once.
    admin.batch_execute("SELECT pg_advisory_lock(42420001)").unwrap();
    if !exists(&mut admin, &name) {
        drop_old_templates(&mut admin);
        let making = format!("{name}_making");
        admin.batch_execute(&format!("DROP DATABASE IF EXISTS {making} WITH (FORCE)")).unwrap();
        admin.batch_execute(&format!("CREATE DATABASE {making} TEMPLATE template0")).unwrap();
        Store::open(&at(server, &making), &options()).unwrap().migrate().unwrap();
        admin.batch_execute(&format!("ALTER DATABASE {making} RENAME TO {name}")).unwrap();
    }
    name
}

fn exists(admin: &mut PgConnection, name: &str) -> bool {
    diesel::sql_query("SELECT 1 FROM pg_database WHERE datname = $1")
        .bind::<diesel::sql_types::Text, _>(name)
        .execute(admin)
        .unwrap()
        > 0
}

#[derive(QueryableByName)]
struct Named {
    #[diesel(sql_type = diesel::sql_types::Text)]
    name: String,
}

fn drop_old_templates(admin: &mut PgConnection) {
    let query = "SELECT datname::TEXT AS name FROM pg_database WHERE starts_with(datname::TEXT, 'postbag_persistence_template_')";
    let old: Vec<Named> = diesel::sql_query(query).load(admin).unwrap();
    for Named { name } in old {
        // One that another test process is copying stays.
        let _ = admin.batch_execute(&format!("DROP DATABASE {name}"));
    }
}
