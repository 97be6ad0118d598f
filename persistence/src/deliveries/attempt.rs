//! The beginning of an attempt: committed before the first byte is sent (C7).

use super::row::Row;
use super::{Changed, SUPPRESSED};
use crate::connection::AnyConnection;
use crate::leases::Next;
use crate::paces::{self, NoRoom};
use crate::statement::Statement;
use crate::tallies::{self, Deltas};
use crate::types::{At, Id, Instant, Uid};
use crate::{StoreError, on_backend, suppressions};
use chrono::{DateTime, Utc};
use diesel::RunQueryDsl;
use diesel::sql_types::Integer;
use postbag_domain::delivery::{Jitter, Pace};
use postbag_domain::{DeliveryEvent, DeliveryId, DeliveryState, LeaseToken};

/// A message about to be sent.
#[derive(Clone, Debug)]
pub struct Start {
    /// The message.
    pub id: DeliveryId,
    /// Keyed hashes of the addresses that must not be suppressed: the supporter's, the representative's. Suppression is read
    /// now, at the moment of sending (B32).
    pub hashes: Vec<Vec<u8>>,
    /// The caps that it counts against (B26).
    pub paces: Vec<Pace>,
    /// Draws out the wait of the next one.
    pub jitter: Jitter,
}

impl Start {
    /// A message that counts against no cap.
    pub const fn new(id: DeliveryId, hashes: Vec<Vec<u8>>) -> Self {
        Self { id, hashes, paces: Vec::new(), jitter: Jitter::new(0) }
    }
}

/// Whether an attempt may begin.
#[derive(Clone, Debug, PartialEq, Eq)]
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
    /// A cap has no room, or a stop holds the message back: it waits there.
    Paced(NoRoom),
}

/// Counts the messages against their caps, before anything else in the transaction is locked.
pub(super) fn admit(
    connection: &mut AnyConnection,
    starts: &[Start],
    now: DateTime<Utc>,
) -> Result<Vec<Option<NoRoom>>, StoreError> {
    starts.iter().map(|start| paces::admit(connection, &start.paces, start.jitter, now)).collect()
}

pub(super) fn begin(
    connection: &mut AnyConnection,
    token: LeaseToken,
    starts: &[Start],
    admitted: Vec<Option<NoRoom>>,
    now: DateTime<Utc>,
    lease_until: DateTime<Utc>,
) -> Result<Changed<Begun>, StoreError> {
    let mut deltas = Deltas::default();
    let mut each = Vec::with_capacity(starts.len());
    for (start, no_room) in starts.iter().zip(admitted) {
        let begun = match (Row::to_begin(connection, start.id.into(), token.into())?, no_room) {
            (Some((row, None)), None) => {
                begin_one(connection, &row, &start.hashes, Some(lease_until), now, &mut deltas)?
            }
            (Some((row, Some(key))), None) => wait(connection, &row, NoRoom::stopped(key, now), now, &mut deltas)?,
            (Some((row, _)), Some(no_room)) => wait(connection, &row, no_room, now, &mut deltas)?,
            (None, _) => Begun::Stale,
        };
        each.push(begun);
    }
    Ok(Changed { each, tallies: tallies::apply(connection, &deltas)? })
}

/// Begins the attempt of a message under a lease until `lease_until`; without one it is not due even if its worker is lost.
pub(super) fn begin_one(
    connection: &mut AnyConnection,
    row: &Row,
    hashes: &[Vec<u8>],
    lease_until: Option<DateTime<Utc>>,
    now: DateTime<Utc>,
    deltas: &mut Deltas,
) -> Result<Begun, StoreError> {
    let suppressed = suppressions::any_of_letter(connection, (row.organisation, row.campaign.into()), hashes)?;
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

/// Lets the message wait where there is no room for it. One that was held waits for nothing else now.
fn wait(
    connection: &mut AnyConnection,
    row: &Row,
    no_room: NoRoom,
    now: DateTime<Utc>,
    deltas: &mut Deltas,
) -> Result<Begun, StoreError> {
    if row.state == DeliveryState::Held {
        let queued = Next { leased: true, ..row.resting(row.after(DeliveryEvent::Release)?) };
        deltas.merge(row.campaign, row.transition(connection, &queued, now)?.unwrap_or_default());
    }
    paces::park(connection, (row.id, row.token), &no_room)?;
    Ok(Begun::Paced(no_room))
}

fn sending(row: &Row, lease_until: Option<DateTime<Utc>>) -> Result<Next<'static, DeliveryState>, StoreError> {
    let queued = match row.state {
        DeliveryState::TemporaryFailure | DeliveryState::Uncertain => row.after(DeliveryEvent::Retry)?,
        DeliveryState::Held => row.after(DeliveryEvent::Release)?,
        state => state,
    };
    let state = queued.next(DeliveryEvent::Begin).map_err(StoreError::backend)?;
    Ok(Next { available_at: lease_until, leased: true, attempts: row.attempts + 1, ..row.resting(state) })
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
