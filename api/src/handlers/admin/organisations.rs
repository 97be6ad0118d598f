//! Organisations: the controllers of their supporters' data.

use super::organisation_document::{OrganisationContentView, OrganisationDocument};
use super::{expected, find_organisation, made, reach, slug};
use crate::app::App;
use crate::auth::{Caller, scope};
use crate::http::etag::{ETag, Precondition};
use crate::http::extract::{Json, Path};
use crate::http::page::{List, Page, PageQuery};
use crate::http::problem::Answer;
use crate::ids;
use crate::views::vocabulary;
use actix_web::web::Data;
use actix_web::{HttpResponse, HttpResponseBuilder, get, post, put};
use chrono::{DateTime, Utc};
use postbag_domain::{FieldErrors, Flaw, OrganisationContent, OrganisationStatus, Slug};
use postbag_persistence::{Reach, StoredOrganisation};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

/// An organisation as it is stored.
#[derive(Serialize, ToSchema)]
#[schema(examples(json!({
    "id": "01998f00-0000-7000-8000-000000000004", "slug": "harbour-cancer-trust", "status": "active", "name": "Harbour Cancer Trust",
    "charity_number": "0000001", "privacy_notice": { "url": "https://harbour.example.org/privacy", "version": "2026-05" },
    "contacts": [], "processors": [], "sending_domain": "letters.harbour.example.org",
    "preferences_url": null,
    "retention": { "message_days": 28, "failed_message_days": 84, "identity_days": 730, "client_days": 30 },
    "limits": { "each_client": null, "together": null, "networks": [] },
    "moderation": { "rules": [], "unwanted_words": [] }, "mails": [],
    "created_at": "2026-11-22T09:00:00Z", "updated_at": "2026-11-22T09:00:00Z"
})))]
pub(crate) struct AdminOrganisationView {
    id: Uuid,
    slug: String,
    #[schema(schema_with = vocabulary::organisation_status)]
    status: &'static str,
    #[serde(flatten)]
    content: OrganisationContentView,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
}

impl AdminOrganisationView {
    fn of(stored: &StoredOrganisation) -> Self {
        let organisation = &stored.organisation;
        Self {
            id: organisation.id.uuid(),
            slug: organisation.content.slug.to_string(),
            status: organisation.status.as_str(),
            content: OrganisationContentView::of(&organisation.content),
            created_at: stored.created_at,
            updated_at: stored.updated_at,
        }
    }

    /// The organisation with its tag.
    fn answer(mut response: HttpResponseBuilder, stored: &StoredOrganisation) -> HttpResponse {
        response.insert_header(ETag::of_revision(stored.revision).header()).json(Self::of(stored))
    }
}

/// Which organisations, and which page of them.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct OrganisationQuery {
    /// Only those in this status.
    #[param(value_type = Option<vocabulary::OrganisationStatusWord>, inline)]
    status: Option<OrganisationStatus>,
}

/// Organisations
///
/// Newest first; for a token of an organisation, itself alone.
#[utoipa::path(
    tag = "administration",
    params(OrganisationQuery, PageQuery),
    security(("bearer" = ["campaigns:read"])),
    responses((status = 200, description = "A page of organisations.", body = Page<AdminOrganisationView>)),
    extensions(("x-problems" = json!(["not-found"])))
)]
#[get("")]
pub(crate) async fn list_organisations(
    app: Data<App>,
    caller: Caller<scope::CampaignsRead>,
    list: List<OrganisationQuery>,
) -> Answer {
    let List { filter: query, paging } = list;
    let reach = reach(&app, &caller).await?;
    let found = app.store.organisations(reach, query.status, paging.stored()?).await?;
    Ok(paging.private(&paging.page(found).map(|stored| AdminOrganisationView::of(&stored))))
}

/// An organisation
///
/// With its `ETag`, which a change needs in `If-Match`.
#[utoipa::path(
    tag = "administration",
    params(("slug" = String, Path, description = "The organisation.", example = "harbour-cancer-trust")),
    security(("bearer" = ["campaigns:read"])),
    responses(
        (status = 200, description = "The organisation.", body = AdminOrganisationView,
         headers(("ETag" = String, description = "What a change needs in `If-Match`."))),
    )
)]
#[get("/{slug}")]
pub(crate) async fn get_organisation(
    app: Data<App>,
    caller: Caller<scope::CampaignsRead>,
    path: Path<String>,
) -> Answer {
    caller.reach(&path.0)?;
    let stored = find_organisation(&app, Reach::All, &path.0).await?;
    Ok(AdminOrganisationView::answer(HttpResponse::Ok(), &stored))
}

/// Create or change an organisation
///
/// The document as a whole; what a read answers can be changed and put back. A change needs the `ETag` of what it changes in
/// `If-Match`; the same document again changes nothing and needs none. What its live campaigns must have cannot be taken away. `sending_domain` is set and changed by the operator
/// only, and is another organisation's in no case.
#[utoipa::path(
    tag = "administration",
    params(
        ("slug" = String, Path, description = "The organisation.", example = "harbour-cancer-trust"),
        ("If-Match" = Option<String>, Header, description = "The `ETag` that the change is based on."),
    ),
    request_body = OrganisationDocument,
    security(("bearer" = ["organisations:write"])),
    responses(
        (status = 200, description = "Changed, or the same as before.", body = AdminOrganisationView,
         headers(("ETag" = String, description = "The organisation's tag."))),
        (status = 201, description = "Created.", body = AdminOrganisationView,
         headers(("ETag" = String, description = "The organisation's tag."))),
    ),
    extensions(("x-problems" = json!(["campaign-incomplete"])))
)]
#[put("/{slug}")]
pub(crate) async fn put_organisation(
    app: Data<App>,
    caller: Caller<scope::OrganisationsWrite>,
    path: Path<String>,
    precondition: Precondition,
    body: Json<OrganisationDocument>,
) -> Answer {
    caller.reach(&path.0)?;
    let slug = Slug::parse(&path.0).map_err(|flaw| FieldErrors::one("/slug", flaw))?;
    let current = app.store.organisation(Reach::All, slug.clone()).await?;
    let content = body.0.parse(&slug, current.as_ref())?;
    let changes = current.as_ref().is_some_and(|stored| stored.organisation.content != content);
    let expected = expected(&precondition, current.as_ref().map(|stored| stored.revision), changes)?;
    require_operator_for_sending_domain(&caller, current.as_ref(), &content)?;
    let now = app.clock.now();
    let stored = made(app.store.put_organisation(Reach::All, content, expected, now, ids::fresh).await?)?;
    app.refresh().await?;
    let response = if current.is_none() { HttpResponse::Created() } else { HttpResponse::Ok() };
    Ok(AdminOrganisationView::answer(response, &stored))
}

/// Letters leave in the name of the sending domain, so an organisation cannot give itself one (B20).
fn require_operator_for_sending_domain(
    caller: &Caller<scope::OrganisationsWrite>,
    current: Option<&StoredOrganisation>,
    content: &OrganisationContent,
) -> Answer<()> {
    let before = current.and_then(|stored| stored.organisation.content.sending_domain.as_ref());
    if caller.tenant().is_none() || before == content.sending_domain.as_ref() {
        return Ok(());
    }
    let flaw =
        Flaw::new("sending_domain_operator_only", "can be set and changed by the operator only: leave it as it is");
    Err(FieldErrors::one("/sending_domain", flaw).into())
}

/// Whether an organisation is to be active.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(examples(json!({ "to": "archived" })))]
pub(crate) struct TransitionOrganisation {
    #[schema(schema_with = vocabulary::organisation_status)]
    to: String,
}

/// Archive an organisation, or make it active again
///
/// For the operator. An archived organisation keeps everything it has: its campaigns that are closed stay readable, and its people
/// keep their rights. It starts nothing: no new campaigns, and none goes live. While a campaign of it is live or paused it cannot be
/// archived.
#[utoipa::path(
    tag = "administration",
    params(("slug" = String, Path, description = "The organisation.", example = "harbour-cancer-trust")),
    request_body = TransitionOrganisation,
    security(("bearer" = ["organisations:write"])),
    responses(
        (status = 200, description = "The organisation in its new status.", body = AdminOrganisationView,
         headers(("ETag" = String, description = "The organisation's tag."))),
    ),
    extensions(("x-problems" = json!(["operator-only", "transition-not-allowed"])))
)]
#[post("/{slug}/transitions")]
pub(crate) async fn transition_organisation(
    app: Data<App>,
    caller: Caller<scope::OrganisationsWrite>,
    path: Path<String>,
    body: Json<TransitionOrganisation>,
) -> Answer {
    caller.operator()?;
    let to = body.0.to.parse().map_err(|flaw| FieldErrors::one("/to", flaw))?;
    let now = app.clock.now();
    let stored = made(app.store.transition_organisation(slug(&path.0)?, to, now).await?)?;
    app.refresh().await?;
    Ok(AdminOrganisationView::answer(HttpResponse::Ok(), &stored))
}
