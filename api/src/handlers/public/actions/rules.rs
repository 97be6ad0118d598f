//! What an organisation's rules say of a submission.

use super::decide::Decided;
use super::seen::Seen;
use crate::app::App;
use crate::app::snapshots::PublicCampaign;
use crate::http::problem::{Answer, Problem, ProblemType};
use crate::views::review::ReasonView;
use postbag_domain::delivery::Submitted;
use postbag_domain::moderation::{Known, content_signals};
use postbag_domain::{Moderation, Originality, Outcome, PersonalMessage, Ruling, Signal, SupporterWords};
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
    let deliveries = &decided.accepted.deliveries;
    let recipients = deliveries.iter().filter_map(|delivery| directory.representative(delivery.representative_id));
    let recipients: Vec<&str> = recipients.map(|holder| holder.name.as_str()).collect();
    signals.extend(content_of(app, Some(&decided.public), &action.words, &recipients, moderation));
    signals.extend(seen.resembles_many(app).then_some(Signal::ResemblesOthers));
    let ruling = moderation.rule_on(&signals);
    for signal in &signals {
        app.metrics.signals.count([signal.as_str(), ruling.outcome.as_str()]);
    }
    ruling
}

/// The signals of what a submission says, as far as an organisation's rules ask for them. The campaign's letters are not known once it is
/// put away.
pub(crate) fn content_of(
    app: &App,
    public: Option<&PublicCampaign>,
    words: &SupporterWords,
    recipients: &[&str],
    moderation: &Moderation,
) -> BTreeSet<Signal> {
    let known = Known {
        recipients,
        unwanted: moderation.unwanted_words(),
        domain_is_disposable: app.disposable_domains.hold(words.email.domain()),
    };
    let mut signals = content_signals(words, known);
    let repeats = public.is_some_and(|public| repeats(public, words, moderation));
    signals.extend(repeats.then_some(Signal::Unoriginal));
    signals
}

/// Whether the message repeats the letter, where a rule asks for that.
fn repeats(public: &PublicCampaign, words: &SupporterWords, moderation: &Moderation) -> bool {
    let compare = |message: &PersonalMessage| Originality::of(message.as_str(), public.letter(words.locale));
    moderation.outcome(Signal::Unoriginal) != Outcome::Accept
        && words.personal_message.as_ref().map(compare).is_some_and(|measured| measured.repeats())
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
