//! Takes away what has had its time: idempotency keys (A2 asks for 24 hours, they are kept for longer),
//! spent challenges, looked-up postcodes, counts on limits, held submissions that no appeal can open, what nobody confirmed, and reports of
//! mail that came back. Seals what older versions stored in clear.

use super::WorkerContext;
use super::portions::take_all;
use postbag_persistence::StoreError;
use std::sync::Arc;
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// How often it is done.
const ROUND: Duration = Duration::from_mins(5);

/// How many rows go at once.
const PORTION: u32 = 500;

/// Runs until it is stopped. While the database is away, the next round tries again.
pub(super) async fn run(context: Arc<WorkerContext>, stop: CancellationToken) {
    let mut are_sealed = seal(&context, &stop).await;
    while stop.run_until_cancelled(tokio::time::sleep(ROUND)).await.is_some() {
        are_sealed = are_sealed || seal(&context, &stop).await;
        let purge_keys = || context.store.purge_expired_keys(context.clock.now(), PORTION);
        let purge_challenges = || context.store.purge_spent_challenges(context.clock.now(), PORTION);
        let purge_postcodes = || context.store.purge_looked_up_postcodes(context.clock.today(), PORTION);
        let purge_uses = || context.store.purge_limit_uses(context.clock.now(), PORTION);
        let purge_reviews = || context.store.purge_reviews(context.clock.now(), PORTION);
        let expire = || expire(&context);
        let ended = [
            take_all(&stop, purge_keys).await,
            take_all(&stop, purge_challenges).await,
            take_all(&stop, purge_postcodes).await,
            take_all(&stop, purge_uses).await,
            take_all(&stop, purge_reviews).await,
            take_all(&stop, expire).await,
        ];
        let cleared = context.bounces_folder.as_ref().map(|folder| folder.clear(context.clock.now().into()));
        if let Some(Err(error)) = cleared {
            tracing::warn!(%error, "reports that have had their time stay until the next round");
        }
        for ended in ended {
            if let Err(error) = ended {
                tracing::warn!(%error, "what has expired stays until the next round");
            }
        }
    }
}

/// Seals the messages of a database that is older than seals; true once none is left (B12).
async fn seal(context: &WorkerContext, stop: &CancellationToken) -> bool {
    let sealed = take_all(stop, || context.store.seal_old_messages(PORTION)).await;
    if let Err(error) = &sealed {
        tracing::warn!(%error, "personal messages from before there were seals stay as they are until the next round");
    }
    sealed.is_ok()
}

/// Expires a portion of what was not confirmed in time (B16).
async fn expire(context: &WorkerContext) -> Result<usize, StoreError> {
    let (expired, counts) = context.store.expire_unconfirmed(context.clock.now(), PORTION).await?;
    context.publish(&counts);
    Ok(expired)
}
