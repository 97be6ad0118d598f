use super::*;
use crate::deliveries::{Begun, Settlement, Start};
use crate::intake::{Intake, IntakeOptions, Record, TallyListener};
use crate::samples::{CAMPAIGN, LEASE, at, fresh, publish, publish_campaign, record_to};
use crate::testing::each_backend;
use postbag_domain::delivery::{Cap, DeliveryCommand, PACE_WINDOW};
use postbag_domain::{CampaignId, DeliveryEvent, DeliveryId, EmailAddress, LeaseToken, RepresentativeId};
use std::collections::BTreeMap;
use std::sync::Arc;

const OTHER: CampaignId = CampaignId::new(Uuid::from_u128(0xcb));

#[expect(clippy::needless_pass_by_value, reason = "tests read best with the closure itself")]
fn each_published(test: impl AsyncFn(&Store)) {
    each_backend(|store| {
        publish(store, "retry");
        publish_campaign(store, OTHER, "clean-air", "retry");
        tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(test(store));
    });
}

/// A letter of another person to a representative.
fn letter(campaign: CampaignId, person: usize, to: u128) -> Record {
    let mut record = record_to(&format!("p{person}@{campaign}.example"), &format!("{campaign}/{person}"), 0, &[to]);
    record.accepted.action.campaign_id = campaign;
    record
}

async fn submit(store: &Store, records: impl Iterator<Item = Record>) {
    let quiet: TallyListener = Arc::new(|_| {});
    let intake = Intake::start(store, IntakeOptions::default(), &quiet).unwrap();
    let recorded: Vec<_> = records.map(|record| intake.record(record)).collect();
    for done in recorded {
        done.await.unwrap();
    }
    intake.stop().await;
}

fn address(to: RepresentativeId) -> EmailAddress {
    EmailAddress::parse(&format!("{to}@parliament.example")).unwrap()
}

/// Letters as they left: when, of which campaign, to whom.
type Sent = Vec<(i64, CampaignId, RepresentativeId)>;

struct Worker<'s> {
    store: &'s Store,
    caps: Caps,
    sent: Sent,
    claimed: usize,
}

impl<'s> Worker<'s> {
    fn new(store: &'s Store, caps: Caps) -> Self {
        Self { store, caps, sent: Sent::new(), claimed: 0 }
    }

    /// What a lane does with everything that is due, as fast as it can.
    async fn pass(&mut self, second: i64) {
        let now = at(second);
        self.store.wake_paced(self.caps, now).await.unwrap();
        loop {
            let token = LeaseToken::new(fresh());
            let claim = self.store.claim_deliveries(token, now, LEASE, 50).await.unwrap();
            self.claimed += claim.touched;
            for delivery in claim.deliveries {
                let to = address(delivery.representative_id);
                let paces = self.caps.recipient(&to, delivery.campaign_id).collect();
                let start = Start { paces, ..Start::new(delivery.id, Vec::new()) };
                let begun = self.store.begin_attempts(token, vec![start], now, now + LEASE).await.unwrap();
                if begun.each == [(Begun::Yes { attempt: 1 })] {
                    let settled = vec![Settlement::new(delivery.id, DeliveryEvent::Accept)];
                    self.store.settle_deliveries(token, settled, now).await.unwrap();
                    self.sent.push((second, delivery.campaign_id, delivery.representative_id));
                }
            }
            if claim.touched < 50 {
                return;
            }
        }
    }

    /// The most of anything that one key has in any hour.
    fn fullest_hour<K: Ord>(&self, key: impl Fn(&(i64, CampaignId, RepresentativeId)) -> K) -> usize {
        let mut times: BTreeMap<K, Vec<i64>> = BTreeMap::new();
        for sent in &self.sent {
            times.entry(key(sent)).or_default().push(sent.0);
        }
        let fullest = |times: &Vec<i64>| {
            let window = |start: &i64| times.iter().filter(|at| *at >= start && **at - start < 3600).count();
            times.iter().map(window).max().unwrap_or_default()
        };
        times.values().map(fullest).max().unwrap_or_default()
    }
}

fn caps(mailbox: u32, domain: u32) -> Caps {
    Caps { mailbox: Cap::per_hour(mailbox), domain: Cap::per_hour(domain), ..Caps::default() }
}

#[test]
fn no_hour_holds_more_than_the_caps_and_everything_leaves() {
    each_published(async |store| {
        submit(store, (0..40).map(|person| letter(CAMPAIGN, person, 1))).await;
        submit(store, (0..40).zip((2..10).cycle()).map(|(person, to)| letter(OTHER, person, to))).await;
        let mut worker = Worker::new(store, caps(12, 36));
        let mut second = 0;
        while worker.sent.len() < 80 {
            worker.pass(second).await;
            second += 30;
            assert!(second < 5 * 3600, "only {} have left", worker.sent.len());
        }
        assert!(worker.fullest_hour(|sent| sent.2) <= 12);
        assert!(worker.fullest_hour(|_| ()) <= 36);
        assert!(worker.claimed < 80 * 6, "{} claims for 80 letters", worker.claimed);
        worker.pass(second + 3600).await;
        assert_eq!(store.next_pace().await.unwrap(), None, "nobody waits any more");
    });
}

#[test]
fn a_campaign_with_one_letter_does_not_wait_for_one_with_many() {
    each_published(async |store| {
        submit(store, (0..50).map(|person| letter(CAMPAIGN, person, 1))).await;
        let mut worker = Worker::new(store, caps(12, 0));
        worker.pass(0).await;
        submit(store, (0..3).map(|person| letter(OTHER, person, 1))).await;
        for minute in 1..60 {
            worker.pass(60 * minute).await;
        }
        let others: Vec<usize> =
            worker.sent.iter().enumerate().filter(|(_, sent)| sent.1 == OTHER).map(|(place, _)| place).collect();
        assert_eq!(others.len(), 3);
        assert!(others.iter().all(|place| *place <= 7), "they take turns: {others:?}");
    });
}

#[test]
fn two_workers_at_once_keep_one_cap() {
    each_published(async |store| {
        submit(store, (0..30).map(|person| letter(CAMPAIGN, person, 1))).await;
        let lane = || {
            let store = store.clone();
            std::thread::spawn(move || {
                tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
                    let mut worker = Worker::new(&store, caps(24, 0));
                    worker.pass(0).await;
                    worker.sent.len()
                })
            })
        };
        let lanes: Vec<_> = (0..4).map(|_| lane()).collect();
        let sent: usize = lanes.into_iter().map(|lane| lane.join().unwrap()).sum();
        assert_eq!(sent, 2, "the burst of 24 an hour");
    });
}

#[test]
fn what_is_cancelled_while_it_waits_takes_nobodys_place() {
    each_published(async |store| {
        submit(store, (0..20).map(|person| letter(CAMPAIGN, person, 1))).await;
        let mut worker = Worker::new(store, caps(12, 0));
        worker.pass(0).await;
        submit(store, std::iter::once(letter(OTHER, 0, 1))).await;
        worker.pass(1).await;
        let page = crate::PageRequest { limit: 100, after: None };
        let filter = crate::DeliveryFilter { campaign_id: Some(CAMPAIGN), ..crate::DeliveryFilter::default() };
        let waiting = store.list_deliveries(crate::Reach::All, filter, page).await.unwrap().items;
        let ids: Vec<DeliveryId> = waiting.iter().map(|delivery| delivery.id).collect();
        let actor = crate::Actor { name: "cms".to_owned(), now: at(2), fresh };
        let named = crate::Commandable::Named(ids);
        store.command_deliveries(crate::Reach::All, DeliveryCommand::Cancel, named, actor).await.unwrap();
        worker.pass(301).await;
        assert_eq!(worker.sent.len(), 2);
        assert_eq!(worker.sent[1].1, OTHER);
        assert_eq!(store.recount(None).await.unwrap(), []);
    });
}

#[test]
fn a_cap_that_is_taken_away_frees_what_waits_for_it() {
    each_published(async |store| {
        submit(store, (0..20).map(|person| letter(CAMPAIGN, person, 1))).await;
        Worker::new(store, caps(1, 0)).pass(0).await;
        assert_eq!(store.next_pace().await.unwrap(), Some(at(0) + PACE_WINDOW));
        let mut free = Worker::new(store, Caps::default());
        free.pass(3600).await;
        assert_eq!(free.sent.len(), 19);
    });
}
