//! One running Postbag: its database, what it holds in memory, and the way in for submissions.

use crate::app::live_look_up::LiveLookUp;
use crate::app::mail_health::MailHealth;
use crate::app::snapshots::{Campaigns, PublicCampaign};
use crate::app::state::State;
use crate::app::tallies::Tallies;
use crate::config::Config;
use crate::http::problem::{Answer, Problem, ProblemType};
use crate::views::choice::ChoiceView;
use arc_swap::ArcSwap;
use chrono::{DateTime, Datelike, NaiveDate, Utc};
use postbag_domain::{AreaChoices, CampaignId, Directory, DirectoryParts, LiveCampaign, Place, PlaceError, Postcode};
use postbag_persistence::{Intake, IntakeOptions, Store, StoreError, TallyListener, TallyRow};
use serde_json::json;
use std::collections::HashMap;
use std::sync::atomic::{AtomicI32, AtomicI64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::Notify;
use tokio::task::JoinError;
use tokio_util::sync::CancellationToken;

/// How often other nodes' changes are looked for.
const REFRESH: Duration = Duration::from_millis(300);

/// How often it is looked whether an old directory is still in use.
const RETIRING: Duration = Duration::from_millis(50);

/// What handlers and workers share.
pub struct Postbag {
    pub(crate) store: Store,
    pub(crate) intake: Intake,
    pub(crate) campaigns: ArcSwap<Campaigns>,
    pub(crate) directory: ArcSwap<Directory>,
    pub(crate) tallies: Arc<Tallies>,
    /// Rings when there is something new to send.
    pub(crate) outbox: Arc<Notify>,
    /// Whether letters leave.
    pub(crate) mail_health: Arc<MailHealth>,
    live: Option<LiveLookUp>,
    state: Arc<State>,
    seen: Seen,
}

/// Up to where the snapshots have followed the database. One refresh runs at a time.
struct Seen {
    campaigns: AtomicI64,
    directory: AtomicI64,
    midnight_tallies: AtomicI64,
    revocations: AtomicI64,
    /// The day in the United Kingdom, as days since the beginning of the era.
    day: AtomicI32,
    tallies: Mutex<HashMap<CampaignId, i64>>,
    /// When the last refresh ended, in microseconds.
    refreshed_at: AtomicI64,
    refreshing: tokio::sync::Mutex<()>,
}

impl Postbag {
    /// Starts the writers and reads the snapshots; the schema must be current.
    pub async fn open(store: Store, state: Arc<State>) -> anyhow::Result<Arc<Self>> {
        let tallies = Arc::new(Tallies::default());
        let listener = listener(&tallies, &state);
        let live = LiveLookUp::open(&state.config.fallback, store.clone(), state.clock.clone())?;
        let intake = Intake::start(&store, intake_options(&state.config), &listener)?;
        let postbag = Arc::new(Self {
            store,
            intake,
            campaigns: ArcSwap::default(),
            directory: ArcSwap::from_pointee(Directory::empty()),
            tallies,
            outbox: Arc::default(),
            mail_health: Arc::default(),
            live,
            state,
            seen: Seen {
                campaigns: AtomicI64::new(-1),
                directory: AtomicI64::new(-1),
                midnight_tallies: AtomicI64::new(-1),
                revocations: AtomicI64::new(-1),
                day: AtomicI32::new(i32::MIN),
                tallies: Mutex::default(),
                refreshed_at: AtomicI64::new(0),
                refreshing: tokio::sync::Mutex::default(),
            },
        });
        postbag.refresh().await?;
        Ok(postbag)
    }

    /// Follows what changed in the database since the last time, on whichever node.
    pub(crate) async fn refresh(&self) -> Result<(), StoreError> {
        let _one_at_a_time = self.seen.refreshing.lock().await;
        let now = self.store.revisions().await?;
        if now.campaigns != self.seen.campaigns.load(Ordering::Relaxed) {
            let loaded = self.store.load_campaigns().await?;
            self.publish(loaded.value);
            self.seen.campaigns.store(loaded.revision, Ordering::Relaxed);
        }
        if now.directory != self.seen.directory.load(Ordering::Relaxed) {
            let held = self.directory.load().layers().cloned().collect();
            let loaded = self.store.load_directory(held).await?;
            self.replace_directory(loaded.value).await;
            self.people_changed().await?;
            self.seen.directory.store(loaded.revision, Ordering::Relaxed);
        }
        if now.revocations != self.seen.revocations.load(Ordering::Relaxed) {
            let loaded = self.store.load_revocations().await?;
            self.state.revocations.replace(loaded.value);
            self.seen.revocations.store(loaded.revision, Ordering::Relaxed);
        }
        self.refresh_day(now.midnight_tallies).await?;
        self.refresh_tallies().await?;
        self.seen.refreshed_at.store(self.state.clock.now().timestamp_micros(), Ordering::Relaxed);
        Ok(())
    }

    /// When the snapshots were last known to be current.
    pub(crate) fn refreshed_at(&self) -> DateTime<Utc> {
        DateTime::from_timestamp_micros(self.seen.refreshed_at.load(Ordering::Relaxed)).unwrap_or_default()
    }

    /// At midnight offices are taken and left, and the counts that show who is known are published.
    async fn refresh_day(&self, published: i64) -> Result<(), StoreError> {
        let today = self.state.clock.today();
        if today.num_days_from_ce() != self.seen.day.load(Ordering::Relaxed) {
            self.store.keep_midnight_tallies(today).await?;
            self.people_changed().await?;
            self.seen.day.store(today.num_days_from_ce(), Ordering::Relaxed);
        }
        if published != self.seen.midnight_tallies.load(Ordering::Relaxed) {
            let loaded = self.store.load_midnight_tallies().await?;
            self.tallies.replace_midnight(loaded.value);
            self.seen.midnight_tallies.store(loaded.revision, Ordering::Relaxed);
        }
        Ok(())
    }

    /// Offices were taken or left, by a change of the directory or because a day began: pages say so, and what is held is looked at
    /// again. Every node does this once its own directory has changed, so none is left to one that has not heard of it yet.
    async fn people_changed(&self) -> Result<(), StoreError> {
        let campaigns = self.campaigns.load_full();
        self.publish(campaigns.newest_first().map(|public| public.live.clone()));
        if self.state.config.role.works() && self.store.wake_held(self.state.clock.now()).await? > 0 {
            self.outbox.notify_one();
        }
        Ok(())
    }

    /// Puts another directory in the place of the one there is. No request waits for that: it is built, and the old one is taken
    /// apart, on threads that may block.
    async fn replace_directory(&self, parts: DirectoryParts) {
        match tokio::task::spawn_blocking(|| Directory::build(parts)).await.map_err(JoinError::try_into_panic) {
            Ok(directory) => drop(tokio::spawn(retire(self.directory.swap(Arc::new(directory))))),
            Err(Ok(panic)) => std::panic::resume_unwind(panic),
            Err(Err(_stopping)) => {}
        }
    }

    /// How many submissions may wait.
    pub(crate) fn queue_room(&self) -> usize {
        self.state.config.intake.queue
    }

    /// The listener for counts that a worker of this node changed.
    pub(crate) fn listener(&self) -> TallyListener {
        listener(&self.tallies, &self.state)
    }

    fn publish(&self, campaigns: impl IntoIterator<Item = LiveCampaign>) {
        let campaigns = Campaigns::of(campaigns, &self.directory.load(), self.state.clock.today());
        let origins = campaigns.newest_first().map(|public| {
            let origins = &public.live.campaign.content().origins;
            (public.slug().to_owned(), origins.iter().map(ToString::to_string).collect())
        });
        self.state.origins.replace(origins.collect::<Vec<_>>());
        self.campaigns.store(Arc::new(campaigns));
        self.tallies.redraw();
    }

    /// Reads the counts that changed since they were last read. What this node's own writers changed is read again: rows carry
    /// versions, so that costs little and harms nothing.
    async fn refresh_tallies(&self) -> Result<(), StoreError> {
        for current in self.store.tally_versions().await? {
            let campaign = current.campaign_id;
            let seen = *self.seen_tallies().entry(campaign).or_default();
            if current.version > seen {
                let rows = self.store.load_tallies(campaign, seen).await?;
                self.take_counts(&rows);
                let newest = rows.iter().map(|row| row.version).max();
                self.seen_tallies().insert(campaign, newest.unwrap_or(current.version));
            }
        }
        Ok(())
    }

    fn seen_tallies(&self) -> std::sync::MutexGuard<'_, HashMap<CampaignId, i64>> {
        self.seen.tallies.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn take_counts(&self, rows: &[TallyRow]) {
        self.tallies.apply(rows, self.state.clock.now());
    }

    /// Refreshes until it is stopped. While the database is away the snapshots stay as they are.
    pub(crate) async fn follow(self: Arc<Self>, stop: CancellationToken) {
        while stop.run_until_cancelled(tokio::time::sleep(REFRESH)).await.is_some() {
            if let Err(error) = self.refresh().await {
                tracing::warn!(%error, "the snapshots could not be refreshed");
            }
        }
    }

    /// The campaign under this slug, if the public may see it.
    pub(crate) fn campaign(&self, slug: &str) -> Answer<Arc<PublicCampaign>> {
        self.campaigns.load().get(slug).cloned().ok_or_else(no_such_campaign)
    }

    /// Ends what writes: accepted submissions and looked-up postcodes are on disk afterwards.
    pub(crate) async fn stop(&self) {
        self.intake.stop().await;
        if let Some(live) = &self.live {
            live.finish().await;
        }
    }

    /// What the directory says of a postcode. One that no file has is looked up elsewhere, where the operator wants that.
    pub(crate) async fn place(
        &self,
        directory: &Directory,
        postcode: Postcode,
        choices: &AreaChoices,
        day: NaiveDate,
    ) -> Answer<Place> {
        if directory.is_empty() {
            return Err(ProblemType::DirectoryEmpty.into());
        }
        let local = directory.place(&postcode, choices, day);
        let found = match (&local, &self.live) {
            (Err(PlaceError::Unknown), Some(live)) => live.find(postcode).await,
            _ => None,
        };
        let place = found.map_or(local, |found| directory.place_looked_up(&found, choices, day));
        match place {
            Err(PlaceError::Unknown) => among_neighbours(directory, postcode, choices, day),
            place => Ok(place?),
        }
    }
}

/// The place that the person confirmed for an unknown postcode, or a problem with what may be confirmed.
fn among_neighbours(directory: &Directory, postcode: Postcode, choices: &AreaChoices, day: NaiveDate) -> Answer<Place> {
    let shared = directory.shared_by_neighbours(postcode, day);
    let refusal = match directory.confirmed_place(postcode, choices, &shared) {
        Err(PlaceError::Unknown) => Problem::from(PlaceError::Unknown),
        place => return Ok(place?),
    };
    if shared.is_empty() {
        return Err(refusal);
    }
    let choices: Vec<_> = shared.iter().map(|area| json!(ChoiceView::shared(directory, *area))).collect();
    let detail = "This postcode is not known: check it. If it is right, confirm the area you live in.";
    Err(refusal.detail(detail).member("choices", choices))
}

fn no_such_campaign() -> Problem {
    Problem::not_found().detail("No such campaign is open to the public. Check its slug.")
}

/// Waits until a directory is no longer used, then drops it on a thread that may take its time.
async fn retire(directory: Arc<Directory>) {
    while Arc::strong_count(&directory) > 1 {
        tokio::time::sleep(RETIRING).await;
    }
    let _done = tokio::task::spawn_blocking(|| drop(directory)).await;
}

/// Counts are in memory before the submission that changed them is answered.
fn listener(tallies: &Arc<Tallies>, state: &State) -> TallyListener {
    let (tallies, clock) = (Arc::clone(tallies), state.clock.clone());
    Arc::new(move |rows| tallies.apply(rows, clock.now()))
}

fn intake_options(config: &Config) -> IntakeOptions {
    let settings = &config.intake;
    IntakeOptions {
        queue: settings.queue,
        group: settings.group,
        writers: settings.writers,
        ..IntakeOptions::default()
    }
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
