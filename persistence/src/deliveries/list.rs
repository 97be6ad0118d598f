//! Messages as administrators see them.

use crate::connection::AnyConnection;
use crate::page::page;
use crate::schema::{deliveries, representatives};
use crate::types::{At, Id};
use crate::{Cursor, Page, PageRequest, Reach, StoreError};
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use postbag_domain::{
    ActionId, AreaKey, CampaignId, DeliveryId, DeliveryState, DigestId, HeldFor, Office, OrganisationId,
    RepresentativeId,
};

/// Which messages are wanted; an absent part wants all.
#[derive(Clone, Copy, Debug, Default)]
pub struct DeliveryFilter {
    /// Only of this campaign.
    pub campaign_id: Option<CampaignId>,
    /// Only of this action.
    pub action_id: Option<ActionId>,
    /// Only to this representative.
    pub representative_id: Option<RepresentativeId>,
    /// Only in this state.
    pub state: Option<DeliveryState>,
    /// Made at this moment or later.
    pub created_from: Option<DateTime<Utc>>,
    /// Made before this moment.
    pub created_before: Option<DateTime<Utc>>,
}

/// A message without its words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeliverySummary {
    /// Its identity.
    pub id: DeliveryId,
    /// Whose.
    pub organisation_id: OrganisationId,
    /// Its campaign.
    pub campaign_id: CampaignId,
    /// Its action.
    pub action_id: ActionId,
    /// The representative it is written to.
    pub representative_id: RepresentativeId,
    /// Their name, as long as the directory knows them.
    pub representative_name: Option<String>,
    /// The office held.
    pub office: Office,
    /// The area it is held for.
    pub area: AreaKey,
    /// The state it is in.
    pub state: DeliveryState,
    /// The reason it is held, or was when it was cancelled.
    pub held_for: Option<HeldFor>,
    /// True for a test: it goes to no representative and is not counted.
    pub test: bool,
    /// The message it repeats.
    pub repeat_of: Option<DeliveryId>,
    /// The digest that it waits for, or that carried it.
    pub digest_id: Option<DigestId>,
    /// How often it was tried.
    pub attempts: i32,
    /// The moment it is due, or its lease ends.
    pub available_at: Option<DateTime<Utc>>,
    /// The relay's last reply.
    pub reply: Option<String>,
    /// The moment its action was accepted.
    pub created_at: DateTime<Utc>,
    /// The moment it last changed.
    pub updated_at: DateTime<Utc>,
}

#[derive(Queryable)]
struct Row {
    id: Id,
    organisation_id: Id,
    campaign_id: Id,
    action_id: Id,
    representative_id: Id,
    name: Option<String>,
    office: String,
    area_code: String,
    state: String,
    held_for: Option<String>,
    is_test: bool,
    repeat_of: Option<Id>,
    digest_id: Option<Id>,
    attempts: i32,
    available_at: Option<At>,
    reply: Option<String>,
    created_at: At,
    updated_at: At,
}

pub(super) fn list(
    connection: &mut AnyConnection,
    reach: Reach,
    filter: &DeliveryFilter,
    request: PageRequest,
) -> Result<Page<DeliverySummary>, StoreError> {
    let mut query = deliveries::table
        .left_join(representatives::table.on(representatives::id.eq(deliveries::representative_id)))
        .select((
            deliveries::id,
            deliveries::organisation_id,
            deliveries::campaign_id,
            deliveries::action_id,
            deliveries::representative_id,
            representatives::name.nullable(),
            deliveries::office,
            deliveries::area_code,
            deliveries::state,
            deliveries::held_for,
            deliveries::is_test,
            deliveries::repeat_of,
            deliveries::digest_id,
            deliveries::attempts,
            deliveries::available_at,
            deliveries::reply,
            deliveries::created_at,
            deliveries::updated_at,
        ))
        .into_boxed();
    if let Reach::Organisation(id) = reach {
        query = query.filter(deliveries::organisation_id.eq(Id::from(id)));
    }
    if let Some(id) = filter.campaign_id {
        query = query.filter(deliveries::campaign_id.eq(Id::from(id)));
    }
    if let Some(id) = filter.action_id {
        query = query.filter(deliveries::action_id.eq(Id::from(id)));
    }
    if let Some(id) = filter.representative_id {
        query = query.filter(deliveries::representative_id.eq(Id::from(id)));
    }
    if let Some(state) = filter.state {
        query = query.filter(deliveries::state.eq(state.as_str()));
    }
    if let Some(from) = filter.created_from {
        query = query.filter(deliveries::created_at.ge(At::new(from)));
    }
    if let Some(before) = filter.created_before {
        query = query.filter(deliveries::created_at.lt(At::new(before)));
    }
    let rows: Vec<Row> = page!(query, deliveries, request).load(connection)?;
    let cursor = |row: &Row| Cursor { created_at: row.created_at.time(), id: row.id.0 };
    Page::of(rows, request, cursor).try_map(summary)
}

fn summary(row: Row) -> Result<DeliverySummary, StoreError> {
    let corrupt = |column| StoreError::corrupt("deliveries", column, row.id);
    let office: Office = row.office.parse().map_err(|_flaw| corrupt("office"))?;
    let code = row.area_code.parse().map_err(|_flaw| corrupt("area_code"))?;
    Ok(DeliverySummary {
        id: row.id.into(),
        organisation_id: row.organisation_id.into(),
        campaign_id: row.campaign_id.into(),
        action_id: row.action_id.into(),
        representative_id: row.representative_id.into(),
        representative_name: row.name,
        office,
        area: AreaKey { kind: office.area_kind(), code },
        state: row.state.parse().map_err(|_flaw| corrupt("state"))?,
        held_for: row.held_for.map(|word| word.parse().map_err(|_flaw| corrupt("held_for"))).transpose()?,
        test: row.is_test,
        repeat_of: row.repeat_of.map(DeliveryId::from),
        digest_id: row.digest_id.map(DigestId::from),
        attempts: row.attempts,
        available_at: row.available_at.map(At::time),
        reply: row.reply,
        created_at: row.created_at.time(),
        updated_at: row.updated_at.time(),
    })
}
