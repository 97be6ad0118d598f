//! Whom a postcode would write to, and the areas, bodies and choices that it names.

use super::area::AreaView;
use super::choice::ChoiceView;
use super::digest_rule::DigestRuleDocument;
use super::notices::NoticeView;
use crate::http::problem::{Answer, Problem};
use crate::views::vocabulary;
use actix_web::HttpResponse;
use actix_web::http::header::{self, HeaderValue};
use chrono::NaiveDate;
use postbag_domain::{
    AreaCode, AreaKey, AreaKind, Directory, Disagreement, LayerId, LiveCampaign, OfficeTargets, Place, PostcodeLayer,
    RepresentativeId, Target, Targets,
};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

/// Room for an answer, in bytes; a long one takes more.
const ROOM: usize = 2048;

/// Who a postcode would write to, and what the letters would name.
#[derive(Serialize, ToSchema)]
#[schema(examples(json!({
    "postcode": "ZA1 1AA", "nation": "england",
    "areas": [{ "kind": "westminster_constituency", "code": "E14999001", "name": "Alderwick" }],
    "targets": [{ "representative_id": "01998f00-0000-7000-8000-000000000001", "name": "Una Jessamy", "office": "mp",
                  "party": "Harbour Party", "reachable": "email",
                  "area": { "kind": "westminster_constituency", "code": "E14999001", "name": "Alderwick" } }],
    "by_office": [{ "office": "mp", "area": { "kind": "westminster_constituency", "code": "E14999001", "name": "Alderwick" },
                    "write_to": "all", "up_to": null, "seats": 1, "vacant": 0, "not_loaded": 0,
                    "representative_ids": ["01998f00-0000-7000-8000-000000000001"] }],
    "bodies": [{ "kind": "cancer_alliance", "code": "E56999001", "name": "Northwater Cancer Alliance" }],
    "choices": [], "disagreements": [], "notices": []
})))]
pub(crate) struct TargetsView<'a> {
    /// In its usual spelling.
    postcode: String,
    #[schema(schema_with = vocabulary::nation)]
    nation: &'static str,
    /// The areas that are certain.
    areas: Vec<PlacedView<'a>>,
    /// The targets that are certain.
    targets: Vec<TargetView<'a>>,
    /// The same people, office by office in the campaign's order, with how many of them are written to.
    by_office: Vec<OfficeTargetsView<'a>>,
    /// Bodies that the letters name.
    bodies: Vec<AreaView<'a>>,
    /// Where the postcode straddles areas that the campaign needs to know: the candidates to offer the person, for `area_choices`.
    choices: Vec<ChoiceView<'a>>,
    /// Where postcode files disagree on an area that the campaign needs to know. The latest has decided; `area_choices` may name
    /// the other.
    disagreements: Vec<DisagreementView<'a>>,
    /// What people ought to know before they write: of their representatives, and of this postcode.
    notices: Vec<NoticeView>,
    /// Only if asked for: areas of the postcode that do not hold on the day, of old boundaries and of those to come.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(required = false)]
    other_boundaries: Option<Vec<OtherBoundaryView<'a>>>,
}

/// A place that the postcode lies in.
#[derive(Serialize, ToSchema)]
pub(crate) struct PlacedView<'a> {
    #[schema(schema_with = vocabulary::area_kind)]
    kind: &'static str,
    #[schema(value_type = String, example = "E14001172")]
    code: AreaCode,
    name: &'a str,
    /// Only if `sources` were asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(required = false)]
    source: Option<SourceView<'a>>,
}

/// The postcode file that says so, or the service that was asked.
#[derive(Serialize, ToSchema)]
pub(crate) struct SourceView<'a> {
    /// The name under which a later file replaces it.
    #[schema(example = "onspd")]
    layer: &'a str,
    #[schema(example = "ONSPD_NOV_2025_UK.csv")]
    file: &'a str,
    /// The day to which its facts hold.
    as_of: NaiveDate,
}

/// Two postcode files that give different areas.
#[derive(Serialize, ToSchema)]
pub(crate) struct DisagreementView<'a> {
    #[schema(schema_with = vocabulary::area_kind)]
    kind: &'static str,
    /// The later file's area, which was chosen.
    chosen: SaidView<'a>,
    /// Another file's area.
    other: SaidView<'a>,
}

/// An area and the postcode file that gives it.
#[derive(Serialize, ToSchema)]
pub(crate) struct SaidView<'a> {
    #[schema(value_type = String, example = "E14001172")]
    code: AreaCode,
    name: &'a str,
    source: Option<SourceView<'a>>,
}

/// An area of the postcode that does not hold on the day.
#[derive(Serialize, ToSchema)]
pub(crate) struct OtherBoundaryView<'a> {
    #[serde(flatten)]
    area: AreaView<'a>,
    /// The set of boundaries it belongs to.
    generation: Option<&'a str>,
    /// Its first day.
    start_date: Option<NaiveDate>,
    /// Its last day.
    end_date: Option<NaiveDate>,
    source: Option<SourceView<'a>>,
}

/// A representative of the postcode. An address is never answered.
#[derive(Serialize, ToSchema)]
pub(crate) struct TargetView<'a> {
    /// `null` for an empty seat.
    #[schema(format = "uuid", value_type = Option<String>)]
    representative_id: Option<Uuid>,
    name: Option<&'a str>,
    #[schema(schema_with = vocabulary::office)]
    office: &'static str,
    party: Option<&'a str>,
    area: AreaView<'a>,
    #[schema(schema_with = vocabulary::reachability)]
    reachable: &'static str,
    /// Only if letters go to them in one mail a day or a week, with what it shows of the people who write.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(required = false)]
    digest: Option<DigestRuleDocument>,
}

/// One office of the postcode, and how many of those who hold it together are written to.
///
/// `write_to`: `all`, those that `target_ids` names (`choice`), some drawn by lot, always the same for one person (`random`), or
/// those to whom the campaign wrote least so far (`least_written_to`).
#[derive(Serialize, ToSchema)]
pub(crate) struct OfficeTargetsView<'a> {
    #[schema(schema_with = vocabulary::office)]
    office: &'static str,
    area: AreaView<'a>,
    #[schema(schema_with = vocabulary::write_to)]
    write_to: &'static str,
    /// At most how many; `null` for `all`.
    up_to: Option<u32>,
    /// How many the area elects.
    seats: usize,
    /// Vacant seats.
    vacant: usize,
    /// Seats whose holders were never imported for this nation.
    not_loaded: usize,
    /// Who holds it; `reachable` of each target says whether they can be written to.
    #[schema(format = "uuid", value_type = Vec<String>)]
    representative_ids: Vec<Uuid>,
}

impl<'a> TargetsView<'a> {
    pub(crate) fn of(
        live: &LiveCampaign,
        place: &Place,
        targets: &'a Targets,
        directory: &'a Directory,
        notices: Vec<NoticeView>,
    ) -> Self {
        let disagreement = |other| DisagreementView::of(other, place, directory);
        Self {
            postcode: place.postcode.to_string(),
            nation: place.nation.as_str(),
            areas: place.areas.iter().map(|(kind, code)| PlacedView::of(*kind, *code, directory)).collect(),
            targets: targets.targets.iter().map(TargetView::from).collect(),
            by_office: live.by_office(targets, directory).into_iter().map(OfficeTargetsView::from).collect(),
            bodies: targets.bodies.iter().map(AreaView::from).collect(),
            choices: targets.choices.iter().map(ChoiceView::from).collect(),
            disagreements: targets.disagreements.iter().filter_map(disagreement).collect(),
            notices,
            other_boundaries: None,
        }
    }

    pub(crate) fn with_sources(&mut self, place: &'a Place, directory: &'a Directory) {
        for (view, (_kind, layer)) in self.areas.iter_mut().zip(&place.sources) {
            view.source =
                place.looked_up.as_deref().map(SourceView::from).or_else(|| SourceView::of(*layer, directory));
        }
    }

    pub(crate) fn with_other_boundaries(&mut self, others: &[(AreaKey, LayerId)], directory: &'a Directory) {
        let view = |(key, layer): &(AreaKey, LayerId)| OtherBoundaryView::of(*key, *layer, directory);
        self.other_boundaries = Some(others.iter().map(view).collect());
    }
}

impl TargetsView<'_> {
    /// The answer, written into memory that is large enough for most: it would move with every doubling.
    pub(crate) fn answer(&self) -> Answer {
        let mut body = Vec::with_capacity(ROOM);
        serde_json::to_writer(&mut body, self).map_err(Problem::internal)?;
        let json = HeaderValue::from_static("application/json");
        Ok(HttpResponse::Ok().insert_header((header::CONTENT_TYPE, json)).body(body))
    }
}

impl<'a> PlacedView<'a> {
    fn of(kind: AreaKind, code: AreaCode, directory: &'a Directory) -> Self {
        let AreaView { kind, code, name } = AreaView::named(directory, AreaKey { kind, code });
        Self { kind, code, name, source: None }
    }
}

impl<'a> SourceView<'a> {
    fn of(layer: LayerId, directory: &'a Directory) -> Option<Self> {
        directory.layer(layer).map(Self::from)
    }
}

impl<'a> From<&'a PostcodeLayer> for SourceView<'a> {
    fn from(layer: &'a PostcodeLayer) -> Self {
        Self { layer: &layer.name, file: &layer.source, as_of: layer.as_of }
    }
}

impl<'a> DisagreementView<'a> {
    fn of(other: &Disagreement, place: &Place, directory: &'a Directory) -> Option<Self> {
        let Disagreement { kind, code, layer } = *other;
        let said = |code, layer| {
            let AreaView { name, .. } = AreaView::named(directory, AreaKey { kind, code });
            SaidView { code, name, source: SourceView::of(layer, directory) }
        };
        let chosen = said(place.area(kind)?, place.source(kind)?);
        Some(Self { kind: kind.as_str(), chosen, other: said(code, layer) })
    }
}

impl<'a> OtherBoundaryView<'a> {
    fn of(key: AreaKey, layer: LayerId, directory: &'a Directory) -> Self {
        let listed = directory.area(key);
        Self {
            area: AreaView::named(directory, key),
            generation: listed.and_then(|area| area.generation.as_deref()),
            start_date: listed.and_then(|area| area.start_date),
            end_date: listed.and_then(|area| area.end_date),
            source: SourceView::of(layer, directory),
        }
    }
}

impl<'a> From<&'a Target> for TargetView<'a> {
    fn from(target: &'a Target) -> Self {
        let holder = target.addressee.as_ref();
        Self {
            representative_id: target.representative_id().map(RepresentativeId::uuid),
            name: holder.map(|holder| holder.name.as_str()),
            office: target.office.as_str(),
            party: target.party.as_deref(),
            area: AreaView::from(&target.area),
            reachable: target.reachable.as_str(),
            digest: target.digest.map(Into::into),
        }
    }
}

impl<'a> From<OfficeTargets<'a>> for OfficeTargetsView<'a> {
    fn from(of: OfficeTargets<'a>) -> Self {
        Self {
            office: of.office.as_str(),
            area: AreaView::from(of.area),
            write_to: of.write_to.as_str(),
            up_to: of.up_to,
            seats: of.seats,
            vacant: of.vacant,
            not_loaded: of.not_loaded,
            representative_ids: of.representative_ids.into_iter().map(RepresentativeId::uuid).collect(),
        }
    }
}
