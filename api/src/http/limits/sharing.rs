//! Counts that servers on one database keep together: each sends what it counted and takes what others did, about once a second.
//!
//! Only what may go on for an hour is shared. So n servers let through at most what one lets through, and besides what they count within
//! a second or two of each other, which the limits for a minute bound, and the first call of a client to each, which is not sent.

use super::Limits;
use super::charge::Subject;
use super::policy::Policy;
use crate::app::App;
use chrono::{DateTime, DurationRound, TimeDelta, Utc};
use postbag_persistence::{LimitUse, LimitUseElsewhere, Store, StoreError};
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

/// How often counts are exchanged.
const ROUND: Duration = Duration::from_secs(1);

/// How far back changes are read again: rows that are committed late, and clocks that differ.
const OVERLAP: TimeDelta = TimeDelta::seconds(15);

/// How long the counts of an hour are remembered.
const KEEP: TimeDelta = TimeDelta::hours(2);

/// What this server has taken of the counts of others.
#[derive(Debug)]
pub(crate) struct Sharing {
    node: Uuid,
    read_at: Option<DateTime<Utc>>,
    taken: HashMap<(Uuid, DateTime<Utc>, String, Vec<u8>), i32>,
}

impl Sharing {
    pub(crate) fn of_node(node: Uuid) -> Self {
        Self { node, read_at: None, taken: HashMap::new() }
    }

    /// Sends and takes once. What cannot be sent is sent the next time.
    async fn exchange(&mut self, limits: &Limits, store: &Store, now: DateTime<Utc>) -> Result<(), StoreError> {
        let unsent = limits.counters.take_unsent();
        let own = unsent.iter().map(|((policy, subject), used)| LimitUse {
            policy: policy.describe(),
            subject: subject.bytes(),
            used: *used,
        });
        let since = self.read_at.map_or(now - TimeDelta::hours(1), |read_at| read_at - OVERLAP);
        match store.exchange_limit_uses(self.node, own.collect(), since, now).await {
            Ok(elsewhere) => {
                for counted in elsewhere {
                    self.take(limits, counted, now);
                }
                self.taken.retain(|(_, hour, ..), _| *hour > now - KEEP);
                self.read_at = Some(now);
                Ok(())
            }
            Err(error) => {
                limits.counters.keep_unsent(unsent);
                Err(error)
            }
        }
    }

    /// Counts what is new of another server's count. A server that starts takes the counts of this hour, and knows those before.
    fn take(&mut self, limits: &Limits, elsewhere: LimitUseElsewhere, now: DateTime<Utc>) {
        let LimitUseElsewhere { node, hour, counted: LimitUse { policy, subject, used } } = elsewhere;
        let known = Policy::read(&policy).zip(Subject::read(&subject));
        let before = self.taken.insert((node, hour, policy, subject), used);
        let is_old = self.read_at.is_none() && hour < now.duration_trunc(TimeDelta::hours(1)).unwrap_or(now);
        if let Some((policy, subject)) = known.filter(|_| !is_old) {
            limits.counters.absorb(policy, subject, used - before.unwrap_or_default());
        }
    }
}

impl App {
    /// Exchanges counts until it is stopped. While the database is away each server counts for itself.
    pub(crate) async fn share_limits(self: Arc<Self>, stop: CancellationToken) {
        let mut sharing = Sharing::of_node(crate::ids::fresh());
        loop {
            if let Err(error) = sharing.exchange(&self.limits, &self.store, self.clock.now()).await {
                tracing::warn!(%error, "limits are counted by this server alone for now");
            }
            if stop.run_until_cancelled(tokio::time::sleep(ROUND)).await.is_none() {
                return;
            }
        }
    }
}
