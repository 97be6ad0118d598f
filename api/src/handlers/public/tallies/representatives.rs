//! Counts by representative.

use super::{Format, falling, plain};
use crate::app::App;
use crate::app::tallies::Figures;
use crate::http::extract::Path;
use crate::http::page::{List, Page, PageQuery};
use crate::http::prepared::Prepared;
use crate::http::problem::Answer;
use crate::views::vocabulary;
use actix_web::web::Data;
use actix_web::{HttpRequest, get};
use chrono::NaiveDate;
use postbag_domain::{CampaignContent, Directory, Representative, RepresentativeId};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

/// In which order, and which page.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct RepresentativeTallyQuery {
    /// `true` to include representatives in office who have had no letter.
    #[serde(default)]
    #[param(value_type = Option<bool>)]
    zeros: bool,
    /// The order: by id, by name, or the most actions first.
    #[serde(default)]
    #[param(value_type = Option<RepresentativeOrder>, inline)]
    sort: RepresentativeOrder,
    /// `csv` for the whole list as a file for a spreadsheet.
    #[serde(default)]
    #[param(value_type = Option<Format>, inline)]
    format: Format,
}

/// The order of representatives.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
enum RepresentativeOrder {
    #[default]
    Id,
    Name,
    Actions,
}

impl RepresentativeOrder {
    fn key(self, view: &RepresentativeTallyView) -> (i64, String, Uuid) {
        match self {
            Self::Id => (0, String::new(), view.representative_id),
            Self::Name => (0, view.name.clone().unwrap_or_default(), view.representative_id),
            Self::Actions => (falling(view.actions), String::new(), view.representative_id),
        }
    }
}

/// How often one representative was written to.
#[derive(Clone, Serialize, ToSchema)]
#[schema(examples(json!({
    "representative_id": "01998f00-0000-7000-8000-000000000001", "name": "Una Jessamy", "office": "mp",
    "area_code": "E14999001", "actions": 13, "messages": 12
})))]
pub(crate) struct RepresentativeTallyView {
    #[schema(format = "uuid", value_type = String)]
    representative_id: Uuid,
    /// `null` for a person whom the directory no longer holds.
    name: Option<String>,
    #[schema(schema_with = vocabulary::optional_office)]
    office: Option<&'static str>,
    /// The code of the area they are elected for.
    area_code: Option<String>,
    /// Actions that wrote to them, a supporter's repeats too.
    actions: i64,
    /// Messages that a mail relay took for them, as of the last midnight in London.
    messages: i64,
}

impl RepresentativeTallyView {
    fn of(id: RepresentativeId, figures: &Figures<'_>, directory: &Directory) -> Self {
        let known = directory.representative(id);
        Self {
            representative_id: id.uuid(),
            name: known.map(|person| person.name.clone()),
            office: known.map(|person| person.office.as_str()),
            area_code: known.map(|person| person.area_code.to_string()),
            actions: figures.now.actions_to(id),
            messages: figures.midnight.taken_for(id),
        }
    }

    fn with_plain_name(self) -> Self {
        Self { name: self.name.map(plain), ..self }
    }
}

/// Counts by representative
///
/// Representatives who have had no letter are left out unless `zeros=true`.
#[utoipa::path(
    tag = "tallies",
    params(("slug" = String, Path, description = "The campaign.", example = "every-week-counts"), RepresentativeTallyQuery, PageQuery),
    responses(
        (status = 200, description = "A page of representatives, or all of them as CSV.", content(
            (Page<RepresentativeTallyView> = "application/json"),
            (String = "text/csv", example = "representative_id,name,office,area_code,actions,messages\n"),
        )),
        (status = 304, description = "It has not changed."),
    )
)]
#[get("/tally/representatives")]
pub(crate) async fn list_representative_tallies(
    request: HttpRequest,
    app: Data<App>,
    slug: Path<String>,
    list: List<RepresentativeTallyQuery>,
) -> Answer {
    let List { filter: query, paging } = list;
    let public = app.campaign(&slug.0)?;
    let (content, directory) = (public.live.campaign.content(), app.directory.load());
    let today = app.clock.today();
    let views: Vec<_> = app.tallies.board(public.live.campaign.id()).read(|figures| {
        let mut ids: BTreeSet<_> = figures.now.representatives().map(|(id, _)| id).collect();
        if query.zeros {
            ids.extend(in_office(content, &directory, today).map(|person| person.id));
        }
        ids.into_iter().map(|id| RepresentativeTallyView::of(id, figures, &directory)).collect()
    });
    if query.format == Format::Csv {
        let mut views = views;
        views.sort_unstable_by_key(|view| query.sort.key(view));
        let rows = views.into_iter().map(RepresentativeTallyView::with_plain_name);
        return Prepared::csv(&format!("{}-representatives", slug.0), rows, &request);
    }
    Ok(paging.public(&paging.cut(views, |view| query.sort.key(view))?))
}

/// Everybody in office whom the campaign may write to.
fn in_office<'d>(
    content: &CampaignContent,
    directory: &'d Directory,
    day: NaiveDate,
) -> impl Iterator<Item = &'d Representative> {
    let offices: Vec<_> = content.offices.iter().map(|office| (*office, content.nations_written_to(*office))).collect();
    directory.representatives().filter(move |person| {
        let nation = person.area_code.nation();
        let is_asked = |(office, nations): &(_, Vec<_>)| {
            *office == person.office && nation.is_some_and(|nation| nations.contains(&nation))
        };
        directory.is_in_office(person, day) && offices.iter().any(is_asked)
    })
}
