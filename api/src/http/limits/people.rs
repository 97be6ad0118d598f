//! How many people a client submits for: a household has few, and a machine many.

use crate::secrets::ClientHash;
use moka::sync::Cache;
use std::collections::HashSet;
use std::hash::{BuildHasher, RandomState};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// How many people a client may submit for in a day before that is a signal.
const FEW: usize = 5;

/// How long a client is remembered.
const DAY: Duration = Duration::from_hours(24);

/// How many clients are remembered, those that were seen last.
const CLIENTS: u64 = 100_000;

/// The people of each client, as this server has seen them.
#[derive(Debug)]
pub(crate) struct People {
    by_client: Cache<ClientHash, Arc<Mutex<HashSet<u64>>>>,
    hasher: RandomState,
}

impl Default for People {
    fn default() -> Self {
        let by_client = Cache::builder().max_capacity(CLIENTS).time_to_live(DAY).build();
        Self { by_client, hasher: RandomState::new() }
    }
}

impl People {
    /// True if a client has many people, this one among them.
    pub(crate) fn are_many(&self, client: ClientHash, person: &str) -> bool {
        let Some(people) = self.by_client.get(&client) else { return false };
        let people = people.lock().unwrap_or_else(PoisonError::into_inner);
        people.len() > FEW || (people.len() == FEW && !people.contains(&self.hasher.hash_one(person)))
    }

    /// Remembers a person of a client.
    pub(crate) fn note(&self, client: ClientHash, person: &str) {
        let people = self.by_client.get_with(client, Arc::default);
        let mut people = people.lock().unwrap_or_else(PoisonError::into_inner);
        // One more than few says enough, and bounds what is kept.
        if people.len() <= FEW {
            people.insert(self.hasher.hash_one(person));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_household_is_few_and_a_machine_is_many() {
        let people = People::default();
        let noted = |client: u8, person: &str| {
            let are_many = people.are_many([client; 16], person);
            people.note([client; 16], person);
            are_many
        };
        for person in ["a", "b", "c", "d", "e", "a", "b"] {
            assert!(!noted(1, person), "{person}");
        }
        assert!(noted(1, "f") && noted(1, "a"));
        assert!(!noted(2, "f"));
    }
}
