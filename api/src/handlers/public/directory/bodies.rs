//! Organisations responsible for an area, which people reach through their representative.

use crate::app::App;
use crate::http::page::{List, Page, PageQuery};
use crate::http::problem::{Answer, Problem};
use crate::views::vocabulary;
use actix_web::get;
use actix_web::web::Data;
use postbag_domain::directory::Overlap;
use postbag_domain::{AreaCode, AreaKey, AreaKind, Body, Directory, Flaw};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// A body: a Popolo organisation. An address is never answered.
#[derive(Serialize, ToSchema)]
#[schema(examples(json!({
    "id": "cancer_alliance/E56999001", "kind": "cancer_alliance", "code": "E56999001", "name": "Northwater Cancer Alliance",
    "classification": "cancer_alliance", "area_id": "E56999001", "contact_details": [], "route": "via_office",
    "reachable": "no_address", "source": "invented", "share": 0.9625, "postcodes": 2310
})))]
pub(crate) struct BodyView<'a> {
    #[schema(example = "cancer_alliance/E56000021")]
    id: String,
    /// The kind of area that leads to it.
    #[schema(schema_with = vocabulary::area_kind)]
    kind: &'static str,
    /// The code of that area.
    #[schema(value_type = String)]
    code: AreaCode,
    name: &'a str,
    /// The kind again, under Popolo's name for it.
    classification: &'static str,
    /// The code again, under Popolo's name for it.
    #[schema(value_type = String)]
    area_id: AreaCode,
    /// Always empty: addresses are never answered.
    contact_details: [&'a str; 0],
    /// How mail is meant to travel.
    #[schema(schema_with = vocabulary::route)]
    route: &'static str,
    /// How it does, given what is known.
    #[schema(schema_with = vocabulary::route)]
    reachable: &'static str,
    /// The source of these facts.
    source: Option<&'a str>,
    /// The part of the asked area's live postcodes that it is responsible for, from 0 to 1.
    share: Option<f64>,
    /// How many postcodes that is.
    postcodes: Option<u32>,
}

impl<'a> BodyView<'a> {
    fn of(body: &'a Body, share: Option<Overlap>) -> Self {
        Self {
            id: format!("{}/{}", body.kind, body.code),
            kind: body.kind.as_str(),
            code: body.code,
            name: &body.name,
            classification: body.kind.as_str(),
            area_id: body.code,
            contact_details: [],
            route: body.route.as_str(),
            reachable: body.reachable().as_str(),
            source: body.source.as_deref(),
            share: share.map(|share| share.share),
            postcodes: share.map(|share| share.postcodes),
        }
    }

    /// The bodies of a kind, or of every kind, whose postcodes meet an area: kind by kind, the largest part first.
    pub(super) fn meeting(area: AreaKey, kind: Option<AreaKind>, directory: &'a Directory) -> Vec<Self> {
        meeting(area, kind, directory).into_iter().map(|(body, share)| Self::of(body, Some(share))).collect()
    }
}

fn meeting(area: AreaKey, kind: Option<AreaKind>, directory: &Directory) -> Vec<(&Body, Overlap)> {
    let mut kinds: Vec<AreaKind> = directory.bodies().map(|body| body.kind).collect();
    kinds.sort_unstable();
    kinds.dedup();
    kinds.retain(|known| kind.is_none_or(|kind| *known == kind));
    let of_kind = |kind: AreaKind| {
        let shares = directory.overlaps(area, kind).into_iter();
        shares.flat_map(move |share| {
            directory.bodies_of(AreaKey { kind, code: share.code }).map(move |body| (body, share))
        })
    };
    kinds.into_iter().flat_map(of_kind).collect()
}

/// Which bodies, and which page of them.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct BodyQuery {
    /// Of this kind.
    #[param(value_type = Option<vocabulary::AreaKindWord>, inline)]
    kind: Option<AreaKind>,
    /// Meeting an area of this kind; with `area_code`.
    #[param(value_type = Option<vocabulary::AreaKindWord>, inline, example = "westminster_constituency")]
    area_kind: Option<AreaKind>,
    /// Meeting the area with this code; with `area_kind`.
    #[param(value_type = Option<String>, example = "E14999001")]
    area_code: Option<AreaCode>,
}

impl BodyQuery {
    /// The bodies that are asked for; with the parts of an area that they are responsible for, if one is.
    fn find<'d>(&self, directory: &'d Directory) -> Answer<Vec<(&'d Body, Option<Overlap>)>> {
        if let Some(area) = self.area(directory)? {
            let met = meeting(area, self.kind, directory);
            return Ok(met.into_iter().map(|(body, share)| (body, Some(share))).collect());
        }
        let of_kind = directory.bodies().filter(|body| self.kind.is_none_or(|kind| body.kind == kind));
        Ok(of_kind.map(|body| (body, None)).collect())
    }

    /// The area that is asked for, if one is.
    fn area(&self, directory: &Directory) -> Answer<Option<AreaKey>> {
        let missing = |other| Flaw::new("parameter_missing", format!("must be given together with {other}"));
        match (self.area_kind, self.area_code) {
            (None, None) => Ok(None),
            (Some(_), None) => Err(Problem::parameter("area_code", &missing("area_kind"))),
            (None, Some(_)) => Err(Problem::parameter("area_kind", &missing("area_code"))),
            (Some(kind), Some(code)) if directory.area(AreaKey { kind, code }).is_some() => {
                Ok(Some(AreaKey { kind, code }))
            }
            (Some(kind), Some(_)) => {
                let flaw = Flaw::new("area_unknown", format!("must be the code of an area of kind {kind}"));
                Err(Problem::parameter("area_code", &flaw))
            }
        }
    }
}

/// Bodies
///
/// Cancer Alliances, Integrated Care Boards, councils: in the order of kinds and codes. With `area_kind` and `area_code`, every body
/// whose postcodes meet that area, the largest part first, with its `share` of the area's live postcodes. A body's boundary need
/// not follow a constituency's, so several per area are possible; which of them a person's letter names, the person's postcode
/// decides.
#[utoipa::path(
    tag = "directory",
    params(BodyQuery, PageQuery),
    responses(
        (status = 200, description = "A page of bodies.", body = Page<BodyView<'static>>),
        (status = 304, description = "It has not changed."),
    )
)]
#[get("/v1/bodies")]
pub(crate) async fn list_bodies(app: Data<App>, list: List<BodyQuery>) -> Answer {
    let List { filter: query, paging } = list;
    let directory = app.directory.load();
    let found = query.find(&directory)?;
    // The order of the list, as a key: kinds, then the largest part, then codes.
    let key = |(body, share): &(&Body, Option<Overlap>)| {
        let postcodes = share.map_or(0, |share| share.postcodes);
        (body.kind, u32::MAX - postcodes, body.code)
    };
    Ok(paging.public(&paging.cut(found, key)?.map(|(body, share)| BodyView::of(body, share))))
}
