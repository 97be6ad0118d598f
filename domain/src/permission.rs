//! Permission: whether an organisation may contact a person for a purpose by a channel today, and why (B1–B7).
//!
//! The decision is one pure function over the ledger, [`Standing::permission`]. Silence is never a yes: where the ledger holds no
//! answer, nothing is permitted.

mod change;
mod choices;
pub mod phrases;
mod soft_opt_in;

pub use change::{ChangeEntries, PreferenceChange, StaffNote};
pub use choices::{Choice, choices};
pub use soft_opt_in::{SoftOptIn, SoftOptInCondition};

use crate::words::words;
use crate::{Activity, Answer, Channel, ConsentId, Flaw, ObjectionId, Purpose};
use chrono::{DateTime, TimeDelta, Utc};
use std::collections::BTreeSet;

/// How long the link to a person's preferences holds.
pub const PREFERENCES_LINK_PERIOD: TimeDelta = TimeDelta::days(7);

words! {
    /// The lawful basis that a question names for what it asks.
    Basis, "basis_unknown" {
        /// Consent: an explicit yes (UK GDPR 6(1)(a), PECR 22).
        Consent = "consent",
        /// The charitable soft opt-in: nobody refused where refusing was offered (PECR 22(3A)). Never called consent.
        CharitableSoftOptIn = "charitable_soft_opt_in",
        /// Nothing is asked: the words say what the organisation does on another basis. They never permit anything by themselves.
        InformationOnly = "information_only",
    }
}

words! {
    /// How an answer or an objection reached the organisation.
    Means, "means_unknown" {
        /// With the form of a campaign.
        Form = "form",
        /// Through a link that was mailed to the person.
        Link = "link",
        /// By telephone, recorded by a member of staff.
        Telephone = "telephone",
        /// By letter, recorded by a member of staff.
        Post = "post",
        /// By email, recorded by a member of staff.
        Email = "email",
        /// In person, recorded by a member of staff.
        InPerson = "in_person",
    }
}

impl Means {
    /// Reads one that staff record.
    pub fn parse_staffs(word: &str) -> Result<Self, Flaw> {
        let means: Self = word.parse()?;
        let rule = "must be telephone, post, email or in_person: people use forms and links themselves";
        let flaw = Flaw::new("means_not_recorded", rule);
        means.is_recorded_by_staff().then_some(means).ok_or(flaw)
    }

    /// True for requests that a member of staff records.
    pub const fn is_recorded_by_staff(self) -> bool {
        match self {
            Self::Form | Self::Link => false,
            Self::Telephone | Self::Post | Self::Email | Self::InPerson => true,
        }
    }
}

words! {
    /// Whether a person objects to an activity, or does not object any more.
    Stance, "stance_unknown" {
        /// "Do not do this with my data."
        Objects = "objects",
        /// The objection is taken back.
        Allows = "allows",
    }
}

words! {
    /// The reason of a decision.
    PermissionReason, "reason_unknown" {
        /// The address is suppressed: nothing is sent to it.
        Suppressed = "suppressed",
        /// The person objects to direct marketing, which is absolute (UK GDPR 21(3)).
        ObjectsToMarketing = "objects_to_marketing",
        /// The last answer to a question for this purpose and channel is yes.
        AnsweredYes = "answered_yes",
        /// The last answer to a question for this purpose and channel is no.
        AnsweredNo = "answered_no",
        /// The person was offered to refuse, and did not.
        NotRefused = "not_refused",
        /// The person was offered to refuse and did not, but a condition of the soft opt-in is not met.
        SoftOptInNotMet = "soft_opt_in_not_met",
        /// The person was never asked for this purpose and channel, or never answered.
        NotAsked = "not_asked",
    }
}

/// An answer of the ledger, as the decision reads it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LedgerAnswer {
    /// Its identity.
    pub id: ConsentId,
    /// When it was given.
    pub given_at: DateTime<Utc>,
    /// What it is for.
    pub purpose: Purpose,
    /// The channel it is about.
    pub channel: Channel,
    /// The answer.
    pub answer: Answer,
    /// The conditions of the soft opt-in as they stood, where the question named that basis.
    pub soft_opt_in: Option<SoftOptIn>,
}

/// An objection of the ledger, or that it was taken back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LedgerObjection {
    /// Its identity.
    pub id: ObjectionId,
    /// When it was raised or taken back.
    pub given_at: DateTime<Utc>,
    /// The activity it is about.
    pub activity: Activity,
    /// Whether the person objects from then on.
    pub stance: Stance,
}

/// Everything the ledger says about one person and one organisation.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Standing {
    answers: Vec<LedgerAnswer>,
    objections: Vec<LedgerObjection>,
    is_suppressed: bool,
}

/// A decision, with what led to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Permission {
    basis: Option<Basis>,
    reason: PermissionReason,
    because: Option<Evidence>,
}

/// The entry of a ledger that a decision rests on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Evidence {
    /// An answer.
    Answer(ConsentId),
    /// An objection.
    Objection(ObjectionId),
}

impl Standing {
    /// Takes the entries in any order.
    pub fn new(mut answers: Vec<LedgerAnswer>, mut objections: Vec<LedgerObjection>, is_suppressed: bool) -> Self {
        answers.sort_by_key(|answer| (answer.given_at, answer.id));
        objections.sort_by_key(|objection| (objection.given_at, objection.id));
        Self { answers, objections, is_suppressed }
    }

    /// Whether the person may be contacted for this purpose by this channel, and why.
    ///
    /// Suppression and an objection to direct marketing outweigh every answer. Of explicit answers the last one counts. That somebody
    /// did not refuse counts only where they never answered, and only under all conditions of the soft opt-in (B4).
    pub fn permission(&self, purpose: &Purpose, channel: Channel) -> Permission {
        if self.is_suppressed {
            return Permission::refused(PermissionReason::Suppressed, None);
        }
        if let Some(objection) = self.objection(Activity::DirectMarketing) {
            let because = Some(Evidence::Objection(objection.id));
            return Permission::refused(PermissionReason::ObjectsToMarketing, because);
        }
        match self.answer(purpose, channel) {
            None => Permission::refused(PermissionReason::NotAsked, None),
            Some(answer) => Permission::by(answer),
        }
    }

    /// True if the last word on this purpose and channel is no.
    pub fn has_ended(&self, purpose: &Purpose, channel: Channel) -> bool {
        self.answered(purpose, channel) == Some(Answer::No)
    }

    /// The answer that counts, even where something outweighs it.
    pub fn answered(&self, purpose: &Purpose, channel: Channel) -> Option<Answer> {
        self.answer(purpose, channel).map(|answer| answer.answer)
    }

    /// The answer that counts: the last explicit one, or else that the person did not refuse.
    fn answer(&self, purpose: &Purpose, channel: Channel) -> Option<&LedgerAnswer> {
        let given = || {
            let answers = self.answers.iter().rev();
            answers.filter(|answer| answer.purpose == *purpose && answer.channel == channel)
        };
        given().find(|answer| answer.answer != Answer::NotRefused).or_else(|| given().next())
    }

    /// The objection to an activity that stands, if the person objects today.
    pub fn objection(&self, activity: Activity) -> Option<LedgerObjection> {
        let last = self.objections.iter().rev().find(|objection| objection.activity == activity);
        last.filter(|last| last.stance == Stance::Objects).copied()
    }

    /// Every purpose and channel that the person was ever asked for.
    pub fn asked(&self) -> BTreeSet<(Purpose, Channel)> {
        self.answers.iter().map(|answer| (answer.purpose.clone(), answer.channel)).collect()
    }

    /// True if nothing may be sent to the person even once they are erased: an objection to direct marketing is absolute (B7).
    pub fn outlives_erasure(&self) -> bool {
        self.is_suppressed || self.objection(Activity::DirectMarketing).is_some()
    }

    /// True if the person's address is suppressed for the organisation.
    pub fn is_suppressed(&self) -> bool {
        self.is_suppressed
    }
}

impl Permission {
    fn refused(reason: PermissionReason, because: Option<Evidence>) -> Self {
        Self { basis: None, reason, because }
    }

    /// The decision that an answer leads to where nothing outweighs it.
    fn by(answer: &LedgerAnswer) -> Self {
        let (basis, reason) = match answer.answer {
            Answer::Yes => (Some(Basis::Consent), PermissionReason::AnsweredYes),
            Answer::No => (None, PermissionReason::AnsweredNo),
            Answer::NotRefused if answer.soft_opt_in.is_some_and(SoftOptIn::holds) => {
                (Some(Basis::CharitableSoftOptIn), PermissionReason::NotRefused)
            }
            Answer::NotRefused => (None, PermissionReason::SoftOptInNotMet),
        };
        Self { basis, reason, because: Some(Evidence::Answer(answer.id)) }
    }

    /// True if the person may be contacted.
    pub fn is_given(&self) -> bool {
        self.basis.is_some()
    }

    /// The lawful basis of the contact, if it is permitted.
    pub fn basis(&self) -> Option<Basis> {
        self.basis
    }

    /// The reason.
    pub fn reason(&self) -> PermissionReason {
        self.reason
    }

    /// The entry that decided. A permission always has one (B5).
    pub fn because(&self) -> Option<Evidence> {
        self.because
    }
}

#[cfg(test)]
mod tests;
