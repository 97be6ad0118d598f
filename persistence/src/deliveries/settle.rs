//! The end of an attempt.

use super::Changed;
use super::policy::after_uncertain;
use super::row::{Next, Row};
use crate::connection::AnyConnection;
use crate::statement::Statement;
use crate::tallies::{self, Deltas, TallyRow};
use crate::types::{At, Id, Instant, Uid};
use crate::{StoreError, on_backend};
use chrono::{DateTime, TimeDelta, Utc};
use diesel::{OptionalExtension, RunQueryDsl};
use postbag_domain::delivery::{BOUNCE_PERIOD, retry_after};
use postbag_domain::{AfterUncertain, DeliveryEvent, DeliveryId, DeliveryState, HeldFor, LeaseToken};

/// What happened to an attempt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settlement {
    /// Which message.
    pub id: DeliveryId,
    /// What happened.
    pub event: DeliveryEvent,
    /// What the relay said, without personal data.
    pub reply: Option<String>,
    /// What it waits for, if it is to be held.
    pub held_for: Option<HeldFor>,
}

/// Where a settled message stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Settled {
    /// Its state.
    pub state: DeliveryState,
    /// When a worker takes it up again; never if absent.
    pub available_at: Option<DateTime<Utc>>,
}

pub(super) fn settle(
    connection: &mut AnyConnection,
    token: LeaseToken,
    settlements: &[Settlement],
    now: DateTime<Utc>,
) -> Result<Changed<Option<Settled>>, StoreError> {
    let mut deltas = Deltas::default();
    let mut each = Vec::with_capacity(settlements.len());
    for settlement in settlements {
        let settled = match Row::leased(connection, settlement.id.into(), token.into())? {
            Some(row) => settle_one(connection, &row, settlement, now, &mut deltas)?,
            None => None,
        };
        each.push(settled);
    }
    let tallies: Vec<TallyRow> = tallies::apply(connection, &deltas)?;
    Ok(Changed { each, tallies })
}

fn settle_one(
    connection: &mut AnyConnection,
    row: &Row,
    settlement: &Settlement,
    now: DateTime<Utc>,
    deltas: &mut Deltas,
) -> Result<Option<Settled>, StoreError> {
    let reply = settlement.reply.as_deref();
    let (state, available_at) = outlook(connection, row, row.after(settlement.event)?, now)?;
    let next = Next { available_at, reply, held_for: settlement.held_for, ..Next::resting(row, state) };
    let Some(delta) = row.go(connection, &next, now)? else {
        return Ok(None);
    };
    deltas.merge(row.campaign, delta);
    row.close_attempt(connection, state, reply, now)?;
    Ok(Some(Settled { state, available_at }))
}

/// Where a message goes from a state it has just reached, and when it is due again.
fn outlook(
    connection: &mut AnyConnection,
    row: &Row,
    state: DeliveryState,
    now: DateTime<Utc>,
) -> Result<(DeliveryState, Option<DateTime<Utc>>), StoreError> {
    let again = match state {
        DeliveryState::TemporaryFailure => true,
        DeliveryState::Uncertain => after_uncertain(connection, row.campaign)? == AfterUncertain::Retry,
        _ => false,
    };
    match state {
        _ if again => retry(connection, row, state, now),
        DeliveryState::Accepted => Ok((state, Some(now + BOUNCE_PERIOD))),
        // What has just been held is looked at once more: the seat may be somebody else's already.
        DeliveryState::Queued | DeliveryState::Held => Ok((state, Some(now))),
        _ => Ok((state, None)),
    }
}

/// Later, or never again once it was tried for as long as it may be (B27).
fn retry(
    connection: &mut AnyConnection,
    row: &Row,
    state: DeliveryState,
    now: DateTime<Utc>,
) -> Result<(DeliveryState, Option<DateTime<Utc>>), StoreError> {
    let since_first = first_attempt(connection, row.id)?.map_or(TimeDelta::zero(), |first| now - first);
    let attempt = u32::try_from(row.attempts).unwrap_or(1);
    match retry_after(attempt, since_first) {
        Some(wait) => Ok((state, Some(now + wait))),
        None => Ok((state.next(DeliveryEvent::GiveUp).map_err(StoreError::backend)?, None)),
    }
}

fn first_attempt(connection: &mut AnyConnection, id: Id) -> Result<Option<DateTime<Utc>>, StoreError> {
    const SQL: &str = "SELECT started_at FROM delivery_attempts WHERE delivery_id = ? AND number = 1";
    let first: Option<(At,)> = on_backend!(connection, c => {
        Statement::<_, (Instant,)>::new(SQL).bind::<Uid, _>(id).get_result(c).optional()
    })?;
    Ok(first.map(|(at,)| at.time()))
}
