//! Whether letters leave: what administrators see, and what the log says once per change.

use crate::outbound::Outcome;
use chrono::{DateTime, TimeDelta, Utc};
use postbag_domain::delivery::BackOff;
use std::sync::{Mutex, PoisonError};

/// What this process knows of the way its letters leave.
#[derive(Debug, Default)]
pub(crate) struct MailHealth {
    seen: Mutex<Option<Seen>>,
    refusals: Mutex<Option<Refusals>>,
}

/// Refusals that are about this server and not about a recipient: a policy, a block list, a signature (B28).
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Refusals {
    /// How many since this process started.
    pub(crate) count: u64,
    pub(crate) last_at: DateTime<Utc>,
    /// The words of the last one.
    pub(crate) last_reply: String,
}

/// The log names such a refusal once in so long.
const SILENCE: TimeDelta = TimeDelta::hours(1);

/// The relay or the folder as the last attempts found it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Seen {
    pub(crate) works: bool,
    /// The moment since which it is so, as far as this process knows.
    pub(crate) since: DateTime<Utc>,
    /// The reply to the last attempt, without personal data.
    pub(crate) reply: String,
}

impl MailHealth {
    /// The state that was seen last; nothing before the first attempt.
    pub(crate) fn seen(&self) -> Option<Seen> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Learns from an attempt, and logs a change.
    pub(crate) fn learn(&self, outcome: &Outcome, now: DateTime<Utc>) {
        if outcome.is_about_sender() {
            self.refused(&outcome.reply().to_string(), now);
        }
        let works = match outcome {
            Outcome::RefusedForNow { back_off: BackOff::Relay, .. } | Outcome::LostContact(_) => false,
            Outcome::Accepted(_) | Outcome::RefusedForNow { .. } | Outcome::RefusedForGood(_) => true,
            Outcome::Broke(_) => return,
        };
        let reply = outcome.reply().to_string();
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        let since = match &*seen {
            Some(before) if before.works == works => before.since,
            None if works => now,
            Some(_) | None => {
                log(works, &reply);
                now
            }
        };
        *seen = Some(Seen { works, since, reply });
    }

    /// The refusals that are about this server; nothing before the first.
    pub(crate) fn refusals(&self) -> Option<Refusals> {
        self.refusals.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Counts a refusal that is about this server, and logs it unless it did so a short while ago.
    pub(crate) fn refused(&self, reply: &str, now: DateTime<Utc>) {
        let mut refusals = self.refusals.lock().unwrap_or_else(PoisonError::into_inner);
        let before = refusals.take();
        if before.as_ref().is_none_or(|before| now - before.last_at > SILENCE) {
            tracing::error!(reply, "mail from this server is refused: see its block lists, signatures and DNS records");
        }
        let count = before.map_or(0, |before| before.count) + 1;
        *refusals = Some(Refusals { count, last_at: now, last_reply: reply.to_owned() });
    }
}

fn log(works: bool, reply: &str) {
    if works {
        tracing::info!("letters leave again");
    } else {
        tracing::error!(reply, "letters cannot leave: they wait and are tried again");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::outbound::{Reply, Stage};

    #[test]
    fn a_state_lasts_since_it_changed() {
        let at = |seconds: i64| DateTime::from_timestamp(1_800_000_000 + seconds, 0).unwrap();
        let away =
            Outcome::RefusedForNow { reply: Reply::happened(Stage::Connect, "refused"), back_off: BackOff::Relay };
        let taken = Outcome::Accepted(Reply::said(Stage::Message, 250, "ok"));
        let health = MailHealth::default();
        assert_eq!(health.seen(), None);
        let since = |outcome: &Outcome, seconds| {
            health.learn(outcome, at(seconds));
            let seen = health.seen().unwrap();
            (seen.works, seen.since)
        };
        assert_eq!(since(&away, 1), (false, at(1)));
        assert_eq!(since(&away, 5), (false, at(1)));
        assert_eq!(since(&taken, 9), (true, at(9)));
        assert_eq!(since(&taken, 10), (true, at(9)));
    }
}
