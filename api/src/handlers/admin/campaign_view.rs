//! A campaign as administrators read it.

use super::campaign_document::OfficeRuleDocument;
use super::question_words::{NoticeVersionView, QuestionVersionView};
use super::tag;
use super::templates::TemplateView;
use crate::http::problem::ProblemError;
use crate::views::ask::AskView;
use crate::views::digest_rule::DigestRuleDocument;
use crate::views::moderation::ReviewTermsDocument;
use crate::views::submission_limits::SubmissionLimitsDocument;
use crate::views::vocabulary;
use actix_web::HttpResponse;
use chrono::{DateTime, Utc};
use postbag_domain::{CampaignContent, CampaignFields};
use postbag_persistence::{ListedCampaign, StoredCampaign};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

/// A campaign with all that belongs to it.
#[derive(Serialize, ToSchema)]
#[schema(examples(json!({
    "id": "01998f00-0000-7000-8000-000000000005", "slug": "fair-care", "status": "draft",
    "organisation": "harbour-cancer-trust", "title": "Fair care", "nations": ["england"], "offices": ["mp"],
    "office_rules": [], "confirmation": "email", "confirmation_url": null, "confirmation_waiver": null, "origins": ["https://www.example.org"], "default_locale": "en",
    "personal_message": "optional", "personal_message_limit": 2000, "after_uncertain": "retry",
    "when_seat_filled": "send_to_successor", "digest": null, "receipt_by_mail": false, "spread_hours": 0,
    "special_category_condition": "explicit_consent", "limits": { "each_client": null, "together": null, "networks": [] },
    "review": { "hours": 72, "then": "end" },
    "asks": [], "templates": [], "consent_questions": [], "objections": [],
    "missing": [{ "pointer": "/templates", "code": "template_missing", "detail": "there must be a letter to the office mp" }],
    "created_at": "2026-11-22T09:00:00Z", "updated_at": "2026-11-22T09:00:00Z"
})))]
pub(crate) struct AdminCampaignView {
    id: Uuid,
    slug: String,
    #[schema(schema_with = vocabulary::campaign_status)]
    status: &'static str,
    /// The organisation's slug.
    organisation: String,
    #[serde(flatten)]
    terms: CampaignTermsView,
    asks: Vec<AskView>,
    /// The newest template of each office and language.
    templates: Vec<TemplateView>,
    consent_questions: Vec<QuestionVersionView>,
    objections: Vec<NoticeVersionView>,
    /// Everything the campaign lacks before it can go live.
    missing: Vec<ProblemError>,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
}

impl AdminCampaignView {
    pub(super) fn of(stored: &StoredCampaign) -> Self {
        let content = stored.campaign.content();
        Self {
            id: stored.campaign.id().uuid(),
            slug: content.slug.to_string(),
            status: stored.campaign.status().as_str(),
            organisation: stored.organisation.content.slug.to_string(),
            terms: CampaignTermsView::of(content),
            asks: stored.asks.iter().map(AskView::of).collect(),
            templates: stored.templates.used.iter().map(TemplateView::of).collect(),
            consent_questions: stored.questions.asked.iter().map(QuestionVersionView::of).collect(),
            objections: stored.notices.shown.iter().map(NoticeVersionView::of).collect(),
            missing: stored.readiness().missing().iter().cloned().map(ProblemError::from).collect(),
            created_at: stored.created_at,
            updated_at: stored.updated_at,
        }
    }

    /// The campaign with its tag.
    pub(super) fn answer(stored: &StoredCampaign) -> HttpResponse {
        HttpResponse::Ok().insert_header(tag(stored).header()).json(Self::of(stored))
    }
}

/// The terms of a campaign, with its defaults filled in.
#[derive(Serialize, ToSchema)]
pub(crate) struct CampaignTermsView {
    title: String,
    summary: Option<String>,
    problem: Option<String>,
    /// Without the `#`.
    hashtag: Option<String>,
    opens_at: Option<DateTime<Utc>>,
    closes_at: Option<DateTime<Utc>>,
    #[schema(schema_with = vocabulary::nations)]
    nations: Vec<String>,
    #[schema(schema_with = vocabulary::offices)]
    offices: Vec<String>,
    office_rules: Vec<OfficeRuleDocument>,
    #[schema(schema_with = vocabulary::optional_area_kind)]
    body_kind: Option<String>,
    call_to_action: Option<String>,
    estimated_minutes: Option<u32>,
    goal: Option<u32>,
    #[schema(schema_with = vocabulary::confirmation)]
    confirmation: String,
    confirmation_url: Option<String>,
    confirmation_waiver: Option<String>,
    topic: Option<String>,
    origins: Vec<String>,
    #[schema(schema_with = vocabulary::locale)]
    default_locale: String,
    #[schema(schema_with = vocabulary::personal_message_rule)]
    personal_message: String,
    personal_message_limit: u32,
    #[schema(schema_with = vocabulary::after_uncertain)]
    after_uncertain: String,
    #[schema(schema_with = vocabulary::when_seat_filled)]
    when_seat_filled: String,
    digest: Option<DigestRuleDocument>,
    receipt_by_mail: bool,
    spread_hours: u32,
    #[schema(schema_with = vocabulary::optional_special_category_condition)]
    special_category_condition: Option<String>,
    limits: SubmissionLimitsDocument,
    review: ReviewTermsDocument,
    #[schema(schema_with = vocabulary::challenge_rule)]
    challenge: String,
}

impl CampaignTermsView {
    fn of(content: &CampaignContent) -> Self {
        let fields = CampaignFields::from(content.clone());
        Self {
            title: fields.title,
            summary: fields.summary,
            problem: fields.problem,
            hashtag: fields.hashtag,
            opens_at: fields.opens_at,
            closes_at: fields.closes_at,
            nations: fields.nations,
            offices: fields.offices,
            office_rules: fields.office_rules.into_iter().map(Into::into).collect(),
            body_kind: fields.body_kind,
            call_to_action: fields.call_to_action,
            estimated_minutes: fields.estimated_minutes,
            goal: fields.goal,
            confirmation: fields.confirmation,
            confirmation_url: fields.confirmation_url,
            confirmation_waiver: fields.confirmation_waiver,
            topic: fields.topic,
            origins: fields.origins,
            default_locale: fields.default_locale,
            personal_message: fields.personal_message,
            personal_message_limit: content.personal_message_limit,
            after_uncertain: fields.after_uncertain,
            when_seat_filled: fields.when_seat_filled,
            digest: fields.digest.map(Into::into),
            receipt_by_mail: fields.receipt_by_mail,
            spread_hours: fields.spread_hours,
            special_category_condition: fields.special_category_condition,
            limits: fields.limits.into(),
            review: fields.review.into(),
            challenge: fields.challenge,
        }
    }
}

/// A campaign in a list.
#[derive(Clone, Serialize, ToSchema)]
#[schema(examples(json!({
    "id": "01998f00-0000-7000-8000-000000000005", "slug": "fair-care", "title": "Fair care", "status": "draft",
    "created_at": "2026-11-22T09:00:00Z", "updated_at": "2026-11-22T09:00:00Z"
})))]
pub(crate) struct ListedCampaignView {
    id: Uuid,
    slug: String,
    title: String,
    #[schema(schema_with = vocabulary::campaign_status)]
    status: &'static str,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
}

impl From<ListedCampaign> for ListedCampaignView {
    fn from(listed: ListedCampaign) -> Self {
        let content = listed.campaign.content();
        Self {
            id: listed.campaign.id().uuid(),
            slug: content.slug.to_string(),
            title: content.title.clone(),
            status: listed.campaign.status().as_str(),
            created_at: listed.created_at,
            updated_at: listed.updated_at,
        }
    }
}
