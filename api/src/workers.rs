//! What runs beside the requests: sending messages and mails, reading what comes back, and keeping house.
//!
//! Each worker is a loop around a step that says whether there was work. A step that panics costs its one job: the loop is
//! started again (C13). When the stop token is cancelled, a worker ends the transaction it is in, gives back what it claimed
//! and returns (C9).

mod alarms;
mod bounces;
mod context;
mod deliveries;
mod digests;
mod hand_over;
mod housekeeping;
mod invalidations;
mod mails;
mod paced;
mod pacing;
mod patience;
mod portions;
mod retention;
mod review_reports;
#[cfg(test)]
mod simulation;
mod supervise;

pub(crate) use context::WorkerContext;
pub(crate) use pacing::Pacing;

use std::sync::Arc;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

/// Starts `lanes` lanes for messages and as many for mails to supporters (at least one), one for digests, the housekeeping, retention,
/// reports of reviews, invalidations, alarms, the reading of what comes back, and the waking of what waits for its cap.
///
/// A lane has one message in hand at a time, so a crash leaves at most `lanes` messages of which it is not known whether they
/// were taken (C7). The schema must be current and the directory loaded: a lane holds messages to people it does not know.
pub(crate) fn start(context: WorkerContext, lanes: usize, stop: &CancellationToken) -> Vec<JoinHandle<()>> {
    let context = Arc::new(context);
    let mut workers =
        vec![spawn("housekeeping", &context, stop, housekeeping::run), spawn("bounces", &context, stop, bounces::run)];
    workers.push(spawn("paced", &context, stop, paced::run));
    workers.push(spawn("digests", &context, stop, digests::run));
    workers.push(spawn("retention", &context, stop, retention::run));
    workers.push(spawn("review reports", &context, stop, review_reports::run));
    workers.push(spawn("alarms", &context, stop, alarms::run));
    workers.push(spawn("invalidations", &context, stop, invalidations::run));
    for _lane in 0..lanes.max(1) {
        workers.push(spawn("deliveries", &context, stop, deliveries::run));
        workers.push(spawn("mails", &context, stop, mails::run));
    }
    workers
}

fn spawn<F>(
    name: &'static str,
    context: &Arc<WorkerContext>,
    stop: &CancellationToken,
    work: fn(Arc<WorkerContext>, CancellationToken) -> F,
) -> JoinHandle<()>
where
    F: Future<Output = ()> + Send + 'static,
{
    let (context, stop) = (Arc::clone(context), stop.clone());
    tokio::spawn(supervise::supervised(name, stop.clone(), move || work(Arc::clone(&context), stop.clone())))
}
