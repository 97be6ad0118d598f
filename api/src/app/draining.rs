//! Stopping, as readiness shows it.

use std::sync::atomic::{AtomicBool, Ordering};

/// Whether the process is about to stop.
#[derive(Debug, Default)]
pub(crate) struct Draining(AtomicBool);

impl Draining {
    /// Makes the process not ready from now on (C9).
    pub(crate) fn begin(&self) {
        self.0.store(true, Ordering::SeqCst);
    }

    pub(crate) fn has_begun(&self) -> bool {
        self.0.load(Ordering::SeqCst)
    }
}
