//! A message as it is sent.

use super::stops::actor;
use super::{reach, reached};
use crate::app::App;
use crate::auth::{Caller, scope};
use crate::http::extract::Path;
use crate::http::problem::{Answer, Problem};
use crate::letters;
use actix_web::web::Data;
use actix_web::{HttpResponse, get};
use postbag_domain::{AuditAction, DeliveryId};
use uuid::Uuid;

/// A message as it is sent
///
/// The whole internet message to the representative, with the supporter's words and address, but for its signatures: the same bytes for every
/// attempt. Each reading is in the audit. One whose words were deleted, by retention or with the person, is not found. A message that cannot be sent to anybody now, or that goes with others in a digest, is
/// a conflict.
#[utoipa::path(
    tag = "administration",
    params(("id" = String, Path, description = "The message.", format = "uuid")),
    security(("bearer" = ["supporters:read"])),
    responses((status = 200, description = "The message.", body = String, content_type = "message/rfc822")),
    extensions(("x-problems" = json!(["conflict"])))
)]
#[get("/{id}/message")]
pub(crate) async fn get_delivery_message(
    app: Data<App>,
    caller: Caller<scope::SupportersRead>,
    path: Path<Uuid>,
) -> Answer {
    let reach = reach(&app, &caller).await?;
    let found = app.store.delivery(reach, DeliveryId::new(path.0)).await?.ok_or_else(Problem::not_found)?;
    if let Some(digest) = found.digest_id {
        return Err(Problem::conflict(format!(
            "it goes with others in one mail: read /v1/admin/digests/{digest}/message"
        )));
    }
    let directory = app.directory.load();
    let reached = reached(&directory, found.representative_id)?;
    let edition = app.editions.fetch(&app.store, &found).await?;
    let edition = edition.ok_or_else(|| Problem::conflict("what the letter is composed from is missing"))?;
    let message = letters::write(&found, &edition, &directory, reached, &app.mail_keys.bounces);
    let message = message.map_err(Problem::conflict)?;
    let actor = actor(&app, &caller);
    app.store.note_audit(actor, AuditAction::ReadMessage, found.organisation_id, path.0).await?;
    Ok(HttpResponse::Ok().content_type("message/rfc822").body(message.bytes().to_vec()))
}
