//! Submissions against one transaction each, and how long they take at half of the peak.

use std::time::Duration;

use postbag_tests::campaign::CampaignPlan;

use crate::country;
use crate::pair::{Pair, Side, race};
use crate::pgbench::PgBench;
use crate::plan::Plan;
use crate::rig::{Rig, submitter};
use crate::scratch::Engine;
use crate::table::{Goal, Line, Table, per_second};

pub(crate) async fn run(plan: &Plan, table: &mut Table, engine: Engine) {
    let rig = Rig::with_country(engine, None, country::SMALL).await;
    let (server, consents) = rig.answering(&[]).await;
    let ours = submitter(&server, &consents);
    ours.run(Duration::from_millis(500), None).await;
    let pair = match engine {
        Engine::Postgres => against_pgbench(plan, table, &rig, &ours).await,
        Engine::Sqlite => Some(against_row_by_row(plan, table, &ours).await),
    };
    if let Some(pair) = pair {
        latency(plan, table, engine, &ours, pair.ours / 2.0).await;
    }
    with_confirmation(plan, table, engine, &ours).await;
}

/// The same submissions to a campaign whose supporters confirm by mail, on a database of its own.
async fn with_confirmation(plan: &Plan, table: &mut Table, engine: Engine, without: &Side) {
    let rig = Rig::with_country(engine, None, country::SMALL).await;
    let campaign = CampaignPlan::clean_air().with("offices", vec!["mp", "msp_constituency"]).confirmed_by_mail();
    let (server, consents) = rig.answering_for(campaign, &[]).await;
    let pair = race(plan, &submitter(&server, &consents), without).await;
    table.add(Line {
        what: "submit, to be confirmed".to_owned(),
        database: engine.name(),
        ours: per_second(pair.ours),
        yardstick: format!("without confirmation {}", per_second(pair.theirs)),
        figure: pair.ratio,
        unit: "",
        goal: Goal::Least(0.9),
    });
}

/// The same server, set to store one submission at a time.
async fn against_row_by_row(plan: &Plan, table: &mut Table, ours: &Side) -> Pair {
    let rig = Rig::with_country(Engine::Sqlite, None, country::SMALL).await;
    let (server, consents) = rig.answering(&[("POSTBAG_INTAKE__GROUP", "1")]).await;
    let pair = race(plan, ours, &submitter(&server, &consents)).await;
    add(table, Engine::Sqlite, pair, "row by row");
    pair
}

/// Plain SQL for the same rows, without a server, validation or letters.
async fn against_pgbench(plan: &Plan, table: &mut Table, rig: &Rig, ours: &Side) -> Option<Pair> {
    let yardstick = Rig::empty(Engine::Postgres, None).await;
    let Some(bench) = PgBench::like(rig, &yardstick).await else {
        table.skip("submit", Engine::Postgres.name(), "pgbench is not installed");
        return None;
    };
    let clients = bench.best_clients();
    let mut turns = Vec::new();
    for _round in 0..plan.rounds {
        turns.push((ours.run(plan.window, None).await.per_second(), bench.per_second(clients, plan.window)));
    }
    let pair = Pair::of(&turns);
    add(table, Engine::Postgres, pair, &format!("pgbench, {} rows, {clients} clients,", bench.rows));
    Some(pair)
}

fn add(table: &mut Table, engine: Engine, pair: Pair, yardstick: &str) {
    table.add(Line {
        what: "submit".to_owned(),
        database: engine.name(),
        ours: per_second(pair.ours),
        yardstick: format!("{yardstick} {}", per_second(pair.theirs)),
        figure: pair.ratio,
        unit: "",
        goal: Goal::Least(4.0),
    });
}

async fn latency(plan: &Plan, table: &mut Table, engine: Engine, side: &Side, rate: f64) {
    let mut runs = Vec::new();
    for _round in 0..plan.rounds {
        runs.push(side.run(plan.window, Some(rate)).await.percentile(0.99).as_secs_f64() * 1000.0);
    }
    table.add(Line {
        what: "submit, 99 of 100 at half of the peak".to_owned(),
        database: engine.name(),
        ours: per_second(rate),
        yardstick: String::new(),
        figure: crate::pair::median(runs.into_iter()),
        unit: " ms",
        goal: Goal::Most(25.0),
    });
}
