//! The confirmation of an action, its expiry, and what waits for a person (B16).
//!
//! Until it is confirmed an action binds nobody: its messages are held outside the rule of one message per person, campaign and
//! representative, its answers are in no ledger, and no count but `awaiting_confirmation` knows it. Of several submissions in one
//! person's name, the one that its owner confirms first is sent.

mod confirm;
mod expire;
#[cfg(test)]
mod tests;

pub use confirm::Confirmation;
pub(crate) use confirm::{is_counted, queue};
pub(crate) use expire::{IS_KNOWN, Waiting, empty_invalid, expire_one, forget, let_go};

use crate::connection::AnyConnection;
use crate::deliveries::{Whose, recipient_names};
use crate::schema::{actions, campaigns};
use crate::tallies::TallyRow;
use crate::types::{At, Id, Json};
use crate::words::Messages;
use crate::{Store, StoreError};
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use postbag_domain::{ActionId, ActionStatus, CampaignId, ConfirmedBy, SupporterId, SupporterWords};

/// How often a confirmation is run again because another transaction was in the way.
const TRIES: usize = 5;

/// How many of the actions that wait for one person are shown to them.
const SHOWN: i64 = 20;

/// An action with the person it belongs to, as its confirmation knows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfirmableAction {
    /// The action.
    pub id: ActionId,
    /// Its campaign.
    pub campaign_id: CampaignId,
    /// The campaign's word in addresses.
    pub campaign_slug: String,
    /// The person.
    pub supporter_id: SupporterId,
    /// The status it is in.
    pub status: ActionStatus,
    /// The moment it was accepted.
    pub created_at: DateTime<Utc>,
    /// What was typed; nothing once it has expired.
    pub words: Option<SupporterWords>,
    /// The names of the representatives written to.
    pub representatives: Vec<String>,
}

/// Which actions are wanted.
#[derive(Clone, Copy, Debug)]
enum Which {
    One(ActionId),
    WaitingFor(CampaignId, SupporterId),
}

#[derive(Queryable)]
struct Row {
    id: Id,
    campaign_id: Id,
    campaign_slug: String,
    supporter_id: Id,
    status: String,
    created_at: At,
    words: Json,
    sealed_message: Option<Vec<u8>>,
}

impl Store {
    /// An action, for the check of its confirmation.
    pub async fn confirmable_action(&self, id: ActionId) -> Result<Option<ConfirmableAction>, StoreError> {
        let messages = self.messages();
        self.read(move |connection| {
            let found = load(connection, &messages, Which::One(id))?;
            Ok(found.into_iter().next())
        })
        .await
    }

    /// What waits for the person of an action in its campaign: that action itself, if it waits, and the newest others. However many
    /// others made up in the person's name, it is a page at most.
    pub async fn waiting_beside(&self, action: &ConfirmableAction) -> Result<Vec<ConfirmableAction>, StoreError> {
        let (campaign, supporter) = (action.campaign_id, action.supporter_id);
        let messages = self.messages();
        let which = Which::WaitingFor(campaign, supporter);
        let newest = self.read(move |connection| load(connection, &messages, which)).await?;
        let itself = (action.status == ActionStatus::AwaitingConfirmation).then(|| action.clone());
        Ok(itself.into_iter().chain(newest.into_iter().filter(|other| other.id != action.id)).collect())
    }

    /// Confirms an action: its messages are queued, its answers recorded and it is counted, all in one transaction. Twice is as good as
    /// once.
    pub async fn confirm_action(
        &self,
        id: ActionId,
        by: ConfirmedBy,
        now: DateTime<Utc>,
    ) -> Result<(Confirmation, Vec<TallyRow>), StoreError> {
        let mut tries = 1;
        loop {
            match self.write(move |connection| confirm::confirm(connection, id, by, now)).await {
                // Most often another action of the same person: the next run sees its rows.
                Err(StoreError::Contended | StoreError::Conflict) if tries < TRIES => tries += 1,
                result => return result,
            }
        }
    }

    /// Expires up to `limit` actions that were not confirmed in time, and deletes what was typed with them. Answers how many.
    pub async fn expire_unconfirmed(
        &self,
        now: DateTime<Utc>,
        limit: u32,
    ) -> Result<(usize, Vec<TallyRow>), StoreError> {
        self.write(move |connection| expire::expire(connection, now, limit)).await
    }
}

fn load(
    connection: &mut AnyConnection,
    messages: &Messages,
    which: Which,
) -> Result<Vec<ConfirmableAction>, StoreError> {
    let mut query = actions::table
        .inner_join(campaigns::table.on(campaigns::id.eq(actions::campaign_id)))
        .order((actions::created_at.desc(), actions::id.desc()))
        .limit(SHOWN)
        .select((
            actions::id,
            actions::campaign_id,
            campaigns::slug,
            actions::supporter_id,
            actions::status,
            actions::created_at,
            actions::words,
            actions::sealed_message,
        ))
        .into_boxed();
    query = match which {
        Which::One(id) => query.filter(actions::id.eq(Id::from(id))),
        Which::WaitingFor(campaign, supporter) => query
            .filter(actions::supporter_id.eq(Id::from(supporter)).and(actions::campaign_id.eq(Id::from(campaign))))
            .filter(actions::status.eq(ActionStatus::AwaitingConfirmation.as_str())),
    };
    let rows: Vec<Row> = query.load(connection)?;
    rows.into_iter().map(|row| read(connection, messages, row)).collect()
}

fn read(connection: &mut AnyConnection, messages: &Messages, row: Row) -> Result<ConfirmableAction, StoreError> {
    Ok(ConfirmableAction {
        id: row.id.into(),
        campaign_id: row.campaign_id.into(),
        campaign_slug: row.campaign_slug,
        supporter_id: row.supporter_id.into(),
        status: row.status.parse().map_err(|_flaw| StoreError::corrupt("actions", "status", row.id))?,
        created_at: row.created_at.time(),
        words: messages.open(row.id, &row.words, row.sealed_message.as_deref())?,
        representatives: recipient_names(connection, row.id, Whose::All)?,
    })
}
