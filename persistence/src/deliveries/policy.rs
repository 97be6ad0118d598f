//! What a campaign wants done with messages in doubt, read at the moment it matters.

use crate::connection::AnyConnection;
use crate::statement::Statement;
use crate::types::{Doc, Id, Json, Uid};
use crate::{Store, StoreError, on_backend};
use diesel::{OptionalExtension, RunQueryDsl};
use postbag_domain::{AfterUncertain, CampaignId, WhenSeatFilled};

#[derive(serde::Deserialize)]
struct Policy {
    after_uncertain: AfterUncertain,
    #[serde(default = "to_successor")]
    when_seat_filled: WhenSeatFilled,
}

/// For campaigns from before there was a choice.
const fn to_successor() -> WhenSeatFilled {
    WhenSeatFilled::SendToSuccessor
}

impl Store {
    /// What the campaign wants done with a held message once the seat is filled; nothing where that cannot be read.
    pub async fn when_seat_filled(&self, campaign: CampaignId) -> Result<Option<WhenSeatFilled>, StoreError> {
        self.read(move |connection| Ok(policy(connection, campaign)?.map(|policy| policy.when_seat_filled))).await
    }
}

/// What the campaign wants done with a message that the relay may have or not. Where that cannot be read, a person decides: one
/// bad row must not stop the queue.
pub(super) fn after_uncertain(
    connection: &mut AnyConnection,
    campaign: CampaignId,
) -> Result<AfterUncertain, StoreError> {
    Ok(policy(connection, campaign)?.map_or(AfterUncertain::Hold, |policy| policy.after_uncertain))
}

fn policy(connection: &mut AnyConnection, campaign: CampaignId) -> Result<Option<Policy>, StoreError> {
    const SQL: &str = "SELECT content FROM campaigns WHERE id = ?";
    let content: Option<(Json,)> = on_backend!(connection, c => {
        Statement::<_, (Doc,)>::new(SQL).bind::<Uid, _>(Id::from(campaign)).get_result(c).optional()
    })?;
    Ok(content.and_then(|(content,)| content.read("campaigns", "content", campaign).ok()))
}
