//! What a supporter says against a decision on their submission.

use super::actions::ActionView;
use crate::app::App;
use crate::auth::Bearer;
use crate::http::extract::{Json, Path};
use crate::http::limits::{Appeals, Within};
use crate::http::problem::{Answer, Problem};
use actix_web::http::header;
use actix_web::web::Data;
use actix_web::{HttpResponse, post};
use postbag_domain::text::{self, Limit};
use postbag_domain::{ActionId, FieldErrors};
use serde::Deserialize;
use utoipa::ToSchema;
use uuid::Uuid;

/// Why a submission should be sent.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(examples(json!({ "words": "The link is to my own page about my mother." })))]
pub(crate) struct Appeal {
    #[schema(min_length = 1, max_length = 2000)]
    words: String,
}

/// Appeal against a decision
///
/// With the `receipt_token`. The submission is looked at again, by a person who reads the words; a second appeal takes the first one's place.
/// What was refused, or ended without a decision, can be appealed for two weeks.
#[utoipa::path(
    tag = "actions",
    params(("id" = String, Path, description = "The action.", format = "uuid")),
    request_body = Appeal,
    security(("receipt_token" = [])),
    responses((status = 200, description = "It is looked at again: the receipt.", body = ActionView)),
    extensions(("x-problems" = json!(["conflict", "quota-exceeded"])))
)]
#[post("/v1/actions/{id}/appeals")]
pub(crate) async fn appeal(
    _within: Within<Appeals>,
    app: Data<App>,
    id: Path<Uuid>,
    bearer: Bearer,
    body: Json<Appeal>,
) -> Answer {
    let id = ActionId::new(id.0);
    app.receipts.open(&id.to_string(), bearer.token()).ok_or_else(Bearer::refused)?;
    let words = text::prose(&body.0.words, Limit::of(2_000)).map_err(|flaw| FieldErrors::one("/words", flaw))?;
    let review = app.store.review(id).await?.ok_or_else(|| Problem::conflict("Nothing was decided against it."))?;
    let now = app.clock.now();
    let terms = app.review_terms(review.campaign_id);
    if !app.store.appeal(id, words, terms.due_at(now), now).await? {
        return Err(Problem::conflict("It is sent already, was taken back, or was decided more than two weeks ago."));
    }
    let view = ActionView::find(&app, id).await?;
    Ok(HttpResponse::Ok().insert_header((header::CACHE_CONTROL, "no-store")).json(view))
}
