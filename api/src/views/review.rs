//! The review of a submission, as its supporter reads it.

use crate::views::vocabulary;
use chrono::{DateTime, Utc};
use postbag_domain::{Locale, Moderation, ReviewState};
use postbag_persistence::StoredReview;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// The review of a submission that somebody looks at before anything is sent.
#[derive(Serialize, ToSchema)]
#[schema(examples(json!({
    "state": "in_review", "reasons": [{ "signal": "links", "text": "Your message contains a link." }],
    "decided_by": "2026-12-03T09:00:00Z", "decided_at": null, "may_be_appealed": true, "appealed_at": null
})))]
pub(crate) struct ReviewView {
    #[schema(schema_with = vocabulary::review_state)]
    state: &'static str,
    /// Why it is looked at.
    reasons: Vec<ReasonView>,
    /// The moment by which somebody decides; what becomes of it then, the campaign has said.
    decided_by: DateTime<Utc>,
    decided_at: Option<DateTime<Utc>>,
    /// Whether `POST /v1/actions/{id}/appeals` opens it again.
    may_be_appealed: bool,
    appealed_at: Option<DateTime<Utc>>,
}

/// Why a submission is looked at, or was not taken.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[schema(examples(json!({ "signal": "links", "text": "Your message contains a link." })))]
pub(crate) struct ReasonView {
    #[schema(schema_with = vocabulary::signal)]
    signal: String,
    /// For the person, in their language.
    text: String,
}

impl ReasonView {
    /// Each signal with its words.
    pub(crate) fn each<'s>(
        signals: impl IntoIterator<Item = &'s postbag_domain::Signal>,
        moderation: &Moderation,
        locale: Locale,
    ) -> Vec<Self> {
        let view = |signal: &postbag_domain::Signal| Self {
            signal: signal.to_string(),
            text: moderation.reason(*signal, locale).to_owned(),
        };
        signals.into_iter().map(view).collect()
    }
}

impl ReviewView {
    /// The review, with its reasons in a language.
    pub(crate) fn of(review: &StoredReview, moderation: &Moderation, locale: Locale) -> Self {
        Self {
            state: review.state.as_str(),
            reasons: ReasonView::each(&review.reasons, moderation, locale),
            decided_by: review.due_at,
            decided_at: review.decided_at.filter(|_| review.state != ReviewState::InReview),
            may_be_appealed: review.state.may_be_appealed() && review.submission.is_some(),
            appealed_at: review.appealed_at,
        }
    }
}
