//! A message under a lease, and its next state.

use crate::connection::AnyConnection;
use crate::leases::{DELIVERIES, Next};
use crate::statement::Statement;
use crate::types::{At, Id, Instant, Uid};
use crate::{StoreError, on_backend};
use chrono::{DateTime, Utc};
use diesel::sql_types::{Bool, Integer, Nullable, Text};
use diesel::{OptionalExtension, RunQueryDsl};
use postbag_domain::delivery::PaceKey;
use postbag_domain::{CampaignId, CampaignStatus, DeliveryEvent, DeliveryState, RepresentativeId, TallyDelta};
use uuid::Uuid;

/// A message as far as its transitions go.
#[derive(Clone, Copy, Debug)]
pub(super) struct Row {
    pub(super) id: Id,
    pub(super) organisation: Id,
    pub(super) campaign: CampaignId,
    pub(super) representative: RepresentativeId,
    pub(super) state: DeliveryState,
    pub(super) attempts: i32,
    /// A first message and no test.
    pub(super) counted: bool,
    pub(super) token: Id,
}

type Stored = (Id, Id, Id, Id, String, i32, bool, Option<Id>, Option<Id>);
type StoredSql = (Uid, Uid, Uid, Uid, Text, Integer, Bool, Nullable<Uid>, Nullable<Uid>);

impl Row {
    /// The message, if it is still under this lease.
    pub(super) fn leased(connection: &mut AnyConnection, id: Id, token: Id) -> Result<Option<Self>, StoreError> {
        const SQL: &str = "\
            SELECT id, organisation_id, campaign_id, representative_id, state, attempts, is_test, repeat_of, lease_token
            FROM deliveries WHERE id = ? AND lease_token = ?";
        let row: Option<Stored> = on_backend!(connection, c => {
            Statement::<_, StoredSql>::new(SQL).bind::<Uid, _>(id).bind::<Uid, _>(token).get_result(c).optional()
        })?;
        row.map(|row| Self::read(row, token)).transpose()
    }

    /// The message, if it is still under this lease and its action stands, and what holds it back: a stop, or its paused campaign. One
    /// question for all, since every attempt asks it.
    pub(super) fn to_begin(
        connection: &mut AnyConnection,
        id: Id,
        token: Id,
    ) -> Result<Option<(Self, Option<PaceKey>)>, StoreError> {
        const SQL: &str = "\
            SELECT id, organisation_id, campaign_id, representative_id, state, attempts, is_test, repeat_of, lease_token,
                (SELECT subject_id FROM stops
                    WHERE work <> 'submissions' AND subject_id IN (
                        ?, deliveries.organisation_id, deliveries.representative_id, deliveries.campaign_id,
                        (SELECT campaigns.organisation_id FROM campaigns WHERE campaigns.id = deliveries.campaign_id)
                    ) LIMIT 1),
                (SELECT campaigns.id FROM campaigns WHERE campaigns.id = deliveries.campaign_id AND campaigns.status = ?)
            FROM deliveries WHERE id = ? AND lease_token = ?
                AND NOT EXISTS (
                    SELECT 1 FROM actions WHERE actions.id = deliveries.action_id AND actions.status = 'invalidated'
                )";
        type Held = (Id, Id, Id, Id, String, i32, bool, Option<Id>, Option<Id>, Option<Id>, Option<Id>);
        type HeldSql =
            (Uid, Uid, Uid, Uid, Text, Integer, Bool, Nullable<Uid>, Nullable<Uid>, Nullable<Uid>, Nullable<Uid>);
        let row: Option<Held> = on_backend!(connection, c => {
            Statement::<_, HeldSql>::new(SQL)
                .bind::<Uid, _>(Id(Uuid::nil()))
                .bind::<Text, _>(CampaignStatus::Paused.as_str())
                .bind::<Uid, _>(id)
                .bind::<Uid, _>(token)
                .get_result(c)
                .optional()
        })?;
        let Some((id, owner, campaign, whom, state, attempts, is_test, repeat_of, lease, stop, pause)) = row else {
            return Ok(None);
        };
        let stored = (id, owner, campaign, whom, state, attempts, is_test, repeat_of, lease);
        let holding = stop.or(pause).map(|subject| PaceKey::stop(subject.0));
        Ok(Some((Self::read(stored, token)?, holding)))
    }

    /// The message, and whether a worker has a lease on it.
    pub(super) fn find(connection: &mut AnyConnection, id: Id) -> Result<Option<(Self, bool)>, StoreError> {
        const SQL: &str = "\
            SELECT id, organisation_id, campaign_id, representative_id, state, attempts, is_test, repeat_of, lease_token
            FROM deliveries WHERE id = ?";
        let row: Option<Stored> = on_backend!(connection, c => {
            Statement::<_, StoredSql>::new(SQL).bind::<Uid, _>(id).get_result(c).optional()
        })?;
        let Some(row) = row else { return Ok(None) };
        let lease = row.8;
        Ok(Some((Self::read(row, lease.unwrap_or(id))?, lease.is_some())))
    }

    fn read(row: Stored, token: Id) -> Result<Self, StoreError> {
        let (id, organisation, campaign, representative, state, attempts, is_test, repeat_of, _) = row;
        let state = state.parse().map_err(|_flaw| StoreError::corrupt("deliveries", "state", id))?;
        let counted = !is_test && repeat_of.is_none();
        Ok(Self {
            id,
            organisation,
            campaign: campaign.into(),
            representative: representative.into(),
            state,
            attempts,
            counted,
            token,
        })
    }

    /// The state after the event; an event that the table of states forbids is a bug of the caller.
    pub(super) fn after(&self, event: DeliveryEvent) -> Result<DeliveryState, StoreError> {
        self.state.next(event).map_err(StoreError::backend)
    }

    /// Off the queue, in this state.
    pub(super) const fn resting<'n>(&self, state: DeliveryState) -> Next<'n, DeliveryState> {
        Next::resting(state, self.attempts)
    }

    /// Moves the message on, unless its lease or its state has changed meanwhile. Answers what that does to the counts.
    pub(super) fn transition(
        &self,
        connection: &mut AnyConnection,
        next: &Next<'_, DeliveryState>,
        now: DateTime<Utc>,
    ) -> Result<Option<TallyDelta>, StoreError> {
        let settled = DELIVERIES.settle(connection, (self.id, self.token), self.state, next, now)?;
        Ok(settled.then(|| self.delta(next.state)))
    }

    /// What it does to the counts that the message moves on.
    pub(super) fn delta(&self, to: DeliveryState) -> TallyDelta {
        if self.counted { TallyDelta::message(Some(self.state), to, self.representative) } else { TallyDelta::new() }
    }

    /// Closes the attempt that is open.
    pub(super) fn close_attempt(
        &self,
        connection: &mut AnyConnection,
        outcome: DeliveryState,
        reply: Option<&str>,
        now: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        const SQL: &str = "\
            UPDATE delivery_attempts SET ended_at = ?, outcome = ?, reply = ?
            WHERE delivery_id = ? AND number = ? AND ended_at IS NULL";
        on_backend!(connection, c => {
            Statement::<_>::new(SQL)
                .bind::<Instant, _>(At::new(now))
                .bind::<Text, _>(outcome.as_str())
                .bind::<Nullable<Text>, _>(reply)
                .bind::<Uid, _>(self.id)
                .bind::<Integer, _>(self.attempts)
                .execute(c)
        })?;
        Ok(())
    }
}
