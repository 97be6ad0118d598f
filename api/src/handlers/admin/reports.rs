//! What people reported about the directory: the operator's queue.

use super::made;
use crate::app::App;
use crate::auth::{Caller, scope};
use crate::http::etag::{ETag, Precondition};
use crate::http::extract::{Json, Path};
use crate::http::page::{List, Page, PageQuery};
use crate::http::problem::{Answer, Problem};
use crate::views::vocabulary;
use actix_web::web::Data;
use actix_web::{HttpResponse, get, put};
use chrono::{DateTime, Utc};
use postbag_domain::text::{self, Limit as Length};
use postbag_domain::{AddressReportId, Directory, FieldErrors, Findings, Remark, ReportStatus, RepresentativeId};
use postbag_persistence::{Expected, Judgement, ReportFilter, StoredReport};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

/// All open reports about one representative for one reason, until they are dealt with.
#[derive(Serialize, ToSchema)]
#[schema(examples(json!({
    "id": "01998f00-0000-7000-8000-000000000010", "representative_id": "01998f00-0000-7000-8000-000000000001",
    "representative_name": "Una Jessamy", "reason": "bounced", "status": "open", "count": 2, "note": null,
    "first_reported_at": "2026-11-22T09:00:00Z", "last_reported_at": "2026-11-23T09:00:00Z",
    "remarks": [{ "id": "01998f00-0000-7000-8000-000000000009", "detail": "My own mail came back.",
                  "reported_at": "2026-11-23T09:00:00Z" }]
})))]
pub(crate) struct AddressReportView {
    id: Uuid,
    representative_id: Uuid,
    /// `null` for a person who is no longer in the directory.
    representative_name: Option<String>,
    #[schema(schema_with = vocabulary::report_reason)]
    reason: &'static str,
    #[schema(schema_with = vocabulary::report_status)]
    status: &'static str,
    /// How often it was reported.
    count: u32,
    /// The latest reports in their authors' words, oldest first: at most ten, no two alike.
    remarks: Vec<RemarkView>,
    first_reported_at: DateTime<Utc>,
    last_reported_at: DateTime<Utc>,
    /// The note of the person who dealt with it.
    note: Option<String>,
}

/// One report.
#[derive(Serialize, ToSchema)]
pub(crate) struct RemarkView {
    /// The id that its author was given to quote.
    id: Uuid,
    detail: Option<String>,
    reported_at: DateTime<Utc>,
}

impl From<Remark> for RemarkView {
    fn from(remark: Remark) -> Self {
        Self { id: remark.id.uuid(), detail: remark.detail, reported_at: remark.reported_at }
    }
}

impl AddressReportView {
    fn of(StoredReport { report, .. }: StoredReport, directory: &Directory) -> Self {
        Self {
            id: report.id.uuid(),
            representative_id: report.representative_id.uuid(),
            representative_name: directory.representative(report.representative_id).map(|known| known.name.clone()),
            reason: report.reason.as_str(),
            status: report.status.as_str(),
            count: report.count,
            remarks: report.remarks.into_iter().map(RemarkView::from).collect(),
            first_reported_at: report.first_reported_at,
            last_reported_at: report.last_reported_at,
            note: report.note,
        }
    }
}

/// Which reports, and which page of them.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct AddressReportQuery {
    /// Only of this status.
    #[param(value_type = Option<vocabulary::ReportStatusWord>, inline)]
    status: Option<ReportStatus>,
    /// About this representative.
    representative: Option<Uuid>,
}

/// What people reported
///
/// For the operator: newest first. The same thing about the same representative stands here once, until it is dealt with.
#[utoipa::path(
    tag = "administration",
    params(AddressReportQuery, PageQuery),
    security(("bearer" = ["directory:read"])),
    responses((status = 200, description = "A page of reports.", body = Page<AddressReportView>)),
    extensions(("x-problems" = json!(["operator-only"])))
)]
#[get("")]
pub(crate) async fn list_address_reports(
    app: Data<App>,
    caller: Caller<scope::DirectoryRead>,
    list: List<AddressReportQuery>,
) -> Answer {
    caller.operator()?;
    let List { filter: query, paging } = list;
    let representative_id = query.representative.map(RepresentativeId::new);
    let filter = ReportFilter { status: query.status, representative_id };
    let found = app.store.address_reports(filter, paging.stored()?).await?;
    let directory = app.directory.load();
    Ok(paging.private(&paging.page(found).map(|stored| AddressReportView::of(stored, &directory))))
}

/// What was reported of one thing
///
/// With how often, since when, and what became of it.
#[utoipa::path(
    tag = "administration",
    params(("id" = String, Path, description = "The report.", format = "uuid")),
    security(("bearer" = ["directory:read"])),
    responses((status = 200, description = "The report.", body = AddressReportView)),
    extensions(("x-problems" = json!(["operator-only"])))
)]
#[get("/{id}")]
pub(crate) async fn get_address_report(
    app: Data<App>,
    caller: Caller<scope::DirectoryRead>,
    path: Path<Uuid>,
) -> Answer {
    caller.operator()?;
    let stored = app.store.address_report(AddressReportId::new(path.0)).await?.ok_or_else(Problem::not_found)?;
    Ok(answer(&app, stored))
}

/// The outcome of a report.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(examples(json!({ "status": "resolved", "note": "New address from the Parliament's site." })))]
pub(crate) struct JudgeAddressReport {
    #[schema(schema_with = vocabulary::report_status)]
    status: String,
    /// A note for other administrators.
    #[serde(default)]
    #[schema(max_length = 1000)]
    note: Option<String>,
}

impl JudgeAddressReport {
    fn parse(self) -> Result<Judgement, FieldErrors> {
        let mut findings = Findings::new();
        let status = findings.check("/status", self.status.parse());
        let note = findings.check_optional("/note", self.note, |note: String| text::prose(&note, Length::of(1000)));
        findings.finish(status.zip(note).map(|(status, note)| Judgement { status, note }))
    }
}

/// Say what became of a report
///
/// For the operator. The directory itself is put right with `PUT /v1/admin/representatives/{id}` or by an import. A report that is
/// opened again is a conflict if the same thing was reported in the meantime.
#[utoipa::path(
    tag = "administration",
    params(
        ("id" = String, Path, description = "The report.", format = "uuid"),
        ("If-Match" = Option<String>, Header, description = "The `ETag` that the change is based on."),
    ),
    request_body = JudgeAddressReport,
    security(("bearer" = ["directory:write"])),
    responses((status = 200, description = "Changed.", body = AddressReportView)),
    extensions(("x-problems" = json!(["operator-only", "conflict"])))
)]
#[put("/{id}")]
pub(crate) async fn judge_address_report(
    app: Data<App>,
    caller: Caller<scope::DirectoryWrite>,
    path: Path<Uuid>,
    precondition: Precondition,
    body: Json<JudgeAddressReport>,
) -> Answer {
    caller.operator()?;
    let id = AddressReportId::new(path.0);
    let judgement = body.0.parse()?;
    let stored = app.store.address_report(id).await?.ok_or_else(Problem::not_found)?;
    precondition.require(&ETag::of_revision(stored.revision))?;
    let judged = app.store.judge_address_report(id, Expected::Revision(stored.revision), judgement).await?;
    Ok(answer(&app, made(judged)?))
}

fn answer(app: &App, stored: StoredReport) -> HttpResponse {
    let tag = ETag::of_revision(stored.revision);
    let view = AddressReportView::of(stored, &app.directory.load());
    HttpResponse::Ok().insert_header(tag.header()).json(view)
}
