//! Deletes once a day what has been kept for as long as its organisation keeps it (B11).

use super::WorkerContext;
use super::portions::take_all;
use crate::ids;
use crate::secrets::SuppressionHash;
use chrono::{DateTime, NaiveDate, Utc};
use postbag_domain::{Cutoffs, EmailAddress, OrganisationId};
use postbag_persistence::{Actor, StoreError};
use std::sync::Arc;
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// How often it is looked whether a day has begun.
const ROUND: Duration = Duration::from_secs(10);

/// How many messages go at once.
const MESSAGES: u32 = 500;

/// Of how many actions the client goes at once.
const CLIENTS: u32 = 2_000;

/// How many people go at once.
const PEOPLE: u32 = 50;

/// Runs until it is stopped. A day that fails is tried again with the next round.
pub(super) async fn run(context: Arc<WorkerContext>, stop: CancellationToken) {
    let mut done: Option<NaiveDate> = None;
    loop {
        let (today, now) = (context.clock.today(), context.clock.now());
        if done != Some(today) {
            match delete_due(&context, &stop, now).await {
                Ok(()) => done = Some(today),
                Err(error) => tracing::warn!(%error, "what has been kept for long enough stays until the next round"),
            }
        }
        if stop.run_until_cancelled(tokio::time::sleep(ROUND)).await.is_none() {
            return;
        }
    }
}

async fn delete_due(context: &WorkerContext, stop: &CancellationToken, now: DateTime<Utc>) -> Result<(), StoreError> {
    for (organisation, rules) in context.store.retention_rules().await? {
        let (store, cutoffs) = (&context.store, rules.cutoffs(now));
        let messages = take_all(stop, || store.delete_due_messages(organisation, cutoffs, MESSAGES)).await?;
        let people = take_all(stop, || erase_people(context, organisation, cutoffs, now)).await?;
        take_all(stop, || store.forget_clients(organisation, cutoffs, CLIENTS)).await?;
        take_all(stop, || store.delete_unconfirmed_invalid(organisation, now, PEOPLE)).await?;
        store.forget_invalidations(organisation, cutoffs).await?;
        if people > 0 {
            // Until then SQLite's log shows who was erased; the next day tries again.
            context.store.truncate_log().await?;
        }
        if messages + people > 0 {
            tracing::info!(%organisation, messages, people, "deleted what had been kept for long enough");
        }
    }
    Ok(())
}

/// Erases a portion of the people who are due; answers how many.
async fn erase_people(
    context: &WorkerContext,
    organisation: OrganisationId,
    cutoffs: Cutoffs,
    now: DateTime<Utc>,
) -> Result<usize, StoreError> {
    let keys = context.keys.suppressions.clone();
    let hash = move |address: &EmailAddress| {
        let SuppressionHash { key_id, hash } = keys.hash(address);
        (key_id, hash)
    };
    let actor = Actor { name: String::new(), now, fresh: ids::fresh };
    let erased = context.store.erase_due_people(organisation, cutoffs, (PEOPLE, actor), hash).await?;
    for person in &erased {
        context.publish(&person.tallies);
        context.remove_copies(&person.letters_and_mails);
    }
    Ok(erased.len())
}
