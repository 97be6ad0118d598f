//! How many messages a worker hands to a relay on this machine, unsigned and signed with two keys.

use std::time::{Duration, Instant};

use postbag_tests::smtp_sink::SmtpSink;

use crate::country;
use crate::plan::Plan;
use crate::rig::{Rig, submitter};
use crate::scratch::Engine;
use crate::table::{Goal, Line, Table};

/// The domain that the campaign's letters are sent from.
const DOMAIN: &str = "letters.clearwater.example.org";

pub(crate) async fn run(plan: &Plan, table: &mut Table, engine: Engine) {
    let sink = SmtpSink::start_light().await.expect("a relay");
    let rig = Rig::with_country(engine, Some(sink.addr()), country::SMALL).await;
    let (mut server, consents) = rig.answering(&[]).await;
    submitter(&server, &consents).run(plan.window * 2, None).await;
    server.stop().await;
    let folder = rig.home.folder().join("dkim").display().to_string();
    let keys = [("POSTBAG_MAIL__DKIM_FOLDER", folder.as_str())];
    rig.home.cli_with(&keys, &["dkim", "generate", DOMAIN]).await.succeeds();
    for (lanes, signed, keys) in [("1", "", &[][..]), ("4", "", &[]), ("4", ", signed", &keys)] {
        let settings = [&[("POSTBAG_ROLE", "worker"), ("POSTBAG_MAIL__LANES", lanes)], keys].concat();
        let mut worker = rig.home.serve_with(&settings).await;
        let rate = rate(&sink, plan.window).await;
        worker.stop().await;
        table.add(Line {
            what: format!("delivery, lanes: {lanes}{signed}"),
            database: engine.name(),
            ours: String::new(),
            yardstick: String::new(),
            figure: rate,
            unit: " /s",
            goal: Goal::None,
        });
    }
}

/// Messages per second once they flow.
async fn rate(sink: &SmtpSink, window: Duration) -> f64 {
    assert!(sink.wait_for(sink.count() + 20, Duration::from_secs(10)).await, "no messages came");
    let (before, begin) = (sink.count(), Instant::now());
    tokio::time::sleep(window).await;
    let count = u32::try_from(sink.count() - before).unwrap_or(u32::MAX);
    f64::from(count) / begin.elapsed().as_secs_f64()
}
