//! One lane: one message after the other, each begun and settled in commits of its own.

use super::task::Task;
use crate::ids;
use crate::outbound::ComposedMail;
use crate::workers::WorkerContext;
use crate::workers::hand_over::{HandOver, bounce, event};
use crate::workers::patience::within_lease;
use crate::workers::supervise::caught;
use chrono::{DateTime, TimeDelta, Utc};
use postbag_domain::delivery::{Jitter, Pace, PaceKey, goes_to_successor};
use postbag_domain::{
    DeliveryEvent, DeliveryId, DeliveryState, DigestId, EmailAddress, HeldFor, LeaseToken, RepresentativeId, uk_day,
};
use postbag_persistence::{Begun, ClaimedDelivery, Collected, NoRoom, Redirect, Settlement, Start, StoreError};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

/// How many messages are claimed at once.
const BATCH: u16 = 50;

/// How long claimed messages wait for their turn in a lane, at most; then they are given back to all lanes.
const CLAIM: TimeDelta = TimeDelta::minutes(1);

/// Rest after a batch of which everything has to wait, so that a long queue of such messages is not turned over at full speed.
const TURN: Duration = Duration::from_millis(200);

/// The next thing to do after a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::workers) enum Then {
    /// More may be due: claim again at once.
    GoOn,
    /// Nothing is due: rest until something is.
    Rest,
    /// Whatever is due had better wait.
    Pause(Duration),
}

/// A way out for messages, one at a time.
pub(in crate::workers) struct Lane {
    context: Arc<WorkerContext>,
    out: HandOver,
    stop: CancellationToken,
}

/// Messages under one lease, and what became of them.
struct Batch {
    token: LeaseToken,
    until: DateTime<Utc>,
    finished: Vec<Settlement>,
    held: Vec<(DeliveryId, HeldFor)>,
    parked: Vec<(DeliveryId, NoRoom)>,
    collected: Vec<Collected>,
    later: BTreeMap<DateTime<Utc>, Vec<DeliveryId>>,
    moved: bool,
}

impl Lane {
    pub(in crate::workers) fn new(context: Arc<WorkerContext>, stop: CancellationToken) -> Self {
        let out = HandOver::new(Arc::clone(&context));
        Self { context, out, stop }
    }

    /// Says goodbye to the relay.
    pub(super) async fn close(self) {
        self.out.close().await;
    }

    /// Claims a batch and works through it. Whatever happens, what was handed over is settled and what was not is given back;
    /// if the database does not allow either, the lease ends by itself.
    pub(in crate::workers) async fn deliver_pending(&mut self) -> Result<Then, StoreError> {
        let now = self.context.clock.now();
        if let Some(pause) = self.pause(now) {
            return Ok(pause);
        }
        let token = LeaseToken::new(ids::random());
        let lease = CLAIM.min(self.context.lease);
        let claim = self.context.store.claim_deliveries(token, now, lease, BATCH).await?;
        self.context.publish(&claim.tallies);
        let is_full = claim.touched >= usize::from(BATCH);
        if is_full {
            // There is work for another lane.
            self.context.wake.notify_one();
        }
        let mut batch = Batch::new(token, now + lease);
        batch.moved = claim.deliveries.len() < claim.touched;
        self.work_through(&mut batch, claim.deliveries).await?;
        let pause = self.pause(self.context.clock.now());
        Ok(match pause {
            Some(pause) => pause,
            None if !is_full => Then::Rest,
            None if batch.moved => Then::GoOn,
            None => Then::Pause(TURN),
        })
    }

    fn pause(&self, now: DateTime<Utc>) -> Option<Then> {
        let until = self.context.pauses().relay(now)?;
        Some(Then::Pause((until - now).to_std().unwrap_or(TURN)))
    }

    async fn work_through(&mut self, batch: &mut Batch, claimed: Vec<ClaimedDelivery>) -> Result<(), StoreError> {
        let mut rest = claimed.into_iter();
        let mut worked = Ok(());
        while worked.is_ok() && self.may_go_on(batch) {
            let Some(delivery) = rest.next() else { break };
            worked = self.take(batch, &delivery).await;
            if worked.is_err() {
                batch.later(self.context.clock.now(), delivery.id);
            }
        }
        let now = self.context.clock.now();
        rest.for_each(|delivery| batch.later(now, delivery.id));
        self.settle(batch).await;
        self.give_back(batch).await;
        worked
    }

    /// Not after the stop signal, not when the relay wants a rest, and not when the lease is about to end.
    fn may_go_on(&self, batch: &Batch) -> bool {
        let now = self.context.clock.now();
        !self.stop.is_cancelled() && now < batch.until && self.context.pauses().relay(now).is_none()
    }

    /// Does what is to be done with one message.
    async fn take(&mut self, batch: &mut Batch, delivery: &ClaimedDelivery) -> Result<(), StoreError> {
        let now = self.context.clock.now();
        if let Some(opening) = self.context.pacing.closed_until(now) {
            batch.later(opening, delivery.id);
            batch.moved = true;
            return Ok(());
        }
        if let Some(no_room) = self.without_room(delivery, now) {
            batch.parked.push((delivery.id, no_room));
            return Ok(());
        }
        match self.task(delivery, now).await? {
            Task::Wait => {
                let key = PaceKey::stop(delivery.campaign_id.uuid());
                batch.parked.push((delivery.id, NoRoom::stopped(key, now)));
            }
            Task::Collect(every) => {
                let digest_id = DigestId::new(ids::fresh());
                batch.collected.push(Collected { id: delivery.id, every, digest_id });
            }
            Task::Hold(reason) => batch.hold(delivery, reason),
            Task::Redirect(redirect) => self.redirect(batch, delivery, redirect).await?,
            Task::Break(reason) => {
                tracing::error!(delivery = %delivery.id, reason, "a message cannot be made");
                if self.begin(batch, delivery, None, Vec::new()).await? {
                    let notice = Some(self.context.keys.notice(&delivery.words.email));
                    batch.finish(Settlement {
                        reply: Some(reason),
                        notice,
                        ..Settlement::new(delivery.id, DeliveryEvent::Break)
                    });
                }
            }
            Task::Send { letter, to, receipt } => {
                let pause = self.context.pauses().domain(letter.recipient_domain(), now);
                match pause {
                    Some(until) => batch.later(until, delivery.id),
                    None => self.send(batch, delivery, (&letter, &to), receipt).await?,
                }
            }
        }
        Ok(())
    }

    /// A message whose composing panics is one that cannot be made: it must not come back for ever (C13).
    async fn task(&self, delivery: &ClaimedDelivery, now: DateTime<Utc>) -> Result<Task, StoreError> {
        let edition = self.context.editions.fetch(&self.context.store, delivery).await?;
        let written = self.written(delivery).await?;
        let directory = self.context.directory();
        let task = caught(|| {
            let edition = edition.as_deref();
            let task = Task::of(delivery, &written, edition, &directory, uk_day(now), &self.context.keys.bounces);
            task.signed(&self.context.dkim_keys)
        });
        Ok(task.unwrap_or_else(|_panicked| Task::Break("composing it panicked".to_owned())))
    }

    /// To whom the supporter has written in the campaign; it matters only for what is held.
    async fn written(&self, delivery: &ClaimedDelivery) -> Result<Vec<RepresentativeId>, StoreError> {
        if delivery.state != DeliveryState::Held {
            return Ok(Vec::new());
        }
        self.context.store.first_recipients(delivery.campaign_id, delivery.supporter_id).await
    }

    /// The seat is filled again: what is held goes to the successor, or is cancelled, as the campaign wants.
    async fn redirect(
        &self,
        batch: &mut Batch,
        delivery: &ClaimedDelivery,
        redirect: Redirect,
    ) -> Result<(), StoreError> {
        match self.context.store.when_seat_filled(delivery.campaign_id).await? {
            Some(setting) if goes_to_successor(setting, delivery.campaign_status) => {}
            Some(_cancel) => {
                batch.cancel(delivery.id);
                return Ok(());
            }
            None => {
                batch.hold(delivery, HeldFor::Vacancy);
                return Ok(());
            }
        }
        match self.context.store.redirect_delivery(batch.token, redirect, self.context.clock.now()).await {
            Ok(counts) => self.context.publish(&counts),
            // The supporter has just written to the successor themselves.
            Err(StoreError::Conflict) => batch.cancel(delivery.id),
            Err(error) => return Err(error),
        }
        batch.moved = true;
        Ok(())
    }

    async fn send(
        &mut self,
        batch: &mut Batch,
        delivery: &ClaimedDelivery,
        (letter, to): (&ComposedMail, &EmailAddress),
        receipt: bool,
    ) -> Result<(), StoreError> {
        let caps = self.context.pacing.caps;
        let paces = caps.recipient(to, delivery.campaign_id).chain(caps.sender(letter.sender().domain())).collect();
        if !self.begin(batch, delivery, Some(to), paces).await? {
            return Ok(());
        }
        let outcome = self.out.send(letter).await;
        tracing::debug!(delivery = %delivery.id, reply = %outcome.reply(), "an attempt ended");
        let event = event(&outcome);
        let notice =
            (receipt || event != DeliveryEvent::Accept).then(|| self.context.keys.notice(&delivery.words.email));
        let (reply, bounce) = (Some(outcome.reply().to_string()), bounce(&outcome));
        batch.finish(Settlement { reply, bounce, notice, ..Settlement::new(delivery.id, event) });
        Ok(())
    }

    /// The cap that is known to have no room for a message, or the stop that is known to hold it back. What is held may go to somebody else, or to nobody.
    fn without_room(&self, delivery: &ClaimedDelivery, now: DateTime<Utc>) -> Option<NoRoom> {
        if delivery.state == DeliveryState::Held {
            return None;
        }
        let directory = self.context.directory();
        let to = directory.representative(delivery.representative_id).and_then(|holder| holder.email.as_ref());
        let caps = self.context.pacing.caps;
        let paces = to.into_iter().flat_map(|to| caps.recipient(to, delivery.campaign_id)).map(|pace| pace.key);
        let subjects = [
            Uuid::nil(),
            delivery.organisation_id.uuid(),
            delivery.campaign_owner.uuid(),
            delivery.representative_id.uuid(),
            delivery.campaign_id.uuid(),
        ];
        self.context.pacing.without_room(subjects.into_iter().map(PaceKey::stop).chain(paces), now)
    }

    /// Commits what was finished before, and that this attempt begins, in one: before the first byte (C7). False if it may not.
    async fn begin(
        &self,
        batch: &mut Batch,
        delivery: &ClaimedDelivery,
        to: Option<&EmailAddress>,
        paces: Vec<Pace>,
    ) -> Result<bool, StoreError> {
        let people = std::iter::once(&delivery.words.email).chain(to);
        let hashes = people.flat_map(|address| self.context.keys.suppressions.hashes(address)).collect();
        let jitter = Jitter::new(self.context.pacing.random());
        let (finished, starts) = (batch.finished.clone(), vec![Start { id: delivery.id, hashes, paces, jitter }]);
        let now = self.context.clock.now();
        let committed =
            self.context.store.settle_and_begin(batch.token, finished, starts, now, now + self.context.lease).await;
        let (settled, begun) = committed?;
        batch.finished.clear();
        batch.moved = true;
        self.context.publish(&settled.tallies);
        self.context.publish(&begun.tallies);
        if let Some(Begun::Paced(no_room)) = begun.each.first() {
            self.context.pacing.learn(no_room, now);
        }
        Ok(matches!(begun.each.first(), Some(Begun::Yes { .. })))
    }

    /// Settles what is finished. While the database is away it is tried for as long as the lease lasts: what is not settled by
    /// then is uncertain to everybody.
    async fn settle(&self, batch: &mut Batch) {
        let finished = std::mem::take(&mut batch.finished);
        batch.moved |= !finished.is_empty();
        if finished.is_empty() || self.settled(batch.token, finished.clone()).await.is_ok() {
            return;
        }
        // One that cannot be settled must not stand in the way of the others.
        for settlement in finished {
            self.settle_alone(batch.token, settlement).await;
        }
    }

    async fn settle_alone(&self, token: LeaseToken, settlement: Settlement) {
        let settled = within_lease(self.context.lease, || self.settled(token, vec![settlement.clone()])).await;
        if let Err(error) = settled {
            tracing::error!(%error, delivery = %settlement.id, "an attempt could not be settled");
        }
    }

    async fn settled(&self, token: LeaseToken, finished: Vec<Settlement>) -> Result<(), StoreError> {
        let settled = self.context.store.settle_deliveries(token, finished, self.context.clock.now()).await?;
        self.context.publish(&settled.tallies);
        Ok(())
    }

    /// Puts letters into the digests that will carry them.
    async fn collect(&self, batch: &mut Batch) {
        let collected = std::mem::take(&mut batch.collected);
        batch.moved |= !collected.is_empty();
        if collected.is_empty() {
            return;
        }
        match self.context.store.collect_letters(batch.token, collected, self.context.clock.now()).await {
            Ok(tallies) => self.context.publish(&tallies),
            Err(error) => tracing::warn!(%error, "letters for digests are looked at again when their lease ends"),
        }
    }

    /// Gives back messages that were not begun, with the time of their next attempt, and those that stay held.
    async fn give_back(&self, batch: &mut Batch) {
        let held = std::mem::take(&mut batch.held);
        batch.moved |= !held.is_empty();
        if !held.is_empty()
            && let Err(error) = self.context.store.keep_holding(batch.token, held).await
        {
            tracing::warn!(%error, "held messages are looked at again when their lease ends");
        }
        let parked = std::mem::take(&mut batch.parked);
        batch.moved |= !parked.is_empty();
        if !parked.is_empty()
            && let Err(error) = self.context.store.park_deliveries(batch.token, parked).await
        {
            tracing::warn!(%error, "messages without room are looked at again when their lease ends");
        }
        self.collect(batch).await;
        for (at, ids) in std::mem::take(&mut batch.later) {
            if let Err(error) = self.context.store.release_deliveries(batch.token, ids, at).await {
                tracing::warn!(%error, "claimed messages wait until their lease ends");
            }
        }
    }
}

impl Batch {
    fn new(token: LeaseToken, until: DateTime<Utc>) -> Self {
        Self {
            token,
            until,
            finished: Vec::new(),
            held: Vec::new(),
            parked: Vec::new(),
            collected: Vec::new(),
            later: BTreeMap::new(),
            moved: false,
        }
    }

    fn finish(&mut self, settlement: Settlement) {
        self.finished.push(settlement);
    }

    /// Holds a message.
    fn hold(&mut self, delivery: &ClaimedDelivery, reason: HeldFor) {
        if delivery.state == DeliveryState::Held {
            self.held.push((delivery.id, reason));
            return;
        }
        let (reply, held_for) = (Some(held(reason).to_owned()), Some(reason));
        self.finish(Settlement { reply, held_for, ..Settlement::new(delivery.id, DeliveryEvent::Hold) });
    }

    /// Cancels a held message; what it waited for stays on record.
    fn cancel(&mut self, id: DeliveryId) {
        let reply = Some("the seat is somebody else's now, and the campaign does not write to successors".to_owned());
        let held_for = Some(HeldFor::Vacancy);
        self.finish(Settlement { reply, held_for, ..Settlement::new(id, DeliveryEvent::Cancel) });
    }

    fn later(&mut self, at: DateTime<Utc>, id: DeliveryId) {
        self.later.entry(at).or_default().push(id);
    }
}

/// Why a message is held, for administrators.
const fn held(reason: HeldFor) -> &'static str {
    match reason {
        HeldFor::Confirmation => "the supporter has not confirmed it",
        HeldFor::Vacancy => "the representative does not hold the office any more",
        HeldFor::Moved => "the postcode lies in another seat now, of which nobody is known",
        HeldFor::Refusal => "the representative does not wish to be written to",
        HeldFor::NoAddress => "no address of the representative is known",
        HeldFor::Bounces => "letters to the representative's address came back: it has to be checked",
    }
}
