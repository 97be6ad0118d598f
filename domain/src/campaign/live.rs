//! A campaign with everything a submission touches, in memory.

use super::partner::Controller;
use super::selection::{Chosen, reachable};
use super::{Campaign, Partner, SubmitError, Written};
use crate::{
    Addressee, Ask, ConsentQuestion, Directory, Edition, Findings, Flaw, Letter, ObjectionNotice, Organisation,
    PersonalMessage, PersonalMessageRule, Place, RepresentativeId, Skipped, SupporterWords,
};
use chrono::{DateTime, NaiveDate, Utc};
use std::sync::Arc;

/// Everything a submission touches. Immutable; the snapshot of campaigns is made of these.
#[derive(Clone, Debug)]
pub struct LiveCampaign {
    /// The campaign.
    pub campaign: Campaign,
    /// The organisation it belongs to.
    pub organisation: Organisation,
    /// Its asks, in order.
    pub asks: Vec<Ask>,
    /// The edition its letters are made from now.
    pub edition: Arc<Edition>,
    /// Its consent questions, in order.
    pub questions: Vec<ConsentQuestion>,
    /// Its notices with a right to object, in order.
    pub objections: Vec<ObjectionNotice>,
    /// The notices that it once showed: people answer forms that they loaded before.
    pub earlier_objections: Vec<ObjectionNotice>,
    /// The partners that have joined it, by slug.
    pub partners: Vec<Partner>,
}

/// The finished letters of one supporter, and who is not written to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Previews {
    /// One letter per representative who can be written to.
    pub letters: Vec<Preview>,
    /// The holders who are not written to.
    pub skipped: Vec<Skipped>,
}

/// A finished letter and to whom it would go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Preview {
    /// The addressee.
    pub addressee: Addressee,
    /// The letter that would be sent.
    pub letter: Letter,
}

impl LiveCampaign {
    /// The organisations that have a part in it: its own first, then its partners.
    pub fn organisations(&self) -> impl Iterator<Item = &Organisation> {
        std::iter::once(&self.organisation).chain(self.partners.iter().map(|partner| &partner.organisation))
    }

    /// Its controllers: its own organisation first, then its partners.
    pub(super) fn controllers(&self) -> Vec<Controller<'_>> {
        let own = Controller {
            organisation: &self.organisation,
            questions: &self.questions,
            objections: &self.objections,
            earlier_objections: &self.earlier_objections,
        };
        std::iter::once(own).chain(self.partners.iter().map(Controller::of)).collect()
    }

    /// Whether the campaign takes actions at this moment: its status and its opening and closing times say so.
    pub fn takes_actions(&self, now: DateTime<Utc>) -> Result<(), SubmitError> {
        let (status, terms) = (self.campaign.status(), self.campaign.content());
        if status != super::CampaignStatus::Live {
            return Err(SubmitError::NotLive { status });
        }
        match (terms.opens_at, terms.closes_at) {
            (Some(opens_at), _) if now < opens_at => Err(SubmitError::NotYetOpen { opens_at }),
            (_, Some(closed_at)) if closed_at <= now => Err(SubmitError::Closed { closed_at }),
            _ => Ok(()),
        }
    }

    /// The finished letters of one supporter, to the same people and composed by the same function as those that are sent. Nothing
    /// is recorded.
    pub fn preview(
        &self,
        words: &SupporterWords,
        target_ids: Option<&[RepresentativeId]>,
        place: &Place,
        directory: &Directory,
        written: Written<'_>,
        day: NaiveDate,
    ) -> Result<Previews, SubmitError> {
        let mut findings = Findings::new();
        let chosen = self.choose((words, target_ids), place, directory, written, day)?;
        let chosen = findings.absorb(chosen);
        findings.check("/personal_message", self.check_message(words.personal_message.as_ref()));
        let Chosen { addressees, skipped } = reachable(findings.finish(chosen)?)?;
        let preview = |addressee: Addressee| {
            let letter = self.edition.compose(words, &addressee)?;
            Ok(Preview { addressee, letter })
        };
        let letters = addressees.into_iter().map(preview).collect::<Result<_, SubmitError>>()?;
        Ok(Previews { letters, skipped })
    }

    /// Whether there are words of the supporter's own where the campaign wants them, and none too many.
    pub(super) fn check_message(&self, message: Option<&PersonalMessage>) -> Result<(), Flaw> {
        let terms = self.campaign.content();
        let limit = terms.personal_message_limit;
        match (terms.personal_message, message) {
            (PersonalMessageRule::None, Some(_)) => {
                Err(Flaw::new("personal_message_not_invited", "this campaign has no place for a personal message"))
            }
            (PersonalMessageRule::Required, None) => {
                Err(Flaw::new("personal_message_missing", "must say something in your own words"))
            }
            (_, Some(message)) if u32::try_from(message.graphemes()).is_ok_and(|length| length > limit) => {
                Err(Flaw::new("text_too_long", format!("can have at most {limit} characters")))
            }
            _ => Ok(()),
        }
    }
}
