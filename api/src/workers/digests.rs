//! Sends digests: claim, decide for each letter, begin, compose, hand over, settle.
//!
//! A digest is made of the letters that could begin: who was suppressed or whose campaign was paused since is not in it.

use super::WorkerContext;
use super::hand_over::{HandOver, bounce, event};
use super::patience::within_lease;
use super::supervise::caught;
use crate::ids;
use crate::letters::digest::{self, Carried};
use crate::outbound::{ComposedMail, Outcome, Reply, Stage};
use chrono::{DateTime, Utc};
use postbag_domain::delivery::Jitter;
use postbag_domain::{
    DeliveryEvent, DeliveryId, DomainName, EmailAddress, LeaseToken, Organisation, Representative, uk_day,
};
use postbag_persistence::{
    ClaimedDelivery, ClaimedDigest, DigestBegun, DigestSettlement, DigestStart, LetterNotice, StoreError,
};
use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// How often it is asked whether a digest is due.
const POLL: Duration = Duration::from_secs(2);

/// Rest after a failure of the database.
const REST: Duration = Duration::from_secs(5);

/// Runs until it is stopped.
pub(super) async fn run(context: Arc<WorkerContext>, stop: CancellationToken) {
    let mut sender = Sender::new(context);
    while !stop.is_cancelled() {
        let rest = match sender.send_next().await {
            Ok(true) => continue,
            Ok(false) => POLL,
            Err(error) => {
                tracing::warn!(%error, "digests wait for the database");
                REST
            }
        };
        let _stopped = stop.run_until_cancelled(tokio::time::sleep(rest)).await;
    }
    sender.out.close().await;
}

/// A way out for digests, one at a time.
pub(super) struct Sender {
    context: Arc<WorkerContext>,
    out: HandOver,
}

impl Sender {
    pub(super) fn new(context: Arc<WorkerContext>) -> Self {
        Self { out: HandOver::new(Arc::clone(&context)), context }
    }

    /// Sends the digest that is due first; true if another may be due.
    pub(super) async fn send_next(&mut self) -> Result<bool, StoreError> {
        let now = self.context.clock.now();
        if self.context.pacing.closed_until(now).is_some() || self.context.pauses().relay(now).is_some() {
            return Ok(false);
        }
        let token = LeaseToken::new(ids::random());
        let claim = self.context.store.claim_digest(token, now, self.context.lease).await?;
        self.context.publish(&claim.tallies);
        if let Some(digest) = claim.digest {
            self.take(token, &digest, now).await?;
        }
        Ok(claim.touched)
    }

    async fn take(&mut self, token: LeaseToken, digest: &ClaimedDigest, now: DateTime<Utc>) -> Result<(), StoreError> {
        let directory = self.context.directory();
        let holder = directory.representative(digest.representative_id);
        let reached = holder.and_then(|holder| Some((holder, holder.email.as_ref()?)));
        let pause = reached.and_then(|(_, to)| self.context.pauses().domain(to.domain(), now));
        if let Some(until) = pause {
            return self.context.store.release_digest(token, digest.id, until).await;
        }
        let organisation = self.context.store.organisation_by_id(digest.organisation_id).await?;
        let sources = (&self.context.store, &self.context.editions);
        let carried = digest::carried(digest, sources, &directory, uk_day(now)).await?;
        let organisation = organisation.map(|stored| stored.organisation);
        let domain = organisation.as_ref().and_then(|organisation| organisation.content.sending_domain.as_ref());
        let begun = self.begin(token, digest, &carried, (reached, domain), now).await?;
        let (DigestBegun::Yes(begun), Some(reached)) = (begun, reached) else { return Ok(()) };
        let begun: BTreeSet<DeliveryId> = begun.into_iter().collect();
        let carried: Vec<_> = carried.into_iter().filter(|one| begun.contains(&one.letter.id)).collect();
        let outcome = match self.compose(digest, &carried, organisation.as_ref(), reached) {
            Ok(mail) => self.out.send(&mail).await,
            Err(reason) => {
                tracing::error!(digest = %digest.id, reason, "a digest cannot be made");
                Outcome::Broke(Reply::happened(Stage::Message, &reason))
            }
        };
        tracing::debug!(digest = %digest.id, reply = %outcome.reply(), "an attempt ended");
        self.settle(token, digest, &carried, &outcome).await
    }

    /// Commits that the attempt begins: before the first byte (C7).
    async fn begin(
        &self,
        token: LeaseToken,
        digest: &ClaimedDigest,
        carried: &[Carried<'_>],
        (reached, domain): (Option<(&Representative, &EmailAddress)>, Option<&DomainName>),
        now: DateTime<Utc>,
    ) -> Result<DigestBegun, StoreError> {
        let hashes = |letter: &ClaimedDelivery| {
            let people = std::iter::once(&letter.words.email).chain(reached.map(|(_, to)| to));
            people.flat_map(|address| self.context.keys.suppressions.hashes(address)).collect()
        };
        let caps = self.context.pacing.caps;
        let paces = reached.zip(carried.last()).map(|((_, to), newest)| {
            let sender = domain.and_then(|domain| caps.sender(domain.as_str()));
            caps.recipient(to, newest.letter.campaign_id).chain(sender).collect()
        });
        let start = DigestStart {
            id: digest.id,
            state: digest.state,
            letters: carried.iter().map(|one| (one.letter.id, hashes(one.letter))).collect(),
            paces: paces.unwrap_or_default(),
            jitter: Jitter::new(self.context.pacing.random()),
        };
        let lease_until = now + self.context.lease;
        let (begun, tallies) = self.context.store.begin_digest(token, start, now, lease_until).await?;
        self.context.publish(&tallies);
        self.context.wake.notify_one();
        Ok(begun)
    }

    /// The signed mail, or why it cannot be made: a panic is a reason too (C13).
    fn compose(
        &self,
        digest: &ClaimedDigest,
        carried: &[Carried<'_>],
        organisation: Option<&Organisation>,
        reached: (&Representative, &EmailAddress),
    ) -> Result<ComposedMail, String> {
        let organisation = organisation.ok_or("its organisation is missing")?;
        let written = caught(|| {
            let mail = digest::write(digest, carried, organisation, reached, &self.context.keys.bounces)?;
            Ok(mail.signed(&self.context.dkim_keys))
        });
        written.unwrap_or_else(|_panicked| Err("composing it panicked".to_owned()))
    }

    /// Settles the digest. While the database is away it is tried for as long as the lease lasts.
    async fn settle(
        &self,
        token: LeaseToken,
        digest: &ClaimedDigest,
        carried: &[Carried<'_>],
        outcome: &Outcome,
    ) -> Result<(), StoreError> {
        let settlement = DigestSettlement {
            id: digest.id,
            event: event(outcome),
            reply: outcome.reply().to_string(),
            bounce: bounce(outcome),
            letters: carried.iter().map(|one| (one.letter.id, self.notice(one, outcome))).collect(),
        };
        let tallies = within_lease(self.context.lease, || {
            self.context.store.settle_digest(token, settlement.clone(), self.context.clock.now())
        });
        self.context.publish(&tallies.await?);
        Ok(())
    }

    /// The mail to a letter's supporter about what became of it.
    fn notice(&self, carried: &Carried<'_>, outcome: &Outcome) -> Option<LetterNotice> {
        let is_wanted = carried.wants_receipt() || event(outcome) != DeliveryEvent::Accept;
        is_wanted.then(|| self.context.keys.notice(&carried.letter.words.email))
    }
}
