use super::*;
use crate::deliveries::{Begun, Start};
use crate::intake::{Intake, IntakeOptions, TallyListener};
use crate::samples::{CAMPAIGN, LEASE, ORGANISATION, at, fresh, publish, record_to, representative};
use crate::schema::{audit_entries, campaigns};
use crate::testing::each_backend;
use crate::{AuditFilter, PageRequest};
use postbag_domain::delivery::Caps;
use postbag_domain::{DeliveryId, LeaseToken};
use std::sync::Arc;

#[expect(clippy::needless_pass_by_value, reason = "tests read best with the closure itself")]
fn each_with_letters(test: impl AsyncFn(&Store)) {
    each_backend(|store| {
        publish(store, "retry");
        tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
            let quiet: TallyListener = Arc::new(|_| {});
            let intake = Intake::start(store, IntakeOptions::default(), &quiet).unwrap();
            for person in 0..4 {
                intake
                    .record(record_to(&format!("p{person}@example.org"), &format!("{person}"), 0, &[1, 2]))
                    .await
                    .unwrap();
            }
            intake.stop().await;
            test(store).await;
        });
    });
}

fn actor(seconds: i64) -> Actor {
    Actor { name: "ops".to_owned(), now: at(seconds), fresh }
}

/// Begins everything that is due; answers how many began and how many wait.
async fn begin_all(store: &Store, seconds: i64) -> (usize, usize) {
    store.wake_paced(Caps::default(), at(seconds)).await.unwrap();
    let token = LeaseToken::new(fresh());
    let claim = store.claim_deliveries(token, at(seconds), LEASE, 50).await.unwrap();
    let ids: Vec<DeliveryId> = claim.deliveries.iter().map(|delivery| delivery.id).collect();
    let starts = ids.iter().map(|id| Start::new(*id, Vec::new())).collect();
    let outcomes = store.begin_attempts(token, starts, at(seconds), at(seconds) + LEASE).await.unwrap().each;
    let began = outcomes.iter().filter(|outcome| matches!(outcome, Begun::Yes { .. })).count();
    let wait = outcomes.iter().filter(|outcome| matches!(outcome, Begun::Paced(_))).count();
    (began, wait)
}

#[test]
fn nothing_begins_after_a_stop_and_all_of_it_after_its_end() {
    for (stopped, begins) in [
        (Stopped::Everything, 0),
        (Stopped::Organisation(ORGANISATION), 0),
        (Stopped::Representative(representative(1)), 4),
        (Stopped::Organisation(OrganisationId::new(Uuid::from_u128(5))), 8),
    ] {
        each_with_letters(async |store| {
            let (stop, is_new) = store.stop_sending(stopped, "a wrong date".to_owned(), actor(1)).await.unwrap();
            assert!(is_new);
            let again = store.stop_sending(stopped, "twice".to_owned(), actor(1)).await.unwrap();
            assert_eq!(again, (stop.clone(), false));
            assert_eq!(store.stops().await.unwrap(), std::slice::from_ref(&stop));
            assert_eq!(begin_all(store, 2).await, (begins, 8 - begins));
            assert_eq!(begin_all(store, 30).await, (0, 0), "what is stopped is not due");
            assert!(store.resume_sending(Reach::All, stop.id, actor(40)).await.unwrap());
            assert!(!store.resume_sending(Reach::All, stop.id, actor(40)).await.unwrap());
            assert_eq!(begin_all(store, 40).await, (8 - begins, 0));
            assert_eq!(store.recount(None).await.unwrap(), []);
            let page = PageRequest { limit: 10, after: None };
            let audit = store.list_audit(Reach::All, AuditFilter::default(), page).await.unwrap().items;
            let done: Vec<_> = audit.iter().map(|entry| (entry.action, entry.subject_id)).collect();
            let subject = stopped.subject();
            assert_eq!(done, [(AuditAction::ResumeSending, subject), (AuditAction::StopSending, subject)]);
        });
    }
}

#[test]
fn letters_of_a_paused_campaign_wait_for_its_end_and_not_for_their_turn() {
    each_with_letters(async |store| {
        let set = |status: &'static str| {
            store
                .write_blocking(|connection| {
                    let row = campaigns::table.find(Id::from(CAMPAIGN));
                    Ok(diesel::update(row).set(campaigns::status.eq(status)).execute(connection)?)
                })
                .unwrap();
        };
        set("paused");
        assert_eq!(begin_all(store, 2).await, (0, 8));
        assert_eq!(begin_all(store, 8).await, (0, 0));
        set("closed");
        assert_eq!(begin_all(store, 8 + 60).await, (8, 0), "even if nobody said so");
    });
}

#[test]
fn an_organisation_lifts_its_own_stop_and_no_other() {
    each_with_letters(async |store| {
        let own = Reach::Organisation(ORGANISATION);
        let (everything, _) = store.stop_sending(Stopped::Everything, "all".to_owned(), actor(1)).await.unwrap();
        let stopped = Stopped::Organisation(ORGANISATION);
        let (mine, _) = store.stop_sending(stopped, "mine".to_owned(), actor(1)).await.unwrap();
        assert!(!store.resume_sending(own, everything.id, actor(2)).await.unwrap());
        assert!(store.resume_sending(own, mine.id, actor(2)).await.unwrap());
        let page = PageRequest { limit: 10, after: None };
        assert_eq!(store.list_audit(own, AuditFilter::default(), page).await.unwrap().items.len(), 2);
    });
}

#[test]
fn an_audit_entry_never_changes() {
    each_with_letters(async |store| {
        store.stop_sending(Stopped::Everything, "all".to_owned(), actor(1)).await.unwrap();
        let changed = store.write_blocking(|c| {
            Ok(diesel::update(audit_entries::table).set(audit_entries::actor.eq("x")).execute(c)?)
        });
        let gone = store.write_blocking(|c| Ok(diesel::delete(audit_entries::table).execute(c)?));
        assert!(changed.is_err() && gone.is_err());
    });
}
