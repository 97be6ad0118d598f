//! Made-up people, places and letters for tests.

use crate::config::{Config, Secret};
use crate::ids;
use crate::letters::CachedEdition;
use crate::secrets::MailKeys;
use chrono::{DateTime, NaiveDate, Utc};
use postbag_domain::{
    ActionId, Area, AreaChoices, AreaKey, AreaKind, Body, CampaignId, CampaignStatus, DeliveryId, DeliveryState,
    Directory, DirectoryParts, Edition, EditionContent, EditionId, EmailAddress, Locale, Office, OrganisationId,
    PersonName, PersonalMessage, PersonalMessageRule, PostalAddress, Representative, RepresentativeId, Route, Slug,
    SupporterId, SupporterWords, TemplateId, TemplateSource, TemplateVersion,
};
use postbag_domain::{
    Campaign, CampaignContent, CampaignFields, ContactFields, ModerationFields, OrganisationContent,
    OrganisationFields, PrivacyNoticeFields, RetentionFields, SubmissionLimitsFields,
};
use postbag_persistence::{CampaignEdit, ClaimedDelivery, Expected, Reach, Store};
use uuid::Uuid;

pub(in crate::workers) const SEAT: &str = "E14001172";
pub(in crate::workers) const SUBJECT: &str = "Please act for {{ area.name }}";
pub(in crate::workers) const BODY: &str =
    "Dear {{ representative.salutation }},\n\n{{ personal_message }}\n\nPlease write to {{ body.name }}.\n";

pub(in crate::workers) fn at(seconds: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(1_795_348_800 + seconds, 0).unwrap()
}

pub(in crate::workers) fn today() -> NaiveDate {
    at(0).date_naive()
}

pub(in crate::workers) fn email(text: &str) -> EmailAddress {
    EmailAddress::parse(text).unwrap()
}

pub(in crate::workers) fn representative_id(number: u128) -> RepresentativeId {
    RepresentativeId::new(Uuid::from_u128(0x4e00 + number))
}

pub(in crate::workers) fn key(kind: AreaKind, code: &str) -> AreaKey {
    AreaKey { kind, code: code.parse().unwrap() }
}

/// An MP who can be written to.
pub(in crate::workers) fn holder(number: u128) -> Representative {
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
        digest: None,
        end_decided_on: None,
        start_date: None,
        end_date: None,
    }
}

pub(in crate::workers) fn directory(representatives: Vec<Representative>) -> Directory {
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

pub(in crate::workers) fn words() -> SupporterWords {
    SupporterWords {
        name: PersonName::new(Some("Ms"), "Ada", "Sample").unwrap(),
        email: email("Ada@people.example"),
        phone: None,
        address: PostalAddress::new("1 High Street", None, "Sampleton", "ZZ1 1AA").unwrap(),
        personal_message: Some(PersonalMessage::parse("It matters to me. {{ 7*7 }}").unwrap()),
        may_be_quoted: false,
        locale: Locale::En,
    }
}

pub(in crate::workers) fn areas() -> Vec<AreaKey> {
    vec![key(AreaKind::WestminsterConstituency, SEAT), key(AreaKind::Icb, "E54000027")]
}

pub(in crate::workers) fn template() -> TemplateSource {
    TemplateSource::new(None, Locale::En, SUBJECT, BODY).unwrap()
}

pub(in crate::workers) fn content() -> EditionContent {
    EditionContent {
        campaign_title: "Fair Care".to_owned(),
        organisation_name: "A Charity".to_owned(),
        sending_domain: Some("mail.charity.example".parse().unwrap()),
        body_kind: Some(AreaKind::Icb),
        personal_message: PersonalMessageRule::Required,
        asks: Vec::new(),
        templates: vec![TemplateVersion { id: TemplateId::new(Uuid::from_u128(1)), version: 1, source: template() }],
        default_locale: Locale::En,
        digest: None,
        receipt_by_mail: false,
    }
}

pub(in crate::workers) fn edition(content: EditionContent) -> CachedEdition {
    let (id, campaign) = (EditionId::new(Uuid::from_u128(2)), CampaignId::new(Uuid::from_u128(3)));
    let edition = Edition::compile(id, campaign, content).unwrap();
    CachedEdition { edition, organisation: Slug::parse("a-charity").unwrap() }
}

/// A message to [`holder`] 1.
pub(in crate::workers) fn claimed() -> ClaimedDelivery {
    ClaimedDelivery {
        id: DeliveryId::new(Uuid::from_u128(4)),
        organisation_id: OrganisationId::new(Uuid::from_u128(5)),
        campaign_owner: OrganisationId::new(Uuid::from_u128(5)),
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
        digest_id: None,
        is_test: false,
        state: DeliveryState::Queued,
        attempts: 0,
        created_at: at(0),
    }
}

pub(in crate::workers) fn edit(slug: &str) -> CampaignEdit {
    let slug = Slug::parse(slug).unwrap();
    CampaignEdit { reach: Reach::All, slug, expected: Expected::Anything, now: at(0), fresh: ids::fresh }
}

/// An organisation with one campaign.
pub(in crate::workers) async fn publish(store: &Store) -> (OrganisationId, CampaignId, EditionId) {
    let owner = publish_organisation(store).await;
    let (campaign, edition) = publish_campaign(store, owner, "fair-care", "hold").await;
    (owner, campaign, edition)
}

pub(in crate::workers) async fn publish_organisation(store: &Store) -> OrganisationId {
    let organisation = OrganisationContent::new(OrganisationFields {
        limits: SubmissionLimitsFields::default(),
        moderation: ModerationFields::default(),
        slug: "a-charity".to_owned(),
        name: content().organisation_name,
        charity_number: Some("1000001".to_owned()),
        privacy_notice: Some(PrivacyNoticeFields {
            url: "https://charity.example/privacy".to_owned(),
            version: "1".to_owned(),
        }),
        contacts: vec![ContactFields {
            role: "complaints".to_owned(),
            email: Some("complaints@charity.example".to_owned()),
            ..ContactFields::default()
        }],
        processors: Some(Vec::new()),
        sending_domain: content().sending_domain.map(|domain| domain.to_string()),
        preferences_url: None,
        retention: RetentionFields::default(),
        mails: Vec::new(),
    });
    let stored = store.put_organisation(Reach::All, organisation.unwrap(), Expected::Anything, at(0), ids::fresh).await;
    stored.unwrap().value().unwrap().organisation.id
}

/// A campaign in draft, with a letter.
pub(in crate::workers) async fn publish_campaign(
    store: &Store,
    owner: OrganisationId,
    slug: &str,
    after_uncertain: &str,
) -> (CampaignId, EditionId) {
    let terms = CampaignContent::new(CampaignFields {
        slug: slug.to_owned(),
        title: content().campaign_title,
        summary: Some("Care that is fair.".to_owned()),
        offices: vec!["mp".to_owned()],
        nations: vec!["england".to_owned()],
        body_kind: Some("icb".to_owned()),
        personal_message: "required".to_owned(),
        after_uncertain: after_uncertain.to_owned(),
        special_category_condition: Some("explicit_consent".to_owned()),
        ..CampaignFields::default()
    });
    let draft = Campaign::draft(CampaignId::new(ids::fresh()), owner, terms.unwrap());
    store.put_campaign(edit(slug), draft, Vec::new()).await.unwrap();
    let template = TemplateSource::new(None, Locale::En, template().subject(), STORED_BODY).unwrap();
    store.add_template_version(edit(slug), template, None).await.unwrap().value().unwrap();
    let campaign = store.campaign(Reach::All, slug.parse().unwrap()).await.unwrap().unwrap();
    (campaign.campaign.id(), campaign.edition.unwrap().id)
}

/// As the samples', for places with a body and without.
const STORED_BODY: &str = "Dear {{ representative.salutation }},\n\n{{ personal_message }}\n\n\
    {% for body in bodies %}Please write to {{ body.name }}.{% endfor %}\n";

/// The keys of a server with a secret.
pub(in crate::workers) fn keys() -> MailKeys {
    MailKeys::of(&Config { secret: Some(Secret::from("0123456789abcdef0123456789abcdef")), ..Config::default() })
}
