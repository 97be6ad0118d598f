//! What a change of the directory costs those who ask meanwhile, under full load of everything at once.
//!
//! An import of millions of rows takes a processor of its own for seconds, whatever is done with them. So the yardstick of one that
//! replaces the directory is one that only says what it would do; that of a change by hand is the same load without it.

use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use postbag_tests::load::Report;
use postbag_tests::server::Server;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::onspd::Kingdom;
use crate::pair::{Side, median};
use crate::plan::Plan;
use crate::rig::{Rig, SLUG, reader, seeker, submitter_at};
use crate::scratch::Engine;
use crate::table::{Goal, Line, Table};

/// How many people submit beside those who read.
const SUBMITTERS: usize = 64;

/// How long a part of the load is; it ends with the part in which what it is about has ended.
const PART: Duration = Duration::from_millis(500);

/// How often somebody is changed by hand.
const BETWEEN_PUTS: Duration = Duration::from_millis(250);

pub(crate) async fn run(
    plan: &Plan,
    table: &mut Table,
    (engine, rig): (Engine, &Rig),
    (server, consents): (&Server, &Value),
    kingdom: &Kingdom,
) {
    put(table, engine, "with nobody else there", put_people(server, plan.window).await);
    let sides = sides(server, consents, kingdom);
    under_load(&sides, tokio::time::sleep(plan.window)).await;
    let (quiet, ()) = under_load(&sides, tokio::time::sleep(plan.window * 2)).await;
    let (changing, puts) = under_load(&sides, put_people(server, plan.window * 2)).await;
    compare(table, engine, "with changes by hand", &changing, ("without", &quiet));
    put(table, engine, "under that load", puts);
    let file = kingdom.editions[1].display().to_string();
    let (idle, ()) = under_load(&sides, import(rig, &["import", "postcodes", &file, "--dry-run"])).await;
    let (swapping, ()) = under_load(&sides, import(rig, &["import", "postcodes", &file])).await;
    compare(table, engine, "while an import replaces it", &swapping, ("dry run", &idle));
}

/// Who asks for what, all at once.
fn sides(server: &Server, consents: &Value, kingdom: &Kingdom) -> [(&'static str, Side); 3] {
    let (postcodes, places) = (Arc::new(kingdom.postcodes.clone()), kingdom.postcodes.clone());
    let submitter = submitter_at(server, consents, move |n| places[n % places.len()].clone());
    let path = |below: &str| format!("/v1/campaigns/{SLUG}/{below}");
    [
        ("targets", seeker(server.addr(), &path("targets"), postcodes)),
        ("tally", reader(server.addr(), &path("tally"))),
        ("submit", Side { connections: SUBMITTERS, ..submitter }),
    ]
}

/// What each side had to wait while something was done, and what that gave.
async fn under_load<T>(sides: &[(&'static str, Side); 3], work: impl Future<Output = T>) -> ([Waits; 3], T) {
    let done = AtomicBool::new(false);
    let work = async {
        let result = work.await;
        // Every server that follows the database has noticed by then.
        tokio::time::sleep(Duration::from_secs(1)).await;
        done.store(true, Ordering::Relaxed);
        result
    };
    let [(_, targets), (_, tally), (_, submit)] = sides;
    let (result, targets, tally, submit) =
        tokio::join!(work, ask(targets, &done), ask(tally, &done), ask(submit, &done));
    ([targets, tally, submit], result)
}

async fn ask(side: &Side, done: &AtomicBool) -> Waits {
    let mut all = Report::default();
    while !done.load(Ordering::Relaxed) {
        all.latencies.append(&mut side.run(PART, None).await.latencies);
    }
    all.latencies.sort_unstable();
    let share = |share| all.percentile(share).as_secs_f64() * 1000.0;
    Waits { half: share(0.5), most: share(0.99), longest: share(1.0) }
}

/// Milliseconds within which half of all, 99 of 100, and all were answered.
struct Waits {
    half: f64,
    most: f64,
    longest: f64,
}

/// Puts new people into the directory, and answers how long each took, in milliseconds.
async fn put_people(server: &Server, duration: Duration) -> Vec<f64> {
    let token = server.operator().await;
    let begin = Instant::now();
    let mut puts = Vec::new();
    while begin.elapsed() < duration {
        let id = Uuid::now_v7();
        let person = json!({
            "external_id": format!("bench:{id}"), "office": "mp", "area_code": "E14998001", "name": "Una Afterwards",
            "start_date": "2024-07-05", "end_date": "2024-07-06"
        });
        let put = Instant::now();
        server.put(&format!("/v1/admin/representatives/{id}")).token(&token).json(&person).await.expect(201);
        puts.push(put.elapsed().as_secs_f64() * 1000.0);
        tokio::time::sleep(BETWEEN_PUTS).await;
    }
    puts
}

async fn import(rig: &Rig, args: &[&str]) {
    rig.home.cli(args).await.succeeds();
}

fn compare(table: &mut Table, engine: Engine, when: &str, with: &[Waits; 3], (other, without): (&str, &[Waits; 3])) {
    for ((what, with), without) in ["targets", "tally", "submit"].into_iter().zip(with).zip(without) {
        table.add(Line {
            what: format!("99 of 100 {what} {when}"),
            database: engine.name(),
            ours: told(with),
            yardstick: format!("{other} {}", told(without)),
            figure: with.most - without.most,
            unit: " ms more",
            goal: Goal::Most(20.0),
        });
    }
}

fn told(waits: &Waits) -> String {
    format!("{:.1} ms (half {:.1}, all {:.0})", waits.most, waits.half, waits.longest)
}

fn put(table: &mut Table, engine: Engine, when: &str, puts: Vec<f64>) {
    table.add(Line {
        what: format!("a change by hand {when}"),
        database: engine.name(),
        ours: format!("median of {}", puts.len()),
        yardstick: String::new(),
        figure: median(puts.into_iter()),
        unit: " ms",
        goal: Goal::None,
    });
}
