//! The states of a message, and which may follow which.

use crate::words::words;

words! {
    /// Where a message stands. It says what the relay said, never more (B29).
    DeliveryState, "delivery_state_unknown" {
        /// Waits for something other than its turn: the supporter's confirmation, or a seat to be filled.
        Held = "held",
        /// Waits for its turn.
        Queued = "queued",
        /// Being sent: from before the first byte until the relay has answered.
        Sending = "sending",
        /// The relay took it.
        Accepted = "accepted",
        /// The relay took it and nothing came back for two days.
        AssumedDelivered = "assumed_delivered",
        /// It was refused for now, by the relay or by a report; it will be tried again.
        TemporaryFailure = "temporary_failure",
        /// The relay refused it for good, a report says that it did not arrive, or it was tried for seven days.
        PermanentFailure = "permanent_failure",
        /// It could not be rendered or handed over at all: a fault on this side.
        TechnicalFailure = "technical_failure",
        /// The connection was lost after the last byte: the relay may have it or not (C7).
        Uncertain = "uncertain",
        /// It will not be sent: a test, a withdrawn or expired action, a suppressed person.
        Cancelled = "cancelled",
    }
}

words! {
    /// What a held message waits for.
    HeldFor, "held_for_unknown" {
        /// Its supporter's confirmation (B16).
        Confirmation = "confirmation",
        /// A holder of the seat: the representative it was written to has left (B19).
        Vacancy = "vacancy",
        /// A check of the seat that the supporter's postcode lies in now, since the postcode moved.
        Moved = "moved",
        /// A representative who wishes to be written to (B15).
        Refusal = "refusal",
        /// An address of the representative.
        NoAddress = "no_address",
        /// A check of the address: letters to it came back (B28).
        Bounces = "bounces",
    }
}

words! {
    /// What can happen to a message.
    DeliveryEvent, "delivery_event_unknown" {
        /// What it was held for has come.
        Release = "release",
        /// It must wait for something other than its turn.
        Hold = "hold",
        /// A worker starts an attempt.
        Begin = "begin",
        /// The worker stopped before it handed anything over: a graceful stop.
        PutBack = "put_back",
        /// The relay took it.
        Accept = "accept",
        /// The relay refused it for now (4xx).
        RefuseForNow = "refuse_for_now",
        /// The relay refused it for good (5xx).
        RefuseForGood = "refuse_for_good",
        /// It could not be rendered or handed over at all.
        Break = "break",
        /// The connection was lost after the last byte, or the worker died while sending.
        LoseContact = "lose_contact",
        /// Its time to be tried again has come.
        Retry = "retry",
        /// It was tried for as long as it may be (B27).
        GiveUp = "give_up",
        /// A report says it did not arrive (B28).
        Bounce = "bounce",
        /// A report says it did not arrive, for a reason that passes (B28).
        BounceForNow = "bounce_for_now",
        /// Nothing came back for two days.
        BouncePeriodPass = "bounce_period_pass",
        /// An administrator puts a failed message back into the queue (B27: a dead letter is requeueable).
        Requeue = "requeue",
        /// It must not be sent any more.
        Cancel = "cancel",
    }
}

/// An event that may not happen in that state.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a delivery that is {state} cannot {event}")]
pub struct ForbiddenTransition {
    /// The state it is in.
    pub state: DeliveryState,
    /// The event that does not fit.
    pub event: DeliveryEvent,
}

impl DeliveryState {
    /// The state after `event`; every transition that this table does not name is refused (B29).
    #[expect(clippy::match_same_arms, reason = "a table reads best with one line per transition")]
    pub const fn next(self, event: DeliveryEvent) -> Result<Self, ForbiddenTransition> {
        use DeliveryEvent as On;
        Ok(match (self, event) {
            (Self::Held, On::Release) => Self::Queued,
            (Self::Queued | Self::TemporaryFailure | Self::Uncertain, On::Hold) => Self::Held,
            (Self::Queued, On::Begin) => Self::Sending,
            (Self::Sending, On::PutBack) => Self::Queued,
            (Self::Sending, On::Accept) => Self::Accepted,
            (Self::Sending, On::RefuseForNow) => Self::TemporaryFailure,
            (Self::Sending, On::RefuseForGood) => Self::PermanentFailure,
            (Self::Sending, On::Break) => Self::TechnicalFailure,
            (Self::Sending, On::LoseContact) => Self::Uncertain,
            (Self::TemporaryFailure | Self::Uncertain, On::Retry) => Self::Queued,
            (Self::TemporaryFailure | Self::Uncertain, On::GiveUp) => Self::PermanentFailure,
            (Self::Accepted | Self::Uncertain, On::Bounce) => Self::PermanentFailure,
            (Self::Accepted | Self::Uncertain, On::BounceForNow) => Self::TemporaryFailure,
            (Self::Accepted, On::BouncePeriodPass) => Self::AssumedDelivered,
            (Self::PermanentFailure | Self::TechnicalFailure, On::Requeue) => Self::Queued,
            (Self::Held | Self::Queued | Self::Sending | Self::TemporaryFailure | Self::Uncertain, On::Cancel) => {
                Self::Cancelled
            }
            (state, event) => return Err(ForbiddenTransition { state, event }),
        })
    }

    /// True if a relay took the message and nothing came back.
    pub const fn was_taken(self) -> bool {
        matches!(self, Self::Accepted | Self::AssumedDelivered)
    }

    /// True if the message will not arrive, and is not tried again by itself.
    pub const fn is_failure(self) -> bool {
        matches!(self, Self::PermanentFailure | Self::TechnicalFailure)
    }

    /// True if nothing but an administrator's act can change it any more.
    pub const fn is_settled(self) -> bool {
        matches!(self, Self::AssumedDelivered | Self::PermanentFailure | Self::TechnicalFailure | Self::Cancelled)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// The whole table, written out: state, event, next state.
    const TABLE: &[(&str, &str, &str)] = &[
        ("held", "release", "queued"),
        ("held", "cancel", "cancelled"),
        ("queued", "hold", "held"),
        ("queued", "begin", "sending"),
        ("queued", "cancel", "cancelled"),
        ("sending", "put_back", "queued"),
        ("sending", "accept", "accepted"),
        ("sending", "refuse_for_now", "temporary_failure"),
        ("sending", "refuse_for_good", "permanent_failure"),
        ("sending", "break", "technical_failure"),
        ("sending", "lose_contact", "uncertain"),
        ("sending", "cancel", "cancelled"),
        ("accepted", "bounce", "permanent_failure"),
        ("accepted", "bounce_for_now", "temporary_failure"),
        ("accepted", "bounce_period_pass", "assumed_delivered"),
        ("temporary_failure", "retry", "queued"),
        ("temporary_failure", "give_up", "permanent_failure"),
        ("temporary_failure", "hold", "held"),
        ("temporary_failure", "cancel", "cancelled"),
        ("uncertain", "retry", "queued"),
        ("uncertain", "give_up", "permanent_failure"),
        ("uncertain", "bounce", "permanent_failure"),
        ("uncertain", "bounce_for_now", "temporary_failure"),
        ("uncertain", "hold", "held"),
        ("uncertain", "cancel", "cancelled"),
        ("permanent_failure", "requeue", "queued"),
        ("technical_failure", "requeue", "queued"),
    ];

    #[test]
    fn every_transition_in_the_table_is_allowed_and_every_other_refused() {
        for state in DeliveryState::ALL {
            for event in DeliveryEvent::ALL {
                let row = TABLE.iter().find(|row| row.0 == state.as_str() && row.1 == event.as_str());
                let expected = row.map(|row| row.2.parse().unwrap());
                assert_eq!(state.next(*event).ok(), expected, "{state} on {event}");
            }
        }
    }

    #[test]
    fn a_refused_transition_names_the_state_and_the_event() {
        let error = DeliveryState::Cancelled.next(DeliveryEvent::Begin).unwrap_err();
        assert_eq!(error.to_string(), "a delivery that is cancelled cannot begin");
    }

    fn events() -> impl Strategy<Value = Vec<DeliveryEvent>> {
        proptest::collection::vec(proptest::sample::select(DeliveryEvent::ALL), 0..60)
    }

    proptest! {
        #[test]
        fn a_cancelled_message_is_never_sent(events in events()) {
            let mut state = DeliveryState::Cancelled;
            for event in events {
                state = state.next(event).unwrap_or(state);
                prop_assert_eq!(state, DeliveryState::Cancelled);
            }
        }

        #[test]
        fn a_late_report_never_moves_a_settled_state_back(events in events()) {
            let mut state = DeliveryState::Queued;
            for event in events {
                let next = state.next(event).unwrap_or(state);
                let by_hand = event == DeliveryEvent::Requeue;
                prop_assert!(!state.is_settled() || next == state || by_hand);
                state = next;
            }
        }
    }
}
