//! Stops of what is sent or submitted: everything, an organisation's, a campaign's, to a representative, or from a domain.

use super::{find_campaign, owner, reach};
use crate::app::App;
use crate::auth::{Caller, scope};
use crate::http::extract::{Json, Path};
use crate::http::page::{List, NoFilter, Page, PageQuery};
use crate::http::problem::{Answer, Problem, ProblemType};
use crate::ids;
use crate::views::vocabulary;
use actix_web::web::Data;
use actix_web::{HttpResponse, delete, get, post};
use chrono::{DateTime, Utc};
use postbag_domain::delivery::{Stop, StopScope, Stopped};
use postbag_domain::text::{self, Limit as Length};
use postbag_domain::{DomainName, FieldErrors, Findings, Flaw, Locale, RepresentativeId, Slug, StopId, Wordings};
use postbag_persistence::{Actor, NewStop, Reach};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use utoipa::ToSchema;
use uuid::Uuid;

/// What to stop, and why.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(examples(json!({
    "scope": "campaign", "campaign": "every-week-counts", "work": "both", "note": "A script floods it.",
    "notice": { "en": "We are looking into a problem. Please come back tomorrow." }
})))]
pub(crate) struct StopBody {
    #[schema(schema_with = vocabulary::stop_scope)]
    scope: String,
    /// When left out, as it is stopped already, or else all that can be: `both`, for a representative `sending`, for a domain `submissions`.
    #[serde(default)]
    #[schema(schema_with = vocabulary::optional_stopped_work)]
    work: Option<String>,
    /// For `organisation`: its slug; needed with an operator's token.
    #[serde(default)]
    organisation: Option<String>,
    /// For `campaign`: its slug.
    #[serde(default)]
    campaign: Option<String>,
    /// For `representative`.
    #[serde(default)]
    representative_id: Option<Uuid>,
    /// For `domain`: such as `bots.example`.
    #[serde(default)]
    domain: Option<String>,
    /// What the public reads, by language; when left out as before, or else plain words that are built in.
    #[serde(default)]
    #[schema(value_type = Option<BTreeMap<String, String>>)]
    notice: Option<BTreeMap<Locale, String>>,
    /// Why, for other administrators.
    #[schema(max_length = 500)]
    note: String,
}

/// A stop.
#[derive(Clone, Serialize, ToSchema)]
#[schema(examples(json!({
    "id": "01998f00-0000-7000-8000-000000000031", "scope": "everything", "work": "sending", "organisation_id": null, "campaign_id": null,
    "representative_id": null, "domain": null, "notice": null, "note": "The letter names a wrong date.", "created_by": "ops",
    "created_at": "2026-11-22T09:00:00Z"
})))]
pub(crate) struct StopView {
    id: Uuid,
    #[schema(schema_with = vocabulary::stop_scope)]
    scope: &'static str,
    #[schema(schema_with = vocabulary::stopped_work)]
    work: &'static str,
    organisation_id: Option<Uuid>,
    campaign_id: Option<Uuid>,
    representative_id: Option<Uuid>,
    domain: Option<String>,
    /// What the public reads, by language; `null` for the words that are built in.
    #[schema(value_type = Option<BTreeMap<String, String>>)]
    notice: Option<BTreeMap<Locale, String>>,
    /// `null` for the operator's, with an organisation's token.
    note: Option<String>,
    /// The subject of the token that it was made with, or changed last; `null` for the operator's, with an organisation's token.
    created_by: Option<String>,
    created_at: DateTime<Utc>,
}

impl StopView {
    /// A stop as a caller may see it.
    fn of(stop: Stop, reach: Reach) -> Self {
        let is_told = matches!(reach, Reach::All) || stop.made_by.is_some();
        let subject = |scope| stop.stopped.subject().filter(|_| stop.stopped.scope() == scope);
        Self {
            id: stop.id.uuid(),
            scope: stop.stopped.scope().as_str(),
            work: stop.work.as_str(),
            organisation_id: subject(StopScope::Organisation),
            campaign_id: subject(StopScope::Campaign),
            representative_id: subject(StopScope::Representative),
            domain: stop.stopped.domain().map(ToString::to_string),
            notice: stop.notice.map(BTreeMap::from),
            note: is_told.then_some(stop.note),
            created_by: is_told.then_some(stop.created_by),
            created_at: stop.created_at,
        }
    }
}

/// Stops
///
/// Everything that is held back by hand, in the order of making.
#[utoipa::path(
    tag = "administration",
    params(PageQuery),
    security(("bearer" = ["deliveries:read"])),
    responses((status = 200, description = "A page of stops: those within reach, and those that concern everybody.", body = Page<StopView>))
)]
#[get("")]
pub(crate) async fn list_stops(app: Data<App>, caller: Caller<scope::DeliveriesRead>, list: List<NoFilter>) -> Answer {
    let reach = reach(&app, &caller).await?;
    let stops = app.store.stops_within(reach).await?;
    let page = list.paging.cut(stops, |stop| (stop.created_at, stop.id))?;
    Ok(list.paging.private(&page.map(|stop| StopView::of(stop, reach))))
}

/// Stop what is sent, or what is submitted
///
/// From the answer on, no letter and no mail that it concerns begins to be sent; what is being sent ends. Submissions that it concerns are
/// refused with `submissions-stopped` on every server within a second, and the campaign's `notices` and pages say so. An organisation's token
/// stops the organisation's own; everything, a representative and a domain are the operator's to stop, and what the operator has stopped is
/// the operator's to change. Twice is as good as once, and other `work` or another `notice` replaces what there was.
#[utoipa::path(
    tag = "administration",
    request_body = StopBody,
    security(("bearer" = ["deliveries:write"])),
    responses(
        (status = 200, description = "It was stopped before: that stop.", body = StopView),
        (status = 201, description = "Stopped.", body = StopView),
    ),
    extensions(("x-problems" = json!(["operator-only", "not-found"])))
)]
#[post("")]
pub(crate) async fn make_stop(app: Data<App>, caller: Caller<scope::DeliveriesWrite>, body: Json<StopBody>) -> Answer {
    let reach = reach(&app, &caller).await?;
    let stopped = stopped(&app, &caller, &body.0).await?;
    let new = body.0.parse(stopped)?;
    let stopped = app.store.stop(reach, new, actor(&app, &caller)).await?;
    let (stop, is_new) = stopped.ok_or(ProblemType::OperatorOnly)?;
    app.refresh().await?;
    let mut response = if is_new { HttpResponse::Created() } else { HttpResponse::Ok() };
    Ok(response.json(StopView::of(stop, reach)))
}

impl StopBody {
    fn parse(self, stopped: Stopped) -> Result<NewStop, FieldErrors> {
        let mut findings = Findings::new();
        for (pointer, of, is_there) in [
            ("/organisation", StopScope::Organisation, self.organisation.is_some()),
            ("/campaign", StopScope::Campaign, self.campaign.is_some()),
            ("/representative_id", StopScope::Representative, self.representative_id.is_some()),
            ("/domain", StopScope::Domain, self.domain.is_some()),
        ] {
            if is_there && of != stopped.scope() {
                findings.note(pointer, Flaw::new("not_of_scope", format!("must be left out, or the scope be {of}")));
            }
        }
        let work = self.work.map(|word| word.parse().and_then(|work| stopped.allow(work).map(|()| work)));
        let work = findings.check_optional("/work", work, |work| work);
        let note = findings.check("/note", text::line(&self.note, Length::of(500)));
        let notice =
            self.notice.map(|texts| Wordings::new(texts).map_err(|errors| errors.under("/notice"))).transpose();
        let notice = findings.absorb(notice);
        let whole = work.zip(note).zip(notice);
        findings.finish(whole.map(|((work, note), notice)| NewStop { stopped, work, notice, note }))
    }
}

/// What the caller may stop.
async fn stopped(app: &App, caller: &Caller<scope::DeliveriesWrite>, body: &StopBody) -> Answer<Stopped> {
    let scope = body.scope.parse().map_err(|flaw| FieldErrors::one("/scope", flaw))?;
    let reach = reach(app, caller).await?;
    Ok(match scope {
        StopScope::Organisation => Stopped::Organisation(owner(app, reach, body.organisation.as_deref()).await?.id),
        StopScope::Campaign => {
            let slug = Slug::parse(body.campaign.as_deref().unwrap_or_default());
            let slug = slug.map_err(|flaw| FieldErrors::one("/campaign", flaw))?;
            Stopped::Campaign(find_campaign(app, reach, slug).await?.campaign.id())
        }
        StopScope::Everything => {
            caller.operator()?;
            Stopped::Everything
        }
        StopScope::Representative => {
            caller.operator()?;
            Stopped::Representative(known_representative(app, body.representative_id)?)
        }
        StopScope::Domain => {
            caller.operator()?;
            let domain = DomainName::parse(body.domain.as_deref().unwrap_or_default());
            Stopped::Domain(domain.map_err(|flaw| FieldErrors::one("/domain", flaw))?)
        }
    })
}

fn known_representative(app: &App, id: Option<Uuid>) -> Answer<RepresentativeId> {
    let id = id.map(RepresentativeId::new).filter(|id| app.directory.load().representative(*id).is_some());
    let flaw = Flaw::new("representative_unknown", "must be the id of a representative");
    id.ok_or_else(|| FieldErrors::one("/representative_id", flaw).into())
}

/// Let it go again
///
/// Lifts a stop. What it held back leaves as fast as caps and hours allow, and people can submit within a second.
#[utoipa::path(
    tag = "administration",
    params(("id" = String, Path, description = "The stop.", format = "uuid")),
    security(("bearer" = ["deliveries:write"])),
    responses((status = 204, description = "Lifted."))
)]
#[delete("/{id}")]
pub(crate) async fn lift_stop(app: Data<App>, caller: Caller<scope::DeliveriesWrite>, path: Path<Uuid>) -> Answer {
    let reach: Reach = reach(&app, &caller).await?;
    if !app.store.resume(reach, StopId::new(path.0), actor(&app, &caller)).await? {
        return Err(Problem::not_found());
    }
    app.refresh().await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Who does it, for the audit.
pub(super) fn actor<S>(app: &App, caller: &Caller<S>) -> Actor {
    Actor { name: caller.subject().to_owned(), now: app.clock.now(), fresh: ids::fresh }
}
