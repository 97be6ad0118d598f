//! What would go: a dry run of an organisation's retention (B11).

use super::organisation_document::RetentionDocument;
use super::{find_organisation, reach};
use crate::app::App;
use crate::auth::{Caller, scope};
use crate::http::extract::{Path, Query, calendar};
use crate::http::problem::Answer;
use actix_web::web::Data;
use actix_web::{HttpResponse, get};
use chrono::{DateTime, NaiveDate, Utc};
use postbag_domain::{RetentionFields, uk_midnight};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// What would go on a day.
#[derive(Serialize, ToSchema)]
#[schema(examples(json!({
    "as_of": "2026-11-30T09:00:00Z", "rules": { "message_days": 28, "failed_message_days": 84, "identity_days": 730, "client_days": 30 },
    "due": { "messages": 120, "identities": 3 }
})))]
pub(crate) struct RetentionView {
    /// The moment that is looked at.
    as_of: DateTime<Utc>,
    /// The rules in force.
    rules: RetentionDocument,
    due: DueView,
}

/// How much of each class is due then.
#[derive(Serialize, ToSchema)]
pub(crate) struct DueView {
    /// Personal messages: deleted, while the person and the counts stay.
    messages: i64,
    /// People: erased as by `POST /v1/admin/supporters/{id}/erasure`.
    identities: i64,
}

/// The day to look at.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct RetentionQuery {
    /// What would be due when this day begins in the United Kingdom; now if left out.
    #[serde(default, deserialize_with = "calendar::optional_day")]
    #[param(example = "2027-01-01")]
    on: Option<NaiveDate>,
}

/// What retention would delete
///
/// A dry run, which deletes nothing. What is due goes by itself once a day.
#[utoipa::path(
    tag = "administration",
    params(("slug" = String, Path, description = "The organisation.", example = "harbour-cancer-trust"), RetentionQuery),
    security(("bearer" = ["supporters:read"])),
    responses((status = 200, description = "How much is due.", body = RetentionView))
)]
#[get("/{slug}/retention")]
pub(crate) async fn get_retention(
    app: Data<App>,
    caller: Caller<scope::SupportersRead>,
    path: Path<String>,
    query: Query<RetentionQuery>,
) -> Answer {
    let reach = reach(&app, &caller).await?;
    let stored = find_organisation(&app, reach, &path.0).await?;
    let as_of = query.0.on.map_or_else(|| app.clock.now(), uk_midnight);
    let rules = stored.organisation.content.retention;
    let due = app.store.retention_due(stored.organisation.id, rules.cutoffs(as_of)).await?;
    let due = DueView { messages: due.messages, identities: due.identities };
    let rules = RetentionFields::from(rules).into();
    Ok(HttpResponse::Ok().json(RetentionView { as_of, rules, due }))
}
