//! A challenge for machines: who is asked for one, by whom it is set, and how hard it is.

mod arrivals;
mod difficulty;

pub use arrivals::Arrivals;
pub use difficulty::{Load, ORDINARY_NUMBER, highest_number};

use crate::Signal;
use crate::words::words;
use chrono::TimeDelta;

/// How long a challenge can be solved and sent.
pub const LASTS: TimeDelta = TimeDelta::minutes(20);

words! {
    /// Whom a campaign asks for a challenge, which people's browsers solve unseen and machines pay for.
    ChallengeRule, "challenge_rule_unknown" {
        /// Nobody.
        Off = "off",
        /// Those whose submission looks like a machine's: a field filled in that people do not see, a form filled in within seconds, or
        /// many submissions from one client.
        WhenSuspicious = "when_suspicious",
        /// Everybody.
        Always = "always",
    }
}

impl ChallengeRule {
    /// True if a submission with these signals needs a challenge.
    pub fn asks(self, signals: &[Signal]) -> bool {
        match self {
            Self::Off => false,
            Self::WhenSuspicious => signals.iter().any(|signal| signal.needs_challenge()),
            Self::Always => true,
        }
    }
}

words! {
    /// Who sets and checks challenges.
    ChallengeProvider, "challenge_provider_unknown" {
        /// This server: a proof of work as ALTCHA's, without another host and without anything to look at.
        ProofOfWork = "proof_of_work",
        /// hCaptcha, whose widget the front end loads.
        Hcaptcha = "hcaptcha",
        /// Cloudflare Turnstile, whose widget the front end loads.
        Turnstile = "turnstile",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_campaign_asks_nobody_everybody_or_those_who_look_suspicious() {
        for signal in Signal::ALL {
            assert!(!ChallengeRule::Off.asks(&[*signal]));
            assert_eq!(ChallengeRule::WhenSuspicious.asks(&[*signal]), signal.needs_challenge(), "{signal}");
        }
        assert!(!ChallengeRule::WhenSuspicious.asks(&[]));
        assert!(ChallengeRule::Always.asks(&[]));
    }
}
