//! What changes in the counts.

use super::{TallyKey, TallyKind};
use crate::{ActionStatus, AreaKey, DeliveryState, Nation, Office, OrganisationId, RepresentativeId};
use chrono::{DateTime, Utc};
use std::collections::{BTreeMap, BTreeSet};

/// Changes of counts, in key order: rows touched in one order never deadlock.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TallyDelta(BTreeMap<TallyKey, i64>);

impl TallyDelta {
    /// Changes nothing.
    pub fn new() -> Self {
        Self::default()
    }

    /// What a change of state of a message to `recipient` changes: `None` before means that it is new.
    ///
    /// For first messages only; tests and repeats are not counted.
    pub fn message(from: Option<DeliveryState>, to: DeliveryState, recipient: RepresentativeId) -> Self {
        let mut delta = Self::new();
        for (state, change) in from.map(|from| (from, -1)).into_iter().chain([(to, 1)]) {
            delta.add(TallyKey::message(state), change);
            if state.was_taken() {
                delta.add(TallyKey::contacted(recipient), change);
            }
        }
        delta
    }

    /// Changes one count; a change that comes to nothing leaves no trace.
    pub fn add(&mut self, key: TallyKey, change: i64) {
        use std::collections::btree_map::Entry;
        match self.0.entry(key) {
            Entry::Vacant(slot) if change != 0 => {
                slot.insert(change);
            }
            Entry::Vacant(_) => {}
            Entry::Occupied(mut slot) => {
                *slot.get_mut() += change;
                if *slot.get() == 0 {
                    slot.remove();
                }
            }
        }
    }

    /// Adds all changes of another delta.
    pub fn merge(&mut self, other: Self) {
        for (key, change) in other.0 {
            self.add(key, change);
        }
    }

    /// Takes back all changes of another delta.
    pub fn take_back(&mut self, other: Self) {
        for (key, change) in other.0 {
            self.add(key, -change);
        }
    }

    /// The changes, in key order; none is zero.
    pub fn iter(&self) -> impl Iterator<Item = (&TallyKey, i64)> {
        self.0.iter().map(|(key, change)| (key, *change))
    }

    /// The change of one count.
    pub fn get(&self, key: &TallyKey) -> i64 {
        self.0.get(key).copied().unwrap_or_default()
    }

    /// True if nothing changes.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl IntoIterator for TallyDelta {
    type Item = (TallyKey, i64);
    type IntoIter = std::collections::btree_map::IntoIter<TallyKey, i64>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

/// What the counts need to know of one action.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CountedAction<'a> {
    /// Its status.
    pub status: ActionStatus,
    /// Tests are not counted.
    pub test: bool,
    /// The nation the supporter lives in.
    pub nation: Nation,
    /// The other areas they live in.
    pub areas: &'a [AreaKey],
    /// The offices of all its messages, repeats too.
    pub offices: BTreeSet<Office>,
    /// The representatives of all its messages, repeats too.
    pub representatives: BTreeSet<RepresentativeId>,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// How the supporter came.
    pub source: Option<&'a str>,
    /// The partner through whose form they came.
    pub partner: Option<OrganisationId>,
    /// True if no other action of this campaign counts this supporter.
    pub first_of_supporter: bool,
}

impl CountedAction<'_> {
    /// What this action adds to the counts, its messages' states apart.
    ///
    /// A change of the action is this value after the change, less this value before it ([`TallyDelta::take_back`]).
    pub fn tally(&self) -> TallyDelta {
        let mut delta = TallyDelta::new();
        match self.status {
            _ if self.test => {}
            ActionStatus::AwaitingConfirmation => delta.add(TallyKey::total(TallyKind::AwaitingConfirmation), 1),
            ActionStatus::Confirmed => self.count(&mut delta),
            ActionStatus::Expired | ActionStatus::Withdrawn | ActionStatus::Invalidated => {}
        }
        delta
    }

    fn count(&self, delta: &mut TallyDelta) {
        delta.add(TallyKey::total(TallyKind::Actions), 1);
        delta.add(TallyKey::total(TallyKind::Supporters), i64::from(self.first_of_supporter));
        delta.add(TallyKey::hour(self.created_at), 1);
        let areas: BTreeSet<AreaKey> = self.areas.iter().copied().chain([AreaKey::of_nation(self.nation)]).collect();
        for area in areas {
            delta.add(TallyKey::area(area), 1);
        }
        self.offices.iter().for_each(|office| delta.add(TallyKey::office(*office), 1));
        self.representatives.iter().for_each(|id| delta.add(TallyKey::representative(*id), 1));
        self.source.iter().for_each(|source| delta.add(TallyKey::source(source), 1));
        self.partner.iter().for_each(|partner| delta.add(TallyKey::partner(*partner), 1));
    }
}
