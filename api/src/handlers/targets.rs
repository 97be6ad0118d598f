//! Who a postcode would write to.

use super::notices::{NoticeView, notices};
use super::submission::{AreaChoiceFields, parse_area_choices};
use super::supporter::given;
use crate::extract::{Json, Path};
use crate::postbag::{Postbag, place};
use crate::problem::Answer;
use crate::state::State;
use crate::vocabulary;
use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse, post};
use postbag_domain::{
    AreaChoice, AreaChoices, AreaCode, AreaKey, Directory, FieldErrors, Findings, NamedArea, Place, Postcode, Target,
    Targets,
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

/// A postcode, which never travels in an address (A21).
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(examples(json!({ "postcode": "za11aa" })))]
pub(crate) struct FindTargets {
    /// In any spelling.
    #[schema(required, value_type = String)]
    postcode: Option<String>,
    /// Which area the person lives in, by kind, where the postcode straddles several.
    #[serde(default)]
    #[schema(value_type = std::collections::BTreeMap<String, String>)]
    area_choices: AreaChoiceFields,
}

impl FindTargets {
    fn parse(&self) -> Result<(Postcode, AreaChoices), FieldErrors> {
        let mut findings = Findings::new();
        let postcode = findings.check("/postcode", given(self.postcode.as_deref()).and_then(Postcode::parse));
        let choices = parse_area_choices(&mut findings, &self.area_choices);
        findings.finish(postcode.zip(choices))
    }
}

/// Who a postcode would write to, and what the letters would name.
#[derive(Serialize, ToSchema)]
#[schema(examples(json!({
    "postcode": "ZA1 1AA", "nation": "england",
    "areas": [{ "kind": "westminster_constituency", "code": "E14999001", "name": "Alderwick" }],
    "targets": [{ "representative_id": "01998f00-0000-7000-8000-000000000001", "name": "Una Jessamy", "office": "mp",
                  "party": "Harbour Party", "reachable": "email",
                  "area": { "kind": "westminster_constituency", "code": "E14999001", "name": "Alderwick" } }],
    "bodies": [{ "kind": "cancer_alliance", "code": "E56999001", "name": "Northwater Cancer Alliance" }], "choices": [], "notices": []
})))]
pub(crate) struct TargetsView<'a> {
    /// In its usual spelling.
    postcode: String,
    #[schema(schema_with = vocabulary::nation)]
    nation: &'static str,
    areas: Vec<AreaView<'a>>,
    /// What is certain.
    targets: Vec<TargetView<'a>>,
    /// Bodies that the letters name.
    bodies: Vec<AreaView<'a>>,
    /// Where the postcode straddles areas: the candidates to offer the person, for `area_choices`.
    choices: Vec<ChoiceView<'a>>,
    /// What people ought to know before they write.
    notices: Vec<NoticeView>,
}

/// A place with an official code.
#[derive(Serialize, ToSchema)]
pub(crate) struct AreaView<'a> {
    #[schema(schema_with = vocabulary::area_kind)]
    kind: &'static str,
    #[schema(value_type = String, example = "E14001172")]
    code: AreaCode,
    name: &'a str,
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
}

/// One area of several between which a postcode is divided.
#[derive(Serialize, ToSchema)]
pub(crate) struct ChoiceView<'a> {
    #[schema(schema_with = vocabulary::area_kind)]
    kind: &'static str,
    #[schema(value_type = String)]
    code: AreaCode,
    name: &'a str,
    /// The part of the postcode's addresses in it, from 0 to 1, where known.
    share: Option<f64>,
}

impl<'a> TargetsView<'a> {
    fn of(place: &Place, targets: &'a Targets, directory: &'a Directory, notices: Vec<NoticeView>) -> Self {
        let named = |kind, code| AreaView::named(directory, AreaKey { kind, code });
        Self {
            postcode: place.postcode.to_string(),
            nation: place.nation.as_str(),
            areas: place.areas.iter().map(|(kind, code)| named(*kind, *code)).collect(),
            targets: targets.targets.iter().map(TargetView::from).collect(),
            bodies: targets.bodies.iter().map(AreaView::from).collect(),
            choices: targets.choices.iter().map(|choice| ChoiceView::of(choice, directory)).collect(),
            notices,
        }
    }
}

impl<'a> AreaView<'a> {
    fn named(directory: &'a Directory, key: AreaKey) -> Self {
        let name = directory.area(key).map(|area| area.name.as_str()).unwrap_or_default();
        Self { kind: key.kind.as_str(), code: key.code, name }
    }
}

impl<'a> From<&'a NamedArea> for AreaView<'a> {
    fn from(area: &'a NamedArea) -> Self {
        Self { kind: area.kind.as_str(), code: area.code, name: &area.name }
    }
}

impl<'a> From<&'a Target> for TargetView<'a> {
    fn from(target: &'a Target) -> Self {
        let holder = target.addressee.as_ref();
        Self {
            representative_id: holder.map(|holder| holder.representative_id.uuid()),
            name: holder.map(|holder| holder.name.as_str()),
            office: target.office.as_str(),
            party: target.party.as_deref(),
            area: AreaView::from(&target.area),
            reachable: target.reachable.as_str(),
        }
    }
}

impl<'a> ChoiceView<'a> {
    fn of(choice: &AreaChoice, directory: &'a Directory) -> Self {
        let AreaView { kind, code, name } =
            AreaView::named(directory, AreaKey { kind: choice.kind, code: choice.code });
        Self { kind, code, name, share: choice.share }
    }
}

/// Who a postcode would write to
///
/// Reads memory only. A postcode that leads nowhere has a problem of its own that says what the person can do.
#[utoipa::path(
    tag = "actions",
    params(("slug" = String, Path, description = "The campaign.", example = "fair-care")),
    request_body = FindTargets,
    responses((status = 200, description = "The representatives and bodies of the postcode.", body = TargetsView<'static>)),
    extensions(("x-problems" = json!(["postcode-unknown", "postcode-terminated", "postcode-without-location", "postcode-outside-uk", "area-choice-wrong", "outside-nations", "directory-empty"])))
)]
#[post("/v1/campaigns/{slug}/targets")]
pub(crate) async fn find_targets(
    request: HttpRequest,
    postbag: Data<Postbag>,
    slug: Path<String>,
    body: Json<FindTargets>,
) -> Answer {
    let (postcode, choices) = body.0.parse()?;
    let day = State::of(&request).clock.today();
    let public = postbag.campaign(&slug.0)?;
    let directory = postbag.directory.load();
    let place = place(&directory, postcode, &choices, day)?;
    let targets = public.live.targets(&place, &directory, day)?;
    let notices = notices(&public.live, &directory, day, &[place.nation]);
    Ok(HttpResponse::Ok().json(TargetsView::of(&place, &targets, &directory, notices)))
}
