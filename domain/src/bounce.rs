//! Mail that comes back: what a refusal says about the address, and when an address is left in peace (B28).

mod status;
mod verdict;

pub use status::EnhancedStatus;
pub use verdict::{Refusal, Verdict};

use crate::words::words;
use crate::{DeliveryEvent, DeliveryId, DeliveryState, DigestId, MailId};
use chrono::{NaiveDate, TimeDelta};

/// Letters of so many actions come back before an address is left in peace: one may be an accident.
pub const BOUNCES_BEFORE_HOLD: u32 = 3;

/// After so long without another one, earlier bounces count no more.
pub const BOUNCE_MEMORY: TimeDelta = TimeDelta::days(30);

/// What came back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bounced {
    /// A letter to a representative.
    Letter(DeliveryId),
    /// A digest to a representative.
    Digest(DigestId),
    /// A mail to a supporter.
    Mail(MailId),
}

words! {
    /// What a refusal is about.
    BounceCause, "bounce_cause_unknown" {
        /// The address: it does not exist, or takes no mail any more.
        Address = "address",
        /// The mailbox: it is full, or takes nothing at the moment.
        Mailbox = "mailbox",
        /// The message: its size or its content.
        Message = "message",
        /// The sender: a policy, a block list, a signature, a greylist, a full disk. It says nothing about the address.
        Sender = "sender",
        /// The way: a name that was not found, a server that did not answer, a loop.
        Route = "route",
        /// Not said, or in words that are not known.
        Unclear = "unclear",
    }
}

words! {
    /// What a report says happened.
    BounceKind, "bounce_kind_unknown" {
        /// The message was given up: it did not arrive.
        Failed = "failed",
        /// The message has not arrived yet and is still being tried.
        Delayed = "delayed",
    }
}

/// What a report about one message says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BounceReport {
    /// What happened.
    pub kind: BounceKind,
    /// What was refused, and whether for good.
    pub verdict: Verdict,
}

impl BounceReport {
    /// The event that the report is for its message; nothing for one that is still being tried.
    ///
    /// What was given up for a reason that passes, such as a full mailbox, is tried again for as long as any message is.
    pub const fn event(self) -> Option<DeliveryEvent> {
        match (self.kind, self.verdict.lasts) {
            (BounceKind::Delayed, _) => None,
            (BounceKind::Failed, true) => Some(DeliveryEvent::Bounce),
            (BounceKind::Failed, false) => Some(DeliveryEvent::BounceForNow),
        }
    }

    /// True if the report may come before this server knows that the relay has the message: it is to be read again later.
    pub const fn is_early(state: DeliveryState) -> bool {
        matches!(state, DeliveryState::Sending)
    }

    /// True if the report shows that the address takes no mail.
    pub const fn marks_address(self) -> bool {
        matches!(self.kind, BounceKind::Failed) && self.verdict.marks_address()
    }
}

/// What is known of letters that came back from an address.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Returned {
    /// Of how many actions, in a row.
    pub letters: u32,
    /// The day of the last one.
    pub bounced_on: Option<NaiveDate>,
    /// The day since which letters to the address are held.
    pub held_on: Option<NaiveDate>,
}

impl Returned {
    /// The same after the letter of another action has come back `today`.
    #[must_use]
    pub fn again(self, today: NaiveDate) -> Self {
        let in_a_row = self.bounced_on.is_some_and(|last| today - last <= BOUNCE_MEMORY);
        let letters = if in_a_row { self.letters.saturating_add(1) } else { 1 };
        let held_on = self.held_on.or((letters >= BOUNCES_BEFORE_HOLD).then_some(today));
        Self { letters, bounced_on: self.bounced_on.max(Some(today)), held_on }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(number: u32) -> NaiveDate {
        NaiveDate::from_ymd_opt(2026, 11, 1).unwrap() + TimeDelta::days(number.into())
    }

    #[test]
    fn three_letters_in_a_row_put_an_address_on_hold_and_one_does_not() {
        let one = Returned::default().again(day(0));
        assert_eq!((one.letters, one.held_on), (1, None));
        let two = one.again(day(0));
        assert_eq!(two.held_on, None);
        let three = two.again(day(9));
        assert_eq!(three, Returned { letters: 3, bounced_on: Some(day(9)), held_on: Some(day(9)) });
        assert_eq!(three.again(day(10)).held_on, Some(day(9)));
    }

    #[test]
    fn bounces_long_ago_and_bounces_that_were_looked_into_do_not_count() {
        let two = Returned::default().again(day(0)).again(day(0));
        assert_eq!(two.again(day(31)).letters, 1);
        let cleared = Returned { bounced_on: None, ..two };
        assert_eq!(cleared.again(day(1)).letters, 1);
    }

    #[test]
    fn what_passes_is_tried_again_and_what_is_only_late_changes_nothing() {
        let report = |kind, lasts| BounceReport { kind, verdict: Verdict { lasts, cause: BounceCause::Address } };
        assert_eq!(report(BounceKind::Failed, true).event(), Some(DeliveryEvent::Bounce));
        assert_eq!(report(BounceKind::Failed, false).event(), Some(DeliveryEvent::BounceForNow));
        assert_eq!(report(BounceKind::Delayed, true).event(), None);
        assert!(report(BounceKind::Failed, true).marks_address());
        assert!(
            !report(BounceKind::Failed, false).marks_address() && !report(BounceKind::Delayed, true).marks_address()
        );
    }
}
