//! The counts as rows: changed by deltas in the transaction that causes them.

mod apply;
mod midnight;

pub(crate) use apply::{Deltas, apply, lock};
pub use midnight::MidnightCount;

use crate::connection::AnyConnection;
use crate::statement::Statement;
use crate::types::{Id, Uid};
use crate::{Store, StoreError, on_backend};
use diesel::RunQueryDsl;
use diesel::sql_types::{BigInt, Text};
use postbag_domain::{CampaignId, CampaignTally, TallyKey};

/// One count of one campaign as it stands after a change.
///
/// Versions of a campaign's rows grow in the order of the commits that wrote them, so the row with the higher version is the newer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TallyRow {
    /// The campaign whose count it is.
    pub campaign_id: CampaignId,
    /// The identity of the count.
    pub key: TallyKey,
    /// How many there are.
    pub count: i64,
    /// The campaign's version at the last change of this count.
    pub version: i64,
}

/// The last version of a campaign's counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TallyVersion {
    /// The campaign whose counts they are.
    pub campaign_id: CampaignId,
    /// The version; it grows with every change.
    pub version: i64,
}

/// The columns of a [`TallyRow`].
pub(crate) type Stored = (Id, String, String, i64, i64);

/// The SQL type of [`Stored`].
pub(crate) type StoredSql = (Uid, Text, Text, BigInt, BigInt);

impl TallyRow {
    pub(crate) fn read((campaign, kind, key, count, version): Stored) -> Result<Self, StoreError> {
        let kind = kind.parse().map_err(|_flaw| StoreError::corrupt("tallies", "kind", campaign))?;
        Ok(Self { campaign_id: campaign.into(), key: TallyKey { kind, key }, count, version })
    }
}

impl Store {
    /// The version of every campaign's counts: one small row each, to be asked often.
    pub async fn tally_versions(&self) -> Result<Vec<TallyVersion>, StoreError> {
        self.read(versions).await
    }

    /// The counts of a campaign that changed after version `after`; all of them after version 0.
    pub async fn load_tallies(&self, campaign: CampaignId, after: i64) -> Result<Vec<TallyRow>, StoreError> {
        self.read(move |connection| changed(connection, campaign, after)).await
    }
}

impl Store {
    /// The counts of a campaign as they are now.
    pub async fn tally(&self, campaign: CampaignId) -> Result<CampaignTally, StoreError> {
        let rows = self.load_tallies(campaign, 0).await?;
        let mut tally = CampaignTally::new();
        for row in rows {
            tally.apply(row.key, row.count, row.version);
        }
        Ok(tally)
    }
}

fn versions(connection: &mut AnyConnection) -> Result<Vec<TallyVersion>, StoreError> {
    const SQL: &str = "SELECT campaign_id, version FROM tally_versions";
    let rows: Vec<(Id, i64)> = on_backend!(connection, c => Statement::<_, (Uid, BigInt)>::new(SQL).load(c))?;
    Ok(rows.into_iter().map(|(id, version)| TallyVersion { campaign_id: id.into(), version }).collect())
}

pub(crate) fn changed(
    connection: &mut AnyConnection,
    campaign: CampaignId,
    after: i64,
) -> Result<Vec<TallyRow>, StoreError> {
    const SQL: &str =
        "SELECT campaign_id, kind, key, count, version FROM tallies WHERE campaign_id = ? AND version > ?";
    let rows: Vec<Stored> = on_backend!(connection, c => {
        Statement::<_, StoredSql>::new(SQL).bind::<Uid, _>(Id::from(campaign)).bind::<BigInt, _>(after).load(c)
    })?;
    rows.into_iter().map(TallyRow::read).collect()
}

/// One count as it stands; 0 where it was never counted.
pub(crate) fn count(connection: &mut AnyConnection, campaign: CampaignId, key: &TallyKey) -> Result<i64, StoreError> {
    const SQL: &str = "SELECT count FROM tallies WHERE campaign_id = ? AND kind = ? AND key = ?";
    let rows: Vec<(i64,)> = on_backend!(connection, c => {
        Statement::<_, (BigInt,)>::new(SQL)
            .bind::<Uid, _>(Id::from(campaign))
            .bind::<Text, _>(key.kind.as_str())
            .bind::<Text, _>(key.key.as_str())
            .load(c)
    })?;
    Ok(rows.first().map_or(0, |(count,)| *count))
}
