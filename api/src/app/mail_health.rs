//! Whether letters leave: what administrators see, and what the log says once per change.

use crate::outbound::Outcome;
use chrono::{DateTime, Utc};
use postbag_domain::delivery::BackOff;
use std::sync::{Mutex, PoisonError};

/// What this process knows of the way its letters leave.
#[derive(Debug, Default)]
pub(crate) struct MailHealth(Mutex<Option<Seen>>);

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
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Learns from an attempt, and logs a change.
    pub(crate) fn learn(&self, outcome: &Outcome, now: DateTime<Utc>) {
        let works = match outcome {
            Outcome::RefusedForNow { back_off: BackOff::Relay, .. } | Outcome::LostContact(_) => false,
            Outcome::Accepted(_) | Outcome::RefusedForNow { .. } | Outcome::RefusedForGood(_) => true,
            Outcome::Broke(_) => return,
        };
        let reply = outcome.reply().to_string();
        let mut seen = self.0.lock().unwrap_or_else(PoisonError::into_inner);
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
