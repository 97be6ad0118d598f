//! What an operator should see of a running server.

use crate::app::App;
use crate::app::health::{Check, CheckStatus};
use crate::app::mail_health::{Refusals, Seen};
use crate::auth::{Caller, scope};
use crate::config::Transport;
use crate::http::problem::Answer;
use actix_web::web::Data;
use actix_web::{HttpResponse, get};
use chrono::{DateTime, Utc};
use postbag_domain::RightsRequest;
use postbag_persistence::Backlog;
use serde::Serialize;
use utoipa::ToSchema;

/// The state of this process and of the queue of letters.
#[derive(Serialize, ToSchema)]
#[schema(examples(json!({
    "ready": true, "checks": [{ "name": "database", "status": "ok" }],
    "mail": { "transport": "smtp", "state": "failing", "since": "2026-11-22T09:00:00Z",
              "last_reply": "connect: Connection refused (os error 111)",
              "refusals": { "count": 2, "last_at": "2026-11-22T08:59:00Z", "last_reply": "rcpt: 550 5.7.1 blocked" } },
    "requests": { "open": 3, "overdue": 1 },
    "messages": { "waiting": 12, "oldest_since": "2026-11-22T09:00:00Z", "first_due_at": "2026-11-22T09:05:00Z" },
    "snapshots_current_at": "2026-11-22T09:01:00Z"
})))]
pub(crate) struct HealthView {
    /// As `/readyz` says.
    ready: bool,
    checks: Vec<Check>,
    mail: MailView,
    messages: BacklogView,
    requests: OpenRequestsView,
    /// When campaigns, directory and counts in memory were last known to be those of the database.
    snapshots_current_at: DateTime<Utc>,
}

/// How letters leave this process.
#[derive(Serialize, ToSchema)]
struct MailView {
    /// `folder` or `smtp`.
    #[schema(example = "smtp")]
    transport: &'static str,
    /// `unknown` before this process has sent anything, `working`, or `failing`: letters wait and are tried again.
    #[schema(example = "working")]
    state: &'static str,
    /// The moment since which it is so, as far as this process knows.
    since: Option<DateTime<Utc>>,
    /// The reply to the last attempt.
    last_reply: Option<String>,
    /// Refusals because of this server: a policy, a block list, a signature. Look into them.
    refusals: Option<RefusalsView>,
}

/// Refusals that say nothing about their recipients.
#[derive(Serialize, ToSchema)]
struct RefusalsView {
    /// How many since this process started.
    count: u64,
    last_at: DateTime<Utc>,
    last_reply: String,
}

/// The letters on their way, of all servers on this database.
#[derive(Serialize, ToSchema)]
struct BacklogView {
    waiting: i64,
    /// The moment the oldest of them was submitted.
    oldest_since: Option<DateTime<Utc>>,
    /// The moment the first is due; in the past while workers are behind.
    first_due_at: Option<DateTime<Utc>>,
}

/// Requests about people's data and complaints, of all organisations.
#[derive(Serialize, ToSchema)]
struct OpenRequestsView {
    /// How many are not closed.
    open: usize,
    /// How many should have been answered, or acknowledged.
    overdue: usize,
}

impl OpenRequestsView {
    fn of(requests: &[RightsRequest], now: DateTime<Utc>) -> Self {
        let overdue = requests.iter().filter(|request| request.is_overdue(now)).count();
        Self { open: requests.len(), overdue }
    }
}

impl MailView {
    fn of(transport: Transport, seen: Option<Seen>, refusals: Option<Refusals>) -> Self {
        let refusals =
            refusals.map(|Refusals { count, last_at, last_reply }| RefusalsView { count, last_at, last_reply });
        let transport = match transport {
            Transport::Folder => "folder",
            Transport::Smtp => "smtp",
        };
        match seen {
            None => Self { transport, state: "unknown", since: None, last_reply: None, refusals },
            Some(Seen { works, since, reply }) => {
                let state = if works { "working" } else { "failing" };
                Self { transport, state, since: Some(since), last_reply: Some(reply), refusals }
            }
        }
    }
}

impl From<Backlog> for BacklogView {
    fn from(backlog: Backlog) -> Self {
        let Backlog { messages, oldest_since, first_due_at } = backlog;
        Self { waiting: messages, oldest_since, first_due_at }
    }
}

/// The health of a server
///
/// For the operator: whether letters leave, how many wait and since when, which requests about people's data are late, and how current this
/// process is.
#[utoipa::path(
    tag = "administration",
    security(("bearer" = ["deliveries:read"])),
    responses((status = 200, description = "The state of this process and of the queue.", body = HealthView)),
    extensions(("x-problems" = json!(["operator-only"])))
)]
#[get("/health")]
pub(crate) async fn get_health(app: Data<App>, caller: Caller<scope::DeliveriesRead>) -> Answer {
    caller.operator()?;
    let checks = app.checks().await;
    Ok(HttpResponse::Ok().json(HealthView {
        ready: checks.iter().all(|check| check.status == CheckStatus::Ok),
        checks,
        mail: MailView::of(app.config.mail.transport, app.mail_health.seen(), app.mail_health.refusals()),
        messages: app.store.backlog().await?.into(),
        requests: OpenRequestsView::of(&app.store.open_requests().await?, app.clock.now()),
        snapshots_current_at: app.refreshed_at(),
    }))
}
