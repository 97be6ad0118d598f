//! Opaque texts that only this server can have written: cursors, receipt tokens, links (A6, C24).

use aws_lc_rs::hmac;
use chrono::{DateTime, Utc};
use uuid::Uuid;

/// How many bytes of the checksum a sealed text carries: 128 bits.
const CHECKSUM: usize = 16;

/// Seals small payloads for one purpose, so that no other purpose accepts them.
///
/// Sealed texts are signed, not hidden: never seal personal data.
#[derive(Clone)]
pub struct Seal {
    key: hmac::Key,
    /// Keys of rotated secrets, which open and no longer close.
    previous: Vec<hmac::Key>,
}

impl std::fmt::Debug for Seal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Seal(redacted)")
    }
}

impl Seal {
    /// A seal for `purpose`, with keys of its own derived from the server's secrets: the first one closes, all open.
    pub fn new<'s>(secrets: impl IntoIterator<Item = &'s [u8]>, purpose: &str) -> Self {
        let mut keys = secrets.into_iter().map(|secret| derived_key(secret, purpose));
        let key = keys.next().unwrap_or_else(|| derived_key(&[], purpose));
        Self { key, previous: keys.collect() }
    }

    /// The payload and its checksum, as lower-case hexadecimal. `about` is what the text is bound to besides.
    pub fn close(&self, about: &str, payload: &[u8]) -> String {
        let mut bytes = payload.to_vec();
        bytes.extend_from_slice(&checksum(&self.key, about, payload));
        hex(&bytes)
    }

    /// The payload, if this server closed exactly this text about exactly this.
    pub fn open(&self, about: &str, text: &str) -> Option<Vec<u8>> {
        let mut bytes = unhex(text)?;
        let split = bytes.len().checked_sub(CHECKSUM)?;
        let checksum = bytes.split_off(split);
        let fits = |key| {
            let expected = self::checksum(key, about, &bytes);
            aws_lc_rs::constant_time::verify_slices_are_equal(&checksum, &expected).is_ok()
        };
        std::iter::once(&self.key).chain(&self.previous).any(fits).then_some(bytes)
    }

    /// A token for the row of this id, good until a moment.
    pub(super) fn close_until(&self, id: Uuid, until: DateTime<Utc>) -> String {
        self.close("", &[id.as_bytes().as_slice(), &until.timestamp().to_be_bytes()].concat())
    }

    /// The id that such a token is for, if this server wrote it and its time is not over.
    pub(super) fn open_until(&self, token: &str, now: DateTime<Utc>) -> Option<Uuid> {
        let payload = self.open("", token)?;
        let (id, until) = payload.split_at_checked(16)?;
        let until = i64::from_be_bytes(until.try_into().ok()?);
        if now.timestamp() < until { Uuid::from_slice(id).ok() } else { None }
    }

    /// A keyed hash of what `about` names, under the current key.
    pub(super) fn tag(&self, about: &str) -> Vec<u8> {
        checksum(&self.key, about, &[])
    }

    /// The hashes under every key that is accepted.
    pub(super) fn tags(&self, about: &str) -> impl Iterator<Item = Vec<u8>> {
        std::iter::once(&self.key).chain(&self.previous).map(move |key| checksum(key, about, &[]))
    }
}

fn checksum(key: &hmac::Key, about: &str, payload: &[u8]) -> Vec<u8> {
    let mut context = hmac::Context::with_key(key);
    context.update(about.as_bytes());
    context.update(&[0]);
    context.update(payload);
    context.sign().as_ref().iter().copied().take(CHECKSUM).collect()
}

/// A key for one purpose, derived from the server's secret: who knows one of them knows none of the others.
fn derived_key(secret: &[u8], purpose: &str) -> hmac::Key {
    hmac::Key::new(hmac::HMAC_SHA256, &derived_bytes(secret, purpose))
}

/// The bytes of such a key.
pub(super) fn derived_bytes(secret: &[u8], purpose: &str) -> Vec<u8> {
    let root = hmac::Key::new(hmac::HMAC_SHA256, secret);
    hmac::sign(&root, purpose.as_bytes()).as_ref().to_vec()
}

/// A value that distinguishes keys and reveals none.
pub(super) fn check_value(secret: &[u8]) -> Vec<u8> {
    hmac::sign(&derived_key(secret, "key check"), b"postbag").as_ref().to_vec()
}

/// Lower-case hexadecimal.
pub(crate) fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write;
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// Reads lower-case hexadecimal, and nothing else, so that one payload has one spelling.
pub(super) fn unhex(text: &str) -> Option<Vec<u8>> {
    let digit = |c: &u8| match c {
        b'0'..=b'9' => Some(c - b'0'),
        b'a'..=b'f' => Some(c - b'a' + 10),
        _ => None,
    };
    let (pairs, rest) = text.as_bytes().as_chunks::<2>();
    if !rest.is_empty() {
        return None;
    }
    pairs.iter().map(|[high, low]| Some(digit(high)? << 4 | digit(low)?)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_changed_bit_is_refused() {
        let seal = Seal::new([b"0123456789abcdef0123456789abcdef".as_slice()], "cursor");
        let text = seal.close("/v1/campaigns", b"position");
        assert_eq!(seal.open("/v1/campaigns", &text).unwrap(), b"position");
        for place in 0..text.len() {
            for bit in 0..7 {
                let mut changed = text.clone().into_bytes();
                changed[place] ^= 1 << bit;
                let changed = String::from_utf8(changed).unwrap();
                assert!(seal.open("/v1/campaigns", &changed).is_none(), "{changed}");
            }
        }
    }

    #[test]
    fn another_purpose_or_subject_is_refused() {
        let secret = [b"0123456789abcdef0123456789abcdef".as_slice()];
        let text = Seal::new(secret, "cursor").close("a", b"x");
        assert!(Seal::new(secret, "receipt").open("a", &text).is_none());
        assert!(Seal::new(secret, "cursor").open("b", &text).is_none());
        assert!(Seal::new(secret, "cursor").open("a", "").is_none());
    }

    #[test]
    fn a_rotated_secret_opens_and_no_longer_closes() {
        let (old, new) =
            (b"an old secret of enough letters!".as_slice(), b"a new secret of enough letters!!".as_slice());
        let before = Seal::new([old], "receipt");
        let after = Seal::new([new, old], "receipt");
        assert!(after.open("a", &before.close("a", b"x")).is_some());
        assert!(before.open("a", &after.close("a", b"x")).is_none());
    }
}
