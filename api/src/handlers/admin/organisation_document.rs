//! An organisation, as administrators write and read it.

use postbag_domain::{ContactFields, OrganisationContent, OrganisationFields, PrivacyNoticeFields};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// An organisation: the controller of its supporters' data (UK GDPR, article 4).
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(examples(json!({
    "name": "Harbour Cancer Trust", "charity_number": "0000001",
    "privacy_notice": { "url": "https://harbour.example.org/privacy", "version": "2026-05" },
    "contacts": [{ "role": "complaints", "email": "complaints@harbour.example.org" }],
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
    /// The domain that letters come from; a campaign cannot go live without one.
    #[serde(default)]
    #[schema(example = "letters.harbour.example.org")]
    sending_domain: Option<String>,
}

/// Where and in which version the privacy notice stands.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct PrivacyNoticeDocument {
    #[schema(format = "uri")]
    url: String,
    #[schema(example = "2026-05")]
    version: String,
}

/// Whom to turn to for what; at least one way to reach them.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ContactDocument {
    #[schema(schema_with = crate::vocabulary::contact_role)]
    role: String,
    #[serde(default)]
    email: Option<String>,
    #[serde(default)]
    phone: Option<String>,
    #[serde(default)]
    url: Option<String>,
}

impl OrganisationDocument {
    /// The document at its slug, unchecked.
    pub(crate) fn fields(self, slug: &str) -> OrganisationFields {
        OrganisationFields {
            slug: slug.to_owned(),
            name: self.name,
            charity_number: self.charity_number,
            privacy_notice: self
                .privacy_notice
                .map(|notice| PrivacyNoticeFields { url: notice.url, version: notice.version }),
            contacts: self.contacts.into_iter().map(ContactDocument::fields).collect(),
            sending_domain: self.sending_domain,
        }
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

impl From<&OrganisationContent> for OrganisationDocument {
    fn from(content: &OrganisationContent) -> Self {
        let fields = OrganisationFields::from(content.clone());
        Self {
            name: fields.name,
            charity_number: fields.charity_number,
            privacy_notice: fields
                .privacy_notice
                .map(|notice| PrivacyNoticeDocument { url: notice.url, version: notice.version }),
            contacts: fields.contacts.into_iter().map(ContactDocument::from).collect(),
            sending_domain: fields.sending_domain,
        }
    }
}
