//! Submissions that a person looks at before anything is sent.
//!
//! What is held is the submission as it came, sealed: it has no supporter, no letter and no count. Once it is approved,
//! a worker decides on it as on any other and stores it as an action of the same id; a crash in between only makes that happen later, and
//! the key of the review lets it happen once.

mod decide;
mod release;
mod report;
mod row;
#[cfg(test)]
mod tests;

pub use decide::Decided;
pub(crate) use release::{attribute, forget, release};
pub use report::ReviewReport;

use crate::connection::AnyConnection;
use crate::idempotency::{self, KeyClaim, Known};
use crate::page::page;
use crate::schema::reviews;
use crate::spent_challenges::{SpentChallenge, spend};
use crate::statement::Statement;
use crate::types::{At, Id, Json};
use crate::words::Messages;
use crate::{Actor, Cursor, Page, PageRequest, Reach, Store, StoreError, on_backend};
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types::BigInt;
use postbag_domain::{
    ActionId, CampaignId, EmailAddress, OrganisationId, ReviewDecision, ReviewState, Signal, StaffNote,
};
use row::Row;
use serde_json::Value;

/// The scope of the keys under which approved submissions become actions.
pub(crate) const SCOPE: &str = "reviews";

/// The key under which an approved submission becomes an action, once.
pub fn release_key(id: ActionId) -> KeyClaim {
    KeyClaim { scope: SCOPE.to_owned(), key: id.to_string(), fingerprint: [0; 32] }
}

/// A submission to be held.
#[derive(Clone, Debug)]
pub struct NewReview {
    /// The id of the action that it is to be.
    pub id: ActionId,
    /// The controller.
    pub organisation_id: OrganisationId,
    /// The campaign.
    pub campaign_id: CampaignId,
    /// Why it is held.
    pub reasons: Vec<Signal>,
    /// What was submitted, as a document.
    pub submission: String,
    /// What lets it in, where its form asks for a challenge.
    pub challenge: Option<SpentChallenge>,
    /// The address that it came with.
    pub address: EmailAddress,
    /// The moment it came in.
    pub created_at: DateTime<Utc>,
    /// The moment by which somebody has to have looked at it.
    pub due_at: DateTime<Utc>,
}

/// What became of a submission that was to be held.
#[derive(Clone, Debug, PartialEq)]
pub enum Held {
    /// It waits for a person.
    New,
    /// The same request was answered before.
    Before(Known),
    /// Its challenge was spent before.
    ChallengeSpent,
}

/// A review as stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredReview {
    /// The id of the action that it is to be, or has become.
    pub id: ActionId,
    /// The controller.
    pub organisation_id: OrganisationId,
    /// The campaign.
    pub campaign_id: CampaignId,
    /// Where it stands.
    pub state: ReviewState,
    /// Why it is held.
    pub reasons: Vec<Signal>,
    /// What was submitted; nothing once it is an action, or was deleted.
    pub submission: Option<String>,
    /// What the supporter says against the decision.
    pub appeal: Option<String>,
    /// When they said it.
    pub appealed_at: Option<DateTime<Utc>>,
    /// The last note of staff.
    pub note: Option<String>,
    /// The subject of the token that it was decided with; nothing for what the campaign's terms decided.
    pub decided_by: Option<String>,
    /// When it was decided.
    pub decided_at: Option<DateTime<Utc>>,
    /// When it ends by itself.
    pub due_at: DateTime<Utc>,
    /// When it came in.
    pub created_at: DateTime<Utc>,
}

/// Which reviews are wanted; an absent part wants all.
#[derive(Clone, Copy, Debug, Default)]
pub struct ReviewFilter {
    /// Only in this state.
    pub state: Option<ReviewState>,
    /// Only of this campaign.
    pub campaign_id: Option<CampaignId>,
    /// Only with an appeal, or without.
    pub appealed: Option<bool>,
}

impl Store {
    /// Holds a submission, and keeps the answer to it under its key, in one transaction.
    pub async fn hold_submission(&self, new: NewReview, claim: KeyClaim, answer: Value) -> Result<Held, StoreError> {
        let messages = self.messages();
        let again = (claim.clone(), new.created_at);
        match self.write(move |connection| hold(connection, &messages, &new, &claim, &answer)).await {
            // The same request was quicker: its answer is there now.
            Err(StoreError::Conflict) => {
                let known = self.find_key(again.0, again.1).await?;
                known.map_or(Err(StoreError::Contended), |known| Ok(Held::Before(known)))
            }
            result => result,
        }
    }

    /// The review of a submission, if it was held.
    pub async fn review(&self, id: ActionId) -> Result<Option<StoredReview>, StoreError> {
        let messages = self.messages();
        self.read(move |connection| find(connection, &messages, id)).await
    }

    /// Reviews within reach, newest first.
    pub async fn list_reviews(
        &self,
        reach: Reach,
        filter: ReviewFilter,
        page: PageRequest,
    ) -> Result<Page<StoredReview>, StoreError> {
        let messages = self.messages();
        self.read(move |connection| list(connection, &messages, reach, filter, page)).await
    }

    /// Decides on reviews within reach, and answers for each what became of it.
    pub async fn decide_reviews(
        &self,
        reach: Reach,
        ids: Vec<ActionId>,
        decision: ReviewDecision,
        note: Option<StaffNote>,
        actor: Actor,
    ) -> Result<Vec<(ActionId, Decided)>, StoreError> {
        self.write(move |connection| {
            let decide = |id| Ok((id, decide::decide(connection, reach, id, decision, note.as_ref(), &actor)?));
            ids.into_iter().map(decide).collect()
        })
        .await
    }

    /// Keeps what a supporter says against a decision, and opens one that was decided again until `due_at`; false if it cannot be any more.
    pub async fn appeal(
        &self,
        id: ActionId,
        words: String,
        due_at: DateTime<Utc>,
        now: DateTime<Utc>,
    ) -> Result<bool, StoreError> {
        let messages = self.messages();
        self.write(move |connection| decide::appeal(connection, &messages, (id, &words), due_at, now)).await
    }

    /// How many of a campaign's submissions wait for a person.
    pub async fn waiting_reviews(&self, campaign: CampaignId) -> Result<i64, StoreError> {
        self.read(move |connection| {
            let waiting = reviews::campaign_id.eq(Id::from(campaign));
            let waiting = waiting.and(reviews::state.eq(ReviewState::InReview.as_str()));
            Ok(reviews::table.filter(waiting).count().get_result(connection)?)
        })
        .await
    }
}

/// How many submissions wait for a person.
pub(crate) fn count_waiting(connection: &mut AnyConnection) -> Result<i64, StoreError> {
    // In the words of the partial index: SQLite uses it only for the same words.
    const SQL: &str = "SELECT count(*) FROM reviews WHERE state = 'in_review'";
    let (count,): (i64,) = on_backend!(connection, c => Statement::<_, (BigInt,)>::new(SQL).get_result(c))?;
    Ok(count)
}

fn hold(
    connection: &mut AnyConnection,
    messages: &Messages,
    new: &NewReview,
    claim: &KeyClaim,
    answer: &Value,
) -> Result<Held, StoreError> {
    if let Some(known) = idempotency::find(connection, claim, new.created_at)? {
        return Ok(Held::Before(known));
    }
    if let Some(challenge) = &new.challenge
        && spend(connection, &[challenge])?.is_empty()
    {
        return Ok(Held::ChallengeSpent);
    }
    let id = Id::from(new.id);
    diesel::insert_into(reviews::table)
        .values((
            reviews::id.eq(id),
            reviews::organisation_id.eq(Id::from(new.organisation_id)),
            reviews::campaign_id.eq(Id::from(new.campaign_id)),
            reviews::state.eq(ReviewState::InReview.as_str()),
            reviews::reasons.eq(Json::of(&new.reasons)?),
            reviews::sealed_submission.eq(Some(messages.seal_text(id, &new.submission)?)),
            reviews::sealed_address.eq(Some(messages.seal_text(id, new.address.as_str())?)),
            reviews::due_at.eq(At::new(new.due_at)),
            reviews::created_at.eq(At::new(new.created_at)),
        ))
        .execute(connection)?;
    idempotency::remember(connection, claim, answer, new.created_at)?;
    Ok(Held::New)
}

pub(crate) fn find(
    connection: &mut AnyConnection,
    messages: &Messages,
    id: ActionId,
) -> Result<Option<StoredReview>, StoreError> {
    let row: Option<Row> = reviews::table.find(Id::from(id)).select(Row::as_select()).first(connection).optional()?;
    row.map(|row| row.read(messages)).transpose()
}

fn list(
    connection: &mut AnyConnection,
    messages: &Messages,
    reach: Reach,
    filter: ReviewFilter,
    request: PageRequest,
) -> Result<Page<StoredReview>, StoreError> {
    let mut query = reviews::table.select(Row::as_select()).into_boxed();
    if let Reach::Organisation(id) = reach {
        query = query.filter(reviews::organisation_id.eq(Id::from(id)));
    }
    if let Some(state) = filter.state {
        query = query.filter(reviews::state.eq(state.as_str()));
    }
    if let Some(campaign) = filter.campaign_id {
        query = query.filter(reviews::campaign_id.eq(Id::from(campaign)));
    }
    query = match filter.appealed {
        Some(true) => query.filter(reviews::appealed_at.is_not_null()),
        Some(false) => query.filter(reviews::appealed_at.is_null()),
        None => query,
    };
    let rows: Vec<Row> = page!(query, reviews, request).load(connection)?;
    let cursor = |row: &Row| Cursor { created_at: row.created_at.time(), id: row.id.0 };
    Page::of(rows, request, cursor).try_map(|row| row.read(messages))
}
