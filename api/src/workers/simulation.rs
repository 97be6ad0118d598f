//! A seeded simulation of everything between a submission and its letter (C8): random submissions, confirmations, suppressions, seats that
//! change, stops, reports, crashes, faults of the database, answers of the relay and steps of the clock, over several workers.
//!
//! The workers and the database are the real ones; the relay and the clock are played. A small model watches what really leaves, and
//! says which promise was broken:
//!
//! | promise | watched |
//! |---|---|
//! | nothing acknowledged is lost | at the end |
//! | nothing unconfirmed, suppressed or stopped is sent, nothing to somebody who left | at every letter |
//! | nothing is sent twice outside the window | at every letter |
//! | no cap is exceeded in any hour, three mails a day for an inbox | at the end |
//! | a settled state stays | after every step |
//! | a tally equals a count | now and then, and at the end |
//!
//! `SIMULATION_SEEDS=10000` runs as many seeds, `SIMULATION_SEED=7` one of them, with every step printed.

mod model;
mod office;
mod random;

use model::Model;
use office::Office;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicU64, Ordering};

/// How many seeds the tests run unless told otherwise.
const SEEDS: u64 = 150;

/// How many steps a seed takes before everything is left to end.
const STEPS: u32 = 30;

async fn run(seed: u64, is_loud: bool) {
    let mut office = Office::open(seed, is_loud);
    for _ in 0..STEPS {
        office.step().await;
    }
    office.finish().await;
}

fn number(name: &str) -> Option<u64> {
    std::env::var(name).ok().and_then(|text| text.parse().ok())
}

#[test]
fn every_promise_holds_over_many_seeds() {
    let one = number("SIMULATION_SEED");
    let seeds = one.map_or(0..number("SIMULATION_SEEDS").unwrap_or(SEEDS), |seed| seed..seed + 1);
    let (next, total) = (AtomicU64::new(seeds.start), seeds.end - seeds.start);
    let broken: Vec<u64> = std::thread::scope(|scope| {
        let worker = || {
            let mut broken = Vec::new();
            loop {
                let seed = next.fetch_add(1, Ordering::SeqCst);
                if seed >= seeds.end {
                    return broken;
                }
                let runtime = tokio::runtime::Builder::new_current_thread().enable_all().start_paused(true).build();
                let runtime = runtime.unwrap();
                if catch_unwind(AssertUnwindSafe(|| runtime.block_on(run(seed, one.is_some())))).is_err() {
                    broken.push(seed);
                }
            }
        };
        let threads: Vec<_> = (0..3).map(|_| scope.spawn(worker)).collect();
        threads.into_iter().flat_map(|thread| thread.join().unwrap()).collect()
    });
    #[expect(clippy::print_stdout, reason = "the report of the simulation")]
    {
        println!("{total} seeds, {} broken; {}", broken.len(), Model::report());
    }
    assert!(broken.is_empty(), "run SIMULATION_SEED=<seed> for each of {broken:?}");
}
