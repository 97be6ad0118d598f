//! One seed: a database, three workers, and what happens to them.

use super::model::{Known, Model};
use super::random::Random;
use crate::app::mail_health::MailHealth;
use crate::clock::Clock;
use crate::config;
use crate::ids;
use crate::inbound::{Desk, Received};
use crate::outbound::mail::mailer::Player;
use crate::outbound::{DkimKeys, Mailer};
use crate::secrets::{MailKeys, SuppressionHash, message_seal};
use crate::workers::deliveries::Lane;
use crate::workers::deliveries::samples::{
    SEAT, areas, at, directory, edit, email, holder, keys, publish_campaign, publish_organisation, representative_id,
    words,
};
use crate::workers::supervise::caught_async;
use crate::workers::{Pacing, WorkerContext, digests, mails};
use chrono::TimeDelta;
use postbag_domain::delivery::{DeliveryCommand, PaceScope, Stopped, StoppedWork};
use postbag_domain::{
    Accepted, ActionId, ActionStatus, AreaChoices, Bounced, CampaignId, CampaignStatus, ConfirmedBy, DeliveryId,
    DeliveryState, DigestDetail, DigestId, DigestInterval, DigestRule, DomainName, EditionId, Locale, MailId, Nation,
    NewAction, NewDelivery, OrganisationId, PersonalMessage, Representative, Source, StopId, SupporterId,
    SupporterWords,
};
use postbag_persistence::{
    Actor, Commandable, Confirmation, DeliveryFilter, DeliverySummary, Fault, Intake, IntakeOptions, KeyClaim, NewStop,
    PageRequest, Reach, Record, Store, StoreOptions, TallyListener,
};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, OnceLock};
use tempfile::TempDir;
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

const MAILBOX_CAP: u32 = 3;
const DOMAIN_CAP: u32 = 4;
const WORKERS: usize = 3;

/// How many campaigns there are: more than an inbox gets mails in a day.
const CAMPAIGNS: usize = 5;

/// The organisation of the template and its campaigns.
type Campaigns = (OrganisationId, [(CampaignId, EditionId, &'static str); CAMPAIGNS]);

/// A worker: its ways out for letters, mails and digests.
type Hired = (Lane, mails::Lane, digests::Sender, Arc<WorkerContext>);

pub(super) struct Office {
    folder: TempDir,
    store: Store,
    clock: Clock,
    model: Arc<Mutex<Model>>,
    lanes: Vec<Hired>,
    campaigns: Campaigns,
    stop: Option<StopId>,
    is_loud: bool,
}

/// A database with live campaigns, made once and copied for every seed.
fn template() -> &'static (TempDir, Campaigns) {
    static TEMPLATE: OnceLock<(TempDir, Campaigns)> = OnceLock::new();
    TEMPLATE.get_or_init(|| {
        let made = std::thread::spawn(|| {
            let folder = scratch();
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            let campaigns = runtime.block_on(async {
                let store = open(&folder.path().join("postbag.db"));
                store.migrate().unwrap();
                let owner = publish_organisation(&store).await;
                let mut campaigns = Vec::new();
                // Some wait with what is in doubt, the others send it again.
                let policies = ["hold", "retry"].into_iter().cycle();
                for (slug, policy) in
                    ["fair-care", "clean-air", "open-doors", "warm-homes", "safe-roads"].into_iter().zip(policies)
                {
                    let (id, edition) = publish_campaign(&store, owner, slug, policy).await;
                    store.transition_campaign(edit(slug), CampaignStatus::Live).await.unwrap().value().unwrap();
                    campaigns.push((id, edition, slug));
                }
                for number in 1..=3 {
                    store.put_representative(holder(number)).await.unwrap();
                }
                store.checkpoint().unwrap();
                (owner, <[_; CAMPAIGNS]>::try_from(campaigns).unwrap())
            });
            (folder, campaigns)
        });
        made.join().unwrap()
    })
}

/// A folder in memory, where there is one.
fn scratch() -> TempDir {
    let memory = Path::new("/dev/shm");
    if memory.is_dir() { tempfile::tempdir_in(memory) } else { tempfile::tempdir() }.unwrap()
}

fn open(file: &Path) -> Store {
    let messages = Some(message_seal(&config::Config::default()));
    let options = StoreOptions { readers: 1, writers: 1, messages, ..StoreOptions::default() };
    Store::open(&format!("sqlite:{}", file.display()), &options).unwrap()
}

fn hired(context: Arc<WorkerContext>) -> Hired {
    let stop = CancellationToken::new();
    let letters = Lane::new(Arc::clone(&context), stop.clone());
    let digests = digests::Sender::new(Arc::clone(&context));
    (letters, mails::Lane::new(Arc::clone(&context), stop), digests, context)
}

impl Office {
    pub(super) fn open(seed: u64, is_loud: bool) -> Self {
        let (template, campaigns) = template();
        let folder = scratch();
        let file: PathBuf = folder.path().join("postbag.db");
        std::fs::copy(template.path().join("postbag.db"), &file).unwrap();
        let people = vec![holder(1), holder(2)];
        let clock = Clock::breaking(at(10));
        let model = Arc::new(Mutex::new(Model::new(Random(seed), at(10), people)));
        let store = open(&file);
        let mut office =
            Self { folder, store, clock, model, lanes: Vec::new(), campaigns: *campaigns, stop: None, is_loud };
        office.hire();
        office
    }

    /// Fresh workers, as after a start.
    fn hire(&mut self) {
        let contexts: Vec<_> = (0..WORKERS).map(|_| Arc::new(self.context())).collect();
        self.lanes = contexts.into_iter().map(hired).collect();
    }

    fn context(&self) -> WorkerContext {
        let (relay, people) = (Arc::clone(&self.model), Arc::clone(&self.model));
        let player = Player(Arc::new(move |message| relay.lock().unwrap().hand_over(message)));
        let pacing = config::Pacing { mailbox: MAILBOX_CAP, domain: DOMAIN_CAP, ..config::Pacing::default() };
        WorkerContext::new(
            (self.store.clone(), self.clock.clone()),
            (Mailer::Played(player), DkimKeys::default(), None),
            (TimeDelta::seconds(60), Pacing::steady(&pacing), Arc::default()),
            (keys(), "https://act.example".to_owned()),
            Arc::new(move || Arc::new(directory(people.lock().unwrap().people.clone()))),
            Arc::new(|_rows| {}),
            [Arc::new(Notify::new()), Arc::default(), Arc::default()],
        )
    }

    fn below(&self, end: u64) -> usize {
        usize::try_from(self.model.lock().unwrap().random.below(end)).unwrap()
    }

    fn once_in(&self, times: u64) -> bool {
        self.model.lock().unwrap().random.once_in(times)
    }

    #[expect(clippy::print_stdout, reason = "a seed that is replayed tells its steps")]
    fn say(&self, what: impl FnOnce() -> String) {
        if self.is_loud {
            println!("{} {}", self.model.lock().unwrap().now.format("%d %H:%M:%S"), what());
        }
    }

    /// One thing happens.
    pub(super) async fn step(&mut self) {
        if self.once_in(8) {
            let fault = [Fault::Refuse, Fault::RollBack, Fault::LoseAnswer][self.below(3)];
            self.store.arm_fault(Some((u32::try_from(self.below(6)).unwrap(), fault)));
            self.say(|| format!("{fault:?} comes"));
            Model::count_fault();
            self.any().await;
            self.store.arm_fault(None);
        } else {
            self.any().await;
        }
        if self.once_in(3) {
            self.look().await;
        }
    }

    async fn any(&mut self) {
        match self.below(30) {
            0..=7 => self.submit().await,
            8 | 9 => self.confirm().await,
            10 => self.suppress().await,
            11 => self.elect().await,
            12 => self.stop_or_resume().await,
            13 => self.pause_or_go_on().await,
            14 | 15 => self.report().await,
            16 => self.command().await,
            17 => {
                self.say(|| "restart".to_owned());
                self.hire();
            }
            18 => {
                let _ = self.store.expire_unconfirmed(self.clock.now(), 10).await;
            }
            22 => self.wish(),
            19..=21 => {
                let seconds = [1, 30, 70, 400, 3_000, 20_000, 90_000, 200_000, -120][self.below(9)];
                self.advance(TimeDelta::seconds(seconds));
            }
            _ => {
                let worker = self.below(u64::try_from(WORKERS).unwrap());
                let crash = self.once_in(6).then(|| i64::try_from(self.below(25)).unwrap());
                self.work(worker, crash).await;
            }
        }
    }

    fn advance(&self, by: TimeDelta) {
        self.clock.step(by);
        self.model.lock().unwrap().now += by;
        self.say(|| format!("the clock moved by {by}"));
    }

    async fn submit(&mut self) {
        let (person, (campaign, edition, _)) = (self.below(4), self.campaigns.1[self.below(5)]);
        let is_confirmed = !self.once_in(2);
        let to: Vec<u128> = if self.once_in(2) { vec![1, 2] } else { vec![1] };
        let address = email(&format!("person.{person}@people.example"));
        let id = ActionId::new(ids::fresh());
        let message = PersonalMessage::parse(&format!("action:{id}")).ok();
        let words =
            SupporterWords { email: address.clone(), personal_message: message, may_be_quoted: true, ..words() };
        let action = self.action(id, campaign, words, is_confirmed);
        let deliveries: Vec<_> = to.iter().map(|number| self.delivery(*number, edition, is_confirmed)).collect();
        let letters: Vec<Uuid> = deliveries.iter().map(|delivery| delivery.id.uuid()).collect();
        self.model.lock().unwrap().owners.extend(letters.iter().map(|letter| (*letter, id)));
        let by_seat = to.iter().zip(&letters).map(|(seat, letter)| ((id, *seat), *letter));
        self.model.lock().unwrap().by_seat.extend(by_seat);
        let accepted = Accepted {
            action,
            consents: Vec::new(),
            objections: Vec::new(),
            elsewhere: Vec::new(),
            deliveries,
            skipped: Vec::new(),
        };
        let record = Record {
            accepted,
            supporter_id: SupporterId::new(ids::fresh()),
            mail_id: MailId::new(ids::fresh()),
            mailbox: keys().confirmations.mailbox(&address),
            client: None,
            idempotency: KeyClaim { scope: "test".to_owned(), key: id.to_string(), fingerprint: [0; 32] },
            challenge: None,
            answer: serde_json::Value::Null,
        };
        let quiet: TallyListener = Arc::new(|_rows| {});
        let options = IntakeOptions { patience: std::time::Duration::ZERO, ..IntakeOptions::default() };
        let intake = Intake::start(&self.store, options, &quiet).unwrap();
        let recorded = intake.record(record).await;
        intake.stop().await;
        self.say(|| format!("{address} acts ({is_confirmed}): {recorded:?}"));
        if recorded.is_ok() {
            let known = Known { person: address, campaign, letters, is_confirmed };
            self.model.lock().unwrap().actions.insert(id, known);
        } else if !is_confirmed {
            // It may be stored all the same: its answer was lost. It is not confirmed.
            let known = Known { person: address, campaign, letters: Vec::new(), is_confirmed };
            self.model.lock().unwrap().actions.insert(id, known);
        }
    }

    fn action(&self, id: ActionId, campaign: CampaignId, words: SupporterWords, is_confirmed: bool) -> NewAction {
        NewAction {
            id,
            organisation_id: self.campaigns.0,
            partner_id: None,
            campaign_id: campaign,
            supporter_key: words.email.key(),
            words,
            areas: areas(),
            area_choices: AreaChoices::none(),
            nation: Nation::England,
            status: if is_confirmed { ActionStatus::Confirmed } else { ActionStatus::AwaitingConfirmation },
            confirmed_by: is_confirmed.then_some(ConfirmedBy::Waiver),
            source: Source::default(),
            origin: None,
            test: false,
            locale: Locale::En,
            created_at: self.clock.now(),
        }
    }

    fn delivery(&self, number: u128, edition_id: EditionId, is_confirmed: bool) -> NewDelivery {
        NewDelivery {
            id: DeliveryId::new(ids::fresh()),
            representative_id: representative_id(number),
            office: postbag_domain::Office::Mp,
            area_code: SEAT.parse().unwrap(),
            edition_id,
            state: if is_confirmed { DeliveryState::Queued } else { DeliveryState::Held },
            available_at: is_confirmed.then(|| self.clock.now()),
        }
    }

    async fn confirm(&mut self) {
        let waiting: Vec<ActionId> = {
            let model = self.model.lock().unwrap();
            model.actions.iter().filter(|(_, known)| !known.is_confirmed).map(|(id, _)| *id).collect()
        };
        if waiting.is_empty() {
            return;
        }
        let id = waiting[self.below(u64::try_from(waiting.len()).unwrap())];
        let confirmed = self.store.confirm_action(id, ConfirmedBy::Link, self.clock.now()).await;
        self.say(|| format!("confirm {id}: {:?}", confirmed.as_ref().map(|done| &done.0)));
        // A lost answer may have been a confirmation: from here on the letter may leave.
        let may_be = match &confirmed {
            Ok((done, _)) => matches!(done, Confirmation::Done | Confirmation::Before),
            Err(_) => true,
        };
        if may_be && let Some(known) = self.model.lock().unwrap().actions.get_mut(&id) {
            known.is_confirmed = true;
        }
    }

    async fn suppress(&mut self) {
        let number = self.below(6);
        let address = if number == 5 {
            email("holder.2@parliament.example")
        } else {
            email(&format!("person.{number}@people.example"))
        };
        let MailKeys { suppressions, .. } = keys();
        let SuppressionHash { key_id, hash } = suppressions.hash(&address);
        let done = self.store.suppress(self.campaigns.0, key_id, hash, self.clock.now()).await;
        self.say(|| format!("suppress {address}: {done:?}"));
        if done.is_ok() {
            self.model.lock().unwrap().suppressed.insert(address);
        }
    }

    /// The first seat falls vacant, or is filled again.
    async fn elect(&mut self) {
        {
            let mut model = self.model.lock().unwrap();
            let today = postbag_domain::uk_day(model.now);
            let is_vacant =
                !model.people.iter().any(|person| person.id == representative_id(1) && person.holds_on(today));
            if is_vacant && model.people.len() == 2 {
                model.people.push(Representative { start_date: Some(today), ..holder(3) });
            } else if let Some(first) = model.people.first_mut().filter(|_| !is_vacant) {
                first.end_date = Some(today);
            }
        }
        let woken = self.store.wake_held(self.clock.now()).await;
        self.say(|| format!("an election: {woken:?}"));
    }

    /// A representative wishes for one mail a day, or no longer.
    fn wish(&self) {
        let number = self.below(2);
        let mut model = self.model.lock().unwrap();
        let person = &mut model.people[number];
        let rule = DigestRule { every: DigestInterval::Day, shows: DigestDetail::Counts };
        person.digest = if person.digest.is_none() { Some(rule) } else { None };
        let wish = person.digest.is_some();
        drop(model);
        self.say(|| format!("representative {} wishes for digests: {wish}", number + 1));
    }

    async fn stop_or_resume(&mut self) {
        let actor = Actor { name: "ops".to_owned(), now: self.clock.now(), fresh: ids::fresh };
        match self.stop {
            None => {
                let new = NewStop {
                    stopped: Stopped::Everything,
                    work: Some(StoppedWork::Sending),
                    notice: None,
                    note: "a test".to_owned(),
                };
                let stopped = self.store.stop(Reach::All, new, actor).await;
                self.say(|| format!("stop: {}", stopped.is_ok()));
                if let Ok(Some((stop, _))) = stopped {
                    self.stop = Some(stop.id);
                    self.model.lock().unwrap().is_stopped = true;
                }
            }
            Some(id) => {
                self.model.lock().unwrap().is_stopped = false;
                let resumed = self.store.resume(Reach::All, id, actor).await;
                self.say(|| format!("resume: {resumed:?}"));
                if resumed.is_ok() {
                    self.stop = None;
                }
            }
        }
    }

    async fn pause_or_go_on(&mut self) {
        let (id, _, slug) = self.campaigns.1[self.below(5)];
        let is_paused = self.model.lock().unwrap().paused.contains(&id);
        let to = if is_paused { CampaignStatus::Live } else { CampaignStatus::Paused };
        self.model.lock().unwrap().paused.remove(&id);
        let done = self.store.transition_campaign(edit(slug), to).await;
        self.say(|| format!("{slug} becomes {to}: {}", done.is_ok()));
        let is_done = done.is_ok_and(|edited| edited.value().is_some());
        if is_done && to == CampaignStatus::Paused {
            self.model.lock().unwrap().paused.insert(id);
        }
    }

    /// Something that was sent comes back, or a machine answers.
    async fn report(&mut self) {
        let sent: Vec<Uuid> = self.model.lock().unwrap().taken.iter().copied().collect();
        if sent.is_empty() {
            return;
        }
        let id = sent[self.below(u64::try_from(sent.len()).unwrap())];
        let digest = self
            .model
            .lock()
            .unwrap()
            .digests
            .iter()
            .find(|(_, letters)| letters.contains(&id))
            .map(|(digest, letters)| (*digest, letters.clone()));
        let (about, letters) = match digest {
            Some((digest, letters)) => (Bounced::Digest(DigestId::new(digest)), letters),
            None => (Bounced::Letter(DeliveryId::new(id)), vec![id]),
        };
        let domain = DomainName::parse("mail.charity.example").unwrap();
        let sender = keys().bounces.address(about, &domain).unwrap();
        let words = ["550 5.1.1 user unknown", "552 5.2.2 mailbox full", "450 4.2.0 still trying", "554 5.7.1 blocked"];
        let words = words[self.below(4)];
        let subject = if words.contains("still") { "Warning: could not send" } else { "failure notice" };
        let unique = self.below(3);
        let message = format!(
            "From: MAILER-DAEMON@mx.example\r\nTo: {sender}\r\nSubject: {subject}\r\nX-{unique}: 1\r\n\r\n{words}\r\n"
        );
        let keys = keys();
        let mail_health = MailHealth::default();
        let desk = Desk { store: &self.store, clock: &self.clock, keys: &keys, mail_health: &mail_health };
        let received = desk.receive(Reach::All, message.as_bytes()).await;
        self.say(|| format!("{words} for {id}: {:?}", received.as_ref().map(|received| received.0)));
        Model::count_bounce();
        // What came back for now may be sent again.
        if !matches!(received, Ok((Received::AutoReply | Received::Other, ..))) {
            self.model.lock().unwrap().in_window.extend(letters);
        }
    }

    async fn command(&mut self) {
        let command = DeliveryCommand::ALL[self.below(3)];
        let actor = Actor { name: "ops".to_owned(), now: self.clock.now(), fresh: ids::fresh };
        let before = self.deliveries().await;
        let done = self.store.command_deliveries(
            Reach::All,
            command,
            Commandable::Matching(DeliveryFilter::default(), 2),
            actor,
        );
        let done = done.await;
        self.say(|| format!("{command}: {:?}", done.as_ref().map(|done| &done.each)));
        // What an administrator puts back may be sent again, and leaves its settled state.
        let mut model = self.model.lock().unwrap();
        for delivery in before.iter().filter(|delivery| command.event(delivery.state).is_some()) {
            model.in_window.insert(delivery.id.uuid());
            model.states.remove(&delivery.id.uuid());
        }
    }

    /// A worker does a pass; with `crash`, its process ends at one of its readings of the clock.
    async fn work(&mut self, worker: usize, crash: Option<i64>) {
        self.clock.crash_after(crash.unwrap_or(-1));
        let (lane, mails, digests, context) = &mut self.lanes[worker];
        let caps = context.pacing.caps;
        let done = caught_async(Box::pin(async {
            let woken = context.store.wake_paced(caps, context.clock.now()).await.is_ok();
            let letters = lane.deliver_pending().await.is_ok();
            let mails = mails.send_pending().await.is_ok();
            let digests = digests.send_next().await.is_ok();
            woken && letters && mails && digests
        }))
        .await;
        self.clock.crash_after(-1);
        let broke = done != Ok(true);
        self.model.lock().unwrap().end_step(broke || self.store.fault_came());
        self.say(|| format!("worker {worker} passes (crash {crash:?}): {done:?}"));
        if done.is_err() {
            Model::count_crash();
            self.lanes[worker] = hired(Arc::new(self.context()));
        }
    }

    async fn deliveries(&self) -> Vec<DeliverySummary> {
        let page = PageRequest { limit: 1000, after: None };
        self.store.list_deliveries(Reach::All, DeliveryFilter::default(), page).await.unwrap().items
    }

    /// Looks whether what is stored keeps the promises, and returns the letters.
    async fn look(&self) -> Vec<DeliverySummary> {
        let deliveries = self.deliveries().await;
        for delivery in deliveries.iter().filter(|delivery| delivery.repeat_of.is_none()) {
            self.model.lock().unwrap().see(delivery.id.uuid(), delivery.state);
        }
        if self.once_in(10) {
            assert_eq!(self.store.recount(None).await.unwrap(), [], "a tally is not a count");
        }
        deliveries
    }

    /// Leaves everything to end: no tricks, no stops, and days enough.
    pub(super) async fn finish(&mut self) {
        self.store.arm_fault(None);
        // There may be a stop whose answer was lost.
        for stop in self.store.stops().await.unwrap() {
            self.stop = Some(stop.id);
            self.stop_or_resume().await;
        }
        for (id, _, slug) in self.campaigns.1 {
            if self.store.campaign(Reach::All, slug.parse().unwrap()).await.unwrap().unwrap().campaign.status()
                == CampaignStatus::Paused
            {
                self.store.transition_campaign(edit(slug), CampaignStatus::Live).await.unwrap().value().unwrap();
            }
            self.model.lock().unwrap().paused.remove(&id);
        }
        self.model.lock().unwrap().is_calm = true;
        self.hire();
        let mut rounds = 0;
        while self.is_busy().await {
            self.work(rounds % WORKERS, None).await;
            let step = if self.waits_for_digests_alone().await { TimeDelta::hours(6) } else { TimeDelta::minutes(50) };
            self.advance(step);
            rounds += 1;
            assert!(rounds < 400, "letters wait for ever");
        }
        self.advance(TimeDelta::days(3));
        self.work(0, None).await;
        self.look().await;
        self.check().await;
    }

    /// True if all that waits at a key waits for its digest.
    async fn waits_for_digests_alone(&self) -> bool {
        let waiting = self.store.waiting_messages(Reach::All, self.clock.now()).await.unwrap();
        waiting.queued.is_empty() && waiting.paced.keys().all(|key| key.scope() == PaceScope::Digest)
    }

    /// True while a letter waits for its turn, or has to be looked at. Looks at every letter on the way.
    async fn is_busy(&self) -> bool {
        let is_paced = !self.store.waiting_messages(Reach::All, self.clock.now()).await.unwrap().paced.is_empty();
        let mut firsts = self.look().await.into_iter().filter(|delivery| delivery.repeat_of.is_none());
        is_paced
            || firsts.any(|delivery| match delivery.state {
                DeliveryState::Queued | DeliveryState::Sending | DeliveryState::TemporaryFailure => true,
                DeliveryState::Held | DeliveryState::Uncertain => delivery.available_at.is_some(),
                DeliveryState::Accepted
                | DeliveryState::AssumedDelivered
                | DeliveryState::PermanentFailure
                | DeliveryState::TechnicalFailure
                | DeliveryState::Cancelled => false,
            })
    }

    async fn check(&self) {
        assert_eq!(self.store.recount(None).await.unwrap(), [], "a tally is not a count");
        let deliveries: BTreeMap<Uuid, DeliverySummary> =
            self.deliveries().await.into_iter().map(|delivery| (delivery.id.uuid(), delivery)).collect();
        let model = self.model.lock().unwrap();
        for (id, known) in &model.actions {
            for letter in &known.letters {
                let stored = deliveries.get(letter);
                let stored = stored.unwrap_or_else(|| panic!("the letter {letter} of the action {id} is lost"));
                let is_over = stored.repeat_of.is_some()
                    || stored.state.is_settled()
                    || stored.state == DeliveryState::Held
                    || (stored.state == DeliveryState::Uncertain && stored.available_at.is_none());
                assert!(is_over, "{letter} is {} for ever: {stored:?}", stored.state);
                if stored.state.was_taken() && stored.repeat_of.is_none() {
                    assert!(
                        model.taken.contains(letter),
                        "{letter} is {} and the relay has never taken it",
                        stored.state
                    );
                }
            }
        }
        let mut firsts: BTreeMap<(&str, CampaignId, Uuid), usize> = BTreeMap::new();
        for letter in &model.taken {
            let Some(stored) = deliveries.get(letter) else { continue };
            let Some(known) = model.owners.get(letter).and_then(|action| model.actions.get(action)) else { continue };
            let key = (known.person.as_str(), known.campaign, stored.representative_id.uuid());
            *firsts.entry(key).or_default() += 1;
        }
        assert!(
            firsts.values().all(|count| *count == 1),
            "two letters of one person to one representative: {firsts:?}"
        );
        model.check_caps(usize::try_from(MAILBOX_CAP).unwrap(), usize::try_from(DOMAIN_CAP).unwrap());
        drop(model);
        assert!(self.folder.path().exists());
    }
}
