//! Pauses after the relay asked for one (B27): of everything, or of everything to one domain.

use chrono::{DateTime, TimeDelta, Utc};
use std::collections::HashMap;

/// The first and the longest pause of a relay that cannot be reached or said 421.
const RELAY: (TimeDelta, TimeDelta) = (TimeDelta::seconds(5), TimeDelta::minutes(5));

/// The first and the longest pause of a domain that said 451.
const DOMAIN: (TimeDelta, TimeDelta) = (TimeDelta::minutes(1), TimeDelta::minutes(30));

/// The letters that wait after a refusal for now (B27).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BackOff {
    /// This message alone.
    Letter,
    /// All messages to the same domain.
    Domain,
    /// Everything: the relay cannot be reached, or said that it is busy.
    Relay,
}

/// The evidence of an attempt about the relay and the domain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lesson {
    /// They take messages.
    Works,
    /// Something waits.
    Wait(BackOff),
    /// Nothing.
    Nothing,
}

/// The pauses of one process. They are not stored: after a restart they are learnt again.
#[derive(Debug, Default)]
pub struct Pauses {
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
    pub fn relay(&self, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        self.relay.and_then(|pause| pause.still(now))
    }

    /// Until when nothing is sent to a domain.
    pub fn domain(&self, domain: &str, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        self.domains.get(domain).and_then(|pause| pause.still(now))
    }

    /// Learns from an attempt to send to `domain`. Several that fail at the same moment make one pause.
    pub fn learn(&mut self, lesson: Lesson, domain: &str, now: DateTime<Utc>) {
        match lesson {
            Lesson::Wait(BackOff::Relay) => self.relay = Some(Pause::after(self.relay, now, RELAY)),
            Lesson::Wait(BackOff::Domain) => {
                self.relay = None;
                let before = self.domains.get(domain).copied();
                self.domains.insert(domain.to_owned(), Pause::after(before, now, DOMAIN));
            }
            Lesson::Wait(BackOff::Letter) | Lesson::Works => {
                self.relay = None;
                self.domains.remove(domain);
            }
            Lesson::Nothing => {}
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

    fn at(seconds: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(1_800_000_000 + seconds, 0).unwrap()
    }

    #[test]
    fn a_relay_that_stays_away_is_tried_less_and_less_often() {
        let mut pauses = Pauses::default();
        let mut lengths = Vec::new();
        let mut now = at(0);
        for _ in 0..9 {
            pauses.learn(Lesson::Wait(BackOff::Relay), "a.example", now);
            let until = pauses.relay(now).unwrap();
            lengths.push((until - now).num_seconds());
            now = until;
            assert_eq!(pauses.relay(now), None);
        }
        assert_eq!(lengths, [5, 10, 20, 40, 80, 160, 300, 300, 300]);
        pauses.learn(Lesson::Works, "a.example", now);
        pauses.learn(Lesson::Wait(BackOff::Relay), "a.example", now);
        assert_eq!(pauses.relay(now), Some(now + TimeDelta::seconds(5)));
    }

    #[test]
    fn lanes_that_fail_together_make_one_pause() {
        let mut pauses = Pauses::default();
        pauses.learn(Lesson::Wait(BackOff::Relay), "a.example", at(0));
        pauses.learn(Lesson::Wait(BackOff::Relay), "a.example", at(1));
        assert_eq!(pauses.relay(at(1)), Some(at(5)));
    }

    #[test]
    fn a_domain_waits_alone() {
        let mut pauses = Pauses::default();
        pauses.learn(Lesson::Wait(BackOff::Domain), "a.example", at(0));
        pauses.learn(Lesson::Wait(BackOff::Letter), "b.example", at(0));
        assert_eq!(pauses.relay(at(0)), None);
        assert_eq!(pauses.domain("a.example", at(0)), Some(at(60)));
        assert_eq!(pauses.domain("b.example", at(0)), None);
        pauses.learn(Lesson::Works, "a.example", at(1));
        assert_eq!(pauses.domain("a.example", at(1)), None);
    }
}
