//! Submissions that wait for a person, and what is decided on them.

use super::stops::actor;
use super::{narrowed, reach};
use crate::app::App;
use crate::auth::{Caller, scope};
use crate::handlers::public::actions::HeldSubmission;
use crate::http::extract::Json;
use crate::http::page::{List, Page, PageQuery};
use crate::http::problem::Answer;
use crate::secrets::SuppressionHash;
use crate::views::vocabulary;
use actix_web::web::Data;
use actix_web::{HttpResponse, get, post};
use chrono::{DateTime, Utc};
use postbag_domain::{ActionId, FieldErrors, Findings, Flaw, ReviewDecision, ReviewState, Signal, StaffNote};
use postbag_persistence::{Decided, Reach, ReviewFilter, StoredReview};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

/// How many submissions one decision may be about.
const MOST: usize = 100;

/// A submission that is looked at before anything is sent.
#[derive(Serialize, ToSchema)]
#[schema(examples(json!({
    "id": "01998f00-0000-7000-8000-000000000003", "organisation_id": "01998f00-0000-7000-8000-000000000001",
    "campaign_id": "01998f00-0000-7000-8000-000000000005", "state": "in_review", "signals": ["links"],
    "submission": { "title": "Ms", "name": "Ada Ashgrove", "email": "ada@example.org", "phone": null,
                    "address": ["1 Harbour Street", "Alderwick"], "postcode": "ZA1 1AA", "locale": "en",
                    "personal_message": "See https://example.org/my-story" },
    "appeal": null, "appealed_at": null, "note": null, "decided_by": null, "decided_at": null,
    "due_at": "2026-12-03T09:00:00Z", "created_at": "2026-11-30T09:00:00Z"
})))]
pub(crate) struct ModeratedView {
    /// The id of the action that it becomes once it is approved.
    id: Uuid,
    organisation_id: Uuid,
    campaign_id: Uuid,
    #[schema(schema_with = vocabulary::review_state)]
    state: &'static str,
    /// Why it is held.
    #[schema(schema_with = vocabulary::signals)]
    signals: Vec<&'static str>,
    /// What was submitted; `null` once it is an action, or no appeal can come any more.
    submission: Option<HeldSubmissionView>,
    /// What the supporter says against the decision.
    appeal: Option<String>,
    appealed_at: Option<DateTime<Utc>>,
    /// The last note of staff.
    note: Option<String>,
    /// The subject of the token that it was decided with; `null` for what the campaign's terms decided.
    decided_by: Option<String>,
    decided_at: Option<DateTime<Utc>>,
    /// When it ends, or goes out, by itself.
    due_at: DateTime<Utc>,
    created_at: DateTime<Utc>,
}

/// What a decision is made on.
#[derive(Serialize, ToSchema)]
pub(crate) struct HeldSubmissionView {
    title: Option<String>,
    name: String,
    email: String,
    phone: Option<String>,
    /// The lines of the address, but for the postcode.
    address: Vec<String>,
    postcode: String,
    #[schema(schema_with = vocabulary::locale)]
    locale: &'static str,
    personal_message: Option<String>,
}

impl From<StoredReview> for ModeratedView {
    fn from(review: StoredReview) -> Self {
        let held = review.submission.as_deref().and_then(HeldSubmission::read);
        Self {
            id: review.id.uuid(),
            organisation_id: review.organisation_id.uuid(),
            campaign_id: review.campaign_id.uuid(),
            state: review.state.as_str(),
            signals: review.reasons.iter().copied().map(Signal::as_str).collect(),
            submission: held.map(|held| HeldSubmissionView {
                title: held.text("/supporter/title").map(str::to_owned),
                name: held.name(),
                email: held.email().to_owned(),
                phone: held.text("/supporter/phone").map(str::to_owned),
                address: held.lines(),
                postcode: held.postcode().to_owned(),
                locale: held.locale().as_str(),
                personal_message: held.personal_message().map(str::to_owned),
            }),
            appeal: review.appeal,
            appealed_at: review.appealed_at,
            note: review.note,
            decided_by: review.decided_by,
            decided_at: review.decided_at,
            due_at: review.due_at,
            created_at: review.created_at,
        }
    }
}

/// Which submissions, and which page of them.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct ModerationQuery {
    /// Only in this state.
    #[param(value_type = Option<vocabulary::ReviewStateWord>, inline)]
    state: Option<ReviewState>,
    /// Only of this campaign, by its slug.
    campaign: Option<String>,
    /// Only those with an appeal, or without.
    appealed: Option<bool>,
}

/// Submissions that wait for a person
///
/// Everything that was held within reach, newest first, with the signals and what was written; `state=in_review` are those to decide on.
#[utoipa::path(
    tag = "administration",
    params(ModerationQuery, PageQuery),
    security(("bearer" = ["moderation:read"])),
    responses((status = 200, description = "A page of submissions.", body = Page<ModeratedView>)),
    extensions(("x-problems" = json!(["not-found"])))
)]
#[get("")]
pub(crate) async fn list_moderation(
    app: Data<App>,
    caller: Caller<scope::ModerationRead>,
    list: List<ModerationQuery>,
) -> Answer {
    let List { filter: query, paging } = list;
    let reach = reach(&app, &caller).await?;
    let campaign_id = narrowed(&app, reach, query.campaign.as_deref()).await?;
    let filter = ReviewFilter { state: query.state, campaign_id, appealed: query.appealed };
    let found = app.store.list_reviews(reach, filter, paging.stored()?).await?;
    Ok(paging.private(&paging.page(found).map(ModeratedView::from)))
}

/// A decision and the submissions it is about.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(examples(json!({ "ids": ["01998f00-0000-7000-8000-000000000003"], "decision": "approve", "note": "Her own blog." })))]
pub(crate) struct DecideModeration {
    #[schema(min_items = 1, max_items = 100)]
    ids: Vec<Uuid>,
    #[schema(schema_with = vocabulary::review_decision)]
    decision: String,
    /// For other staff, and the audit.
    #[serde(default)]
    #[schema(max_length = 2000)]
    note: Option<String>,
}

/// What became of each submission.
#[derive(Serialize, ToSchema)]
#[schema(examples(json!({
    "submissions": [{ "id": "01998f00-0000-7000-8000-000000000003", "state": "approved", "changed": true }]
})))]
pub(crate) struct DecidedView {
    /// Those within reach.
    submissions: Vec<DecidedSubmissionView>,
}

/// What became of one submission.
#[derive(Serialize, ToSchema)]
struct DecidedSubmissionView {
    id: Uuid,
    /// Its state now.
    #[schema(schema_with = vocabulary::review_state)]
    state: &'static str,
    /// False where the state allows no such decision, or the content is deleted already.
    changed: bool,
}

impl DecidedSubmissionView {
    fn of((id, decided): (ActionId, Decided)) -> Option<Self> {
        let (state, changed) = match decided {
            Decided::Done(state) => (state, true),
            Decided::NotAllowed(state) => (state, false),
            Decided::Unknown => return None,
        };
        Some(Self { id: id.uuid(), state: state.as_str(), changed })
    }
}

impl DecideModeration {
    fn parse(self) -> Result<(Vec<ActionId>, ReviewDecision, Option<StaffNote>), FieldErrors> {
        let mut findings = Findings::new();
        if !(1..=MOST).contains(&self.ids.len()) {
            findings.note("/ids", Flaw::new("ids_count", "must name 1 to 100 submissions"));
        }
        let decision = findings.check("/decision", self.decision.parse());
        let note = findings.check_optional("/note", self.note, |note| StaffNote::parse(&note));
        let ids: Vec<_> = self.ids.into_iter().map(ActionId::new).collect();
        findings.finish(decision.zip(note).map(|(decision, note)| (ids, decision, note)))
    }
}

/// Decide on submissions that wait
///
/// What is approved is submitted as if it had never been held, and may have to be confirmed by mail; `refuse` leaves the supporter an appeal
/// for two weeks; `withdraw` and `suppress` take it back and delete what was written, and the latter's address is not written to again. Each
/// is in the audit with the note. Twice is as good as once.
#[utoipa::path(
    tag = "administration",
    request_body = DecideModeration,
    security(("bearer" = ["moderation:write"])),
    responses((status = 200, description = "What became of each.", body = DecidedView))
)]
#[post("/decisions")]
pub(crate) async fn decide_moderation(
    app: Data<App>,
    caller: Caller<scope::ModerationWrite>,
    body: Json<DecideModeration>,
) -> Answer {
    let (ids, decision, note) = body.0.parse()?;
    let reach = reach(&app, &caller).await?;
    if decision == ReviewDecision::Suppress {
        suppress(&app, reach, &ids).await?;
    }
    let decided = app.store.decide_reviews(reach, ids, decision, note, actor(&app, &caller)).await?;
    app.wake_reviews.notify_one();
    let submissions = decided.into_iter().filter_map(DecidedSubmissionView::of).collect();
    Ok(HttpResponse::Ok().json(DecidedView { submissions }))
}

/// Suppresses the addresses of submissions within reach, before they are taken back.
async fn suppress(app: &App, reach: Reach, ids: &[ActionId]) -> Answer<()> {
    for id in ids {
        let review = app.store.review(*id).await?.filter(|review| reach.covers(review.organisation_id));
        let Some(review) = review.filter(|review| review.state.decide(ReviewDecision::Suppress).is_some()) else {
            continue;
        };
        let address = review.submission.as_deref().and_then(HeldSubmission::read).and_then(|held| held.address());
        if let Some(address) = address {
            let SuppressionHash { key_id, hash } = app.mail_keys.suppressions.hash(&address);
            app.store.suppress(review.organisation_id, key_id, hash, app.clock.now()).await?;
        }
    }
    Ok(())
}
