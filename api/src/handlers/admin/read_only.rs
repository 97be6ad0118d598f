//! Members that only the server sets: an answer can be sent back as it is, and a change of them is refused rather than ignored.

use postbag_domain::{Findings, Flaw};

/// Notes read-only members that differ from what is stored.
pub(crate) struct ReadOnly<'a>(pub(crate) &'a mut Findings);

impl ReadOnly<'_> {
    /// Notes `given` if it is not what is `stored`; without anything stored there is nothing to differ from.
    pub(crate) fn check<T: Copy + PartialEq>(&mut self, pointer: &str, given: Option<T>, stored: Option<T>) {
        if given.is_some() && stored.is_some() && given != stored {
            let flaw = Flaw::new("read_only", "is set by the server: leave it as it was answered, or leave it out");
            self.0.note(pointer, flaw);
        }
    }
}
