//! What a solved challenge costs its submission.

use chrono::{DateTime, TimeDelta, Utc};
use postbag_persistence::SpentChallenge;
use uuid::Uuid;

/// How much longer a spent challenge is remembered than it can be sent: clocks of servers differ.
const SPARE: TimeDelta = TimeDelta::hours(1);

/// The challenge, to be spent; it can be sent until a moment.
pub(super) fn spending(id: Uuid, until: DateTime<Utc>) -> SpentChallenge {
    SpentChallenge { id, expires_at: until + SPARE }
}
