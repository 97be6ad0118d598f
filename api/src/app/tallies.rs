//! Counts in memory: what a writer of this node committed is here before its caller is answered, what other nodes committed
//! within a second.

use crate::http::prepared::Prepared;
use chrono::{DateTime, NaiveDate, Utc};
use postbag_domain::{CampaignId, CampaignTally, DeliveryState, RepresentativeId, TallyKind, uk_day};
use postbag_persistence::{MidnightCount, TallyRow};
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

    /// How many actions of a campaign wrote to a representative: looked up when it is asked, and only then.
    pub(crate) fn written(&self, campaign: CampaignId) -> impl Fn(RepresentativeId) -> i64 {
        move |id| self.board(campaign).read(|figures| figures.now.actions_to(id))
    }

    /// How many messages of all campaigns are in a state.
    pub(crate) fn messages(&self, state: DeliveryState) -> i64 {
        let boards = self.boards.read().unwrap_or_else(PoisonError::into_inner);
        boards.values().map(|board| board.counts().tally.get(TallyKind::Message, state.as_str())).sum()
    }

    /// Applies counts in any order: the newest version of each wins.
    pub(crate) fn apply(&self, rows: &[TallyRow], now: DateTime<Utc>) {
        for rows in rows.chunk_by(|left, right| left.campaign_id == right.campaign_id) {
            if let Some(first) = rows.first() {
                self.board(first.campaign_id).apply(rows, now);
            }
        }
    }

    /// Replaces the counts of the last midnight.
    pub(crate) fn replace_midnight(&self, counts: Vec<MidnightCount>) {
        let mut by_campaign: HashMap<CampaignId, CampaignTally> = HashMap::new();
        for MidnightCount { campaign_id, key, count } in counts {
            by_campaign.entry(campaign_id).or_default().apply(key, count, 1);
        }
        self.each(|counts| counts.midnight = CampaignTally::new());
        for (campaign, midnight) in by_campaign {
            self.board(campaign).counts().midnight = midnight;
        }
        self.redraw();
    }

    /// Forgets every rendered answer: the directory or the campaigns changed.
    pub(crate) fn redraw(&self) {
        self.each(|counts| counts.rendered = None);
    }

    fn each(&self, mut change: impl FnMut(&mut Counts)) {
        let boards = self.boards.read().unwrap_or_else(PoisonError::into_inner);
        boards.values().for_each(|board| change(&mut board.counts()));
    }
}

/// One campaign's counts, with the answer rendered from them.
#[derive(Default)]
pub(crate) struct Board {
    counts: Mutex<Counts>,
}

/// A campaign's counts as the public reads them.
pub(crate) struct Figures<'b> {
    /// The counts of this moment. Those that show who is known must not be published from here (C23).
    pub(crate) now: &'b CampaignTally,
    /// The counts of the last midnight that show who is known.
    pub(crate) midnight: &'b CampaignTally,
}

#[derive(Default)]
struct Counts {
    tally: CampaignTally,
    midnight: CampaignTally,
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
            // Neither the answer nor its `as_of` may move with a count that shows who is known.
            changed |=
                counts.tally.apply(row.key.clone(), row.count, row.version) && !row.key.kind.shows_who_is_known();
        }
        if changed {
            counts.changed_at = Some(now);
            counts.rendered = None;
        }
    }

    /// The answer that `draw` makes of the counts and of when they changed, drawn again after a change and on a new day.
    pub(crate) fn rendered(
        &self,
        now: DateTime<Utc>,
        draw: impl FnOnce(&Figures<'_>, DateTime<Utc>) -> Prepared,
    ) -> Prepared {
        let mut counts = self.counts();
        let today = uk_day(now);
        if let Some((day, prepared)) = &counts.rendered
            && *day == today
        {
            return prepared.clone();
        }
        let as_of = *counts.changed_at.get_or_insert(now);
        let prepared = draw(&counts.figures(), as_of);
        counts.rendered = Some((today, prepared.clone()));
        prepared
    }

    /// Looks at the counts.
    pub(crate) fn read<T>(&self, look: impl FnOnce(&Figures<'_>) -> T) -> T {
        look(&self.counts().figures())
    }
}

impl Counts {
    fn figures(&self) -> Figures<'_> {
        Figures { now: &self.tally, midnight: &self.midnight }
    }
}
