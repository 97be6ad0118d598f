//! A database for one measurement.

use std::sync::atomic::{AtomicUsize, Ordering};

use tokio_postgres::{Client, NoTls};
use url::Url;

/// Where data lives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Engine {
    Sqlite,
    Postgres,
}

impl Engine {
    /// Those that there are.
    pub(crate) fn all() -> Vec<Self> {
        if server().is_some() { vec![Self::Sqlite, Self::Postgres] } else { vec![Self::Sqlite] }
    }

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Sqlite => "SQLite",
            Self::Postgres => "PostgreSQL",
        }
    }
}

/// The PostgreSQL to measure on.
fn server() -> Option<String> {
    std::env::var("TEST_DATABASE_URL").ok().filter(|url| !url.is_empty())
}

/// A fresh database: a file in the server's own folder, or a database that is dropped at the end.
#[derive(Debug)]
pub(crate) enum Scratch {
    File,
    Database { server: String, name: String, url: String },
}

impl Scratch {
    /// Makes one.
    pub(crate) async fn create(engine: Engine) -> Self {
        static NUMBER: AtomicUsize = AtomicUsize::new(0);
        if engine == Engine::Sqlite {
            return Self::File;
        }
        let server = server().expect("TEST_DATABASE_URL");
        let name = format!("postbag_bench_{}_{}", std::process::id(), NUMBER.fetch_add(1, Ordering::Relaxed));
        execute(&connect(&server).await, &format!("CREATE DATABASE {name} TEMPLATE template0")).await;
        let mut url = Url::parse(&server).expect("TEST_DATABASE_URL to be a URL");
        url.set_path(&name);
        Self::Database { server, name, url: url.into() }
    }

    /// Its address, for a process that runs in the server's folder.
    pub(crate) fn url(&self) -> &str {
        match self {
            Self::File => "sqlite:postbag.db",
            Self::Database { url, .. } => url,
        }
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let Self::Database { server, name, .. } = self else { return };
        let (server, statement) = (server.clone(), format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)"));
        // A runtime cannot be entered twice, so this one has its own thread.
        let dropping = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
            runtime.block_on(async { execute(&connect(&server).await, &statement).await });
        });
        let _ = dropping.join();
    }
}

/// A connection to PostgreSQL.
pub(crate) async fn connect(url: &str) -> Client {
    let (client, connection) = tokio_postgres::connect(url, NoTls).await.expect("PostgreSQL");
    tokio::spawn(connection);
    client
}

/// Runs statements that answer nothing.
pub(crate) async fn execute(client: &Client, statements: &str) {
    client.batch_execute(statements).await.unwrap_or_else(|error| panic!("{statements}: {error:?}"));
}
