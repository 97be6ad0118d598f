//! Challenges for machines, as front ends read them.

use super::vocabulary;
use crate::challenges::{ALGORITHM, Offer, SetChallenge};
use chrono::{DateTime, Utc};
use postbag_domain::{ChallengeProvider, ChallengeRule, Locale};
use serde::Serialize;
use utoipa::ToSchema;

/// Whom the campaign asks for a challenge, and who sets it. A submission carries the solution as `challenge`.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct FormChallengeView {
    #[schema(schema_with = vocabulary::challenge_rule)]
    rule: &'static str,
    #[schema(schema_with = vocabulary::challenge_provider)]
    provider: &'static str,
    /// The key for the widget of hCaptcha or Turnstile, whose token is the solution; `null` for `proof_of_work`, which
    /// `GET …/challenge` sets.
    site_key: Option<String>,
}

impl FormChallengeView {
    pub(crate) fn new(rule: ChallengeRule, provider: ChallengeProvider, site_key: Option<&str>) -> Self {
        Self { rule: rule.as_str(), provider: provider.as_str(), site_key: site_key.map(str::to_owned) }
    }
}

/// A field for the form to have and to keep from people's eyes, screen readers and autofill: what is filled in there shows a machine.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct HoneypotView {
    name: &'static str,
    /// Where its value goes in the submission, as a JSON Pointer.
    pointer: &'static str,
    /// For those who meet it all the same.
    label: &'static str,
}

impl HoneypotView {
    pub(crate) fn of(locale: Locale) -> Self {
        let label = match locale {
            Locale::En => "Website (please leave this empty)",
            Locale::Cy => "Gwefan (gadewch hwn yn wag)",
            Locale::Gd => "Làrach-lìn (fàg seo falamh)",
        };
        Self { name: "website", pointer: "/form/website", label }
    }
}

/// A proof of work in the form of ALTCHA's: the number from 0 to `maxnumber` is to be found that, written behind `salt`, has the SHA-256
/// `challenge`.
///
/// The solution is the base64 of a JSON object with `algorithm`, `challenge`, `salt` and `signature` as they are here, and `number`.
#[derive(Debug, Serialize, ToSchema)]
#[schema(examples(json!({
    "algorithm": "SHA-256", "challenge": "6b3a55e0261b0304143f805a24924d0c1c44524821305f31d9277843b8a10f4e",
    "salt": "n4bQgYhMTWWaL-qgxVrQFQ?expires=1795341600&", "maxnumber": 50000,
    "signature": "67ba1d3cf5d717e7507244e26500ea2d", "expires_at": "2026-11-22T09:20:00Z"
})))]
pub(crate) struct ProofOfWorkView {
    #[schema(example = "SHA-256")]
    algorithm: &'static str,
    challenge: String,
    salt: String,
    maxnumber: u32,
    signature: String,
    /// The moment from which it counts no more.
    expires_at: DateTime<Utc>,
}

impl From<SetChallenge> for ProofOfWorkView {
    fn from(set: SetChallenge) -> Self {
        let SetChallenge { salt, challenge, highest, signature, expires_at } = set;
        Self { algorithm: ALGORITHM, challenge, salt, maxnumber: highest, signature, expires_at }
    }
}

/// What a front end needs to bring a solution.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ChallengeOfferView {
    #[schema(schema_with = vocabulary::challenge_provider)]
    provider: &'static str,
    /// The key for the widget of hCaptcha or Turnstile.
    site_key: Option<String>,
    /// A fresh one; `null` for other providers.
    proof_of_work: Option<ProofOfWorkView>,
}

impl From<Offer<'_>> for ChallengeOfferView {
    fn from(offer: Offer<'_>) -> Self {
        Self {
            provider: offer.provider.as_str(),
            site_key: offer.site_key.map(str::to_owned),
            proof_of_work: offer.proof_of_work.map(Into::into),
        }
    }
}
