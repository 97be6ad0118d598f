//! What must be well for this process to do its work (A23).

use crate::app::App;
use crate::config::Transport;
use crate::outbound::Folder;
use chrono::TimeDelta;
use serde::Serialize;
use std::future::Future;
use std::pin::Pin;
use std::time::Duration;
use utoipa::ToSchema;

/// How long one check may take.
const PATIENCE: Duration = Duration::from_secs(2);

/// How old the snapshots may be: they are compared with the database several times a second.
const OLDEST_SNAPSHOT: TimeDelta = TimeDelta::seconds(30);

/// The outcome of one probe; the reason is for the log.
type Outcome = Result<(), String>;

/// Looks at one thing that must be well.
type Probe = for<'a> fn(&'a App) -> Pin<Box<dyn Future<Output = Outcome> + Send + 'a>>;

const PROBES: [(&str, Probe); 3] = [
    ("database", |app| Box::pin(database(app))),
    ("intake", |app| Box::pin(async { intake(app) })),
    ("snapshots", |app| Box::pin(async { snapshots(app) })),
];

/// The probe of a process that writes letters as files.
const OUTBOX: (&str, Probe) = ("outbox", |app| Box::pin(outbox(app)));

impl App {
    /// Every check, one after the other.
    pub(crate) async fn checks(&self) -> Vec<Check> {
        let mut checks = Vec::new();
        if self.draining.has_begun() {
            checks.push(Check { name: "running", status: CheckStatus::Failed });
        }
        for (name, probe) in PROBES.into_iter().chain(self.writes_letters().then_some(OUTBOX)) {
            checks.push(Check { name, status: self.check(name, probe).await });
        }
        checks
    }

    async fn check(&self, name: &str, probe: Probe) -> CheckStatus {
        let outcome = tokio::time::timeout(PATIENCE, probe(self)).await;
        match outcome.unwrap_or_else(|_late| Err("no answer in time".to_owned())) {
            Ok(()) => CheckStatus::Ok,
            Err(reason) => {
                tracing::warn!(check = name, reason, "not ready");
                CheckStatus::Failed
            }
        }
    }

    fn writes_letters(&self) -> bool {
        self.config.role.works() && self.config.mail.transport == Transport::Folder
    }
}

/// The database takes writes.
async fn database(app: &App) -> Outcome {
    app.store.ping().await.map_err(|error| error.to_string())
}

/// The queue for submissions has room.
fn intake(app: &App) -> Outcome {
    match app.intake.waiting() {
        waiting if waiting < app.config.intake.queue => Ok(()),
        waiting => Err(format!("{waiting} submissions wait, and there is no room for more")),
    }
}

/// Campaigns, directory and counts in memory follow the database.
fn snapshots(app: &App) -> Outcome {
    match app.clock.now() - app.refreshed_at() {
        age if age < OLDEST_SNAPSHOT => Ok(()),
        age => Err(format!("they are {} seconds old", age.num_seconds())),
    }
}

/// The folder for letters takes files.
async fn outbox(app: &App) -> Outcome {
    let folder = app.config.mail.folder.clone();
    let checked = tokio::task::spawn_blocking(move || Folder::check(&folder)).await;
    checked.map_err(|error| error.to_string())?.map_err(|error| error.to_string())
}

/// Whether a check passed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum CheckStatus {
    /// It passed.
    Ok,
    /// It failed; the log says why.
    Failed,
}

/// One check.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct Check {
    /// The thing that was looked at.
    #[schema(example = "database")]
    pub(crate) name: &'static str,
    /// Whether it is well.
    pub(crate) status: CheckStatus,
}
