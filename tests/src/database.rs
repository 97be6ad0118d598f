//! A database of its own for each test: an SQLite file, or a PostgreSQL database copied from a template.

use std::collections::BTreeMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::sync::OnceCell;
use tokio_postgres::{Client, NoTls};
use url::Url;

use crate::country::Country;
use crate::server::{Setup, run};

/// The lock under which templates are made and copied, over all processes on one PostgreSQL.
const LOCK: i64 = 0x706f_7374_6261_6701;

/// The first content of a test's database.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Content {
    /// Nothing, not even tables.
    Nothing,
    /// The made-up country.
    Country,
}

/// The home of a test's data.
#[derive(Debug)]
pub(crate) struct Database {
    pub(crate) url: String,
    dropped: Option<Dropped>,
}

/// A PostgreSQL database to be dropped at the end.
#[derive(Debug)]
struct Dropped {
    server: String,
    name: String,
}

/// The PostgreSQL to test on, if there is one.
pub(crate) fn postgres() -> Option<String> {
    std::env::var("TEST_DATABASE_URL").ok().filter(|url| !url.is_empty())
}

impl Database {
    /// A fresh one; `folder` is the test's own.
    pub(crate) async fn create(setup: &Setup, folder: &Path, content: Content) -> Self {
        match postgres() {
            None => Self::create_sqlite(setup, folder, content).await,
            Some(server) => Self::create_postgres(setup, &server, content).await,
        }
    }

    /// Throws every user out and lets nobody in, as if the server were gone. PostgreSQL only.
    pub(crate) async fn cut(&self) {
        let Dropped { server, name } = self.dropped.as_ref().expect("a PostgreSQL database");
        let client = connect(server).await;
        execute(&client, &format!("ALTER DATABASE {name} WITH ALLOW_CONNECTIONS false")).await;
        let all = format!("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'");
        execute(&client, &all).await;
    }

    /// Lets users in again.
    pub(crate) async fn mend(&self) {
        let Dropped { server, name } = self.dropped.as_ref().expect("a PostgreSQL database");
        execute(&connect(server).await, &format!("ALTER DATABASE {name} WITH ALLOW_CONNECTIONS true")).await;
    }

    async fn create_sqlite(setup: &Setup, folder: &Path, content: Content) -> Self {
        let path = folder.join("postbag.db");
        if content == Content::Country {
            std::fs::copy(sqlite_template(setup).await, &path).expect("a copy of the template");
        }
        Self { url: format!("sqlite:{}", path.display()), dropped: None }
    }

    async fn create_postgres(setup: &Setup, server: &str, content: Content) -> Self {
        static NUMBER: AtomicUsize = AtomicUsize::new(0);
        let name = format!("postbag_test_{}_{}", std::process::id(), NUMBER.fetch_add(1, Ordering::Relaxed));
        let client = connect(server).await;
        client.execute("SELECT pg_advisory_lock($1)", &[&LOCK]).await.expect("the lock");
        let template = match content {
            Content::Nothing => "template0".to_owned(),
            Content::Country => postgres_template(setup, &client, server).await,
        };
        execute(&client, &format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)")).await;
        execute(&client, &format!("CREATE DATABASE {name} TEMPLATE {template}")).await;
        Self { url: at(server, &name), dropped: Some(Dropped { server: server.to_owned(), name }) }
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        let Some(Dropped { server, name }) = self.dropped.take() else { return };
        // A runtime cannot be entered twice, so this one has its own thread.
        let dropping = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
            runtime.block_on(async {
                execute(&connect(&server).await, &format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)")).await;
            });
        });
        let _ = dropping.join();
    }
}

async fn connect(server: &str) -> Client {
    let (client, connection) =
        tokio_postgres::connect(server, NoTls).await.expect("the PostgreSQL of TEST_DATABASE_URL");
    tokio::spawn(connection);
    client
}

async fn execute(client: &Client, statement: &str) {
    client.batch_execute(statement).await.unwrap_or_else(|error| panic!("{statement}: {error:?}"));
}

/// The address of another database on the same server.
fn at(server: &str, name: &str) -> String {
    let mut url = Url::parse(server).expect("TEST_DATABASE_URL to be a URL");
    url.set_path(name);
    url.into()
}

/// Differs between checkouts, so that one does not drop the template of another.
fn checkout(setup: &Setup) -> u32 {
    let mut hasher = DefaultHasher::new();
    setup.scratch().hash(&mut hasher);
    u32::try_from(hasher.finish() >> 32).unwrap_or_default()
}

/// Changes whenever the binary or the country does.
fn fingerprint(setup: &Setup) -> u64 {
    let binary = std::fs::metadata(setup.binary()).expect("the binary");
    let mut hasher = DefaultHasher::new();
    (binary.len(), binary.modified().expect("its time"), Country::fingerprint()).hash(&mut hasher);
    hasher.finish()
}

/// A file with the country in it, made once for each build.
async fn sqlite_template(setup: &Setup) -> &'static Path {
    static TEMPLATE: OnceCell<PathBuf> = OnceCell::const_new();
    TEMPLATE.get_or_init(|| make_sqlite_template(setup)).await
}

async fn make_sqlite_template(setup: &Setup) -> PathBuf {
    let ready = setup.scratch().join(format!("country-{:016x}.db", fingerprint(setup)));
    if !ready.exists() {
        let folder = tempfile::tempdir_in(setup.scratch()).expect("a folder");
        let path = folder.path().join("postbag.db");
        fill(setup, folder.path(), &format!("sqlite:{}", path.display())).await;
        std::fs::rename(&path, &ready).expect("a place for the template");
        forget_older(setup.scratch(), &ready);
    }
    ready
}

/// Removes the templates of earlier builds.
fn forget_older(scratch: &Path, ready: &Path) {
    let files = std::fs::read_dir(scratch).into_iter().flatten().filter_map(Result::ok).map(|entry| entry.path());
    let is_template = |path: &PathBuf| {
        path.file_name().is_some_and(|name| name.to_string_lossy().starts_with("country-")) && path != ready
    };
    files.filter(is_template).for_each(|path| {
        let _ = std::fs::remove_file(path);
    });
}

/// Names the template database with the country in it, made once for each build. Call it only under the lock.
async fn postgres_template(setup: &Setup, client: &Client, server: &str) -> String {
    let ours = format!("postbag_country_{:08x}_", checkout(setup));
    let ready = format!("{ours}{:016x}", fingerprint(setup));
    let rows = client.query("SELECT datname FROM pg_database WHERE starts_with(datname, $1)", &[&ours]).await;
    let known: Vec<String> = rows.expect("the databases").iter().map(|row| row.get(0)).collect();
    if known.contains(&ready) {
        return ready;
    }
    let folder = tempfile::tempdir_in(setup.scratch()).expect("a folder");
    let making = format!("{ours}making");
    for older in known.iter().chain([&making]) {
        execute(client, &format!("DROP DATABASE IF EXISTS {older} WITH (FORCE)")).await;
    }
    execute(client, &format!("CREATE DATABASE {making} TEMPLATE template0")).await;
    fill(setup, folder.path(), &at(server, &making)).await;
    execute(client, &format!("ALTER DATABASE {making} RENAME TO {ready}")).await;
    ready
}

/// Makes the tables and imports the country, as an operator would.
async fn fill(setup: &Setup, folder: &Path, url: &str) {
    let mut env: BTreeMap<String, String> = setup.environment(folder);
    env.insert("POSTBAG_DATABASE_URL".to_owned(), url.to_owned());
    run(setup.binary(), folder, &env, &["migrate"]).await.succeeds();
    for (what, file) in Country::write_to(folder) {
        let file = file.display().to_string();
        run(setup.binary(), folder, &env, &["import", what, &file]).await.succeeds();
    }
}
