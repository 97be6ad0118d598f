//! The finished letters, before anything is sent. Nothing is stored.

use super::actions::{ConsentFields, ObjectionFields, SkippedView, SourceFields};
use super::submission::{AreaChoiceFields, parse_area_choices, parse_locale, parse_targets};
use super::supporter::SupporterFields;
use crate::extract::{Json, Path};
use crate::postbag::Postbag;
use crate::problem::Answer;
use crate::state::State;
use crate::vocabulary;
use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse, post};
use postbag_domain::{AreaChoices, FieldErrors, Findings, Locale, Preview, RepresentativeId, SupporterWords};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

/// What a form knows before it submits. It may send the document that it will submit: what is no part of a letter changes none.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "a submission's other fields are checked for their shape, and no letter shows them")]
#[schema(examples(json!({
    "supporter": {
        "title": "Ms", "first_name": "Ada", "last_name": "Ashgrove", "email": "ada@example.org",
        "address": { "line1": "1 Harbour Street", "town": "Alderwick", "postcode": "ZA1 1AA" } },
    "personal_message": "My mother waited eleven weeks."
})))]
pub(crate) struct PreviewMessages {
    #[serde(default)]
    #[schema(required)]
    supporter: SupporterFields,
    personal_message: Option<String>,
    /// Only these of the person's representatives; all of them when absent. Where an office's rule is `choice`, it names those of
    /// its holders to write to.
    target_ids: Option<Vec<Uuid>>,
    /// Which area the person lives in, by kind, where the postcode straddles several.
    #[serde(default)]
    #[schema(value_type = std::collections::BTreeMap<String, String>)]
    area_choices: AreaChoiceFields,
    #[schema(schema_with = vocabulary::optional_locale)]
    locale: Option<String>,
    #[serde(default)]
    consents: Vec<ConsentFields>,
    #[serde(default)]
    objections: Vec<ObjectionFields>,
    #[serde(default)]
    source: SourceFields,
    #[serde(default)]
    test: bool,
}

impl PreviewMessages {
    fn parse(&self, default_locale: Locale) -> Result<Draft, FieldErrors> {
        let mut findings = Findings::new();
        let locale = parse_locale(&mut findings, self.locale.as_deref(), default_locale);
        let words = self.supporter.parse(&mut findings, self.personal_message.as_deref(), locale);
        let choices = parse_area_choices(&mut findings, &self.area_choices);
        let targets = parse_targets(&mut findings, self.target_ids.as_deref());
        findings.finish(words.zip(choices).zip(targets).map(|((words, choices), targets)| Draft {
            words,
            choices,
            targets,
        }))
    }
}

/// What a form knows, each field of it well-formed.
struct Draft {
    words: SupporterWords,
    choices: AreaChoices,
    targets: Option<Vec<RepresentativeId>>,
}

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
/// What is shown is what is sent: the same function makes both. Nothing is stored.
#[utoipa::path(
    tag = "actions",
    params(("slug" = String, Path, description = "The campaign.", example = "fair-care")),
    request_body = PreviewMessages,
    responses((status = 200, description = "The letters.", body = PreviewsView)),
    extensions(("x-problems" = json!(["postcode-unknown", "postcode-terminated", "postcode-without-location", "postcode-large-user", "postcode-crown-dependency", "postcode-bfpo", "postcode-overseas", "area-choice-wrong", "area-choice-needed", "outside-nations", "directory-empty", "no-reachable-representative", "letter-not-composed"])))
)]
#[post("/v1/campaigns/{slug}/previews")]
pub(crate) async fn preview_messages(
    request: HttpRequest,
    postbag: Data<Postbag>,
    slug: Path<String>,
    body: Json<PreviewMessages>,
) -> Answer {
    let Json(draft) = body;
    let public = postbag.campaign(&slug.0)?;
    let Draft { words, choices, targets } = draft.parse(public.live.campaign.content().default_locale)?;
    let day = State::of(&request).clock.today();
    let directory = postbag.directory.load();
    let place = postbag.place(&directory, words.address.postcode(), &choices, day).await?;
    let written = postbag.tallies.written(public.live.campaign.id());
    let previews = public.live.preview(&words, targets.as_deref(), &place, &directory, &written, day)?;
    let messages = previews.letters.into_iter().map(LetterView::from).collect();
    let skipped = previews.skipped.iter().map(SkippedView::from).collect();
    Ok(HttpResponse::Ok().json(PreviewsView { messages, skipped }))
}
