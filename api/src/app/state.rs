//! What every handler may reach: put together once, shared by all threads.

use crate::app::health::Health;
use crate::auth::{Keys, Revocations};
use crate::clock::Clock;
use crate::config::{Config, ConfigError};
use crate::http::cors::Origins;
use crate::http::limits::Limits;
use crate::http::page::Cursors;
use crate::secrets::Seal;
use actix_web::{HttpRequest, web};

/// The running server's parts.
#[derive(Debug)]
pub struct State {
    /// What the operator decided.
    pub config: Config,
    /// The time.
    pub clock: Clock,
    /// Whose tokens are accepted.
    pub keys: Keys,
    /// Which tokens were revoked.
    pub revocations: Revocations,
    /// Writes and reads cursors.
    pub cursors: Cursors,
    /// Writes and reads receipt tokens.
    pub receipts: Seal,
    /// Which web origins may call for which campaign.
    pub origins: Origins,
    /// How often a client may do what.
    pub limits: Limits,
    /// Whether this process can do its work.
    pub health: Health,
}

impl State {
    /// The parts that need no database.
    pub fn new(config: Config, clock: Clock) -> Result<Self, ConfigError> {
        Ok(Self {
            keys: Keys::new(&config.auth)?,
            revocations: Revocations::default(),
            cursors: Cursors::new(config.secrets()),
            receipts: Seal::new(config.secrets(), "receipt"),
            origins: Origins::new(&config.public_url()),
            limits: Limits::new(&config.limits, &clock),
            health: Health::default(),
            clock,
            config,
        })
    }

    /// The state that [`app::build`](fn@crate::app::build) gave to the application.
    ///
    /// # Panics
    /// In an application that was put together without it.
    #[expect(
        clippy::expect_used,
        reason = "an application without its state is a mistake in app/build.rs, found by any test"
    )]
    pub fn of(request: &HttpRequest) -> &Self {
        request.app_data::<web::Data<Self>>().expect("app::build registers the state").get_ref()
    }
}
