//! A web service under a test's control: it gives the test's answers, and misbehaves on demand in every way a network can.

mod challenges;
mod members_api;
mod postcodes;

pub use challenges::SECRET;
pub use members_api::Member;

use std::fmt;
use std::io;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::{AbortHandle, JoinSet};

/// A question that the service was asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asked {
    /// The method.
    pub method: String,
    /// The path, decoded and without its query.
    pub path: String,
    /// The query's parameters.
    pub query: Vec<(String, String)>,
    /// The body, null if there was none; a form's fields as an object.
    pub body: Value,
}

impl Asked {
    /// A parameter of the query.
    pub fn parameter(&self, name: &str) -> Option<&str> {
        self.query.iter().find(|(other, _value)| other == name).map(|(_name, value)| value.as_str())
    }
}

/// A misbehaviour of the service.
#[derive(Clone, Debug)]
pub enum Act {
    /// Says nothing for so long, then behaves.
    Stall(Duration),
    /// Hangs up without a word.
    HangUp,
    /// Sends half of its answer and hangs up.
    Cut,
    /// Sends a status, headers and a body.
    Send(u16, &'static [(&'static str, &'static str)], &'static str),
    /// Sends a body that does not end before sixteen megabytes.
    Huge,
}

/// How it behaves.
type Behaviour = Box<dyn Fn(&Asked) -> (u16, Value) + Send + Sync>;

/// A running service; dropping it closes its port and every connection.
pub struct FakeService {
    addr: SocketAddr,
    shared: Arc<Shared>,
    accepting: AbortHandle,
}

struct Shared {
    behaviour: Behaviour,
    /// What it does the next times, and whether it goes on with the last of it for ever.
    acts: Mutex<Acts>,
    asked: Mutex<Vec<Asked>>,
    answering: AtomicUsize,
    most_at_once: AtomicUsize,
}

#[derive(Default)]
struct Acts {
    next: Vec<Act>,
    then_always: Option<Act>,
}

impl fmt::Debug for FakeService {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FakeService").field("addr", &self.addr).finish_non_exhaustive()
    }
}

impl FakeService {
    /// Starts on a free port of 127.0.0.1; what it is asked it answers with a status and JSON.
    pub async fn start(behaviour: impl Fn(&Asked) -> (u16, Value) + Send + Sync + 'static) -> io::Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let behaviour = Box::new(behaviour);
        let shared = Arc::new(Shared {
            behaviour,
            acts: Mutex::default(),
            asked: Mutex::default(),
            answering: AtomicUsize::new(0),
            most_at_once: AtomicUsize::new(0),
        });
        let addr = listener.local_addr()?;
        let accepting = tokio::spawn(accept(listener, Arc::clone(&shared))).abort_handle();
        Ok(Self { addr, shared, accepting })
    }

    /// The address of the service, as a setting names it.
    pub fn url(&self) -> String {
        format!("http://{}", self.addr)
    }

    /// From now on, does `act` for every request.
    pub fn always(&self, act: Act) {
        *lock(&self.shared.acts) = Acts { next: Vec::new(), then_always: Some(act) };
    }

    /// Does these one after the other with the next questions, then behaves.
    pub fn next(&self, acts: &[Act]) {
        *lock(&self.shared.acts) = Acts { next: acts.to_vec(), then_always: None };
    }

    /// Behaves again.
    pub fn behave(&self) {
        *lock(&self.shared.acts) = Acts::default();
    }

    /// Everything it was asked, in order.
    pub fn asked(&self) -> Vec<Asked> {
        lock(&self.shared.asked).clone()
    }

    /// How many questions it stalled at once, at most.
    pub fn most_at_once(&self) -> usize {
        self.shared.most_at_once.load(Ordering::SeqCst)
    }

    /// How often it was asked.
    pub fn count(&self) -> usize {
        lock(&self.shared.asked).len()
    }
}

impl Drop for FakeService {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

impl Shared {
    /// The misbehaviour for this question, if there is one.
    fn act(&self) -> Option<Act> {
        let mut acts = lock(&self.acts);
        if acts.next.is_empty() { acts.then_always.clone() } else { Some(acts.next.remove(0)) }
    }
}

/// Connections live in this task, so that they end with it.
async fn accept(listener: TcpListener, shared: Arc<Shared>) {
    let mut connections = JoinSet::new();
    while let Ok((stream, _peer)) = listener.accept().await {
        let shared = Arc::clone(&shared);
        connections.spawn(async move {
            let _ = serve(stream, &shared).await;
        });
        while connections.try_join_next().is_some() {}
    }
}

/// Answers question after question, until one of the two hangs up.
async fn serve(mut stream: TcpStream, shared: &Shared) -> io::Result<()> {
    let mut heard = Vec::new();
    while let Some(asked) = hear(&mut stream, &mut heard).await? {
        lock(&shared.asked).push(asked.clone());
        let (status, body) = (shared.behaviour)(&asked);
        let good = message(status, &[("content-type", "application/json")], &body.to_string());
        match shared.act() {
            None => stream.write_all(&good).await?,
            Some(Act::Stall(time)) => {
                shared.most_at_once.fetch_max(shared.answering.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
                tokio::time::sleep(time).await;
                shared.answering.fetch_sub(1, Ordering::SeqCst);
                stream.write_all(&good).await?;
            }
            Some(Act::Send(status, headers, body)) => stream.write_all(&message(status, headers, body)).await?,
            Some(Act::HangUp) => return Ok(()),
            Some(Act::Cut) => return stream.write_all(&good[..good.len() - body.to_string().len() / 2 - 1]).await,
            Some(Act::Huge) => return stream.write_all(&message(200, &[], &"[1],".repeat(4 << 20))).await,
        }
    }
    Ok(())
}

fn message(status: u16, headers: &[(&str, &str)], body: &str) -> Vec<u8> {
    let mut message = format!("HTTP/1.1 {status} Field\r\ncontent-length: {}\r\n", body.len());
    for (name, value) in headers {
        message += &[name, ": ", value, "\r\n"].concat();
    }
    (message + "\r\n" + body).into_bytes()
}

/// The next question, or nothing if the other side has hung up.
async fn hear(stream: &mut TcpStream, heard: &mut Vec<u8>) -> io::Result<Option<Asked>> {
    loop {
        if let Some((asked, length)) = read(heard) {
            heard.drain(..length);
            return Ok(Some(asked));
        }
        let mut chunk = [0; 4096];
        match stream.read(&mut chunk).await? {
            0 => return Ok(None),
            count => heard.extend_from_slice(&chunk[..count]),
        }
    }
}

/// The question that these bytes begin with, if it is whole, and how long it is.
fn read(bytes: &[u8]) -> Option<(Asked, usize)> {
    let end = bytes.windows(4).position(|four| four == b"\r\n\r\n")? + 4;
    let start = String::from_utf8_lossy(&bytes[..end]).into_owned();
    let mut lines = start.split("\r\n");
    let mut words = lines.next()?.split(' ');
    let (method, target) = (words.next()?.to_owned(), words.next()?);
    let length = lines.find_map(|line| line.to_ascii_lowercase().strip_prefix("content-length:")?.trim().parse().ok());
    let body = bytes.get(end..end + length.unwrap_or(0))?;
    let url = url::Url::parse(&format!("http://service{target}")).ok()?;
    let query = url.query_pairs().map(|(name, value)| (name.into_owned(), value.into_owned())).collect();
    let asked = Asked {
        method,
        path: url.path().replace("%20", " "),
        query,
        body: if is_form(&start) { fields(body) } else { serde_json::from_slice(body).unwrap_or_default() },
    };
    Some((asked, end + body.len()))
}

fn is_form(head: &str) -> bool {
    head.to_ascii_lowercase().contains("content-type: application/x-www-form-urlencoded")
}

fn fields(body: &[u8]) -> Value {
    let pairs = url::form_urlencoded::parse(body);
    pairs.map(|(name, value)| (name.into_owned(), Value::from(value.into_owned()))).collect()
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
