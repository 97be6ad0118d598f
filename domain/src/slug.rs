//! Short names for addresses and for sharing.

use crate::Flaw;
use crate::parsed::parsed;
use crate::text::{self, Limit};

/// A name in an address: lower-case letters, digits and single hyphens between them, at most 64.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Slug(String);

impl Slug {
    /// Takes a slug exactly as it is written; nothing is guessed.
    pub fn parse(text: &str) -> Result<Self, Flaw> {
        let is_part =
            |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit());
        if text.len() > 64 || !text.split('-').all(is_part) {
            return Err(Flaw::new(
                "slug_invalid",
                "must be lower-case letters, digits and single hyphens between them, at most 64 characters",
            ));
        }
        Ok(Self(text.to_owned()))
    }

    /// The slug as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

parsed!(Slug);

/// A hashtag without its `#`: letters, digits and underscores, not digits alone, at most 50.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Hashtag(String);

impl Hashtag {
    /// Takes a hashtag with or without its leading `#`; its capitals are kept.
    pub fn parse(text: &str) -> Result<Self, Flaw> {
        let flaw = || Flaw::new("hashtag_invalid", "must be letters, digits and underscores, at most 50 characters");
        let text = text.trim();
        let tag = text::name(text.strip_prefix('#').unwrap_or(text), Limit::of(50)).map_err(|_flaw| flaw())?;
        let is_allowed = tag.chars().all(|c| c.is_alphanumeric() || c == '_');
        if is_allowed && tag.chars().any(char::is_alphabetic) { Ok(Self(tag)) } else { Err(flaw()) }
    }

    /// The hashtag without its `#`.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What two spellings of one hashtag share: sites ignore capitals.
    pub fn key(&self) -> String {
        self.0.to_lowercase()
    }
}

parsed!(Hashtag);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slug_is_plain() {
        for good in ["a", "fair-care", "x2-y", "2026"] {
            assert_eq!(Slug::parse(good).unwrap().as_str(), good);
        }
        for bad in ["", "-", "a-", "-a", "a--b", "A", "a b", "a/b", "é", &"a".repeat(65)] {
            assert_eq!(Slug::parse(bad).unwrap_err().code(), "slug_invalid", "{bad:?}");
        }
    }

    #[test]
    fn a_hashtag_loses_its_sign_and_keeps_its_capitals() {
        assert_eq!(Hashtag::parse(" #FairCare ").unwrap().as_str(), "FairCare");
        assert_eq!(Hashtag::parse("GofalTeg_2026").unwrap().key(), "gofalteg_2026");
        for bad in ["", "#", "##a", "a b", "2026", "a-b", "<b>", &"a".repeat(51)] {
            assert!(Hashtag::parse(bad).is_err(), "{bad:?}");
        }
    }
}
