//! Postcodes that no file has, looked up elsewhere while a person waits: off unless the operator wants it.
//!
//! A caller gets an answer before the deadline, or none: then what the directory says stands. Callers that ask for one postcode at
//! once share one question, and its answer is kept in memory and in the database. No postcode is ever logged.

use crate::clock::Clock;
use crate::config::Fallback;
use crate::outbound::{Fault, Manners, PostcodeService};
use chrono::{Days, NaiveDate};
use moka::Expiry;
use moka::future::Cache;
use postbag_domain::{LookedUpPostcode, Postcode, PostcodeAnswer};
use postbag_persistence::Store;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::runtime::Handle;
use tokio::sync::Semaphore;
use tokio::time::timeout_at;
use tokio_util::task::TaskTracker;
use url::Url;

/// How long an unknown postcode is remembered as unknown: it may be new.
const UNKNOWN_FOR: Duration = Duration::from_mins(10);

/// Looks postcodes up in a service.
pub(crate) struct LiveLookUp {
    worker: Arc<Worker>,
    cache: Cache<Postcode, Kept>,
    /// Where questions are asked: threads that answer requests come and go, connections to the service stay.
    runtime: Handle,
}

/// Asks the service, for all callers that wait.
struct Worker {
    service: PostcodeService,
    store: Store,
    clock: Clock,
    turns: Semaphore,
    deadline: Duration,
    days: Days,
    /// Answers being stored.
    writing: TaskTracker,
}

/// An answer, and how long it counts.
#[derive(Clone)]
struct Kept {
    found: Arc<LookedUpPostcode>,
    lasts: Duration,
}

impl LiveLookUp {
    /// The live look-up, if the operator wants one. Call this on the runtime that is to ask.
    pub(crate) fn open(config: &Fallback, store: Store, clock: Clock) -> anyhow::Result<Option<Self>> {
        if !config.enabled {
            return Ok(None);
        }
        let url = Url::parse(config.postcodes.url())?;
        let worker = Worker {
            service: PostcodeService::open(config.postcodes.service, url, Manners::of_fallback(config))?,
            store,
            clock,
            turns: Semaphore::new(config.at_once),
            deadline: Duration::from_millis(config.deadline_ms),
            days: Days::new(config.cache_days),
            writing: TaskTracker::new(),
        };
        let cache = Cache::builder().max_capacity(config.cache_size).expire_after(Lasting).build();
        Ok(Some(Self { worker: Arc::new(worker), cache, runtime: Handle::current() }))
    }

    /// Waits until every answer is written down. A database that is away gives up by itself.
    pub(crate) async fn finish(&self) {
        self.worker.writing.close();
        self.worker.writing.wait().await;
    }

    /// What the service says of a postcode, now or earlier; nothing if it does not say in time.
    pub(crate) async fn find(&self, postcode: Postcode) -> Option<Arc<LookedUpPostcode>> {
        let asked = async {
            let worker = Arc::clone(&self.worker);
            let task = self.runtime.spawn(async move { worker.find(postcode).await });
            task.await.unwrap_or(Err(Fault::TimedOut))
        };
        match self.cache.try_get_with(postcode, asked).await {
            Ok(kept) => Some(kept.found),
            Err(fault) => {
                tracing::debug!(%fault, "a postcode could not be looked up");
                None
            }
        }
    }
}

impl Worker {
    /// What is known already, or else what the service says. Ends at the deadline in any case.
    async fn find(self: Arc<Self>, postcode: Postcode) -> Result<Kept, Fault> {
        let deadline = Instant::now() + self.deadline;
        let _turn = timeout_at(deadline.into(), self.turns.acquire()).await.map_err(|_late| Fault::Crowded)?;
        if let Ok(Some(kept)) = timeout_at(deadline.into(), self.remembered(postcode)).await {
            return Ok(kept);
        }
        // The service keeps to the deadline by itself, so that its circuit learns of every failure.
        let answer = self.service.look_up(postcode, deadline).await?;
        Ok(self.keep(postcode, answer))
    }

    /// The answer that another node, or this one before a restart, was given.
    async fn remembered(&self, postcode: Postcode) -> Option<Kept> {
        let today = self.clock.today();
        match self.store.looked_up_postcode(postcode, today).await {
            Ok(known) => known.map(|(found, expires_on)| Kept::until(found, expires_on, today)),
            Err(error) => {
                tracing::warn!(%error, "looked-up postcodes cannot be read");
                None
            }
        }
    }

    /// The answer, which is stored while the caller goes on.
    fn keep(self: &Arc<Self>, postcode: Postcode, answer: PostcodeAnswer) -> Kept {
        let (on, layer) = (self.clock.today(), self.service.layer().to_owned());
        let found = LookedUpPostcode { postcode, layer, source: self.service.source(), on, answer };
        let expires_on = on.checked_add_days(self.days).unwrap_or(on);
        let kept = Kept::until(found.clone(), expires_on, on);
        let worker = Arc::clone(self);
        self.writing.spawn(async move {
            if let Err(error) = worker.store.keep_looked_up_postcode(found, expires_on).await {
                tracing::warn!(%error, "a looked-up postcode could not be kept");
            }
        });
        kept
    }
}

impl Kept {
    fn until(found: LookedUpPostcode, expires_on: NaiveDate, today: NaiveDate) -> Self {
        let lasts = match found.answer {
            PostcodeAnswer::Unknown => UNKNOWN_FOR,
            PostcodeAnswer::Live(_) | PostcodeAnswer::Terminated(_) => {
                (expires_on - today).to_std().unwrap_or_default()
            }
        };
        Self { found: Arc::new(found), lasts }
    }
}

/// Answers last as long as they say.
struct Lasting;

impl Expiry<Postcode, Kept> for Lasting {
    fn expire_after_create(&self, _postcode: &Postcode, kept: &Kept, _now: Instant) -> Option<Duration> {
        Some(kept.lasts)
    }
}
