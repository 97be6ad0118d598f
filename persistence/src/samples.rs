//! Made-up submissions for tests.

use crate::Store;
use crate::idempotency::KeyClaim;
use crate::intake::Record;
use crate::schema::{campaigns, consent_questions, consent_wordings, organisations, questions_asked};
use crate::types::{At, Id, Json};
use chrono::{DateTime, TimeDelta, Utc};
use diesel::prelude::*;
use postbag_domain::{
    Accepted, ActionId, ActionStatus, Answer, AreaChoices, AreaCode, AreaKey, AreaKind, CampaignContent,
    CampaignFields, CampaignId, Channel, ConfirmedBy, ConsentId, DeliveryId, DeliveryState, EditionId, EmailAddress,
    Locale, MailId, Nation, NewAction, NewConsent, NewDelivery, Office, OrganisationId, Origin, PersonName,
    PostalAddress, Purpose, QuestionId, RepresentativeId, Source, SupporterId, SupporterWords,
};
use std::sync::atomic::{AtomicU64, Ordering};
use uuid::Uuid;

/// A fresh id, in the order of making.
pub(crate) fn fresh() -> Uuid {
    static NEXT: AtomicU64 = AtomicU64::new(1);
    Uuid::from_u64_pair(0x0190_0000_0000_7000, 0x8000_0000_0000_0000 | NEXT.fetch_add(1, Ordering::Relaxed))
}

/// Noon of an invented day, and so many seconds.
pub(crate) fn at(seconds: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(1_795_348_800 + seconds, 0).unwrap()
}

pub(crate) const ORGANISATION: OrganisationId = OrganisationId::new(Uuid::from_u128(0x0a));
pub(crate) const CAMPAIGN: CampaignId = CampaignId::new(Uuid::from_u128(0xca));

const QUESTION: Uuid = Uuid::from_u128(0x9e);

pub(crate) fn representative(number: u128) -> RepresentativeId {
    RepresentativeId::new(Uuid::from_u128(0x4e00 + number))
}

/// An organisation and a campaign for the submissions to belong to.
pub(crate) fn publish(store: &Store, after_uncertain: &'static str) {
    store
        .write_blocking(|connection| {
            let (now, empty) = (At::new(at(0)), Json::of(&serde_json::json!({}))?);
            diesel::insert_into(organisations::table)
                .values((
                    organisations::id.eq(Id::from(ORGANISATION)),
                    organisations::slug.eq("charity"),
                    organisations::content.eq(empty),
                    organisations::revision.eq(1_i64),
                    organisations::created_at.eq(now),
                    organisations::updated_at.eq(now),
                ))
                .execute(connection)?;
            Ok(())
        })
        .unwrap();
    publish_campaign(store, CAMPAIGN, "fair-care", after_uncertain);
    ask(store);
}

/// The question of the campaign, which every sample answers.
fn ask(store: &Store) {
    store
        .write_blocking(|connection| {
            let (question, now) = (Id(QUESTION), At::new(at(0)));
            diesel::insert_into(consent_questions::table)
                .values((
                    consent_questions::id.eq(question),
                    consent_questions::organisation_id.eq(Id::from(ORGANISATION)),
                    consent_questions::campaign_id.eq(Id::from(CAMPAIGN)),
                    consent_questions::version.eq(1),
                ))
                .execute(connection)?;
            diesel::insert_into(questions_asked::table)
                .values((
                    questions_asked::campaign_id.eq(Id::from(CAMPAIGN)),
                    questions_asked::question_id.eq(question),
                    questions_asked::position.eq(1),
                ))
                .execute(connection)?;
            diesel::insert_into(consent_wordings::table)
                .values((
                    consent_wordings::question_id.eq(question),
                    consent_wordings::version.eq(1),
                    consent_wordings::purpose.eq("campaign_news"),
                    consent_wordings::channels.eq(Json::of(&["email", "phone"])?),
                    consent_wordings::wordings.eq(Json::of(&serde_json::json!({ "en": "May we write to you?" }))?),
                    consent_wordings::created_at.eq(now),
                    consent_wordings::basis.eq("consent"),
                ))
                .execute(connection)?;
            Ok(())
        })
        .unwrap();
}

/// One more campaign of that organisation.
pub(crate) fn publish_campaign(store: &Store, id: CampaignId, slug: &'static str, after_uncertain: &'static str) {
    let fields = CampaignFields {
        slug: slug.to_owned(),
        title: "Fair care".to_owned(),
        nations: vec!["england".to_owned()],
        offices: vec!["mp".to_owned()],
        ..CampaignFields::default()
    };
    // Written over the JSON, so that a test may store a word that no campaign may have.
    let mut content = serde_json::to_value(CampaignContent::new(fields).unwrap()).unwrap();
    content["after_uncertain"] = after_uncertain.into();
    store
        .write_blocking(move |connection| {
            let (now, terms) = (At::new(at(0)), Json::of(&content)?);
            diesel::insert_into(campaigns::table)
                .values((
                    campaigns::id.eq(Id::from(id)),
                    campaigns::organisation_id.eq(Id::from(ORGANISATION)),
                    campaigns::slug.eq(slug),
                    campaigns::status.eq("live"),
                    campaigns::content.eq(terms),
                    campaigns::revision.eq(1_i64),
                    campaigns::created_at.eq(now),
                    campaigns::updated_at.eq(now),
                ))
                .execute(connection)?;
            Ok(())
        })
        .unwrap();
}

/// A submission to two representatives, with two answers.
pub(crate) fn record(email: &str, key: &str, seconds: i64) -> Record {
    record_to(email, key, seconds, &[1, 2])
}

/// A submission to these representatives.
pub(crate) fn record_to(email: &str, key: &str, seconds: i64, to: &[u128]) -> Record {
    let accepted = Accepted {
        action: action(email, seconds),
        consents: vec![consent(Channel::Email, Answer::Yes), consent(Channel::Phone, Answer::No)],
        objections: Vec::new(),
        elsewhere: Vec::new(),
        deliveries: to.iter().map(|number| delivery(*number, seconds)).collect(),
        skipped: Vec::new(),
    };
    let answer = serde_json::json!({ "id": accepted.action.id.to_string() });
    Record {
        accepted,
        supporter_id: SupporterId::new(fresh()),
        mail_id: MailId::new(fresh()),
        mailbox: email.to_lowercase().into_bytes(),
        client: None,
        idempotency: KeyClaim { scope: "submit".to_owned(), key: key.to_owned(), fingerprint: [7; 32] },
        challenge: None,
        answer,
    }
}

/// A submission that waits for its supporter's confirmation.
pub(crate) fn unconfirmed(email: &str, key: &str, seconds: i64) -> Record {
    held(record(email, key, seconds))
}

/// The same submission, to be confirmed first.
pub(crate) fn held(mut record: Record) -> Record {
    let action = &mut record.accepted.action;
    (action.status, action.confirmed_by) = (ActionStatus::AwaitingConfirmation, None);
    for delivery in &mut record.accepted.deliveries {
        (delivery.state, delivery.available_at) = (DeliveryState::Held, None);
    }
    record
}

/// A test: neither sent nor counted.
pub(crate) fn test_record(email: &str, key: &str, seconds: i64) -> Record {
    let mut record = record(email, key, seconds);
    record.accepted.action.test = true;
    for delivery in &mut record.accepted.deliveries {
        (delivery.state, delivery.available_at) = (DeliveryState::Cancelled, None);
    }
    record
}

fn action(email: &str, seconds: i64) -> NewAction {
    let email = EmailAddress::parse(email).unwrap();
    NewAction {
        id: ActionId::new(fresh()),
        organisation_id: ORGANISATION,
        partner_id: None,
        campaign_id: CAMPAIGN,
        supporter_key: email.key(),
        words: SupporterWords {
            name: PersonName::new(Some("Ms"), "Ada", "Sample").unwrap(),
            email,
            phone: None,
            address: PostalAddress::new("1 High Street", None, "Sampleton", "ZZ1 1AA").unwrap(),
            personal_message: None,
            may_be_quoted: false,
            locale: Locale::En,
        },
        areas: vec![area(AreaKind::WestminsterConstituency, "E14001172"), area(AreaKind::Icb, "E54000027")],
        area_choices: AreaChoices::from_iter([(AreaKind::Icb, "E54000027".parse().unwrap())]),
        nation: Nation::England,
        status: ActionStatus::Confirmed,
        confirmed_by: Some(ConfirmedBy::Waiver),
        source: Source::new(Some("newsletter"), None, None).unwrap(),
        origin: Origin::parse("https://www.example.org").ok(),
        test: false,
        locale: Locale::En,
        created_at: at(seconds),
    }
}

fn area(kind: AreaKind, code: &str) -> AreaKey {
    AreaKey { kind, code: code.parse().unwrap() }
}

fn consent(channel: Channel, answer: Answer) -> NewConsent {
    NewConsent {
        id: ConsentId::new(fresh()),
        question_id: QuestionId::new(QUESTION),
        version: 1,
        purpose: Purpose::parse("campaign_news").unwrap(),
        channel,
        answer,
        locale: Locale::En,
        privacy_notice_version: Some("2026-05".to_owned()),
    }
}

fn delivery(number: u128, seconds: i64) -> NewDelivery {
    NewDelivery {
        id: DeliveryId::new(fresh()),
        representative_id: representative(number),
        office: Office::Mp,
        area_code: "E14001172".parse::<AreaCode>().unwrap(),
        edition_id: EditionId::new(Uuid::from_u128(0xed)),
        state: DeliveryState::Queued,
        available_at: Some(at(seconds)),
    }
}

/// How long leases of tests last.
pub(crate) const LEASE: TimeDelta = TimeDelta::seconds(60);
