//! Sends mails to supporters: claim, compose, begin, hand over, settle. One mail's end and the next one's beginning
//! are one commit.

use super::WorkerContext;
use super::hand_over::{HandOver, event};
use super::supervise::caught;
use crate::ids;
use crate::letters;
use crate::outbound::{ComposedMail, OutgoingMail};
use crate::views::preferences::changes;
use chrono::{DateTime, TimeDelta, Utc};
use postbag_domain::confirmation::confirm_by;
use postbag_domain::delivery::Jitter;
use postbag_domain::permission::PREFERENCES_LINK_PERIOD;
use postbag_domain::{
    Bounced, ConfirmationRequest, ConfirmedBy, ContactRole, DeliveryEvent, EmailAddress, LeaseToken, MailAbout, MailId,
    MailKind, MailTemplate, MailText, MailValues, Organisation, WebPage, uk_day,
};
use postbag_persistence::{
    ActionMail, Actor, ClaimedMail, MailBegun, MailSettlement, MailStart, MailSubject, StoreError, Whose,
};
use std::sync::Arc;
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// How many mails are claimed at once.
const BATCH: u16 = 50;

/// How long claimed mails wait for their turn, at most.
const CLAIM: TimeDelta = TimeDelta::minutes(1);

/// Poll interval for mails queued by other nodes or newly due.
const POLL: Duration = Duration::from_secs(1);

/// Rest after a failure of the database.
const REST: Duration = Duration::from_secs(2);

/// How long mails wait whose campaign or domain is paused, or whose organisation has no domain to send from.
const PAUSED: TimeDelta = TimeDelta::minutes(5);

/// Runs one lane until it is stopped.
pub(super) async fn run(context: Arc<WorkerContext>, stop: CancellationToken) {
    let wake = Arc::clone(&context.wake_mails);
    let mut lane = Lane::new(context, stop.clone());
    while !stop.is_cancelled() {
        let (rest, may_be_woken) = match lane.send_pending().await {
            Ok(true) => continue,
            Ok(false) => (POLL, true),
            Err(error) => {
                tracing::warn!(%error, "mails to supporters wait for the database");
                (REST, false)
            }
        };
        tokio::select! {
            () = stop.cancelled() => {}
            () = wake.notified(), if may_be_woken => {}
            () = tokio::time::sleep(rest) => {}
        }
    }
    lane.out.close().await;
}

/// A way out for mails, one at a time.
pub(super) struct Lane {
    context: Arc<WorkerContext>,
    out: HandOver,
    stop: CancellationToken,
}

impl Lane {
    pub(super) fn new(context: Arc<WorkerContext>, stop: CancellationToken) -> Self {
        Self { out: HandOver::new(Arc::clone(&context)), context, stop }
    }

    /// Claims a batch and works through it; true if more may be due.
    pub(super) async fn send_pending(&mut self) -> Result<bool, StoreError> {
        let now = self.context.clock.now();
        if self.context.pauses().relay(now).is_some() {
            return Ok(false);
        }
        self.look_up_people(now).await?;
        let (token, lease) = (LeaseToken::new(ids::random()), CLAIM.min(self.context.lease));
        let claim = self.context.store.claim_mails(token, now, lease, BATCH, ids::fresh).await?;
        let is_full = claim.touched >= usize::from(BATCH);
        let mut finished = None;
        let mut rest = claim.mails.into_iter();
        let mut later: Vec<MailId> = Vec::new();
        let mut worked = Ok(());
        while self.may_go_on(now + lease) && worked.is_ok() {
            let Some(mail) = rest.next() else { break };
            worked = self.take(token, &mail, &mut finished, &mut later).await;
        }
        if finished.is_some() {
            let now = self.context.clock.now();
            self.context.store.settle_and_begin_mail(token, finished, None, now, now).await?;
        }
        let unbegun = rest.map(|mail| mail.id).collect();
        self.context.store.release_mails(token, unbegun, self.context.clock.now()).await?;
        self.context.store.release_mails(token, later, self.context.clock.now() + PAUSED).await?;
        worked.map(|()| is_full)
    }

    /// Does what a request from the web leaves for later, so that its answer takes as long for people who are known: queues the links that they
    /// asked for, and attributes their complaints (C23).
    async fn look_up_people(&self, now: DateTime<Utc>) -> Result<(), StoreError> {
        let keys = self.context.keys.confirmations.clone();
        let mailbox = move |address: &EmailAddress| keys.mailbox(address);
        let actor = Actor { name: String::new(), now, fresh: ids::fresh };
        self.context.store.answer_link_requests(BATCH, actor, mailbox).await?;
        self.context.store.attribute_requests(now, BATCH).await?;
        Ok(())
    }

    /// Not after the stop signal, not when the relay wants a rest, and not when the lease is about to end.
    fn may_go_on(&self, until: DateTime<Utc>) -> bool {
        let now = self.context.clock.now();
        !self.stop.is_cancelled() && now < until && self.context.pauses().relay(now).is_none()
    }

    async fn take(
        &mut self,
        token: LeaseToken,
        mail: &ClaimedMail,
        finished: &mut Option<MailSettlement>,
        later: &mut Vec<MailId>,
    ) -> Result<(), StoreError> {
        let composed = self.compose(mail).await?;
        let now = self.context.clock.now();
        let Some(composed) = composed else {
            tracing::error!(mail = %mail.id, "a mail to a supporter cannot be made");
            later.push(mail.id);
            return Ok(());
        };
        if self.context.pauses().domain(composed.recipient_domain(), now).is_some() {
            later.push(mail.id);
            return Ok(());
        }
        let hashes = self.context.keys.suppressions.hashes(&mail.to).collect();
        let pace = self.context.pacing.caps.sender(composed.sender().domain());
        let start = MailStart { id: mail.id, hashes, pace, jitter: Jitter::new(self.context.pacing.random()) };
        let before = finished.clone();
        let lease_until = now + self.context.lease;
        let begun = self.context.store.settle_and_begin_mail(token, before, Some(start), now, lease_until).await?;
        *finished = None;
        if begun == MailBegun::Yes {
            let outcome = self.out.send(&composed).await;
            *finished = Some(settlement(mail.id, event(&outcome), outcome.reply().to_string()));
        }
        Ok(())
    }

    /// The finished mail, signed; nothing if it cannot be made.
    async fn compose(&self, mail: &ClaimedMail) -> Result<Option<ComposedMail>, StoreError> {
        let Some(stored) = self.context.store.organisation_by_id(mail.organisation_id).await? else { return Ok(None) };
        let letter = match &mail.subject {
            MailSubject::Action(action) if !mail.kind.asks() => self.letter(mail.kind, action).await?,
            MailSubject::Action(_) | MailSubject::Preferences { .. } => None,
        };
        let letter = letter.unwrap_or_default();
        let composed = caught(|| compose(mail, &letter, &stored.organisation, &self.context));
        Ok(composed.ok().flatten())
    }

    /// The first letter that was taken, or could not be delivered, for a supporter who has proved that the address is theirs: nobody else's words may
    /// come into an inbox (B31).
    async fn letter(&self, kind: MailKind, action: &ActionMail) -> Result<Option<String>, StoreError> {
        if !action.confirmed_by.is_some_and(ConfirmedBy::proves_address) {
            return Ok(None);
        }
        let whose = if kind == MailKind::Receipt { Whose::Taken } else { Whose::Failed };
        let letters = self.context.store.deliveries_of(action.action_id, whose).await?;
        let Some(delivery) = letters.first() else { return Ok(None) };
        let Some(edition) = self.context.editions.fetch(&self.context.store, delivery).await? else { return Ok(None) };
        let directory = self.context.directory();
        let Some(holder) = directory.representative(delivery.representative_id) else { return Ok(None) };
        let composed = letters::compose(delivery, &edition, &directory, holder);
        Ok(composed.ok().map(|(_, letter)| format!("{}\n\n{}", letter.subject, letter.body.trim_end())))
    }
}

fn settlement(id: MailId, event: DeliveryEvent, reply: String) -> MailSettlement {
    MailSettlement { id, event, reply, reminder_id: MailId::new(ids::fresh()) }
}

fn compose(
    mail: &ClaimedMail,
    letter: &str,
    organisation: &Organisation,
    context: &WorkerContext,
) -> Option<ComposedMail> {
    let sender = &organisation.content;
    let (text, link) = compose_text(mail, letter, organisation, context)?;
    let domain = sender.sending_domain.as_ref()?;
    let outgoing = OutgoingMail {
        id: mail.id.uuid(),
        from_name: sender.name.clone(),
        sender: context.keys.bounces.address(Bounced::Mail(mail.id), domain).ok()?,
        reply_to: sender.contact(ContactRole::SupporterCare).and_then(|contact| contact.email.clone()),
        to_name: String::new(),
        to: mail.to.clone(),
        text,
        links: link.into_iter().collect(),
        campaigns: Vec::new(),
        unsubscribe: unsubscribe(mail, context),
        written_at: mail.created_at,
    };
    let composed = outgoing.compose().inspect_err(|error| tracing::error!(%error, "a mail cannot be put together"));
    Some(composed.ok()?.signed(&context.dkim_keys))
}

/// The text of a mail, and the link in it if it has one.
fn compose_text(
    mail: &ClaimedMail,
    letter: &str,
    organisation: &Organisation,
    context: &WorkerContext,
) -> Option<(MailText, Option<String>)> {
    let sender = &organisation.content;
    let template = MailTemplate::choose(&sender.mails, mail.kind, mail.locale);
    let write = |about: MailAbout<'_>| {
        let text = template.compose(&MailValues { organisation: &sender.name, about });
        text.inspect_err(|(part, detail)| tracing::error!(part, detail, "mail template")).ok()
    };
    match &mail.subject {
        MailSubject::Action(action) if mail.kind.asks() => {
            let until = confirm_by(action.acted_at);
            let link = confirmation_link(action, until, context);
            let request = ConfirmationRequest {
                link: &link,
                code: &context.keys.confirmations.code(action.campaign_id, mail.supporter_id),
                confirm_by: &mail.locale.day(uk_day(until)),
            };
            let (campaign, representatives) = (&action.campaign.title, &action.representatives);
            Some((write(MailAbout::Request { campaign, representatives, request })?, Some(link)))
        }
        MailSubject::Action(action) => {
            let (campaign, representatives) = (&action.campaign.title, &action.representatives);
            let about = MailAbout::Letters { campaign, representatives, waiting: &action.waiting, letter };
            Some((write(about)?, None))
        }
        MailSubject::Preferences { change, ledger } => {
            let until = mail.created_at + PREFERENCES_LINK_PERIOD;
            let link = preferences_link(mail, sender.preferences_url.as_ref(), until, context);
            let valid_until = &mail.locale.day(uk_day(until));
            let changes = change.map(|change| changes(ledger, change, mail.locale)).unwrap_or_default();
            Some((write(MailAbout::Preferences { link: &link, valid_until, changes: &changes })?, Some(link)))
        }
    }
}

/// The address of the page on which the supporter confirms. On a front end's page the token stands where no server's log sees it.
fn confirmation_link(action: &ActionMail, until: DateTime<Utc>, context: &WorkerContext) -> String {
    let token = context.keys.confirmations.token(action.action_id, until);
    match &action.campaign.confirmation_url {
        Some(page) => format!("{page}#token={token}"),
        None => format!("{}/confirm/{token}", context.public_url),
    }
}

/// The address of the page on which the person sees and changes their preferences.
fn preferences_link(
    mail: &ClaimedMail,
    page: Option<&WebPage>,
    until: DateTime<Utc>,
    context: &WorkerContext,
) -> String {
    let token = context.keys.preferences.token(mail.supporter_id, &mail.to, until);
    match page {
        Some(page) => format!("{page}#token={token}"),
        None => format!("{}/preferences/{token}", context.public_url),
    }
}

/// The address that ends mails which nobody needs for what they do (B30).
fn unsubscribe(mail: &ClaimedMail, context: &WorkerContext) -> Option<String> {
    let token = || context.keys.preferences.unsubscribe_token(mail.supporter_id);
    (mail.kind == MailKind::Receipt).then(|| format!("{}/unsubscribe/{}", context.public_url, token()))
}
