//! Exact counts of a campaign in every state.

use super::{find_campaign, reach, slug};
use crate::app::App;
use crate::auth::{Caller, scope};
use crate::handlers::public::tallies::{Format, TallyView, falling, plain};
use crate::http::extract::Path;
use crate::http::page::{List, Page, PageQuery};
use crate::http::prepared::Prepared;
use crate::http::problem::Answer;
use actix_web::web::Data;
use actix_web::{HttpResponse, get};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// How the sources are answered.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct SourceTallyQuery {
    /// `csv` for the whole list as a file for a spreadsheet.
    #[serde(default)]
    #[param(value_type = Option<Format>, inline)]
    format: Format,
}

/// How many came by one source.
#[derive(Clone, Serialize, ToSchema)]
#[schema(examples(json!({ "source": "newsletter", "actions": 12 })))]
pub(crate) struct SourceTallyView {
    /// The `source` of the submissions.
    source: String,
    /// Confirmed actions that came by it.
    actions: i64,
}

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

/// Counts by source
///
/// Submissions that name a `source`, the most actions first, as of this moment.
#[utoipa::path(
    tag = "administration",
    params(("slug" = String, Path, description = "The campaign.", example = "every-week-counts"), SourceTallyQuery, PageQuery),
    security(("bearer" = ["campaigns:read"])),
    responses((status = 200, description = "A page of sources, or all of them as CSV.", content(
        (Page<SourceTallyView> = "application/json"),
        (String = "text/csv", example = "source,actions\nnewsletter,12\n"),
    )))
)]
#[get("/tally/sources")]
pub(crate) async fn list_source_tallies(
    app: Data<App>,
    caller: Caller<scope::CampaignsRead>,
    path: Path<String>,
    list: List<SourceTallyQuery>,
) -> Answer {
    let List { filter: query, paging } = list;
    let reach = reach(&app, &caller).await?;
    let campaign = find_campaign(&app, reach, slug(&path.0)?).await?.campaign;
    let tally = app.store.tally(campaign.id()).await?;
    let mut views: Vec<_> =
        tally.sources().map(|(source, actions)| SourceTallyView { source: source.to_owned(), actions }).collect();
    if query.format == Format::Csv {
        views.sort_unstable_by_key(order);
        let rows = views.into_iter().map(|view| SourceTallyView { source: plain(view.source), ..view });
        return Prepared::private_csv(&format!("{}-sources", path.0), rows);
    }
    Ok(paging.private(&paging.cut(views, order)?))
}

fn order(view: &SourceTallyView) -> (i64, String) {
    (falling(view.actions), view.source.clone())
}
