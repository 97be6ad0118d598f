//! What people ask about their data, and complaints, with the clock that the law sets them (B9, B10).

use super::stops::actor;
use super::{owner, reach};
use crate::app::App;
use crate::auth::{Caller, scope};
use crate::http::extract::{Json, Path, calendar};
use crate::http::page::{List, Page, PageQuery};
use crate::http::problem::{Answer, Problem};
use crate::ids;
use crate::views::vocabulary;
use actix_web::web::Data;
use actix_web::{HttpResponse, get, post};
use chrono::{DateTime, Utc};
use postbag_domain::{
    EmailAddress, FieldErrors, Findings, Flaw, Means, OrganisationId, PauseReason, RequestCommand, RequestId,
    RequestKind, RequestStatus, RequestStep, RequestWords, RightsRequest, StaffNote, SupporterId,
};
use postbag_persistence::{Edited, Expected, NewRequest, RequestFilter, StoredRequest};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

/// A request about a person's data, or a complaint.
#[derive(Serialize, ToSchema)]
#[schema(examples(json!({
    "id": "01998f00-0000-7000-8000-000000000051", "organisation_id": "01998f00-0000-7000-8000-000000000001",
    "supporter_id": "01998f00-0000-7000-8000-000000000008", "kind": "access", "means": "email", "status": "paused",
    "contact": "ada@example.org", "words": "Please send me everything that you hold on me.",
    "note": "Asked for a copy of an identity card.", "recorded_by": "crm", "received_at": "2026-11-22T09:00:00Z",
    "acknowledged_at": "2026-11-23T09:00:00Z", "paused_at": "2026-11-23T09:00:00Z", "pause_reason": "identity",
    "due_at": "2026-12-24T00:00:00Z", "overdue": false, "closed_at": null
})))]
pub(crate) struct RequestView {
    id: Uuid,
    organisation_id: Uuid,
    /// The supporter with the address, if there is one; it is looked for within seconds.
    supporter_id: Option<Uuid>,
    #[schema(schema_with = vocabulary::request_kind)]
    kind: &'static str,
    #[schema(schema_with = vocabulary::means)]
    means: &'static str,
    #[schema(schema_with = vocabulary::request_status)]
    status: &'static str,
    /// Where to answer; `null` once the person was erased.
    contact: Option<String>,
    /// What the person wrote.
    words: Option<String>,
    /// The last note of staff.
    note: Option<String>,
    /// The subject of the token that it was recorded with; `null` for what people sent themselves.
    recorded_by: Option<String>,
    received_at: DateTime<Utc>,
    acknowledged_at: Option<DateTime<Utc>>,
    paused_at: Option<DateTime<Utc>>,
    #[schema(schema_with = vocabulary::optional_pause_reason)]
    pause_reason: Option<&'static str>,
    /// The moment by which to act: to answer, or to acknowledge a complaint. It moves on while the clock stands still. `null` once nothing is
    /// due any more.
    due_at: Option<DateTime<Utc>>,
    /// Whether that moment is over.
    overdue: bool,
    closed_at: Option<DateTime<Utc>>,
}

impl RequestView {
    fn of(stored: StoredRequest, now: DateTime<Utc>) -> Self {
        let request = stored.request;
        Self {
            id: stored.id.uuid(),
            organisation_id: stored.organisation_id.uuid(),
            supporter_id: stored.supporter_id.map(SupporterId::uuid),
            kind: request.kind.as_str(),
            means: stored.means.as_str(),
            status: request.status.as_str(),
            contact: stored.contact.map(|contact| contact.as_str().to_owned()),
            words: stored.words.map(|words| words.as_str().to_owned()),
            note: stored.note.map(|note| note.as_str().to_owned()),
            recorded_by: stored.recorded_by,
            received_at: request.received_at,
            acknowledged_at: request.acknowledged_at,
            paused_at: request.paused.map(|(since, _)| since),
            pause_reason: request.paused.map(|(_, reason)| reason.as_str()),
            due_at: request.due_at(now),
            overdue: request.is_overdue(now),
            closed_at: request.closed_at,
        }
    }
}

/// Which requests, and which page of them.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct RequestQuery {
    /// Only of this kind.
    #[param(value_type = Option<vocabulary::RequestKindWord>, inline)]
    kind: Option<RequestKind>,
    /// Only of this status.
    #[param(value_type = Option<vocabulary::RequestStatusWord>, inline)]
    status: Option<RequestStatus>,
    /// Only of this supporter.
    supporter: Option<Uuid>,
}

/// Requests about people’s data
///
/// Access, erasure, rectification and complaints, newest first, each with the moment by which to act.
#[utoipa::path(
    tag = "administration",
    params(RequestQuery, PageQuery),
    security(("bearer" = ["supporters:read"])),
    responses((status = 200, description = "A page of requests.", body = Page<RequestView>))
)]
#[get("")]
pub(crate) async fn list_requests(
    app: Data<App>,
    caller: Caller<scope::SupportersRead>,
    list: List<RequestQuery>,
) -> Answer {
    let List { filter: query, paging } = list;
    let reach = reach(&app, &caller).await?;
    let supporter_id = query.supporter.map(SupporterId::new);
    let filter = RequestFilter { kind: query.kind, status: query.status, supporter_id };
    let found = app.store.list_requests(reach, filter, paging.stored()?).await?;
    let now = app.clock.now();
    Ok(paging.private(&paging.page(found).map(|stored| RequestView::of(stored, now))))
}

/// A request about a person’s data
///
/// With what the person wrote, where to answer, and the moment by which to act.
#[utoipa::path(
    tag = "administration",
    params(("id" = String, Path, description = "The request.", format = "uuid")),
    security(("bearer" = ["supporters:read"])),
    responses((status = 200, description = "The request.", body = RequestView))
)]
#[get("/{id}")]
pub(crate) async fn get_request(app: Data<App>, caller: Caller<scope::SupportersRead>, path: Path<Uuid>) -> Answer {
    let reach = reach(&app, &caller).await?;
    let stored = app.store.request(reach, RequestId::new(path.0)).await?.ok_or_else(Problem::not_found)?;
    Ok(HttpResponse::Ok().json(RequestView::of(stored, app.clock.now())))
}

/// A request that reached the organisation outside this server.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(examples(json!({
    "kind": "access", "means": "post", "email": "ada@example.org", "received_at": "2026-11-22T09:00:00Z",
    "words": "Please send me everything that you hold on me."
})))]
pub(crate) struct RecordRequest {
    /// The organisation's slug: needed with an operator's token.
    #[serde(default)]
    organisation: Option<String>,
    #[schema(schema_with = vocabulary::request_kind)]
    kind: String,
    /// How it was made: any but `form` and `link`.
    #[schema(schema_with = vocabulary::means)]
    means: String,
    /// Where to answer the person.
    #[schema(format = "email")]
    email: String,
    /// The moment it reached the organisation, from which the clock runs; now if left out.
    #[serde(default, deserialize_with = "calendar::optional_time")]
    received_at: Option<DateTime<Utc>>,
    /// What the person wrote or said.
    #[serde(default)]
    #[schema(max_length = 5000)]
    words: Option<String>,
    /// A note for other staff.
    #[serde(default)]
    #[schema(max_length = 1000)]
    note: Option<String>,
}

impl RecordRequest {
    fn parse(&self, organisation_id: OrganisationId, now: DateTime<Utc>) -> Result<NewRequest, FieldErrors> {
        let mut findings = Findings::new();
        let kind = findings.check("/kind", self.kind.parse::<RequestKind>());
        let means = findings.check("/means", Means::parse_staffs(&self.means));
        let contact = findings.check("/email", EmailAddress::parse(&self.email));
        let received_at = self.received_at.unwrap_or(now);
        if received_at > now {
            findings.note("/received_at", Flaw::new("time_in_future", "must not lie in the future"));
        }
        let words = findings.check_optional("/words", self.words.as_deref(), RequestWords::parse);
        let note = findings.check_optional("/note", self.note.as_deref(), StaffNote::parse);
        let whole = kind.zip(means).zip(contact).zip(words).zip(note);
        findings.finish(whole.map(|((((kind, means), contact), words), note)| NewRequest {
            id: RequestId::new(ids::fresh()),
            organisation_id,
            request: RightsRequest::new(kind, received_at),
            means,
            contact,
            words,
            note,
        }))
    }
}

/// Record a request
///
/// For what people ask by telephone, by letter, by email or in person: its clock runs from `received_at`. The audit says who recorded it.
#[utoipa::path(
    tag = "administration",
    request_body = RecordRequest,
    security(("bearer" = ["supporters:write"])),
    responses((status = 201, description = "Recorded.", body = RequestView)),
    extensions(("x-problems" = json!(["not-found"])))
)]
#[post("")]
pub(crate) async fn record_request(
    app: Data<App>,
    caller: Caller<scope::SupportersWrite>,
    body: Json<RecordRequest>,
) -> Answer {
    let reach = reach(&app, &caller).await?;
    let organisation = owner(&app, reach, body.0.organisation.as_deref()).await?;
    let now = app.clock.now();
    let new = body.0.parse(organisation.id, now)?;
    let id = new.id;
    app.store.record_request(new, actor(&app, &caller)).await?;
    let stored = app.store.request(reach, id).await?.ok_or_else(Problem::not_found)?;
    Ok(HttpResponse::Created().json(RequestView::of(stored, now)))
}

/// What is done with a request.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(examples(json!({ "command": "pause", "reason": "identity", "note": "Asked for a copy of an identity card." })))]
pub(crate) struct StepRequest {
    #[schema(schema_with = vocabulary::request_command)]
    command: String,
    /// Why its clock stops; for `pause`.
    #[serde(default)]
    #[schema(schema_with = vocabulary::optional_pause_reason)]
    reason: Option<String>,
    /// A note for other staff, or what the person was answered.
    #[serde(default)]
    #[schema(max_length = 1000)]
    note: Option<String>,
}

impl StepRequest {
    fn parse(&self) -> Result<(RequestStep, Option<StaffNote>), FieldErrors> {
        let mut findings = Findings::new();
        let command = findings.check("/command", self.command.parse::<RequestCommand>());
        let reason = findings.check_optional("/reason", self.reason.as_deref(), str::parse::<PauseReason>);
        let note = findings.check_optional("/note", self.note.as_deref(), StaffNote::parse);
        let step = command
            .zip(reason)
            .and_then(|(command, reason)| findings.check("/reason", RequestStep::new(command, reason)));
        findings.finish(step.zip(note))
    }
}

/// Take a step with a request
///
/// Acknowledge it, stop and start its clock, answer or refuse it. A step that does not fit its status is refused. Finishing an erasure does not
/// erase: `POST /v1/admin/supporters/{id}/erasure` does, and finishes it. Each step is in the audit.
#[utoipa::path(
    tag = "administration",
    params(("id" = String, Path, description = "The request.", format = "uuid")),
    request_body = StepRequest,
    security(("bearer" = ["supporters:write"])),
    responses((status = 200, description = "Done.", body = RequestView)),
    extensions(("x-problems" = json!(["not-found"])))
)]
#[post("/{id}/steps")]
pub(crate) async fn step_request(
    app: Data<App>,
    caller: Caller<scope::SupportersWrite>,
    path: Path<Uuid>,
    body: Json<StepRequest>,
) -> Answer {
    let reach = reach(&app, &caller).await?;
    let step = body.0.parse()?;
    let (id, actor) = (RequestId::new(path.0), actor(&app, &caller));
    match app.store.step_request(reach, id, step, Expected::Anything, actor).await? {
        Edited::Created(stored) | Edited::Done(stored) => {
            Ok(HttpResponse::Ok().json(RequestView::of(stored, app.clock.now())))
        }
        Edited::Refused(flaw) => Err(FieldErrors::one("/command", flaw).into()),
        Edited::Unknown | Edited::Taken | Edited::Stale(_) => Err(Problem::not_found()),
    }
}
