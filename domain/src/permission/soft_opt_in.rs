//! The charitable soft opt-in: electronic mail to somebody who showed interest or gave support and did not refuse (PECR 22(3A), B4).

use crate::words::words;
use chrono::NaiveDate;

words! {
    /// A condition of the charitable soft opt-in.
    SoftOptInCondition, "condition_unknown" {
        /// The organisation is a registered charity.
        RegisteredCharity = "registered_charity",
        /// The charity collected the details itself: nothing from a third party qualifies.
        CollectedByItself = "collected_by_itself",
        /// The person was showing interest in its work, or supporting it.
        InterestOrSupport = "interest_or_support",
        /// The sole purpose is to further its charitable purposes.
        CharitablePurposesOnly = "charitable_purposes_only",
        /// Refusing was offered when the details were collected.
        OptOutAtCollection = "opt_out_at_collection",
        /// Refusing is offered in every message.
        OptOutInEveryMessage = "opt_out_in_every_message",
        /// The details were collected on or after 5 February 2026, the day on which the rule came into force.
        CollectedInForce = "collected_in_force",
    }
}

/// The conditions as they stood when the details were collected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "the regulation lists conditions, and each holds or does not")]
pub struct SoftOptIn {
    /// See [`SoftOptInCondition::RegisteredCharity`].
    pub registered_charity: bool,
    /// See [`SoftOptInCondition::CollectedByItself`].
    pub collected_by_itself: bool,
    /// See [`SoftOptInCondition::InterestOrSupport`].
    pub interest_or_support: bool,
    /// See [`SoftOptInCondition::CharitablePurposesOnly`].
    pub charitable_purposes_only: bool,
    /// See [`SoftOptInCondition::OptOutAtCollection`].
    pub opt_out_at_collection: bool,
    /// See [`SoftOptInCondition::OptOutInEveryMessage`].
    pub opt_out_in_every_message: bool,
    /// The day of collection in the United Kingdom.
    pub collected_on: NaiveDate,
}

impl SoftOptIn {
    /// True if every condition is met.
    pub fn holds(self) -> bool {
        self.unmet().is_empty()
    }

    /// The conditions that are not met.
    pub fn unmet(self) -> Vec<SoftOptInCondition> {
        SoftOptInCondition::ALL.iter().copied().filter(|condition| !self.meets(*condition)).collect()
    }

    fn meets(self, condition: SoftOptInCondition) -> bool {
        match condition {
            SoftOptInCondition::RegisteredCharity => self.registered_charity,
            SoftOptInCondition::CollectedByItself => self.collected_by_itself,
            SoftOptInCondition::InterestOrSupport => self.interest_or_support,
            SoftOptInCondition::CharitablePurposesOnly => self.charitable_purposes_only,
            SoftOptInCondition::OptOutAtCollection => self.opt_out_at_collection,
            SoftOptInCondition::OptOutInEveryMessage => self.opt_out_in_every_message,
            SoftOptInCondition::CollectedInForce => Some(self.collected_on) >= NaiveDate::from_ymd_opt(2026, 2, 5),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The conditions as bits of `row`; the last bit is the day of collection.
    fn conditions(row: u8) -> SoftOptIn {
        let bit = |n: u8| row & (1 << n) != 0;
        let day = if bit(6) { 5 } else { 4 };
        SoftOptIn {
            registered_charity: bit(0),
            collected_by_itself: bit(1),
            interest_or_support: bit(2),
            charitable_purposes_only: bit(3),
            opt_out_at_collection: bit(4),
            opt_out_in_every_message: bit(5),
            collected_on: NaiveDate::from_ymd_opt(2026, 2, day).unwrap(),
        }
    }

    #[test]
    fn only_the_row_in_which_everything_is_true_is_a_permission() {
        let holding: Vec<u8> = (0..128).filter(|row| conditions(*row).holds()).collect();
        assert_eq!(holding, [127]);
    }

    #[test]
    fn what_is_not_met_is_named() {
        assert_eq!(conditions(0b0111_1110).unmet(), [SoftOptInCondition::RegisteredCharity]);
        assert_eq!(conditions(0b0011_1111).unmet(), [SoftOptInCondition::CollectedInForce]);
        assert_eq!(conditions(0).unmet().len(), SoftOptInCondition::ALL.len());
    }
}
