//! A campaign's counts in memory, as its pages show them.

use super::{TallyKey, TallyKind};
use crate::{AreaCode, AreaKind, DeliveryState, Office, RepresentativeId};
use chrono::{DateTime, NaiveDateTime, Utc};
use std::collections::BTreeMap;

/// Messages by what a reader wants to know of them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct MessageCounts {
    /// On their way: queued, sending, refused for now, or uncertain. Held ones are not on their way.
    pub queued: i64,
    /// Taken by the relay, whether or not the time for bounces is over.
    pub accepted: i64,
    /// Failed for good.
    pub failed: i64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Count {
    count: i64,
    version: i64,
}

/// The counts of one campaign.
///
/// Each count carries a version that grows with every change, so rows may arrive late, twice or in any order: the newest wins.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CampaignTally {
    counts: BTreeMap<TallyKind, BTreeMap<String, Count>>,
}

impl CampaignTally {
    /// Counts nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes one count over, unless a newer one is known. Answers whether anything changed.
    pub fn apply(&mut self, key: TallyKey, count: i64, version: i64) -> bool {
        use std::collections::btree_map::Entry;
        let fresh = Count { count, version };
        match self.counts.entry(key.kind).or_default().entry(key.key) {
            Entry::Vacant(slot) => {
                slot.insert(fresh);
                true
            }
            Entry::Occupied(slot) if slot.get().version >= version => false,
            Entry::Occupied(mut slot) => {
                slot.insert(fresh);
                true
            }
        }
    }

    /// One count.
    pub fn get(&self, kind: TallyKind, key: &str) -> i64 {
        self.counts.get(&kind).and_then(|counts| counts.get(key)).map_or(0, |count| count.count)
    }

    /// The counts of one kind that are not zero, in key order.
    pub fn of_kind(&self, kind: TallyKind) -> impl Iterator<Item = (&str, i64)> {
        let counts = self.counts.get(&kind).into_iter().flatten();
        counts.map(|(key, count)| (key.as_str(), count.count)).filter(|(_, count)| *count != 0)
    }

    /// Confirmed actions.
    pub fn actions(&self) -> i64 {
        self.get(TallyKind::Actions, "")
    }

    /// Actions that wait for their supporter's confirmation.
    pub fn awaiting_confirmation(&self) -> i64 {
        self.get(TallyKind::AwaitingConfirmation, "")
    }

    /// Distinct supporters.
    pub fn supporters(&self) -> i64 {
        self.get(TallyKind::Supporters, "")
    }

    /// Messages by what became of them.
    pub fn messages(&self) -> MessageCounts {
        use DeliveryState as State;
        let sum = |states: &[State]| states.iter().map(|state| self.get(TallyKind::Message, state.as_str())).sum();
        MessageCounts {
            queued: sum(&[State::Queued, State::Sending, State::TemporaryFailure, State::Uncertain]),
            accepted: sum(&[State::Accepted, State::AssumedDelivered]),
            failed: sum(&[State::PermanentFailure, State::TechnicalFailure]),
        }
    }

    /// Every area of one kind that took part.
    pub fn areas(&self, kind: AreaKind) -> impl Iterator<Item = (AreaCode, i64)> {
        self.of_kind(TallyKind::Area).filter_map(move |(key, count)| {
            let (word, code) = key.split_once('/')?;
            let code = code.parse().ok()?;
            (word == kind.as_str()).then_some((code, count))
        })
    }

    /// Every representative written to, with the number of actions.
    pub fn representatives(&self) -> impl Iterator<Item = (RepresentativeId, i64)> {
        self.of_kind(TallyKind::Representative).filter_map(|(key, count)| Some((key.parse().ok()?, count)))
    }

    /// How many actions wrote to one representative.
    pub fn actions_to(&self, id: RepresentativeId) -> i64 {
        self.get(TallyKind::Representative, &id.to_string())
    }

    /// How many actions wrote to a holder of one office.
    pub fn actions_by_office(&self, office: Office) -> i64 {
        self.get(TallyKind::Office, office.as_str())
    }

    /// How many messages to one representative a relay took.
    pub fn taken_for(&self, id: RepresentativeId) -> i64 {
        self.get(TallyKind::Contacted, &id.to_string())
    }

    /// The representatives for whom a relay took a message.
    pub fn contacted(&self) -> impl Iterator<Item = RepresentativeId> {
        self.of_kind(TallyKind::Contacted).filter_map(|(key, _)| key.parse().ok())
    }

    /// Actions by the hour that begins then, oldest first.
    pub fn hours(&self) -> impl Iterator<Item = (DateTime<Utc>, i64)> {
        self.of_kind(TallyKind::Hour).filter_map(|(key, count)| {
            let hour = NaiveDateTime::parse_from_str(&format!("{key}:00"), "%Y-%m-%dT%H:%M").ok()?;
            Some((hour.and_utc(), count))
        })
    }

    /// Actions by source.
    pub fn sources(&self) -> impl Iterator<Item = (&str, i64)> {
        self.of_kind(TallyKind::Source)
    }
}
