//! Holding a submission back until a person has looked at it, and what an organisation's rules say of it.

use super::decide::Decided;
use super::document::SubmitAction;
use super::held::HeldSubmission;
use super::seen::Seen;
use crate::app::App;
use crate::http::problem::{Answer, Problem, ProblemType};
use crate::views::review::ReasonView;
use postbag_domain::moderation::{Known, content_signals};
use postbag_domain::{Originality, PersonalMessage, Ruling, Signal, Sketch};
use postbag_persistence::{Held, KeyClaim, Known as KnownKey, NewReview, SpentChallenge};
use std::collections::BTreeSet;

/// The rules on a submission: its own signals, and those that its client gives. A test goes to nobody, so nothing is held against it.
pub(super) fn rule(app: &App, decided: &Decided, mut signals: BTreeSet<Signal>) -> Ruling {
    let action = &decided.accepted.action;
    let moderation = decided.public.moderation(action.organisation_id);
    if action.test {
        return moderation.rule_on(&BTreeSet::new());
    }
    let directory = app.directory.load();
    let recipients: Vec<&str> = decided
        .accepted
        .deliveries
        .iter()
        .filter_map(|delivery| directory.representative(delivery.representative_id))
        .map(|holder| holder.name.as_str())
        .collect();
    let known = Known {
        recipients: &recipients,
        unwanted: moderation.unwanted_words(),
        domain_is_disposable: app.disposable_domains.hold(action.words.email.domain()),
    };
    signals.extend(content_signals(&action.words, known));
    signals.extend(likeness(app, decided));
    moderation.rule_on(&signals)
}

/// Whether the message repeats the letter, or is like those of many others to a representative.
fn likeness(app: &App, decided: &Decided) -> impl Iterator<Item = Signal> {
    let action = &decided.accepted.action;
    let message = action.words.personal_message.as_ref().map(PersonalMessage::as_str);
    let repeats = message.is_some_and(|text| Originality::of(text, decided.public.letter(action.locale)).repeats());
    let resembles = message.and_then(Sketch::of).is_some_and(|sketch| {
        let recipients = decided.accepted.deliveries.iter().map(|delivery| delivery.representative_id);
        app.crowd.resembles_many(recipients, &sketch)
    });
    let given = [(repeats, Signal::Unoriginal), (resembles, Signal::ResemblesOthers)];
    given.into_iter().filter(|(is_given, _)| *is_given).map(|(_, signal)| signal)
}

/// The problem for a submission that a rule refuses, with its reasons.
pub(super) fn refusal(decided: &Decided, ruling: &Ruling) -> Problem {
    let reasons = reasons(decided, ruling);
    Problem::new(ProblemType::SubmissionRefused).member("reasons", serde_json::to_value(reasons).unwrap_or_default())
}

fn reasons(decided: &Decided, ruling: &Ruling) -> Vec<ReasonView> {
    let moderation = decided.public.moderation(decided.accepted.action.organisation_id);
    ReasonView::each(&ruling.reasons, moderation, decided.accepted.action.locale)
}

/// Holds a submission, and answers once that is on disk.
pub(super) async fn hold(
    app: &App,
    decided: Decided,
    submitted: &SubmitAction,
    ruling: Ruling,
    (claim, challenge): (KeyClaim, Option<SpentChallenge>),
    seen: Seen,
) -> Answer {
    let reasons = reasons(&decided, &ruling);
    let Decided { public, accepted, answer, is_under_age } = decided;
    let action = accepted.action;
    let answer = answer.held(reasons);
    let new = NewReview {
        id: action.id,
        organisation_id: action.organisation_id,
        campaign_id: action.campaign_id,
        reasons: ruling.reasons.into_iter().collect(),
        submission: HeldSubmission::write(submitted, &action, is_under_age)?,
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
