//! A campaign's asks: its numbered demands.

use super::read_only::ReadOnly;
use super::{edit, find_campaign, made, reach, require_seen, slug, tag};
use crate::app::App;
use crate::auth::{Caller, scope};
use crate::http::etag::Precondition;
use crate::http::extract::{Json, Path};
use crate::http::problem::Answer;
use crate::ids;
use crate::views::ask::AskView;
use crate::views::vocabulary;
use actix_web::web::Data;
use actix_web::{HttpResponse, put};
use postbag_domain::{Ask, AskFields, AskId, FieldErrors, Findings, ask};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

/// The asks, in order.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(examples(json!({ "asks": [{ "text": "Publish the waiting times.", "addressed_to": "body" }] })))]
pub(crate) struct PutAsks {
    #[schema(max_items = 50)]
    asks: Vec<AskDocument>,
}

/// One ask; with its id it is the ask that is there, otherwise a new one.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct AskDocument {
    #[serde(default)]
    id: Option<Uuid>,
    #[schema(min_length = 1, max_length = 1000)]
    text: String,
    #[schema(schema_with = vocabulary::addressed_to)]
    addressed_to: String,
    #[serde(default)]
    #[schema(schema_with = vocabulary::optional_ask_status)]
    status: Option<String>,
    /// Its number, counted from 1: given by its place in the list.
    #[serde(default)]
    #[schema(read_only)]
    position: Option<u16>,
}

/// The asks as they are now.
#[derive(Serialize, ToSchema)]
#[schema(examples(json!({
    "asks": [{ "id": "01998f00-0000-7000-8000-000000000006", "position": 1, "text": "Publish the waiting times.",
               "addressed_to": "body", "status": "open" }]
})))]
pub(crate) struct AsksView {
    asks: Vec<AskView>,
}

/// Set the ordered list of asks
///
/// As a whole. Replacing a list needs the campaign's `ETag` in `If-Match`. Letters that list the asks follow from the next
/// submission on; letters already accepted keep theirs.
#[utoipa::path(
    tag = "administration",
    params(
        ("slug" = String, Path, description = "The campaign.", example = "every-week-counts"),
        ("If-Match" = Option<String>, Header, description = "The campaign's `ETag` that the change is based on."),
    ),
    request_body = PutAsks,
    security(("bearer" = ["campaigns:write"])),
    responses((status = 200, description = "The asks, numbered from 1.", body = AsksView)),
    extensions(("x-problems" = json!(["campaign-incomplete"])))
)]
#[put("/asks")]
pub(crate) async fn put_asks(
    app: Data<App>,
    caller: Caller<scope::CampaignsWrite>,
    path: Path<String>,
    precondition: Precondition,
    body: Json<PutAsks>,
) -> Answer {
    let reach = reach(&app, &caller).await?;
    let stored = find_campaign(&app, reach, slug(&path.0)?).await?;
    let asks = parse(body.0.asks, Some(&stored.asks))?;
    require_seen(&precondition, &stored, !stored.asks.is_empty() && stored.asks != asks)?;
    let edit = edit(&app, reach, &stored);
    let stored = made(app.store.put_asks(edit, move |_known| Ok(asks)).await?)?;
    app.refresh().await?;
    let view = AsksView { asks: stored.asks.iter().map(AskView::of).collect() };
    Ok(HttpResponse::Ok().insert_header(tag(&stored).header()).json(view))
}

/// The asks, numbered; pointers are `/asks/N/…`. `known` are the campaign's: without any, the asks of a copied list get new ids.
pub(super) fn parse(asks: Vec<AskDocument>, known: Option<&[Ask]>) -> Result<Vec<Ask>, FieldErrors> {
    let mut findings = Findings::new();
    for (place, ask) in (1u16..).zip(&asks) {
        ReadOnly(&mut findings).check(&format!("/asks/{}/position", place - 1), ask.position, Some(place));
    }
    let fields = asks.into_iter().map(|ask| AskFields {
        id: ask.id.filter(|_| known.is_some()).map(AskId::new),
        text: ask.text,
        addressed_to: ask.addressed_to,
        status: ask.status,
    });
    let numbered = ask::number(fields.collect(), known.unwrap_or_default(), &mut ids::fresh);
    let numbered = findings.absorb(numbered);
    findings.finish(numbered)
}
