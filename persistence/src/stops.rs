//! Stops, and what they hold back.
//!
//! They are read where an attempt begins, so that nothing begins after a stop has been answered. What is held back waits as at a cap, and
//! leaves the queue to others.

#[cfg(test)]
mod tests;

use crate::audit::{self, Actor};
use crate::connection::AnyConnection;
use crate::paces;
use crate::schema::stops;
use crate::statement::Statement;
use crate::types::{At, Id, Uid};
use crate::{Reach, Store, StoreError, on_backend};
use diesel::prelude::*;
use diesel::sql_types::Text;
use postbag_domain::delivery::{PaceKey, Stop, Stopped};
use postbag_domain::{AuditAction, CampaignStatus, OrganisationId, StopId};
use uuid::Uuid;

impl Store {
    /// Every stop, in the order of making.
    pub async fn stops(&self) -> Result<Vec<Stop>, StoreError> {
        self.read(list).await
    }

    /// Stops something; the stop that there is already, and true if it is new.
    pub async fn stop_sending(&self, stopped: Stopped, note: String, actor: Actor) -> Result<(Stop, bool), StoreError> {
        self.write(move |connection| stop(connection, stopped, &note, &actor)).await
    }

    /// Lifts a stop that the caller may lift; false if there is none. What it held back is due at once.
    pub async fn resume_sending(&self, reach: Reach, id: StopId, actor: Actor) -> Result<bool, StoreError> {
        self.write(move |connection| resume(connection, reach, id, &actor)).await
    }
}

type Row = (Id, String, Id, String, String, At);

fn read((id, scope, subject, note, created_by, created_at): Row) -> Result<Stop, StoreError> {
    let scope = scope.parse().map_err(|_flaw| StoreError::corrupt("stops", "scope", id))?;
    let stopped = Stopped::of(scope, subject.0);
    Ok(Stop { id: id.into(), stopped, note, created_by, created_at: created_at.time() })
}

fn list(connection: &mut AnyConnection) -> Result<Vec<Stop>, StoreError> {
    let rows: Vec<Row> = stops::table.order((stops::created_at, stops::id)).load(connection)?;
    rows.into_iter().map(read).collect()
}

fn stop(
    connection: &mut AnyConnection,
    stopped: Stopped,
    note: &str,
    actor: &Actor,
) -> Result<(Stop, bool), StoreError> {
    let id = StopId::new((actor.fresh)());
    let row = (
        stops::id.eq(Id::from(id)),
        stops::scope.eq(stopped.scope().as_str()),
        stops::subject_id.eq(Id(stopped.subject())),
        stops::note.eq(note),
        stops::created_by.eq(&actor.name),
        stops::created_at.eq(At::new(actor.now)),
    );
    let added = on_backend!(connection, c => {
        diesel::insert_into(stops::table).values(row).on_conflict_do_nothing().execute(c)
    })?;
    if added > 0 {
        let about = (owner(stopped), stopped.subject());
        audit::note(connection, actor, AuditAction::StopSending, about, Some(note))?;
    }
    let row: Row = stops::table.filter(stops::subject_id.eq(Id(stopped.subject()))).first(connection)?;
    Ok((read(row)?, added > 0))
}

fn resume(connection: &mut AnyConnection, reach: Reach, id: StopId, actor: &Actor) -> Result<bool, StoreError> {
    let row: Option<Row> = stops::table.find(Id::from(id)).first(connection).optional()?;
    let Some(stop) = row.map(read).transpose()? else { return Ok(false) };
    let may_lift = match (reach, owner(stop.stopped)) {
        (Reach::All, _) => true,
        (Reach::Organisation(own), Some(owner)) => own == owner,
        (Reach::Organisation(_), None) => false,
    };
    if !may_lift {
        return Ok(false);
    }
    diesel::delete(stops::table.find(Id::from(id))).execute(connection)?;
    let subject = stop.stopped.subject();
    paces::look_again(connection, &PaceKey::stop(subject), actor.now)?;
    audit::note(connection, actor, AuditAction::ResumeSending, (owner(stop.stopped), subject), None)?;
    Ok(true)
}

fn owner(stopped: Stopped) -> Option<OrganisationId> {
    match stopped {
        Stopped::Organisation(id) => Some(id),
        Stopped::Everything | Stopped::Representative(_) => None,
    }
}

/// True if a stop holds back the mails of an organisation. Letters are asked for where they begin.
pub(crate) fn holds_mails(connection: &mut AnyConnection, organisation: Id) -> Result<bool, StoreError> {
    const SQL: &str = "SELECT subject_id FROM stops WHERE subject_id IN (?, ?)";
    let found: Option<(Id,)> = on_backend!(connection, c => {
        Statement::<_, (Uid,)>::new(SQL)
            .bind::<Uid, _>(Id(Uuid::nil()))
            .bind::<Uid, _>(organisation)
            .get_result(c)
            .optional()
    })?;
    Ok(found.is_some())
}

/// True as long as a stop or a paused campaign of this id holds messages back.
pub(crate) fn still_holds(connection: &mut AnyConnection, subject: Uuid) -> Result<bool, StoreError> {
    const SQL: &str = "\
        SELECT subject_id FROM stops WHERE subject_id = ?
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
