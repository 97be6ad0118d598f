//! Addresses as keyed hashes, so that a suppression outlives erasure without keeping the address (B7).

use crate::seal::derived_key;
use aws_lc_rs::hmac;
use postbag_domain::EmailAddress;
use std::fmt;

/// Makes the hashes that suppressions are stored and looked up by.
#[derive(Clone)]
pub(crate) struct SuppressionKey(hmac::Key);

impl fmt::Debug for SuppressionKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SuppressionKey(redacted)")
    }
}

impl SuppressionKey {
    /// A key of its own, derived from the server's secret.
    pub(crate) fn new(secret: &[u8]) -> Self {
        Self(derived_key(secret, "suppression"))
    }

    /// The hash of an address; every spelling that is the same address has the same one.
    pub(crate) fn hash(&self, address: &EmailAddress) -> Vec<u8> {
        hmac::sign(&self.0, address.key().as_bytes()).as_ref().to_vec()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_address_has_one_hash_however_it_is_spelt() {
        let key = SuppressionKey::new(b"0123456789abcdef0123456789abcdef");
        let hash = |text: &str| key.hash(&EmailAddress::parse(text).unwrap());
        assert_eq!(hash("Ada@Example.org"), hash("ada@example.ORG"));
        assert_ne!(hash("ada@example.org"), hash("ada@example.com"));
        let other = SuppressionKey::new(b"another secret of enough letters");
        assert_ne!(hash("ada@example.org"), other.hash(&EmailAddress::parse("ada@example.org").unwrap()));
    }
}
