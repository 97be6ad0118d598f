//! The first statement of a group: whose keys are new.
//!
//! A key is taken before anything is written. A writer that meets a key taken by an unfinished transaction waits for its end, so
//! the same request twice at the same moment becomes one effect and one replay (A2).

use super::entry::Entry;
use crate::StoreError;
use crate::connection::AnyConnection;
use crate::failpoint;
use crate::idempotency::{self, KeyRow, Known};
use crate::statement::Statement;
use crate::types::{At, Doc, Instant, Json};
use diesel::sql_types::{Array, BigInt, Binary, Nullable, Text};
use diesel::{OptionalExtension, PgConnection, QueryResult, RunQueryDsl, SqliteConnection};
use std::collections::{BTreeMap, BTreeSet};

/// How an entry stands to its key.
pub(super) enum Standing {
    /// It is the first with this key.
    Fresh,
    /// The key was seen before.
    Known(Known),
    /// Its challenge was spent on another submission.
    ChallengeSpent,
    /// It was held, and is not approved any more.
    NotApproved,
}

impl Standing {
    pub(super) fn is_fresh(&self) -> bool {
        matches!(self, Self::Fresh)
    }
}

type Name<'e> = (&'e str, &'e str);
type Stored = (String, String, Vec<u8>, Json, Option<i64>, At, At);
type StoredSql = (Text, Text, Binary, Doc, Nullable<BigInt>, Instant, Instant);

/// Takes the keys that are free, and answers how each entry stands.
pub(super) fn claim(connection: &mut AnyConnection, entries: &[Entry]) -> Result<Vec<Standing>, StoreError> {
    let mut leaders: BTreeMap<Name<'_>, &KeyRow> = BTreeMap::new();
    for entry in entries {
        leaders.entry(entry.key.name()).or_insert(&entry.key);
    }
    let rows: Vec<&KeyRow> = leaders.values().copied().collect();
    let taken = idempotency::take(connection, &rows)?;
    let held = held(connection, leaders.keys().filter(|key| !taken.contains(&owned(key))))?;
    let mut led = BTreeSet::new();
    entries.iter().map(|entry| standing(entry, &leaders, &held, &mut led)).collect()
}

fn owned((scope, key): &Name<'_>) -> (String, String) {
    ((*scope).to_owned(), (*key).to_owned())
}

/// The first entry with a free key is fresh; the others get the answer kept under that key.
fn standing<'e>(
    entry: &'e Entry,
    leaders: &BTreeMap<Name<'e>, &'e KeyRow>,
    held: &BTreeMap<(String, String), KeyRow>,
    led: &mut BTreeSet<Name<'e>>,
) -> Result<Standing, StoreError> {
    let key = entry.key.name();
    let row = match held.get(&owned(&key)) {
        Some(row) => row,
        None if led.insert(key) => return Ok(Standing::Fresh),
        None => leaders.get(&key).copied().unwrap_or(&entry.key),
    };
    row.says(&entry.claim).map(Standing::Known)
}

/// Reads the keys that were taken before.
fn held<'e>(
    connection: &mut AnyConnection,
    names: impl Iterator<Item = &'e Name<'e>>,
) -> Result<BTreeMap<(String, String), KeyRow>, StoreError> {
    const SQL: &str = "\
        SELECT scope, key, fingerprint, answer, tally_actions, created_at, expires_at
        FROM idempotency_keys WHERE scope = ? AND key = ?";
    let mut held = BTreeMap::new();
    for (scope, key) in names {
        let row: Option<Stored> = crate::on_backend!(connection, c => {
            Statement::<_, StoredSql>::new(SQL).bind::<Text, _>(*scope).bind::<Text, _>(*key).get_result(c).optional()
        })?;
        if let Some((scope, key, fingerprint, answer, tally_actions, created_at, expires_at)) = row {
            let row = KeyRow { scope, key, fingerprint, answer, tally_actions, created_at, expires_at };
            held.insert((row.scope.clone(), row.key.clone()), row);
        }
    }
    Ok(held)
}

/// Completes the answers kept under fresh keys with what became known after they were taken.
pub(super) fn complete(connection: &mut AnyConnection, counted: &[(&KeyRow, i64)]) -> Result<(), StoreError> {
    if counted.is_empty() {
        return Ok(());
    }
    match connection {
        AnyConnection::Postgres(c) => complete_at_once(c, counted)?,
        AnyConnection::Sqlite(c) => complete_one_by_one(c, counted)?,
    }
    Ok(())
}

fn complete_at_once(connection: &mut PgConnection, counted: &[(&KeyRow, i64)]) -> QueryResult<()> {
    const SQL: &str = "\
        UPDATE idempotency_keys SET tally_actions = counted.actions
        FROM unnest(?, ?, ?) AS counted (scope, key, actions)
        WHERE idempotency_keys.scope = counted.scope AND idempotency_keys.key = counted.key";
    Statement::<_>::new(SQL)
        .bind::<Array<Text>, _>(counted.iter().map(|(row, _)| row.scope.as_str()).collect::<Vec<_>>())
        .bind::<Array<Text>, _>(counted.iter().map(|(row, _)| row.key.as_str()).collect::<Vec<_>>())
        .bind::<Array<BigInt>, _>(counted.iter().map(|(_, actions)| *actions).collect::<Vec<_>>())
        .execute(connection)?;
    failpoint::passed()
}

fn complete_one_by_one(connection: &mut SqliteConnection, counted: &[(&KeyRow, i64)]) -> QueryResult<()> {
    const SQL: &str = "UPDATE idempotency_keys SET tally_actions = ? WHERE scope = ? AND key = ?";
    for (row, actions) in counted {
        Statement::<_>::new(SQL)
            .bind::<BigInt, _>(*actions)
            .bind::<Text, _>(row.scope.as_str())
            .bind::<Text, _>(row.key.as_str())
            .execute(connection)?;
        failpoint::passed()?;
    }
    Ok(())
}
