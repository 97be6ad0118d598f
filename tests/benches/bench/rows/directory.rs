//! The whole postcode directory: how long it takes to import and to load, what memory it needs, and look-ups in it.

use std::sync::Arc;
use std::time::Instant;

use postbag_tests::campaign::CampaignPlan;
use postbag_tests::server::{Server, Setup, memory_of};

use super::swap;
use crate::bare::Bare;
use crate::onspd::Kingdom;
use crate::pair::race;
use crate::plan::Plan;
use crate::rig::{Rig, SLUG, seeker};
use crate::scratch::Engine;
use crate::table::{Goal, Line, Table, per_second};

pub(crate) async fn run(plan: &Plan, table: &mut Table) {
    let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).expect("a folder for the kingdom");
    let kingdom = Kingdom::write_to(folder.path());
    for engine in plan.engines.iter().copied() {
        let rig = Rig::empty(engine, None).await;
        import(table, engine, &rig, &kingdom).await;
        let begin = Instant::now();
        let (server, consents) = rig.answering_for(CampaignPlan::clean_air(), &[]).await;
        add(table, "server ready with it loaded", engine, begin.elapsed().as_secs_f64(), " s", Goal::Most(3.0));
        resident(table, "resident memory, loaded", engine, &server, 200.0);
        if engine == plan.engines[0] && plan.wants("targets") {
            targets(plan, table, &server, &kingdom).await;
        }
        if plan.wants("swap") {
            swap::run(plan, table, (engine, &rig), (&server, &consents), &kingdom).await;
        }
        resident(table, "resident memory, loaded, after all that", engine, &server, 200.0);
    }
    if plan.wants("directory") {
        demo(table).await;
    }
}

async fn import(table: &mut Table, engine: Engine, rig: &Rig, kingdom: &Kingdom) {
    for (what, file) in &kingdom.others {
        rig.import(what, file).await;
    }
    let rows = kingdom.rows;
    for (what, seconds) in [(format!("import of {rows} postcodes"), 60.0), ("the same file again".to_owned(), 30.0)] {
        let begin = Instant::now();
        let ended = rig.import("postcodes", &kingdom.editions[0]).await;
        add(table, &what, engine, begin.elapsed().as_secs_f64(), " s", Goal::Most(seconds));
        add(table, "peak memory of that", engine, ended.peak.unwrap_or(f64::NAN), " MB", Goal::Most(300.0));
    }
}

async fn targets(plan: &Plan, table: &mut Table, server: &Server, kingdom: &Kingdom) {
    let path = format!("/v1/campaigns/{SLUG}/targets");
    let postcodes = Arc::new(kingdom.postcodes.clone());
    let answer = server.post(&path).json(&serde_json::json!({ "postcode": postcodes[0] })).await.expect(200).text();
    let bare = Bare::start("", &answer);
    let ours = seeker(server.addr(), &path, Arc::clone(&postcodes));
    let theirs = seeker(bare.addr, "/echo", postcodes);
    let pair = race(plan, &ours, &theirs).await;
    table.add(Line {
        what: "targets in the whole directory".to_owned(),
        database: "",
        ours: per_second(pair.ours),
        yardstick: format!("bare JSON echo {}", per_second(pair.theirs)),
        figure: pair.ratio,
        unit: "",
        goal: Goal::Least(0.7),
    });
}

async fn demo(table: &mut Table) {
    let setup = Setup::new(env!("CARGO_BIN_EXE_postbag-under-test"), env!("CARGO_TARGET_TMPDIR")).empty().arg("--demo");
    let server = setup.with("POSTBAG_DATABASE_URL", "sqlite:postbag.db").start().await;
    resident(table, "resident memory, demo", Engine::Sqlite, &server, 60.0);
}

fn resident(table: &mut Table, what: &str, engine: Engine, server: &Server, goal: f64) {
    let memory = memory_of(server.process_id(), "VmRSS").unwrap_or(f64::NAN);
    add(table, what, engine, memory, " MB", Goal::Most(goal));
}

fn add(table: &mut Table, what: &str, engine: Engine, figure: f64, unit: &'static str, goal: Goal) {
    let (ours, yardstick) = (String::new(), String::new());
    table.add(Line { what: what.to_owned(), database: engine.name(), ours, yardstick, figure, unit, goal });
}
