//! Who holds which office.

use super::IdentifierView;
use crate::app::App;
use crate::http::extract::{Path, calendar};
use crate::http::page::{List, Page, PageQuery};
use crate::http::prepared::Prepared;
use crate::http::problem::{Answer, Problem};
use crate::views::area::AreaView;
use crate::views::popolo;
use crate::views::vocabulary;
use actix_web::web::Data;
use actix_web::{HttpRequest, get};
use chrono::NaiveDate;
use postbag_domain::{
    AreaCode, AreaKey, Directory, Legislature, Locale, Nation, Office, Representative, RepresentativeId,
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

/// A person holding an office: a Popolo person with one membership, and where the facts come from. An address is never answered.
#[derive(Serialize, ToSchema)]
#[schema(examples(json!({
    "id": "01998f00-0000-7000-8000-000000000001", "name": "Una Jessamy",
    "identifiers": [{ "scheme": "demo", "identifier": "mp001" }], "contact_details": [],
    "memberships": [{
        "id": "01998f00-0000-7000-8000-000000000001", "person_id": "01998f00-0000-7000-8000-000000000001",
        "role": "Member of Parliament", "organization_id": "house-of-commons",
        "organization": { "id": "house-of-commons", "name": "House of Commons", "classification": "legislature" },
        "post_id": "mp/E14999001", "post": { "id": "mp/E14999001", "label": "Member of Parliament for Alderwick",
            "role": "Member of Parliament", "organization_id": "house-of-commons", "area_id": "E14999001" },
        "area_id": "E14999001", "area": { "kind": "westminster_constituency", "code": "E14999001", "name": "Alderwick" },
        "on_behalf_of_id": "harbour-party",
        "on_behalf_of": { "id": "harbour-party", "name": "Harbour Party", "classification": "party" },
        "start_date": "2024-07-05", "end_date": null
    }],
    "office": "mp", "party": "Harbour Party",
    "area": { "kind": "westminster_constituency", "code": "E14999001", "name": "Alderwick" },
    "route": "email", "reachable": "email", "language": null, "salutation": null, "source": "invented",
    "verified_on": null, "bounced_on": null
})))]
pub(crate) struct RepresentativeView<'a> {
    id: Uuid,
    name: &'a str,
    /// The person's id at the source.
    identifiers: Vec<IdentifierView<'a>>,
    /// Always empty: addresses are never answered.
    contact_details: [&'a str; 0],
    /// One: a person in two offices is answered twice.
    memberships: [MembershipView<'a>; 1],
    #[schema(schema_with = vocabulary::office)]
    office: &'static str,
    party: Option<&'a str>,
    area: AreaView<'a>,
    /// How mail is meant to travel.
    #[schema(schema_with = vocabulary::route)]
    route: &'static str,
    /// How it does, given what is known: a route to an address leads nowhere without one.
    #[schema(schema_with = vocabulary::route)]
    reachable: &'static str,
    /// The language the person prefers to be written to in.
    #[schema(schema_with = vocabulary::optional_locale)]
    language: Option<&'static str>,
    /// How letters greet the person, after "Dear"; the name where it is `null`.
    salutation: Option<&'a str>,
    /// The source of these facts.
    source: Option<&'a str>,
    /// The day the address was last verified.
    verified_on: Option<NaiveDate>,
    /// The day on which mail to the address last came back.
    bounced_on: Option<NaiveDate>,
}

/// A person in a post, between two days.
#[derive(Serialize, ToSchema)]
pub(crate) struct MembershipView<'a> {
    id: Uuid,
    person_id: Uuid,
    #[schema(example = "Member of Parliament")]
    role: &'static str,
    organization_id: String,
    organization: OrganizationView<'a>,
    post_id: String,
    post: PostView,
    /// The area's GSS code.
    area_id: String,
    area: AreaView<'a>,
    /// The party's id.
    on_behalf_of_id: Option<String>,
    on_behalf_of: Option<OrganizationView<'a>>,
    /// The first day in office, where known.
    start_date: Option<NaiveDate>,
    /// The first day not in office any more, where known.
    end_date: Option<NaiveDate>,
}

/// A legislature, or a party.
#[derive(Serialize, ToSchema)]
pub(crate) struct OrganizationView<'a> {
    #[schema(example = "house-of-commons")]
    id: String,
    #[schema(example = "House of Commons")]
    name: &'a str,
    /// `legislature`, `government` or `party`.
    #[schema(example = "legislature")]
    classification: &'static str,
}

/// A Popolo post: an office for an area.
#[derive(Serialize, ToSchema)]
pub(crate) struct PostView {
    #[schema(example = "mp/E14001172")]
    id: String,
    label: String,
    role: &'static str,
    organization_id: String,
    /// The area's GSS code.
    area_id: String,
}

impl<'a> RepresentativeView<'a> {
    pub(super) fn of(known: &'a Representative, directory: &'a Directory) -> Self {
        let (scheme, identifier) = known.external_id.split_once(':').unwrap_or(("source", &known.external_id));
        Self {
            id: known.id.uuid(),
            name: &known.name,
            identifiers: vec![IdentifierView { scheme, identifier }],
            contact_details: [],
            memberships: [MembershipView::of(known, directory)],
            office: known.office.as_str(),
            party: known.party.as_deref(),
            area: area(known, directory),
            route: known.route.as_str(),
            reachable: known.reachable().as_str(),
            language: known.language.map(Locale::as_str),
            salutation: known.salutation.as_deref(),
            source: known.source.as_deref(),
            verified_on: known.verified_on,
            bounced_on: known.bounced_on,
        }
    }
}

impl<'a> MembershipView<'a> {
    fn of(known: &'a Representative, directory: &'a Directory) -> Self {
        let post = PostView::of(known, directory);
        Self {
            id: known.id.uuid(),
            person_id: known.id.uuid(),
            role: known.office.title(),
            organization_id: post.organization_id.clone(),
            organization: OrganizationView::of_office(known.office),
            post_id: post.id.clone(),
            area_id: post.area_id.clone(),
            post,
            area: area(known, directory),
            on_behalf_of_id: known.party.as_deref().map(popolo::party_id),
            on_behalf_of: known.party.as_deref().map(OrganizationView::of_party),
            start_date: known.start_date,
            end_date: known.end_date,
        }
    }
}

impl<'a> OrganizationView<'a> {
    fn of_office(office: Office) -> Self {
        let classification = if office.legislature().is_some() { "legislature" } else { "government" };
        Self { id: popolo::organization_id(office), name: popolo::organization_name(office), classification }
    }

    fn of_party(name: &'a str) -> Self {
        Self { id: popolo::party_id(name), name, classification: "party" }
    }
}

impl PostView {
    fn of(known: &Representative, directory: &Directory) -> Self {
        let area = area(known, directory);
        Self {
            id: popolo::post_id(known.office, area.code),
            label: popolo::post_label(known.office, area.name),
            role: known.office.title(),
            organization_id: popolo::organization_id(known.office),
            area_id: area.code.to_string(),
        }
    }
}

/// The area of a membership, by its present code.
fn area<'a>(known: &Representative, directory: &'a Directory) -> AreaView<'a> {
    let kind = known.office.area_kind();
    AreaView::named(directory, AreaKey { kind, code: directory.canonical_code(kind, known.area_code) })
}

/// Which representatives, and which page of them.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct PublicRepresentativeQuery {
    /// Holding this office.
    #[param(value_type = Option<vocabulary::OfficeWord>, inline)]
    office: Option<Office>,
    /// For the area with this code; a code that was re-issued leads to the one that replaced it.
    #[param(value_type = Option<String>, example = "E14999001")]
    area: Option<AreaCode>,
    /// For an area in this nation.
    #[param(value_type = Option<vocabulary::NationWord>, inline)]
    nation: Option<Nation>,
    /// Members of this legislature.
    #[param(value_type = Option<vocabulary::LegislatureWord>, inline)]
    legislature: Option<Legislature>,
    /// Whose name holds this, in any case.
    name: Option<String>,
    /// In office on this day, from 1900 to 2100; today unless said.
    #[param(value_type = Option<NaiveDate>)]
    #[serde(default, deserialize_with = "calendar::optional_day")]
    on: Option<NaiveDate>,
}

impl PublicRepresentativeQuery {
    fn wants(&self, known: &Representative, directory: &Directory, day: NaiveDate) -> bool {
        let kind = known.office.area_kind();
        let code = |code| directory.canonical_code(kind, code);
        directory.is_in_office(known, day)
            && self.office.is_none_or(|office| known.office == office)
            && self.area.is_none_or(|area| code(area) == code(known.area_code))
            && self.nation.is_none_or(|nation| known.area_code.nation() == Some(nation))
            && self.legislature.is_none_or(|legislature| known.office.legislature() == Some(legislature))
            && self.name.as_ref().is_none_or(|part| known.name.to_lowercase().contains(&part.to_lowercase()))
    }
}

/// Representatives in office
///
/// Those in office today, or `on` another day, in the order of their ids. Each is a Popolo person with a membership, a post, a
/// legislature and a party, and says how mail reaches them and where the facts come from. No address is ever answered.
#[utoipa::path(
    tag = "directory",
    params(PublicRepresentativeQuery, PageQuery),
    responses(
        (status = 200, description = "A page of representatives.", body = Page<RepresentativeView<'static>>),
        (status = 304, description = "It has not changed."),
    )
)]
#[get("/v1/representatives")]
pub(crate) async fn list_public_representatives(app: Data<App>, list: List<PublicRepresentativeQuery>) -> Answer {
    let List { filter: query, paging } = list;
    let day = query.on.unwrap_or_else(|| app.clock.today());
    let directory = app.directory.load();
    let found = directory.representatives().filter(|known| query.wants(known, &directory, day));
    let page = paging.cut(found, |known| known.id)?;
    Ok(paging.public(&page.map(|known| RepresentativeView::of(known, &directory))))
}

/// A representative, in office or not
///
/// Popolo, with where the facts come from, and never an address.
#[utoipa::path(
    tag = "directory",
    params(("id" = String, Path, description = "The representative.", format = "uuid")),
    responses(
        (status = 200, description = "The representative.", body = RepresentativeView<'static>,
         headers(("ETag" = String, description = "Its tag."))),
        (status = 304, description = "It has not changed."),
    )
)]
#[get("/v1/representatives/{id}")]
pub(crate) async fn get_public_representative(request: HttpRequest, app: Data<App>, path: Path<Uuid>) -> Answer {
    let directory = app.directory.load();
    let known = directory.representative(RepresentativeId::new(path.0)).ok_or_else(Problem::not_found)?;
    Ok(Prepared::of(&RepresentativeView::of(known, &directory)).answer(&request))
}
