//! What an edition is made of.

use crate::{
    AddressedTo, AreaKind, Ask, CampaignTerms, DigestRule, DomainName, Locale, Office, OrganisationTerms,
    PersonalMessageRule, TemplateVersion,
};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// An ask as letters list it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EditionAsk {
    /// Its number.
    pub position: u16,
    /// The text of the demand.
    pub text: String,
    /// The addressee of the demand.
    pub addressed_to: AddressedTo,
}

/// What an edition is made of; stored as one document. The same content is the same edition.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EditionContent {
    /// The campaign's title.
    pub campaign_title: String,
    /// The organisation's name.
    pub organisation_name: String,
    /// The domain the letters are sent from (B20); a draft may have none yet.
    pub sending_domain: Option<DomainName>,
    /// The kind of body the letters name.
    pub body_kind: Option<AreaKind>,
    /// Whether supporters add words of their own.
    pub personal_message: PersonalMessageRule,
    /// The asks, in order.
    pub asks: Vec<EditionAsk>,
    /// The newest template of each office and language, in that order.
    pub templates: Vec<TemplateVersion>,
    /// The language to fall back on.
    pub default_locale: Locale,
    /// One mail to each representative in place of single letters, if the campaign wants that.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub digest: Option<DigestRule>,
    /// Whether supporters are mailed once their letters have been taken.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub receipt_by_mail: bool,
}

impl EditionContent {
    /// Puts together what a campaign's letters are made of now. Of several versions of a template the newest is taken.
    pub fn assemble(
        terms: &CampaignTerms,
        organisation: &OrganisationTerms,
        asks: &[Ask],
        templates: &[TemplateVersion],
    ) -> Self {
        let edition_ask = |ask: &Ask| EditionAsk {
            position: ask.position(),
            text: ask.text().to_owned(),
            addressed_to: ask.addressed_to(),
        };
        let mut asks: Vec<_> = asks.iter().map(edition_ask).collect();
        asks.sort_by_key(|ask| ask.position);
        Self {
            campaign_title: terms.title.clone(),
            organisation_name: organisation.name.clone(),
            sending_domain: organisation.sending_domain.clone(),
            body_kind: terms.body_kind,
            personal_message: terms.personal_message,
            asks,
            templates: newest(templates),
            default_locale: terms.default_locale,
            digest: terms.digest,
            receipt_by_mail: terms.receipt_by_mail,
        }
    }

    /// The template for an office and a language: that office's in that language, that office's in the default language, the
    /// common one in that language, the common one in the default language.
    pub fn template_for(&self, office: Office, locale: Locale) -> Option<(usize, &TemplateVersion)> {
        let choices =
            [(Some(office), locale), (Some(office), self.default_locale), (None, locale), (None, self.default_locale)];
        let at = |place| self.templates.iter().enumerate().find(|(_, template)| template.source.place() == place);
        choices.into_iter().find_map(at)
    }
}

fn newest(templates: &[TemplateVersion]) -> Vec<TemplateVersion> {
    let mut newest = BTreeMap::new();
    for template in templates {
        let kept = newest.entry(template.source.place()).or_insert(template);
        if template.version > kept.version {
            *kept = template;
        }
    }
    newest.into_values().cloned().collect()
}
