//! How much of a campaign's offices can be written to.

use super::{find_campaign, reach, slug};
use crate::app::App;
use crate::auth::{Caller, scope};
use crate::http::extract::Path;
use crate::http::problem::{Answer, ProblemError};
use crate::views::vocabulary;
use actix_web::web::Data;
use actix_web::{HttpResponse, get};
use postbag_domain::{Coverage, OfficeCoverage};
use serde::Serialize;
use utoipa::ToSchema;

/// The people whom a campaign can reach today.
#[derive(Serialize, ToSchema)]
#[schema(examples(json!({
    "offices": [{ "office": "mp", "nation": "england", "seats": 543, "holders": 542, "with_address": 540, "refusing": 0,
                  "without_address": 2, "vacant": 1, "not_loaded": 0, "postcodes": 1_500_000 }],
    "warnings": [{ "pointer": "/offices/mp/england", "code": "addresses_missing",
                   "detail": "2 of 542 holders of the office mp in England have no known address" }]
})))]
pub(crate) struct CoverageView {
    /// Each office of the campaign, in each nation where it is written to.
    offices: Vec<OfficeCoverageView>,
    /// People for whom submissions would be refused, in words.
    warnings: Vec<ProblemError>,
}

/// One office in one nation.
#[derive(Serialize, ToSchema)]
struct OfficeCoverageView {
    #[schema(schema_with = vocabulary::office)]
    office: &'static str,
    #[schema(schema_with = vocabulary::nation)]
    nation: &'static str,
    /// How many people are elected to it.
    seats: usize,
    /// How many people hold it.
    holders: usize,
    /// How many of them can be written to.
    with_address: usize,
    /// How many of them do not wish to be written to.
    refusing: usize,
    /// How many of them have no known address.
    without_address: usize,
    /// Vacant seats.
    vacant: usize,
    /// Seats whose holders were never imported for this nation.
    not_loaded: usize,
    /// How many live postcodes lead to the office.
    postcodes: u32,
}

impl CoverageView {
    fn of(coverage: &Coverage) -> Self {
        let warnings = coverage.missing().into_iter().chain(coverage.warnings());
        Self {
            offices: coverage.offices().iter().map(OfficeCoverageView::from).collect(),
            warnings: warnings.map(ProblemError::from).collect(),
        }
    }
}

impl From<&OfficeCoverage> for OfficeCoverageView {
    fn from(known: &OfficeCoverage) -> Self {
        Self {
            office: known.office.as_str(),
            nation: known.nation.as_str(),
            seats: known.seats,
            holders: known.holders,
            with_address: known.with_address,
            refusing: known.refusing,
            without_address: known.without_address,
            vacant: known.vacant,
            not_loaded: known.not_loaded,
            postcodes: known.postcodes,
        }
    }
}

/// Who a campaign can reach
///
/// For each office and nation: seats, holders, how many have an address, and how many postcodes lead there. Look before a campaign
/// goes live: people whose representatives have no address are refused.
#[utoipa::path(
    tag = "administration",
    params(("slug" = String, Path, description = "The campaign.", example = "every-week-counts")),
    security(("bearer" = ["campaigns:read"])),
    responses((status = 200, description = "The coverage as of today.", body = CoverageView))
)]
#[get("/coverage")]
pub(crate) async fn get_coverage(app: Data<App>, caller: Caller<scope::CampaignsRead>, path: Path<String>) -> Answer {
    let reach = reach(&app, &caller).await?;
    let campaign = find_campaign(&app, reach, slug(&path.0)?).await?.campaign;
    let today = app.clock.today();
    let coverage = Coverage::of(campaign.content(), &app.directory.load(), today);
    Ok(HttpResponse::Ok().json(CoverageView::of(&coverage)))
}
