//! Stops: what administrators hold back, until they let it go again.

use crate::words::words;
use crate::{OrganisationId, RepresentativeId, StopId};
use chrono::{DateTime, Utc};
use uuid::Uuid;

words! {
    /// What a stop holds back. A campaign is paused by its status.
    StopScope, "stop_scope_unknown" {
        /// Everything: letters and mails to supporters.
        Everything = "everything",
        /// All that an organisation sends.
        Organisation = "organisation",
        /// Letters to a representative.
        Representative = "representative",
    }
}

/// What is stopped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stopped {
    /// Everything.
    Everything,
    /// All that an organisation sends.
    Organisation(OrganisationId),
    /// Letters to a representative.
    Representative(RepresentativeId),
}

impl Stopped {
    /// What kind of thing it is.
    pub const fn scope(self) -> StopScope {
        match self {
            Self::Everything => StopScope::Everything,
            Self::Organisation(_) => StopScope::Organisation,
            Self::Representative(_) => StopScope::Representative,
        }
    }

    /// Its id; nil for everything.
    pub fn subject(self) -> Uuid {
        match self {
            Self::Everything => Uuid::nil(),
            Self::Organisation(id) => id.uuid(),
            Self::Representative(id) => id.uuid(),
        }
    }

    /// What was stored as a scope and an id.
    pub const fn of(scope: StopScope, subject: Uuid) -> Self {
        match scope {
            StopScope::Everything => Self::Everything,
            StopScope::Organisation => Self::Organisation(OrganisationId::new(subject)),
            StopScope::Representative => Self::Representative(RepresentativeId::new(subject)),
        }
    }
}

/// A stop.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stop {
    /// Its id.
    pub id: StopId,
    /// What is stopped.
    pub stopped: Stopped,
    /// Why, for other administrators.
    pub note: String,
    /// The subject of the token that it was made with.
    pub created_by: String,
    /// Since when.
    pub created_at: DateTime<Utc>,
}
