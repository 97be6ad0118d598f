//! Erasure of a person (UK GDPR 17, B8): who they are and what they wrote goes from every table, in one transaction.
//!
//! What stays says nothing by which the person could be found: the ledgers as evidence, the counts with the rows that they are made of, and
//! the keyed hash of an address that nothing may be sent to. The registry in [`personal_data`](crate::personal_data) says which column is
//! which, and a test holds this module against it.

#[cfg(test)]
mod tests;

use crate::audit::{self, Actor};
use crate::confirmations::Waiting;
use crate::connection::AnyConnection;
use crate::deliveries::{OffQueue, binds};
use crate::personal_data::attribute;
use crate::preferences::find;
use crate::schema::{actions, deliveries, idempotency_keys, mails, preference_changes};
use crate::tallies::{self, Deltas, TallyRow};
use crate::types::{At, Id, Json};
use crate::{Reach, Store, StoreError, confirmations, reviews, rights_requests, suppressions};
use chrono::{DateTime, TimeDelta, Utc};
use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_types::Text;
use postbag_domain::delivery::DeliveryCommand;
use postbag_domain::{ActionStatus, AuditAction, DeliveryState, EmailAddress, OrganisationId, SupporterId, TallyDelta};
use uuid::Uuid;

/// How old an action is of which no answer is kept any more: keys end after two days, and a server that was down takes them away late.
const KEPT_ANSWERS: TimeDelta = TimeDelta::days(14);

/// An erasure to carry out.
#[derive(Clone, Debug)]
pub struct Erasure {
    /// The key and the hash under which the address is suppressed from now on, if it is.
    pub suppression: Option<(String, Vec<u8>)>,
    /// Who does it.
    pub actor: Actor,
    /// True if a member of staff does it, false if the person does.
    pub by_staff: bool,
}

/// A person who was erased.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Erased {
    /// How many times they had taken part.
    pub actions: usize,
    /// How many of their letters had not left, and never will.
    pub cancelled: usize,
    /// The ids of all their letters and mails, by which copies outside the database are found.
    pub letters_and_mails: Vec<Uuid>,
    /// The counts that changed.
    pub tallies: Vec<TallyRow>,
}

impl Store {
    /// Erases a supporter within reach; `None` if there is none, or none any more. [`Store::truncate_log`] is to follow.
    pub async fn erase_supporter(
        &self,
        reach: Reach,
        supporter: SupporterId,
        erasure: Erasure,
    ) -> Result<Option<Erased>, StoreError> {
        let messages = self.messages();
        self.write(move |connection| {
            attribute(connection, &messages, reach, supporter)?;
            erase(connection, reach, supporter, &erasure)
        })
        .await
    }
}

pub(crate) fn erase(
    connection: &mut AnyConnection,
    reach: Reach,
    supporter: SupporterId,
    erasure: &Erasure,
) -> Result<Option<Erased>, StoreError> {
    let Some((organisation, email_key)) = find(connection, reach, supporter)? else { return Ok(None) };
    if EmailAddress::parse(&email_key).is_err() {
        return Ok(None);
    }
    let (person, now) = (Id::from(supporter), erasure.actor.now);
    let whose = OrganisationId::from(organisation);
    if let Some((key_id, hash)) = &erasure.suppression {
        suppressions::add(connection, whose, key_id, hash, now)?;
    }
    // First, so that what is approved this moment is an action by now, or never will be.
    reviews::forget(connection, person, now)?;
    let mut deltas = Deltas::default();
    expire_waiting(connection, person, now, &mut deltas)?;
    let acted = actions_of(connection, person)?;
    let ids: Vec<Id> = acted.iter().map(|(id, _)| *id).collect();
    let cancelled = cancel_letters(connection, &ids, now, &mut deltas)?;
    empty_actions(connection, person)?;
    forget_answers(connection, &acted, now)?;
    let mails = mails_of(connection, person, &ids)?;
    empty_mails(connection, &mails, now)?;
    empty_notes(connection, (organisation, person))?;
    rights_requests::forget(connection, person, &erasure.actor)?;
    confirmations::forget(connection, person)?;
    if erasure.by_staff {
        let about = (Some(whose), supporter.uuid());
        audit::note(connection, &erasure.actor, AuditAction::EraseSupporter, about, None)?;
    }
    Ok(Some(Erased {
        actions: ids.len(),
        cancelled,
        letters_and_mails: letters_of(connection, &ids)?.into_iter().chain(mails).map(|id| id.0).collect(),
        tallies: tallies::apply(connection, &deltas)?,
    }))
}

/// Ends what waits for a confirmation as if its time were over.
fn expire_waiting(
    connection: &mut AnyConnection,
    person: Id,
    now: DateTime<Utc>,
    deltas: &mut Deltas,
) -> Result<(), StoreError> {
    let waiting: Vec<Waiting> = actions::table
        .filter(actions::supporter_id.eq(person))
        .filter(actions::status.eq(ActionStatus::AwaitingConfirmation.as_str()))
        .select((actions::id, actions::campaign_id, actions::supporter_id, actions::is_test))
        .load(connection)?;
    waiting.iter().try_for_each(|row| confirmations::expire_one(connection, row, now, deltas))
}

type Letter = (Id, Id, Id, String, Option<String>, bool, Option<Id>);

/// Cancels the letters that have not begun to leave. One that is on its way cannot be called back.
fn cancel_letters(
    connection: &mut AnyConnection,
    actions: &[Id],
    now: DateTime<Utc>,
    deltas: &mut Deltas,
) -> Result<usize, StoreError> {
    let open = DeliveryState::ALL.iter().filter(|state| DeliveryCommand::Cancel.event(**state).is_some());
    let letters: Vec<Letter> = deliveries::table
        .filter(deliveries::action_id.eq_any(actions))
        .filter(deliveries::state.eq_any(open.map(|state| state.as_str())))
        .select((
            deliveries::id,
            deliveries::campaign_id,
            deliveries::representative_id,
            deliveries::state,
            deliveries::held_for,
            deliveries::is_test,
            deliveries::repeat_of,
        ))
        .load(connection)?;
    let mut cancelled = 0;
    for (id, campaign, representative, state, held_for, is_test, repeat_of) in letters {
        // A worker may have begun it since it was read.
        let still = deliveries::id.eq(id).and(deliveries::state.eq(&state));
        let changed = diesel::update(deliveries::table.filter(still))
            .set(OffQueue::in_state(DeliveryState::Cancelled, now))
            .execute(connection)?;
        cancelled += changed;
        if changed > 0 && !is_test && repeat_of.is_none() && binds(held_for.as_deref()) {
            let before = state.parse().map_err(|_flaw| StoreError::corrupt("deliveries", "state", id))?;
            let delta = TallyDelta::message(Some(before), DeliveryState::Cancelled, representative.into());
            deltas.merge(campaign.into(), delta);
        }
    }
    Ok(cancelled)
}

/// The person's actions, and when each was accepted.
fn actions_of(connection: &mut AnyConnection, person: Id) -> Result<Vec<(Id, At)>, StoreError> {
    let theirs = actions::table.filter(actions::supporter_id.eq(person));
    Ok(theirs.select((actions::id, actions::created_at)).load(connection)?)
}

fn letters_of(connection: &mut AnyConnection, actions: &[Id]) -> Result<Vec<Id>, StoreError> {
    let theirs = deliveries::table.filter(deliveries::action_id.eq_any(actions));
    Ok(theirs.select(deliveries::id).load(connection)?)
}

fn mails_of(connection: &mut AnyConnection, person: Id, actions: &[Id]) -> Result<Vec<Id>, StoreError> {
    let about_actions = mails::table.filter(mails::action_id.eq_any(actions)).select(mails::id);
    let about_person = mails::supporter_id.eq(person).and(mails::action_id.is_null());
    let mut ids: Vec<Id> = about_actions.load(connection)?;
    ids.extend(mails::table.filter(about_person).select(mails::id).load::<Id>(connection)?);
    Ok(ids)
}

fn empty_notes(connection: &mut AnyConnection, (organisation, person): (Id, Id)) -> Result<(), StoreError> {
    let theirs = preference_changes::organisation_id.eq(organisation).and(preference_changes::supporter_id.eq(person));
    diesel::update(preference_changes::table.filter(theirs))
        .set(preference_changes::note.eq(None::<String>))
        .execute(connection)?;
    Ok(())
}

/// Takes what was typed out of the actions. Their areas and how the person came stay: the counts are made of them.
fn empty_actions(connection: &mut AnyConnection, person: Id) -> Result<(), StoreError> {
    diesel::update(actions::table.filter(actions::supporter_id.eq(person)))
        .set((
            actions::words.eq(Json::of(&None::<()>)?),
            actions::sealed_message.eq(None::<Vec<u8>>),
            actions::unconfirmed_answers.eq(None::<Json>),
            actions::client.eq(None::<Vec<u8>>),
        ))
        .execute(connection)?;
    Ok(())
}

/// Forgets the answers that are kept for forms that send twice. There is no index by the action that an answer is about, so only what is
/// young enough to be kept still is looked for.
fn forget_answers(connection: &mut AnyConnection, acted: &[(Id, At)], now: DateTime<Utc>) -> Result<(), StoreError> {
    let young = acted.iter().filter(|(_, at)| now - at.time() < KEPT_ANSWERS).map(|(id, _)| id.to_string());
    let young: Vec<String> = young.collect();
    if !young.is_empty() {
        let about = sql::<Text>("answer ->> 'id'").eq_any(young);
        diesel::delete(idempotency_keys::table.filter(about)).execute(connection)?;
    }
    Ok(())
}

/// Cancels the mails that wait, and forgets the inbox of all of them.
fn empty_mails(connection: &mut AnyConnection, ids: &[Id], now: DateTime<Utc>) -> Result<(), StoreError> {
    let waiting = mails::available_at.is_not_null().and(mails::state.ne(DeliveryState::Sending.as_str()));
    diesel::update(mails::table.filter(mails::id.eq_any(ids)).filter(waiting))
        .set((
            mails::state.eq(DeliveryState::Cancelled.as_str()),
            mails::available_at.eq(None::<At>),
            mails::lease_token.eq(None::<Id>),
            mails::updated_at.eq(At::new(now)),
        ))
        .execute(connection)?;
    let theirs = mails::table.filter(mails::id.eq_any(ids));
    diesel::update(theirs).set(mails::mailbox.eq(Vec::<u8>::new())).execute(connection)?;
    Ok(())
}
