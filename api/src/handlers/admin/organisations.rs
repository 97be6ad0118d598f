//! Organisations: the controllers of their supporters' data.

use super::organisation_document::OrganisationDocument;
use super::{made, slug};
use crate::auth::{Caller, scope};
use crate::etag::{ETag, Precondition};
use crate::extract::{Json, Path};
use crate::postbag::Postbag;
use crate::problem::{Answer, Problem};
use crate::state::State;
use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse, get, put};
use chrono::{DateTime, Utc};
use postbag_domain::{FieldErrors, Flaw, OrganisationContent};
use postbag_persistence::{Expected, Reach, StoredOrganisation};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

/// An organisation as it is stored.
#[derive(Serialize, ToSchema)]
#[schema(examples(json!({
    "id": "01998f00-0000-7000-8000-000000000004", "slug": "harbour-cancer-trust", "name": "Harbour Cancer Trust",
    "charity_number": "0000001", "privacy_notice": { "url": "https://harbour.example.org/privacy", "version": "2026-05" },
    "contacts": [], "sending_domain": "letters.harbour.example.org",
    "created_at": "2026-11-22T09:00:00Z", "updated_at": "2026-11-22T09:00:00Z"
})))]
pub(crate) struct AdminOrganisationView {
    id: Uuid,
    slug: String,
    #[serde(flatten)]
    document: OrganisationDocument,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
}

impl AdminOrganisationView {
    fn of(stored: &StoredOrganisation) -> Self {
        let organisation = &stored.organisation;
        Self {
            id: organisation.id.uuid(),
            slug: organisation.content.slug.to_string(),
            document: (&organisation.content).into(),
            created_at: stored.created_at,
            updated_at: stored.updated_at,
        }
    }
}

/// An organisation
///
/// With its `ETag`, which a change needs in `If-Match`.
#[utoipa::path(
    tag = "administration",
    params(("slug" = String, Path, description = "The organisation.", example = "harbour-cancer-trust")),
    security(("bearer" = ["campaigns:read"])),
    responses((status = 200, description = "The organisation.", body = AdminOrganisationView))
)]
#[get("/v1/admin/organisations/{slug}")]
pub(crate) async fn get_organisation(
    postbag: Data<Postbag>,
    caller: Caller<scope::CampaignsRead>,
    path: Path<String>,
) -> Answer {
    caller.reach(&path.0)?;
    let stored = postbag.store.organisation(Reach::All, slug(&path.0)?).await?.ok_or_else(Problem::not_found)?;
    Ok(HttpResponse::Ok()
        .insert_header(ETag::of_revision(stored.revision).header())
        .json(AdminOrganisationView::of(&stored)))
}

/// Create or change an organisation
///
/// The document as a whole. A change needs the `ETag` of what it changes in `If-Match`; the same document again changes nothing
/// and needs none. What its live campaigns must have cannot be taken away. `sending_domain` is set and changed by the operator
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
        (status = 200, description = "Changed, or the same as before.", body = AdminOrganisationView),
        (status = 201, description = "Created.", body = AdminOrganisationView),
    ),
    extensions(("x-problems" = json!(["campaign-incomplete"])))
)]
#[put("/v1/admin/organisations/{slug}")]
pub(crate) async fn put_organisation(
    request: HttpRequest,
    postbag: Data<Postbag>,
    caller: Caller<scope::OrganisationsWrite>,
    path: Path<String>,
    precondition: Precondition,
    body: Json<OrganisationDocument>,
) -> Answer {
    caller.reach(&path.0)?;
    let content = OrganisationContent::new(body.0.fields(&path.0))?;
    let current = postbag.store.organisation(Reach::All, content.slug.clone()).await?;
    let expected = expected(&precondition, current.as_ref(), &content)?;
    require_operator_for_sending_domain(&caller, current.as_ref(), &content)?;
    let now = State::of(&request).clock.now();
    let stored = made(postbag.store.put_organisation(Reach::All, content, expected, now, Uuid::now_v7).await?)?;
    postbag.refresh().await?;
    let mut response = if current.is_none() { HttpResponse::Created() } else { HttpResponse::Ok() };
    response.insert_header(ETag::of_revision(stored.revision).header());
    Ok(response.json(AdminOrganisationView::of(&stored)))
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

/// What the caller has seen, which the store then holds the change against.
fn expected(
    precondition: &Precondition,
    current: Option<&StoredOrganisation>,
    content: &OrganisationContent,
) -> Answer<Expected> {
    match current {
        None => precondition.require_absent().map(|()| Expected::Nothing),
        Some(stored) if stored.organisation.content == *content => Ok(Expected::Revision(stored.revision)),
        Some(stored) => {
            precondition.require(&ETag::of_revision(stored.revision)).map(|()| Expected::Revision(stored.revision))
        }
    }
}
