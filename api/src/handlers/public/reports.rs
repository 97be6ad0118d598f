//! What anybody may report about a representative's entry.

use crate::app::App;
use crate::handlers::replay::replayed;
use crate::http::extract::{Json, OptionalIdempotencyKey, Path};
use crate::http::limits::{Reports, Within};
use crate::http::problem::{Answer, Problem};
use crate::ids;
use crate::views::vocabulary;
use actix_web::http::StatusCode;
use actix_web::web::Data;
use actix_web::{HttpResponse, post};
use postbag_domain::{AddressReportId, FieldErrors, Findings, Remark, RemarkId, ReportReason, RepresentativeId};
use postbag_persistence::{Keep, NewReport};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use utoipa::ToSchema;
use uuid::Uuid;

/// What is wrong.
#[derive(Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(examples(json!({ "reason": "bounced", "detail": "My own mail came back: no such mailbox." })))]
pub(crate) struct ReportRepresentative {
    #[schema(schema_with = vocabulary::report_reason)]
    reason: String,
    /// Plain text for the operator. It is never shown to the public; leave out anything about yourself.
    #[serde(default)]
    #[schema(max_length = 1000)]
    detail: Option<String>,
}

impl ReportRepresentative {
    fn parse(&self) -> Result<(ReportReason, Option<String>), FieldErrors> {
        let mut findings = Findings::new();
        let reason = findings.check("/reason", self.reason.parse());
        let detail = findings.check_optional("/detail", self.detail.as_deref(), Remark::parse_detail);
        findings.finish(reason.zip(detail))
    }
}

/// The answer to a report: an id to quote to the operator.
#[derive(Serialize, ToSchema)]
#[schema(examples(json!({ "id": "01998f00-0000-7000-8000-000000000009" })))]
pub(crate) struct ReportReceipt {
    id: Uuid,
}

/// Report a wrong address, or another mistake
///
/// Anybody may; nothing is stored about who did. The answer is the same whether or not others have reported it too. An operator
/// looks at it. With an `Idempotency-Key` a retry is answered as the first call was.
#[utoipa::path(
    tag = "directory",
    params(
        ("id" = String, Path, description = "The representative.", format = "uuid"),
        ("Idempotency-Key" = Option<String>, Header, description = "A fresh random key, the same for retries; kept for 48 hours."),
    ),
    request_body = ReportRepresentative,
    responses((status = 202, description = "It will be looked at.", body = ReportReceipt)),
    extensions(("x-problems" = json!(["quota-exceeded"])))
)]
#[post("/v1/representatives/{id}/reports")]
pub(crate) async fn report_representative(
    _within: Within<Reports>,
    app: Data<App>,
    path: Path<Uuid>,
    key: OptionalIdempotencyKey,
    body: Json<ReportRepresentative>,
) -> Answer {
    let representative_id = RepresentativeId::new(path.0);
    app.directory.load().representative(representative_id).ok_or_else(Problem::not_found)?;
    let (reason, detail) = body.0.parse()?;
    let now = app.clock.now();
    let claim = key.0.map(|key| key.claim(format!("reports/{representative_id}"), &body.0));
    if let Some(answer) = replayed(&app, claim.clone(), StatusCode::ACCEPTED, now).await? {
        return Ok(answer);
    }
    let remark = Remark { id: RemarkId::new(ids::fresh()), detail, reported_at: now };
    let receipt = receipt(&remark.id);
    let new = NewReport { id: AddressReportId::new(ids::fresh()), representative_id, reason, remark };
    let keep = claim.map(|claim| Keep { claim, answer: self::receipt });
    app.store.report_address(new, keep).await?;
    Ok(HttpResponse::Accepted().json(receipt))
}

fn receipt(id: &RemarkId) -> Value {
    json!(ReportReceipt { id: id.uuid() })
}
