//! The beginning of an attempt: committed before the first byte is sent (C7).

use super::row::Row;
use super::{Changed, SUPPRESSED};
use crate::connection::AnyConnection;
use crate::leases::Next;
use crate::statement::Statement;
use crate::tallies::{self, Deltas};
use crate::types::{At, Id, Instant, Uid};
use crate::{StoreError, on_backend, suppressions};
use chrono::{DateTime, Utc};
use diesel::RunQueryDsl;
use diesel::sql_types::Integer;
use postbag_domain::{DeliveryEvent, DeliveryId, DeliveryState, LeaseToken};

/// A message about to be sent.
#[derive(Clone, Debug)]
pub struct Start {
    /// The message.
    pub id: DeliveryId,
    /// Keyed hashes of the addresses that must not be suppressed: the supporter's, the representative's. Suppression is read
    /// now, at the moment of sending (B32).
    pub hashes: Vec<Vec<u8>>,
}

/// Whether an attempt may begin.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Begun {
    /// It has begun: send, then settle.
    Yes {
        /// The number of this attempt, from 1.
        attempt: i32,
    },
    /// Another worker has the lease: do nothing.
    Stale,
    /// A person concerned is suppressed: the message is cancelled.
    Suppressed,
}

pub(super) fn begin(
    connection: &mut AnyConnection,
    token: LeaseToken,
    starts: &[Start],
    now: DateTime<Utc>,
    lease_until: DateTime<Utc>,
) -> Result<Changed<Begun>, StoreError> {
    let mut deltas = Deltas::default();
    let mut each = Vec::with_capacity(starts.len());
    for start in starts {
        let begun = match Row::leased(connection, start.id.into(), token.into())? {
            Some(row) => begin_one(connection, &row, start, now, lease_until, &mut deltas)?,
            None => Begun::Stale,
        };
        each.push(begun);
    }
    Ok(Changed { each, tallies: tallies::apply(connection, &deltas)? })
}

fn begin_one(
    connection: &mut AnyConnection,
    row: &Row,
    start: &Start,
    now: DateTime<Utc>,
    lease_until: DateTime<Utc>,
    deltas: &mut Deltas,
) -> Result<Begun, StoreError> {
    let suppressed = suppressions::any(connection, row.organisation, &start.hashes)?;
    let next = if suppressed { cancelled(row)? } else { sending(row, lease_until)? };
    let Some(delta) = row.transition(connection, &next, now)? else {
        return Ok(Begun::Stale);
    };
    deltas.merge(row.campaign, delta);
    if suppressed {
        return Ok(Begun::Suppressed);
    }
    open_attempt(connection, row, next.attempts, now)?;
    Ok(Begun::Yes { attempt: next.attempts })
}

fn sending(row: &Row, lease_until: DateTime<Utc>) -> Result<Next<'static, DeliveryState>, StoreError> {
    let queued = match row.state {
        DeliveryState::TemporaryFailure | DeliveryState::Uncertain => row.after(DeliveryEvent::Retry)?,
        DeliveryState::Held => row.after(DeliveryEvent::Release)?,
        state => state,
    };
    let state = queued.next(DeliveryEvent::Begin).map_err(StoreError::backend)?;
    Ok(Next { available_at: Some(lease_until), leased: true, attempts: row.attempts + 1, ..row.resting(state) })
}

fn cancelled(row: &Row) -> Result<Next<'static, DeliveryState>, StoreError> {
    let state = row.after(DeliveryEvent::Cancel)?;
    Ok(Next { reply: Some(SUPPRESSED), ..row.resting(state) })
}

fn open_attempt(connection: &mut AnyConnection, row: &Row, number: i32, now: DateTime<Utc>) -> Result<(), StoreError> {
    const SQL: &str =
        "INSERT INTO delivery_attempts (delivery_id, number, campaign_id, started_at) VALUES (?, ?, ?, ?)";
    on_backend!(connection, c => {
        Statement::<_>::new(SQL)
            .bind::<Uid, _>(row.id)
            .bind::<Integer, _>(number)
            .bind::<Uid, _>(Id::from(row.campaign))
            .bind::<Instant, _>(At::new(now))
            .execute(c)
    })?;
    Ok(())
}
