//! What a worker does with reviews: submits what was approved, ends what nobody looked at, and deletes what has had its time.

use super::{StoredReview, decide, row::Row};
use crate::connection::AnyConnection;
use crate::preferences::find_by_email;
use crate::schema::{actions, reviews};
use crate::types::{At, Id};
use crate::words::Messages;
use crate::{Store, StoreError};
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use postbag_domain::{ActionId, EmailAddress, ReviewState, StaffNote};

/// An approved review whose submission is to become an action.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Releasable {
    /// The review.
    pub review: StoredReview,
    /// What was submitted, as a document.
    pub submission: String,
}

impl Store {
    /// Up to `limit` approved reviews that are no actions yet, the oldest decision first.
    pub async fn reviews_to_release(&self, limit: u16) -> Result<Vec<Releasable>, StoreError> {
        let messages = self.messages();
        self.read(move |connection| releasable(connection, &messages, limit)).await
    }

    /// Deletes the content of a review that is an action now.
    pub async fn review_released(&self, id: ActionId) -> Result<(), StoreError> {
        self.write(move |connection| {
            let person: Option<Id> =
                actions::table.find(Id::from(id)).select(actions::supporter_id).first(connection).optional()?;
            diesel::update(reviews::table.find(Id::from(id)))
                .set(reviews::supporter_id.eq(person))
                .execute(connection)?;
            decide::empty(connection, id.into())
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

    /// Looks for the supporters of up to `limit` reviews, and says how many it took.
    pub async fn attribute_reviews(&self, now: DateTime<Utc>, limit: u16) -> Result<usize, StoreError> {
        let messages = self.messages();
        if self.read(|connection| Ok(to_attribute(connection, 1)?.is_empty())).await? {
            return Ok(0);
        }
        self.write(move |connection| attribute(connection, &messages, now, limit)).await
    }
}

fn releasable(connection: &mut AnyConnection, messages: &Messages, limit: u16) -> Result<Vec<Releasable>, StoreError> {
    let rows: Vec<Row> = reviews::table
        .filter(reviews::state.eq(ReviewState::Approved.as_str()).and(reviews::sealed_submission.is_not_null()))
        .order(reviews::decided_at)
        .limit(limit.into())
        .select(Row::as_select())
        .load(connection)?;
    let mut found = Vec::with_capacity(rows.len());
    for row in rows {
        let review = row.read(messages)?;
        found.extend(review.submission.clone().map(|submission| Releasable { review, submission }));
    }
    Ok(found)
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

/// A review to attribute: its id, its organisation and the address it came with.
type ToAttribute = (Id, Id, Option<Vec<u8>>);

fn to_attribute(connection: &mut AnyConnection, limit: u16) -> QueryResult<Vec<ToAttribute>> {
    reviews::table
        .filter(reviews::attributed_at.is_null())
        .order(reviews::created_at)
        .limit(limit.into())
        .select((reviews::id, reviews::organisation_id, reviews::sealed_address))
        .load(connection)
}

fn attribute(
    connection: &mut AnyConnection,
    messages: &Messages,
    now: DateTime<Utc>,
    limit: u16,
) -> Result<usize, StoreError> {
    let rows = to_attribute(connection, limit)?;
    let found = rows.len();
    for (id, organisation, sealed) in rows {
        let address =
            sealed.map(|sealed| messages.open_text(("reviews", "sealed_address"), id, &sealed)).transpose()?;
        let address = address.map(|text| EmailAddress::parse(&text)).transpose();
        let address = address.map_err(|_flaw| StoreError::corrupt("reviews", "sealed_address", id))?;
        let person = match address {
            Some(address) => find_by_email(connection, organisation, &address.key())?,
            None => None,
        };
        diesel::update(reviews::table.find(id))
            .set((reviews::supporter_id.eq(person), reviews::attributed_at.eq(Some(At::new(now)))))
            .execute(connection)?;
    }
    Ok(found)
}

/// Takes back what a person who is erased submitted and that is no action yet.
pub(crate) fn forget(connection: &mut AnyConnection, person: Id, now: DateTime<Utc>) -> Result<(), StoreError> {
    let theirs: Vec<(Id, String)> = reviews::table
        .filter(reviews::supporter_id.eq(person).and(reviews::sealed_address.is_not_null()))
        .select((reviews::id, reviews::state))
        .load(connection)?;
    for (id, state) in theirs {
        let state: ReviewState = state.parse().map_err(|_flaw| StoreError::corrupt("reviews", "state", id))?;
        decide::settle(connection, id.into(), (state, ReviewState::Withdrawn), None, None, now)?;
    }
    let notes = diesel::update(reviews::table.filter(reviews::supporter_id.eq(person)));
    notes.set(reviews::note.eq(None::<String>)).execute(connection)?;
    Ok(())
}
