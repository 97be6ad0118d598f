//! The supporter's receipt.

use super::held::HeldSubmission;
use crate::app::App;
use crate::auth::Bearer;
use crate::http::extract::Path;
use crate::http::problem::Answer;
use crate::views::review::ReviewView;
use crate::views::vocabulary;
use actix_web::http::header;
use actix_web::web::Data;
use actix_web::{HttpResponse, get};
use chrono::{DateTime, Utc};
use postbag_domain::confirmation::confirm_by;
use postbag_domain::{ActionId, ActionStatus, DigestRule, HeldFor, Locale, Moderation, ReviewState};
use postbag_persistence::{Receipt, ReceiptLine, StoredReview};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

/// The supporter's receipt: what became of each message.
#[derive(Serialize, ToSchema)]
#[schema(examples(json!({
    "id": "01998f00-0000-7000-8000-000000000003", "campaign": "fair-care", "status": "confirmed", "test": false,
    "created_at": "2026-11-22T09:00:00Z", "confirm_by": null,
    "deliveries": [{ "representative_id": "01998f00-0000-7000-8000-000000000001", "name": "Una Jessamy", "office": "mp",
                     "state": "accepted", "held_for": null, "digest": null }], "review": null
})))]
pub(crate) struct ActionView {
    #[schema(format = "uuid", value_type = String)]
    id: Uuid,
    /// The campaign's slug.
    campaign: String,
    #[schema(schema_with = vocabulary::receipt_status)]
    status: &'static str,
    /// Nothing went to a representative.
    test: bool,
    created_at: DateTime<Utc>,
    /// The moment until which it can be confirmed; `null` unless it waits for that.
    confirm_by: Option<DateTime<Utc>>,
    deliveries: Vec<DeliveryStatusView>,
    /// Where somebody looks at it before anything is sent, or did; `null` for what was accepted at once.
    review: Option<ReviewView>,
}

/// Where one message stands. The state says what the mail relay said, never more.
#[derive(Serialize, ToSchema)]
pub(crate) struct DeliveryStatusView {
    #[schema(format = "uuid", value_type = String)]
    representative_id: Uuid,
    /// `null` for a person who is no longer in the directory.
    name: Option<String>,
    #[schema(schema_with = vocabulary::office)]
    office: &'static str,
    #[schema(schema_with = vocabulary::delivery_state)]
    state: &'static str,
    /// What a held message waits for, or a cancelled one waited for: `vacancy` is a seat that is empty.
    #[schema(schema_with = vocabulary::optional_held_for)]
    held_for: Option<&'static str>,
    /// It goes with other people's letters in one mail a day or a week, as the representative or the campaign wants it; `null` for a letter
    /// that goes alone.
    #[schema(schema_with = vocabulary::optional_digest_interval)]
    digest: Option<&'static str>,
}

/// A supporter’s receipt
///
/// Opened by the `receipt_token` of the submission's answer. An action that does not exist and a token that does not fit look
/// the same.
#[utoipa::path(
    tag = "actions",
    params(("id" = String, Path, description = "The action.", format = "uuid")),
    security(("receipt_token" = [])),
    responses((status = 200, description = "What became of each message.", body = ActionView))
)]
#[get("/v1/actions/{id}")]
pub(crate) async fn get_action(app: Data<App>, id: Path<Uuid>, bearer: Bearer) -> Answer {
    let id = ActionId::new(id.0);
    app.receipts.open(&id.to_string(), bearer.token()).ok_or_else(Bearer::refused)?;
    let view = ActionView::find(&app, id).await?;
    Ok(HttpResponse::Ok().insert_header((header::CACHE_CONTROL, "no-store")).json(view))
}

/// What opens an action's receipt: nothing but this server's secret can make it (C24).
pub(crate) fn receipt_token(app: &App, id: ActionId) -> String {
    app.receipts.close(&id.to_string(), &[])
}

impl ActionView {
    /// The receipt of an action, or of a submission that waits for a person.
    pub(crate) async fn find(app: &App, id: ActionId) -> Answer<Self> {
        match app.store.receipt(id).await? {
            (Some(receipt), review) => {
                Ok(Self { review: review.map(|review| review_view(app, &review)), ..Self::of(app, &receipt) })
            }
            (None, Some(review)) => Ok(Self::waiting(app, &review)),
            (None, None) => Err(Bearer::refused()),
        }
    }

    /// The receipt of a submission that is no action yet: one that was approved is about to be.
    fn waiting(app: &App, review: &StoredReview) -> Self {
        let status = if review.state == ReviewState::Approved { ReviewState::InReview } else { review.state };
        Self {
            id: review.id.uuid(),
            campaign: app.campaign_by_id(review.campaign_id).map(|public| public.slug().to_owned()).unwrap_or_default(),
            status: status.as_str(),
            test: false,
            created_at: review.created_at,
            confirm_by: None,
            deliveries: Vec::new(),
            review: Some(review_view(app, review)),
        }
    }

    fn of(app: &App, receipt: &Receipt) -> Self {
        let (campaigns, directory) = (app.campaigns.load(), app.directory.load());
        let term = campaigns.get(&receipt.campaign_slug).and_then(|public| public.live.campaign.content().digest);
        // By today's rules and not by what became of the letter, which a repeat never shows (C23).
        let digest = |id| DigestRule::of(directory.representative(id).and_then(|holder| holder.digest), term);
        let line = |line: &ReceiptLine| DeliveryStatusView {
            representative_id: line.representative_id.uuid(),
            name: line.name.clone(),
            office: line.office.as_str(),
            state: line.state.as_str(),
            held_for: line.held_for.map(HeldFor::as_str),
            digest: digest(line.representative_id).map(|rule| rule.every.as_str()),
        };
        let awaits = receipt.status == ActionStatus::AwaitingConfirmation;
        Self {
            id: receipt.action_id.uuid(),
            campaign: receipt.campaign_slug.clone(),
            status: receipt.status.as_str(),
            test: receipt.test,
            created_at: receipt.created_at,
            confirm_by: awaits.then(|| confirm_by(receipt.created_at)),
            deliveries: receipt.deliveries.iter().map(line).collect(),
            review: None,
        }
    }
}

fn review_view(app: &App, review: &StoredReview) -> ReviewView {
    let public = app.campaign_by_id(review.campaign_id);
    let built_in = Moderation::default();
    let rules = public.as_ref().map_or(&built_in, |public| public.moderation(review.organisation_id));
    let held = review.submission.as_deref().and_then(HeldSubmission::read);
    ReviewView::of(review, rules, held.map_or(Locale::En, |held| held.locale()))
}
