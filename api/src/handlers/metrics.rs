//! What Prometheus reads.

use crate::app::App;
use crate::http::problem::{Answer, Problem};
use actix_web::web::Data;
use actix_web::{HttpResponse, get};

/// The version of the text format is a part of its media type.
const MEDIA_TYPE: &str = "text/plain; version=0.0.4; charset=utf-8";

/// Metrics for Prometheus
///
/// Counts of this process since it started, and how things stand. What is about queues is of the whole database, so take the greatest over all
/// servers and not their sum. Nothing in it is about a person.
#[utoipa::path(tag = "health", responses(
    (status = 200, description = "Every metric, in Prometheus's text format.", body = String, content_type = "text/plain",
     example = "# TYPE postbag_intake_waiting gauge\npostbag_intake_waiting 0\n"),
))]
#[get("/metrics")]
pub(crate) async fn get_metrics(app: Data<App>) -> Answer {
    let text = app.scrape().await.map_err(Problem::internal)?;
    Ok(HttpResponse::Ok().content_type(MEDIA_TYPE).body(text))
}
