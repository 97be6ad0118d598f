//! An organisation, as administrators write and read it.

use super::read_only::ReadOnly;
use crate::http::extract::calendar;
use crate::views::moderation::ModerationDocument;
use crate::views::submission_limits::SubmissionLimitsDocument;
use crate::views::vocabulary;
use chrono::{DateTime, Utc};
use postbag_domain::{
    ContactFields, FieldErrors, Findings, MailTemplateFields, OrganisationContent, OrganisationFields,
    OrganisationStatus, PrivacyNoticeFields, ProcessorFields, RetentionFields, Slug,
};
use postbag_persistence::StoredOrganisation;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

/// An organisation: the controller of its supporters' data (UK GDPR, article 4).
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(examples(json!({
    "name": "Harbour Cancer Trust", "charity_number": "0000001",
    "privacy_notice": { "url": "https://harbour.example.org/privacy", "version": "2026-05" },
    "contacts": [{ "role": "complaints", "email": "complaints@harbour.example.org" }],
    "processors": [{ "name": "Example Hosting Ltd", "task": "keeps the servers" }],
    "sending_domain": "letters.harbour.example.org"
})))]
pub(crate) struct OrganisationDocument {
    #[schema(min_length = 1, max_length = 200)]
    name: String,
    #[serde(default)]
    charity_number: Option<String>,
    /// A campaign cannot go live without one.
    #[serde(default)]
    privacy_notice: Option<PrivacyNoticeDocument>,
    /// A campaign cannot go live without a contact for complaints.
    #[serde(default)]
    contacts: Vec<ContactDocument>,
    /// Those who work with personal data on its behalf; an empty list says that there are none, and a campaign cannot go live without either.
    #[serde(default)]
    #[schema(max_items = 50)]
    processors: Option<Vec<ProcessorDocument>>,
    /// The domain that letters come from; a campaign cannot go live without one.
    #[serde(default)]
    #[schema(example = "letters.harbour.example.org")]
    sending_domain: Option<String>,
    /// The page of its own site on which people see and change their preferences: the mailed link leads there, with the token behind a
    /// `#`. The page of this server stands where there is none.
    #[serde(default)]
    #[schema(format = "uri")]
    preferences_url: Option<String>,
    /// How long what is held on supporters is kept; the defaults hold where it says nothing.
    #[serde(default)]
    retention: RetentionDocument,
    /// How often people may submit to its campaigns.
    #[serde(default)]
    limits: SubmissionLimitsDocument,
    /// What becomes of submissions that give a signal.
    #[serde(default)]
    moderation: ModerationDocument,
    /// Its own texts of mails to supporters, each kind and language once; the default texts stand where it has none.
    #[serde(default)]
    #[schema(max_items = 20)]
    mails: Vec<MailTemplateDocument>,
    #[serde(default)]
    #[schema(read_only)]
    id: Option<Uuid>,
    #[serde(default)]
    #[schema(read_only)]
    slug: Option<String>,
    #[serde(default)]
    #[schema(read_only, schema_with = vocabulary::optional_organisation_status)]
    status: Option<String>,
    #[serde(default, deserialize_with = "calendar::optional_time")]
    #[schema(read_only)]
    created_at: Option<DateTime<Utc>>,
    #[serde(default, deserialize_with = "calendar::optional_time")]
    #[schema(read_only)]
    #[expect(dead_code, reason = "allowed, so that an answer can be sent back")]
    updated_at: Option<DateTime<Utc>>,
}

/// An organisation's own template for one kind of mail to supporters in one language. Variables: `organisation.name` and, in mails about an
/// action, `campaign.title` and `representatives` (a list of names). What asks for a confirmation has `link`, `code` and `confirm_by` too, and
/// must print the link and the code; `final_failure` and `receipt` have `letter`, which is empty for an address that nobody has confirmed,
/// and `waiting`, the names of those whose letters are still on their way. `preferences_link` and `preferences_changed` have `link`, which they
/// must print, `valid_until` and `changes` (a list of lines).
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct MailTemplateDocument {
    #[schema(schema_with = vocabulary::mail_kind)]
    kind: String,
    #[schema(schema_with = vocabulary::locale)]
    locale: String,
    #[schema(example = "Please confirm: {{ campaign.title }}")]
    subject: String,
    #[schema(example = "{{ link }} or {{ code }}")]
    body: String,
}

/// The public facts of an organisation.
#[derive(Serialize, ToSchema)]
pub(crate) struct OrganisationContentView {
    name: String,
    charity_number: Option<String>,
    privacy_notice: Option<PrivacyNoticeDocument>,
    contacts: Vec<ContactDocument>,
    processors: Option<Vec<ProcessorDocument>>,
    sending_domain: Option<String>,
    preferences_url: Option<String>,
    retention: RetentionDocument,
    limits: SubmissionLimitsDocument,
    moderation: ModerationDocument,
    mails: Vec<MailTemplateDocument>,
}

/// How long each class of data is kept, in days: at most 3,650, people as long as the messages of failed letters at least, and those as long as
/// other messages.
#[derive(Clone, Copy, Debug, Default, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(examples(json!({ "message_days": 28, "failed_message_days": 84, "identity_days": 730, "client_days": 30 })))]
#[expect(clippy::struct_field_names, reason = "a number without its unit misleads")]
pub(crate) struct RetentionDocument {
    /// Personal messages, after the last letter counts as delivered or was cancelled; 28 by default.
    #[serde(default)]
    #[schema(minimum = 1, maximum = 3650)]
    message_days: Option<u32>,
    /// Personal messages of letters that could not be delivered, after the last attempt; 84 by default.
    #[serde(default)]
    #[schema(minimum = 1, maximum = 3650)]
    failed_message_days: Option<u32>,
    /// People, after they last took part or changed their preferences; 730 by default. A person who asked for something is kept until
    /// it is answered.
    #[serde(default)]
    #[schema(minimum = 1, maximum = 3650)]
    identity_days: Option<u32>,
    /// The keyed hash of the client that an action came from; 30 by default, and 0 for not at all.
    #[serde(default)]
    #[schema(maximum = 90)]
    client_days: Option<u32>,
}

impl From<RetentionDocument> for RetentionFields {
    fn from(document: RetentionDocument) -> Self {
        let RetentionDocument { message_days, failed_message_days, identity_days, client_days } = document;
        Self { message_days, failed_message_days, identity_days, client_days }
    }
}

impl From<RetentionFields> for RetentionDocument {
    fn from(fields: RetentionFields) -> Self {
        let RetentionFields { message_days, failed_message_days, identity_days, client_days } = fields;
        Self { message_days, failed_message_days, identity_days, client_days }
    }
}

/// The privacy notice: its address and its version.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct PrivacyNoticeDocument {
    #[schema(format = "uri")]
    url: String,
    #[schema(example = "2026-05")]
    version: String,
}

/// Somebody who works with personal data on the organisation's behalf (UK GDPR, article 28).
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(examples(json!({ "name": "Example Hosting Ltd", "task": "keeps the servers" })))]
pub(crate) struct ProcessorDocument {
    #[schema(min_length = 1, max_length = 200)]
    name: String,
    /// What it does for the organisation.
    #[schema(min_length = 1, max_length = 300)]
    task: String,
}

/// A contact for one kind of question; at least one way to reach it.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ContactDocument {
    #[schema(schema_with = vocabulary::contact_role)]
    role: String,
    #[serde(default)]
    email: Option<String>,
    #[serde(default)]
    phone: Option<String>,
    #[serde(default)]
    url: Option<String>,
}

impl OrganisationDocument {
    /// Checks the whole document against the organisation that it changes, if there is one; every flaw at once.
    pub(crate) fn parse(
        self,
        slug: &Slug,
        current: Option<&StoredOrganisation>,
    ) -> Result<OrganisationContent, FieldErrors> {
        let mut findings = Findings::new();
        let mut read_only = ReadOnly(&mut findings);
        let status = current.map_or(OrganisationStatus::Active, |stored| stored.organisation.status);
        read_only.check("/slug", self.slug.as_deref(), Some(slug.as_str()));
        read_only.check("/status", self.status.as_deref(), Some(status.as_str()));
        read_only.check("/id", self.id, current.map(|stored| stored.organisation.id.uuid()));
        read_only.check("/created_at", self.created_at, current.map(|stored| stored.created_at));
        let content = findings.absorb(OrganisationContent::new(self.fields(slug)));
        findings.finish(content)
    }

    fn fields(self, slug: &Slug) -> OrganisationFields {
        OrganisationFields {
            slug: slug.to_string(),
            name: self.name,
            charity_number: self.charity_number,
            privacy_notice: self
                .privacy_notice
                .map(|notice| PrivacyNoticeFields { url: notice.url, version: notice.version }),
            contacts: self.contacts.into_iter().map(ContactDocument::fields).collect(),
            processors: self.processors.map(|processors| processors.into_iter().map(Into::into).collect()),
            sending_domain: self.sending_domain,
            preferences_url: self.preferences_url,
            retention: self.retention.into(),
            limits: self.limits.into(),
            moderation: self.moderation.into(),
            mails: self.mails.into_iter().map(MailTemplateDocument::fields).collect(),
        }
    }
}

impl MailTemplateDocument {
    fn fields(self) -> MailTemplateFields {
        let Self { kind, locale, subject, body } = self;
        MailTemplateFields { kind, locale, subject, body }
    }
}

impl From<MailTemplateFields> for MailTemplateDocument {
    fn from(fields: MailTemplateFields) -> Self {
        let MailTemplateFields { kind, locale, subject, body } = fields;
        Self { kind, locale, subject, body }
    }
}

impl From<ProcessorDocument> for ProcessorFields {
    fn from(ProcessorDocument { name, task }: ProcessorDocument) -> Self {
        Self { name, task }
    }
}

impl From<ProcessorFields> for ProcessorDocument {
    fn from(ProcessorFields { name, task }: ProcessorFields) -> Self {
        Self { name, task }
    }
}

impl ContactDocument {
    fn fields(self) -> ContactFields {
        ContactFields { role: self.role, email: self.email, phone: self.phone, url: self.url }
    }
}

impl From<ContactFields> for ContactDocument {
    fn from(contact: ContactFields) -> Self {
        Self { role: contact.role, email: contact.email, phone: contact.phone, url: contact.url }
    }
}

impl OrganisationContentView {
    pub(super) fn of(content: &OrganisationContent) -> Self {
        let fields = OrganisationFields::from(content.clone());
        Self {
            name: fields.name,
            charity_number: fields.charity_number,
            privacy_notice: fields
                .privacy_notice
                .map(|notice| PrivacyNoticeDocument { url: notice.url, version: notice.version }),
            contacts: fields.contacts.into_iter().map(ContactDocument::from).collect(),
            processors: fields.processors.map(|processors| processors.into_iter().map(Into::into).collect()),
            sending_domain: fields.sending_domain,
            preferences_url: fields.preferences_url,
            retention: fields.retention.into(),
            limits: fields.limits.into(),
            moderation: fields.moderation.into(),
            mails: fields.mails.into_iter().map(MailTemplateDocument::from).collect(),
        }
    }
}
