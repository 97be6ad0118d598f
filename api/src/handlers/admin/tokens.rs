//! The tokens that this server issued, and their revocation.

use crate::app::App;
use crate::auth::{Caller, scope};
use crate::http::extract::Json;
use crate::http::page::{List, NoFilter, Page, PageQuery};
use crate::http::problem::Answer;
use actix_web::web::Data;
use actix_web::{HttpResponse, get, post};
use chrono::{DateTime, Utc};
use postbag_domain::{FieldErrors, Flaw};
use postbag_persistence::{IssuedToken, Revoked};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

/// A token that was issued, without the token itself.
#[derive(Clone, Serialize, ToSchema)]
#[schema(examples(json!({
    "id": "0b2f7c34-3c19-4b33-9d0b-0f0f4a6f1c55", "subject": "cms", "org": "red-kite", "scope": "campaigns:write",
    "issued_at": "2026-11-22T09:00:00Z", "expires_at": "2027-11-22T09:00:00Z"
})))]
pub(crate) struct IssuedTokenView {
    /// Its `jti`.
    id: Uuid,
    /// The person or system that uses it.
    subject: String,
    /// The organisation's slug, or `*` for the operator.
    org: String,
    /// Its scopes, separated by spaces.
    scope: String,
    issued_at: DateTime<Utc>,
    expires_at: DateTime<Utc>,
}

impl From<IssuedToken> for IssuedTokenView {
    fn from(issued: IssuedToken) -> Self {
        let IssuedToken { id, subject, org, scope, issued_at, expires_at } = issued;
        Self { id, subject, org, scope, issued_at, expires_at }
    }
}

/// Tokens that were issued
///
/// For the operator. Newest first, revoked and expired ones too; those of other issuers are not known here.
#[utoipa::path(
    tag = "administration",
    params(PageQuery),
    security(("bearer" = ["tokens:read"])),
    responses((status = 200, description = "A page of tokens.", body = Page<IssuedTokenView>)),
    extensions(("x-problems" = json!(["operator-only"])))
)]
#[get("")]
pub(crate) async fn list_tokens(app: Data<App>, caller: Caller<scope::TokensRead>, list: List<NoFilter>) -> Answer {
    caller.operator()?;
    let found = app.store.issued_tokens(list.paging.stored()?).await?;
    Ok(list.paging.private(&list.paging.page(found).map(IssuedTokenView::from)))
}

/// What to revoke: one of the two.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(examples(json!({ "subject": "cms" })))]
pub(crate) struct RevokeTokens {
    /// One token, by its `jti`; of any issuer.
    #[serde(default)]
    #[schema(max_length = 200)]
    id: Option<String>,
    /// A subject whose tokens up to now end.
    #[serde(default)]
    #[schema(max_length = 200)]
    subject: Option<String>,
}

impl RevokeTokens {
    fn parse(self) -> Result<Revoked, FieldErrors> {
        let is_name = |name: &String| (1..=200).contains(&name.len());
        let wrong = |pointer| FieldErrors::one(pointer, Flaw::new("name_invalid", "must have 1 to 200 characters"));
        match (self.id, self.subject) {
            (Some(id), None) if is_name(&id) => Ok(Revoked::Token(id)),
            (None, Some(subject)) if is_name(&subject) => Ok(Revoked::Subject(subject)),
            (Some(_), None) => Err(wrong("/id")),
            (None, Some(_)) => Err(wrong("/subject")),
            (None, None) | (Some(_), Some(_)) => {
                Err(FieldErrors::one("/id", Flaw::new("one_needed", "must be given, or subject instead of it")))
            }
        }
    }
}

/// Revoke tokens
///
/// For the operator: one token, or all of a subject up to now. In force at once here and within a second on other servers. Twice is as
/// good as once.
#[utoipa::path(
    tag = "administration",
    request_body = RevokeTokens,
    security(("bearer" = ["tokens:write"])),
    responses((status = 204, description = "Revoked.")),
    extensions(("x-problems" = json!(["operator-only"])))
)]
#[post("/revocations")]
pub(crate) async fn revoke_tokens(
    app: Data<App>,
    caller: Caller<scope::TokensWrite>,
    body: Json<RevokeTokens>,
) -> Answer {
    caller.operator()?;
    app.store.revoke(body.0.parse()?, app.clock.now()).await?;
    app.refresh().await?;
    Ok(HttpResponse::NoContent().finish())
}
