//! A campaign's life: from draft to live, and on.

use super::campaign_view::AdminCampaignView;
use super::{edit, find_campaign, made, reach, slug, tag};
use crate::app::App;
use crate::auth::{Caller, scope};
use crate::http::extract::{Json, Path};
use crate::http::problem::{Answer, Problem, ProblemError, ProblemType};
use crate::views::vocabulary;
use actix_web::web::Data;
use actix_web::{HttpResponse, post};
use postbag_domain::{CampaignStatus, Coverage, FieldErrors};
use postbag_persistence::StoredCampaign;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A change of status.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(examples(json!({ "to": "live" })))]
pub(crate) struct TransitionCampaign {
    #[schema(schema_with = vocabulary::campaign_status)]
    to: String,
}

/// A campaign in its new status.
#[derive(Serialize, ToSchema)]
pub(crate) struct TransitionView {
    #[serde(flatten)]
    campaign: AdminCampaignView,
    /// On going live: people for whom submissions would be refused.
    warnings: Vec<ProblemError>,
}

/// Move a campaign on in its life
///
/// draft → live ⇄ paused → closed → archived. Going live is refused with the list of everything that is missing, and if nobody could be
/// written to; `warnings` name people who would be refused. Pausing holds the letters that wait; they leave within five minutes of
/// resuming.
#[utoipa::path(
    tag = "administration",
    params(("slug" = String, Path, description = "The campaign.", example = "every-week-counts")),
    request_body = TransitionCampaign,
    security(("bearer" = ["campaigns:write"])),
    responses(
        (status = 200, description = "The campaign in its new status.", body = TransitionView,
         headers(("ETag" = String, description = "The campaign's tag."))),
    ),
    extensions(("x-problems" = json!(["campaign-incomplete", "transition-not-allowed", "precondition-failed"])))
)]
#[post("/transitions")]
pub(crate) async fn transition_campaign(
    app: Data<App>,
    caller: Caller<scope::CampaignsWrite>,
    path: Path<String>,
    body: Json<TransitionCampaign>,
) -> Answer {
    let to = body.0.to.parse().map_err(|flaw| FieldErrors::one("/to", flaw))?;
    let reach = reach(&app, &caller).await?;
    let stored = find_campaign(&app, reach, slug(&path.0)?).await?;
    let coverage = Coverage::of(stored.campaign.content(), &app.directory.load(), app.clock.today());
    if stored.campaign.status() == CampaignStatus::Draft && to == CampaignStatus::Live {
        require_reachable(&stored, &coverage)?;
    }
    let stored = made(app.store.transition_campaign(edit(&app, reach, &stored), to).await?)?;
    app.refresh().await?;
    let warnings = if to == CampaignStatus::Live { coverage.warnings() } else { Vec::new() };
    let view = TransitionView {
        campaign: AdminCampaignView::of(&stored),
        warnings: warnings.into_iter().map(ProblemError::from).collect(),
    };
    Ok(HttpResponse::Ok().insert_header(tag(&stored).header()).json(view))
}

/// Refuses a campaign that could reach nobody, since it would refuse every submission; everything else that is missing is listed too.
fn require_reachable(stored: &StoredCampaign, coverage: &Coverage) -> Answer<()> {
    let Some(nobody) = coverage.missing() else { return Ok(()) };
    let readiness = stored.readiness();
    let missing = readiness.missing().iter().cloned().chain([nobody]);
    Err(Problem::new(ProblemType::CampaignIncomplete).errors(missing.map(ProblemError::from)))
}
