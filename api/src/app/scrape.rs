//! What is looked at when Prometheus asks (A24): memory each time, the database once in a few seconds and never for long.

use crate::app::App;
use crate::config::Transport;
use chrono::{DateTime, Utc};
use postbag_domain::DeliveryState;
use postbag_domain::alarm::RateOf;
use postbag_persistence::{Queues, StoreError};
use std::time::Duration;
use tokio::time::{Instant, timeout};

/// How old the figures of the database may be: several may ask, and a queue does not change its nature within it.
const FRESH: Duration = Duration::from_secs(5);

/// How long the database may take for them: an answer without them is better than none.
const PATIENCE: Duration = Duration::from_secs(1);

/// The states in which a mail waits.
const WAITING: [DeliveryState; 4] =
    [DeliveryState::Queued, DeliveryState::Sending, DeliveryState::TemporaryFailure, DeliveryState::Uncertain];

impl App {
    /// Every metric as it stands, in Prometheus's text format.
    pub(crate) async fn scrape(&self) -> anyhow::Result<String> {
        self.measure_queues().await;
        self.measure_memory();
        Ok(self.metrics.text()?)
    }

    fn measure_memory(&self) {
        let metrics = &self.metrics;
        metrics.intake_waiting.set([], self.intake.waiting());
        metrics.snapshot_age.set([], (self.clock.now() - self.refreshed_at()).as_seconds_f64());
        for state in DeliveryState::ALL {
            metrics.deliveries.set([state.as_str()], self.tallies.messages(*state));
        }
        for pool in self.store.connections() {
            metrics.connections.set([pool.name], pool.size);
            metrics.connections_in_use.set([pool.name], pool.in_use);
        }
        if let Some(seen) = self.mail_health.seen() {
            metrics.relay_up.set([transport(self.config.mail.transport)], i64::from(seen.works));
        }
        metrics.relay_refusals.follow([], self.mail_health.refusals().map_or(0, |refusals| refusals.count));
    }

    /// Looks at the database, unless that was done a moment ago; who asks at once waits for the same look.
    async fn measure_queues(&self) {
        let mut looked_at = self.queues_looked_at.lock().await;
        if looked_at.is_some_and(|at: Instant| at.elapsed() < FRESH) {
            return;
        }
        let queues = timeout(PATIENCE, self.store.queues()).await;
        self.tell_queues(queues.unwrap_or_else(|_late| Err(StoreError::Unavailable("it took too long".to_owned()))));
        *looked_at = Some(Instant::now());
    }

    fn tell_queues(&self, queues: Result<Queues, StoreError>) {
        let metrics = &self.metrics;
        metrics.queues_read.set([], i64::from(queues.is_ok()));
        let queues = match queues {
            Ok(queues) => queues,
            Err(error) => {
                metrics.mails.forget();
                metrics.overdue.forget();
                return tracing::warn!(%error, "the queues could not be measured");
            }
        };
        for state in WAITING {
            let counted = queues.mails.iter().find(|(counted, _)| *counted == state);
            metrics.mails.set([state.as_str()], counted.map_or(0, |(_, count)| *count));
        }
        metrics.in_review.set([], queues.in_review);
        for rate in RateOf::ALL {
            let open = queues.alarms.iter().find(|(counted, _)| counted == rate);
            metrics.alarms.set([rate.as_str()], open.map_or(0, |(_, count)| *count));
        }
        let now = self.clock.now();
        for (queue, due) in [
            ("deliveries", queues.deliveries_due_at),
            ("mails", queues.mails_due_at),
            ("digests", queues.digests_due_at),
        ] {
            metrics.overdue.set([queue], overdue(due, now));
        }
    }
}

/// For how many seconds something has been due.
fn overdue(due: Option<DateTime<Utc>>, now: DateTime<Utc>) -> f64 {
    due.map_or(0.0, |due| (now - due).as_seconds_f64().max(0.0))
}

const fn transport(transport: Transport) -> &'static str {
    match transport {
        Transport::Folder => "folder",
        Transport::Smtp => "smtp",
    }
}
