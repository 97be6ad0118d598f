//! Stops, and what they hold back.
//!
//! Those of sending are read where an attempt begins, so that nothing begins after a stop has been answered. What is held back waits as at a
//! cap, and leaves the queue to others. Those of submissions are in every server's memory within a second.

#[cfg(test)]
mod tests;

use crate::audit::{self, Actor};
use crate::connection::AnyConnection;
use crate::paces;
use crate::revisions::{Loaded, Snapshot};
use crate::schema::{campaigns, stops};
use crate::statement::Statement;
use crate::types::{At, Id, Json, Uid};
use crate::{Reach, Store, StoreError, on_backend};
use diesel::prelude::*;
use diesel::sql_types::Text;
use postbag_domain::delivery::{PaceKey, Stop, Stopped, StoppedWork, Stops};
use postbag_domain::{AuditAction, CampaignStatus, DomainName, OrganisationId, StopId, Wordings};
use uuid::Uuid;

/// A stop to be made.
#[derive(Clone, Debug)]
pub struct NewStop {
    /// What is stopped.
    pub stopped: Stopped,
    /// The work that is held back; as before, or else what is usual, if absent.
    pub work: Option<StoppedWork>,
    /// What the public reads of it; as before if absent.
    pub notice: Option<Wordings>,
    /// Why, for other administrators.
    pub note: String,
}

impl Store {
    /// Every stop, in the order of making.
    pub async fn stops(&self) -> Result<Vec<Stop>, StoreError> {
        self.read(list).await
    }

    /// The stops within reach and those that concern everybody, in the order of making.
    pub async fn stops_within(&self, reach: Reach) -> Result<Vec<Stop>, StoreError> {
        self.read(move |connection| {
            let mut within = Vec::new();
            for stop in list(connection)? {
                let owner = owner(connection, &stop.stopped)?;
                within.extend(owner.is_none_or(|owner| reach.covers(owner)).then_some(stop));
            }
            Ok(within)
        })
        .await
    }

    /// Every stop, as servers keep them in memory.
    pub async fn load_stops(&self) -> Result<Loaded<Stops>, StoreError> {
        self.read_snapshot(|connection| {
            let revision = Snapshot::Stops.revision(connection)?;
            Ok(Loaded { revision, value: Stops::new(list(connection)?) })
        })
        .await
    }

    /// Stops something, and answers true if it was not stopped before. One that is there already holds back this work from now on. Nothing if
    /// the operator has stopped it and the caller is an organisation.
    pub async fn stop(&self, reach: Reach, new: NewStop, actor: Actor) -> Result<Option<(Stop, bool)>, StoreError> {
        self.write(move |connection| stop(connection, reach, &new, &actor)).await
    }

    /// Lifts a stop that the caller made, or any for the operator; false if there is none. What it held back is due at once.
    pub async fn resume(&self, reach: Reach, id: StopId, actor: Actor) -> Result<bool, StoreError> {
        self.write(move |connection| resume(connection, reach, id, &actor)).await
    }
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = stops)]
struct Row {
    id: Id,
    scope: String,
    subject_id: Id,
    domain: Option<String>,
    work: String,
    notice: Option<Json>,
    note: String,
    made_by: Option<Id>,
    created_by: String,
    created_at: At,
}

impl Row {
    fn read(self) -> Result<Stop, StoreError> {
        let corrupt = |column| StoreError::corrupt("stops", column, self.id);
        let scope = self.scope.parse().map_err(|_flaw| corrupt("scope"))?;
        let domain = self.domain.map(|domain| DomainName::parse(&domain)).transpose();
        let domain = domain.map_err(|_flaw| corrupt("domain"))?;
        let notice = self.notice.map(|notice| notice.read("stops", "notice", self.id)).transpose()?;
        Ok(Stop {
            id: self.id.into(),
            stopped: Stopped::of(scope, self.subject_id.0, domain).ok_or_else(|| corrupt("domain"))?,
            work: self.work.parse().map_err(|_flaw| corrupt("work"))?,
            notice,
            note: self.note,
            made_by: self.made_by.map(OrganisationId::from),
            created_by: self.created_by,
            created_at: self.created_at.time(),
        })
    }
}

fn list(connection: &mut AnyConnection) -> Result<Vec<Stop>, StoreError> {
    let rows: Vec<Row> =
        stops::table.order((stops::created_at, stops::id)).select(Row::as_select()).load(connection)?;
    rows.into_iter().map(Row::read).collect()
}

fn find(connection: &mut AnyConnection, stopped: &Stopped) -> Result<Option<Stop>, StoreError> {
    let query = stops::table.select(Row::as_select()).into_boxed();
    let query = match (stopped.subject(), stopped.domain()) {
        (Some(subject), _) => query.filter(stops::subject_id.eq(Id(subject))),
        (None, domain) => query.filter(stops::domain.eq(domain.map(DomainName::as_str))),
    };
    query.first(connection).optional()?.map(Row::read).transpose()
}

/// The organisation of a caller; nothing for the operator.
const fn organisation_of(reach: Reach) -> Option<OrganisationId> {
    match reach {
        Reach::Organisation(id) => Some(id),
        Reach::All => None,
    }
}

/// True if a caller may change or lift what somebody has stopped.
fn may_change(reach: Reach, stop: &Stop) -> bool {
    organisation_of(reach).is_none_or(|own| stop.made_by == Some(own))
}

fn stop(
    connection: &mut AnyConnection,
    reach: Reach,
    new: &NewStop,
    actor: &Actor,
) -> Result<Option<(Stop, bool)>, StoreError> {
    // Two that stop the same thing follow one another.
    Snapshot::Stops.lock(connection)?;
    let before = find(connection, &new.stopped)?;
    let Some(before) = before else {
        insert(connection, reach, new, actor)?;
        return stored(connection, &new.stopped, true).map(Some);
    };
    if !may_change(reach, &before) {
        return Ok(None);
    }
    let work = new.work.unwrap_or(before.work);
    let notice = new.notice.clone().or_else(|| before.notice.clone());
    if before.work == work && before.notice == notice {
        return Ok(Some((before, false)));
    }
    update(connection, reach, &before, (new, work, notice.as_ref()), actor)?;
    stored(connection, &new.stopped, false).map(Some)
}

/// The stop as it is stored now, which every server is to follow.
fn stored(connection: &mut AnyConnection, stopped: &Stopped, is_new: bool) -> Result<(Stop, bool), StoreError> {
    Snapshot::Stops.bump(connection)?;
    let stop = find(connection, stopped)?.ok_or_else(|| StoreError::backend("the stop was not stored"))?;
    Ok((stop, is_new))
}

fn insert(connection: &mut AnyConnection, reach: Reach, new: &NewStop, actor: &Actor) -> Result<(), StoreError> {
    let id = StopId::new((actor.fresh)());
    let subject = new.stopped.subject().unwrap_or(id.uuid());
    let work = new.work.unwrap_or(new.stopped.usual_work());
    diesel::insert_into(stops::table)
        .values((
            stops::id.eq(Id::from(id)),
            stops::scope.eq(new.stopped.scope().as_str()),
            stops::subject_id.eq(Id(subject)),
            stops::domain.eq(new.stopped.domain().map(DomainName::as_str)),
            stops::work.eq(work.as_str()),
            stops::notice.eq(new.notice.as_ref().map(Json::of).transpose()?),
            stops::note.eq(&new.note),
            stops::made_by.eq(organisation_of(reach).map(Id::from)),
            stops::created_by.eq(&actor.name),
            stops::created_at.eq(At::new(actor.now)),
        ))
        .execute(connection)?;
    let about = (owner(connection, &new.stopped)?, subject);
    note_each(connection, actor, about, [(work, true)], Some(&text(new)))
}

/// What the audit says of it: a domain has no other name there.
fn text(new: &NewStop) -> String {
    new.stopped.domain().map_or_else(|| new.note.clone(), |domain| format!("{domain}: {}", new.note))
}

fn update(
    connection: &mut AnyConnection,
    reach: Reach,
    before: &Stop,
    (new, work, notice): (&NewStop, StoppedWork, Option<&Wordings>),
    actor: &Actor,
) -> Result<(), StoreError> {
    diesel::update(stops::table.find(Id::from(before.id)))
        .set((
            stops::work.eq(work.as_str()),
            stops::notice.eq(notice.map(Json::of).transpose()?),
            stops::note.eq(&new.note),
            stops::made_by.eq(organisation_of(reach).map(Id::from)),
            stops::created_by.eq(&actor.name),
        ))
        .execute(connection)?;
    let subject = new.stopped.subject().unwrap_or(before.id.uuid());
    if !work.stops_sending() {
        paces::look_again(connection, &PaceKey::stop(subject), actor.now)?;
    }
    let changes = [(before.work, false), (work, true)];
    let about = (owner(connection, &new.stopped)?, subject);
    note_each(connection, actor, about, changes, Some(&text(new)))
}

/// Notes in the audit which work was stopped, and which goes on.
fn note_each(
    connection: &mut AnyConnection,
    actor: &Actor,
    about: (Option<OrganisationId>, Uuid),
    changes: impl IntoIterator<Item = (StoppedWork, bool)>,
    text: Option<&str>,
) -> Result<(), StoreError> {
    for (work, stops) in changes {
        let sending = if stops { AuditAction::StopSending } else { AuditAction::ResumeSending };
        let submissions = if stops { AuditAction::StopSubmissions } else { AuditAction::ResumeSubmissions };
        for (holds, action) in [(work.stops_sending(), sending), (work.stops_submissions(), submissions)] {
            if holds {
                audit::note(connection, actor, action, about, text)?;
            }
        }
    }
    Ok(())
}

fn resume(connection: &mut AnyConnection, reach: Reach, id: StopId, actor: &Actor) -> Result<bool, StoreError> {
    let row: Option<Row> = stops::table.find(Id::from(id)).select(Row::as_select()).first(connection).optional()?;
    let Some(stop) = row.map(Row::read).transpose()? else { return Ok(false) };
    if !may_change(reach, &stop) {
        return Ok(false);
    }
    let owner = owner(connection, &stop.stopped)?;
    diesel::delete(stops::table.find(Id::from(id))).execute(connection)?;
    Snapshot::Stops.bump(connection)?;
    let subject = stop.stopped.subject().unwrap_or(id.uuid());
    paces::look_again(connection, &PaceKey::stop(subject), actor.now)?;
    note_each(connection, actor, (owner, subject), [(stop.work, false)], None)?;
    Ok(true)
}

/// Whose a stop is; nothing for what is the operator's.
fn owner(connection: &mut AnyConnection, stopped: &Stopped) -> Result<Option<OrganisationId>, StoreError> {
    match stopped {
        Stopped::Organisation(id) => Ok(Some(*id)),
        Stopped::Campaign(id) => {
            let found: Option<Id> =
                campaigns::table.find(Id::from(*id)).select(campaigns::organisation_id).first(connection).optional()?;
            Ok(found.map(OrganisationId::from))
        }
        Stopped::Everything | Stopped::Representative(_) | Stopped::Domain(_) => Ok(None),
    }
}

/// True if a stop holds back the mails of an organisation, or those of a campaign. Letters are asked for where they begin.
pub(crate) fn holds_mails(
    connection: &mut AnyConnection,
    organisation: Id,
    campaign: Option<Id>,
) -> Result<bool, StoreError> {
    const SQL: &str = "SELECT subject_id FROM stops WHERE work <> 'submissions' AND subject_id IN (?, ?, ?)";
    let found: Option<(Id,)> = on_backend!(connection, c => {
        Statement::<_, (Uid,)>::new(SQL)
            .bind::<Uid, _>(Id(Uuid::nil()))
            .bind::<Uid, _>(organisation)
            .bind::<Uid, _>(campaign.unwrap_or(organisation))
            .get_result(c)
            .optional()
    })?;
    Ok(found.is_some())
}

/// True as long as a stop or a paused campaign of this id holds messages back.
pub(crate) fn still_holds(connection: &mut AnyConnection, subject: Uuid) -> Result<bool, StoreError> {
    const SQL: &str = "\
        SELECT subject_id FROM stops WHERE work <> 'submissions' AND subject_id = ?
        UNION ALL SELECT id FROM campaigns WHERE id = ? AND status = ?";
    let found: Option<(Id,)> = on_backend!(connection, c => {
        Statement::<_, (Uid,)>::new(SQL)
            .bind::<Uid, _>(Id(subject))
            .bind::<Uid, _>(Id(subject))
            .bind::<Text, _>(CampaignStatus::Paused.as_str())
            .get_result(c)
            .optional()
    })?;
    Ok(found.is_some())
}
