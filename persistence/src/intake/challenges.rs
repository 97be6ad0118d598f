//! The second statement of a group: whose challenges are unspent. A group without challenges has none.

use super::entry::Entry;
use super::keys::Standing;
use crate::StoreError;
use crate::connection::AnyConnection;
use crate::idempotency;
use crate::spent_challenges::{SpentChallenge, spend};
use std::collections::{BTreeMap, BTreeSet};
use uuid::Uuid;

/// Spends the challenges of fresh entries. An entry whose challenge was spent before is not fresh any more and gives its key back; the
/// same request beside it in the group is answered alike.
pub(super) fn spend_all(
    connection: &mut AnyConnection,
    entries: &[Entry],
    standings: &mut [Standing],
) -> Result<(), StoreError> {
    let brought: Vec<(&Entry, SpentChallenge)> = entries
        .iter()
        .zip(standings.iter())
        .filter(|(_, standing)| standing.is_fresh())
        .filter_map(|(entry, _)| Some((entry, entry.challenge?)))
        .collect();
    let refused = refused(connection, &brought)?;
    for (entry, standing) in entries.iter().zip(standings) {
        if refused.contains(&entry.key.name()) {
            *standing = Standing::ChallengeSpent;
        }
    }
    idempotency::give_back(connection, &refused)
}

/// The keys of entries whose challenge is spent: before, or by an entry that stands before them.
fn refused<'e>(
    connection: &mut AnyConnection,
    brought: &[(&'e Entry, SpentChallenge)],
) -> Result<BTreeSet<(&'e str, &'e str)>, StoreError> {
    let mut first_with: BTreeMap<Uuid, &(&Entry, SpentChallenge)> = BTreeMap::new();
    for pair in brought {
        first_with.entry(pair.1.id).or_insert(pair);
    }
    let challenges: Vec<_> = first_with.values().map(|(_, challenge)| challenge).collect();
    let spent = spend(connection, &challenges)?;
    let lets_in = |entry: &Entry, challenge: &SpentChallenge| {
        let is_first = first_with.get(&challenge.id).is_some_and(|(first, _)| std::ptr::eq(*first, entry));
        is_first && spent.contains(&challenge.id)
    };
    let refused = brought.iter().filter(|(entry, challenge)| !lets_in(entry, challenge));
    Ok(refused.map(|(entry, _)| entry.key.name()).collect())
}

#[cfg(test)]
mod tests {
    use crate::intake::{Intake, IntakeError, IntakeOptions, Record, Recorded, TallyListener};
    use crate::samples::{CAMPAIGN, at, publish, record};
    use crate::testing::{block_on, each_backend};
    use crate::{SpentChallenge, Store};
    use postbag_domain::{TallyKey, TallyKind};
    use std::sync::Arc;
    use uuid::Uuid;

    fn intake(store: &Store) -> Intake {
        publish(store, "retry");
        let quiet: TallyListener = Arc::new(|_rows| {});
        Intake::start(store, IntakeOptions::default(), &quiet).unwrap()
    }

    /// A person's submission with the challenge of this number.
    fn with_challenge(person: usize, key: &str, challenge: u128) -> Record {
        // Tokens of a service expire so long after they were checked, which differs.
        let expires_at = at(1000 + i64::try_from(person).unwrap());
        let challenge = Some(SpentChallenge { id: Uuid::from_u128(challenge), expires_at });
        Record { challenge, ..record(&format!("p{person}@example.org"), key, 0) }
    }

    fn actions(store: &Store) -> i64 {
        store.read_blocking(|c| crate::tallies::count(c, CAMPAIGN, &TallyKey::total(TallyKind::Actions))).unwrap()
    }

    #[test]
    fn a_challenge_lets_one_submission_in_and_a_retry_of_it_is_answered_again() {
        each_backend(|store| {
            let intake = intake(store);
            let first = with_challenge(1, "first", 7);
            block_on(intake.record(first.clone())).unwrap();
            let refused = block_on(intake.record(with_challenge(2, "second", 7)));
            assert!(matches!(refused, Err(IntakeError::ChallengeSpent)), "{refused:?}");
            let again = block_on(intake.record(first.clone())).unwrap();
            assert_eq!(again, Recorded::Replayed { answer: first.answer, tally_actions: 1 });
            let solved = block_on(intake.record(with_challenge(2, "second", 8))).unwrap();
            assert_eq!(solved, Recorded::New { tally_actions: 2 }, "the refused key is free");
        });
    }

    #[test]
    fn of_many_at_once_with_one_challenge_one_comes_in() {
        each_backend(|store| {
            let intake = intake(store);
            let sent: Vec<_> = (0..100).map(|n| with_challenge(n, &format!("k{n}"), u128::from(n % 10 == 0))).collect();
            let all = async move {
                let tasks: Vec<_> = sent
                    .into_iter()
                    .map(|record| {
                        let intake = intake.clone();
                        tokio::spawn(async move { intake.record(record).await })
                    })
                    .collect();
                let mut accepted = 0;
                for task in tasks {
                    match task.await.unwrap() {
                        Ok(Recorded::New { .. }) => accepted += 1,
                        other => assert!(matches!(other, Err(IntakeError::ChallengeSpent)), "{other:?}"),
                    }
                }
                accepted
            };
            assert_eq!(block_on(all), 2);
            assert_eq!(actions(store), 2);
            assert_eq!(block_on(store.recount(None)).unwrap(), []);
        });
    }

    #[test]
    fn the_same_request_twice_beside_a_spent_challenge_is_refused_twice() {
        each_backend(|store| {
            let intake = intake(store);
            block_on(intake.record(with_challenge(1, "first", 7))).unwrap();
            let again = with_challenge(2, "second", 7);
            let both = async { tokio::join!(intake.record(again.clone()), intake.record(again.clone())) };
            let (one, other) = block_on(both);
            for refused in [one, other] {
                assert!(matches!(refused, Err(IntakeError::ChallengeSpent)), "{refused:?}");
            }
            assert_eq!(actions(store), 1);
        });
    }
}
