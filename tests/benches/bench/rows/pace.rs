//! Caps at scale: letters to 650 mailboxes and many more to one, over days of a played clock, restarts and the end of summer time.
//!
//! It measures how much work a letter is that waits for its turn, and how long the plan takes; and it stops the bench if an hour held
//! more than a cap, or a small campaign waited for a large one.

use std::collections::{BTreeMap, HashMap};
use std::time::Instant;

use chrono::{DateTime, TimeDelta, Utc};
use postbag_domain::delivery::{Cap, Caps, Forecast, Jitter, SendingHours};
use postbag_domain::{CampaignId, DeliveryEvent, EmailAddress, LeaseToken, RepresentativeId};
use postbag_persistence::{Begun, NoRoom, Reach, Settlement, Start, Store};
use uuid::Uuid;

use super::claim::open;
use super::stored::filled;
use crate::fill::spread;
use crate::plan::Plan;
use crate::scratch::Engine;
use crate::table::{Goal, Line, Table};

const MAILBOX: u32 = 120;
const DOMAIN: u32 = 7200;

/// One letter in so many to the crowded mailbox is of the small campaign.
const SMALL: usize = 10;

/// How often a worker looks.
const STEP: TimeDelta = TimeDelta::seconds(30);

pub(crate) async fn run(plan: &Plan, table: &mut Table, engine: Engine) {
    let (many, crowded) = if plan.is_quick { (5_000, 500) } else { (50_000, 10_000) };
    let what = format!("pace {many} letters to 650 mailboxes and {crowded} to one");
    let Some(rig) = filled(engine, many + crowded).await else {
        return table.skip(&what, engine.name(), "sqlite3 is not installed");
    };
    spread(&rig, many, u32::try_from(SMALL).expect("a small number")).await;
    // The night in which summer time ends.
    let start: DateTime<Utc> = "2026-10-24T20:00:00Z".parse().expect("a moment");
    let mut office = Office::new(open(&rig), start);
    office.pass().await;
    let begin = Instant::now();
    let waiting = office.store.waiting_messages(Reach::All, office.now).await.expect("what waits");
    let forecast = Forecast::of(waiting.queues, office.caps, SendingHours::ALWAYS, office.now);
    let took = begin.elapsed().as_secs_f64();
    assert!(forecast.empty_at.is_some());
    table.add(Line {
        what: format!("plan {} waiting letters", many + crowded),
        database: engine.name(),
        ours: format!("{:.0} ms", took * 1000.0),
        yardstick: "a second".to_owned(),
        figure: took,
        unit: " s",
        goal: Goal::Most(1.0),
    });
    let total = usize::try_from(many + crowded).expect("a small number");
    let mut restarts = [total / 4, total / 2, total * 3 / 4].into_iter().peekable();
    while office.sent.len() < total {
        if restarts.next_if(|at| office.sent.len() >= *at).is_some() {
            office = Office { store: open(&rig), full: HashMap::new(), ..office };
        }
        office.now += STEP;
        office.pass().await;
        assert!(office.now - start < TimeDelta::days(30), "letters wait for ever");
    }
    let (mailbox, domain) = office.fullest();
    assert!(mailbox <= MAILBOX && domain <= DOMAIN, "an hour held {mailbox} and {domain}");
    let place = office.place_of_small();
    table.add(Line {
        what,
        database: engine.name(),
        ours: format!("{:.1} claims each; fullest hour {mailbox} of {MAILBOX}", office.claims(total)),
        yardstick: format!("small campaign done at {place:.2} of its turn"),
        figure: office.claims(total),
        unit: "",
        goal: Goal::Most(3.0),
    });
}

/// A worker without a relay: everything is taken at once.
struct Office {
    store: Store,
    now: DateTime<Utc>,
    caps: Caps,
    full: HashMap<String, NoRoom>,
    claimed: usize,
    sent: Vec<(DateTime<Utc>, RepresentativeId, CampaignId)>,
}

impl Office {
    fn new(store: Store, now: DateTime<Utc>) -> Self {
        let caps = Caps { mailbox: Cap::per_hour(MAILBOX), domain: Cap::per_hour(DOMAIN), ..Caps::default() };
        Self { store, now, caps, full: HashMap::new(), claimed: 0, sent: Vec::new() }
    }

    async fn pass(&mut self) {
        while self.store.wake_paced(self.caps, self.now).await.expect("to wake") > 0 {
            self.claim_all().await;
        }
        self.claim_all().await;
    }

    async fn claim_all(&mut self) {
        loop {
            let token = LeaseToken::new(Uuid::new_v4());
            let lease = TimeDelta::minutes(5);
            let claim = self.store.claim_deliveries(token, self.now, lease, 50).await.expect("a claim");
            self.claimed += claim.deliveries.len();
            let (mut parked, mut finished) = (Vec::new(), Vec::new());
            for delivery in &claim.deliveries {
                let to = EmailAddress::parse(&format!("{}@parliament.example", delivery.representative_id));
                let paces: Vec<_> = self.caps.recipient(&to.expect("an address"), delivery.campaign_id).collect();
                let known = paces.iter().filter_map(|pace| self.full.get(pace.key.as_str()));
                if let Some(no_room) =
                    known.filter(|no_room| no_room.free_at > self.now).max_by_key(|no_room| no_room.free_at)
                {
                    parked.push((delivery.id, no_room.clone()));
                    continue;
                }
                let jitter = Jitter::new(delivery.id.uuid().as_bytes()[15]);
                let start = Start { paces, jitter, ..Start::new(delivery.id, Vec::new()) };
                let done = std::mem::take(&mut finished);
                let committed = self.store.settle_and_begin(token, done, vec![start], self.now, self.now + lease).await;
                match committed.expect("a commit").1.each.remove(0) {
                    Begun::Yes { .. } => {
                        finished.push(Settlement::new(delivery.id, DeliveryEvent::Accept));
                        self.sent.push((self.now, delivery.representative_id, delivery.campaign_id));
                    }
                    Begun::Paced(no_room) => {
                        self.full.insert(no_room.key.as_str().to_owned(), no_room);
                    }
                    other => panic!("{other:?}"),
                }
            }
            self.store.settle_deliveries(token, finished, self.now).await.expect("to settle");
            self.store.park_deliveries(token, parked).await.expect("to park");
            if claim.touched < 50 {
                return;
            }
        }
    }

    #[expect(clippy::cast_precision_loss, clippy::as_conversions, reason = "a few hundred thousand")]
    fn claims(&self, total: usize) -> f64 {
        self.claimed as f64 / total as f64
    }

    /// The most that any hour held for one mailbox, and for all.
    fn fullest(&self) -> (u32, u32) {
        let mut by_mailbox: BTreeMap<RepresentativeId, Vec<DateTime<Utc>>> = BTreeMap::new();
        for (at, whom, _) in &self.sent {
            by_mailbox.entry(*whom).or_default().push(*at);
        }
        let all: Vec<_> = self.sent.iter().map(|(at, ..)| *at).collect();
        (by_mailbox.values().map(|times| fullest_hour(times)).max().unwrap_or_default(), fullest_hour(&all))
    }

    /// When the small campaign had its last letter in the crowded mailbox, as a share of the turns that were fair.
    #[expect(clippy::cast_precision_loss, clippy::as_conversions, reason = "a few hundred thousand")]
    fn place_of_small(&self) -> f64 {
        let mut counts: BTreeMap<RepresentativeId, Vec<CampaignId>> = BTreeMap::new();
        for (_, whom, campaign) in &self.sent {
            counts.entry(*whom).or_default().push(*campaign);
        }
        let crowded = counts.into_values().max_by_key(Vec::len).expect("letters");
        let large = *crowded.last().expect("letters");
        let small = crowded.iter().filter(|campaign| **campaign != large).count();
        let last = crowded.iter().rposition(|campaign| *campaign != large).expect("a small campaign");
        let place = (last + 1) as f64 / (2 * small) as f64;
        assert!(place < 1.1, "the small campaign waited for the large one: {place}");
        place
    }
}

/// Times are in order: a window moves over them.
fn fullest_hour(times: &[DateTime<Utc>]) -> u32 {
    let (mut first, mut most) = (0, 0);
    for (last, at) in times.iter().enumerate() {
        while *at - times[first] >= TimeDelta::hours(1) {
            first += 1;
        }
        most = most.max(last + 1 - first);
    }
    u32::try_from(most).expect("a small number")
}
