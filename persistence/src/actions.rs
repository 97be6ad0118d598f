//! Actions as administrators see them, and the supporter's receipt.

pub(crate) mod areas;
mod counted;
mod evidence;
mod receipt;

pub(crate) use counted::Counted;
pub use evidence::{RecordedConsent, RecordedObjection};
pub use receipt::{Receipt, ReceiptLine};

use crate::connection::AnyConnection;
use crate::page::page;
use crate::schema::{actions, deliveries, invalidated_actions};
use crate::types::{At, Id, Json};
use crate::words::Messages;
use crate::{Cursor, Page, PageRequest, Reach, Store, StoreError, StoredReview, reviews};
use chrono::{DateTime, Utc};
use diesel::dsl::exists;
use diesel::prelude::*;
use postbag_domain::{
    ActionId, ActionStatus, AreaKey, CampaignId, ClientTag, ConfirmedBy, InvalidationId, Locale, Nation,
    OrganisationId, RepresentativeId, SupporterId, SupporterWords,
};

/// Which actions are wanted; an absent part wants all.
#[derive(Clone, Copy, Debug, Default)]
pub struct ActionFilter {
    /// Only of this campaign.
    pub campaign_id: Option<CampaignId>,
    /// Only in this status.
    pub status: Option<ActionStatus>,
    /// Only those that wrote to this representative.
    pub representative_id: Option<RepresentativeId>,
    /// Tests only, or none of them.
    pub test: Option<bool>,
    /// Made at this moment or later.
    pub created_from: Option<DateTime<Utc>>,
    /// Made before this moment.
    pub created_before: Option<DateTime<Utc>>,
    /// Only those that this invalidation found.
    pub invalidation_id: Option<InvalidationId>,
}

/// An action as it is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredAction {
    /// Its identity.
    pub id: ActionId,
    /// Whose.
    pub organisation_id: OrganisationId,
    /// Its campaign.
    pub campaign_id: CampaignId,
    /// The supporter who made it.
    pub supporter_id: SupporterId,
    /// The status it is in.
    pub status: ActionStatus,
    /// True for a test: it goes to no representative and is not counted.
    pub test: bool,
    /// The nation they live in.
    pub nation: Nation,
    /// The supporter's areas, one of each kind.
    pub areas: Vec<AreaKey>,
    /// The language of the form.
    pub locale: Locale,
    /// The supporter's own words; nothing once the action has expired.
    pub words: Option<SupporterWords>,
    /// The `utm_source` label.
    pub source: Option<String>,
    /// The `utm_medium` label.
    pub medium: Option<String>,
    /// The `utm_campaign` label.
    pub source_campaign: Option<String>,
    /// The supporter's answers to consent questions.
    pub consents: Vec<RecordedConsent>,
    /// The supporter's objections.
    pub objections: Vec<RecordedObjection>,
    /// The moment it was accepted.
    pub created_at: DateTime<Utc>,
    /// The client it came from, as long as its organisation keeps that.
    pub client: Option<ClientTag>,
    /// The moment it was confirmed, and by what.
    pub confirmed: Option<(DateTime<Utc>, ConfirmedBy)>,
}

#[derive(Queryable)]
struct Row {
    id: Id,
    organisation_id: Id,
    campaign_id: Id,
    supporter_id: Id,
    status: String,
    is_test: bool,
    nation: String,
    locale: String,
    areas: Json,
    words: Json,
    sealed_message: Option<Vec<u8>>,
    source: Option<String>,
    medium: Option<String>,
    source_campaign: Option<String>,
    created_at: At,
    client: Option<Vec<u8>>,
    confirmed_at: Option<At>,
    confirmed_by: Option<String>,
}

impl Store {
    /// Actions within reach, newest first.
    pub async fn list_actions(
        &self,
        reach: Reach,
        filter: ActionFilter,
        page: PageRequest,
    ) -> Result<Page<StoredAction>, StoreError> {
        let messages = self.messages();
        self.read(move |connection| list(connection, &messages, reach, &filter, page)).await
    }

    /// The state of an action and of each of its messages, and the review that the submission of this id is in or came through.
    pub async fn receipt(&self, id: ActionId) -> Result<(Option<Receipt>, Option<StoredReview>), StoreError> {
        let messages = self.messages();
        self.read(move |connection| Ok((receipt::find(connection, id)?, reviews::find(connection, &messages, id)?)))
            .await
    }
}

fn list(
    connection: &mut AnyConnection,
    messages: &Messages,
    reach: Reach,
    filter: &ActionFilter,
    request: PageRequest,
) -> Result<Page<StoredAction>, StoreError> {
    let mut query = actions::table
        .select((
            actions::id,
            actions::organisation_id,
            actions::campaign_id,
            actions::supporter_id,
            actions::status,
            actions::is_test,
            actions::nation,
            actions::locale,
            actions::areas,
            actions::words,
            actions::sealed_message,
            actions::source,
            actions::medium,
            actions::source_campaign,
            actions::created_at,
            actions::client,
            actions::confirmed_at,
            actions::confirmed_by,
        ))
        .into_boxed();
    if let Reach::Organisation(id) = reach {
        query = query.filter(actions::organisation_id.eq(Id::from(id)));
    }
    if let Some(id) = filter.campaign_id {
        query = query.filter(actions::campaign_id.eq(Id::from(id)));
    }
    if let Some(status) = filter.status {
        query = query.filter(actions::status.eq(status.as_str()));
    }
    if let Some(id) = filter.representative_id {
        let to_them = deliveries::table
            .filter(deliveries::action_id.eq(actions::id))
            .filter(deliveries::representative_id.eq(Id::from(id)));
        query = query.filter(exists(to_them));
    }
    if let Some(test) = filter.test {
        query = query.filter(actions::is_test.eq(test));
    }
    if let Some(from) = filter.created_from {
        query = query.filter(actions::created_at.ge(At::new(from)));
    }
    if let Some(before) = filter.created_before {
        query = query.filter(actions::created_at.lt(At::new(before)));
    }
    if let Some(id) = filter.invalidation_id {
        let found = invalidated_actions::table
            .filter(invalidated_actions::action_id.eq(actions::id))
            .filter(invalidated_actions::invalidation_id.eq(Id::from(id)));
        query = query.filter(exists(found));
    }
    let rows: Vec<Row> = page!(query, actions, request).load(connection)?;
    let ids: Vec<Id> = rows.iter().map(|row| row.id).collect();
    let supporters: Vec<Id> = rows.iter().map(|row| row.supporter_id).collect();
    let mut consents = evidence::consents(connection, &ids, &supporters)?;
    let mut objections = evidence::objections(connection, &ids)?;
    let cursor = |row: &Row| Cursor { created_at: row.created_at.time(), id: row.id.0 };
    Page::of(rows, request, cursor).try_map(|row| {
        let evidence = (consents.remove(&row.id), objections.remove(&row.id));
        stored(row, messages, (evidence.0.unwrap_or_default(), evidence.1.unwrap_or_default()))
    })
}

fn stored(
    row: Row,
    messages: &Messages,
    (consents, objections): (Vec<RecordedConsent>, Vec<RecordedObjection>),
) -> Result<StoredAction, StoreError> {
    let corrupt = |column| StoreError::corrupt("actions", column, row.id);
    let by = row.confirmed_by.map(|by| by.parse().map_err(|_flaw| corrupt("confirmed_by"))).transpose()?;
    Ok(StoredAction {
        id: row.id.into(),
        organisation_id: row.organisation_id.into(),
        campaign_id: row.campaign_id.into(),
        supporter_id: row.supporter_id.into(),
        status: row.status.parse().map_err(|_flaw| corrupt("status"))?,
        test: row.is_test,
        nation: row.nation.parse().map_err(|_flaw| corrupt("nation"))?,
        locale: row.locale.parse().map_err(|_flaw| corrupt("locale"))?,
        areas: row.areas.read("actions", "areas", row.id)?,
        words: messages.open(row.id, &row.words, row.sealed_message.as_deref())?,
        source: row.source,
        medium: row.medium,
        source_campaign: row.source_campaign,
        consents,
        objections,
        created_at: row.created_at.time(),
        client: row.client.and_then(|tag| tag.try_into().ok()).map(ClientTag::new),
        confirmed: row.confirmed_at.map(At::time).zip(by),
    })
}
