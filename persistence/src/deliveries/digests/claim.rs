//! Taking a due digest under a lease, with its letters.

use super::super::claim as letters;
use super::super::row::Row;
use super::super::settle::outlook;
use super::{key, settle};
use crate::connection::AnyConnection;
use crate::leases::{DIGESTS, Next};
use crate::schema::{deliveries, digests};
use crate::tallies::{self, Deltas, TallyRow};
use crate::types::{At, Id};
use crate::words::Messages;
use crate::{Reach, StoreError, on_backend};
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use postbag_domain::{
    DeliveryEvent, DeliveryState, DigestId, DigestInterval, LeaseToken, OrganisationId, RepresentativeId,
};

use super::super::ClaimedDelivery;

/// How many letters one digest carries; the rest goes with the next one.
const MOST: i64 = 5_000;

/// A digest that is due, with all that its mail is made of.
#[derive(Clone, Debug)]
pub struct ClaimedDigest {
    /// The digest.
    pub id: DigestId,
    /// The organisation whose campaigns its letters belong to.
    pub organisation_id: OrganisationId,
    /// The representative it goes to.
    pub representative_id: RepresentativeId,
    /// How often digests go to them.
    pub every: DigestInterval,
    /// The state it was claimed in.
    pub state: DeliveryState,
    /// When its first letter was put into it: the Date of every attempt follows from it (B35).
    pub created_at: DateTime<Utc>,
    /// Its letters, the oldest first.
    pub letters: Vec<ClaimedDelivery>,
}

/// The result of a look at the digests.
#[derive(Clone, Debug, Default)]
pub struct DigestClaim {
    /// A digest to be sent.
    pub digest: Option<ClaimedDigest>,
    /// True if there was something to do: there may be more.
    pub touched: bool,
    /// The counts that changed, as they are now.
    pub tallies: Vec<TallyRow>,
}

type Head = (Id, Id, Id, String, String, i32, At);

pub(super) fn claim(
    connection: &mut AnyConnection,
    messages: &Messages,
    token: LeaseToken,
    now: DateTime<Utc>,
    lease_until: DateTime<Utc>,
) -> Result<DigestClaim, StoreError> {
    let claimed = DIGESTS.claim(connection, token, now, lease_until, 1)?;
    let Some(id) = claimed.into_iter().next() else { return Ok(DigestClaim::default()) };
    let Some((digest, attempts)) = read(connection, id)? else { return Ok(DigestClaim::default()) };
    match digest.state {
        DeliveryState::Queued | DeliveryState::TemporaryFailure | DeliveryState::Uncertain => {
            let letters = waiting(connection, messages, id)?;
            let digest = ClaimedDigest { letters, ..digest };
            Ok(DigestClaim { digest: Some(digest), touched: true, tallies: Vec::new() })
        }
        DeliveryState::Sending => {
            let tallies = lost(connection, (id, token.into()), attempts, now)?;
            Ok(DigestClaim { digest: None, touched: true, tallies })
        }
        state => {
            DIGESTS.settle(connection, (id, token.into()), state, &Next::resting(state, attempts), now)?;
            Ok(DigestClaim { touched: true, ..DigestClaim::default() })
        }
    }
}

/// A digest within reach. Its letters are those that wait for it, or else those that it carried.
pub(super) fn one(
    connection: &mut AnyConnection,
    messages: &Messages,
    reach: Reach,
    id: DigestId,
) -> Result<Option<ClaimedDigest>, StoreError> {
    let Some((digest, _)) = read(connection, id.into())? else { return Ok(None) };
    if !reach.covers(digest.organisation_id) {
        return Ok(None);
    }
    let mut letters = waiting(connection, messages, id.into())?;
    if letters.is_empty() {
        let carried =
            deliveries::digest_id.eq(Id::from(id)).and(deliveries::state.ne(DeliveryState::Cancelled.as_str()));
        let ids = deliveries::table.filter(carried).order(deliveries::id).limit(MOST).select(deliveries::id);
        let ids = ids.load(connection)?;
        letters = offer(connection, messages, ids)?;
    }
    Ok(Some(ClaimedDigest { letters, ..digest }))
}

fn read(connection: &mut AnyConnection, id: Id) -> Result<Option<(ClaimedDigest, i32)>, StoreError> {
    let head: Option<Head> = digests::table
        .find(id)
        .select((
            digests::id,
            digests::organisation_id,
            digests::representative_id,
            digests::every,
            digests::state,
            digests::attempts,
            digests::created_at,
        ))
        .first(connection)
        .optional()?;
    let Some((id, organisation, representative, every, state, attempts, created_at)) = head else { return Ok(None) };
    let digest = ClaimedDigest {
        id: id.into(),
        organisation_id: organisation.into(),
        representative_id: representative.into(),
        every: every.parse().map_err(|_flaw| StoreError::corrupt("digests", "every", id))?,
        state: state.parse().map_err(|_flaw| StoreError::corrupt("digests", "state", id))?,
        created_at: created_at.time(),
        letters: Vec::new(),
    };
    Ok(Some((digest, attempts)))
}

fn waiting(
    connection: &mut AnyConnection,
    messages: &Messages,
    digest: Id,
) -> Result<Vec<ClaimedDelivery>, StoreError> {
    let ids = deliveries::table
        .filter(deliveries::paced_by.eq(key(digest).as_str().to_owned()))
        .order(deliveries::id)
        .limit(MOST)
        .select(deliveries::id)
        .load(connection)?;
    offer(connection, messages, ids)
}

/// The letters that can be read. One that cannot returns to the queue, where it fails alone.
fn offer(
    connection: &mut AnyConnection,
    messages: &Messages,
    ids: Vec<Id>,
) -> Result<Vec<ClaimedDelivery>, StoreError> {
    let read = letters::several(connection, messages, ids)?.into_iter().filter_map(|letter| {
        letter.inspect_err(|error| tracing::error!(%error, "a letter of a digest cannot be read")).ok()
    });
    Ok(read.collect())
}

/// Its worker was lost while sending: the relay may have it or not.
fn lost(
    connection: &mut AnyConnection,
    (id, token): (Id, Id),
    attempts: i32,
    now: DateTime<Utc>,
) -> Result<Vec<TallyRow>, StoreError> {
    const REPLY: &str = "the worker was lost while sending";
    let sending = deliveries::digest_id.eq(id).and(deliveries::state.eq(DeliveryState::Sending.as_str()));
    let ids: Vec<Id> = on_backend!(connection, c => {
        let found = diesel::update(deliveries::table.filter(sending));
        found.set(deliveries::lease_token.eq(Some(token))).returning(deliveries::id).load(c)
    })?;
    let (mut deltas, mut next_due) = (Deltas::default(), None);
    for letter in ids {
        let Some(row) = Row::leased(connection, letter, token)? else { continue };
        let outlook = outlook(connection, &row, row.after(DeliveryEvent::LoseContact)?, now)?;
        row.close_attempt(connection, outlook.state, Some(REPLY), now)?;
        let next = Next { available_at: outlook.due, reply: Some(REPLY), ..row.resting(outlook.state) };
        deltas.merge(row.campaign, row.transition(connection, &next, now)?.unwrap_or_default());
        next_due = settle::wait_for_retry(connection, &row, id, outlook, next_due)?;
    }
    settle::rest(connection, (id, token), (DeliveryEvent::LoseContact, Some(REPLY)), attempts, next_due, now)?;
    tallies::apply(connection, &deltas)
}
