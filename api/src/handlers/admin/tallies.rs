//! Exact counts of a campaign in every state.

use super::{find_campaign, reach, slug};
use crate::app::App;
use crate::auth::{Caller, scope};
use crate::handlers::public::tallies::TallyView;
use crate::http::extract::Path;
use crate::http::problem::Answer;
use actix_web::web::Data;
use actix_web::{HttpResponse, get};

/// Exact totals of a campaign
///
/// As of this moment, supporters and messages too. Publish the public tally, not this one: the exact figures show whether a person
/// has taken part.
#[utoipa::path(
    tag = "administration",
    params(("slug" = String, Path, description = "The campaign.", example = "every-week-counts")),
    security(("bearer" = ["campaigns:read"])),
    responses((status = 200, description = "The totals.", body = TallyView))
)]
#[get("/tally")]
pub(crate) async fn get_exact_tally(
    app: Data<App>,
    caller: Caller<scope::CampaignsRead>,
    path: Path<String>,
) -> Answer {
    let reach = reach(&app, &caller).await?;
    let campaign = find_campaign(&app, reach, slug(&path.0)?).await?.campaign;
    let tally = app.store.tally(campaign.id()).await?;
    let now = app.clock.now();
    let view = TallyView::exact(campaign.content(), &tally, &app.directory.load(), now);
    Ok(HttpResponse::Ok().json(view))
}
