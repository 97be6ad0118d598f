//! Campaigns in every state.

use super::campaign_document::CampaignDocument;
use super::consent_questions::{NoticeVersionView, QuestionVersionView};
use super::templates::TemplateView;
use super::{edit, find_campaign, made, owner, reach, slug, tag};
use crate::auth::{Caller, scope};
use crate::etag::Precondition;
use crate::extract::{Json, Path, Query};
use crate::handlers::campaigns::AskView;
use crate::page::{self, Limit, Page};
use crate::postbag::Postbag;
use crate::problem::{Answer, Problem, ProblemError, ProblemType};
use crate::state::State;
use crate::vocabulary;
use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse, get, post, put};
use chrono::{DateTime, Utc};
use postbag_domain::{CampaignContent, CampaignFields, CampaignStatus, Coverage, FieldErrors};
use postbag_persistence::{CampaignEdit, CampaignFilter, Edited, Expected, ListedCampaign, StoredCampaign};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

/// A campaign with all that belongs to it.
#[derive(Serialize, ToSchema)]
#[schema(examples(json!({
    "id": "01998f00-0000-7000-8000-000000000005", "slug": "fair-care", "status": "draft",
    "organisation": "harbour-cancer-trust", "title": "Fair care", "nations": ["england"], "offices": ["mp"],
    "asks": [], "templates": [], "consent_questions": [], "objections": [],
    "missing": [{ "pointer": "/templates", "code": "template_missing", "detail": "there must be a letter to the office mp" }],
    "created_at": "2026-11-22T09:00:00Z", "updated_at": "2026-11-22T09:00:00Z"
})))]
pub(crate) struct AdminCampaignView {
    id: Uuid,
    slug: String,
    #[schema(schema_with = vocabulary::campaign_status)]
    status: &'static str,
    #[serde(flatten)]
    document: CampaignDocument,
    asks: Vec<AskView>,
    /// The newest template of each office and language.
    templates: Vec<TemplateView>,
    consent_questions: Vec<QuestionVersionView>,
    objections: Vec<NoticeVersionView>,
    /// What the campaign lacks before it can go live.
    missing: Vec<ProblemError>,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
}

impl AdminCampaignView {
    pub(super) fn of(stored: &StoredCampaign) -> Self {
        let content = stored.campaign.content();
        let organisation = stored.organisation.content.slug.as_str();
        Self {
            id: stored.campaign.id().uuid(),
            slug: content.slug.to_string(),
            status: stored.campaign.status().as_str(),
            document: CampaignDocument::of(CampaignFields::from(content.clone()), organisation),
            asks: stored.asks.iter().map(AskView::of).collect(),
            templates: stored.templates.iter().map(TemplateView::of).collect(),
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

/// Which campaigns, and which page of them.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct AdminCampaignQuery {
    /// Only those in this status.
    #[param(schema_with = vocabulary::campaign_status, required = false)]
    status: Option<CampaignStatus>,
    /// How many items a page holds.
    #[serde(default)]
    #[param(value_type = Option<u8>, minimum = 1, maximum = 100)]
    limit: Limit,
    /// `next_cursor` of the page before.
    cursor: Option<String>,
}

/// Campaigns in every state
///
/// Newest first.
#[utoipa::path(
    tag = "administration",
    params(AdminCampaignQuery),
    security(("bearer" = ["campaigns:read"])),
    responses((status = 200, description = "A page of campaigns.", body = Page<ListedCampaignView>)),
    extensions(("x-problems" = json!(["not-found"])))
)]
#[get("/v1/admin/campaigns")]
pub(crate) async fn list_admin_campaigns(
    request: HttpRequest,
    postbag: Data<Postbag>,
    caller: Caller<scope::CampaignsRead>,
    query: Query<AdminCampaignQuery>,
) -> Answer {
    let Query(query) = query;
    let reach = reach(&postbag, &caller).await?;
    let cursors = &State::of(&request).cursors;
    let list = format!("admin/campaigns/{reach:?}/{:?}", query.status);
    let wanted = page::request(query.limit, cursors, &list, query.cursor.as_deref())?;
    let found = postbag.store.campaigns(reach, CampaignFilter { status: query.status }, wanted).await?;
    let page = Page::stored(found.map(ListedCampaignView::from), cursors, &list);
    Ok(HttpResponse::Ok().insert_header(page.links(&request)).json(page))
}

/// A campaign in every state
///
/// With all that belongs to it, and what it still lacks.
#[utoipa::path(
    tag = "administration",
    params(("slug" = String, Path, description = "The campaign.", example = "every-week-counts")),
    security(("bearer" = ["campaigns:read"])),
    responses((status = 200, description = "The campaign.", body = AdminCampaignView))
)]
#[get("/v1/admin/campaigns/{slug}")]
pub(crate) async fn get_admin_campaign(
    postbag: Data<Postbag>,
    caller: Caller<scope::CampaignsRead>,
    path: Path<String>,
) -> Answer {
    let reach = reach(&postbag, &caller).await?;
    let stored = find_campaign(&postbag, reach, slug(&path.0)?).await?;
    Ok(AdminCampaignView::answer(&stored))
}

/// Create or change a campaign
///
/// Its terms as a whole, so that a CMS can be the source of truth. A new campaign is a draft. A change needs the `ETag` of what it
/// changes in `If-Match`; the same document again changes nothing and needs none. What a live campaign must have cannot be taken
/// away.
#[utoipa::path(
    tag = "administration",
    params(
        ("slug" = String, Path, description = "The campaign.", example = "every-week-counts"),
        ("If-Match" = Option<String>, Header, description = "The `ETag` that the change is based on."),
    ),
    request_body = CampaignDocument,
    security(("bearer" = ["campaigns:write"])),
    responses(
        (status = 200, description = "Changed, or the same as before.", body = AdminCampaignView),
        (status = 201, description = "Created.", body = AdminCampaignView),
    ),
    extensions(("x-problems" = json!(["campaign-incomplete", "conflict"])))
)]
#[put("/v1/admin/campaigns/{slug}")]
pub(crate) async fn put_campaign(
    request: HttpRequest,
    postbag: Data<Postbag>,
    caller: Caller<scope::CampaignsWrite>,
    path: Path<String>,
    precondition: Precondition,
    body: Json<CampaignDocument>,
) -> Answer {
    let reach = reach(&postbag, &caller).await?;
    let owner = owner(&postbag, reach, body.0.organisation.as_deref()).await?;
    let content = CampaignContent::new(body.0.fields(&path.0))?;
    let current = postbag.store.campaign(reach, content.slug.clone()).await?;
    let edit = CampaignEdit {
        reach,
        slug: content.slug.clone(),
        expected: expected(&precondition, current.as_ref(), &content)?,
        now: State::of(&request).clock.now(),
        fresh: Uuid::now_v7,
    };
    let changed = postbag.store.put_campaign(edit, owner, content).await?;
    let is_new = matches!(changed, Edited::Created(_));
    let stored = made(changed)?;
    postbag.refresh().await?;
    let mut response = if is_new { HttpResponse::Created() } else { HttpResponse::Ok() };
    Ok(response.insert_header(tag(&stored).header()).json(AdminCampaignView::of(&stored)))
}

/// What the caller has seen, which the store then holds the change against.
fn expected(
    precondition: &Precondition,
    current: Option<&StoredCampaign>,
    content: &CampaignContent,
) -> Answer<Expected> {
    match current {
        None => precondition.require_absent().map(|()| Expected::Nothing),
        Some(stored) => {
            super::require_seen(precondition, stored, stored.campaign.content() != content)?;
            Ok(Expected::Revision(stored.revision))
        }
    }
}

/// Where a campaign is to go in its life.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(examples(json!({ "to": "live" })))]
pub(crate) struct TransitionCampaign {
    #[schema(schema_with = vocabulary::campaign_status)]
    to: String,
}

/// A campaign in its new status.
#[derive(Serialize, ToSchema)]
pub(crate) struct TransitionView {
    #[serde(flatten)]
    campaign: AdminCampaignView,
    /// On going live: people for whom submissions would be refused.
    warnings: Vec<ProblemError>,
}

/// Move a campaign on in its life
///
/// draft → live ⇄ paused → closed → archived. Going live is refused with the list of everything that is missing, and if nobody could be
/// written to; `warnings` name people who would be refused. Pausing holds the letters that wait; they leave within five minutes of
/// resuming.
#[utoipa::path(
    tag = "administration",
    params(("slug" = String, Path, description = "The campaign.", example = "every-week-counts")),
    request_body = TransitionCampaign,
    security(("bearer" = ["campaigns:write"])),
    responses((status = 200, description = "The campaign in its new status.", body = TransitionView)),
    extensions(("x-problems" = json!(["campaign-incomplete", "transition-not-allowed", "precondition-failed"])))
)]
#[post("/v1/admin/campaigns/{slug}/transitions")]
pub(crate) async fn transition_campaign(
    request: HttpRequest,
    postbag: Data<Postbag>,
    caller: Caller<scope::CampaignsWrite>,
    path: Path<String>,
    body: Json<TransitionCampaign>,
) -> Answer {
    let to = body.0.to.parse().map_err(|flaw| FieldErrors::one("/to", flaw))?;
    let reach = reach(&postbag, &caller).await?;
    let stored = find_campaign(&postbag, reach, slug(&path.0)?).await?;
    let state = State::of(&request);
    let coverage = Coverage::of(stored.campaign.content(), &postbag.directory.load(), state.clock.today());
    if stored.campaign.status() == CampaignStatus::Draft && to == CampaignStatus::Live {
        require_reachable(&stored, &coverage)?;
    }
    let stored = made(postbag.store.transition_campaign(edit(state, reach, &stored), to).await?)?;
    postbag.refresh().await?;
    let warnings = if to == CampaignStatus::Live { coverage.warnings() } else { Vec::new() };
    let view = TransitionView {
        campaign: AdminCampaignView::of(&stored),
        warnings: warnings.into_iter().map(ProblemError::from).collect(),
    };
    Ok(HttpResponse::Ok().insert_header(tag(&stored).header()).json(view))
}

/// A campaign that nobody could be written to for would refuse every submission; everything else that is missing is told with it.
fn require_reachable(stored: &StoredCampaign, coverage: &Coverage) -> Answer<()> {
    let Some(nobody) = coverage.missing() else { return Ok(()) };
    let readiness = stored.readiness();
    let missing = readiness.missing().iter().cloned().chain([nobody]);
    Err(Problem::new(ProblemType::CampaignIncomplete).errors(missing.map(ProblemError::from)))
}
