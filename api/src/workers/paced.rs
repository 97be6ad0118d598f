//! Wakes the messages that wait for their caps.

use super::WorkerContext;
use postbag_persistence::StoreError;
use std::sync::Arc;
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// How often caps are looked at.
const POLL: Duration = Duration::from_millis(500);

/// Rest after a failure of the database.
const REST: Duration = Duration::from_secs(5);

/// Runs until it is stopped.
pub(super) async fn run(context: Arc<WorkerContext>, stop: CancellationToken) {
    while !stop.is_cancelled() {
        let rest = match wake(&context).await {
            Ok(()) => POLL,
            Err(error) => {
                tracing::warn!(%error, "messages that wait for their caps wait for the database");
                REST
            }
        };
        let _stopped = stop.run_until_cancelled(tokio::time::sleep(rest)).await;
    }
}

async fn wake(context: &WorkerContext) -> Result<(), StoreError> {
    let now = context.clock.now();
    let is_due = context.store.next_pace().await?.is_some_and(|first| first <= now);
    if is_due && context.store.wake_paced(context.pacing.caps, now).await? > 0 {
        context.wake.notify_one();
    }
    Ok(())
}
