//! Two sides, measured in turns.

use std::net::SocketAddr;
use std::time::Duration;

use postbag_tests::load::{self, Load, Report, Requests};

use crate::plan::Plan;

/// Whom to ask what.
#[derive(Clone)]
pub(crate) struct Side {
    pub(crate) addr: SocketAddr,
    pub(crate) requests: Requests,
    pub(crate) connections: usize,
}

/// What both sides reached.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Pair {
    /// Our median rate.
    pub(crate) ours: f64,
    /// The yardstick's.
    pub(crate) theirs: f64,
    /// The median of the turns' ratios.
    pub(crate) ratio: f64,
}

impl Pair {
    /// From what each turn gave.
    pub(crate) fn of(turns: &[(f64, f64)]) -> Self {
        Self {
            ours: median(turns.iter().map(|(ours, _)| *ours)),
            theirs: median(turns.iter().map(|(_, theirs)| *theirs)),
            ratio: median(turns.iter().map(|(ours, theirs)| ours / theirs)),
        }
    }
}

impl Side {
    /// As many answers as it gives in the time; every one has to be a success.
    pub(crate) async fn run(&self, duration: Duration, rate: Option<f64>) -> Report {
        let load = Load { addr: self.addr, connections: self.connections, duration, rate, rest: Duration::ZERO };
        let report = load::run(load, self.requests.clone()).await;
        assert_eq!(report.broken, 0, "connections broke: {:?}", report.classes);
        assert_eq!(report.classes.iter().sum::<u64>(), report.classes[2], "not all succeeded: {:?}", report.classes);
        report
    }
}

/// Turns of both, after one of each that does not count.
pub(crate) async fn race(plan: &Plan, ours: &Side, theirs: &Side) -> Pair {
    let mut turns = Vec::new();
    for round in 0..=plan.rounds {
        let turn = (ours.run(plan.window, None).await.per_second(), theirs.run(plan.window, None).await.per_second());
        if round > 0 {
            turns.push(turn);
        }
    }
    Pair::of(&turns)
}

/// The middle one.
pub(crate) fn median(values: impl Iterator<Item = f64>) -> f64 {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or_default()
}
