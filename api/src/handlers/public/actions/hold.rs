//! Holding a submission back until a person has looked at it.

use super::decide::Decided;
use super::document::SubmitAction;
use super::held::HeldSubmission;
use super::rules::reasons;
use super::seen::Seen;
use crate::app::App;
use crate::http::problem::{Answer, Problem, ProblemType};
use postbag_domain::{ClientTag, Ruling};
use postbag_persistence::{Held, KeyClaim, Known as KnownKey, NewReview, SpentChallenge};

/// Holds a submission, and answers once that is on disk.
pub(super) async fn hold(
    app: &App,
    decided: Decided,
    (submitted, client): (&SubmitAction, Option<ClientTag>),
    ruling: Ruling,
    (claim, challenge): (KeyClaim, Option<SpentChallenge>),
    seen: Seen,
) -> Answer {
    let reasons = reasons(&decided, &ruling);
    let Decided { public, accepted, answer, is_under_age } = decided;
    let action = accepted.action;
    let client = client.filter(|_| public.keeps_clients(action.organisation_id));
    let answer = answer.held(reasons);
    let new = NewReview {
        id: action.id,
        organisation_id: action.organisation_id,
        campaign_id: action.campaign_id,
        reasons: ruling.reasons.into_iter().collect(),
        submission: HeldSubmission::write(submitted, &action, is_under_age, client)?,
        challenge,
        address: action.words.email,
        created_at: action.created_at,
        due_at: public.live.campaign.content().review.due_at(action.created_at),
    };
    let stored = serde_json::to_value(&answer).map_err(Problem::internal)?;
    match app.store.hold_submission(new, claim, stored).await? {
        Held::New => {
            app.metrics.submissions.count(["held"]);
            seen.note(app);
            let tally_actions = app.tallies.board(action.campaign_id).read(|figures| figures.now.actions());
            Ok(answer.created(app, tally_actions, false))
        }
        Held::ChallengeSpent => Err(ProblemType::ChallengeSpent.into()),
        Held::Before(KnownKey::Reused) => Err(ProblemType::IdempotencyKeyReused.into()),
        Held::Before(KnownKey::Answered { answer, tally_actions }) => {
            super::replayed(app, answer, tally_actions.unwrap_or_default())
        }
    }
}
