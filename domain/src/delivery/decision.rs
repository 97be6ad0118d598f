//! What is done with a message at the moment of sending, and not before (B19, B32).

use super::{DeliveryState, HeldFor, Recipient};
use crate::{CampaignStatus, EmailAddress, Representative, WhenSeatFilled};

/// The decision over a message at this moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Decision<'d> {
    /// It is sent to this person, at this address.
    Send(&'d Representative, &'d EmailAddress),
    /// It stays in the queue for a while: its campaign is paused.
    Wait,
    /// It is held: it cannot go to the person it was written to.
    Hold(HeldFor),
    /// It is held, and this person has the seat now: they receive it, if the campaign wants that.
    PassOn(&'d Representative),
}

impl<'d> Decision<'d> {
    /// Decides for a message in this state.
    ///
    /// A campaign that was closed or archived still sends what it accepted. A message to somebody else is held first: only then is it known to whom else the supporter has written.
    pub fn on(campaign: CampaignStatus, state: DeliveryState, recipient: Recipient<'d>) -> Self {
        match recipient {
            _ if campaign == CampaignStatus::Paused => Self::Wait,
            Recipient::Same(holder, to) => Self::Send(holder, to),
            Recipient::Nobody(reason) => Self::Hold(reason),
            Recipient::Successor(successor) if state == DeliveryState::Held => Self::PassOn(successor),
            Recipient::Successor(_) => Self::Hold(HeldFor::Vacancy),
        }
    }
}

/// True if a campaign in this status passes a message on to the seat's new holder.
///
/// A campaign that is over sends nothing to people it did not know.
pub const fn goes_to_successor(setting: WhenSeatFilled, campaign: CampaignStatus) -> bool {
    let is_over = matches!(campaign, CampaignStatus::Closed | CampaignStatus::Archived);
    matches!(setting, WhenSeatFilled::SendToSuccessor) && !is_over
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_campaign_that_is_over_writes_to_no_successor() {
        for status in CampaignStatus::ALL {
            let is_over = matches!(status, CampaignStatus::Closed | CampaignStatus::Archived);
            assert_eq!(goes_to_successor(WhenSeatFilled::SendToSuccessor, *status), !is_over, "{status}");
            assert!(!goes_to_successor(WhenSeatFilled::Cancel, *status), "{status}");
        }
    }
}
