//! A relay under a test's control: it takes mail quickly, keeps it in order, and misbehaves on demand.
//!
//! Every reply, silence and hang-up that RFC 5321 allows (and some that it does not) can be played at every stage.

mod script;
mod session;

use std::fmt;
use std::io;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::{AbortHandle, JoinSet};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;

use script::Script;
pub use script::{Act, Stage, Times};
use session::Session;

/// One message that the sink took.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Received {
    /// The envelope sender.
    pub from: String,
    /// The envelope recipients.
    pub to: Vec<String>,
    /// The Message-ID with its angle brackets, empty if there was none.
    pub message_id: String,
    /// The message without dot-stuffing; empty if the sink keeps no bytes.
    pub bytes: Vec<u8>,
    /// Which connection it came over, from 1.
    pub connection: usize,
}

/// A running sink; dropping it closes its port and every connection.
#[derive(Debug)]
pub struct SmtpSink {
    addr: SocketAddr,
    shared: Arc<Shared>,
    accepting: AbortHandle,
}

/// The state that the sink and its sessions share.
#[derive(Debug)]
struct Shared {
    script: Script,
    extensions: Vec<&'static str>,
    keeps_bytes: bool,
    tls: Option<Tls>,
    taken: Mutex<Vec<Arc<Received>>>,
    commands: Mutex<Vec<String>>,
    count: watch::Sender<usize>,
    connections: AtomicUsize,
}

/// How a sink that can do TLS does it.
#[derive(Clone)]
struct Tls {
    acceptor: TlsAcceptor,
    from_the_first_byte: bool,
}

impl fmt::Debug for Tls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tls").field("from_the_first_byte", &self.from_the_first_byte).finish_non_exhaustive()
    }
}

impl SmtpSink {
    /// Starts on a free port of 127.0.0.1, keeping every message.
    pub async fn start() -> io::Result<Self> {
        Self::start_with(&[], true, None).await
    }

    /// Starts one that keeps envelopes and Message-IDs but no bytes: for the bench.
    pub async fn start_light() -> io::Result<Self> {
        Self::start_with(&[], false, None).await
    }

    /// Starts one that offers these extensions to EHLO, such as `SMTPUTF8`.
    pub async fn start_offering(extensions: &[&'static str]) -> io::Result<Self> {
        Self::start_with(extensions, true, None).await
    }

    /// Starts one that offers STARTTLS, and a login once it is encrypted.
    pub async fn start_with_starttls(tls: Arc<ServerConfig>) -> io::Result<Self> {
        let tls = Tls { acceptor: tls.into(), from_the_first_byte: false };
        Self::start_with(&[], true, Some(tls)).await
    }

    /// Starts one that is encrypted from the first byte, and offers a login.
    pub async fn start_with_tls(tls: Arc<ServerConfig>) -> io::Result<Self> {
        let tls = Tls { acceptor: tls.into(), from_the_first_byte: true };
        Self::start_with(&[], true, Some(tls)).await
    }

    /// Starts one at an address where nobody listened so far.
    pub async fn start_at(addr: SocketAddr) -> io::Result<Self> {
        Self::listening(TcpListener::bind(addr).await?, &[], true, None)
    }

    async fn start_with(extensions: &[&'static str], keeps_bytes: bool, tls: Option<Tls>) -> io::Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        Self::listening(listener, extensions, keeps_bytes, tls)
    }

    fn listening(
        listener: TcpListener,
        extensions: &[&'static str],
        keeps_bytes: bool,
        tls: Option<Tls>,
    ) -> io::Result<Self> {
        let shared = Arc::new(Shared {
            script: Script::default(),
            extensions: extensions.to_vec(),
            keeps_bytes,
            tls,
            taken: Mutex::default(),
            commands: Mutex::default(),
            count: watch::Sender::new(0),
            connections: AtomicUsize::new(0),
        });
        let addr = listener.local_addr()?;
        let accepting = tokio::spawn(accept(listener, Arc::clone(&shared))).abort_handle();
        Ok(Self { addr, shared, accepting })
    }

    /// The address it listens on.
    pub fn addr(&self) -> SocketAddr {
        self.addr
    }

    /// From now on, does `act` whenever (or as often as `times` says) a session reaches `stage`.
    ///
    /// Times are counted from here. Of several rules that fit, the newest is played.
    pub fn play(&self, stage: Stage, act: Act, times: Times) {
        self.shared.script.add(stage, act, times);
    }

    /// Behaves well again.
    pub fn behave(&self) {
        self.shared.script.clear();
    }

    /// Every message it took, in order.
    pub fn messages(&self) -> Vec<Arc<Received>> {
        self.shared.taken.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// How many messages it took.
    pub fn count(&self) -> usize {
        *self.shared.count.borrow()
    }

    /// Waits until it took `n` messages; false if that took longer than `limit`.
    pub async fn wait_for(&self, n: usize, limit: Duration) -> bool {
        let mut count = self.shared.count.subscribe();
        let reached = count.wait_for(|count| *count >= n);
        matches!(tokio::time::timeout(limit, reached).await, Ok(Ok(_)))
    }

    /// Every command line it heard, in order (not kept by a light sink).
    pub fn commands(&self) -> Vec<String> {
        self.shared.commands.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// How many connections it has accepted.
    pub fn connections(&self) -> usize {
        self.shared.connections.load(Ordering::Relaxed)
    }
}

impl Drop for SmtpSink {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

impl Shared {
    fn take(&self, received: Received) {
        let mut taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        taken.push(Arc::new(received));
        self.count.send_replace(taken.len());
    }

    fn hear(&self, command: &str) {
        if self.keeps_bytes {
            self.commands.lock().unwrap_or_else(PoisonError::into_inner).push(command.to_owned());
        }
    }
}

/// Sessions live in this task, so that they end with it.
async fn accept(listener: TcpListener, shared: Arc<Shared>) {
    let mut sessions = JoinSet::new();
    while let Ok((stream, _peer)) = listener.accept().await {
        let connection = shared.connections.fetch_add(1, Ordering::Relaxed).saturating_add(1);
        let _ = stream.set_nodelay(true);
        sessions.spawn(Session::new(stream, connection, Arc::clone(&shared)).run());
        while sessions.try_join_next().is_some() {}
    }
}
