//! Invalidations: submissions that are looked for, struck out together, and put back.
//!
//! Each portion is a transaction of its own that begins with the row of the invalidation, so that portions of two nodes follow one another
//! and a step such as `cancel` falls between two of them. What an action adds to the counts is taken out in the transaction that strikes it
//! out: a crash anywhere leaves counts that a recount agrees with, and the next round goes on where it ended.

mod look;
mod restore;
mod retention;
mod row;
mod strike;
#[cfg(test)]
mod tests;

pub(crate) use strike::{cancel_late, is_about_to_be_struck};

use crate::audit::{self, Actor};
use crate::connection::AnyConnection;
use crate::page::page;
use crate::schema::{invalidated_actions, invalidations};
use crate::tallies::{self, Deltas, TallyRow};
use crate::types::{At, Id, Json};
use crate::{Cursor, Page, PageRequest, Reach, Store, StoreError};
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use look::Letters;
use postbag_domain::{
    ActionStatus, AuditAction, CampaignId, Conditions, InvalidationId, InvalidationState, InvalidationStep,
    OrganisationId,
};
use row::Row;
use uuid::Uuid;

/// An invalidation to be made.
#[derive(Clone, Debug)]
pub struct NewInvalidation {
    /// Its identity.
    pub id: InvalidationId,
    /// The organisation whose actions it is about.
    pub organisation_id: OrganisationId,
    /// Only of this campaign.
    pub campaign_id: Option<CampaignId>,
    /// What it looks for.
    pub conditions: Conditions,
    /// Why, for other staff.
    pub reason: String,
}

/// An invalidation as stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredInvalidation {
    /// Its identity.
    pub id: InvalidationId,
    /// The organisation whose actions it is about.
    pub organisation_id: OrganisationId,
    /// Only of this campaign.
    pub campaign_id: Option<CampaignId>,
    /// What it looks for.
    pub conditions: Conditions,
    /// Why, for other staff.
    pub reason: String,
    /// Where it stands.
    pub state: InvalidationState,
    /// How many actions it has looked at.
    pub looked_at: i64,
    /// How many it found.
    pub found: i64,
    /// How many of their letters had not left when they were found, or, once it was started, when they were struck out.
    pub letters_waiting: i64,
    /// How many had, or may have.
    pub letters_sent: i64,
    /// How many actions are struck out now.
    pub struck_out: i64,
    /// The subject of the token that it was made with.
    pub created_by: String,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// When it last changed.
    pub updated_at: DateTime<Utc>,
}

/// What became of a step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Stepped {
    /// It was taken.
    Done(Box<StoredInvalidation>),
    /// The state allows no such step.
    NotAllowed(InvalidationState),
    /// There is no such invalidation within reach.
    Unknown,
}

/// The outcome of a portion of work.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Portion {
    /// False once nothing is left to be done for now.
    pub goes_on: bool,
    /// The counts that changed, as they are now.
    pub tallies: Vec<TallyRow>,
}

/// What has been done with an action that was found, as its column says.
const FOUND: &str = "found";
const STRUCK_OUT: &str = "struck_out";
const RESTORED: &str = "restored";
const PASSED_OVER: &str = "passed_over";

impl Store {
    /// Makes an invalidation, which then looks for what it describes; nothing if the organisation has no message that others are to be like.
    pub async fn invalidate(
        &self,
        new: NewInvalidation,
        actor: Actor,
    ) -> Result<Option<StoredInvalidation>, StoreError> {
        let messages = self.messages();
        self.write(move |connection| {
            if let Some(like) = new.conditions.like()
                && look::sketch_of(connection, &messages, new.organisation_id.into(), like.into())?.is_none()
            {
                return Ok(None);
            }
            make(connection, &new, &actor)
        })
        .await
    }

    /// Invalidations within reach, newest first.
    pub async fn list_invalidations(
        &self,
        reach: Reach,
        request: PageRequest,
    ) -> Result<Page<StoredInvalidation>, StoreError> {
        self.read(move |connection| list(connection, reach, request)).await
    }

    /// An invalidation within reach.
    pub async fn invalidation(
        &self,
        reach: Reach,
        id: InvalidationId,
    ) -> Result<Option<StoredInvalidation>, StoreError> {
        self.read(move |connection| find(connection, reach, id)).await
    }

    /// Takes a step with an invalidation.
    pub async fn step_invalidation(
        &self,
        reach: Reach,
        id: InvalidationId,
        step: InvalidationStep,
        actor: Actor,
    ) -> Result<Stepped, StoreError> {
        self.write(move |connection| take_step(connection, reach, id, step, &actor)).await
    }

    /// The invalidations that have work to be done, the oldest first.
    pub async fn invalidations_at_work(&self) -> Result<Vec<(InvalidationId, InvalidationState)>, StoreError> {
        self.read(at_work).await
    }

    /// Looks at up to `limit` actions more, and notes those that fit.
    pub async fn look_for_invalid(
        &self,
        id: InvalidationId,
        limit: u32,
        now: DateTime<Utc>,
    ) -> Result<Portion, StoreError> {
        let messages = self.messages();
        let seen = self.read(move |connection| look::look(connection, &messages, id, limit)).await?;
        let Some(seen) = seen else { return Ok(Portion::default()) };
        let goes_on = self.write(move |connection| look::note(connection, id, &seen, now)).await?;
        Ok(Portion { goes_on, tallies: Vec::new() })
    }

    /// Strikes out up to `limit` of the actions that were found.
    pub async fn strike_out(&self, id: InvalidationId, limit: u32, now: DateTime<Utc>) -> Result<Portion, StoreError> {
        let work = Work { state: InvalidationState::Running, from: FOUND, each: strike::strike, change: 1 };
        self.write(move |connection| work.portion(connection, id, limit, now)).await
    }

    /// Puts back up to `limit` of the actions that were struck out.
    pub async fn put_back(&self, id: InvalidationId, limit: u32, now: DateTime<Utc>) -> Result<Portion, StoreError> {
        let work = Work { state: InvalidationState::Undoing, from: STRUCK_OUT, each: restore::restore, change: -1 };
        self.write(move |connection| work.portion(connection, id, limit, now)).await
    }
}

fn make(
    connection: &mut AnyConnection,
    new: &NewInvalidation,
    actor: &Actor,
) -> Result<Option<StoredInvalidation>, StoreError> {
    let (from, _before) = new.conditions.period();
    diesel::insert_into(invalidations::table)
        .values((
            invalidations::id.eq(Id::from(new.id)),
            invalidations::organisation_id.eq(Id::from(new.organisation_id)),
            invalidations::campaign_id.eq(new.campaign_id.map(Id::from)),
            invalidations::conditions.eq(Json::of(&new.conditions)?),
            invalidations::reason.eq(&new.reason),
            invalidations::state.eq(InvalidationState::Counting.as_str()),
            invalidations::looked_until.eq(At::new(from.unwrap_or(DateTime::UNIX_EPOCH))),
            invalidations::looked_until_id.eq(Id(Uuid::nil())),
            invalidations::created_by.eq(&actor.name),
            invalidations::created_at.eq(At::new(actor.now)),
            invalidations::updated_at.eq(At::new(actor.now)),
        ))
        .execute(connection)?;
    let about = (Some(new.organisation_id), new.id.uuid());
    let note = format!("look: {}", new.reason);
    audit::note(connection, actor, AuditAction::StepInvalidation, about, Some(&note))?;
    find(connection, Reach::All, new.id)
}

fn list(
    connection: &mut AnyConnection,
    reach: Reach,
    request: PageRequest,
) -> Result<Page<StoredInvalidation>, StoreError> {
    let mut query = invalidations::table.select(Row::as_select()).into_boxed();
    if let Reach::Organisation(id) = reach {
        query = query.filter(invalidations::organisation_id.eq(Id::from(id)));
    }
    let rows: Vec<Row> = page!(query, invalidations, request).load(connection)?;
    let cursor = |row: &Row| Cursor { created_at: row.created_at.time(), id: row.id.0 };
    Page::of(rows, request, cursor).try_map(Row::read)
}

fn find(
    connection: &mut AnyConnection,
    reach: Reach,
    id: InvalidationId,
) -> Result<Option<StoredInvalidation>, StoreError> {
    let row: Option<Row> =
        invalidations::table.find(Id::from(id)).select(Row::as_select()).first(connection).optional()?;
    let stored = row.map(Row::read).transpose()?;
    Ok(stored.filter(|stored| reach.covers(stored.organisation_id)))
}

fn take_step(
    connection: &mut AnyConnection,
    reach: Reach,
    id: InvalidationId,
    step: InvalidationStep,
    actor: &Actor,
) -> Result<Stepped, StoreError> {
    let Some(stored) = find(connection, reach, id)? else { return Ok(Stepped::Unknown) };
    let Some(after) = stored.state.step(step) else { return Ok(Stepped::NotAllowed(stored.state)) };
    if !become_state(connection, id, (stored.state, after), actor.now)? {
        return Err(StoreError::Contended);
    }
    if step == InvalidationStep::Start {
        // From now on they are counted as they are found when they are struck out.
        let nothing = (invalidations::letters_waiting.eq(0_i64), invalidations::letters_sent.eq(0_i64));
        diesel::update(invalidations::table.find(Id::from(id))).set(nothing).execute(connection)?;
    }
    let about = (Some(stored.organisation_id), id.uuid());
    audit::note(connection, actor, AuditAction::StepInvalidation, about, Some(step.as_str()))?;
    let stepped = find(connection, reach, id)?.ok_or(StoreError::Contended)?;
    Ok(Stepped::Done(Box::new(stepped)))
}

/// Moves it from one state to another, which may be the same; false if it is in neither. Nothing else changes it until the transaction ends.
fn become_state(
    connection: &mut AnyConnection,
    id: InvalidationId,
    (before, after): (InvalidationState, InvalidationState),
    now: DateTime<Utc>,
) -> Result<bool, StoreError> {
    let still = invalidations::id.eq(Id::from(id)).and(invalidations::state.eq(before.as_str()));
    let changed = diesel::update(invalidations::table.filter(still))
        .set((invalidations::state.eq(after.as_str()), invalidations::updated_at.eq(At::new(now))))
        .execute(connection)?;
    Ok(changed > 0)
}

fn at_work(connection: &mut AnyConnection) -> Result<Vec<(InvalidationId, InvalidationState)>, StoreError> {
    // In the words of the partial index: SQLite uses it only for the same words.
    let working = diesel::dsl::sql::<diesel::sql_types::Bool>("state IN ('counting', 'running', 'undoing')");
    let rows: Vec<(Id, String)> = invalidations::table
        .filter(working)
        .order(invalidations::id)
        .select((invalidations::id, invalidations::state))
        .load(connection)?;
    let read = |(id, state): (Id, String)| {
        let state = state.parse().map_err(|_flaw| StoreError::corrupt("invalidations", "state", id))?;
        Ok((id.into(), state))
    };
    rows.into_iter().map(read).collect()
}

/// What a portion does with each action; the status it had before, or nothing if the action is passed over.
type Each = fn(&mut AnyConnection, Found, DateTime<Utc>, &mut Deltas) -> Result<Option<ActionStatus>, StoreError>;

/// An action that was found, and the status it is to have again.
#[derive(Clone, Copy, Debug)]
struct Found {
    invalidation: Id,
    action: Id,
    status_before: Option<ActionStatus>,
}

/// Work on the actions of an invalidation.
struct Work {
    /// The state in which it is done.
    state: InvalidationState,
    /// The standing of the actions that it is still to be done with.
    from: &'static str,
    each: Each,
    /// How the number of those struck out changes with each.
    change: i64,
}

impl Work {
    fn portion(
        &self,
        connection: &mut AnyConnection,
        id: InvalidationId,
        limit: u32,
        now: DateTime<Utc>,
    ) -> Result<Portion, StoreError> {
        if !become_state(connection, id, (self.state, self.state), now)? {
            return Ok(Portion::default());
        }
        let (mut deltas, mut changed) = (Deltas::default(), 0);
        let left = self.left(connection, id.into(), limit)?;
        if left.is_empty() {
            return self.finish(connection, id, now);
        }
        strike::lock_people(connection, &left)?;
        let letters = self.letters(connection, &left)?;
        for found in &left {
            let before = (self.each)(connection, *found, now, &mut deltas)?;
            self.settle(connection, *found, before)?;
            changed += before.map_or(0, |_| self.change);
        }
        diesel::update(invalidations::table.find(Id::from(id)))
            .set((
                invalidations::struck_out.eq(invalidations::struck_out + changed),
                invalidations::letters_waiting.eq(invalidations::letters_waiting + letters.waiting),
                invalidations::letters_sent.eq(invalidations::letters_sent + letters.sent),
            ))
            .execute(connection)?;
        Ok(Portion { goes_on: true, tallies: tallies::apply(connection, &deltas)? })
    }

    /// The letters of actions that are about to be struck out; those that are put back are not counted again.
    fn letters(&self, connection: &mut AnyConnection, left: &[Found]) -> Result<Letters, StoreError> {
        if self.state != InvalidationState::Running {
            return Ok(Letters::default());
        }
        look::letters(connection, &left.iter().map(|found| found.action).collect::<Vec<_>>())
    }

    fn left(&self, connection: &mut AnyConnection, id: Id, limit: u32) -> Result<Vec<Found>, StoreError> {
        let rows: Vec<(Id, Option<String>)> = invalidated_actions::table
            .filter(invalidated_actions::invalidation_id.eq(id).and(invalidated_actions::standing.eq(self.from)))
            .order(invalidated_actions::action_id)
            .limit(limit.into())
            .select((invalidated_actions::action_id, invalidated_actions::status_before))
            .load(connection)?;
        let read = |(action, before): (Id, Option<String>)| {
            let before = before.map(|word| word.parse()).transpose();
            let corrupt = |_flaw| StoreError::corrupt("invalidated_actions", "status_before", action);
            Ok(Found { invalidation: id, action, status_before: before.map_err(corrupt)? })
        };
        rows.into_iter().map(read).collect()
    }

    fn settle(
        &self,
        connection: &mut AnyConnection,
        found: Found,
        before: Option<ActionStatus>,
    ) -> Result<(), StoreError> {
        let standing = match before {
            None => PASSED_OVER,
            Some(_) if self.state == InvalidationState::Running => STRUCK_OUT,
            Some(_) => RESTORED,
        };
        diesel::update(invalidated_actions::table.find((found.invalidation, found.action)))
            .set((
                invalidated_actions::standing.eq(standing),
                before.map(|before| invalidated_actions::status_before.eq(before.as_str())),
            ))
            .execute(connection)?;
        Ok(())
    }

    fn finish(
        &self,
        connection: &mut AnyConnection,
        id: InvalidationId,
        now: DateTime<Utc>,
    ) -> Result<Portion, StoreError> {
        if let Some(after) = self.state.finished() {
            become_state(connection, id, (self.state, after), now)?;
        }
        Ok(Portion::default())
    }
}
