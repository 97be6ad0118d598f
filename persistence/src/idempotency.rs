//! Idempotency keys: the saved answer commits together with its effect (A2, A3).

use crate::batch::insert_all;
use crate::connection::AnyConnection;
use crate::schema::idempotency_keys;
use crate::types::{At, Doc, Instant, Json};
use crate::{Store, StoreError, expired};
use chrono::{DateTime, TimeDelta, Utc};
use diesel::prelude::*;
use diesel::sql_types::{Binary, Text};
use serde_json::Value;
use std::collections::BTreeSet;

/// How long a key is kept; longer than the 24 hours that A2 asks for.
pub(crate) const KEEP: TimeDelta = TimeDelta::hours(48);

/// A key as its caller sent it, with the fingerprint of its request.
#[derive(Clone, PartialEq, Eq)]
pub struct KeyClaim {
    /// The caller and the operation: the same key elsewhere is another key.
    pub scope: String,
    /// The key.
    pub key: String,
    /// A digest of the request; a key may not be used for another one.
    pub fingerprint: [u8; 32],
}

// Keys are the callers' own words, which may name a person (C31).
impl std::fmt::Debug for KeyClaim {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("KeyClaim").field("scope", &self.scope).finish_non_exhaustive()
    }
}

/// A key to be kept with an effect, and what to answer to it again.
#[derive(Debug)]
pub struct Keep<T> {
    /// The key.
    pub claim: KeyClaim,
    /// The answer, made of what the effect stored.
    pub answer: fn(&T) -> Value,
}

/// The record of a key.
#[derive(Clone, Debug, PartialEq)]
pub enum Known {
    /// The same request was answered before.
    Answered {
        /// Like this.
        answer: Value,
        /// The campaign's actions just after, where the request was a submission.
        tally_actions: Option<i64>,
    },
    /// The key was used for another request.
    Reused,
}

/// A key as stored.
#[derive(Queryable)]
pub(crate) struct KeyRow {
    pub(crate) scope: String,
    pub(crate) key: String,
    pub(crate) fingerprint: Vec<u8>,
    pub(crate) answer: Json,
    pub(crate) tally_actions: Option<i64>,
    pub(crate) created_at: At,
    pub(crate) expires_at: At,
}

impl KeyRow {
    pub(crate) fn new(
        claim: &KeyClaim,
        answer: &Value,
        now: DateTime<Utc>,
        keep: TimeDelta,
    ) -> Result<Self, StoreError> {
        Ok(Self {
            scope: claim.scope.clone(),
            key: claim.key.clone(),
            fingerprint: claim.fingerprint.to_vec(),
            answer: Json::of(answer)?,
            tally_actions: None,
            created_at: now.into(),
            expires_at: (now + keep).into(),
        })
    }

    /// What tells it from all others: its scope and the caller's key.
    pub(crate) fn name(&self) -> (&str, &str) {
        (&self.scope, &self.key)
    }

    /// The answer of this row to a request that claims the same key.
    pub(crate) fn says(&self, claim: &KeyClaim) -> Result<Known, StoreError> {
        if self.fingerprint != claim.fingerprint {
            return Ok(Known::Reused);
        }
        let answer = self.answer.read("idempotency_keys", "answer", &self.scope)?;
        Ok(Known::Answered { answer, tally_actions: self.tally_actions })
    }
}

/// Takes the keys that are free or have expired, and answers which: each with its scope.
pub(crate) fn take(connection: &mut AnyConnection, rows: &[&KeyRow]) -> Result<BTreeSet<(String, String)>, StoreError> {
    let taken: Vec<(String, String)> = insert_all!(connection, rows, "idempotency_keys", |row| {
        scope: Text = row.scope.as_str(),
        key: Text = row.key.as_str(),
        fingerprint: Binary = row.fingerprint.as_slice(),
        answer: Doc = &row.answer,
        created_at: Instant = row.created_at,
        expires_at: Instant = row.expires_at,
    }, "ON CONFLICT (scope, key) DO UPDATE SET fingerprint = excluded.fingerprint, answer = excluded.answer, \
        created_at = excluded.created_at, expires_at = excluded.expires_at \
        WHERE idempotency_keys.expires_at <= excluded.created_at RETURNING scope, key" => (Text, Text))?;
    Ok(taken.into_iter().collect())
}

/// Gives keys back that were taken in this transaction for what was refused.
pub(crate) fn give_back(connection: &mut AnyConnection, names: &BTreeSet<(&str, &str)>) -> Result<(), StoreError> {
    for (scope, key) in names {
        let taken = idempotency_keys::table.find((*scope, *key));
        diesel::delete(taken).execute(connection)?;
    }
    Ok(())
}

/// Finds the record of a key; nothing if it is new or has expired.
pub(crate) fn find(
    connection: &mut AnyConnection,
    claim: &KeyClaim,
    now: DateTime<Utc>,
) -> Result<Option<Known>, StoreError> {
    let row: Option<KeyRow> = idempotency_keys::table
        .filter(idempotency_keys::scope.eq(&claim.scope))
        .filter(idempotency_keys::key.eq(&claim.key))
        .filter(idempotency_keys::expires_at.gt(At::new(now)))
        .select((
            idempotency_keys::scope,
            idempotency_keys::key,
            idempotency_keys::fingerprint,
            idempotency_keys::answer,
            idempotency_keys::tally_actions,
            idempotency_keys::created_at,
            idempotency_keys::expires_at,
        ))
        .first(connection)
        .optional()?;
    row.map(|row| row.says(claim)).transpose()
}

/// Keeps the answer under the key, in the transaction of its effect.
///
/// [`StoreError::Conflict`] if another request took the key in the meantime: roll back and [`find`] its answer.
pub(crate) fn remember(
    connection: &mut AnyConnection,
    claim: &KeyClaim,
    answer: &Value,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    let row = KeyRow::new(claim, answer, now, KEEP)?;
    if take(connection, &[&row])?.is_empty() { Err(StoreError::Conflict) } else { Ok(()) }
}

impl Store {
    /// Finds the record of a key; nothing if it is new or has expired.
    pub async fn find_key(&self, claim: KeyClaim, now: DateTime<Utc>) -> Result<Option<Known>, StoreError> {
        self.read(move |connection| find(connection, &claim, now)).await
    }

    /// Deletes up to `limit` keys that have expired and says how many.
    pub async fn purge_expired_keys(&self, now: DateTime<Utc>, limit: u32) -> Result<usize, StoreError> {
        const SQL: &str = "\
            DELETE FROM idempotency_keys WHERE (scope, key) IN (
                SELECT scope, key FROM idempotency_keys WHERE expires_at <= ? ORDER BY expires_at LIMIT ?
            )";
        self.write(move |connection| expired::purge(connection, SQL, now, limit)).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::samples::at;
    use crate::testing::each_backend;
    use serde_json::json;

    fn claim(key: &str, fingerprint: u8) -> KeyClaim {
        KeyClaim { scope: "templates".to_owned(), key: key.to_owned(), fingerprint: [fingerprint; 32] }
    }

    #[test]
    fn an_answer_is_found_again_under_its_key_until_it_expires() {
        each_backend(|store| {
            store.write_blocking(|c| remember(c, &claim("k", 1), &json!({ "id": 7 }), at(0))).unwrap();
            let known = |key, fingerprint, seconds| {
                store.read_blocking(|c| find(c, &claim(key, fingerprint), at(seconds))).unwrap()
            };
            assert_eq!(known("k", 1, 1), Some(Known::Answered { answer: json!({ "id": 7 }), tally_actions: None }));
            assert_eq!(known("k", 2, 1), Some(Known::Reused));
            assert_eq!(known("other", 1, 1), None);
            assert_eq!(known("k", 1, KEEP.num_seconds()), None);
        });
    }

    #[test]
    fn a_key_that_somebody_took_meanwhile_is_a_conflict_and_takes_the_effect_back() {
        each_backend(|store| {
            let take = |seconds| store.write_blocking(|c| remember(c, &claim("k", 1), &json!(1), at(seconds)));
            take(0).unwrap();
            assert!(matches!(take(1), Err(StoreError::Conflict)));
            take(KEEP.num_seconds()).unwrap();
        });
    }
}
