//! Editions as rows: added whenever the letters of a campaign would change, and never changed.

use crate::connection::AnyConnection;
use crate::schema::{campaigns, editions};
use crate::types::{Id, Json};
use crate::{Store, StoreError};
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use postbag_domain::{CampaignId, Edition, EditionContent, EditionId, OfficePages, Slug};
use std::collections::HashMap;

/// An edition as stored: not compiled yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredEdition {
    /// Its identity.
    pub id: EditionId,
    /// Counts up from 1 within the campaign.
    pub number: i32,
    /// The templates and facts it is made of.
    pub content: EditionContent,
}

impl StoredEdition {
    /// Compiles its templates.
    pub fn compile(self, campaign: CampaignId) -> Result<Edition, StoreError> {
        let id = self.id;
        Edition::compile(id, campaign, self.content).map_err(|_error| StoreError::corrupt("editions", "content", id))
    }
}

impl Store {
    /// An edition of any age, to compose the letters that point at it. They name their campaign's page for offices.
    pub async fn load_edition(&self, id: EditionId, pages: OfficePages) -> Result<Option<Edition>, StoreError> {
        self.read(move |connection| load(connection, id, &pages)).await
    }
}

fn load(connection: &mut AnyConnection, id: EditionId, pages: &OfficePages) -> Result<Option<Edition>, StoreError> {
    let row: Option<(Id, String, i32, Json)> = editions::table
        .inner_join(campaigns::table.on(campaigns::id.eq(editions::campaign_id)))
        .filter(editions::id.eq(Id::from(id)))
        .select((editions::campaign_id, campaigns::slug, editions::number, editions::content))
        .first(connection)
        .optional()?;
    let Some((campaign, slug, number, content)) = row else { return Ok(None) };
    let slug = Slug::parse(&slug).map_err(|_flaw| StoreError::corrupt("campaigns", "slug", campaign))?;
    let edition = read(id.into(), number, &content)?.compile(campaign.into())?;
    Ok(Some(edition.with_office_page(pages.of(&slug))))
}

fn read(id: Id, number: i32, content: &Json) -> Result<StoredEdition, StoreError> {
    Ok(StoredEdition { id: id.into(), number, content: content.read("editions", "content", id)? })
}

/// The newest edition of each campaign that has one.
pub(crate) fn load_newest(
    connection: &mut AnyConnection,
    campaigns: &[Id],
) -> Result<HashMap<Id, StoredEdition>, StoreError> {
    let numbers: Vec<(Id, Id)> = editions::table
        .filter(editions::campaign_id.eq_any(campaigns))
        .order(editions::number)
        .select((editions::campaign_id, editions::id))
        .load(connection)?;
    let newest: HashMap<Id, Id> = numbers.into_iter().collect();
    let rows: Vec<(Id, Id, i32, Json)> = editions::table
        .filter(editions::id.eq_any(newest.into_values()))
        .select((editions::campaign_id, editions::id, editions::number, editions::content))
        .load(connection)?;
    rows.into_iter().map(|(campaign, id, number, content)| Ok((campaign, read(id, number, &content)?))).collect()
}

/// Adds an edition.
pub(crate) fn add(
    connection: &mut AnyConnection,
    campaign: CampaignId,
    edition: &StoredEdition,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    diesel::insert_into(editions::table)
        .values((
            editions::id.eq(Id::from(edition.id)),
            editions::campaign_id.eq(Id::from(campaign)),
            editions::number.eq(edition.number),
            editions::content.eq(Json::of(&edition.content)?),
            editions::created_at.eq(crate::types::At::new(now)),
        ))
        .execute(connection)?;
    Ok(())
}
