//! Work that leaves the process, as leased rows (C5): one way to claim it, to settle it and to give it back.
//!
//! A worker claims due rows for a while under its token. Each of its writes names the token, so that a worker that lost its lease
//! changes nothing. A lease that has ended is due again, and the next claim finds the row as its worker left it.
//!
//! A leased table has the columns `id`, `state`, `held_for`, `available_at`, `lease_token`, `attempts`, `reply` and `updated_at`,
//! and an index over (`available_at`, `id`). A row is due at `available_at`, and never without one; under a lease that is when the
//! lease ends.

use crate::connection::AnyConnection;
use crate::statement::Statement;
use crate::types::{At, Id, Instant, Uid};
use crate::{StoreError, on_backend};
use chrono::{DateTime, Utc};
use diesel::RunQueryDsl;
use diesel::sql_types::{BigInt, Integer, Nullable, Text};
use postbag_domain::{DeliveryState, LeaseToken};

/// Messages to representatives.
pub(crate) const DELIVERIES: LeasedTable = leased_table!("deliveries");

/// Mails to supporters.
pub(crate) const MAILS: LeasedTable = leased_table!("mails");

/// Mails to representatives in place of several letters.
pub(crate) const DIGESTS: LeasedTable = leased_table!("digests");

/// A table of work that leaves the process: its statements.
#[derive(Clone, Copy, Debug)]
pub(crate) struct LeasedTable {
    claim_on_postgres: &'static str,
    claim_on_sqlite: &'static str,
    settle: &'static str,
    give_back: &'static str,
}

/// The statements for a table. They are fixed texts, so that connections keep them prepared.
macro_rules! leased_table {
    ($table:literal) => {
        $crate::leases::LeasedTable {
            // The array is made once, before the update looks for its rows.
            claim_on_postgres: concat!(
                "UPDATE ",
                $table,
                " SET lease_token = ?, available_at = ? WHERE id = ANY (ARRAY(SELECT id FROM ",
                $table,
                " WHERE available_at <= ? ORDER BY available_at, id LIMIT ? FOR UPDATE SKIP LOCKED)) RETURNING id"
            ),
            claim_on_sqlite: concat!(
                "UPDATE ",
                $table,
                " SET lease_token = ?, available_at = ? WHERE id IN (SELECT id FROM ",
                $table,
                " WHERE available_at <= ? ORDER BY available_at, id LIMIT ?) RETURNING id"
            ),
            settle: concat!(
                "UPDATE ",
                $table,
                " SET state = ?, available_at = ?, lease_token = ?, attempts = ?, reply = coalesce(?, reply), \
                 held_for = ?, updated_at = ? WHERE id = ? AND lease_token = ? AND state = ?"
            ),
            give_back: concat!(
                "UPDATE ",
                $table,
                " SET lease_token = NULL, available_at = ?, held_for = coalesce(?, held_for) \
                 WHERE id = ? AND lease_token = ? AND state <> 'sending'"
            ),
        }
    };
}
use leased_table;

/// A state as its column keeps it.
pub(crate) trait StateWord: Copy {
    fn word(self) -> &'static str;
}

impl StateWord for DeliveryState {
    fn word(self) -> &'static str {
        self.as_str()
    }
}

/// The next state of a row that is settled.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Next<'n, S> {
    pub(crate) state: S,
    /// The moment it is due again; never if absent.
    pub(crate) available_at: Option<DateTime<Utc>>,
    /// True if the worker keeps its lease.
    pub(crate) leased: bool,
    pub(crate) attempts: i32,
    /// The other side's reply, if it gave one.
    pub(crate) reply: Option<&'n str>,
    /// The reason it is held, if it is.
    pub(crate) held_for: Option<&'static str>,
}

impl<S> Next<'_, S> {
    /// Off the queue, in this state.
    pub(crate) const fn resting(state: S, attempts: i32) -> Self {
        Self { state, available_at: None, leased: false, attempts, reply: None, held_for: None }
    }
}

impl LeasedTable {
    /// Leases up to `limit` due rows, the longest due first, until `until`. Only the head of the queue is read.
    ///
    /// Other claims skip rows that this one has locked; on SQLite there is one writer at a time.
    pub(crate) fn claim(
        &self,
        connection: &mut AnyConnection,
        token: LeaseToken,
        now: DateTime<Utc>,
        until: DateTime<Utc>,
        limit: u16,
    ) -> Result<Vec<Id>, StoreError> {
        macro_rules! run {
            ($sql:expr, $connection:expr) => {
                Statement::<_, (Uid,)>::new($sql)
                    .bind::<Uid, _>(Id::from(token))
                    .bind::<Instant, _>(At::new(until))
                    .bind::<Instant, _>(At::new(now))
                    .bind::<BigInt, _>(i64::from(limit))
                    .load::<(Id,)>($connection)
            };
        }
        let rows = match connection {
            AnyConnection::Postgres(c) => run!(self.claim_on_postgres, c),
            AnyConnection::Sqlite(c) => run!(self.claim_on_sqlite, c),
        }?;
        Ok(rows.into_iter().map(|(id,)| id).collect())
    }

    /// Moves a row on from the state it was read in; false if its lease or its state has changed meanwhile.
    pub(crate) fn settle<S: StateWord>(
        &self,
        connection: &mut AnyConnection,
        (id, token): (Id, Id),
        from: S,
        next: &Next<'_, S>,
        now: DateTime<Utc>,
    ) -> Result<bool, StoreError> {
        let changed = on_backend!(connection, c => {
            Statement::<_>::new(self.settle)
                .bind::<Text, _>(next.state.word())
                .bind::<Nullable<Instant>, _>(next.available_at.map(At::new))
                .bind::<Nullable<Uid>, _>(next.leased.then_some(token))
                .bind::<Integer, _>(next.attempts)
                .bind::<Nullable<Text>, _>(next.reply)
                .bind::<Nullable<Text>, _>(next.held_for)
                .bind::<Instant, _>(At::new(now))
                .bind::<Uid, _>(id)
                .bind::<Uid, _>(token)
                .bind::<Text, _>(from.word())
                .execute(c)
        })?;
        Ok(changed > 0)
    }

    /// Gives back a row that was claimed and not begun: it is due at `available_at`, and never without one. Answers whether it was
    /// still under the lease.
    pub(crate) fn give_back(
        &self,
        connection: &mut AnyConnection,
        token: LeaseToken,
        id: Id,
        available_at: Option<DateTime<Utc>>,
        held_for: Option<&'static str>,
    ) -> Result<bool, StoreError> {
        let changed = on_backend!(connection, c => {
            Statement::<_>::new(self.give_back)
                .bind::<Nullable<Instant>, _>(available_at.map(At::new))
                .bind::<Nullable<Text>, _>(held_for)
                .bind::<Uid, _>(id)
                .bind::<Uid, _>(Id::from(token))
                .execute(c)
        })?;
        Ok(changed > 0)
    }
}

#[cfg(test)]
mod tests;
