//! What administrators did: written with what they did, and never changed.

use crate::connection::AnyConnection;
use crate::page::page;
use crate::schema::audit_entries;
use crate::types::{At, Id};
use crate::{Cursor, Page, PageRequest, Reach, Store, StoreError};
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use postbag_domain::{AuditAction, AuditEntry, AuditEntryId, OrganisationId};
use uuid::Uuid;

/// Who does something, and when.
#[derive(Clone, Debug)]
pub struct Actor {
    /// The subject of their token.
    pub name: String,
    /// The moment.
    pub now: DateTime<Utc>,
    /// A source of fresh ids.
    pub fresh: fn() -> Uuid,
}

/// Which entries are wanted; an absent part wants all.
#[derive(Clone, Copy, Debug, Default)]
pub struct AuditFilter {
    /// About this thing.
    pub subject_id: Option<Uuid>,
    /// Of this kind.
    pub action: Option<AuditAction>,
}

impl Store {
    /// Notes something that was done and changed nothing here.
    pub async fn note_audit(
        &self,
        actor: Actor,
        action: AuditAction,
        organisation: OrganisationId,
        subject: Uuid,
    ) -> Result<(), StoreError> {
        self.write(move |connection| note(connection, &actor, action, (Some(organisation), subject), None)).await
    }

    /// What was done within reach, newest first.
    pub async fn list_audit(
        &self,
        reach: Reach,
        filter: AuditFilter,
        page: PageRequest,
    ) -> Result<Page<AuditEntry>, StoreError> {
        self.read(move |connection| list(connection, reach, filter, page)).await
    }
}

/// Notes what an actor did to something of an organisation, or of everybody.
pub(crate) fn note(
    connection: &mut AnyConnection,
    actor: &Actor,
    action: AuditAction,
    (organisation, subject): (Option<OrganisationId>, Uuid),
    note: Option<&str>,
) -> Result<(), StoreError> {
    diesel::insert_into(audit_entries::table)
        .values((
            audit_entries::id.eq(Id::from(AuditEntryId::new((actor.fresh)()))),
            audit_entries::organisation_id.eq(organisation.map(Id::from)),
            audit_entries::actor.eq(&actor.name),
            audit_entries::action.eq(action.as_str()),
            audit_entries::subject_id.eq(Id(subject)),
            audit_entries::note.eq(note),
            audit_entries::created_at.eq(At::new(actor.now)),
        ))
        .execute(connection)?;
    Ok(())
}

type Row = (Id, Option<Id>, String, String, Id, Option<String>, At);

fn list(
    connection: &mut AnyConnection,
    reach: Reach,
    filter: AuditFilter,
    request: PageRequest,
) -> Result<Page<AuditEntry>, StoreError> {
    let columns = (
        audit_entries::id,
        audit_entries::organisation_id,
        audit_entries::actor,
        audit_entries::action,
        audit_entries::subject_id,
        audit_entries::note,
        audit_entries::created_at,
    );
    let mut query = audit_entries::table.select(columns).into_boxed();
    if let Reach::Organisation(id) = reach {
        query = query.filter(audit_entries::organisation_id.eq(Id::from(id)));
    }
    if let Some(subject) = filter.subject_id {
        query = query.filter(audit_entries::subject_id.eq(Id(subject)));
    }
    if let Some(action) = filter.action {
        query = query.filter(audit_entries::action.eq(action.as_str()));
    }
    let rows: Vec<Row> = page!(query, audit_entries, request).load(connection)?;
    Page::of(rows, request, |row| Cursor { created_at: row.6.time(), id: row.0.0 }).try_map(read)
}

fn read((id, organisation, actor, action, subject, note, at): Row) -> Result<AuditEntry, StoreError> {
    let action = action.parse().map_err(|_flaw| StoreError::corrupt("audit_entries", "action", id))?;
    Ok(AuditEntry {
        id: id.into(),
        organisation_id: organisation.map(OrganisationId::from),
        actor,
        action,
        subject_id: subject.0,
        note,
        at: at.time(),
    })
}
