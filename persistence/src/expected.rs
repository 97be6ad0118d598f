//! What a change may find: the answer to two people editing the same thing (A5).

/// The belief of the author of a change about what is stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Expected {
    /// Whatever there is.
    Anything,
    /// Nothing yet: `If-None-Match: *`.
    Nothing,
    /// This revision: `If-Match`.
    Revision(i64),
}

impl Expected {
    /// True if that is what there is.
    pub fn fits(self, stored: Option<i64>) -> bool {
        match self {
            Self::Anything => true,
            Self::Nothing => stored.is_none(),
            Self::Revision(expected) => stored == Some(expected),
        }
    }
}

/// The outcome of a change that only one transaction could decide.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Edited<T, R> {
    /// It was not there and is now.
    Created(T),
    /// It is as asked for.
    Done(T),
    /// There is no such thing within reach.
    Unknown,
    /// The name belongs to another organisation.
    Taken,
    /// What is stored is not what was expected: its revision, if there is one.
    Stale(Option<i64>),
    /// The domain refuses the change.
    Refused(R),
}

impl<T, R> Edited<T, R> {
    /// The same outcome with something made of the value.
    pub(crate) fn try_map<U, E>(self, f: impl FnOnce(T) -> Result<U, E>) -> Result<Edited<U, R>, E> {
        Ok(match self {
            Self::Created(value) => Edited::Created(f(value)?),
            Self::Done(value) => Edited::Done(f(value)?),
            Self::Unknown => Edited::Unknown,
            Self::Taken => Edited::Taken,
            Self::Stale(revision) => Edited::Stale(revision),
            Self::Refused(refusal) => Edited::Refused(refusal),
        })
    }

    /// The value, where the change was made.
    pub fn value(self) -> Option<T> {
        match self {
            Self::Created(value) | Self::Done(value) => Some(value),
            Self::Unknown | Self::Taken | Self::Stale(_) | Self::Refused(_) => None,
        }
    }
}
