//! Leases and attempts as a worker sees them, on both databases.

use super::*;
use crate::actions::ActionFilter;
use crate::intake::{Intake, IntakeOptions, Record, TallyListener};
use crate::samples::{CAMPAIGN, LEASE, ORGANISATION, at, fresh, publish, record, record_to, representative};
use crate::schema::{actions, delivery_attempts};
use crate::testing::{block_on, each_backend};
use crate::types::Json;
use diesel::prelude::*;
use postbag_domain::delivery::BOUNCE_PERIOD;
use postbag_domain::{ActionId, AreaKind, DeliveryEvent, DeliveryState, OrganisationId};
use std::sync::Arc;

fn submit(store: &Store, records: Vec<Record>) {
    let quiet: TallyListener = Arc::new(|_| {});
    let intake = Intake::start(store, IntakeOptions::default(), &quiet).unwrap();
    for record in records {
        block_on(intake.record(record)).unwrap();
    }
}

/// One message, to one representative, submitted at second 0.
fn one_message(store: &Store, after_uncertain: &'static str) {
    publish(store, after_uncertain);
    submit(store, vec![record_to("ada@example.org", "k", 0, &[1])]);
}

fn token() -> LeaseToken {
    LeaseToken::new(fresh())
}

fn claim(store: &Store, token: LeaseToken, seconds: i64) -> Vec<ClaimedDelivery> {
    block_on(store.claim_deliveries(token, at(seconds), LEASE, 100)).unwrap().deliveries
}

fn begin(store: &Store, token: LeaseToken, id: DeliveryId, seconds: i64) -> Begun {
    let starts = vec![Start::new(id, Vec::new())];
    block_on(store.begin_attempts(token, starts, at(seconds), at(seconds) + LEASE)).unwrap().each.remove(0)
}

fn settle(store: &Store, token: LeaseToken, id: DeliveryId, event: DeliveryEvent, seconds: i64) -> Option<Settled> {
    let settlement = Settlement { reply: Some("250 ok".to_owned()), ..Settlement::new(id, event) };
    block_on(store.settle_deliveries(token, vec![settlement], at(seconds))).unwrap().each[0]
}

fn everything(store: &Store) -> Vec<DeliverySummary> {
    let page = PageRequest { limit: 100, after: None };
    block_on(store.list_deliveries(Reach::All, DeliveryFilter::default(), page)).unwrap().items
}

fn states(store: &Store) -> Vec<DeliveryState> {
    everything(store).into_iter().map(|delivery| delivery.state).collect()
}

fn outcomes(store: &Store) -> Vec<Option<String>> {
    let query = delivery_attempts::table.order(delivery_attempts::number).select(delivery_attempts::outcome);
    store.read_blocking(|c| Ok(query.load(c)?)).unwrap()
}

fn assert_exact(store: &Store) {
    assert_eq!(block_on(store.recount(None)).unwrap(), []);
}

#[test]
fn a_claim_brings_all_that_a_letter_is_made_of() {
    each_backend(|store| {
        publish(store, "retry");
        let submitted = record("ada@example.org", "k", 0);
        let (id, words) = (submitted.accepted.action.id, submitted.accepted.action.words.clone());
        submit(store, vec![submitted]);
        let claimed = claim(store, token(), 1);
        assert_eq!(claimed.len(), 2);
        let first = &claimed[0];
        assert_eq!((first.action_id, &first.words), (id, &words));
        assert_eq!((first.representative_id, first.campaign_slug.as_str()), (representative(1), "fair-care"));
        assert_eq!((first.created_at, first.attempts, first.state), (at(0), 0, DeliveryState::Queued));
        assert_eq!((first.areas.len(), first.area.code.as_str()), (2, "E14001172"));
        let chosen: Vec<_> = first.area_choices.iter().map(|(kind, code)| (kind, code.to_string())).collect();
        assert_eq!(chosen, [(AreaKind::Icb, "E54000027".to_owned())]);
    });
}

#[test]
fn what_is_claimed_is_not_claimed_again_before_its_lease_ends() {
    each_backend(|store| {
        one_message(store, "retry");
        assert!(claim(store, token(), -1).is_empty(), "it is not due yet");
        assert_eq!(claim(store, token(), 0).len(), 1);
        assert!(claim(store, token(), 59).is_empty());
        assert_eq!(claim(store, token(), 60).len(), 1);
    });
}

#[test]
fn claims_at_once_share_the_queue_and_no_message_goes_to_two() {
    each_backend(|store| {
        publish(store, "retry");
        submit(store, (0..60).map(|n| record(&format!("p{n}@example.org"), &format!("k{n}"), 0)).collect());
        let worker = || {
            let store = store.clone();
            std::thread::spawn(move || {
                let mut ids = Vec::new();
                loop {
                    let claim = block_on(store.claim_deliveries(token(), at(1), LEASE, 7)).unwrap();
                    if claim.touched == 0 {
                        return ids;
                    }
                    ids.extend(claim.deliveries.into_iter().map(|delivery| delivery.id));
                }
            })
        };
        let workers: Vec<_> = (0..4).map(|_| worker()).collect();
        let mut ids: Vec<DeliveryId> = workers.into_iter().flat_map(|worker| worker.join().unwrap()).collect();
        assert_eq!(ids.len(), 120);
        ids.sort_unstable();
        ids.dedup();
        assert_eq!(ids.len(), 120);
    });
}

#[test]
fn an_accepted_message_is_assumed_delivered_after_the_time_for_bounces() {
    each_backend(|store| {
        one_message(store, "retry");
        let token = token();
        let id = claim(store, token, 0)[0].id;
        assert_eq!(begin(store, token, id, 0), Begun::Yes { attempt: 1 });
        assert_eq!(states(store), [DeliveryState::Sending]);
        let settled = settle(store, token, id, DeliveryEvent::Accept, 1).unwrap();
        assert_eq!(settled, Settled { state: DeliveryState::Accepted, available_at: Some(at(1) + BOUNCE_PERIOD) });
        assert_eq!(outcomes(store), [Some("accepted".to_owned())]);
        assert_eq!(everything(store)[0].reply.as_deref(), Some("250 ok"));
        assert_exact(store);
        let two_days = 2 * 24 * 3600;
        assert!(claim(store, self::token(), two_days).is_empty());
        assert_eq!(states(store), [DeliveryState::Accepted]);
        assert!(claim(store, self::token(), two_days + 1).is_empty());
        assert_eq!(states(store), [DeliveryState::AssumedDelivered]);
        assert_exact(store);
    });
}

#[test]
fn the_settlement_of_a_worker_that_lost_its_lease_is_refused() {
    each_backend(|store| {
        one_message(store, "retry");
        let (slow, quick) = (token(), token());
        let id = claim(store, slow, 0)[0].id;
        begin(store, slow, id, 0);
        let again = claim(store, quick, 61);
        assert_eq!((again[0].id, again[0].state), (id, DeliveryState::Uncertain));
        assert_eq!(settle(store, slow, id, DeliveryEvent::Accept, 62), None);
        assert_eq!(begin(store, slow, id, 62), Begun::Stale);
        assert_eq!(begin(store, quick, id, 62), Begun::Yes { attempt: 2 });
        assert_eq!(settle(store, slow, id, DeliveryEvent::Accept, 63), None);
        assert!(settle(store, quick, id, DeliveryEvent::Accept, 63).is_some());
        assert_eq!(outcomes(store), [Some("uncertain".to_owned()), Some("accepted".to_owned())]);
        assert_exact(store);
    });
}

#[test]
fn a_message_lost_while_sending_is_held_where_the_campaign_wants_that() {
    each_backend(|store| {
        one_message(store, "hold");
        let token = token();
        let id = claim(store, token, 0)[0].id;
        begin(store, token, id, 0);
        assert!(claim(store, self::token(), 61).is_empty());
        assert_eq!(states(store), [DeliveryState::Uncertain]);
        assert_eq!(everything(store)[0].available_at, None);
        assert!(claim(store, self::token(), 9_999_999).is_empty());
        assert_exact(store);
    });
}

#[test]
fn a_campaign_that_cannot_be_read_holds_its_lost_messages_and_stops_nobody_else() {
    each_backend(|store| {
        one_message(store, "unheard of");
        let token = token();
        let id = claim(store, token, 0)[0].id;
        begin(store, token, id, 0);
        submit(store, vec![record_to("bob@example.org", "k2", 1, &[1])]);
        assert_eq!(claim(store, self::token(), 61).len(), 1);
        assert_eq!(everything(store).iter().filter(|row| row.state == DeliveryState::Uncertain).count(), 1);
    });
}

#[test]
fn a_lost_connection_is_tried_again_later_or_held() {
    for (policy, due) in [("retry", Some(at(5 + 60))), ("hold", None)] {
        each_backend(|store| {
            one_message(store, policy);
            let token = token();
            let id = claim(store, token, 0)[0].id;
            begin(store, token, id, 0);
            let settled = settle(store, token, id, DeliveryEvent::LoseContact, 5);
            assert_eq!(settled, Some(Settled { state: DeliveryState::Uncertain, available_at: due }));
            assert_exact(store);
        });
    }
}

#[test]
fn a_message_in_doubt_three_times_waits_for_a_person() {
    each_backend(|store| {
        one_message(store, "retry");
        let mut due = Some(at(0));
        for attempt in 1..=3 {
            let seconds = (due.unwrap() - at(0)).num_seconds();
            let token = token();
            let id = claim(store, token, seconds)[0].id;
            begin(store, token, id, seconds);
            let settled = settle(store, token, id, DeliveryEvent::LoseContact, seconds).unwrap();
            assert_eq!(settled.state, DeliveryState::Uncertain);
            due = settled.available_at;
            assert_eq!(due.is_some(), attempt < 3, "attempt {attempt}");
        }
        assert!(claim(store, token(), 999_999).is_empty());
        assert_exact(store);
    });
}

#[test]
fn a_message_refused_for_now_is_tried_for_seven_days_and_then_given_up() {
    each_backend(|store| {
        one_message(store, "retry");
        let (mut seconds, mut attempts) = (0, 0);
        let last = loop {
            let token = token();
            let claimed = claim(store, token, seconds);
            begin(store, token, claimed[0].id, seconds);
            attempts += 1;
            let settled = settle(store, token, claimed[0].id, DeliveryEvent::RefuseForNow, seconds).unwrap();
            match settled.available_at {
                Some(due) => seconds = (due - at(0)).num_seconds(),
                None => break settled,
            }
        };
        assert_eq!((last.state, attempts), (DeliveryState::PermanentFailure, 47));
        assert!(seconds <= 7 * 24 * 3600);
        assert_exact(store);
    });
}

#[test]
fn a_person_suppressed_between_claim_and_sending_gets_no_mail() {
    each_backend(|store| {
        one_message(store, "retry");
        let token = token();
        let id = claim(store, token, 0)[0].id;
        block_on(store.suppress(ORGANISATION, "1".to_owned(), vec![1, 2, 3], at(0))).unwrap();
        block_on(store.suppress(ORGANISATION, "1".to_owned(), vec![1, 2, 3], at(0))).unwrap();
        let starts = vec![Start::new(id, vec![vec![9], vec![1, 2, 3]])];
        let begun = block_on(store.begin_attempts(token, starts, at(1), at(1) + LEASE)).unwrap();
        assert_eq!(begun.each, [Begun::Suppressed]);
        assert_eq!(states(store), [DeliveryState::Cancelled]);
        assert!(claim(store, self::token(), 999).is_empty());
        assert_exact(store);
    });
}

#[test]
fn what_is_given_back_may_be_claimed_at_once_and_what_is_being_sent_may_not() {
    each_backend(|store| {
        publish(store, "retry");
        submit(store, vec![record("ada@example.org", "k", 0)]);
        let token = token();
        let ids: Vec<DeliveryId> = claim(store, token, 0).iter().map(|delivery| delivery.id).collect();
        begin(store, token, ids[0], 0);
        assert_eq!(block_on(store.release_deliveries(self::token(), ids.clone(), at(1))).unwrap(), 0);
        assert_eq!(block_on(store.release_deliveries(token, ids.clone(), at(1))).unwrap(), 1);
        let again = claim(store, self::token(), 1);
        assert_eq!(again.iter().map(|delivery| delivery.id).collect::<Vec<_>>(), [ids[1]]);
        assert!(settle(store, token, ids[0], DeliveryEvent::PutBack, 2).is_some());
        assert_eq!(claim(store, self::token(), 2).len(), 1);
        assert_exact(store);
    });
}

#[test]
fn a_repeat_follows_its_first_message_and_is_never_handed_out() {
    each_backend(|store| {
        publish(store, "retry");
        submit(store, vec![record_to("ada@example.org", "k1", 0, &[1]), record_to("Ada@Example.org", "k2", 1, &[1])]);
        assert_eq!(states(store), [DeliveryState::Queued, DeliveryState::Queued], "both look alike");
        let token = token();
        let claimed = claim(store, token, 2);
        assert_eq!(claimed.len(), 1);
        begin(store, token, claimed[0].id, 2);
        settle(store, token, claimed[0].id, DeliveryEvent::Accept, 3).unwrap();
        assert!(claim(store, self::token(), 3600).is_empty());
        assert_eq!(states(store), [DeliveryState::Accepted, DeliveryState::Accepted]);
        for _ in 0..2 {
            assert!(claim(store, self::token(), 3 * 24 * 3600).is_empty());
        }
        assert_eq!(states(store), [DeliveryState::AssumedDelivered, DeliveryState::AssumedDelivered]);
        assert_eq!(outcomes(store).len(), 1);
        assert_exact(store);
    });
}

#[test]
fn a_message_that_cannot_be_read_fails_alone() {
    each_backend(|store| {
        publish(store, "retry");
        let broken = record("broken@example.org", "k1", 0);
        let id = Id::from(broken.accepted.action.id);
        submit(store, vec![broken, record("whole@example.org", "k2", 1)]);
        store
            .write_blocking(|c| {
                let words = Json::of("not words")?;
                diesel::update(actions::table.filter(actions::id.eq(id))).set(actions::words.eq(words)).execute(c)?;
                Ok(())
            })
            .unwrap();
        assert_eq!(claim(store, token(), 9).len(), 2);
        let failed = states(store).into_iter().filter(|state| *state == DeliveryState::TechnicalFailure).count();
        assert_eq!(failed, 2);
        assert_exact(store);
    });
}

#[test]
fn settling_and_beginning_share_one_commit() {
    each_backend(|store| {
        publish(store, "retry");
        submit(store, vec![record("ada@example.org", "k", 0)]);
        let token = token();
        let ids: Vec<DeliveryId> = claim(store, token, 0).iter().map(|delivery| delivery.id).collect();
        begin(store, token, ids[0], 0);
        let settlements = vec![Settlement {
            id: ids[0],
            event: DeliveryEvent::RefuseForGood,
            reply: None,
            held_for: None,
            bounce: None,
            notice: None,
        }];
        let starts = vec![Start::new(ids[1], Vec::new())];
        let (settled, begun) =
            block_on(store.settle_and_begin(token, settlements, starts, at(1), at(1) + LEASE)).unwrap();
        assert_eq!(settled.each[0].unwrap().state, DeliveryState::PermanentFailure);
        assert_eq!(begun.each, [Begun::Yes { attempt: 1 }]);
        assert_exact(store);
    });
}

#[test]
fn lists_are_filtered_paged_and_kept_to_the_organisation() {
    each_backend(|store| {
        publish(store, "retry");
        submit(store, (0..25).map(|n| record(&format!("p{n}@example.org"), &format!("k{n}"), n / 2)).collect());
        let stranger = Reach::Organisation(OrganisationId::new(fresh()));
        let own = Reach::Organisation(ORGANISATION);
        let filter = DeliveryFilter {
            campaign_id: Some(CAMPAIGN),
            representative_id: Some(representative(1)),
            state: Some(DeliveryState::Queued),
            created_from: Some(at(2)),
            created_before: Some(at(10)),
            action_id: None,
        };
        let page =
            |reach, after| block_on(store.list_deliveries(reach, filter, PageRequest { limit: 5, after })).unwrap();
        assert!(page(stranger, None).items.is_empty());
        let (mut after, mut seen) = (None, Vec::new());
        loop {
            let part = page(own, after);
            seen.extend(part.items.iter().map(|delivery| (delivery.created_at, delivery.id)));
            after = part.next;
            if after.is_none() {
                break;
            }
        }
        assert_eq!(seen.len(), 16);
        assert!(seen.windows(2).all(|pair| pair[0] > pair[1]));
        let actions = |reach| {
            let filter =
                ActionFilter { representative_id: Some(representative(2)), test: Some(false), ..Default::default() };
            block_on(store.list_actions(reach, filter, PageRequest { limit: 100, after: None })).unwrap().items
        };
        assert_eq!((actions(own).len(), actions(stranger).len()), (25, 0));
        let nobodys = Some(ActionId::new(fresh()));
        let none = DeliveryFilter { action_id: nobodys, ..Default::default() };
        assert!(
            block_on(store.list_deliveries(own, none, PageRequest { limit: 5, after: None })).unwrap().items.is_empty()
        );
        assert_eq!(block_on(store.backlog()).unwrap().first_due_at, Some(at(0)));
    });
}
