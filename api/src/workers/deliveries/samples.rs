//! Made-up people, places and letters for tests.

use super::edition_cache::CachedEdition;
use chrono::{DateTime, NaiveDate, Utc};
use postbag_domain::{
    ActionId, Area, AreaChoices, AreaKey, AreaKind, Body, CampaignId, CampaignStatus, DeliveryId, DeliveryState,
    Directory, DirectoryParts, Edition, EditionContent, EditionId, EmailAddress, Locale, Office, OrganisationId,
    PersonName, PersonalMessage, PersonalMessageRule, PostalAddress, Representative, RepresentativeId, Route, Slug,
    SupporterId, SupporterWords, TemplateId, TemplateSource, TemplateVersion,
};
use postbag_persistence::ClaimedDelivery;
use uuid::Uuid;

pub(super) const SEAT: &str = "E14001172";
pub(super) const SUBJECT: &str = "Please act for {{ area.name }}";
pub(super) const BODY: &str =
    "Dear {{ representative.salutation }},\n\n{{ personal_message }}\n\nPlease write to {{ body.name }}.\n";

pub(super) fn at(seconds: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(1_795_348_800 + seconds, 0).unwrap()
}

pub(super) fn today() -> NaiveDate {
    at(0).date_naive()
}

pub(super) fn email(text: &str) -> EmailAddress {
    EmailAddress::parse(text).unwrap()
}

pub(super) fn representative_id(number: u128) -> RepresentativeId {
    RepresentativeId::new(Uuid::from_u128(0x4e00 + number))
}

pub(super) fn key(kind: AreaKind, code: &str) -> AreaKey {
    AreaKey { kind, code: code.parse().unwrap() }
}

/// An MP who can be written to.
pub(super) fn holder(number: u128) -> Representative {
    Representative {
        id: representative_id(number),
        external_id: format!("example:{number}"),
        office: Office::Mp,
        area_code: SEAT.parse().unwrap(),
        name: format!("Jo Holder {number}"),
        salutation: Some("Jo".to_owned()),
        party: None,
        email: Some(email(&format!("holder.{number}@parliament.example"))),
        route: Route::Email,
        language: None,
        source: None,
        verified_on: None,
        bounced_on: None,
        held_on: None,
        end_decided_on: None,
        start_date: None,
        end_date: None,
    }
}

pub(super) fn directory(representatives: Vec<Representative>) -> Directory {
    let seat = Area::new(key(AreaKind::WestminsterConstituency, SEAT), "Sampleton North".to_owned());
    let board = Body {
        kind: AreaKind::Icb,
        code: "E54000027".parse().unwrap(),
        name: "NHS Sampleshire".to_owned(),
        email: None,
        route: Route::ViaOffice,
        source: None,
    };
    Directory::build(DirectoryParts {
        areas: vec![seat],
        representatives,
        bodies: vec![board],
        ..DirectoryParts::default()
    })
}

pub(super) fn words() -> SupporterWords {
    SupporterWords {
        name: PersonName::new(Some("Ms"), "Ada", "Sample").unwrap(),
        email: email("Ada@people.example"),
        phone: None,
        address: PostalAddress::new("1 High Street", None, "Sampleton", "ZZ1 1AA").unwrap(),
        personal_message: Some(PersonalMessage::parse("It matters to me. {{ 7*7 }}").unwrap()),
        locale: Locale::En,
    }
}

pub(super) fn areas() -> Vec<AreaKey> {
    vec![key(AreaKind::WestminsterConstituency, SEAT), key(AreaKind::Icb, "E54000027")]
}

pub(super) fn template() -> TemplateSource {
    TemplateSource::new(None, Locale::En, SUBJECT, BODY).unwrap()
}

pub(super) fn content() -> EditionContent {
    EditionContent {
        campaign_title: "Fair Care".to_owned(),
        organisation_name: "A Charity".to_owned(),
        sending_domain: Some("mail.charity.example".parse().unwrap()),
        body_kind: Some(AreaKind::Icb),
        personal_message: PersonalMessageRule::Required,
        asks: Vec::new(),
        templates: vec![TemplateVersion { id: TemplateId::new(Uuid::from_u128(1)), version: 1, source: template() }],
        default_locale: Locale::En,
    }
}

pub(super) fn edition(content: EditionContent) -> CachedEdition {
    let (id, campaign) = (EditionId::new(Uuid::from_u128(2)), CampaignId::new(Uuid::from_u128(3)));
    let edition = Edition::compile(id, campaign, content).unwrap();
    CachedEdition { edition, organisation: Slug::parse("a-charity").unwrap() }
}

/// A message to [`holder`] 1.
pub(super) fn claimed() -> ClaimedDelivery {
    ClaimedDelivery {
        id: DeliveryId::new(Uuid::from_u128(4)),
        organisation_id: OrganisationId::new(Uuid::from_u128(5)),
        campaign_id: CampaignId::new(Uuid::from_u128(3)),
        campaign_slug: "fair-care".to_owned(),
        campaign_status: CampaignStatus::Live,
        supporter_id: SupporterId::new(Uuid::from_u128(7)),
        action_id: ActionId::new(Uuid::from_u128(6)),
        representative_id: representative_id(1),
        office: Office::Mp,
        area: key(AreaKind::WestminsterConstituency, SEAT),
        edition_id: EditionId::new(Uuid::from_u128(2)),
        words: words(),
        areas: areas(),
        area_choices: AreaChoices::none(),
        state: DeliveryState::Queued,
        attempts: 0,
        created_at: at(0),
    }
}
