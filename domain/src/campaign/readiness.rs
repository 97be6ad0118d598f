//! What a campaign still lacks before it may go live.

use super::{CampaignTerms, Confirmation};
use crate::{
    AddressedTo, Ask, ContactRole, EditionContent, FieldErrors, Locale, Office, Organisation, OrganisationStatus,
    TemplateVersion,
};
use serde::Serialize;

/// One thing that is missing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Missing {
    /// A stable code for programs.
    pub code: &'static str,
    /// A sentence for people.
    pub detail: String,
    /// Where it is missing: a JSON Pointer into the campaign, or below `/organisation`, `/templates` and `/asks`.
    pub pointer: String,
}

/// Everything a campaign still lacks; ready when that is nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Readiness(Vec<Missing>);

impl Readiness {
    /// Lists everything that a live campaign needs and this one lacks (B10, B14, B20).
    pub fn of(terms: &CampaignTerms, organisation: &Organisation, asks: &[Ask], templates: &[TemplateVersion]) -> Self {
        let mut readiness = Self::default();
        readiness.look_at_organisation(organisation);
        readiness.look_at_terms(terms, asks);
        readiness.look_at_letters(terms, &EditionContent::assemble(terms, &organisation.content, asks, templates));
        readiness
    }

    /// Lists everything that an organisation lacks to be a controller of a campaign's people (B10, B14, B20).
    pub fn of_controller(organisation: &Organisation) -> Self {
        let mut readiness = Self::default();
        readiness.look_at_organisation(organisation);
        readiness
    }

    /// The same with what a partner lacks: it answers for its people as the campaign's own organisation does.
    #[must_use]
    pub fn with_partner(mut self, partner: &Organisation) -> Self {
        let below = |missing: Missing| {
            let pointer = missing.pointer.replacen("/organisation", &format!("/partners/{}", partner.content.slug), 1);
            Missing { pointer, ..missing }
        };
        self.0.extend(Self::of_controller(partner).0.into_iter().map(below));
        self
    }

    /// Everything that is missing.
    pub fn missing(&self) -> &[Missing] {
        &self.0
    }

    /// What is missing here and was not missing before. A campaign that went live under fewer rules may still be changed.
    pub fn worse_than(&self, before: &Self) -> Vec<Missing> {
        self.0.iter().filter(|missing| !before.0.contains(missing)).cloned().collect()
    }

    fn need(&mut self, is_there: bool, code: &'static str, pointer: impl Into<String>, detail: impl Into<String>) {
        if !is_there {
            self.0.push(Missing { code, detail: detail.into(), pointer: pointer.into() });
        }
    }

    fn look_at_organisation(&mut self, organisation: &Organisation) {
        let active = organisation.status == OrganisationStatus::Active;
        let organisation = &organisation.content;
        self.need(active, "organisation_archived", "/organisation", "the organisation must be active");
        let (number, notice) = (organisation.charity_number.is_some(), organisation.privacy_notice.is_some());
        let complaints = [ContactRole::Complaints, ContactRole::DataProtection, ContactRole::SupporterCare];
        let complaints = complaints.iter().any(|role| organisation.contact(*role).is_some());
        let (processors, domain) = (organisation.processors.is_some(), organisation.sending_domain.is_some());
        let at = |field: &str| format!("/organisation/{field}");
        self.need(
            number,
            "charity_number_missing",
            at("charity_number"),
            "the controller must give its charity number",
        );
        self.need(
            notice,
            "privacy_notice_missing",
            at("privacy_notice"),
            "there must be a privacy notice with its version",
        );
        self.need(
            complaints,
            "complaints_contact_missing",
            at("contacts"),
            "there must be a contact who takes complaints",
        );
        let detail = "the processors of personal data must be named, or an empty list where there are none";
        self.need(processors, "processors_missing", at("processors"), detail);
        self.need(domain, "sending_domain_missing", at("sending_domain"), "there must be a domain to send from");
    }

    fn look_at_terms(&mut self, terms: &CampaignTerms, asks: &[Ask]) {
        self.need(terms.summary.is_some(), "summary_missing", "/summary", "there must be a summary");
        self.need(
            !terms.nations.is_empty(),
            "nations_missing",
            "/nations",
            "there must be a nation whose people may take part",
        );
        self.need(!terms.offices.is_empty(), "offices_missing", "/offices", "there must be an office to write to");
        for (index, office) in terms.offices.iter().enumerate() {
            let serves = terms.nations.is_empty() || !terms.nations_written_to(*office).is_empty();
            let detail = format!("there must be a nation in which the office {office} is elected and written to");
            self.need(serves, "office_serves_no_nation", format!("/offices/{index}"), detail);
        }
        for (index, nation) in terms.nations.iter().enumerate() {
            let writes_to = |office: &Office| terms.office_rule(*office).holds_in(*nation);
            let served = terms.offices.is_empty() || terms.offices.iter().any(writes_to);
            let detail =
                format!("there must be an office that the people of {nation} elect and that is written to there");
            self.need(served, "nation_not_served", format!("/nations/{index}"), detail);
        }
        let detail = "the condition must be named on which health and opinions in letters are processed (UK GDPR 9(2))";
        let condition = terms.special_category_condition.is_some();
        self.need(condition, "special_category_condition_missing", "/special_category_condition", detail);
        let confirms = terms.confirmation == Confirmation::Email;
        let detail = "a campaign without confirmation needs the operator's reason for it, which the campaign shows";
        let may_do_without = confirms || terms.confirmation_waiver.is_some();
        self.need(may_do_without, "confirmation_waiver_missing", "/confirmation_waiver", detail);
        let asks_a_body = asks.iter().any(|ask| ask.addressed_to() == AddressedTo::Body);
        let detail = "an ask is addressed to a body, so there must be a kind of body";
        self.need(terms.body_kind.is_some() || !asks_a_body, "body_kind_missing", "/body_kind", detail);
    }

    fn look_at_letters(&mut self, terms: &CampaignTerms, edition: &EditionContent) {
        for office in &terms.offices {
            let detail = format!("there must be a template in {} for the office {office}", terms.default_locale);
            let covered = covers(edition, *office, terms.default_locale);
            self.need(covered, "template_missing", "/templates", detail);
        }
        for error in edition.check_renders(&terms.offices).err().iter().flat_map(FieldErrors::iter) {
            self.need(false, error.flaw().code(), error.pointer(), error.flaw().detail());
        }
    }
}

/// True if an office has a template in a language, its own or the common one.
fn covers(edition: &EditionContent, office: Office, locale: Locale) -> bool {
    edition
        .templates
        .iter()
        .map(|template| template.source.place())
        .any(|place| place == (Some(office), locale) || place == (None, locale))
}

#[cfg(test)]
mod tests;
