//! Messages by state, and what administrators do with them.

use super::{narrowed, reach};
use crate::app::App;
use crate::auth::{Caller, scope};
use crate::http::extract::{Json, Query};
use crate::http::problem::Answer;
use crate::views::vocabulary;
use actix_web::web::Data;
use actix_web::{HttpResponse, get, post};
use postbag_domain::delivery::DeliveryCommand;
use postbag_domain::{DeliveryId, DeliveryState, FieldErrors, Findings, Flaw};
use postbag_persistence::Commanded;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

/// How many messages one command may name.
const MOST: usize = 1000;

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

/// A command and the messages it is for.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(examples(json!({ "command": "retry", "ids": ["01998f00-0000-7000-8000-000000000003"] })))]
pub(crate) struct CommandDeliveries {
    /// `retry` what failed or is in doubt, `release` what is held, or `cancel` what has not left.
    #[schema(schema_with = vocabulary::delivery_command)]
    command: String,
    /// At most 1,000.
    #[schema(format = "uuid", value_type = Vec<String>, min_items = 1, max_items = 1000)]
    ids: Vec<Uuid>,
}

/// The outcome for each message.
#[derive(Serialize, ToSchema)]
#[schema(examples(json!({
    "messages": [{ "id": "01998f00-0000-7000-8000-000000000003", "state": "queued", "changed": true }]
})))]
pub(crate) struct CommandedView {
    /// The messages that the token reaches, in the order of their ids.
    messages: Vec<CommandedMessageView>,
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
    fn parse(self) -> Result<(DeliveryCommand, Vec<DeliveryId>), FieldErrors> {
        let mut findings = Findings::new();
        let command = findings.check("/command", self.command.parse());
        if !(1..=MOST).contains(&self.ids.len()) {
            findings.note("/ids", Flaw::new("ids_count", "must name 1 to 1,000 messages"));
        }
        let ids = self.ids.into_iter().map(DeliveryId::new).collect();
        findings.finish(command.map(|command| (command, ids)))
    }
}

/// Retry, release or cancel messages
///
/// All in one transaction. A message whose state the command does not fit stays as it is, and the answer says so. Repeats follow the
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
    let (command, ids) = body.0.parse()?;
    let reach = reach(&app, &caller).await?;
    let now = app.clock.now();
    let changed = app.store.command_deliveries(reach, command, ids, now).await?;
    (app.listener())(&changed.tallies);
    app.wake.notify_one();
    let messages = changed.each.into_iter().map(CommandedMessageView::from).collect();
    Ok(HttpResponse::Ok().json(CommandedView { messages }))
}
