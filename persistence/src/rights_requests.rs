//! Requests about people's data, and complaints, with their clocks (B9, B10).

#[cfg(test)]
mod tests;

use crate::audit::{self, Actor};
use crate::connection::AnyConnection;
use crate::page::page;
use crate::preferences::find_by_email;
use crate::schema::rights_requests;
use crate::types::{At, Id};
use crate::words::Messages;
use crate::{Cursor, Edited, Expected, Page, PageRequest, Reach, Store, StoreError};
use chrono::{DateTime, TimeDelta, Utc};
use diesel::prelude::*;
use postbag_domain::{
    AuditAction, EmailAddress, Flaw, Means, OrganisationId, RequestId, RequestKind, RequestStatus, RequestStep,
    RequestWords, RightsRequest, StaffNote, SupporterId,
};

/// A request to record.
#[derive(Clone, Debug)]
pub struct NewRequest {
    /// Its identity.
    pub id: RequestId,
    /// Whose data it is about: the controller.
    pub organisation_id: OrganisationId,
    /// What it asks for, and since when its clock runs.
    pub request: RightsRequest,
    /// How it was made.
    pub means: Means,
    /// Where to answer. The supporter with this address, if there is one, is whom it is about.
    pub contact: EmailAddress,
    /// What the person wrote.
    pub words: Option<RequestWords>,
    /// A note for other staff.
    pub note: Option<StaffNote>,
}

/// A request as stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredRequest {
    /// Its identity.
    pub id: RequestId,
    /// The controller.
    pub organisation_id: OrganisationId,
    /// The person, if they are known; a complaint from the web is attributed within seconds.
    pub supporter_id: Option<SupporterId>,
    /// Its clock.
    pub request: RightsRequest,
    /// How it was made.
    pub means: Means,
    /// Where to answer; nothing once the person was erased.
    pub contact: Option<EmailAddress>,
    /// What the person wrote.
    pub words: Option<RequestWords>,
    /// The last note of staff.
    pub note: Option<StaffNote>,
    /// The subject of the token that it was recorded with.
    pub recorded_by: Option<String>,
    /// Counts its changes.
    pub revision: i64,
}

/// Which requests are wanted; an absent part wants all.
#[derive(Clone, Copy, Debug, Default)]
pub struct RequestFilter {
    /// Only of this kind.
    pub kind: Option<RequestKind>,
    /// Only of this status.
    pub status: Option<RequestStatus>,
    /// Only of this person.
    pub supporter_id: Option<SupporterId>,
}

impl Store {
    /// Records a request. One that staff record is in the audit.
    pub async fn record_request(&self, new: NewRequest, actor: Actor) -> Result<(), StoreError> {
        let messages = self.messages();
        self.write(move |connection| record(connection, &messages, &new, &actor)).await
    }

    /// Requests within reach, newest first.
    pub async fn list_requests(
        &self,
        reach: Reach,
        filter: RequestFilter,
        page: PageRequest,
    ) -> Result<Page<StoredRequest>, StoreError> {
        let messages = self.messages();
        self.read(move |connection| list(connection, &messages, reach, filter, page)).await
    }

    /// One request within reach.
    pub async fn request(&self, reach: Reach, id: RequestId) -> Result<Option<StoredRequest>, StoreError> {
        let messages = self.messages();
        self.read(move |connection| find(connection, &messages, reach, id)).await
    }

    /// Takes a step with a request, for the audit with its note; refused if the step does not fit.
    pub async fn step_request(
        &self,
        reach: Reach,
        id: RequestId,
        (step, note): (RequestStep, Option<StaffNote>),
        expected: Expected,
        actor: Actor,
    ) -> Result<Edited<StoredRequest, Flaw>, StoreError> {
        let messages = self.messages();
        self.write(move |connection| {
            let Some(stored) = find(connection, &messages, reach, id)? else { return Ok(Edited::Unknown) };
            if !expected.fits(Some(stored.revision)) {
                return Ok(Edited::Stale(Some(stored.revision)));
            }
            match stored.request.after(step, actor.now) {
                Err(flaw) => Ok(Edited::Refused(flaw)),
                Ok(after) => take(connection, stored, after, note, &actor),
            }
        })
        .await
    }

    /// Looks for the supporters of up to `limit` complaints from the web. Returns how many it took.
    pub async fn attribute_requests(&self, now: DateTime<Utc>, limit: u16) -> Result<usize, StoreError> {
        if self.read(none_to_attribute).await? {
            return Ok(0);
        }
        let messages = self.messages();
        self.write(move |connection| attribute(connection, &messages, now, limit)).await
    }

    /// The clocks of all requests that are not closed.
    pub async fn open_requests(&self) -> Result<Vec<RightsRequest>, StoreError> {
        self.read(|connection| {
            let open = rights_requests::table.filter(rights_requests::closed_at.is_null());
            let rows: Vec<Row> = open.select(Row::as_select()).load(connection)?;
            rows.iter().map(Row::clock).collect()
        })
        .await
    }
}

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = rights_requests, treat_none_as_default_value = false)]
struct Row {
    id: Id,
    organisation_id: Id,
    supporter_id: Option<Id>,
    kind: String,
    means: String,
    status: String,
    sealed_contact: Option<Vec<u8>>,
    sealed_words: Option<Vec<u8>>,
    note: Option<String>,
    recorded_by: Option<String>,
    acknowledged_at: Option<At>,
    paused_at: Option<At>,
    pause_reason: Option<String>,
    paused_seconds: i64,
    closed_at: Option<At>,
    attributed_at: Option<At>,
    revision: i64,
    created_at: At,
}

/// Sets the columns of a clock.
macro_rules! clock {
    ($request:expr) => {{
        let request: RightsRequest = $request;
        (
            rights_requests::status.eq(request.status.as_str()),
            rights_requests::acknowledged_at.eq(request.acknowledged_at.map(At::new)),
            rights_requests::paused_at.eq(request.paused.map(|(since, _)| At::new(since))),
            rights_requests::pause_reason.eq(request.paused.map(|(_, reason)| reason.as_str())),
            rights_requests::paused_seconds.eq(request.paused_for.num_seconds()),
            rights_requests::closed_at.eq(request.closed_at.map(At::new)),
        )
    }};
}

impl Row {
    fn clock(&self) -> Result<RightsRequest, StoreError> {
        let corrupt = |column| StoreError::corrupt("rights_requests", column, self.id);
        let reason = self.pause_reason.as_deref().map(str::parse).transpose();
        let reason = reason.map_err(|_flaw| corrupt("pause_reason"))?;
        Ok(RightsRequest {
            kind: self.kind.parse().map_err(|_flaw| corrupt("kind"))?,
            status: self.status.parse().map_err(|_flaw| corrupt("status"))?,
            received_at: self.created_at.time(),
            acknowledged_at: self.acknowledged_at.map(At::time),
            paused: self.paused_at.map(At::time).zip(reason),
            paused_for: TimeDelta::seconds(self.paused_seconds),
            closed_at: self.closed_at.map(At::time),
        })
    }

    fn read(self, messages: &Messages) -> Result<StoredRequest, StoreError> {
        let id = self.id;
        let corrupt = |column| StoreError::corrupt("rights_requests", column, id);
        let open = |column, sealed: &Option<Vec<u8>>| {
            let sealed = sealed.as_deref();
            sealed.map(|sealed| messages.open_text(("rights_requests", column), id, sealed)).transpose()
        };
        let contact = open("sealed_contact", &self.sealed_contact)?;
        let contact = contact.map(|text| EmailAddress::parse(&text)).transpose();
        let words = open("sealed_words", &self.sealed_words)?;
        let words = words.map(|text| RequestWords::parse(&text)).transpose();
        let note = self.note.as_deref().map(StaffNote::parse).transpose();
        Ok(StoredRequest {
            id: id.into(),
            organisation_id: self.organisation_id.into(),
            supporter_id: self.supporter_id.map(SupporterId::from),
            request: self.clock()?,
            means: self.means.parse().map_err(|_flaw| corrupt("means"))?,
            contact: contact.map_err(|_flaw| corrupt("sealed_contact"))?,
            words: words.map_err(|_flaw| corrupt("sealed_words"))?,
            note: note.map_err(|_flaw| corrupt("note"))?,
            recorded_by: self.recorded_by,
            revision: self.revision,
        })
    }
}

fn record(
    connection: &mut AnyConnection,
    messages: &Messages,
    new: &NewRequest,
    actor: &Actor,
) -> Result<(), StoreError> {
    let (id, organisation) = (Id::from(new.id), Id::from(new.organisation_id));
    // What comes from the web is attributed afterwards, so that it takes as long for anybody (C23).
    let is_open_to_all = new.means == Means::Form;
    let supporter_id = if is_open_to_all { None } else { find_by_email(connection, organisation, &new.contact.key())? };
    let by_staff = new.means.is_recorded_by_staff();
    let words = new.words.as_ref().map(|words| messages.seal_text(id, words.as_str())).transpose()?;
    let row = Row {
        id,
        organisation_id: organisation,
        supporter_id,
        kind: new.request.kind.to_string(),
        means: new.means.to_string(),
        status: new.request.status.to_string(),
        sealed_contact: Some(messages.seal_text(id, new.contact.as_str())?),
        sealed_words: words,
        note: new.note.as_ref().map(|note| note.as_str().to_owned()),
        recorded_by: by_staff.then(|| actor.name.clone()),
        acknowledged_at: None,
        paused_at: None,
        pause_reason: None,
        paused_seconds: 0,
        closed_at: None,
        attributed_at: (!is_open_to_all).then(|| At::new(actor.now)),
        revision: 1,
        created_at: At::new(new.request.received_at),
    };
    diesel::insert_into(rights_requests::table).values(row).execute(connection)?;
    if by_staff {
        let about = (Some(new.organisation_id), new.id.uuid());
        audit::note(connection, actor, AuditAction::RecordRequest, about, None)?;
    }
    Ok(())
}

fn none_to_attribute(connection: &mut AnyConnection) -> Result<bool, StoreError> {
    let open = rights_requests::table.filter(rights_requests::attributed_at.is_null());
    let first: Option<Id> = open.select(rights_requests::id).first(connection).optional()?;
    Ok(first.is_none())
}

/// Attributes the oldest of what came from the web.
fn attribute(
    connection: &mut AnyConnection,
    messages: &Messages,
    now: DateTime<Utc>,
    limit: u16,
) -> Result<usize, StoreError> {
    let rows: Vec<Row> = rights_requests::table
        .filter(rights_requests::attributed_at.is_null())
        .order(rights_requests::created_at)
        .limit(limit.into())
        .select(Row::as_select())
        .load(connection)?;
    let found = rows.len();
    for row in rows {
        let (id, organisation) = (row.id, row.organisation_id);
        let person = match row.read(messages)?.contact {
            Some(contact) => find_by_email(connection, organisation, &contact.key())?,
            None => None,
        };
        diesel::update(rights_requests::table.find(id))
            .set((rights_requests::supporter_id.eq(person), rights_requests::attributed_at.eq(At::new(now))))
            .execute(connection)?;
    }
    Ok(found)
}

fn list(
    connection: &mut AnyConnection,
    messages: &Messages,
    reach: Reach,
    filter: RequestFilter,
    request: PageRequest,
) -> Result<Page<StoredRequest>, StoreError> {
    let mut query = rights_requests::table.select(Row::as_select()).into_boxed();
    if let Reach::Organisation(id) = reach {
        query = query.filter(rights_requests::organisation_id.eq(Id::from(id)));
    }
    if let Some(kind) = filter.kind {
        query = query.filter(rights_requests::kind.eq(kind.as_str()));
    }
    if let Some(status) = filter.status {
        query = query.filter(rights_requests::status.eq(status.as_str()));
    }
    if let Some(supporter) = filter.supporter_id {
        query = query.filter(rights_requests::supporter_id.eq(Id::from(supporter)));
    }
    let rows: Vec<Row> = page!(query, rights_requests, request).load(connection)?;
    let cursor = |row: &Row| Cursor { created_at: row.created_at.time(), id: row.id.0 };
    Page::of(rows, request, cursor).try_map(|row| row.read(messages))
}

fn find(
    connection: &mut AnyConnection,
    messages: &Messages,
    reach: Reach,
    id: RequestId,
) -> Result<Option<StoredRequest>, StoreError> {
    let found =
        rights_requests::table.find(Id::from(id)).select(Row::as_select()).first::<Row>(connection).optional()?;
    found.filter(|row| reach.covers(row.organisation_id.into())).map(|row| row.read(messages)).transpose()
}

/// Stores the clock after a step, unless the request has changed meanwhile.
fn take(
    connection: &mut AnyConnection,
    stored: StoredRequest,
    after: RightsRequest,
    note: Option<StaffNote>,
    actor: &Actor,
) -> Result<Edited<StoredRequest, Flaw>, StoreError> {
    let note = note.or(stored.note);
    let still = rights_requests::id.eq(Id::from(stored.id)).and(rights_requests::revision.eq(stored.revision));
    let changed = diesel::update(rights_requests::table.filter(still))
        .set((
            clock!(after),
            rights_requests::note.eq(note.as_ref().map(StaffNote::as_str)),
            rights_requests::revision.eq(stored.revision + 1),
        ))
        .execute(connection)?;
    if changed == 0 {
        return Err(StoreError::Contended);
    }
    let about = (Some(stored.organisation_id), stored.id.uuid());
    audit::note(connection, actor, AuditAction::StepRequest, about, None)?;
    Ok(Edited::Done(StoredRequest { request: after, note, revision: stored.revision + 1, ..stored }))
}

/// Empties the requests of a person who is erased, and finishes those that asked for it.
pub(crate) fn forget(connection: &mut AnyConnection, person: Id, actor: &Actor) -> Result<(), StoreError> {
    let theirs = rights_requests::supporter_id.eq(person);
    let rows: Vec<Row> = rights_requests::table.filter(theirs).select(Row::as_select()).load(connection)?;
    for row in rows {
        let before = row.clock()?;
        let is_met = before.kind == RequestKind::Erasure;
        let after = if is_met { before.after(RequestStep::Finish, actor.now).unwrap_or(before) } else { before };
        diesel::update(rights_requests::table.find(row.id))
            .set((
                clock!(after),
                rights_requests::sealed_contact.eq(None::<Vec<u8>>),
                rights_requests::sealed_words.eq(None::<Vec<u8>>),
                rights_requests::note.eq(None::<String>),
                rights_requests::revision.eq(row.revision + 1),
            ))
            .execute(connection)?;
    }
    Ok(())
}
