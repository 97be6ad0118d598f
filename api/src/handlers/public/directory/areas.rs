//! Places with official codes, in their time.

use super::OtherNameView;
use super::bodies::BodyView;
use super::representatives::RepresentativeView;
use crate::app::App;
use crate::http::extract::{Path, calendar};
use crate::http::page::{List, Page, PageQuery};
use crate::http::prepared::Prepared;
use crate::http::problem::{Answer, Problem};
use crate::views::area::AreaView;
use crate::views::vocabulary;
use actix_web::web::Data;
use actix_web::{HttpRequest, get};
use chrono::NaiveDate;
use postbag_domain::{Area, AreaCode, AreaKey, AreaKind, Directory, Nation, Office};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// A Popolo area.
#[derive(Serialize, ToSchema)]
#[schema(examples(json!({
    "kind": "westminster_constituency", "code": "E14999001", "name": "Alderwick", "other_names": [], "nation": "england",
    "generation": "2024", "parent_id": null, "seats": 1, "start_date": "2024-07-04", "end_date": null, "alias_of": null
})))]
pub(crate) struct ListedAreaView<'a> {
    #[serde(flatten)]
    named: AreaView<'a>,
    /// Its Welsh and Gaelic names.
    other_names: Vec<OtherNameView<'a>>,
    /// `null` for what lies in several.
    #[schema(schema_with = vocabulary::optional_nation)]
    nation: Option<&'static str>,
    /// The boundary set it belongs to.
    #[schema(example = "2024")]
    generation: Option<&'a str>,
    /// The code of the area it lies in: a Holyrood constituency's region.
    #[schema(value_type = Option<String>)]
    parent_id: Option<AreaCode>,
    /// How many people are elected for it.
    seats: Option<u16>,
    /// The first day of validity, where known.
    start_date: Option<NaiveDate>,
    /// The last day of validity, where it has one.
    end_date: Option<NaiveDate>,
    /// The code that replaced this one.
    #[schema(value_type = Option<String>)]
    alias_of: Option<AreaCode>,
}

/// A Popolo area with its representatives, and the bodies that it leads to.
#[derive(Serialize, ToSchema)]
#[schema(examples(json!({
    "kind": "cancer_alliance", "code": "E56999001", "name": "Northwater", "other_names": [], "nation": "england",
    "generation": "2024", "parent_id": null, "seats": null, "start_date": null, "end_date": null, "alias_of": null,
    "canonical_code": "E56999001", "lies_in": [], "holders": [], "bodies": []
})))]
pub(crate) struct WholeAreaView<'a> {
    #[serde(flatten)]
    area: ListedAreaView<'a>,
    /// The code that counts today: another one where the code was re-issued.
    #[schema(value_type = String)]
    canonical_code: AreaCode,
    /// The listed areas that it lies in, the nation last.
    lies_in: Vec<AreaView<'a>>,
    /// The holders of its offices today.
    holders: Vec<RepresentativeView<'a>>,
    /// The bodies whose postcodes meet it, the largest part first. The postcode decides which of them a letter names.
    bodies: Vec<BodyView<'a>>,
}

impl<'a> ListedAreaView<'a> {
    fn of(area: &'a Area) -> Self {
        Self {
            named: AreaView { kind: area.key.kind.as_str(), code: area.key.code, name: &area.name },
            other_names: OtherNameView::of(area),
            nation: nation(area).map(Nation::as_str),
            generation: area.generation.as_deref(),
            parent_id: area.parent_code,
            seats: area.seats,
            start_date: area.start_date,
            end_date: area.end_date,
            alias_of: area.alias_of,
        }
    }
}

/// The nation by the area's code, or the code of the area it lies in.
fn nation(area: &Area) -> Option<Nation> {
    area.key.code.nation().or_else(|| area.parent_code?.nation())
}

impl<'a> WholeAreaView<'a> {
    fn of(area: &'a Area, directory: &'a Directory, day: NaiveDate) -> Self {
        let kind = area.key.kind;
        let code = directory.canonical_code(kind, area.key.code);
        let offices = Office::ALL.iter().filter(|office| office.area_kind() == kind);
        let holders = offices.flat_map(|office| directory.holders(*office, code, day));
        let chain = directory.chain(area.key).into_iter().skip(1).filter(|key| directory.area(*key).is_some());
        Self {
            area: ListedAreaView::of(area),
            canonical_code: code,
            lies_in: chain.map(|key| AreaView::named(directory, key)).collect(),
            holders: holders.map(|known| RepresentativeView::of(known, directory)).collect(),
            bodies: BodyView::meeting(AreaKey { kind, code }, None, directory),
        }
    }
}

/// Which areas, and which page of them.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct AreaQuery {
    /// Of this kind.
    #[param(value_type = Option<vocabulary::AreaKindWord>, inline)]
    kind: Option<AreaKind>,
    /// In this nation.
    #[param(value_type = Option<vocabulary::NationWord>, inline)]
    nation: Option<Nation>,
    /// Of this boundary set.
    #[param(example = "2024")]
    generation: Option<String>,
    /// Lying in the area with this code.
    #[param(value_type = Option<String>)]
    parent: Option<AreaCode>,
    /// One of whose names holds this, in any case.
    name: Option<String>,
    /// Valid on this day, from 1900 to 2100. Unless said, today; with `generation`, at any time.
    #[param(value_type = Option<NaiveDate>)]
    #[serde(default, deserialize_with = "calendar::optional_day")]
    on: Option<NaiveDate>,
}

impl AreaQuery {
    /// The day on which areas must be valid.
    fn day(&self, today: NaiveDate) -> Option<NaiveDate> {
        let usual = if self.generation.is_some() { None } else { Some(today) };
        self.on.or(usual)
    }

    fn wants(&self, area: &Area, day: Option<NaiveDate>) -> bool {
        let named = |part: &String| {
            let names = [Some(&area.name), area.name_cy.as_ref(), area.name_gd.as_ref()];
            names.into_iter().flatten().any(|name| name.to_lowercase().contains(&part.to_lowercase()))
        };
        // A code that was re-issued is the same place under another code.
        area.alias_of.is_none()
            && self.kind.is_none_or(|kind| area.key.kind == kind)
            && self.nation.is_none_or(|wanted| nation(area) == Some(wanted))
            && self.generation.as_ref().is_none_or(|generation| area.generation.as_ref() == Some(generation))
            && self.parent.is_none_or(|parent| area.parent_code == Some(parent))
            && day.is_none_or(|day| area.is_valid_on(day))
            && self.name.as_ref().is_none_or(named)
    }
}

/// Areas
///
/// In the order of kinds and codes: those valid today, or `on` another day, so that boundaries before and after a change can be
/// asked for. Codes that were re-issued are left out; each can be read by itself.
#[utoipa::path(
    tag = "directory",
    params(AreaQuery, PageQuery),
    responses(
        (status = 200, description = "A page of areas.", body = Page<ListedAreaView<'static>>),
        (status = 304, description = "It has not changed."),
    )
)]
#[get("/v1/areas")]
pub(crate) async fn list_areas(app: Data<App>, list: List<AreaQuery>) -> Answer {
    let List { filter: query, paging } = list;
    let day = query.day(app.clock.today());
    let directory = app.directory.load();
    let found = directory.areas().filter(|area| query.wants(area, day));
    Ok(paging.public(&paging.cut(found, |area| area.key)?.map(ListedAreaView::of)))
}

/// An area
///
/// With who holds its offices today, and the bodies whose postcodes meet it. A code that was re-issued is answered as it was
/// listed, with the code that counts today and that one's holders and bodies.
#[utoipa::path(
    tag = "directory",
    params(
        ("kind" = String, Path, description = "What sort of area.", example = "westminster_constituency"),
        ("code" = String, Path, description = "Its GSS code.", example = "E14999001"),
    ),
    responses(
        (status = 200, description = "The area.", body = WholeAreaView<'static>,
         headers(("ETag" = String, description = "Its tag."))),
        (status = 304, description = "It has not changed."),
    )
)]
#[get("/v1/areas/{kind}/{code}")]
pub(crate) async fn get_area(request: HttpRequest, app: Data<App>, path: Path<(AreaKind, AreaCode)>) -> Answer {
    let (kind, code) = path.0;
    let directory = app.directory.load();
    let area = directory.area(AreaKey { kind, code }).ok_or_else(Problem::not_found)?;
    let today = app.clock.today();
    Ok(Prepared::of(&WholeAreaView::of(area, &directory, today)).answer(&request))
}
