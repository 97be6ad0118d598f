//! The directory's representatives, with their addresses, by hand.

use super::read_only::ReadOnly;
use crate::app::App;
use crate::auth::{Caller, scope};
use crate::http::etag::{ETag, Precondition};
use crate::http::extract::{Json, Path, calendar};
use crate::http::page::{List, Page, PageQuery};
use crate::http::problem::{Answer, Problem};
use crate::views::digest_rule::DigestRuleDocument;
use crate::views::vocabulary;
use actix_web::web::Data;
use actix_web::{HttpResponse, get, put};
use chrono::NaiveDate;
use postbag_domain::text::{self, Limit as Length};
use postbag_domain::{
    AreaCode, AreaKey, DigestRule, DigestRuleFields, Directory, EmailAddress, FieldErrors, Findings, Flaw, Office,
    Representative, RepresentativeId,
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

/// A person holding an office for an area between two dates.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(examples(json!({
    "external_id": "demo:mp001", "office": "mp", "area_code": "E14999001", "name": "Una Jessamy", "party": "Harbour Party",
    "email": "una.jessamy@mp.example.org", "route": "email", "start_date": "2024-07-05"
})))]
pub(crate) struct RepresentativeDocument {
    #[serde(default, skip_serializing)]
    #[schema(read_only)]
    id: Option<Uuid>,
    /// The person's id at the source.
    #[schema(example = "parliament:4358")]
    external_id: String,
    #[schema(schema_with = vocabulary::office)]
    office: String,
    #[schema(example = "E14001172")]
    area_code: String,
    name: String,
    /// How letters greet the person, after "Dear".
    #[serde(default)]
    salutation: Option<String>,
    #[serde(default)]
    party: Option<String>,
    #[serde(default)]
    #[schema(format = "email")]
    email: Option<String>,
    /// How mail travels: `email` unless said.
    #[serde(default)]
    #[schema(schema_with = vocabulary::optional_route)]
    route: Option<String>,
    #[serde(default)]
    #[schema(schema_with = vocabulary::optional_locale)]
    language: Option<String>,
    /// The source of these facts.
    #[serde(default)]
    source: Option<String>,
    /// The day the address was last verified.
    #[serde(default, deserialize_with = "calendar::optional_day")]
    verified_on: Option<NaiveDate>,
    /// The day on which mail to the address last came back; leave it out for an address that works again.
    #[serde(default, deserialize_with = "calendar::optional_day")]
    bounced_on: Option<NaiveDate>,
    /// The day since which letters are held because several came back; leave it out, with `bounced_on`, for an address that works again.
    #[serde(default, deserialize_with = "calendar::optional_day")]
    held_on: Option<NaiveDate>,
    /// The wish for one mail a day or a week in place of single letters.
    #[serde(default)]
    digest: Option<DigestRuleDocument>,
    /// The first day in office.
    #[serde(default, deserialize_with = "calendar::optional_day")]
    start_date: Option<NaiveDate>,
    /// The first day not in office any more.
    #[serde(default, deserialize_with = "calendar::optional_day")]
    end_date: Option<NaiveDate>,
}

/// A representative as administrators see them.
#[derive(Clone, Serialize, ToSchema)]
#[schema(examples(json!({
    "id": "01998f00-0000-7000-8000-000000000001", "external_id": "demo:mp001", "office": "mp", "area_code": "E14999001",
    "name": "Una Jessamy", "salutation": null, "party": "Harbour Party", "email": "una.jessamy@mp.example.org",
    "route": "email", "language": null, "source": "invented", "verified_on": null, "bounced_on": null,
    "held_on": null, "digest": null, "start_date": "2024-07-05", "end_date": null
})))]
pub(crate) struct AdminRepresentativeView {
    id: Uuid,
    #[serde(flatten)]
    document: RepresentativeDocument,
}

impl From<&Representative> for AdminRepresentativeView {
    fn from(known: &Representative) -> Self {
        let document = RepresentativeDocument {
            id: None,
            external_id: known.external_id.clone(),
            office: known.office.to_string(),
            area_code: known.area_code.to_string(),
            name: known.name.clone(),
            salutation: known.salutation.clone(),
            party: known.party.clone(),
            email: known.email.as_ref().map(|email| email.as_str().to_owned()),
            route: Some(known.route.to_string()),
            language: known.language.map(|language| language.to_string()),
            source: known.source.clone(),
            verified_on: known.verified_on,
            bounced_on: known.bounced_on,
            held_on: known.held_on,
            digest: known.digest.map(Into::into),
            start_date: known.start_date,
            end_date: known.end_date,
        };
        Self { id: known.id.uuid(), document }
    }
}

impl AdminRepresentativeView {
    fn tag(&self) -> ETag {
        ETag::of_content(&serde_json::to_vec(&self.document).unwrap_or_default())
    }
}

impl RepresentativeDocument {
    fn parse(self, id: RepresentativeId, directory: &Directory) -> Result<Representative, FieldErrors> {
        let mut findings = Findings::new();
        ReadOnly(&mut findings).check("/id", self.id, Some(id.uuid()));
        let short = |text: String| text::line(&text, Length::of(200));
        let office = findings.check("/office", self.office.parse::<Office>());
        let area_code = findings.check("/area_code", self.area_code.parse::<AreaCode>());
        if let (Some(office), Some(code)) = (office, area_code)
            && directory.area(AreaKey { kind: office.area_kind(), code }).is_none()
        {
            let detail = format!("must be an area that elects the office {office}");
            findings.note("/area_code", Flaw::new("area_unknown", detail));
        }
        let external_id = findings.check("/external_id", short(self.external_id));
        let name = findings.check("/name", short(self.name));
        let salutation = findings.check_optional("/salutation", self.salutation, short);
        let party = findings.check_optional("/party", self.party, short);
        let source = findings.check_optional("/source", self.source, short);
        let email = findings.check_optional("/email", self.email.as_deref(), EmailAddress::parse);
        let route = findings.check("/route", self.route.as_deref().unwrap_or("email").parse());
        let language = findings.check_optional("/language", self.language.as_deref(), str::parse);
        if self.start_date.zip(self.end_date).is_some_and(|(start, end)| end < start) {
            findings.note("/end_date", Flaw::new("ends_before_start", "must not be earlier than start_date"));
        }
        let digest = DigestRule::check_optional(&mut findings, self.digest.map(DigestRuleFields::from).as_ref());
        let (verified_on, bounced_on, held_on) = (self.verified_on, self.bounced_on, self.held_on);
        let (start_date, end_date) = (self.start_date, self.end_date);
        let whole = || {
            Some(Representative {
                id,
                external_id: external_id?,
                office: office?,
                area_code: area_code?,
                name: name?,
                salutation: salutation?,
                party: party?,
                email: email?,
                route: route?,
                language: language?,
                source: source?,
                verified_on,
                bounced_on,
                held_on,
                digest: digest?,
                start_date,
                end_date,
                end_decided_on: None,
            })
        };
        findings.finish(whole())
    }
}

/// Which representatives, and which page of them.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct RepresentativeQuery {
    /// Holding this office.
    #[param(value_type = Option<vocabulary::OfficeWord>, inline)]
    office: Option<Office>,
    /// For the area with this code.
    area: Option<String>,
    /// Whose name holds this, in any case.
    name: Option<String>,
}

impl RepresentativeQuery {
    fn wants(&self, known: &Representative) -> bool {
        self.office.is_none_or(|office| known.office == office)
            && self.area.as_deref().is_none_or(|code| known.area_code.as_str() == code)
            && self.name.as_ref().is_none_or(|part| known.name.to_lowercase().contains(&part.to_lowercase()))
    }
}

/// Representatives
///
/// In the order of their ids, with their addresses, whether in office or not.
#[utoipa::path(
    tag = "administration",
    params(RepresentativeQuery, PageQuery),
    security(("bearer" = ["directory:read"])),
    responses((status = 200, description = "A page of representatives.", body = Page<AdminRepresentativeView>))
)]
#[get("")]
pub(crate) async fn list_representatives(
    app: Data<App>,
    _caller: Caller<scope::DirectoryRead>,
    list: List<RepresentativeQuery>,
) -> Answer {
    let List { filter: query, paging } = list;
    let directory = app.directory.load();
    let found = directory.representatives().filter(|known| query.wants(known));
    Ok(paging.private(&paging.cut(found, |known| known.id)?.map(AdminRepresentativeView::from)))
}

/// A representative
///
/// With their address, and the `ETag` that a change needs in `If-Match`.
#[utoipa::path(
    tag = "administration",
    params(("id" = String, Path, description = "The representative.", format = "uuid")),
    security(("bearer" = ["directory:read"])),
    responses((status = 200, description = "The representative, with their address.", body = AdminRepresentativeView))
)]
#[get("/{id}")]
pub(crate) async fn get_representative(
    app: Data<App>,
    _caller: Caller<scope::DirectoryRead>,
    path: Path<Uuid>,
) -> Answer {
    let directory = app.directory.load();
    let known = directory.representative(RepresentativeId::new(path.0)).ok_or_else(Problem::not_found)?;
    let view = AdminRepresentativeView::from(known);
    Ok(HttpResponse::Ok().insert_header(view.tag().header()).json(view))
}

/// Create or change a representative
///
/// For the operator: the directory is shared by every organisation. A change needs the `ETag` of what it changes in `If-Match`. A
/// later import of a file that names the same person for the same office brings the file's facts; but an `end_date` that is set here
/// stays until a file of a later day says otherwise.
#[utoipa::path(
    tag = "administration",
    params(
        ("id" = String, Path, description = "The representative; a fresh UUID for a new one.", format = "uuid"),
        ("If-Match" = Option<String>, Header, description = "The `ETag` that the change is based on."),
    ),
    request_body = RepresentativeDocument,
    security(("bearer" = ["directory:write"])),
    responses(
        (status = 200, description = "Changed, or the same as before.", body = AdminRepresentativeView),
        (status = 201, description = "Created.", body = AdminRepresentativeView),
    ),
    extensions(("x-problems" = json!(["operator-only"])))
)]
#[put("/{id}")]
pub(crate) async fn put_representative(
    app: Data<App>,
    caller: Caller<scope::DirectoryWrite>,
    path: Path<Uuid>,
    precondition: Precondition,
    body: Json<RepresentativeDocument>,
) -> Answer {
    caller.operator()?;
    let directory = app.directory.load_full();
    let representative = body.0.parse(RepresentativeId::new(path.0), &directory)?;
    let view = AdminRepresentativeView::from(&representative);
    let current = directory.representative(representative.id);
    let representative = representative.decided_over(current, app.clock.today());
    let same = current == Some(&representative);
    if !same {
        precondition.require_any(current.map(|known| AdminRepresentativeView::from(known).tag()).as_ref())?;
        app.store.put_representative(representative).await?;
        app.refresh().await?;
    }
    let mut response = if current.is_some() { HttpResponse::Ok() } else { HttpResponse::Created() };
    Ok(response.insert_header(view.tag().header()).json(view))
}
