//! DKIM signatures (RFC 6376): they show a receiver that a letter comes from the domain it names (B20, B21).
//!
//! Every key of a domain signs: RSA with SHA-256, and Ed25519 as a second signature (RFC 8463), which receivers need not support.
//! The signature is our own code because lettre's brings the `rsa` crate, whose timing is not safe (RUSTSEC-2023-0071), and dates each
//! signature, so that no two attempts of a letter would be the same bytes. The cryptography is aws-lc's, as everywhere here.

mod canonical;
mod folder;
mod key;

pub use folder::DkimFolderError;
pub use key::{DkimKey, DkimKeyError};

use canonical::{relaxed_body, relaxed_header};

/// The headers that are signed. Those that a reader goes by are named once more than they occur, so that none can be added.
const SIGNED: [&str; 18] = [
    "from",
    "from",
    "reply-to",
    "reply-to",
    "to",
    "to",
    "subject",
    "subject",
    "date",
    "date",
    "message-id",
    "mime-version",
    "content-type",
    "content-transfer-encoding",
    "content-language",
    "x-postbag-campaign",
    "list-unsubscribe",
    "list-unsubscribe-post",
];

/// The keys of every sending domain.
#[derive(Debug, Default)]
pub struct DkimKeys(Vec<DkimKey>);

impl DkimKeys {
    /// The keys, RSA before Ed25519 within a domain: a receiver that reads one signature only reads the first.
    pub fn new(mut keys: Vec<DkimKey>) -> Self {
        keys.sort_by(|left, right| left.rank().cmp(&right.rank()));
        Self(keys)
    }

    /// All keys, by domain.
    pub fn iter(&self) -> impl Iterator<Item = &DkimKey> {
        self.0.iter()
    }

    /// The keys that sign for a sending domain: those of the domain, or else of the nearest domain above it. Receivers accept either
    /// as aligned (RFC 7489, section 3.1.1).
    pub fn of<'k>(&'k self, sending: &'k str) -> impl Iterator<Item = &'k DkimKey> {
        let covers = move |key: &&DkimKey| {
            sending.strip_suffix(key.domain()).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
        };
        let nearest = self.0.iter().filter(covers).map(|key| key.domain().len()).max();
        self.0.iter().filter(covers).filter(move |key| Some(key.domain().len()) == nearest)
    }

    /// The signatures of a message, as header lines to be put before it; empty if the domain has no key.
    ///
    /// The same message has the same signatures at every attempt: both algorithms are deterministic, and no time is signed.
    pub fn signatures(&self, sending: &str, message: &[u8]) -> Vec<u8> {
        let mut keys = self.of(sending).peekable();
        if keys.peek().is_none() {
            return Vec::new();
        }
        let canonical = Canonical::of(message);
        keys.flat_map(|key| canonical.signature(key)).collect()
    }
}

/// The parts of a message that every signature covers, made once for all keys.
struct Canonical {
    headers: Vec<u8>,
    body_hash: String,
}

impl Canonical {
    fn of(message: &[u8]) -> Self {
        let (headers, body) = split(message);
        Self { headers: signed_headers(&headers), body_hash: key::base64(&key::sha256(&relaxed_body(body))) }
    }

    fn signature(&self, key: &DkimKey) -> Vec<u8> {
        let mut line = format!(
            "DKIM-Signature: v=1; a={}; c=relaxed/relaxed; d={}; s={};\r\n\th={};\r\n\tbh={};\r\n\tb=",
            key.algorithm(),
            key.domain(),
            key.selector(),
            SIGNED.join(":\r\n\t "),
            self.body_hash,
        )
        .into_bytes();
        let signed = [self.headers.as_slice(), &relaxed_header(&line)].concat();
        for (part, text) in key::base64(&key.sign(&signed)).as_bytes().chunks(72).enumerate() {
            if part > 0 {
                line.extend(b"\r\n\t ");
            }
            line.extend(text);
        }
        line.extend(b"\r\n");
        line
    }
}

/// The headers of a message, each with its folds, and the body.
fn split(message: &[u8]) -> (Vec<&[u8]>, &[u8]) {
    let end = message.windows(4).position(|four| four == b"\r\n\r\n").unwrap_or(message.len());
    let (head, rest) = message.split_at(end);
    let mut headers = Vec::new();
    let mut start = 0;
    let breaks = head.windows(2).enumerate().filter(|(_, two)| *two == b"\r\n").map(|(at, _)| at);
    for at in breaks.chain([head.len()]) {
        let is_fold = head.get(at + 2).is_some_and(|next| matches!(next, b' ' | b'\t'));
        if !is_fold {
            headers.extend(head.get(start..at));
            start = at + 2;
        }
    }
    (headers, rest.get(4..).unwrap_or_default())
}

/// The headers that are signed: for each name in turn the lowest one of that name that is left, and nothing where none is left.
fn signed_headers(headers: &[&[u8]]) -> Vec<u8> {
    let mut left: Vec<&[u8]> = headers.to_vec();
    let mut signed = Vec::new();
    for name in SIGNED {
        let is_named = |header: &[u8]| {
            header.get(..name.len()).is_some_and(|own| own.eq_ignore_ascii_case(name.as_bytes()))
                && header.get(name.len()) == Some(&b':')
        };
        if let Some(at) = left.iter().rposition(|header| is_named(header)) {
            signed.extend(relaxed_header(left.remove(at)));
            signed.extend(b"\r\n");
        }
    }
    signed
}

#[cfg(test)]
mod tests;
