//! Mails to representatives in place of several letters.

use super::stops::actor;
use super::{reach, reached};
use crate::app::App;
use crate::auth::{Caller, scope};
use crate::http::extract::Path;
use crate::http::page::{List, NoFilter, Page, PageQuery};
use crate::http::problem::{Answer, Problem};
use crate::letters::digest;
use crate::views::vocabulary;
use actix_web::web::Data;
use actix_web::{HttpResponse, get};
use chrono::{DateTime, Utc};
use postbag_domain::{AuditAction, DigestId};
use postbag_persistence::{ClaimedDigest, DigestSummary};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

/// One mail in place of several letters.
#[derive(Clone, Serialize, ToSchema)]
#[schema(examples(json!({
    "id": "01998f00-0000-7000-8000-00000000000a", "representative_id": "01998f00-0000-7000-8000-000000000001",
    "representative_name": "Una Jessamy", "every": "day", "state": "queued", "letters": 27, "attempts": 0,
    "due_at": "2026-11-23T08:00:00Z", "reply": null, "created_at": "2026-11-22T09:00:00Z"
})))]
pub(crate) struct DigestView {
    id: Uuid,
    representative_id: Uuid,
    /// `null` for a person who is no longer in the directory.
    representative_name: Option<String>,
    #[schema(schema_with = vocabulary::digest_interval)]
    every: &'static str,
    /// `queued` while it collects letters; `cancelled` if no letter could go with it.
    #[schema(schema_with = vocabulary::delivery_state)]
    state: &'static str,
    /// How many letters it carries.
    letters: i64,
    attempts: i32,
    /// The moment it is due, or a worker's lease on it ends.
    due_at: Option<DateTime<Utc>>,
    /// The mail relay's last reply.
    reply: Option<String>,
    created_at: DateTime<Utc>,
}

impl DigestView {
    fn of(app: &App, summary: DigestSummary) -> Self {
        let directory = app.directory.load();
        Self {
            id: summary.id.uuid(),
            representative_id: summary.representative_id.uuid(),
            representative_name: directory.representative(summary.representative_id).map(|known| known.name.clone()),
            every: summary.every.as_str(),
            state: summary.state.as_str(),
            letters: summary.letters,
            attempts: summary.attempts,
            due_at: summary.due_at,
            reply: summary.reply,
            created_at: summary.created_at,
        }
    }
}

/// Digests
///
/// Newest first. A representative or a campaign may have one mail a day or a week in place of single letters (`digest`): it leaves at
/// eight in the morning by British clocks, and what became of it is what became of the letters it carries.
#[utoipa::path(
    tag = "administration",
    params(PageQuery),
    security(("bearer" = ["deliveries:read"])),
    responses((status = 200, description = "A page of digests.", body = Page<DigestView>))
)]
#[get("")]
pub(crate) async fn list_digests(
    app: Data<App>,
    caller: Caller<scope::DeliveriesRead>,
    list: List<NoFilter>,
) -> Answer {
    let paging = list.paging;
    let reach = reach(&app, &caller).await?;
    let found = app.store.list_digests(reach, paging.stored()?).await?;
    Ok(paging.private(&paging.page(found).map(|summary| DigestView::of(&app, summary))))
}

/// A digest as it is sent
///
/// The whole internet message to the representative but for its signatures: of the letters that wait for it, as it would leave now, or of
/// those that it carried. Each reading is in the audit. One that has no letters to carry is a conflict.
#[utoipa::path(
    tag = "administration",
    params(("id" = String, Path, description = "The digest.", format = "uuid")),
    security(("bearer" = ["supporters:read"])),
    responses((status = 200, description = "The message.", body = String, content_type = "message/rfc822")),
    extensions(("x-problems" = json!(["conflict"])))
)]
#[get("/{id}/message")]
pub(crate) async fn get_digest_message(
    app: Data<App>,
    caller: Caller<scope::SupportersRead>,
    path: Path<Uuid>,
) -> Answer {
    let reach = reach(&app, &caller).await?;
    let found = app.store.digest(reach, DigestId::new(path.0)).await?.ok_or_else(Problem::not_found)?;
    let message = write(&app, &found).await?;
    let actor = actor(&app, &caller);
    app.store.note_audit(actor, AuditAction::ReadMessage, found.organisation_id, path.0).await?;
    Ok(HttpResponse::Ok().content_type("message/rfc822").body(message))
}

async fn write(app: &App, found: &ClaimedDigest) -> Answer<Vec<u8>> {
    let directory = app.directory.load();
    let reached = reached(&directory, found.representative_id)?;
    let organisation = app.store.organisation_by_id(found.organisation_id).await?.ok_or_else(Problem::not_found)?;
    let sources = (&app.store, &app.editions);
    let carried = digest::carried(found, sources, &directory, app.clock.today()).await?;
    let keys = &app.mail_keys.bounces;
    let mail = digest::write(found, &carried, &organisation.organisation, reached, keys);
    Ok(mail.map_err(Problem::conflict)?.bytes().to_vec())
}
