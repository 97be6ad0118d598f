//! The texts of a campaign's letters, by office and language, in versions that never change.

use super::{edit, find_campaign, made, reach, slug};
use crate::auth::{Caller, scope};
use crate::extract::{Json, Path};
use crate::postbag::Postbag;
use crate::problem::{Answer, Problem};
use crate::state::State;
use crate::vocabulary;
use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse, post};
use postbag_domain::{FieldErrors, Findings, Locale, Office, TemplateSource, TemplateVersion};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

/// A new version of a template.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(examples(json!({
    "office": null, "locale": "en", "subject": "Waiting in {{ area.name }}",
    "body": "Dear {{ representative.salutation }},\n\n{{ personal_message }}\n\nPlease write to the {{ body.name }}.\n\n\
             {{ supporter.name }}\n{{ supporter.address }}"
})))]
pub(crate) struct AddTemplateVersion {
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
}

impl AddTemplateVersion {
    pub(crate) fn parse(&self) -> Result<TemplateSource, FieldErrors> {
        let mut findings = Findings::new();
        let office = findings.check_optional("/office", self.office.as_deref(), str::parse::<Office>);
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
/// For an office or for all, in one language. It must render against sample data for every office it covers. The text that is
/// already the newest version is answered as it stands, so a retry adds nothing.
#[utoipa::path(
    tag = "administration",
    params(("slug" = String, Path, description = "The campaign.", example = "fair-care")),
    request_body = AddTemplateVersion,
    security(("bearer" = ["campaigns:write"])),
    responses((status = 201, description = "The version.", body = TemplateView)),
    extensions(("x-problems" = json!(["precondition-failed"])))
)]
#[post("/v1/admin/campaigns/{slug}/templates")]
pub(crate) async fn add_template_version(
    request: HttpRequest,
    postbag: Data<Postbag>,
    caller: Caller<scope::CampaignsWrite>,
    path: Path<String>,
    body: Json<AddTemplateVersion>,
) -> Answer {
    let source = body.0.parse()?;
    let reach = reach(&postbag, &caller).await?;
    let mut stored = find_campaign(&postbag, reach, slug(&path.0)?).await?;
    if !stored.templates.iter().any(|template| template.source == source) {
        let edit = edit(State::of(&request), reach, &stored);
        stored = made(postbag.store.add_template_version(edit, source.clone()).await?)?;
        postbag.refresh().await?;
    }
    let added = stored.templates.iter().find(|template| template.source == source);
    let added =
        added.ok_or_else(|| Problem::internal(anyhow::anyhow!("the template is not there after it was added")))?;
    Ok(HttpResponse::Created().json(TemplateView::of(added)))
}
