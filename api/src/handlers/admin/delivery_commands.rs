//! Messages by state, and what administrators do with them.

use super::stops::actor;
use super::{narrowed, reach};
use crate::app::App;
use crate::auth::{Caller, scope};
use crate::http::extract::{Json, Query};
use crate::http::problem::Answer;
use crate::views::vocabulary;
use actix_web::web::Data;
use actix_web::{HttpResponse, get, post};
use postbag_domain::delivery::DeliveryCommand;
use postbag_domain::{DeliveryId, DeliveryState, FieldErrors, Findings, Flaw, RepresentativeId};
use postbag_persistence::{Commandable, Commanded, DeliveryFilter};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

/// How many messages one command may name.
const MOST: u16 = 1000;

/// Which messages are counted.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct DeliveryCountQuery {
    /// Of this campaign, by its slug.
    campaign: Option<String>,
}

/// How many messages are in each state, first messages only.
#[derive(Serialize, ToSchema)]
#[schema(examples(json!({ "states": { "queued": 3, "accepted": 1200, "permanent_failure": 2 } })))]
pub(crate) struct DeliveryCountsView {
    /// A number for each state that occurs.
    states: BTreeMap<&'static str, i64>,
}

/// Messages by state
///
/// Of one campaign or of all; tests and repeats are not counted.
#[utoipa::path(
    tag = "administration",
    params(DeliveryCountQuery),
    security(("bearer" = ["deliveries:read"])),
    responses((status = 200, description = "The counts.", body = DeliveryCountsView)),
    extensions(("x-problems" = json!(["not-found"])))
)]
#[get("/counts")]
pub(crate) async fn count_deliveries(
    app: Data<App>,
    caller: Caller<scope::DeliveriesRead>,
    query: Query<DeliveryCountQuery>,
) -> Answer {
    let reach = reach(&app, &caller).await?;
    let campaign = narrowed(&app, reach, query.0.campaign.as_deref()).await?;
    let counts = app.store.count_deliveries(reach, campaign).await?;
    let states = counts.into_iter().map(|(state, count)| (state.as_str(), count)).collect();
    Ok(HttpResponse::Ok().json(DeliveryCountsView { states }))
}

/// The messages that a command is for, by what they have in common.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(examples(json!({ "campaign": "every-week-counts", "state": "permanent_failure" })))]
pub(crate) struct MatchingDeliveries {
    /// Of this campaign, by its slug.
    #[serde(default)]
    campaign: Option<String>,
    /// To this representative.
    #[serde(default)]
    representative: Option<Uuid>,
    /// Only in this state, if the command fits it.
    #[serde(default)]
    #[schema(schema_with = vocabulary::optional_delivery_state)]
    state: Option<String>,
}

/// A command and the messages it is for: named by `ids`, or those that `matching` describes.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(examples(json!({ "command": "retry", "ids": ["01998f00-0000-7000-8000-000000000003"] })))]
pub(crate) struct CommandDeliveries {
    /// `retry` what failed or is in doubt, `release` what is held, or `cancel` what has not left.
    #[schema(schema_with = vocabulary::delivery_command)]
    command: String,
    /// At most 1,000.
    #[serde(default)]
    #[schema(format = "uuid", value_type = Option<Vec<String>>, min_items = 1, max_items = 1000)]
    ids: Option<Vec<Uuid>>,
    /// The 1,000 oldest that match and that the command fits; send it again while the answer says that there are `more`.
    #[serde(default)]
    matching: Option<MatchingDeliveries>,
}

/// A command that has been read: what it is for, by ids or by a filter whose campaign is still a slug.
enum Wanted {
    Named(Vec<DeliveryId>),
    Matching(Option<String>, DeliveryFilter),
}

/// The outcome for each message.
#[derive(Serialize, ToSchema)]
#[schema(examples(json!({
    "messages": [{ "id": "01998f00-0000-7000-8000-000000000003", "state": "queued", "changed": true }], "more": false
})))]
pub(crate) struct CommandedView {
    /// The messages that the token reaches, in the order of their ids.
    messages: Vec<CommandedMessageView>,
    /// True if more than these may match.
    more: bool,
}

/// The outcome for one message.
#[derive(Serialize, ToSchema)]
struct CommandedMessageView {
    id: Uuid,
    /// Its state now.
    #[schema(schema_with = vocabulary::delivery_state)]
    state: &'static str,
    /// False where the command does not fit the state, or a worker is sending it.
    changed: bool,
}

impl From<Commanded> for CommandedMessageView {
    fn from(commanded: Commanded) -> Self {
        let Commanded { id, state, changed } = commanded;
        Self { id: id.uuid(), state: DeliveryState::as_str(state), changed }
    }
}

impl CommandDeliveries {
    fn parse(self) -> Result<(DeliveryCommand, Wanted), FieldErrors> {
        let mut findings = Findings::new();
        let command = findings.check("/command", self.command.parse());
        let wanted = match (self.ids, self.matching) {
            (Some(ids), None) => {
                if !(1..=usize::from(MOST)).contains(&ids.len()) {
                    findings.note("/ids", Flaw::new("ids_count", "must name 1 to 1,000 messages"));
                }
                Some(Wanted::Named(ids.into_iter().map(DeliveryId::new).collect()))
            }
            (None, Some(matching)) => {
                let state = findings.check_optional("/matching/state", matching.state.as_deref(), str::parse);
                let representative_id = matching.representative.map(RepresentativeId::new);
                let filter = DeliveryFilter { representative_id, state: state.flatten(), ..DeliveryFilter::default() };
                Some(Wanted::Matching(matching.campaign, filter))
            }
            (Some(_), Some(_)) | (None, None) => {
                findings.note("/ids", Flaw::new("one_needed", "must be given, or matching instead of it"));
                None
            }
        };
        findings.finish(command.zip(wanted))
    }
}

/// Retry, release or cancel messages
///
/// All in one transaction, and each in the audit. A message that is tried again goes to the person who holds the seat of the
/// supporter's postcode then. A message whose state the command does not fit stays as it is, and the answer says so. Repeats follow the
/// message that they repeat. Twice is as good as once.
#[utoipa::path(
    tag = "administration",
    request_body = CommandDeliveries,
    security(("bearer" = ["deliveries:write"])),
    responses((status = 200, description = "What became of each message.", body = CommandedView)),
    extensions(("x-problems" = json!(["not-found"])))
)]
#[post("/commands")]
pub(crate) async fn command_deliveries(
    app: Data<App>,
    caller: Caller<scope::DeliveriesWrite>,
    body: Json<CommandDeliveries>,
) -> Answer {
    let (command, wanted) = body.0.parse()?;
    let reach = reach(&app, &caller).await?;
    let messages = match wanted {
        Wanted::Named(ids) => Commandable::Named(ids),
        Wanted::Matching(campaign, filter) => {
            let campaign_id = narrowed(&app, reach, campaign.as_deref()).await?;
            Commandable::Matching(DeliveryFilter { campaign_id, ..filter }, MOST)
        }
    };
    let is_search = matches!(messages, Commandable::Matching(..));
    let changed = app.store.command_deliveries(reach, command, messages, actor(&app, &caller)).await?;
    (app.listener())(&changed.tallies);
    app.wake.notify_one();
    let more = is_search && changed.each.len() >= usize::from(MOST);
    let messages = changed.each.into_iter().map(CommandedMessageView::from).collect();
    Ok(HttpResponse::Ok().json(CommandedView { messages, more }))
}
