//! The proof that counts equal their rows, and the repair if they do not.
//!
//! A recount reads actions and messages only, page by page, so a million of them fit in little memory. It never looks at what
//! the counts were made of when they were made.

mod count;

use crate::connection::AnyConnection;
use crate::statement::Statement;
use crate::tallies::{self, Deltas, TallyRow};
use crate::types::{Id, Uid};
use crate::{Store, StoreError, on_backend};
use diesel::RunQueryDsl;
use postbag_domain::{CampaignId, TallyDelta, TallyKey};
use std::collections::BTreeMap;

/// A count that does not equal its rows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// The campaign whose count it is.
    pub campaign_id: CampaignId,
    /// The identity of the count.
    pub key: TallyKey,
    /// The count as it is stored.
    pub stored: i64,
    /// The count of the rows.
    pub counted: i64,
}

impl Store {
    /// Compares the counts of a campaign, or of all, with the rows they count, as of one moment. Nothing waits for it.
    pub async fn recount(&self, campaign: Option<CampaignId>) -> Result<Vec<Difference>, StoreError> {
        self.read_snapshot(move |connection| check(connection, campaign)).await
    }

    /// Sets the counts of a campaign, or of all, to what the rows say, and answers what was wrong.
    ///
    /// Writers of a campaign wait while it is recounted.
    pub async fn repair_tallies(&self, campaign: Option<CampaignId>) -> Result<Vec<Difference>, StoreError> {
        let campaigns = self.read(move |connection| campaigns(connection, campaign)).await?;
        let mut all = Vec::new();
        for campaign in campaigns {
            all.extend(self.write(move |connection| repair(connection, campaign)).await?);
        }
        Ok(all)
    }
}

fn check(connection: &mut AnyConnection, campaign: Option<CampaignId>) -> Result<Vec<Difference>, StoreError> {
    let mut all = Vec::new();
    for campaign in campaigns(connection, campaign)? {
        all.extend(differences(connection, campaign)?);
    }
    Ok(all)
}

fn campaigns(connection: &mut AnyConnection, one: Option<CampaignId>) -> Result<Vec<CampaignId>, StoreError> {
    const SQL: &str = "\
        SELECT id FROM campaigns
        UNION SELECT campaign_id FROM actions
        UNION SELECT campaign_id FROM tally_versions
        ORDER BY 1";
    if let Some(one) = one {
        return Ok(vec![one]);
    }
    let rows: Vec<(Id,)> = on_backend!(connection, c => Statement::<_, (Uid,)>::new(SQL).load(c))?;
    Ok(rows.into_iter().map(|(id,)| id.into()).collect())
}

fn differences(connection: &mut AnyConnection, campaign: CampaignId) -> Result<Vec<Difference>, StoreError> {
    let stored = tallies::changed(connection, campaign, 0)?;
    let counted = count::campaign(connection, campaign)?;
    Ok(compare(campaign, stored, &counted))
}

fn compare(campaign: CampaignId, stored: Vec<TallyRow>, counted: &TallyDelta) -> Vec<Difference> {
    let mut pairs: BTreeMap<TallyKey, (i64, i64)> = BTreeMap::new();
    for row in stored {
        pairs.entry(row.key).or_default().0 = row.count;
    }
    for (key, count) in counted.iter() {
        pairs.entry(key.clone()).or_default().1 = count;
    }
    let wrong = pairs.into_iter().filter(|(_, (stored, counted))| stored != counted);
    wrong.map(|(key, (stored, counted))| Difference { campaign_id: campaign, key, stored, counted }).collect()
}

/// Holds the campaign's version row while it counts: nothing that changes these counts can commit meanwhile.
fn repair(connection: &mut AnyConnection, campaign: CampaignId) -> Result<Vec<Difference>, StoreError> {
    tallies::lock(connection, campaign)?;
    let wrong = differences(connection, campaign)?;
    let mut delta = TallyDelta::new();
    for difference in &wrong {
        delta.add(difference.key.clone(), difference.counted - difference.stored);
    }
    tallies::apply(connection, &Deltas::one(campaign, delta))?;
    Ok(wrong)
}
