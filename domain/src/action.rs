//! One supporter's participation in one campaign: as submitted, and as accepted.

use crate::consent::{Answer, AnswerGiven, Channel, ConsentAnswer, Purpose};
use crate::objection::{NewObjection, ObjectionRaised};
use crate::text::{self, Limit};
use crate::words::words;
use crate::{
    ActionId, AnswersElsewhere, AreaChoices, AreaCode, AreaKey, CampaignId, ConfirmedBy, ConsentId, CountedAction,
    DeliveryId, DeliveryState, EditionId, FieldErrors, Findings, Flaw, Locale, Nation, Office, OrganisationId, Origin,
    QuestionId, Reachability, RepresentativeId, Slug, SupporterWords, TallyDelta,
};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

words! {
    /// Where an action stands.
    ActionStatus, "action_status_unknown" {
        /// Waits for its supporter to confirm the address; nothing is sent (B16).
        AwaitingConfirmation = "awaiting_confirmation",
        /// Stands.
        Confirmed = "confirmed",
        /// Was not confirmed in time.
        Expired = "expired",
        /// Was taken back by its supporter.
        Withdrawn = "withdrawn",
        /// Was struck out by the organisation, which can undo it.
        Invalidated = "invalidated",
    }
}

impl ActionStatus {
    /// The table: `awaiting_confirmation` → confirmed, expired or invalidated; confirmed → withdrawn or invalidated; invalidated → what it
    /// was before.
    pub const fn may_become(self, next: Self) -> bool {
        matches!(
            (self, next),
            (Self::AwaitingConfirmation, Self::Confirmed | Self::Expired | Self::Invalidated)
                | (Self::Confirmed, Self::Withdrawn | Self::Invalidated)
                | (Self::Invalidated, Self::AwaitingConfirmation | Self::Confirmed)
        )
    }
}

/// How the supporter came to the form: three labels at most, as links carry them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[expect(clippy::struct_field_names, reason = "the words of the links that people follow")]
pub struct Source {
    source: Option<String>,
    medium: Option<String>,
    campaign: Option<String>,
}

impl Source {
    /// Labels of one to 100 characters each; an empty one is as good as none. Pointers are `/source/…`.
    pub fn new(source: Option<&str>, medium: Option<&str>, campaign: Option<&str>) -> Result<Self, FieldErrors> {
        let mut findings = Findings::new();
        let mut label = |field: &str, text: Option<&str>| {
            let text = text.filter(|text| !text.trim().is_empty());
            findings.check_optional(format!("/source/{field}"), text, |text| text::line(text, Limit::of(100)))
        };
        let source = label("source", source);
        let medium = label("medium", medium);
        let campaign = label("campaign", campaign);
        let whole = source.zip(medium).zip(campaign);
        findings.finish(whole.map(|((source, medium), campaign)| Self { source, medium, campaign }))
    }

    /// The `utm_source` label, such as `newsletter`. The tally counts by it.
    pub fn source(&self) -> Option<&str> {
        self.source.as_deref()
    }

    /// The `utm_medium` label, such as `email`.
    pub fn medium(&self) -> Option<&str> {
        self.medium.as_deref()
    }

    /// The `utm_campaign` label, such as `may`.
    pub fn campaign(&self) -> Option<&str> {
        self.campaign.as_deref()
    }
}

/// A submission, each field of it well-formed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Submission {
    /// The supporter's own words.
    pub words: SupporterWords,
    /// Only these of their representatives; all when absent. It narrows and never adds (B18).
    pub target_ids: Option<Vec<RepresentativeId>>,
    /// Which area, where the postcode straddles several.
    pub area_choices: AreaChoices,
    /// Explicit answers to consent questions.
    pub consents: Vec<AnswerGiven>,
    /// Objections to processing.
    pub objections: Vec<ObjectionRaised>,
    /// How the supporter came.
    pub source: Source,
    /// The web page that the form stands on, as a browser says it.
    pub origin: Option<Origin>,
    /// The partner of the campaign whose form it is; the campaign's own organisation when absent.
    pub partner: Option<Slug>,
    /// True if the supporter is too young to consent (B13). It is asked and not kept.
    pub is_under_age: bool,
    /// True if the caller has verified that the address is the supporter's: the action needs no confirmation.
    pub verified: bool,
    /// Everything runs, nothing is counted, and nothing goes to a representative (A30).
    pub test: bool,
}

/// An action to be stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewAction {
    /// Its identity.
    pub id: ActionId,
    /// The organisation it belongs to: the controller whose form it came through.
    pub organisation_id: OrganisationId,
    /// That organisation, where it is a partner of the campaign's own.
    pub partner_id: Option<OrganisationId>,
    /// The campaign it belongs to.
    pub campaign_id: CampaignId,
    /// What makes the supporter the same person again: [`crate::EmailAddress::key`] (B33).
    pub supporter_key: String,
    /// The supporter's own words.
    pub words: SupporterWords,
    /// The supporter's areas, one of each kind.
    pub areas: Vec<AreaKey>,
    /// The areas among them that the supporter named, where the postcode lies in several.
    pub area_choices: AreaChoices,
    /// The nation they live in.
    pub nation: Nation,
    /// The status it is in.
    pub status: ActionStatus,
    /// What stands for its confirmation, where it needs none.
    pub confirmed_by: Option<ConfirmedBy>,
    /// How the supporter came.
    pub source: Source,
    /// The web page that the form stood on: part of the evidence of its answers (B1).
    pub origin: Option<Origin>,
    /// Goes to no representative and is not counted.
    pub test: bool,
    /// The language of the form.
    pub locale: Locale,
    /// The moment it was accepted.
    pub created_at: DateTime<Utc>,
}

/// An answer to be stored in the ledger (B1).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewConsent {
    /// Its identity.
    pub id: ConsentId,
    /// The question answered.
    pub question_id: QuestionId,
    /// The version that was shown.
    pub version: i32,
    /// The purpose that consent is asked for.
    pub purpose: Purpose,
    /// The channel it is about.
    pub channel: Channel,
    /// Yes or no.
    pub answer: Answer,
    /// The language it was shown in.
    pub locale: Locale,
    /// The version of the privacy notice that stood beside it, where the organisation had one.
    pub privacy_notice_version: Option<String>,
}

impl NewConsent {
    /// The answer as a row of its own.
    pub fn new(id: ConsentId, given: ConsentAnswer, privacy_notice_version: Option<String>) -> Self {
        let ConsentAnswer { question_id, version, purpose, channel, answer, locale } = given;
        Self { id, question_id, version, purpose, channel, answer, locale, privacy_notice_version }
    }
}

/// A message to be stored. Whether it repeats an earlier one is found out when it is stored (B33).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewDelivery {
    /// Its identity.
    pub id: DeliveryId,
    /// The representative who is written to.
    pub representative_id: RepresentativeId,
    /// The office held.
    pub office: Office,
    /// The area it is held for.
    pub area_code: AreaCode,
    /// The edition it is composed from.
    pub edition_id: EditionId,
    /// The state it is in.
    pub state: DeliveryState,
    /// The moment from which a worker may take it up; never when absent.
    pub available_at: Option<DateTime<Utc>>,
}

/// A representative, or an empty seat, that is not written to, and why.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Skipped {
    /// The representative; `None` for a vacant seat.
    pub representative_id: Option<RepresentativeId>,
    /// The office.
    pub office: Office,
    /// Why.
    pub reason: Reachability,
}

/// An accepted submission: everything that is stored, all of it or none (C4).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Accepted {
    /// The action.
    pub action: NewAction,
    /// The answers given.
    pub consents: Vec<NewConsent>,
    /// The objections raised.
    pub objections: Vec<NewObjection>,
    /// What was answered to the campaign's other controllers.
    pub elsewhere: Vec<AnswersElsewhere>,
    /// One message per representative.
    pub deliveries: Vec<NewDelivery>,
    /// The holders who are not written to.
    pub skipped: Vec<Skipped>,
}

impl Accepted {
    /// The changes it makes to the campaign's counts. The messages of an action that is not confirmed bind nobody and are not counted.
    ///
    /// `first_of_supporter`: no other action of this campaign counts this supporter yet. `is_repeat`: the message repeats an
    /// earlier one of the same supporter to the same representative in this campaign.
    pub fn tally(&self, first_of_supporter: bool, is_repeat: impl Fn(DeliveryId) -> bool) -> TallyDelta {
        let firsts = || self.deliveries.iter().filter(|delivery| !is_repeat(delivery.id));
        let mut delta = self.counted(first_of_supporter).tally();
        if !self.action.test && self.action.status == ActionStatus::Confirmed {
            firsts().for_each(|first| delta.merge(TallyDelta::message(None, first.state, first.representative_id)));
        }
        delta
    }

    fn counted(&self, first_of_supporter: bool) -> CountedAction<'_> {
        CountedAction {
            status: self.action.status,
            test: self.action.test,
            nation: self.action.nation,
            areas: &self.action.areas,
            offices: self.deliveries.iter().map(|delivery| delivery.office).collect::<BTreeSet<_>>(),
            representatives: self.deliveries.iter().map(|delivery| delivery.representative_id).collect(),
            created_at: self.action.created_at,
            source: self.action.source.source(),
            partner: self.action.partner_id,
            first_of_supporter,
        }
    }
}

/// The flaw of a target that is not among the supporter's representatives (B18).
pub(crate) fn unknown_target() -> Flaw {
    Flaw::new("target_unknown", "must be one of this person's representatives for this campaign")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_table_of_statuses_is_allowed() {
        let table = [
            ("awaiting_confirmation", "confirmed expired invalidated"),
            ("confirmed", "withdrawn invalidated"),
            ("expired", ""),
            ("withdrawn", ""),
            ("invalidated", "awaiting_confirmation confirmed"),
        ];
        for (from, to) in table {
            let status: ActionStatus = from.parse().unwrap();
            let next = ActionStatus::ALL.iter().filter(|next| status.may_become(**next));
            assert_eq!(next.map(|next| next.as_str()).collect::<Vec<_>>().join(" "), to, "from {from}");
        }
    }

    #[test]
    fn a_source_is_three_short_labels_at_most() {
        let source = Source::new(Some(" newsletter "), Some(""), None).unwrap();
        assert_eq!((source.source(), source.medium(), source.campaign()), (Some("newsletter"), None, None));
        let long = "x".repeat(101);
        let errors = Source::new(Some("a\nb"), Some(&long), Some("\u{202e}")).unwrap_err();
        let pointers: Vec<_> = errors.iter().map(crate::FieldError::pointer).collect();
        assert_eq!(pointers, ["/source/source", "/source/medium", "/source/campaign"]);
    }
}
