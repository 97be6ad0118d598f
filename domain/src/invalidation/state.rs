//! Where an invalidation stands.

use crate::words::words;

words! {
    /// Where an invalidation stands.
    InvalidationState, "invalidation_state_unknown" {
        /// Looks for what its conditions describe. Nothing is changed.
        Counting = "counting",
        /// Has found all of it, and waits to be started.
        Ready = "ready",
        /// Strikes out what it found.
        Running = "running",
        /// Was stopped by hand; what it had struck out by then stays so.
        Cancelled = "cancelled",
        /// Has struck out what it found.
        Done = "done",
        /// Puts back what it had struck out.
        Undoing = "undoing",
        /// Has put everything back.
        Undone = "undone",
    }
}

words! {
    /// What is done with an invalidation.
    InvalidationStep, "invalidation_step_unknown" {
        /// Strike out what was found.
        Start = "start",
        /// Stop in the middle.
        Cancel = "cancel",
        /// Go on.
        Resume = "resume",
        /// Put back what was struck out.
        Undo = "undo",
    }
}

impl InvalidationState {
    /// The state after a step; none where the step does not fit.
    pub const fn step(self, step: InvalidationStep) -> Option<Self> {
        match (self, step) {
            (Self::Ready, InvalidationStep::Start) | (Self::Cancelled, InvalidationStep::Resume) => Some(Self::Running),
            (Self::Running, InvalidationStep::Cancel) => Some(Self::Cancelled),
            (Self::Cancelled | Self::Done, InvalidationStep::Undo) => Some(Self::Undoing),
            (
                Self::Counting
                | Self::Ready
                | Self::Running
                | Self::Cancelled
                | Self::Done
                | Self::Undoing
                | Self::Undone,
                _,
            ) => None,
        }
    }

    /// The state once its work is done; none where nothing is done in it.
    pub const fn finished(self) -> Option<Self> {
        match self {
            Self::Counting => Some(Self::Ready),
            Self::Running => Some(Self::Done),
            Self::Undoing => Some(Self::Undone),
            Self::Ready | Self::Cancelled | Self::Done | Self::Undone => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_table_of_steps_is_allowed() {
        let table = [
            ("counting", "- - - -"),
            ("ready", "running - - -"),
            ("running", "- cancelled - -"),
            ("cancelled", "- - running undoing"),
            ("done", "- - - undoing"),
            ("undoing", "- - - -"),
            ("undone", "- - - -"),
        ];
        for (from, to) in table {
            let state: InvalidationState = from.parse().unwrap();
            let after =
                InvalidationStep::ALL.iter().map(|step| state.step(*step).map_or("-", InvalidationState::as_str));
            assert_eq!(after.collect::<Vec<_>>().join(" "), to, "from {from}");
        }
    }
}
