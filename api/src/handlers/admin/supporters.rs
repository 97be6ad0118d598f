//! Supporters, found by their address: for staff who have somebody on the telephone.

use super::{owner, reach};
use crate::app::App;
use crate::auth::{Caller, scope};
use crate::http::extract::Json;
use crate::http::problem::{Answer, Problem};
use actix_web::web::Data;
use actix_web::{HttpResponse, post};
use postbag_domain::{EmailAddress, FieldErrors};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

/// The person looked for. The address stands in the body, so that it gets into no log of addresses.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(examples(json!({ "organisation": "harbour-cancer-trust", "email": "ada@example.org" })))]
pub(crate) struct FindSupporter {
    /// The organisation's slug: needed with an operator's token.
    #[serde(default)]
    organisation: Option<String>,
    #[schema(format = "email")]
    email: String,
}

/// A supporter that was found.
#[derive(Serialize, ToSchema)]
#[schema(examples(json!({ "id": "01998f00-0000-7000-8000-000000000008" })))]
pub(crate) struct FoundSupporter {
    id: Uuid,
}

/// Find a supporter
///
/// By their address, in any spelling of upper and lower case. Changes nothing.
#[utoipa::path(
    tag = "administration",
    request_body = FindSupporter,
    security(("bearer" = ["supporters:read"])),
    responses((status = 200, description = "The supporter.", body = FoundSupporter)),
    extensions(("x-problems" = json!(["not-found"])))
)]
#[post("/find")]
pub(crate) async fn find_supporter(
    app: Data<App>,
    caller: Caller<scope::SupportersRead>,
    body: Json<FindSupporter>,
) -> Answer {
    let email = EmailAddress::parse(&body.0.email).map_err(|flaw| FieldErrors::one("/email", flaw))?;
    let reach = reach(&app, &caller).await?;
    let organisation = owner(&app, reach, body.0.organisation.as_deref()).await?;
    let found = app.store.supporter_by_email(organisation.id, email.key()).await?;
    let id = found.ok_or_else(Problem::not_found)?.uuid();
    Ok(HttpResponse::Ok().json(FoundSupporter { id }))
}
