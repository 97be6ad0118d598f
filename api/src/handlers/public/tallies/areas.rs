//! Counts by area.

use super::{Format, falling, plain};
use crate::app::App;
use crate::http::extract::Path;
use crate::http::page::{List, Page, PageQuery};
use crate::http::prepared::Prepared;
use crate::http::problem::Answer;
use crate::views::vocabulary;
use actix_web::web::Data;
use actix_web::{HttpRequest, get};
use chrono::NaiveDate;
use postbag_domain::{AreaCode, AreaKey, AreaKind, CampaignContent, Directory, Nation};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use utoipa::{IntoParams, ToSchema};

/// Which areas, in which order, and which page.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct AreaTallyQuery {
    /// The kind of area to count by.
    #[param(value_type = vocabulary::AreaKindWord, inline, example = "westminster_constituency")]
    kind: AreaKind,
    /// `true` to list the campaign's areas without an action too.
    #[serde(default)]
    #[param(value_type = Option<bool>)]
    zeros: bool,
    /// The order: by code, by name, or the most actions first.
    #[serde(default)]
    #[param(value_type = Option<AreaOrder>, inline)]
    sort: AreaOrder,
    /// `csv` for the whole list as a file for a spreadsheet.
    #[serde(default)]
    #[param(value_type = Option<Format>, inline)]
    format: Format,
}

/// The order of areas.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
enum AreaOrder {
    #[default]
    Code,
    Name,
    Actions,
}

impl AreaOrder {
    fn key(self, view: &AreaTallyView) -> (i64, String, AreaCode) {
        match self {
            Self::Code => (0, String::new(), view.code),
            Self::Name => (0, view.name.clone(), view.code),
            Self::Actions => (falling(view.actions), String::new(), view.code),
        }
    }
}

/// How many took part in one area.
#[derive(Clone, Serialize, ToSchema)]
#[schema(examples(json!({
    "kind": "westminster_constituency", "code": "E14999001", "name": "Alderwick", "actions": 12
})))]
pub(crate) struct AreaTallyView {
    #[schema(schema_with = vocabulary::area_kind)]
    kind: &'static str,
    /// The area's GSS code.
    #[schema(value_type = String, example = "E14001172")]
    code: AreaCode,
    name: String,
    actions: i64,
}

impl AreaTallyView {
    fn of(kind: AreaKind, code: AreaCode, actions: i64, directory: &Directory) -> Self {
        let known = directory.area(AreaKey { kind, code }).map(|area| area.name.as_str());
        let nation = || Nation::from_code(code.as_str()).filter(|_| kind == AreaKind::Nation).map(Nation::name);
        Self { kind: kind.as_str(), code, name: known.or_else(nation).unwrap_or_default().to_owned(), actions }
    }
}

/// Counts by area
///
/// Each submission counts one action in each area of its postcode. Areas without an action are left out unless `zeros=true`.
#[utoipa::path(
    tag = "tallies",
    params(("slug" = String, Path, description = "The campaign.", example = "every-week-counts"), AreaTallyQuery, PageQuery),
    responses(
        (status = 200, description = "A page of areas, or all of them as CSV.", content(
            (Page<AreaTallyView> = "application/json"),
            (String = "text/csv", example = "kind,code,name,actions\nnation,E92000001,England,12\n"),
        )),
        (status = 304, description = "It has not changed."),
    )
)]
#[get("/tally/areas")]
pub(crate) async fn list_area_tallies(
    request: HttpRequest,
    app: Data<App>,
    slug: Path<String>,
    list: List<AreaTallyQuery>,
) -> Answer {
    let List { filter: query, paging } = list;
    let public = app.campaign(&slug.0)?;
    let directory = app.directory.load();
    let board = app.tallies.board(public.live.campaign.id());
    let mut counts: BTreeMap<AreaCode, i64> = board.read(|figures| figures.now.areas(query.kind).collect());
    if query.zeros {
        let today = app.clock.today();
        for code in areas_of(query.kind, public.live.campaign.content(), &directory, today) {
            counts.entry(code).or_default();
        }
    }
    let views = counts.into_iter().map(|(code, actions)| AreaTallyView::of(query.kind, code, actions, &directory));
    if query.format == Format::Csv {
        let mut views: Vec<_> = views.map(|view| AreaTallyView { name: plain(view.name.clone()), ..view }).collect();
        views.sort_unstable_by_key(|view| query.sort.key(view));
        return Prepared::csv(&format!("{}-{}", slug.0, query.kind), views, &request);
    }
    Ok(paging.public(&paging.cut(views, |view| query.sort.key(view))?))
}

/// The areas of a kind in the campaign's nations.
fn areas_of(
    kind: AreaKind,
    content: &CampaignContent,
    directory: &Directory,
    day: NaiveDate,
) -> impl Iterator<Item = AreaCode> {
    let nations = content.nations.iter().filter(move |_| kind == AreaKind::Nation).map(|nation| nation.area_code());
    let exists = move |area: &&postbag_domain::Area| area.has_begun(day) && !area.has_ended(day);
    let areas = directory.areas().filter(move |area| area.key.kind == kind).filter(exists).map(|area| area.key.code);
    let inside = |code: &AreaCode| code.nation().is_some_and(|nation| content.nations.contains(&nation));
    nations.chain(areas).filter(inside)
}
