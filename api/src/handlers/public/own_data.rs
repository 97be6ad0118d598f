//! What is held on a person, read as a whole, corrected or erased by the person, with the link to their preferences (UK GDPR 15, 16 and 17).

use super::preferences::{actor, opened};
use crate::app::App;
use crate::auth::Bearer;
use crate::handlers::corrections::{AddressLineFields, CorrectedView, CorrectionFields, NameFields, correct};
use crate::handlers::erasure::{ErasedView, erase};
use crate::handlers::preferences::Person;
use crate::http::extract::Json;
use crate::http::problem::{Answer, Problem};
use crate::views::held_data::HeldDataView;
use actix_web::http::header;
use actix_web::web::Data;
use actix_web::{HttpResponse, get, post};
use postbag_persistence::Reach;
use serde::Deserialize;
use utoipa::ToSchema;

/// Everything held on you
///
/// Every record about the person, with an explanation: the answer to an access request. What was typed under the address without being
/// confirmed by its holder is withheld, since it may be somebody else's.
#[utoipa::path(
    tag = "preferences",
    security(("preferences_token" = [])),
    responses((status = 200, description = "Everything.", body = HeldDataView))
)]
#[get("/v1/preferences/data")]
pub(crate) async fn get_own_data(app: Data<App>, bearer: Bearer) -> Answer {
    let person = opened(&app, bearer.token()).await?.ok_or_else(Bearer::refused)?;
    let view = own_data(&app, &person).await?;
    Ok(HttpResponse::Ok().insert_header((header::CACHE_CONTROL, "no-store")).json(view))
}

pub(super) async fn own_data(app: &App, person: &Person) -> Answer<HeldDataView> {
    let reach = Reach::Organisation(person.organisation.id);
    let held = app.store.held_data(reach, person.ledger.supporter_id).await?.ok_or_else(Problem::not_found)?;
    Ok(HeldDataView::for_holder_of_address(held, app.clock.now()))
}

/// What is wrong about the person, as it should be; what is left out stays.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(examples(json!({ "name": { "title": null, "first_name": "Ada", "last_name": "Ashgrove" } })))]
pub(crate) struct CorrectOwnData {
    #[serde(default)]
    name: Option<NameFields>,
    #[serde(default)]
    phone: Option<String>,
    /// Without the postcode, which decided who was written to: for that, write again.
    #[serde(default)]
    address: Option<AddressLineFields>,
}

/// Correct what is held on you
///
/// In everything that the person has confirmed, at once; messages that have not left yet carry what is right. For another address of the
/// inbox, ask staff with `POST /v1/preferences/requests`.
#[utoipa::path(
    tag = "preferences",
    request_body = CorrectOwnData,
    security(("preferences_token" = [])),
    responses((status = 200, description = "Corrected.", body = CorrectedView))
)]
#[post("/v1/preferences/corrections")]
pub(crate) async fn correct_own_data(app: Data<App>, bearer: Bearer, body: Json<CorrectOwnData>) -> Answer {
    let CorrectOwnData { name, phone, address } = body.0;
    let correction = CorrectionFields { name, phone, address, email: None }.parse()?;
    let person = opened(&app, bearer.token()).await?.ok_or_else(Bearer::refused)?;
    let corrected = correct(&app, &person, correction, actor(&app), false).await?;
    Ok(HttpResponse::Ok().insert_header((header::CACHE_CONTROL, "no-store")).json(corrected))
}

/// How the person is to be erased.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(examples(json!({ "suppress": false })))]
pub(crate) struct EraseOwnData {
    /// Whether nothing may be sent to the address from now on, not even what the person submits later. It is so anyway where the person
    /// objects to direct marketing.
    #[serde(default)]
    suppress: bool,
}

/// Erase everything held on you
///
/// The person's name, address and messages are gone with the answer; messages that have not left are cancelled. It cannot be undone, and the
/// link opens nothing more.
#[utoipa::path(
    tag = "preferences",
    request_body = EraseOwnData,
    security(("preferences_token" = [])),
    responses((status = 200, description = "Erased.", body = ErasedView))
)]
#[post("/v1/preferences/erasure")]
pub(crate) async fn erase_own_data(app: Data<App>, bearer: Bearer, body: Json<EraseOwnData>) -> Answer {
    let person = opened(&app, bearer.token()).await?.ok_or_else(Bearer::refused)?;
    let erased = erase(&app, &person, body.0.suppress, actor(&app), false).await?;
    Ok(HttpResponse::Ok().insert_header((header::CACHE_CONTROL, "no-store")).json(erased))
}
