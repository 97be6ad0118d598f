//! Counts in memory: what a writer of this node committed is here before its caller is answered, what other nodes committed
//! within a second.

use crate::prepared::Prepared;
use chrono::{DateTime, NaiveDate, Utc};
use postbag_domain::{CampaignId, CampaignTally, RepresentativeId, uk_day};
use postbag_persistence::TallyRow;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};

/// Every campaign's counts.
#[derive(Default)]
pub(crate) struct Tallies {
    boards: RwLock<HashMap<CampaignId, Arc<Board>>>,
}

impl Tallies {
    /// One campaign's counts; all zero where nothing was counted yet.
    pub(crate) fn board(&self, campaign: CampaignId) -> Arc<Board> {
        let known = self.boards.read().unwrap_or_else(PoisonError::into_inner).get(&campaign).cloned();
        known.unwrap_or_else(|| {
            let mut boards = self.boards.write().unwrap_or_else(PoisonError::into_inner);
            Arc::clone(boards.entry(campaign).or_default())
        })
    }

    /// How many first messages of a campaign went to a representative: looked up when it is asked, and only then.
    pub(crate) fn written(&self, campaign: CampaignId) -> impl Fn(RepresentativeId) -> i64 {
        move |id| self.board(campaign).read(|tally| tally.messages_to(id))
    }

    /// Takes over counts in whatever order they arrive: the newest version of each wins.
    pub(crate) fn apply(&self, rows: &[TallyRow], now: DateTime<Utc>) {
        for rows in rows.chunk_by(|left, right| left.campaign_id == right.campaign_id) {
            if let Some(first) = rows.first() {
                self.board(first.campaign_id).apply(rows, now);
            }
        }
    }

    /// Forgets every rendered answer: the directory or the campaigns changed.
    pub(crate) fn redraw(&self) {
        let boards = self.boards.read().unwrap_or_else(PoisonError::into_inner);
        boards.values().for_each(|board| board.counts().rendered = None);
    }
}

/// One campaign's counts, with the answer rendered from them.
#[derive(Default)]
pub(crate) struct Board {
    counts: Mutex<Counts>,
}

#[derive(Default)]
struct Counts {
    tally: CampaignTally,
    changed_at: Option<DateTime<Utc>>,
    rendered: Option<(NaiveDate, Prepared)>,
}

impl Board {
    fn counts(&self) -> MutexGuard<'_, Counts> {
        self.counts.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn apply(&self, rows: &[TallyRow], now: DateTime<Utc>) {
        let mut counts = self.counts();
        let mut changed = false;
        for row in rows {
            changed |= counts.tally.apply(row.key.clone(), row.count, row.version);
        }
        if changed {
            counts.changed_at = Some(now);
            counts.rendered = None;
        }
    }

    /// The answer that `draw` makes of the counts, drawn anew after a change and on a new day.
    pub(crate) fn rendered(
        &self,
        now: DateTime<Utc>,
        draw: impl FnOnce(&CampaignTally, DateTime<Utc>) -> Prepared,
    ) -> Prepared {
        let mut counts = self.counts();
        let today = uk_day(now);
        if let Some((day, prepared)) = &counts.rendered
            && *day == today
        {
            return prepared.clone();
        }
        let as_of = *counts.changed_at.get_or_insert(now);
        let prepared = draw(&counts.tally, as_of);
        counts.rendered = Some((today, prepared.clone()));
        prepared
    }

    /// Looks at the counts.
    pub(crate) fn read<T>(&self, look: impl FnOnce(&CampaignTally) -> T) -> T {
        look(&self.counts().tally)
    }
}
