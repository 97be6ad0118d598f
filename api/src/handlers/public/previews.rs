//! The finished letters, before anything is sent. Nothing is stored.

use super::actions::{Draft, SubmitAction};
use super::supporter::at_postcode;
use crate::app::App;
use crate::http::extract::{Json, Path};
use crate::http::limits::{self, Within};
use crate::http::problem::Answer;
use crate::views::skipped::SkippedView;
use crate::views::vocabulary;
use actix_web::web::Data;
use actix_web::{HttpResponse, post};
use postbag_domain::Preview;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

/// The letters as they would be sent.
#[derive(Serialize, ToSchema)]
#[schema(examples(json!({
    "messages": [{ "representative_id": "01998f00-0000-7000-8000-000000000001", "name": "Una Jessamy", "office": "mp",
                   "locale": "en", "subject": "Waiting for treatment in Alderwick", "body": "Dear Una Jessamy,\n\n…" }],
    "skipped": []
})))]
pub(crate) struct PreviewsView {
    messages: Vec<LetterView>,
    /// Representatives that would not be written to, and why.
    skipped: Vec<SkippedView>,
}

/// One finished letter.
#[derive(Serialize, ToSchema)]
pub(crate) struct LetterView {
    #[schema(format = "uuid", value_type = String)]
    representative_id: Uuid,
    name: String,
    #[schema(schema_with = vocabulary::office)]
    office: &'static str,
    #[schema(schema_with = vocabulary::locale)]
    locale: &'static str,
    subject: String,
    /// Plain text.
    body: String,
}

impl From<Preview> for LetterView {
    fn from(Preview { addressee, letter }: Preview) -> Self {
        Self {
            representative_id: addressee.representative_id.uuid(),
            name: addressee.name,
            office: addressee.office.as_str(),
            locale: letter.locale.as_str(),
            subject: letter.subject,
            body: letter.body,
        }
    }
}

/// The finished letters
///
/// What is shown is what is sent: the same function makes both. Nothing is stored. It takes the document that is submitted next; what
/// is no part of a letter may be left out, and changes none.
#[utoipa::path(
    tag = "actions",
    params(("slug" = String, Path, description = "The campaign.", example = "every-week-counts")),
    request_body = SubmitAction,
    responses((status = 200, description = "The letters.", body = PreviewsView)),
    extensions(("x-problems" = json!(["postcode-unknown", "postcode-terminated", "postcode-without-location", "postcode-large-user", "postcode-crown-dependency", "postcode-bfpo", "postcode-overseas", "area-choice-wrong", "area-choice-needed", "outside-nations", "directory-empty", "no-reachable-representative", "letter-not-composed", "quota-exceeded"])))
)]
#[post("/previews")]
pub(crate) async fn preview_messages(
    _within: Within<limits::Targets>,
    app: Data<App>,
    slug: Path<String>,
    body: Json<SubmitAction>,
) -> Answer {
    let Json(submitted) = body;
    let public = app.campaign(&slug.0)?;
    let Draft { words, area_choices, target_ids } =
        submitted.parse_draft(public.live.campaign.content().default_locale)?;
    let day = app.clock.today();
    let directory = app.directory.load();
    let place = app.place(&directory, words.address.postcode(), &area_choices, day).await.map_err(at_postcode)?;
    let written = app.tallies.written(public.live.campaign.id());
    let previews = public.live.preview(&words, target_ids.as_deref(), &place, &directory, &written, day);
    let previews = previews.map_err(|refusal| at_postcode(refusal.into()))?;
    let messages = previews.letters.into_iter().map(LetterView::from).collect();
    let skipped = previews.skipped.iter().map(SkippedView::from).collect();
    Ok(HttpResponse::Ok().json(PreviewsView { messages, skipped }))
}
