//! The person who writes, as submissions and previews spell them.

use crate::http::extract::calendar;
use crate::http::problem::Problem;
use chrono::NaiveDate;
use postbag_domain::{
    EmailAddress, Findings, Flaw, Locale, PersonName, PersonalMessage, Phone, PostalAddress, Postcode, SupporterWords,
    consent,
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Who writes. Only their own representatives and the campaign's organisation ever see it.
// What is required may be absent here, so that all that is missing is reported at once.
#[derive(Default, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
#[schema(examples(json!({
    "title": "Ms", "first_name": "Ada", "last_name": "Ashgrove", "email": "ada@example.org", "phone": null,
    "address": { "line1": "1 Harbour Street", "line2": null, "town": "Alderwick", "postcode": "ZA1 1AA" }
})))]
pub(crate) struct SupporterFields {
    /// How the person likes to be addressed.
    #[schema(max_length = 35)]
    title: Option<String>,
    #[schema(required, value_type = String, min_length = 1, max_length = 100)]
    first_name: Option<String>,
    #[schema(required, value_type = String, min_length = 1, max_length = 100)]
    last_name: Option<String>,
    /// Replies from representatives go here.
    #[schema(required, value_type = String, format = "email", max_length = 254)]
    email: Option<String>,
    phone: Option<String>,
    #[schema(required)]
    address: AddressFields,
    /// The day of birth, where the form asks for it. It is not kept: it only says whether the person may agree to be contacted, which nobody
    /// under 13 can.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(format = "date", example = "1974-05-07")]
    born_on: Option<String>,
    /// True if the person says that they are under 13; for a form that asks that alone.
    #[serde(skip_serializing_if = "Option::is_none")]
    under_13: Option<bool>,
}

/// Where the person lives: representatives answer their own constituents only.
#[derive(Default, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct AddressFields {
    #[schema(required, value_type = String, min_length = 1, max_length = 200)]
    line1: Option<String>,
    #[schema(max_length = 200)]
    line2: Option<String>,
    #[schema(required, value_type = String, min_length = 1, max_length = 200)]
    town: Option<String>,
    /// In any spelling: `sw1a1aa` is `SW1A 1AA`.
    #[schema(required, value_type = String, example = "ZA1 1AA")]
    postcode: Option<String>,
}

impl SupporterFields {
    /// Parses the whole person and their words, noting every flaw at its JSON Pointer.
    pub(crate) fn parse(
        &self,
        findings: &mut Findings,
        personal_message: Option<&str>,
        locale: Option<Locale>,
    ) -> Option<SupporterWords> {
        let name = self.parse_name(findings);
        let email = given(self.email.as_deref()).and_then(EmailAddress::parse);
        let email = findings.check("/supporter/email", email);
        let phone = findings.check_optional("/supporter/phone", filled(self.phone.as_deref()), Phone::parse);
        let address = self.address.parse(findings);
        let message = findings.check_optional("/personal_message", filled(personal_message), PersonalMessage::parse);
        Some(SupporterWords {
            name: name?,
            email: email?,
            phone: phone?,
            address: address?,
            personal_message: message?,
            may_be_quoted: false,
            locale: locale?,
        })
    }

    /// Whether the person is too young to consent today; nothing if the day is none.
    pub(super) fn is_under_age(&self, findings: &mut Findings, today: NaiveDate) -> Option<bool> {
        let born_on = filled(self.born_on.as_deref());
        let born_on = findings.check_optional("/supporter/born_on", born_on, calendar::parse_day)?;
        Some(self.under_13 == Some(true) || born_on.is_some_and(|born_on| consent::is_under_age(born_on, today)))
    }

    fn parse_name(&self, findings: &mut Findings) -> Option<PersonName> {
        let first = findings.check("/supporter/first_name", given(self.first_name.as_deref()));
        let last = findings.check("/supporter/last_name", given(self.last_name.as_deref()));
        PersonName::check(findings, "/supporter", self.title.as_deref(), first?, last?)
    }
}

impl AddressFields {
    fn parse(&self, findings: &mut Findings) -> Option<PostalAddress> {
        const POINTER: &str = "/supporter/address";
        let missing = [("/line1", &self.line1), ("/town", &self.town), ("/postcode", &self.postcode)];
        if missing.iter().all(|(_, field)| field.is_some()) {
            let text = |field: &'_ Option<String>| field.clone().unwrap_or_default();
            let (line1, town, postcode) = (text(&self.line1), text(&self.town), text(&self.postcode));
            return PostalAddress::check(findings, POINTER, &line1, self.line2.as_deref(), &town, &postcode);
        }
        for (place, field) in missing {
            findings.check([POINTER, place].concat(), given(field.as_deref()));
        }
        // What is there is checked all the same, so that every flaw is reported at once.
        let postcode = self.postcode.as_deref().map(Postcode::parse);
        findings.check_optional([POINTER, "/postcode"].concat(), postcode, |parsed| parsed);
        None
    }
}

/// Names the field of the person's postcode in a problem that it causes.
pub(super) fn at_postcode(problem: Problem) -> Problem {
    problem.at_postcode("/supporter/address/postcode")
}

/// A field that must be there.
pub(super) fn given(text: Option<&str>) -> Result<&str, Flaw> {
    text.ok_or_else(|| Flaw::new("field_missing", "must be given"))
}

/// Forms send an empty string where a person left an optional field alone.
fn filled(text: Option<&str>) -> Option<&str> {
    text.filter(|text| !text.trim().is_empty())
}
