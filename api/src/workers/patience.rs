//! Patience with a database that is away.

use chrono::TimeDelta;
use postbag_persistence::StoreError;
use std::time::Duration;
use tokio::time::Instant;

/// The longest wait between two tries.
const LONGEST: Duration = Duration::from_secs(5);

/// The result of a call, which is tried again while the database is away or contended, for as long as a lease lasts: what is not
/// settled by then is uncertain to everybody.
pub(super) async fn within_lease<T, F>(lease: TimeDelta, call: impl Fn() -> F) -> Result<T, StoreError>
where
    F: Future<Output = Result<T, StoreError>>,
{
    let (began, lease) = (Instant::now(), lease.to_std().unwrap_or_default());
    let mut wait = Duration::from_millis(50);
    loop {
        match call().await {
            Err(StoreError::Unavailable(_) | StoreError::Contended) if began.elapsed() + wait <= lease => {
                tokio::time::sleep(wait).await;
                wait = (wait * 2).min(LONGEST);
            }
            done => return done,
        }
    }
}
