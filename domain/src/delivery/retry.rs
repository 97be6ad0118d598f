//! When a message is tried again, and when it is given up (B27).

use super::{DeliveryEvent, DeliveryState, ForbiddenTransition};
use crate::AfterUncertain;
use chrono::{DateTime, TimeDelta, Utc};

/// How long a message that is refused for now is tried (B27).
pub const RETRY_PERIOD: TimeDelta = TimeDelta::days(7);

/// How long a bounce is awaited before a message counts as delivered (B29).
pub const BOUNCE_PERIOD: TimeDelta = TimeDelta::days(2);

/// How many attempts may end in doubt before a message waits for a person: each of them may have delivered the same letter.
pub const ATTEMPTS_IN_DOUBT: u32 = 3;

/// The attempts of a message up to now, the one that has just ended included.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Attempts {
    /// How many there were.
    pub made: u32,
    /// How many of them ended [`DeliveryState::Uncertain`].
    pub in_doubt: u32,
    /// How long ago the first began.
    pub since_first: TimeDelta,
}

/// The state of a message after an attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Outlook {
    /// Its state.
    pub state: DeliveryState,
    /// The moment at which a worker takes it up again; never if absent.
    pub due: Option<DateTime<Utc>>,
}

impl DeliveryState {
    /// True if [`Outlook::after`] needs to know the attempts and what the campaign wants after doubt.
    pub const fn may_be_retried(self) -> bool {
        matches!(self, Self::TemporaryFailure | Self::Uncertain)
    }
}

impl Outlook {
    /// The outlook of a message that has just reached `state`.
    pub fn after(
        state: DeliveryState,
        attempts: Attempts,
        after_uncertain: AfterUncertain,
        now: DateTime<Utc>,
    ) -> Result<Self, ForbiddenTransition> {
        let due = match state {
            DeliveryState::TemporaryFailure => return Self::retry(state, attempts, now),
            DeliveryState::Uncertain if attempts.in_doubt >= ATTEMPTS_IN_DOUBT => None,
            DeliveryState::Uncertain if after_uncertain == AfterUncertain::Retry => {
                return Self::retry(state, attempts, now);
            }
            DeliveryState::Accepted => Some(now + BOUNCE_PERIOD),
            // What has just been held is looked at once more: the seat may be somebody else's already.
            DeliveryState::Queued | DeliveryState::Held => Some(now),
            DeliveryState::Sending
            | DeliveryState::AssumedDelivered
            | DeliveryState::PermanentFailure
            | DeliveryState::TechnicalFailure
            | DeliveryState::Uncertain
            | DeliveryState::Cancelled => None,
        };
        Ok(Self { state, due })
    }

    fn retry(state: DeliveryState, attempts: Attempts, now: DateTime<Utc>) -> Result<Self, ForbiddenTransition> {
        Ok(match retry_after(attempts.made, attempts.since_first) {
            Some(wait) => Self { state, due: Some(now + wait) },
            None => Self { state: state.next(DeliveryEvent::GiveUp)?, due: None },
        })
    }
}

/// How long to wait after attempt number `attempt` (the first is 1) of a message whose first attempt was `since_first` ago.
///
/// One minute, five, thirty, one hour, two, then every four hours (RFC 5321 section 4.5.4.1), as long as the next attempt
/// falls within [`RETRY_PERIOD`]. `None` means: give up, which is [`DeliveryEvent::GiveUp`].
pub fn retry_after(attempt: u32, since_first: TimeDelta) -> Option<TimeDelta> {
    let minutes = match attempt {
        0 | 1 => 1,
        2 => 5,
        3 => 30,
        4 => 60,
        5 => 120,
        _ => 240,
    };
    let wait = TimeDelta::minutes(minutes);
    (since_first + wait <= RETRY_PERIOD).then_some(wait)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn attempts_stop_within_seven_days() {
        let (mut attempt, mut since_first) = (1, TimeDelta::zero());
        while let Some(wait) = retry_after(attempt, since_first) {
            (attempt, since_first) = (attempt + 1, since_first + wait);
        }
        assert!(since_first <= RETRY_PERIOD);
        assert!(since_first > RETRY_PERIOD - TimeDelta::hours(4));
        assert_eq!(attempt, 47);
    }

    #[test]
    fn a_letter_in_doubt_is_sent_three_times_at_most() {
        let now = DateTime::from_timestamp(1_790_000_000, 0).unwrap();
        let after = |in_doubt, policy| {
            let attempts = Attempts { made: in_doubt, in_doubt, since_first: TimeDelta::zero() };
            let outlook = Outlook::after(DeliveryState::Uncertain, attempts, policy, now).unwrap();
            assert_eq!(outlook.state, DeliveryState::Uncertain);
            outlook.due.is_some()
        };
        assert_eq!([1, 2, 3, 4].map(|in_doubt| after(in_doubt, AfterUncertain::Retry)), [true, true, false, false]);
        assert_eq!([1, 2, 3].map(|in_doubt| after(in_doubt, AfterUncertain::Hold)), [false; 3]);
    }

    proptest! {
        #[test]
        fn the_wait_never_shrinks_as_attempts_go_on(attempt in 0u32..100) {
            let wait = |attempt| retry_after(attempt, TimeDelta::zero()).unwrap();
            prop_assert!(wait(attempt) <= wait(attempt + 1));
            prop_assert!(wait(attempt) <= TimeDelta::hours(4));
        }
    }
}
