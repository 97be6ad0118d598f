use super::*;
use crate::ReportFilter;
use crate::deliveries::{Begun, DeliveryFilter, LetterNotice, Settlement, Start};
use crate::intake::{Intake, IntakeOptions, TallyListener};
use crate::samples::{CAMPAIGN, LEASE, ORGANISATION, at, fresh, publish, record_to, representative};
use crate::testing::each_backend;
use chrono::TimeDelta;
use postbag_domain::bounce::BOUNCES_BEFORE_HOLD;
use postbag_domain::delivery::BOUNCE_PERIOD;
use postbag_domain::{
    BounceCause, BounceKind, DeliveryEvent, DeliveryState, LeaseToken, MailId, Office, OrganisationId, ReportReason,
    Representative, Route, Verdict,
};
use std::sync::Arc;
use uuid::Uuid;

#[expect(clippy::needless_pass_by_value, reason = "tests read best with the closure itself")]
fn each_published(test: impl AsyncFn(&Store)) {
    each_backend(|store| {
        publish(store, "retry");
        tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
            store.put_representative(holder()).await.unwrap();
            test(store).await;
        });
    });
}

fn holder() -> Representative {
    Representative {
        id: representative(1),
        external_id: "invented:1".to_owned(),
        office: Office::Mp,
        area_code: "E14001172".parse().unwrap(),
        name: "Una Sample".to_owned(),
        salutation: None,
        party: None,
        email: Some(EmailAddress::parse("una@parliament.example").unwrap()),
        route: Route::Email,
        language: None,
        source: None,
        verified_on: None,
        bounced_on: None,
        held_on: None,
        digest: None,
        start_date: None,
        end_date: None,
        end_decided_on: None,
    }
}

/// A letter of another person, in a worker's hands.
async fn begun(store: &Store, person: &str) -> (LeaseToken, DeliveryId) {
    let quiet: TallyListener = Arc::new(|_| {});
    let intake = Intake::start(store, IntakeOptions::default(), &quiet).unwrap();
    intake.record(record_to(&format!("{person}@example.org"), person, 0, &[1])).await.unwrap();
    intake.stop().await;
    let token = LeaseToken::new(fresh());
    let claim = store.claim_deliveries(token, at(0), LEASE, 50).await.unwrap();
    let id = claim.deliveries[0].id;
    let begun = store.begin_attempts(token, vec![Start::new(id, Vec::new())], at(0), at(60)).await.unwrap();
    assert_eq!(begun.each, [Begun::Yes { attempt: 1 }]);
    (token, id)
}

async fn ended(store: &Store, person: &str, event: DeliveryEvent) -> DeliveryId {
    let (token, id) = begun(store, person).await;
    store.settle_deliveries(token, vec![Settlement::new(id, event)], at(1)).await.unwrap();
    id
}

async fn accepted(store: &Store, person: &str) -> DeliveryId {
    ended(store, person, DeliveryEvent::Accept).await
}

fn bounce(kind: BounceKind, lasts: bool, cause: BounceCause) -> NewBounce {
    let report = BounceReport { kind, verdict: Verdict { lasts, cause } };
    NewBounce::new(report, "550 5.1.1 user unknown".to_owned(), fresh)
}

fn report(kind: BounceKind, lasts: bool, cause: BounceCause) -> ReceivedReport {
    let fingerprint = fresh().as_bytes().to_vec();
    let notice = LetterNotice { mail_id: MailId::new(fresh()), mailbox: b"mailbox".to_vec() };
    let notices = vec![(DeliveryId::new(fresh()), notice)];
    ReceivedReport { bounce: bounce(kind, lasts, cause), fingerprint, notices }
}

fn gone() -> ReceivedReport {
    report(BounceKind::Failed, true, BounceCause::Address)
}

async fn take(store: &Store, id: DeliveryId, report: ReceivedReport, seconds: i64) -> ReportOutcome {
    store.record_report(Reach::All, Bounced::Letter(id), report, at(seconds)).await.unwrap().0
}

async fn state(store: &Store, id: DeliveryId) -> (DeliveryState, Option<DateTime<Utc>>) {
    let page = PageRequest { limit: 50, after: None };
    let found = store.list_deliveries(Reach::All, DeliveryFilter::default(), page).await.unwrap();
    let letter = found.items.into_iter().find(|letter| letter.id == id).unwrap();
    (letter.state, letter.available_at)
}

async fn held(store: &Store) -> bool {
    let directory = store.load_directory(Vec::new()).await.unwrap();
    directory.value.representatives[0].held_on.is_some()
}

async fn queued_mails(store: &Store) -> usize {
    let claim = store.claim_mails(LeaseToken::new(fresh()), at(100_000), LEASE, 50, fresh).await.unwrap();
    claim.mails.len()
}

#[test]
fn a_report_settles_its_letter_tells_the_supporter_and_counts_once() {
    each_published(async |store| {
        let id = accepted(store, "ada").await;
        let report = gone();
        let noted = ReportOutcome::Noted(DeliveryState::PermanentFailure);
        assert_eq!(take(store, id, report.clone(), 10).await, noted);
        assert_eq!(take(store, id, report, 20).await, ReportOutcome::Before);
        assert_eq!(state(store, id).await, (DeliveryState::PermanentFailure, None));
        assert_eq!(queued_mails(store).await, 1);
        assert_eq!(store.recount(None).await.unwrap(), []);
        let page = PageRequest { limit: 50, after: None };
        let listed = store.list_bounces(Reach::All, BounceFilter::default(), page).await.unwrap().items;
        assert_eq!(listed.len(), 1);
        assert_eq!((listed[0].delivery_id, listed[0].reported), (Some(id), true));
    });
}

#[test]
fn what_passes_is_tried_again_and_what_is_only_late_is_waited_for() {
    each_published(async |store| {
        let full = accepted(store, "ada").await;
        let outcome = take(store, full, report(BounceKind::Failed, false, BounceCause::Mailbox), 10).await;
        assert_eq!(outcome, ReportOutcome::Noted(DeliveryState::TemporaryFailure));
        assert_eq!(state(store, full).await.1, Some(at(70)));

        let late = accepted(store, "ben").await;
        let outcome = take(store, late, report(BounceKind::Delayed, true, BounceCause::Route), 10).await;
        assert_eq!(outcome, ReportOutcome::Noted(DeliveryState::Accepted));
        assert_eq!(state(store, late).await.1, Some(at(10) + BOUNCE_PERIOD));
        assert_eq!(queued_mails(store).await, 0);
        assert_eq!(store.recount(None).await.unwrap(), []);
    });
}

#[test]
fn a_late_report_never_moves_a_settled_letter_and_still_counts_against_the_address() {
    each_published(async |store| {
        let id = accepted(store, "ada").await;
        let later = at(1) + BOUNCE_PERIOD;
        store.claim_deliveries(LeaseToken::new(fresh()), later, LEASE, 50).await.unwrap();
        assert_eq!(state(store, id).await.0, DeliveryState::AssumedDelivered);
        let report = store.record_report(Reach::All, Bounced::Letter(id), gone(), later).await.unwrap();
        assert_eq!(report.0, ReportOutcome::Noted(DeliveryState::AssumedDelivered));
        assert_eq!(queued_mails(store).await, 0);
        let directory = store.load_directory(Vec::new()).await.unwrap();
        assert!(directory.value.representatives[0].bounced_on.is_some());
    });
}

#[test]
fn letters_of_several_actions_put_an_address_on_hold_and_the_operator_finds_it_in_the_queue() {
    each_published(async |store| {
        let mut first = None;
        for person in 1..BOUNCES_BEFORE_HOLD {
            let id = accepted(store, &format!("person{person}")).await;
            take(store, id, gone(), 10).await;
            first.get_or_insert(id);
        }
        // The same letter bounces once more: that is no other action.
        take(store, first.unwrap(), gone(), 20).await;
        assert!(!held(store).await);
        let last = accepted(store, "last").await;
        take(store, last, gone(), 30).await;
        assert!(held(store).await);
        let page = PageRequest { limit: 50, after: None };
        let queue = store.address_reports(ReportFilter::default(), page).await.unwrap().items;
        assert_eq!(queue.len(), 1);
        assert_eq!(
            (queue[0].report.reason, queue[0].report.representative_id),
            (ReportReason::Bounced, representative(1))
        );
    });
}

#[test]
fn what_is_about_the_sender_or_passes_never_marks_an_address() {
    each_published(async |store| {
        let others = [
            report(BounceKind::Failed, true, BounceCause::Sender),
            report(BounceKind::Failed, false, BounceCause::Address),
            report(BounceKind::Failed, true, BounceCause::Unclear),
            report(BounceKind::Delayed, true, BounceCause::Address),
        ];
        for (person, report) in others.into_iter().enumerate() {
            let id = accepted(store, &format!("person{person}")).await;
            take(store, id, report, 10).await;
        }
        let directory = store.load_directory(Vec::new()).await.unwrap();
        assert_eq!(directory.value.representatives[0].bounced_on, None);
    });
}

#[test]
fn a_refusal_in_the_session_counts_like_a_report() {
    each_published(async |store| {
        for person in 0..BOUNCES_BEFORE_HOLD {
            let (token, id) = begun(store, &format!("person{person}")).await;
            let bounce = Some(bounce(BounceKind::Failed, true, BounceCause::Address));
            let settlement = Settlement { bounce, ..Settlement::new(id, DeliveryEvent::RefuseForGood) };
            store.settle_deliveries(token, vec![settlement], at(1)).await.unwrap();
        }
        assert!(held(store).await);
    });
}

#[test]
fn a_report_waits_for_a_worker_and_is_nothing_to_another_organisation() {
    each_published(async |store| {
        let (token, id) = begun(store, "ada").await;
        let report = gone();
        assert_eq!(take(store, id, report.clone(), 1).await, ReportOutcome::TooEarly);
        store.settle_deliveries(token, vec![Settlement::new(id, DeliveryEvent::Accept)], at(2)).await.unwrap();
        let other = Reach::Organisation(OrganisationId::new(Uuid::nil()));
        let unknown = store.record_report(other, Bounced::Letter(id), report.clone(), at(3)).await.unwrap().0;
        assert_eq!(unknown, ReportOutcome::Unknown);
        let own = Reach::Organisation(ORGANISATION);
        let noted = store.record_report(own, Bounced::Letter(id), report, at(4)).await.unwrap().0;
        assert_eq!(noted, ReportOutcome::Noted(DeliveryState::PermanentFailure));
        let nothing = store.record_report(own, Bounced::Letter(DeliveryId::new(fresh())), gone(), at(5)).await;
        assert_eq!(nothing.unwrap().0, ReportOutcome::Unknown);
    });
}

#[test]
fn an_uncertain_letter_that_bounced_is_not_sent_again() {
    each_published(async |store| {
        let id = ended(store, "ada", DeliveryEvent::LoseContact).await;
        assert_eq!(take(store, id, gone(), 10).await, ReportOutcome::Noted(DeliveryState::PermanentFailure));
        let claim = store.claim_deliveries(LeaseToken::new(fresh()), at(1) + TimeDelta::days(1), LEASE, 50).await;
        assert_eq!(claim.unwrap().deliveries.len(), 0);
    });
}

#[test]
fn the_sender_of_a_letter_is_known() {
    each_published(async |store| {
        let id = accepted(store, "ada").await;
        assert_eq!(store.letter_senders(Bounced::Letter(id)).await.unwrap()[0].1.as_str(), "ada@example.org");
        let unknown = Bounced::Letter(DeliveryId::new(fresh()));
        assert_eq!(store.letter_senders(unknown).await.unwrap(), []);
        let filter = BounceFilter { campaign_id: Some(CAMPAIGN), ..BounceFilter::default() };
        let page = PageRequest { limit: 50, after: None };
        assert_eq!(store.list_bounces(Reach::All, filter, page).await.unwrap().items.len(), 0);
    });
}
