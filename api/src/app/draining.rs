//! The way out of the process.

use std::sync::atomic::{AtomicBool, Ordering};

/// Whether the process is about to stop.
#[derive(Debug, Default)]
pub(crate) struct Draining(AtomicBool);

impl Draining {
    /// From now on not ready (C9).
    pub(crate) fn begin(&self) {
        self.0.store(true, Ordering::SeqCst);
    }

    pub(crate) fn has_begun(&self) -> bool {
        self.0.load(Ordering::SeqCst)
    }
}
