//! Sends messages: claim, compose, begin, hand over, settle (C5–C7).
//!
//! ```text
//! claim a batch ─┬─ decide ─ commit "settled k−1, begun k" ─ hand k over ─┬─ settle the last, give back the rest
//!                └──────────────── for each message ──────────────────────┘
//! ```
//!
//! A message is never lost and is handed over at least once. It can be handed over twice only if the process died or the relay fell
//! silent between the last byte and the commit of the relay's answer, or if the relay took longer than the lease; both times it
//! is the same message with the same Message-ID (B35).

mod lane;
#[cfg(test)]
pub(super) mod samples;
mod task;
#[cfg(test)]
mod tests;

use super::WorkerContext;
pub(super) use lane::Lane;
use lane::Then;
use postbag_persistence::StoreError;
use std::sync::Arc;
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// Poll interval for messages queued by other nodes or newly due.
const POLL: Duration = Duration::from_secs(1);

/// The longest a lane rests after failures of the database.
const LONGEST_REST: Duration = Duration::from_secs(10);

/// Runs one lane until it is stopped.
pub(super) async fn run(context: Arc<WorkerContext>, stop: CancellationToken) {
    let wake = Arc::clone(&context.wake);
    let mut lane = Lane::new(context, stop.clone());
    let mut failures = 0;
    while !stop.is_cancelled() {
        let done = lane.deliver_pending().await;
        failures = if done.is_err() { failures + 1 } else { 0 };
        let (rest, may_be_woken) = rest_after(&done, failures);
        let sleep = tokio::time::sleep(rest);
        tokio::select! {
            () = stop.cancelled() => {}
            () = wake.notified(), if may_be_woken => {}
            () = sleep => {}
        }
    }
    lane.close().await;
}

/// How long to rest after a step, and whether a wake ends the rest.
fn rest_after(done: &Result<Then, StoreError>, failures: u32) -> (Duration, bool) {
    match done {
        Ok(Then::GoOn) => (Duration::ZERO, false),
        Ok(Then::Rest) => (POLL, true),
        Ok(Then::Pause(pause)) => (*pause, false),
        Err(error) => {
            tracing::warn!(%error, "messages wait for the database");
            let rest = Duration::from_millis(250) * 2_u32.saturating_pow(failures.min(10));
            (rest.min(LONGEST_REST), false)
        }
    }
}
