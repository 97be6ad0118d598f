//! A campaign with everything a submission touches, in memory.

use super::{Campaign, SubmitError, Target, Targets};
use crate::action::unknown_target;
use crate::{
    Addressee, Ask, ConsentQuestion, Directory, Edition, FieldErrors, Findings, Flaw, Letter, ObjectionNotice,
    Organisation, PersonalMessage, PersonalMessageRule, Place, RepresentativeId, Skipped, SupporterWords,
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
    /// What its letters are made of now.
    pub edition: Arc<Edition>,
    /// Its consent questions, in order.
    pub questions: Vec<ConsentQuestion>,
    /// Its notices with a right to object, in order.
    pub objections: Vec<ObjectionNotice>,
}

/// The finished letters of one supporter, and who is not written to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Previews {
    /// One letter per representative who can be written to.
    pub letters: Vec<Preview>,
    /// Who is not written to.
    pub skipped: Vec<Skipped>,
}

/// A finished letter and to whom it would go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Preview {
    /// To whom.
    pub addressee: Addressee,
    /// What would be sent.
    pub letter: Letter,
}

/// Who of a place's representatives is written to, and who is not.
#[derive(Debug)]
pub(super) struct Chosen {
    pub(super) addressees: Vec<Addressee>,
    pub(super) skipped: Vec<Skipped>,
}

impl LiveCampaign {
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

    /// The finished letters of one supporter, composed by the same function as those that are sent. Nothing is recorded.
    pub fn preview(
        &self,
        words: &SupporterWords,
        target_ids: Option<&[RepresentativeId]>,
        place: &Place,
        directory: &Directory,
        day: NaiveDate,
    ) -> Result<Previews, SubmitError> {
        let mut findings = Findings::new();
        let chosen = self.choose(target_ids, place, directory, day)?;
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

    /// Narrows the targets of a place to those asked for. An id that is not among them is a field error: nobody can be added (B18).
    /// Where it is not certain which area the person lives in, they must say.
    pub(super) fn choose(
        &self,
        target_ids: Option<&[RepresentativeId]>,
        place: &Place,
        directory: &Directory,
        day: NaiveDate,
    ) -> Result<Result<Chosen, FieldErrors>, SubmitError> {
        let Targets { mut targets, choices, .. } = self.targets(place, directory, day)?;
        if !choices.is_empty() {
            return Err(SubmitError::ChoiceNeeded { choices });
        }
        let Some(ids) = target_ids else { return Ok(Ok(Chosen::of(targets))) };
        let is = |target: &Target, id: &RepresentativeId| {
            target.addressee.as_ref().is_some_and(|addressee| addressee.representative_id == *id)
        };
        let mut findings = Findings::new();
        if ids.is_empty() {
            findings.note("/target_ids", Flaw::new("targets_missing", "must name somebody, or be absent for all"));
        }
        for (index, id) in ids.iter().enumerate() {
            if !targets.iter().any(|target| is(target, id)) {
                findings.note(format!("/target_ids/{index}"), unknown_target());
            }
        }
        targets.retain(|target| ids.iter().any(|id| is(target, id)));
        Ok(findings.finish(Some(Chosen::of(targets))))
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
                Err(Flaw::new("text_too_long", format!("must be at most {limit} characters long")))
            }
            _ => Ok(()),
        }
    }
}

impl Chosen {
    fn of(targets: Vec<Target>) -> Self {
        let mut chosen = Self { addressees: Vec::with_capacity(targets.len()), skipped: Vec::new() };
        for target in targets {
            let (office, reason) = (target.office, target.reachable);
            match target.addressee {
                Some(addressee) if reason.is_open() => chosen.addressees.push(addressee),
                holder => {
                    let representative_id = holder.map(|holder| holder.representative_id);
                    chosen.skipped.push(Skipped { representative_id, office, reason });
                }
            }
        }
        chosen
    }
}

/// Refuses when nobody is left to write to: such a submission is never taken silently.
pub(super) fn reachable(chosen: Chosen) -> Result<Chosen, SubmitError> {
    if chosen.addressees.is_empty() { Err(SubmitError::NoReachableRepresentative) } else { Ok(chosen) }
}
