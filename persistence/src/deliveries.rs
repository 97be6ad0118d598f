//! Messages on their way out, as leased rows (C5–C7).
//!
//! A worker claims rows, commits an attempt before the first byte, sends with no connection held, and settles. A row that is found
//! `sending` after its lease has ended was lost with its worker, and becomes `uncertain`. What cannot go to the person it was
//! written to is held.

mod attempt;
mod claim;
mod command;
pub(crate) mod digests;
mod hold;
mod list;
mod off_queue;
mod plan;
mod policy;
mod recipients;
mod redirect;
mod repeats;
mod report;
mod row;
mod settle;
#[cfg(test)]
mod tests;
mod waiting;

pub use attempt::{Begun, Start};
pub use claim::{Claim, ClaimedDelivery};
pub use command::{Commandable, Commanded};
pub use digests::{ClaimedDigest, Collected, DigestBegun, DigestClaim, DigestSettlement, DigestStart, DigestSummary};
pub(crate) use hold::{FIRST_MESSAGES_ON_SQLITE, first_messages};
pub use list::{DeliveryFilter, DeliverySummary};
pub(crate) use off_queue::OffQueue;
pub use plan::{QueuedMessages, WaitingMessages};
pub(crate) use policy::campaign_content;
pub use recipients::Whose;
pub(crate) use recipients::recipient_names;
pub use redirect::Redirect;
pub(crate) use report::take_report;
pub use settle::{LetterNotice, Settled, Settlement};
pub use waiting::{Backlog, Waiting};

use crate::connection::AnyConnection;
use crate::leases::DELIVERIES;
use crate::paces::{self, NoRoom};
use crate::tallies::TallyRow;
use crate::types::Id;
use crate::{Page, PageRequest, Reach, Store, StoreError};
use chrono::{DateTime, TimeDelta, Utc};
use postbag_domain::{ActionId, DeliveryId, HeldFor, LeaseToken};

/// The reply kept with a message that was cancelled because somebody is suppressed.
pub(crate) const SUPPRESSED: &str = "suppressed";

/// What became of each of several rows, and the counts that changed with them.
#[derive(Clone, Debug)]
pub struct Changed<T> {
    /// One per row asked for, in the order asked.
    pub each: Vec<T>,
    /// The counts that changed, as they are now.
    pub tallies: Vec<TallyRow>,
}

impl Store {
    /// Claims up to `limit` due messages for the time of a lease, under a fresh token.
    ///
    /// However many wait, only the head of the queue is read. What the same pass finds to do without a worker is done: repeats
    /// follow the message they repeat, accepted ones pass their time for bounces, lost ones become uncertain.
    pub async fn claim_deliveries(
        &self,
        token: LeaseToken,
        now: DateTime<Utc>,
        lease: TimeDelta,
        limit: u16,
    ) -> Result<Claim, StoreError> {
        let messages = self.messages();
        self.write(move |connection| claim::claim(connection, &messages, (token, now, now + lease), limit)).await
    }

    /// Commits that attempts begin, before their first byte (C7). The lease then lasts until `lease_until`.
    pub async fn begin_attempts(
        &self,
        token: LeaseToken,
        starts: Vec<Start>,
        now: DateTime<Utc>,
        lease_until: DateTime<Utc>,
    ) -> Result<Changed<Begun>, StoreError> {
        self.write(move |connection| {
            let admitted = attempt::admit(connection, &starts, now)?;
            attempt::begin(connection, token, &starts, admitted, now, lease_until)
        })
        .await
    }

    /// Settles attempts by what happened; nothing for a message whose lease the worker has lost.
    pub async fn settle_deliveries(
        &self,
        token: LeaseToken,
        settlements: Vec<Settlement>,
        now: DateTime<Utc>,
    ) -> Result<Changed<Option<Settled>>, StoreError> {
        self.write(move |connection| settle::settle(connection, token, &settlements, now)).await
    }

    /// Settles finished attempts and begins the next ones in one commit.
    pub async fn settle_and_begin(
        &self,
        token: LeaseToken,
        settlements: Vec<Settlement>,
        starts: Vec<Start>,
        now: DateTime<Utc>,
        lease_until: DateTime<Utc>,
    ) -> Result<(Changed<Option<Settled>>, Changed<Begun>), StoreError> {
        self.write(move |connection| {
            let admitted = attempt::admit(connection, &starts, now)?;
            let settled = settle::settle(connection, token, &settlements, now)?;
            let begun = attempt::begin(connection, token, &starts, admitted, now, lease_until)?;
            Ok((settled, begun))
        })
        .await
    }

    /// Lets claimed messages wait at caps that have no room.
    pub async fn park_deliveries(
        &self,
        token: LeaseToken,
        parked: Vec<(DeliveryId, NoRoom)>,
    ) -> Result<(), StoreError> {
        self.write(move |connection| {
            for (id, no_room) in &parked {
                paces::park(connection, (Id::from(*id), Id::from(token)), no_room)?;
            }
            Ok(())
        })
        .await
    }

    /// Gives back what was claimed and not begun, so that another worker need not wait for the lease to end (C9).
    pub async fn release_deliveries(
        &self,
        token: LeaseToken,
        ids: Vec<DeliveryId>,
        now: DateTime<Utc>,
    ) -> Result<usize, StoreError> {
        self.write(move |connection| release(connection, token, &ids, now)).await
    }

    /// A message within reach, with what its letter is made of; nothing once its action has expired or what was typed is deleted.
    pub async fn delivery(&self, reach: Reach, id: DeliveryId) -> Result<Option<ClaimedDelivery>, StoreError> {
        let messages = self.messages();
        self.read(move |connection| claim::one(connection, &messages, reach, id)).await
    }

    /// Some of the messages of an action, with what their letters are made of.
    pub async fn deliveries_of(&self, action: ActionId, whose: Whose) -> Result<Vec<ClaimedDelivery>, StoreError> {
        let messages = self.messages();
        self.read(move |connection| claim::of_action(connection, &messages, action, whose)).await
    }

    /// Messages within reach, newest first.
    pub async fn list_deliveries(
        &self,
        reach: Reach,
        filter: DeliveryFilter,
        page: PageRequest,
    ) -> Result<Page<DeliverySummary>, StoreError> {
        self.read(move |connection| list::list(connection, reach, &filter, page)).await
    }
}

/// True if a message counts and keeps others away: its action is confirmed (B16).
pub(crate) fn binds(held_for: Option<&str>) -> bool {
    held_for != Some(HeldFor::Confirmation.as_str())
}

fn release(
    connection: &mut AnyConnection,
    token: LeaseToken,
    ids: &[DeliveryId],
    now: DateTime<Utc>,
) -> Result<usize, StoreError> {
    let mut released = 0;
    for id in ids {
        released += usize::from(DELIVERIES.give_back(connection, token, Id::from(*id), Some(now), None)?);
    }
    Ok(released)
}
