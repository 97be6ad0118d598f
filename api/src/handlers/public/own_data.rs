//! What is held on a person, read as a whole or erased by the person, with the link to their preferences (UK GDPR 15 and 17).

use super::preferences::{actor, opened};
use crate::app::App;
use crate::auth::Bearer;
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
