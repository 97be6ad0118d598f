//! When the queue will be empty: a forecast from what waits, the caps and the hours (B26).

use super::SendingHours;
use super::pace::{Caps, PaceKey, PaceScope};
use chrono::{DateTime, TimeDelta, Utc};
use std::collections::BTreeMap;

/// Messages that wait for one cap.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Queue {
    /// The cap they wait for.
    pub key: PaceKey,
    /// How many.
    pub messages: u64,
    /// The theoretical arrival time of the cap.
    pub arrival: Option<DateTime<Utc>>,
}

/// The forecast for one cap.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QueueForecast {
    /// The cap.
    pub key: PaceKey,
    /// How many messages wait for it.
    pub messages: u64,
    /// The moment at which the last of them can have left.
    pub empty_at: DateTime<Utc>,
}

/// A forecast for everything that waits for its cap.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Forecast {
    /// Each cap, the last to be empty first.
    pub queues: Vec<QueueForecast>,
    /// The moment at which all of them can be empty; nothing if nobody waits.
    pub empty_at: Option<DateTime<Utc>>,
}

impl Forecast {
    /// The earliest end that the caps and the hours allow. The mailboxes of one domain share its cap; nobody knows when a stop ends, and a digest
    /// is one mail.
    pub fn of(mut queues: Vec<Queue>, caps: Caps, hours: SendingHours, now: DateTime<Utc>) -> Self {
        queues.retain(|queue| !matches!(queue.key.scope(), PaceScope::Stop | PaceScope::Digest));
        let mut domains: BTreeMap<String, u64> = BTreeMap::new();
        for queue in &queues {
            if let Some(domain) = queue.key.receiving_domain() {
                *domains.entry(domain.to_owned()).or_default() += queue.messages;
            }
        }
        let together = domains.values().filter_map(|messages| {
            let cap = caps.of(PaceScope::Domain)?;
            Some(hours.done(now, wait(cap.interval(), *messages)))
        });
        let together = together.max();
        let mut queues: Vec<_> = queues.into_iter().map(|queue| forecast(queue, caps, hours, now)).collect();
        queues.sort_by(|one, other| other.empty_at.cmp(&one.empty_at).then_with(|| one.key.cmp(&other.key)));
        let empty_at = queues.first().map(|queue| queue.empty_at).max(together.filter(|_| !queues.is_empty()));
        Self { queues, empty_at }
    }
}

fn forecast(queue: Queue, caps: Caps, hours: SendingHours, now: DateTime<Utc>) -> QueueForecast {
    let Queue { key, messages, arrival } = queue;
    let empty_at = caps.of(key.scope()).map_or(now, |cap| {
        let first = arrival.map_or(now, |arrival| cap.free_at(arrival).max(now));
        hours.done(first, wait(cap.interval(), messages.saturating_sub(1)))
    });
    QueueForecast { key, messages, empty_at }
}

fn wait(interval: TimeDelta, messages: u64) -> TimeDelta {
    let microseconds = interval.num_microseconds().unwrap_or(i64::MAX);
    let messages = i64::try_from(messages).unwrap_or(i64::MAX);
    // A century is as good as never.
    TimeDelta::microseconds(
        microseconds.saturating_mul(messages).min(TimeDelta::days(36_500).num_microseconds().unwrap_or_default()),
    )
}

#[cfg(test)]
mod tests {
    use super::super::pace::{Cap, Jitter};
    use super::*;
    use crate::EmailAddress;

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    fn queue(address: &str, messages: u64) -> Queue {
        Queue { key: PaceKey::mailbox(&EmailAddress::parse(address).unwrap()), messages, arrival: None }
    }

    fn caps(mailbox: u32, domain: u32) -> Caps {
        Caps { mailbox: Cap::per_hour(mailbox), domain: Cap::per_hour(domain), ..Caps::default() }
    }

    #[test]
    fn the_fullest_mailbox_or_the_domain_is_empty_last() {
        let now = at("2026-11-25T10:00:00Z");
        let queues = || vec![queue("a@parliament.example", 11), queue("b@parliament.example", 2)];
        let by_mailbox = Forecast::of(queues(), caps(1, 0), SendingHours::ALWAYS, now);
        assert_eq!(by_mailbox.empty_at, Some(now + TimeDelta::hours(10)));
        assert_eq!(by_mailbox.queues.first().unwrap().messages, 11);
        let by_domain = Forecast::of(queues(), caps(11, 1), SendingHours::ALWAYS, now);
        assert_eq!(by_domain.empty_at, Some(now + TimeDelta::hours(13)));
        assert_eq!(Forecast::of(Vec::new(), caps(1, 1), SendingHours::ALWAYS, now), Forecast::default());
        let uncapped = Forecast::of(queues(), Caps::default(), SendingHours::ALWAYS, now);
        assert_eq!(uncapped.empty_at, Some(now));
    }

    #[test]
    fn the_nights_are_counted_where_nothing_leaves_in_them() {
        let (now, hours) = (at("2026-11-25T19:00:00Z"), "08:00-20:00".parse().unwrap());
        let forecast = Forecast::of(vec![queue("a@parliament.example", 4)], caps(1, 0), hours, now);
        assert_eq!(forecast.empty_at, Some(at("2026-11-26T10:00:00Z")));
    }

    #[test]
    fn what_left_before_is_counted_and_absurd_numbers_end() {
        let (now, cap) = (at("2026-11-25T10:00:00Z"), Cap::per_hour(1).unwrap());
        let arrival = Some(cap.after(None, now, Jitter::default()));
        let waiting = Queue { arrival, ..queue("a@parliament.example", 1) };
        let forecast = Forecast::of(vec![waiting], caps(1, 0), SendingHours::ALWAYS, now);
        assert_eq!(forecast.empty_at, Some(now + TimeDelta::hours(1)));
        let absurd = Forecast::of(vec![queue("a@parliament.example", u64::MAX)], caps(1, 1), SendingHours::ALWAYS, now);
        assert!(absurd.empty_at > Some(now));
    }
}
