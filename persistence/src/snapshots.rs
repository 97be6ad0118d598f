//! The campaigns as submissions see them.

use crate::campaigns::{StoredCampaign, load_public};
use crate::connection::AnyConnection;
use crate::partners::StoredPartner;
use crate::revisions::{Loaded, Snapshot};
use crate::{Store, StoreError};
use postbag_domain::{LiveCampaign, OfficePages};
use std::sync::Arc;

impl Store {
    /// Every campaign that the public may read, newest first, as of one moment. Their letters name their page for offices.
    pub async fn load_campaigns(&self, pages: OfficePages) -> Result<Loaded<Vec<LiveCampaign>>, StoreError> {
        self.read_snapshot(move |connection| load(connection, &pages)).await
    }

    /// [`Store::load_campaigns`] for the command line.
    pub fn load_campaigns_blocking(&self, pages: &OfficePages) -> Result<Loaded<Vec<LiveCampaign>>, StoreError> {
        self.read_snapshot_blocking(|connection| load(connection, pages))
    }
}

fn load(connection: &mut AnyConnection, pages: &OfficePages) -> Result<Loaded<Vec<LiveCampaign>>, StoreError> {
    let revision = Snapshot::Campaigns.revision(connection)?;
    let stored = load_public(connection)?.into_iter();
    let value = stored.map(|campaign| campaign.into_live(pages)).collect::<Result<_, _>>()?;
    Ok(Loaded { revision, value })
}

impl StoredCampaign {
    /// The campaign ready for use: its letters compiled.
    pub fn into_live(self, pages: &OfficePages) -> Result<LiveCampaign, StoreError> {
        let (id, page) = (self.campaign.id(), pages.of(&self.campaign.content().slug));
        let edition = self.edition.ok_or_else(|| StoreError::corrupt("editions", "campaign_id", id))?;
        Ok(LiveCampaign {
            edition: Arc::new(edition.compile(id)?.with_office_page(page)),
            campaign: self.campaign,
            organisation: self.organisation,
            asks: self.asks,
            questions: self.questions.asked,
            objections: self.notices.shown,
            earlier_objections: self.notices.retired,
            partners: self.partners.into_iter().filter_map(StoredPartner::into_live).collect(),
        })
    }
}
