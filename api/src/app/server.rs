//! The running server: listens, and stops in the right order.

use crate::app::App;
use crate::app::build::build;
use crate::app::connections::Connections;
use crate::demo;
use crate::http::docs;
use actix_web::dev::ServerHandle;
use actix_web::{HttpServer, web};
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::thread;
use std::time::Duration;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

/// How long request headers may take to arrive (C18). actix answers 408 by itself.
const HEADER_DEADLINE: Duration = Duration::from_secs(5);

/// How long an idle connection is kept, a little longer than proxies keep theirs.
const KEEP_ALIVE: Duration = Duration::from_secs(75);

/// A server that answers requests, and workers beside it.
#[derive(Debug)]
pub struct Server {
    app: Arc<App>,
    handle: ServerHandle,
    serving: JoinHandle<io::Result<()>>,
    addresses: Vec<SocketAddr>,
    workers: Vec<JoinHandle<()>>,
    stop: CancellationToken,
}

impl Server {
    /// Starts to listen.
    pub fn start(app: Arc<App>, with_demo: bool) -> io::Result<Self> {
        let threads = match app.config.threads {
            0 => thread::available_parallelism()?.get(),
            threads => threads,
        };
        let shared = web::Data::from(Arc::clone(&app));
        let connections = Connections::new(app.config.limits.connections, &app.config.trusted_proxies);
        let server = HttpServer::new(move || {
            let application = build(shared.clone());
            if with_demo { application.configure(demo::register) } else { application.service(docs::get_root) }
        })
        .workers(threads)
        .on_connect(move |stream, extensions| connections.accept(stream, extensions))
        .disable_signals()
        .client_request_timeout(HEADER_DEADLINE)
        .keep_alive(KEEP_ALIVE)
        .shutdown_timeout(app.config.drain_seconds)
        .bind(app.config.listen)?;
        let addresses = server.addrs();
        let server = server.run();
        for address in &addresses {
            tracing::info!(%address, threads, "listening");
        }
        let handle = server.handle();
        let stop = CancellationToken::new();
        Ok(Self { app, handle, serving: tokio::spawn(server), addresses, workers: Vec::new(), stop })
    }

    /// The addresses it listens on: the real port where the configuration says 0.
    pub fn addresses(&self) -> &[SocketAddr] {
        &self.addresses
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
            ended = &mut self.serving => {
                ended??;
                anyhow::bail!("the server stopped by itself");
            }
        }
        self.drain().await
    }

    /// Not ready any more; no new connections; running requests finish; then the workers finish their work.
    pub async fn drain(self) -> anyhow::Result<()> {
        tracing::info!("draining");
        self.app.draining.begin();
        self.handle.stop(true).await;
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
