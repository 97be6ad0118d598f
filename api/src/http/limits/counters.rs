//! What has been counted, in memory. The counting is governor's: one unit comes back after each part of the window, so nobody ever waits a
//! whole hour.

use super::announcement::{Announcement, Refused};
use super::charge::{Charge, Subject};
use super::policy::Policy;
use crate::clock::Clock;
use governor::RateLimiter;
use governor::clock::{Clock as _, Reference as _};
use governor::middleware::StateInformationMiddleware;
use governor::nanos::Nanos;
use governor::state::keyed::DashMapStateStore;
use std::collections::HashMap;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::time::Duration;

/// Every so many requests, subjects whose quota has refilled are dropped.
const SWEEP: u32 = 1024;

/// The counts under every policy.
#[derive(Debug)]
pub(crate) struct Counters {
    clock: Ticks,
    by_policy: RwLock<HashMap<Policy, Arc<Counter>>>,
    charged: AtomicU32,
    /// What other servers have not been sent yet.
    unsent: Mutex<HashMap<(Policy, Subject), i32>>,
}

impl Counters {
    pub(super) fn new(clock: &Clock) -> Self {
        Self {
            clock: Ticks(clock.clone()),
            by_policy: RwLock::default(),
            charged: AtomicU32::new(0),
            unsent: Mutex::default(),
        }
    }

    /// Counts one call on each, in their order, and answers what to announce; or refuses it at the first that is used up.
    pub(crate) fn charge(&self, charges: &[Charge]) -> Result<Option<Announcement>, Refused> {
        self.sweep();
        let mut announcement = Announcement::of_policies(charges);
        for charge in charges {
            match self.counter(charge.policy).count(charge.subject, &self.clock) {
                Ok(remaining) => {
                    self.note(charge, remaining);
                    if charge.is_own {
                        announcement.add(charge.policy, remaining);
                    }
                }
                Err(wait) => return Err(Refused::new(announcement, charge.policy, wait)),
            }
        }
        Ok(announcement.if_any())
    }

    /// Refuses a call at the first charge that is known to be used up, and counts nothing: what was refused a moment ago needs no more than
    /// a look.
    pub(super) fn refuse_spent(&self, charges: &[Charge]) -> Result<(), Refused> {
        for charge in charges {
            if let Some(wait) = self.counter(charge.policy).spent(charge.subject, &self.clock) {
                return Err(Refused::new(Announcement::of_policies(charges), charge.policy, wait));
            }
        }
        Ok(())
    }

    /// Counts what another server counted.
    pub(super) fn absorb(&self, policy: Policy, subject: Subject, uses: i32) {
        let counter = self.counter(policy);
        let most = i32::try_from(policy.amount()).unwrap_or(i32::MAX);
        for _ in 0..uses.min(most) {
            if counter.count(subject, &self.clock).is_err() {
                return;
            }
        }
    }

    /// Takes what other servers have not been sent yet.
    pub(super) fn take_unsent(&self) -> HashMap<(Policy, Subject), i32> {
        std::mem::take(&mut *self.unsent.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Gives back what could not be sent.
    pub(super) fn keep_unsent(&self, uses: HashMap<(Policy, Subject), i32>) {
        let mut unsent = self.unsent.lock().unwrap_or_else(PoisonError::into_inner);
        for (key, used) in uses {
            *unsent.entry(key).or_default() += used;
        }
    }

    /// Notes a count for other servers. The first of a subject is not worth a row: most people submit once.
    fn note(&self, charge: &Charge, remaining: u32) {
        let used = charge.policy.amount().saturating_sub(remaining);
        if charge.policy.is_shared() && used > 1 {
            let mut unsent = self.unsent.lock().unwrap_or_else(PoisonError::into_inner);
            *unsent.entry((charge.policy, charge.subject)).or_default() += 1;
        }
    }

    fn counter(&self, policy: Policy) -> Arc<Counter> {
        if let Some(counter) = self.by_policy.read().unwrap_or_else(PoisonError::into_inner).get(&policy) {
            return Arc::clone(counter);
        }
        let mut by_policy = self.by_policy.write().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(by_policy.entry(policy).or_insert_with(|| Arc::new(Counter::new(policy, &self.clock))))
    }

    /// Forgets now and then who has their whole quota again, so that only the subjects of the last hours are in memory.
    fn sweep(&self) {
        let is_due = self.charged.fetch_add(1, Ordering::Relaxed) % SWEEP == SWEEP - 1;
        if is_due {
            let counters = self.by_policy.read().unwrap_or_else(PoisonError::into_inner);
            counters.values().for_each(|counter| counter.sweep(self.clock.now()));
        }
    }

    #[cfg(test)]
    pub(super) fn subjects(&self) -> usize {
        self.by_policy.read().unwrap().values().map(|counter| counter.limiter.len()).sum()
    }
}

/// The counts of each subject under one policy.
#[derive(Debug)]
struct Counter {
    limiter: RateLimiter<Subject, DashMapStateStore<Subject>, Ticks, StateInformationMiddleware>,
    /// Whose quota is used up, and until when.
    spent: RwLock<HashMap<Subject, Nanos>>,
}

impl Counter {
    fn new(policy: Policy, clock: &Ticks) -> Self {
        let limiter = RateLimiter::dashmap_with_clock(policy.quota(), clock.clone()).with_middleware();
        Self { limiter, spent: RwLock::default() }
    }

    /// Counts one, and answers how many are left; or how long to wait.
    fn count(&self, subject: Subject, clock: &Ticks) -> Result<u32, Duration> {
        match self.limiter.check_key(&subject) {
            Ok(state) => Ok(state.remaining_burst_capacity()),
            Err(refusal) => {
                let until = refusal.earliest_possible();
                self.spent.write().unwrap_or_else(PoisonError::into_inner).insert(subject, until);
                Err(refusal.wait_time_from(clock.now()))
            }
        }
    }

    /// How long a subject has to wait that was refused before.
    fn spent(&self, subject: Subject, clock: &Ticks) -> Option<Duration> {
        let until = self.spent.read().unwrap_or_else(PoisonError::into_inner).get(&subject).copied()?;
        let now = clock.now();
        (until > now).then(|| until.duration_since(now).into())
    }

    fn sweep(&self, now: Nanos) {
        self.limiter.retain_recent();
        self.spent.write().unwrap_or_else(PoisonError::into_inner).retain(|_, until| *until > now);
    }
}

/// Our clock, as governor reads it.
#[derive(Clone, Debug)]
struct Ticks(Clock);

impl governor::clock::Clock for Ticks {
    type Instant = Nanos;

    fn now(&self) -> Nanos {
        Nanos::new(self.0.now().timestamp_nanos_opt().and_then(|nanos| nanos.try_into().ok()).unwrap_or_default())
    }
}
