//! What a supporter says: who they are and what they add in their own words.

use crate::parsed::{parsed, redacted};
use crate::text::{self, Limit};
use crate::{EmailAddress, Flaw, Locale, PersonName, Phone, PostalAddress};
use serde::{Deserialize, Serialize};

/// A supporter's own words, for the letter: prose without controls or direction overrides (C22).
///
/// It may tell of health or politics (B12): it is never logged, and reaches a template only as a value (C28).
#[derive(Clone, PartialEq, Eq)]
pub struct PersonalMessage(String);

impl PersonalMessage {
    /// The limit of a campaign that sets none, in characters as people count them.
    pub const DEFAULT_LIMIT: u32 = 2_000;

    /// The highest limit a campaign may set.
    pub const HIGHEST_LIMIT: u32 = 10_000;

    /// Takes prose of up to [`PersonalMessage::HIGHEST_LIMIT`] characters; the campaign's own limit is checked on acceptance.
    pub fn parse(text: &str) -> Result<Self, Flaw> {
        text::prose(text, Limit::of(10_000)).map(Self)
    }

    /// The words.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Its length in characters as people count them.
    pub fn graphemes(&self) -> usize {
        use unicode_segmentation::UnicodeSegmentation;
        if self.0.is_ascii() { self.0.len() } else { self.0.graphemes(true).count() }
    }
}

parsed!(PersonalMessage);
redacted!(PersonalMessage);

/// What a supporter typed, as it is stored with the action and put into the letters.
///
/// Every part redacts itself in `Debug` (C31).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SupporterWords {
    /// Their name.
    pub name: PersonName,
    /// Where replies go.
    pub email: EmailAddress,
    /// Their number, where they gave one.
    pub phone: Option<Phone>,
    /// Their full postal address, which the representative's office checks (B23).
    pub address: PostalAddress,
    /// Their own words.
    pub personal_message: Option<PersonalMessage>,
    /// Whether they agreed that their words may be quoted in a digest.
    #[serde(default)]
    pub may_be_quoted: bool,
    /// The language they read.
    pub locale: Locale,
}
