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

fn sending(stopped: Stopped, note: &str) -> NewStop {
    NewStop { stopped, work: Some(StoppedWork::Sending), notice: None, note: note.to_owned() }
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
        (Stopped::Campaign(CAMPAIGN), 0),
        (Stopped::Organisation(ORGANISATION), 0),
        (Stopped::Representative(representative(1)), 4),
        (Stopped::Organisation(OrganisationId::new(Uuid::from_u128(5))), 8),
        (Stopped::Campaign(postbag_domain::CampaignId::new(Uuid::from_u128(5))), 8),
    ] {
        each_with_letters(async |store| {
            let (stop, is_new) =
                store.stop(Reach::All, sending(stopped.clone(), "a wrong date"), actor(1)).await.unwrap().unwrap();
            assert!(is_new);
            let again = store.stop(Reach::All, sending(stopped.clone(), "twice"), actor(1)).await.unwrap();
            assert_eq!(again, Some((stop.clone(), false)));
            assert_eq!(store.stops().await.unwrap(), std::slice::from_ref(&stop));
            assert_eq!(begin_all(store, 2).await, (begins, 8 - begins));
            assert_eq!(begin_all(store, 30).await, (0, 0), "what is stopped is not due");
            assert!(store.resume(Reach::All, stop.id, actor(40)).await.unwrap());
            assert!(!store.resume(Reach::All, stop.id, actor(40)).await.unwrap());
            assert_eq!(begin_all(store, 40).await, (8 - begins, 0));
            assert_eq!(store.recount(None).await.unwrap(), []);
            let page = PageRequest { limit: 10, after: None };
            let audit = store.list_audit(Reach::All, AuditFilter::default(), page).await.unwrap().items;
            let done: Vec<_> = audit.iter().map(|entry| (entry.action, entry.subject_id)).collect();
            let subject = stopped.subject().unwrap();
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
        let (everything, _) =
            store.stop(Reach::All, sending(Stopped::Everything, "all"), actor(1)).await.unwrap().unwrap();
        let mine = || sending(Stopped::Organisation(ORGANISATION), "mine");
        let (stop, _) = store.stop(own, mine(), actor(1)).await.unwrap().unwrap();
        assert!(!store.resume(own, everything.id, actor(2)).await.unwrap());
        assert!(store.resume(own, stop.id, actor(2)).await.unwrap());
        let (operators, _) = store.stop(Reach::All, mine(), actor(3)).await.unwrap().unwrap();
        let weaker = NewStop { work: Some(StoppedWork::Submissions), ..mine() };
        assert_eq!(store.stop(own, weaker, actor(4)).await.unwrap(), None, "the operator's stays as it is");
        assert!(!store.resume(own, operators.id, actor(4)).await.unwrap());
        assert!(store.resume(Reach::All, operators.id, actor(5)).await.unwrap());
        let page = PageRequest { limit: 10, after: None };
        assert_eq!(store.list_audit(own, AuditFilter::default(), page).await.unwrap().items.len(), 4);
    });
}

#[test]
fn a_stop_may_change_to_submissions_and_lets_go_what_it_held_back() {
    each_with_letters(async |store| {
        let both = NewStop { work: Some(StoppedWork::Both), ..sending(Stopped::Everything, "all") };
        let (stop, _) = store.stop(Reach::All, both.clone(), actor(1)).await.unwrap().unwrap();
        assert_eq!(begin_all(store, 2).await, (0, 8));
        let notice = Wordings::new([(postbag_domain::Locale::En, "Back on Monday.".to_owned())].into()).ok();
        let submissions = NewStop { work: Some(StoppedWork::Submissions), notice: notice.clone(), ..both };
        let (changed, is_new) = store.stop(Reach::All, submissions, actor(3)).await.unwrap().unwrap();
        assert_eq!((changed.id, changed.notice, is_new), (stop.id, notice, false));
        assert_eq!(begin_all(store, 4).await, (8, 0));
        let loaded = store.load_stops().await.unwrap();
        assert_eq!(loaded.revision, store.revisions().await.unwrap().stops);
        let page = PageRequest { limit: 10, after: None };
        let audit = store.list_audit(Reach::All, AuditFilter::default(), page).await.unwrap().items;
        let mut done: Vec<_> = audit.iter().map(|entry| entry.action.as_str()).collect();
        done.sort_unstable();
        assert_eq!(
            done,
            ["resume_sending", "resume_submissions", "stop_sending", "stop_submissions", "stop_submissions"]
        );
    });
}

#[test]
fn a_domain_is_stopped_once_and_lifted_by_the_operator_alone() {
    each_with_letters(async |store| {
        let stopped = Stopped::Domain(DomainName::parse("bots.example").unwrap());
        let new = NewStop { work: Some(StoppedWork::Submissions), ..sending(stopped, "a script") };
        let (stop, _) = store.stop(Reach::All, new.clone(), actor(1)).await.unwrap().unwrap();
        assert_eq!(store.stop(Reach::All, new, actor(2)).await.unwrap(), Some((stop.clone(), false)));
        assert_eq!(begin_all(store, 2).await, (8, 0), "nothing that was submitted waits for it");
        assert!(!store.resume(Reach::Organisation(ORGANISATION), stop.id, actor(3)).await.unwrap());
        assert!(store.resume(Reach::All, stop.id, actor(3)).await.unwrap());
    });
}

#[test]
fn an_audit_entry_never_changes() {
    each_with_letters(async |store| {
        store.stop(Reach::All, sending(Stopped::Everything, "all"), actor(1)).await.unwrap();
        let changed = store.write_blocking(|c| {
            Ok(diesel::update(audit_entries::table).set(audit_entries::actor.eq("x")).execute(c)?)
        });
        let gone = store.write_blocking(|c| Ok(diesel::delete(audit_entries::table).execute(c)?));
        assert!(changed.is_err() && gone.is_err());
    });
}
