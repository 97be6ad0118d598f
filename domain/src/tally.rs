//! Exact counts of a campaign, kept as rows that change by deltas.
//!
//! What an action adds to the counts is a function of the action alone ([`CountedAction::tally`]), so the sum of all deltas
//! always equals a recount of the rows. What each kind of count counts:
//!
//! | kind | key | counts |
//! |---|---|---|
//! | `actions` | empty | confirmed actions, a supporter's repeats too |
//! | `awaiting_confirmation` | empty | actions whose supporter has not confirmed yet |
//! | `supporters` | empty | distinct supporters with a confirmed action |
//! | `area` | `<kind>/<code>` | confirmed actions from that area, the nation among them |
//! | `office` | the office | confirmed actions that wrote to at least one holder of it |
//! | `hour` | `2026-11-22T14` | confirmed actions made in that hour, in UTC; days in the United Kingdom are sums of hours |
//! | `source` | the source | confirmed actions that came by it |
//! | `partner` | the id | confirmed actions that came through that partner's form |
//! | `representative` | the id | confirmed actions that wrote to that representative |
//! | `contacted` | the id | first messages to that representative that a relay took and that did not come back |
//! | `message` | the state | first messages in that state, of actions in any status |
//!
//! Tests are counted nowhere. A first message is one that repeats no earlier message of the same supporter to the same
//! representative in the same campaign (B33).
//!
//! Counts that tell a person's first act from later ones ([`TallyKind::shows_who_is_known`]) are published as of the last midnight in
//! London: otherwise a submission in somebody's name would show whether they have taken part (C23).

mod campaign;
mod delta;
mod timeline;

pub use campaign::{CampaignTally, MessageCounts};
pub use delta::{CountedAction, TallyDelta};
pub use timeline::{Interval, Point, Timeline};

use crate::words::words;
use crate::{AreaKey, DeliveryState, Office, OrganisationId, RepresentativeId};
use chrono::{DateTime, Utc};

/// How an hour is written: `2026-11-22T14`.
const HOUR: &str = "%Y-%m-%dT%H";

words! {
    /// What a tally counts; see the table of this module.
    TallyKind, "tally_kind_unknown" {
        /// Confirmed actions.
        Actions = "actions",
        /// Actions not confirmed yet.
        AwaitingConfirmation = "awaiting_confirmation",
        /// Distinct supporters with a confirmed action.
        Supporters = "supporters",
        /// Confirmed actions by area.
        Area = "area",
        /// Confirmed actions by representative written to.
        Representative = "representative",
        /// First messages by representative that a relay took.
        Contacted = "contacted",
        /// Confirmed actions by office written to.
        Office = "office",
        /// Confirmed actions by hour.
        Hour = "hour",
        /// Confirmed actions by source.
        Source = "source",
        /// Confirmed actions by partner.
        Partner = "partner",
        /// First messages by state.
        Message = "message",
    }
}

impl TallyKind {
    /// True if a change of the count shows whether a submission's person was known before (C23).
    pub const fn shows_who_is_known(self) -> bool {
        match self {
            Self::Supporters | Self::Contacted | Self::Message => true,
            Self::Actions
            | Self::AwaitingConfirmation
            | Self::Area
            | Self::Representative
            | Self::Office
            | Self::Hour
            | Self::Source
            | Self::Partner => false,
        }
    }
}

/// The identity of one count within a campaign.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TallyKey {
    /// The kind of count.
    pub kind: TallyKind,
    /// The area, office, hour or partner it counts; empty for totals.
    pub key: String,
}

impl TallyKey {
    /// The key of a count as stored.
    pub fn new(kind: TallyKind, key: impl Into<String>) -> Self {
        Self { kind, key: key.into() }
    }

    /// The key of a total.
    pub fn total(kind: TallyKind) -> Self {
        Self::new(kind, "")
    }

    /// The key of an area's count.
    pub fn area(area: AreaKey) -> Self {
        let (kind, code) = (area.kind.as_str(), area.code.as_str());
        Self::new(TallyKind::Area, [kind, "/", code].concat())
    }

    /// The key of a representative's count.
    pub fn representative(id: RepresentativeId) -> Self {
        Self::new(TallyKind::Representative, id.to_string())
    }

    /// The key of the count of messages to a representative that a relay took.
    pub fn contacted(id: RepresentativeId) -> Self {
        Self::new(TallyKind::Contacted, id.to_string())
    }

    /// The key of an office's count.
    pub fn office(office: Office) -> Self {
        Self::new(TallyKind::Office, office.as_str())
    }

    /// The key of the count of the hour that a moment is in.
    pub fn hour(at: DateTime<Utc>) -> Self {
        Self::new(TallyKind::Hour, at.format(HOUR).to_string())
    }

    /// The key of a source's count.
    pub fn source(source: &str) -> Self {
        Self::new(TallyKind::Source, source)
    }

    /// The key of a partner's count.
    pub fn partner(organisation: OrganisationId) -> Self {
        Self::new(TallyKind::Partner, organisation.to_string())
    }

    /// The key of a message state's count.
    pub fn message(state: DeliveryState) -> Self {
        Self::new(TallyKind::Message, state.as_str())
    }
}

#[cfg(test)]
mod tests;
