//! The lines of the table, one file for each group.

mod challenge;
mod claim;
mod delivery;
mod directory;
mod flood;
mod oracle;
mod overload;
mod pace;
mod permissions;
mod reads;
mod stored;
mod submit;
mod swap;

use crate::plan::Plan;
use crate::table::Table;

/// Measures everything that the plan wants.
pub(crate) async fn run(plan: &Plan, table: &mut Table) {
    if plan.wants("tally") || plan.wants("campaign") {
        reads::run(plan, table).await;
    }
    if plan.wants("targets") || plan.wants("directory") || plan.wants("swap") {
        directory::run(plan, table).await;
    }
    if plan.wants("challenge") {
        challenge::check(table);
    }
    if plan.wants("flood") {
        flood::compare(table);
    }
    for engine in plan.engines.iter().copied() {
        if plan.wants("submit") {
            submit::run(plan, table, engine).await;
        }
        if plan.wants("delivery") {
            delivery::run(plan, table, engine).await;
        }
        if plan.wants("stored") || plan.wants("claim") {
            stored::run(plan, table, engine).await;
        }
        if plan.wants("permissions") {
            permissions::run(plan, table, engine).await;
        }
        if plan.wants("oracle") {
            oracle::run(plan, table, engine).await;
        }
        if plan.wants("challenge") {
            challenge::run(plan, table, engine).await;
        }
        if plan.wants("flood") {
            flood::run(plan, table, engine).await;
        }
        if plan.wants("overload") {
            overload::run(plan, table, engine).await;
        }
        if plan.wants("pace") {
            pace::run(plan, table, engine).await;
        }
    }
}
