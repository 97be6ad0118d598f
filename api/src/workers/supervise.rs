//! A panic costs one job, never the process (C13).

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::task::Poll;
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// How long after a panic a worker is started again.
const BREATH: Duration = Duration::from_secs(1);

/// The panic hook has already logged the cause.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Panicked;

/// Runs work until it is stopped, and starts it again whenever it panics.
pub(super) async fn supervised<F>(name: &'static str, stop: CancellationToken, work: impl Fn() -> F + Send)
where
    F: Future<Output = ()> + Send + 'static,
{
    while tokio::spawn(work()).await.is_err() {
        tracing::error!(worker = name, "a worker panicked and is started again");
        if stop.run_until_cancelled(tokio::time::sleep(BREATH)).await.is_none() {
            return;
        }
    }
}

/// The value of a closure, unless it panics.
pub(super) fn caught<T>(work: impl FnOnce() -> T) -> Result<T, Panicked> {
    catch_unwind(AssertUnwindSafe(work)).map_err(|_panic| Panicked)
}

/// The value of a future, unless it panics.
pub(super) async fn caught_async<T>(work: impl Future<Output = T>) -> Result<T, Panicked> {
    let mut work = pin!(work);
    std::future::poll_fn(|context| match caught(|| work.as_mut().poll(context)) {
        Ok(Poll::Ready(value)) => Poll::Ready(Ok(value)),
        Ok(Poll::Pending) => Poll::Pending,
        Err(panicked) => Poll::Ready(Err(panicked)),
    })
    .await
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};

    #[tokio::test]
    async fn a_panic_becomes_an_error_and_a_value_stays_one() {
        assert_eq!(caught_async(async { 1 }).await, Ok(1));
        let late = async {
            tokio::task::yield_now().await;
            panic!("on purpose")
        };
        assert_eq!(caught_async::<()>(late).await, Err(Panicked));
        assert_eq!(caught::<()>(|| panic!("on purpose")), Err(Panicked));
    }

    #[tokio::test]
    async fn a_worker_that_panics_is_started_again() {
        let starts = Arc::new(AtomicUsize::new(0));
        let counted = Arc::clone(&starts);
        let work = move || {
            let start = counted.fetch_add(1, Ordering::SeqCst);
            async move { assert!(start >= 1, "on purpose") }
        };
        supervised("test", CancellationToken::new(), work).await;
        assert_eq!(starts.load(Ordering::SeqCst), 2);
    }
}
