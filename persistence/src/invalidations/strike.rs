//! Striking one action out.

use super::{FOUND, Found};
use crate::actions::Counted;
use crate::connection::AnyConnection;
use crate::deliveries::{OffQueue, binds};
use crate::schema::{actions, deliveries, invalidated_actions, invalidations, supporters};
use crate::tallies::Deltas;
use crate::types::{At, Id, Uid};
use crate::{StoreError, confirmations};
use chrono::{DateTime, Utc};
use diesel::dsl::{exists, sql};
use diesel::prelude::*;
use diesel::sql_types::{Bool, Nullable};
use postbag_domain::{
    ActionStatus, DeliveryState, HeldFor, InvalidationState, Office, RepresentativeId, TallyDelta, TallyKey, TallyKind,
};

/// A message of an action.
pub(super) struct Message {
    pub(super) id: Id,
    pub(super) representative_id: RepresentativeId,
    pub(super) office: Office,
    pub(super) state: DeliveryState,
    pub(super) held_for: Option<String>,
    pub(super) repeat_of: Option<Id>,
}

impl Message {
    /// True if later messages of the person to the same representative repeat it, and it is counted.
    fn is_first(&self) -> bool {
        self.repeat_of.is_none() && binds(self.held_for.as_deref())
    }
}

/// Holds back everything else that could change whether these actions' people are counted, in the order in which submissions meet people.
pub(super) fn lock_people(connection: &mut AnyConnection, found: &[Found]) -> Result<(), StoreError> {
    // SQLite has one writer at a time.
    if let AnyConnection::Postgres(c) = connection {
        let acted = actions::table
            .filter(actions::id.eq_any(found.iter().map(|found| found.action)))
            .select(actions::supporter_id);
        let _people: Vec<Id> = supporters::table
            .filter(supporters::id.eq_any(acted))
            .order((supporters::organisation_id, supporters::email_key))
            .select(supporters::id)
            .for_update()
            .load(c)?;
    }
    Ok(())
}

/// Strikes an action out: it counts nowhere, and its letters that have not begun to leave do not. What was sent stays as it was.
pub(super) fn strike(
    connection: &mut AnyConnection,
    found: Found,
    now: DateTime<Utc>,
    deltas: &mut Deltas,
) -> Result<Option<ActionStatus>, StoreError> {
    let Some(action) = find(connection, found.action)? else { return Ok(None) };
    let before = action.status()?;
    if !before.may_become(ActionStatus::Invalidated) {
        return Ok(None);
    }
    if !mark(connection, action.id, (before, ActionStatus::Invalidated), false)? {
        return Err(StoreError::Contended);
    }
    let messages = messages(connection, action.id)?;
    let written = messages.iter().map(|message| (message.office, message.representative_id));
    let mut delta = TallyDelta::new();
    delta.take_back(action.tally(before, action.first_of_supporter, written)?);
    if before == ActionStatus::AwaitingConfirmation {
        cancel_unconfirmed(connection, action.id, now)?;
        confirmations::let_go(connection, (action.id, action.campaign_id, action.supporter_id), now)?;
    } else {
        for message in &messages {
            delta.merge(cancel(connection, message, now)?);
        }
        if action.first_of_supporter && count_by_another(connection, &action)? {
            delta.add(TallyKey::total(TallyKind::Supporters), 1);
        }
    }
    deltas.merge(action.campaign_id.into(), delta);
    Ok(Some(before))
}

pub(super) fn find(connection: &mut AnyConnection, action: Id) -> Result<Option<Counted>, StoreError> {
    Ok(actions::table.find(action).select(Counted::as_select()).first(connection).optional()?)
}

/// Moves the action from one status to another; false if it has changed since it was read.
pub(super) fn mark(
    connection: &mut AnyConnection,
    action: Id,
    (before, after): (ActionStatus, ActionStatus),
    first_of_supporter: bool,
) -> Result<bool, StoreError> {
    let still = actions::id.eq(action).and(actions::status.eq(before.as_str()));
    let marked = diesel::update(actions::table.filter(still))
        .set((actions::status.eq(after.as_str()), actions::first_of_supporter.eq(first_of_supporter)))
        .execute(connection)?;
    Ok(marked > 0)
}

pub(super) fn messages(connection: &mut AnyConnection, action: Id) -> Result<Vec<Message>, StoreError> {
    type Row = (Id, Id, String, String, Option<String>, Option<Id>);
    let rows: Vec<Row> = deliveries::table
        .filter(deliveries::action_id.eq(action))
        .order(deliveries::id)
        .select((
            deliveries::id,
            deliveries::representative_id,
            deliveries::office,
            deliveries::state,
            deliveries::held_for,
            deliveries::repeat_of,
        ))
        .load(connection)?;
    let read = |(id, representative, office, state, held_for, repeat_of): Row| {
        let corrupt = |column| StoreError::corrupt("deliveries", column, id);
        Ok(Message {
            id,
            representative_id: representative.into(),
            office: office.parse().map_err(|_flaw| corrupt("office"))?,
            state: state.parse().map_err(|_flaw| corrupt("state"))?,
            held_for,
            repeat_of,
        })
    };
    rows.into_iter().map(read).collect()
}

/// Cancels a message that has not begun to leave, as if it had never been confirmed: it binds nobody and is not counted. One of which it is
/// not known whether it left is not tried again. Answers what that changes in the counts.
fn cancel(connection: &mut AnyConnection, message: &Message, now: DateTime<Utc>) -> Result<TallyDelta, StoreError> {
    let nothing = TallyDelta::new();
    let end = match message.state {
        DeliveryState::Held | DeliveryState::Queued | DeliveryState::TemporaryFailure => DeliveryState::Cancelled,
        DeliveryState::Uncertain => DeliveryState::Uncertain,
        DeliveryState::Sending
        | DeliveryState::Accepted
        | DeliveryState::AssumedDelivered
        | DeliveryState::PermanentFailure
        | DeliveryState::TechnicalFailure
        | DeliveryState::Cancelled => return Ok(nothing),
    };
    let held_for = match end {
        DeliveryState::Cancelled => Some(HeldFor::Confirmation.as_str()),
        _ => message.held_for.as_deref(),
    };
    // A worker that has claimed it and not begun finds it changed.
    let still = deliveries::id
        .eq(message.id)
        .and(deliveries::state.eq(message.state.as_str()))
        .and(sql::<Bool>("deliveries.repeat_of IS NOT DISTINCT FROM ").bind::<Nullable<Uid>, _>(message.repeat_of));
    let changed = diesel::update(deliveries::table.filter(still))
        .set((OffQueue::in_state(end, now), deliveries::held_for.eq(held_for)))
        .execute(connection)?;
    if changed == 0 {
        return Err(StoreError::Contended);
    }
    if end != DeliveryState::Cancelled || !message.is_first() {
        return Ok(nothing);
    }
    wake_repeats(connection, message.id, now)?;
    let mut delta = nothing;
    delta.take_back(TallyDelta::message(None, message.state, message.representative_id));
    Ok(delta)
}

/// Cancels a message that was being sent when its action was struck out. Answers what that changes in the counts.
pub(crate) fn cancel_late(
    connection: &mut AnyConnection,
    id: Id,
    action: Id,
    now: DateTime<Utc>,
) -> Result<TallyDelta, StoreError> {
    let message = messages(connection, action)?.into_iter().find(|message| message.id == id);
    message.map_or(Ok(TallyDelta::new()), |message| cancel(connection, &message, now))
}

/// Lets the repeats of a message look at once what has become of it.
fn wake_repeats(connection: &mut AnyConnection, first: Id, now: DateTime<Utc>) -> Result<(), StoreError> {
    let waiting = deliveries::repeat_of.eq(first).and(deliveries::available_at.is_not_null());
    diesel::update(deliveries::table.filter(waiting))
        .set(deliveries::available_at.eq(At::new(now)))
        .execute(connection)?;
    Ok(())
}

/// Cancels the messages of an action that nobody confirmed: they bound nobody and were not counted.
fn cancel_unconfirmed(connection: &mut AnyConnection, action: Id, now: DateTime<Utc>) -> Result<(), StoreError> {
    let held = deliveries::action_id.eq(action).and(deliveries::state.eq(DeliveryState::Held.as_str()));
    diesel::update(deliveries::table.filter(held))
        .set((deliveries::state.eq(DeliveryState::Cancelled.as_str()), deliveries::updated_at.eq(At::new(now))))
        .execute(connection)?;
    Ok(())
}

/// Counts the person by another action of theirs; false if they have none.
fn count_by_another(connection: &mut AnyConnection, action: &Counted) -> Result<bool, StoreError> {
    // Without an order in SQL, for which SQLite would read the whole campaign.
    let others: Vec<(At, Id)> = actions::table
        .filter(actions::supporter_id.eq(action.supporter_id).and(actions::campaign_id.eq(action.campaign_id)))
        .filter(actions::status.eq(ActionStatus::Confirmed.as_str()).and(actions::is_test.eq(false)))
        .select((actions::created_at, actions::id))
        .load(connection)?;
    let other = others.into_iter().min().map(|(_, id)| id);
    let Some(other) = other else { return Ok(false) };
    diesel::update(actions::table.find(other)).set(actions::first_of_supporter.eq(true)).execute(connection)?;
    Ok(true)
}

/// True if an invalidation that runs now will strike the action out.
pub(crate) fn is_about_to_be_struck(connection: &mut AnyConnection, action: Id) -> Result<bool, StoreError> {
    let found = invalidated_actions::table
        .inner_join(invalidations::table.on(invalidations::id.eq(invalidated_actions::invalidation_id)))
        .filter(invalidated_actions::action_id.eq(action).and(invalidated_actions::standing.eq(FOUND)))
        .filter(invalidations::state.eq(InvalidationState::Running.as_str()));
    Ok(diesel::select(exists(found)).get_result(connection)?)
}
