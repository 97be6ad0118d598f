//! What a worker does with reviews: submits what was approved, ends what nobody looked at, and deletes what has had its time.

use super::{StoredReview, decide, row::Row};
use crate::connection::AnyConnection;
use crate::schema::{actions, reviews};
use crate::types::{At, Id};
use crate::words::Messages;
use crate::{Store, StoreError};
use chrono::{DateTime, Utc};
use diesel::dsl::exists;
use diesel::prelude::*;
use postbag_domain::{ActionId, EmailAddress, ReviewState, StaffNote};

impl Store {
    /// Up to `limit` approved reviews that are no actions yet, the oldest decision first.
    pub async fn reviews_to_release(&self, limit: u16) -> Result<Vec<StoredReview>, StoreError> {
        let messages = self.messages();
        self.read(move |connection| {
            let rows: Vec<Row> = reviews::table
                .filter(reviews::state.eq(ReviewState::Approved.as_str()).and(reviews::sealed_submission.is_not_null()))
                .order(reviews::decided_at)
                .limit(limit.into())
                .select(Row::as_select())
                .load(connection)?;
            rows.into_iter().map(|row| row.read(&messages)).collect()
        })
        .await
    }

    /// Ends an approved review that can become no action any more, and says why.
    pub async fn review_unreleasable(
        &self,
        id: ActionId,
        why: StaffNote,
        now: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        self.write(move |connection| {
            // One without content is an action by now.
            let Some((ReviewState::Approved, _, true)) = decide::standing(connection, id.into())? else {
                return Ok(());
            };
            let change = (ReviewState::Approved, ReviewState::Ended);
            decide::settle(connection, id, change, None, Some(&why), now).map(drop)
        })
        .await
    }

    /// Up to `limit` reviews that nobody decided on in time.
    pub async fn overdue_reviews(&self, now: DateTime<Utc>, limit: u16) -> Result<Vec<StoredReview>, StoreError> {
        let messages = self.messages();
        self.read(move |connection| {
            let rows: Vec<Row> = reviews::table
                .filter(reviews::state.eq(ReviewState::InReview.as_str()))
                .filter(reviews::due_at.le(At::new(now)))
                .order(reviews::due_at)
                .limit(limit.into())
                .select(Row::as_select())
                .load(connection)?;
            rows.into_iter().map(|row| row.read(&messages)).collect()
        })
        .await
    }

    /// Decides on a review as the campaign's terms say, unless somebody was quicker.
    pub async fn decide_overdue(&self, id: ActionId, after: ReviewState, now: DateTime<Utc>) -> Result<(), StoreError> {
        self.write(move |connection| {
            decide::settle(connection, id, (ReviewState::InReview, after), None, None, now).map(drop)
        })
        .await
    }

    /// Deletes the content of up to `limit` reviews that no appeal can open any more, and says how many.
    pub async fn purge_reviews(&self, now: DateTime<Utc>, limit: u32) -> Result<usize, StoreError> {
        self.write(move |connection| purge(connection, now, limit)).await
    }
}

fn purge(connection: &mut AnyConnection, now: DateTime<Utc>, limit: u32) -> Result<usize, StoreError> {
    let decided: Vec<(Id, String, Option<At>)> = reviews::table
        .filter(reviews::state.eq_any([ReviewState::Refused.as_str(), ReviewState::Ended.as_str()]))
        .filter(reviews::sealed_address.is_not_null())
        .order(reviews::decided_at)
        .limit(limit.into())
        .select((reviews::id, reviews::state, reviews::decided_at))
        .load(connection)?;
    let mut emptied = 0;
    for (id, state, decided_at) in decided {
        let state: ReviewState = state.parse().map_err(|_flaw| StoreError::corrupt("reviews", "state", id))?;
        let is_due = decided_at.and_then(|at| state.deleted_at(at.time())).is_some_and(|due| due <= now);
        if is_due {
            decide::empty(connection, id)?;
            emptied += 1;
        }
    }
    Ok(emptied)
}

/// Takes the content of an approved review out of the queue, since it becomes an action; false if it is not approved any more.
pub(crate) fn release(connection: &mut AnyConnection, id: Id) -> Result<bool, StoreError> {
    let approved = reviews::state.eq(ReviewState::Approved.as_str()).and(reviews::sealed_submission.is_not_null());
    let nothing = None::<Vec<u8>>;
    let released = diesel::update(reviews::table.filter(reviews::id.eq(id).and(approved)))
        .set((
            reviews::sealed_submission.eq(&nothing),
            reviews::sealed_address.eq(&nothing),
            reviews::sealed_appeal.eq(&nothing),
        ))
        .execute(connection)?;
    Ok(released > 0)
}

/// Finds the reviews of a supporter. They are looked for when somebody asks, since a submission that is held must not show whether its person
/// is known.
pub(crate) fn attribute(
    connection: &mut AnyConnection,
    messages: &Messages,
    (organisation, email_key): (Id, &str),
    person: Id,
) -> Result<(), StoreError> {
    let released = exists(actions::table.filter(actions::id.eq(reviews::id).and(actions::supporter_id.eq(person))));
    diesel::update(reviews::table.filter(reviews::supporter_id.is_null().and(released)))
        .set(reviews::supporter_id.eq(person))
        .execute(connection)?;
    let held: Vec<(Id, Option<Vec<u8>>)> = reviews::table
        .filter(reviews::organisation_id.eq(organisation).and(reviews::supporter_id.is_null()))
        .filter(reviews::sealed_address.is_not_null())
        .select((reviews::id, reviews::sealed_address))
        .load(connection)?;
    for (id, sealed) in held {
        let address =
            sealed.map(|sealed| messages.open_text(("reviews", "sealed_address"), id, &sealed)).transpose()?;
        let address = address.and_then(|text| EmailAddress::parse(&text).ok());
        if address.is_some_and(|address| address.key() == email_key) {
            let theirs = diesel::update(reviews::table.find(id));
            theirs.set(reviews::supporter_id.eq(person)).execute(connection)?;
        }
    }
    Ok(())
}

/// Takes back what a person who is erased submitted and that is no action yet, and deletes what staff noted of any of it.
pub(crate) fn forget(connection: &mut AnyConnection, person: Id, now: DateTime<Utc>) -> Result<(), StoreError> {
    let theirs: Vec<(Id, String)> = reviews::table
        .filter(reviews::supporter_id.eq(person).and(reviews::sealed_address.is_not_null()))
        .select((reviews::id, reviews::state))
        .load(connection)?;
    for (id, state) in theirs {
        let state: ReviewState = state.parse().map_err(|_flaw| StoreError::corrupt("reviews", "state", id))?;
        decide::settle(connection, id.into(), (state, ReviewState::Withdrawn), None, None, now)?;
    }
    let theirs = diesel::update(reviews::table.filter(reviews::supporter_id.eq(person)));
    theirs.set(reviews::note.eq(None::<String>)).execute(connection)?;
    Ok(())
}
