//! The beginning of a digest's attempt, and of each of its letters': committed before the first byte is sent (C7).

use super::super::attempt::{Begun, begin_one};
use super::super::row::Row;
use super::{key, leased_attempts, send_alone};
use crate::connection::AnyConnection;
use crate::leases::{DIGESTS, Next};
use crate::paces::{self, NoRoom};
use crate::statement::Statement;
use crate::tallies::{self, Deltas, TallyRow};
use crate::types::{Id, Uid};
use crate::{StoreError, on_backend};
use chrono::{DateTime, Utc};
use diesel::RunQueryDsl;
use diesel::sql_types::Text;
use postbag_domain::delivery::{Jitter, Pace};
use postbag_domain::{DeliveryId, DeliveryState, DigestId, LeaseToken};

/// A digest about to be sent.
#[derive(Clone, Debug)]
pub struct DigestStart {
    /// The digest.
    pub id: DigestId,
    /// The state it was claimed in.
    pub state: DeliveryState,
    /// The letters that may go with it, each with the keyed hashes of the addresses that must not be suppressed (B32).
    pub letters: Vec<(DeliveryId, Vec<Vec<u8>>)>,
    /// The caps that its one mail counts against (B26).
    pub paces: Vec<Pace>,
    /// Draws out the wait of the next mail.
    pub jitter: Jitter,
}

/// Whether a digest's attempt may begin.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DigestBegun {
    /// It has begun with these letters: send, then settle.
    Yes(Vec<DeliveryId>),
    /// No letter may go with it: it is over.
    Empty,
    /// A cap has no room: it waits until there is some.
    Paced(NoRoom),
    /// Another worker has the lease: do nothing.
    Stale,
}

/// Begins with the letters that may leave. All others return to the queue: those that were not asked for, that a stop holds back, or
/// that joined since the claim.
pub(super) fn begin(
    connection: &mut AnyConnection,
    token: LeaseToken,
    start: &DigestStart,
    now: DateTime<Utc>,
    lease_until: DateTime<Utc>,
) -> Result<(DigestBegun, Vec<TallyRow>), StoreError> {
    let (id, token) = (Id::from(start.id), Id::from(token));
    if let Some(no_room) = paces::admit(connection, &start.paces, start.jitter, now)? {
        DIGESTS.give_back(connection, token.into(), id, Some(no_room.free_at), None)?;
        return Ok((DigestBegun::Paced(no_room), Vec::new()));
    }
    let Some(attempts) = leased_attempts(connection, id, token)? else { return Ok((DigestBegun::Stale, Vec::new())) };
    // Locks the row, so that no letter joins any more.
    let sending =
        Next { available_at: Some(lease_until), leased: true, ..Next::resting(DeliveryState::Sending, attempts + 1) };
    if !DIGESTS.settle(connection, (id, token), start.state, &sending, now)? {
        return Ok((DigestBegun::Stale, Vec::new()));
    }
    let mut deltas = Deltas::default();
    let mut begun = Vec::with_capacity(start.letters.len());
    for (letter, hashes) in &start.letters {
        if begin_letter(connection, (id, token), (*letter).into(), hashes, now, &mut deltas)? {
            begun.push(*letter);
        }
    }
    send_alone(connection, id, now)?;
    let tallies = tallies::apply(connection, &deltas)?;
    if begun.is_empty() {
        let over = Next::resting(DeliveryState::Cancelled, attempts);
        DIGESTS.settle(connection, (id, token), DeliveryState::Sending, &over, now)?;
        return Ok((DigestBegun::Empty, tallies));
    }
    Ok((DigestBegun::Yes(begun), tallies))
}

/// True if the letter's attempt has begun. One whose person is suppressed is cancelled; one that a stop holds back stays.
fn begin_letter(
    connection: &mut AnyConnection,
    (digest, token): (Id, Id),
    letter: Id,
    hashes: &[Vec<u8>],
    now: DateTime<Utc>,
    deltas: &mut Deltas,
) -> Result<bool, StoreError> {
    if !lease(connection, (digest, token), letter)? {
        return Ok(false);
    }
    let Some((row, None)) = Row::to_begin(connection, letter, token)? else { return Ok(false) };
    let begun = begin_one(connection, &row, hashes, None, now, deltas)?;
    if matches!(begun, Begun::Yes { .. } | Begun::Suppressed) {
        leave(connection, letter)?;
    }
    Ok(matches!(begun, Begun::Yes { .. }))
}

fn lease(connection: &mut AnyConnection, (digest, token): (Id, Id), letter: Id) -> Result<bool, StoreError> {
    const SQL: &str = "\
        UPDATE deliveries SET lease_token = ?
        WHERE id = ? AND paced_by = ? AND state IN ('queued', 'temporary_failure', 'uncertain')";
    let leased = on_backend!(connection, c => {
        Statement::<_>::new(SQL)
            .bind::<Uid, _>(token)
            .bind::<Uid, _>(letter)
            .bind::<Text, _>(key(digest).as_str())
            .execute(c)
    })?;
    Ok(leased > 0)
}

/// The letter waits for its digest no longer.
fn leave(connection: &mut AnyConnection, letter: Id) -> Result<(), StoreError> {
    const SQL: &str = "UPDATE deliveries SET paced_by = NULL WHERE id = ?";
    on_backend!(connection, c => Statement::<_>::new(SQL).bind::<Uid, _>(letter).execute(c))?;
    Ok(())
}
