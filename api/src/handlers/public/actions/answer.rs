//! What a submission is answered with.

use super::receipt::receipt_token;
use crate::app::App;
use crate::handlers::replay::REPLAYED;
use crate::views::review::ReasonView;
use crate::views::skipped::SkippedView;
use crate::views::vocabulary;
use actix_web::HttpResponse;
use actix_web::http::header;
use postbag_domain::{Accepted, ActionId, DeliveryState, ReviewState};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

/// What a submission is answered with, and what a retry is answered with again.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[schema(examples(json!({
    "id": "01998f00-0000-7000-8000-000000000003", "status": "confirmed", "receipt_token": "67ba1d3cf5d717e7507244e26500ea2d",
    "deliveries": [{ "representative_id": "01998f00-0000-7000-8000-000000000001", "name": "Una Jessamy", "office": "mp",
                     "state": "queued" }],
    "skipped": [], "tally": { "actions": 1234 }, "reasons": []
})))]
pub(crate) struct SubmittedAction {
    #[schema(format = "uuid", value_type = String)]
    id: Uuid,
    #[schema(schema_with = vocabulary::receipt_status)]
    status: String,
    /// Opens `GET /v1/actions/{id}`, as a bearer token.
    receipt_token: String,
    deliveries: Vec<DeliveryView>,
    /// Representatives that are not written to, and why.
    skipped: Vec<SkippedView>,
    tally: ActionsView,
    /// Why somebody looks at it before anything is sent; empty otherwise.
    #[serde(default)]
    reasons: Vec<ReasonView>,
}

/// One message to one representative.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub(crate) struct DeliveryView {
    #[schema(format = "uuid", value_type = String)]
    representative_id: Uuid,
    name: String,
    #[schema(schema_with = vocabulary::office)]
    office: String,
    #[schema(schema_with = vocabulary::delivery_state)]
    state: String,
}

/// How many have taken part, this action among them.
#[derive(Clone, Debug, Default, Serialize, Deserialize, ToSchema)]
pub(crate) struct ActionsView {
    actions: i64,
}

impl SubmittedAction {
    /// The answer but for the token, which is never stored, and the count, which is known when it is stored.
    pub(super) fn of(accepted: &Accepted, directory: &postbag_domain::Directory) -> Self {
        let name = |id| directory.representative(id).map(|known| known.name.clone()).unwrap_or_default();
        let delivery = |delivery: &postbag_domain::NewDelivery| DeliveryView {
            representative_id: delivery.representative_id.uuid(),
            name: name(delivery.representative_id),
            office: delivery.office.to_string(),
            state: delivery.state.to_string(),
        };
        Self {
            id: accepted.action.id.uuid(),
            status: accepted.action.status.to_string(),
            receipt_token: String::new(),
            deliveries: accepted.deliveries.iter().map(delivery).collect(),
            skipped: accepted.skipped.iter().map(SkippedView::from).collect(),
            tally: ActionsView::default(),
            reasons: Vec::new(),
        }
    }

    /// The answer to one that is held: nothing of it is sent yet.
    pub(super) fn held(mut self, reasons: Vec<ReasonView>) -> Self {
        ReviewState::InReview.as_str().clone_into(&mut self.status);
        for delivery in &mut self.deliveries {
            DeliveryState::Held.as_str().clone_into(&mut delivery.state);
        }
        Self { reasons, ..self }
    }
}

impl SubmittedAction {
    pub(super) fn created(mut self, app: &App, tally_actions: i64, replayed: bool) -> HttpResponse {
        self.receipt_token = receipt_token(app, ActionId::new(self.id));
        self.tally.actions = tally_actions;
        let mut response = HttpResponse::Created();
        response.insert_header((header::LOCATION, format!("/v1/actions/{}", self.id)));
        response.insert_header((header::CACHE_CONTROL, "no-store"));
        if replayed {
            response.insert_header(REPLAYED);
        }
        response.json(self)
    }
}
