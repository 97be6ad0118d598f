//! The messages that went to each representative, as this server has seen them: counts, and no word of them (B25).

use crate::ids;
use chrono::{DateTime, Utc};
use postbag_domain::{Crowd, RepresentativeId, Sketch};
use std::sync::{Mutex, PoisonError};

/// How many like messages to one representative are many.
const MANY: u16 = 20;

/// Seconds after which every count is halved.
const HALF_LIFE: i64 = 6 * 60 * 60;

/// A table of counts that ages.
#[derive(Debug)]
pub(crate) struct SharedCrowd(Mutex<(Crowd, i64)>);

impl Default for SharedCrowd {
    fn default() -> Self {
        let (seed, _) = ids::random().as_u64_pair();
        Self(Mutex::new((Crowd::new(seed), 0)))
    }
}

impl SharedCrowd {
    /// True if one of the recipients has had many messages like this one.
    pub(crate) fn resembles_many(&self, recipients: &[RepresentativeId], sketch: &Sketch) -> bool {
        let guard = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        recipients.iter().any(|recipient| guard.0.count(*recipient, sketch) >= MANY)
    }

    /// Counts a message to each recipient.
    pub(crate) fn note(&self, recipients: &[RepresentativeId], sketch: &Sketch, now: DateTime<Utc>) {
        let mut guard = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (crowd, period) = &mut *guard;
        let current = now.timestamp() / HALF_LIFE;
        if *period != current {
            crowd.age();
            *period = current;
        }
        for recipient in recipients {
            crowd.note(*recipient, sketch);
        }
    }
}
