//! Campaigns as rows, and the rows of others that belong to them.

use super::{CampaignFilter, ListedCampaign, StoredCampaign};
use crate::connection::AnyConnection;
use crate::organisations::OrganisationRow;
use crate::page::page;
use crate::schema::{campaign_partners, campaigns, organisations};
use crate::types::{At, Id, Json};
use crate::{Cursor, Page, PageRequest, Reach, StoreError};
use crate::{asks, consent_questions, editions, objection_notices, partners, templates};
use diesel::prelude::*;
use postbag_domain::{Campaign, CampaignContent, CampaignStatus, OrganisationId, Slug};

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = campaigns, treat_none_as_default_value = false)]
pub(super) struct CampaignRow {
    id: Id,
    organisation_id: Id,
    slug: String,
    status: String,
    content: Json,
    revision: i64,
    created_at: At,
    updated_at: At,
}

impl CampaignRow {
    pub(super) fn new(campaign: &Campaign, revision: i64, created_at: At) -> Result<Self, StoreError> {
        Ok(Self {
            id: campaign.id().into(),
            organisation_id: campaign.organisation_id().into(),
            slug: campaign.content().slug.to_string(),
            status: campaign.status().to_string(),
            content: Json::of(campaign.content())?,
            revision,
            created_at,
            updated_at: created_at,
        })
    }

    fn read(self) -> Result<ListedCampaign, StoreError> {
        let content: CampaignContent = self.content.read("campaigns", "content", self.id)?;
        let status = self.status.parse().map_err(|_flaw| StoreError::corrupt("campaigns", "status", self.id))?;
        Ok(ListedCampaign {
            campaign: Campaign::restore(self.id.into(), self.organisation_id.into(), status, content),
            revision: self.revision,
            created_at: self.created_at.time(),
            updated_at: self.updated_at.time(),
        })
    }
}

type Joined = (CampaignRow, OrganisationRow);

/// The select over campaigns with their organisations, which every load shares.
macro_rules! joined {
    () => {
        campaigns::table
            .inner_join(organisations::table.on(organisations::id.eq(campaigns::organisation_id)))
            .order((campaigns::created_at.desc(), campaigns::id.desc()))
            .select((CampaignRow::as_select(), OrganisationRow::as_select()))
    };
}

/// A campaign by its slug.
pub(crate) fn find(
    connection: &mut AnyConnection,
    reach: Reach,
    slug: &Slug,
) -> Result<Option<StoredCampaign>, StoreError> {
    let rows: Vec<Joined> = joined!().filter(campaigns::slug.eq(slug.as_str())).load(connection)?;
    let found = complete(connection, rows)?.pop();
    Ok(found.filter(|stored| reach.covers(stored.campaign.organisation_id())))
}

/// The campaigns that the public may read, newest first.
pub(crate) fn load_public(connection: &mut AnyConnection) -> Result<Vec<StoredCampaign>, StoreError> {
    let public = CampaignStatus::ALL.iter().filter(|status| status.is_public()).map(|status| status.as_str());
    let rows: Vec<Joined> = joined!().filter(campaigns::status.eq_any(public)).load(connection)?;
    complete(connection, rows)
}

/// The campaigns of an organisation.
pub(super) fn of_organisation(
    connection: &mut AnyConnection,
    organisation: OrganisationId,
) -> Result<Vec<StoredCampaign>, StoreError> {
    let rows: Vec<Joined> = joined!().filter(campaigns::organisation_id.eq(Id::from(organisation))).load(connection)?;
    complete(connection, rows)
}

/// The statuses of campaigns that take or may again take actions.
fn running() -> impl Iterator<Item = &'static str> {
    CampaignStatus::ALL.iter().filter(|status| status.is_running()).map(|status| status.as_str())
}

/// How many campaigns take or may again take actions of an organisation's, or share their form with it.
pub(crate) fn count_running(connection: &mut AnyConnection, organisation: OrganisationId) -> Result<i64, StoreError> {
    let campaigns = campaigns::table.filter(campaigns::organisation_id.eq(Id::from(organisation)));
    let own: i64 = campaigns.filter(campaigns::status.eq_any(running())).count().get_result(connection)?;
    Ok(own + count_shared(connection, organisation)?)
}

/// How many such campaigns of others an organisation has joined.
pub(super) fn count_shared(connection: &mut AnyConnection, organisation: OrganisationId) -> Result<i64, StoreError> {
    let joined = campaign_partners::table
        .inner_join(campaigns::table.on(campaigns::id.eq(campaign_partners::campaign_id)))
        .filter(campaign_partners::organisation_id.eq(Id::from(organisation)))
        .filter(campaign_partners::joined_at.is_not_null().and(campaigns::status.eq_any(running())));
    Ok(joined.count().get_result(connection)?)
}

/// Adds to campaigns what belongs to them: one query for each kind of thing, however many campaigns there are.
fn complete(connection: &mut AnyConnection, rows: Vec<Joined>) -> Result<Vec<StoredCampaign>, StoreError> {
    let ids: Vec<Id> = rows.iter().map(|(campaign, _)| campaign.id).collect();
    let mut asks = asks::load(connection, &ids)?;
    let mut templates = templates::load_newest(connection, &ids)?;
    let mut questions = consent_questions::load(connection, &ids)?;
    let mut notices = objection_notices::load(connection, &ids)?;
    let mut partners = partners::load(connection, &ids, &mut questions, &mut notices)?;
    let mut editions = editions::load_newest(connection, &ids)?;
    let stored = |(campaign, organisation): Joined| {
        let (id, home) = (campaign.id, (campaign.id, campaign.organisation_id));
        let ListedCampaign { campaign, revision, created_at, updated_at } = campaign.read()?;
        Ok(StoredCampaign {
            campaign,
            revision,
            created_at,
            updated_at,
            organisation: organisation.read()?.organisation,
            asks: asks.remove(&id).unwrap_or_default(),
            templates: templates.remove(&id).unwrap_or_default(),
            questions: questions.remove(&home).unwrap_or_default(),
            notices: notices.remove(&home).unwrap_or_default(),
            partners: partners.remove(&id).unwrap_or_default(),
            edition: editions.remove(&id),
        })
    };
    rows.into_iter().map(stored).collect()
}

pub(super) fn list(
    connection: &mut AnyConnection,
    reach: Reach,
    filter: CampaignFilter,
    request: PageRequest,
) -> Result<Page<ListedCampaign>, StoreError> {
    let mut query = campaigns::table.select(CampaignRow::as_select()).into_boxed();
    if let Reach::Organisation(id) = reach {
        query = query.filter(campaigns::organisation_id.eq(Id::from(id)));
    }
    if let Some(status) = filter.status {
        query = query.filter(campaigns::status.eq(status.as_str()));
    }
    let rows: Vec<CampaignRow> = page!(query, campaigns, request).load(connection)?;
    let cursor = |row: &CampaignRow| Cursor { created_at: row.created_at.time(), id: row.id.0 };
    Page::of(rows, request, cursor).try_map(CampaignRow::read)
}
