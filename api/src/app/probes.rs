//! What must be well for this process to do its work (A23).

use crate::app::health::{Checking, Probe};
use crate::app::postbag::Postbag;
use crate::app::state::State;
use crate::clock::Clock;
use crate::config::Transport;
use crate::outbound::Folder;
use chrono::TimeDelta;
use std::io;
use std::sync::Arc;

/// How old the snapshots may be: they are compared with the database several times a second.
const OLDEST_SNAPSHOT: TimeDelta = TimeDelta::seconds(30);

/// Everything that readiness looks at.
pub(crate) fn of(postbag: &Arc<Postbag>, state: &State) -> io::Result<Vec<Box<dyn Probe>>> {
    let mut probes: Vec<Box<dyn Probe>> = vec![
        Box::new(Database(Arc::clone(postbag))),
        Box::new(Queue(Arc::clone(postbag))),
        Box::new(Snapshots(Arc::clone(postbag), state.clock.clone())),
    ];
    if state.config.role.works() && state.config.mail.transport == Transport::Folder {
        probes.push(Box::new(Outbox(Folder::open(&state.config.mail.folder)?)));
    }
    Ok(probes)
}

/// The database takes writes.
struct Database(Arc<Postbag>);

impl Probe for Database {
    fn name(&self) -> &'static str {
        "database"
    }

    fn check(&self) -> Checking<'_> {
        Box::pin(async { self.0.store.ping().await.map_err(|error| error.to_string()) })
    }
}

/// Submissions do not wait in a full queue.
struct Queue(Arc<Postbag>);

impl Probe for Queue {
    fn name(&self) -> &'static str {
        "intake"
    }

    fn check(&self) -> Checking<'_> {
        let (waiting, room) = (self.0.intake.waiting(), self.0.queue_room());
        Box::pin(async move {
            if waiting < room {
                Ok(())
            } else {
                Err(format!("{waiting} submissions wait, and there is no room for more"))
            }
        })
    }
}

/// Campaigns, directory and counts in memory follow the database.
struct Snapshots(Arc<Postbag>, Clock);

impl Probe for Snapshots {
    fn name(&self) -> &'static str {
        "snapshots"
    }

    fn check(&self) -> Checking<'_> {
        let age = self.1.now() - self.0.refreshed_at();
        Box::pin(async move {
            if age < OLDEST_SNAPSHOT { Ok(()) } else { Err(format!("they are {} seconds old", age.num_seconds())) }
        })
    }
}

/// The folder for letters takes files.
struct Outbox(Folder);

impl Probe for Outbox {
    fn name(&self) -> &'static str {
        "outbox"
    }

    fn check(&self) -> Checking<'_> {
        let folder = self.0.clone();
        Box::pin(async move {
            let checked = tokio::task::spawn_blocking(move || folder.check()).await;
            checked.map_err(|error| error.to_string())?.map_err(|error| error.to_string())
        })
    }
}
