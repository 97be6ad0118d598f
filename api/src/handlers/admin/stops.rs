//! Stops of what is sent: everything, an organisation's, or what goes to a representative.

use super::{owner, reach};
use crate::app::App;
use crate::auth::{Caller, scope};
use crate::http::extract::{Json, Path};
use crate::http::page::{List, NoFilter, Page, PageQuery};
use crate::http::problem::{Answer, Problem};
use crate::ids;
use crate::views::vocabulary;
use actix_web::web::Data;
use actix_web::{HttpResponse, delete, get, post};
use chrono::{DateTime, Utc};
use postbag_domain::delivery::{Stop, StopScope, Stopped};
use postbag_domain::text::{self, Limit as Length};
use postbag_domain::{FieldErrors, Flaw, RepresentativeId, StopId};
use postbag_persistence::{Actor, Reach};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

/// What to stop, and why.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(examples(json!({ "scope": "organisation", "organisation": "harbour-cancer-trust", "note": "The letter names a wrong date." })))]
pub(crate) struct StopSending {
    #[schema(schema_with = vocabulary::stop_scope)]
    scope: String,
    /// For `organisation`: its slug; needed with an operator's token.
    #[serde(default)]
    organisation: Option<String>,
    /// For `representative`.
    #[serde(default)]
    representative_id: Option<Uuid>,
    /// Why, for other administrators.
    #[schema(max_length = 500)]
    note: String,
}

/// A stop.
#[derive(Clone, Serialize, ToSchema)]
#[schema(examples(json!({
    "id": "01998f00-0000-7000-8000-000000000031", "scope": "everything", "organisation_id": null, "representative_id": null,
    "note": "The letter names a wrong date.", "created_by": "ops", "created_at": "2026-11-22T09:00:00Z"
})))]
pub(crate) struct StopView {
    id: Uuid,
    #[schema(schema_with = vocabulary::stop_scope)]
    scope: &'static str,
    organisation_id: Option<Uuid>,
    representative_id: Option<Uuid>,
    note: String,
    /// The subject of the token that it was made with.
    created_by: String,
    created_at: DateTime<Utc>,
}

impl From<Stop> for StopView {
    fn from(stop: Stop) -> Self {
        let (organisation_id, representative_id) = match stop.stopped {
            Stopped::Everything => (None, None),
            Stopped::Organisation(id) => (Some(id.uuid()), None),
            Stopped::Representative(id) => (None, Some(id.uuid())),
        };
        Self {
            id: stop.id.uuid(),
            scope: stop.stopped.scope().as_str(),
            organisation_id,
            representative_id,
            note: stop.note,
            created_by: stop.created_by,
            created_at: stop.created_at,
        }
    }
}

/// Stops
///
/// Everything that is held back by hand, in the order of making. A campaign is paused by its status.
#[utoipa::path(
    tag = "administration",
    params(PageQuery),
    security(("bearer" = ["deliveries:read"])),
    responses((status = 200, description = "A page of stops: those within reach, and those that concern everybody.", body = Page<StopView>))
)]
#[get("")]
pub(crate) async fn list_stops(app: Data<App>, caller: Caller<scope::DeliveriesRead>, list: List<NoFilter>) -> Answer {
    let reach = reach(&app, &caller).await?;
    let is_seen = |stop: &Stop| match stop.stopped {
        Stopped::Organisation(id) => reach.covers(id),
        Stopped::Everything | Stopped::Representative(_) => true,
    };
    let stops = app.store.stops().await?.into_iter().filter(is_seen);
    let page = list.paging.cut(stops, |stop| (stop.created_at, stop.id))?;
    Ok(list.paging.private(&page.map(StopView::from)))
}

/// Stop what is sent
///
/// From the answer on, nothing that it concerns begins to be sent; what is being sent ends. Submissions are accepted, and wait. An
/// organisation's token stops the organisation's own; everything, and what goes to a representative, is the operator's to stop. Twice is as
/// good as once.
#[utoipa::path(
    tag = "administration",
    request_body = StopSending,
    security(("bearer" = ["deliveries:write"])),
    responses(
        (status = 200, description = "It was stopped before: that stop.", body = StopView),
        (status = 201, description = "Stopped.", body = StopView),
    ),
    extensions(("x-problems" = json!(["operator-only"])))
)]
#[post("")]
pub(crate) async fn stop_sending(
    app: Data<App>,
    caller: Caller<scope::DeliveriesWrite>,
    body: Json<StopSending>,
) -> Answer {
    let StopSending { scope, organisation, representative_id, note } = body.0;
    let scope = scope.parse().map_err(|flaw| FieldErrors::one("/scope", flaw))?;
    let note = text::line(&note, Length::of(500)).map_err(|flaw| FieldErrors::one("/note", flaw))?;
    let reach = reach(&app, &caller).await?;
    let stopped = match scope {
        StopScope::Organisation => Stopped::Organisation(owner(&app, reach, organisation.as_deref()).await?.id),
        StopScope::Everything => {
            caller.operator()?;
            Stopped::Everything
        }
        StopScope::Representative => {
            caller.operator()?;
            Stopped::Representative(known_representative(&app, representative_id)?)
        }
    };
    let (stop, is_new) = app.store.stop_sending(stopped, note, actor(&app, &caller)).await?;
    let mut response = if is_new { HttpResponse::Created() } else { HttpResponse::Ok() };
    Ok(response.json(StopView::from(stop)))
}

fn known_representative(app: &App, id: Option<Uuid>) -> Answer<RepresentativeId> {
    let id = id.map(RepresentativeId::new).filter(|id| app.directory.load().representative(*id).is_some());
    let flaw = Flaw::new("representative_unknown", "must be the id of a representative");
    id.ok_or_else(|| FieldErrors::one("/representative_id", flaw).into())
}

/// Let it be sent again
///
/// Lifts a stop. What it held back leaves as fast as caps and hours allow.
#[utoipa::path(
    tag = "administration",
    params(("id" = String, Path, description = "The stop.", format = "uuid")),
    security(("bearer" = ["deliveries:write"])),
    responses((status = 204, description = "Lifted."))
)]
#[delete("/{id}")]
pub(crate) async fn resume_sending(app: Data<App>, caller: Caller<scope::DeliveriesWrite>, path: Path<Uuid>) -> Answer {
    let reach: Reach = reach(&app, &caller).await?;
    if !app.store.resume_sending(reach, StopId::new(path.0), actor(&app, &caller)).await? {
        return Err(Problem::not_found());
    }
    Ok(HttpResponse::NoContent().finish())
}

/// Who does it, for the audit.
pub(super) fn actor<S>(app: &App, caller: &Caller<S>) -> Actor {
    Actor { name: caller.subject().to_owned(), now: app.clock.now(), fresh: ids::fresh }
}
