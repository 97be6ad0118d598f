//! The decision on a submission.

use super::partner::{Evidence, Given};
use super::selection::{Chosen, reachable};
use super::{AreaCandidate, CampaignStatus, Confirmation, LiveCampaign, Written};
use crate::consent;
use crate::{
    Accepted, ActionId, ActionStatus, Addressee, AreaKey, ComposeError, ConfirmedBy, DeliveryId, DeliveryState,
    Directory, FieldErrors, Findings, Nation, NewAction, NewDelivery, OrganisationId, Place, Skipped, Submission,
    uk_day,
};
use chrono::{DateTime, Utc};
use uuid::Uuid;

/// Why a submission was not accepted.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SubmitError {
    /// The campaign is not live.
    #[error("the campaign is {status} and takes no actions")]
    NotLive {
        /// The status it has.
        status: CampaignStatus,
    },
    /// The campaign has not opened yet.
    #[error("the campaign opens at {opens_at}")]
    NotYetOpen {
        /// The moment it opens.
        opens_at: DateTime<Utc>,
    },
    /// The campaign's time is over.
    #[error("the campaign closed at {closed_at}")]
    Closed {
        /// The moment it closed.
        closed_at: DateTime<Utc>,
    },
    /// The supporter lives in a nation the campaign is not for.
    #[error("This campaign is for people in {}.", names(.nations))]
    OutsideNations {
        /// The supporter's nation.
        nation: Nation,
        /// The nations whose people may take part.
        nations: Vec<Nation>,
    },
    /// The postcode is divided between areas, and the supporter has not said in which they live.
    #[error("this postcode lies in several areas: say in `area_choices` in which of them the person lives")]
    ChoiceNeeded {
        /// The candidates of each kind that the campaign needs.
        choices: Vec<AreaCandidate>,
    },
    /// None of the supporter's representatives can be written to.
    #[error("none of the representatives for this place can be written to")]
    NoReachableRepresentative {
        /// Each of them, and why not.
        skipped: Vec<Skipped>,
    },
    /// Some of the fields are wrong.
    #[error(transparent)]
    Invalid(#[from] FieldErrors),
    /// A letter cannot be composed.
    #[error(transparent)]
    Compose(#[from] ComposeError),
}

/// Names of nations in a sentence.
fn names(nations: &[Nation]) -> String {
    match nations.iter().map(|nation| nation.name()).collect::<Vec<_>>().as_slice() {
        [first @ .., last] if !first.is_empty() => format!("{} and {last}", first.join(", ")),
        names => names.concat(),
    }
}

/// The parts of a submission that were found in order.
struct Checked<'c> {
    chosen: Chosen,
    given: Given<'c>,
}

impl LiveCampaign {
    /// Decides on a submission: what is to be recorded and who is written to, or why not.
    ///
    /// `place` is what the directory says of the submission's own postcode, so that nobody reaches another's representatives
    /// (B18). `written` counts what went to each so far. Every letter is composed once, so that nothing is accepted that could not be
    /// sent. `fresh` gives ids.
    pub fn accept(
        &self,
        submission: Submission,
        place: &Place,
        directory: &Directory,
        written: Written<'_>,
        now: DateTime<Utc>,
        fresh: &mut dyn FnMut() -> Uuid,
    ) -> Result<Accepted, SubmitError> {
        self.takes_actions(now)?;
        let Checked { chosen, given } = self.check(&submission, place, directory, written, now)?;
        for addressee in &chosen.addressees {
            self.edition.compose(&submission.words, addressee)?;
        }
        let confirmed_by = self.confirmed_by(submission.verified);
        let state = first_state(submission.test, submission.verified, confirmed_by);
        let controller = given.controller();
        let action = self.action(ActionId::new(fresh()), submission, controller, confirmed_by, place, now);
        // A test leaves no evidence: anybody could make a permission of it that nobody gave (B1).
        let Evidence { consents, objections, elsewhere } =
            if action.test { Evidence::default() } else { given.evidence(fresh) };
        let delivery = |addressee| self.delivery(DeliveryId::new(fresh()), addressee, state, now);
        let deliveries = chosen.addressees.iter().map(delivery).collect();
        Ok(Accepted { action, consents, objections, elsewhere, deliveries, skipped: chosen.skipped })
    }

    /// Checks every field, so that all flaws are reported at once.
    fn check(
        &self,
        submission: &Submission,
        place: &Place,
        directory: &Directory,
        written: Written<'_>,
        now: DateTime<Utc>,
    ) -> Result<Checked<'_>, SubmitError> {
        let default = self.campaign.content().default_locale;
        let asked = (&submission.words, submission.target_ids.as_deref());
        let chosen = self.choose(asked, place, directory, written, uk_day(now))?;
        let mut findings = Findings::new();
        findings.check("/personal_message", self.check_message(submission.words.personal_message.as_ref()));
        let chosen = findings.absorb(chosen);
        if submission.is_under_age {
            findings.absorb(consent::refuse_under_age(&submission.consents));
        }
        let given = findings.absorb(Given::of(self.controllers(), submission, default));
        let (chosen, given) = findings.finish(chosen.zip(given))?;
        Ok(Checked { chosen: reachable(chosen)?, given })
    }

    /// What stands for the confirmation of a new action; nothing if its supporter has yet to give it (B16).
    fn confirmed_by(&self, verified: bool) -> Option<ConfirmedBy> {
        match self.campaign.content().confirmation {
            _ if verified => Some(ConfirmedBy::Caller),
            Confirmation::None => Some(ConfirmedBy::Waiver),
            Confirmation::Email => None,
        }
    }

    fn action(
        &self,
        id: ActionId,
        submission: Submission,
        controller: OrganisationId,
        confirmed_by: Option<ConfirmedBy>,
        place: &Place,
        now: DateTime<Utc>,
    ) -> NewAction {
        NewAction {
            id,
            organisation_id: controller,
            partner_id: (controller != self.campaign.organisation_id()).then_some(controller),
            campaign_id: self.campaign.id(),
            supporter_key: submission.words.email.key(),
            areas: place.areas.iter().map(|(kind, code)| AreaKey { kind: *kind, code: *code }).collect(),
            area_choices: submission.area_choices,
            nation: place.nation,
            status: confirmed_by.map_or(ActionStatus::AwaitingConfirmation, |_given| ActionStatus::Confirmed),
            confirmed_by,
            source: submission.source,
            origin: submission.origin,
            test: submission.test,
            locale: submission.words.locale,
            words: submission.words,
            created_at: now,
        }
    }

    fn delivery(&self, id: DeliveryId, addressee: &Addressee, state: DeliveryState, now: DateTime<Utc>) -> NewDelivery {
        NewDelivery {
            id,
            representative_id: addressee.representative_id,
            office: addressee.office,
            area_code: addressee.area.code,
            edition_id: self.edition.id(),
            state,
            available_at: (state == DeliveryState::Queued).then(|| self.campaign.content().leaves_at(id, now)),
        }
    }
}

/// The state of a new message: an action that has yet to be confirmed holds its own. Tests are sent only for callers who are known, to
/// the tester's own address: anybody could name a stranger's (A30, B31).
fn first_state(test: bool, verified: bool, confirmed_by: Option<ConfirmedBy>) -> DeliveryState {
    match confirmed_by {
        _ if test && !verified => DeliveryState::Cancelled,
        Some(_given) => DeliveryState::Queued,
        None => DeliveryState::Held,
    }
}

#[cfg(test)]
mod tests;
