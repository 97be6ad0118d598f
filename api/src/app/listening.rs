//! One listener, with the threads that answer what comes in there.

use crate::app::App;
use crate::app::build::build;
use crate::app::connections::Connections;
use crate::demo;
use crate::http::docs;
use crate::http::listener::Listener;
use actix_web::dev::ServerHandle;
use actix_web::{HttpServer, web};
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::thread;
use std::time::Duration;
use tokio::task::JoinHandle;

/// How long request headers may take to arrive (C18). actix answers 408 by itself.
const HEADER_DEADLINE: Duration = Duration::from_secs(5);

/// How long an idle connection is kept, a little longer than proxies keep theirs.
const KEEP_ALIVE: Duration = Duration::from_secs(75);

/// Administration has few callers, and threads of its own, so that it answers while the public listener is overrun.
const ADMIN_THREADS: usize = 2;

/// A listener at work.
#[derive(Debug)]
pub(super) struct Listening {
    pub(super) handle: ServerHandle,
    pub(super) serving: JoinHandle<io::Result<()>>,
    /// Where it listens: the real port where the configuration says 0.
    pub(super) address: SocketAddr,
}

impl Listening {
    /// Starts to listen.
    pub(super) fn start(app: &Arc<App>, listener: Listener, with_demo: bool) -> io::Result<Self> {
        let (setting, listen) = match listener {
            Listener::Public => ("listen", app.config.listen),
            Listener::Administration => ("admin_listen", app.config.admin_listen),
        };
        let threads = threads(app.config.threads, listener)?;
        let shared = web::Data::from(Arc::clone(app));
        let connections = Connections::new(app.config.limits.connections, &app.config.trusted_proxies);
        let shows_demo = with_demo && listener == Listener::Public;
        let server = HttpServer::new(move || {
            let application = build(shared.clone(), listener);
            if shows_demo { application.configure(demo::register) } else { application.service(docs::get_root) }
        })
        .workers(threads)
        .on_connect(move |stream, extensions| connections.accept(stream, extensions))
        .disable_signals()
        .client_request_timeout(HEADER_DEADLINE)
        .keep_alive(KEEP_ALIVE)
        .shutdown_timeout(app.config.drain_seconds)
        .bind(listen)
        .map_err(|error| io::Error::new(error.kind(), format!("cannot listen on {listen} ({setting}): {error}")))?;
        let address = server.addrs().first().copied().unwrap_or(listen);
        let server = server.run();
        tracing::info!(%address, threads, setting, "listening");
        Ok(Self { handle: server.handle(), serving: tokio::spawn(server), address })
    }
}

fn threads(setting: usize, listener: Listener) -> io::Result<usize> {
    let threads = if setting == 0 { thread::available_parallelism()?.get() } else { setting };
    Ok(match listener {
        Listener::Public => threads,
        Listener::Administration => threads.min(ADMIN_THREADS),
    })
}
