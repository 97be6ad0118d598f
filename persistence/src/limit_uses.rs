//! What servers count on limits, exchanged through the database: several servers keep one limit together (A4, C29).
//!
//! Each server adds what it counted since its last visit to rows of its own, and reads the rows of others that changed. The counts of
//! a row only grow, so a row that is read twice is counted once.

use crate::batch::insert_all;
use crate::connection::AnyConnection;
use crate::schema::limit_uses;
use crate::types::{At, Id, Instant, Uid};
use crate::{Store, StoreError, expired};
use chrono::{DateTime, DurationRound, TimeDelta, Utc};
use diesel::prelude::*;
use diesel::sql_types::{Binary, Integer, Text};
use uuid::Uuid;

/// How long rows are kept: the counts of an hour say nothing two hours later.
const KEEP: TimeDelta = TimeDelta::hours(2);

/// What a server has counted on one limit for one subject.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LimitUse {
    /// The limit: its name, its amount and its window.
    pub policy: String,
    /// A keyed hash of the client, campaign or credential.
    pub subject: Vec<u8>,
    /// How often.
    pub used: i32,
}

/// What another server has counted in an hour so far.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LimitUseElsewhere {
    /// That server's start.
    pub node: Uuid,
    /// The hour's beginning.
    pub hour: DateTime<Utc>,
    /// The count.
    pub counted: LimitUse,
}

impl Store {
    /// Adds what this server counted, and answers what others changed since a moment.
    pub async fn exchange_limit_uses(
        &self,
        node: Uuid,
        own: Vec<LimitUse>,
        since: DateTime<Utc>,
        now: DateTime<Utc>,
    ) -> Result<Vec<LimitUseElsewhere>, StoreError> {
        if !own.is_empty() {
            self.write(move |connection| Ok(add(connection, node, &own, now)?)).await?;
        }
        self.read(move |connection| Ok(elsewhere(connection, node, since)?)).await
    }

    /// Deletes up to `limit` rows that say nothing any more and says how many.
    pub async fn purge_limit_uses(&self, now: DateTime<Utc>, limit: u32) -> Result<usize, StoreError> {
        const SQL: &str = "\
            DELETE FROM limit_uses WHERE (policy, subject, hour, node_id) IN (
                SELECT policy, subject, hour, node_id FROM limit_uses WHERE changed_at < ? LIMIT ?
            )";
        self.write(move |connection| expired::purge(connection, SQL, now - KEEP, limit)).await
    }
}

struct NewRow<'u> {
    counted: &'u LimitUse,
    hour: At,
    node: Id,
    now: At,
}

fn add(connection: &mut AnyConnection, node: Uuid, own: &[LimitUse], now: DateTime<Utc>) -> QueryResult<()> {
    let (hour, now) = (At::new(now.duration_trunc(TimeDelta::hours(1)).unwrap_or(now)), At::new(now));
    let node = Id(node);
    let rows: Vec<_> = own.iter().map(|counted| NewRow { counted, hour, node, now }).collect();
    insert_all!(connection, rows, "limit_uses", |row| {
        policy: Text = row.counted.policy.as_str(),
        subject: Binary = row.counted.subject.as_slice(),
        hour: Instant = row.hour,
        node_id: Uid = row.node,
        used: Integer = row.counted.used,
        changed_at: Instant = row.now,
    }, "ON CONFLICT (policy, subject, hour, node_id) DO UPDATE SET \
        used = limit_uses.used + excluded.used, changed_at = excluded.changed_at")
}

type Row = (String, Vec<u8>, At, Id, i32);

fn elsewhere(connection: &mut AnyConnection, node: Uuid, since: DateTime<Utc>) -> QueryResult<Vec<LimitUseElsewhere>> {
    let columns = (limit_uses::policy, limit_uses::subject, limit_uses::hour, limit_uses::node_id, limit_uses::used);
    let changed = limit_uses::table
        .filter(limit_uses::changed_at.ge(At::new(since)))
        .filter(limit_uses::node_id.ne(Id(node)))
        .select(columns);
    let rows: Vec<Row> = changed.load(connection)?;
    Ok(rows.into_iter().map(read).collect())
}

fn read((policy, subject, hour, node, used): Row) -> LimitUseElsewhere {
    LimitUseElsewhere { node: node.0, hour: hour.time(), counted: LimitUse { policy, subject, used } }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::samples::at;
    use crate::testing::{block_on, each_backend};

    fn counted(used: i32) -> LimitUse {
        LimitUse { policy: "\"submissions\";q=60;w=3600".to_owned(), subject: vec![7; 32], used }
    }

    #[test]
    fn servers_read_the_growing_counts_of_each_other_and_not_their_own() {
        each_backend(|store| {
            let [one, other] = [Uuid::from_u128(1), Uuid::from_u128(2)];
            let add = |node, used, seconds| {
                store.write_blocking(|c| Ok(add(c, node, &[counted(used)], at(seconds))?)).unwrap();
            };
            let seen = |node, since| {
                let rows = store.read_blocking(|c| Ok(elsewhere(c, node, at(since))?)).unwrap();
                rows.into_iter().map(|row| (row.node, row.counted.used)).collect::<Vec<_>>()
            };
            add(one, 2, 1);
            add(one, 3, 2);
            add(other, 1, 2);
            assert_eq!(seen(other, 0), [(one, 5)]);
            assert_eq!(seen(one, 0), [(other, 1)]);
            assert_eq!(seen(one, 3), []);
        });
    }

    #[test]
    fn counts_go_when_their_hour_is_long_over() {
        each_backend(|store| {
            let node = Uuid::from_u128(1);
            store.write_blocking(|c| Ok(add(c, node, &[counted(1)], at(0))?)).unwrap();
            let purge = |seconds| block_on(store.purge_limit_uses(at(seconds), 10)).unwrap();
            assert_eq!([purge(7200), purge(7201), purge(7201)], [0, 1, 0]);
        });
    }
}
