//! A thread that stores groups, and survives the failure of one.

use super::entry::Entry;
use super::group::{self, Outcome, Verdict};
use super::queue::Queue;
use super::{IntakeError, IntakeListeners, IntakeOptions, Recorded, StoredGroup};
use crate::{Store, StoreError};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::oneshot;

/// A submission and the channel for its answer.
pub(super) struct Job {
    pub(super) entry: Entry,
    pub(super) reply: oneshot::Sender<Result<Recorded, IntakeError>>,
}

pub(super) struct Writer {
    store: Store,
    queue: Arc<Queue<Job>>,
    group: usize,
    patience: Duration,
    listeners: IntakeListeners,
}

/// How often a group is run again because another transaction was in the way, before it is halved.
const TRIES: usize = 5;

/// A database that fails this soon is retried once; longer waits would hold every caller.
const AT_ONCE: Duration = Duration::from_millis(250);

impl Writer {
    pub(super) fn new(
        store: Store,
        queue: Arc<Queue<Job>>,
        options: IntakeOptions,
        listeners: IntakeListeners,
    ) -> Self {
        Self { store, queue, group: options.group.max(1), patience: options.patience, listeners }
    }

    /// Stores groups until the queue is closed and empty. A panic costs one group, never the writer (C13).
    pub(super) fn run(&self) {
        while let Some(jobs) = self.queue.take(self.group, self.patience) {
            // Callers that wait for a group that panicked see their channel closed.
            if catch_unwind(AssertUnwindSafe(|| self.serve(jobs))).is_err() {
                tracing::error!("a writer panicked; its group was not answered");
            }
        }
    }

    fn serve(&self, jobs: Vec<Job>) {
        let (mut entries, replies): (Vec<_>, Vec<_>) = jobs.into_iter().map(|job| (job.entry, job.reply)).unzip();
        let results = self.store_all(&mut entries);
        for (reply, result) in replies.into_iter().zip(results) {
            // The caller has gone: it is stored all the same.
            drop(reply.send(result));
        }
    }

    /// Stores what can be stored: a group that fails is halved until the row at fault stands alone (C3).
    fn store_all(&self, entries: &mut [Entry]) -> Vec<Result<Recorded, IntakeError>> {
        let started = Instant::now();
        let error = match self.store_group(entries) {
            Ok(outcome) => {
                let group = StoredGroup { submissions: entries.len(), took: started.elapsed() };
                return self.publish(group, outcome);
            }
            Err(error) => error,
        };
        if let StoreError::Unavailable(reason) = &error {
            return entries.iter().map(|_| Err(StoreError::Unavailable(reason.clone()).into())).collect();
        }
        if entries.len() < 2 {
            tracing::error!(%error, "a submission could not be stored");
            return vec![Err(error.into())];
        }
        let (left, right) = entries.split_at_mut(entries.len() / 2);
        let mut results = self.store_all(left);
        results.extend(self.store_all(right));
        results
    }

    fn store_group(&self, entries: &mut [Entry]) -> Result<Outcome, StoreError> {
        let (started, mut tries) = (Instant::now(), 1);
        loop {
            match self.store.write_blocking(|connection| group::store(connection, entries)) {
                // A conflict is most often the other writer with the same person: the next run sees their rows.
                Err(StoreError::Contended | StoreError::Conflict) if tries < TRIES => tries += 1,
                // A connection that was cut while it rested. Should the first run be stored after all, the second finds its keys.
                Err(StoreError::Unavailable(_)) if tries == 1 && started.elapsed() < AT_ONCE => tries += 1,
                result => return result,
            }
        }
    }

    fn publish(&self, group: StoredGroup, outcome: Outcome) -> Vec<Result<Recorded, IntakeError>> {
        let tell = || {
            if !outcome.tallies.is_empty() {
                (self.listeners.counts)(&outcome.tallies);
            }
            (self.listeners.groups)(group);
        };
        if catch_unwind(AssertUnwindSafe(tell)).is_err() {
            tracing::error!("a listener to what is stored panicked");
        }
        outcome.verdicts.into_iter().map(recorded).collect()
    }
}

fn recorded(verdict: Verdict) -> Result<Recorded, IntakeError> {
    match verdict {
        Verdict::New { tally_actions } => Ok(Recorded::New { tally_actions }),
        Verdict::Replayed { answer, tally_actions } => Ok(Recorded::Replayed { answer, tally_actions }),
        Verdict::KeyReused => Err(IntakeError::KeyReused),
        Verdict::ChallengeSpent => Err(IntakeError::ChallengeSpent),
        Verdict::NotApproved => Err(IntakeError::NotApproved),
    }
}

/// The answer for a group that was lost with a panic: it may be stored or not, and a retry with the same key finds out.
pub(super) fn lost() -> StoreError {
    StoreError::Unavailable("the writer was lost".to_owned())
}
