//! The running server: what it is put together from, what it keeps in memory, and whether it can work.

pub(crate) mod build;
pub(crate) mod connections;
mod crowd;
mod directory_lookup;
pub(crate) mod draining;
mod followed;
pub(crate) mod health;
mod listening;
mod live_look_up;
pub(crate) mod mail_health;
mod refresh;
#[cfg(test)]
pub(crate) mod samples;
mod scrape;
pub mod server;
pub mod shutdown;
pub(crate) mod snapshots;
pub(crate) mod tallies;

use crate::auth::{Keys, Revocations};
use crate::challenges::Challenges;
use crate::clock::Clock;
use crate::config::{Config, Intake as IntakeSettings};
use crate::disposable_domains::DisposableDomains;
use crate::http::cors::Origins;
use crate::http::cursor::Cursors;
use crate::http::limits::Limits;
use crate::http::problem::{Answer, Problem};
use crate::letters::EditionCache;
use crate::mail_domains::MailDomains;
use crate::metrics::Metrics;
use crate::secrets::{ClientKeys, MailKeys, Seal};
use actix_web::HttpRequest;
use actix_web::web::Data;
use arc_swap::ArcSwap;
use chrono::DateTime;
use crowd::SharedCrowd;
use draining::Draining;
use followed::Followed;
use live_look_up::LiveLookUp;
use mail_health::MailHealth;
use postbag_domain::delivery::Stops;
use postbag_domain::{CampaignId, Directory, OfficePages, Outcome, ReviewTerms, Signal};
use postbag_persistence::{GroupListener, Intake, IntakeListeners, IntakeOptions, Store, StoredGroup, TallyListener};
use snapshots::{Campaigns, PublicCampaign};
use std::sync::Arc;
use tallies::Tallies;
use tokio::sync::Notify;

/// One running Postbag: what handlers, middleware and workers share.
pub struct App {
    pub(crate) config: Config,
    pub(crate) clock: Clock,
    /// The keys that sign and verify tokens.
    pub(crate) keys: Keys,
    pub(crate) revocations: Revocations,
    pub(crate) cursors: Cursors,
    /// Writes and reads receipt tokens.
    pub(crate) receipts: Seal,
    pub(crate) mail_keys: MailKeys,
    /// The web origins that may call, for each campaign.
    pub(crate) origins: Origins,
    /// The quotas of each client.
    pub(crate) limits: Limits,
    /// Sets and checks challenges for machines.
    pub(crate) challenges: Challenges,
    pub(crate) draining: Draining,
    pub(crate) metrics: Arc<Metrics>,
    pub(crate) store: Store,
    /// The way in for submissions.
    pub(crate) intake: Intake,
    pub(crate) campaigns: ArcSwap<Campaigns>,
    /// What administrators hold back.
    pub(crate) stops: ArcSwap<Stops>,
    pub(crate) directory: ArcSwap<Directory>,
    pub(crate) tallies: Arc<Tallies>,
    /// Wakes the lanes when there is something new to send.
    pub(crate) wake: Arc<Notify>,
    /// Wakes the lane for mails to supporters.
    pub(crate) wake_mails: Arc<Notify>,
    /// Wakes what works on invalidations.
    pub(crate) wake_invalidations: Arc<Notify>,
    /// Wakes what releases held submissions.
    pub(crate) wake_reviews: Notify,
    pub(crate) disposable_domains: DisposableDomains,
    pub(crate) mail_domains: MailDomains,
    pub(crate) crowd: SharedCrowd,
    pub(crate) mail_health: Arc<MailHealth>,
    pub(crate) editions: EditionCache,
    /// When the queues were last looked at for the metrics.
    queues_looked_at: tokio::sync::Mutex<Option<tokio::time::Instant>>,
    live: Option<LiveLookUp>,
    followed: Followed,
}

impl App {
    /// Starts the writers; the schema must be current. What is kept in memory is empty before the first [`App::refresh`].
    pub fn start(config: Config, clock: Clock, store: Store) -> anyhow::Result<Arc<Self>> {
        let tallies = Arc::new(Tallies::default());
        let metrics = Arc::new(metrics(&config, &clock)?);
        let listeners = IntakeListeners { counts: listener(&tallies, &clock), groups: group_listener(&metrics) };
        Ok(Arc::new(Self {
            keys: Keys::new(&config.auth)?,
            revocations: Revocations::default(),
            cursors: Cursors::new(config.secrets()),
            receipts: Seal::new(config.secrets(), "receipt"),
            mail_keys: MailKeys::of(&config),
            origins: Origins::new(&config.public_url(), &config.admin_url()),
            limits: Limits::new(&config.limits, ClientKeys::of(&config), &clock),
            challenges: Challenges::open(&config)?,
            draining: Draining::default(),
            intake: Intake::start(&store, intake_options(&config.intake), listeners)?,
            metrics,
            queues_looked_at: tokio::sync::Mutex::default(),
            campaigns: ArcSwap::default(),
            stops: ArcSwap::default(),
            directory: ArcSwap::from_pointee(Directory::empty()),
            tallies,
            wake: Arc::default(),
            wake_mails: Arc::default(),
            wake_invalidations: Arc::default(),
            wake_reviews: Notify::default(),
            mail_domains: MailDomains::open(&config.mail_domains),
            disposable_domains: DisposableDomains::open(config.disposable_domains_file.as_deref())?,
            crowd: SharedCrowd::default(),
            mail_health: Arc::default(),
            editions: EditionCache::new(OfficePages::at(&config.public_url())),
            live: LiveLookUp::open(&config.fallback, store.clone(), clock.clone())?,
            followed: Followed::default(),
            store,
            clock,
            config,
        }))
    }

    /// The app that [`build`](build::build) gave to the application.
    ///
    /// # Panics
    /// In an application that was put together without it.
    #[expect(
        clippy::expect_used,
        reason = "an application without its app is a mistake in app/build.rs, found by any test"
    )]
    pub(crate) fn of(request: &HttpRequest) -> &Self {
        request.app_data::<Data<Self>>().expect("app::build registers the app").get_ref()
    }

    /// The campaign under this slug, if the public may see it.
    pub(crate) fn campaign(&self, slug: &str) -> Answer<Arc<PublicCampaign>> {
        self.campaigns.load().get(slug).cloned().ok_or_else(no_such_campaign)
    }

    /// The campaign of this id, if the public may see it.
    pub(crate) fn campaign_by_id(&self, id: CampaignId) -> Option<Arc<PublicCampaign>> {
        self.campaigns.load().newest_first().find(|public| public.live.campaign.id() == id).cloned()
    }

    /// How long submissions to a campaign wait for a person, and what becomes of them then.
    pub(crate) fn review_terms(&self, campaign: CampaignId) -> ReviewTerms {
        self.campaign_by_id(campaign).map(|public| public.live.campaign.content().review).unwrap_or_default()
    }

    /// Where the pages for offices are.
    pub(crate) fn office_pages(&self) -> OfficePages {
        OfficePages::at(&self.config.public_url())
    }

    /// The listener for counts that a worker of this node changed.
    pub(crate) fn listener(&self) -> TallyListener {
        listener(&self.tallies, &self.clock)
    }

    /// Ends what writes: accepted submissions and looked-up postcodes are on disk afterwards.
    pub async fn stop(&self) {
        self.intake.stop().await;
        if let Some(live) = &self.live {
            live.finish().await;
        }
    }
}

impl std::fmt::Debug for App {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("App").field("config", &self.config).finish_non_exhaustive()
    }
}

fn no_such_campaign() -> Problem {
    Problem::not_found().detail("No such campaign is open to the public. Check its slug.")
}

/// Counts are in memory before the submission that changed them is answered.
fn listener(tallies: &Arc<Tallies>, clock: &Clock) -> TallyListener {
    let (tallies, clock) = (Arc::clone(tallies), clock.clone());
    Arc::new(move |rows| tallies.apply(rows, clock.now()))
}

/// The metrics with what never changes, and with every signal.
fn metrics(config: &Config, clock: &Clock) -> prometheus::Result<Metrics> {
    let metrics = Metrics::new()?;
    metrics.intake_capacity.set([], config.intake.queue);
    for (signal, outcome) in
        Signal::ALL.iter().flat_map(|signal| Outcome::ALL.iter().map(move |outcome| (signal, outcome)))
    {
        metrics.signals.follow([signal.as_str(), outcome.as_str()], 0);
    }
    metrics.build.set([env!("CARGO_PKG_VERSION")], 1);
    metrics.started.set([], (clock.now() - DateTime::UNIX_EPOCH).as_seconds_f64());
    Ok(metrics)
}

fn group_listener(metrics: &Arc<Metrics>) -> GroupListener {
    let metrics = Arc::clone(metrics);
    Arc::new(move |StoredGroup { submissions, took }| {
        metrics.intake_groups.observe([], submissions);
        metrics.intake_seconds.observe([], took);
    })
}

fn intake_options(settings: &IntakeSettings) -> IntakeOptions {
    IntakeOptions {
        queue: settings.queue,
        group: settings.group,
        writers: settings.writers,
        ..IntakeOptions::default()
    }
}
