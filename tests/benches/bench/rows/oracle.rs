//! Whether the time of an answer shows that a person is known (C23): known and unknown people in turns, at random, by a rank test.

use std::collections::BTreeSet;
use std::time::Instant;

use postbag_tests::load;
use postbag_tests::server::Server;
use serde_json::json;
use tokio::net::TcpStream;

use crate::country;
use crate::pair::median;
use crate::plan::Plan;
use crate::rig::{Form, Rig, SLUG};
use crate::scratch::Engine;
use crate::table::{Goal, Line, Table};

/// How many people are known.
const KNOWN: u64 = 500;

/// Whose supporters they are.
const ORGANISATION: &str = "clearwater";

pub(crate) async fn run(plan: &Plan, table: &mut Table, engine: Engine) {
    let settings = [
        ("POSTBAG_LIMITS__PREFERENCE_LINKS", "0"),
        ("POSTBAG_LIMITS__PREFERENCE_LINKS_A_MINUTE", "0"),
        ("POSTBAG_LIMITS__COMPLAINTS", "0"),
        ("POSTBAG_LIMITS__COMPLAINTS_A_MINUTE", "0"),
    ];
    let rig = Rig::with_country(engine, None, country::SMALL).await;
    let (server, consents) = rig.answering(&settings).await;
    let form = Form::asking(&consents);
    let submission = |person: &str, n: u64| {
        (format!("Idempotency-Key: oracle-{n:012}\r\n"), form.filled_in(person, &country::postcode(0), ""))
    };
    let link = |person: &str, _n| (String::new(), json!({ "organisation": ORGANISATION, "email": person }).to_string());
    let complaint = |person: &str, _n| {
        let words = "You rang me, though I had asked you not to.";
        (String::new(), json!({ "organisation": ORGANISATION, "email": person, "words": words }).to_string())
    };
    let actions = format!("/v1/campaigns/{SLUG}/actions");
    let calls = if plan.is_quick { 4_000 } else { 20_000 };
    let mut asked = Asked::at(&server).await;
    for n in 0..KNOWN {
        asked.once(&actions, submission(&known(n), calls + n)).await;
    }
    asked.by_turns(table, engine, ("preference link", "/v1/preferences/links", calls), link).await;
    asked.by_turns(table, engine, ("complaint", "/v1/complaints", calls), complaint).await;
    // Last, since nobody is unknown afterwards.
    asked.by_turns(table, engine, ("submission", &actions, calls), submission).await;
}

fn known(n: u64) -> String {
    format!("person-{n:06}@bench.example")
}

/// As long as a known person's.
fn unknown(n: u64) -> String {
    format!("nobody-{n:06}@bench.example")
}

/// A server that is asked one thing after the other.
struct Asked {
    stream: TcpStream,
    request: Vec<u8>,
    answer: Vec<u8>,
}

impl Asked {
    async fn at(server: &Server) -> Self {
        let stream = TcpStream::connect(server.addr()).await.expect("the server");
        Self { stream, request: Vec::new(), answer: Vec::new() }
    }

    /// Microseconds until the answer, and its status.
    async fn once(&mut self, path: &str, (headers, body): (String, String)) -> (f64, u16) {
        self.request.clear();
        load::post_json(&mut self.request, path, &headers, &body);
        let begin = Instant::now();
        let status = load::exchange(&mut self.stream, &self.request, &mut self.answer).await.expect("an answer");
        let micros = begin.elapsed().as_secs_f64() * 1e6;
        assert!(status < 300, "{status}: {}", String::from_utf8_lossy(&self.answer));
        (micros, status)
    }

    /// Asks about known and unknown people by turns, and holds the answers and their times against each other.
    async fn by_turns(
        &mut self,
        table: &mut Table,
        engine: Engine,
        (what, path, calls): (&str, &str, u64),
        request: impl Fn(&str, u64) -> (String, String),
    ) {
        let mut times = [Vec::new(), Vec::new()];
        let mut bodies = BTreeSet::new();
        for call in 0..calls {
            // A fixed order that looks like chance.
            let draw = 0x9e37_79b9_7f4a_7c15_u64.wrapping_mul(call + 1) >> 20;
            let is_known = draw & 1 == 0;
            let person = if is_known { known(draw / 2 % KNOWN) } else { unknown(call) };
            let (micros, status) = self.once(path, request(&person, call)).await;
            bodies.insert((status, shape(&self.answer)));
            times[usize::from(!is_known)].push(micros);
        }
        assert_eq!(bodies.len(), 1, "answers differ: {bodies:?}");
        let [known, unknown] = &times;
        table.add(Line {
            what: format!("{what}, known against unknown, {calls} calls"),
            database: engine.name(),
            ours: format!("{:.0} µs", median(known.iter().copied())),
            yardstick: format!("unknown {:.0} µs", median(unknown.iter().copied())),
            figure: rank(known, unknown),
            unit: " z",
            goal: Goal::Most(3.0),
        });
    }
}

/// An answer's body without digits, since ids and moments differ.
fn shape(answer: &[u8]) -> String {
    let text = String::from_utf8_lossy(answer);
    let body = text.split_once("\r\n\r\n").map_or("", |(_, body)| body);
    body.chars().filter(|c| !c.is_ascii_hexdigit() && *c != '.').collect()
}

/// How many standard deviations the rank sum of one side is from chance (Mann and Whitney), without sign.
fn rank(left: &[f64], right: &[f64]) -> f64 {
    let mut all: Vec<(f64, bool)> =
        left.iter().map(|time| (*time, true)).chain(right.iter().map(|time| (*time, false))).collect();
    all.sort_by(|a, b| a.0.total_cmp(&b.0));
    let sum: f64 = all.iter().zip(1_u32..).filter(|((_, is_left), _)| *is_left).map(|(_, rank)| f64::from(rank)).sum();
    let number = |list: &[f64]| f64::from(u32::try_from(list.len()).unwrap_or(u32::MAX));
    let (n, m) = (number(left), number(right));
    let expected = n * (n + m + 1.0) / 2.0;
    let deviation = (n * m * (n + m + 1.0) / 12.0).sqrt();
    ((sum - expected) / deviation).abs()
}
