//! What a million stored actions change: submissions, and claims of messages that wait.

use std::time::Duration;

use super::claim;
use crate::country;
use crate::fill::fill;
use crate::pair::race;
use crate::plan::Plan;
use crate::rig::{Rig, submitter};
use crate::scratch::Engine;
use crate::table::{Goal, Line, Table, per_second};

pub(crate) async fn run(plan: &Plan, table: &mut Table, engine: Engine) {
    let what = format!("submit with {} actions stored", plan.stored);
    let Some(full) = filled(engine, plan.stored).await else {
        return table.skip(&what, engine.name(), "sqlite3 is not installed");
    };
    if plan.wants("claim") {
        let few = filled(engine, 1000).await.expect("a tool that was there before");
        claim::run(table, engine, (&full, plan.stored), &few).await;
    }
    if plan.wants("stored") {
        let empty = Rig::with_country(engine, None, country::SMALL).await;
        let (server_of_empty, consents) = empty.answering(&[]).await;
        let (server, questions) = full.answering(&[]).await;
        let pair = race(plan, &submitter(&server, &questions), &submitter(&server_of_empty, &consents)).await;
        table.add(Line {
            what,
            database: engine.name(),
            ours: per_second(pair.ours),
            yardstick: format!("empty {}", per_second(pair.theirs)),
            figure: pair.ratio,
            unit: "",
            goal: Goal::Least(0.85),
        });
    }
}

/// A database with so many actions, and no server on it.
pub(super) async fn filled(engine: Engine, count: u32) -> Option<Rig> {
    let rig = Rig::with_country(engine, None, country::SMALL).await;
    let (mut server, consents) = rig.answering(&[]).await;
    submitter(&server, &consents).run(Duration::from_millis(100), None).await;
    server.stop().await;
    drop(server);
    fill(&rig, count).await.then_some(rig)
}
