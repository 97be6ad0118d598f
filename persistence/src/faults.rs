//! Faults that a simulation asks for: a database that refuses, rolls back, or loses its answer.

/// What goes wrong with a write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// It does not begin.
    Refuse,
    /// It is rolled back at its end.
    RollBack,
    /// It is committed, and the answer is lost.
    LoseAnswer,
}

#[cfg(not(feature = "faults"))]
pub(crate) use off::Faults;
#[cfg(feature = "faults")]
pub(crate) use on::Faults;

#[cfg(feature = "faults")]
mod on {
    use super::Fault;
    use std::sync::atomic::{AtomicBool, Ordering};
    use std::sync::{Mutex, PoisonError};

    /// The next fault, and after how many writes it comes.
    #[derive(Default)]
    pub(crate) struct Faults {
        armed: Mutex<Option<(u32, Fault)>>,
        came: AtomicBool,
    }

    impl Faults {
        pub(crate) fn arm(&self, fault: Option<(u32, Fault)>) {
            *self.armed.lock().unwrap_or_else(PoisonError::into_inner) = fault;
        }

        pub(crate) fn came(&self) -> bool {
            self.came.swap(false, Ordering::SeqCst)
        }

        pub(crate) fn next(&self) -> Option<Fault> {
            let mut armed = self.armed.lock().unwrap_or_else(PoisonError::into_inner);
            match armed.take() {
                Some((0, fault)) => {
                    self.came.store(true, Ordering::SeqCst);
                    Some(fault)
                }
                Some((left, fault)) => {
                    *armed = Some((left - 1, fault));
                    None
                }
                None => None,
            }
        }
    }
}

#[cfg(not(feature = "faults"))]
mod off {
    use super::Fault;

    /// Nothing goes wrong on purpose.
    #[derive(Default)]
    pub(crate) struct Faults;

    impl Faults {
        #[expect(clippy::unused_self, reason = "as with the feature")]
        pub(crate) const fn next(&self) -> Option<Fault> {
            None
        }
    }
}
