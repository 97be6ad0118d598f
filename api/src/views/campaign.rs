//! A campaign's page.

use super::ask::AskView;
use super::digest_rule::DigestRuleDocument;
use super::notices::NoticeView;
use super::vocabulary;
use chrono::{DateTime, Utc};
use postbag_domain::{
    CampaignTerms, Contact, LiveCampaign, Nation, Office, OrganisationTerms, PrivacyNotice, Processor,
    SpecialCategoryCondition,
};
use serde::Serialize;
use utoipa::ToSchema;

/// A campaign, as its page shows it.
#[derive(Clone, Serialize, ToSchema)]
#[schema(examples(json!({
    "slug": "fair-care", "title": "Fair care", "summary": "Ask your MP to write to the Cancer Alliance.",
    "problem": "Four in ten wait too long.", "hashtag": "FairCare", "status": "live",
    "organisation": { "slug": "harbour-cancer-trust", "name": "Harbour Cancer Trust", "charity_number": "0000001",
        "privacy_notice": { "url": "https://harbour.example.org/privacy", "version": "2026-05" },
        "contacts": [{ "role": "complaints", "email": "complaints@harbour.example.org", "phone": null, "url": null }],
        "processors": [{ "name": "Example Hosting Ltd", "task": "keeps the servers" }] }, "partners": [],
    "opens_at": null, "closes_at": null, "nations": ["england"], "offices": ["mp"],
    "office_rules": [{ "office": "mp", "nations": ["england"], "write_to": "all", "up_to": null }], "body_kind": "cancer_alliance",
    "call_to_action": "Email your MP", "estimated_minutes": 2, "goal": 10000, "confirmation": "email", "confirmation_waiver": null, "digest": null, "receipt_by_mail": false, "special_category_condition": "explicit_consent", "topic": null,
    "asks": [{ "id": "01998f00-0000-7000-8000-000000000001", "position": 1, "text": "Publish the waiting times.",
               "addressed_to": "body", "status": "open" }],
    "notices": []
})))]
pub(crate) struct CampaignView {
    /// Names the campaign in every path.
    slug: String,
    title: String,
    summary: Option<String>,
    /// The problem today that has to change.
    problem: Option<String>,
    /// Without the `#`.
    hashtag: Option<String>,
    #[schema(schema_with = vocabulary::campaign_status)]
    status: &'static str,
    organisation: OrganisationView,
    /// The organisations that share the campaign, each the controller of its own people.
    partners: Vec<OrganisationView>,
    opens_at: Option<DateTime<Utc>>,
    closes_at: Option<DateTime<Utc>>,
    #[schema(schema_with = vocabulary::nations)]
    nations: Vec<&'static str>,
    #[schema(schema_with = vocabulary::offices)]
    offices: Vec<&'static str>,
    /// Where each of the offices is written to, and how many of its holders.
    office_rules: Vec<OfficeRuleView>,
    #[schema(schema_with = vocabulary::optional_area_kind)]
    body_kind: Option<&'static str>,
    call_to_action: Option<String>,
    estimated_minutes: Option<u32>,
    /// How many actions the campaign hopes for.
    goal: Option<u32>,
    /// Whether supporters confirm by email before anything is sent.
    #[schema(schema_with = vocabulary::confirmation)]
    confirmation: &'static str,
    /// Why letters leave without confirmation, where they do.
    confirmation_waiver: Option<String>,
    /// One mail a day or a week to each representative, in place of single letters.
    digest: Option<DigestRuleDocument>,
    /// Whether supporters are mailed once their letters have been taken.
    receipt_by_mail: bool,
    /// The condition on which it processes what letters reveal of health and opinions (UK GDPR, article 9(2)).
    #[schema(schema_with = vocabulary::optional_special_category_condition)]
    special_category_condition: Option<&'static str>,
    /// The slug of a policy area.
    topic: Option<String>,
    asks: Vec<AskView>,
    /// What people ought to know before they write: a legislature that is dissolved, or will be.
    notices: Vec<NoticeView>,
}

/// How a campaign writes to one of its offices.
///
/// `nations`: whose people write to it. `write_to`: to how many of the people who hold it together: `all`, those the person names in
/// `target_ids` (`choice`), some drawn by lot, always the same for one person (`random`), or those to whom the campaign wrote least
/// so far (`least_written_to`).
#[derive(Clone, Serialize, ToSchema)]
pub(crate) struct OfficeRuleView {
    #[schema(schema_with = vocabulary::office)]
    office: &'static str,
    #[schema(schema_with = vocabulary::nations)]
    nations: Vec<&'static str>,
    #[schema(schema_with = vocabulary::write_to)]
    write_to: &'static str,
    /// At most how many; `null` for `all`.
    up_to: Option<u32>,
}

/// The data controller behind a campaign (UK GDPR, article 13).
#[derive(Clone, Serialize, ToSchema)]
pub(crate) struct OrganisationView {
    slug: String,
    name: String,
    charity_number: Option<String>,
    pub(crate) privacy_notice: Option<PrivacyNoticeView>,
    pub(crate) contacts: Vec<ContactView>,
    /// Those who work with personal data on its behalf; `null` where it has not named them yet.
    processors: Option<Vec<ProcessorView>>,
}

/// Somebody who works with personal data on the controller's behalf (UK GDPR, article 28).
#[derive(Clone, Serialize, ToSchema)]
pub(crate) struct ProcessorView {
    name: String,
    /// What it does for the controller.
    task: String,
}

/// The privacy notice: its address and its version.
#[derive(Clone, Serialize, ToSchema)]
pub(crate) struct PrivacyNoticeView {
    #[schema(format = "uri")]
    url: String,
    #[schema(example = "2026-05")]
    version: String,
}

/// A contact for one kind of question.
#[derive(Clone, Serialize, ToSchema)]
pub(crate) struct ContactView {
    #[schema(schema_with = vocabulary::contact_role)]
    role: &'static str,
    email: Option<String>,
    phone: Option<String>,
    url: Option<String>,
}

impl CampaignView {
    /// Everything a campaign page shows.
    pub(crate) fn of(live: &LiveCampaign, notices: Vec<NoticeView>) -> Self {
        let terms = live.campaign.content();
        Self {
            slug: terms.slug.to_string(),
            title: terms.title.clone(),
            summary: terms.summary.clone(),
            problem: terms.problem.clone(),
            hashtag: terms.hashtag.as_ref().map(ToString::to_string),
            status: live.campaign.status().as_str(),
            organisation: OrganisationView::of(&live.organisation.content),
            partners: live.partners.iter().map(|partner| OrganisationView::of(&partner.organisation.content)).collect(),
            opens_at: terms.opens_at,
            closes_at: terms.closes_at,
            nations: terms.nations.iter().map(|nation| nation.as_str()).collect(),
            offices: terms.offices.iter().map(|office| office.as_str()).collect(),
            office_rules: OfficeRuleView::each(terms),
            body_kind: terms.body_kind.map(postbag_domain::AreaKind::as_str),
            call_to_action: terms.call_to_action.clone(),
            estimated_minutes: terms.estimated_minutes,
            goal: terms.goal,
            confirmation: terms.confirmation.as_str(),
            confirmation_waiver: terms.confirmation_waiver.clone(),
            digest: terms.digest.map(Into::into),
            receipt_by_mail: terms.receipt_by_mail,
            special_category_condition: terms.special_category_condition.map(SpecialCategoryCondition::as_str),
            topic: terms.topic.as_ref().map(ToString::to_string),
            asks: live.asks.iter().map(AskView::of).collect(),
            notices,
        }
    }
}

impl OfficeRuleView {
    /// One for each of a campaign's offices, in their order.
    pub(crate) fn each(terms: &CampaignTerms) -> Vec<Self> {
        terms.offices.iter().map(|office| Self::of(*office, terms)).collect()
    }

    fn of(office: Office, terms: &CampaignTerms) -> Self {
        let (rule, nations) = (terms.office_rule(office), terms.nations_written_to(office));
        Self {
            office: office.as_str(),
            nations: nations.into_iter().map(Nation::as_str).collect(),
            write_to: rule.write_to().as_str(),
            up_to: rule.up_to(),
        }
    }
}

impl OrganisationView {
    pub(crate) fn of(terms: &OrganisationTerms) -> Self {
        Self {
            slug: terms.slug.to_string(),
            name: terms.name.clone(),
            charity_number: terms.charity_number.clone(),
            privacy_notice: terms.privacy_notice.as_ref().map(PrivacyNoticeView::of),
            contacts: terms.contacts.iter().map(ContactView::of).collect(),
            processors: terms.processors.as_ref().map(|named| named.iter().map(ProcessorView::of).collect()),
        }
    }
}

impl PrivacyNoticeView {
    fn of(notice: &PrivacyNotice) -> Self {
        Self { url: notice.url.to_string(), version: notice.version.clone() }
    }
}

impl ProcessorView {
    fn of(processor: &Processor) -> Self {
        Self { name: processor.name.clone(), task: processor.task.clone() }
    }
}

impl ContactView {
    fn of(contact: &Contact) -> Self {
        Self {
            role: contact.role.as_str(),
            email: contact.email.as_ref().map(|email| email.as_str().to_owned()),
            phone: contact.phone.as_ref().map(|phone| phone.as_str().to_owned()),
            url: contact.url.as_ref().map(ToString::to_string),
        }
    }
}
