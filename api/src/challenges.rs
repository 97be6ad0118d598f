//! Challenges for machines: one way to set and check them, here or by a service.
//!
//! | provider | sets the challenge | checks what a submission brings |
//! |---|---|---|
//! | `proof_of_work` | this server, and keeps nothing | this server, by one HMAC and one SHA-256 |
//! | `hcaptcha`, `turnstile` | their widget, on the front end's page | their service, within a deadline |
//!
//! A challenge is spent in the transaction of the submission that it lets in, so it counts once on all servers.

mod elsewhere;
mod fault;
mod proof_of_work;
mod spending;

pub use fault::ChallengeFault;
pub(crate) use proof_of_work::ALGORITHM;
pub use proof_of_work::{ProofOfWork, SetChallenge};

use crate::config::Config;
use crate::ids;
use chrono::{DateTime, Utc};
use elsewhere::Elsewhere;
use postbag_domain::challenge::{Arrivals, Load, highest_number};
use postbag_domain::{CampaignId, ChallengeProvider};
use postbag_persistence::{KeyClaim, SpentChallenge};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// What a front end needs to bring a solution.
#[derive(Clone, Debug)]
pub(crate) struct Offer<'a> {
    pub(crate) provider: ChallengeProvider,
    /// For the widget of a service.
    pub(crate) site_key: Option<&'a str>,
    /// A fresh one, where this server sets it.
    pub(crate) proof_of_work: Option<SetChallenge>,
}

/// Sets and checks challenges.
#[derive(Debug)]
pub(crate) struct Challenges {
    provider: Provider,
    arrivals: Mutex<Arrivals>,
}

#[derive(Debug)]
enum Provider {
    Here(Box<ProofOfWork>),
    Elsewhere(Elsewhere),
}

impl Challenges {
    /// The provider that the operator chose. Call this on the runtime that is to ask a service.
    pub(crate) fn open(config: &Config) -> anyhow::Result<Self> {
        let provider = match Elsewhere::open(&config.challenge)? {
            Some(elsewhere) => Provider::Elsewhere(elsewhere),
            None => Provider::Here(Box::new(ProofOfWork::of(config))),
        };
        Ok(Self { provider, arrivals: Mutex::default() })
    }

    /// Who sets and checks challenges.
    pub(crate) fn provider(&self) -> ChallengeProvider {
        match &self.provider {
            Provider::Here(_) => ChallengeProvider::ProofOfWork,
            Provider::Elsewhere(elsewhere) => elsewhere.provider(),
        }
    }

    /// The key that the widget of a service needs.
    pub(crate) fn site_key(&self) -> Option<&str> {
        match &self.provider {
            Provider::Here(_) => None,
            Provider::Elsewhere(elsewhere) => Some(elsewhere.site_key()),
        }
    }

    /// Notes a submission, so that challenges become harder in a rush.
    pub(crate) fn note_arrival(&self, now: DateTime<Utc>) {
        let mut arrivals = self.arrivals();
        *arrivals = arrivals.with_one_at(now);
    }

    /// What a front end needs, as hard as the load asks for: so many submissions wait in a queue that has room for so many.
    pub(crate) fn offer(&self, campaign: CampaignId, (waiting, room): (usize, usize), now: DateTime<Utc>) -> Offer<'_> {
        let proof_of_work = match &self.provider {
            Provider::Elsewhere(_) => None,
            Provider::Here(proof_of_work) => {
                let load = Load::of(waiting, room, self.arrivals().times_usual(now));
                let highest = highest_number(load);
                Some(proof_of_work.set(campaign, ids::random(), ids::random_number(highest), highest, now))
            }
        };
        Offer { provider: self.provider(), site_key: self.site_key(), proof_of_work }
    }

    /// What a submission spends, if what it brought lets it in. `claim` tells its retries from others.
    pub(crate) async fn check(
        &self,
        campaign: CampaignId,
        brought: &str,
        claim: &KeyClaim,
        now: DateTime<Utc>,
    ) -> Result<SpentChallenge, ChallengeFault> {
        match &self.provider {
            Provider::Here(proof_of_work) => proof_of_work.check(campaign, brought, now),
            Provider::Elsewhere(elsewhere) => elsewhere.check(brought, claim, now).await,
        }
    }

    fn arrivals(&self) -> MutexGuard<'_, Arrivals> {
        self.arrivals.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
