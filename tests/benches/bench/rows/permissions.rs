//! The decision on everybody, as an export: people per second, and the memory of it.

use std::time::Instant;

use super::stored::filled;
use crate::plan::Plan;
use crate::scratch::Engine;
use crate::table::{Goal, Line, Table, per_second};

pub(crate) async fn run(plan: &Plan, table: &mut Table, engine: Engine) {
    let what = format!("export of permissions, {} people", plan.stored);
    let Some(few) = filled(engine, plan.stored / 10).await else {
        return table.skip(&what, engine.name(), "sqlite3 is not installed");
    };
    let all = filled(engine, plan.stored).await.expect("a tool that was there before");
    let mut peaks = Vec::new();
    for (rig, people) in [(&few, plan.stored / 10), (&all, plan.stored)] {
        let file = rig.home.folder().join("permissions.csv").display().to_string();
        let begin = Instant::now();
        let ended = rig.home.cli(&["export", "permissions", "--organisation", "clearwater", "--output", &file]).await;
        let ended = ended.succeeds();
        let rate = f64::from(people) / begin.elapsed().as_secs_f64();
        let rows = std::fs::read_to_string(&file).expect("the table").lines().count().saturating_sub(1);
        peaks.push(ended.peak.unwrap_or(f64::NAN));
        table.add(Line {
            what: format!("export of permissions, {people} people"),
            database: engine.name(),
            ours: per_second(rate),
            yardstick: format!("{rows} rows"),
            figure: peaks.last().copied().unwrap_or(f64::NAN),
            unit: " MB",
            goal: Goal::Most(64.0),
        });
    }
    table.add(Line {
        what: "its memory, of that for a tenth of the people".to_owned(),
        database: engine.name(),
        ours: String::new(),
        yardstick: String::new(),
        figure: peaks[1] / peaks[0],
        unit: "",
        goal: Goal::Most(1.2),
    });
}
