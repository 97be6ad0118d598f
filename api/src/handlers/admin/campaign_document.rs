//! A campaign, as administrators write and read it: the whole of it at once, so that a CMS can be the source of truth.

use crate::extract::calendar;
use crate::vocabulary;
use chrono::{DateTime, Utc};
use postbag_domain::campaign::{CampaignFields, OfficeRuleFields};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A campaign's terms. What a draft leaves out, a live campaign must have.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(examples(json!({
    "title": "Fair care", "summary": "Ask your MP to write to the Cancer Alliance.", "hashtag": "FairCare",
    "nations": ["england"], "offices": ["mp"], "body_kind": "cancer_alliance", "call_to_action": "Email your MP",
    "office_rules": [{ "office": "mp", "nations": ["england"], "write_to": "all" }],
    "estimated_minutes": 2, "goal": 10000, "confirmation": "none", "origins": ["https://www.example.org"],
    "default_locale": "en", "personal_message": "optional"
})))]
pub(crate) struct CampaignDocument {
    /// The organisation's slug: needed with an operator's token; otherwise the token's organisation.
    #[serde(default)]
    pub(crate) organisation: Option<String>,
    #[schema(min_length = 1, max_length = 150)]
    title: String,
    #[serde(default)]
    summary: Option<String>,
    #[serde(default)]
    problem: Option<String>,
    /// Without the `#`.
    #[serde(default)]
    hashtag: Option<String>,
    #[serde(default, deserialize_with = "calendar::optional_time")]
    opens_at: Option<DateTime<Utc>>,
    #[serde(default, deserialize_with = "calendar::optional_time")]
    closes_at: Option<DateTime<Utc>>,
    /// Whose people may take part.
    #[serde(default)]
    #[schema(schema_with = vocabulary::nations)]
    nations: Vec<String>,
    /// Whose holders are written to.
    #[serde(default)]
    #[schema(schema_with = vocabulary::offices)]
    offices: Vec<String>,
    /// Where an office is written to and how many of its holders; each office at most once. Without a rule everybody is, wherever
    /// the office is held.
    #[serde(default)]
    office_rules: Vec<OfficeRuleDocument>,
    /// The kind of body that the letters name.
    #[serde(default)]
    #[schema(schema_with = vocabulary::optional_area_kind)]
    body_kind: Option<String>,
    #[serde(default)]
    call_to_action: Option<String>,
    #[serde(default)]
    #[schema(minimum = 1, maximum = 240)]
    estimated_minutes: Option<u32>,
    #[serde(default)]
    #[schema(minimum = 1)]
    goal: Option<u32>,
    #[serde(default)]
    #[schema(schema_with = vocabulary::optional_confirmation)]
    confirmation: Option<String>,
    /// The slug of a policy area.
    #[serde(default)]
    topic: Option<String>,
    /// The web origins whose pages may call the API for this campaign; none means only servers do.
    #[serde(default)]
    origins: Vec<String>,
    #[serde(default)]
    #[schema(schema_with = vocabulary::optional_locale)]
    default_locale: Option<String>,
    /// Whether supporters add words of their own.
    #[serde(default)]
    #[schema(schema_with = vocabulary::optional_personal_message_rule)]
    personal_message: Option<String>,
    /// How long those words may be, in characters as people count them.
    #[serde(default)]
    #[schema(minimum = 1, maximum = 10_000)]
    personal_message_limit: Option<u32>,
    /// What to do with a message that the relay may have or not: `retry` with the same Message-ID, or `hold`.
    #[serde(default)]
    #[schema(schema_with = vocabulary::optional_after_uncertain)]
    after_uncertain: Option<String>,
    /// What becomes of a message that was not sent yet when its representative left, once the seat is filled again:
    /// `send_to_successor`, composed anew, or `cancel`, and the supporter's receipt says so.
    #[serde(default)]
    #[schema(schema_with = vocabulary::optional_when_seat_filled)]
    when_seat_filled: Option<String>,
}

/// A campaign's rule for one of its offices.
///
/// `nations`: where it is written to; in all that elect it when absent. `write_to`: to how many of the people who hold the office
/// together: `all`, those the supporter names (`choice`), some drawn by lot, always the same for one supporter (`random`), or those
/// to whom the campaign wrote least so far (`least_written_to`); `all` when absent, and where an area has one holder.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(examples(json!({ "office": "ms", "nations": ["wales"], "write_to": "choice", "up_to": 3 })))]
pub(crate) struct OfficeRuleDocument {
    #[schema(schema_with = vocabulary::office)]
    office: String,
    #[serde(default)]
    #[schema(schema_with = vocabulary::optional_nations)]
    nations: Option<Vec<String>>,
    #[serde(default)]
    #[schema(schema_with = vocabulary::optional_write_to)]
    write_to: Option<String>,
    /// At most how many: needed for `choice`, 1 when absent for `random` and `least_written_to`, and absent for `all`.
    #[serde(default)]
    #[schema(minimum = 1, maximum = 100)]
    up_to: Option<u32>,
}

impl From<OfficeRuleDocument> for OfficeRuleFields {
    fn from(rule: OfficeRuleDocument) -> Self {
        let write_to = rule.write_to.unwrap_or_else(|| Self::default().write_to);
        Self { office: rule.office, nations: rule.nations, write_to, up_to: rule.up_to }
    }
}

impl From<OfficeRuleFields> for OfficeRuleDocument {
    fn from(rule: OfficeRuleFields) -> Self {
        Self { office: rule.office, nations: rule.nations, write_to: Some(rule.write_to), up_to: rule.up_to }
    }
}

impl CampaignDocument {
    /// The document at its slug, unchecked, with the defaults filled in.
    pub(crate) fn fields(self, slug: &str) -> CampaignFields {
        let defaults = CampaignFields::default();
        CampaignFields {
            slug: slug.to_owned(),
            title: self.title,
            summary: self.summary,
            problem: self.problem,
            hashtag: self.hashtag,
            opens_at: self.opens_at,
            closes_at: self.closes_at,
            nations: self.nations,
            offices: self.offices,
            office_rules: self.office_rules.into_iter().map(Into::into).collect(),
            body_kind: self.body_kind,
            call_to_action: self.call_to_action,
            estimated_minutes: self.estimated_minutes,
            goal: self.goal,
            confirmation: self.confirmation.unwrap_or(defaults.confirmation),
            topic: self.topic,
            origins: self.origins,
            default_locale: self.default_locale.unwrap_or(defaults.default_locale),
            personal_message: self.personal_message.unwrap_or(defaults.personal_message),
            personal_message_limit: self.personal_message_limit,
            after_uncertain: self.after_uncertain.unwrap_or(defaults.after_uncertain),
            when_seat_filled: self.when_seat_filled.unwrap_or(defaults.when_seat_filled),
        }
    }

    /// A stored campaign as it would be written.
    pub(crate) fn of(fields: CampaignFields, organisation: &str) -> Self {
        Self {
            organisation: Some(organisation.to_owned()),
            title: fields.title,
            summary: fields.summary,
            problem: fields.problem,
            hashtag: fields.hashtag,
            opens_at: fields.opens_at,
            closes_at: fields.closes_at,
            nations: fields.nations,
            offices: fields.offices,
            office_rules: fields.office_rules.into_iter().map(Into::into).collect(),
            body_kind: fields.body_kind,
            call_to_action: fields.call_to_action,
            estimated_minutes: fields.estimated_minutes,
            goal: fields.goal,
            confirmation: Some(fields.confirmation),
            topic: fields.topic,
            origins: fields.origins,
            default_locale: Some(fields.default_locale),
            personal_message: Some(fields.personal_message),
            personal_message_limit: fields.personal_message_limit,
            after_uncertain: Some(fields.after_uncertain),
            when_seat_filled: Some(fields.when_seat_filled),
        }
    }
}
