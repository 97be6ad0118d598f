//! How many messages a worker hands to a relay on this machine, unsigned and signed with two keys, and how many the relay could take.

use std::time::{Duration, Instant};

use postbag_tests::smtp_sink::SmtpSink;

use crate::country;
use crate::plan::Plan;
use crate::pump;
use crate::rig::{Rig, submitter};
use crate::scratch::Engine;
use crate::table::{Goal, Line, Table, per_second};

/// The domain that the campaign's letters are sent from.
const DOMAIN: &str = "letters.clearwater.example.org";

/// Lanes of a worker, and connections of a client that is held against it.
const LANES: usize = 4;

/// Signed messages per second that are hoped for.
const GOAL: f64 = 2000.0;

pub(crate) async fn run(plan: &Plan, table: &mut Table, engine: Engine) {
    let sink = SmtpSink::start_light().await.expect("a relay");
    let rig = Rig::with_country(engine, Some(sink.addr()), country::SMALL).await;
    let (mut server, consents) = rig.answering(&[]).await;
    submitter(&server, &consents).run(plan.window * 2, None).await;
    server.stop().await;
    let folder = rig.home.folder().join("dkim").display().to_string();
    let keys = [("POSTBAG_MAIL__DKIM_FOLDER", folder.as_str())];
    rig.home.cli_with(&keys, &["dkim", "generate", DOMAIN]).await.succeeds();
    for (lanes, keys) in [(1, &[][..]), (LANES, &[]), (LANES, &keys)] {
        let of_sink = match keys {
            [] => None,
            _ => Some(limit(&sink, &letter(&rig, keys).await, plan.window).await),
        };
        let rate = sent(&rig, &sink, lanes, keys, plan.window).await;
        table.add(Line {
            what: format!("delivery, lanes: {lanes}{}", if keys.is_empty() { "" } else { ", signed" }),
            database: engine.name(),
            ours: of_sink.map(|limit| format!("{:.2} of the relay's own", rate / limit)).unwrap_or_default(),
            yardstick: of_sink.map(|limit| format!("the relay alone {}", per_second(limit))).unwrap_or_default(),
            figure: rate,
            unit: " /s",
            goal: if keys.is_empty() { Goal::None } else { Goal::Least(GOAL) },
        });
    }
}

/// Messages per second that a worker hands over.
async fn sent(rig: &Rig, sink: &SmtpSink, lanes: usize, keys: &[(&str, &str)], window: Duration) -> f64 {
    let lanes = lanes.to_string();
    let settings = [&[("POSTBAG_ROLE", "worker"), ("POSTBAG_MAIL__LANES", &lanes)], keys].concat();
    let mut worker = rig.home.serve_with(&settings).await;
    let rate = rate(sink, window).await;
    worker.stop().await;
    rate
}

/// A letter as it reaches the relay.
async fn letter(rig: &Rig, keys: &[(&str, &str)]) -> Vec<u8> {
    let sink = SmtpSink::start().await.expect("a relay that keeps what it takes");
    let port = sink.addr().port().to_string();
    let settings = [&[("POSTBAG_ROLE", "worker"), ("POSTBAG_MAIL__SMTP__PORT", &port)], keys].concat();
    let mut worker = rig.home.serve_with(&settings).await;
    assert!(sink.wait_for(1, Duration::from_secs(10)).await, "no message came");
    worker.stop().await;
    sink.messages()[0].bytes.clone()
}

/// Messages per second that the relay takes from clients without a database and without keys.
async fn limit(sink: &SmtpSink, letter: &[u8], window: Duration) -> f64 {
    let clients = pump::start(sink.addr(), LANES, letter);
    let rate = rate(sink, window).await;
    drop(clients);
    rate
}

/// Messages per second once they flow.
async fn rate(sink: &SmtpSink, window: Duration) -> f64 {
    assert!(sink.wait_for(sink.count() + 20, Duration::from_secs(10)).await, "no messages came");
    let (before, begin) = (sink.count(), Instant::now());
    tokio::time::sleep(window).await;
    let count = u32::try_from(sink.count() - before).unwrap_or(u32::MAX);
    f64::from(count) / begin.elapsed().as_secs_f64()
}
