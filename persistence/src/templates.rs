//! Versions of templates as rows. They are added and never changed.

use crate::StoreError;
use crate::connection::AnyConnection;
use crate::schema::templates;
use crate::types::{At, Id};
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use postbag_domain::{CampaignId, Office, TemplateId, TemplateSource, TemplateVersion};
use std::collections::HashMap;
use uuid::Uuid;

/// A campaign's templates, each in its newest version.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StoredTemplates {
    /// Used now, by office and language.
    pub used: Vec<TemplateVersion>,
    /// Not used any more. Editions keep their texts, and their numbers are not given again.
    pub retired: Vec<TemplateVersion>,
}

impl StoredTemplates {
    /// The templates with these texts: what says the same keeps its version, the others are new ones with ids from `fresh`.
    pub fn versions(&self, sources: Vec<TemplateSource>, fresh: fn() -> Uuid) -> Vec<TemplateVersion> {
        sources.into_iter().map(|source| self.version(source, fresh)).collect()
    }

    fn version(&self, source: TemplateSource, fresh: fn() -> Uuid) -> TemplateVersion {
        if let Some(same) = self.used.iter().find(|known| known.source == source) {
            return same.clone();
        }
        let mut known = self.used.iter().chain(&self.retired);
        let newest = known.find(|known| known.source.place() == source.place());
        let version = newest.map_or(1, |newest| newest.version.saturating_add(1));
        TemplateVersion { id: TemplateId::new(fresh()), version, source }
    }
}

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
    retired_at: Option<At>,
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
) -> Result<HashMap<Id, StoredTemplates>, StoreError> {
    let newest = newest(connection, campaigns)?;
    let rows: Vec<TemplateRow> =
        templates::table.filter(templates::id.eq_any(newest)).select(TemplateRow::as_select()).load(connection)?;
    let mut of_campaign: HashMap<Id, StoredTemplates> = HashMap::new();
    for row in rows {
        let stored = of_campaign.entry(row.campaign_id).or_default();
        let list = if row.retired_at.is_some() { &mut stored.retired } else { &mut stored.used };
        list.push(row.read()?);
    }
    for stored in of_campaign.values_mut() {
        stored.used.sort_by_key(|template| template.source.place());
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

/// Puts a list of templates in the place of another: new versions are added, those of offices and languages that are gone retired.
pub(crate) fn replace(
    connection: &mut AnyConnection,
    campaign: CampaignId,
    before: &StoredTemplates,
    list: &[TemplateVersion],
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    let is_gone = |known: &&TemplateVersion| list.iter().all(|kept| kept.source.place() != known.source.place());
    let gone: Vec<Id> = before.used.iter().filter(is_gone).map(|template| template.id.into()).collect();
    diesel::update(templates::table.filter(templates::id.eq_any(gone)))
        .set(templates::retired_at.eq(Some(At::new(now))))
        .execute(connection)?;
    let is_new = |template: &&TemplateVersion| before.used.iter().all(|known| known.id != template.id);
    for template in list.iter().filter(is_new) {
        add(connection, campaign, template, now)?;
    }
    Ok(())
}

fn add(
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
        retired_at: None,
    };
    diesel::insert_into(templates::table).values(row).execute(connection)?;
    Ok(())
}
