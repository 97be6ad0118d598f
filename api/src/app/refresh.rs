//! Keeps what is in memory current: campaigns, stops, directory, counts and revocations follow the database, whichever node changed it.

use crate::app::App;
use crate::app::snapshots::Campaigns;
use chrono::{DateTime, Datelike, Utc};
use postbag_domain::{CampaignId, Directory, DirectoryParts, LiveCampaign};
use postbag_persistence::{StoreError, TallyRow};
use std::collections::HashMap;
use std::sync::atomic::Ordering;
use std::sync::{Arc, PoisonError};
use std::time::Duration;
use tokio::task::JoinError;
use tokio_util::sync::CancellationToken;

/// How often the database is asked for changes.
const REFRESH: Duration = Duration::from_millis(300);

/// How often it is looked whether an old directory is still in use.
const RETIRING: Duration = Duration::from_millis(50);

impl App {
    /// Follows what changed in the database since the last time, on whichever node.
    pub async fn refresh(&self) -> Result<(), StoreError> {
        let _one_at_a_time = self.followed.refreshing.lock().await;
        let now = self.store.revisions().await?;
        let stops = self.refresh_stops(now.stops).await?;
        if now.campaigns != self.followed.campaigns.load(Ordering::Relaxed) {
            let loaded = self.store.load_campaigns(self.office_pages()).await?;
            self.publish(loaded.value);
            self.followed.campaigns.store(loaded.revision, Ordering::Relaxed);
        } else if stops {
            self.draw_campaigns();
        }
        if now.directory != self.followed.directory.load(Ordering::Relaxed) {
            let held = self.directory.load().layers().cloned().collect();
            let loaded = self.store.load_directory(held).await?;
            self.replace_directory(loaded.value).await;
            self.people_changed().await?;
            self.followed.directory.store(loaded.revision, Ordering::Relaxed);
        }
        if now.revocations != self.followed.revocations.load(Ordering::Relaxed) {
            let loaded = self.store.load_revocations().await?;
            self.revocations.replace(loaded.value);
            self.followed.revocations.store(loaded.revision, Ordering::Relaxed);
        }
        self.refresh_day(now.midnight_tallies).await?;
        self.refresh_tallies().await?;
        self.followed.refreshed_at.store(self.clock.now().timestamp_micros(), Ordering::Relaxed);
        Ok(())
    }

    /// The moment the snapshots were last known to be current.
    pub(crate) fn refreshed_at(&self) -> DateTime<Utc> {
        DateTime::from_timestamp_micros(self.followed.refreshed_at.load(Ordering::Relaxed)).unwrap_or_default()
    }

    /// At midnight offices are taken and left, and the counts that show who is known are published.
    async fn refresh_day(&self, published: i64) -> Result<(), StoreError> {
        let today = self.clock.today();
        if today.num_days_from_ce() != self.followed.day.load(Ordering::Relaxed) {
            self.store.keep_midnight_tallies(today).await?;
            self.people_changed().await?;
            self.followed.day.store(today.num_days_from_ce(), Ordering::Relaxed);
        }
        if published != self.followed.midnight_tallies.load(Ordering::Relaxed) {
            let loaded = self.store.load_midnight_tallies().await?;
            self.tallies.replace_midnight(loaded.value);
            self.followed.midnight_tallies.store(loaded.revision, Ordering::Relaxed);
        }
        Ok(())
    }

    /// Follows the stops; true if they changed.
    async fn refresh_stops(&self, now: i64) -> Result<bool, StoreError> {
        if now == self.followed.stops.load(Ordering::Relaxed) {
            return Ok(false);
        }
        let loaded = self.store.load_stops().await?;
        self.stops.store(Arc::new(loaded.value));
        self.followed.stops.store(loaded.revision, Ordering::Relaxed);
        Ok(true)
    }

    /// Draws the pages of the same campaigns again: what they say besides has changed.
    fn draw_campaigns(&self) {
        let campaigns = self.campaigns.load_full();
        self.publish(campaigns.newest_first().map(|public| public.live.clone()));
    }

    /// Draws campaign pages again and wakes held messages: offices were taken or left, because the directory changed or a day began.
    /// Every node does this once its own directory has changed.
    async fn people_changed(&self) -> Result<(), StoreError> {
        self.draw_campaigns();
        if self.config.role.works() && self.store.wake_held(self.clock.now()).await? > 0 {
            self.wake.notify_one();
        }
        Ok(())
    }

    /// Replaces the directory. No request waits for that: the new one is built, and the old one dropped, on threads that may block.
    async fn replace_directory(&self, parts: DirectoryParts) {
        match tokio::task::spawn_blocking(|| Directory::build(parts)).await.map_err(JoinError::try_into_panic) {
            Ok(directory) => drop(tokio::spawn(retire(self.directory.swap(Arc::new(directory))))),
            Err(Ok(panic)) => std::panic::resume_unwind(panic),
            Err(Err(_stopping)) => {}
        }
    }

    fn publish(&self, campaigns: impl IntoIterator<Item = LiveCampaign>) {
        let campaigns = Campaigns::of(campaigns, &self.directory.load(), &self.stops.load(), self.clock.today());
        let origins = campaigns.newest_first().map(|public| {
            let origins = &public.live.campaign.content().origins;
            (public.slug().to_owned(), origins.iter().map(ToString::to_string).collect())
        });
        self.origins.replace(origins.collect::<Vec<_>>());
        self.campaigns.store(Arc::new(campaigns));
        self.tallies.redraw();
    }

    /// Reads the counts that changed since they were last read. The changes of this node's own writers are read again: rows carry
    /// versions, so that costs little and harms nothing.
    async fn refresh_tallies(&self) -> Result<(), StoreError> {
        for current in self.store.tally_versions().await? {
            let campaign = current.campaign_id;
            let seen = *self.followed_tallies().entry(campaign).or_default();
            if current.version > seen {
                let rows = self.store.load_tallies(campaign, seen).await?;
                self.take_counts(&rows);
                let newest = rows.iter().map(|row| row.version).max();
                self.followed_tallies().insert(campaign, newest.unwrap_or(current.version));
            }
        }
        Ok(())
    }

    fn followed_tallies(&self) -> std::sync::MutexGuard<'_, HashMap<CampaignId, i64>> {
        self.followed.tallies.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn take_counts(&self, rows: &[TallyRow]) {
        self.tallies.apply(rows, self.clock.now());
    }

    /// Refreshes until it is stopped. While the database is away the snapshots stay as they are.
    pub(crate) async fn follow(self: Arc<Self>, stop: CancellationToken) {
        while stop.run_until_cancelled(tokio::time::sleep(REFRESH)).await.is_some() {
            if let Err(error) = self.refresh().await {
                tracing::warn!(%error, "the snapshots could not be refreshed");
            }
        }
    }
}

/// Waits until a directory is no longer used, then drops it on a thread that may take its time.
async fn retire(directory: Arc<Directory>) {
    while Arc::strong_count(&directory) > 1 {
        tokio::time::sleep(RETIRING).await;
    }
    let _done = tokio::task::spawn_blocking(|| drop(directory)).await;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn an_old_directory_is_taken_apart_once_nobody_looks_at_it() {
        let old = Arc::new(Directory::empty());
        let (looking, watched) = (Arc::clone(&old), Arc::downgrade(&old));
        let retired = tokio::spawn(retire(old));
        tokio::task::yield_now().await;
        assert!(watched.upgrade().is_some());
        drop(looking);
        retired.await.unwrap();
        assert!(watched.upgrade().is_none());
    }
}
