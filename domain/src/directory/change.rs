//! What an import would change: worked out before anything is written, so that it can be shown, refused or done as a whole.
//!
//! A file is compared with what is there by stable keys. The same file a second time changes nothing. What a file does not tell
//! it does not blank.

mod areas;
mod bodies;
mod postcodes;
mod representatives;

pub use areas::plan_areas;
pub use bodies::plan_bodies;
pub use postcodes::plan_postcodes;
pub use representatives::{Field, RepresentativeFacts, plan_representatives};

/// The rows an import would write, and what it would leave alone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change<T> {
    /// Rows that are new.
    pub added: Vec<T>,
    /// Rows that differ, as they are to be.
    pub changed: Vec<T>,
    /// Rows that end, as they are to be. A body has no end: those here are to be removed.
    pub ended: Vec<T>,
    /// Rows that are as they were, but that a newer file vouches for: written, and counted among the unchanged.
    pub verified: Vec<T>,
    /// Rows that an administrator ended, and that the file, no newer than that, still has.
    pub kept_ended: Vec<T>,
    /// How many rows of the file were there already.
    pub unchanged: usize,
    /// How many rows of what the file covers are live now.
    pub live: usize,
}

/// A change in numbers: what the summary of an import says.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// New.
    pub added: usize,
    /// Different.
    pub changed: usize,
    /// No longer live.
    pub ended: usize,
    /// The number that stay as they were.
    pub unchanged: usize,
    /// Live before, among what the file covers.
    pub live: usize,
}

/// A file that would end more than a fifth of what is live: more likely cut short than true.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("this file would end {ended} of {live} that are live, more than a fifth: it may be cut short")]
pub struct TooManyEnded {
    /// How many would end.
    pub ended: usize,
    /// How many are live.
    pub live: usize,
}

impl<T> Default for Change<T> {
    fn default() -> Self {
        Self {
            added: Vec::new(),
            changed: Vec::new(),
            ended: Vec::new(),
            verified: Vec::new(),
            kept_ended: Vec::new(),
            unchanged: 0,
            live: 0,
        }
    }
}

impl<T> Change<T> {
    /// The change in numbers.
    pub const fn counts(&self) -> Counts {
        Counts {
            added: self.added.len(),
            changed: self.changed.len(),
            ended: self.ended.len(),
            unchanged: self.unchanged,
            live: self.live,
        }
    }
}

impl Counts {
    /// True if nothing would be written.
    pub const fn is_nothing(self) -> bool {
        self.added == 0 && self.changed == 0 && self.ended == 0
    }

    /// Refuses a file that would end more than a fifth of what is live; `force` lets it through.
    pub const fn guard(self, force: bool) -> Result<(), TooManyEnded> {
        if force || self.ended.saturating_mul(5) <= self.live {
            return Ok(());
        }
        Err(TooManyEnded { ended: self.ended, live: self.live })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fifth_may_end_and_no_more() {
        let counts = |ended| Counts { ended, live: 650, ..Counts::default() };
        assert_eq!(counts(130).guard(false), Ok(()));
        assert_eq!(counts(131).guard(false), Err(TooManyEnded { ended: 131, live: 650 }));
        assert_eq!(counts(650).guard(true), Ok(()));
        assert!(counts(0).is_nothing() && !counts(1).is_nothing());
    }
}
