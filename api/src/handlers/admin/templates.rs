//! The texts of a campaign's letters, by office and language, in versions that never change.

use super::{edit, find_campaign, made, reach, slug, tag};
use crate::app::App;
use crate::auth::{Caller, scope};
use crate::handlers::replay::replayed;
use crate::http::etag::ETag;
use crate::http::extract::{Json, OptionalIdempotencyKey, Path};
use crate::http::problem::Answer;
use crate::views::vocabulary;
use actix_web::http::StatusCode;
use actix_web::web::Data;
use actix_web::{HttpResponse, post};
use postbag_domain::{FieldErrors, Findings, Flaw, Locale, Office, TemplateSource, TemplateVersion};
use postbag_persistence::Keep;
use serde::de::IgnoredAny;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;
use uuid::Uuid;

/// A template: its newest version, or the next.
#[derive(Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(examples(json!({
    "office": null, "locale": "en", "subject": "Waiting in {{ area.name }}",
    "body": "Dear {{ representative.salutation }},\n\n{{ personal_message }}\n\nPlease write to the {{ body.name }}.\n\n\
             {{ supporter.name }}\n{{ supporter.address }}"
})))]
pub(crate) struct TemplateDocument {
    /// The office it is for; `null` for every office that has none of its own.
    #[serde(default)]
    #[schema(schema_with = vocabulary::optional_office)]
    office: Option<String>,
    #[schema(schema_with = vocabulary::locale)]
    locale: String,
    /// One line, as a template.
    subject: String,
    /// Plain text, as a template.
    body: String,
    #[serde(default, skip_serializing)]
    #[schema(read_only, value_type = Option<Uuid>)]
    #[expect(dead_code, reason = "allowed, so that an answer can be sent back")]
    id: Option<IgnoredAny>,
    #[serde(default, skip_serializing)]
    #[schema(read_only, value_type = Option<i32>)]
    #[expect(dead_code, reason = "allowed, so that an answer can be sent back")]
    version: Option<IgnoredAny>,
}

/// The texts of a whole list, each office and language once; pointers are `/templates/N/…`.
pub(super) fn parse(templates: &[TemplateDocument]) -> Result<Vec<TemplateSource>, FieldErrors> {
    let mut findings = Findings::new();
    let mut sources: Vec<TemplateSource> = Vec::with_capacity(templates.len());
    for (index, template) in templates.iter().enumerate() {
        let pointer = format!("/templates/{index}");
        let parsed = template.parse().map_err(|errors| errors.under(&pointer));
        let Some(source) = findings.absorb(parsed) else { continue };
        if sources.iter().any(|before| before.place() == source.place()) {
            findings.note(
                pointer,
                Flaw::new("repeated", "must not stand in the list twice: one for an office and language"),
            );
        }
        sources.push(source);
    }
    findings.finish(Some(sources))
}

impl TemplateDocument {
    fn parse(&self) -> Result<TemplateSource, FieldErrors> {
        let mut findings = Findings::new();
        let office = findings.check_optional("/office", self.office.as_deref(), Office::parse_written_to);
        let locale = findings.check("/locale", self.locale.parse::<Locale>());
        let source = office.zip(locale).and_then(|(office, locale)| {
            findings.absorb(TemplateSource::new(office, locale, &self.subject, &self.body))
        });
        findings.finish(source)
    }
}

/// One version of a template.
#[derive(Serialize, ToSchema)]
#[schema(examples(json!({
    "id": "01998f00-0000-7000-8000-000000000007", "version": 1, "office": null, "locale": "en",
    "subject": "Waiting in {{ area.name }}", "body": "Dear {{ representative.salutation }}, …"
})))]
pub(crate) struct TemplateView {
    id: Uuid,
    /// Counts up from 1 for each office and language.
    version: i32,
    #[schema(schema_with = vocabulary::optional_office)]
    office: Option<&'static str>,
    #[schema(schema_with = vocabulary::locale)]
    locale: &'static str,
    subject: String,
    body: String,
}

impl TemplateView {
    pub(super) fn of(template: &TemplateVersion) -> Self {
        let source = &template.source;
        Self {
            id: template.id.uuid(),
            version: template.version,
            office: source.office().map(Office::as_str),
            locale: source.locale().as_str(),
            subject: source.subject().to_owned(),
            body: source.body().to_owned(),
        }
    }
}

/// Add a version of a template
///
/// For an office or for all, in one language. It must render against sample data for every office it covers.
///
/// Values: `supporter.first_name`, `supporter.name`, `supporter.address`, `representative.name`, `representative.salutation`,
/// `representative.office_title`, `area.name`, `body.name`, `asks`, `personal_message`, `campaign.title`, `organisation.name`. A
/// template chooses (`{% if personal_message %}`), repeats (`{% for ask in asks %}`) and prints (`{{ ask.text }}`); the filters are
/// upper, lower, title, capitalize, trim, length, first, last and default. The name, the address and the campaign are added to a
/// letter that does not show them.
///
/// What is the newest version already is answered as it stands; with an `Idempotency-Key` a retry is answered as the first call was.
#[utoipa::path(
    tag = "administration",
    params(
        ("slug" = String, Path, description = "The campaign.", example = "every-week-counts"),
        ("Idempotency-Key" = Option<String>, Header, description = "A fresh random key, the same for retries; kept for 48 hours."),
    ),
    request_body = TemplateDocument,
    security(("bearer" = ["campaigns:write"])),
    responses(
        (status = 201, description = "The version.", body = TemplateView,
         headers(("ETag" = String, description = "The campaign's tag, with the new version."))),
    ),
    extensions(("x-problems" = json!(["precondition-failed", "conflict"])))
)]
#[post("/templates")]
pub(crate) async fn add_template_version(
    app: Data<App>,
    caller: Caller<scope::CampaignsWrite>,
    path: Path<String>,
    key: OptionalIdempotencyKey,
    body: Json<TemplateDocument>,
) -> Answer {
    let reach = reach(&app, &caller).await?;
    let stored = find_campaign(&app, reach, slug(&path.0)?).await?;
    let edit = edit(&app, reach, &stored);
    let claim = key.0.map(|key| key.claim(format!("templates/{}", stored.campaign.id().uuid()), &body.0));
    if let Some(mut answer) = replayed(&app, claim.clone(), StatusCode::CREATED, edit.now).await? {
        let (name, value) = tag(&stored).header();
        answer.headers_mut().insert(name, value);
        return Ok(answer);
    }
    let keep = claim.map(|claim| Keep { claim, answer: view });
    let (added, revision) = made(app.store.add_template_version(edit, body.0.parse()?, keep).await?)?;
    app.refresh().await?;
    let tag = ETag::of_revision(revision);
    Ok(HttpResponse::Created().insert_header(tag.header()).json(TemplateView::of(&added)))
}

fn view(added: &TemplateVersion) -> Value {
    serde_json::to_value(TemplateView::of(added)).unwrap_or_default()
}
