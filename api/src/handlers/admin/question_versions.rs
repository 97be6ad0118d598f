//! The evidence behind consents: every wording that people answered.

use super::{find_campaign, find_organisation, reach, slug};
use crate::app::App;
use crate::auth::{Caller, scope};
use crate::http::extract::Path;
use crate::http::problem::{Answer, Problem};
use crate::views::vocabulary;
use actix_web::web::Data;
use actix_web::{HttpResponse, get};
use chrono::{DateTime, Utc};
use postbag_domain::{Channel, QuestionId};
use postbag_persistence::{Answered, AskedVersion, QuestionHome};
use serde::Serialize;
use std::collections::BTreeMap;
use utoipa::ToSchema;
use uuid::Uuid;

/// Every version of a question.
#[derive(Serialize, ToSchema)]
#[schema(examples(json!({
    "versions": [{
        "version": 1, "purpose": "campaign_news", "basis": "consent", "channels": ["email"],
        "wording": { "en": "May we tell you how this campaign goes on?" }, "created_at": "2026-11-22T09:00:00Z",
        "form": "/v1/campaigns/fair-care/form",
        "answered": [{ "locale": "en", "privacy_notice_version": "2026-05", "answers": 12,
                       "first_at": "2026-11-22T09:05:00Z", "last_at": "2026-11-23T17:00:00Z" }]
    }]
})))]
pub(crate) struct QuestionVersionsView {
    /// The first version first.
    versions: Vec<AskedVersionView>,
}

/// One version of a question, word for word.
#[derive(Serialize, ToSchema)]
struct AskedVersionView {
    version: i32,
    purpose: String,
    #[schema(schema_with = vocabulary::basis)]
    basis: &'static str,
    #[schema(schema_with = vocabulary::channels)]
    channels: Vec<&'static str>,
    /// The words shown, by language.
    wording: BTreeMap<&'static str, String>,
    /// The moment it was first asked.
    created_at: DateTime<Utc>,
    /// The form that asked it; `null` in a library, whose questions stand on several.
    form: Option<String>,
    /// Its answers, by the privacy notice and form that stood beside the question.
    answered: Vec<AnsweredView>,
}

/// Answers in one language, beside one version of the privacy notice.
#[derive(Serialize, ToSchema)]
struct AnsweredView {
    #[schema(schema_with = vocabulary::locale)]
    locale: &'static str,
    /// `null` for answers from before it was recorded.
    privacy_notice_version: Option<String>,
    /// How many answers, yes and no, each channel apart.
    answers: i64,
    first_at: DateTime<Utc>,
    last_at: DateTime<Utc>,
}

impl AskedVersionView {
    fn of(asked: AskedVersion, campaign: Option<&str>) -> Self {
        let wording = asked.wordings.iter().map(|(locale, text)| (locale.as_str(), text.to_owned())).collect();
        Self {
            version: asked.version,
            purpose: asked.purpose,
            basis: asked.basis.as_str(),
            channels: asked.channels.into_iter().map(Channel::as_str).collect(),
            wording,
            created_at: asked.created_at,
            form: campaign.map(|campaign| format!("/v1/campaigns/{campaign}/form")),
            answered: asked.answered.into_iter().map(AnsweredView::from).collect(),
        }
    }
}

impl From<Answered> for AnsweredView {
    fn from(answered: Answered) -> Self {
        Self {
            locale: answered.locale.as_str(),
            privacy_notice_version: answered.privacy_notice_version,
            answers: answered.answers,
            first_at: answered.first_at,
            last_at: answered.last_at,
        }
    }
}

/// Every wording of a question
///
/// What each answer was given to, word for word, also for questions that are not asked any more: an action names the question, the
/// version and the language.
#[utoipa::path(
    tag = "administration",
    params(
        ("slug" = String, Path, description = "The campaign.", example = "every-week-counts"),
        ("id" = String, Path, description = "The question.", format = "uuid"),
    ),
    security(("bearer" = ["campaigns:read"])),
    responses((status = 200, description = "The versions.", body = QuestionVersionsView))
)]
#[get("/consent-questions/{id}/versions")]
pub(crate) async fn list_question_versions(
    app: Data<App>,
    caller: Caller<scope::CampaignsRead>,
    path: Path<(String, Uuid)>,
) -> Answer {
    let (campaign, question) = path.0;
    let reach = reach(&app, &caller).await?;
    let stored = find_campaign(&app, reach, slug(&campaign)?).await?;
    let home = QuestionHome::Campaign(stored.campaign.id(), stored.organisation.id);
    versions(&app, home, question, Some(&campaign)).await
}

/// Every wording of a library's question
///
/// What each answer was given to, word for word, whichever campaign asked, and also where nobody asks it any more.
#[utoipa::path(
    tag = "administration",
    params(
        ("slug" = String, Path, description = "The organisation.", example = "harbour-cancer-trust"),
        ("id" = String, Path, description = "The question.", format = "uuid"),
    ),
    security(("bearer" = ["campaigns:read"])),
    responses((status = 200, description = "The versions.", body = QuestionVersionsView))
)]
#[get("/{slug}/consent-questions/{id}/versions")]
pub(crate) async fn list_library_question_versions(
    app: Data<App>,
    caller: Caller<scope::CampaignsRead>,
    path: Path<(String, Uuid)>,
) -> Answer {
    let (organisation, question) = path.0;
    let reach = reach(&app, &caller).await?;
    let stored = find_organisation(&app, reach, &organisation).await?;
    versions(&app, QuestionHome::Library(stored.organisation.id), question, None).await
}

async fn versions(app: &App, home: QuestionHome, question: Uuid, campaign: Option<&str>) -> Answer {
    let versions = app.store.question_versions(home, QuestionId::new(question)).await?;
    if versions.is_empty() {
        return Err(Problem::not_found());
    }
    let versions = versions.into_iter().map(|version| AskedVersionView::of(version, campaign)).collect();
    Ok(HttpResponse::Ok().json(QuestionVersionsView { versions }))
}
