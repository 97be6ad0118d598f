//! One group of submissions as one transaction.
//!
//! Locks are taken in the same order by every writer: keys, challenges, supporters, first actions and messages, counts; each in order
//! of its key.

use super::entry::Entry;
use super::history::History;
use super::keys::{self, Standing};
use super::{challenges, insert, reviews, supporters};
use crate::StoreError;
use crate::connection::AnyConnection;
use crate::idempotency::Known;
use crate::tallies::{self, Deltas, TallyRow};
use postbag_domain::{CampaignId, TallyKey, TallyKind};
use serde_json::Value;
use std::collections::BTreeMap;

/// The outcome of a stored group.
pub(super) struct Outcome {
    /// One per entry, in their order.
    pub(super) verdicts: Vec<Verdict>,
    /// The counts that changed, as they are now.
    pub(super) tallies: Vec<TallyRow>,
}

/// The outcome of one entry.
pub(super) enum Verdict {
    New { tally_actions: i64 },
    Replayed { answer: Value, tally_actions: i64 },
    KeyReused,
    ChallengeSpent,
    NotApproved,
}

/// Stores the group within the caller's transaction.
pub(super) fn store(connection: &mut AnyConnection, entries: &mut [Entry]) -> Result<Outcome, StoreError> {
    let mut standings = keys::claim(connection, entries)?;
    challenges::spend_all(connection, entries, &mut standings)?;
    reviews::release_all(connection, entries, &mut standings)?;
    let mut fresh: Vec<&mut Entry> = entries
        .iter_mut()
        .zip(&standings)
        .filter(|(_, standing)| standing.is_fresh())
        .map(|(entry, _)| entry)
        .collect();
    // In order of their persons, so that two writers meet them in the same order; a person's own stay in theirs.
    fresh.sort_by(|a, b| person(a).cmp(&person(b)));
    supporters::resolve(connection, &mut fresh)?;
    let mut history = History::load(connection, &fresh)?;
    let mut deltas = Deltas::default();
    for entry in &mut fresh {
        deltas.merge(entry.campaign(), history.fold(entry));
    }
    insert::all(connection, &fresh)?;
    let tallies = tallies::apply(connection, &deltas)?;
    let actions = actions(connection, entries, &tallies)?;
    let fresh = entries.iter().zip(&standings).filter(|(_, standing)| standing.is_fresh());
    let counted: Vec<_> =
        fresh.map(|(entry, _)| (&entry.key, actions.get(&entry.campaign()).copied().unwrap_or_default())).collect();
    keys::complete(connection, &counted)?;
    let verdicts = entries.iter().zip(standings).map(|(entry, standing)| {
        let tally_actions = actions.get(&entry.campaign()).copied().unwrap_or_default();
        verdict(standing, tally_actions)
    });
    Ok(Outcome { verdicts: verdicts.collect(), tallies })
}

fn person(entry: &Entry) -> (crate::types::Id, &str) {
    (entry.action.organisation_id, &entry.accepted.action.supporter_key)
}

fn verdict(standing: Standing, tally_actions: i64) -> Verdict {
    match standing {
        Standing::Fresh => Verdict::New { tally_actions },
        // The first one may stand in this very group: then its count is the group's.
        Standing::Known(Known::Answered { answer, tally_actions: first }) => {
            Verdict::Replayed { answer, tally_actions: first.unwrap_or(tally_actions) }
        }
        Standing::Known(Known::Reused) => Verdict::KeyReused,
        Standing::ChallengeSpent => Verdict::ChallengeSpent,
        Standing::NotApproved => Verdict::NotApproved,
    }
}

/// The number of actions of each campaign of the group, now.
fn actions(
    connection: &mut AnyConnection,
    entries: &[Entry],
    changed: &[TallyRow],
) -> Result<BTreeMap<CampaignId, i64>, StoreError> {
    let key = TallyKey::total(TallyKind::Actions);
    let changed = changed.iter().filter(|row| row.key == key);
    let mut counts: BTreeMap<CampaignId, i64> = changed.map(|row| (row.campaign_id, row.count)).collect();
    for campaign in entries.iter().map(Entry::campaign) {
        if let std::collections::btree_map::Entry::Vacant(slot) = counts.entry(campaign) {
            slot.insert(tallies::count(connection, campaign, &key)?);
        }
    }
    Ok(counts)
}
