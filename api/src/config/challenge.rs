//! Who tells people from machines.

use super::Secret;
use postbag_domain::ChallengeProvider;
use serde::{Deserialize, Serialize};

/// Challenges for machines.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Challenge {
    /// Who sets and checks them.
    pub provider: ChallengeProvider,
    /// For hCaptcha and Turnstile: the key that their widget needs. Everybody may see it.
    pub site_key: Option<String>,
    /// For hCaptcha and Turnstile: what this server proves itself with.
    pub secret: Option<Secret>,
    /// Where the service is; without it the address of those who run it.
    pub url: Option<String>,
    /// How long a person waits for the service at most, in milliseconds.
    pub deadline_ms: u64,
}

impl Default for Challenge {
    fn default() -> Self {
        Self { provider: ChallengeProvider::ProofOfWork, site_key: None, secret: None, url: None, deadline_ms: 3000 }
    }
}

impl Challenge {
    /// Where the service is, if one is asked.
    pub fn url(&self) -> Option<&str> {
        let usual = match self.provider {
            ChallengeProvider::ProofOfWork => return None,
            ChallengeProvider::Hcaptcha => "https://api.hcaptcha.com",
            ChallengeProvider::Turnstile => "https://challenges.cloudflare.com/turnstile/v0",
        };
        Some(self.url.as_deref().unwrap_or(usual))
    }
}
