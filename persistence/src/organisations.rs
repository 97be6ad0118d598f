//! Organisations: one document each.

use crate::campaigns::{self, Refusal};
use crate::connection::AnyConnection;
use crate::expected::{Edited, Expected};
use crate::page::page;
use crate::revisions::Snapshot;
use crate::schema::organisations;
use crate::types::{At, Id, Json};
use crate::{Cursor, Page, PageRequest, Reach, Store, StoreError};
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use postbag_domain::{FieldErrors, Flaw, Organisation, OrganisationContent, OrganisationId, OrganisationStatus, Slug};
use uuid::Uuid;

/// An organisation as stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredOrganisation {
    /// The organisation.
    pub organisation: Organisation,
    /// Counts its changes: the entity tag.
    pub revision: i64,
    /// The moment it was made.
    pub created_at: DateTime<Utc>,
    /// The moment it was last changed.
    pub updated_at: DateTime<Utc>,
}

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = organisations, treat_none_as_default_value = false)]
pub(crate) struct OrganisationRow {
    id: Id,
    slug: String,
    content: Json,
    revision: i64,
    created_at: At,
    updated_at: At,
    status: String,
}

impl OrganisationRow {
    pub(crate) fn read(self) -> Result<StoredOrganisation, StoreError> {
        let content = self.content.read("organisations", "content", self.id)?;
        let status = self.status.parse().map_err(|_flaw| StoreError::corrupt("organisations", "status", self.id))?;
        Ok(StoredOrganisation {
            organisation: Organisation { id: self.id.into(), status, content },
            revision: self.revision,
            created_at: self.created_at.time(),
            updated_at: self.updated_at.time(),
        })
    }
}

impl Store {
    /// An organisation by its slug.
    pub async fn organisation(&self, reach: Reach, slug: Slug) -> Result<Option<StoredOrganisation>, StoreError> {
        self.read(move |connection| {
            let found = find(connection, &slug)?;
            Ok(found.filter(|stored| reach.covers(stored.organisation.id)))
        })
        .await
    }

    /// An organisation by its id.
    pub async fn organisation_by_id(&self, id: OrganisationId) -> Result<Option<StoredOrganisation>, StoreError> {
        self.read(move |connection| by_id(connection, id)).await
    }

    /// Organisations, newest first.
    pub async fn organisations(
        &self,
        reach: Reach,
        status: Option<OrganisationStatus>,
        request: PageRequest,
    ) -> Result<Page<StoredOrganisation>, StoreError> {
        self.read(move |connection| list(connection, reach, status, request)).await
    }

    /// Archives an organisation or makes it active again. One with a campaign that is live or paused is not archived.
    pub async fn transition_organisation(
        &self,
        slug: Slug,
        to: OrganisationStatus,
        now: DateTime<Utc>,
    ) -> Result<Edited<StoredOrganisation, Refusal>, StoreError> {
        self.write(move |connection| transition(connection, &slug, to, now)).await
    }

    /// Creates an organisation, or changes the one with that slug. `fresh` draws ids.
    ///
    /// Its campaigns get new letters where those show something of it. A change that would leave a campaign that the public sees
    /// without what it must have is refused.
    pub async fn put_organisation(
        &self,
        reach: Reach,
        content: OrganisationContent,
        expected: Expected,
        now: DateTime<Utc>,
        fresh: fn() -> Uuid,
    ) -> Result<Edited<StoredOrganisation, Refusal>, StoreError> {
        self.write(move |connection| put(connection, reach, content, expected, now, fresh)).await
    }

    /// [`Store::put_organisation`] for the command line.
    pub fn put_organisation_blocking(
        &self,
        reach: Reach,
        content: OrganisationContent,
        expected: Expected,
        now: DateTime<Utc>,
        fresh: fn() -> Uuid,
    ) -> Result<Edited<StoredOrganisation, Refusal>, StoreError> {
        self.write_blocking(move |connection| put(connection, reach, content, expected, now, fresh))
    }
}

fn find(connection: &mut AnyConnection, slug: &Slug) -> Result<Option<StoredOrganisation>, StoreError> {
    let row = organisations::table.filter(organisations::slug.eq(slug.as_str())).select(OrganisationRow::as_select());
    row.first(connection).optional()?.map(OrganisationRow::read).transpose()
}

/// An organisation by its id.
pub(crate) fn by_id(
    connection: &mut AnyConnection,
    id: OrganisationId,
) -> Result<Option<StoredOrganisation>, StoreError> {
    let row = organisations::table.find(Id::from(id)).select(OrganisationRow::as_select());
    row.first(connection).optional()?.map(OrganisationRow::read).transpose()
}

fn list(
    connection: &mut AnyConnection,
    reach: Reach,
    status: Option<OrganisationStatus>,
    request: PageRequest,
) -> Result<Page<StoredOrganisation>, StoreError> {
    let mut query = organisations::table.select(OrganisationRow::as_select()).into_boxed();
    if let Reach::Organisation(id) = reach {
        query = query.filter(organisations::id.eq(Id::from(id)));
    }
    if let Some(status) = status {
        query = query.filter(organisations::status.eq(status.as_str()));
    }
    let rows: Vec<OrganisationRow> = page!(query, organisations, request).load(connection)?;
    let cursor = |row: &OrganisationRow| Cursor { created_at: row.created_at.time(), id: row.id.0 };
    Page::of(rows, request, cursor).try_map(OrganisationRow::read)
}

fn put(
    connection: &mut AnyConnection,
    reach: Reach,
    content: OrganisationContent,
    expected: Expected,
    now: DateTime<Utc>,
    fresh: fn() -> Uuid,
) -> Result<Edited<StoredOrganisation, Refusal>, StoreError> {
    Snapshot::Campaigns.lock(connection)?;
    let before = find(connection, &content.slug)?;
    if before.as_ref().is_some_and(|stored| !reach.covers(stored.organisation.id)) {
        return Ok(Edited::Taken);
    }
    if !expected.fits(before.as_ref().map(|stored| stored.revision)) {
        return Ok(Edited::Stale(before.map(|stored| stored.revision)));
    }
    if sending_domain_is_taken(connection, &content)? {
        let flaw = Flaw::new("sending_domain_taken", "is the sending domain of another organisation");
        return Ok(Edited::Refused(FieldErrors::one("/sending_domain", flaw).into()));
    }
    match before {
        Some(stored) if stored.organisation.content == content => Ok(Edited::Done(stored)),
        Some(stored) => change(connection, &stored, content, now, fresh),
        None => create(connection, reach, &content, now, fresh),
    }
}

/// True if another organisation sends from the same domain. The caller holds the lock of the campaigns' snapshot, so two changes
/// cannot both take a domain.
fn sending_domain_is_taken(connection: &mut AnyConnection, content: &OrganisationContent) -> Result<bool, StoreError> {
    if content.sending_domain.is_none() {
        return Ok(false);
    }
    let others = organisations::table.filter(organisations::slug.ne(content.slug.as_str()));
    let rows: Vec<OrganisationRow> = others.select(OrganisationRow::as_select()).load(connection)?;
    for row in rows {
        if row.read()?.organisation.content.sending_domain == content.sending_domain {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Only the operator makes organisations, or a token of one that is still to be made.
fn create(
    connection: &mut AnyConnection,
    reach: Reach,
    content: &OrganisationContent,
    now: DateTime<Utc>,
    fresh: fn() -> Uuid,
) -> Result<Edited<StoredOrganisation, Refusal>, StoreError> {
    let id = match reach {
        Reach::All => OrganisationId::new(fresh()),
        Reach::Organisation(id) => id,
    };
    let taken: i64 = organisations::table.filter(organisations::id.eq(Id::from(id))).count().get_result(connection)?;
    if taken > 0 {
        return Ok(Edited::Unknown);
    }
    let row = OrganisationRow {
        id: id.into(),
        slug: content.slug.to_string(),
        content: Json::of(content)?,
        revision: 1,
        created_at: now.into(),
        updated_at: now.into(),
        status: OrganisationStatus::Active.to_string(),
    };
    diesel::insert_into(organisations::table).values(&row).execute(connection)?;
    Snapshot::Campaigns.bump(connection)?;
    row.read().map(Edited::Created)
}

fn change(
    connection: &mut AnyConnection,
    stored: &StoredOrganisation,
    content: OrganisationContent,
    now: DateTime<Utc>,
    fresh: fn() -> Uuid,
) -> Result<Edited<StoredOrganisation, Refusal>, StoreError> {
    let organisation = Organisation { content, ..stored.organisation.clone() };
    if let Err(refusal) = campaigns::follow_organisation(connection, &stored.organisation, &organisation, now, fresh)? {
        return Ok(Edited::Refused(refusal));
    }
    let revision = stored.revision + 1;
    diesel::update(organisations::table.find(Id::from(organisation.id)))
        .set((
            organisations::content.eq(Json::of(&organisation.content)?),
            organisations::revision.eq(revision),
            organisations::updated_at.eq(At::new(now)),
        ))
        .execute(connection)?;
    Snapshot::Campaigns.bump(connection)?;
    let (created_at, updated_at) = (stored.created_at, At::new(now).time());
    Ok(Edited::Done(StoredOrganisation { organisation, revision, created_at, updated_at }))
}

fn transition(
    connection: &mut AnyConnection,
    slug: &Slug,
    to: OrganisationStatus,
    now: DateTime<Utc>,
) -> Result<Edited<StoredOrganisation, Refusal>, StoreError> {
    Snapshot::Campaigns.lock(connection)?;
    let Some(stored) = find(connection, slug)? else { return Ok(Edited::Unknown) };
    let id = stored.organisation.id;
    if stored.organisation.status == to {
        return Ok(Edited::Done(stored));
    }
    let running = campaigns::count_running(connection, id)?;
    if to == OrganisationStatus::Archived && running > 0 {
        return Ok(Edited::Refused(Refusal::CampaignsRunning(running)));
    }
    diesel::update(organisations::table.find(Id::from(id)))
        .set((
            organisations::status.eq(to.as_str()),
            organisations::revision.eq(stored.revision + 1),
            organisations::updated_at.eq(At::new(now)),
        ))
        .execute(connection)?;
    Snapshot::Campaigns.bump(connection)?;
    Ok(by_id(connection, id)?.map_or(Edited::Unknown, Edited::Done))
}
