//! The life of a campaign.

use super::Missing;
use crate::words::words;

words! {
    /// Where a campaign is in its life.
    CampaignStatus, "campaign_status_unknown" {
        /// Being written; not shown to the public.
        Draft = "draft",
        /// Takes actions, between its opening and closing times.
        Live = "live",
        /// Takes no actions for a while.
        Paused = "paused",
        /// Takes no actions any more; still shown.
        Closed = "closed",
        /// Put away; not shown any more.
        Archived = "archived",
    }
}

impl CampaignStatus {
    /// The table: draft → live ⇄ paused → closed → archived, live → closed, and draft → archived to throw a draft away.
    ///
    /// Nothing leads back from closed: people have read that it is over.
    pub const fn may_become(self, next: Self) -> bool {
        matches!(
            (self, next),
            (Self::Draft, Self::Live | Self::Archived)
                | (Self::Live, Self::Paused | Self::Closed)
                | (Self::Paused, Self::Live | Self::Closed)
                | (Self::Closed, Self::Archived)
        )
    }

    /// The statuses it may change to.
    pub fn next(self) -> impl Iterator<Item = Self> {
        Self::ALL.iter().copied().filter(move |next| self.may_become(*next))
    }

    /// True if it takes actions or may take them again.
    pub const fn is_running(self) -> bool {
        matches!(self, Self::Live | Self::Paused)
    }

    /// True if the public may read it.
    pub const fn is_public(self) -> bool {
        matches!(self, Self::Live | Self::Paused | Self::Closed)
    }
}

/// Why a campaign cannot become what was asked for.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TransitionError {
    /// The table does not lead there.
    #[error("a campaign that is {from} cannot become {to}")]
    NotAllowed {
        /// The status it has.
        from: CampaignStatus,
        /// The status that was asked for.
        to: CampaignStatus,
    },
    /// It is not ready to go live: everything that is missing.
    #[error("the campaign is not ready to go live: {} things are missing", .0.len())]
    Missing(Vec<Missing>),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_table_is_allowed() {
        let table = [
            ("draft", "live archived"),
            ("live", "paused closed"),
            ("paused", "live closed"),
            ("closed", "archived"),
            ("archived", ""),
        ];
        for (from, to) in table {
            let status: CampaignStatus = from.parse().unwrap();
            let next: Vec<_> = status.next().map(CampaignStatus::as_str).collect();
            assert_eq!(next.join(" "), to, "from {from}");
        }
    }
}
