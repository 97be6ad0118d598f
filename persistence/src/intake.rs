//! Group commit: submissions wait in one bounded queue, and a writer stores what is waiting as one transaction (C3, C4, C10).
//!
//! ```text
//! record() ── Queue ── writer thread ── group::store in one transaction ── listener ── answers
//! ```
//!
//! Nothing is answered before its group is on disk (C1). A group that fails is halved until the row at fault stands alone; the
//! others are kept. The same key or the same person twice in one group is folded before anything is written.

mod challenges;
mod entry;
mod group;
mod history;
mod insert;
mod keys;
mod queue;
mod reviews;
mod supporters;
#[cfg(test)]
mod tests;
mod writer;

pub(crate) use supporters::known_or_new;

use crate::checkpoint::Checkpointer;
use crate::idempotency::{self, KeyClaim};
use crate::spent_challenges::SpentChallenge;
use crate::tallies::TallyRow;
use crate::words::Messages;
use crate::{Store, StoreError};
use chrono::TimeDelta;
use entry::Entry;
use postbag_domain::{Accepted, ClientTag, MailId, SupporterId};
use queue::{Queue, Refused};
use serde_json::Value;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;
use tokio::sync::oneshot;
use writer::{Job, Writer};

/// It is too short to notice, and on a busy day it saves most of the commits.
const PATIENCE: Duration = Duration::from_millis(5);

/// How much the intake takes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct IntakeOptions {
    /// How many submissions may wait; the next one is [`IntakeError::Full`].
    pub queue: usize,
    /// How many are stored in one transaction at most.
    pub group: usize,
    /// How long a group waits for others to join it; a full one does not wait.
    pub patience: Duration,
    /// How many writers there are on PostgreSQL. SQLite always has one.
    pub writers: usize,
    /// How long idempotency keys are kept.
    pub keep_keys: TimeDelta,
}

impl Default for IntakeOptions {
    fn default() -> Self {
        Self { queue: 640, group: 128, patience: PATIENCE, writers: 2, keep_keys: idempotency::KEEP }
    }
}

/// An accepted submission to be stored.
#[derive(Clone, Debug)]
pub struct Record {
    /// The domain's decision.
    pub accepted: Accepted,
    /// A fresh id, used if the supporter is not known yet.
    pub supporter_id: SupporterId,
    /// A fresh id for the mail that asks for the confirmation, if the action needs one.
    pub mail_id: MailId,
    /// The keyed hash of the supporter's inbox, by which its mails are limited (B31).
    pub mailbox: Vec<u8>,
    /// The client it came from, if the organisation keeps that.
    pub client: Option<ClientTag>,
    /// The key it came with.
    pub idempotency: KeyClaim,
    /// The challenge that lets it in, if it needs one.
    pub challenge: Option<SpentChallenge>,
    /// The answer, which the same key gets again.
    pub answer: Value,
}

/// What became of a record. `tally_actions` is the campaign's count of actions just after.
#[derive(Clone, Debug, PartialEq)]
pub enum Recorded {
    /// It is stored.
    New {
        /// The campaign's actions.
        tally_actions: i64,
    },
    /// It was stored before, under the same key; nothing was changed.
    Replayed {
        /// The answer given then.
        answer: Value,
        /// The campaign's actions.
        tally_actions: i64,
    },
}

/// Why a record was not stored.
#[derive(Debug, thiserror::Error)]
pub enum IntakeError {
    /// The key was used for another request (A2).
    #[error("the idempotency key was used for another request")]
    KeyReused,
    /// Its challenge has let another submission in.
    #[error("the challenge was spent on another submission")]
    ChallengeSpent,
    /// It was held, and is not approved any more.
    #[error("the submission was taken back")]
    NotApproved,
    /// Too many wait already: try again in a moment (C10).
    #[error("too many submissions are waiting")]
    Full,
    /// The server is stopping.
    #[error("the intake is closed")]
    Closed,
    /// The database did not take it.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Receives counts that changed, after they are on disk and before the submissions that changed them are answered.
pub type TallyListener = Arc<dyn Fn(&[TallyRow]) + Send + Sync>;

/// A group that was stored in one transaction.
#[derive(Clone, Copy, Debug)]
pub struct StoredGroup {
    /// How many submissions it was.
    pub submissions: usize,
    /// How long storing it took.
    pub took: Duration,
}

/// Receives each group, for the metrics.
pub type GroupListener = Arc<dyn Fn(StoredGroup) + Send + Sync>;

/// Those who hear of what is stored.
#[derive(Clone)]
pub struct IntakeListeners {
    /// Hears of counts.
    pub counts: TallyListener,
    /// Hears of groups.
    pub groups: GroupListener,
}

impl From<&TallyListener> for IntakeListeners {
    fn from(counts: &TallyListener) -> Self {
        Self { counts: Arc::clone(counts), groups: Arc::new(|_group| {}) }
    }
}

/// The way in for submissions. Clones share one queue; when the last is gone, what waits is stored and the writers end.
#[derive(Clone)]
pub struct Intake {
    inner: Arc<Inner>,
}

struct Inner {
    queue: Arc<Queue<Job>>,
    writers: Mutex<Vec<JoinHandle<()>>>,
    keep_keys: TimeDelta,
    messages: Messages,
    /// On SQLite: ends with the intake.
    #[expect(dead_code, reason = "kept for its end")]
    checkpointer: Option<Checkpointer>,
}

impl Drop for Inner {
    fn drop(&mut self) {
        self.queue.close();
    }
}

impl Intake {
    /// Starts the writers.
    pub fn start(
        store: &Store,
        options: IntakeOptions,
        listeners: impl Into<IntakeListeners>,
    ) -> std::io::Result<Self> {
        let listeners = listeners.into();
        let queue = Arc::new(Queue::new(options.queue.max(1)));
        let count = if store.is_postgres() { options.writers.max(1) } else { 1 };
        let writer = |number: usize| {
            let writer = Writer::new(store.clone(), Arc::clone(&queue), options, listeners.clone());
            std::thread::Builder::new().name(format!("intake-{number}")).spawn(move || writer.run())
        };
        let writers = (0..count).map(writer).collect::<std::io::Result<Vec<_>>>()?;
        let checkpointer = if store.is_postgres() { None } else { Some(Checkpointer::start(store)?) };
        let (writers, keep_keys, messages) = (Mutex::new(writers), options.keep_keys, store.messages());
        Ok(Self { inner: Arc::new(Inner { queue, writers, keep_keys, messages, checkpointer }) })
    }

    /// Stores a submission. Answers once it is on disk, or at once if there is no room.
    ///
    /// A caller that stops waiting changes nothing: what was taken is stored, and the same key finds it again.
    pub async fn record(&self, record: Record) -> Result<Recorded, IntakeError> {
        let entry = Entry::new(record, self.inner.keep_keys, &self.inner.messages)?;
        let (reply, answer) = oneshot::channel();
        self.inner.queue.push(Job { entry, reply }).map_err(|refused| match refused {
            Refused::Full => IntakeError::Full,
            Refused::Closed => IntakeError::Closed,
        })?;
        answer.await.unwrap_or_else(|_lost| Err(writer::lost().into()))
    }

    /// Refuses at once where [`Intake::record`] would, so that nothing is made of a submission that finds no room.
    pub fn require_room(&self) -> Result<(), IntakeError> {
        if self.inner.queue.is_full() { Err(IntakeError::Full) } else { Ok(()) }
    }

    /// How many submissions wait now.
    pub fn waiting(&self) -> usize {
        self.inner.queue.len()
    }

    /// Takes nothing more, stores what waits, and ends the writers (C9).
    pub async fn stop(&self) {
        self.inner.queue.close();
        let writers = std::mem::take(&mut *self.inner.writers.lock().unwrap_or_else(PoisonError::into_inner));
        let joined = tokio::task::spawn_blocking(move || writers.into_iter().for_each(|writer| drop(writer.join())));
        drop(joined.await);
    }
}
