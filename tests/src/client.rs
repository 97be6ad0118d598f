//! A client that holds every answer against the conventions of the contract.

use std::future::{Future, IntoFuture};
use std::net::SocketAddr;
use std::pin::Pin;
use std::time::Duration;

use reqwest::header::HeaderMap;
use reqwest::{Method, RequestBuilder};
use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::conventions;

/// How long any answer may take on a busy machine.
const PATIENCE: Duration = Duration::from_secs(30);

/// Connections to one server.
#[derive(Clone, Debug)]
pub struct Client {
    public: String,
    administration: String,
    http: reqwest::Client,
}

impl Client {
    /// A client of the server with these listeners, which calls each path where it is served.
    pub fn new(public: SocketAddr, administration: SocketAddr) -> Self {
        let http = reqwest::Client::builder().no_proxy().timeout(PATIENCE).redirect(reqwest::redirect::Policy::none());
        let http = http.build().expect("a client");
        Self { public: format!("http://{public}"), administration: format!("http://{administration}"), http }
    }

    /// A client that calls everything at one address.
    pub fn at(address: SocketAddr) -> Self {
        Self::new(address, address)
    }

    /// A request that is not sent yet.
    pub fn call(&self, method: &str, path: &str) -> Call {
        let method: Method = method.parse().expect("a method");
        let is_administration = path.starts_with("/v1/admin") || path == "/metrics";
        let base = if is_administration { &self.administration } else { &self.public };
        let request = self.http.request(method.clone(), format!("{base}{path}"));
        Call { method, path: path.to_owned(), request }
    }
}

/// A request that is sent when it is awaited.
#[derive(Debug)]
#[must_use = "it is sent when it is awaited"]
pub struct Call {
    method: Method,
    path: String,
    request: RequestBuilder,
}

impl Call {
    /// Adds a header.
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.request = self.request.header(name, value);
        self
    }

    /// Adds a bearer token.
    pub fn token(self, token: &str) -> Self {
        self.header("authorization", &format!("Bearer {token}"))
    }

    /// Adds an `Idempotency-Key`.
    pub fn key(self, key: &str) -> Self {
        self.header("idempotency-key", key)
    }

    /// Makes it the request of a page at this origin.
    pub fn origin(self, origin: &str) -> Self {
        self.header("origin", origin)
    }

    /// Adds a JSON body.
    pub fn json(mut self, body: &Value) -> Self {
        self.request = self.request.json(body);
        self
    }

    /// Adds any body.
    pub fn body(mut self, content_type: &str, body: impl Into<reqwest::Body>) -> Self {
        self.request = self.request.header("content-type", content_type).body(body);
        self
    }

    /// Sends it; a broken connection is an answer too.
    pub async fn attempt(self) -> Result<Answer, reqwest::Error> {
        let response = self.request.send().await?;
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let answer = Answer { status, headers, body: response.bytes().await?.to_vec() };
        conventions::check(&self.method, &self.path, &answer);
        Ok(answer)
    }
}

impl IntoFuture for Call {
    type Output = Answer;
    type IntoFuture = Pin<Box<dyn Future<Output = Answer> + Send>>;

    fn into_future(self) -> Self::IntoFuture {
        let what = format!("{} {}", self.method, self.path);
        Box::pin(async move { self.attempt().await.unwrap_or_else(|error| panic!("{what}: {error:?}")) })
    }
}

/// The answers that came back.
#[derive(Clone, Debug)]
pub struct Answer {
    /// The status.
    pub status: u16,
    /// The headers.
    pub headers: HeaderMap,
    /// The body.
    pub body: Vec<u8>,
}

impl Answer {
    /// Goes on only with this status.
    #[track_caller]
    pub fn expect(self, status: u16) -> Self {
        assert_eq!(self.status, status, "{}", self.text());
        self
    }

    /// Goes on only with this kind of problem, and gives its body.
    #[track_caller]
    pub fn problem(&self, status: u16, slug: &str) -> Value {
        assert_eq!(self.status, status, "{}", self.text());
        let body = self.json();
        assert!(body["type"].as_str().is_some_and(|kind| kind.ends_with(&format!("/problems/{slug}"))), "{body}");
        body
    }

    /// The body as JSON.
    #[track_caller]
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("{error}: {} {}", self.status, self.text()))
    }

    /// The body as text.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// A header, if it is there.
    #[track_caller]
    pub fn find(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().expect("a readable header"))
    }

    /// A header that must be there.
    #[track_caller]
    pub fn header(&self, name: &str) -> &str {
        self.find(name).unwrap_or_else(|| panic!("no {name} in {:?}", self.headers))
    }

    /// The pointers of a problem's errors, sorted.
    #[track_caller]
    pub fn pointers(&self) -> Vec<String> {
        let body = self.json();
        let errors = body["errors"].as_array().cloned().unwrap_or_default();
        let mut pointers: Vec<_> =
            errors.iter().filter_map(|error| error["pointer"].as_str().map(str::to_owned)).collect();
        pointers.sort();
        pointers
    }
}

/// Sends bytes as they are and reads one answer, for requests that no client library would send.
pub async fn raw(addr: SocketAddr, request: &[u8]) -> Answer {
    let mut stream = TcpStream::connect(addr).await.expect("a connection");
    // The server may answer and hang up before it has read everything.
    let _ = stream.write_all(request).await;
    let reading = read_answer(&mut stream);
    let answer = tokio::time::timeout(PATIENCE, reading).await.expect("an answer in time").expect("an answer");
    let method = request.split(|byte| *byte == b' ').next().and_then(|method| Method::from_bytes(method).ok());
    conventions::check(&method.unwrap_or_default(), "", &answer);
    answer
}

/// The answer's head and as much body as it announces.
async fn read_answer(stream: &mut TcpStream) -> Option<Answer> {
    let mut bytes = Vec::new();
    loop {
        let end = stream.read_buf(&mut bytes).await.ok()? == 0;
        let Some(head) = bytes.windows(4).position(|window| window == b"\r\n\r\n") else {
            if end {
                return None;
            }
            continue;
        };
        let answer = parse_head(&bytes[..head])?;
        let body = &bytes[head + 4..];
        let length = answer.find("content-length").and_then(|length| length.parse().ok()).unwrap_or(0);
        if body.len() >= length || end {
            return Some(Answer { body: body[..length.min(body.len())].to_vec(), ..answer });
        }
    }
}

fn parse_head(head: &[u8]) -> Option<Answer> {
    let head = std::str::from_utf8(head).ok()?;
    let mut lines = head.split("\r\n");
    let status = lines.next()?.split(' ').nth(1)?.parse().ok()?;
    let mut headers = HeaderMap::new();
    for (name, value) in lines.filter_map(|line| line.split_once(':')) {
        let name: reqwest::header::HeaderName = name.parse().ok()?;
        headers.append(name, value.trim().parse().ok()?);
    }
    Some(Answer { status, headers, body: Vec::new() })
}
