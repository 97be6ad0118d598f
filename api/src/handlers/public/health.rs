//! Whether the process lives, and whether it can do its work (A23): for load balancers and supervisors.

use crate::app::App;
use crate::app::health::{Check, CheckStatus};
use actix_web::http::StatusCode;
use actix_web::web::Data;
use actix_web::{HttpResponse, get, web};
use serde::Serialize;
use utoipa::ToSchema;

/// Whether the process can do its work.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(examples(json!({ "ready": true, "checks": [{ "name": "database", "status": "ok" }] })))]
pub(crate) struct Readiness {
    /// Everything is well.
    ready: bool,
    /// Each thing that was looked at.
    checks: Vec<Check>,
}

/// The process lives.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
#[schema(examples(json!({ "live": true })))]
pub(crate) struct Liveness {
    /// Always true: a dead process does not answer.
    live: bool,
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
pub(crate) async fn get_readiness(app: Data<App>) -> HttpResponse {
    let checks = app.checks().await;
    let ready = checks.iter().all(|check| check.status == CheckStatus::Ok);
    let status = if ready { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    HttpResponse::build(status).json(Readiness { ready, checks })
}
