//! What had better wait after the relay asked for it (B27): everything, or everything for one domain.

use crate::outbound::{BackOff, Outcome};
use chrono::{DateTime, TimeDelta, Utc};
use std::collections::HashMap;

/// The first and the longest pause of a relay that cannot be reached or said 421.
const RELAY: (TimeDelta, TimeDelta) = (TimeDelta::seconds(5), TimeDelta::minutes(5));

/// The first and the longest pause of a domain that said 451.
const DOMAIN: (TimeDelta, TimeDelta) = (TimeDelta::minutes(1), TimeDelta::minutes(30));

/// The pauses of one process, for all its lanes. They are not stored: after a restart they are learnt again.
#[derive(Debug, Default)]
pub(in crate::workers) struct Pauses {
    relay: Option<Pause>,
    domains: HashMap<String, Pause>,
}

#[derive(Clone, Copy, Debug)]
struct Pause {
    until: DateTime<Utc>,
    length: TimeDelta,
}

impl Pauses {
    /// Until when nothing is sent at all.
    pub(super) fn relay(&self, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        self.relay.and_then(|pause| pause.still(now))
    }

    /// Until when nothing is sent to a domain.
    pub(super) fn domain(&self, domain: &str, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        self.domains.get(domain).and_then(|pause| pause.still(now))
    }

    /// Learns from what became of a message to `domain`. Several lanes that fail at the same moment make one pause of it.
    pub(super) fn learn(&mut self, outcome: &Outcome, domain: &str, now: DateTime<Utc>) {
        match outcome {
            Outcome::RefusedForNow { back_off: BackOff::Relay, .. } => {
                self.relay = Some(Pause::after(self.relay, now, RELAY));
            }
            Outcome::RefusedForNow { back_off: BackOff::Domain, .. } => {
                self.relay = None;
                let before = self.domains.get(domain).copied();
                self.domains.insert(domain.to_owned(), Pause::after(before, now, DOMAIN));
            }
            Outcome::RefusedForNow { back_off: BackOff::Letter, .. }
            | Outcome::RefusedForGood(_)
            | Outcome::Accepted(_) => {
                self.relay = None;
                self.domains.remove(domain);
            }
            Outcome::LostContact(_) | Outcome::Broke(_) => {}
        }
    }
}

impl Pause {
    fn still(self, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        (now < self.until).then_some(self.until)
    }

    /// Twice as long as the one before.
    fn after(before: Option<Self>, now: DateTime<Utc>, (first, longest): (TimeDelta, TimeDelta)) -> Self {
        match before {
            Some(pause) if now < pause.until => pause,
            Some(pause) => Self::of((pause.length * 2).min(longest), now),
            None => Self::of(first, now),
        }
    }

    fn of(length: TimeDelta, now: DateTime<Utc>) -> Self {
        Self { until: now + length, length }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::outbound::{Reply, Stage};

    fn at(seconds: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(1_800_000_000 + seconds, 0).unwrap()
    }

    fn refused(back_off: BackOff) -> Outcome {
        Outcome::RefusedForNow { reply: Reply::said(Stage::Rcpt, 451, "later"), back_off }
    }

    fn accepted() -> Outcome {
        Outcome::Accepted(Reply::said(Stage::Message, 250, "ok"))
    }

    #[test]
    fn a_relay_that_stays_away_is_tried_less_and_less_often() {
        let mut pauses = Pauses::default();
        let mut lengths = Vec::new();
        let mut now = at(0);
        for _ in 0..9 {
            pauses.learn(&refused(BackOff::Relay), "a.example", now);
            let until = pauses.relay(now).unwrap();
            lengths.push((until - now).num_seconds());
            now = until;
            assert_eq!(pauses.relay(now), None);
        }
        assert_eq!(lengths, [5, 10, 20, 40, 80, 160, 300, 300, 300]);
        pauses.learn(&accepted(), "a.example", now);
        pauses.learn(&refused(BackOff::Relay), "a.example", now);
        assert_eq!(pauses.relay(now), Some(now + TimeDelta::seconds(5)));
    }

    #[test]
    fn lanes_that_fail_together_make_one_pause() {
        let mut pauses = Pauses::default();
        pauses.learn(&refused(BackOff::Relay), "a.example", at(0));
        pauses.learn(&refused(BackOff::Relay), "a.example", at(1));
        assert_eq!(pauses.relay(at(1)), Some(at(5)));
    }

    #[test]
    fn a_domain_waits_alone() {
        let mut pauses = Pauses::default();
        pauses.learn(&refused(BackOff::Domain), "a.example", at(0));
        pauses.learn(&refused(BackOff::Letter), "b.example", at(0));
        assert_eq!(pauses.relay(at(0)), None);
        assert_eq!(pauses.domain("a.example", at(0)), Some(at(60)));
        assert_eq!(pauses.domain("b.example", at(0)), None);
        pauses.learn(&accepted(), "a.example", at(1));
        assert_eq!(pauses.domain("a.example", at(1)), None);
    }
}
