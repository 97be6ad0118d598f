//! What is left of invalidations goes with what it is about.

use crate::confirmations;
use crate::connection::AnyConnection;
use crate::schema::{actions, alarms, invalidated_actions, invalidations};
use crate::types::{At, Id, Json};
use crate::{Store, StoreError};
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use postbag_domain::confirmation::CONFIRMATION_PERIOD;
use postbag_domain::{ActionStatus, Conditions, Cutoffs, InvalidationState, OrganisationId};

/// The states in which nothing is done any more unless somebody says so.
const AT_REST: [&str; 4] = [
    InvalidationState::Ready.as_str(),
    InvalidationState::Cancelled.as_str(),
    InvalidationState::Done.as_str(),
    InvalidationState::Undone.as_str(),
];

impl Store {
    /// Deletes what up to `limit` people typed who never confirmed it and whose action was struck out, once nobody could confirm it any more
    /// (B16). Returns how many it found.
    pub async fn delete_unconfirmed_invalid(
        &self,
        organisation: OrganisationId,
        now: DateTime<Utc>,
        limit: u32,
    ) -> Result<usize, StoreError> {
        // The organisation's actions are read for it, so no writer waits.
        let ids = self.read(move |connection| unconfirmed(connection, organisation, now, limit)).await?;
        if ids.is_empty() {
            return Ok(0);
        }
        self.write(move |connection| {
            for id in &ids {
                confirmations::empty_invalid(connection, *id, now)?;
            }
            Ok(ids.len())
        })
        .await
    }

    /// Deletes the alarms and the invalidations that have been kept for long enough, and the clients that younger ones looked for.
    pub async fn forget_invalidations(&self, organisation: OrganisationId, cutoffs: Cutoffs) -> Result<(), StoreError> {
        self.write(move |connection| forget(connection, organisation.into(), cutoffs)).await
    }
}

fn unconfirmed(
    connection: &mut AnyConnection,
    organisation: OrganisationId,
    now: DateTime<Utc>,
    limit: u32,
) -> Result<Vec<Id>, StoreError> {
    let over = actions::table
        .filter(actions::organisation_id.eq(Id::from(organisation)))
        .filter(actions::status.eq(ActionStatus::Invalidated.as_str()).and(actions::confirmed_at.is_null()))
        .filter(actions::created_at.le(At::new(now - CONFIRMATION_PERIOD)))
        .filter(actions::words.ne(Json::of(&None::<()>)?));
    Ok(over.limit(limit.into()).select(actions::id).load(connection)?)
}

fn forget(connection: &mut AnyConnection, organisation: Id, cutoffs: Cutoffs) -> Result<(), StoreError> {
    let ended = alarms::organisation_id.eq(organisation).and(alarms::ended_at.le(At::new(cutoffs.clients)));
    diesel::delete(alarms::table.filter(ended)).execute(connection)?;
    let at_rest = invalidations::organisation_id.eq(organisation).and(invalidations::state.eq_any(AT_REST));
    let old = at_rest.and(invalidations::updated_at.le(At::new(cutoffs.identities)));
    let old: Vec<Id> = invalidations::table.filter(old).select(invalidations::id).load(connection)?;
    diesel::delete(invalidated_actions::table.filter(invalidated_actions::invalidation_id.eq_any(&old)))
        .execute(connection)?;
    diesel::delete(invalidations::table.filter(invalidations::id.eq_any(&old))).execute(connection)?;
    let at_rest = invalidations::organisation_id.eq(organisation).and(invalidations::state.eq_any(AT_REST));
    let younger = at_rest.and(invalidations::created_at.le(At::new(cutoffs.clients)));
    let rows: Vec<(Id, Json)> =
        invalidations::table.filter(younger).select((invalidations::id, invalidations::conditions)).load(connection)?;
    for (id, conditions) in rows {
        let conditions: Conditions = conditions.read("invalidations", "conditions", id)?;
        diesel::update(invalidations::table.find(id))
            .set(invalidations::conditions.eq(Json::of(&conditions.without_clients())?))
            .execute(connection)?;
    }
    Ok(())
}
