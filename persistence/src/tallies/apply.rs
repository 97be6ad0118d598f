//! Changes of counts, as upserts.

use super::{Stored, StoredSql, TallyRow};
use crate::connection::AnyConnection;
use crate::failpoint;
use crate::statement::Statement;
use crate::types::{Id, Uid};
use crate::{StoreError, on_backend};
use diesel::sql_types::{Array, BigInt, Text};
use diesel::{PgConnection, RunQueryDsl, SqliteConnection};
use postbag_domain::{CampaignId, TallyDelta, TallyKey};
use std::collections::BTreeMap;

/// Changes of counts by campaign, in key order.
#[derive(Debug, Default)]
pub(crate) struct Deltas(BTreeMap<CampaignId, TallyDelta>);

impl Deltas {
    /// The changes of one campaign.
    pub(crate) fn one(campaign: CampaignId, delta: TallyDelta) -> Self {
        Self(BTreeMap::from([(campaign, delta)]))
    }

    /// Adds changes of a campaign.
    pub(crate) fn merge(&mut self, campaign: CampaignId, delta: TallyDelta) {
        if !delta.is_empty() {
            self.0.entry(campaign).or_default().merge(delta);
        }
    }

    fn campaigns(&self) -> Vec<Id> {
        self.0.iter().filter(|(_, delta)| !delta.is_empty()).map(|(id, _)| Id::from(*id)).collect()
    }

    fn rows(&self) -> impl Iterator<Item = (Id, &TallyKey, i64)> {
        self.0.iter().flat_map(|(id, delta)| delta.iter().map(|(key, change)| (Id::from(*id), key, change)))
    }
}

/// Applies the changes and answers the counts they lead to.
///
/// The campaigns' version rows are locked first and in order, until the transaction ends: two writers of one campaign follow one
/// another here and nowhere before, and cannot deadlock.
pub(crate) fn apply(connection: &mut AnyConnection, deltas: &Deltas) -> Result<Vec<TallyRow>, StoreError> {
    if deltas.campaigns().is_empty() {
        return Ok(Vec::new());
    }
    let rows = match connection {
        AnyConnection::Postgres(c) => apply_at_once(c, deltas)?,
        AnyConnection::Sqlite(c) => apply_one_by_one(c, deltas)?,
    };
    rows.into_iter().map(TallyRow::read).collect()
}

fn apply_at_once(connection: &mut PgConnection, deltas: &Deltas) -> Result<Vec<Stored>, StoreError> {
    const SQL: &str = "\
        WITH raised AS (
            INSERT INTO tally_versions (campaign_id, version)
            SELECT campaign_id, 1 FROM unnest(?) AS changed (campaign_id)
            ON CONFLICT (campaign_id) DO UPDATE SET version = tally_versions.version + 1
            RETURNING campaign_id, version
        )
        INSERT INTO tallies (campaign_id, kind, key, count, version)
        SELECT changed.campaign_id, changed.kind, changed.key, changed.change, raised.version
        FROM unnest(?, ?, ?, ?) AS changed (campaign_id, kind, key, change)
        JOIN raised ON raised.campaign_id = changed.campaign_id
        ON CONFLICT (campaign_id, kind, key)
        DO UPDATE SET count = tallies.count + excluded.count, version = excluded.version
        RETURNING campaign_id, kind, key, count, version";
    let rows = Statement::<_, StoredSql>::new(SQL)
        .bind::<Array<Uid>, _>(deltas.campaigns())
        .bind::<Array<Uid>, _>(deltas.rows().map(|(id, _, _)| id).collect::<Vec<_>>())
        .bind::<Array<Text>, _>(deltas.rows().map(|(_, key, _)| key.kind.as_str()).collect::<Vec<_>>())
        .bind::<Array<Text>, _>(deltas.rows().map(|(_, key, _)| key.key.as_str()).collect::<Vec<_>>())
        .bind::<Array<BigInt>, _>(deltas.rows().map(|(_, _, change)| change).collect::<Vec<_>>())
        .load(connection)?;
    failpoint::passed()?;
    Ok(rows)
}

fn apply_one_by_one(connection: &mut SqliteConnection, deltas: &Deltas) -> Result<Vec<Stored>, StoreError> {
    const RAISE: &str = "\
        INSERT INTO tally_versions (campaign_id, version) VALUES (?, 1)
        ON CONFLICT (campaign_id) DO UPDATE SET version = version + 1
        RETURNING campaign_id, version";
    const CHANGE: &str = "\
        INSERT INTO tallies (campaign_id, kind, key, count, version) VALUES (?, ?, ?, ?, ?)
        ON CONFLICT (campaign_id, kind, key) DO UPDATE SET count = count + excluded.count, version = excluded.version
        RETURNING campaign_id, kind, key, count, version";
    let mut versions = BTreeMap::new();
    for campaign in deltas.campaigns() {
        let raised = Statement::<_, (Uid, BigInt)>::new(RAISE).bind::<Uid, _>(campaign);
        let (id, version): (Id, i64) = raised.get_result(connection)?;
        failpoint::passed()?;
        versions.insert(id, version);
    }
    let mut rows = Vec::new();
    for (campaign, key, change) in deltas.rows() {
        let changed = Statement::<_, StoredSql>::new(CHANGE)
            .bind::<Uid, _>(campaign)
            .bind::<Text, _>(key.kind.as_str())
            .bind::<Text, _>(key.key.as_str())
            .bind::<BigInt, _>(change)
            .bind::<BigInt, _>(versions.get(&campaign).copied().unwrap_or_default());
        rows.push(changed.get_result(connection)?);
        failpoint::passed()?;
    }
    Ok(rows)
}

/// Holds back every other change of this campaign's counts until the transaction ends.
pub(crate) fn lock(connection: &mut AnyConnection, campaign: CampaignId) -> Result<(), StoreError> {
    const SQL: &str = "\
        INSERT INTO tally_versions (campaign_id, version) VALUES (?, 1)
        ON CONFLICT (campaign_id) DO UPDATE SET version = tally_versions.version + 1";
    on_backend!(connection, c => Statement::<_>::new(SQL).bind::<Uid, _>(Id::from(campaign)).execute(c))?;
    Ok(())
}
