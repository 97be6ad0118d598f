//! What is kept of a client: enough to recognise it on the same day, and no address.

use crate::Flaw;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// The keyed hash of a client's address, or of its /64, on one day. Two days' hashes cannot be compared (C31).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ClientTag([u8; 16]);

impl ClientTag {
    /// Takes a hash.
    pub const fn new(hash: [u8; 16]) -> Self {
        Self(hash)
    }

    /// The hash.
    pub const fn bytes(self) -> [u8; 16] {
        self.0
    }
}

impl fmt::Display for ClientTag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:032x}", u128::from_be_bytes(self.0))
    }
}

impl FromStr for ClientTag {
    type Err = Flaw;

    fn from_str(text: &str) -> Result<Self, Flaw> {
        let wrong =
            || Flaw::new("client_invalid", "must be the 32 hexadecimal digits that an action shows as its client");
        let is_hex = text.len() == 32 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
        let number = u128::from_str_radix(text, 16).map_err(|_why| wrong())?;
        is_hex.then_some(Self(number.to_be_bytes())).ok_or_else(wrong)
    }
}

impl TryFrom<String> for ClientTag {
    type Error = Flaw;

    fn try_from(text: String) -> Result<Self, Flaw> {
        text.parse()
    }
}

impl From<ClientTag> for String {
    fn from(tag: ClientTag) -> Self {
        tag.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tag_is_read_back_from_its_digits_and_from_nothing_else() {
        let tag = ClientTag::new([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 255]);
        assert_eq!(tag.to_string(), "000102030405060708090a0b0c0d0eff");
        assert_eq!(tag.to_string().parse::<ClientTag>().unwrap(), tag);
        for wrong in ["", "+00102030405060708090a0b0c0d0eff", "00", "203.0.113.9"] {
            assert_eq!(wrong.parse::<ClientTag>().unwrap_err().code(), "client_invalid", "{wrong}");
        }
    }
}
