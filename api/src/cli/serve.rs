//! `postbag serve`

use std::sync::Arc;

use clap::Args;

use crate::clock::Clock;
use crate::config::{Config, Role};
use crate::logging;
use crate::server::Server;
use crate::state::State;

/// Answers requests and sends messages.
#[derive(Debug, Args)]
pub(super) struct Serve {
    /// Only answer requests, or only send messages
    #[arg(long)]
    role: Option<Role>,
}

impl Serve {
    pub(super) fn run(self, config: Config) -> anyhow::Result<()> {
        let mut config = config.load_secrets()?;
        config.role = self.role.unwrap_or(config.role);
        logging::start(&config.log)?;
        tokio::runtime::Builder::new_multi_thread().enable_all().build()?.block_on(serve(config))
    }
}

async fn serve(config: Config) -> anyhow::Result<()> {
    let state = Arc::new(State::new(config, Clock::system())?);
    Server::start(state)?.run().await
}
