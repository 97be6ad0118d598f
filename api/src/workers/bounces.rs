//! Reads the mailbox to which mail comes back.

use super::WorkerContext;
use crate::inbound::maildir::Maildir;
use crate::inbound::{Desk, Received};
use postbag_persistence::{Reach, ReportOutcome};
use std::sync::Arc;
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// How often it is looked into.
const POLL: Duration = Duration::from_secs(5);

/// Runs until it is stopped; at once where no mailbox is set. While the mailbox or the database is away, everything stays where it is.
pub(super) async fn run(context: Arc<WorkerContext>, stop: CancellationToken) {
    let Some(maildir) = context.bounces_folder.clone() else { return };
    let mut worked = true;
    while !stop.is_cancelled() {
        let round = look(&context, &maildir, &stop).await;
        if let (Err(error), true) = (&round, worked) {
            let folder = maildir.folder().display();
            tracing::error!(%error, %folder, "mail that came back cannot be read: it stays there and is tried again");
        }
        worked = round.is_ok();
        let _stopped = stop.run_until_cancelled(tokio::time::sleep(POLL)).await;
    }
}

async fn look(context: &WorkerContext, maildir: &Maildir, stop: &CancellationToken) -> anyhow::Result<()> {
    for name in maildir.fresh()? {
        if stop.is_cancelled() {
            break;
        }
        if let Some(message) = maildir.message(&name)?
            && let Some(understood) = take(context, &message).await?
        {
            maildir.put_away(&name, understood)?;
        }
    }
    Ok(())
}

/// Whether a message was understood; nothing for one that came too early and stays where it is.
async fn take(context: &WorkerContext, message: &[u8]) -> anyhow::Result<Option<bool>> {
    let (store, clock) = (&context.store, &context.clock);
    let desk = Desk { store, clock, keys: &context.keys, mail_health: &context.mail_health };
    let (received, tallies) = desk.receive(Reach::All, message).await?;
    context.publish(&tallies);
    Ok(match received {
        Received::Report(_, ReportOutcome::TooEarly) => None,
        Received::Report(_, ReportOutcome::Noted(_) | ReportOutcome::Before) | Received::AutoReply => Some(true),
        Received::Report(_, ReportOutcome::Unknown) | Received::Other => Some(false),
    })
}
