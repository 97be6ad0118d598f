//! Repeats follow the message they repeat, and are never sent (B33), unless that one is struck out before it leaves.
//!
//! They wait their turn in the same queue, so that a repeat looks to its supporter like any other message (C23).

use super::{binds, first_messages};
use crate::connection::AnyConnection;
use crate::invalidations::is_about_to_be_struck;
use crate::schema::{actions, deliveries};
use crate::statement::Statement;
use crate::types::{At, Id, Instant, Uid};
use crate::{StoreError, on_backend};
use chrono::{DateTime, TimeDelta, Utc};
use diesel::prelude::*;
use diesel::sql_types::{Nullable, Text};
use postbag_domain::{ActionStatus, DeliveryState, RepresentativeId, TallyDelta};

/// How long repeats wait while the first message is being sent: the wait must not show in a receipt that a person is known (C23).
const AT_ONCE: TimeDelta = TimeDelta::seconds(1);

/// How long after the first message is due its repeats look again.
const SOON: TimeDelta = TimeDelta::minutes(1);

/// How long they wait while the first message itself waits for something.
const LATER: TimeDelta = TimeDelta::hours(1);

/// A repeat that is due, and the first message that it follows.
pub(super) struct Repeat {
    pub(super) id: Id,
    pub(super) action: Id,
    pub(super) recipient: RepresentativeId,
    pub(super) first: Id,
}

/// Puts a due repeat where its first message is; one whose first message was struck out is the first itself. Answers what that changes in
/// the counts.
pub(super) fn follow(
    connection: &mut AnyConnection,
    repeat: &Repeat,
    now: DateTime<Utc>,
) -> Result<TallyDelta, StoreError> {
    let first = find(connection, repeat.first)?;
    if first.as_ref().is_some_and(First::was_struck_out) {
        return step_in(connection, repeat, now);
    }
    let (state, held_for, available_at) = match first {
        Some(first) => (shown(first.state), first.held_for.clone(), look_again(&first, now)),
        // The first message was erased with its action.
        None => (DeliveryState::Cancelled, None, None),
    };
    place(connection, repeat.id, (state, held_for.as_deref()), available_at, now)?;
    Ok(TallyDelta::new())
}

/// Lets a repeat leave in the place of a first message that was struck out, or behind the one that did before it.
fn step_in(connection: &mut AnyConnection, repeat: &Repeat, now: DateTime<Utc>) -> Result<TallyDelta, StoreError> {
    let nothing = TallyDelta::new();
    if is_about_to_be_struck(connection, repeat.action)? {
        place(connection, repeat.id, (DeliveryState::Queued, None), Some(now + SOON), now)?;
        return Ok(nothing);
    }
    let (status, campaign, supporter): (String, Id, Id) = actions::table
        .find(repeat.action)
        .select((actions::status, actions::campaign_id, actions::supporter_id))
        .first(connection)?;
    if status != ActionStatus::Confirmed.as_str() {
        place(connection, repeat.id, (DeliveryState::Cancelled, None), None, now)?;
        return Ok(nothing);
    }
    let firsts = first_messages(connection, campaign, supporter)?;
    let recipient = Id::from(repeat.recipient);
    let other = firsts.into_iter().find(|(representative, _)| *representative == recipient).map(|(_, first)| first);
    diesel::update(deliveries::table.find(repeat.id)).set(deliveries::repeat_of.eq(other)).execute(connection)?;
    place(connection, repeat.id, (DeliveryState::Queued, None), Some(now), now)?;
    let queued = || TallyDelta::message(None, DeliveryState::Queued, repeat.recipient);
    Ok(if other.is_none() { queued() } else { nothing })
}

fn place(
    connection: &mut AnyConnection,
    repeat: Id,
    (state, held_for): (DeliveryState, Option<&str>),
    available_at: Option<DateTime<Utc>>,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    const SQL: &str = "\
        UPDATE deliveries SET state = ?, held_for = ?, available_at = ?, lease_token = NULL, updated_at = ? WHERE id = ?";
    on_backend!(connection, c => {
        Statement::<_>::new(SQL)
            .bind::<Text, _>(state.as_str())
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

impl First {
    /// True if its action was struck out before it left: it binds nobody any more.
    fn was_struck_out(&self) -> bool {
        !binds(self.held_for.as_deref())
    }
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
