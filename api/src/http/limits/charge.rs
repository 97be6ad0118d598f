//! What a call counts on.

use super::policy::Policy;
use crate::secrets::ClientHash;
use uuid::Uuid;

/// What is counted: a client, credential or network, within an organisation, a campaign or everywhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Subject {
    scope: Uuid,
    who: ClientHash,
}

impl Subject {
    /// One client, credential or network within a scope; everywhere for nil.
    pub(crate) const fn of(scope: Uuid, who: ClientHash) -> Self {
        Self { scope, who }
    }

    /// Everybody within a scope; everywhere for nil.
    pub(crate) const fn everybody(scope: Uuid) -> Self {
        Self { scope, who: [0; 16] }
    }

    pub(super) fn bytes(self) -> Vec<u8> {
        [*self.scope.as_bytes(), self.who].concat()
    }

    pub(super) fn read(bytes: &[u8]) -> Option<Self> {
        let (scope, who) = bytes.split_first_chunk()?;
        Some(Self { scope: Uuid::from_bytes(*scope), who: who.try_into().ok()? })
    }
}

/// One thing to count.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Charge {
    pub(crate) policy: Policy,
    pub(crate) subject: Subject,
    /// False where the count is also that of others, which is nobody's business.
    pub(crate) is_own: bool,
}
