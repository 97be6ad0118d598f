//! Complaints about the use of personal data, from anybody (DPA 2018 s164A, B10), and requests of people who have a link.

use super::preferences::{actor, find_organisation, opened};
use crate::app::App;
use crate::auth::Bearer;
use crate::http::extract::Json;
use crate::http::limits::{Complaints, Within};
use crate::http::problem::{Answer, Problem};
use crate::ids;
use crate::views::vocabulary;
use actix_web::http::header;
use actix_web::web::Data;
use actix_web::{HttpResponse, post};
use chrono::{DateTime, Utc};
use postbag_domain::{
    EmailAddress, FieldErrors, Findings, Means, OrganisationId, RequestId, RequestKind, RequestWords, RightsRequest,
    Slug,
};
use postbag_persistence::NewRequest;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

/// A complaint about how an organisation uses personal data.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(examples(json!({
    "organisation": "harbour-cancer-trust", "email": "ada@example.org",
    "words": "I asked you not to telephone me, and you did."
})))]
pub(crate) struct Complain {
    /// The organisation's slug.
    organisation: String,
    /// Where to answer.
    #[schema(format = "email")]
    email: String,
    /// What it is about.
    #[schema(max_length = 5000)]
    words: String,
}

/// The receipt of a request or a complaint.
#[derive(Serialize, ToSchema)]
#[schema(examples(json!({ "id": "01998f00-0000-7000-8000-000000000051", "due_at": "2026-12-22T09:00:00Z" })))]
pub(crate) struct RequestReceipt {
    /// The id to quote.
    id: Uuid,
    /// The moment by which the organisation must acknowledge a complaint, or answer a request.
    due_at: Option<DateTime<Utc>>,
}

/// Complain about the use of personal data
///
/// Anybody may. The organisation must acknowledge it within 30 days, and answer. The receipt is the same for people it knows and for others.
#[utoipa::path(
    tag = "preferences",
    request_body = Complain,
    responses((status = 201, description = "It was taken in.", body = RequestReceipt)),
    extensions(("x-problems" = json!(["quota-exceeded"])))
)]
#[post("/v1/complaints")]
pub(crate) async fn complain(_within: Within<Complaints>, app: Data<App>, body: Json<Complain>) -> Answer {
    let (slug, contact, words) = body.0.parse()?;
    let organisation = find_organisation(&app, slug).await?;
    take(&app, organisation, (RequestKind::Complaint, Means::Form), contact, words).await
}

impl Complain {
    fn parse(&self) -> Result<(Slug, EmailAddress, RequestWords), FieldErrors> {
        let mut findings = Findings::new();
        let slug = findings.check("/organisation", Slug::parse(&self.organisation));
        let contact = findings.check("/email", EmailAddress::parse(&self.email));
        let words = findings.check("/words", RequestWords::parse(&self.words));
        let whole = slug.zip(contact).zip(words);
        findings.finish(whole.map(|((slug, contact), words)| (slug, contact, words)))
    }
}

/// What a person asks with their link.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(examples(json!({ "kind": "rectification", "words": "My name is spelt Ashgrove." })))]
pub(crate) struct MakeRequest {
    /// Access and erasure are calls of their own, which are answered at once; they can be asked for here too.
    #[schema(schema_with = vocabulary::request_kind)]
    kind: String,
    #[schema(max_length = 5000)]
    words: String,
}

/// Ask for something about your data
///
/// A correction, a complaint, or what the other calls do not do. Staff answer within a month.
#[utoipa::path(
    tag = "preferences",
    request_body = MakeRequest,
    security(("preferences_token" = [])),
    responses((status = 201, description = "It was taken in.", body = RequestReceipt))
)]
#[post("/v1/preferences/requests")]
pub(crate) async fn make_request(app: Data<App>, bearer: Bearer, body: Json<MakeRequest>) -> Answer {
    let person = opened(&app, bearer.token()).await?.ok_or_else(Bearer::refused)?;
    let mut findings = Findings::new();
    let kind = findings.check("/kind", body.0.kind.parse::<RequestKind>());
    let words = findings.check("/words", RequestWords::parse(&body.0.words));
    let (kind, words) = findings.finish(kind.zip(words))?;
    let contact = person.ledger.address.clone().ok_or_else(Problem::not_found)?;
    take(&app, person.organisation.id, (kind, Means::Link), contact, words).await
}

async fn take(
    app: &App,
    organisation_id: OrganisationId,
    (kind, means): (RequestKind, Means),
    contact: EmailAddress,
    words: RequestWords,
) -> Answer {
    let (id, now) = (RequestId::new(ids::fresh()), app.clock.now());
    let request = RightsRequest::new(kind, now);
    let new = NewRequest { id, organisation_id, request, means, contact, words: Some(words), note: None };
    app.store.record_request(new, actor(app)).await?;
    let receipt = RequestReceipt { id: id.uuid(), due_at: request.due_at(now) };
    Ok(HttpResponse::Created().insert_header((header::CACHE_CONTROL, "no-store")).json(receipt))
}
