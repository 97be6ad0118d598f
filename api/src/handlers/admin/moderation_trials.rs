//! What other rules would have made of the last submissions.

use super::{narrowed, owner, reach};
use crate::app::App;
use crate::auth::{Caller, scope};
use crate::handlers::public::actions::{Came, HeldSubmission, content_of};
use crate::http::extract::Json;
use crate::http::problem::Answer;
use crate::views::moderation::ModerationDocument;
use crate::views::vocabulary;
use actix_web::web::Data;
use actix_web::{HttpResponse, post};
use chrono::{DateTime, Utc};
use postbag_domain::{
    ActionId, CampaignId, FieldErrors, Flaw, Moderation, OrganisationId, Outcome, Ruling, Signal, SupporterWords,
};
use postbag_persistence::{ActionFilter, PageRequest, Reach, ReviewFilter, StoredAction, StoredReview};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use utoipa::ToSchema;
use uuid::Uuid;

/// How many submissions are looked at, unless the call says otherwise, and at most.
const USUAL: u16 = 200;
const MOST: u16 = 1_000;

/// How many of those that would not have been accepted are named.
const NAMED: usize = 50;

/// Rules to be tried.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(examples(json!({
    "campaign": "every-week-counts", "last": 500,
    "moderation": { "rules": [{ "signal": "links", "outcome": "refuse" }], "unwanted_words": ["a hateful phrase"] }
})))]
pub(crate) struct TryModeration {
    /// The organisation's slug: needed with an operator's token.
    #[serde(default)]
    organisation: Option<String>,
    /// Only submissions to this campaign, by its slug.
    #[serde(default)]
    campaign: Option<String>,
    /// How many of the last submissions are looked at; 200 when left out.
    #[serde(default)]
    #[schema(minimum = 1, maximum = 1000)]
    last: Option<u16>,
    /// The rules, as an organisation's document has them.
    moderation: ModerationDocument,
}

/// What the rules would have done.
#[derive(Serialize, ToSchema)]
#[schema(examples(json!({
    "looked_at": 500, "outcomes": { "accept": 488, "hold": 9, "refuse": 3 },
    "signals": [{ "signal": "links", "count": 3, "outcome": "refuse" }],
    "caught": [{ "id": "01998f00-0000-7000-8000-000000000003", "status": "confirmed", "outcome": "refuse", "signals": ["links"],
                 "created_at": "2026-11-30T09:00:00Z" }],
    "not_judged": ["honeypot_filled", "filled_in_too_fast", "busy_client", "many_people", "resembles_others"]
})))]
pub(crate) struct TrialView {
    /// How many submissions still have their words.
    looked_at: usize,
    outcomes: OutcomesView,
    /// Each signal that some of them give.
    signals: Vec<TriedSignalView>,
    /// The newest 50 that would not have been accepted.
    caught: Vec<CaughtView>,
    /// Signals of the moment of submitting, of which nothing is kept.
    #[schema(schema_with = vocabulary::signals)]
    not_judged: Vec<&'static str>,
}

/// How many of the submissions would have had each outcome.
#[derive(Default, Serialize, ToSchema)]
struct OutcomesView {
    accept: usize,
    hold: usize,
    refuse: usize,
}

/// A signal, and how many gave it.
#[derive(Serialize, ToSchema)]
struct TriedSignalView {
    #[schema(schema_with = vocabulary::signal)]
    signal: &'static str,
    count: usize,
    /// What becomes of a submission with this signal alone.
    #[schema(schema_with = vocabulary::outcome)]
    outcome: &'static str,
}

/// A submission that would not have been accepted.
#[derive(Serialize, ToSchema)]
struct CaughtView {
    /// Of the action, or of the submission that is or was held.
    id: Uuid,
    /// Where it stands now.
    #[schema(schema_with = vocabulary::receipt_status)]
    status: &'static str,
    #[schema(schema_with = vocabulary::outcome)]
    outcome: &'static str,
    #[schema(schema_with = vocabulary::signals)]
    signals: Vec<&'static str>,
    created_at: DateTime<Utc>,
}

/// A submission as rules see it.
struct Tried {
    id: ActionId,
    campaign: CampaignId,
    status: &'static str,
    words: SupporterWords,
    recipients: Vec<String>,
    created_at: DateTime<Utc>,
}

/// Try rules on the last submissions
///
/// A dry run: says what the rules would have made of the last submissions, those that were held among them, and changes nothing. Only
/// what was written can be judged, as long as it is kept.
#[utoipa::path(
    tag = "administration",
    request_body = TryModeration,
    security(("bearer" = ["moderation:read"])),
    responses((status = 200, description = "What the rules would have done.", body = TrialView)),
    extensions(("x-problems" = json!(["not-found"])))
)]
#[post("/trials")]
pub(crate) async fn try_moderation(
    app: Data<App>,
    caller: Caller<scope::ModerationRead>,
    body: Json<TryModeration>,
) -> Answer {
    let TryModeration { organisation, campaign, last, moderation } = body.0;
    let last = within(last)?;
    let moderation = Moderation::new(moderation.into()).map_err(|errors| errors.under("/moderation"))?;
    let reach = reach(&app, &caller).await?;
    let organisation = owner(&app, reach, organisation.as_deref()).await?.id;
    let campaign = narrowed(&app, Reach::Organisation(organisation), campaign.as_deref()).await?;
    let tried = last_submissions(&app, organisation, campaign, last).await?;
    Ok(HttpResponse::Ok().json(TrialView::of(&app, &tried, &moderation)))
}

fn within(last: Option<u16>) -> Result<u16, FieldErrors> {
    let last = last.unwrap_or(USUAL);
    let flaw = || Flaw::new("out_of_range", format!("must be a number from 1 to {MOST}"));
    if (1..=MOST).contains(&last) { Ok(last) } else { Err(FieldErrors::one("/last", flaw())) }
}

/// The last submissions with their words, those that were held among them, newest first.
async fn last_submissions(
    app: &App,
    organisation: OrganisationId,
    campaign_id: Option<CampaignId>,
    last: u16,
) -> Answer<Vec<Tried>> {
    let (reach, page) = (Reach::Organisation(organisation), PageRequest { limit: last, after: None });
    let filter = ActionFilter { campaign_id, test: Some(false), ..ActionFilter::default() };
    let mut tried = Vec::new();
    for action in app.store.list_actions(reach, filter, page).await?.items {
        tried.extend(Tried::of_action(app, action).await?);
    }
    let filter = ReviewFilter { campaign_id, ..ReviewFilter::default() };
    let held = app.store.list_reviews(reach, filter, page).await?.items;
    tried.extend(held.into_iter().filter_map(|review| Tried::of_review(app, review)));
    tried.sort_by_key(|tried| std::cmp::Reverse((tried.created_at, tried.id)));
    tried.truncate(usize::from(last));
    Ok(tried)
}

impl Tried {
    /// An action, unless its words are deleted.
    async fn of_action(app: &App, action: StoredAction) -> Answer<Option<Self>> {
        let Some(words) = action.words else { return Ok(None) };
        let written = app.store.first_recipients(action.campaign_id, action.supporter_id).await?;
        let directory = app.directory.load();
        let recipients = written.into_iter().filter_map(|id| directory.representative(id));
        Ok(Some(Self {
            id: action.id,
            campaign: action.campaign_id,
            status: action.status.as_str(),
            words,
            recipients: recipients.map(|holder| holder.name.clone()).collect(),
            created_at: action.created_at,
        }))
    }

    /// What was held, as long as it is kept. Whom it would have gone to is not known.
    fn of_review(app: &App, review: StoredReview) -> Option<Self> {
        let held = HeldSubmission::read(&review.submission?)?;
        let came = Came { origin: None, today: app.clock.today() };
        let submission = held.submitted()?.parse(held.locale(), came).ok()?;
        Some(Self {
            id: review.id,
            campaign: review.campaign_id,
            status: review.state.as_str(),
            words: submission.words,
            recipients: Vec::new(),
            created_at: review.created_at,
        })
    }

    fn signals(&self, app: &App, moderation: &Moderation) -> BTreeSet<Signal> {
        let public = app.campaign_by_id(self.campaign);
        let recipients: Vec<&str> = self.recipients.iter().map(String::as_str).collect();
        content_of(app, public.as_deref(), &self.words, &recipients, moderation)
    }
}

impl TrialView {
    fn of(app: &App, tried: &[Tried], moderation: &Moderation) -> Self {
        let (mut outcomes, mut counts, mut caught) = (OutcomesView::default(), BTreeMap::new(), Vec::new());
        for submission in tried {
            let signals = submission.signals(app, moderation);
            for signal in &signals {
                *counts.entry(*signal).or_insert(0) += 1;
            }
            let Ruling { outcome, reasons } = moderation.rule_on(&signals);
            match outcome {
                Outcome::Accept => outcomes.accept += 1,
                Outcome::Hold => outcomes.hold += 1,
                Outcome::Refuse => outcomes.refuse += 1,
            }
            if outcome != Outcome::Accept && caught.len() < NAMED {
                caught.push(CaughtView {
                    id: submission.id.uuid(),
                    status: submission.status,
                    outcome: outcome.as_str(),
                    signals: reasons.into_iter().map(Signal::as_str).collect(),
                    created_at: submission.created_at,
                });
            }
        }
        let signal = |(signal, count): (Signal, usize)| TriedSignalView {
            signal: signal.as_str(),
            count,
            outcome: moderation.outcome(signal).as_str(),
        };
        let not_judged = Signal::ALL.iter().filter(|signal| !signal.is_of_content());
        Self {
            looked_at: tried.len(),
            outcomes,
            signals: counts.into_iter().map(signal).collect(),
            caught,
            not_judged: not_judged.map(|signal| signal.as_str()).collect(),
        }
    }
}
