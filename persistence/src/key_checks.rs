//! Check values of the keys that stored data depends on.

use crate::connection::AnyConnection;
use crate::schema::key_checks::dsl;
use crate::schema::suppressions;
use crate::{Store, StoreError, on_backend};
use diesel::prelude::*;

/// The purpose of the server's secret.
const SECRET: &str = "secret";

/// What the purposes of message keys begin with.
const MESSAGE: &str = "message:";

/// The check values of a server's keys: each identifies its key and does not reveal it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Keys {
    /// Check values of the secret and those before it, the newest first.
    pub secrets: Vec<Vec<u8>>,
    /// Of the keys that suppressed addresses are hashed under, each with its id.
    pub suppression_keys: Vec<(String, Vec<u8>)>,
    /// Of the keys that personal messages are sealed with, each with its id.
    pub message_keys: Vec<(String, Vec<u8>)>,
}

/// Why a server's keys do not fit its database.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum KeyFault {
    /// The database was served with another secret.
    OtherSecret,
    /// The key of this id is another one than before.
    OtherSuppressionKey(String),
    /// Addresses are suppressed under a key of this id, which the server lacks.
    MissingSuppressionKey(String),
    /// The key of this id is another one than before.
    OtherMessageKey(String),
    /// The database was served with a message key of this id, which the server lacks.
    MissingMessageKey(String),
}

impl Store {
    /// Compares a server's keys with those recorded, and records the ones that are new. Nodes that start together agree, since the
    /// first one wins.
    pub async fn check_keys(&self, keys: Keys) -> Result<Option<KeyFault>, StoreError> {
        self.write(move |connection| check(connection, &keys)).await
    }
}

fn check(connection: &mut AnyConnection, keys: &Keys) -> Result<Option<KeyFault>, StoreError> {
    if !secret_fits(connection, &keys.secrets)? {
        return Ok(Some(KeyFault::OtherSecret));
    }
    for (id, value) in &keys.suppression_keys {
        if recorded(connection, &format!("suppression:{id}"), value)? != *value {
            return Ok(Some(KeyFault::OtherSuppressionKey(id.clone())));
        }
    }
    for (id, value) in &keys.message_keys {
        if recorded(connection, &format!("{MESSAGE}{id}"), value)? != *value {
            return Ok(Some(KeyFault::OtherMessageKey(id.clone())));
        }
    }
    let used: Vec<String> = suppressions::table.select(suppressions::key_id).distinct().load(connection)?;
    let missing = used.into_iter().find(|id| !keys.suppression_keys.iter().any(|(known, _)| known == id));
    if let Some(id) = missing {
        return Ok(Some(KeyFault::MissingSuppressionKey(id)));
    }
    Ok(lost_message_key(connection, &keys.message_keys)?.map(KeyFault::MissingMessageKey))
}

/// The id of a message key that was in use and is gone: what was sealed with it could not be read.
fn lost_message_key(connection: &mut AnyConnection, known: &[(String, Vec<u8>)]) -> Result<Option<String>, StoreError> {
    let purposes: Vec<String> = dsl::key_checks.select(dsl::purpose).load(connection)?;
    let mut used = purposes.iter().filter_map(|purpose| purpose.strip_prefix(MESSAGE));
    Ok(used.find(|id| !known.iter().any(|(known, _)| known == id)).map(str::to_owned))
}

/// A secret that was rotated is followed by its successor.
fn secret_fits(connection: &mut AnyConnection, secrets: &[Vec<u8>]) -> Result<bool, StoreError> {
    let Some(current) = secrets.first() else { return Ok(false) };
    let recorded = recorded(connection, SECRET, current)?;
    if recorded == *current {
        return Ok(true);
    }
    let was_rotated = secrets.contains(&recorded);
    if was_rotated {
        let row = dsl::key_checks.filter(dsl::purpose.eq(SECRET));
        diesel::update(row).set(dsl::check_value.eq(current)).execute(connection)?;
    }
    Ok(was_rotated)
}

/// The recorded check value; this one if none was recorded.
fn recorded(connection: &mut AnyConnection, purpose: &str, value: &[u8]) -> Result<Vec<u8>, StoreError> {
    let row = (dsl::purpose.eq(purpose), dsl::check_value.eq(value));
    on_backend!(connection, c => {
        diesel::insert_into(dsl::key_checks).values(row).on_conflict_do_nothing().execute(c)
    })?;
    Ok(dsl::key_checks.filter(dsl::purpose.eq(purpose)).select(dsl::check_value).get_result(connection)?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::samples::{ORGANISATION, at};
    use crate::suppressions::add;
    use crate::testing::each_backend;

    fn check(store: &Store, secrets: &[&[u8]], suppression_keys: &[(&str, &[u8])]) -> Option<KeyFault> {
        check_all(store, secrets, suppression_keys, &[])
    }

    fn check_all(
        store: &Store,
        secrets: &[&[u8]],
        suppression_keys: &[(&str, &[u8])],
        message_keys: &[(&str, &[u8])],
    ) -> Option<KeyFault> {
        let named =
            |keys: &[(&str, &[u8])]| keys.iter().map(|(id, value)| ((*id).to_owned(), value.to_vec())).collect();
        let keys = Keys {
            secrets: secrets.iter().map(|value| value.to_vec()).collect(),
            suppression_keys: named(suppression_keys),
            message_keys: named(message_keys),
        };
        store.write_blocking(|connection| super::check(connection, &keys)).unwrap()
    }

    #[test]
    fn only_the_secret_of_the_first_start_or_its_successor_fits() {
        each_backend(|store| {
            assert_eq!(check(store, &[b"first"], &[]), None);
            assert_eq!(check(store, &[b"second"], &[]), Some(KeyFault::OtherSecret));
            assert_eq!(check(store, &[b"second", b"first"], &[]), None);
            assert_eq!(check(store, &[b"second"], &[]), None);
            assert_eq!(check(store, &[b"first"], &[]), Some(KeyFault::OtherSecret), "a restored older secret");
        });
    }

    #[test]
    fn a_suppression_key_that_is_needed_may_neither_change_nor_go() {
        each_backend(|store| {
            assert_eq!(check(store, &[b"s"], &[("1", b"one")]), None);
            let other = Some(KeyFault::OtherSuppressionKey("1".to_owned()));
            assert_eq!(check(store, &[b"s"], &[("1", b"another")]), other);
            assert_eq!(check(store, &[b"s"], &[("2", b"two")]), None, "nothing is suppressed under the first key");
            store.write_blocking(|c| add(c, ORGANISATION, "1", &[1, 2, 3], at(0))).unwrap();
            let missing = Some(KeyFault::MissingSuppressionKey("1".to_owned()));
            assert_eq!(check(store, &[b"s"], &[("2", b"two")]), missing);
            assert_eq!(check(store, &[b"s"], &[("2", b"two"), ("1", b"one")]), None);
        });
    }
    #[test]
    fn a_message_key_that_was_in_use_may_neither_change_nor_go() {
        each_backend(|store| {
            let with = |keys: &[(&str, &[u8])]| check_all(store, &[b"s"], &[], keys);
            assert_eq!(with(&[("1", b"one")]), None);
            assert_eq!(with(&[("1", b"another")]), Some(KeyFault::OtherMessageKey("1".to_owned())));
            assert_eq!(with(&[("2", b"two")]), Some(KeyFault::MissingMessageKey("1".to_owned())));
            assert_eq!(with(&[("2", b"two"), ("1", b"one")]), None);
        });
    }
}
