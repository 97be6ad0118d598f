//! Personal messages, and addresses that wait to be looked up, sealed for the database with AES-256-GCM, so that a dump of it shows
//! none (B12).
//!
//! ```text
//! version (1)  length of the key's id (1)  the key's id  nonce (12)  ciphertext and tag
//! ```

use super::seal::{check_value, derived_bytes, hex, unhex};
use crate::config::Config;
use aws_lc_rs::aead::{AES_256_GCM, Aad, NONCE_LEN, Nonce, RandomizedNonceKey};
use aws_lc_rs::digest::{SHA256, digest};
use postbag_persistence::MessageSeal;
use std::fmt;
use uuid::Uuid;

/// The id of the key that is derived from `secret` where none is configured.
pub(super) const DERIVED: &str = "secret";

/// The layout of sealed texts.
const VERSION: u8 = 1;

/// The keys of personal messages: new ones are sealed with the first, and each opens what was sealed with it.
pub(crate) struct MessageKeys(Vec<Key>);

struct Key {
    id: String,
    bytes: Vec<u8>,
    cipher: Option<RandomizedNonceKey>,
}

impl fmt::Debug for MessageKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("MessageKeys(redacted)")
    }
}

impl MessageKeys {
    /// The configured keys; without any, one derived from the server's oldest secret, which no rotation changes.
    pub(crate) fn of(config: &Config) -> Self {
        let keys: Vec<_> = config.message_keys.iter().map(|key| Key::new(&key.id, key.key.expose())).collect();
        if keys.is_empty() { Self(vec![Key::new(DERIVED, &derived(config))]) } else { Self(keys) }
    }

    /// Each key's id, with a value that identifies the key and does not reveal it.
    pub(super) fn check_values(&self) -> Vec<(String, Vec<u8>)> {
        self.0.iter().map(|key| (key.id.clone(), check_value(&key.bytes))).collect()
    }
}

/// The key that is in use where none is configured, as text.
pub(super) fn derived(config: &Config) -> String {
    let oldest = config.secrets().last().unwrap_or_default();
    hex(&derived_bytes(oldest, "message"))
}

impl Key {
    /// 64 hexadecimal digits are the bytes they name; any other text is hashed to as many.
    fn new(id: &str, text: &str) -> Self {
        let named = unhex(text).filter(|bytes| bytes.len() == 32);
        let bytes = named.unwrap_or_else(|| digest(&SHA256, text.as_bytes()).as_ref().to_vec());
        let cipher = RandomizedNonceKey::new(&AES_256_GCM, &bytes).ok();
        Self { id: id.to_owned(), bytes, cipher }
    }

    fn seal(&self, about: Uuid, text: &str) -> Option<Vec<u8>> {
        let mut text = text.as_bytes().to_vec();
        let nonce = self.cipher.as_ref()?.seal_in_place_append_tag(Aad::from(about.into_bytes()), &mut text).ok()?;
        let length = u8::try_from(self.id.len()).ok()?;
        Some([&[VERSION, length], self.id.as_bytes(), nonce.as_ref().as_slice(), &text].concat())
    }

    fn open(&self, about: Uuid, nonce: &[u8], ciphertext: &[u8]) -> Option<String> {
        let nonce = Nonce::try_assume_unique_for_key(nonce).ok()?;
        let mut bytes = ciphertext.to_vec();
        let text = self.cipher.as_ref()?.open_in_place(nonce, Aad::from(about.into_bytes()), &mut bytes).ok()?;
        str::from_utf8(text).ok().map(str::to_owned)
    }
}

impl MessageSeal for MessageKeys {
    fn seal(&self, about: Uuid, text: &str) -> Option<Vec<u8>> {
        self.0.first()?.seal(about, text)
    }

    fn open(&self, about: Uuid, sealed: &[u8]) -> Option<String> {
        let [VERSION, length, rest @ ..] = sealed else { return None };
        let (id, rest) = rest.split_at_checked(usize::from(*length))?;
        let (nonce, ciphertext) = rest.split_at_checked(NONCE_LEN)?;
        let key = self.0.iter().find(|key| key.id.as_bytes() == id)?;
        key.open(about, nonce, ciphertext)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{NamedKey, Secret};
    use crate::ids;

    fn keys(ids: &[&str]) -> MessageKeys {
        let key = |id: &&str| NamedKey {
            id: (*id).to_owned(),
            key: Secret::from(format!("key {id} of enough letters, really").as_str()),
        };
        let config = Config { message_keys: ids.iter().map(key).collect(), ..Config::default() };
        MessageKeys::of(&config)
    }

    const MESSAGE: &str = "My brother waited eleven weeks.";

    fn message() -> String {
        MESSAGE.to_owned()
    }

    #[test]
    fn a_sealed_message_shows_nothing_and_opens_again() {
        let (keys, action) = (keys(&["1"]), ids::fresh());
        let sealed = keys.seal(action, MESSAGE).unwrap();
        assert!(!String::from_utf8_lossy(&sealed).contains("eleven"));
        assert_eq!(keys.open(action, &sealed), Some(message()));
        assert_ne!(keys.seal(action, MESSAGE), Some(sealed), "the same words are not seen to be the same");
    }

    #[test]
    fn a_sealed_message_opens_for_its_action_alone() {
        let keys = keys(&["1"]);
        let sealed = keys.seal(ids::fresh(), MESSAGE).unwrap();
        assert_eq!(keys.open(ids::fresh(), &sealed), None);
    }

    #[test]
    fn a_changed_bit_anywhere_and_a_cut_are_refused() {
        let (keys, action) = (keys(&["1"]), ids::fresh());
        let sealed = keys.seal(action, MESSAGE).unwrap();
        for bit in 0..sealed.len() * 8 {
            let mut changed = sealed.clone();
            changed[bit / 8] ^= 1 << (bit % 8);
            assert_eq!(keys.open(action, &changed), None, "bit {bit}");
        }
        for length in 0..sealed.len() {
            assert_eq!(keys.open(action, &sealed[..length]), None, "{length} bytes");
        }
    }

    #[test]
    fn an_old_key_opens_what_it_sealed_and_the_new_one_seals() {
        let (before, after, action) = (keys(&["1"]), keys(&["2", "1"]), ids::fresh());
        let sealed = before.seal(action, MESSAGE).unwrap();
        assert_eq!(after.open(action, &sealed), Some(message()));
        let sealed = after.seal(action, MESSAGE).unwrap();
        assert_eq!(before.open(action, &sealed), None);
        assert_eq!(keys(&["2"]).open(action, &sealed), Some(message()));
    }
}
