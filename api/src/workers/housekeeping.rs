//! Takes away what has had its time: idempotency keys (A2 asks for 24 hours, they are kept for longer).

use super::Workplace;
use postbag_persistence::StoreError;
use std::sync::Arc;
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// How often it is done.
const ROUND: Duration = Duration::from_mins(5);

/// Between two portions, so that submissions find the writer free.
const BREATH: Duration = Duration::from_millis(100);

/// How many rows go at once.
const PORTION: u32 = 500;

/// Goes on until told to stop. A database that is away is asked again in the next round.
pub(super) async fn run(place: Arc<Workplace>, stop: CancellationToken) {
    while stop.run_until_cancelled(tokio::time::sleep(ROUND)).await.is_some() {
        if let Err(error) = purge_keys(&place, &stop).await {
            tracing::warn!(%error, "expired keys stay until the next round");
        }
    }
}

/// Deletes expired keys in small portions.
async fn purge_keys(place: &Workplace, stop: &CancellationToken) -> Result<(), StoreError> {
    loop {
        let portion = place.store.purge_expired_keys(place.clock.now(), PORTION).await?;
        let is_last = u32::try_from(portion).is_ok_and(|portion| portion < PORTION);
        if is_last || stop.run_until_cancelled(tokio::time::sleep(BREATH)).await.is_none() {
            return Ok(());
        }
    }
}
