//! Messages that wait for something other than their turn: a seat to be filled, an address, a wish that changes.
//!
//! A held message is not due. Whenever the directory changes, all of them become due again, and a worker looks at each: it goes
//! out, goes to a successor, is cancelled, or stays held.

use crate::connection::AnyConnection;
use crate::leases::DELIVERIES;
use crate::statement::Statement;
use crate::types::{At, Id, Instant, Uid};
use crate::{Store, StoreError, on_backend};
use chrono::{DateTime, Utc};
use diesel::RunQueryDsl;
use postbag_domain::{CampaignId, DeliveryId, HeldFor, LeaseToken, RepresentativeId, SupporterId};

/// The first messages of a supporter in a campaign, in the words of the partial index: SQLite uses it only for the same words.
pub(crate) const FIRST_MESSAGES_ON_SQLITE: &str = "\
    SELECT representative_id, id FROM deliveries
    WHERE campaign_id = ? AND supporter_id = ? AND repeat_of IS NULL AND is_test = 0
        AND held_for IS DISTINCT FROM 'confirmation'";

impl Store {
    /// Makes every held message due, but for those that wait for their supporter; answers how many.
    pub async fn wake_held(&self, now: DateTime<Utc>) -> Result<usize, StoreError> {
        self.write(move |connection| wake(connection, now)).await
    }

    /// Lets held messages under this lease wait on, each for its reason, until the directory changes.
    pub async fn keep_holding(&self, token: LeaseToken, held: Vec<(DeliveryId, HeldFor)>) -> Result<(), StoreError> {
        self.write(move |connection| {
            for (id, reason) in &held {
                DELIVERIES.give_back(connection, token, Id::from(*id), None, Some(reason.as_str()))?;
            }
            Ok(())
        })
        .await
    }

    /// The representatives to whom a supporter's first messages of a campaign go.
    pub async fn first_recipients(
        &self,
        campaign: CampaignId,
        supporter: SupporterId,
    ) -> Result<Vec<RepresentativeId>, StoreError> {
        self.read(move |connection| {
            let firsts = first_messages(connection, campaign.into(), supporter.into())?;
            Ok(firsts.into_iter().map(|(representative, _message)| representative.into()).collect())
        })
        .await
    }
}

fn wake(connection: &mut AnyConnection, now: DateTime<Utc>) -> Result<usize, StoreError> {
    // The words of the partial index: SQLite uses it only for the same words.
    const SQL: &str = "\
        UPDATE deliveries SET available_at = ?
        WHERE state = 'held' AND available_at IS NULL AND held_for <> 'confirmation' AND repeat_of IS NULL";
    Ok(on_backend!(connection, c => Statement::<_>::new(SQL).bind::<Instant, _>(At::new(now)).execute(c))?)
}

/// The first messages of a supporter in a campaign: to whom each goes, and which it is. Those that are not confirmed bind nobody.
pub(crate) fn first_messages(
    connection: &mut AnyConnection,
    campaign: Id,
    supporter: Id,
) -> Result<Vec<(Id, Id)>, StoreError> {
    // The words of the partial index of each side: a bound value would not use it.
    const POSTGRES: &str = "\
        SELECT representative_id, id FROM deliveries
        WHERE campaign_id = ? AND supporter_id = ? AND repeat_of IS NULL AND NOT is_test
            AND held_for IS DISTINCT FROM 'confirmation'";
    macro_rules! run {
        ($sql:expr, $connection:expr) => {
            Statement::<_, (Uid, Uid)>::new($sql).bind::<Uid, _>(campaign).bind::<Uid, _>(supporter).load($connection)
        };
    }
    let rows = match connection {
        AnyConnection::Postgres(c) => run!(POSTGRES, c),
        AnyConnection::Sqlite(c) => run!(FIRST_MESSAGES_ON_SQLITE, c),
    };
    Ok(rows?)
}
