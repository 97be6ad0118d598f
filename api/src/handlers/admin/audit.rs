//! What administrators did with messages.

use super::reach;
use crate::app::App;
use crate::auth::{Caller, scope};
use crate::http::page::{List, Page, PageQuery};
use crate::http::problem::Answer;
use crate::views::vocabulary;
use actix_web::get;
use actix_web::web::Data;
use chrono::{DateTime, Utc};
use postbag_domain::{AuditAction, AuditEntry, OrganisationId};
use postbag_persistence::AuditFilter;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

/// Which entries, and which page of them.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct AuditQuery {
    /// About this message, organisation or representative.
    subject: Option<Uuid>,
    /// Of this kind.
    #[param(value_type = Option<vocabulary::AuditActionWord>, inline)]
    action: Option<AuditAction>,
}

/// One thing that was done.
#[derive(Clone, Serialize, ToSchema)]
#[schema(examples(json!({
    "id": "01998f00-0000-7000-8000-000000000041", "organisation_id": "01998f00-0000-7000-8000-000000000007", "actor": "ops",
    "action": "cancel_message", "subject_id": "01998f00-0000-7000-8000-000000000009", "note": null,
    "created_at": "2026-11-22T09:00:00Z"
})))]
pub(crate) struct AuditEntryView {
    id: Uuid,
    /// The organisation whose data it concerns; `null` for what concerns everybody.
    organisation_id: Option<Uuid>,
    /// The subject of the token that it was done with.
    actor: String,
    #[schema(schema_with = vocabulary::audit_action)]
    action: &'static str,
    /// The message, organisation or representative that it was done to; all zeros for everything.
    subject_id: Uuid,
    note: Option<String>,
    created_at: DateTime<Utc>,
}

impl From<AuditEntry> for AuditEntryView {
    fn from(entry: AuditEntry) -> Self {
        Self {
            id: entry.id.uuid(),
            organisation_id: entry.organisation_id.map(OrganisationId::uuid),
            actor: entry.actor,
            action: entry.action.as_str(),
            subject_id: entry.subject_id,
            note: entry.note,
            created_at: entry.at,
        }
    }
}

/// The audit
///
/// What was done with messages and what was stopped, by whom, newest first. Entries never change and never go.
#[utoipa::path(
    tag = "administration",
    params(AuditQuery, PageQuery),
    security(("bearer" = ["deliveries:read"])),
    responses((status = 200, description = "A page of entries.", body = Page<AuditEntryView>))
)]
#[get("/audit")]
pub(crate) async fn list_audit(
    app: Data<App>,
    caller: Caller<scope::DeliveriesRead>,
    list: List<AuditQuery>,
) -> Answer {
    let List { filter: query, paging } = list;
    let reach = reach(&app, &caller).await?;
    let filter = AuditFilter { subject_id: query.subject, action: query.action };
    let found = app.store.list_audit(reach, filter, paging.stored()?).await?;
    Ok(paging.private(&paging.page(found).map(AuditEntryView::from)))
}
