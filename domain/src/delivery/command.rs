//! What an administrator may do with a message.

use super::{DeliveryEvent, DeliveryState};
use crate::AuditAction;
use crate::words::words;

words! {
    /// What an administrator wants done with messages.
    DeliveryCommand, "delivery_command_unknown" {
        /// Try again now what failed or is in doubt.
        Retry = "retry",
        /// Put back into the queue what is held.
        Release = "release",
        /// Send it no more.
        Cancel = "cancel",
    }
}

impl DeliveryCommand {
    /// What an audit calls it.
    pub const fn action(self) -> AuditAction {
        match self {
            Self::Retry => AuditAction::RetryMessage,
            Self::Release => AuditAction::ReleaseMessage,
            Self::Cancel => AuditAction::CancelMessage,
        }
    }

    /// The event that it is for a message in this state; nothing where it does not fit. A message that a worker is sending is left alone:
    /// what becomes of it is not known yet.
    pub const fn event(self, state: DeliveryState) -> Option<DeliveryEvent> {
        use DeliveryState as State;
        match (self, state) {
            (Self::Retry, State::PermanentFailure | State::TechnicalFailure) => Some(DeliveryEvent::Requeue),
            (Self::Retry, State::TemporaryFailure | State::Uncertain) => Some(DeliveryEvent::Retry),
            (Self::Release, State::Held) => Some(DeliveryEvent::Release),
            (Self::Cancel, State::Held | State::Queued | State::TemporaryFailure | State::Uncertain) => {
                Some(DeliveryEvent::Cancel)
            }
            (Self::Retry | Self::Release | Self::Cancel, _) => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_command_is_a_transition_that_the_table_allows() {
        for command in DeliveryCommand::ALL {
            for state in DeliveryState::ALL {
                if let Some(event) = command.event(*state) {
                    let next = state.next(event).unwrap();
                    let expected = if *command == DeliveryCommand::Cancel {
                        DeliveryState::Cancelled
                    } else {
                        DeliveryState::Queued
                    };
                    assert_eq!(next, expected, "{command} on {state}");
                }
            }
        }
    }
}
