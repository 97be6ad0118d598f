//! Whether the process lives, and whether it can do its work (A23).

use crate::app::state::State;
use actix_web::http::StatusCode;
use actix_web::{HttpResponse, get, web};
use serde::Serialize;
use std::future::Future;
use std::pin::Pin;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use utoipa::ToSchema;

/// How long one check may take.
const PATIENCE: Duration = Duration::from_secs(2);

/// The outcome of one check; the reason is for the log.
pub type Checking<'a> = Pin<Box<dyn Future<Output = Result<(), String>> + Send + 'a>>;

/// Something that must be well for this process to do its work.
pub trait Probe: Send + Sync {
    /// Its name, in the answer.
    fn name(&self) -> &'static str;

    /// Looks at it now.
    fn check(&self) -> Checking<'_>;
}

/// What must be well, and whether the process is on its way out.
#[derive(Default)]
pub struct Health {
    draining: AtomicBool,
    probes: OnceLock<Vec<Box<dyn Probe>>>,
}

impl std::fmt::Debug for Health {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Health").field("draining", &self.draining).finish_non_exhaustive()
    }
}

impl Health {
    /// Names what must be well. Only the first call counts.
    pub fn watch(&self, probes: Vec<Box<dyn Probe>>) {
        let _ = self.probes.set(probes);
    }

    /// From now on not ready: the process is about to stop (C9).
    pub fn drain(&self) {
        self.draining.store(true, Ordering::SeqCst);
    }

    /// Every check, one after the other.
    pub(crate) async fn checks(&self) -> Vec<Check> {
        let mut checks = Vec::new();
        if self.draining.load(Ordering::SeqCst) {
            checks.push(Check { name: "running", status: CheckStatus::Failed });
        }
        for probe in self.probes.get().map(Vec::as_slice).unwrap_or_default() {
            checks.push(Check { name: probe.name(), status: status_of(probe.as_ref()).await });
        }
        checks
    }
}

async fn status_of(probe: &dyn Probe) -> CheckStatus {
    let outcome = tokio::time::timeout(PATIENCE, probe.check()).await;
    match outcome.unwrap_or_else(|_late| Err("no answer in time".to_owned())) {
        Ok(()) => CheckStatus::Ok,
        Err(reason) => {
            tracing::warn!(check = probe.name(), reason, "not ready");
            CheckStatus::Failed
        }
    }
}

/// Whether a check passed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum CheckStatus {
    /// It did.
    Ok,
    /// It did not; the log says why.
    Failed,
}

/// One check.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Check {
    /// What was looked at.
    #[schema(example = "database")]
    pub name: &'static str,
    /// Whether it is well.
    pub status: CheckStatus,
}

/// Whether the process can do its work.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(examples(json!({ "ready": true, "checks": [{ "name": "database", "status": "ok" }] })))]
pub struct Readiness {
    /// Everything is well.
    pub ready: bool,
    /// Each thing that was looked at.
    pub checks: Vec<Check>,
}

/// The process lives.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
#[schema(examples(json!({ "live": true })))]
pub struct Liveness {
    /// Always true: a dead process does not answer.
    pub live: bool,
}

/// Is the process alive?
///
/// For restarting a process that hangs. It looks at nothing but itself.
#[utoipa::path(tag = "health", responses((status = 200, description = "The process is alive.", body = Liveness)))]
#[get("/livez")]
pub(crate) async fn get_liveness() -> web::Json<Liveness> {
    web::Json(Liveness { live: true })
}

/// Can the process do its work?
///
/// For taking a server out of rotation: the database takes writes, the writers' queue has room, what is in memory is current, the folder
/// for letters takes files, and the process is not stopping. `GET /v1/admin/health` says more.
#[utoipa::path(tag = "health", responses(
    (status = 200, description = "Ready.", body = Readiness),
    (status = 503, description = "Not ready: `checks` says what is wrong.", body = Readiness),
))]
#[get("/readyz")]
pub(crate) async fn get_readiness(state: web::Data<State>) -> HttpResponse {
    let checks = state.health.checks().await;
    let ready = checks.iter().all(|check| check.status == CheckStatus::Ok);
    let status = if ready { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    HttpResponse::build(status).json(Readiness { ready, checks })
}
