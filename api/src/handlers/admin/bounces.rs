//! Mail that came back: what is known of it, and the way in for mail systems.

use super::{narrowed, reach};
use crate::app::App;
use crate::auth::{Caller, scope};
use crate::http::extract::RawMessage;
use crate::http::page::{List, Page, PageQuery};
use crate::http::problem::{Answer, Problem, ProblemType};
use crate::inbound::{Desk, Received};
use crate::views::vocabulary;
use actix_web::http::header::{self, HeaderValue};
use actix_web::web::Data;
use actix_web::{HttpResponse, get, post};
use chrono::{DateTime, Utc};
use postbag_domain::{BounceCause, Bounced, CampaignId, DeliveryId, DeliveryState, MailId, RepresentativeId};
use postbag_persistence::{BounceFilter, BounceSummary, ReportOutcome};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

/// How long a mail system should wait before it hands over a report that came too early.
const LATER_SECONDS: &str = "60";

/// Which bounces, and which page of them.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct BounceQuery {
    /// Of this campaign, by its slug.
    campaign: Option<String>,
    /// Of this message.
    delivery: Option<Uuid>,
    /// Of messages to this representative.
    representative: Option<Uuid>,
    /// Only for this cause.
    #[param(value_type = Option<vocabulary::BounceCauseWord>, inline)]
    cause: Option<BounceCause>,
}

/// A refusal for good, or a report about what was sent.
#[derive(Clone, Serialize, ToSchema)]
#[schema(examples(json!({
    "id": "01998f00-0000-7000-8000-000000000021", "campaign_id": "01998f00-0000-7000-8000-000000000005",
    "delivery_id": "01998f00-0000-7000-8000-000000000009", "mail_id": null,
    "representative_id": "01998f00-0000-7000-8000-000000000001", "kind": "failed", "cause": "address", "lasts": true,
    "reported": true, "reply": "550 5.1.1 user unknown", "created_at": "2026-11-22T09:00:00Z"
})))]
pub(crate) struct BounceView {
    id: Uuid,
    /// `null` for a mail that is about the person, as the link to their preferences is.
    campaign_id: Option<Uuid>,
    /// The message to a representative that it is about.
    delivery_id: Option<Uuid>,
    /// The mail to a supporter that it is about.
    mail_id: Option<Uuid>,
    representative_id: Option<Uuid>,
    #[schema(schema_with = vocabulary::bounce_kind)]
    kind: &'static str,
    #[schema(schema_with = vocabulary::bounce_cause)]
    cause: &'static str,
    /// False for a refusal that passes.
    lasts: bool,
    /// True if it came as a report, false if the relay refused it at once.
    reported: bool,
    /// The words of the other side, without addresses.
    reply: String,
    created_at: DateTime<Utc>,
}

impl From<BounceSummary> for BounceView {
    fn from(summary: BounceSummary) -> Self {
        let verdict = summary.report.verdict;
        Self {
            id: summary.id.uuid(),
            campaign_id: summary.campaign_id.map(CampaignId::uuid),
            delivery_id: summary.delivery_id.map(DeliveryId::uuid),
            mail_id: summary.mail_id.map(MailId::uuid),
            representative_id: summary.representative_id.map(RepresentativeId::uuid),
            kind: summary.report.kind.as_str(),
            cause: verdict.cause.as_str(),
            lasts: verdict.lasts,
            reported: summary.reported,
            reply: summary.reply,
            created_at: summary.created_at,
        }
    }
}

/// Bounces
///
/// What was refused for good and what came back, newest first.
#[utoipa::path(
    tag = "administration",
    params(BounceQuery, PageQuery),
    security(("bearer" = ["deliveries:read"])),
    responses((status = 200, description = "A page of bounces.", body = Page<BounceView>)),
    extensions(("x-problems" = json!(["not-found"])))
)]
#[get("")]
pub(crate) async fn list_bounces(
    app: Data<App>,
    caller: Caller<scope::DeliveriesRead>,
    list: List<BounceQuery>,
) -> Answer {
    let List { filter: query, paging } = list;
    let reach = reach(&app, &caller).await?;
    let filter = BounceFilter {
        campaign_id: narrowed(&app, reach, query.campaign.as_deref()).await?,
        delivery_id: query.delivery.map(DeliveryId::new),
        representative_id: query.representative.map(RepresentativeId::new),
        cause: query.cause,
    };
    let found = app.store.list_bounces(reach, filter, paging.stored()?).await?;
    Ok(paging.private(&paging.page(found).map(BounceView::from)))
}

/// What became of a message that was handed over.
#[derive(Serialize, ToSchema)]
#[schema(examples(json!({
    "result": "recorded", "delivery_id": "01998f00-0000-7000-8000-000000000009", "digest_id": null, "mail_id": null,
    "state": "permanent_failure"
})))]
pub(crate) struct ReceivedView {
    /// `recorded`; `recorded_before` for a report that was handed over already; `unknown` for one about nothing of this server or of
    /// this token's organisation; `auto_reply` for the answer of a machine; `other` for what a person should read.
    #[schema(example = "recorded")]
    result: &'static str,
    /// The message to a representative that it is about.
    delivery_id: Option<Uuid>,
    /// The digest to a representative that it is about.
    digest_id: Option<Uuid>,
    /// The mail to a supporter that it is about.
    mail_id: Option<Uuid>,
    /// The state of that message now.
    #[schema(schema_with = vocabulary::optional_delivery_state)]
    state: Option<&'static str>,
}

impl ReceivedView {
    /// A report that came too early is a problem: the mail system is to hand it over again.
    fn of(received: Received) -> Result<Self, Problem> {
        let alone = |result| Self { result, delivery_id: None, digest_id: None, mail_id: None, state: None };
        let (about, outcome) = match received {
            Received::AutoReply => return Ok(alone("auto_reply")),
            Received::Other => return Ok(alone("other")),
            Received::Report(about, outcome) => (about, outcome),
        };
        let (delivery_id, digest_id, mail_id) = match about {
            Bounced::Letter(id) => (Some(id.uuid()), None, None),
            Bounced::Digest(id) => (None, Some(id.uuid()), None),
            Bounced::Mail(id) => (None, None, Some(id.uuid())),
        };
        Ok(match outcome {
            ReportOutcome::Noted(state) => {
                Self { result: "recorded", delivery_id, digest_id, mail_id, state: Some(DeliveryState::as_str(state)) }
            }
            ReportOutcome::Before => Self { delivery_id, digest_id, mail_id, ..alone("recorded_before") },
            ReportOutcome::Unknown => alone("unknown"),
            ReportOutcome::TooEarly => return Err(too_early()),
        })
    }
}

fn too_early() -> Problem {
    Problem::new(ProblemType::Unavailable)
        .detail("the message that the report is about is just being sent")
        .header(header::RETRY_AFTER, HeaderValue::from_static(LATER_SECONDS))
}

/// Hand over a message that came back
///
/// For mail systems: what arrives at the addresses of a sending domain, as it is (`message/rfc822`, at most a mebibyte). Reports by
/// RFC 3464 and the common ones in plain words settle the message they are about, which is recognised by the address they were sent
/// to. Twice is as good as once.
#[utoipa::path(
    tag = "administration",
    request_body(
        content = String, content_type = "message/rfc822", description = "The whole message.",
        example = "From: MAILER-DAEMON@mx.example.org\r\nTo: letter-…@letters.charity.example\r\n…"
    ),
    security(("bearer" = ["bounces:write"])),
    responses((status = 200, description = "What became of it.", body = ReceivedView))
)]
#[post("")]
pub(crate) async fn receive_bounce(app: Data<App>, caller: Caller<scope::BouncesWrite>, message: RawMessage) -> Answer {
    let reach = reach(&app, &caller).await?;
    let desk = Desk { store: &app.store, clock: &app.clock, keys: &app.mail_keys, mail_health: &app.mail_health };
    let (received, tallies) = desk.receive(reach, &message.0).await?;
    (app.listener())(&tallies);
    Ok(HttpResponse::Ok().json(ReceivedView::of(received)?))
}
