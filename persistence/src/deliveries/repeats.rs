//! Repeats follow the message they repeat, and are never sent (B33).
//!
//! They wait their turn in the same queue, so that a repeat looks to its supporter like any other message (C23).

use crate::connection::AnyConnection;
use crate::statement::Statement;
use crate::types::{At, Id, Instant, Uid};
use crate::{StoreError, on_backend};
use chrono::{DateTime, TimeDelta, Utc};
use diesel::sql_types::{Nullable, Text};
use diesel::{OptionalExtension, RunQueryDsl};
use postbag_domain::DeliveryState;

/// How long repeats wait while the first message is being sent: the wait must not show in a receipt that a person is known (C23).
const AT_ONCE: TimeDelta = TimeDelta::seconds(1);

/// How long after the first message is due its repeats look again.
const SOON: TimeDelta = TimeDelta::minutes(1);

/// How long they wait while the first message itself waits for something.
const LATER: TimeDelta = TimeDelta::hours(1);

/// Puts a due repeat where its first message is.
pub(super) fn follow(
    connection: &mut AnyConnection,
    repeat: Id,
    first: Id,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    const SQL: &str = "\
        UPDATE deliveries SET state = ?, held_for = ?, available_at = ?, lease_token = NULL, updated_at = ? WHERE id = ?";
    let (state, held_for, available_at) = match find(connection, first)? {
        Some(first) => (first.state, first.held_for.clone(), look_again(&first, now)),
        // The first message was erased with its action.
        None => (DeliveryState::Cancelled, None, None),
    };
    on_backend!(connection, c => {
        Statement::<_>::new(SQL)
            .bind::<Text, _>(shown(state).as_str())
            .bind::<Nullable<Text>, _>(held_for)
            .bind::<Nullable<Instant>, _>(available_at.map(At::new))
            .bind::<Instant, _>(At::new(now))
            .bind::<Uid, _>(repeat)
            .execute(c)
    })?;
    Ok(())
}

/// No worker claims a repeat.
fn shown(state: DeliveryState) -> DeliveryState {
    if state == DeliveryState::Sending { DeliveryState::Queued } else { state }
}

fn look_again(first: &First, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
    match first.due {
        _ if first.state.is_settled() => None,
        _ if first.in_hand => Some(now + AT_ONCE),
        Some(due) => Some(due.max(now) + SOON),
        None => Some(now + LATER),
    }
}

/// How the first message stands.
struct First {
    state: DeliveryState,
    /// The reason it is held, as it is stored.
    held_for: Option<String>,
    /// The moment it is due, or its lease ends.
    due: Option<DateTime<Utc>>,
    /// A worker has it.
    in_hand: bool,
}

fn find(connection: &mut AnyConnection, id: Id) -> Result<Option<First>, StoreError> {
    const SQL: &str = "SELECT state, held_for, available_at, lease_token FROM deliveries WHERE id = ?";
    type Stored = (String, Option<String>, Option<At>, Option<Id>);
    type StoredSql = (Text, Nullable<Text>, Nullable<Instant>, Nullable<Uid>);
    let first: Option<Stored> = on_backend!(connection, c => {
        Statement::<_, StoredSql>::new(SQL).bind::<Uid, _>(id).get_result(c).optional()
    })?;
    let Some((state, held_for, due, lease)) = first else {
        return Ok(None);
    };
    let state = state.parse().map_err(|_flaw| StoreError::corrupt("deliveries", "state", id))?;
    Ok(Some(First { state, held_for, due: due.map(At::time), in_hand: lease.is_some() }))
}
