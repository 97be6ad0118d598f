//! Ten times as many people as bring the server to its peak, each of whom asks again as soon as they may (C10). Those who would not even
//! wait for that meet the limits of `flood`.

use std::time::Duration;

use postbag_tests::campaign::CampaignPlan;
use postbag_tests::load::{self, Load, Report};
use postbag_tests::server::{Server, memory_of};

use crate::country;
use crate::pair::Side;
use crate::plan::Plan;
use crate::rig::{Rig, submitter};
use crate::scratch::Engine;
use crate::table::{Goal, Line, Table, per_second};

/// How many times as many people.
const TIMES: usize = 10;

/// What a server at its limit asks for.
const RETRY_AFTER: Duration = Duration::from_secs(1);

/// Connections of this machine are not counted, since all people come from it.
const UNCOUNTED: [(&str, &str); 1] = [("POSTBAG_TRUSTED_PROXIES", "[\"127.0.0.1\"]")];

pub(crate) async fn run(plan: &Plan, table: &mut Table, engine: Engine) {
    let rig = Rig::with_country(engine, None, country::SMALL).await;
    let campaign = CampaignPlan::clean_air().with("offices", vec!["mp", "msp_constituency"]);
    let (server, consents) = rig.answering_for(campaign.with("challenge", "off"), &UNCOUNTED).await;
    let usual = submitter(&server, &consents);
    let crowd = Side { connections: usual.connections * TIMES, ..usual.clone() };
    let third = Duration::from_secs(if plan.is_quick { 4 } else { 20 });
    usual.run(plan.window, None).await;
    let peak = usual.run(third, None).await;
    let first = submissions(&crowd, third).await;
    let before = memory(&server);
    let then = [submissions(&crowd, third).await, submissions(&crowd, third).await];
    let grown = memory(&server) - before;
    add(table, engine, &peak, &then, third * 3);
    table.add(Line {
        what: "memory gained in the last two thirds of an overload".to_owned(),
        database: engine.name(),
        ours: format!("{before:.0} MB after the first third"),
        yardstick: format!("refused {:.0} %", 100.0 * refused(&first)),
        figure: grown,
        unit: " MB",
        goal: Goal::Most(16.0),
    });
}

fn add(table: &mut Table, engine: Engine, peak: &Report, then: &[Report], whole: Duration) {
    let goodput = then.iter().map(Report::per_second).fold(f64::INFINITY, f64::min);
    table.add(Line {
        what: format!("submit, {TIMES} times overload for {} s", whole.as_secs()),
        database: engine.name(),
        ours: per_second(goodput),
        yardstick: format!("peak {}", per_second(peak.per_second())),
        figure: goodput / peak.per_second(),
        unit: "",
        goal: Goal::Least(0.8),
    });
    let slowest = |report: &Report| report.percentile(0.99).as_secs_f64() * 1e3;
    let worst = then.iter().map(slowest).fold(0.0, f64::max);
    table.add(Line {
        what: "99 of 100 accepted in an overload".to_owned(),
        database: engine.name(),
        ours: format!("{worst:.0} ms"),
        yardstick: format!("peak {:.0} ms", slowest(peak)),
        figure: worst / slowest(peak),
        unit: "",
        goal: Goal::Most(3.0),
    });
}

/// Submissions one after the other; each is either accepted or refused as too much.
async fn submissions(side: &Side, duration: Duration) -> Report {
    let load = Load { addr: side.addr, connections: side.connections, duration, rate: None, rest: RETRY_AFTER };
    let report = load::run(load, side.requests.clone()).await;
    let others: u64 = [0, 1, 3, 4].map(|class| report.classes[class]).iter().sum();
    assert_eq!((others, report.broken), (0, 0), "neither accepted nor refused: {:?}", report.classes);
    report
}

fn refused(report: &Report) -> f64 {
    let count = |n: u64| f64::from(u32::try_from(n).unwrap_or(u32::MAX));
    count(report.classes[5]) / count(report.classes.iter().sum())
}

fn memory(server: &Server) -> f64 {
    memory_of(server.process_id(), "VmRSS").expect("a running server has memory")
}
