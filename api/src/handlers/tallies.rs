//! How a campaign is doing: exact counts, cacheable, without personal data.

use crate::extract::{Path, Query};
use crate::page::{Cursors, Limit, Page};
use crate::postbag::Postbag;
use crate::prepared::Prepared;
use crate::problem::Answer;
use crate::snapshots::PublicCampaign;
use crate::state::State;
use crate::vocabulary;
use actix_web::web::Data;
use actix_web::{HttpRequest, get};
use chrono::{DateTime, NaiveDate, Utc};
use postbag_domain::{AreaKey, AreaKind, CampaignTally, Directory, OfficeCounts, uk_day};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

/// A campaign's totals.
#[derive(Serialize, ToSchema)]
#[schema(examples(json!({
    "campaign": "fair-care", "actions": 1234, "awaiting_confirmation": 0, "supporters": 1200, "goal": 10000,
    "messages": { "queued": 10, "accepted": 2400, "failed": 3 }, "representatives": { "contacted": 611, "of": 650 },
    "by_office": [{ "office": "mp", "contacted": 611, "of": 650, "actions": 1234 }], "as_of": "2026-11-22T09:00:00Z"
})))]
pub(crate) struct TallyView {
    /// The campaign's slug.
    campaign: String,
    /// Confirmed actions, a supporter's repeats too.
    actions: i64,
    /// Actions whose supporter has not confirmed yet.
    awaiting_confirmation: i64,
    /// Different people.
    supporters: i64,
    goal: Option<u32>,
    messages: MessageCountsView,
    representatives: ContactedView,
    by_office: Vec<OfficeTallyView>,
    /// When the counts last changed.
    as_of: DateTime<Utc>,
}

/// Messages by what became of them.
#[derive(Serialize, ToSchema)]
struct MessageCountsView {
    /// On their way.
    queued: i64,
    /// Taken by the mail relay.
    accepted: i64,
    /// Failed for good.
    failed: i64,
}

/// How many representatives were written to, of how many in office.
#[derive(Serialize, ToSchema)]
struct ContactedView {
    contacted: usize,
    of: usize,
}

/// One office's counts.
#[derive(Serialize, ToSchema)]
struct OfficeTallyView {
    #[schema(schema_with = vocabulary::office)]
    office: &'static str,
    contacted: i64,
    of: usize,
    /// Actions that wrote to at least one holder.
    actions: i64,
}

impl TallyView {
    fn of(
        public: &PublicCampaign,
        directory: &Directory,
        tally: &CampaignTally,
        as_of: DateTime<Utc>,
        day: NaiveDate,
    ) -> Self {
        let content = public.live.campaign.content();
        let messages = tally.messages();
        let office_of = |id| directory.representative(id).map(|representative| representative.office);
        let of = |office| directory.seats(office, &content.nations_written_to(office), day);
        let by_office = tally.by_office(&content.offices, office_of);
        let by_office: Vec<_> = by_office.iter().map(|counts| OfficeTallyView::of(counts, of(counts.office))).collect();
        Self {
            campaign: content.slug.to_string(),
            actions: tally.actions(),
            awaiting_confirmation: tally.awaiting_confirmation(),
            supporters: tally.supporters(),
            goal: content.goal,
            messages: MessageCountsView {
                queued: messages.queued,
                accepted: messages.accepted,
                failed: messages.failed,
            },
            representatives: ContactedView {
                contacted: tally.contacted(),
                of: by_office.iter().map(|office| office.of).sum(),
            },
            by_office,
            as_of,
        }
    }
}

impl OfficeTallyView {
    fn of(counts: &OfficeCounts, of: usize) -> Self {
        Self { office: counts.office.as_str(), contacted: counts.contacted, of, actions: counts.actions }
    }
}

/// Totals of a campaign
///
/// Exact, and no older than a second. Send the `ETag` back in `If-None-Match` to learn cheaply that nothing changed.
#[utoipa::path(
    tag = "tallies",
    params(("slug" = String, Path, description = "The campaign.", example = "fair-care")),
    responses((status = 200, description = "The totals.", body = TallyView), (status = 304, description = "Unchanged."))
)]
#[get("/v1/campaigns/{slug}/tally")]
pub(crate) async fn get_tally(request: HttpRequest, postbag: Data<Postbag>, slug: Path<String>) -> Answer {
    let now = State::of(&request).clock.now();
    let public = postbag.campaign(&slug.0)?;
    let prepared = postbag.tallies.board(public.live.campaign.id()).rendered(now, |tally, as_of| {
        Prepared::of(&TallyView::of(&public, &postbag.directory.load(), tally, as_of, uk_day(now)))
    });
    Ok(prepared.answer(&request))
}

/// Which areas, and which page.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct AreaTallyQuery {
    /// The kind of area to count by.
    #[param(schema_with = vocabulary::area_kind, required = true)]
    kind: AreaKind,
    /// How many items a page holds.
    #[serde(default)]
    #[param(value_type = Option<u8>, minimum = 1, maximum = 100)]
    limit: Limit,
    /// `next_cursor` of the page before.
    cursor: Option<String>,
}

/// How many took part in one area.
#[derive(Clone, Serialize, ToSchema)]
#[schema(examples(json!({
    "kind": "westminster_constituency", "code": "E14999001", "name": "Alderwick", "actions": 12
})))]
pub(crate) struct AreaTallyView {
    #[schema(schema_with = vocabulary::area_kind)]
    kind: &'static str,
    /// The area's GSS code.
    #[schema(example = "E14001172")]
    code: String,
    name: String,
    actions: i64,
}

/// Counts by area
///
/// In the order of the areas' codes; areas without an action are left out.
#[utoipa::path(
    tag = "tallies",
    params(("slug" = String, Path, description = "The campaign.", example = "fair-care"), AreaTallyQuery),
    responses((status = 200, description = "A page of areas.", body = Page<AreaTallyView>), (status = 304, description = "It has not changed."))
)]
#[get("/v1/campaigns/{slug}/tally/areas")]
pub(crate) async fn list_area_tallies(
    request: HttpRequest,
    postbag: Data<Postbag>,
    slug: Path<String>,
    query: Query<AreaTallyQuery>,
) -> Answer {
    let Query(query) = query;
    let kind = query.kind;
    let public = postbag.campaign(&slug.0)?;
    let directory = postbag.directory.load();
    let board = postbag.tallies.board(public.live.campaign.id());
    let counts = board.read(|tally| tally.areas(kind).collect::<Vec<_>>());
    let views = counts.into_iter().map(|(code, actions)| AreaTallyView {
        kind: kind.as_str(),
        code: code.to_string(),
        name: directory.area(AreaKey { kind, code }).map(|area| area.name.clone()).unwrap_or_default(),
        actions,
    });
    let list = format!("tally/areas/{}/{kind}", slug.0);
    page(&request, &list, query.limit, query.cursor.as_deref(), views, |view| view.code.clone())
}

/// Which page.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct PageQuery {
    /// How many items a page holds.
    #[serde(default)]
    #[param(value_type = Option<u8>, minimum = 1, maximum = 100)]
    limit: Limit,
    /// `next_cursor` of the page before.
    cursor: Option<String>,
}

/// How many messages one representative was sent.
#[derive(Clone, Serialize, ToSchema)]
#[schema(examples(json!({
    "representative_id": "01998f00-0000-7000-8000-000000000001", "name": "Una Jessamy", "office": "mp",
    "area_code": "E14999001", "messages": 12
})))]
pub(crate) struct RepresentativeTallyView {
    #[schema(format = "uuid", value_type = String)]
    representative_id: Uuid,
    /// `null` for somebody the directory no longer holds.
    name: Option<String>,
    #[schema(schema_with = vocabulary::optional_office)]
    office: Option<&'static str>,
    /// The code of the area they are elected for.
    area_code: Option<String>,
    messages: i64,
}

/// Counts by representative
///
/// In the order of their ids; representatives without a message are left out.
#[utoipa::path(
    tag = "tallies",
    params(("slug" = String, Path, description = "The campaign.", example = "fair-care"), PageQuery),
    responses((status = 200, description = "A page of representatives.", body = Page<RepresentativeTallyView>), (status = 304, description = "It has not changed."))
)]
#[get("/v1/campaigns/{slug}/tally/representatives")]
pub(crate) async fn list_representative_tallies(
    request: HttpRequest,
    postbag: Data<Postbag>,
    slug: Path<String>,
    query: Query<PageQuery>,
) -> Answer {
    let Query(query) = query;
    let public = postbag.campaign(&slug.0)?;
    let directory = postbag.directory.load();
    let board = postbag.tallies.board(public.live.campaign.id());
    let counts = board.read(|tally| tally.representatives().collect::<Vec<_>>());
    let views = counts.into_iter().map(|(id, messages)| {
        let known = directory.representative(id);
        RepresentativeTallyView {
            representative_id: id.uuid(),
            name: known.map(|representative| representative.name.clone()),
            office: known.map(|representative| representative.office.as_str()),
            area_code: known.map(|representative| representative.area_code.to_string()),
            messages,
        }
    });
    let list = format!("tally/representatives/{}", slug.0);
    page(&request, &list, query.limit, query.cursor.as_deref(), views, |view| view.representative_id.to_string())
}

/// One page of counts that are in memory, in the order of their keys.
fn page<T: Clone + Serialize>(
    request: &HttpRequest,
    list: &str,
    limit: Limit,
    cursor: Option<&str>,
    views: impl Iterator<Item = T>,
    key: impl Fn(&T) -> String,
) -> Answer {
    let cursors: &Cursors = &State::of(request).cursors;
    let after: Option<String> = cursors.read_optional(list, cursor)?;
    let rest = views.filter(|view| after.as_ref().is_none_or(|after| key(view) > *after));
    let items = rest.take(usize::from(limit.get()) + 1).collect();
    let page = Page::cut(items, limit, cursors, list, &key);
    Ok(Prepared::page(&page, request))
}
