//! Alarms: rates of submissions that left their usual band.

use super::reach;
use crate::app::App;
use crate::auth::{Caller, scope};
use crate::http::page::{List, Page, PageQuery};
use crate::http::problem::Answer;
use crate::views::vocabulary;
use actix_web::get;
use actix_web::web::Data;
use chrono::{DateTime, Utc};
use postbag_persistence::StoredAlarm;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

/// Which alarms, and which page of them.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct AlarmQuery {
    /// Only those that last.
    #[serde(default)]
    open: bool,
}

/// A rate that is, or was, outside its usual band.
#[derive(Serialize, ToSchema)]
#[schema(examples(json!({
    "id": "01998f00-0000-7000-8000-000000000071", "organisation_id": "01998f00-0000-7000-8000-000000000001", "rate": "domain",
    "subject": "bots.example", "departure": "above", "count": 412, "usual": 6, "created_at": "2026-11-30T08:35:00Z",
    "last_seen_at": "2026-11-30T08:50:00Z", "ended_at": null
})))]
pub(crate) struct AlarmView {
    id: Uuid,
    organisation_id: Uuid,
    #[schema(schema_with = vocabulary::rate_of)]
    rate: &'static str,
    /// The id of the campaign, the mail domain, or the `client` that actions show.
    subject: String,
    #[schema(schema_with = vocabulary::departure)]
    departure: &'static str,
    /// How many submissions there were in the last five minutes that were outside.
    count: i64,
    /// How many are usual in five minutes.
    usual: i64,
    created_at: DateTime<Utc>,
    last_seen_at: DateTime<Utc>,
    /// When the rate was back in its band; `null` as long as it lasts.
    ended_at: Option<DateTime<Utc>>,
}

impl From<StoredAlarm> for AlarmView {
    fn from(alarm: StoredAlarm) -> Self {
        Self {
            id: alarm.id.uuid(),
            organisation_id: alarm.organisation_id.uuid(),
            rate: alarm.rate.as_str(),
            subject: alarm.subject,
            departure: alarm.departure.as_str(),
            count: alarm.count,
            usual: alarm.usual,
            created_at: alarm.created_at,
            last_seen_at: alarm.last_seen_at,
            ended_at: alarm.ended_at,
        }
    }
}

/// Alarms
///
/// Submissions are counted every five minutes, by campaign, mail domain and client. An alarm says that a count was more than four times the
/// mean of the two hours before, or that a campaign fell silent; newest first. What to do about it: `POST /v1/admin/stops` stops it,
/// `POST /v1/admin/invalidations` undoes it.
#[utoipa::path(
    tag = "administration",
    params(AlarmQuery, PageQuery),
    security(("bearer" = ["moderation:read"])),
    responses((status = 200, description = "A page of alarms.", body = Page<AlarmView>))
)]
#[get("/alarms")]
pub(crate) async fn list_alarms(
    app: Data<App>,
    caller: Caller<scope::ModerationRead>,
    list: List<AlarmQuery>,
) -> Answer {
    let List { filter: query, paging } = list;
    let reach = reach(&app, &caller).await?;
    let found = app.store.list_alarms(reach, query.open, paging.stored()?).await?;
    Ok(paging.private(&paging.page(found).map(AlarmView::from)))
}
