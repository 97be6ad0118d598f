//! The terms of a campaign: unchecked (`CampaignFields`) and checked (`CampaignTerms`).

use super::{OfficeRule, OfficeRuleFields};
use crate::words::words;
use crate::{
    AreaKind, ChallengeRule, DigestRule, DigestRuleFields, Hashtag, Locale, Nation, Office, Origin, ReviewTerms,
    ReviewTermsFields, Slug, SubmissionLimits, SubmissionLimitsFields, WebPage,
};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

words! {
    /// How a supporter proves that the address is theirs before anything is sent (B16).
    Confirmation, "confirmation_unknown" {
        /// No proof: the operator has said in words why the campaign does without, and the campaign shows it.
        None = "none",
        /// By a link or a code mailed to them: the default.
        Email = "email",
    }
}

words! {
    /// Whether supporters add words of their own.
    PersonalMessageRule, "personal_message_rule_unknown" {
        /// The letter has no place for any.
        None = "none",
        /// They may add some.
        Optional = "optional",
        /// They must add some (B25).
        Required = "required",
    }
}

impl PersonalMessageRule {
    /// True if supporters may or must add words of their own.
    pub const fn invites(self) -> bool {
        matches!(self, Self::Optional | Self::Required)
    }
}

words! {
    /// What to do with a message when the connection was lost after its last byte, so that nobody knows whether the relay has it (C7).
    AfterUncertain, "after_uncertain_unknown" {
        /// Send it again with the same Message-ID.
        Retry = "retry",
        /// Wait for an administrator to decide.
        Hold = "hold",
    }
}

words! {
    /// What becomes of a message that was not sent yet when its representative left, once the seat is filled again (B19).
    WhenSeatFilled, "when_seat_filled_unknown" {
        /// It is composed again for the successor.
        SendToSuccessor = "send_to_successor",
        /// It is cancelled, and the supporter's receipt says why.
        Cancel = "cancel",
    }
}

words! {
    /// The condition on which a campaign processes what its letters reveal of health and opinions (UK GDPR 9(2), B12).
    SpecialCategoryCondition, "special_category_condition_unknown" {
        /// Explicit consent: the form says what becomes of the words before they are sent (9(2)(a)).
        ExplicitConsent = "explicit_consent",
        /// A body with a political, philosophical, religious or trade-union aim, about people in regular contact with it (9(2)(d)).
        NotForProfitBody = "not_for_profit_body",
        /// The person has manifestly made it public (9(2)(e)).
        MadePublic = "made_public",
        /// Substantial public interest, under a condition of the Data Protection Act 2018, schedule 1 (9(2)(g)).
        SubstantialPublicInterest = "substantial_public_interest",
    }
}

/// A campaign before it is checked; also its stored form.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
#[expect(missing_docs, reason = "each field is documented where it is checked: CampaignTerms")]
pub struct CampaignFields {
    pub slug: String,
    pub title: String,
    pub summary: Option<String>,
    pub problem: Option<String>,
    pub hashtag: Option<String>,
    pub opens_at: Option<DateTime<Utc>>,
    pub closes_at: Option<DateTime<Utc>>,
    pub nations: Vec<String>,
    pub offices: Vec<String>,
    pub office_rules: Vec<OfficeRuleFields>,
    pub body_kind: Option<String>,
    pub call_to_action: Option<String>,
    pub estimated_minutes: Option<u32>,
    pub goal: Option<u32>,
    pub confirmation: String,
    pub confirmation_url: Option<String>,
    pub confirmation_waiver: Option<String>,
    pub topic: Option<String>,
    pub origins: Vec<String>,
    pub default_locale: String,
    pub personal_message: String,
    pub personal_message_limit: Option<u32>,
    pub after_uncertain: String,
    pub when_seat_filled: String,
    pub digest: Option<DigestRuleFields>,
    pub receipt_by_mail: bool,
    pub spread_hours: u32,
    pub special_category_condition: Option<String>,
    pub limits: SubmissionLimitsFields,
    pub review: ReviewTermsFields,
    pub challenge: String,
}

impl Default for CampaignFields {
    /// Nothing said: English, sent once confirmed, personal words welcome, uncertain messages tried again, successors written
    /// to, a challenge for what looks suspicious.
    fn default() -> Self {
        Self {
            slug: String::new(),
            title: String::new(),
            summary: None,
            problem: None,
            hashtag: None,
            opens_at: None,
            closes_at: None,
            nations: Vec::new(),
            offices: Vec::new(),
            office_rules: Vec::new(),
            body_kind: None,
            call_to_action: None,
            estimated_minutes: None,
            goal: None,
            confirmation: Confirmation::Email.to_string(),
            confirmation_url: None,
            confirmation_waiver: None,
            topic: None,
            origins: Vec::new(),
            default_locale: "en".to_owned(),
            personal_message: PersonalMessageRule::Optional.to_string(),
            personal_message_limit: None,
            after_uncertain: AfterUncertain::Retry.to_string(),
            when_seat_filled: WhenSeatFilled::SendToSuccessor.to_string(),
            digest: None,
            receipt_by_mail: false,
            spread_hours: 0,
            special_category_condition: None,
            limits: SubmissionLimitsFields::default(),
            review: ReviewTermsFields::default(),
            challenge: ChallengeRule::WhenSuspicious.to_string(),
        }
    }
}

/// The texts and the terms of a campaign.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CampaignTerms {
    /// Its slug.
    pub slug: Slug,
    /// Its title: one line.
    pub title: String,
    /// A summary in a sentence or two.
    pub summary: Option<String>,
    /// The problem that has to change.
    pub problem: Option<String>,
    /// The word it is known by.
    pub hashtag: Option<Hashtag>,
    /// The moment it begins to take actions; at once when absent.
    pub opens_at: Option<DateTime<Utc>>,
    /// The moment it stops taking actions; open when absent.
    pub closes_at: Option<DateTime<Utc>>,
    /// The nations whose people may take part; each once.
    pub nations: Vec<Nation>,
    /// The offices whose holders are written to; each once.
    pub offices: Vec<Office>,
    /// Rules of where and to how many holders; at most one for each of the offices.
    pub office_rules: Vec<OfficeRule>,
    /// The kind of body that is named in the letters.
    pub body_kind: Option<AreaKind>,
    /// The button's text.
    pub call_to_action: Option<String>,
    /// How long it takes.
    pub estimated_minutes: Option<u32>,
    /// How many actions are hoped for.
    pub goal: Option<u32>,
    /// How supporters prove that the address is theirs.
    pub confirmation: Confirmation,
    /// The front end's page that the link in the mail opens; this server's own page when absent.
    pub confirmation_url: Option<WebPage>,
    /// Why letters may leave without confirmation, in the operator's words. [`Confirmation::None`] needs it.
    pub confirmation_waiver: Option<String>,
    /// The policy area it belongs to.
    pub topic: Option<Slug>,
    /// The web origins whose pages may call the API for it (A19); none means only servers do.
    pub origins: Vec<Origin>,
    /// The language to fall back on.
    pub default_locale: Locale,
    /// Whether supporters add words of their own.
    pub personal_message: PersonalMessageRule,
    /// How long those words may be, in characters as people count them.
    pub personal_message_limit: u32,
    /// The policy for a message that the relay may have or not.
    pub after_uncertain: AfterUncertain,
    /// What becomes of a message whose representative left before it was sent.
    pub when_seat_filled: WhenSeatFilled,
    /// One mail to each representative in place of single letters, if it wants that.
    pub digest: Option<DigestRule>,
    /// Whether supporters are mailed once their letters have been taken.
    pub receipt_by_mail: bool,
    /// The hours over which letters leave once they are accepted or confirmed; at once for zero (B26).
    pub spread_hours: u32,
    /// The condition on which it processes what letters reveal of health and opinions; a live campaign names it.
    pub special_category_condition: Option<SpecialCategoryCondition>,
    /// How often people may submit; the organisation's limits hold where it says nothing.
    pub limits: SubmissionLimits,
    /// How long a held submission waits for a person, and what becomes of it then.
    pub review: ReviewTerms,
    /// Whom it asks for a challenge.
    pub challenge: ChallengeRule,
}

impl CampaignTerms {
    /// The rule of an office: the one that is stated, or everybody everywhere.
    pub fn office_rule(&self, office: Office) -> OfficeRule {
        let stated = self.office_rules.iter().find(|rule| rule.office() == office);
        stated.cloned().unwrap_or_else(|| OfficeRule::all(office))
    }

    /// The campaign's nations in which an office is written to.
    pub fn nations_written_to(&self, office: Office) -> Vec<Nation> {
        let rule = self.office_rule(office);
        self.nations.iter().copied().filter(|nation| rule.holds_in(*nation)).collect()
    }
}
