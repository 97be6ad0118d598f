//! Campaigns in every state.

use super::campaign_document::{self, CampaignDocument, ParsedCampaign};
use super::campaign_view::{AdminCampaignView, ListedCampaignView};
use super::{edit, expected, find_campaign, made, owner, reach, require_seen, slug, tag};
use crate::app::App;
use crate::auth::{Caller, scope};
use crate::http::etag::Precondition;
use crate::http::extract::{Json, Path};
use crate::http::page::{List, Page, PageQuery};
use crate::http::problem::Answer;
use crate::ids;
use crate::views::vocabulary;
use actix_web::web::Data;
use actix_web::{HttpResponse, delete, get, put};
use postbag_domain::{Campaign, CampaignId, CampaignStatus, FieldErrors, Flaw, Slug};
use postbag_persistence::{CampaignChange, CampaignEdit, CampaignFilter, Edited, StoredCampaign};
use serde::Deserialize;
use utoipa::IntoParams;

/// Which campaigns, and which page of them.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct AdminCampaignQuery {
    /// Only those in this status.
    #[param(value_type = Option<vocabulary::CampaignStatusWord>, inline)]
    status: Option<CampaignStatus>,
}

/// Campaigns in every state
///
/// Newest first.
#[utoipa::path(
    tag = "administration",
    params(AdminCampaignQuery, PageQuery),
    security(("bearer" = ["campaigns:read"])),
    responses((status = 200, description = "A page of campaigns.", body = Page<ListedCampaignView>)),
    extensions(("x-problems" = json!(["not-found"])))
)]
#[get("/campaigns")]
pub(crate) async fn list_admin_campaigns(
    app: Data<App>,
    caller: Caller<scope::CampaignsRead>,
    list: List<AdminCampaignQuery>,
) -> Answer {
    let List { filter: query, paging } = list;
    let reach = reach(&app, &caller).await?;
    let found = app.store.campaigns(reach, CampaignFilter { status: query.status }, paging.stored()?).await?;
    Ok(paging.private(&paging.page(found).map(ListedCampaignView::from)))
}

/// A campaign in every state
///
/// With all that belongs to it, and what it still lacks. The answer can be changed and put back as it is.
#[utoipa::path(
    tag = "administration",
    params(("slug" = String, Path, description = "The campaign.", example = "every-week-counts")),
    security(("bearer" = ["campaigns:read"])),
    responses(
        (status = 200, description = "The campaign.", body = AdminCampaignView,
         headers(("ETag" = String, description = "What a change needs in `If-Match`."))),
    )
)]
#[get("")]
pub(crate) async fn get_admin_campaign(
    app: Data<App>,
    caller: Caller<scope::CampaignsRead>,
    path: Path<String>,
) -> Answer {
    let reach = reach(&app, &caller).await?;
    let stored = find_campaign(&app, reach, slug(&path.0)?).await?;
    Ok(AdminCampaignView::answer(&stored))
}

/// Create or change a campaign
///
/// As one document, so that a CMS can be the source of truth: what a read answers can be changed and put back. Its terms are
/// replaced as a whole; asks, templates, questions and notices are replaced where the document holds them. A new campaign is a
/// draft; a copy of another makes a new one. A change needs the `ETag` of what it changes in `If-Match`; the same document again
/// changes nothing and needs none. What a live campaign must have cannot be taken away.
#[utoipa::path(
    tag = "administration",
    params(
        ("slug" = String, Path, description = "The campaign.", example = "every-week-counts"),
        ("If-Match" = Option<String>, Header, description = "The `ETag` that the change is based on."),
    ),
    request_body = CampaignDocument,
    security(("bearer" = ["campaigns:write"])),
    responses(
        (status = 200, description = "Changed, or the same as before.", body = AdminCampaignView,
         headers(("ETag" = String, description = "The campaign's tag."))),
        (status = 201, description = "Created.", body = AdminCampaignView,
         headers(("ETag" = String, description = "The campaign's tag."))),
    ),
    extensions(("x-problems" = json!(["campaign-incomplete", "conflict"])))
)]
#[put("")]
pub(crate) async fn put_campaign(
    app: Data<App>,
    caller: Caller<scope::CampaignsWrite>,
    path: Path<String>,
    precondition: Precondition,
    body: Json<CampaignDocument>,
) -> Answer {
    let now = app.clock.now();
    let reach = reach(&app, &caller).await?;
    let slug = Slug::parse(&path.0).map_err(|flaw| FieldErrors::one("/slug", flaw))?;
    let current = app.store.campaign(reach, slug.clone()).await?;
    let organisation = match &current {
        Some(stored) => stored.organisation.clone(),
        None => owner(&app, reach, body.0.organisation.as_deref()).await?,
    };
    let library = app.store.library(organisation.id).await?;
    let ParsedCampaign { content, lists } = body.0.parse(&slug, current.as_ref(), &library)?;
    let draft = Campaign::draft(CampaignId::new(ids::fresh()), organisation.id, content);
    let revision = current.as_ref().map(|stored| stored.revision);
    let before = current.unwrap_or_else(|| StoredCampaign::of_draft(draft.clone(), organisation, now));
    let after = changed(&before, &draft, &lists);
    require_operator_for_waiver(&caller, &before, &after, revision.is_none())?;
    campaign_document::check_templates(&before, &after)?;
    let expected = expected(&precondition, revision, after != before)?;
    let edit = CampaignEdit { reach, slug, expected, now, fresh: ids::fresh };
    let edited = app.store.put_campaign(edit, draft, lists).await?;
    let is_new = matches!(edited, Edited::Created(_));
    let stored = made(edited)?;
    app.refresh().await?;
    let mut response = if is_new { HttpResponse::Created() } else { HttpResponse::Ok() };
    Ok(response.insert_header(tag(&stored).header()).json(AdminCampaignView::of(&stored)))
}

/// What lets letters leave in anybody's name is the operator's to say, in words (B16).
fn require_operator_for_waiver(
    caller: &Caller<scope::CampaignsWrite>,
    before: &StoredCampaign,
    after: &StoredCampaign,
    is_new: bool,
) -> Answer<()> {
    let waiver = |stored: &StoredCampaign| stored.campaign.content().confirmation_waiver.clone();
    let known = if is_new { None } else { waiver(before) };
    if caller.tenant().is_none() || known == waiver(after) || waiver(after).is_none() {
        return Ok(());
    }
    let flaw = Flaw::new("confirmation_waiver_operator_only", "can be set and changed by the operator only");
    Err(FieldErrors::one("/confirmation_waiver", flaw).into())
}

/// The campaign as it is to be.
fn changed(before: &StoredCampaign, draft: &Campaign, lists: &[CampaignChange]) -> StoredCampaign {
    let campaign = before.campaign.with_content(draft.content().clone());
    before.with(lists).with(&[CampaignChange::Campaign(Box::new(campaign))])
}

/// Delete a draft
///
/// With all that belongs to it; nobody has seen it, and its slug is free again. A campaign that was ever live keeps what people
/// read and answered: close it and archive it.
#[utoipa::path(
    tag = "administration",
    params(
        ("slug" = String, Path, description = "The campaign.", example = "every-week-counts"),
        ("If-Match" = Option<String>, Header, description = "The `ETag` of the draft."),
    ),
    security(("bearer" = ["campaigns:write"])),
    responses((status = 204, description = "It is deleted.")),
    extensions(("x-problems" = json!(["transition-not-allowed"])))
)]
#[delete("")]
pub(crate) async fn delete_campaign(
    app: Data<App>,
    caller: Caller<scope::CampaignsWrite>,
    path: Path<String>,
    precondition: Precondition,
) -> Answer {
    let reach = reach(&app, &caller).await?;
    let stored = find_campaign(&app, reach, slug(&path.0)?).await?;
    require_seen(&precondition, &stored, true)?;
    made(app.store.delete_draft(edit(&app, reach, &stored)).await?)?;
    app.refresh().await?;
    Ok(HttpResponse::NoContent().finish())
}
