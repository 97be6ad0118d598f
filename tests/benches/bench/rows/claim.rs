//! How long it takes to claim a batch of messages, when few and when many wait.
//!
//! The one row that does not go through a process: a claim is too small a part of a delivery to be seen from outside.

use std::time::Instant;

use chrono::{TimeDelta, Utc};
use postbag_domain::LeaseToken;
use postbag_persistence::{Store, StoreOptions};
use uuid::Uuid;

use crate::pair::Pair;
use crate::rig::Rig;
use crate::scratch::{Engine, Scratch};
use crate::table::{Goal, Line, Table};

/// As many as a worker claims.
const BATCH: u16 = 50;

/// How often.
const TURNS: usize = 100;

pub(crate) async fn run(table: &mut Table, engine: Engine, (full, waiting): (&Rig, u32), few: &Rig) {
    let (full, few) = (open(full), open(few));
    let mut turns = Vec::new();
    for turn in 0..TURNS {
        let pair = (claim(&full).await, claim(&few).await);
        // The first ones read pages and prepare statements.
        if turn >= TURNS / 10 {
            turns.push(pair);
        }
    }
    let pair = Pair::of(&turns);
    table.add(Line {
        what: format!("claim {BATCH} messages, {waiting} waiting"),
        database: engine.name(),
        ours: format!("{:.2} ms", pair.ours),
        yardstick: format!("1000 waiting {:.2} ms", pair.theirs),
        figure: pair.ours / pair.theirs,
        unit: "",
        goal: Goal::Most(1.5),
    });
}

pub(super) fn open(rig: &Rig) -> Store {
    let url = match &rig.scratch {
        Scratch::Database { url, .. } => url.clone(),
        Scratch::File => format!("sqlite:{}", rig.home.folder().join("postbag.db").display()),
    };
    Store::open(&url, &StoreOptions::default()).expect("the database")
}

/// Claims a batch and gives it back; the time of the claim, in milliseconds.
async fn claim(store: &Store) -> f64 {
    let (token, now) = (LeaseToken::new(Uuid::new_v4()), Utc::now());
    let begin = Instant::now();
    let claim = store.claim_deliveries(token, now, TimeDelta::minutes(1), BATCH).await.expect("a claim");
    let took = begin.elapsed().as_secs_f64() * 1000.0;
    assert_eq!(claim.touched, usize::from(BATCH), "messages that wait");
    let ids = claim.deliveries.iter().map(|delivery| delivery.id).collect();
    store.release_deliveries(token, ids, now).await.expect("to give them back");
    took
}
