//! A message under a lease, and its next state.

use crate::connection::AnyConnection;
use crate::statement::Statement;
use crate::types::{At, Id, Instant, Uid};
use crate::{StoreError, on_backend};
use chrono::{DateTime, Utc};
use diesel::sql_types::{Bool, Integer, Nullable, Text};
use diesel::{OptionalExtension, RunQueryDsl};
use postbag_domain::{CampaignId, DeliveryEvent, DeliveryState, HeldFor, RepresentativeId, TallyDelta};

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

/// Where a message goes.
pub(super) struct Next<'n> {
    pub(super) state: DeliveryState,
    /// When it is due again; never if absent.
    pub(super) available_at: Option<DateTime<Utc>>,
    /// True if the worker keeps its lease.
    pub(super) leased: bool,
    pub(super) attempts: i32,
    /// What the relay said, if it said something.
    pub(super) reply: Option<&'n str>,
    /// What it waits for, if it is held.
    pub(super) held_for: Option<HeldFor>,
}

impl Next<'_> {
    /// Off the queue, in this state.
    pub(super) const fn resting(row: &Row, state: DeliveryState) -> Self {
        Self { state, available_at: None, leased: false, attempts: row.attempts, reply: None, held_for: None }
    }
}

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

    /// Moves the message on, unless its lease or its state has changed meanwhile. Answers what that does to the counts.
    pub(super) fn go(
        &self,
        connection: &mut AnyConnection,
        next: &Next<'_>,
        now: DateTime<Utc>,
    ) -> Result<Option<TallyDelta>, StoreError> {
        const SQL: &str = "\
            UPDATE deliveries
            SET state = ?, available_at = ?, lease_token = ?, attempts = ?, reply = coalesce(?, reply), held_for = ?,
                updated_at = ?
            WHERE id = ? AND lease_token = ? AND state = ?";
        let changed = on_backend!(connection, c => {
            Statement::<_>::new(SQL)
                .bind::<Text, _>(next.state.as_str())
                .bind::<Nullable<Instant>, _>(next.available_at.map(At::new))
                .bind::<Nullable<Uid>, _>(next.leased.then_some(self.token))
                .bind::<Integer, _>(next.attempts)
                .bind::<Nullable<Text>, _>(next.reply)
                .bind::<Nullable<Text>, _>(next.held_for.map(HeldFor::as_str))
                .bind::<Instant, _>(At::new(now))
                .bind::<Uid, _>(self.id)
                .bind::<Uid, _>(self.token)
                .bind::<Text, _>(self.state.as_str())
                .execute(c)
        })?;
        Ok((changed > 0).then(|| self.delta(next.state)))
    }

    fn delta(&self, to: DeliveryState) -> TallyDelta {
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
