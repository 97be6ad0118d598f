//! People in whose name, or to whom, an organisation sends nothing any more.

use super::{owner, reach};
use crate::app::App;
use crate::auth::{Caller, scope};
use crate::http::extract::Json;
use crate::http::problem::Answer;
use crate::secrets::SuppressionHash;
use actix_web::web::Data;
use actix_web::{HttpResponse, post};
use postbag_domain::{EmailAddress, FieldErrors};
use serde::Deserialize;
use utoipa::ToSchema;

/// The person to suppress.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(examples(json!({ "organisation": "harbour-cancer-trust", "email": "ada@example.org" })))]
pub(crate) struct SuppressPerson {
    /// The organisation's slug: needed with an operator's token.
    #[serde(default)]
    organisation: Option<String>,
    /// The address, of a supporter or of a representative. It is kept as a keyed hash and nothing else.
    #[schema(format = "email")]
    email: String,
}

/// Suppress a person
///
/// In force for every message that has not begun to be sent, whatever its campaign. Suppressing twice is as good as once, so a
/// retry needs no key. The address is kept as a keyed hash, which outlives erasure.
#[utoipa::path(
    tag = "administration",
    request_body = SuppressPerson,
    security(("bearer" = ["consents:write"])),
    responses((status = 204, description = "Suppressed.")),
    extensions(("x-problems" = json!(["not-found"])))
)]
#[post("/suppressions")]
pub(crate) async fn suppress_person(
    app: Data<App>,
    caller: Caller<scope::ConsentsWrite>,
    body: Json<SuppressPerson>,
) -> Answer {
    let email = EmailAddress::parse(&body.0.email).map_err(|flaw| FieldErrors::one("/email", flaw))?;
    let reach = reach(&app, &caller).await?;
    let organisation = owner(&app, reach, body.0.organisation.as_deref()).await?;
    let SuppressionHash { key_id, hash } = app.mail_keys.suppressions.hash(&email);
    app.store.suppress(organisation.id, key_id, hash, app.clock.now()).await?;
    Ok(HttpResponse::NoContent().finish())
}
