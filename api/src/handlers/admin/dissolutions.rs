//! Dissolutions: one act for a whole legislature, announced ahead.

use crate::app::App;
use crate::auth::{Caller, scope};
use crate::http::etag::{ETag, Precondition};
use crate::http::extract::{Json, Path, calendar};
use crate::http::page::{List, NoFilter, Page, PageQuery};
use crate::http::problem::{Answer, Problem};
use crate::views::vocabulary;
use actix_web::web::Data;
use actix_web::{HttpResponse, delete, get, put};
use chrono::{Datelike, NaiveDate};
use postbag_domain::{Dissolution, Legislature};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// The years that a dissolution may be in.
const YEARS: std::ops::RangeInclusive<i32> = 1900..=2200;

/// The facts of a dissolution besides its day.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(examples(json!({ "election_on": "2029-05-03" })))]
pub(crate) struct PutDissolution {
    /// The day of the election. Until it is over nobody is taken for a member who does not begin after the dissolution.
    #[serde(default, deserialize_with = "calendar::optional_day")]
    election_on: Option<NaiveDate>,
}

/// A dissolution.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(examples(json!({
    "legislature": "house_of_commons", "dissolved_on": "2029-03-30", "election_on": "2029-05-03", "phase": "announced"
})))]
pub(crate) struct DissolutionView {
    #[schema(schema_with = vocabulary::legislature)]
    legislature: &'static str,
    /// From this day on nobody who was a member before is in office.
    dissolved_on: NaiveDate,
    election_on: Option<NaiveDate>,
    #[schema(schema_with = vocabulary::dissolution_phase)]
    phase: &'static str,
}

impl DissolutionView {
    fn of(dissolution: &Dissolution, today: NaiveDate) -> Self {
        Self {
            legislature: dissolution.legislature().as_str(),
            dissolved_on: dissolution.dissolved_on(),
            election_on: dissolution.election_on(),
            phase: dissolution.phase(today).as_str(),
        }
    }
}

fn tag(dissolution: &Dissolution) -> ETag {
    ETag::of_content(format!("{:?}", (dissolution.dissolved_on(), dissolution.election_on())).as_bytes())
}

/// The legislature and the day of a path. What cannot be one names nothing.
fn named(legislature: &str, dissolved_on: NaiveDate) -> Answer<(Legislature, NaiveDate)> {
    let legislature = legislature.parse().map_err(|_flaw| Problem::not_found())?;
    if YEARS.contains(&dissolved_on.year()) { Ok((legislature, dissolved_on)) } else { Err(Problem::not_found()) }
}

fn find(app: &App, legislature: Legislature, dissolved_on: NaiveDate) -> Option<Dissolution> {
    let directory = app.directory.load();
    let is = |known: &&Dissolution| known.legislature() == legislature && known.dissolved_on() == dissolved_on;
    directory.dissolutions().iter().find(is).copied()
}

/// Dissolutions
///
/// Past ones and those that are announced, the earliest first.
#[utoipa::path(
    tag = "administration",
    params(PageQuery),
    security(("bearer" = ["directory:read"])),
    responses((status = 200, description = "A page of dissolutions.", body = Page<DissolutionView>))
)]
#[get("")]
pub(crate) async fn list_dissolutions(
    app: Data<App>,
    _caller: Caller<scope::DirectoryRead>,
    list: List<NoFilter>,
) -> Answer {
    let (directory, today) = (app.directory.load(), app.clock.today());
    let page = list.paging.cut(directory.dissolutions(), |dissolution| position(dissolution))?;
    Ok(list.paging.private(&page.map(|dissolution| DissolutionView::of(dissolution, today))))
}

/// The position of a dissolution in the list.
fn position(dissolution: &Dissolution) -> (NaiveDate, String) {
    (dissolution.dissolved_on(), dissolution.legislature().to_string())
}

/// Announce a dissolution
///
/// For the operator. From its day on every membership of the legislature that began before is over: nothing is sent to its
/// former members, and messages that were not sent by then are held until the seats are filled again. The campaign pages and
/// `targets` say so from the moment it is announced. Put again, it changes the day of the election; that needs `If-Match`.
///
/// After the election import the new members: those who were elected again hold a new membership.
#[utoipa::path(
    tag = "administration",
    params(
        ("legislature" = String, Path, description = "Which legislature.", example = "house_of_commons"),
        ("dissolved_on" = String, Path, description = "The first day without members.", format = "date", example = "2029-03-30"),
        ("If-Match" = Option<String>, Header, description = "The `ETag` that the change is based on."),
    ),
    request_body = PutDissolution,
    security(("bearer" = ["directory:write"])),
    responses(
        (status = 200, description = "Changed, or the same as before.", body = DissolutionView),
        (status = 201, description = "Announced.", body = DissolutionView),
    ),
    extensions(("x-problems" = json!(["operator-only", "not-found"])))
)]
#[put("/{legislature}/{dissolved_on}")]
pub(crate) async fn put_dissolution(
    app: Data<App>,
    caller: Caller<scope::DirectoryWrite>,
    path: Path<(String, NaiveDate)>,
    precondition: Precondition,
    body: Json<PutDissolution>,
) -> Answer {
    caller.operator()?;
    let (clock, election_on) = (&app.clock, body.0.election_on);
    let (legislature, dissolved_on) = named(&path.0.0, path.0.1)?;
    let dissolution = Dissolution::new(legislature, dissolved_on, election_on)?;
    let current = find(&app, legislature, dissolved_on);
    if current != Some(dissolution) {
        precondition.require_any(current.as_ref().map(tag).as_ref())?;
        app.store.put_dissolution(dissolution, clock.now()).await?;
        app.refresh().await?;
    }
    let mut response = if current.is_some() { HttpResponse::Ok() } else { HttpResponse::Created() };
    Ok(response.insert_header(tag(&dissolution).header()).json(DissolutionView::of(&dissolution, clock.today())))
}

/// Take a dissolution back
///
/// For the operator: one that was announced by mistake. Members whom it took out of office are in office again, and messages held for
/// them go out.
#[utoipa::path(
    tag = "administration",
    params(
        ("legislature" = String, Path, description = "Which legislature.", example = "house_of_commons"),
        ("dissolved_on" = String, Path, description = "The first day without members.", format = "date", example = "2029-03-30"),
        ("If-Match" = Option<String>, Header, description = "The `ETag` of what is taken back."),
    ),
    security(("bearer" = ["directory:write"])),
    responses((status = 204, description = "It is taken back.")),
    extensions(("x-problems" = json!(["operator-only", "not-found"])))
)]
#[delete("/{legislature}/{dissolved_on}")]
pub(crate) async fn delete_dissolution(
    app: Data<App>,
    caller: Caller<scope::DirectoryWrite>,
    path: Path<(String, NaiveDate)>,
    precondition: Precondition,
) -> Answer {
    caller.operator()?;
    let (legislature, dissolved_on) = named(&path.0.0, path.0.1)?;
    let current = find(&app, legislature, dissolved_on).ok_or_else(Problem::not_found)?;
    precondition.require(&tag(&current))?;
    app.store.remove_dissolution(legislature, dissolved_on).await?;
    app.refresh().await?;
    Ok(HttpResponse::NoContent().finish())
}
