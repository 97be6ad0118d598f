//! Invented people and places that templates are tried on.

use super::{Addressee, NamedArea};
use crate::{
    AreaCode, AreaKind, EmailAddress, Locale, Office, PersonName, PersonalMessage, PostalAddress, RepresentativeId,
    SupporterWords,
};
use uuid::Uuid;

/// An invented supporter, with or without words of their own.
pub(super) fn words(locale: Locale, with_message: bool) -> Option<SupporterWords> {
    let message =
        with_message.then(|| PersonalMessage::parse("My mother waited for eleven weeks.\n\nIt was too long."));
    Some(SupporterWords {
        name: PersonName::new(Some("Dr"), "Siân", "Sample-Jones").ok()?,
        email: EmailAddress::parse("sian@example.org").ok()?,
        phone: None,
        address: PostalAddress::new("1 Sample Street", Some("Upper Example"), "Exampleton", "ZA99 9ZZ").ok()?,
        personal_message: message.transpose().ok()?,
        may_be_quoted: false,
        locale,
    })
}

/// An invented representative, with so many bodies.
pub(super) fn addressee(office: Office, body_kind: Option<AreaKind>, bodies: usize) -> Option<Addressee> {
    let code: AreaCode = "E00000001".parse().ok()?;
    let area = |kind, name: &str| NamedArea { kind, code, name: name.to_owned() };
    let body = body_kind.map(|kind| area(kind, "Exampleshire Sample Body"));
    Some(Addressee {
        representative_id: RepresentativeId::new(Uuid::nil()),
        name: "Alex Example".to_owned(),
        salutation: "Alex Example".to_owned(),
        office,
        area: area(office.area_kind(), "Exampleton and Sampleford"),
        bodies: body.into_iter().cycle().take(bodies).collect(),
    })
}
