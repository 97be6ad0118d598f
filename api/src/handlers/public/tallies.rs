//! Counts of a campaign, cacheable and without personal data.

pub(crate) mod areas;
pub(crate) mod representatives;
pub(crate) mod timeline;
mod view;

pub(crate) use view::TallyView;

use crate::app::App;
use crate::http::extract::Path;
use crate::http::prepared::Prepared;
use crate::http::problem::Answer;
use actix_web::web::Data;
use actix_web::{HttpRequest, get};
use serde::Deserialize;
use utoipa::ToSchema;

/// How a list is answered.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
#[schema(default = "json")]
pub(crate) enum Format {
    /// A page at a time.
    #[default]
    Json,
    /// The whole list as a file for a spreadsheet.
    Csv,
}

/// Totals of a campaign
///
/// `actions` are exact and no older than a second. `supporters`, `messages` and `contacted` are those of the last midnight in London
/// (`daily_as_of`), so that nobody can read off them whether a person has taken part. Send the `ETag` back in `If-None-Match` to learn
/// cheaply that nothing changed.
#[utoipa::path(
    tag = "tallies",
    params(("slug" = String, Path, description = "The campaign.", example = "every-week-counts")),
    responses((status = 200, description = "The totals.", body = TallyView), (status = 304, description = "Unchanged."))
)]
#[get("/tally")]
pub(crate) async fn get_tally(request: HttpRequest, app: Data<App>, slug: Path<String>) -> Answer {
    let now = app.clock.now();
    let public = app.campaign(&slug.0)?;
    let prepared = app.tallies.board(public.live.campaign.id()).rendered(now, |figures, as_of| {
        Prepared::of(&TallyView::public(public.live.campaign.content(), figures, &app.directory.load(), as_of, now))
    });
    Ok(prepared.answer(&request))
}

/// A name as a spreadsheet may show it: text that it would take for a formula gets an apostrophe before it.
pub(crate) fn plain(name: String) -> String {
    if name.starts_with(['=', '+', '-', '@', '\t', '\r']) { format!("'{name}") } else { name }
}

/// A sort key by which larger counts come first.
pub(crate) fn falling(count: i64) -> i64 {
    i64::MAX - count
}
