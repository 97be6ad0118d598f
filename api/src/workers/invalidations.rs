//! Works off invalidations: looks for what they describe, strikes it out, and puts it back.

use super::WorkerContext;
use postbag_domain::{InvalidationId, InvalidationState};
use postbag_persistence::{Portion, StoreError};
use std::sync::Arc;
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// How often it is looked whether another node was asked for something.
const ROUND: Duration = Duration::from_secs(5);

/// Between two portions, so that submissions find the writer free.
const BREATH: Duration = Duration::from_millis(20);

/// How many actions are looked at in one read.
const LOOKED_AT: u32 = 2_000;

/// How many are changed in one transaction.
const CHANGED: u32 = 100;

/// Runs until it is stopped. What fails is tried again with the next round, from where it ended.
pub(super) async fn run(context: Arc<WorkerContext>, stop: CancellationToken) {
    loop {
        if let Err(error) = work(&context, &stop).await {
            tracing::warn!(%error, "invalidations wait for the next round");
        }
        let wait = async {
            tokio::select! {
                () = context.wake_invalidations.notified() => {}
                () = tokio::time::sleep(ROUND) => {}
            }
        };
        if stop.run_until_cancelled(wait).await.is_none() {
            return;
        }
    }
}

async fn work(context: &WorkerContext, stop: &CancellationToken) -> Result<(), StoreError> {
    for (invalidation, state) in context.store.invalidations_at_work().await? {
        // One that fails does not keep the others waiting.
        if let Err(error) = work_off(context, (invalidation, state), stop).await {
            tracing::warn!(%error, %invalidation, "an invalidation waits for the next round");
        }
    }
    Ok(())
}

async fn work_off(
    context: &WorkerContext,
    (id, state): (InvalidationId, InvalidationState),
    stop: &CancellationToken,
) -> Result<(), StoreError> {
    loop {
        let portion = portion(context, id, state).await?;
        context.publish(&portion.tallies);
        context.wake.notify_one();
        let is_last = !portion.goes_on;
        if is_last || stop.run_until_cancelled(tokio::time::sleep(BREATH)).await.is_none() {
            return Ok(());
        }
    }
}

async fn portion(context: &WorkerContext, id: InvalidationId, state: InvalidationState) -> Result<Portion, StoreError> {
    let (store, now) = (&context.store, context.clock.now());
    match state {
        InvalidationState::Counting => store.look_for_invalid(id, LOOKED_AT, now).await,
        InvalidationState::Running => store.strike_out(id, CHANGED, now).await,
        InvalidationState::Undoing => store.put_back(id, CHANGED, now).await,
        InvalidationState::Ready
        | InvalidationState::Cancelled
        | InvalidationState::Done
        | InvalidationState::Undone => Ok(Portion::default()),
    }
}
