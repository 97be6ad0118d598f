//! How fast messages leave (B26): the caps and hours, and what this process knows of caps without room.

use crate::{config, ids};
use chrono::{DateTime, TimeDelta, Utc};
use postbag_domain::delivery::{Caps, PaceKey, SendingHours};
use postbag_persistence::NoRoom;
use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

/// How many caps without room are remembered before those that have room again are forgotten.
const REMEMBERED: usize = 4096;

/// The caps and hours of this server, and which caps had no room when they were last asked.
///
/// What is remembered saves work and decides nothing: an arrival time never moves back, so a cap without room has none before
/// the moment that it named.
#[derive(Debug)]
pub(crate) struct Pacing {
    pub(super) caps: Caps,
    hours: SendingHours,
    full: Mutex<HashMap<PaceKey, DateTime<Utc>>>,
    random: fn() -> u8,
}

impl Pacing {
    pub(crate) fn of(config: &config::Pacing) -> Self {
        Self { caps: config.caps(), hours: config.hours, full: Mutex::default(), random: ids::random_byte }
    }

    /// The same, without chance.
    #[cfg(test)]
    pub(crate) fn steady(config: &config::Pacing) -> Self {
        Self { random: || 0, ..Self::of(config) }
    }

    /// A number by which waits are drawn out.
    pub(super) fn random(&self) -> u8 {
        (self.random)()
    }

    /// A moment in the first minutes of the next opening, so that not everything leaves at its first; nothing within the hours.
    pub(super) fn closed_until(&self, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let opening = self.hours.next_opening(now)?;
        Some(opening + TimeDelta::seconds(self.random().into()))
    }

    /// Remembers a cap without room.
    pub(super) fn learn(&self, no_room: &NoRoom, now: DateTime<Utc>) {
        let mut full = self.full.lock().unwrap_or_else(PoisonError::into_inner);
        if full.len() >= REMEMBERED {
            full.retain(|_, free_at| *free_at > now);
        }
        if full.len() < REMEMBERED {
            full.insert(no_room.key.clone(), no_room.free_at);
        }
    }

    /// The first of these caps that is known to have no room.
    pub(super) fn without_room(&self, keys: impl Iterator<Item = PaceKey>, now: DateTime<Utc>) -> Option<NoRoom> {
        let full = self.full.lock().unwrap_or_else(PoisonError::into_inner);
        if full.is_empty() {
            // Every letter asks: keys are not written for nothing.
            return None;
        }
        keys.filter_map(|key| full.get(&key).map(|free_at| NoRoom { free_at: *free_at, key }))
            .find(|no_room| no_room.free_at > now)
    }
}
