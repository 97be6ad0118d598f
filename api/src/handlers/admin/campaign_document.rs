//! A campaign as one document: what administrators read can be changed and sent back, so that a CMS can be the source of truth.

use super::asks::{self, AskDocument};
use super::consent_questions::{self, NoticeDocument, QuestionDocument};
use super::read_only::ReadOnly;
use super::templates::{self, TemplateDocument};
use crate::http::extract::calendar;
use crate::http::problem::ProblemError;
use crate::ids;
use crate::views::digest_rule::DigestRuleDocument;
use crate::views::moderation::ReviewTermsDocument;
use crate::views::submission_limits::SubmissionLimitsDocument;
use crate::views::vocabulary;
use chrono::{DateTime, Utc};
use postbag_domain::campaign::{CampaignFields, OfficeRuleFields};
use postbag_domain::{CampaignContent, CampaignStatus, FieldErrors, Findings, Slug};
use postbag_persistence::{CampaignChange, Library, StoredCampaign};
use serde::de::IgnoredAny;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

/// A campaign. What a draft leaves out, a live campaign must have.
///
/// Asks, templates, questions and notices may be part of it, each list as a whole; a list that is absent stays as it is. What an
/// answer holds besides (`id`, `slug`, `status`) may stay in the document if it is unchanged; of `version`, `missing` and
/// `updated_at`, which the change itself sets, nothing is read.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(examples(json!({
    "title": "Fair care", "summary": "Ask your MP to write to the Cancer Alliance.", "hashtag": "FairCare",
    "nations": ["england"], "offices": ["mp"], "body_kind": "cancer_alliance", "call_to_action": "Email your MP",
    "office_rules": [{ "office": "mp", "nations": ["england"], "write_to": "all" }],
    "estimated_minutes": 2, "goal": 10000, "confirmation": "email", "confirmation_url": null, "confirmation_waiver": null, "origins": ["https://www.example.org"],
    "default_locale": "en", "personal_message": "optional", "special_category_condition": "explicit_consent",
    "challenge": "when_suspicious"
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
    /// The nations whose people may take part.
    #[serde(default)]
    #[schema(schema_with = vocabulary::nations)]
    nations: Vec<String>,
    /// The offices whose holders are written to.
    #[serde(default)]
    #[schema(schema_with = vocabulary::offices)]
    offices: Vec<String>,
    /// Where an office is written to and how many of its holders; each office at most once. Without a rule all are, wherever
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
    /// The front end's page that the mailed link opens, with `#token=…` behind it; this server's own page when absent.
    #[serde(default)]
    #[schema(format = "uri", example = "https://www.example.org/confirm")]
    confirmation_url: Option<String>,
    /// Why letters may leave without confirmation: `confirmation: "none"` needs it to go live, and the campaign shows it. Only the
    /// operator sets and changes it.
    #[serde(default)]
    #[schema(max_length = 300)]
    confirmation_waiver: Option<String>,
    /// The slug of a policy area.
    #[serde(default)]
    topic: Option<String>,
    /// The web origins whose pages may submit for this campaign: add `https://your-site`. Without one, no web page can; servers
    /// can.
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
    /// `send_to_successor`, composed again, or `cancel`, and the supporter's receipt says so.
    #[serde(default)]
    #[schema(schema_with = vocabulary::optional_when_seat_filled)]
    when_seat_filled: Option<String>,
    /// One mail a day or a week to each representative in place of single letters; a representative's own wish says how often.
    #[serde(default)]
    digest: Option<DigestRuleDocument>,
    /// Whether supporters are mailed once their letters have been taken: one mail for an action, to an address that has been proved.
    #[serde(default)]
    receipt_by_mail: bool,
    /// The hours over which letters leave once they are accepted or confirmed, drawn by lot for each; at once for 0.
    #[serde(default)]
    #[schema(maximum = 168)]
    spread_hours: u32,
    /// The condition on which it processes what letters reveal of health and opinions (UK GDPR, article 9(2)); a campaign cannot go live
    /// without one.
    #[serde(default)]
    #[schema(schema_with = vocabulary::optional_special_category_condition)]
    special_category_condition: Option<String>,
    /// How often people may submit to it.
    #[serde(default)]
    limits: SubmissionLimitsDocument,
    /// How long a submission that is held waits for a person.
    #[serde(default)]
    review: ReviewTermsDocument,
    #[serde(default)]
    #[schema(schema_with = vocabulary::optional_challenge_rule)]
    challenge: Option<String>,
    /// The numbered demands, in order.
    #[serde(default)]
    #[schema(max_items = 50)]
    asks: Option<Vec<AskDocument>>,
    /// The letters, each office and language once. A new text is a new version; what is left out is not used any more.
    #[serde(default)]
    #[schema(max_items = 50)]
    templates: Option<Vec<TemplateDocument>>,
    /// The questions of the form, each purpose once: picked from the organisation's library or worded here.
    #[serde(default)]
    consent_questions: Option<Vec<QuestionDocument>>,
    /// The notices with a right to object, each activity once: picked from the organisation's library or worded here.
    #[serde(default)]
    objections: Option<Vec<NoticeDocument>>,
    #[serde(default)]
    #[schema(read_only)]
    id: Option<Uuid>,
    #[serde(default)]
    #[schema(read_only)]
    slug: Option<String>,
    #[serde(default)]
    #[schema(read_only, schema_with = vocabulary::optional_campaign_status)]
    status: Option<String>,
    #[serde(default)]
    #[schema(read_only, value_type = Option<Vec<ProblemError>>)]
    #[expect(dead_code, reason = "allowed, so that an answer can be sent back")]
    missing: Option<IgnoredAny>,
    #[serde(default, deserialize_with = "calendar::optional_time")]
    #[schema(read_only)]
    created_at: Option<DateTime<Utc>>,
    #[serde(default, deserialize_with = "calendar::optional_time")]
    #[schema(read_only)]
    #[expect(dead_code, reason = "allowed, so that an answer can be sent back")]
    updated_at: Option<DateTime<Utc>>,
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

/// A checked document.
pub(crate) struct ParsedCampaign {
    /// The campaign's terms.
    pub(crate) content: CampaignContent,
    /// The lists to put in the place of others.
    pub(crate) lists: Vec<CampaignChange>,
}

impl CampaignDocument {
    /// Checks the whole document against the campaign that it changes, if there is one, and what it may pick; every flaw at once.
    pub(crate) fn parse(
        mut self,
        slug: &Slug,
        current: Option<&StoredCampaign>,
        library: &Library,
    ) -> Result<ParsedCampaign, FieldErrors> {
        let mut findings = Findings::new();
        self.note_read_only(&mut findings, slug, current);
        let lists = self.take_lists(&mut findings, current, library);
        let content = findings.absorb(CampaignContent::new(self.fields(slug)));
        findings.finish(content.map(|content| ParsedCampaign { content, lists }))
    }

    /// Refuses members that only the server sets, unless they say what is so. A new campaign has none yet, so a copy of another
    /// may name its id and its day.
    fn note_read_only(&self, findings: &mut Findings, slug: &Slug, current: Option<&StoredCampaign>) {
        let mut read_only = ReadOnly(findings);
        read_only.check("/slug", self.slug.as_deref(), Some(slug.as_str()));
        let status = current.map_or(CampaignStatus::Draft, |stored| stored.campaign.status());
        read_only.check("/status", self.status.as_deref(), Some(status.as_str()));
        read_only.check("/id", self.id, current.map(|stored| stored.campaign.id().uuid()));
        read_only.check("/created_at", self.created_at, current.map(|stored| stored.created_at));
        let organisation = current.map(|stored| stored.organisation.content.slug.as_str());
        read_only.check("/organisation", self.organisation.as_deref(), organisation);
    }

    fn take_lists(
        &mut self,
        findings: &mut Findings,
        current: Option<&StoredCampaign>,
        library: &Library,
    ) -> Vec<CampaignChange> {
        let mut lists = Vec::new();
        if let Some(asks) = self.asks.take() {
            let known = current.map(|stored| stored.asks.as_slice());
            lists.extend(findings.absorb(asks::parse(asks, known)).map(CampaignChange::Asks));
        }
        if let Some(templates) = self.templates.take() {
            let sources = findings.absorb(templates::parse(&templates));
            let known = current.map(|stored| stored.templates.clone()).unwrap_or_default();
            lists.extend(sources.map(|sources| CampaignChange::Templates(known.versions(sources, ids::fresh))));
        }
        if let Some(questions) = self.consent_questions.take() {
            let known = current.map(|stored| &stored.questions);
            let parsed = consent_questions::parse_questions("/consent_questions", questions, known, library);
            lists.extend(findings.absorb(parsed).map(CampaignChange::Questions));
        }
        if let Some(notices) = self.objections.take() {
            let parsed = consent_questions::parse_notices(notices, current.map(|stored| &stored.notices), library);
            lists.extend(findings.absorb(parsed).map(CampaignChange::Notices));
        }
        lists
    }

    /// The terms at their slug, unchecked, with the defaults filled in.
    fn fields(self, slug: &Slug) -> CampaignFields {
        let defaults = CampaignFields::default();
        CampaignFields {
            slug: slug.to_string(),
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
            confirmation_url: self.confirmation_url,
            confirmation_waiver: self.confirmation_waiver,
            topic: self.topic,
            origins: self.origins,
            default_locale: self.default_locale.unwrap_or(defaults.default_locale),
            personal_message: self.personal_message.unwrap_or(defaults.personal_message),
            personal_message_limit: self.personal_message_limit,
            after_uncertain: self.after_uncertain.unwrap_or(defaults.after_uncertain),
            when_seat_filled: self.when_seat_filled.unwrap_or(defaults.when_seat_filled),
            digest: self.digest.map(Into::into),
            receipt_by_mail: self.receipt_by_mail,
            spread_hours: self.spread_hours,
            special_category_condition: self.special_category_condition,
            limits: self.limits.into(),
            review: self.review.into(),
            challenge: self.challenge.unwrap_or(defaults.challenge),
        }
    }
}

/// Tries the new templates on the campaign as it is to be; pointers are `/templates/N/…`.
pub(crate) fn check_templates(before: &StoredCampaign, after: &StoredCampaign) -> Result<(), FieldErrors> {
    let (content, offices) = (after.edition_content(), &after.campaign.content().offices);
    let mut findings = Findings::new();
    for (index, template) in after.templates.used.iter().enumerate() {
        if !before.templates.used.contains(template) {
            let checked = content.check_template(&template.source, offices);
            findings.absorb(checked.map_err(|errors| errors.under(&format!("/templates/{index}"))));
        }
    }
    findings.finish(Some(()))
}
