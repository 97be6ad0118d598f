//! Corrections of what is held on a person (UK GDPR 16, B9).

use crate::{AddressLines, EmailAddress, FieldErrors, Flaw, PersonName, Phone, SupporterWords};

/// What is to be set right; at least one thing. A postcode is not among it: it decided who was written to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Correction {
    name: Option<PersonName>,
    phone: Option<Phone>,
    address: Option<AddressLines>,
    email: Option<EmailAddress>,
}

impl Correction {
    /// Takes what is given; nothing at all is a flaw.
    pub fn new(
        name: Option<PersonName>,
        phone: Option<Phone>,
        address: Option<AddressLines>,
        email: Option<EmailAddress>,
    ) -> Result<Self, FieldErrors> {
        let correction = Self { name, phone, address, email };
        let is_empty = correction == Self { name: None, phone: None, address: None, email: None };
        let flaw = || Flaw::new("correction_empty", "must set right at least one thing: leave in what is wrong");
        if is_empty { Err(FieldErrors::one("", flaw())) } else { Ok(correction) }
    }

    /// The new address of the inbox, if that is corrected.
    pub fn email(&self) -> Option<&EmailAddress> {
        self.email.as_ref()
    }

    /// What a person typed, set right. Their own words, and what they agreed to, are as they were.
    #[must_use]
    pub fn apply(&self, typed: SupporterWords) -> SupporterWords {
        let address = self.address.clone().map(|lines| typed.address.with_lines(lines));
        SupporterWords {
            name: self.name.clone().unwrap_or(typed.name),
            email: self.email.clone().unwrap_or(typed.email),
            phone: self.phone.clone().or(typed.phone),
            address: address.unwrap_or(typed.address),
            ..typed
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Findings, Locale, PostalAddress};

    fn typed() -> SupporterWords {
        SupporterWords {
            name: PersonName::new(None, "Ada", "Ashgrov").unwrap(),
            email: EmailAddress::parse("ada@example.org").unwrap(),
            phone: None,
            address: PostalAddress::new("1 Harbour Street", Some("Flat 2"), "Alderwick", "ZA1 1AA").unwrap(),
            personal_message: None,
            may_be_quoted: true,
            locale: Locale::En,
        }
    }

    #[test]
    fn what_is_corrected_changes_and_all_else_stays() {
        let mut findings = Findings::new();
        let lines = AddressLines::check(&mut findings, "/address", "1 Harbour Road", None, "Alderwick");
        let name = PersonName::new(None, "Ada", "Ashgrove").unwrap();
        let corrected = Correction::new(Some(name.clone()), None, lines, None).unwrap().apply(typed());
        assert_eq!((&corrected.name, &corrected.email, corrected.may_be_quoted), (&name, &typed().email, true));
        assert_eq!(corrected.address.lines(), ["1 Harbour Road", "Alderwick", "ZA1 1AA"]);
    }

    #[test]
    fn a_correction_of_nothing_is_refused() {
        assert!(Correction::new(None, None, None, None).is_err());
    }
}
