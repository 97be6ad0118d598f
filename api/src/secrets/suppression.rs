//! Suppressed addresses as keyed hashes, so that a suppression outlives erasure without keeping the address (B7).

use super::seal::{check_value, derived_bytes, hex, unhex};
use crate::config::Config;
use aws_lc_rs::hmac;
use postbag_domain::EmailAddress;
use std::fmt;

/// The id of the key that is derived from `secret` where none is configured.
pub(super) const DERIVED: &str = "secret";

/// The keys under which addresses are suppressed: new hashes are made under the first, and an address is suppressed if its hash under
/// any of them is.
#[derive(Clone)]
pub(crate) struct SuppressionKeys {
    first: Key,
    older: Vec<Key>,
}

#[derive(Clone)]
struct Key {
    id: String,
    bytes: Vec<u8>,
    hmac: hmac::Key,
}

/// The hash of an address, and the key it was made under.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct SuppressionHash {
    pub(crate) key_id: String,
    pub(crate) hash: Vec<u8>,
}

impl fmt::Debug for SuppressionKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SuppressionKeys(redacted)")
    }
}

impl SuppressionKeys {
    /// The configured keys; without any, one derived from the server's oldest secret, which no rotation changes.
    pub(crate) fn of(config: &Config) -> Self {
        let mut keys = config.suppression_keys.iter().map(|key| Key::new(&key.id, key.key.expose()));
        match keys.next() {
            Some(first) => Self { first, older: keys.collect() },
            None => Self { first: Key::new(DERIVED, &derived(config)), older: Vec::new() },
        }
    }

    /// The hash to store; every spelling of the same address has the same one.
    pub(crate) fn hash(&self, address: &EmailAddress) -> SuppressionHash {
        SuppressionHash { key_id: self.first.id.clone(), hash: self.first.hash(address) }
    }

    /// The hashes under which the address may have been stored.
    pub(crate) fn hashes(&self, address: &EmailAddress) -> impl Iterator<Item = Vec<u8>> {
        self.all().map(|key| key.hash(address))
    }

    /// [`SuppressionKeys::hashes`] of an address that is known by its key.
    pub(crate) fn hashes_of_key(&self, email_key: &str) -> Vec<Vec<u8>> {
        self.all().map(|key| key.hash_of_key(email_key)).collect()
    }

    /// Each key's id, with a value that identifies the key and does not reveal it.
    pub(super) fn check_values(&self) -> Vec<(String, Vec<u8>)> {
        self.all().map(|key| (key.id.clone(), check_value(&key.bytes))).collect()
    }

    fn all(&self) -> impl Iterator<Item = &Key> {
        std::iter::once(&self.first).chain(&self.older)
    }
}

/// The key that is in use where none is configured, as text.
pub(super) fn derived(config: &Config) -> String {
    let oldest = config.secrets().last().unwrap_or_default();
    hex(&derived_bytes(oldest, "suppression"))
}

impl Key {
    /// 64 hexadecimal digits are the bytes they name; any other text is its own bytes.
    fn new(id: &str, text: &str) -> Self {
        let bytes = unhex(text).filter(|bytes| bytes.len() == 32).unwrap_or_else(|| text.as_bytes().to_vec());
        Self { id: id.to_owned(), hmac: hmac::Key::new(hmac::HMAC_SHA256, &bytes), bytes }
    }

    fn hash(&self, address: &EmailAddress) -> Vec<u8> {
        self.hash_of_key(&address.key())
    }

    fn hash_of_key(&self, email_key: &str) -> Vec<u8> {
        hmac::sign(&self.hmac, email_key.as_bytes()).as_ref().to_vec()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{NamedKey, Secret};

    fn keys(ids: &[&str]) -> SuppressionKeys {
        let key = |id: &&str| NamedKey {
            id: (*id).to_owned(),
            key: Secret::from(format!("key {id} of enough letters, really").as_str()),
        };
        let config = Config { suppression_keys: ids.iter().map(key).collect(), ..Config::default() };
        SuppressionKeys::of(&config)
    }

    #[test]
    fn one_address_has_one_hash_however_it_is_spelt() {
        let keys = keys(&["1"]);
        let hash = |text: &str| keys.hash(&EmailAddress::parse(text).unwrap());
        assert_eq!(hash("Ada@Example.org"), hash("ada@example.ORG"));
        assert_ne!(hash("ada@example.org"), hash("ada@example.com"));
    }

    #[test]
    fn what_was_stored_under_an_old_key_is_found_under_the_new_ones() {
        let ada = EmailAddress::parse("ada@example.org").unwrap();
        let (before, after) = (keys(&["1"]), keys(&["2", "1"]));
        assert!(after.hashes(&ada).any(|hash| hash == before.hash(&ada).hash));
        assert_eq!(after.hash(&ada).key_id, "2");
        assert_ne!(after.hash(&ada).hash, before.hash(&ada).hash);
    }
}
