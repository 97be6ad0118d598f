//! Services that say whether a token of their widget is genuine: hCaptcha and Turnstile, or others that answer as they do.

use super::service::{Answered, Fault, Manners, Question, Retries, Service};
use crate::config::Secret;
use postbag_domain::ChallengeProvider;
use serde::Deserialize;
use std::time::{Duration, Instant};
use url::Url;
use uuid::Uuid;

/// What a service says of a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokenVerdict {
    /// Its widget gave it out for this site, and it was not checked before.
    Genuine,
    /// It did not.
    Wrong,
    /// Its time is over. Turnstile says so of one that was checked before, too.
    Expired,
    /// It was checked before.
    Spent,
    /// The site key or the secret is not one of the service's.
    KeysRefused,
}

/// A service that checks tokens.
#[derive(Debug)]
pub struct ChallengeService {
    provider: ChallengeProvider,
    site_key: String,
    secret: Secret,
    service: Service,
}

/// The part of an answer that is read.
#[derive(Deserialize)]
struct Checked {
    success: bool,
    #[serde(default, rename = "error-codes")]
    codes: Vec<String>,
}

impl ChallengeService {
    /// The service of this kind at this address, asked once for each token: most count a second question as a second use.
    pub fn open(
        provider: ChallengeProvider,
        base: Url,
        site_key: &str,
        secret: &Secret,
        deadline: Duration,
    ) -> anyhow::Result<Self> {
        let retries = Retries { most: 0, first: Duration::ZERO, longest: Duration::ZERO };
        let service = Service::open(base, Manners { timeout: deadline, pause: Duration::ZERO, retries })?;
        Ok(Self { provider, site_key: site_key.to_owned(), secret: secret.clone(), service })
    }

    /// Asks about a token. The person's address is not sent. Turnstile answers the same `question` alike if it is put again.
    pub async fn check(&self, token: &str, question: Uuid, deadline: Instant) -> Result<TokenVerdict, Fault> {
        let mut fields = vec![("secret", self.secret.expose().to_owned()), ("response", token.to_owned())];
        match self.provider {
            ChallengeProvider::Hcaptcha => fields.push(("sitekey", self.site_key.clone())),
            ChallengeProvider::Turnstile => fields.push(("idempotency_key", question.to_string())),
            ChallengeProvider::ProofOfWork => {}
        }
        self.service.ask(&Question::form(&["siteverify"], fields), deadline, verdict).await
    }
}

fn verdict(answered: Answered) -> Result<TokenVerdict, Fault> {
    let not_theirs = Fault::Malformed("it is not what services for challenges answer");
    let Answered { status: 200, body } = answered else { return Err(not_theirs) };
    let Checked { success, codes } = serde_json::from_value(body).map_err(|_other| not_theirs)?;
    let says = |words: &[&str]| codes.iter().any(|code| words.contains(&code.as_str()));
    if success {
        Ok(TokenVerdict::Genuine)
    } else if says(&["missing-input-secret", "invalid-input-secret", "sitekey-secret-mismatch"]) {
        Ok(TokenVerdict::KeysRefused)
    } else if says(&["internal-error"]) {
        Err(Fault::Malformed("it says that it failed"))
    } else if says(&["timeout-or-duplicate", "expired-input-response"]) {
        Ok(TokenVerdict::Expired)
    } else if says(&["already-seen-response", "invalid-or-already-seen-response"]) {
        Ok(TokenVerdict::Spent)
    } else {
        Ok(TokenVerdict::Wrong)
    }
}
