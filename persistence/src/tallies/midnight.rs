//! Counts that show who is known, as they were at the last midnight in London (C23).

use crate::connection::AnyConnection;
use crate::revisions::{Loaded, Snapshot};
use crate::statement::Statement;
use crate::types::{Id, Uid};
use crate::{Store, StoreError, on_backend};
use chrono::{Datelike, NaiveDate};
use diesel::RunQueryDsl;
use diesel::sql_types::{BigInt, Text};
use postbag_domain::{CampaignId, TallyKey, TallyKind};

/// One count of one campaign at midnight.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MidnightCount {
    /// The campaign whose count it is.
    pub campaign_id: CampaignId,
    /// The identity of the count.
    pub key: TallyKey,
    /// How many there were.
    pub count: i64,
}

impl Store {
    /// Keeps the counts as they are now as those of the midnight at which `day` began, unless that was done before. Whichever node
    /// asks first keeps them for all.
    pub async fn keep_midnight_tallies(&self, day: NaiveDate) -> Result<(), StoreError> {
        self.write(move |connection| keep(connection, day)).await
    }

    /// The counts of the last midnight; the revision is that of [`crate::Revisions`].
    pub async fn load_midnight_tallies(&self) -> Result<Loaded<Vec<MidnightCount>>, StoreError> {
        self.read_snapshot(load).await
    }
}

fn keep(connection: &mut AnyConnection, day: NaiveDate) -> Result<(), StoreError> {
    const FIRST: &str = "UPDATE revisions SET revision = ? WHERE name = 'midnight_tallies' AND revision < ?";
    const FORGET: &str = "DELETE FROM midnight_tallies";
    let day = i64::from(day.num_days_from_ce());
    let first = on_backend!(connection, c => {
        Statement::<_>::new(FIRST).bind::<BigInt, _>(day).bind::<BigInt, _>(day).execute(c)
    })?;
    if first == 0 {
        return Ok(());
    }
    on_backend!(connection, c => Statement::<_>::new(FORGET).execute(c))?;
    for kind in TallyKind::ALL.iter().filter(|kind| kind.shows_who_is_known()) {
        copy(connection, *kind)?;
    }
    Ok(())
}

fn copy(connection: &mut AnyConnection, kind: TallyKind) -> Result<(), StoreError> {
    const SQL: &str = "\
        INSERT INTO midnight_tallies (campaign_id, kind, key, count)
        SELECT campaign_id, kind, key, count FROM tallies WHERE kind = ? AND count <> 0";
    on_backend!(connection, c => Statement::<_>::new(SQL).bind::<Text, _>(kind.as_str()).execute(c))?;
    Ok(())
}

fn load(connection: &mut AnyConnection) -> Result<Loaded<Vec<MidnightCount>>, StoreError> {
    const SQL: &str = "SELECT campaign_id, kind, key, count FROM midnight_tallies";
    let revision = Snapshot::MidnightTallies.revision(connection)?;
    let rows: Vec<(Id, String, String, i64)> =
        on_backend!(connection, c => Statement::<_, (Uid, Text, Text, BigInt)>::new(SQL).load(c))?;
    let value = rows.into_iter().map(read).collect::<Result<_, _>>()?;
    Ok(Loaded { revision, value })
}

fn read((campaign, kind, key, count): (Id, String, String, i64)) -> Result<MidnightCount, StoreError> {
    let kind = kind.parse().map_err(|_flaw| StoreError::corrupt("midnight_tallies", "kind", campaign))?;
    Ok(MidnightCount { campaign_id: campaign.into(), key: TallyKey { kind, key }, count })
}
