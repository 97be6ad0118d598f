use super::*;
use crate::samples::{CAMPAIGN, ORGANISATION, at, fresh, publish};
use crate::testing::{block_on, each_backend};
use serde_json::json;

fn id(number: u128) -> ActionId {
    ActionId::new(uuid::Uuid::from_u128(number))
}

fn claim(key: &str) -> KeyClaim {
    KeyClaim { scope: "actions/fair-care".to_owned(), key: key.to_owned(), fingerprint: [1; 32] }
}

fn actor(seconds: i64) -> Actor {
    Actor { name: "staff".to_owned(), now: at(seconds), fresh }
}

fn hold(store: &Store, number: u128) -> Held {
    let new = NewReview {
        id: id(number),
        organisation_id: ORGANISATION,
        campaign_id: CAMPAIGN,
        reasons: vec![Signal::Links],
        submission: format!("what {number} wrote"),
        challenge: None,
        address: EmailAddress::parse("ada@example.org").unwrap(),
        created_at: at(0),
        due_at: at(100),
    };
    block_on(store.hold_submission(new, claim(&number.to_string()), json!(number.to_string()))).unwrap()
}

fn decide(store: &Store, number: u128, decision: ReviewDecision) -> Decided {
    let decided = store.decide_reviews(Reach::All, vec![id(number)], decision, None, actor(10));
    block_on(decided).unwrap()[0].1
}

fn review(store: &Store, number: u128) -> StoredReview {
    block_on(store.review(id(number))).unwrap().unwrap()
}

#[test]
fn a_submission_is_held_once_under_its_key() {
    each_backend(|store| {
        publish(store, "retry");
        assert_eq!(hold(store, 1), Held::New);
        let before = Known::Answered { answer: json!("1"), tally_actions: None };
        assert_eq!(hold(store, 1), Held::Before(before));
        let held = review(store, 1);
        assert_eq!((held.state, held.submission.as_deref()), (ReviewState::InReview, Some("what 1 wrote")));
        assert_eq!(block_on(store.waiting_reviews(CAMPAIGN)).unwrap(), 1);
    });
}

#[test]
fn what_is_approved_waits_to_be_released_and_then_its_content_is_gone() {
    each_backend(|store| {
        publish(store, "retry");
        hold(store, 1);
        assert_eq!(decide(store, 1, ReviewDecision::Approve), Decided::Done(ReviewState::Approved));
        assert_eq!(decide(store, 1, ReviewDecision::Refuse), Decided::NotAllowed(ReviewState::Approved));
        let waiting = block_on(store.reviews_to_release(10)).unwrap();
        assert_eq!((waiting.len(), waiting[0].submission.as_deref()), (1, Some("what 1 wrote")));
        let released = |number| store.write_blocking(|c| release(c, id(number).into())).unwrap();
        assert!(released(1) && !released(1), "once");
        assert!(block_on(store.reviews_to_release(10)).unwrap().is_empty());
        assert_eq!((review(store, 1).state, review(store, 1).submission), (ReviewState::Approved, None));
    });
}

#[test]
fn a_refusal_can_be_appealed_and_a_withdrawal_leaves_nothing() {
    each_backend(|store| {
        publish(store, "retry");
        hold(store, 1);
        decide(store, 1, ReviewDecision::Refuse);
        assert!(block_on(store.appeal(id(1), "It is mine.".to_owned(), at(500), at(20))).unwrap());
        let again = review(store, 1);
        assert_eq!((again.state, again.appeal.as_deref()), (ReviewState::InReview, Some("It is mine.")));
        assert_eq!((again.due_at, again.appealed_at), (at(500), Some(at(20))));
        assert_eq!(decide(store, 1, ReviewDecision::Withdraw), Decided::Done(ReviewState::Withdrawn));
        assert_eq!((review(store, 1).submission, review(store, 1).appeal), (None, None));
        assert!(!block_on(store.appeal(id(1), "Again.".to_owned(), at(500), at(30))).unwrap());
    });
}

#[test]
fn what_nobody_decided_is_found_when_it_is_due() {
    each_backend(|store| {
        publish(store, "retry");
        hold(store, 1);
        let overdue = |seconds| block_on(store.overdue_reviews(at(seconds), 10)).unwrap().len();
        assert_eq!((overdue(99), overdue(100)), (0, 1));
        block_on(store.decide_overdue(id(1), ReviewState::Ended, at(100))).unwrap();
        assert_eq!(overdue(101), 0);
        assert_eq!((review(store, 1).state, review(store, 1).decided_by), (ReviewState::Ended, None));
    });
}

#[test]
fn what_was_refused_is_deleted_once_no_appeal_can_come() {
    each_backend(|store| {
        publish(store, "retry");
        hold(store, 1);
        decide(store, 1, ReviewDecision::Refuse);
        let purge = |days: i64| block_on(store.purge_reviews(at(10 + days * 86_400), 10)).unwrap();
        assert_eq!((purge(13), purge(14), purge(15)), (0, 1, 0));
        assert_eq!(decide(store, 1, ReviewDecision::Approve), Decided::NotAllowed(ReviewState::Refused));
    });
}

#[test]
fn another_organisation_decides_nothing() {
    each_backend(|store| {
        publish(store, "retry");
        hold(store, 1);
        let stranger = Reach::Organisation(OrganisationId::new(uuid::Uuid::from_u128(0x0b)));
        let decided = store.decide_reviews(stranger, vec![id(1)], ReviewDecision::Approve, None, actor(10));
        assert_eq!(block_on(decided).unwrap(), [(id(1), Decided::Unknown)]);
    });
}

#[test]
fn a_queue_is_reported_at_ten_once_and_again_at_twenty_or_if_it_could_not_be() {
    each_backend(|store| {
        publish(store, "retry");
        let queue = || block_on(store.review_queues()).unwrap().into_iter().next();
        // Reports what is to be reported, as one of two servers that see the same.
        let reported = || {
            let report = queue()?;
            let remembered = report.queue.remembered();
            let is_ours =
                remembered == report.queue.reported || block_on(store.remember_report(&report, remembered)).unwrap();
            assert!(
                remembered == report.queue.reported || !block_on(store.remember_report(&report, remembered)).unwrap()
            );
            (is_ours && report.queue.is_worth_a_mail()).then_some(report)
        };
        (1..=9).for_each(|number| assert_eq!(hold(store, number), Held::New));
        assert_eq!(reported(), None);
        hold(store, 10);
        let report = reported().unwrap();
        assert_eq!((report.campaign_id, report.organisation_id), (CAMPAIGN, ORGANISATION));
        assert_eq!((report.queue.waiting, report.queue.due_at), (10, at(100)));
        assert_eq!(reported(), None, "once");
        assert!(block_on(store.remember_report(&queue().unwrap(), 0)).unwrap());
        assert!(reported().is_some(), "it could not be mailed");
        (11..=19).for_each(|number| assert_eq!(hold(store, number), Held::New));
        assert_eq!(reported(), None);
        hold(store, 20);
        assert_eq!(reported().unwrap().queue.waiting, 20);
        for number in 1..=20 {
            decide(store, number, ReviewDecision::Withdraw);
        }
        assert_eq!((reported(), queue()), (None, None));
        (21..=30).for_each(|number| assert_eq!(hold(store, number), Held::New));
        assert!(reported().is_some(), "the next ten");
    });
}
