//! Challenges that were spent: each lets one submission in, on whichever server it comes.

use crate::batch::insert_all;
use crate::connection::AnyConnection;
use crate::types::{At, Id, Instant, Uid};
use crate::{Store, StoreError, expired};
use chrono::{DateTime, Utc};
use std::collections::BTreeSet;
use uuid::Uuid;

/// A challenge that a submission is to spend.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct SpentChallenge {
    /// What tells it from all others.
    pub id: Uuid,
    /// The moment from which nobody can send it any more.
    pub expires_at: DateTime<Utc>,
}

/// Spends those that were not spent before, and answers which. Call it with each once and in order, so that two writers meet them in
/// the same order.
pub(crate) fn spend(
    connection: &mut AnyConnection,
    challenges: &[&SpentChallenge],
) -> Result<BTreeSet<Uuid>, StoreError> {
    let spent: Vec<Id> = insert_all!(connection, challenges, "spent_challenges", |challenge| {
        id: Uid = Id(challenge.id),
        expires_at: Instant = At::new(challenge.expires_at),
    }, "ON CONFLICT (id) DO NOTHING RETURNING id" => Uid)?;
    Ok(spent.into_iter().map(|Id(id)| id).collect())
}

impl Store {
    /// Forgets up to `limit` challenges that nobody can send any more and says how many.
    pub async fn purge_spent_challenges(&self, now: DateTime<Utc>, limit: u32) -> Result<usize, StoreError> {
        const SQL: &str = "\
            DELETE FROM spent_challenges WHERE id IN (
                SELECT id FROM spent_challenges WHERE expires_at <= ? ORDER BY expires_at LIMIT ?
            )";
        self.write(move |connection| expired::purge(connection, SQL, now, limit)).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::samples::at;
    use crate::testing::{block_on, each_backend};

    #[test]
    fn a_challenge_is_spent_once_until_it_is_forgotten() {
        each_backend(|store| {
            let challenge = |number, seconds| SpentChallenge { id: Uuid::from_u128(number), expires_at: at(seconds) };
            let spend = |challenges: &[&SpentChallenge]| {
                let spent = store.write_blocking(|connection| spend(connection, challenges)).unwrap();
                spent.into_iter().map(|id| id.as_u128()).collect::<Vec<_>>()
            };
            assert_eq!(spend(&[]), []);
            assert_eq!(spend(&[&challenge(1, 10), &challenge(2, 20)]), [1, 2]);
            assert_eq!(spend(&[&challenge(2, 20), &challenge(3, 30)]), [3]);
            let purge = |seconds| block_on(store.purge_spent_challenges(at(seconds), 10)).unwrap();
            assert_eq!((purge(9), purge(20), purge(20)), (0, 2, 0));
            assert_eq!(spend(&[&challenge(3, 30)]), []);
        });
    }
}
