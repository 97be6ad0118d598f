//! Putting one action back.

use super::Found;
use super::strike::{Message, find, mark, messages};
use crate::connection::AnyConnection;
use crate::deliveries::{binds, first_messages};
use crate::mails;
use crate::retention::DELETED;
use crate::schema::{actions, deliveries};
use crate::tallies::Deltas;
use crate::types::{At, Id, Json};
use crate::{StoreError, confirmations};
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use postbag_domain::{ActionStatus, DeliveryState, HeldFor, SupporterWords, TallyDelta};
use std::collections::BTreeMap;

/// Puts an action back to the status it had: it counts again, and the letters that were cancelled with it are due.
pub(super) fn restore(
    connection: &mut AnyConnection,
    found: Found,
    now: DateTime<Utc>,
    deltas: &mut Deltas,
) -> Result<Option<ActionStatus>, StoreError> {
    let (Some(action), Some(after)) = (find(connection, found.action)?, found.status_before) else { return Ok(None) };
    let Some(has_message) = has_message(connection, action.id)? else { return Ok(None) };
    if action.status()? != ActionStatus::Invalidated {
        return Ok(None);
    }
    let is_confirmed = after == ActionStatus::Confirmed;
    let counts = is_confirmed && !confirmations::is_counted(connection, &action)?;
    if !mark(connection, action.id, (ActionStatus::Invalidated, after), counts)? {
        return Err(StoreError::Contended);
    }
    let messages = messages(connection, action.id)?;
    let written = messages.iter().map(|message| (message.office, message.representative_id));
    let mut delta = action.tally(after, counts, written)?;
    if is_confirmed && has_message {
        let firsts = first_messages(connection, action.campaign_id, action.supporter_id)?.into_iter().collect();
        for message in messages.iter().filter(|message| was_cancelled_with_it(message)) {
            delta.merge(queue(connection, message, &firsts, now)?);
        }
    } else if !is_confirmed {
        hold(connection, action.id, now)?;
        mails::ask_again(connection, action.id, now)?;
    }
    deltas.merge(action.campaign_id.into(), delta);
    Ok(Some(after))
}

/// True if its letters can still be written: their message may have been kept for long enough. Nothing of a person who was erased.
fn has_message(connection: &mut AnyConnection, action: Id) -> Result<Option<bool>, StoreError> {
    let (words, sealed): (Json, Option<Vec<u8>>) =
        actions::table.find(action).select((actions::words, actions::sealed_message)).first(connection)?;
    let words: Option<SupporterWords> = words.read("actions", "words", action)?;
    Ok(words.map(|_words| sealed.as_deref() != Some(DELETED)))
}

/// Lets the messages of an action wait for its confirmation again.
fn hold(connection: &mut AnyConnection, action: Id, now: DateTime<Utc>) -> Result<(), StoreError> {
    let cancelled = deliveries::action_id
        .eq(action)
        .and(deliveries::state.eq(DeliveryState::Cancelled.as_str()))
        .and(deliveries::held_for.eq(HeldFor::Confirmation.as_str()));
    diesel::update(deliveries::table.filter(cancelled))
        .set((deliveries::state.eq(DeliveryState::Held.as_str()), deliveries::updated_at.eq(At::new(now))))
        .execute(connection)?;
    Ok(())
}

/// Others were cancelled by hand, or by a rule, and stay so.
fn was_cancelled_with_it(message: &Message) -> bool {
    message.state == DeliveryState::Cancelled && !binds(message.held_for.as_deref())
}

/// Makes a message due, as a repeat where the person has written to the representative since. Answers what that changes in the counts.
fn queue(
    connection: &mut AnyConnection,
    message: &Message,
    firsts: &BTreeMap<Id, Id>,
    now: DateTime<Utc>,
) -> Result<TallyDelta, StoreError> {
    let repeat_of = firsts.get(&message.representative_id.into()).copied();
    confirmations::queue(connection, message.id, repeat_of, now, now)?;
    let queued = || TallyDelta::message(None, DeliveryState::Queued, message.representative_id);
    Ok(if repeat_of.is_none() { queued() } else { TallyDelta::new() })
}
