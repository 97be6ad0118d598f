use super::*;
use crate::personal_data::tests::{ADDRESS, MESSAGE, full_person, held, run, values};
use crate::samples::{ORGANISATION, at, fresh};
use crate::testing::{block_on, each_backend};
use chrono::TimeDelta;
use serde_json::Value;

const DAY: i64 = 86_400;

fn cutoffs(seconds: i64) -> Cutoffs {
    RetentionRules::default().cutoffs(at(seconds))
}

fn due(store: &Store, seconds: i64) -> RetentionDue {
    block_on(store.retention_due(ORGANISATION, cutoffs(seconds))).unwrap()
}

fn set(store: &Store, sql: &str) {
    store.write_blocking(|connection| run(connection, sql)).unwrap();
}

/// Somebody with one letter that was taken a minute after noon, and nothing else.
fn person(store: &Store) -> SupporterId {
    let ada = full_person(store);
    set(
        store,
        "UPDATE deliveries SET state = 'accepted', updated_at = (SELECT max(created_at) FROM preference_changes)",
    );
    set(
        store,
        "UPDATE rights_requests SET status = 'done', paused_at = NULL, pause_reason = NULL, closed_at = created_at",
    );
    ada
}

#[test]
fn a_message_goes_28_days_after_its_last_letter_and_no_second_sooner() {
    each_backend(|store| {
        let ada = person(store);
        let last = 60 + 28 * DAY;
        assert_eq!((due(store, last - 1).messages, due(store, last).messages), (0, 1));
        let delete = |seconds| block_on(store.delete_due_messages(ORGANISATION, cutoffs(seconds), 10)).unwrap();
        assert_eq!(delete(last - 1), 0);
        assert_eq!(values(&held(store, ada), "actions", "sealed_message"), [Value::from(MESSAGE)]);
        assert_eq!((delete(last), delete(last)), (1, 0));
        assert_eq!(values(&held(store, ada), "actions", "sealed_message"), [Value::from("")]);
    });
}

#[test]
fn the_message_of_a_letter_that_failed_stays_84_days_and_of_one_that_waits_for_as_long_as_it_waits() {
    each_backend(|store| {
        person(store);
        set(store, "UPDATE deliveries SET state = 'permanent_failure'");
        let last = 60 + 84 * DAY;
        assert_eq!((due(store, last - 1).messages, due(store, last).messages), (0, 1));
        set(store, "UPDATE deliveries SET state = 'held'");
        assert_eq!(due(store, 700 * DAY).messages, 0);
    });
}

#[test]
fn people_go_two_years_after_their_last_change_unless_they_wait_for_an_answer() {
    each_backend(|store| {
        let ada = person(store);
        let last = 60 + 730 * DAY;
        assert_eq!((due(store, last - 1).identities, due(store, last).identities), (0, 1));
        set(store, "UPDATE rights_requests SET status = 'open', closed_at = NULL");
        assert_eq!(due(store, last).identities, 0);
        set(store, "UPDATE rights_requests SET status = 'done', closed_at = created_at");
        let erase = |seconds| {
            let actor = Actor { name: String::new(), now: at(seconds), fresh };
            let hash = |address: &EmailAddress| ("1".to_owned(), address.key().into_bytes());
            block_on(store.erase_due_people(ORGANISATION, cutoffs(seconds), (10, actor), hash)).unwrap()
        };
        assert_eq!(erase(last - 1).len(), 0);
        assert_eq!((erase(last).len(), erase(last).len()), (1, 0));
        assert!(values(&held(store, ada), "supporters", "email_key")[0].as_str().unwrap().starts_with("forgotten"));
    });
}

#[test]
fn who_objects_to_direct_marketing_stays_suppressed() {
    each_backend(|store| {
        person(store);
        let sql = "INSERT INTO objections (id, organisation_id, campaign_id, supporter_id, action_id, activity, stance, version, locale, \
                   created_at) SELECT campaign_id, organisation_id, campaign_id, supporter_id, id, 'direct_marketing', 'objects', 1, 'en', \
                   created_at FROM actions";
        set(store, sql);
        let actor = Actor { name: String::new(), now: at(800 * DAY), fresh };
        let hash = |address: &EmailAddress| ("1".to_owned(), address.key().into_bytes());
        block_on(store.erase_due_people(ORGANISATION, cutoffs(800 * DAY), (10, actor), hash)).unwrap();
        let is_suppressed = store
            .read_blocking(|connection| {
                crate::suppressions::any(connection, ORGANISATION.into(), &[ADDRESS.as_bytes().to_vec()])
            })
            .unwrap();
        assert!(is_suppressed);
    });
}

#[test]
fn a_letter_whose_message_was_deleted_never_leaves_without_it() {
    each_backend(|store| {
        let ada = person(store);
        block_on(store.delete_due_messages(ORGANISATION, cutoffs(100 * DAY), 10)).unwrap();
        set(
            store,
            "UPDATE deliveries SET state = 'queued', held_for = NULL, repeat_of = NULL, digest_id = NULL, \
                    available_at = created_at",
        );
        let token = postbag_domain::LeaseToken::new(fresh());
        let claim = block_on(store.claim_deliveries(token, at(101 * DAY), TimeDelta::seconds(60), 10)).unwrap();
        assert!(claim.deliveries.is_empty());
        let states = values(&held(store, ada), "deliveries", "state");
        assert!(states.iter().all(|state| state == "technical_failure"), "{states:?}");
        let id = values(&held(store, ada), "deliveries", "id")[0].as_str().unwrap().parse().unwrap();
        assert!(block_on(store.delivery(Reach::All, id)).unwrap().is_none(), "nobody reads it without its message");
    });
}

#[test]
fn a_client_goes_after_as_many_days_as_its_organisation_keeps_it() {
    each_backend(|store| {
        let ada = person(store);
        let forget = |seconds| block_on(store.forget_clients(ORGANISATION, cutoffs(seconds), 10)).unwrap();
        assert_eq!(forget(30 * DAY - 1), 0);
        let kept = || values(&held(store, ada), "actions", "client").len();
        assert_eq!(kept(), 1);
        assert_eq!((forget(30 * DAY), forget(30 * DAY)), (1, 0));
        assert_eq!(kept(), 0);
    });
}
