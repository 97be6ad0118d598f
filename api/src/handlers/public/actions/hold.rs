//! Holding a submission back until a person has looked at it, and what an organisation's rules say of it.

use super::decide::Decided;
use super::document::SubmitAction;
use crate::app::App;
use crate::http::problem::{Answer, Problem, ProblemType};
use crate::views::review::ReasonView;
use postbag_domain::moderation::{Known, content_signals};
use postbag_domain::{EmailAddress, Locale, NewAction, Origin, Originality, PersonalMessage, Ruling, Signal, Sketch};
use postbag_persistence::{Held, KeyClaim, Known as KnownKey, NewReview, SpentChallenge};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeSet;

/// The rules on a submission: its own signals, and those that its client gives. A test goes to nobody, so nothing is held against it.
pub(super) fn rule(app: &App, decided: &Decided, mut signals: BTreeSet<Signal>) -> Ruling {
    let action = &decided.accepted.action;
    let organisation = &decided.public.live.organisation.content;
    if action.test {
        return organisation.moderation.rule_on(&BTreeSet::new());
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
        unwanted: organisation.moderation.unwanted_words(),
        domain_is_disposable: app.disposable_domains.hold(action.words.email.domain()),
    };
    signals.extend(content_signals(&action.words, known));
    signals.extend(likeness(app, decided));
    organisation.moderation.rule_on(&signals)
}

/// Whether the message repeats the letter, or is like those of many others to a representative.
fn likeness(app: &App, decided: &Decided) -> impl Iterator<Item = Signal> {
    let action = &decided.accepted.action;
    let message = action.words.personal_message.as_ref().map(PersonalMessage::as_str);
    let repeats = message.is_some_and(|text| Originality::of(text, decided.public.letter(action.locale)).repeats());
    let sketch = message.and_then(Sketch::of);
    let recipients = decided.accepted.deliveries.iter().map(|delivery| delivery.representative_id);
    let resembles = sketch.is_some_and(|sketch| app.crowd.resembles_many(recipients, &sketch, action.created_at));
    let given = [(repeats, Signal::Unoriginal), (resembles, Signal::ResemblesOthers)];
    given.into_iter().filter(|(is_given, _)| *is_given).map(|(_, signal)| signal)
}

/// The problem for a submission that a rule refuses, with its reasons.
pub(super) fn refusal(decided: &Decided, ruling: &Ruling) -> Problem {
    let reasons = reasons(decided, ruling);
    Problem::new(ProblemType::SubmissionRefused).member("reasons", serde_json::to_value(reasons).unwrap_or_default())
}

fn reasons(decided: &Decided, ruling: &Ruling) -> Vec<ReasonView> {
    let moderation = &decided.public.live.organisation.content.moderation;
    ReasonView::each(&ruling.reasons, moderation, decided.accepted.action.locale)
}

/// Holds a submission, and answers once that is on disk.
pub(super) async fn hold(
    app: &App,
    decided: Decided,
    submitted: &SubmitAction,
    ruling: Ruling,
    (claim, challenge): (KeyClaim, Option<SpentChallenge>),
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

/// A submission as it is kept until a person has decided: the document that came, and the page that it came from.
#[derive(Serialize, Deserialize)]
pub(crate) struct HeldSubmission {
    submission: Value,
    origin: Option<String>,
    locale: Locale,
}

impl HeldSubmission {
    /// The text that is kept. A day of birth is not: it is only asked for to know an age.
    fn write(submitted: &SubmitAction, action: &NewAction, is_under_age: bool) -> Answer<String> {
        let mut submission = serde_json::to_value(submitted).map_err(Problem::internal)?;
        if let Some(supporter) = submission.pointer_mut("/supporter").and_then(Value::as_object_mut) {
            supporter.remove("born_on");
            supporter.insert("under_13".to_owned(), is_under_age.into());
        }
        let origin = action.origin.as_ref().map(|origin| origin.as_str().to_owned());
        let held = Self { submission, origin, locale: action.locale };
        serde_json::to_string(&held).map_err(Problem::internal)
    }

    /// Reads what [`HeldSubmission::write`] wrote.
    pub(crate) fn read(text: &str) -> Option<Self> {
        serde_json::from_str(text).ok()
    }

    /// The language that the person reads.
    pub(crate) const fn locale(&self) -> Locale {
        self.locale
    }

    /// The document that came.
    pub(super) fn submitted(&self) -> Option<SubmitAction> {
        serde_json::from_value(self.submission.clone()).ok()
    }

    /// The page that it came from.
    pub(super) fn origin(&self) -> Option<Origin> {
        Origin::parse(self.origin.as_deref()?).ok()
    }

    /// First and last name, as typed.
    pub(crate) fn name(&self) -> String {
        ["/supporter/first_name", "/supporter/last_name"].map(|part| self.text(part).unwrap_or_default()).join(" ")
    }

    /// The address, as typed.
    pub(crate) fn email(&self) -> &str {
        self.text("/supporter/email").unwrap_or_default()
    }

    /// The address.
    pub(crate) fn address(&self) -> Option<EmailAddress> {
        EmailAddress::parse(self.email()).ok()
    }

    /// The postcode, as typed.
    pub(crate) fn postcode(&self) -> &str {
        self.text("/supporter/address/postcode").unwrap_or_default()
    }

    /// The person's own words.
    pub(crate) fn personal_message(&self) -> Option<&str> {
        self.text("/personal_message")
    }

    fn text(&self, pointer: &str) -> Option<&str> {
        self.submission.pointer(pointer)?.as_str()
    }
}
