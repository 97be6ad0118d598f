use super::*;
use crate::intake::{Intake, IntakeOptions, TallyListener};
use crate::samples::{CAMPAIGN, LEASE, ORGANISATION, at, fresh, publish, record, unconfirmed};
use crate::testing::each_backend;
use crate::{
    Actor, DeliveryFilter, MailBegun, MailSettlement, MailStart, MailSubject, NewPreferenceChange, PageRequest, Reach,
    Record,
};
use postbag_domain::delivery::Jitter;
use postbag_domain::{
    Activity, DeliveryEvent, DeliveryState, LeaseToken, Locale, MailId, Means, ObjectionId, PreferenceChangeId, Stance,
    TallyKey, TallyKind,
};
use std::sync::Arc;
use uuid::Uuid;

fn token() -> LeaseToken {
    LeaseToken::new(Uuid::from_u128(7))
}

#[expect(clippy::needless_pass_by_value, reason = "tests read best with the closure itself")]
fn each_published(test: impl AsyncFn(&Store)) {
    each_backend(|store| {
        publish(store, "retry");
        tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(test(store));
    });
}

async fn submit(store: &Store, record: Record) -> ActionId {
    let quiet: TallyListener = Arc::new(|_| {});
    let intake = Intake::start(store, IntakeOptions::default(), &quiet).unwrap();
    let id = record.accepted.action.id;
    intake.record(record).await.unwrap();
    intake.stop().await;
    id
}

async fn count(store: &Store, key: TallyKey) -> i64 {
    let rows = store.load_tallies(CAMPAIGN, 0).await.unwrap();
    rows.into_iter().find(|row| row.key == key).map_or(0, |row| row.count)
}

async fn counts(store: &Store) -> [i64; 4] {
    let total = |kind| count(store, TallyKey::total(kind));
    [
        total(TallyKind::AwaitingConfirmation).await,
        total(TallyKind::Actions).await,
        total(TallyKind::Supporters).await,
        count(store, TallyKey::message(DeliveryState::Queued)).await,
    ]
}

async fn states(store: &Store, action: ActionId) -> Vec<(DeliveryState, bool)> {
    let filter = DeliveryFilter { action_id: Some(action), ..DeliveryFilter::default() };
    let page = PageRequest { limit: 50, after: None };
    let found = store.list_deliveries(Reach::All, filter, page).await.unwrap();
    found.items.iter().map(|message| (message.state, message.repeat_of.is_some())).collect()
}

async fn confirm(store: &Store, action: ActionId, seconds: i64) -> Confirmation {
    store.confirm_action(action, ConfirmedBy::Link, at(seconds)).await.unwrap().0
}

/// Sends every mail that is due; answers of which actions they were.
async fn send_mails(store: &Store, seconds: i64) -> Vec<ActionId> {
    let now = at(seconds);
    let claim = store.claim_mails(token(), now, LEASE, 50, fresh).await.unwrap();
    let mut sent = Vec::new();
    for mail in claim.mails {
        let start = MailStart { id: mail.id, hashes: Vec::new(), pace: None, jitter: Jitter::default() };
        let begun = store.settle_and_begin_mail(token(), None, Some(start), now, now + LEASE).await.unwrap();
        if begun == MailBegun::Yes {
            let reminder_id = MailId::new(fresh());
            let settlement =
                MailSettlement { id: mail.id, event: DeliveryEvent::Accept, reply: "250".to_owned(), reminder_id };
            store.settle_and_begin_mail(token(), Some(settlement), None, now, now).await.unwrap();
            let MailSubject::Action(action) = &mail.subject else { panic!("{mail:?}") };
            sent.push(action.action_id);
        }
    }
    sent
}

#[test]
fn nothing_is_queued_counted_or_recorded_before_the_confirmation_and_all_of_it_with_it() {
    each_published(async |store| {
        let action = submit(store, unconfirmed("ada@example.org", "1", 0)).await;
        assert_eq!(counts(store).await, [1, 0, 0, 0]);
        assert_eq!(states(store, action).await, [(DeliveryState::Held, false); 2]);
        assert_eq!(store.claim_deliveries(token(), at(5), LEASE, 50).await.unwrap().touched, 0);

        assert_eq!(confirm(store, action, 10).await, Confirmation::Done);
        assert_eq!(counts(store).await, [0, 1, 1, 2]);
        assert_eq!(states(store, action).await, [(DeliveryState::Queued, false); 2]);
        let page = PageRequest { limit: 50, after: None };
        let stored = store.list_actions(Reach::All, crate::ActionFilter::default(), page).await.unwrap();
        assert_eq!(stored.items[0].consents.len(), 2);
        assert_eq!(stored.items[0].confirmed, Some((at(10), ConfirmedBy::Link)));

        assert_eq!(confirm(store, action, 20).await, Confirmation::Before);
        assert_eq!(counts(store).await, [0, 1, 1, 2]);
        assert_eq!(store.recount(None).await.unwrap(), []);
    });
}

#[test]
fn of_two_submissions_in_one_name_the_one_that_is_confirmed_is_sent() {
    each_published(async |store| {
        let junk = submit(store, unconfirmed("ada@example.org", "1", 0)).await;
        let own = submit(store, unconfirmed("ada@example.org", "2", 1)).await;
        assert_eq!(confirm(store, own, 10).await, Confirmation::Done);
        assert_eq!(states(store, own).await, [(DeliveryState::Queued, false); 2]);
        assert_eq!(states(store, junk).await, [(DeliveryState::Held, false); 2]);
        assert_eq!(confirm(store, junk, 20).await, Confirmation::Done);
        assert_eq!(states(store, junk).await, [(DeliveryState::Queued, true); 2]);
        assert_eq!(counts(store).await, [0, 2, 1, 2]);
        assert_eq!(store.recount(None).await.unwrap(), []);
    });
}

#[test]
fn an_objection_is_not_forgotten_with_a_form_that_nobody_confirmed() {
    each_published(async |store| {
        let submitted = unconfirmed("ada@example.org", "1", 0);
        let ada = submitted.supporter_id;
        submit(store, submitted).await;
        let change = NewPreferenceChange {
            id: PreferenceChangeId::new(fresh()),
            means: Means::Link,
            note: None,
            answers: Vec::new(),
            objections: vec![(ObjectionId::new(fresh()), Activity::DirectMarketing, Stance::Objects)],
            receipt: (MailId::new(fresh()), Locale::En),
        };
        let actor = Actor { name: String::new(), now: at(10), fresh };
        assert!(store.change_preferences(Reach::All, ada, change, actor, |_key| vec![1]).await.unwrap());
        assert_eq!(store.expire_unconfirmed(at(7 * 86_400), 50).await.unwrap().0, 1);
        let known = store.supporter_by_email(ORGANISATION, "ada@example.org".to_owned()).await.unwrap();
        assert_eq!(known, Some(ada));
    });
}

#[test]
fn an_action_that_is_not_confirmed_in_time_leaves_nothing_personal() {
    each_published(async |store| {
        let (week, known) = (7 * 86_400, submit(store, record("bo@example.org", "0", 0)).await);
        let action = submit(store, unconfirmed("ada@example.org", "1", 0)).await;
        let of_bo = submit(store, unconfirmed("bo@example.org", "2", 0)).await;
        assert_eq!(store.expire_unconfirmed(at(week - 1), 50).await.unwrap().0, 0);
        assert_eq!(confirm(store, action, week).await, Confirmation::Expired);
        assert_eq!(store.expire_unconfirmed(at(week), 50).await.unwrap().0, 2);
        assert_eq!(confirm(store, action, week + 1).await, Confirmation::Expired);
        for action in [action, of_bo] {
            assert_eq!(states(store, action).await, [(DeliveryState::Cancelled, false); 2]);
            let left = store.confirmable_action(action).await.unwrap().unwrap();
            assert_eq!((left.status, left.words), (ActionStatus::Expired, None));
        }
        assert!(store.confirmable_action(known).await.unwrap().unwrap().words.is_some());
        assert_eq!(counts(store).await[..3], [0, 1, 1]);
        assert_eq!(store.recount(None).await.unwrap(), []);
        assert!(send_mails(store, week + 2).await.is_empty());
        // The address may act again as a person that nobody knows.
        let again = submit(store, unconfirmed("ada@example.org", "3", week + 5)).await;
        assert_eq!(confirm(store, again, week + 6).await, Confirmation::Done);
    });
}

#[test]
fn a_person_gets_one_mail_a_day_for_a_campaign_and_one_reminder() {
    each_published(async |store| {
        let first = submit(store, unconfirmed("ada@example.org", "1", 0)).await;
        submit(store, unconfirmed("ada@example.org", "2", 1)).await;
        let day = 86_400;
        assert_eq!(send_mails(store, 2).await, [first]);
        submit(store, unconfirmed("ada@example.org", "3", 3)).await;
        assert!(send_mails(store, 4).await.is_empty());
        assert!(send_mails(store, day + 1).await.is_empty());
        assert_eq!(send_mails(store, day + 2).await, [first], "the reminder");
        assert!(send_mails(store, 6 * day).await.is_empty());
    });
}

#[test]
fn a_confirmed_person_is_not_reminded() {
    each_published(async |store| {
        let action = submit(store, unconfirmed("ada@example.org", "1", 0)).await;
        assert_eq!(send_mails(store, 2).await, [action]);
        confirm(store, action, 10).await;
        assert!(send_mails(store, 86_400 + 10).await.is_empty());
    });
}

#[test]
fn who_acts_again_after_a_confirmation_is_mailed_again_a_day_later() {
    each_published(async |store| {
        let first = submit(store, unconfirmed("ada@example.org", "1", 0)).await;
        assert_eq!(send_mails(store, 2).await, [first]);
        confirm(store, first, 10).await;
        let second = submit(store, unconfirmed("ada@example.org", "2", 20)).await;
        assert!(send_mails(store, 30).await.is_empty());
        assert_eq!(send_mails(store, 86_400 + 2).await, [second]);
    });
}

#[test]
fn a_mail_that_waits_for_an_action_that_expires_asks_for_the_next_one() {
    each_published(async |store| {
        let (day, week) = (86_400, 7 * 86_400);
        submit(store, unconfirmed("ada@example.org", "1", 0)).await;
        // No relay takes its mail for a week.
        let second = submit(store, unconfirmed("ada@example.org", "2", 6 * day)).await;
        store.expire_unconfirmed(at(week), 50).await.unwrap();
        assert_eq!(send_mails(store, week + 1).await, [second]);
    });
}

#[test]
fn a_mail_whose_worker_was_lost_is_not_sent_again_and_its_reminder_follows() {
    each_published(async |store| {
        let action = submit(store, unconfirmed("ada@example.org", "1", 0)).await;
        let mail = store.claim_mails(token(), at(1), LEASE, 50, fresh).await.unwrap().mails.remove(0);
        let start = MailStart { id: mail.id, hashes: Vec::new(), pace: None, jitter: Jitter::default() };
        let begun = store.settle_and_begin_mail(token(), None, Some(start), at(1), at(61)).await.unwrap();
        assert_eq!(begun, MailBegun::Yes);
        assert!(send_mails(store, 100).await.is_empty());
        assert_eq!(send_mails(store, 86_400 + 100).await, [action]);
    });
}
