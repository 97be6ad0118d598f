//! A bounded set of connections, handed out in the order of asking.
//!
//! A semaphore bounds them, so an idle list is all that is left of a pool: nobody waits for a connection while holding a
//! thread, and a database that is down says so at once.

use crate::address::DatabaseUrl;
use crate::connection::{AnyConnection, Begin, Role, establish};
use crate::database_file::DatabaseFile;
use crate::error::StoreError;
use crate::store::StoreOptions;
use diesel::connection::{CacheSize, Connection as _};
use diesel::r2d2::R2D2Connection;
use std::pin::pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, Wake, Waker};
use std::thread::Thread;
use std::time::{Duration, Instant};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// A connection that rested this long is asked whether it still lives before it is used.
const RESTED: Duration = Duration::from_secs(1);

/// How many connections of a pool work.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PoolUse {
    /// What they do.
    pub name: &'static str,
    /// How many there may be.
    pub size: usize,
    /// How many work, or are about to.
    pub in_use: usize,
}

/// The connections of one role.
pub(crate) struct Pool {
    url: DatabaseUrl,
    file: Option<DatabaseFile>,
    role: Role,
    cache_statements: bool,
    wait: Duration,
    lock_wait: Duration,
    size: usize,
    permits: Arc<Semaphore>,
    idle: Mutex<Vec<Idle>>,
}

struct Idle {
    connection: AnyConnection,
    since: Instant,
}

impl Pool {
    pub(crate) fn new(
        url: DatabaseUrl,
        file: Option<DatabaseFile>,
        role: Role,
        size: usize,
        options: &StoreOptions,
    ) -> Self {
        let StoreOptions { wait, lock_wait, prepared_statements: cache_statements, .. } = *options;
        let permits = Arc::new(Semaphore::new(size));
        let idle = Mutex::new(Vec::with_capacity(size));
        Self { url, file, role, cache_statements, wait, lock_wait, size, permits, idle }
    }

    /// How many of its connections work now.
    pub(crate) fn in_use(&self, name: &'static str) -> PoolUse {
        PoolUse { name, size: self.size, in_use: self.size.saturating_sub(self.permits.available_permits()) }
    }

    /// Waits for the right to use a connection, holding no thread, and no longer than the pool allows.
    pub(crate) async fn permit(&self) -> Result<OwnedSemaphorePermit, StoreError> {
        match tokio::time::timeout(self.wait, Arc::clone(&self.permits).acquire_owned()).await {
            Ok(Ok(permit)) => Ok(permit),
            Ok(Err(_)) | Err(_) => Err(busy()),
        }
    }

    /// Like [`Pool::permit`], in the same queue, for threads of their own.
    pub(crate) fn permit_blocking(&self) -> Result<OwnedSemaphorePermit, StoreError> {
        match block_until(Instant::now() + self.wait, Arc::clone(&self.permits).acquire_owned()) {
            Some(Ok(permit)) => Ok(permit),
            Some(Err(_)) | None => Err(busy()),
        }
    }

    /// Runs `work` on a connection; the permit is the right to one.
    pub(crate) fn run<T>(
        &self,
        permit: OwnedSemaphorePermit,
        begin: Option<Begin>,
        work: impl FnOnce(&mut AnyConnection) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        self.check_file()?;
        let mut connection = self.connection()?;
        let result = match begin {
            Some(begin) => connection.within(begin, |connection| {
                let value = work(connection)?;
                self.check_file()?;
                Ok(value)
            }),
            None => work(&mut connection),
        };
        // A panic in `work` passes this by, and drops the connection with the transaction it had begun.
        let lost = result.as_ref().is_err_and(StoreError::breaks_connection);
        if lost {
            // A restart of the server cuts all of them: the next caller gets a new one, not the next dead one.
            self.idle().clear();
        } else if !connection.is_broken() {
            self.idle().push(Idle { connection, since: Instant::now() });
        }
        drop(permit);
        result
    }

    fn connection(&self) -> Result<AnyConnection, StoreError> {
        while let Some(mut idle) = self.take_idle() {
            if idle.since.elapsed() < RESTED || idle.connection.ping().is_ok() {
                return Ok(idle.connection);
            }
        }
        let mut connection = establish(&self.url, self.role, self.lock_wait)?;
        if !self.cache_statements {
            connection.set_prepared_statement_cache_size(CacheSize::Disabled);
        }
        Ok(connection)
    }

    /// Refuses a SQLite file that is not the one that was opened.
    fn check_file(&self) -> Result<(), StoreError> {
        self.file.as_ref().map_or(Ok(()), DatabaseFile::check)
    }

    fn take_idle(&self) -> Option<Idle> {
        self.idle().pop()
    }

    fn idle(&self) -> std::sync::MutexGuard<'_, Vec<Idle>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn busy() -> StoreError {
    StoreError::Unavailable("every connection is in use".to_owned())
}

struct Unpark(Thread);

impl Wake for Unpark {
    fn wake(self: Arc<Self>) {
        self.0.unpark();
    }
}

/// Polls a future on this thread until it is ready or the deadline has passed.
fn block_until<F: Future>(deadline: Instant, future: F) -> Option<F::Output> {
    let waker = Waker::from(Arc::new(Unpark(std::thread::current())));
    let mut future = pin!(future);
    loop {
        if let Poll::Ready(output) = future.as_mut().poll(&mut Context::from_waker(&waker)) {
            return Some(output);
        }
        let left = deadline.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return None;
        }
        std::thread::park_timeout(left);
    }
}
