//! Confirming an action: by the token of the mailed link, or by the mailed code (B16). Reading changes nothing; only a POST acts (B17).

use super::actions::{ActionView, receipt_token};
use crate::app::App;
use crate::auth::Bearer;
use crate::http::extract::Json;
use crate::http::limits;
use crate::http::problem::{Answer, Problem, ProblemType};
use crate::views::vocabulary;
use actix_web::http::header;
use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse, get, post};
use chrono::{DateTime, Utc};
use postbag_domain::confirmation::confirm_by;
use postbag_domain::{ActionId, ActionStatus, ConfirmedBy, FieldErrors, Flaw};
use postbag_persistence::{ConfirmableAction, Confirmation};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

/// What waits for the person who reads the mail.
#[derive(Serialize, ToSchema)]
#[schema(examples(json!({
    "campaign": "fair-care", "action_id": "01998f00-0000-7000-8000-000000000003", "status": "awaiting_confirmation",
    "confirm_by": "2026-11-29T09:00:00Z",
    "waiting": [{ "id": "01998f00-0000-7000-8000-000000000003", "created_at": "2026-11-22T09:00:00Z", "name": "Ms Ada Ashgrove",
                  "personal_message": "My mother waited eleven weeks.", "representatives": ["Una Jessamy"] }]
})))]
pub(crate) struct ConfirmationView {
    /// The campaign's slug.
    campaign: String,
    /// The action that the mail is about: a `POST` with the token alone confirms it.
    action_id: Uuid,
    #[schema(schema_with = vocabulary::action_status)]
    status: &'static str,
    /// The moment until which it can be confirmed.
    confirm_by: DateTime<Utc>,
    /// What waits in this person's name in this campaign: the mail's own submission and the newest others, 21 at most. Show
    /// them: only what its owner confirms is sent.
    waiting: Vec<WaitingView>,
}

/// A submission that waits, as it was typed.
#[derive(Serialize, ToSchema)]
pub(crate) struct WaitingView {
    id: Uuid,
    created_at: DateTime<Utc>,
    name: String,
    personal_message: Option<String>,
    /// The names of the representatives who will be written to.
    representatives: Vec<String>,
}

impl WaitingView {
    fn of(action: &ConfirmableAction) -> Option<Self> {
        let words = action.words.as_ref()?;
        Some(Self {
            id: action.id.uuid(),
            created_at: action.created_at,
            name: words.name.full(),
            personal_message: words.personal_message.as_ref().map(|message| message.as_str().to_owned()),
            representatives: action.representatives.clone(),
        })
    }
}

/// What waits for a confirmation
///
/// For the page that the mailed link opens; the `token` stands behind the `#` of its address. Opening a link changes nothing,
/// however often: mail scanners open links too.
#[utoipa::path(
    tag = "actions",
    security(("confirmation_token" = [])),
    responses((status = 200, description = "What waits.", body = ConfirmationView)),
    extensions(("x-problems" = json!(["confirmation-expired"])))
)]
#[get("/v1/confirmations")]
pub(crate) async fn get_confirmation(app: Data<App>, bearer: Bearer) -> Answer {
    let id = app.mail_keys.confirmations.open(bearer.token(), app.clock.now()).ok_or_else(Bearer::refused)?;
    let action = app.store.confirmable_action(id).await?.ok_or_else(Bearer::refused)?;
    if action.status == ActionStatus::Expired {
        return Err(ProblemType::ConfirmationExpired.into());
    }
    let waiting = app.store.waiting_beside(&action).await?;
    let view = ConfirmationView {
        campaign: action.campaign_slug,
        action_id: id.uuid(),
        status: action.status.as_str(),
        confirm_by: confirm_by(action.created_at),
        waiting: waiting.iter().filter_map(WaitingView::of).collect(),
    };
    Ok(HttpResponse::Ok().insert_header((header::CACHE_CONTROL, "no-store")).json(view))
}

/// What proves that the person reads the mail: the token of the link, or the code.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(examples(json!({ "action_id": "01998f00-0000-7000-8000-000000000003", "code": "7K3M-9QXD" })))]
pub(crate) struct ConfirmAction {
    /// The token of the mailed link.
    #[serde(default)]
    token: Option<String>,
    /// The action to confirm: the one that the mail is about when absent. Needed with a `code`.
    #[serde(default)]
    action_id: Option<Uuid>,
    /// The mailed code, however it is typed. It holds for every submission of the person in the campaign.
    #[serde(default)]
    code: Option<String>,
}

/// A confirmed action.
#[derive(Serialize, ToSchema)]
#[schema(examples(json!({
    "receipt_token": "67ba1d3cf5d717e7507244e26500ea2d",
    "action": { "id": "01998f00-0000-7000-8000-000000000003", "campaign": "fair-care", "status": "confirmed", "test": false,
                "created_at": "2026-11-22T09:00:00Z", "confirm_by": null,
                "deliveries": [{ "representative_id": "01998f00-0000-7000-8000-000000000001", "name": "Una Jessamy",
                                 "office": "mp", "state": "queued", "held_for": null }] }
})))]
pub(crate) struct ConfirmedAction {
    /// Opens `GET /v1/actions/{id}`, as a bearer token.
    receipt_token: String,
    action: ActionView,
}

/// Confirm an action
///
/// Its messages are queued and it is counted. Confirming twice is harmless and answers the same. Of several submissions in one
/// person's name, the first that is confirmed is sent; a later one to the same representative is recorded and not sent.
#[utoipa::path(
    tag = "actions",
    request_body = ConfirmAction,
    responses((status = 200, description = "It is confirmed.", body = ConfirmedAction)),
    extensions(("x-problems" = json!(["confirmation-invalid", "confirmation-expired", "quota-exceeded"])))
)]
#[post("/v1/confirmations")]
pub(crate) async fn confirm_action(request: HttpRequest, app: Data<App>, body: Json<ConfirmAction>) -> Answer {
    let Some((id, by)) = proved(&app, &body.0).await? else {
        limits::count::<limits::Confirmations>(&request)?;
        return Err(misfit());
    };
    refuse_unless_confirmed(confirm(&app, id, by).await?)?;
    let action = ActionView::find(&app, id).await?;
    let view = ConfirmedAction { receipt_token: receipt_token(&app, id), action };
    Ok(HttpResponse::Ok().insert_header((header::CACHE_CONTROL, "no-store")).json(view))
}

/// Confirms, and lets the messages leave.
pub(super) async fn confirm(app: &App, id: ActionId, by: ConfirmedBy) -> Answer<Confirmation> {
    let (confirmation, counts) = app.store.confirm_action(id, by, app.clock.now()).await?;
    app.listener()(&counts);
    app.wake.notify_one();
    Ok(confirmation)
}

fn refuse_unless_confirmed(confirmation: Confirmation) -> Answer<()> {
    match confirmation {
        Confirmation::Done | Confirmation::Before => Ok(()),
        Confirmation::Expired => Err(ProblemType::ConfirmationExpired.into()),
        Confirmation::Unknown => Err(misfit()),
    }
}

/// What a person can do whose code or link does not fit.
fn misfit() -> Problem {
    Problem::new(ProblemType::ConfirmationInvalid).detail("This does not fit. Check the code, or open the newest mail.")
}

/// The action that the caller may confirm; nothing if they have proved nothing. What does not exist and what does not fit look the same.
async fn proved(app: &App, wanted: &ConfirmAction) -> Answer<Option<(ActionId, ConfirmedBy)>> {
    match (&wanted.token, &wanted.code, wanted.action_id.map(ActionId::new)) {
        (Some(token), None, action) => {
            let Some(mailed) = app.mail_keys.confirmations.open(token, app.clock.now()) else { return Ok(None) };
            let Some(mailed) = app.store.confirmable_action(mailed).await? else { return Ok(None) };
            Ok(chosen(app, &mailed, action).await?.map(|id| (id, ConfirmedBy::Link)))
        }
        (None, Some(code), Some(action)) => {
            let found = app.store.confirmable_action(action).await?;
            let fits = |found: &ConfirmableAction| {
                app.mail_keys.confirmations.code_fits(code, found.campaign_id, found.supporter_id)
            };
            Ok(found.filter(fits).map(|found| (found.id, ConfirmedBy::Code)))
        }
        (_, Some(_), None) => Err(needed("/action_id", "must name the action that the code is for").into()),
        _ => Err(needed("/token", "must be given, or else `code` and `action_id`").into()),
    }
}

fn needed(pointer: &str, detail: &'static str) -> FieldErrors {
    FieldErrors::one(pointer, Flaw::new("field_missing", detail))
}

/// The action to be confirmed by the holder of the token for `mailed`: that one, or another of the same person in the same campaign.
pub(super) async fn chosen(
    app: &App,
    mailed: &ConfirmableAction,
    wanted: Option<ActionId>,
) -> Answer<Option<ActionId>> {
    let Some(wanted) = wanted.filter(|wanted| *wanted != mailed.id) else { return Ok(Some(mailed.id)) };
    let found = app.store.confirmable_action(wanted).await?;
    let person = |action: &ConfirmableAction| (action.campaign_id, action.supporter_id);
    Ok(found.filter(|found| person(found) == person(mailed)).map(|found| found.id))
}
