//! Counts by hour and by day.

use super::Format;
use crate::app::App;
use crate::http::extract::{Path, Query, calendar};
use crate::http::prepared::Prepared;
use crate::http::problem::{Answer, Problem};
use crate::views::vocabulary;
use actix_web::web::Data;
use actix_web::{HttpRequest, get};
use chrono::{DateTime, FixedOffset, NaiveDate};
use postbag_domain::{CampaignTally, Interval, Point, Timeline, uk_clock};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// By what to count, and from when to when.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct TimelineQuery {
    /// By day, unless it says `hour`.
    #[param(value_type = Option<vocabulary::IntervalWord>, inline, example = "day")]
    interval: Option<Interval>,
    /// The first day in the United Kingdom: that of the first action when absent, or the earliest that an answer holds.
    #[serde(default, deserialize_with = "calendar::optional_day")]
    #[param(example = "2026-11-01")]
    from: Option<NaiveDate>,
    /// The last day: today when absent.
    #[serde(default, deserialize_with = "calendar::optional_day")]
    #[param(example = "2026-11-30")]
    to: Option<NaiveDate>,
    /// `csv` for a file for a spreadsheet.
    #[serde(default)]
    #[param(value_type = Option<Format>, inline)]
    format: Format,
}

impl TimelineQuery {
    fn timeline(&self, tally: &CampaignTally, today: NaiveDate) -> Answer<Timeline> {
        let (interval, last) = (self.interval.unwrap_or(Interval::Day), self.to.unwrap_or(today));
        let Some(first) = self.from else { return Ok(Timeline::until(interval, last, tally)) };
        Timeline::new(interval, first, last).map_err(|flaw| Problem::parameter("from", &flaw))
    }
}

/// Actions over time.
#[derive(Serialize, ToSchema)]
#[schema(examples(json!({
    "campaign": "fair-care", "interval": "day", "time_zone": "Europe/London", "from": "2026-11-21", "to": "2026-11-22",
    "points": [
        { "begins_at": "2026-11-21T00:00:00Z", "actions": 12 }, { "begins_at": "2026-11-22T00:00:00Z", "actions": 0 }
    ]
})))]
pub(crate) struct TimelineView {
    /// The campaign's slug.
    campaign: String,
    #[schema(schema_with = vocabulary::interval)]
    interval: &'static str,
    /// The clock that days and hours go by.
    time_zone: &'static str,
    /// The first day.
    from: NaiveDate,
    /// The last day.
    to: NaiveDate,
    /// Every day or hour that has begun, oldest first.
    points: Vec<PointView>,
}

/// One day or hour.
#[derive(Serialize, ToSchema)]
#[schema(examples(json!({ "begins_at": "2026-07-01T00:00:00+01:00", "actions": 12 })))]
pub(crate) struct PointView {
    /// When it begins, as British clocks show it.
    begins_at: DateTime<FixedOffset>,
    /// Confirmed actions made in it.
    actions: i64,
}

impl From<Point> for PointView {
    fn from(point: Point) -> Self {
        Self { begins_at: uk_clock(point.begins_at), actions: point.actions }
    }
}

/// Counts by day or hour
///
/// Each submission counts one action in the hour in which it was made, also if it was confirmed later. Days and hours are those of clocks in
/// the United Kingdom: a day has 23 hours in March and 25 in October when they change. At most 1,100 days by day and 31 by hour.
#[utoipa::path(
    tag = "tallies",
    params(("slug" = String, Path, description = "The campaign.", example = "every-week-counts"), TimelineQuery),
    responses(
        (status = 200, description = "Every day or hour, or the same as CSV.", content(
            (TimelineView = "application/json"),
            (String = "text/csv", example = "begins_at,actions\n2026-11-21T00:00:00Z,12\n"),
        )),
        (status = 304, description = "It has not changed."),
    )
)]
#[get("/tally/timeline")]
pub(crate) async fn get_timeline(
    request: HttpRequest,
    app: Data<App>,
    slug: Path<String>,
    query: Query<TimelineQuery>,
) -> Answer {
    let public = app.campaign(&slug.0)?;
    let board = app.tallies.board(public.live.campaign.id());
    let (timeline, points) = board.read(|figures| {
        let timeline = query.0.timeline(figures.now, app.clock.today())?;
        Ok::<_, Problem>((timeline, timeline.points(figures.now, app.clock.now())))
    })?;
    let points = points.into_iter().map(PointView::from);
    if query.0.format == Format::Csv {
        return Prepared::csv(&format!("{}-{}", slug.0, timeline.interval()), points, &request);
    }
    let view = TimelineView {
        campaign: slug.0,
        interval: timeline.interval().as_str(),
        time_zone: "Europe/London",
        from: timeline.first(),
        to: timeline.last(),
        points: points.collect(),
    };
    Ok(Prepared::of(&view).answer(&request))
}
