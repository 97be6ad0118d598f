//! Whether the time of an answer shows that a person is known (C23): known and unknown people in turns, at random, by a rank test.

use std::time::{Duration, Instant};

use postbag_tests::load;
use tokio::net::TcpStream;

use crate::country;
use crate::plan::Plan;
use crate::rig::{Rig, submitter};
use crate::scratch::Engine;
use crate::table::{Goal, Line, Table};

/// How many people are known.
const KNOWN: u64 = 500;

pub(crate) async fn run(plan: &Plan, table: &mut Table, engine: Engine) {
    let settings = [("POSTBAG_LIMITS__PREFERENCE_LINKS", "0"), ("POSTBAG_LIMITS__COMPLAINTS", "0")];
    let rig = Rig::with_country(engine, None, country::SMALL).await;
    let (server, consents) = rig.answering(&settings).await;
    submitter(&server, &consents).run(Duration::from_secs(2), None).await;
    let calls = if plan.is_quick { 4_000 } else { 20_000 };
    for (name, path) in [("preference link", "/v1/preferences/links"), ("complaint", "/v1/complaints")] {
        let words = if name == "complaint" { r#","words":"You rang me, though I had asked you not to.""# } else { "" };
        let mut stream = TcpStream::connect(server.addr()).await.expect("the server");
        let (mut request, mut answer) = (Vec::new(), Vec::new());
        let (mut known, mut unknown) = (Vec::new(), Vec::new());
        let mut bodies = std::collections::BTreeSet::new();
        for call in 0..calls {
            // A fixed order that looks like chance.
            let draw = 0x9e37_79b9_7f4a_7c15_u64.wrapping_mul(call + 1) >> 20;
            let is_known = draw & 1 == 0;
            // As long either way.
            let name = if is_known { "person" } else { "nobody" };
            let person = format!("{name}-{}@bench.example", draw / 2 % KNOWN);
            request.clear();
            let body = format!(r#"{{"organisation":"clearwater","email":"{person}"{words}}}"#);
            load::post_json(&mut request, path, "", &body);
            let begin = Instant::now();
            let status = load::exchange(&mut stream, &request, &mut answer).await.expect("an answer");
            let micros = begin.elapsed().as_secs_f64() * 1e6;
            assert!(status < 300, "{status}");
            bodies.insert((status, shape(&answer)));
            if is_known { known.push(micros) } else { unknown.push(micros) }
        }
        assert_eq!(bodies.len(), 1, "answers differ: {bodies:?}");
        let medians = [&known, &unknown].map(|times| crate::pair::median(times.iter().copied()));
        table.add(Line {
            what: format!("{name}, known against unknown, {calls} calls"),
            database: engine.name(),
            ours: format!("{:.0} µs", medians[0]),
            yardstick: format!("unknown {:.0} µs", medians[1]),
            figure: rank(&known, &unknown),
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
