//! The asks of a campaign as rows.

use crate::StoreError;
use crate::connection::AnyConnection;
use crate::schema::asks;
use crate::types::Id;
use diesel::prelude::*;
use postbag_domain::{Ask, CampaignId};
use std::collections::HashMap;

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = asks, treat_none_as_default_value = false)]
struct AskRow {
    id: Id,
    campaign_id: Id,
    position: i32,
    text: String,
    addressed_to: String,
    status: String,
}

impl AskRow {
    fn new(campaign: CampaignId, ask: &Ask) -> Self {
        Self {
            id: ask.id().into(),
            campaign_id: campaign.into(),
            position: i32::from(ask.position()),
            text: ask.text().to_owned(),
            addressed_to: ask.addressed_to().to_string(),
            status: ask.status().to_string(),
        }
    }

    fn read(self) -> Result<Ask, StoreError> {
        let corrupt = |column| StoreError::corrupt("asks", column, self.id);
        let position = u16::try_from(self.position).map_err(|_error| corrupt("position"))?;
        let addressed_to = self.addressed_to.parse().map_err(|_flaw| corrupt("addressed_to"))?;
        let status = self.status.parse().map_err(|_flaw| corrupt("status"))?;
        Ask::new(self.id.into(), position, &self.text, addressed_to, status).map_err(|_flaw| corrupt("text"))
    }
}

/// The asks of several campaigns, each list in order.
pub(crate) fn load(connection: &mut AnyConnection, campaigns: &[Id]) -> Result<HashMap<Id, Vec<Ask>>, StoreError> {
    let rows: Vec<AskRow> = asks::table
        .filter(asks::campaign_id.eq_any(campaigns))
        .order((asks::campaign_id, asks::position))
        .select(AskRow::as_select())
        .load(connection)?;
    let mut of_campaign: HashMap<Id, Vec<Ask>> = HashMap::new();
    for row in rows {
        of_campaign.entry(row.campaign_id).or_default().push(row.read()?);
    }
    Ok(of_campaign)
}

/// Puts a list in the place of another. An ask that stays keeps its id.
pub(crate) fn replace(connection: &mut AnyConnection, campaign: CampaignId, list: &[Ask]) -> Result<(), StoreError> {
    diesel::delete(asks::table.filter(asks::campaign_id.eq(Id::from(campaign)))).execute(connection)?;
    for ask in list {
        diesel::insert_into(asks::table).values(AskRow::new(campaign, ask)).execute(connection)?;
    }
    Ok(())
}
