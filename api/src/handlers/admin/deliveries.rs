//! What became of each message.

use super::{narrowed, reach};
use crate::app::App;
use crate::auth::{Caller, scope};
use crate::http::extract::calendar;
use crate::http::page::{List, Page, PageQuery};
use crate::http::problem::Answer;
use crate::views::vocabulary;
use actix_web::get;
use actix_web::web::Data;
use chrono::{DateTime, Utc};
use postbag_domain::{ActionId, DeliveryId, DeliveryState, DigestId, HeldFor, RepresentativeId};
use postbag_persistence::{DeliveryFilter, DeliverySummary};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

/// Which messages, and which page of them.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct DeliveryQuery {
    /// Of this campaign, by its slug.
    campaign: Option<String>,
    /// Of this action.
    action: Option<Uuid>,
    /// To this representative.
    representative: Option<Uuid>,
    /// Only in this state.
    #[param(value_type = Option<vocabulary::DeliveryStateWord>, inline)]
    state: Option<DeliveryState>,
    /// Made at this moment or later.
    #[serde(default, deserialize_with = "calendar::optional_time")]
    created_from: Option<DateTime<Utc>>,
    /// Made before this moment.
    #[serde(default, deserialize_with = "calendar::optional_time")]
    created_before: Option<DateTime<Utc>>,
}

/// A message without its words.
#[derive(Clone, Serialize, ToSchema)]
#[schema(examples(json!({
    "id": "01998f00-0000-7000-8000-000000000009", "campaign_id": "01998f00-0000-7000-8000-000000000005",
    "action_id": "01998f00-0000-7000-8000-000000000003", "representative_id": "01998f00-0000-7000-8000-000000000001",
    "representative_name": "Una Jessamy", "office": "mp", "area_code": "E14999001", "state": "accepted", "held_for": null, "test": false,
    "repeat_of": null, "digest_id": null, "attempts": 1, "available_at": null, "reply": "dot: 250 2.0.0 Ok",
    "created_at": "2026-11-22T09:00:00Z", "updated_at": "2026-11-22T09:00:01Z"
})))]
pub(crate) struct AdminDeliveryView {
    id: Uuid,
    campaign_id: Uuid,
    action_id: Uuid,
    representative_id: Uuid,
    /// `null` for a person who is no longer in the directory.
    representative_name: Option<String>,
    #[schema(schema_with = vocabulary::office)]
    office: &'static str,
    area_code: String,
    #[schema(schema_with = vocabulary::delivery_state)]
    state: &'static str,
    /// What a held message waits for, or a cancelled one waited for.
    #[schema(schema_with = vocabulary::optional_held_for)]
    held_for: Option<&'static str>,
    test: bool,
    /// The message that this one repeats: it is not sent, and becomes what that one became.
    repeat_of: Option<Uuid>,
    /// The digest that it waits for, or that carried it.
    digest_id: Option<Uuid>,
    attempts: i32,
    /// The moment it is due, or a worker's lease on it ends.
    available_at: Option<DateTime<Utc>>,
    /// The mail relay's last reply.
    reply: Option<String>,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
}

impl From<DeliverySummary> for AdminDeliveryView {
    fn from(summary: DeliverySummary) -> Self {
        Self {
            id: summary.id.uuid(),
            campaign_id: summary.campaign_id.uuid(),
            action_id: summary.action_id.uuid(),
            representative_id: summary.representative_id.uuid(),
            representative_name: summary.representative_name,
            office: summary.office.as_str(),
            area_code: summary.area.code.to_string(),
            state: summary.state.as_str(),
            held_for: summary.held_for.map(HeldFor::as_str),
            test: summary.test,
            repeat_of: summary.repeat_of.map(DeliveryId::uuid),
            digest_id: summary.digest_id.map(DigestId::uuid),
            attempts: summary.attempts,
            available_at: summary.available_at,
            reply: summary.reply,
            created_at: summary.created_at,
            updated_at: summary.updated_at,
        }
    }
}

/// Messages
///
/// Newest first, without their words.
#[utoipa::path(
    tag = "administration",
    params(DeliveryQuery, PageQuery),
    security(("bearer" = ["deliveries:read"])),
    responses((status = 200, description = "A page of messages.", body = Page<AdminDeliveryView>)),
    extensions(("x-problems" = json!(["not-found"])))
)]
#[get("")]
pub(crate) async fn list_deliveries(
    app: Data<App>,
    caller: Caller<scope::DeliveriesRead>,
    list: List<DeliveryQuery>,
) -> Answer {
    let List { filter: query, paging } = list;
    let reach = reach(&app, &caller).await?;
    let filter = DeliveryFilter {
        campaign_id: narrowed(&app, reach, query.campaign.as_deref()).await?,
        action_id: query.action.map(ActionId::new),
        representative_id: query.representative.map(RepresentativeId::new),
        state: query.state,
        created_from: query.created_from,
        created_before: query.created_before,
    };
    let found = app.store.list_deliveries(reach, filter, paging.stored()?).await?;
    Ok(paging.private(&paging.page(found).map(AdminDeliveryView::from)))
}
