use super::lane::{Lane, Then};
use super::samples::{SEAT, areas, at, directory, edit, email, holder, keys, publish, representative_id, words};
use crate::clock::Clock;
use crate::config::{self, Config};
use crate::ids;
use crate::outbound::{DkimKeys, Folder, Mailer};
use crate::secrets::{SuppressionHash, message_seal};
use crate::workers::{Pacing, WorkerContext};
use chrono::TimeDelta;
use postbag_domain::delivery::Caps;
use postbag_domain::{
    Accepted, ActionId, ActionStatus, AreaChoices, CampaignId, CampaignStatus, ConfirmedBy, DeliveryId, DeliveryState,
    Directory, EditionId, HeldFor, LeaseToken, Locale, MailId, Nation, NewAction, NewDelivery, Office, OrganisationId,
    Representative, Source, SupporterId, SupporterWords,
};

use postbag_persistence::{
    DeliveryFilter, DeliverySummary, Intake, IntakeOptions, KeyClaim, PageRequest, Reach, Record, Start, Store,
    StoreOptions, TallyListener, TallyRow,
};
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tempfile::TempDir;
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

/// A database, a folder for letters, and a worker between them.
struct Post {
    temp: TempDir,
    store: Store,
    clock: Clock,
    people: Arc<Mutex<Arc<Directory>>>,
    heard: Arc<Mutex<Vec<TallyRow>>>,
    stop: CancellationToken,
    campaign: (OrganisationId, CampaignId, EditionId),
    pacing: config::Pacing,
}

impl Post {
    async fn open() -> Self {
        let temp = tempfile::tempdir().unwrap();
        let url = format!("sqlite:{}", temp.path().join("postbag.db").display());
        let messages = Some(message_seal(&Config::default()));
        let store = Store::open(&url, &StoreOptions { messages, ..StoreOptions::default() }).unwrap();
        store.migrate().unwrap();
        let campaign = publish(&store).await;
        Self {
            temp,
            store,
            clock: Clock::still(at(10)),
            people: Arc::new(Mutex::new(Arc::new(directory(vec![holder(1), holder(2)])))),
            heard: Arc::default(),
            stop: CancellationToken::new(),
            campaign,
            pacing: config::Pacing { mailbox: 0, domain: 0, ..config::Pacing::default() },
        }
    }

    fn outbox(&self) -> PathBuf {
        self.temp.path().join("outbox")
    }

    fn context(&self) -> WorkerContext {
        let (people, heard) = (Arc::clone(&self.people), Arc::clone(&self.heard));
        WorkerContext::new(
            (self.store.clone(), self.clock.clone()),
            (Mailer::Folder(Folder::open(self.outbox()).unwrap()), DkimKeys::default(), None),
            (TimeDelta::seconds(60), Pacing::of(&self.pacing), Arc::default()),
            (keys(), String::new()),
            Arc::new(move || Arc::clone(&people.lock().unwrap())),
            Arc::new(move |rows| heard.lock().unwrap().extend_from_slice(rows)),
            [Arc::new(Notify::new()), Arc::default(), Arc::default()],
        )
    }

    fn lane(&self) -> Lane {
        Lane::new(Arc::new(self.context()), self.stop.clone())
    }

    fn elect(&self, people: Vec<Representative>) {
        *self.people.lock().unwrap() = Arc::new(directory(people));
    }

    /// Stores a submission to these representatives.
    async fn submit(&self, who: &str, to: &[u128]) {
        self.submit_from(who, to, self.campaign.2).await;
    }

    async fn submit_from(&self, who: &str, to: &[u128], edition: EditionId) {
        let quiet: TallyListener = Arc::new(|_rows| {});
        let intake = Intake::start(&self.store, IntakeOptions::default(), &quiet).unwrap();
        let deliveries = to.iter().map(|number| delivery(*number, edition)).collect();
        let action = self.action(who);
        let accepted = Accepted {
            action,
            consents: Vec::new(),
            objections: Vec::new(),
            elsewhere: Vec::new(),
            deliveries,
            skipped: Vec::new(),
        };
        let claim = KeyClaim { scope: "test".to_owned(), key: ids::fresh().to_string(), fingerprint: [0; 32] };
        let record = Record {
            accepted,
            supporter_id: SupporterId::new(ids::fresh()),
            mail_id: MailId::new(ids::fresh()),
            mailbox: Vec::new(),
            client: None,
            idempotency: claim,
            challenge: None,
            answer: serde_json::Value::Null,
        };
        intake.record(record).await.unwrap();
        intake.stop().await;
    }

    fn action(&self, who: &str) -> NewAction {
        let words = SupporterWords { email: email(who), ..words() };
        NewAction {
            id: ActionId::new(ids::fresh()),
            organisation_id: self.campaign.0,
            partner_id: None,
            campaign_id: self.campaign.1,
            supporter_key: words.email.key(),
            words,
            areas: areas(),
            area_choices: AreaChoices::none(),
            nation: Nation::England,
            status: ActionStatus::Confirmed,
            confirmed_by: Some(ConfirmedBy::Waiver),
            source: Source::default(),
            origin: None,
            test: false,
            locale: Locale::En,
            created_at: at(0),
        }
    }

    async fn messages(&self) -> Vec<DeliverySummary> {
        let page = PageRequest { limit: 100, after: None };
        self.store.list_deliveries(Reach::All, DeliveryFilter::default(), page).await.unwrap().items
    }

    /// The only message there is.
    async fn message(&self) -> DeliverySummary {
        let [message] = self.messages().await.try_into().unwrap();
        message
    }

    fn letters(&self) -> Vec<String> {
        let files = std::fs::read_dir(self.outbox()).unwrap().map(|file| file.unwrap().path());
        files.map(|path| std::fs::read_to_string(path).unwrap()).collect()
    }

    /// The counts that were published are those that are stored, and those are right.
    async fn counts_agree(&self) {
        assert_eq!(self.store.recount(None).await.unwrap().len(), 0);
        let stored = self.store.load_tallies(self.campaign.1, 0).await.unwrap();
        for published in self.heard.lock().unwrap().iter() {
            let now = stored.iter().find(|row| row.key == published.key).unwrap();
            assert!(now.version > published.version || now == published, "{published:?} is not {now:?}");
        }
    }
}

fn delivery(number: u128, edition_id: EditionId) -> NewDelivery {
    NewDelivery {
        id: DeliveryId::new(ids::fresh()),
        representative_id: representative_id(number),
        office: Office::Mp,
        area_code: SEAT.parse().unwrap(),
        edition_id,
        state: DeliveryState::Queued,
        available_at: Some(at(0)),
    }
}

#[tokio::test]
async fn what_was_recorded_is_sent_once_and_settled() {
    let post = Post::open().await;
    post.submit("ada@people.example", &[1, 2]).await;
    post.submit("ben@people.example", &[1]).await;
    let mut lane = post.lane();
    assert_eq!(lane.deliver_pending().await.unwrap(), Then::Rest);
    assert_eq!(lane.deliver_pending().await.unwrap(), Then::Rest);
    let messages = post.messages().await;
    assert_eq!(messages.len(), 3);
    assert!(messages.iter().all(|message| message.state == DeliveryState::Accepted && message.attempts == 1));
    let letters = post.letters();
    assert_eq!(letters.len(), 3);
    assert!(letters.iter().all(|letter| letter.contains("Please write to NHS Sampleshire.")));
    assert!(!post.heard.lock().unwrap().is_empty());
    post.counts_agree().await;
}

#[tokio::test]
async fn more_than_one_batch_is_worked_through_without_rest() {
    let post = Post::open().await;
    for number in 0..30 {
        post.submit(&format!("person.{number}@people.example"), &[1, 2]).await;
    }
    let mut lane = post.lane();
    assert_eq!(lane.deliver_pending().await.unwrap(), Then::GoOn);
    assert_eq!(lane.deliver_pending().await.unwrap(), Then::Rest);
    assert_eq!(post.letters().len(), 60);
    post.counts_agree().await;
}

#[tokio::test]
async fn a_message_to_somebody_who_left_is_held() {
    let post = Post::open().await;
    post.submit("ada@people.example", &[1]).await;
    post.elect(vec![Representative { end_date: Some(at(0).date_naive()), ..holder(1) }]);
    let mut lane = post.lane();
    lane.deliver_pending().await.unwrap();
    assert_eq!(post.message().await.reply.unwrap(), "the representative does not hold the office any more");
    lane.deliver_pending().await.unwrap();
    let message = post.message().await;
    assert_eq!((message.state, message.attempts, message.available_at), (DeliveryState::Held, 0, None));
    assert_eq!(message.held_for, Some(HeldFor::Vacancy));
    assert!(post.letters().is_empty());
    post.counts_agree().await;
}

#[tokio::test]
async fn a_held_message_goes_to_the_successor_once_it_is_looked_at_again() {
    let post = Post::open().await;
    post.submit("ada@people.example", &[1]).await;
    let left = Representative { end_date: Some(at(0).date_naive()), ..holder(1) };
    post.elect(vec![left.clone()]);
    let mut lane = post.lane();
    for _hold_then_look_again in 0..2 {
        lane.deliver_pending().await.unwrap();
    }
    post.elect(vec![left, holder(2)]);
    assert_eq!(lane.deliver_pending().await.unwrap(), Then::Rest);
    assert!(post.letters().is_empty(), "the worker does not know yet");
    assert_eq!(post.store.wake_held(at(10)).await.unwrap(), 1);
    for _redirect_then_send in 0..2 {
        lane.deliver_pending().await.unwrap();
    }
    let message = post.message().await;
    assert_eq!((message.state, message.representative_id), (DeliveryState::Accepted, representative_id(2)));
    assert_eq!(message.held_for, None);
    post.counts_agree().await;
}

#[tokio::test]
async fn nothing_is_sent_in_the_name_of_the_suppressed_or_to_them() {
    let post = Post::open().await;
    post.submit("ada@people.example", &[1]).await;
    post.submit("ben@people.example", &[2]).await;
    for suppressed in ["ADA@people.example", "Holder.2@parliament.example"] {
        let SuppressionHash { key_id, hash } = keys().suppressions.hash(&email(suppressed));
        post.store.suppress(post.campaign.0, key_id, hash, at(5)).await.unwrap();
    }
    post.lane().deliver_pending().await.unwrap();
    assert!(post.messages().await.iter().all(|message| message.state == DeliveryState::Cancelled));
    assert!(post.letters().is_empty());
    post.counts_agree().await;
}

#[tokio::test]
async fn a_message_whose_edition_is_missing_fails_for_technical_reasons() {
    let post = Post::open().await;
    post.submit_from("ada@people.example", &[1], EditionId::new(Uuid::nil())).await;
    post.submit("ben@people.example", &[1]).await;
    post.lane().deliver_pending().await.unwrap();
    let mut states: Vec<_> = post.messages().await.iter().map(|message| message.state).collect();
    states.sort();
    assert_eq!(states, [DeliveryState::Accepted, DeliveryState::TechnicalFailure]);
    post.counts_agree().await;
}

#[tokio::test]
async fn a_way_out_that_is_blocked_pauses_the_lane_and_loses_nothing() {
    let post = Post::open().await;
    post.submit("ada@people.example", &[1, 2]).await;
    let mut lane = post.lane();
    std::fs::remove_dir(post.outbox()).unwrap();
    assert_eq!(lane.deliver_pending().await.unwrap(), Then::Pause(Duration::from_secs(5)));
    let mut states: Vec<_> = post.messages().await.iter().map(|message| message.state).collect();
    states.sort();
    assert_eq!(states, [DeliveryState::Queued, DeliveryState::TemporaryFailure]);
    std::fs::create_dir(post.outbox()).unwrap();
    post.clock.advance(Duration::from_secs(61));
    assert_eq!(lane.deliver_pending().await.unwrap(), Then::Rest);
    assert!(post.messages().await.iter().all(|message| message.state == DeliveryState::Accepted));
    assert_eq!(post.letters().len(), 2);
    post.counts_agree().await;
}

#[tokio::test]
async fn a_paused_campaigns_messages_are_looked_at_again_later() {
    let post = Post::open().await;
    post.submit("ada@people.example", &[1]).await;
    let pass = async |to| post.store.transition_campaign(edit("fair-care"), to).await.unwrap().value().unwrap();
    pass(CampaignStatus::Live).await;
    pass(CampaignStatus::Paused).await;
    let mut lane = post.lane();
    lane.deliver_pending().await.unwrap();
    let message = post.message().await;
    assert_eq!((message.state, message.available_at), (DeliveryState::Queued, None));
    pass(CampaignStatus::Closed).await;
    post.clock.advance(Duration::from_secs(1));
    assert_eq!(post.store.wake_paced(Caps::default(), post.clock.now()).await.unwrap(), 1);
    lane.deliver_pending().await.unwrap();
    assert_eq!(post.message().await.state, DeliveryState::Accepted);
}

#[tokio::test]
async fn a_stopped_lane_gives_back_what_it_claimed() {
    let post = Post::open().await;
    post.submit("ada@people.example", &[1]).await;
    post.stop.cancel();
    post.lane().deliver_pending().await.unwrap();
    let message = post.message().await;
    assert_eq!((message.state, message.available_at), (DeliveryState::Queued, Some(at(10))));
    let other = Lane::new(Arc::new(post.context()), CancellationToken::new()).deliver_pending().await;
    assert_eq!(other.unwrap(), Then::Rest);
    assert_eq!(post.message().await.state, DeliveryState::Accepted);
}

#[tokio::test]
async fn a_message_that_was_lost_with_its_worker_is_held_if_the_campaign_wishes_so() {
    let post = Post::open().await;
    post.submit("ada@people.example", &[1]).await;
    let token = LeaseToken::new(ids::random());
    let lease = TimeDelta::seconds(60);
    let claim = post.store.claim_deliveries(token, at(10), lease, 1).await.unwrap();
    let start = Start::new(claim.deliveries[0].id, Vec::new());
    post.store.begin_attempts(token, vec![start], at(10), at(10) + lease).await.unwrap();
    let mut lane = post.lane();
    lane.deliver_pending().await.unwrap();
    assert_eq!(post.message().await.state, DeliveryState::Sending);
    post.clock.advance(Duration::from_secs(61));
    lane.deliver_pending().await.unwrap();
    assert_eq!(post.message().await.state, DeliveryState::Uncertain);
    assert!(post.letters().is_empty());
    post.counts_agree().await;
}

#[tokio::test]
async fn the_worker_wakes_at_the_bell_and_ends_at_the_stop_signal() {
    let post = Post::open().await;
    let context = post.context();
    let wake = Arc::clone(&context.wake);
    let workers = crate::workers::start(context, 2, &post.stop);
    post.submit("ada@people.example", &[1, 2]).await;
    wake.notify_one();
    while post.messages().await.iter().any(|message| message.state != DeliveryState::Accepted) {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    post.stop.cancel();
    for worker in workers {
        tokio::time::timeout(Duration::from_secs(5), worker).await.unwrap().unwrap();
    }
    assert_eq!(post.letters().len(), 2);
    post.counts_agree().await;
}
