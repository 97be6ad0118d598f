//! The campaigns as submissions see them.

use crate::campaigns::{StoredCampaign, load_public};
use crate::connection::AnyConnection;
use crate::revisions::{Loaded, Snapshot};
use crate::{Store, StoreError};
use postbag_domain::LiveCampaign;
use std::sync::Arc;

impl Store {
    /// Every campaign that the public may read, newest first, as of one moment.
    pub async fn load_campaigns(&self) -> Result<Loaded<Vec<LiveCampaign>>, StoreError> {
        self.read_snapshot(load).await
    }

    /// [`Store::load_campaigns`] for the command line.
    pub fn load_campaigns_blocking(&self) -> Result<Loaded<Vec<LiveCampaign>>, StoreError> {
        self.read_snapshot_blocking(load)
    }
}

fn load(connection: &mut AnyConnection) -> Result<Loaded<Vec<LiveCampaign>>, StoreError> {
    let revision = Snapshot::Campaigns.revision(connection)?;
    let value = load_public(connection)?.into_iter().map(StoredCampaign::into_live).collect::<Result<_, _>>()?;
    Ok(Loaded { revision, value })
}

impl StoredCampaign {
    /// The campaign ready for use: its letters compiled.
    pub fn into_live(self) -> Result<LiveCampaign, StoreError> {
        let id = self.campaign.id();
        let edition = self.edition.ok_or_else(|| StoreError::corrupt("editions", "campaign_id", id))?;
        Ok(LiveCampaign {
            edition: Arc::new(edition.compile(id)?),
            campaign: self.campaign,
            organisation: self.organisation,
            asks: self.asks,
            questions: self.questions.asked,
            objections: self.notices.shown,
        })
    }
}
