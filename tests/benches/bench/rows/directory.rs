//! The full table of postcodes: how long it takes to import and to load, what memory it needs, and look-ups in it.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::time::Instant;

use postbag_tests::campaign::CampaignPlan;
use postbag_tests::server::{Server, Setup};

use crate::bare::Bare;
use crate::country;
use crate::pair::race;
use crate::plan::Plan;
use crate::rig::{Rig, SLUG, seeker};
use crate::scratch::Engine;
use crate::table::{Goal, Line, Table, per_second};

/// The files of a directory in the order in which they are imported, and some of its postcodes.
struct Directory {
    said: &'static str,
    files: Vec<(&'static str, PathBuf)>,
    postcodes: Arc<Vec<String>>,
    offices: Vec<&'static str>,
}

/// The published data, if it is there: a whole postcode table, the constituencies and their members.
fn published() -> Option<Directory> {
    let usual = concat!(env!("CARGO_MANIFEST_DIR"), "/../../shared/data");
    let data = PathBuf::from(std::env::var("POSTBAG_TEST_DATA").unwrap_or_else(|_| usual.to_owned()));
    let table = data.join("postcodes/gb_postcodes.csv.gz");
    let unpacked =
        Command::new("gzip").arg("-dc").arg(&table).output().ok().filter(|output| output.status.success())?;
    let text = String::from_utf8(unpacked.stdout).ok()?;
    let located = text.lines().skip(1).filter(|line| line.contains(",E14") || line.contains(",S14"));
    let postcodes = located.step_by(1700).filter_map(|line| line.split(',').next().map(str::to_owned)).collect();
    let files = vec![
        ("areas", data.join("areas/westminster_constituencies_2024.csv")),
        ("areas", data.join("health/cancer_alliances_2024.csv")),
        ("representatives", data.join("representatives/mps_2026-06-27_dfe.csv")),
        ("postcodes", table),
    ];
    Some(Directory { said: "published", files, postcodes: Arc::new(postcodes), offices: vec!["mp"] })
}

fn made_up(folder: &Path) -> Directory {
    let postcodes = (0..country::FULL).step_by(1699).map(country::postcode).collect();
    Directory {
        said: "made-up",
        files: country::write_to(folder, country::FULL),
        postcodes: Arc::new(postcodes),
        offices: vec!["mp", "msp_constituency"],
    }
}

pub(crate) async fn run(plan: &Plan, table: &mut Table) {
    for engine in plan.engines.iter().copied() {
        let rig = Rig::empty(engine, None).await;
        let directory = published().unwrap_or_else(|| made_up(rig.home.folder()));
        import(table, engine, &rig, &directory).await;
        let begin = Instant::now();
        let server = rig.home.serve_with(&[("POSTBAG_ROLE", "api")]).await;
        measure(table, engine, &server, begin);
        if engine == plan.engines[0] && plan.wants("targets") {
            targets(plan, table, &server, &directory).await;
            memory(table, "resident memory, loaded, after a load", engine.name(), &server, 200.0);
        }
    }
    if plan.wants("directory") {
        demo(table).await;
    }
}

async fn import(table: &mut Table, engine: Engine, rig: &Rig, directory: &Directory) {
    for (what, file) in &directory.files {
        let begin = Instant::now();
        rig.import(what, file).await;
        if *what == "postcodes" {
            table.add(Line {
                what: format!("import of the {} postcode table", directory.said),
                database: engine.name(),
                ours: String::new(),
                yardstick: String::new(),
                figure: begin.elapsed().as_secs_f64(),
                unit: " s",
                goal: Goal::Most(30.0),
            });
        }
    }
}

fn measure(table: &mut Table, engine: Engine, server: &Server, begin: Instant) {
    table.add(Line {
        what: "server ready with it loaded".to_owned(),
        database: engine.name(),
        ours: String::new(),
        yardstick: String::new(),
        figure: begin.elapsed().as_secs_f64(),
        unit: " s",
        goal: Goal::Most(3.0),
    });
    memory(table, "resident memory, loaded", engine.name(), server, 200.0);
}

async fn targets(plan: &Plan, table: &mut Table, server: &Server, directory: &Directory) {
    let nations = vec!["england", "scotland", "wales"];
    let campaign = CampaignPlan::clean_air().with("offices", directory.offices.clone()).with("nations", nations);
    campaign.publish(server).await;
    let path = format!("/v1/campaigns/{SLUG}/targets");
    let body = serde_json::json!({ "postcode": directory.postcodes[0] });
    let answer = server.post(&path).json(&body).await.expect(200).text();
    let bare = Bare::start("", &answer);
    let ours = seeker(server.addr(), &path, Arc::clone(&directory.postcodes));
    let theirs = seeker(bare.addr, "/echo", Arc::clone(&directory.postcodes));
    let pair = race(plan, &ours, &theirs).await;
    table.add(Line {
        what: format!("targets in the {} postcode table", directory.said),
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
    memory(table, "resident memory, demo", Engine::Sqlite.name(), &server, 60.0);
}

fn memory(table: &mut Table, what: &str, database: &'static str, server: &Server, goal: f64) {
    table.add(Line {
        what: what.to_owned(),
        database,
        ours: String::new(),
        yardstick: String::new(),
        figure: resident(server.process_id()),
        unit: " MB",
        goal: Goal::Most(goal),
    });
}

/// The pages of a process that are in memory, in MB.
fn resident(process: u32) -> f64 {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap_or_default();
    let kilobytes: f64 = line.trim().trim_end_matches(" kB").parse().unwrap_or(f64::NAN);
    kilobytes / 1024.0
}
