//! The confirmation of one action, in one transaction.

use crate::StoreError;
use crate::actions::Counted;
use crate::connection::AnyConnection;
use crate::deliveries::{campaign_content, first_messages};
use crate::elsewhere::{self, Elsewhere, OnForm};
use crate::evidence::{self, Answers, Evidence, Given, GivenBy};
use crate::intake::known_or_new;
use crate::mails;
use crate::schema::{actions, deliveries, supporters};
use crate::tallies::{self, Deltas, TallyRow};
use crate::types::{At, Id, Json};
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use postbag_domain::confirmation::confirm_by;
use postbag_domain::{ActionId, ActionStatus, ConfirmedBy, DeliveryState, Office, RepresentativeId, TallyDelta};
use std::collections::BTreeMap;

/// What became of a confirmation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Confirmation {
    /// The action is confirmed now.
    Done,
    /// It was confirmed before; nothing has changed.
    Before,
    /// Its time is over.
    Expired,
    /// There is no such action, or it was taken back since.
    Unknown,
}

#[derive(Queryable)]
struct Row {
    organisation_id: Id,
    counted: Counted,
    origin: Option<String>,
    answers: Option<Json>,
}

/// A message of the action.
struct Message {
    id: Id,
    representative_id: RepresentativeId,
    office: Office,
    /// The earlier message to the same person that it repeats (B33).
    repeat_of: Option<Id>,
}

pub(super) fn confirm(
    connection: &mut AnyConnection,
    id: ActionId,
    by: ConfirmedBy,
    now: DateTime<Utc>,
) -> Result<(Confirmation, Vec<TallyRow>), StoreError> {
    let unchanged = |standing| Ok((standing, Vec::new()));
    let Some(row) = find(connection, id)? else { return unchanged(Confirmation::Unknown) };
    let action = &row.counted;
    match action.status()? {
        ActionStatus::AwaitingConfirmation if now < confirm_by(action.created_at.time()) => {}
        ActionStatus::AwaitingConfirmation | ActionStatus::Expired => return unchanged(Confirmation::Expired),
        ActionStatus::Confirmed => return unchanged(Confirmation::Before),
        ActionStatus::Withdrawn | ActionStatus::Invalidated => return unchanged(Confirmation::Unknown),
    }
    hold_person(connection, action)?;
    let counts = !action.is_test && !is_counted(connection, action)?;
    if !mark(connection, id, by, counts, now)? {
        // Another confirmation of the same action was quicker.
        return unchanged(Confirmation::Before);
    }
    let messages = if action.is_test { Vec::new() } else { messages(connection, action)? };
    let terms = campaign_content(connection, action.campaign_id.into())?;
    for message in &messages {
        let due = terms.as_ref().map_or(now, |terms| terms.leaves_at(message.id.into(), now));
        queue(connection, message.id, message.repeat_of, due, now)?;
    }
    record_answers(connection, id, &row)?;
    mails::cancel_waiting(connection, (action.campaign_id, action.supporter_id), now)?;
    let delta = delta(action, &messages, counts)?;
    let tallies = tallies::apply(connection, &Deltas::one(action.campaign_id.into(), delta))?;
    Ok((Confirmation::Done, tallies))
}

fn find(connection: &mut AnyConnection, id: ActionId) -> Result<Option<Row>, StoreError> {
    let row = actions::table
        .filter(actions::id.eq(Id::from(id)))
        .select((actions::organisation_id, Counted::as_select(), actions::origin, actions::unconfirmed_answers))
        .first(connection)
        .optional()?;
    Ok(row)
}

/// Lets nobody strike this person's actions out before theirs is confirmed.
fn hold_person(connection: &mut AnyConnection, action: &Counted) -> Result<(), StoreError> {
    // SQLite has one writer at a time.
    if let AnyConnection::Postgres(c) = connection {
        let _held: Id = supporters::table.find(action.supporter_id).select(supporters::id).for_key_share().first(c)?;
    }
    Ok(())
}

/// True if an action counts this person in the campaign.
pub(crate) fn is_counted(connection: &mut AnyConnection, action: &Counted) -> Result<bool, StoreError> {
    let theirs = actions::supporter_id.eq(action.supporter_id).and(actions::campaign_id.eq(action.campaign_id));
    let counted: i64 =
        actions::table.filter(theirs.and(actions::first_of_supporter.eq(true))).count().get_result(connection)?;
    Ok(counted > 0)
}

fn mark(
    connection: &mut AnyConnection,
    id: ActionId,
    by: ConfirmedBy,
    first_of_supporter: bool,
    now: DateTime<Utc>,
) -> Result<bool, StoreError> {
    let waiting = actions::id.eq(Id::from(id)).and(actions::status.eq(ActionStatus::AwaitingConfirmation.as_str()));
    let marked = diesel::update(actions::table.filter(waiting))
        .set((
            actions::status.eq(ActionStatus::Confirmed.as_str()),
            actions::first_of_supporter.eq(first_of_supporter),
            actions::confirmed_at.eq(At::new(now)),
            actions::confirmed_by.eq(by.as_str()),
            actions::unconfirmed_answers.eq(None::<Json>),
        ))
        .execute(connection)?;
    Ok(marked > 0)
}

/// The messages of an action, each with the one it repeats.
fn messages(connection: &mut AnyConnection, action: &Counted) -> Result<Vec<Message>, StoreError> {
    let own: Vec<(Id, Id, String)> = deliveries::table
        .filter(deliveries::action_id.eq(action.id))
        .order(deliveries::id)
        .select((deliveries::id, deliveries::representative_id, deliveries::office))
        .load(connection)?;
    let firsts: BTreeMap<Id, Id> =
        first_messages(connection, action.campaign_id, action.supporter_id)?.into_iter().collect();
    let mut messages = Vec::with_capacity(own.len());
    for (message, representative, office) in own {
        messages.push(Message {
            id: message,
            representative_id: representative.into(),
            office: office.parse().map_err(|_flaw| StoreError::corrupt("deliveries", "office", message))?,
            repeat_of: firsts.get(&representative).copied(),
        });
    }
    Ok(messages)
}

/// Makes a message due, as a repeat where there is an earlier one.
pub(crate) fn queue(
    connection: &mut AnyConnection,
    message: Id,
    repeat_of: Option<Id>,
    due: DateTime<Utc>,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    diesel::update(deliveries::table.find(message))
        .set((
            deliveries::state.eq(DeliveryState::Queued.as_str()),
            deliveries::held_for.eq(None::<String>),
            deliveries::repeat_of.eq(repeat_of),
            deliveries::available_at.eq(At::new(due)),
            deliveries::updated_at.eq(At::new(now)),
        ))
        .execute(connection)?;
    Ok(())
}

/// Adds what was answered with the action to the ledgers.
fn record_answers(connection: &mut AnyConnection, id: ActionId, row: &Row) -> Result<(), StoreError> {
    let Some(stored) = &row.answers else { return Ok(()) };
    let answers: Answers = stored.read("actions", "unconfirmed_answers", id)?;
    let given = Given {
        by: GivenBy::Action(id),
        organisation_id: row.organisation_id.into(),
        campaign_id: row.counted.campaign_id.into(),
        supporter_id: row.counted.supporter_id,
        created_at: row.counted.created_at.time(),
    };
    evidence::insert(connection, &[&Evidence::from_answers(&given, &answers.consents, &answers.objections)])?;
    record_elsewhere(connection, row, &answers)
}

/// Adds what was answered to the campaign's other controllers.
fn record_elsewhere(connection: &mut AnyConnection, row: &Row, answers: &Answers) -> Result<(), StoreError> {
    if answers.elsewhere.is_empty() {
        return Ok(());
    }
    let form = OnForm {
        campaign_id: row.counted.campaign_id.into(),
        origin: row.origin.as_deref(),
        created_at: row.counted.created_at.time(),
    };
    let email_key: String =
        supporters::table.find(row.counted.supporter_id).select(supporters::email_key).first(connection)?;
    // In the order in which submissions store supporters.
    let mut by_organisation: Vec<_> = answers.elsewhere.iter().collect();
    by_organisation.sort_by_key(|given| given.organisation_id);
    for given in by_organisation {
        let mut rows = Elsewhere::new(given, form);
        let new = (rows.fresh_supporter, row.counted.created_at);
        rows.belongs_to(known_or_new(connection, rows.organisation_id, &email_key, new)?);
        elsewhere::insert(connection, &[&rows])?;
    }
    Ok(())
}

fn delta(action: &Counted, messages: &[Message], first_of_supporter: bool) -> Result<TallyDelta, StoreError> {
    let written = || messages.iter().map(|message| (message.office, message.representative_id));
    let mut delta = action.tally(ActionStatus::Confirmed, first_of_supporter, written())?;
    delta.take_back(action.tally(ActionStatus::AwaitingConfirmation, first_of_supporter, written())?);
    for message in messages.iter().filter(|message| message.repeat_of.is_none()) {
        delta.merge(TallyDelta::message(None, DeliveryState::Queued, message.representative_id));
    }
    Ok(delta)
}
