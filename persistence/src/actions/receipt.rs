//! What a supporter may see of their own action.

use crate::StoreError;
use crate::connection::AnyConnection;
use crate::deliveries::SUPPRESSED;
use crate::schema::{actions, campaigns, deliveries, representatives};
use crate::types::{At, Id};
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use postbag_domain::{
    ActionId, ActionStatus, AreaKey, CampaignId, DeliveryId, DeliveryState, HeldFor, Office, OrganisationId,
    RepresentativeId,
};

/// An action and its messages, without anybody's words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Receipt {
    /// The action.
    pub action_id: ActionId,
    /// The organisation of the campaign.
    pub organisation_id: OrganisationId,
    /// Its campaign.
    pub campaign_id: CampaignId,
    /// The campaign's word in addresses.
    pub campaign_slug: String,
    /// The status it is in.
    pub status: ActionStatus,
    /// True for a test: it goes to no representative and is not counted.
    pub test: bool,
    /// The moment it was accepted.
    pub created_at: DateTime<Utc>,
    /// Its messages.
    pub deliveries: Vec<ReceiptLine>,
}

/// One message of an action.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReceiptLine {
    /// Which.
    pub delivery_id: DeliveryId,
    /// The representative it is written to.
    pub representative_id: RepresentativeId,
    /// Their name, as long as the directory knows them.
    pub name: Option<String>,
    /// The office held.
    pub office: Office,
    /// The area it is held for.
    pub area: AreaKey,
    /// The state it is in.
    pub state: DeliveryState,
    /// The reason it is held, or was when it was cancelled.
    pub held_for: Option<HeldFor>,
}

type Head = (Id, Id, String, String, bool, At);
type Line = (Id, Id, Option<String>, String, String, (String, Option<String>), Option<String>);

pub(super) fn find(connection: &mut AnyConnection, id: ActionId) -> Result<Option<Receipt>, StoreError> {
    let head: Option<Head> = actions::table
        .inner_join(campaigns::table.on(campaigns::id.eq(actions::campaign_id)))
        .filter(actions::id.eq(Id::from(id)))
        .select((
            actions::organisation_id,
            actions::campaign_id,
            campaigns::slug,
            actions::status,
            actions::is_test,
            actions::created_at,
        ))
        .first(connection)
        .optional()?;
    let Some((organisation, campaign, campaign_slug, status, test, created_at)) = head else {
        return Ok(None);
    };
    Ok(Some(Receipt {
        action_id: id,
        organisation_id: organisation.into(),
        campaign_id: campaign.into(),
        campaign_slug,
        status: status.parse().map_err(|_flaw| StoreError::corrupt("actions", "status", id))?,
        test,
        created_at: created_at.time(),
        deliveries: lines(connection, id)?,
    }))
}

fn lines(connection: &mut AnyConnection, id: ActionId) -> Result<Vec<ReceiptLine>, StoreError> {
    let rows: Vec<Line> = deliveries::table
        .left_join(representatives::table.on(representatives::id.eq(deliveries::representative_id)))
        .filter(deliveries::action_id.eq(Id::from(id)))
        .order(deliveries::id)
        .select((
            deliveries::id,
            deliveries::representative_id,
            representatives::name.nullable(),
            deliveries::office,
            deliveries::area_code,
            (deliveries::state, deliveries::reply),
            deliveries::held_for,
        ))
        .load(connection)?;
    rows.into_iter().map(line).collect()
}

/// Answers the state that a receipt shows, which reveals neither that a person is known nor that they are suppressed (C23): a message
/// being sent is still queued, as its repeats are, which are never sent; one that a suppression cancelled seems accepted.
fn shown(state: DeliveryState, reply: Option<&str>) -> DeliveryState {
    match state {
        DeliveryState::Sending => DeliveryState::Queued,
        DeliveryState::Cancelled if reply == Some(SUPPRESSED) => DeliveryState::Accepted,
        state => state,
    }
}

fn line(
    (id, representative, name, office, area_code, (state, reply), held_for): Line,
) -> Result<ReceiptLine, StoreError> {
    let corrupt = |column| StoreError::corrupt("deliveries", column, id);
    let office: Office = office.parse().map_err(|_flaw| corrupt("office"))?;
    let code = area_code.parse().map_err(|_flaw| corrupt("area_code"))?;
    let state = shown(state.parse().map_err(|_flaw| corrupt("state"))?, reply.as_deref());
    let held_for = held_for.map(|word| word.parse().map_err(|_flaw| corrupt("held_for"))).transpose()?;
    Ok(ReceiptLine {
        delivery_id: id.into(),
        representative_id: representative.into(),
        name,
        office,
        area: AreaKey { kind: office.area_kind(), code },
        state,
        // What is cancelled waits for no confirmation any more; for what else it waited still says why.
        held_for: held_for.filter(|reason| state != DeliveryState::Cancelled || *reason != HeldFor::Confirmation),
    })
}
