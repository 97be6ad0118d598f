//! Looking for the actions that conditions describe.

use super::{FOUND, become_state};
use crate::StoreError;
use crate::connection::AnyConnection;
use crate::retention::DELETED;
use crate::schema::{actions, deliveries, invalidated_actions, invalidations, supporters};
use crate::types::{At, Id, Json};
use crate::words::Messages;
use chrono::{DateTime, Utc};
use diesel::dsl::count_star;
use diesel::prelude::*;
use postbag_domain::{
    ActionStatus, Candidate, ClientTag, Conditions, DeliveryState, InvalidationId, InvalidationState, Sketch,
};

/// The statuses of actions that can be struck out.
const OPEN: [&str; 2] = [ActionStatus::AwaitingConfirmation.as_str(), ActionStatus::Confirmed.as_str()];

/// A place in the order in which actions are looked at.
type Place = (At, Id);

/// A portion that was looked at.
pub(super) struct Seen {
    organisation: Id,
    /// How far it had been looked before.
    from: Place,
    until: Place,
    looked_at: i64,
    found: Vec<Id>,
    letters: Letters,
    /// True if there may be more.
    goes_on: bool,
}

/// The letters of actions: those that have not left, and those that have or may have.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Letters {
    pub(super) waiting: i64,
    pub(super) sent: i64,
}

#[derive(Queryable)]
struct Row {
    id: Id,
    email_key: String,
    client: Option<Vec<u8>>,
    source: Option<String>,
    created_at: At,
    sealed_message: Option<Vec<u8>>,
}

/// Looks at the next actions; nothing if there is no such invalidation or it does not look for anything now.
pub(super) fn look(
    connection: &mut AnyConnection,
    messages: &Messages,
    id: InvalidationId,
    limit: u32,
) -> Result<Option<Seen>, StoreError> {
    type Stored = (Id, Option<Id>, Json, Place, At);
    let stored: Option<Stored> = invalidations::table
        .find(Id::from(id))
        .filter(invalidations::state.eq(InvalidationState::Counting.as_str()))
        .select((
            invalidations::organisation_id,
            invalidations::campaign_id,
            invalidations::conditions,
            (invalidations::looked_until, invalidations::looked_until_id),
            invalidations::created_at,
        ))
        .first(connection)
        .optional()?;
    let Some((organisation, campaign, conditions, from, made_at)) = stored else { return Ok(None) };
    let conditions: Conditions = conditions.read("invalidations", "conditions", id)?;
    let wanted = Wanted { organisation, campaign, conditions: &conditions, made_at };
    let rows = wanted.rows(connection, from, limit)?;
    let until = rows.last().map_or(from, |last| (last.created_at, last.id));
    let model =
        conditions.like().map(|like| sketch_of(connection, messages, organisation, like.into())).transpose()?.flatten();
    let fits = |row: &&Row| conditions.match_action(&candidate(row, messages, model.as_ref()));
    let found: Vec<Id> = rows.iter().filter(fits).map(|row| row.id).collect();
    Ok(Some(Seen {
        organisation,
        from,
        until,
        looked_at: i64::try_from(rows.len()).unwrap_or(i64::MAX),
        letters: letters(connection, &found)?,
        found,
        goes_on: u32::try_from(rows.len()).is_ok_and(|rows| rows == limit),
    }))
}

/// The actions that are looked at.
struct Wanted<'c> {
    organisation: Id,
    campaign: Option<Id>,
    conditions: &'c Conditions,
    made_at: At,
}

impl Wanted<'_> {
    fn rows(&self, connection: &mut AnyConnection, (at, id): Place, limit: u32) -> Result<Vec<Row>, StoreError> {
        let mut query = actions::table
            .inner_join(supporters::table.on(supporters::id.eq(actions::supporter_id)))
            .filter(actions::organisation_id.eq(self.organisation))
            .filter(actions::status.eq_any(OPEN).and(actions::is_test.eq(false)))
            .filter(actions::created_at.ge(at).and(actions::created_at.gt(at).or(actions::id.gt(id))))
            // What comes in later is not looked for: what was found is all that will be struck out.
            .filter(actions::created_at.le(self.made_at))
            .order((actions::created_at, actions::id))
            .limit(limit.into())
            .select((
                actions::id,
                supporters::email_key,
                actions::client,
                actions::source,
                actions::created_at,
                actions::sealed_message,
            ))
            .into_boxed();
        if let Some(campaign) = self.campaign {
            query = query.filter(actions::campaign_id.eq(campaign));
        }
        if let (_, Some(before)) = self.conditions.period() {
            query = query.filter(actions::created_at.lt(At::new(before)));
        }
        if !self.conditions.ids().is_empty() {
            query = query.filter(actions::id.eq_any(self.conditions.ids().iter().map(|id| Id::from(*id))));
        }
        Ok(query.load(connection)?)
    }
}

fn candidate<'r>(row: &'r Row, messages: &Messages, model: Option<&Sketch>) -> Candidate<'r> {
    let tag = row.client.as_deref().and_then(|tag| tag.try_into().ok());
    Candidate {
        id: row.id.into(),
        email: &row.email_key,
        client: tag.map(ClientTag::new),
        source: row.source.as_deref(),
        created_at: row.created_at.time(),
        is_like: model.is_some_and(|model| {
            let own = sketch(messages, row.id, row.sealed_message.as_deref());
            own.is_some_and(|own| Conditions::are_alike(model, &own))
        }),
    }
}

/// The sketch of an action's message. One that cannot be read is like no other.
fn sketch(messages: &Messages, action: Id, sealed: Option<&[u8]>) -> Option<Sketch> {
    let sealed = sealed.filter(|sealed| *sealed != DELETED)?;
    messages.open_message(action, sealed).ok().and_then(|message| Sketch::of(message.as_str()))
}

/// The sketch of the message of an organisation's action; nothing if there is none, or it is too short.
pub(super) fn sketch_of(
    connection: &mut AnyConnection,
    messages: &Messages,
    organisation: Id,
    action: Id,
) -> Result<Option<Sketch>, StoreError> {
    let own = actions::table.find(action).filter(actions::organisation_id.eq(organisation));
    let sealed: Option<Option<Vec<u8>>> = own.select(actions::sealed_message).first(connection).optional()?;
    Ok(sealed.flatten().and_then(|sealed| sketch(messages, action, Some(&sealed))))
}

pub(super) fn letters(connection: &mut AnyConnection, found: &[Id]) -> Result<Letters, StoreError> {
    let by_state: Vec<(String, i64)> = deliveries::table
        .filter(deliveries::action_id.eq_any(found))
        .filter(deliveries::repeat_of.is_null())
        .group_by(deliveries::state)
        .select((deliveries::state, count_star()))
        .load(connection)?;
    let mut letters = Letters::default();
    for (state, count) in by_state {
        match state.parse().map_err(|_flaw| StoreError::corrupt("deliveries", "state", &state))? {
            DeliveryState::Held | DeliveryState::Queued | DeliveryState::TemporaryFailure => letters.waiting += count,
            DeliveryState::Sending
            | DeliveryState::Uncertain
            | DeliveryState::Accepted
            | DeliveryState::AssumedDelivered => letters.sent += count,
            DeliveryState::PermanentFailure | DeliveryState::TechnicalFailure | DeliveryState::Cancelled => {}
        }
    }
    Ok(letters)
}

/// Notes what was found, unless another node has; true if there may be more.
pub(super) fn note(
    connection: &mut AnyConnection,
    id: InvalidationId,
    seen: &Seen,
    now: DateTime<Utc>,
) -> Result<bool, StoreError> {
    let counting = InvalidationState::Counting;
    let still = invalidations::id
        .eq(Id::from(id))
        .and(invalidations::state.eq(counting.as_str()))
        .and(invalidations::looked_until.eq(seen.from.0))
        .and(invalidations::looked_until_id.eq(seen.from.1));
    let found = i64::try_from(seen.found.len()).unwrap_or(i64::MAX);
    let noted = diesel::update(invalidations::table.filter(still))
        .set((
            invalidations::looked_until.eq(seen.until.0),
            invalidations::looked_until_id.eq(seen.until.1),
            invalidations::looked_at.eq(invalidations::looked_at + seen.looked_at),
            invalidations::found.eq(invalidations::found + found),
            invalidations::letters_waiting.eq(invalidations::letters_waiting + seen.letters.waiting),
            invalidations::letters_sent.eq(invalidations::letters_sent + seen.letters.sent),
            invalidations::updated_at.eq(At::new(now)),
        ))
        .execute(connection)?;
    if noted == 0 {
        return Ok(true);
    }
    for action in &seen.found {
        diesel::insert_into(invalidated_actions::table)
            .values((
                invalidated_actions::organisation_id.eq(seen.organisation),
                invalidated_actions::invalidation_id.eq(Id::from(id)),
                invalidated_actions::action_id.eq(*action),
                invalidated_actions::standing.eq(FOUND),
            ))
            .execute(connection)?;
    }
    if !seen.goes_on {
        become_state(connection, id, (counting, InvalidationState::Ready), now)?;
    }
    Ok(seen.goes_on)
}
