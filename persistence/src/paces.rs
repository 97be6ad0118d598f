//! Caps as rows: each is decided where an attempt begins, under a lock of its row, so that any number of workers keep it, over
//! restarts too (B26).
//!
//! A message for which there is no room leaves the queue and waits at its cap. The cap wakes as many as may leave, campaigns in turn,
//! so that nobody turns the waiting over again and again.

#[cfg(test)]
mod tests;

use crate::connection::AnyConnection;
use crate::statement::Statement;
use crate::types::{At, Id, Instant, Uid};
use crate::{Store, StoreError, on_backend, stops};
use chrono::{DateTime, TimeDelta, Utc};
use diesel::sql_types::{BigInt, Nullable, Text};
use diesel::{OptionalExtension, RunQueryDsl};
use postbag_domain::delivery::{Caps, Jitter, Pace, PaceKey};
use uuid::Uuid;

/// How many caps are looked at in one transaction.
const CAPS_AT_ONCE: i64 = 50;

/// How many messages one cap wakes at once.
const MESSAGES_AT_ONCE: u32 = 50;

/// How long a cap waits for a message that it woke, before it wakes another.
const IN_HAND: TimeDelta = TimeDelta::seconds(5);

/// How often it is asked whether a stop still holds, besides at its end.
const STOPPED: TimeDelta = TimeDelta::minutes(1);

/// A cap that has no room, or a stop, and when it will have some.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NoRoom {
    /// What is counted together.
    pub key: PaceKey,
    /// The moment from which the next message may leave.
    pub free_at: DateTime<Utc>,
}

impl NoRoom {
    /// A stop, which is looked at again soon.
    pub fn stopped(key: PaceKey, now: DateTime<Utc>) -> Self {
        Self { key, free_at: now + IN_HAND }
    }
}

impl Store {
    /// The moment at which the first cap has room for a message that waits for it; nothing while none waits.
    pub async fn next_pace(&self) -> Result<Option<DateTime<Utc>>, StoreError> {
        self.read(next).await
    }

    /// Puts messages that wait for a cap with room back into the queue, and answers how many.
    pub async fn wake_paced(&self, caps: Caps, now: DateTime<Utc>) -> Result<usize, StoreError> {
        self.write(move |connection| wake(connection, caps, now)).await
    }
}

/// Counts a message against all of its caps, or against none if one has no room.
pub(crate) fn admit(
    connection: &mut AnyConnection,
    paces: &[Pace],
    jitter: Jitter,
    now: DateTime<Utc>,
) -> Result<Option<NoRoom>, StoreError> {
    // In the order of their keys, so that no two workers wait for one another.
    let mut paces: Vec<&Pace> = paces.iter().collect();
    paces.sort_unstable_by(|one, other| one.key.cmp(&other.key));
    let mut arrivals = Vec::with_capacity(paces.len());
    for pace in &paces {
        arrivals.push(locked(connection, &pace.key)?);
    }
    let waits = paces.iter().zip(&arrivals).filter_map(|(pace, arrival)| {
        let free_at = pace.cap.free_at((*arrival)?);
        (free_at > now).then(|| NoRoom { key: pace.key.clone(), free_at })
    });
    if let Some(no_room) = waits.max_by_key(|no_room| no_room.free_at) {
        return Ok(Some(no_room));
    }
    for (pace, arrival) in paces.into_iter().zip(arrivals) {
        count(connection, pace, pace.cap.after(arrival, now, jitter))?;
    }
    Ok(None)
}

/// The arrival time of a cap, whose row is locked until the commit.
fn locked(connection: &mut AnyConnection, key: &PaceKey) -> Result<Option<DateTime<Utc>>, StoreError> {
    const SQL: &str =
        "INSERT INTO paces (key) VALUES (?) ON CONFLICT (key) DO UPDATE SET key = excluded.key RETURNING arrival";
    let (arrival,): (Option<At>,) = on_backend!(connection, c => {
        Statement::<_, (Nullable<Instant>,)>::new(SQL).bind::<Text, _>(key.as_str()).get_result(c)
    })?;
    Ok(arrival.map(At::time))
}

fn count(connection: &mut AnyConnection, pace: &Pace, arrival: DateTime<Utc>) -> Result<(), StoreError> {
    const SQL: &str = "\
        UPDATE paces SET arrival = ?, wake_at = CASE WHEN wake_at IS NULL THEN wake_at ELSE ? END WHERE key = ?";
    on_backend!(connection, c => {
        Statement::<_>::new(SQL)
            .bind::<Instant, _>(At::new(arrival))
            .bind::<Instant, _>(At::new(pace.cap.free_at(arrival)))
            .bind::<Text, _>(pace.key.as_str())
            .execute(c)
    })?;
    Ok(())
}

/// Lets a message under a lease wait at a cap, off the queue.
pub(crate) fn park(connection: &mut AnyConnection, (id, token): (Id, Id), no_room: &NoRoom) -> Result<(), StoreError> {
    const MESSAGE: &str = "\
        UPDATE deliveries SET paced_by = ?, available_at = NULL, lease_token = NULL
        WHERE id = ? AND lease_token = ? AND state <> 'sending'";
    let key = no_room.key.as_str();
    on_backend!(connection, c => {
        Statement::<_>::new(MESSAGE).bind::<Text, _>(key).bind::<Uid, _>(id).bind::<Uid, _>(token).execute(c)
    })?;
    look_again(connection, &no_room.key, no_room.free_at)
}

/// Has what waits for a key looked at again at a moment, if not before.
pub(crate) fn look_again(connection: &mut AnyConnection, key: &PaceKey, at: DateTime<Utc>) -> Result<(), StoreError> {
    const SQL: &str = "\
        INSERT INTO paces (key, wake_at) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET wake_at = excluded.wake_at
        WHERE paces.wake_at IS NULL OR paces.wake_at > excluded.wake_at";
    on_backend!(connection, c => {
        Statement::<_>::new(SQL).bind::<Text, _>(key.as_str()).bind::<Instant, _>(At::new(at)).execute(c)
    })?;
    Ok(())
}

fn next(connection: &mut AnyConnection) -> Result<Option<DateTime<Utc>>, StoreError> {
    const SQL: &str = "SELECT wake_at FROM paces WHERE wake_at IS NOT NULL ORDER BY wake_at LIMIT 1";
    let first: Option<(At,)> =
        on_backend!(connection, c => Statement::<_, (Instant,)>::new(SQL).get_result(c).optional())?;
    Ok(first.map(|(at,)| at.time()))
}

/// A cap with messages that wait for it.
type Waking = (String, Option<At>, Option<Id>);
type WakingSql = (Text, Nullable<Instant>, Nullable<Uid>);

fn wake(connection: &mut AnyConnection, caps: Caps, now: DateTime<Utc>) -> Result<usize, StoreError> {
    const ON_SQLITE: &str = "\
        SELECT key, arrival, last_campaign_id FROM paces WHERE wake_at <= ? ORDER BY wake_at LIMIT ?";
    // Another worker's caps are its own.
    const ON_POSTGRES: &str = "\
        SELECT key, arrival, last_campaign_id FROM paces WHERE wake_at <= ? ORDER BY wake_at LIMIT ?
        FOR UPDATE SKIP LOCKED";
    macro_rules! run {
        ($sql:expr, $connection:expr) => {
            Statement::<_, WakingSql>::new($sql)
                .bind::<Instant, _>(At::new(now))
                .bind::<BigInt, _>(CAPS_AT_ONCE)
                .load::<Waking>($connection)
        };
    }
    let waking = match connection {
        AnyConnection::Postgres(c) => run!(ON_POSTGRES, c),
        AnyConnection::Sqlite(c) => run!(ON_SQLITE, c),
    }?;
    let mut woken = 0;
    for (text, arrival, last_campaign) in waking {
        let key = PaceKey::parse(&text).ok_or_else(|| StoreError::corrupt("paces", "key", &text))?;
        if let Some(subject) = key.stopped() {
            let wake_at = stops::still_holds(connection, subject)?.then_some(now + STOPPED);
            woken += if wake_at.is_none() { wake_all(connection, &text, now)? } else { 0 };
            settle(connection, &text, wake_at, None)?;
            continue;
        }
        let cap = caps.of(key.scope()).zip(arrival.map(At::time));
        let room = cap.map_or(MESSAGES_AT_ONCE, |(cap, arrival)| cap.room(Some(arrival), now, MESSAGES_AT_ONCE));
        let (mut last, mut taken) = (last_campaign, 0);
        while taken < room
            && let Some(campaign) = wake_one(connection, &text, last, now)?
        {
            (last, taken) = (Some(campaign), taken + 1);
        }
        let wake_at = match (taken, cap) {
            (0, Some((cap, arrival))) if room == 0 => Some(cap.free_at(arrival)),
            (0, _) => None,
            _ => Some(now + IN_HAND),
        };
        settle(connection, &text, wake_at, last)?;
        woken += usize::try_from(taken).unwrap_or_default();
    }
    Ok(woken)
}

/// Wakes everything that a stop held back.
fn wake_all(connection: &mut AnyConnection, key: &str, now: DateTime<Utc>) -> Result<usize, StoreError> {
    const SQL: &str = "UPDATE deliveries SET paced_by = NULL, available_at = ? WHERE paced_by = ?";
    Ok(on_backend!(connection, c => {
        Statement::<_>::new(SQL).bind::<Instant, _>(At::new(now)).bind::<Text, _>(key).execute(c)
    })?)
}

/// Wakes the first message of the next campaign that waits for a cap, and answers which campaign that is.
fn wake_one(
    connection: &mut AnyConnection,
    key: &str,
    last: Option<Id>,
    now: DateTime<Utc>,
) -> Result<Option<Id>, StoreError> {
    const NEXT: &str = "\
        SELECT id, campaign_id FROM deliveries WHERE paced_by = ? AND campaign_id > ? ORDER BY campaign_id, id LIMIT 1";
    const WAKE: &str = "UPDATE deliveries SET paced_by = NULL, available_at = ? WHERE id = ?";
    let nobody = Id(Uuid::nil());
    for after in [last.unwrap_or(nobody), nobody] {
        let found: Option<(Id, Id)> = on_backend!(connection, c => {
            Statement::<_, (Uid, Uid)>::new(NEXT)
                .bind::<Text, _>(key)
                .bind::<Uid, _>(after)
                .get_result(c)
                .optional()
        })?;
        if let Some((id, campaign)) = found {
            on_backend!(connection, c => {
                Statement::<_>::new(WAKE).bind::<Instant, _>(At::new(now)).bind::<Uid, _>(id).execute(c)
            })?;
            return Ok(Some(campaign));
        }
    }
    Ok(None)
}

fn settle(
    connection: &mut AnyConnection,
    key: &str,
    wake_at: Option<DateTime<Utc>>,
    last: Option<Id>,
) -> Result<(), StoreError> {
    const SQL: &str = "UPDATE paces SET wake_at = ?, last_campaign_id = ? WHERE key = ?";
    on_backend!(connection, c => {
        Statement::<_>::new(SQL)
            .bind::<Nullable<Instant>, _>(wake_at.map(At::new))
            .bind::<Nullable<Uid>, _>(last)
            .bind::<Text, _>(key)
            .execute(c)
    })?;
    Ok(())
}
