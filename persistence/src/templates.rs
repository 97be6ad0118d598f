//! Versions of templates as rows. They are added and never changed.

use crate::StoreError;
use crate::connection::AnyConnection;
use crate::schema::templates;
use crate::types::{At, Id};
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use postbag_domain::{CampaignId, Office, TemplateSource, TemplateVersion};
use std::collections::HashMap;

/// Stands for "every office that has no template of its own": a key cannot hold nothing.
const ANY_OFFICE: &str = "any";

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = templates, treat_none_as_default_value = false)]
struct TemplateRow {
    id: Id,
    campaign_id: Id,
    office: String,
    locale: String,
    version: i32,
    subject: String,
    body: String,
    created_at: At,
}

impl TemplateRow {
    fn read(self) -> Result<TemplateVersion, StoreError> {
        let corrupt = |column| StoreError::corrupt("templates", column, self.id);
        let office = match self.office.as_str() {
            ANY_OFFICE => None,
            word => Some(word.parse::<Office>().map_err(|_flaw| corrupt("office"))?),
        };
        let locale = self.locale.parse().map_err(|_flaw| corrupt("locale"))?;
        let source = TemplateSource::new(office, locale, &self.subject, &self.body);
        Ok(TemplateVersion {
            id: self.id.into(),
            version: self.version,
            source: source.map_err(|_errors| corrupt("body"))?,
        })
    }
}

/// The newest template of each office and language, by campaign.
pub(crate) fn load_newest(
    connection: &mut AnyConnection,
    campaigns: &[Id],
) -> Result<HashMap<Id, Vec<TemplateVersion>>, StoreError> {
    let newest = newest(connection, campaigns)?;
    let rows: Vec<TemplateRow> =
        templates::table.filter(templates::id.eq_any(newest)).select(TemplateRow::as_select()).load(connection)?;
    let mut of_campaign: HashMap<Id, Vec<TemplateVersion>> = HashMap::new();
    for row in rows {
        of_campaign.entry(row.campaign_id).or_default().push(row.read()?);
    }
    for list in of_campaign.values_mut() {
        list.sort_by_key(|template| template.source.place());
    }
    Ok(of_campaign)
}

/// The ids of the newest versions: the texts of old ones need not be read.
fn newest(connection: &mut AnyConnection, campaigns: &[Id]) -> Result<Vec<Id>, StoreError> {
    let rows: Vec<(Id, Id, String, String)> = templates::table
        .filter(templates::campaign_id.eq_any(campaigns))
        .order(templates::version)
        .select((templates::id, templates::campaign_id, templates::office, templates::locale))
        .load(connection)?;
    let places: HashMap<_, Id> =
        rows.into_iter().map(|(id, campaign, office, locale)| ((campaign, office, locale), id)).collect();
    Ok(places.into_values().collect())
}

/// Adds a version.
pub(crate) fn add(
    connection: &mut AnyConnection,
    campaign: CampaignId,
    template: &TemplateVersion,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    let row = TemplateRow {
        id: template.id.into(),
        campaign_id: campaign.into(),
        office: template.source.office().map_or(ANY_OFFICE, Office::as_str).to_owned(),
        locale: template.source.locale().to_string(),
        version: template.version,
        subject: template.source.subject().to_owned(),
        body: template.source.body().to_owned(),
        created_at: now.into(),
    };
    diesel::insert_into(templates::table).values(row).execute(connection)?;
    Ok(())
}
