//! How much of a message is the person's own: a hint while they write (B25). Nothing is stored.

use super::submission::parse_locale;
use crate::app::App;
use crate::http::extract::{Json, Path};
use crate::http::limits::{self, Within};
use crate::http::problem::Answer;
use crate::views::vocabulary;
use actix_web::web::Data;
use actix_web::{HttpResponse, post};
use postbag_domain::{Findings, Originality, PersonalMessage};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A message in the making.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(examples(json!({ "personal_message": "My mother waited eleven weeks.", "locale": "en" })))]
pub(crate) struct MeasureOriginality {
    personal_message: String,
    #[serde(default)]
    #[schema(schema_with = vocabulary::optional_locale)]
    locale: Option<String>,
}

/// How much of a message is the person's own.
#[derive(Serialize, ToSchema)]
#[schema(examples(json!({
    "sentences": 10, "own_sentences": 7, "similarity": 0.28, "hint": "7 of 10 sentences are yours."
})))]
pub(crate) struct OriginalityView {
    sentences: usize,
    /// Sentences that are not in the letter.
    own_sentences: usize,
    /// The share of the message that stands in the letter: 1 for the letter itself, 0 for words of one's own.
    #[schema(minimum = 0, maximum = 1)]
    similarity: f64,
    /// What to show beside the field, in the person's language.
    hint: String,
}

/// How much of a message is one’s own
///
/// Compares a message with the campaign's letter in the person's language. Offices give more weight to letters that say something of their
/// own. Nothing is stored; it counts as a look-up.
#[utoipa::path(
    tag = "actions",
    params(("slug" = String, Path, description = "The campaign.", example = "every-week-counts")),
    request_body = MeasureOriginality,
    responses((status = 200, description = "The measure.", body = OriginalityView)),
    extensions(("x-problems" = json!(["quota-exceeded"])))
)]
#[post("/originality")]
pub(crate) async fn measure_originality(
    _within: Within<limits::Targets>,
    app: Data<App>,
    slug: Path<String>,
    body: Json<MeasureOriginality>,
) -> Answer {
    let public = app.campaign(&slug.0)?;
    let mut findings = Findings::new();
    let default = public.live.campaign.content().default_locale;
    let locale = parse_locale(&mut findings, body.0.locale.as_deref(), default);
    let message = findings.check("/personal_message", PersonalMessage::parse(&body.0.personal_message));
    let (message, locale) = findings.finish(message.zip(locale))?;
    let measured = Originality::of(message.as_str(), public.letter(locale));
    let Originality { sentences, own_sentences, similarity } = measured;
    let view = OriginalityView { sentences, own_sentences, similarity, hint: measured.hint(locale) };
    Ok(HttpResponse::Ok().json(view))
}
