//! The end of actions that nobody confirmed: what was typed with them is deleted (B16).

use crate::StoreError;
use crate::connection::AnyConnection;
use crate::mails;
use crate::schema::{actions, deliveries, preference_changes, supporters};
use crate::tallies::{self, Deltas, TallyRow};
use crate::types::{At, Id, Json};
use chrono::{DateTime, Utc};
use diesel::dsl::exists;
use diesel::prelude::*;
use postbag_domain::confirmation::CONFIRMATION_PERIOD;
use postbag_domain::{ActionStatus, DeliveryState, TallyDelta, TallyKey, TallyKind};

/// An action that waits: its id, campaign and supporter, and whether it is a test.
pub(crate) type Waiting = (Id, Id, Id, bool);

pub(super) fn expire(
    connection: &mut AnyConnection,
    now: DateTime<Utc>,
    limit: u32,
) -> Result<(usize, Vec<TallyRow>), StoreError> {
    let over = actions::table
        .filter(actions::status.eq(ActionStatus::AwaitingConfirmation.as_str()))
        .filter(actions::created_at.le(At::new(now - CONFIRMATION_PERIOD)))
        .order((actions::created_at, actions::id))
        .limit(limit.into())
        .select((actions::id, actions::campaign_id, actions::supporter_id, actions::is_test));
    let rows: Vec<Waiting> = over.load(connection)?;
    let mut deltas = Deltas::default();
    for row in &rows {
        expire_one(connection, row, now, &mut deltas)?;
    }
    Ok((rows.len(), tallies::apply(connection, &deltas)?))
}

/// Expires one action, if it still waits.
pub(crate) fn expire_one(
    connection: &mut AnyConnection,
    (id, campaign, supporter, is_test): &Waiting,
    now: DateTime<Utc>,
    deltas: &mut Deltas,
) -> Result<(), StoreError> {
    // It may have been confirmed since it was read.
    if empty(connection, *id)? == 0 {
        return Ok(());
    }
    cancel_messages(connection, *id, now)?;
    let_go(connection, (*id, *campaign, *supporter), now)?;
    if !is_known(connection, *supporter)? {
        forget(connection, *supporter)?;
    }
    let mut delta = TallyDelta::new();
    delta.add(TallyKey::total(TallyKind::AwaitingConfirmation), if *is_test { 0 } else { -1 });
    deltas.merge((*campaign).into(), delta);
    Ok(())
}

/// Lets the mails that ask for an action ask for another that waits, or ends them. The action itself does not wait any more.
pub(crate) fn let_go(
    connection: &mut AnyConnection,
    (action, campaign, supporter): (Id, Id, Id),
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    match newest_waiting(connection, (campaign, supporter))? {
        Some(next) => mails::pass_on(connection, action, next),
        None => mails::cancel_waiting(connection, (campaign, supporter), now),
    }
}

/// Deletes what was typed with an action that nobody confirmed before it was struck out.
pub(crate) fn empty_invalid(connection: &mut AnyConnection, action: Id, now: DateTime<Utc>) -> Result<(), StoreError> {
    let emptied = set_empty(connection, action, ActionStatus::Invalidated, ActionStatus::Invalidated)?;
    if emptied > 0 {
        cancel_messages(connection, action, now)?;
    }
    Ok(())
}

/// Takes everything personal out of the action; what is left says that there was one, and that it expired.
fn empty(connection: &mut AnyConnection, id: Id) -> Result<usize, StoreError> {
    set_empty(connection, id, ActionStatus::AwaitingConfirmation, ActionStatus::Expired)
}

fn set_empty(
    connection: &mut AnyConnection,
    id: Id,
    before: ActionStatus,
    after: ActionStatus,
) -> Result<usize, StoreError> {
    let nothing: Option<()> = None;
    let still = actions::id.eq(id).and(actions::status.eq(before.as_str()));
    let emptied = diesel::update(actions::table.filter(still))
        .set((
            actions::status.eq(after.as_str()),
            actions::words.eq(Json::of(&nothing)?),
            actions::sealed_message.eq(None::<Vec<u8>>),
            actions::areas.eq(Json::of::<[()]>(&[])?),
            actions::unconfirmed_answers.eq(None::<Json>),
            actions::client.eq(None::<Vec<u8>>),
        ))
        .execute(connection)?;
    Ok(emptied)
}

/// Cancels the messages; `held_for` still says what they waited for.
fn cancel_messages(connection: &mut AnyConnection, action: Id, now: DateTime<Utc>) -> Result<(), StoreError> {
    diesel::update(deliveries::table.filter(deliveries::action_id.eq(action)))
        .set((deliveries::state.eq(DeliveryState::Cancelled.as_str()), deliveries::updated_at.eq(At::new(now))))
        .execute(connection)?;
    Ok(())
}

/// The newest action of a person in a campaign that still waits.
fn newest_waiting(connection: &mut AnyConnection, (campaign, supporter): (Id, Id)) -> Result<Option<Id>, StoreError> {
    let newest = actions::table
        .filter(actions::supporter_id.eq(supporter).and(actions::campaign_id.eq(campaign)))
        .filter(actions::status.eq(ActionStatus::AwaitingConfirmation.as_str()))
        .order((actions::created_at.desc(), actions::id.desc()))
        .select(actions::id);
    Ok(newest.first(connection).optional()?)
}

/// True if the person has an action that has not expired, or has said what they wish: an objection is not forgotten with a form that
/// somebody filled in (B7).
fn is_known(connection: &mut AnyConnection, supporter: Id) -> Result<bool, StoreError> {
    let acted = actions::supporter_id.eq(supporter).and(actions::status.ne(ActionStatus::Expired.as_str()));
    if diesel::select(exists(actions::table.filter(acted))).get_result(connection)? {
        return Ok(true);
    }
    let organisation: Id = supporters::table.find(supporter).select(supporters::organisation_id).first(connection)?;
    let changed =
        preference_changes::organisation_id.eq(organisation).and(preference_changes::supporter_id.eq(supporter));
    Ok(diesel::select(exists(preference_changes::table.filter(changed))).get_result(connection)?)
}

/// SQL that is true for a person who has not been forgotten.
pub(crate) const IS_KNOWN: &str = "substr(supporters.email_key, 1, 10) <> 'forgotten '";

/// Takes the address out of a person's row. Their actions still point to it.
pub(crate) fn forget(connection: &mut AnyConnection, supporter: Id) -> Result<(), StoreError> {
    diesel::update(supporters::table.filter(supporters::id.eq(supporter)))
        .set(supporters::email_key.eq(format!("forgotten {supporter}")))
        .execute(connection)?;
    Ok(())
}
