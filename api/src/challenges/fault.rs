//! Everything that can be wrong with what a submission brings for a challenge.

use crate::outbound::Fault;

/// Why what a submission brought does not let it in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ChallengeFault {
    /// It is no solution of a challenge of this campaign.
    #[error("it is no solution of a challenge that was set for this campaign")]
    Wrong,
    /// Its time is over.
    #[error("the time of the challenge is over")]
    Expired,
    /// The service says that it was checked before.
    #[error("the challenge was used before")]
    Spent,
    /// The service does not say.
    #[error("the service for challenges: {0}")]
    Unanswered(#[from] Fault),
    /// The service does not know the operator's keys.
    #[error("the service for challenges does not accept challenge.site_key and challenge.secret")]
    KeysRefused,
}
