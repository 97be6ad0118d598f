//! A service elsewhere that is asked in JSON: politely, within bounds, and not at all while it keeps failing.
//!
//! Redirections are not followed and no proxy is taken from the environment: what is asked goes where the operator said. A question
//! is repeated a few times where that may help, never past its deadline.

mod circuit;
mod exchange;
mod fault;
mod pace;
mod retries;

pub use circuit::{Circuit, CircuitRule, Pass};
pub use exchange::{Answered, Question};
pub use fault::Fault;
pub use pace::Pace;
pub use retries::Retries;

use crate::config::{Fallback, Sync};
use reqwest::Client;
use reqwest::redirect::Policy;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};
use tokio::time::{sleep, sleep_until};
use url::Url;

/// Five failures in a row leave a service alone for half a minute.
const CIRCUIT: CircuitRule = CircuitRule { failures: 5, open_for: Duration::from_secs(30) };

/// How a service is asked.
#[derive(Clone, Debug)]
pub struct Manners {
    /// How long one attempt may take, connecting included.
    pub timeout: Duration,
    /// The pause between two questions.
    pub pause: Duration,
    /// How questions are repeated.
    pub retries: Retries,
}

impl Manners {
    /// For `postbag sync`, which has time.
    pub const fn of_sync(config: &Sync) -> Self {
        let retries =
            Retries { most: config.retries, first: Duration::from_millis(500), longest: Duration::from_secs(20) };
        Self {
            timeout: Duration::from_secs(config.timeout_seconds),
            pause: Duration::from_millis(config.pause_ms),
            retries,
        }
    }

    /// For a look-up while a person waits: one retry, if there is time for it.
    pub const fn of_fallback(config: &Fallback) -> Self {
        let retries = Retries { most: 1, first: Duration::from_millis(50), longest: Duration::from_millis(50) };
        let (timeout, pause) = (Duration::from_millis(config.deadline_ms), Duration::from_millis(config.pause_ms));
        Self { timeout, pause, retries }
    }
}

/// A service elsewhere. It is asked through one connection pool, at one pace, behind one circuit.
#[derive(Debug)]
pub struct Service {
    base: Url,
    client: Client,
    manners: Manners,
    circuit: Mutex<Circuit>,
    pace: Mutex<Pace>,
}

impl Service {
    /// The service at this address, under whose path everything is asked. Nothing is asked yet.
    pub fn open(base: Url, manners: Manners) -> anyhow::Result<Self> {
        let client = Client::builder()
            .user_agent(concat!("postbag/", env!("CARGO_PKG_VERSION")))
            .redirect(Policy::none())
            .no_proxy()
            .connect_timeout(manners.timeout)
            .build()?;
        let (circuit, pace) = (Circuit::new(CIRCUIT), Pace::new(manners.pause));
        Ok(Self { base, client, manners, circuit: Mutex::new(circuit), pace: Mutex::new(pace) })
    }

    /// The host, for people, with its port if that is unusual.
    pub fn host(&self) -> String {
        let host = self.base.host_str().unwrap_or_default();
        self.base.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"))
    }

    /// Asks until there is an answer that `read` understands, or no sense in asking again, or no time.
    pub async fn ask<T>(
        &self,
        question: &Question<'_>,
        deadline: Instant,
        read: impl Fn(Answered) -> Result<T, Fault>,
    ) -> Result<T, Fault> {
        let mut attempts = 0;
        loop {
            let fault = match self.attempt(question, deadline, &read).await {
                Ok(answer) => return Ok(answer),
                Err(fault) => fault,
            };
            attempts += 1;
            let left = deadline.saturating_duration_since(Instant::now());
            let pause = self.manners.retries.pause(attempts, fault, left, jitter()).ok_or(fault)?;
            sleep(pause).await;
        }
    }

    /// Asks once, when its turn comes, unless the circuit is open.
    async fn attempt<T>(
        &self,
        question: &Question<'_>,
        deadline: Instant,
        read: impl Fn(Answered) -> Result<T, Fault>,
    ) -> Result<T, Fault> {
        let turn = lock(&self.pace).turn(Instant::now(), deadline).ok_or(Fault::Crowded)?;
        sleep_until(turn.into()).await;
        let pass = lock(&self.circuit).admit(Instant::now()).ok_or(Fault::CircuitOpen)?;
        let until = deadline.min(Instant::now() + self.manners.timeout);
        let answer = question.put(&self.client, &self.base, until).await.and_then(read);
        let has_opened = lock(&self.circuit).learn(&pass, answer.is_ok(), Instant::now());
        if let Err(fault) = &answer
            && has_opened
        {
            tracing::warn!(service = self.host(), %fault, "left alone for a while");
        }
        answer
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A number from 0 to 1; the middle where there is no randomness.
fn jitter() -> f64 {
    let mut bytes = [0_u8; 2];
    match aws_lc_rs::rand::fill(&mut bytes) {
        Ok(()) => f64::from(u16::from_ne_bytes(bytes)) / f64::from(u16::MAX),
        Err(_why) => 0.5,
    }
}
