//! The registry against the real columns, and the export of a person of whom everything is held.

use super::registry::{Column, HELD, Kind, OTHERS, Said};
use super::*;
use crate::intake::{Intake, IntakeOptions, TallyListener};
use crate::preferences::{NewPreferenceChange, RecordedAnswer};
use crate::samples::{CAMPAIGN, ORGANISATION, at, fresh, publish, record};
use crate::schema::tests::declared;
use crate::testing::{block_on, each_backend};
use crate::{Actor, AnyConnection, KeyClaim, NewRequest, NewReview, StoreError};
use diesel::connection::SimpleConnection;
use postbag_domain::{
    ActionId, Activity, Channel, ClientTag, ConsentId, EmailAddress, Locale, MailId, Means, ObjectionId,
    PersonalMessage, PreferenceChangeId, Purpose, RequestId, RequestKind, RequestWords, ReviewDecision, RightsRequest,
    Signal, StaffNote, Stance,
};
use serde_json::Value;
use std::sync::Arc;

pub(crate) const ADDRESS: &str = "ada@kanarien.example";
pub(crate) const MESSAGE: &str = "My brother waited eleven weeks in the Kanarienhaus.";
pub(crate) const NOTE: &str = "Ms Kanarienvogel rang.";

/// Fills what the sample submissions leave empty, so that every column has a value in some row.
const FILL: &str = "
    INSERT INTO invalidations (id, organisation_id, conditions, reason, state, looked_until, looked_until_id, created_by, created_at, updated_at)
        SELECT id, organisation_id, '{}', 'a trial', 'undone', created_at, id, 'ops', created_at, created_at FROM actions;
    INSERT INTO invalidated_actions (organisation_id, invalidation_id, action_id, standing, status_before)
        SELECT organisation_id, id, id, 'restored', 'confirmed' FROM actions;
    UPDATE actions SET medium = 'email', source_campaign = 'may', confirmed_at = created_at,
        unconfirmed_answers = '{\"objections\": [\"Kanarienvogel\"]}';
    UPDATE rights_requests SET status = 'paused', acknowledged_at = created_at, paused_at = created_at, pause_reason = 'identity';
    INSERT INTO rights_requests (id, organisation_id, supporter_id, kind, means, status, paused_seconds, closed_at, revision, created_at)
        SELECT id, organisation_id, supporter_id, 'erasure', 'link', 'done', 0, created_at, 1, created_at FROM actions;
    INSERT INTO digests (id, organisation_id, representative_id, every, state, attempts, created_at, updated_at)
        SELECT id, organisation_id, representative_id, 'day', 'queued', 0, created_at, created_at FROM deliveries;
    UPDATE deliveries SET held_for = 'vacancy', reply = '250 ok', repeat_of = id, digest_id = id;
    INSERT INTO delivery_attempts (delivery_id, number, campaign_id, started_at, ended_at, outcome, reply)
        SELECT id, 1, campaign_id, created_at, created_at, 'temporary_failure', '451 later' FROM deliveries;
    INSERT INTO mails (id, organisation_id, campaign_id, supporter_id, action_id, kind, mailbox, state, attempts, reply, sent_at,
        created_at, updated_at)
        SELECT id, organisation_id, campaign_id, supporter_id, action_id, 'receipt', (SELECT mailbox FROM mails LIMIT 1), 'accepted',
            1, '250 ok', created_at, created_at, created_at FROM deliveries;
    INSERT INTO bounces (id, organisation_id, campaign_id, delivery_id, mail_id, representative_id, kind, cause, lasts, reply, created_at)
        SELECT id, organisation_id, campaign_id, id, NULL, representative_id, 'failed', 'address', TRUE, '550 unknown', created_at
        FROM deliveries;
    INSERT INTO bounces (id, organisation_id, campaign_id, delivery_id, mail_id, representative_id, kind, cause, lasts, reply, created_at)
        SELECT action_id, organisation_id, campaign_id, NULL, id, NULL, 'failed', 'address', TRUE, '550 unknown', created_at
        FROM mails WHERE action_id IS NOT NULL LIMIT 1;
    INSERT INTO preference_changes (id, organisation_id, supporter_id, means, created_at, campaign_id, origin)
        SELECT id, organisation_id, supporter_id, 'form', created_at, campaign_id, origin FROM actions;
    INSERT INTO objections (id, organisation_id, campaign_id, supporter_id, action_id, activity, stance, version, locale, created_at, notice_id)
        SELECT id, organisation_id, campaign_id, supporter_id, id, 'profiling', 'objects', 1, 'en', created_at, id FROM actions;
";

/// Somebody of whom every column holds something.
pub(crate) fn full_person(store: &Store) -> SupporterId {
    publish(store, "retry");
    let mut submitted = record(ADDRESS, "ada kanarien 1", 0);
    submitted.accepted.action.partner_id = Some(ORGANISATION);
    submitted.client = Some(ClientTag::new([9; 16]));
    submitted.accepted.action.words.personal_message = PersonalMessage::parse(MESSAGE).ok();
    let ada = submitted.supporter_id;
    block_on(async {
        let quiet: TallyListener = Arc::new(|_rows| {});
        let intake = Intake::start(store, IntakeOptions::default(), &quiet).unwrap();
        intake.record(submitted).await.unwrap();
        intake.stop().await;
        let mailbox = |key: &str| key.as_bytes().to_vec();
        store.change_preferences(Reach::All, ada, change(), actor(), mailbox).await.unwrap();
    });
    block_on(store.record_request(request(), actor())).unwrap();
    let refused = ActionId::new(fresh());
    review(store, refused, ReviewDecision::Refuse);
    assert!(block_on(store.appeal(refused, MESSAGE.to_owned(), at(200), at(70))).unwrap());
    store.write_blocking(|connection| run(connection, FILL)).unwrap();
    ada
}

/// A submission of the same person that was held and decided on, with a note.
pub(crate) fn review(store: &Store, id: ActionId, decision: ReviewDecision) {
    let new = NewReview {
        id,
        organisation_id: ORGANISATION,
        campaign_id: CAMPAIGN,
        reasons: vec![Signal::Links],
        submission: MESSAGE.to_owned(),
        challenge: None,
        address: EmailAddress::parse(ADDRESS).unwrap(),
        created_at: at(0),
        due_at: at(100),
    };
    let claim = KeyClaim { scope: "actions".to_owned(), key: id.to_string(), fingerprint: [1; 32] };
    let note = StaffNote::parse(NOTE).ok();
    block_on(async {
        store.hold_submission(new, claim, Value::Null).await.unwrap();
        store.decide_reviews(Reach::All, vec![id], decision, note, actor()).await.unwrap();
    });
}

fn request() -> NewRequest {
    NewRequest {
        id: RequestId::new(fresh()),
        organisation_id: ORGANISATION,
        request: RightsRequest::new(RequestKind::Access, at(30)),
        means: Means::Post,
        contact: EmailAddress::parse(ADDRESS).unwrap(),
        words: RequestWords::parse(MESSAGE).ok(),
        note: StaffNote::parse(NOTE).ok(),
    }
}

pub(crate) fn actor() -> Actor {
    Actor { name: "crm".to_owned(), now: at(60), fresh }
}

pub(crate) fn run(connection: &mut AnyConnection, sql: &str) -> Result<(), StoreError> {
    match connection {
        AnyConnection::Sqlite(c) => Ok(c.batch_execute(sql)?),
        AnyConnection::Postgres(c) => Ok(c.batch_execute(sql)?),
    }
}

fn change() -> NewPreferenceChange {
    let news = Purpose::parse("campaign_news").unwrap();
    NewPreferenceChange {
        id: PreferenceChangeId::new(fresh()),
        means: Means::Telephone,
        note: StaffNote::parse(NOTE).ok(),
        answers: vec![(ConsentId::new(fresh()), RecordedAnswer::Withdrawn(news, Channel::Phone))],
        objections: vec![(ObjectionId::new(fresh()), Activity::WealthResearch, Stance::Objects)],
        receipt: (MailId::new(fresh()), Locale::En),
    }
}

pub(crate) fn held(store: &Store, supporter: SupporterId) -> HeldData {
    block_on(store.held_data(Reach::All, supporter)).unwrap().unwrap()
}

/// The values of a column in a person's rows, but for those that are nothing.
pub(crate) fn values(data: &HeldData, table: &str, column: &str) -> Vec<Value> {
    let rows = &data.tables.iter().find(|held| held.name == table).unwrap().rows;
    rows.iter().filter_map(|row| row.get(column)).filter(|value| !value.is_null()).cloned().collect()
}

/// Every column of the registry of one kind.
pub(crate) fn columns(said: impl Fn(Said) -> bool) -> Vec<(&'static str, &'static str)> {
    let of = |table: &'static super::registry::Table| table.columns.iter().map(|column| (table.name, column));
    HELD.iter()
        .flat_map(of)
        .filter(|(_, column)| said(column.said))
        .map(|(table, column)| (table, column.name))
        .collect()
}

const fn type_name(kind: Kind) -> &'static str {
    match kind {
        Kind::Uid => "uuid",
        Kind::Instant => "timestamptz",
        Kind::Doc => "jsonb",
        Kind::Text => "text",
        Kind::Integer => "int",
        Kind::Bool => "bool",
        Kind::Binary | Kind::Sealed => "bytea",
    }
}

#[test]
fn every_column_of_every_table_is_marked() {
    let declared = declared(true);
    let of = |name: &str, column: &Column| (name.to_owned(), column.name.to_owned());
    let mut marked: Vec<_> =
        HELD.iter().flat_map(|table| table.columns.iter().map(|column| of(table.name, column))).collect();
    marked.extend(
        OTHERS
            .iter()
            .flat_map(|(table, columns)| columns.iter().map(|column| ((*table).to_owned(), (*column).to_owned()))),
    );
    marked.sort();
    let real: Vec<_> = declared.iter().map(|(table, column, ..)| (table.clone(), column.clone())).collect();
    assert_eq!(marked, real, "mark a new column in personal_data/registry.rs");
    for table in HELD {
        for column in table.columns {
            let real = declared.iter().find(|(name, own, ..)| name == table.name && own == column.name).unwrap();
            assert!(real.2.starts_with(type_name(column.kind)), "{} {}: {}", table.name, column.name, real.2);
        }
    }
}

#[test]
fn the_export_of_a_full_person_has_every_column_that_says_something() {
    each_backend(|store| {
        let ada = full_person(store);
        let data = held(store, ada);
        for (table, column) in columns(|said| said != Said::Nothing) {
            assert!(!values(&data, table, column).is_empty(), "{table}.{column}");
        }
        assert_eq!(values(&data, "actions", "sealed_message"), [Value::from(MESSAGE)]);
        assert_eq!(values(&data, "supporters", "email_key"), [Value::from(ADDRESS)]);
        assert_eq!(values(&data, "actions", "created_at"), [Value::from("2026-11-22T12:00:00.000Z")]);
        assert_eq!(values(&data, "actions", "id"), [values(&data, "deliveries", "action_id")[0].clone()]);
        assert_eq!(values(&data, "actions", "is_test"), [Value::from(false)]);
        assert!(values(&data, "actions", "words")[0].to_string().contains("Sampleton"));
    });
}

#[test]
fn the_export_holds_one_person_and_is_for_their_organisation() {
    each_backend(|store| {
        let ada = full_person(store);
        let bob = record("bob@kanarien.example", "2", 1);
        let id = bob.supporter_id;
        block_on(async {
            let quiet: TallyListener = Arc::new(|_rows| {});
            let intake = Intake::start(store, IntakeOptions::default(), &quiet).unwrap();
            intake.record(bob).await.unwrap();
            intake.stop().await;
        });
        assert_eq!(values(&held(store, ada), "actions", "id").len(), 1);
        assert_eq!(values(&held(store, id), "idempotency_keys", "key"), [Value::from("2")]);
        let other = Reach::Organisation(postbag_domain::OrganisationId::new(fresh()));
        assert_eq!(block_on(store.held_data(other, ada)).unwrap(), None);
    });
}
