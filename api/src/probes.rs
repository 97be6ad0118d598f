//! What must be well for this process to do its work (A23).

use crate::health::{Checking, Probe};
use crate::postbag::Postbag;
use std::sync::Arc;

/// Everything that readiness looks at.
pub(crate) fn of(postbag: &Arc<Postbag>) -> Vec<Box<dyn Probe>> {
    vec![Box::new(Database(Arc::clone(postbag))), Box::new(Queue(Arc::clone(postbag)))]
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
