//! Work on many rows, portion after portion, so that submissions find the writer free in between.

use postbag_persistence::StoreError;
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// Between two portions.
const BREATH: Duration = Duration::from_millis(100);

/// Takes portions until one finds nothing, or the worker is stopped. Answers how much was taken.
pub(super) async fn take_all<F>(stop: &CancellationToken, portion: impl Fn() -> F) -> Result<usize, StoreError>
where
    F: Future<Output = Result<usize, StoreError>>,
{
    let mut all = 0;
    loop {
        let taken = portion().await?;
        all += taken;
        if taken == 0 || stop.run_until_cancelled(tokio::time::sleep(BREATH)).await.is_none() {
            return Ok(all);
        }
    }
}
