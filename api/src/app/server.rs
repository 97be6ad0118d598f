//! The running server: listens, and stops in the right order.

use crate::app::App;
use crate::app::listening::Listening;
use crate::http::listener::Listener;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

/// A server that answers requests on two listeners, and workers beside it.
#[derive(Debug)]
pub struct Server {
    app: Arc<App>,
    public: Listening,
    administration: Listening,
    workers: Vec<JoinHandle<()>>,
    stop: CancellationToken,
}

impl Server {
    /// Starts to listen.
    pub fn start(app: Arc<App>, with_demo: bool) -> io::Result<Self> {
        let public = Listening::start(&app, Listener::Public, with_demo)?;
        let administration = Listening::start(&app, Listener::Administration, with_demo)?;
        Ok(Self { app, public, administration, workers: Vec::new(), stop: CancellationToken::new() })
    }

    /// Where it listens: the real port where the configuration says 0.
    pub fn public_address(&self) -> SocketAddr {
        self.public.address
    }

    /// Where it listens for administration.
    pub fn admin_address(&self) -> SocketAddr {
        self.administration.address
    }

    /// Cancelled to make the workers finish their current transaction and return.
    pub fn stop_token(&self) -> CancellationToken {
        self.stop.clone()
    }

    /// Adds a worker, which must return soon after the stop token is cancelled.
    pub fn add_worker(&mut self, worker: JoinHandle<()>) {
        self.workers.push(worker);
    }

    /// Runs until a signal comes, then drains.
    pub async fn run(mut self) -> anyhow::Result<()> {
        tokio::select! {
            signalled = crate::app::shutdown::signalled() => signalled?,
            ended = &mut self.public.serving => {
                ended??;
                anyhow::bail!("the server stopped by itself");
            }
            ended = &mut self.administration.serving => {
                ended??;
                anyhow::bail!("the listener for administration stopped by itself");
            }
        }
        self.drain().await
    }

    /// Not ready any more; no new connections; running requests finish; then the workers finish their work.
    pub async fn drain(self) -> anyhow::Result<()> {
        tracing::info!("draining");
        self.app.draining.begin();
        tokio::join!(self.public.handle.stop(true), self.administration.handle.stop(true));
        self.stop.cancel();
        let deadline = tokio::time::Instant::now() + self.app.config.drain();
        for worker in self.workers {
            match tokio::time::timeout_at(deadline, worker).await {
                Ok(ended) => ended?,
                Err(_late) => tracing::warn!("a worker did not finish in time; its leases will expire"),
            }
        }
        tracing::info!("stopped");
        Ok(())
    }
}
