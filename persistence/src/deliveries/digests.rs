//! Digests as leased rows: one mail to a representative in place of several letters, which it settles.
//!
//! A letter waits for the digest that collects it by its `paced_by`, off the queue. When the digest is due, one worker takes it with
//! its letters; each letter begins an attempt of its own in the same commit, so that what holds for letters holds for those of a
//! digest: suppression, stops, pauses and caps are read there. What may not go with it returns to the queue.

mod begin;
mod claim;
mod collect;
mod list;
mod report;
mod settle;
#[cfg(test)]
mod tests;

pub use begin::{DigestBegun, DigestStart};
pub use claim::{ClaimedDigest, DigestClaim};
pub use collect::Collected;
pub use list::DigestSummary;
pub(crate) use report::take_report;
pub use settle::DigestSettlement;

use crate::connection::AnyConnection;
use crate::leases::DIGESTS;
use crate::schema::{deliveries, digests};
use crate::tallies::TallyRow;
use crate::types::{At, Id};
use crate::{Page, PageRequest, Reach, Store, StoreError};
use chrono::{DateTime, TimeDelta, Utc};
use diesel::prelude::*;
use postbag_domain::delivery::PaceKey;
use postbag_domain::{DigestId, LeaseToken};

impl Store {
    /// Lets claimed letters wait for the digests that will carry them.
    pub async fn collect_letters(
        &self,
        token: LeaseToken,
        letters: Vec<Collected>,
        now: DateTime<Utc>,
    ) -> Result<Vec<TallyRow>, StoreError> {
        self.write(move |connection| collect::collect(connection, token, &letters, now)).await
    }

    /// Claims the digest that is due first, with the letters that wait for it, for the time of a lease.
    pub async fn claim_digest(
        &self,
        token: LeaseToken,
        now: DateTime<Utc>,
        lease: TimeDelta,
    ) -> Result<DigestClaim, StoreError> {
        let messages = self.messages();
        self.write(move |connection| claim::claim(connection, &messages, token, now, now + lease)).await
    }

    /// Commits that a digest and its letters begin an attempt, before its first byte (C7).
    pub async fn begin_digest(
        &self,
        token: LeaseToken,
        start: DigestStart,
        now: DateTime<Utc>,
        lease_until: DateTime<Utc>,
    ) -> Result<(DigestBegun, Vec<TallyRow>), StoreError> {
        self.write(move |connection| begin::begin(connection, token, &start, now, lease_until)).await
    }

    /// Settles a digest and its letters by what happened; nothing if the worker has lost its lease.
    pub async fn settle_digest(
        &self,
        token: LeaseToken,
        settlement: DigestSettlement,
        now: DateTime<Utc>,
    ) -> Result<Vec<TallyRow>, StoreError> {
        self.write(move |connection| settle::settle(connection, token, &settlement, now)).await
    }

    /// Gives a claimed digest back: it is due again at a moment.
    pub async fn release_digest(&self, token: LeaseToken, id: DigestId, at: DateTime<Utc>) -> Result<(), StoreError> {
        self.write(move |connection| {
            DIGESTS.give_back(connection, token, id.into(), Some(at), None)?;
            Ok(())
        })
        .await
    }

    /// Digests within reach, newest first.
    pub async fn list_digests(&self, reach: Reach, page: PageRequest) -> Result<Page<DigestSummary>, StoreError> {
        self.read(move |connection| list::list(connection, reach, page)).await
    }

    /// A digest within reach with its letters: those that wait for it, or those that it carried.
    pub async fn digest(&self, reach: Reach, id: DigestId) -> Result<Option<ClaimedDigest>, StoreError> {
        let messages = self.messages();
        self.read(move |connection| claim::one(connection, &messages, reach, id)).await
    }
}

/// How often a digest was tried, if it is still under this lease.
fn leased_attempts(connection: &mut AnyConnection, id: Id, token: Id) -> Result<Option<i32>, StoreError> {
    let leased = digests::table.find(id).filter(digests::lease_token.eq(Some(token)));
    Ok(leased.select(digests::attempts).first(connection).optional()?)
}

/// The key by which letters wait for a digest.
fn key(id: Id) -> PaceKey {
    PaceKey::digest(id.into())
}

/// Returns letters that wait for a digest to the queue.
fn send_alone(connection: &mut AnyConnection, digest: Id, now: DateTime<Utc>) -> Result<(), StoreError> {
    let waiting = deliveries::table.filter(deliveries::paced_by.eq(key(digest).as_str().to_owned()));
    diesel::update(waiting)
        .set((
            deliveries::paced_by.eq(None::<String>),
            deliveries::digest_id.eq(None::<Id>),
            deliveries::lease_token.eq(None::<Id>),
            deliveries::available_at.eq(Some(At::new(now))),
        ))
        .execute(connection)?;
    Ok(())
}
