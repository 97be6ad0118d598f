//! Who a postcode would write to.

use super::submission::{AreaChoiceFields, parse_area_choices};
use super::supporter::given;
use crate::app::App;
use crate::http::extract::{Json, Path, calendar};
use crate::http::limits::{self, Within};
use crate::http::problem::{Answer, Problem};
use crate::views::notices::{NoticeView, notices};
use crate::views::targets::TargetsView;
use actix_web::post;
use actix_web::web::Data;
use chrono::NaiveDate;
use postbag_domain::{AreaChoices, FieldErrors, Findings, Postcode};
use serde::Deserialize;
use utoipa::ToSchema;

/// A postcode, which never travels in an address (A21).
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(examples(json!({ "postcode": "za11aa" })))]
pub(crate) struct FindTargets {
    /// In any spelling.
    #[schema(required, value_type = String)]
    postcode: Option<String>,
    /// Which area the person lives in, by kind, where there are `choices` or `disagreements`.
    #[serde(default)]
    #[schema(value_type = std::collections::BTreeMap<String, String>)]
    area_choices: AreaChoiceFields,
    /// The day to answer for; today when absent.
    #[schema(format = "date", example = "2026-05-06")]
    on: Option<String>,
    /// Say which postcode file each of the `areas` comes from.
    #[serde(default)]
    sources: bool,
    /// Tell the areas of other boundaries too: `other_boundaries` holds those that have ended and those to come.
    #[serde(default)]
    other_boundaries: bool,
}

/// A question whose fields are well-formed.
struct Question {
    postcode: Postcode,
    choices: AreaChoices,
    on: Option<NaiveDate>,
}

impl FindTargets {
    fn parse(&self) -> Result<Question, FieldErrors> {
        let mut findings = Findings::new();
        let postcode = findings.check("/postcode", given(self.postcode.as_deref()).and_then(Postcode::parse));
        let choices = parse_area_choices(&mut findings, &self.area_choices);
        let on = findings.check_optional("/on", self.on.as_deref(), calendar::parse_day);
        let whole = postcode.zip(choices).zip(on);
        findings.finish(whole.map(|((postcode, choices), on)| Question { postcode, choices, on }))
    }
}

/// Who a postcode would write to
///
/// Reads memory only, unless the operator has postcodes that no file knows looked up elsewhere. A postcode that leads nowhere has a
/// problem of its own that says what the person can do. One that lies in several areas has `choices`, and `targets` then holds only
/// what is certain, until `area_choices` decides. Each client has a number of look-ups an hour (`limits.targets`, 600 by default).
#[utoipa::path(
    tag = "actions",
    params(("slug" = String, Path, description = "The campaign.", example = "every-week-counts")),
    request_body = FindTargets,
    responses((status = 200, description = "The representatives and bodies of the postcode.", body = TargetsView<'static>)),
    extensions(("x-problems" = json!(["postcode-unknown", "postcode-terminated", "postcode-without-location", "postcode-large-user", "postcode-crown-dependency", "postcode-bfpo", "postcode-overseas", "area-choice-wrong", "outside-nations", "directory-empty", "quota-exceeded"])))
)]
#[post("/targets")]
pub(crate) async fn find_targets(
    _within: Within<limits::Targets>,
    app: Data<App>,
    slug: Path<String>,
    body: Json<FindTargets>,
) -> Answer {
    let Json(asked) = body;
    let Question { postcode, choices, on } = asked.parse()?;
    let day = on.unwrap_or_else(|| app.clock.today());
    let public = app.campaign(&slug.0)?;
    let directory = app.directory.load();
    let at_postcode = |problem: Problem| problem.at_postcode("/postcode");
    let place = app.place(&directory, postcode, &choices, day).await.map_err(at_postcode)?;
    let targets = public.live.targets(&place, &directory, day).map_err(Problem::from).map_err(at_postcode)?;
    let mut notices = notices(&public.live, &directory, day, &[place.nation]);
    notices.extend(NoticeView::stops(&public.live, &app.stops.load()));
    notices.extend(NoticeView::area_unknown(&targets.unplaced));
    notices.extend(place.is_large_user.then(NoticeView::large_user));
    let mut view = TargetsView::of(&public.live, &place, &targets, &directory, notices);
    if asked.sources {
        view.with_sources(&place, &directory);
    }
    if asked.other_boundaries {
        view.with_other_boundaries(&directory.areas_at_other_times(&postcode, &choices, day), &directory);
    }
    view.answer()
}
