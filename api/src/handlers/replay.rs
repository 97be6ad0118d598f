//! A key that was answered before is answered the same again (A2).

use crate::app::App;
use crate::http::problem::{Answer, ProblemType};
use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use chrono::{DateTime, Utc};
use postbag_persistence::{KeyClaim, Known};
use serde_json::Value;

/// The header of an answer that was given before.
pub(super) const REPLAYED: (&str, &str) = ("Idempotency-Replayed", "true");

/// The answer that a key was given before, with the tally at that time; a problem if the key belongs to another request.
pub(super) async fn answered_before(
    app: &App,
    claim: KeyClaim,
    now: DateTime<Utc>,
) -> Answer<Option<(Value, Option<i64>)>> {
    match app.store.find_key(claim, now).await? {
        None => Ok(None),
        Some(Known::Reused) => Err(ProblemType::IdempotencyKeyReused.into()),
        Some(Known::Answered { answer, tally_actions }) => Ok(Some((answer, tally_actions))),
    }
}

/// The same answer with the same status again, where a key came and was answered before.
pub(super) async fn replayed(
    app: &App,
    claim: Option<KeyClaim>,
    status: StatusCode,
    now: DateTime<Utc>,
) -> Answer<Option<HttpResponse>> {
    let Some(claim) = claim else { return Ok(None) };
    let before = answered_before(app, claim, now).await?;
    Ok(before.map(|(answer, _tally)| HttpResponse::build(status).insert_header(REPLAYED).json(answer)))
}
