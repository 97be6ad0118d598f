//! The person who writes, as submissions and previews spell them.

use postbag_domain::{
    EmailAddress, Findings, Locale, PersonName, PersonalMessage, Phone, PostalAddress, SupporterWords,
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Who writes. Only their own representatives and the campaign's organisation ever see it.
#[derive(Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(examples(json!({
    "title": "Ms", "first_name": "Ada", "last_name": "Ashgrove", "email": "ada@example.org", "phone": null,
    "address": { "line1": "1 Harbour Street", "line2": null, "town": "Alderwick", "postcode": "ZA1 1AA" }
})))]
pub(crate) struct SupporterFields {
    /// How the person likes to be addressed.
    #[schema(max_length = 35)]
    title: Option<String>,
    #[schema(min_length = 1, max_length = 100)]
    first_name: String,
    #[schema(min_length = 1, max_length = 100)]
    last_name: String,
    /// Replies from representatives go here.
    #[schema(format = "email", max_length = 254)]
    email: String,
    phone: Option<String>,
    address: AddressFields,
}

/// Where the person lives: representatives answer their own constituents only.
#[derive(Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct AddressFields {
    #[schema(min_length = 1, max_length = 200)]
    line1: String,
    #[schema(max_length = 200)]
    line2: Option<String>,
    #[schema(min_length = 1, max_length = 200)]
    town: String,
    /// In any spelling: `sw1a1aa` is `SW1A 1AA`.
    #[schema(example = "ZA1 1AA")]
    postcode: String,
}

impl SupporterFields {
    /// Parses the whole person and their words, noting every flaw at its JSON Pointer.
    pub(crate) fn parse(
        &self,
        findings: &mut Findings,
        personal_message: Option<&str>,
        locale: Option<Locale>,
    ) -> Option<SupporterWords> {
        let name = PersonName::check(findings, "/supporter", self.title.as_deref(), &self.first_name, &self.last_name);
        let email = findings.check("/supporter/email", EmailAddress::parse(&self.email));
        let phone = findings.check_optional("/supporter/phone", filled(self.phone.as_deref()), Phone::parse);
        let address = self.address.parse(findings);
        let message = findings.check_optional("/personal_message", filled(personal_message), PersonalMessage::parse);
        Some(SupporterWords {
            name: name?,
            email: email?,
            phone: phone?,
            address: address?,
            personal_message: message?,
            locale: locale?,
        })
    }
}

impl AddressFields {
    fn parse(&self, findings: &mut Findings) -> Option<PostalAddress> {
        let Self { line1, line2, town, postcode } = self;
        PostalAddress::check(findings, "/supporter/address", line1, line2.as_deref(), town, postcode)
    }
}

/// Forms send an empty string where a person left an optional field alone.
fn filled(text: Option<&str>) -> Option<&str> {
    text.filter(|text| !text.trim().is_empty())
}
