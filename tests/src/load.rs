//! A small HTTP load generator: keep-alive connections on loopback, one request at a time on each, bounded in time.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// Builds the n-th request's bytes into the buffer it is given.
pub type Requests = Arc<dyn Fn(u64, &mut Vec<u8>) + Send + Sync>;

/// A load: what to send, over how many connections and for how long.
#[derive(Clone)]
pub struct Load {
    /// The address of the server: loopback only.
    pub addr: SocketAddr,
    /// How many connections ask at once.
    pub connections: usize,
    /// The duration of the load.
    pub duration: Duration,
    /// Requests per second over all connections; as fast as it goes when absent.
    pub rate: Option<f64>,
    /// How long a connection rests after a 503, as `Retry-After` asks; nothing for one that does not care.
    pub rest: Duration,
}

/// The answers that came back.
#[derive(Debug, Default, Clone)]
pub struct Report {
    /// Answers per status class: index 2 counts 2xx.
    pub classes: [u64; 6],
    /// Connections that broke.
    pub broken: u64,
    /// How long the run really took.
    pub elapsed: Duration,
    /// Latency of every successful answer, sorted. With a rate, measured from the planned moment (no coordinated omission).
    pub latencies: Vec<Duration>,
}

impl Report {
    /// Successful answers per second.
    pub fn per_second(&self) -> f64 {
        let answered = u32::try_from(self.classes[2]).unwrap_or(u32::MAX);
        f64::from(answered) / self.elapsed.as_secs_f64()
    }

    /// The latency below which `share` (0 to 1) of the answers lie.
    pub fn percentile(&self, share: f64) -> Duration {
        let count = f64::from(u32::try_from(self.latencies.len()).unwrap_or(u32::MAX));
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a share of a length is a length")]
        #[expect(clippy::as_conversions, reason = "no fallible conversion from float exists")]
        let index = (count * share) as usize;
        self.latencies.get(index.min(self.latencies.len().saturating_sub(1))).copied().unwrap_or_default()
    }
}

/// Runs a load to its end.
pub async fn run(load: Load, requests: Requests) -> Report {
    assert!(load.addr.ip().is_loopback(), "load goes to this machine only");
    let counter = Arc::new(AtomicU64::new(0));
    let begin = Instant::now();
    let lanes = (0..load.connections)
        .map(|_| tokio::spawn(lane(load.clone(), Arc::clone(&requests), Arc::clone(&counter), begin)))
        .collect::<Vec<_>>();
    let mut report = Report::default();
    for lane in lanes {
        let part = lane.await.expect("a lane of the load");
        for (sum, count) in report.classes.iter_mut().zip(part.classes) {
            *sum += count;
        }
        report.broken += part.broken;
        report.latencies.extend(part.latencies);
    }
    report.elapsed = begin.elapsed();
    report.latencies.sort_unstable();
    report
}

/// One connection's share of the load; reconnects when the server hangs up.
async fn lane(load: Load, requests: Requests, counter: Arc<AtomicU64>, begin: Instant) -> Report {
    let mut report = Report::default();
    let mut request = Vec::with_capacity(4096);
    let mut answer = Vec::with_capacity(16 * 1024);
    let mut connection = None;
    while begin.elapsed() < load.duration {
        let number = counter.fetch_add(1, Ordering::Relaxed);
        let planned = planned(&load, number, begin).await;
        if connection.is_none() {
            connection = TcpStream::connect(load.addr).await.ok();
        }
        let Some(stream) = connection.as_mut() else {
            report.broken += 1;
            tokio::time::sleep(Duration::from_millis(5)).await;
            continue;
        };
        request.clear();
        requests(number, &mut request);
        if let Some(status) = exchange(stream, &request, &mut answer).await {
            report.classes[usize::from(status / 100).min(5)] += 1;
            if status / 100 == 2 {
                report.latencies.push(planned.elapsed());
            }
            if status == 503 && !load.rest.is_zero() {
                tokio::time::sleep(load.rest).await;
            }
        } else {
            report.broken += 1;
            connection = None;
        }
    }
    report
}

/// Waits for the moment the n-th request was planned for; without a rate that moment is now.
async fn planned(load: &Load, number: u64, begin: Instant) -> Instant {
    let Some(rate) = load.rate else { return Instant::now() };
    let number = f64::from(u32::try_from(number).unwrap_or(u32::MAX));
    let moment = begin + Duration::from_secs_f64(number / rate);
    tokio::time::sleep_until(moment.into()).await;
    moment
}

/// Sends one request and reads one whole answer; its status, or nothing if the connection broke.
pub async fn exchange(stream: &mut TcpStream, request: &[u8], answer: &mut Vec<u8>) -> Option<u16> {
    stream.write_all(request).await.ok()?;
    answer.clear();
    loop {
        if stream.read_buf(answer).await.ok()? == 0 {
            return None;
        }
        let Some(head) = answer.windows(4).position(|window| window == b"\r\n\r\n") else { continue };
        let (status, length) = head_of(answer.get(..head)?)?;
        while answer.len() < head + 4 + length {
            if stream.read_buf(answer).await.ok()? == 0 {
                return None;
            }
        }
        return Some(status);
    }
}

/// The status and the body's length, as the head says them.
fn head_of(head: &[u8]) -> Option<(u16, usize)> {
    let head = std::str::from_utf8(head).ok()?;
    let mut lines = head.split("\r\n");
    let status = lines.next()?.split(' ').nth(1)?.parse().ok()?;
    let length = lines
        .filter_map(|line| line.split_once(':'))
        .find(|(name, _)| name.eq_ignore_ascii_case("content-length"))
        .and_then(|(_, value)| value.trim().parse().ok());
    Some((status, length.unwrap_or(0)))
}

/// A complete POST of a JSON body, into `buffer`.
pub fn post_json(buffer: &mut Vec<u8>, path: &str, headers: &str, body: &str) {
    use std::io::Write as _;
    write!(
        buffer,
        "POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: {}\r\n{headers}\r\n{body}",
        body.len()
    )
    .expect("writing to memory");
}

/// A complete GET, into `buffer`.
pub fn get(buffer: &mut Vec<u8>, path: &str) {
    use std::io::Write as _;
    write!(buffer, "GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n").expect("writing to memory");
}
