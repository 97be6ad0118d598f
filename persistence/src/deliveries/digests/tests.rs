//! Digests as their worker sees them, on both databases.

use super::*;
use crate::bounces::{BounceFilter, NewBounce, ReceivedReport, ReportOutcome};
use crate::deliveries::{ClaimedDelivery, DeliveryFilter, LetterNotice};
use crate::intake::{Intake, IntakeOptions, TallyListener};
use crate::samples::{CAMPAIGN, LEASE, ORGANISATION, at, fresh, publish, record_to, representative};
use crate::testing::{block_on, each_backend};
use postbag_domain::delivery::{Cap, Jitter, Pace, PaceKey};
use postbag_domain::{
    BounceCause, BounceKind, BounceReport, Bounced, DeliveryEvent, DeliveryId, DeliveryState, DigestInterval, MailId,
    Verdict,
};
use std::sync::Arc;

const MORNING: i64 = 86_400 * 2;

fn token() -> LeaseToken {
    LeaseToken::new(fresh())
}

/// Letters of so many people to representative 1, which wait for a digest.
fn collected(store: &Store, people: usize) {
    publish(store, "retry");
    join(store, 0..people, 1);
}

fn join(store: &Store, people: std::ops::Range<usize>, seconds: i64) {
    let quiet: TallyListener = Arc::new(|_| {});
    let intake = Intake::start(store, IntakeOptions::default(), &quiet).unwrap();
    for person in people {
        let record = record_to(&format!("p{person}@example.org"), &format!("k{person}"), 0, &[1]);
        block_on(intake.record(record)).unwrap();
    }
    collect(store, seconds);
}

fn collect(store: &Store, seconds: i64) {
    let token = token();
    let claimed = block_on(store.claim_deliveries(token, at(seconds), LEASE, 100)).unwrap().deliveries;
    let digest = |letter: ClaimedDelivery| Collected {
        id: letter.id,
        every: DigestInterval::Day,
        digest_id: DigestId::new(fresh()),
    };
    block_on(store.collect_letters(token, claimed.into_iter().map(digest).collect(), at(seconds))).unwrap();
}

fn claim(store: &Store, token: LeaseToken, seconds: i64) -> Option<ClaimedDigest> {
    block_on(store.claim_digest(token, at(seconds), LEASE)).unwrap().digest
}

fn start(digest: &ClaimedDigest, paces: Vec<Pace>) -> DigestStart {
    let letters = digest.letters.iter().map(|letter| (letter.id, Vec::new())).collect();
    DigestStart { id: digest.id, state: digest.state, letters, paces, jitter: Jitter::new(0) }
}

fn begin(store: &Store, token: LeaseToken, start: DigestStart, seconds: i64) -> DigestBegun {
    block_on(store.begin_digest(token, start, at(seconds), at(seconds) + LEASE)).unwrap().0
}

fn settle(store: &Store, token: LeaseToken, digest: &ClaimedDigest, event: DeliveryEvent, seconds: i64) {
    let notice = || LetterNotice { mail_id: MailId::new(fresh()), mailbox: b"mailbox".to_vec() };
    let settlement = DigestSettlement {
        id: digest.id,
        event,
        reply: "a reply".to_owned(),
        bounce: None,
        letters: digest.letters.iter().map(|letter| (letter.id, Some(notice()))).collect(),
    };
    block_on(store.settle_digest(token, settlement, at(seconds))).unwrap();
}

/// A digest of so many letters, begun and ended.
fn ended(store: &Store, people: usize, event: DeliveryEvent) -> ClaimedDigest {
    collected(store, people);
    let token = token();
    let digest = claim(store, token, MORNING).unwrap();
    assert!(matches!(begin(store, token, start(&digest, Vec::new()), MORNING), DigestBegun::Yes(_)));
    settle(store, token, &digest, event, MORNING + 1);
    digest
}

fn digests(store: &Store) -> Vec<DigestSummary> {
    block_on(store.list_digests(Reach::All, PageRequest { limit: 50, after: None })).unwrap().items
}

fn states(store: &Store) -> Vec<DeliveryState> {
    let page = PageRequest { limit: 100, after: None };
    let listed = block_on(store.list_deliveries(Reach::All, DeliveryFilter::default(), page)).unwrap();
    listed.items.into_iter().map(|letter| letter.state).collect()
}

fn assert_exact(store: &Store) {
    assert_eq!(block_on(store.recount(None)).unwrap(), []);
}

#[test]
fn letters_wait_for_one_digest_off_the_queue_until_the_morning() {
    each_backend(|store| {
        collected(store, 3);
        let listed = digests(store);
        assert_eq!((listed.len(), listed[0].letters, listed[0].representative_id), (1, 3, representative(1)));
        assert_eq!(listed[0].due_at, Some(DigestInterval::Day.next_due(at(1))));
        assert!(block_on(store.claim_deliveries(token(), at(MORNING), LEASE, 100)).unwrap().deliveries.is_empty());
        assert!(claim(store, token(), 2).is_none(), "not before its time");
        let claimed = claim(store, token(), MORNING).unwrap();
        assert_eq!((claimed.letters.len(), claimed.organisation_id), (3, ORGANISATION));
        assert!(claim(store, token(), MORNING).is_none(), "one worker has it");
        let waiting = block_on(store.waiting_messages(Reach::All, at(2))).unwrap();
        assert_eq!(waiting.paced.values().sum::<u64>(), 3);
    });
}

#[test]
fn a_digest_settles_the_letters_it_carried() {
    each_backend(|store| {
        let digest = ended(store, 3, DeliveryEvent::Accept);
        assert_eq!(states(store), [DeliveryState::Accepted; 3]);
        let listed = digests(store);
        assert_eq!((listed[0].state, listed[0].letters, listed[0].due_at), (DeliveryState::Accepted, 3, None));
        let later = at(MORNING + 10) + postbag_domain::delivery::BOUNCE_PERIOD;
        block_on(store.claim_deliveries(token(), later, LEASE, 100)).unwrap();
        assert_eq!(states(store), [DeliveryState::AssumedDelivered; 3]);
        assert_eq!(block_on(store.digest(Reach::All, digest.id)).unwrap().unwrap().letters.len(), 3);
        assert_exact(store);
    });
}

#[test]
fn a_digest_that_is_refused_for_now_is_tried_again_with_the_same_letters() {
    each_backend(|store| {
        let digest = ended(store, 2, DeliveryEvent::RefuseForNow);
        assert_eq!(states(store), [DeliveryState::TemporaryFailure; 2]);
        assert!(
            block_on(store.claim_deliveries(token(), at(MORNING + 3600), LEASE, 100)).unwrap().deliveries.is_empty()
        );
        join(store, 10..11, MORNING + 10);
        let lease = token();
        let again = claim(store, lease, MORNING + 61).unwrap();
        assert_eq!((again.id, again.letters.len(), again.state), (digest.id, 2, DeliveryState::TemporaryFailure));
        assert!(matches!(begin(store, lease, start(&again, Vec::new()), MORNING + 61), DigestBegun::Yes(_)));
        settle(store, lease, &again, DeliveryEvent::RefuseForGood, MORNING + 62);
        let mut states = states(store);
        states.sort_unstable();
        let (queued, failed) = (DeliveryState::Queued, DeliveryState::PermanentFailure);
        assert_eq!(states, [queued, failed, failed], "a new digest collects the later letter");
        assert_eq!(block_on(store.claim_mails(token(), at(MORNING * 2), LEASE, 50, fresh)).unwrap().mails.len(), 2);
        assert_exact(store);
    });
}

#[test]
fn the_worker_of_a_digest_that_died_leaves_it_in_doubt_and_it_is_tried_again() {
    each_backend(|store| {
        collected(store, 2);
        let dead = token();
        let digest = claim(store, dead, MORNING).unwrap();
        begin(store, dead, start(&digest, Vec::new()), MORNING);
        assert_eq!(states(store), [DeliveryState::Sending; 2]);
        assert!(block_on(store.claim_deliveries(token(), at(MORNING + 90), LEASE, 100)).unwrap().deliveries.is_empty());
        let found = block_on(store.claim_digest(token(), at(MORNING + 90), LEASE)).unwrap();
        assert!(found.touched && found.digest.is_none());
        assert_eq!(states(store), [DeliveryState::Uncertain; 2]);
        settle(store, dead, &digest, DeliveryEvent::Accept, MORNING + 91);
        assert_eq!(states(store), [DeliveryState::Uncertain; 2], "a worker that lost its lease settles nothing");
        let lease = token();
        let again = claim(store, lease, MORNING + 200).unwrap();
        assert_eq!((again.id, again.letters.len()), (digest.id, 2));
        assert!(matches!(begin(store, lease, start(&again, Vec::new()), MORNING + 200), DigestBegun::Yes(_)));
        settle(store, lease, &again, DeliveryEvent::Accept, MORNING + 201);
        assert_eq!(states(store), [DeliveryState::Accepted; 2]);
        assert_exact(store);
    });
}

#[test]
fn a_letter_in_doubt_that_came_back_is_not_in_the_digest_that_is_tried_again() {
    each_backend(|store| {
        let digest = ended(store, 2, DeliveryEvent::LoseContact);
        let verdict = Verdict { lasts: true, cause: BounceCause::Address };
        let report = BounceReport { kind: BounceKind::Failed, verdict };
        let received = ReceivedReport {
            bounce: NewBounce::new(report, "5.1.1 no such mailbox".to_owned(), fresh),
            fingerprint: b"its bytes".to_vec(),
            notices: Vec::new(),
        };
        let about = Bounced::Letter(digest.letters[0].id);
        block_on(store.record_report(Reach::All, about, received, at(MORNING + 20))).unwrap();
        let lease = token();
        let again = claim(store, lease, MORNING + 200).unwrap();
        assert_eq!(again.letters.len(), 1);
        let begun = begin(store, lease, start(&digest_of(&again, &digest), Vec::new()), MORNING + 200);
        assert_eq!(begun, DigestBegun::Yes(vec![digest.letters[1].id]));
        settle(store, lease, &again, DeliveryEvent::Accept, MORNING + 201);
        let mut states = states(store);
        states.sort_unstable();
        assert_eq!(states, [DeliveryState::Accepted, DeliveryState::PermanentFailure]);
        assert_exact(store);
    });
}

/// A digest with the letters of another: as if they had changed since the claim.
fn digest_of(digest: &ClaimedDigest, letters: &ClaimedDigest) -> ClaimedDigest {
    ClaimedDigest { letters: letters.letters.clone(), ..digest.clone() }
}

#[test]
fn what_may_not_go_with_a_digest_returns_to_the_queue() {
    each_backend(|store| {
        collected(store, 3);
        let lease = token();
        let digest = claim(store, lease, MORNING).unwrap();
        join(store, 7..8, 2);
        let mut start = start(&digest, Vec::new());
        let alone = start.letters.pop().unwrap().0;
        let DigestBegun::Yes(begun) = begin(store, lease, start, MORNING) else { panic!("it begins") };
        assert_eq!(begun.len(), 2);
        settle(store, lease, &digest, DeliveryEvent::Accept, MORNING + 1);
        let queued = block_on(store.claim_deliveries(token(), at(MORNING + 2), LEASE, 100)).unwrap().deliveries;
        let queued: Vec<DeliveryId> = queued.into_iter().map(|letter| letter.id).collect();
        assert!(queued.len() == 2 && queued.contains(&alone), "it and the one that came too late");
        assert_exact(store);
    });
}

#[test]
fn a_suppressed_persons_letter_is_not_in_the_digest() {
    each_backend(|store| {
        collected(store, 2);
        let hash = b"a keyed hash".to_vec();
        block_on(store.suppress(ORGANISATION, "key".to_owned(), hash.clone(), at(5))).unwrap();
        let lease = token();
        let digest = claim(store, lease, MORNING).unwrap();
        let mut start = start(&digest, Vec::new());
        start.letters[0].1 = vec![hash];
        assert_eq!(begin(store, lease, start, MORNING), DigestBegun::Yes(vec![digest.letters[1].id]));
        settle(store, lease, &digest, DeliveryEvent::Accept, MORNING + 1);
        let mut states = states(store);
        states.sort_unstable();
        assert_eq!(states, [DeliveryState::Accepted, DeliveryState::Cancelled]);
        assert_exact(store);
    });
}

#[test]
fn a_digest_without_letters_is_over_and_one_without_room_waits() {
    each_backend(|store| {
        collected(store, 1);
        let cap = Cap::per_hour(1).unwrap();
        let pace = || vec![Pace { key: PaceKey::mailbox(&"una@parliament.example".parse().unwrap()), cap }];
        let lease = token();
        let digest = claim(store, lease, MORNING).unwrap();
        let full = DigestStart { letters: Vec::new(), ..start(&digest, pace()) };
        assert_eq!(begin(store, lease, full, MORNING), DigestBegun::Empty);
        assert_eq!(digests(store)[0].state, DeliveryState::Cancelled);
        collect(store, MORNING + 1);
        let lease = token();
        let digest = claim(store, lease, MORNING * 2).unwrap();
        let first = begin(store, lease, start(&digest, pace()), MORNING + 5);
        assert!(matches!(first, DigestBegun::Paced(_)), "{first:?}");
        assert!(claim(store, token(), MORNING + 6).is_none());
        assert!(claim(store, token(), MORNING * 3).is_some());
    });
}

#[test]
fn a_report_about_a_digest_counts_once_and_moves_each_letter() {
    each_backend(|store| {
        let digest = ended(store, 4, DeliveryEvent::Accept);
        let verdict = Verdict { lasts: true, cause: BounceCause::Address };
        let report = BounceReport { kind: BounceKind::Failed, verdict };
        let about = Bounced::Digest(digest.id);
        let notice = |id| (id, LetterNotice { mail_id: MailId::new(fresh()), mailbox: b"mailbox".to_vec() });
        let senders = block_on(store.letter_senders(about)).unwrap();
        assert_eq!(senders.len(), 4);
        let received = ReceivedReport {
            bounce: NewBounce::new(report, "5.1.1 no such mailbox".to_owned(), fresh),
            fingerprint: b"its bytes".to_vec(),
            notices: senders.into_iter().map(|(id, _)| notice(id)).collect(),
        };
        let take = || block_on(store.record_report(Reach::All, about, received.clone(), at(MORNING + 60))).unwrap().0;
        assert_eq!(take(), ReportOutcome::Noted(DeliveryState::PermanentFailure));
        assert_eq!(states(store), [DeliveryState::PermanentFailure; 4]);
        assert_eq!(take(), ReportOutcome::Before);
        let filter = BounceFilter { campaign_id: Some(CAMPAIGN), ..BounceFilter::default() };
        let noted = block_on(store.list_bounces(Reach::All, filter, PageRequest { limit: 50, after: None })).unwrap();
        assert_eq!(noted.items.len(), 1, "one mail came back");
        assert_eq!(block_on(store.claim_mails(token(), at(MORNING * 2), LEASE, 50, fresh)).unwrap().mails.len(), 4);
        assert_exact(store);
    });
}
