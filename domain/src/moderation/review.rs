//! The review of a submission by a person: its states, and when it ends by itself.

use crate::words::words;
use crate::{FieldErrors, Flaw};
use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

/// The longest that a review may take, in hours: two weeks.
const LONGEST: u32 = 336;

/// How long what was refused is kept for an appeal.
const APPEAL_PERIOD: TimeDelta = TimeDelta::days(14);

words! {
    /// Where a submission stands that is looked at before anything is sent.
    ReviewState, "review_state_unknown" {
        /// Nobody has decided yet.
        InReview = "in_review",
        /// It is accepted, as if it had never been held.
        Approved = "approved",
        /// It is not taken; the supporter may appeal.
        Refused = "refused",
        /// It was taken back for the supporter.
        Withdrawn = "withdrawn",
        /// Nobody decided in time, or its campaign takes no actions any more; the supporter may appeal.
        Ended = "ended",
    }
}

words! {
    /// What an administrator decides on a submission.
    ReviewDecision, "review_decision_unknown" {
        /// It is accepted.
        Approve = "approve",
        /// It is not taken.
        Refuse = "refuse",
        /// It is taken back for the supporter, who asked for that.
        Withdraw = "withdraw",
        /// It is taken back, and the address is not written to again.
        Suppress = "suppress",
    }
}

words! {
    /// What becomes of a submission that nobody decided on in time.
    AfterReview, "after_review_unknown" {
        /// It is accepted.
        Send = "send",
        /// It ends, and the receipt says so.
        End = "end",
    }
}

impl ReviewState {
    /// The state after a decision; none if the state allows none. What was refused can still be approved, and what is accepted is an action
    /// and no longer a matter of review.
    pub const fn decide(self, decision: ReviewDecision) -> Option<Self> {
        match (self, decision) {
            (Self::InReview | Self::Refused | Self::Ended, ReviewDecision::Approve) => Some(Self::Approved),
            (Self::InReview, ReviewDecision::Refuse) => Some(Self::Refused),
            (Self::InReview | Self::Refused | Self::Ended, ReviewDecision::Withdraw | ReviewDecision::Suppress) => {
                Some(Self::Withdrawn)
            }
            (Self::Refused | Self::Ended, ReviewDecision::Refuse) | (Self::Approved | Self::Withdrawn, _) => None,
        }
    }

    /// True if its supporter may say why it should be sent: then it is looked at again.
    pub const fn may_be_appealed(self) -> bool {
        match self {
            Self::InReview | Self::Refused | Self::Ended => true,
            Self::Approved | Self::Withdrawn => false,
        }
    }

    /// The moment from which its content is deleted, if it was decided then; nothing while a decision is open.
    pub fn deleted_at(self, decided_at: DateTime<Utc>) -> Option<DateTime<Utc>> {
        match self {
            Self::InReview | Self::Approved => None,
            Self::Refused | Self::Ended => Some(decided_at + APPEAL_PERIOD),
            Self::Withdrawn => Some(decided_at),
        }
    }
}

/// A campaign's terms of reviews before they are checked; also their stored form.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
#[expect(missing_docs, reason = "each field is documented where it is checked: ReviewTerms")]
pub struct ReviewTermsFields {
    pub hours: Option<u32>,
    pub then: Option<String>,
}

/// How long a submission waits for a person to look at it, and what becomes of it then. Read-only.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReviewTerms {
    hours: u32,
    then: AfterReview,
}

impl Default for ReviewTerms {
    /// Three days, and then it ends: nothing that was held goes out unseen.
    fn default() -> Self {
        Self { hours: 72, then: AfterReview::End }
    }
}

impl ReviewTerms {
    /// Takes one hour to two weeks. Pointers are `/hours` and `/then`.
    pub fn new(fields: &ReviewTermsFields) -> Result<Self, FieldErrors> {
        let mut findings = crate::Findings::new();
        let default = Self::default();
        let hours = fields.hours.unwrap_or(default.hours);
        if !(1..=LONGEST).contains(&hours) {
            findings.note("/hours", Flaw::new("out_of_range", format!("must be a number from 1 to {LONGEST}")));
        }
        let then = fields.then.as_deref().map_or(Ok(default.then), str::parse);
        let then = findings.check("/then", then);
        findings.finish(then.map(|then| Self { hours, then }))
    }

    /// The moment by which somebody has to have looked at what came in at a moment.
    pub fn due_at(self, since: DateTime<Utc>) -> DateTime<Utc> {
        since + TimeDelta::hours(self.hours.into())
    }

    /// What becomes of what nobody looked at.
    pub const fn then(self) -> AfterReview {
        self.then
    }
}

impl From<ReviewTerms> for ReviewTermsFields {
    fn from(terms: ReviewTerms) -> Self {
        Self { hours: Some(terms.hours), then: Some(terms.then.to_string()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_table_of_decisions_is_allowed() {
        let table = [
            ("in_review", "approved refused withdrawn withdrawn"),
            ("approved", "- - - -"),
            ("refused", "approved - withdrawn withdrawn"),
            ("withdrawn", "- - - -"),
            ("ended", "approved - withdrawn withdrawn"),
        ];
        for (from, to) in table {
            let state: ReviewState = from.parse().unwrap();
            let after = ReviewDecision::ALL.iter().map(|decision| state.decide(*decision));
            let after: Vec<_> = after.map(|after| after.map_or("-", ReviewState::as_str)).collect();
            assert_eq!(after.join(" "), to, "from {from}");
        }
    }

    #[test]
    fn what_was_decided_is_deleted_once_no_appeal_can_come() {
        let now: DateTime<Utc> = "2026-11-30T12:00:00Z".parse().unwrap();
        assert_eq!(ReviewState::Refused.deleted_at(now), Some(now + TimeDelta::days(14)));
        assert_eq!(ReviewState::Withdrawn.deleted_at(now), Some(now));
        assert_eq!(ReviewState::InReview.deleted_at(now), None);
    }

    #[test]
    fn a_review_takes_an_hour_to_two_weeks() {
        let terms = |hours, then: &str| ReviewTerms::new(&ReviewTermsFields { hours, then: Some(then.to_owned()) });
        assert!(terms(Some(0), "send").is_err() && terms(Some(337), "send").is_err() && terms(None, "wait").is_err());
        let now: DateTime<Utc> = "2026-11-30T12:00:00Z".parse().unwrap();
        let terms = terms(Some(24), "send").unwrap();
        assert_eq!((terms.due_at(now), terms.then()), (now + TimeDelta::hours(24), AfterReview::Send));
        assert_eq!(ReviewTerms::new(&terms.into()).unwrap(), terms);
    }
}
