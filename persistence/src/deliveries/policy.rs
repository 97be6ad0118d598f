//! What a campaign wants done with messages in doubt, read at the moment it matters.

use crate::connection::AnyConnection;
use crate::statement::Statement;
use crate::types::{Doc, Id, Json, Uid};
use crate::{Store, StoreError, on_backend};
use diesel::{OptionalExtension, RunQueryDsl};
use postbag_domain::{AfterUncertain, CampaignContent, CampaignId, WhenSeatFilled};

impl Store {
    /// The terms of a campaign; nothing where they cannot be read.
    pub async fn campaign_terms(&self, campaign: CampaignId) -> Result<Option<CampaignContent>, StoreError> {
        self.read(move |connection| campaign_content(connection, campaign)).await
    }

    /// What the campaign wants done with a held message once the seat is filled; nothing where that cannot be read.
    pub async fn when_seat_filled(&self, campaign: CampaignId) -> Result<Option<WhenSeatFilled>, StoreError> {
        Ok(self.campaign_terms(campaign).await?.map(|content| content.when_seat_filled))
    }
}

/// What the campaign wants done with a message that the relay may have or not. Where that cannot be read, a person decides: one
/// bad row must not stop the queue.
pub(super) fn after_uncertain(
    connection: &mut AnyConnection,
    campaign: CampaignId,
) -> Result<AfterUncertain, StoreError> {
    Ok(campaign_content(connection, campaign)?.map_or(AfterUncertain::Hold, |content| content.after_uncertain))
}

/// The campaign's terms; nothing where they cannot be read.
pub(crate) fn campaign_content(
    connection: &mut AnyConnection,
    campaign: CampaignId,
) -> Result<Option<CampaignContent>, StoreError> {
    const SQL: &str = "SELECT content FROM campaigns WHERE id = ?";
    let stored: Option<(Json,)> = on_backend!(connection, c => {
        Statement::<_, (Doc,)>::new(SQL).bind::<Uid, _>(Id::from(campaign)).get_result(c).optional()
    })?;
    let Some((stored,)) = stored else { return Ok(None) };
    match stored.read("campaigns", "content", campaign) {
        Ok(content) => Ok(Some(content)),
        Err(error) => {
            tracing::error!(%error, "a campaign cannot be read: what it wants of its messages is not known");
            Ok(None)
        }
    }
}
