//! What is held on a supporter: read as a whole, corrected or erased (UK GDPR 15, 16 and 17).

use super::reach;
use super::stops::actor;
use crate::app::App;
use crate::auth::{Caller, scope};
use crate::handlers::corrections::{AddressLineFields, CorrectedView, CorrectionFields, NameFields, correct};
use crate::handlers::erasure::{ErasedView, erase};
use crate::handlers::preferences::Person;
use crate::http::extract::{Json, Path};
use crate::http::problem::{Answer, Problem};
use crate::views::held_data::HeldDataView;
use actix_web::http::header;
use actix_web::web::Data;
use actix_web::{HttpResponse, get, post};
use postbag_domain::{AuditAction, SupporterId};
use serde::Deserialize;
use utoipa::ToSchema;
use uuid::Uuid;

/// Everything held on a supporter
///
/// For an access request: every record about the person, with an explanation. Each reading is in the audit.
#[utoipa::path(
    tag = "administration",
    params(("id" = String, Path, description = "The supporter.", format = "uuid")),
    security(("bearer" = ["supporters:read"])),
    responses((status = 200, description = "Everything.", body = HeldDataView))
)]
#[get("/{id}/data")]
pub(crate) async fn get_supporter_data(
    app: Data<App>,
    caller: Caller<scope::SupportersRead>,
    path: Path<Uuid>,
) -> Answer {
    let reach = reach(&app, &caller).await?;
    let held = app.store.held_data(reach, SupporterId::new(path.0)).await?.ok_or_else(Problem::not_found)?;
    let organisation = held.organisation_id;
    app.store.note_audit(actor(&app, &caller), AuditAction::ReadSupporterData, organisation, path.0).await?;
    let view = HeldDataView::of(held, app.clock.now());
    Ok(HttpResponse::Ok().insert_header((header::CACHE_CONTROL, "no-store")).json(view))
}

/// What is wrong about a supporter, as it should be; what is left out stays.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(examples(json!({ "name": { "title": null, "first_name": "Ada", "last_name": "Ashgrove" }, "email": "ada.ashgrove@example.org" })))]
pub(crate) struct CorrectSupporter {
    #[serde(default)]
    name: Option<NameFields>,
    #[serde(default)]
    phone: Option<String>,
    /// Without the postcode, which decided who was written to: for that, the person writes again.
    #[serde(default)]
    address: Option<AddressLineFields>,
    /// The address of the inbox. Staff make sure that it is the person's own.
    #[serde(default)]
    #[schema(format = "email")]
    email: Option<String>,
}

/// Correct what is held on a supporter
///
/// In every action of theirs, at once; letters that have not left yet are composed of what is right. What has been sent stays as it was
/// sent. A suppression follows the person to a new address. Each correction is in the audit.
#[utoipa::path(
    tag = "administration",
    params(("id" = String, Path, description = "The supporter.", format = "uuid")),
    request_body = CorrectSupporter,
    security(("bearer" = ["supporters:write"])),
    responses((status = 200, description = "Corrected.", body = CorrectedView)),
    extensions(("x-problems" = json!(["not-found", "conflict"])))
)]
#[post("/{id}/corrections")]
pub(crate) async fn correct_supporter(
    app: Data<App>,
    caller: Caller<scope::SupportersWrite>,
    path: Path<Uuid>,
    body: Json<CorrectSupporter>,
) -> Answer {
    let CorrectSupporter { name, phone, address, email } = body.0;
    let correction = CorrectionFields { name, phone, address, email }.parse()?;
    let reach = reach(&app, &caller).await?;
    let person = Person::find(&app, reach, SupporterId::new(path.0)).await?;
    Ok(HttpResponse::Ok().json(correct(&app, &person, correction, actor(&app, &caller), true).await?))
}

/// How a supporter is to be erased.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(examples(json!({ "suppress": true })))]
pub(crate) struct EraseSupporter {
    /// Whether nothing may be sent to the address from now on, not even what the person submits later. It is so anyway where it was suppressed,
    /// and where the person objects to direct marketing.
    #[serde(default)]
    suppress: bool,
}

/// Erase a supporter
///
/// Their name, address, message and answers kept for retries are gone with the answer, and so are copies in the folder of letters; messages
/// that have not left are cancelled. What stays cannot be traced to them: the ledger as evidence, the counts, and a keyed hash if the
/// address is suppressed. Backups keep what they have. It cannot be undone.
#[utoipa::path(
    tag = "administration",
    params(("id" = String, Path, description = "The supporter.", format = "uuid")),
    request_body = EraseSupporter,
    security(("bearer" = ["supporters:write"])),
    responses((status = 200, description = "Erased.", body = ErasedView)),
    extensions(("x-problems" = json!(["not-found"])))
)]
#[post("/{id}/erasure")]
pub(crate) async fn erase_supporter(
    app: Data<App>,
    caller: Caller<scope::SupportersWrite>,
    path: Path<Uuid>,
    body: Json<EraseSupporter>,
) -> Answer {
    let reach = reach(&app, &caller).await?;
    let person = Person::find(&app, reach, SupporterId::new(path.0)).await?;
    let erased = erase(&app, &person, body.0.suppress, actor(&app, &caller), true).await?;
    Ok(HttpResponse::Ok().json(erased))
}
