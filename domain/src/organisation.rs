//! The charity behind a campaign: data controller, owner of campaigns, supporters and consents.

use crate::mail::{self, MailTemplate, MailTemplateFields};
use crate::text::{self, Limit};
use crate::words::words;
use crate::{
    DomainName, EmailAddress, FieldErrors, Findings, Flaw, Moderation, ModerationFields, OrganisationId, Phone,
    RetentionFields, RetentionRules, Slug, SubmissionLimits, SubmissionLimitsFields, WebPage, WebUrl,
};
use serde::{Deserialize, Serialize};

words! {
    /// The kind of question that a contact is for.
    ContactRole, "contact_role_unknown" {
        /// Questions of supporters.
        SupporterCare = "supporter_care",
        /// Questions about personal data.
        DataProtection = "data_protection",
        /// Complaints about the use of personal data; every campaign must show one (DPA 2018 s164A, B10).
        Complaints = "complaints",
        /// Questions about the policy behind a campaign.
        Policy = "policy",
        /// Questions of journalists.
        Press = "press",
    }
}

words! {
    /// Whether an organisation may start anything.
    OrganisationStatus, "organisation_status_unknown" {
        /// Its campaigns may go live.
        Active = "active",
        /// It keeps everything and starts nothing: no new campaigns, and none goes live.
        Archived = "archived",
    }
}

/// The notice that says what becomes of people's data (UK GDPR 13).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PrivacyNotice {
    /// The address at which it can be read.
    pub url: WebUrl,
    /// Which version of it, as the organisation names it: `2026-05`.
    pub version: String,
}

/// Somebody to turn to; at least one way to reach them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Contact {
    /// The kind of question it is for.
    pub role: ContactRole,
    /// An email address.
    pub email: Option<EmailAddress>,
    /// A telephone number.
    pub phone: Option<Phone>,
    /// A form on the web.
    pub url: Option<WebUrl>,
}

/// Somebody who works with personal data on the organisation's behalf (UK GDPR 28).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Processor {
    /// Its name.
    pub name: String,
    /// What it does for the organisation.
    pub task: String,
}

/// An organisation before it is checked; also its stored form.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
#[expect(missing_docs, reason = "each field is documented where it is checked: OrganisationTerms")]
pub struct OrganisationFields {
    pub slug: String,
    pub name: String,
    pub charity_number: Option<String>,
    pub privacy_notice: Option<PrivacyNoticeFields>,
    pub contacts: Vec<ContactFields>,
    pub processors: Option<Vec<ProcessorFields>>,
    pub sending_domain: Option<String>,
    pub preferences_url: Option<String>,
    pub retention: RetentionFields,
    pub limits: SubmissionLimitsFields,
    pub moderation: ModerationFields,
    pub mails: Vec<MailTemplateFields>,
}

/// A privacy notice before it is checked.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "each field is documented where it is checked: PrivacyNotice")]
pub struct PrivacyNoticeFields {
    pub url: String,
    pub version: String,
}

/// A processor before it is checked.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "each field is documented where it is checked: Processor")]
pub struct ProcessorFields {
    pub name: String,
    pub task: String,
}

/// A contact before it is checked.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
#[expect(missing_docs, reason = "each field is documented where it is checked: Contact")]
pub struct ContactFields {
    pub role: String,
    pub email: Option<String>,
    pub phone: Option<String>,
    pub url: Option<String>,
}

/// The public facts of an organisation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OrganisationTerms {
    /// Its slug.
    pub slug: Slug,
    /// Its name, as the controller of the data (B14).
    pub name: String,
    /// Its number with the charity regulator.
    pub charity_number: Option<String>,
    /// The privacy notice in force.
    pub privacy_notice: Option<PrivacyNotice>,
    /// The contacts for questions.
    pub contacts: Vec<Contact>,
    /// Its processors; absent until it has named them, and empty where it has none (B14).
    pub processors: Option<Vec<Processor>>,
    /// The domain its campaigns send from (B20).
    pub sending_domain: Option<DomainName>,
    /// The page of its own on which people see and change their preferences.
    pub preferences_url: Option<WebPage>,
    /// How long what is held on supporters is kept.
    pub retention: RetentionRules,
    /// How often people may submit to its campaigns; the server's limits hold where it says nothing.
    pub limits: SubmissionLimits,
    /// What becomes of submissions that give a signal.
    pub moderation: Moderation,
    /// Its own templates of mails to supporters, each kind and language once.
    pub mails: Vec<MailTemplate>,
}

/// An organisation's checked document: [`OrganisationTerms`] that hold together. Read-only.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "OrganisationFields", into = "OrganisationFields")]
pub struct OrganisationContent(OrganisationTerms);

/// An organisation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Organisation {
    /// Its identity.
    pub id: OrganisationId,
    /// Whether it may start anything.
    pub status: OrganisationStatus,
    /// The public facts.
    pub content: OrganisationContent,
}

impl std::ops::Deref for OrganisationContent {
    type Target = OrganisationTerms;

    fn deref(&self) -> &OrganisationTerms {
        &self.0
    }
}

impl OrganisationTerms {
    /// The contact for one purpose.
    pub fn contact(&self, role: ContactRole) -> Option<&Contact> {
        self.contacts.iter().find(|contact| contact.role == role)
    }
}

impl OrganisationContent {
    /// Checks a whole document; every flaw at once, with its pointer.
    pub fn new(fields: OrganisationFields) -> Result<Self, FieldErrors> {
        let mut findings = Findings::new();
        let terms = check(&mut findings, fields);
        findings.finish(terms.map(Self))
    }
}

fn check(findings: &mut Findings, fields: OrganisationFields) -> Option<OrganisationTerms> {
    let slug = findings.check("/slug", Slug::parse(&fields.slug));
    let name = findings.check("/name", text::line(&fields.name, Limit::of(200)));
    let charity_number = findings.check_optional("/charity_number", fields.charity_number, |number| charity(&number));
    let privacy_notice = match fields.privacy_notice {
        None => Some(None),
        Some(notice) => check_notice(findings, &notice).map(Some),
    };
    let contacts = check_contacts(findings, fields.contacts);
    let processors = match fields.processors {
        None => Some(None),
        Some(processors) => check_processors(findings, &processors).map(Some),
    };
    let sending_domain =
        findings.check_optional("/sending_domain", fields.sending_domain, |domain| DomainName::parse(&domain));
    let preferences_url =
        findings.check_optional("/preferences_url", fields.preferences_url, |page| WebPage::parse(&page));
    let retention = RetentionRules::new(fields.retention).map_err(|errors| errors.under("/retention"));
    let retention = findings.absorb(retention);
    let limits = SubmissionLimits::new(&fields.limits).map_err(|errors| errors.under("/limits"));
    let limits = findings.absorb(limits);
    let moderation = Moderation::new(fields.moderation).map_err(|errors| errors.under("/moderation"));
    let moderation = findings.absorb(moderation);
    let mails = mail::check_templates(findings, &fields.mails);
    Some(OrganisationTerms {
        slug: slug?,
        name: name?,
        charity_number: charity_number?,
        privacy_notice: privacy_notice?,
        contacts: contacts?,
        processors: processors?,
        sending_domain: sending_domain?,
        preferences_url: preferences_url?,
        retention: retention?,
        limits: limits?,
        moderation: moderation?,
        mails: mails?,
    })
}

/// Registered numbers of the three UK regulators: `1089464`, `SC041666`, `NIC100000`.
fn charity(number: &str) -> Result<String, Flaw> {
    let number = number.trim().to_uppercase();
    let allowed = |byte: u8| byte.is_ascii_digit() || byte.is_ascii_uppercase() || byte == b'-';
    let fits = (1..=20).contains(&number.len()) && number.bytes().all(allowed);
    fits.then_some(number)
        .ok_or_else(|| Flaw::new("charity_number_invalid", "must be a registered number, such as 1089464 or SC041666"))
}

fn check_notice(findings: &mut Findings, fields: &PrivacyNoticeFields) -> Option<PrivacyNotice> {
    let url = findings.check("/privacy_notice/url", WebUrl::parse(&fields.url));
    let version = findings.check("/privacy_notice/version", text::line(&fields.version, Limit::of(50)));
    Some(PrivacyNotice { url: url?, version: version? })
}

fn check_processors(findings: &mut Findings, processors: &[ProcessorFields]) -> Option<Vec<Processor>> {
    if processors.len() > 50 {
        findings.note("/processors", Flaw::new("too_many", "must be at most 50 processors"));
        return None;
    }
    let mut check = |(index, fields): (usize, &ProcessorFields)| {
        let name = findings.check(format!("/processors/{index}/name"), text::line(&fields.name, Limit::of(200)));
        let task = findings.check(format!("/processors/{index}/task"), text::line(&fields.task, Limit::of(300)));
        Some(Processor { name: name?, task: task? })
    };
    let checked: Vec<_> = processors.iter().enumerate().map(&mut check).collect();
    checked.into_iter().collect()
}

fn check_contacts(findings: &mut Findings, contacts: Vec<ContactFields>) -> Option<Vec<Contact>> {
    if contacts.len() > 20 {
        findings.note("/contacts", Flaw::new("too_many", "must be at most 20 contacts"));
        return None;
    }
    let checked: Vec<_> =
        contacts.into_iter().enumerate().map(|(index, contact)| check_contact(findings, index, contact)).collect();
    checked.into_iter().collect()
}

fn check_contact(findings: &mut Findings, index: usize, fields: ContactFields) -> Option<Contact> {
    let at = |field: &str| format!("/contacts/{index}/{field}");
    let unreachable = fields.email.is_none() && fields.phone.is_none() && fields.url.is_none();
    let role = findings.check(at("role"), fields.role.parse());
    let email = findings.check_optional(at("email"), fields.email, |email| EmailAddress::parse(&email));
    let phone = findings.check_optional(at("phone"), fields.phone, |phone| Phone::parse(&phone));
    let url = findings.check_optional(at("url"), fields.url, |url| WebUrl::parse(&url));
    if unreachable {
        let flaw = Flaw::new("contact_unreachable", "must have an email address, a phone number or a url");
        findings.note(format!("/contacts/{index}"), flaw);
    }
    Some(Contact { role: role?, email: email?, phone: phone?, url: url? })
}

impl TryFrom<OrganisationFields> for OrganisationContent {
    type Error = FieldErrors;

    fn try_from(fields: OrganisationFields) -> Result<Self, FieldErrors> {
        Self::new(fields)
    }
}

impl From<OrganisationContent> for OrganisationFields {
    fn from(OrganisationContent(terms): OrganisationContent) -> Self {
        let notice =
            |notice: PrivacyNotice| PrivacyNoticeFields { url: notice.url.to_string(), version: notice.version };
        Self {
            slug: terms.slug.to_string(),
            name: terms.name,
            charity_number: terms.charity_number,
            privacy_notice: terms.privacy_notice.map(notice),
            contacts: terms.contacts.into_iter().map(Into::into).collect(),
            processors: terms.processors.map(|processors| processors.into_iter().map(Into::into).collect()),
            sending_domain: terms.sending_domain.map(|domain| domain.to_string()),
            preferences_url: terms.preferences_url.map(|page| page.to_string()),
            retention: terms.retention.into(),
            limits: terms.limits.into(),
            moderation: terms.moderation.into(),
            mails: terms.mails.into_iter().map(Into::into).collect(),
        }
    }
}

impl From<Processor> for ProcessorFields {
    fn from(Processor { name, task }: Processor) -> Self {
        Self { name, task }
    }
}

impl From<Contact> for ContactFields {
    fn from(contact: Contact) -> Self {
        Self {
            role: contact.role.to_string(),
            email: contact.email.map(|email| email.as_str().to_owned()),
            phone: contact.phone.map(|phone| phone.as_str().to_owned()),
            url: contact.url.map(|url| url.to_string()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::FieldError;

    fn whole() -> OrganisationFields {
        OrganisationFields {
            slug: "example-trust".to_owned(),
            name: "Example Trust".to_owned(),
            charity_number: Some("sc041666".to_owned()),
            privacy_notice: Some(PrivacyNoticeFields {
                url: "https://example.org/privacy".to_owned(),
                version: "2026-05".to_owned(),
            }),
            contacts: vec![ContactFields {
                role: "complaints".to_owned(),
                email: Some("complaints@example.org".to_owned()),
                ..ContactFields::default()
            }],
            processors: Some(vec![ProcessorFields {
                name: "Example Hosting".to_owned(),
                task: "keeps the servers".to_owned(),
            }]),
            sending_domain: Some("Mail.Example.org".to_owned()),
            preferences_url: Some("https://example.org/preferences".to_owned()),
            retention: RetentionRules::default().into(),
            limits: SubmissionLimitsFields::default(),
            moderation: ModerationFields::default(),
            mails: Vec::new(),
        }
    }

    #[test]
    fn a_stored_organisation_comes_back_through_the_same_door() {
        let content = OrganisationContent::new(whole()).unwrap();
        assert_eq!(content.charity_number.as_deref(), Some("SC041666"));
        assert!(content.contact(ContactRole::Complaints).is_some() && content.contact(ContactRole::Press).is_none());
        let json = serde_json::to_string(&content).unwrap();
        assert_eq!(serde_json::from_str::<OrganisationContent>(&json).unwrap(), content);
        assert!(serde_json::from_str::<OrganisationContent>(&json.replace("https:", "http:")).is_err());
    }

    #[test]
    fn every_flaw_of_an_organisation_is_told_at_once() {
        let fields = OrganisationFields {
            slug: "Example Trust".to_owned(),
            name: " ".to_owned(),
            charity_number: Some("no. 1".to_owned()),
            privacy_notice: Some(PrivacyNoticeFields::default()),
            contacts: vec![ContactFields { role: "friend".to_owned(), ..ContactFields::default() }],
            processors: Some(vec![ProcessorFields::default()]),
            sending_domain: Some("localhost".to_owned()),
            preferences_url: Some("https://example.org/#preferences".to_owned()),
            retention: RetentionFields { message_days: Some(0), ..RetentionFields::default() },
            limits: SubmissionLimitsFields::default(),
            moderation: ModerationFields::default(),
            mails: Vec::new(),
        };
        let errors = OrganisationContent::new(fields).unwrap_err();
        let expected = [
            "/slug",
            "/name",
            "/charity_number",
            "/privacy_notice/url",
            "/privacy_notice/version",
            "/contacts/0/role",
            "/contacts/0",
            "/processors/0/name",
            "/processors/0/task",
            "/sending_domain",
            "/preferences_url",
            "/retention/message_days",
        ];
        assert_eq!(errors.iter().map(FieldError::pointer).collect::<Vec<_>>(), expected);
    }
}
