//! Places where a test makes a transaction fail: "after each statement in turn: all or nothing" (C4).

/// Passed after each statement of a group. Does nothing outside tests.
#[cfg(not(test))]
#[expect(clippy::unnecessary_wraps, reason = "in tests it fails on demand")]
pub(crate) fn passed() -> Result<(), diesel::result::Error> {
    Ok(())
}

#[cfg(test)]
pub(crate) use armed::{arm, passed};

#[cfg(test)]
mod armed {
    use std::cell::Cell;

    thread_local! {
        static LEFT: Cell<Option<usize>> = const { Cell::new(None) };
    }

    /// Makes the statement after `statements` more fail on this thread; `None` disarms.
    pub(crate) fn arm(statements: Option<usize>) {
        LEFT.set(statements);
    }

    pub(crate) fn passed() -> Result<(), diesel::result::Error> {
        match LEFT.get() {
            None => Ok(()),
            Some(0) => {
                LEFT.set(None);
                Err(diesel::result::Error::RollbackTransaction)
            }
            Some(left) => {
                LEFT.set(Some(left - 1));
                Ok(())
            }
        }
    }
}
