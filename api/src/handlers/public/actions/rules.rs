//! What an organisation's rules say of a submission.

use super::decide::Decided;
use super::seen::Seen;
use crate::app::App;
use crate::http::problem::{Answer, Problem, ProblemType};
use crate::views::review::ReasonView;
use postbag_domain::delivery::Submitted;
use postbag_domain::moderation::{Known, content_signals};
use postbag_domain::{Moderation, Originality, Outcome, PersonalMessage, Ruling, Signal};
use std::collections::BTreeSet;
use std::time::Duration;

/// The rules on a submission: its own signals, and those that its client gives. A test goes to nobody, so nothing is held against it.
pub(super) fn rule(app: &App, decided: &Decided, seen: &Seen, mut signals: BTreeSet<Signal>) -> Ruling {
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
    signals.extend(repeats(decided, moderation).then_some(Signal::Unoriginal));
    signals.extend(seen.resembles_many(app).then_some(Signal::ResemblesOthers));
    moderation.rule_on(&signals)
}

/// Whether the message repeats the letter, where a rule asks for that.
fn repeats(decided: &Decided, moderation: &Moderation) -> bool {
    let action = &decided.accepted.action;
    let compare = |message: &PersonalMessage| Originality::of(message.as_str(), decided.public.letter(action.locale));
    moderation.outcome(Signal::Unoriginal) != Outcome::Accept
        && action.words.personal_message.as_ref().map(compare).is_some_and(|measured| measured.repeats())
}

/// How long people are asked to wait while submissions are stopped.
const STOPPED: Duration = Duration::from_mins(10);

/// Goes on unless an administrator has stopped submissions of this kind. Tests are stopped too.
pub(super) fn require_open(app: &App, decided: &Decided) -> Answer<()> {
    let (action, live) = (&decided.accepted.action, &decided.public.live);
    let submitted = Submitted {
        owner: live.organisation.id,
        controller: action.organisation_id,
        campaign: action.campaign_id,
        domain: action.words.email.domain(),
    };
    let stops = app.stops.load();
    let Some(stop) = stops.refusal(&submitted) else { return Ok(()) };
    let words = stop.words(action.locale, live.campaign.content().default_locale);
    Err(Problem::new(ProblemType::SubmissionsStopped).member("notice", words).retry_after(STOPPED))
}

/// The problem for a submission that a rule refuses, with its reasons.
pub(super) fn refusal(decided: &Decided, ruling: &Ruling) -> Problem {
    let reasons = reasons(decided, ruling);
    Problem::new(ProblemType::SubmissionRefused).member("reasons", serde_json::to_value(reasons).unwrap_or_default())
}

/// Why a submission is held or refused, for its person.
pub(super) fn reasons(decided: &Decided, ruling: &Ruling) -> Vec<ReasonView> {
    let moderation = decided.public.moderation(decided.accepted.action.organisation_id);
    ReasonView::each(&ruling.reasons, moderation, decided.accepted.action.locale)
}
