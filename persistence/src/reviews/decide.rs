//! What is decided on a held submission, and what its supporter says against it.

use crate::connection::AnyConnection;
use crate::schema::reviews;
use crate::types::{At, Id};
use crate::words::Messages;
use crate::{Actor, Reach, StoreError, audit};
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use postbag_domain::{ActionId, AuditAction, OrganisationId, ReviewDecision, ReviewState, StaffNote};

/// What became of a decision.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decided {
    /// It stands; the review is in this state now.
    Done(ReviewState),
    /// The state allows no such decision, or its content was deleted.
    NotAllowed(ReviewState),
    /// There is no such review within reach.
    Unknown,
}

/// The state of a review, the organisation that it belongs to, and whether its content is still there.
pub(super) fn standing(
    connection: &mut AnyConnection,
    id: Id,
) -> Result<Option<(ReviewState, OrganisationId, bool)>, StoreError> {
    let row: Option<(String, Id, Option<Vec<u8>>)> = reviews::table
        .find(id)
        .select((reviews::state, reviews::organisation_id, reviews::sealed_submission))
        .first(connection)
        .optional()?;
    let read = |(state, organisation, content): (String, Id, Option<Vec<u8>>)| {
        let state = state.parse().map_err(|_flaw| StoreError::corrupt("reviews", "state", id))?;
        Ok((state, organisation.into(), content.is_some()))
    };
    row.map(read).transpose()
}

pub(super) fn decide(
    connection: &mut AnyConnection,
    reach: Reach,
    id: ActionId,
    decision: ReviewDecision,
    note: Option<&StaffNote>,
    actor: &Actor,
) -> Result<Decided, StoreError> {
    let found = standing(connection, id.into())?.filter(|(_, organisation, _)| reach.covers(*organisation));
    let Some((state, organisation, has_content)) = found else { return Ok(Decided::Unknown) };
    let Some(after) = state.decide(decision).filter(|_| has_content) else { return Ok(Decided::NotAllowed(state)) };
    if !settle(connection, id, (state, after), Some(&actor.name), note, actor.now)? {
        return Err(StoreError::Contended);
    }
    // What staff write may name the person, and the audit is for good: it has the decision alone.
    let about = (Some(organisation), id.uuid());
    audit::note(connection, actor, AuditAction::DecideReview, about, Some(decision.as_str()))?;
    Ok(Decided::Done(after))
}

/// Changes the state, unless somebody else has meanwhile. What was taken back is deleted at once.
pub(super) fn settle(
    connection: &mut AnyConnection,
    id: ActionId,
    (before, after): (ReviewState, ReviewState),
    by: Option<&str>,
    note: Option<&StaffNote>,
    now: DateTime<Utc>,
) -> Result<bool, StoreError> {
    let still = reviews::id.eq(Id::from(id)).and(reviews::state.eq(before.as_str()));
    let changed = diesel::update(reviews::table.filter(still))
        .set((
            reviews::state.eq(after.as_str()),
            reviews::decided_by.eq(by),
            reviews::decided_at.eq(Some(At::new(now))),
            note.map(|note| reviews::note.eq(Some(note.as_str()))),
        ))
        .execute(connection)?;
    if after == ReviewState::Withdrawn {
        empty(connection, id.into())?;
    }
    Ok(changed > 0)
}

/// Deletes what was submitted and said, and what staff noted of it.
pub(super) fn empty(connection: &mut AnyConnection, id: Id) -> Result<(), StoreError> {
    let nothing = None::<Vec<u8>>;
    diesel::update(reviews::table.find(id))
        .set((
            reviews::sealed_submission.eq(&nothing),
            reviews::sealed_address.eq(&nothing),
            reviews::sealed_appeal.eq(&nothing),
            reviews::note.eq(None::<String>),
        ))
        .execute(connection)?;
    Ok(())
}

pub(super) fn appeal(
    connection: &mut AnyConnection,
    messages: &Messages,
    (id, words): (ActionId, &str),
    due_at: DateTime<Utc>,
    now: DateTime<Utc>,
) -> Result<bool, StoreError> {
    let row = Id::from(id);
    let Some((state, _, true)) = standing(connection, row)? else { return Ok(false) };
    if !state.may_be_appealed() {
        return Ok(false);
    }
    let still = reviews::id.eq(row).and(reviews::state.eq(state.as_str()));
    let changed = diesel::update(reviews::table.filter(still))
        .set((
            reviews::state.eq(ReviewState::InReview.as_str()),
            reviews::sealed_appeal.eq(Some(messages.seal_text(row, words)?)),
            reviews::appealed_at.eq(Some(At::new(now))),
            (state != ReviewState::InReview).then(|| reviews::due_at.eq(At::new(due_at))),
        ))
        .execute(connection)?;
    Ok(changed > 0)
}
