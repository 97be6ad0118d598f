//! Everything that can go wrong with a question to a service.

use std::time::Duration;

/// Why a service gave no usable answer. Nothing in it repeats what was asked or answered: both may be somebody's (C31).
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// No connection was made.
    #[error("it cannot be reached")]
    Unreachable,
    /// The answer did not come in time.
    #[error("it did not answer in time")]
    TimedOut,
    /// The connection ended in the middle of the answer.
    #[error("the connection was cut before the answer was whole")]
    Cut,
    /// It answered with a status that is no answer here; redirections are not followed.
    #[error("it answered with status {status}")]
    Refused {
        /// The status.
        status: u16,
        /// How long it asks to wait.
        retry_after: Option<Duration>,
    },
    /// It is asked too often.
    #[error("it says that it is asked too often (429)")]
    RateLimited {
        /// How long it asks to wait.
        retry_after: Option<Duration>,
    },
    /// The answer is not what such a service answers.
    #[error("its answer cannot be right: {0}")]
    Malformed(&'static str),
    /// The answer has no end, or none worth waiting for.
    #[error("its answer is too large")]
    TooLarge,
    /// It failed so often that it is left alone for a while.
    #[error("it has failed too often and is left alone for a while")]
    CircuitOpen,
    /// So many questions wait that this one's turn would come too late.
    #[error("too many questions wait for it")]
    Crowded,
}

impl Fault {
    /// True if the same question may be answered a little later.
    pub const fn may_pass(self) -> bool {
        match self {
            Self::Unreachable | Self::TimedOut | Self::Cut | Self::RateLimited { .. } => true,
            Self::Refused { status, .. } => status >= 500,
            Self::Malformed(_) | Self::TooLarge | Self::CircuitOpen | Self::Crowded => false,
        }
    }

    /// How long the service asks to wait.
    pub const fn retry_after(self) -> Option<Duration> {
        match self {
            Self::Refused { retry_after, .. } | Self::RateLimited { retry_after } => retry_after,
            Self::Unreachable
            | Self::TimedOut
            | Self::Cut
            | Self::Malformed(_)
            | Self::TooLarge
            | Self::CircuitOpen
            | Self::Crowded => None,
        }
    }
}
