//! What has been kept for as long as its organisation keeps it: counted for a dry run, and deleted (B11).

#[cfg(test)]
mod tests;

use crate::audit::Actor;
use crate::confirmations::IS_KNOWN;
use crate::connection::AnyConnection;
use crate::deliveries::Whose;
use crate::erasure::{self, Erased, Erasure};
use crate::schema::{actions, deliveries, organisations, preference_changes, rights_requests, supporters};
use crate::types::{At, Id};
use crate::{Reach, Store, StoreError, preferences};
use diesel::dsl::{exists, not, sql};
use diesel::prelude::*;
use diesel::sql_types::Bool;
use postbag_domain::{
    ActionStatus, Cutoffs, DeliveryState, EmailAddress, OrganisationContent, OrganisationId, RetentionRules, Standing,
    SupporterId,
};

/// What stands in the place of a sealed message that was deleted, so that no letter leaves without it.
pub(crate) const DELETED: &[u8] = &[];

/// How much is due.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RetentionDue {
    /// Personal messages.
    pub messages: i64,
    /// People.
    pub identities: i64,
}

/// Actions of an organisation whose message is due: each of its letters has been taken or cancelled for long enough, or has failed for longer.
macro_rules! due_messages {
    ($organisation:expr, $cutoffs:expr) => {{
        let cutoffs: Cutoffs = $cutoffs;
        let failed: Vec<_> = DeliveryState::ALL.iter().filter(|state| state.is_failure()).map(|s| s.as_str()).collect();
        let kept = deliveries::table.filter(deliveries::action_id.eq(actions::id)).filter(
            deliveries::state
                .eq_any(Whose::Waiting.states())
                .or(deliveries::updated_at.gt(At::new(cutoffs.messages)))
                .or(deliveries::state.eq_any(failed).and(deliveries::updated_at.gt(At::new(cutoffs.failed_messages)))),
        );
        actions::table
            .filter(actions::organisation_id.eq(Id::from($organisation)))
            .filter(actions::sealed_message.is_not_null().and(actions::sealed_message.ne(DELETED)))
            .filter(actions::created_at.le(At::new(cutoffs.messages)))
            .filter(actions::status.ne(ActionStatus::AwaitingConfirmation.as_str()))
            .filter(not(exists(kept)))
    }};
}

/// People of an organisation who have not taken part or changed anything for long enough, and wait for no answer.
macro_rules! due_people {
    ($organisation:expr, $cutoffs:expr) => {{
        let cutoff = At::new($cutoffs.identities);
        let acted =
            actions::table.filter(actions::supporter_id.eq(supporters::id)).filter(actions::created_at.gt(cutoff));
        let changed = preference_changes::table
            .filter(preference_changes::organisation_id.eq(Id::from($organisation)))
            .filter(preference_changes::supporter_id.eq(supporters::id))
            .filter(preference_changes::created_at.gt(cutoff));
        let asks = rights_requests::table
            .filter(rights_requests::supporter_id.eq(supporters::id.nullable()))
            .filter(rights_requests::closed_at.is_null());
        supporters::table
            .filter(supporters::organisation_id.eq(Id::from($organisation)))
            .filter(supporters::created_at.le(cutoff))
            .filter(sql::<Bool>(IS_KNOWN))
            .filter(not(exists(acted)))
            .filter(not(exists(changed)))
            .filter(not(exists(asks)))
    }};
}

impl Store {
    /// Each organisation with its rules.
    pub async fn retention_rules(&self) -> Result<Vec<(OrganisationId, RetentionRules)>, StoreError> {
        self.read(rules).await
    }

    /// How much of an organisation's data is due.
    pub async fn retention_due(
        &self,
        organisation: OrganisationId,
        cutoffs: Cutoffs,
    ) -> Result<RetentionDue, StoreError> {
        self.read_snapshot(move |connection| {
            Ok(RetentionDue {
                messages: due_messages!(organisation, cutoffs).count().get_result(connection)?,
                identities: due_people!(organisation, cutoffs).count().get_result(connection)?,
            })
        })
        .await
    }

    /// Deletes up to `limit` messages that are due. Returns how many it found.
    pub async fn delete_due_messages(
        &self,
        organisation: OrganisationId,
        cutoffs: Cutoffs,
        limit: u32,
    ) -> Result<usize, StoreError> {
        let due = move |connection: &mut AnyConnection| {
            let due = due_messages!(organisation, cutoffs).limit(limit.into()).select(actions::id);
            Ok(due.load::<Id>(connection)?)
        };
        // The whole table is read for it, so no writer waits.
        let ids = self.read(due).await?;
        if ids.is_empty() {
            return Ok(0);
        }
        self.write(move |connection| delete_messages(connection, organisation, cutoffs, &ids)).await
    }

    /// Deletes of which clients up to `limit` actions came, where that is due. Returns how many it found.
    pub async fn forget_clients(
        &self,
        organisation: OrganisationId,
        cutoffs: Cutoffs,
        limit: u32,
    ) -> Result<usize, StoreError> {
        self.write(move |connection| forget_clients(connection, organisation, cutoffs, limit)).await
    }

    /// Erases up to `limit` people who are due. `hash` gives the key and the hash under which an address is suppressed, for those who object
    /// to direct marketing.
    pub async fn erase_due_people(
        &self,
        organisation: OrganisationId,
        cutoffs: Cutoffs,
        (limit, actor): (u32, Actor),
        hash: impl Fn(&EmailAddress) -> (String, Vec<u8>) + Send + 'static,
    ) -> Result<Vec<Erased>, StoreError> {
        let due = move |connection: &mut AnyConnection| {
            let due = due_people!(organisation, cutoffs).limit(limit.into()).select(supporters::id);
            Ok(due.load::<Id>(connection)?)
        };
        let ids = self.read(due).await?;
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        self.write(move |connection| erase_people(connection, organisation, cutoffs, &ids, &actor, hash)).await
    }
}

fn rules(connection: &mut AnyConnection) -> Result<Vec<(OrganisationId, RetentionRules)>, StoreError> {
    let rows: Vec<(Id, crate::types::Json)> =
        organisations::table.select((organisations::id, organisations::content)).load(connection)?;
    let read = |(id, content): (Id, crate::types::Json)| {
        let content: OrganisationContent = content.read("organisations", "content", id)?;
        Ok((id.into(), content.retention))
    };
    rows.into_iter().map(read).collect()
}

fn delete_messages(
    connection: &mut AnyConnection,
    organisation: OrganisationId,
    cutoffs: Cutoffs,
    found: &[Id],
) -> Result<usize, StoreError> {
    // A letter may have been put back since they were found.
    let still = due_messages!(organisation, cutoffs).filter(actions::id.eq_any(found)).select(actions::id);
    let ids: Vec<Id> = still.load(connection)?;
    diesel::update(actions::table.filter(actions::id.eq_any(&ids)))
        .set(actions::sealed_message.eq(DELETED))
        .execute(connection)?;
    Ok(ids.len())
}

fn forget_clients(
    connection: &mut AnyConnection,
    organisation: OrganisationId,
    cutoffs: Cutoffs,
    limit: u32,
) -> Result<usize, StoreError> {
    let due = actions::table
        .filter(actions::organisation_id.eq(Id::from(organisation)))
        .filter(actions::client.is_not_null().and(actions::created_at.le(At::new(cutoffs.clients))));
    let ids: Vec<Id> = due.limit(limit.into()).select(actions::id).load(connection)?;
    let forgotten = actions::table.filter(actions::id.eq_any(&ids));
    diesel::update(forgotten).set(actions::client.eq(None::<Vec<u8>>)).execute(connection)?;
    Ok(ids.len())
}

fn erase_people(
    connection: &mut AnyConnection,
    organisation: OrganisationId,
    cutoffs: Cutoffs,
    found: &[Id],
    actor: &Actor,
    hash: impl Fn(&EmailAddress) -> (String, Vec<u8>),
) -> Result<Vec<Erased>, StoreError> {
    // Somebody may have taken part since they were found.
    let still = due_people!(organisation, cutoffs).filter(supporters::id.eq_any(found)).select(supporters::id);
    let ids: Vec<Id> = still.load(connection)?;
    let (mut all, reach) = (Vec::with_capacity(ids.len()), Reach::Organisation(organisation));
    for id in ids {
        let suppression = suppression(connection, id, &hash)?;
        let erasure = Erasure { suppression, actor: actor.clone(), by_staff: false };
        all.extend(erasure::erase(connection, reach, SupporterId::from(id), &erasure)?);
    }
    Ok(all)
}

/// What an objection to direct marketing leaves behind.
fn suppression(
    connection: &mut AnyConnection,
    person: Id,
    hash: impl Fn(&EmailAddress) -> (String, Vec<u8>),
) -> Result<Option<(String, Vec<u8>)>, StoreError> {
    let ledger = preferences::load_ledger(connection, Reach::All, person.into(), |_email_key| Vec::new())?;
    let Some(ledger) = ledger else { return Ok(None) };
    let objections = ledger.objections.iter().map(preferences::StoredObjection::entry).collect();
    let is_absolute = Standing::new(Vec::new(), objections, false).outlives_erasure();
    Ok(ledger.address.as_ref().filter(|_| is_absolute).map(hash))
}
