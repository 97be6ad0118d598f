//! Challenges that a service sets and checks.

use super::fault::ChallengeFault;
use super::spending::spending;
use crate::config::Challenge;
use crate::outbound::{ChallengeService, Fault, TokenVerdict};
use chrono::{DateTime, TimeDelta, Utc};
use postbag_domain::ChallengeProvider;
use postbag_persistence::{KeyClaim, SpentChallenge};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::runtime::Handle;
use url::Url;
use uuid::Uuid;

/// Longer than any service lets its tokens last.
const LASTS: TimeDelta = TimeDelta::minutes(20);

/// The most that a token holds, in bytes.
const LONGEST: usize = 8192;

/// A service that is asked whether a token is genuine.
#[derive(Debug)]
pub(super) struct Elsewhere {
    provider: ChallengeProvider,
    site_key: String,
    service: Arc<ChallengeService>,
    deadline: Duration,
    /// Where questions are asked: threads that answer requests come and go, connections to the service stay.
    runtime: Handle,
}

impl Elsewhere {
    /// The service that the operator chose, if they chose one.
    pub(super) fn open(config: &Challenge) -> anyhow::Result<Option<Self>> {
        let (Some(url), Some(site_key), Some(secret)) = (config.url(), &config.site_key, &config.secret) else {
            return Ok(None);
        };
        let deadline = Duration::from_millis(config.deadline_ms);
        let service = ChallengeService::open(config.provider, Url::parse(url)?, site_key, secret, deadline)?;
        Ok(Some(Self {
            provider: config.provider,
            site_key: site_key.clone(),
            service: Arc::new(service),
            deadline,
            runtime: Handle::current(),
        }))
    }

    pub(super) fn provider(&self) -> ChallengeProvider {
        self.provider
    }

    pub(super) fn site_key(&self) -> &str {
        &self.site_key
    }

    /// What a token spends, if the service says that it is genuine.
    pub(super) async fn check(
        &self,
        token: &str,
        claim: &KeyClaim,
        now: DateTime<Utc>,
    ) -> Result<SpentChallenge, ChallengeFault> {
        if token.len() > LONGEST {
            return Err(ChallengeFault::Wrong);
        }
        let id = Uuid::new_v5(&Uuid::NAMESPACE_OID, token.as_bytes());
        let question = Uuid::new_v5(&id, &[claim.key.as_bytes(), &claim.fingerprint].concat());
        match self.ask(token.to_owned(), question).await? {
            TokenVerdict::Genuine => Ok(spending(id, now + LASTS)),
            TokenVerdict::Wrong => Err(ChallengeFault::Wrong),
            TokenVerdict::Expired => Err(ChallengeFault::Expired),
            TokenVerdict::Spent => Err(ChallengeFault::Spent),
            TokenVerdict::KeysRefused => Err(ChallengeFault::KeysRefused),
        }
    }

    async fn ask(&self, token: String, question: Uuid) -> Result<TokenVerdict, Fault> {
        let (service, deadline) = (Arc::clone(&self.service), Instant::now() + self.deadline);
        let asked = self.runtime.spawn(async move { service.check(&token, question, deadline).await });
        asked.await.unwrap_or(Err(Fault::TimedOut))
    }
}
