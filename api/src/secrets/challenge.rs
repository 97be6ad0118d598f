//! What shows that this server set a proof of work, and for which campaign.

use super::seal::{Seal, hex};
use crate::config::Config;
use postbag_domain::CampaignId;

/// Signs challenges, and recognises them.
#[derive(Clone, Debug)]
pub(crate) struct ChallengeKeys(Seal);

impl ChallengeKeys {
    pub(crate) fn of(config: &Config) -> Self {
        Self(Seal::new(config.secrets(), "challenge"))
    }

    /// The signature of a challenge. The salt is signed too, so that no digit moves between its time and the number.
    pub(crate) fn sign(&self, campaign: CampaignId, salt: &str, challenge: &str) -> String {
        hex(&self.0.tag(&about(campaign, salt, challenge)))
    }

    /// True if this server signed this challenge for this campaign.
    pub(crate) fn signed(&self, campaign: CampaignId, salt: &str, challenge: &str, signature: &str) -> bool {
        self.0.tags(&about(campaign, salt, challenge)).any(|tag| {
            let expected = hex(&tag);
            aws_lc_rs::constant_time::verify_slices_are_equal(expected.as_bytes(), signature.as_bytes()).is_ok()
        })
    }
}

fn about(campaign: CampaignId, salt: &str, challenge: &str) -> String {
    format!("{campaign} {challenge} {salt}")
}
