//! Mails an organisation when submissions to one of its campaigns wait for somebody to look at them.

use super::WorkerContext;
use super::hand_over::HandOver;
use crate::ids;
use crate::outbound::{ComposedMail, Outcome, OutgoingMail};
use chrono::{DateTime, Utc};
use postbag_domain::{Bounced, ContactRole, EmailAddress, MailId, OrganisationContent, ReviewQueue};
use postbag_persistence::{ReviewReport, StoreError};
use std::sync::Arc;
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// How often the queues are looked at.
const ROUND: Duration = Duration::from_secs(10);

/// Whom it concerns, the first of these that has an address.
const ROLES: [ContactRole; 4] =
    [ContactRole::SupporterCare, ContactRole::Policy, ContactRole::DataProtection, ContactRole::Complaints];

/// Runs until it is stopped. A mail that the relay does not take is tried again with a later round.
pub(super) async fn run(context: Arc<WorkerContext>, stop: CancellationToken) {
    let mut out = HandOver::new(Arc::clone(&context));
    while stop.run_until_cancelled(tokio::time::sleep(ROUND)).await.is_some() {
        if let Err(error) = report(&context, &mut out).await {
            tracing::warn!(%error, "queues of submissions are reported with the next round");
        }
    }
    out.close().await;
}

async fn report(context: &WorkerContext, out: &mut HandOver) -> Result<(), StoreError> {
    let now = context.clock.now();
    if context.pauses().relay(now).is_some() {
        return Ok(());
    }
    for report in context.store.review_queues().await? {
        let (before, after) = (report.queue.reported, report.queue.remembered());
        if before == after || !context.store.remember_report(&report, after).await? || !report.queue.is_worth_a_mail() {
            continue;
        }
        if !mail(context, out, &report, now).await {
            let told = ReviewReport { queue: ReviewQueue { reported: after, ..report.queue }, ..report };
            context.store.remember_report(&told, before).await?;
        }
    }
    Ok(())
}

/// Mails a report; false if that is to be tried again.
async fn mail(context: &WorkerContext, out: &mut HandOver, report: &ReviewReport, now: DateTime<Utc>) -> bool {
    match compose(context, report, now).await {
        Ok(Some(mail)) => !matches!(out.send(&mail).await, Outcome::RefusedForNow { .. }),
        Ok(None) => {
            let ReviewReport { campaign_id, queue, .. } = report;
            tracing::warn!(%campaign_id, waiting = queue.waiting, "submissions wait for a person, and nobody can be mailed");
            true
        }
        Err(error) => {
            tracing::warn!(%error, "a report of submissions that wait is made again");
            false
        }
    }
}

/// The finished mail, signed; nothing where nobody has an address, or the organisation none to send from.
async fn compose(
    context: &WorkerContext,
    report: &ReviewReport,
    now: DateTime<Utc>,
) -> Result<Option<ComposedMail>, StoreError> {
    let Some(stored) = context.store.organisation_by_id(report.organisation_id).await? else { return Ok(None) };
    let organisation = stored.organisation.content;
    let Some(terms) = context.store.campaign_terms(report.campaign_id).await? else { return Ok(None) };
    let Some((to, domain)) = whom(&organisation).zip(organisation.sending_domain.clone()) else { return Ok(None) };
    let id = MailId::new(ids::fresh());
    let Ok(sender) = context.keys.bounces.address(Bounced::Mail(id), &domain) else { return Ok(None) };
    let outgoing = OutgoingMail {
        id: id.uuid(),
        from_name: organisation.name.clone(),
        sender,
        reply_to: None,
        to_name: String::new(),
        to,
        text: report.queue.mail(&terms.title, terms.slug.as_str(), terms.default_locale),
        links: Vec::new(),
        campaigns: Vec::new(),
        unsubscribe: None,
        written_at: now,
    };
    let composed = outgoing.compose().inspect_err(|error| tracing::error!(%error, "a mail cannot be put together"));
    Ok(composed.ok().map(|composed| composed.signed(&context.dkim_keys)))
}

fn whom(organisation: &OrganisationContent) -> Option<EmailAddress> {
    let mut contacts = ROLES.into_iter().filter_map(|role| organisation.contact(role));
    contacts.find_map(|contact| contact.email.clone())
}
